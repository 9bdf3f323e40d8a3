//! What the agent is given to say: every sentence of every answer, in every language.
//!
//! An answer is at most two short sentences without a digit, and a refusal begins with its
//! outcome. Phrases that go into a line (`when`, `names`, `times`) were spoken by `speech` in the
//! same language. Never decides anything: which line is right is up to the use case.

mod english;
mod french;
mod german;
mod italian;
mod opening;
mod portuguese;
mod spanish;
#[cfg(test)]
mod tests;

pub use self::opening::{handing_over, opening};
use super::language::Language;
use super::scheduling::slots::NotOffered;

/// Most words in one answer's `say`.
pub const WORDS_MAX: usize = 25;

/// What an answer says: one or two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Something that is always said alike.
    Plain(Plain),
    /// Something is missing; ask for it.
    Missing(Ask),
    /// Something cannot be read; ask for it again.
    NotUnderstood(Ask),
    /// A question, when nothing was wrong.
    Question(Ask),
    /// Why a time is not offered: one sentence.
    NotOffered(NotOffered),
    /// What there is to choose from.
    Choice(Choice),
    /// An appointment, and what became of it.
    Appointment(Appointment),
    /// When the business is open.
    Hours(Hours),
    /// What is known of the caller.
    Caller(Caller),
}

/// What is always said alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// The line is not set up for bookings yet.
    NotSetUp,
    /// There is no such tool.
    CannotDoThat,
    /// Time ran out and nothing is promised; it is tried once more.
    Late,
    /// There is nothing to book yet.
    NothingOffered,
    /// Nobody who does this service works there; look elsewhere, or for something else?
    NobodyForService,
    /// The last day comes before the first; which days?
    DaysBackwards,
    /// Nothing is free in the time asked for: one sentence.
    NoneFree,
    /// Nothing else is free near that day: one sentence.
    NothingNear,
    /// That time was not offered; look for free times again?
    UnknownSlot,
    /// The appointment was called off before.
    WasCancelled,
    /// The appointment is over, so it cannot be changed.
    IsOver,
    /// There is no such appointment.
    NoSuchAppointment,
    /// The caller has no appointment ahead.
    NoAppointments,
    /// Too many changes in one call: a person will see to it.
    TooMany,
    /// The number does not show that it is the caller's: the four digits of the code, please?
    NotVerified,
    /// The digits of the code do not fit: once more, please?
    WrongCode,
    /// It cannot be confirmed that it is the caller's: somebody will call back.
    TooManyTries,
    /// The message is noted and will be passed on.
    MessageTaken,
    /// The opening hours are not known.
    NoHours,
}

/// A question to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Could you say that again?
    Again,
    /// Could you say that more shortly?
    Shorter,
    /// Which day?
    Day,
    /// Which day and time?
    DayAndTime,
    /// Which of the offered times?
    Time,
    /// Morning, afternoon or evening?
    PartOfDay,
    /// Which of two days or times, each spoken, such as "Friday the twentieth of November"?
    WhichOf(String, String),
    /// What name may be put down?
    Name,
    /// The telephone number, digit by digit?
    Phone,
    /// The e-mail address, spelled?
    Email,
    /// The four digits of the confirmation code?
    Code,
    /// Which appointment, by its day and time?
    Appointment,
    /// What may be passed on?
    Message,
}

/// What there is to choose from. Names are spoken and joined: by "and" where all are told, by "or"
/// where one is to be chosen. `more` says that there are others besides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the line of each case tells what its parts are")]
pub enum Choice {
    /// What is offered; which would you like?
    Services { names: String, more: bool },
    /// That is not offered, but these are; which would you like?
    UnknownService { names: String, more: bool },
    /// Several services fit; do you mean these ("or")?
    AmbiguousService { names: String },
    /// Where the only branch is.
    OneBranch { place: String },
    /// The branches; which suits you?
    Branches { names: String, more: bool },
    /// There is no such branch, but these; which suits you?
    UnknownBranch { names: String, more: bool },
    /// Several branches fit; do you mean these ("or")?
    AmbiguousBranch { names: String },
    /// Nobody of that name is there, but these; whom would you like?
    UnknownStaff { names: String, more: bool },
    /// Several people fit; do you mean these ("or")?
    AmbiguousStaff { names: String },
    /// Free times, as a spoken choice: one sentence.
    Times { times: String },
    /// Free times with one person, as a spoken choice: one sentence.
    TimesWith { times: String, staff: String },
    /// The day that was asked for has passed; which day instead?
    DayPassed,
}

/// An appointment, and what became of it. `when` is a spoken day and time; `staff` and `code` are
/// empty when they need not be said, `code` being digits in words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the line of each case tells what its parts are")]
pub enum Appointment {
    /// That time is free; shall it be booked?
    Free { when: String },
    /// What would be booked; shall it be booked?
    Proposal { service: String, when: String, name: String },
    /// It is booked.
    Booked { service: String, when: String, staff: String, code: String },
    /// It is moved.
    Moved { service: String, when: String, staff: String },
    /// It is called off.
    Cancelled { service: String, when: String },
    /// The caller has one ahead.
    One { service: String, when: String },
    /// The caller has several ahead, each "service when", joined by "and".
    Several { list: String, more: bool },
    /// Several of the caller's fit, each "service when", joined by "or"; which is it?
    Ambiguous { list: String },
    /// On the waiting list; a call follows when a time becomes free.
    Waiting { service: String },
}

/// When the business is open. `day` is a spoken day, `hours` spoken ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the line of each case tells what its parts are")]
pub enum Hours {
    /// Open on one day.
    OpenOn { day: String, hours: String },
    /// Closed on one day.
    ClosedOn { day: String },
    /// Closed on one day for something that has a name, such as a holiday.
    HolidayOn { day: String, name: String },
    /// The hours of a usual week, such as "Monday to Friday from nine to five".
    Weekly { hours: String },
}

/// What is known of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the line of each case tells what its parts are")]
pub enum Caller {
    /// Their details are noted; the name is empty when it is not known.
    Noted { name: String },
    /// The number read back: right?
    PhoneBack { phone: String },
    /// The address read back: right?
    EmailBack { email: String },
    /// Several people have this number, spoken names joined by "or": who is calling?
    WhichPerson { names: String },
}

/// The words of a line.
pub fn line(language: Language, line: &Line) -> String {
    match language {
        Language::English => english::line(line),
        Language::German => german::line(line),
        Language::Spanish => spanish::line(line),
        Language::French => french::line(line),
        Language::Portuguese => portuguese::line(line),
        Language::Italian => italian::line(line),
    }
}

/// Lines after one another.
pub fn lines(language: Language, all: &[Line]) -> String {
    all.iter().map(|one| line(language, one)).collect::<Vec<_>>().join(" ")
}

/// How many words a text has.
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// What `said` makes of as many items as fit into one breath, but at least of one.
pub fn fitting(most: usize, said: impl Fn(usize) -> String) -> String {
    let most_first = (1..=most.max(1)).rev().map(&said);
    let mut fits = most_first.filter(|text| words(text) <= WORDS_MAX);
    fits.next().unwrap_or_else(|| said(1))
}
