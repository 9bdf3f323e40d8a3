//! Voice providers: what they send is verified first and read afterwards.
//!
//! Only a verifier makes a [`Verified`] payload, and only that can be read. Never keeps anything,
//! never answers by itself.

mod asking;
pub mod exotel;
mod json;
mod payload;
pub mod provision;
mod rest;
pub mod retell;
mod said;
pub mod telnyx;
pub mod vapi;
pub mod scene;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

pub use self::asking::{Asking, Fetched, Listed, Order, Placed, ProviderError, Source, accepted};
pub use self::payload::{Incoming, Refusal, Unreadable, Verified};
use self::provision::{Change, Plan};
pub use self::said::{
    CallNames, Delivery, Event, Handover, Inbound, Reply, Road, Taken, ToolAnswer, ToolCall,
};
use self::scene::{Act, Scene};
use crate::config::{Fault, Section};
use crate::domain::parameters::{answer_schema, schema};
use crate::domain::recording::Window;
use crate::domain::tool::Tool;
use crate::net::Client;

/// Every provider of this family.
pub const KINDS: &[Kind] = &[exotel::KIND, retell::KIND, telnyx::KIND, vapi::KIND];

/// A provider of this family.
pub struct Kind {
    /// The word in `kind = "…"`.
    pub name: &'static str,
    /// Builds it from its own table.
    pub build: fn(&Section) -> Built,
    /// A tool as the provider wants it defined, called at a URL; `None` where agents are elsewhere.
    pub definition: Option<fn(Tool, &str) -> Value>,
}

/// An account, or everything that is wrong with its table.
pub type Built = Result<Box<dyn Voice>, Vec<Fault>>;

/// A voice provider's account.
pub trait Voice: Send + Sync {
    /// Proves who sent a request, and when.
    fn verify(&self, request: &Incoming<'_>) -> Result<Verified, Refusal>;

    /// Whether a request carries a proof at all, and from where it may come; its body is not there yet.
    fn presents(&self, request: &Incoming<'_>) -> Result<(), Refusal> {
        match self.verify(request) {
            Err(refusal @ (Refusal::SignatureMissing | Refusal::AddressRefused)) => Err(refusal),
            Ok(_) | Err(Refusal::SignatureExpired | Refusal::SignatureInvalid) => Ok(()),
        }
    }

    /// What a payload asks for.
    fn sort(&self, payload: &Verified) -> Delivery;

    /// Reads an event.
    fn event(&self, payload: &Verified) -> Result<Event, Unreadable>;

    /// Reads live tool calls: at least one.
    fn tool_calls(&self, payload: &Verified, road: &Road<'_>) -> Result<Vec<ToolCall>, Unreadable>;

    /// Whether tool calls that cannot be read are answered all the same: the provider takes any other
    /// status for silence.
    fn answers_always(&self) -> bool {
        false
    }

    /// Puts the answers to tool calls, in their order, into the provider's envelope.
    fn answer(&self, answers: &[ToolAnswer<'_>]) -> Reply;

    /// Reads who is calling.
    fn inbound(&self, payload: &Verified) -> Result<Inbound, Unreadable>;

    /// Says who takes a call that comes in, and what they are told.
    fn welcome(&self, taken: &Taken) -> Reply;

    /// Says where a call is handed on to.
    fn hand_over(&self, to: &Handover) -> Reply;

    /// How an event is acknowledged, without a body.
    fn acknowledgement(&self) -> StatusCode {
        StatusCode::NO_CONTENT
    }

    /// Places a call. Asked again with the same order it places no second one where
    /// [`Voice::remembers_orders`] says so.
    fn place<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Placed>;

    /// For how many seconds the provider recognises an order that it has had; 0: not at all.
    fn remembers_orders(&self) -> u32;

    /// Looks whether an order was carried out.
    fn find_placed<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Option<Placed>>;

    /// Ends a call that goes on.
    fn hang_up<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, ()>;

    /// Asks what became of a call; `None` when the provider does not know it.
    fn fetch<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Fetched>>;

    /// Lists calls that began within a time, in milliseconds since 1970 UTC, from inclusive and
    /// until exclusive; `next` is where a page before ended.
    fn list<'a>(
        &'a self,
        net: &'a Client,
        window_ms: (i64, i64),
        next: Option<&'a str>,
    ) -> Asking<'a, Listed>;

    /// Finds where the recording of a call is now; `None` while there is none.
    fn recording<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Source>>;

    /// How long the provider has the recording of a call.
    fn recording_window(&self) -> Window;

    /// What would have to change at the provider for an agent to work with this server.
    fn plan<'a>(&'a self, net: &'a Client, plan: &'a Plan) -> Asking<'a, Vec<Change>>;

    /// Makes a change that was planned.
    fn apply<'a>(&'a self, net: &'a Client, change: &'a Change) -> Asking<'a, ()>;

    /// The bytes that the provider would send, for simulated calls.
    fn stage(&self, scene: &Scene, act: &Act) -> Bytes;

    /// The answer to one tool, out of the provider's envelope, for simulated calls.
    fn heard(&self, reply: &[u8]) -> Value {
        serde_json::from_slice(reply).unwrap_or(Value::Null)
    }

    /// The path behind `/hooks/NAME`, `/tools/NAME` and so on that the provider would be given.
    fn path(&self, act: &Act) -> String {
        let _ = act;
        String::new()
    }

    /// The headers that the provider would send with these bytes, for simulated calls; `None` when
    /// the account has nothing to sign with.
    fn sign(&self, body: &[u8], now_ms: i64) -> Option<HeaderMap>;
}

/// Every tool as a provider wants it defined.
pub fn definitions(definition: fn(Tool, &str) -> Value, url: &str) -> Vec<Value> {
    Tool::ALL.into_iter().map(|tool| definition(tool, url)).collect()
}

/// The schema of a tool's arguments.
pub fn parameters(tool: Tool) -> Value {
    serde_json::from_str(&schema(tool)).expect("the schemas are valid JSON")
}

/// The schema of a tool's answer.
pub fn answer_parameters(tool: Tool) -> Value {
    serde_json::from_str(&answer_schema(tool)).expect("the schemas are valid JSON")
}

/// What a tool does and when to call it, with a spoken example.
pub fn description(tool: Tool) -> String {
    format!("{} Caller: \u{201c}{}\u{201d}", tool.description(), tool.example())
}

/// Builds the account of a `[voice.NAME]` table.
pub fn build(section: &Section) -> Result<(&'static str, Box<dyn Voice>), Vec<Fault>> {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == section.kind()) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let message = format!("is no voice provider; known are: {}", known.join(", "));
        return Err(vec![section.fault("kind", &message)]);
    };
    (kind.build)(section).map(|voice| (kind.name, voice))
}

#[cfg(test)]
mod family_tests;
#[cfg(test)]
mod proof_tests;
