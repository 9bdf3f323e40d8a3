//! Every sentence in Italian.

use super::{Appointment, Ask, Caller, Choice, Hours, Line, Plain};
use crate::domain::scheduling::slots::NotOffered;

/// The words of a line.
pub fn line(line: &Line) -> String {
    match line {
        Line::Plain(one) => plain(*one).to_owned(),
        Line::Missing(ask) => format!("Manca un'informazione. {}", question(ask)),
        Line::NotUnderstood(ask) => format!("Non ho capito. {}", question(ask)),
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
        Plain::NotSetUp => "Questa linea non è ancora pronta per le prenotazioni, mi dispiace.",
        Plain::CannotDoThat => "Questo non posso farlo, mi dispiace.",
        Plain::Late => "Non ho fatto in tempo. Mi lasci riprovare, per favore.",
        Plain::NothingOffered => "Qui non c'è ancora nulla da prenotare.",
        Plain::NobodyForService => "Lì nessuno lo fa. Cerco un'altra sede o un altro servizio?",
        Plain::DaysBackwards => "L'ultimo giorno viene prima del primo. Quali giorni intende?",
        Plain::NoneFree => "Non c'è posto in quel periodo.",
        Plain::NothingNear => "Non ho altro vicino a quel giorno.",
        Plain::UnknownSlot => "Non ho proposto quell'orario. Cerco di nuovo gli orari liberi?",
        Plain::WasCancelled => "Quell'appuntamento è già stato annullato. Cerco un nuovo orario?",
        Plain::IsOver => "Quell'appuntamento è già passato. Cerco un nuovo orario?",
        Plain::NoSuchAppointment => "Non trovo quell'appuntamento. Per quando era?",
        Plain::NoAppointments => "Non trovo nessun suo appuntamento. Vuole fissarne uno?",
        Plain::TooMany => {
            "Non posso fare altre modifiche in questa chiamata. Qualcuno si occuperà del resto."
        }
        Plain::NotVerified => {
            "Non posso ancora verificare che l'appuntamento sia suo. Quali sono le quattro cifre \
             del suo codice di conferma?"
        }
        Plain::WrongCode => "Queste cifre non corrispondono. Può ripeterle, per favore?",
        Plain::TooManyTries => {
            "Non posso confermare che l'appuntamento sia suo. Qualcuno la richiamerà."
        }
        Plain::MessageTaken => "Ho preso nota e lo riferirò.",
        Plain::NoHours => "Non conosco gli orari di apertura.",
    }
}

fn question(ask: &Ask) -> String {
    let fixed = match ask {
        Ask::Again => "Può ripetere, per favore?",
        Ask::Shorter => "Può dirlo più brevemente?",
        Ask::Day => "Quale giorno preferisce?",
        Ask::DayAndTime => "Quale giorno e quale ora preferisce?",
        Ask::Time => "Quale di questi orari preferisce?",
        Ask::PartOfDay => "Preferisce la mattina, il pomeriggio o la sera?",
        Ask::WhichOf(one, other) => return format!("Intende {one} o {other}?"),
        Ask::Name => "Che nome posso segnare?",
        Ask::Phone => "Può dirmi il suo numero di telefono, cifra per cifra?",
        Ask::Email => "Può dirmi l'indirizzo e-mail lettera per lettera?",
        Ask::Code => "Quali sono le quattro cifre del suo codice di conferma?",
        Ask::Appointment => "Di quale appuntamento si tratta, che giorno e a che ora?",
        Ask::Message => "Che cosa posso riferire?",
    };
    fixed.to_owned()
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "Quell'orario è già passato.",
        NotOffered::TooSoon => "Non prenotiamo con così poco anticipo.",
        NotOffered::TooFar => "Non prenotiamo con tanto anticipo.",
        NotOffered::Closed => "A quell'ora siamo chiusi.",
        NotOffered::Holiday => "Quel giorno siamo chiusi per festività.",
        NotOffered::OffGrid => "A quell'ora non iniziano appuntamenti.",
        NotOffered::StaffAway => "A quell'ora non c'è nessuno che lo faccia.",
        NotOffered::Taken => "Quell'orario è già occupato.",
        NotOffered::Buffer => "È troppo vicino a un altro appuntamento.",
        NotOffered::CapReached => "Quel giorno è già al completo.",
    }
}

fn choice(choice: &Choice) -> String {
    let among = |more: &bool, others: &'static str| if *more { others } else { "" };
    match choice {
        Choice::Services { names, more } => {
            format!("Offriamo {names}{}. Che cosa desidera?", among(more, ", tra gli altri"))
        }
        Choice::UnknownService { names, more } => {
            let more = among(more, ", tra gli altri");
            format!("Questo non lo offriamo, ma offriamo {names}{more}. Che cosa desidera?")
        }
        Choice::AmbiguousService { names } => {
            format!("Ci sono più servizi possibili. Intende {names}?")
        }
        Choice::OneBranch { place } => format!("Ci trova qui: {place}."),
        Choice::Branches { names, more } => {
            let more = among(more, ", tra le altre");
            format!("Le nostre sedi sono {names}{more}. Quale preferisce?")
        }
        Choice::UnknownBranch { names, more } => {
            let more = among(more, ", tra le altre");
            format!("Questa sede non c'è, ma abbiamo {names}{more}. Quale preferisce?")
        }
        Choice::AmbiguousBranch { names } => {
            format!("Ci sono più sedi possibili. Intende {names}?")
        }
        Choice::UnknownStaff { names, more } => {
            let more = among(more, ", tra gli altri");
            format!("Qui nessuno si chiama così, ma abbiamo {names}{more}. Chi preferisce?")
        }
        Choice::AmbiguousStaff { names } => {
            format!("Ci sono più persone con questo nome. Intende {names}?")
        }
        Choice::Times { times } => format!("Posso proporle {times}."),
        Choice::TimesWith { times, staff } => format!("Con {staff} posso proporle {times}."),
        Choice::DayPassed => "Quel giorno è già passato. Quale altro giorno preferisce?".to_owned(),
    }
}

fn appointment(appointment: &Appointment) -> String {
    let with = |staff: &String| {
        if staff.is_empty() { String::new() } else { format!(", con {staff}") }
    };
    match appointment {
        Appointment::Free { when } => format!("Quell'orario è libero: {when}. Vuole che prenoti?"),
        Appointment::Proposal { service, when, name } => {
            format!("{service} {when} a nome di {name}. Vuole che prenoti?")
        }
        Appointment::Booked { service, when, staff, code } => {
            let code = if code.is_empty() {
                String::new()
            } else {
                format!(" Il suo codice di conferma è {code}.")
            };
            format!("Ho prenotato {service} {when}{}.{code}", with(staff))
        }
        Appointment::Moved { service, when, staff } => {
            format!("Il suo appuntamento per {service} ora è {when}{}.", with(staff))
        }
        Appointment::Cancelled { service, when } => {
            format!("Il suo appuntamento per {service} {when} è annullato.")
        }
        Appointment::One { service, when } => format!("Ha un appuntamento per {service} {when}."),
        Appointment::Several { list, more } => {
            let more = if *more { ", tra gli altri" } else { "" };
            format!("I suoi appuntamenti sono {list}{more}.")
        }
        Appointment::Ambiguous { list } => format!("Ci sono più appuntamenti. Intende {list}?"),
        Appointment::Waiting { service } => {
            format!("È in lista d'attesa per {service}. La chiamiamo appena si libera un posto.")
        }
    }
}

fn hours(hours: &Hours) -> String {
    match hours {
        Hours::OpenOn { day, hours } => format!("Siamo aperti {day} {hours}."),
        Hours::ClosedOn { day } => format!("Siamo chiusi {day}."),
        Hours::HolidayOn { day, name } => format!("Siamo chiusi {day} per {name}."),
        Hours::Weekly { hours } => format!("Siamo aperti {hours}."),
    }
}

fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Noted { name } if name.is_empty() => "Grazie, ho preso nota.".to_owned(),
        Caller::Noted { name } => format!("Grazie, {name}, ho preso nota."),
        Caller::PhoneBack { phone } => format!("Ho segnato {phone}. È corretto?"),
        Caller::EmailBack { email } => format!("Ho segnato {email}. È corretto?"),
        Caller::WhichPerson { names } => format!("Parlo con {names}?"),
    }
}
