//! Every sentence in Portuguese.

use super::{Appointment, Ask, Caller, Choice, Hours, Line, Plain};
use crate::domain::scheduling::slots::NotOffered;

/// The words of a line.
pub fn line(line: &Line) -> String {
    match line {
        Line::Plain(one) => plain(*one).to_owned(),
        Line::Missing(ask) => format!("Falta uma informação. {}", question(ask)),
        Line::NotUnderstood(ask) => format!("Não entendi. {}", question(ask)),
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
        Plain::NotSetUp => "Esta linha ainda não está pronta para reservas, desculpe.",
        Plain::CannotDoThat => "Isso não posso fazer, desculpe.",
        Plain::Late => "Não consegui terminar a tempo. Um momento, vou tentar de novo.",
        Plain::NothingOffered => "Aqui ainda não há nada para marcar.",
        Plain::NobodyForService => {
            "Ninguém faz isso nesse local. Procuro outro local ou outro serviço?"
        }
        Plain::DaysBackwards => "O último dia vem antes do primeiro. A que dias se refere?",
        Plain::NoneFree => "Não há nada livre nesse período.",
        Plain::NothingNear => "Não tenho outro horário perto desse dia.",
        Plain::UnknownSlot => "Não ofereci esse horário. Procuro horários livres outra vez?",
        Plain::WasCancelled => "Esse agendamento já foi cancelado. Procuro um novo horário?",
        Plain::IsOver => "Esse agendamento já passou. Procuro um novo horário?",
        Plain::NoSuchAppointment => "Não encontro esse agendamento. Para quando era?",
        Plain::NoAppointments => "Não encontro nenhum agendamento seu. Quer marcar um?",
        Plain::TooMany => {
            "Não posso fazer mais alterações nesta chamada. Alguém vai cuidar do resto."
        }
        Plain::NotVerified => {
            "Ainda não consigo confirmar que o agendamento é seu. Quais são os quatro dígitos do \
             código de confirmação?"
        }
        Plain::WrongCode => "Esses dígitos não estão corretos. Pode repetir, por favor?",
        Plain::TooManyTries => {
            "Não consigo confirmar que o agendamento é seu. Alguém vai ligar de volta."
        }
        Plain::MessageTaken => "Anotei e vou passar o recado.",
        Plain::NoHours => "Não sei o horário de funcionamento.",
    }
}

fn question(ask: &Ask) -> String {
    let fixed = match ask {
        Ask::Again => "Pode repetir, por favor?",
        Ask::Shorter => "Pode dizer isso de forma mais breve?",
        Ask::Day => "Que dia prefere?",
        Ask::DayAndTime => "Que dia e que horário prefere?",
        Ask::Time => "Qual desses horários prefere?",
        Ask::PartOfDay => "Prefere de manhã, à tarde ou à noite?",
        Ask::WhichOf(one, other) => return format!("Quer dizer {one} ou {other}?"),
        Ask::Name => "Que nome posso anotar?",
        Ask::Phone => "Pode dizer o seu número de telefone, dígito por dígito?",
        Ask::Email => "Pode soletrar o e-mail?",
        Ask::Code => "Quais são os quatro dígitos do código de confirmação?",
        Ask::Appointment => "Qual é o agendamento, em que dia e a que horas?",
        Ask::Message => "Que recado posso passar?",
    };
    fixed.to_owned()
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "Esse horário já passou.",
        NotOffered::TooSoon => "Não marcamos com tão pouca antecedência.",
        NotOffered::TooFar => "Não marcamos com tanta antecedência.",
        NotOffered::Closed => "Nesse horário estamos fechados.",
        NotOffered::Holiday => "Nesse dia fechamos por ser feriado.",
        NotOffered::OffGrid => "Nenhum atendimento começa nesse horário.",
        NotOffered::StaffAway => "Ninguém faz isso nesse horário.",
        NotOffered::Taken => "Esse horário já está ocupado.",
        NotOffered::Buffer => "Fica muito perto de outro agendamento.",
        NotOffered::CapReached => "Nesse dia já não há vagas.",
    }
}

fn choice(choice: &Choice) -> String {
    let among = |more: &bool| if *more { ", entre outros" } else { "" };
    match choice {
        Choice::Services { names, more } => {
            format!("Oferecemos {names}{}. Qual prefere?", among(more))
        }
        Choice::UnknownService { names, more } => {
            format!("Isso não oferecemos, mas temos {names}{}. Qual prefere?", among(more))
        }
        Choice::AmbiguousService { names } => {
            format!("Há vários serviços possíveis. Quer dizer {names}?")
        }
        Choice::OneBranch { place } => format!("Estamos neste local: {place}."),
        Choice::Branches { names, more } => {
            format!("Os nossos locais são {names}{}. Qual prefere?", among(more))
        }
        Choice::UnknownBranch { names, more } => {
            format!("Esse local não temos, mas temos {names}{}. Qual prefere?", among(more))
        }
        Choice::AmbiguousBranch { names } => {
            format!("Há vários locais possíveis. Quer dizer {names}?")
        }
        Choice::UnknownStaff { names, more } => {
            format!("Aqui ninguém tem esse nome, mas temos {names}{}. Quem prefere?", among(more))
        }
        Choice::AmbiguousStaff { names } => {
            format!("Há várias pessoas com esse nome. Quer dizer {names}?")
        }
        Choice::Times { times } => format!("Tenho horário livre {times}."),
        Choice::TimesWith { times, staff } => format!("Com {staff}, tenho horário livre {times}."),
        Choice::DayPassed => "Esse dia já passou. Que outro dia prefere?".to_owned(),
    }
}

fn appointment(appointment: &Appointment) -> String {
    let with = |staff: &String| {
        if staff.is_empty() { String::new() } else { format!(", com {staff}") }
    };
    match appointment {
        Appointment::Free { when } => format!("Esse horário está livre: {when}. Posso marcar?"),
        Appointment::Proposal { service, when, name } => {
            format!("{service} {when} em nome de {name}. Posso marcar?")
        }
        Appointment::Booked { service, when, staff, code } => {
            let code = if code.is_empty() {
                String::new()
            } else {
                format!(" O código de confirmação é {code}.")
            };
            format!("Está marcado: {service} {when}{}.{code}", with(staff))
        }
        Appointment::Moved { service, when, staff } => {
            format!("O seu agendamento de {service} agora é {when}{}.", with(staff))
        }
        Appointment::Cancelled { service, when } => {
            format!("O seu agendamento de {service} {when} foi cancelado.")
        }
        Appointment::One { service, when } => format!("Tem um agendamento de {service} {when}."),
        Appointment::Several { list, more } => {
            let more = if *more { ", entre outros" } else { "" };
            format!("Os seus agendamentos são {list}{more}.")
        }
        Appointment::Ambiguous { list } => format!("Há vários agendamentos. Quer dizer {list}?"),
        Appointment::Waiting { service } => {
            format!(
                "Está na lista de espera para {service}. Ligamos quando houver um horário livre."
            )
        }
    }
}

fn hours(hours: &Hours) -> String {
    match hours {
        Hours::OpenOn { day, hours } => format!("Abrimos {day} {hours}."),
        Hours::ClosedOn { day } => format!("Estamos fechados {day}."),
        Hours::HolidayOn { day, name } => format!("Estamos fechados {day} por motivo de {name}."),
        Hours::Weekly { hours } => format!("O nosso horário é {hours}."),
    }
}

fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Noted { name } if name.is_empty() => "Certo, já anotei.".to_owned(),
        Caller::Noted { name } => format!("Certo, {name}, já anotei."),
        Caller::PhoneBack { phone } => format!("Anotei {phone}. Está certo?"),
        Caller::EmailBack { email } => format!("Anotei {email}. Está certo?"),
        Caller::WhichPerson { names } => format!("Falo com {names}?"),
    }
}
