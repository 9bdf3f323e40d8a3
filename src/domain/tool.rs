//! The live tools: their names, and their answers as types.
//!
//! One catalogue serves every voice provider. An answer's `say` is at most two short sentences
//! without digits; on refusal it begins with the outcome. Never holds a provider's envelope.

use std::fmt::Write as _;

use serde::Serialize;

use super::scheduling::slots::NotOffered;

/// Most slots in one answer.
pub const SLOTS_MAX: usize = 3;
/// Most words in one answer's `say`.
pub const SAY_WORDS_MAX: usize = 25;
/// Most services named aloud in one answer; the data holds all.
pub const SERVICES_SPOKEN_MAX: usize = 5;

/// A tool that an agent may call while it talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// What can be booked.
    ListServices,
    /// When it can be booked.
    CheckAvailability,
    /// Book it.
    BookAppointment,
}

impl Tool {
    /// Every tool there is.
    pub const ALL: [Self; 3] = [Self::ListServices, Self::CheckAvailability, Self::BookAppointment];

    /// The name under which agents call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListServices => "list_services",
            Self::CheckAvailability => "check_availability",
            Self::BookAppointment => "book_appointment",
        }
    }

    /// What it does, for the agent's model.
    pub fn description(self) -> &'static str {
        match self {
            Self::ListServices => {
                "Lists what can be booked and how long each takes. Call it when the caller asks \
                 what is offered or names something unknown."
            }
            Self::CheckAvailability => {
                "Finds free times for a service. Call it before offering any time: only times \
                 that it gives are free. It gives at most three; ask again for another day."
            }
            Self::BookAppointment => {
                "Books a time that was offered. Call it once the caller chose a time and gave a \
                 name. The appointment exists only when the answer's data says booked."
            }
        }
    }

    /// What a caller says that this tool answers.
    pub fn example(self) -> &'static str {
        match self {
            Self::ListServices => "What do you offer?",
            Self::CheckAvailability => "Do you have anything on Tuesday afternoon?",
            Self::BookAppointment => "Half past nine is fine, my name is Robin Example.",
        }
    }

    /// The tool of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }
}

/// Why a tool did not do what was asked. The words are stable: prompts rely on them.
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
    /// An argument that is needed was not given.
    MissingArgument,
    /// An argument cannot be read.
    InvalidArgument,
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
    /// Appointments do not begin at that minute.
    OffGrid,
    /// Somebody else has that time.
    Taken,
    /// Nothing is free in the time asked for.
    NoneFree,
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
            Self::MissingArgument => "missing_argument",
            Self::InvalidArgument => "invalid_argument",
            Self::UnknownSlot => "unknown_slot",
            Self::InThePast => "in_the_past",
            Self::TooSoon => "too_soon",
            Self::TooFar => "too_far",
            Self::Closed => "closed",
            Self::OffGrid => "off_grid",
            Self::Taken => "taken",
            Self::NoneFree => "none_free",
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
            NotOffered::OffGrid => Self::OffGrid,
            NotOffered::Taken => Self::Taken,
        }
    }
}

/// What the agent should do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Ask what the person wants.
    AskService,
    /// Ask for the person's name.
    AskName,
    /// Ask for the value of the argument in `field` again.
    AskAgain,
    /// Let the person choose one of the slots.
    OfferSlots,
    /// Ask for another day.
    OfferOtherDay,
    /// Read the appointment back and close.
    Confirm,
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
}

/// An offered slot, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlotData {
    /// Accepted back as `slot`, in this call only.
    pub slot: String,
    /// RFC 3339 with the business's offset.
    pub start: String,
    /// As the agent should say it.
    pub spoken: String,
}

/// A booked appointment, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookedData {
    /// Always `booked`.
    pub status: &'static str,
    /// The appointment's id.
    pub appointment_id: String,
    /// What for.
    pub service: String,
    /// RFC 3339 with the business's offset.
    pub start: String,
    /// RFC 3339 with the business's offset.
    pub end: String,
    /// As the agent should say it.
    pub spoken: String,
    /// Whom it is for.
    pub name: String,
}

/// The facts of an answer; keys are stable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Data {
    /// What can be booked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceData>,
    /// What is offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotData>,
    /// What was booked.
    #[serde(flatten)]
    pub booked: Option<Box<BookedData>>,
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

    /// A refusal. `say` begins with the outcome.
    pub fn refused(reason: Reason, say: impl Into<String>, next: Next) -> Self {
        let data = Data::default();
        Self { say: say.into(), data, next, reason: Some(reason), field: None }
    }

    /// The same refusal, naming the argument at fault.
    pub fn about(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// An argument that is needed was not given.
    pub fn missing(field: &'static str, ask: &str, next: Next) -> Self {
        Self::refused(Reason::MissingArgument, format!("One thing is missing. {ask}"), next)
            .about(field)
    }

    /// An argument cannot be read.
    pub fn invalid(field: &'static str, ask: &str) -> Self {
        let say = format!("I did not understand that. {ask}");
        Self::refused(Reason::InvalidArgument, say, Next::AskAgain).about(field)
    }

    /// The answer when time ran out: nothing is promised.
    pub fn late() -> Self {
        let say = "I could not finish that in time. Please let me try once more.";
        Self::refused(Reason::Late, say, Next::AskAgain)
    }
}

/// Joins sentences, leaving out empty ones.
pub fn sentences(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let gap = if text.is_empty() { "" } else { " " };
        write!(text, "{gap}{part}").expect("writing to a String does not fail");
    }
    text
}
