//! A call that never was, told in a provider's own shapes: for simulations and demonstrations.
//!
//! Holds what happens; each provider's file says how it would send it. Never goes over a network.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::transcript::Turn;

/// The call.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The provider's id of the call.
    pub call_id: String,
    /// The provider's id of the agent.
    pub agent: String,
    /// Who calls, E.164.
    pub from_number: String,
    /// Who is called, E.164.
    pub to_number: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over; `None` while people talk.
    pub ended_at: Option<Timestamp>,
    /// What was said so far.
    pub turns: Vec<Turn>,
}

/// Something that the provider sends.
#[derive(Clone, Debug)]
pub enum Act {
    /// A call comes in: who is it?
    Inbound,
    /// The call began.
    Started,
    /// The agent calls a tool.
    Tool {
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: Map<String, Value>,
    },
    /// The call is over.
    Ended,
    /// The call was looked at afterwards.
    Analyzed {
        /// What it was about.
        summary: String,
    },
}
