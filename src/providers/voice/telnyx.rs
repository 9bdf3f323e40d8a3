//! Telnyx Call Control v2 and its AI assistants: Ed25519 over the raw body.
//!
//! The signature is base64 in `telnyx-signature-ed25519` over the decimal seconds of
//! `telnyx-timestamp`, `|` and the body, valid five minutes to either side (Telnyx SDK,
//! `lib/webhook_verification`). A session is one telephone call; its legs are told one by one.
//! Never reads a body before it is verified.

mod asking;
mod reading;
mod scenes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use self::asking::Desk;
use super::json::{object, text};
use super::provision::{Change, Plan};
use super::scene::{Act, Scene};
use super::{
    Asking, Built, CallNames, Delivery, Event, Fetched, Handover, Inbound, Incoming, Kind, Listed,
    Order, Placed, Refusal, Reply, Road, Source, Taken, ToolAnswer, ToolCall, Unreadable, Verified,
    Voice, description, parameters,
};
use crate::config::{Secret, Section};
use crate::crypto::ed25519::{SigningKey, VerifyingKey};
use crate::domain::phone::PhoneNumber;
use crate::domain::recording::Window;
use crate::domain::tool::Tool;
use crate::net::Client;

/// How this provider is named and built.
pub const KIND: Kind = Kind { name: "telnyx", build, definition: Some(definition) };

const SIGNATURE: HeaderName = HeaderName::from_static("telnyx-signature-ed25519");
const TIMESTAMP: HeaderName = HeaderName::from_static("telnyx-timestamp");
/// Seconds that a signature's time may be from ours, either way.
const WINDOW_S: u64 = 300;
/// Most digits of a signature's time.
const TIME_DIGITS_MAX: usize = 18;
/// What a seed is tried on, to see whether one of the keys recognises it.
const PROBE: &[u8] = b"frontdesk";
/// Milliseconds that Telnyx is told to wait for a tool, above every tool's own deadline.
const TOOL_TIMEOUT_MS: u32 = 5_000;

struct Telnyx {
    keys: Vec<VerifyingKey>,
    desk: Desk,
    simulated: Option<SigningKey>,
}

/// A webhook tool of an assistant: one URL a tool, its arguments bare in the body. The call and who
/// is in it are named by headers that Telnyx fills in.
fn definition(tool: Tool, url: &str) -> Value {
    json!({
        "type": "webhook",
        "webhook": {
            "name": tool.name(),
            "description": description(tool),
            "url": format!("{url}/{}", tool.name()),
            "method": "POST",
            "headers": [
                {"name": reading::CALL, "value": "{{call_control_id}}"},
                {"name": reading::CALLER, "value": "{{telnyx_end_user_target}}"},
                {"name": reading::CALLED, "value": "{{telnyx_agent_target}}"},
            ],
            "body_parameters": parameters(tool),
            "timeout_ms": TOOL_TIMEOUT_MS,
        },
    })
}

fn build(section: &Section) -> Built {
    let mut table = section.reader();
    let written = table.texts("public_keys");
    if written.is_empty() {
        table.refuse("public_keys", "is required: without a public key no request can be verified");
    }
    let mut keys = Vec::with_capacity(written.len());
    for (index, text) in written.iter().enumerate() {
        let Some(bytes) = bytes32(text) else {
            let why = "must be the base64 text of 32 bytes, as the portal shows";
            table.refuse("public_keys", &format!("entry {}: {why}", index + 1));
            continue;
        };
        keys.push(VerifyingKey::new(bytes));
    }
    let seed = table.secret("simulation_seed");
    let simulated = seed.as_ref().and_then(|seed| bytes32(seed.expose()));
    let simulated = simulated.and_then(|seed| SigningKey::from_seed(&seed));
    if seed.is_some() && simulated.is_none() {
        table.refuse("simulation_seed", "must be the base64 text of 32 bytes");
    }
    let is_known = |seed: &SigningKey| {
        let signature = seed.sign(PROBE);
        keys.iter().any(|key| key.verifies(PROBE, &signature))
    };
    if keys.len() == written.len() && simulated.as_ref().is_some_and(|seed| !is_known(seed)) {
        table.refuse("simulation_seed", "its public key is none of public_keys");
    }
    let api_key = table.secret("api_key");
    let (base_url, connection) = (table.text("base_url"), table.text("connection_id"));
    table.finish()?;
    Ok(Box::new(Telnyx {
        keys,
        desk: Desk::new(base_url, api_key.as_ref().map(Secret::expose), connection),
        simulated,
    }))
}

fn bytes32(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

/// The one value of a header; none when it is missing.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a [u8], Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(Refusal::SignatureMissing)?;
    if values.next().is_some() {
        return Err(Refusal::SignatureInvalid);
    }
    Ok(value.as_bytes())
}

impl Voice for Telnyx {
    fn verify(&self, request: &Incoming<'_>) -> Result<Verified, Refusal> {
        let signature = only(request.headers, &SIGNATURE)?;
        let time = only(request.headers, &TIMESTAMP)?;
        let plausible = (1..=TIME_DIGITS_MAX).contains(&time.len());
        if !plausible || !time.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::SignatureInvalid);
        }
        let seconds = std::str::from_utf8(time).ok().and_then(|text| text.parse::<i64>().ok());
        let seconds = seconds.ok_or(Refusal::SignatureInvalid)?;
        if request.now_ms.div_euclid(1_000).abs_diff(seconds) > WINDOW_S {
            return Err(Refusal::SignatureExpired);
        }
        let signature = STANDARD.decode(signature).map_err(|_| Refusal::SignatureInvalid)?;
        let message = [time, b"|", &request.body[..]].concat();
        if self.keys.iter().any(|key| key.verifies(&message, &signature)) {
            Ok(Verified::new(request.body.clone()))
        } else {
            Err(Refusal::SignatureInvalid)
        }
    }

    fn sort(&self, payload: &Verified) -> Delivery {
        let Ok(body) = object(payload.body(), reading::HEAVY) else { return Delivery::Event };
        // The arguments of a tool come bare.
        let Some(data) = body.get("data") else { return Delivery::Tools };
        match text(data, "event_type").as_deref() {
            Some("assistant.initialization" | "dynamic_variables") => Delivery::Inbound,
            Some(_) | None => Delivery::Event,
        }
    }

    fn event(&self, payload: &Verified) -> Result<Event, Unreadable> {
        reading::event(&object(payload.body(), &[])?)
    }

    fn tool_calls(&self, payload: &Verified, road: &Road<'_>) -> Result<Vec<ToolCall>, Unreadable> {
        reading::tool_call(object(payload.body(), &[])?, road).map(|call| vec![call])
    }

    fn answer(&self, answers: &[ToolAnswer<'_>]) -> Reply {
        let content_type = HeaderValue::from_static("application/json");
        let body = answers.first().map_or("{}", |one| one.answer);
        Reply { content_type, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn inbound(&self, payload: &Verified) -> Result<Inbound, Unreadable> {
        reading::inbound(&object(payload.body(), &[])?)
    }

    fn welcome(&self, taken: &Taken) -> Reply {
        let mut told = Map::new();
        if let Some(welcome) = &taken.welcome {
            told.extend(welcome.0.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
        }
        Reply::json(&json!({ "dynamic_variables": told }))
    }

    /// Telnyx never asks: where calls go is set up at the assistant.
    fn hand_over(&self, to: &Handover) -> Reply {
        let number = to.number.as_ref().map(PhoneNumber::as_str);
        Reply::json(&json!({ "number": number }))
    }

    /// Anything else than 200 makes Telnyx try the failover address.
    fn acknowledgement(&self) -> StatusCode {
        StatusCode::OK
    }

    fn place<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Placed> {
        Box::pin(self.desk.place(net, order))
    }

    fn remembers_orders(&self) -> u32 {
        asking::ORDERS_REMEMBERED_S
    }

    fn find_placed<'a>(&'a self, _: &'a Client, _: &'a Order) -> Asking<'a, Option<Placed>> {
        Box::pin(asking::lists_no_calls())
    }

    fn hang_up<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, ()> {
        Box::pin(self.desk.hang_up(net, call))
    }

    fn fetch<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Fetched>> {
        Box::pin(self.desk.fetch(net, call))
    }

    /// Telnyx lists no calls: those that are open here are asked for one by one.
    fn list<'a>(&'a self, _: &'a Client, _: (i64, i64), _: Option<&'a str>) -> Asking<'a, Listed> {
        Box::pin(asking::lists_no_calls())
    }

    fn recording<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Source>> {
        Box::pin(self.desk.recording(net, call))
    }

    fn recording_window(&self) -> Window {
        // The addresses of an event are good for ten minutes; asked for, they are made anew.
        Window { ready_s: 5, offered_s: 3_600, kept_s: 7 * 86_400 }
    }

    fn plan<'a>(&'a self, net: &'a Client, plan: &'a Plan) -> Asking<'a, Vec<Change>> {
        Box::pin(self.desk.plan(net, plan))
    }

    fn apply<'a>(&'a self, net: &'a Client, change: &'a Change) -> Asking<'a, ()> {
        Box::pin(self.desk.apply(net, change))
    }

    fn stage(&self, scene: &Scene, act: &Act) -> Bytes {
        scenes::stage(scene, act)
    }

    fn path(&self, act: &Act) -> String {
        match act {
            Act::Tool { name, .. } => format!("/{name}"),
            Act::Inbound | Act::Started | Act::Ended | Act::Analyzed { .. } => String::new(),
        }
    }

    fn sign(&self, body: &[u8], now_ms: i64) -> Option<HeaderMap> {
        let key = self.simulated.as_ref()?;
        let time = now_ms.div_euclid(1_000).to_string();
        let signature = STANDARD.encode(key.sign(&[time.as_bytes(), b"|", body].concat()));
        let value = |text: String| {
            HeaderValue::try_from(text).expect("digits and base64 are a header value")
        };
        Some(HeaderMap::from_iter([(SIGNATURE, value(signature)), (TIMESTAMP, value(time))]))
    }
}

#[cfg(test)]
mod tests;
