//! The words for which way a call went, where it stands and why it ended.
//!
//! Every provider's words are mapped to these; its own word is kept beside them.

use serde::{Deserialize, Serialize};

/// Which way a call went, as the agent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A person called the agent.
    Inbound,
    /// The agent called a person.
    Outbound,
    /// Through a web page, without numbers.
    Web,
    /// Not told.
    Unknown,
}

impl Direction {
    /// Every direction there is.
    pub const ALL: [Self; 4] = [Self::Inbound, Self::Outbound, Self::Web, Self::Unknown];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Web => "web",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a call stands. It only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Ordered by us; the provider has not taken it yet.
    Initiated,
    /// Known, not yet connected.
    Registered,
    /// People are talking.
    Ongoing,
    /// Over.
    Ended,
    /// Over without having been connected.
    NotConnected,
    /// Over by a fault.
    Error,
}

impl Status {
    /// Every state there is.
    pub const ALL: [Self; 6] = [
        Self::Initiated,
        Self::Registered,
        Self::Ongoing,
        Self::Ended,
        Self::NotConnected,
        Self::Error,
    ];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Registered => "registered",
            Self::Ongoing => "ongoing",
            Self::Ended => "ended",
            Self::NotConnected => "not_connected",
            Self::Error => "error",
        }
    }

    /// How far along the call is: a later stage wins over whatever else an event says.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::Initiated | Self::Registered => 0,
            Self::Ongoing => 1,
            Self::Ended | Self::NotConnected | Self::Error => 2,
        }
    }
}

/// Why a call ended, in families that every provider's words are mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndFamily {
    /// The person hung up.
    CallerHungUp,
    /// The agent hung up.
    AgentHungUp,
    /// Handed to a person.
    Transferred,
    /// A mailbox or a menu answered.
    Voicemail,
    /// Busy, no answer, or declined.
    NotReached,
    /// A limit of time, lines or money was reached.
    Limit,
    /// Blocked, spam, or not permitted.
    Refused,
    /// Something broke.
    Failed,
    /// A word that is not known here.
    Other,
    /// Not told.
    Unknown,
}

impl EndFamily {
    /// Every family there is.
    pub const ALL: [Self; 10] = [
        Self::CallerHungUp,
        Self::AgentHungUp,
        Self::Transferred,
        Self::Voicemail,
        Self::NotReached,
        Self::Limit,
        Self::Refused,
        Self::Failed,
        Self::Other,
        Self::Unknown,
    ];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::CallerHungUp => "caller_hung_up",
            Self::AgentHungUp => "agent_hung_up",
            Self::Transferred => "transferred",
            Self::Voicemail => "voicemail",
            Self::NotReached => "not_reached",
            Self::Limit => "limit",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}
