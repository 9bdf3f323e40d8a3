//! Voice providers: what they send is verified first and read afterwards.
//!
//! Only a verifier makes a [`Verified`] payload, and only that can be read. Never keeps anything,
//! never answers by itself.

mod json;
pub mod retell;
pub mod scene;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use self::scene::{Act, Scene};
use crate::config::{Fault, Section};
use crate::crypto::digest::sha256;
use crate::domain::call::{Moment, Report};
use crate::domain::parameters::{answer_schema, schema};
use crate::domain::tool::Tool;

/// Every provider of this family.
pub const KINDS: &[Kind] = &[retell::KIND];

/// A provider of this family.
pub struct Kind {
    /// The word in `kind = "…"`.
    pub name: &'static str,
    /// Builds it from its own table.
    pub build: fn(&Section) -> Built,
    /// A tool as the provider wants it defined, called at a URL.
    pub definition: fn(Tool, &str) -> Value,
}

/// An account, or everything that is wrong with its table.
pub type Built = Result<Box<dyn Voice>, Vec<Fault>>;

/// A payload whose sender is proven. Made by a verifier of this family, or brought back from where
/// a verified one was kept.
#[derive(Clone, Debug)]
pub struct Verified {
    body: Bytes,
    sha256: [u8; 32],
}

impl Verified {
    /// For verifiers only: the bytes are what was signed.
    fn new(body: Bytes) -> Self {
        let sha256 = sha256(&[&body]);
        Self { body, sha256 }
    }

    /// A payload that was verified and kept; `None` when its bytes are not what was kept.
    pub fn kept(body: Vec<u8>, digest: &[u8; 32]) -> Option<Self> {
        let sha256 = sha256(&[&body]);
        (sha256 == *digest).then(|| Self { body: body.into(), sha256 })
    }

    /// The bytes that were signed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}

/// Why a payload was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no signature.
    SignatureMissing,
    /// The signature's time is too far from ours, before or after.
    SignatureExpired,
    /// The signature cannot be read or does not fit.
    SignatureInvalid,
}

impl Refusal {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature_missing",
            Self::SignatureExpired => "signature_expired",
            Self::SignatureInvalid => "signature_invalid",
        }
    }
}

/// Why a verified payload cannot be read; never a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);

/// What an event tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The provider's name of the event.
    pub name: String,
    /// The provider's id of the call; `None` when it tells of no call.
    pub call_id: Option<String>,
    /// What kind of moment it tells of.
    pub moment: Moment,
    /// What it says of the call.
    pub report: Report,
}

/// A live tool call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The provider's id of the call it is asked in.
    pub call_id: String,
    /// What it says of the call.
    pub report: Report,
    /// Name of the tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
}

/// An answer in a provider's envelope.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its type.
    pub content_type: HeaderValue,
    /// Its bytes.
    pub body: Bytes,
}

/// A voice provider's account.
pub trait Voice: Send + Sync {
    /// Proves who sent the bytes and when. `now_ms` is milliseconds since 1970 UTC.
    fn verify(&self, headers: &HeaderMap, body: Bytes, now_ms: i64) -> Result<Verified, Refusal>;

    /// Reads an event.
    fn event(&self, payload: &Verified) -> Result<Event, Unreadable>;

    /// Reads a live tool call.
    fn tool_call(&self, payload: &Verified) -> Result<ToolCall, Unreadable>;

    /// Puts a tool's answer, a JSON text, into the provider's envelope.
    fn answer(&self, answer: &str) -> Reply;

    /// The bytes that the provider would send, for simulated calls.
    fn stage(&self, scene: &Scene, act: &Act) -> Bytes;

    /// The header that the provider would send with these bytes, for simulated calls.
    fn sign(&self, body: &[u8], now_ms: i64) -> (HeaderName, HeaderValue);
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
