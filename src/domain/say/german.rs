//! Every sentence in German.

use super::{Appointment, Ask, Caller, Choice, Hours, Line, Plain};
use crate::domain::scheduling::slots::NotOffered;

/// The words of a line.
pub fn line(line: &Line) -> String {
    match line {
        Line::Plain(one) => plain(*one).to_owned(),
        Line::Missing(ask) => format!("Eine Angabe fehlt noch. {}", question(ask)),
        Line::NotUnderstood(ask) => format!("Das habe ich nicht verstanden. {}", question(ask)),
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
        Plain::NotSetUp => "Auf dieser Leitung kann ich leider noch keine Termine buchen.",
        Plain::CannotDoThat => "Das kann ich leider nicht machen.",
        Plain::Late => {
            "Das habe ich nicht rechtzeitig geschafft. Einen Moment bitte, ich versuche es noch \
             einmal."
        }
        Plain::NothingOffered => "Hier kann man noch nichts buchen.",
        Plain::NobodyForService => {
            "Das macht dort leider niemand. Soll ich woanders oder nach etwas anderem schauen?"
        }
        Plain::DaysBackwards => "Der letzte Tag liegt vor dem ersten. Welche Tage meinen Sie?",
        Plain::NoneFree => "Da ist leider nichts frei.",
        Plain::NothingNear => "Um diesen Tag herum habe ich sonst nichts frei.",
        Plain::UnknownSlot => {
            "Diese Zeit habe ich nicht angeboten. Soll ich noch einmal nach freien Terminen \
             schauen?"
        }
        Plain::WasCancelled => "Dieser Termin wurde schon abgesagt. Soll ich einen neuen suchen?",
        Plain::IsOver => "Dieser Termin ist schon vorbei. Soll ich einen neuen suchen?",
        Plain::NoSuchAppointment => "Den Termin finde ich nicht. Für wann war er vereinbart?",
        Plain::NoAppointments => {
            "Ich finde keinen Termin von Ihnen. Möchten Sie einen vereinbaren?"
        }
        Plain::TooMany => {
            "Mehr kann ich in diesem Gespräch nicht ändern. Um den Rest kümmert sich jemand von \
             uns."
        }
        Plain::NotVerified => {
            "Den Termin kann ich Ihnen noch nicht zuordnen. Wie lauten die vier Ziffern Ihres \
             Bestätigungscodes?"
        }
        Plain::WrongCode => {
            "Diese Ziffern stimmen leider nicht. Könnten Sie sie noch einmal sagen?"
        }
        Plain::TooManyTries => {
            "Ich kann nicht bestätigen, dass es Ihr Termin ist. Jemand von uns ruft Sie zurück."
        }
        Plain::MessageTaken => "Das habe ich notiert und gebe es gern weiter.",
        Plain::NoHours => "Die Öffnungszeiten kenne ich leider nicht.",
    }
}

fn question(ask: &Ask) -> String {
    let fixed = match ask {
        Ask::Again => "Könnten Sie das bitte wiederholen?",
        Ask::Shorter => "Könnten Sie das bitte kürzer sagen?",
        Ask::Day => "Welcher Tag passt Ihnen?",
        Ask::DayAndTime => "Welcher Tag und welche Uhrzeit passen Ihnen?",
        Ask::Time => "Welche dieser Zeiten passt Ihnen?",
        Ask::PartOfDay => "Passt es Ihnen vormittags, nachmittags oder abends?",
        Ask::WhichOf(one, other) => return format!("Meinen Sie {one} oder {other}?"),
        Ask::Name => "Welchen Namen darf ich notieren?",
        Ask::Phone => "Könnten Sie mir Ihre Telefonnummer sagen, Ziffer für Ziffer?",
        Ask::Email => "Könnten Sie die E-Mail-Adresse bitte buchstabieren?",
        Ask::Code => "Wie lauten die vier Ziffern Ihres Bestätigungscodes?",
        Ask::Appointment => "Um welchen Termin geht es, an welchem Tag und um wie viel Uhr?",
        Ask::Message => "Was darf ich ausrichten?",
    };
    fixed.to_owned()
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "Diese Zeit ist schon vorbei.",
        NotOffered::TooSoon => "Das ist leider zu kurzfristig.",
        NotOffered::TooFar => "Das ist noch zu weit im Voraus.",
        NotOffered::Closed => "Da haben wir geschlossen.",
        NotOffered::Holiday => "Da haben wir wegen eines Feiertags geschlossen.",
        NotOffered::OffGrid => "Zu dieser Uhrzeit beginnen keine Termine.",
        NotOffered::StaffAway => "Dafür ist zu der Zeit niemand da.",
        NotOffered::Taken => "Diese Zeit ist schon vergeben.",
        NotOffered::Buffer => "Das liegt zu nah an einem anderen Termin.",
        NotOffered::CapReached => "Dieser Tag ist schon ausgebucht.",
    }
}

fn choice(choice: &Choice) -> String {
    let among = |more: &bool| if *more { "unter anderem " } else { "" };
    match choice {
        Choice::Services { names, more } => {
            format!("Bei uns gibt es {}{names}. Was hätten Sie gern?", among(more))
        }
        Choice::UnknownService { names, more } => {
            let more = among(more);
            format!("Das bieten wir nicht an, aber {more}{names}. Was hätten Sie gern?")
        }
        Choice::AmbiguousService { names } => {
            format!("Da kommt mehreres infrage. Meinen Sie {names}?")
        }
        Choice::OneBranch { place } => format!("Sie finden uns hier: {place}."),
        Choice::Branches { names, more } => {
            format!("Unsere Standorte sind {}{names}. Welcher passt Ihnen?", among(more))
        }
        Choice::UnknownBranch { names, more } => {
            let more = among(more);
            format!("Diesen Standort haben wir nicht, aber {more}{names}. Welcher passt Ihnen?")
        }
        Choice::AmbiguousBranch { names } => {
            format!("Da kommen mehrere Standorte infrage. Meinen Sie {names}?")
        }
        Choice::UnknownStaff { names, more } => {
            let more = among(more);
            format!("So heißt hier niemand, aber es gibt {more}{names}. Zu wem möchten Sie?")
        }
        Choice::AmbiguousStaff { names } => {
            format!("Da kommen mehrere Personen infrage. Meinen Sie {names}?")
        }
        Choice::Times { times } => format!("Es ginge {times}."),
        Choice::TimesWith { times, staff } => format!("Bei {staff} ginge es {times}."),
        Choice::DayPassed => {
            "Dieser Tag ist schon vorbei. Welcher Tag passt Ihnen stattdessen?".to_owned()
        }
    }
}

fn appointment(appointment: &Appointment) -> String {
    let with = |staff: &String| {
        if staff.is_empty() { String::new() } else { format!(" bei {staff}") }
    };
    match appointment {
        Appointment::Free { when } => format!("Das ist frei: {when}. Soll ich es buchen?"),
        Appointment::Proposal { service, when, name } => {
            format!("{service} {when} für {name}. Soll ich das buchen?")
        }
        Appointment::Booked { service, when, staff, code } => {
            let code = if code.is_empty() {
                String::new()
            } else {
                format!(" Ihr Bestätigungscode lautet {code}.")
            };
            format!("Ihr Termin ist gebucht: {service} {when}{}.{code}", with(staff))
        }
        Appointment::Moved { service, when, staff } => {
            format!("Ihr Termin für {service} ist jetzt {when}{}.", with(staff))
        }
        Appointment::Cancelled { service, when } => {
            format!("Ihr Termin für {service} {when} ist abgesagt.")
        }
        Appointment::One { service, when } => {
            format!("Sie haben {when} einen Termin für {service}.")
        }
        Appointment::Several { list, more } => {
            let more = if *more { "unter anderem " } else { "" };
            format!("Sie haben {more}folgende Termine: {list}.")
        }
        Appointment::Ambiguous { list } => {
            format!("Da kommen mehrere Termine infrage. Meinen Sie {list}?")
        }
        Appointment::Waiting { service } => {
            format!("Sie stehen auf der Warteliste für {service}. Wird etwas frei, rufen wir an.")
        }
    }
}

fn hours(hours: &Hours) -> String {
    match hours {
        Hours::OpenOn { day, hours } => format!("Wir haben {day} {hours} geöffnet."),
        Hours::ClosedOn { day } => format!("Wir haben {day} geschlossen."),
        Hours::HolidayOn { day, name } => format!("Wir haben {day} geschlossen, da ist {name}."),
        Hours::Weekly { hours } => format!("Geöffnet haben wir {hours}."),
    }
}

fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Noted { name } if name.is_empty() => "Danke, das habe ich notiert.".to_owned(),
        Caller::Noted { name } => format!("Danke, {name}, das habe ich notiert."),
        Caller::PhoneBack { phone } => format!("Ich habe notiert: {phone}. Stimmt das?"),
        Caller::EmailBack { email } => format!("Ich habe notiert: {email}. Stimmt das?"),
        Caller::WhichPerson { names } => format!("Spreche ich mit {names}?"),
    }
}
