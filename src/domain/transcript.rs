//! Turns of speech in a call.
//!
//! Never edits what was said.

use serde::{Deserialize, Serialize};

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The voice agent.
    Agent,
    /// The person on the line.
    Caller,
    /// Whom the call was transferred to.
    TransferTarget,
    /// A tool call or its answer.
    Tool,
    /// Anything else that a provider puts into a transcript.
    Other,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 5] =
        [Self::Agent, Self::Caller, Self::TransferTarget, Self::Tool, Self::Other];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Caller => "caller",
            Self::TransferTarget => "transfer_target",
            Self::Tool => "tool",
            Self::Other => "other",
        }
    }
}

/// One turn of speech.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who spoke.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// Milliseconds from the start of the call, when told.
    pub starts_ms: Option<i64>,
    /// Milliseconds from the start of the call, when told.
    pub ends_ms: Option<i64>,
}
