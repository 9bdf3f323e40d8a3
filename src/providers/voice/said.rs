//! What providers say and are told, in words that are the same for all of them.
//!
//! Holds no provider's field names.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use crate::domain::call::{Moment, Report};
use crate::domain::phone::PhoneNumber;
use crate::domain::welcome::Welcome;

/// What a proven payload asks for, whichever road it came on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// To be kept: something happened.
    Event,
    /// To be answered: an agent calls tools.
    Tools,
    /// To be answered: a call comes in; who is it, and who takes it?
    Inbound,
    /// To be answered: where is the call to be handed on to?
    Transfer,
}

/// The names of a call at its provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallNames {
    /// The name that stays: the one that most of its events have.
    pub id: String,
    /// Other names of the same call, such as that of a leg, and the order it was placed by.
    pub others: Vec<String>,
}

impl CallNames {
    /// A call with one name.
    pub fn one(id: String) -> Self {
        Self { id, others: Vec::new() }
    }
}

/// What an event tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The provider's name of the event.
    pub name: String,
    /// The call it tells of; `None` when it tells of none.
    pub call: Option<CallNames>,
    /// What kind of moment it tells of.
    pub moment: Moment,
    /// What it says of the call.
    pub report: Report,
    /// Whether the provider is to be asked before this counts: it cannot prove who sent it.
    pub needs_confirming: bool,
}

/// What a request for a tool says besides its body.
#[derive(Clone, Copy, Debug)]
pub struct Road<'a> {
    /// The tool that the URL names.
    pub tool: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The query as it was written.
    pub query: &'a str,
}

/// A live tool call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The provider's id of this one question; empty when it has none.
    pub id: String,
    /// The call it is asked in.
    pub call: CallNames,
    /// What it says of the call.
    pub report: Report,
    /// Name of the tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
}

/// A tool call and the JSON text that answers it.
#[derive(Clone, Copy, Debug)]
pub struct ToolAnswer<'a> {
    /// The question.
    pub call: &'a ToolCall,
    /// One JSON object.
    pub answer: &'a str,
}

/// A call that comes in and is not yet taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inbound {
    /// The call, when the provider names it already.
    pub call: Option<CallNames>,
    /// What is said of it: the numbers, the agent.
    pub report: Report,
}

/// Who takes a call that comes in, and what they are told.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// The provider's id of the agent of the business, when it has one at this account.
    pub agent: Option<String>,
    /// What the agent is told; `None` when nobody claims the number.
    pub welcome: Option<Welcome>,
}

/// Where a call is handed on to.
#[derive(Clone, Debug)]
pub struct Handover {
    /// The number; `None` when the business has none.
    pub number: Option<PhoneNumber>,
    /// What the caller is told.
    pub say: String,
}

/// An answer in a provider's envelope.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its type.
    pub content_type: HeaderValue,
    /// Its bytes.
    pub body: Bytes,
}

impl Reply {
    /// An answer of JSON.
    pub fn json(value: &Value) -> Self {
        let content_type = HeaderValue::from_static("application/json");
        Self { content_type, body: value.to_string().into() }
    }
}
