//! Every sentence in Spanish.

use super::{Appointment, Ask, Caller, Choice, Hours, Line, Plain};
use crate::domain::scheduling::slots::NotOffered;

/// The words of a line.
pub fn line(line: &Line) -> String {
    match line {
        Line::Plain(one) => plain(*one).to_owned(),
        Line::Missing(ask) => format!("Falta un dato. {}", question(ask)),
        Line::NotUnderstood(ask) => format!("No lo he entendido. {}", question(ask)),
        Line::Question(ask) => question(ask),
        Line::NotOffered(reason) => not_offered(*reason).to_owned(),
        Line::Choice(one) => choice(one),
        Line::Appointment(one) => appointment(one),
        Line::Hours(one) => hours(one),
        Line::Caller(one) => caller(one),
    }
}

fn plain(line: Plain) -> &'static str {
    match line {
        Plain::NotSetUp => "Esta línea aún no está preparada para reservas, lo siento.",
        Plain::CannotDoThat => "Eso no puedo hacerlo, lo siento.",
        Plain::Late => "No he podido terminarlo a tiempo. Permítame intentarlo otra vez.",
        Plain::NothingOffered => "Aquí todavía no se puede reservar nada.",
        Plain::NobodyForService => "Allí nadie hace eso. ¿Busco otro lugar u otro servicio?",
        Plain::DaysBackwards => "El último día es anterior al primero. ¿A qué días se refiere?",
        Plain::NoneFree => "No tengo nada libre para entonces.",
        Plain::NothingNear => "No tengo otra hora libre cerca de ese día.",
        Plain::UnknownSlot => "Esa hora no se la he ofrecido. ¿Busco otra vez horas libres?",
        Plain::WasCancelled => "Esa cita ya se canceló. ¿Busco una hora nueva?",
        Plain::IsOver => "Esa cita ya pasó. ¿Busco una hora nueva?",
        Plain::NoSuchAppointment => "No encuentro esa cita. ¿Para cuándo era?",
        Plain::NoAppointments => "No encuentro ninguna cita suya. ¿Quiere pedir una?",
        Plain::TooMany => {
            "No puedo hacer más cambios en esta llamada. Alguien se ocupará del resto."
        }
        Plain::NotVerified => {
            "Aún no puedo comprobar que la cita sea suya. ¿Cuáles son los cuatro dígitos de su \
             código de confirmación?"
        }
        Plain::WrongCode => "Esos dígitos no coinciden. ¿Puede repetirlos, por favor?",
        Plain::TooManyTries => {
            "No puedo confirmar que la cita sea suya. Alguien le devolverá la llamada."
        }
        Plain::MessageTaken => "Lo he anotado y pasaré su mensaje.",
        Plain::NoHours => "No conozco el horario de apertura.",
    }
}

fn question(ask: &Ask) -> String {
    let fixed = match ask {
        Ask::Again => "¿Puede repetirlo, por favor?",
        Ask::Shorter => "¿Puede decirlo de forma más breve?",
        Ask::Day => "¿Qué día le viene bien?",
        Ask::DayAndTime => "¿Qué día y a qué hora le viene bien?",
        Ask::Time => "¿Cuál de esas horas le viene bien?",
        Ask::PartOfDay => "¿Prefiere por la mañana, por la tarde o por la noche?",
        Ask::WhichOf(one, other) => return format!("¿Quiere decir {one} o {other}?"),
        Ask::Name => "¿A qué nombre lo anoto?",
        Ask::Phone => "¿Me dice su número de teléfono, dígito por dígito?",
        Ask::Email => "¿Puede deletrear el correo electrónico?",
        Ask::Code => "¿Cuáles son los cuatro dígitos de su código de confirmación?",
        Ask::Appointment => "¿Qué cita es, de qué día y a qué hora?",
        Ask::Message => "¿Qué mensaje desea dejar?",
    };
    fixed.to_owned()
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "Esa hora ya ha pasado.",
        NotOffered::TooSoon => "No reservamos con tan poca antelación.",
        NotOffered::TooFar => "No reservamos con tanta antelación.",
        NotOffered::Closed => "A esa hora estamos cerrados.",
        NotOffered::Holiday => "Ese día cerramos por festivo.",
        NotOffered::OffGrid => "A esa hora no empiezan citas.",
        NotOffered::StaffAway => "Nadie hace eso a esa hora.",
        NotOffered::Taken => "Esa hora ya está ocupada.",
        NotOffered::Buffer => "Está demasiado cerca de otra cita.",
        NotOffered::CapReached => "Ese día ya está completo.",
    }
}

fn choice(choice: &Choice) -> String {
    let among = |more: &bool| if *more { ", entre otros" } else { "" };
    match choice {
        Choice::Services { names, more } => {
            format!("Ofrecemos {names}{}. ¿Qué le gustaría?", among(more))
        }
        Choice::UnknownService { names, more } => {
            format!("Eso no lo ofrecemos, pero sí {names}{}. ¿Qué le gustaría?", among(more))
        }
        Choice::AmbiguousService { names } => {
            format!("Hay varios servicios posibles. ¿Quiere decir {names}?")
        }
        Choice::OneBranch { place } => format!("Estamos en {place}."),
        Choice::Branches { names, more } => {
            format!("Nuestros locales son {names}{}. ¿Cuál le viene bien?", among(more))
        }
        Choice::UnknownBranch { names, more } => {
            let more = among(more);
            format!("Ese local no lo tenemos, pero sí {names}{more}. ¿Cuál le viene bien?")
        }
        Choice::AmbiguousBranch { names } => {
            format!("Hay varios locales posibles. ¿Quiere decir {names}?")
        }
        Choice::UnknownStaff { names, more } => {
            let more = among(more);
            format!("Aquí nadie se llama así, pero contamos con {names}{more}. ¿A quién prefiere?")
        }
        Choice::AmbiguousStaff { names } => {
            format!("Hay varias personas con ese nombre. ¿Quiere decir {names}?")
        }
        Choice::Times { times } => format!("Puedo ofrecerle {times}."),
        Choice::TimesWith { times, staff } => format!("Con {staff} puedo ofrecerle {times}."),
        Choice::DayPassed => "Ese día ya ha pasado. ¿Qué otro día le viene bien?".to_owned(),
    }
}

fn appointment(appointment: &Appointment) -> String {
    let with = |staff: &String| {
        if staff.is_empty() { String::new() } else { format!(", con {staff}") }
    };
    match appointment {
        Appointment::Free { when } => format!("Esa hora está libre: {when}. ¿La reservo?"),
        Appointment::Proposal { service, when, name } => {
            format!("{service} {when} a nombre de {name}. ¿Lo reservo?")
        }
        Appointment::Booked { service, when, staff, code } => {
            let code =
                if code.is_empty() { String::new() } else { format!(" Su código es {code}.") };
            format!("Le he reservado {service} {when}{}.{code}", with(staff))
        }
        Appointment::Moved { service, when, staff } => {
            format!("Su cita de {service} es ahora {when}{}.", with(staff))
        }
        Appointment::Cancelled { service, when } => {
            format!("Su cita de {service} {when} queda cancelada.")
        }
        Appointment::One { service, when } => format!("Tiene cita de {service} {when}."),
        Appointment::Several { list, more } => {
            let more = if *more { ", entre otras citas" } else { "" };
            format!("Tiene {list}{more}.")
        }
        Appointment::Ambiguous { list } => format!("Hay varias citas. ¿Es {list}?"),
        Appointment::Waiting { service } => {
            format!("Está en la lista de espera de {service}. Le llamaremos si se libera una hora.")
        }
    }
}

fn hours(hours: &Hours) -> String {
    match hours {
        Hours::OpenOn { day, hours } => format!("Abrimos {day} {hours}."),
        Hours::ClosedOn { day } => format!("Estamos cerrados {day}."),
        Hours::HolidayOn { day, name } => format!("Estamos cerrados {day} por {name}."),
        Hours::Weekly { hours } => format!("Nuestro horario es {hours}."),
    }
}

fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Noted { name } if name.is_empty() => "Gracias, lo he anotado.".to_owned(),
        Caller::Noted { name } => format!("Gracias, {name}, lo he anotado."),
        Caller::PhoneBack { phone } => format!("He anotado {phone}. ¿Es correcto?"),
        Caller::EmailBack { email } => format!("He anotado {email}. ¿Es correcto?"),
        Caller::WhichPerson { names } => format!("¿Hablo con {names}?"),
    }
}
