//! What a live tool answers: something to say, the facts, what to do now, and on refusal why.
//!
//! The words of reasons and steps are stable: prompts rely on them. Never holds a provider's
//! envelope.

use serde::Serialize;

use super::language::Language;
use super::say::{self, Ask, Line, Plain};
use super::scheduling::slots::NotOffered;

/// Most slots in one answer.
pub const SLOTS_MAX: usize = 3;
/// Most names said aloud in one answer.
pub const NAMES_SPOKEN_MAX: usize = 5;
/// Most entries of one list in an answer's data.
pub const ENTRIES_MAX: usize = 10;

/// Why a tool did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody claims the dialled number or the agent.
    UnknownAgent,
    /// No tool has that name.
    UnknownTool,
    /// The business does not offer that.
    UnknownService,
    /// Several services fit the words.
    AmbiguousService,
    /// The business has no such branch.
    UnknownBranch,
    /// Several branches fit the words, or one must be chosen.
    AmbiguousBranch,
    /// Nobody of that name is there.
    UnknownStaff,
    /// Several people fit the words.
    AmbiguousStaff,
    /// Nobody at the branch does that.
    NobodyForService,
    /// An argument that is needed was not given.
    MissingArgument,
    /// An argument cannot be read.
    InvalidArgument,
    /// What was said of time can be read in two ways.
    AmbiguousTime,
    /// The slot was not offered in this call.
    UnknownSlot,
    /// The time has passed.
    InThePast,
    /// The time is nearer than the service's notice.
    TooSoon,
    /// The time is beyond the service's horizon.
    TooFar,
    /// The business is closed then.
    Closed,
    /// The business is closed for a holiday then.
    Holiday,
    /// Appointments do not begin at that minute.
    OffGrid,
    /// As many are booked on that day as may be.
    CapReached,
    /// Nobody who does that works then.
    StaffAway,
    /// Somebody else has that time.
    Taken,
    /// It is too close to another appointment.
    Buffer,
    /// Nothing is free in the time asked for.
    NoneFree,
    /// The number does not show that the appointment is the caller's.
    NotVerified,
    /// The confirmation digits do not fit.
    WrongCode,
    /// Wrong digits were given too often.
    TooManyTries,
    /// The caller has no such appointment.
    UnknownAppointment,
    /// Several appointments of the caller fit.
    AmbiguousAppointment,
    /// The appointment was called off before.
    AlreadyCancelled,
    /// The appointment is over.
    Over,
    /// Several people have that number.
    AmbiguousCustomer,
    /// More was asked for in one call than one caller may.
    TooMany,
    /// It could not be decided in time.
    Late,
}

impl Reason {
    /// The word as agents read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownAgent => "unknown_agent",
            Self::UnknownTool => "unknown_tool",
            Self::UnknownService => "unknown_service",
            Self::AmbiguousService => "ambiguous_service",
            Self::UnknownBranch => "unknown_branch",
            Self::AmbiguousBranch => "ambiguous_branch",
            Self::UnknownStaff => "unknown_staff",
            Self::AmbiguousStaff => "ambiguous_staff",
            Self::NobodyForService => "nobody_for_service",
            Self::MissingArgument => "missing_argument",
            Self::InvalidArgument => "invalid_argument",
            Self::AmbiguousTime => "ambiguous_time",
            Self::UnknownSlot => "unknown_slot",
            Self::InThePast => "in_the_past",
            Self::TooSoon => "too_soon",
            Self::TooFar => "too_far",
            Self::Closed => "closed",
            Self::Holiday => "holiday",
            Self::OffGrid => "off_grid",
            Self::CapReached => "cap_reached",
            Self::StaffAway => "staff_away",
            Self::Taken => "taken",
            Self::Buffer => "buffer",
            Self::NoneFree => "none_free",
            Self::NotVerified => "not_verified",
            Self::WrongCode => "wrong_code",
            Self::TooManyTries => "too_many_tries",
            Self::UnknownAppointment => "unknown_appointment",
            Self::AmbiguousAppointment => "ambiguous_appointment",
            Self::AlreadyCancelled => "already_cancelled",
            Self::Over => "over",
            Self::AmbiguousCustomer => "ambiguous_customer",
            Self::TooMany => "too_many",
            Self::Late => "late",
        }
    }
}

impl From<NotOffered> for Reason {
    fn from(reason: NotOffered) -> Self {
        match reason {
            NotOffered::InThePast => Self::InThePast,
            NotOffered::TooSoon => Self::TooSoon,
            NotOffered::TooFar => Self::TooFar,
            NotOffered::Closed => Self::Closed,
            NotOffered::Holiday => Self::Holiday,
            NotOffered::OffGrid => Self::OffGrid,
            NotOffered::CapReached => Self::CapReached,
            NotOffered::StaffAway => Self::StaffAway,
            NotOffered::Taken => Self::Taken,
            NotOffered::Buffer => Self::Buffer,
        }
    }
}

/// What the agent should do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Ask what the person wants.
    AskService,
    /// Ask which branch suits.
    AskBranch,
    /// Ask with whom.
    AskStaff,
    /// Ask for the person's name.
    AskName,
    /// Ask for a day and time.
    AskTime,
    /// Ask for the telephone number.
    AskPhone,
    /// Ask for the confirmation digits.
    AskCode,
    /// Ask which appointment is meant.
    AskWhich,
    /// Ask for the value of the argument in `field` again.
    AskAgain,
    /// Let the person choose one of the slots.
    OfferSlots,
    /// Ask for another day.
    OfferOtherDay,
    /// Read it back and wait for a yes.
    Confirm,
    /// Say it and go on with the talk.
    GoOn,
    /// Say that somebody will call back, or transfer.
    HandOver,
}

/// A service, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceData {
    /// Its name, accepted back as `service`.
    pub name: String,
    /// How long it takes, in minutes.
    pub minutes: u16,
    /// Its price as it should be said; empty when not told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub price: String,
}

/// A branch, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BranchData {
    /// Its name, accepted back as `branch`.
    pub name: String,
    /// Where it is; empty when not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Its hours of a usual week, such as `mon-fri 09:00-17:00`.
    pub hours: String,
    /// Its IANA time zone.
    pub zone: String,
}

/// An offered slot, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlotData {
    /// Accepted back as `slot`, in this call only.
    pub slot: String,
    /// RFC 3339 with the branch's offset.
    pub start: String,
    /// As the agent should say it.
    pub spoken: String,
    /// The branch, when there are several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// With whom, when somebody was named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub staff: String,
}

/// An appointment, as data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AppointmentData {
    /// `proposed`, `booked`, `moved`, `cancelled` or `waiting`.
    pub status: &'static str,
    /// The appointment's id, accepted back as `appointment_id`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub appointment_id: String,
    /// What for.
    pub service: String,
    /// RFC 3339 with the branch's offset.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub start: String,
    /// RFC 3339 with the branch's offset.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub end: String,
    /// As the agent should say it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub spoken: String,
    /// Whom it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// With whom.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub staff: String,
    /// Where, when there are several branches.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// The confirmation digits as they should be said, given once.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub confirmation: String,
}

/// What is known of the caller, as data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallerData {
    /// Their name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Their number, E.164.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// The number as it should be read back.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub spoken_phone: String,
    /// Their address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// The address as it should be read back.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub spoken_email: String,
}

/// A time that is not offered, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnofferedData {
    /// RFC 3339 with the branch's offset.
    pub from: String,
    /// RFC 3339 with the branch's offset.
    pub until: String,
    /// Why.
    pub reason: NotOffered,
}

/// The facts of an answer; keys are stable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Data {
    /// Of a tool that changes an appointment: whether it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// What can be booked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceData>,
    /// Where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchData>,
    /// What is offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotData>,
    /// The appointment that was booked, moved or called off, or would be booked.
    #[serde(flatten)]
    pub appointment: Option<Box<AppointmentData>>,
    /// The caller's appointments ahead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub appointments: Vec<AppointmentData>,
    /// What is known of the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<Box<CallerData>>,
    /// What a booking still needs, by the names of arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<&'static str>,
    /// Times that are not offered, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<UnofferedData>,
    /// Opening hours, such as `mon-fri 09:00-17:00`, or those of the day that was asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hours: String,
    /// Today in the business's zone, such as `Tuesday 2026-01-06`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub today: Box<str>,
}

/// What a tool answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What to say: at most two short sentences, no digits.
    pub say: String,
    /// The facts.
    pub data: Data,
    /// What to do now.
    pub next: Next,
    /// On refusal: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// On refusal of an argument: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

impl Answer {
    /// An answer that did what was asked.
    pub fn done(say: impl Into<String>, data: Data, next: Next) -> Self {
        Self { say: say.into(), data, next, reason: None, field: None }
    }
}

/// A refusal whose words are chosen when the language is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is said; begins with the outcome.
    pub line: Box<Line>,
    /// Why.
    pub reason: Reason,
    /// What to do now.
    pub next: Next,
    /// Which argument is at fault.
    pub field: Option<&'static str>,
    /// Facts that help.
    pub data: Box<Data>,
}

impl Refused {
    /// A refusal.
    pub fn new(reason: Reason, line: Line, next: Next) -> Self {
        Self { line: Box::new(line), reason, next, field: None, data: Box::default() }
    }

    /// A refusal that is always said alike.
    pub fn plain(reason: Reason, line: Plain, next: Next) -> Self {
        Self::new(reason, Line::Plain(line), next)
    }

    /// The same, naming the argument at fault.
    pub fn about(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// The same with facts.
    pub fn with(self, data: Data) -> Self {
        Self { data: Box::new(data), ..self }
    }

    /// An argument that is needed was not given.
    pub fn missing(field: &'static str, ask: Ask, next: Next) -> Self {
        Self::new(Reason::MissingArgument, Line::Missing(ask), next).about(field)
    }

    /// An argument cannot be read.
    pub fn invalid(field: &'static str, ask: Ask) -> Self {
        Self::new(Reason::InvalidArgument, Line::NotUnderstood(ask), Next::AskAgain).about(field)
    }

    /// Time ran out: nothing is promised.
    pub fn late() -> Self {
        Self::plain(Reason::Late, Plain::Late, Next::AskAgain)
    }

    /// The answer in a language.
    pub fn answer(self, language: Language) -> Answer {
        let say = say::line(language, &self.line);
        let (reason, field) = (Some(self.reason), self.field);
        Answer { say, data: *self.data, next: self.next, reason, field }
    }
}
