//! What the audit trail holds: who did what, to which thing, from where, when, and how it ended.
//!
//! Holds ids and stable words, never a person's name, number or words: the trail outlives them.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use super::appointment::Actor;
use super::ids::{BusinessRef, CallId, KeyId, UserId};

/// Whose hand it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Somebody who is logged in.
    User(UserId),
    /// A program with a key.
    Key(KeyId),
    /// A caller, by an agent's tool.
    Call(CallId),
    /// The provider of a voice account, by its name.
    Provider(String),
    /// Whoever runs commands on the machine.
    Operator,
    /// The program itself.
    System,
    /// Nobody who proved anything.
    Nobody,
}

impl Who {
    /// The word for what kind of hand it was.
    pub fn word(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Key(_) => "key",
            Self::Call(_) => "call",
            Self::Provider(_) => "provider",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Nobody => "nobody",
        }
    }

    /// Which one; empty where there is none.
    pub fn id(&self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::Key(id) => id.to_string(),
            Self::Call(id) => id.to_string(),
            Self::Provider(name) => name.clone(),
            Self::Operator | Self::System | Self::Nobody => String::new(),
        }
    }
}

impl From<Actor> for Who {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Call(call) => Self::Call(call),
            Actor::Key(key) => Self::Key(key),
            Actor::User(user) => Self::User(user),
            Actor::Operator => Self::Operator,
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was done.
    Done,
    /// It was not allowed.
    Refused,
    /// It was allowed and did not work.
    Failed,
}

impl Ended {
    /// Every end there is.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A row of the trail that is still to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Whose data.
    pub business: Option<BusinessRef>,
    /// Whose hand.
    pub who: Who,
    /// What, as the route or the command is named.
    pub action: String,
    /// To which thing; empty where there is none.
    pub object: String,
    /// From where.
    pub address: Option<IpAddr>,
    /// How it ended.
    pub ended: Ended,
    /// The stable code of a refusal; empty where it was done.
    pub reason: String,
    /// How often; more than once only for what is counted by the minute.
    pub many: u32,
}

impl Entry {
    /// Something that is done by a hand at a moment.
    pub fn done(who: Who, action: impl Into<String>, at: Timestamp) -> Self {
        Self {
            at,
            business: None,
            who,
            action: action.into(),
            object: String::new(),
            address: None,
            ended: Ended::Done,
            reason: String::new(),
            many: 1,
        }
    }

    /// The same about a business.
    pub fn of(self, business: BusinessRef) -> Self {
        Self { business: Some(business), ..self }
    }

    /// The same about a thing.
    pub fn about(self, object: impl ToString) -> Self {
        Self { object: object.to_string(), ..self }
    }

    /// The same from an address.
    pub fn from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The same, refused for a reason.
    pub fn refused(self, reason: impl Into<String>) -> Self {
        Self { ended: Ended::Refused, reason: reason.into(), ..self }
    }
}
