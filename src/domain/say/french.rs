//! Every sentence in French.

use super::{Appointment, Ask, Caller, Choice, Hours, Line, Plain};
use crate::domain::scheduling::slots::NotOffered;

/// The words of a line.
pub fn line(line: &Line) -> String {
    match line {
        Line::Plain(one) => plain(*one).to_owned(),
        Line::Missing(ask) => format!("Il manque une information. {}", question(ask)),
        Line::NotUnderstood(ask) => format!("Je n'ai pas compris. {}", question(ask)),
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
        Plain::NotSetUp => "Cette ligne ne prend malheureusement pas encore de réservations.",
        Plain::CannotDoThat => "Je ne peux malheureusement pas faire cela.",
        Plain::Late => "Je n'ai pas pu finir à temps. Laissez-moi réessayer, s'il vous plaît.",
        Plain::NothingOffered => "Il n'y a encore rien à réserver ici.",
        Plain::NobodyForService => {
            "Personne ne fait cela là-bas. Dois-je chercher ailleurs ou autre chose ?"
        }
        Plain::DaysBackwards => {
            "Le dernier jour vient avant le premier. De quels jours s'agit-il ?"
        }
        Plain::NoneFree => "Rien n'est libre à ce moment-là.",
        Plain::NothingNear => "Je n'ai rien d'autre autour de cette date.",
        Plain::UnknownSlot => {
            "Je n'ai pas proposé ce créneau. Dois-je chercher à nouveau les créneaux libres ?"
        }
        Plain::WasCancelled => {
            "Ce rendez-vous a déjà été annulé. Dois-je chercher un nouveau créneau ?"
        }
        Plain::IsOver => "Ce rendez-vous est déjà passé. Dois-je chercher un nouveau créneau ?",
        Plain::NoSuchAppointment => "Je ne trouve pas ce rendez-vous. C'était pour quand ?",
        Plain::NoAppointments => {
            "Je ne trouve aucun rendez-vous pour vous. Voulez-vous en prendre un ?"
        }
        Plain::TooMany => {
            "Je ne peux plus rien changer pendant cet appel. Quelqu'un s'occupera du reste."
        }
        Plain::NotVerified => {
            "Je ne sais pas encore si ce rendez-vous est le vôtre. Quels sont les quatre chiffres \
             de votre code de confirmation ?"
        }
        Plain::WrongCode => "Ces chiffres ne correspondent pas. Pouvez-vous les répéter ?",
        Plain::TooManyTries => {
            "Je ne peux pas confirmer que ce rendez-vous est le vôtre. Quelqu'un vous rappellera."
        }
        Plain::MessageTaken => "C'est noté, je transmettrai votre message.",
        Plain::NoHours => "Je ne connais pas les horaires d'ouverture.",
    }
}

fn question(ask: &Ask) -> String {
    let fixed = match ask {
        Ask::Again => "Pouvez-vous répéter, s'il vous plaît ?",
        Ask::Shorter => "Pouvez-vous le dire plus brièvement ?",
        Ask::Day => "Quel jour vous conviendrait ?",
        Ask::DayAndTime => "Quel jour et quelle heure vous conviendraient ?",
        Ask::Time => "Lequel de ces horaires vous convient ?",
        Ask::PartOfDay => "Préférez-vous le matin, l'après-midi ou le soir ?",
        Ask::WhichOf(one, other) => return format!("Voulez-vous dire {one} ou {other} ?"),
        Ask::Name => "Quel nom puis-je noter ?",
        Ask::Phone => "Pouvez-vous me donner votre numéro de téléphone, chiffre par chiffre ?",
        Ask::Email => "Pouvez-vous épeler l'adresse e-mail ?",
        Ask::Code => "Quels sont les quatre chiffres de votre code de confirmation ?",
        Ask::Appointment => "De quel rendez-vous s'agit-il, quel jour et à quelle heure ?",
        Ask::Message => "Quel message puis-je transmettre ?",
    };
    fixed.to_owned()
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "Cet horaire est déjà passé.",
        NotOffered::TooSoon => "Le délai est trop court pour réserver.",
        NotOffered::TooFar => "Cette date est trop lointaine pour réserver.",
        NotOffered::Closed => "Nous sommes fermés à ce moment-là.",
        NotOffered::Holiday => "Nous sommes fermés ce jour-là, c'est férié.",
        NotOffered::OffGrid => "Aucun rendez-vous ne commence à cette heure-là.",
        NotOffered::StaffAway => "Personne n'est là pour cela à cette heure.",
        NotOffered::Taken => "Ce créneau est déjà pris.",
        NotOffered::Buffer => "C'est trop proche d'un autre rendez-vous.",
        NotOffered::CapReached => "Cette journée est déjà complète.",
    }
}

fn choice(choice: &Choice) -> String {
    let among = |more: &bool| if *more { ", entre autres" } else { "" };
    match choice {
        Choice::Services { names, more } => {
            format!("Nous proposons {names}{}. Que souhaitez-vous ?", among(more))
        }
        Choice::UnknownService { names, more } => {
            let more = among(more);
            format!("Nous ne proposons pas cela, mais {names}{more}. Que souhaitez-vous ?")
        }
        Choice::AmbiguousService { names } => {
            format!("Plusieurs prestations correspondent. Voulez-vous dire {names} ?")
        }
        Choice::OneBranch { place } => format!("Vous nous trouverez ici : {place}."),
        Choice::Branches { names, more } => {
            format!("Nos établissements sont {names}{}. Lequel vous convient ?", among(more))
        }
        Choice::UnknownBranch { names, more } => {
            let more = among(more);
            format!(
                "Nous n'avons pas cet établissement, mais {names}{more}. Lequel vous convient ?"
            )
        }
        Choice::AmbiguousBranch { names } => {
            format!("Plusieurs établissements correspondent. Voulez-vous dire {names} ?")
        }
        Choice::UnknownStaff { names, more } => {
            let more = among(more);
            format!("Personne ne porte ce nom ici, mais il y a {names}{more}. Qui souhaitez-vous ?")
        }
        Choice::AmbiguousStaff { names } => {
            format!("Plusieurs personnes correspondent. Voulez-vous dire {names} ?")
        }
        Choice::Times { times } => format!("Je vous propose {times}."),
        Choice::TimesWith { times, staff } => format!("Avec {staff}, je vous propose {times}."),
        Choice::DayPassed => {
            "Ce jour est déjà passé. Quel autre jour vous conviendrait ?".to_owned()
        }
    }
}

fn appointment(appointment: &Appointment) -> String {
    let with = |staff: &String| {
        if staff.is_empty() { String::new() } else { format!(", avec {staff}") }
    };
    match appointment {
        Appointment::Free { when } => format!("C'est libre {when}. Dois-je réserver ?"),
        Appointment::Proposal { service, when, name } => {
            format!("{service} {when} pour {name}. Dois-je réserver ?")
        }
        Appointment::Booked { service, when, staff, code } => {
            let code = if code.is_empty() {
                String::new()
            } else {
                format!(" Votre code de confirmation est {code}.")
            };
            format!("C'est réservé : {service} {when}{}.{code}", with(staff))
        }
        Appointment::Moved { service, when, staff } => {
            format!("Votre rendez-vous pour {service} est désormais {when}{}.", with(staff))
        }
        Appointment::Cancelled { service, when } => {
            format!("Votre rendez-vous pour {service} {when} est annulé.")
        }
        Appointment::One { service, when } => {
            format!("Vous avez rendez-vous {when} pour {service}.")
        }
        Appointment::Several { list, more } => {
            let more = if *more { ", entre autres" } else { "" };
            format!("Vos rendez-vous sont {list}{more}.")
        }
        Appointment::Ambiguous { list } => {
            format!("Plusieurs rendez-vous correspondent. Voulez-vous dire {list} ?")
        }
        Appointment::Waiting { service } => format!(
            "Vous êtes sur la liste d'attente pour {service}. Nous vous appellerons dès qu'une \
             place se libère."
        ),
    }
}

fn hours(hours: &Hours) -> String {
    match hours {
        Hours::OpenOn { day, hours } => format!("Nous sommes ouverts {day} {hours}."),
        Hours::ClosedOn { day } => format!("Nous sommes fermés {day}."),
        Hours::HolidayOn { day, name } => format!("Nous sommes fermés {day} pour {name}."),
        Hours::Weekly { hours } => format!("Nous sommes ouverts {hours}."),
    }
}

fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Noted { name } if name.is_empty() => "Merci, c'est noté.".to_owned(),
        Caller::Noted { name } => format!("Merci, {name}, c'est noté."),
        Caller::PhoneBack { phone } => format!("J'ai noté {phone}. Est-ce exact ?"),
        Caller::EmailBack { email } => format!("J'ai noté {email}. Est-ce exact ?"),
        Caller::WhichPerson { names } => format!("Est-ce que je parle à {names} ?"),
    }
}
