//! Every sentence in English.

use super::{Appointment, Ask, Caller, Choice, Hours, Line, Plain};
use crate::domain::scheduling::slots::NotOffered;

/// The words of a line.
pub fn line(line: &Line) -> String {
    match line {
        Line::Plain(one) => plain(*one).to_owned(),
        Line::Missing(ask) => format!("One thing is missing. {}", question(ask)),
        Line::NotUnderstood(ask) => format!("I did not understand that. {}", question(ask)),
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
        Plain::NotSetUp => "This line is not set up for bookings yet, I am sorry.",
        Plain::CannotDoThat => "I cannot do that, I am sorry.",
        Plain::Late => "I could not finish that in time. Please let me try once more.",
        Plain::NothingOffered => "There is nothing to book here yet.",
        Plain::NobodyForService => "Nobody there does that. Shall I look for something else?",
        Plain::DaysBackwards => "The last day comes before the first. Which days do you mean?",
        Plain::NoneFree => "Nothing is free then.",
        Plain::NothingNear => "I have nothing else near that day.",
        Plain::UnknownSlot => "I did not offer that time. Shall I look for free times again?",
        Plain::WasCancelled => "That appointment was cancelled. Shall I look for a new time?",
        Plain::IsOver => "That appointment has passed. Shall I look for a new time?",
        Plain::NoSuchAppointment => "I cannot find that appointment. When was it?",
        Plain::NoAppointments => "I find no appointment of yours. Shall I make one?",
        Plain::TooMany => "I cannot change more in this call. Somebody will see to the rest.",
        Plain::NotVerified => {
            "I cannot tell yet that it is yours. What are the four digits of your confirmation \
             code?"
        }
        Plain::WrongCode => "Those digits do not fit. Could you say them once more?",
        Plain::TooManyTries => "I cannot confirm that it is yours. Somebody will call you back.",
        Plain::MessageTaken => "I have noted that and will pass it on.",
        Plain::NoHours => "I do not know the opening hours.",
    }
}

fn question(ask: &Ask) -> String {
    let fixed = match ask {
        Ask::Again => "Could you say that again?",
        Ask::Shorter => "Could you say that more shortly?",
        Ask::Day => "Which day would you like?",
        Ask::DayAndTime => "Which day and time would you like?",
        Ask::Time => "Which time would you like?",
        Ask::PartOfDay => "Would you like the morning, afternoon or evening?",
        Ask::WhichOf(one, other) => return format!("Do you mean {one} or {other}?"),
        Ask::Name => "What name may I put down?",
        Ask::Phone => "Could you give me your telephone number, digit by digit?",
        Ask::Email => "Could you spell the e-mail address?",
        Ask::Code => "What are the four digits of your confirmation code?",
        Ask::Appointment => "Which appointment is it, by its day and time?",
        Ask::Message => "What may I pass on?",
    };
    fixed.to_owned()
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "That time has passed.",
        NotOffered::TooSoon => "That is too soon to book.",
        NotOffered::TooFar => "That is too far ahead to book.",
        NotOffered::Closed => "We are closed then.",
        NotOffered::Holiday => "We are closed for a holiday then.",
        NotOffered::OffGrid => "Appointments do not begin at that time.",
        NotOffered::StaffAway => "Nobody who does that is in then.",
        NotOffered::Taken => "That time is taken.",
        NotOffered::Buffer => "That is too close to another appointment.",
        NotOffered::CapReached => "That day is fully booked.",
    }
}

fn choice(choice: &Choice) -> String {
    let among = |more: &bool| if *more { ", among others" } else { "" };
    match choice {
        Choice::Services { names, more } => {
            format!("We offer {names}{}. Which would you like?", among(more))
        }
        Choice::UnknownService { names, more } => {
            let more = among(more);
            format!("We do not offer that, but we offer {names}{more}. Which would you like?")
        }
        Choice::AmbiguousService { names } => {
            format!("Several services fit. Do you mean {names}?")
        }
        Choice::OneBranch { place } => format!("We are at {place}."),
        Choice::Branches { names, more } => {
            format!("Our branches are {names}{}. Which suits you?", among(more))
        }
        Choice::UnknownBranch { names, more } => {
            let more = among(more);
            format!("We have no such branch, but {names}{more}. Which suits you?")
        }
        Choice::AmbiguousBranch { names } => format!("Several branches fit. Do you mean {names}?"),
        Choice::UnknownStaff { names, more } => {
            format!("Nobody of that name is here, but {names}{}. Whom would you like?", among(more))
        }
        Choice::AmbiguousStaff { names } => format!("Several people fit. Do you mean {names}?"),
        Choice::Times { times } => format!("I can offer {times}."),
        Choice::TimesWith { times, staff } => format!("With {staff} I can offer {times}."),
        Choice::DayPassed => "That day has passed. Which day would you like instead?".to_owned(),
    }
}

fn appointment(appointment: &Appointment) -> String {
    let with = |staff: &String| {
        if staff.is_empty() { String::new() } else { format!(", with {staff}") }
    };
    match appointment {
        Appointment::Free { when } => format!("That is free: {when}. Shall I book it?"),
        Appointment::Proposal { service, when, name } => {
            format!("{service} {when} for {name}. Shall I book it?")
        }
        Appointment::Booked { service, when, staff, code } => {
            let code = if code.is_empty() {
                String::new()
            } else {
                format!(" Your confirmation code is {code}.")
            };
            format!("You are booked for {service}, {when}{}.{code}", with(staff))
        }
        Appointment::Moved { service, when, staff } => {
            format!("Your {service} is moved to {when}{}.", with(staff))
        }
        Appointment::Cancelled { service, when } => {
            format!("Your {service} {when} is cancelled.")
        }
        Appointment::One { service, when } => format!("You have {service} {when}."),
        Appointment::Several { list, more } => {
            let more = if *more { ", among others" } else { "" };
            format!("You have {list}{more}.")
        }
        Appointment::Ambiguous { list } => format!("Several fit. Do you mean {list}?"),
        Appointment::Waiting { service } => {
            format!("You are on the waiting list for {service}. We call when a time becomes free.")
        }
    }
}

fn hours(hours: &Hours) -> String {
    match hours {
        Hours::OpenOn { day, hours } => format!("We are open {day} {hours}."),
        Hours::ClosedOn { day } => format!("We are closed {day}."),
        Hours::HolidayOn { day, name } => format!("We are closed {day} for {name}."),
        Hours::Weekly { hours } => format!("We are open {hours}."),
    }
}

fn caller(caller: &Caller) -> String {
    match caller {
        Caller::Noted { name } if name.is_empty() => "Thank you, I have noted that.".to_owned(),
        Caller::Noted { name } => format!("Thank you, {name}, I have noted that."),
        Caller::PhoneBack { phone } => format!("I have {phone}. Is that right?"),
        Caller::EmailBack { email } => format!("I have {email}. Is that right?"),
        Caller::WhichPerson { names } => format!("Am I speaking with {names}?"),
    }
}
