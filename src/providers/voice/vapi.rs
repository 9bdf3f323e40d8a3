//! Vapi: everything comes to one address, proven by whichever credential is switched on.
//!
//! Vapi signs as its user configures: a bearer token, `X-Vapi-Secret`, or an HMAC whose parts can all
//! be chosen (`HMACAuthenticationPlan` of its API). An account without any is refused at start. Tool
//! calls are always answered with status 200. Never reads a body before it is verified.

mod asking;
mod proof;
mod reading;
mod scenes;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use self::asking::Desk;
use self::proof::Proofs;
use super::json::{object, text};
use super::provision::{Change, Plan};
use super::scene::{Act, Scene};
use super::{
    Asking, Built, CallNames, Delivery, Event, Fetched, Handover, Inbound, Incoming, Kind, Listed,
    Order, Placed, Refusal, Reply, Road, Source, Taken, ToolAnswer, ToolCall, Unreadable, Verified,
    Voice, description, parameters,
};
use crate::config::{Secret, Section};
use crate::domain::recording::Window;
use crate::domain::tool::Tool;
use crate::net::Client;

/// How this provider is named and built.
pub const KIND: Kind = Kind { name: "vapi", build, definition: Some(definition) };

/// Seconds that Vapi is told to wait for a tool, above every tool's own deadline.
const TOOL_TIMEOUT_S: u32 = 5;
/// What the agent says when nobody claims the number.
const NOT_SET_UP: &str = "This line is not set up yet. Please call again later.";

struct Vapi {
    proofs: Proofs,
    desk: Desk,
}

/// A function tool as Vapi's API takes it (`CreateFunctionToolDTO`), with the server that answers.
fn definition(tool: Tool, url: &str) -> Value {
    json!({
        "type": "function",
        "async": false,
        "function": {
            "name": tool.name(),
            "description": description(tool),
            "parameters": parameters(tool),
        },
        "server": {"url": url, "timeoutSeconds": TOOL_TIMEOUT_S},
    })
}

fn build(section: &Section) -> Built {
    let mut table = section.reader();
    let proofs = Proofs::read(&mut table);
    let key = table.secret("api_key");
    let (base_url, number) = (table.text("base_url"), table.text("phone_number_id"));
    table.finish()?;
    Ok(Box::new(Vapi {
        proofs,
        desk: Desk::new(base_url, key.as_ref().map(Secret::expose), number),
    }))
}

impl Voice for Vapi {
    fn verify(&self, request: &Incoming<'_>) -> Result<Verified, Refusal> {
        self.proofs.verify(request).map(|()| Verified::new(request.body.clone()))
    }

    fn sort(&self, payload: &Verified) -> Delivery {
        let Ok(body) = object(payload.body(), reading::HEAVY) else { return Delivery::Event };
        let message = body.get("message").unwrap_or(&Value::Null);
        match text(message, "type").as_deref() {
            Some("assistant-request") => Delivery::Inbound,
            Some("tool-calls" | "function-call") => Delivery::Tools,
            Some("transfer-destination-request") => Delivery::Transfer,
            Some(_) | None => Delivery::Event,
        }
    }

    fn event(&self, payload: &Verified) -> Result<Event, Unreadable> {
        reading::event(&object(payload.body(), &[])?)
    }

    fn tool_calls(&self, payload: &Verified, _: &Road<'_>) -> Result<Vec<ToolCall>, Unreadable> {
        reading::tool_calls(&object(payload.body(), reading::SPOKEN)?)
    }

    fn answers_always(&self) -> bool {
        true
    }

    fn answer(&self, answers: &[ToolAnswer<'_>]) -> Reply {
        if let [only] = answers
            && only.call.id.is_empty()
        {
            // The older kind of call has one answer and no name for it.
            return Reply::json(&json!({ "result": one_line(only.answer) }));
        }
        let result = |one: &ToolAnswer<'_>| {
            json!({
                "toolCallId": one.call.id,
                "name": one.call.tool,
                "result": one_line(one.answer),
            })
        };
        Reply::json(&json!({ "results": answers.iter().map(result).collect::<Vec<_>>() }))
    }

    fn inbound(&self, payload: &Verified) -> Result<Inbound, Unreadable> {
        reading::inbound(&object(payload.body(), reading::SPOKEN)?)
    }

    fn welcome(&self, taken: &Taken) -> Reply {
        let (Some(agent), Some(welcome)) = (&taken.agent, &taken.welcome) else {
            return Reply::json(&json!({ "error": NOT_SET_UP }));
        };
        let told = welcome.0.iter().map(|(name, text)| ((*name).to_owned(), json!(text)));
        let mut overrides = json!({ "variableValues": told.collect::<Map<_, _>>() });
        let opening = welcome.get("opening");
        if !opening.is_empty() {
            overrides["firstMessage"] = json!(opening);
        }
        Reply::json(&json!({ "assistantId": agent, "assistantOverrides": overrides }))
    }

    fn hand_over(&self, to: &Handover) -> Reply {
        Reply::json(&match &to.number {
            Some(number) => json!({"destination": {
                "type": "number", "number": number.as_str(), "message": to.say,
            }}),
            None => json!({ "error": to.say }),
        })
    }

    fn place<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Placed> {
        Box::pin(self.desk.place(net, order))
    }

    /// Vapi has no idempotency key: what may have been placed is looked up.
    fn remembers_orders(&self) -> u32 {
        0
    }

    fn find_placed<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Option<Placed>> {
        Box::pin(self.desk.find_placed(net, order))
    }

    fn hang_up<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, ()> {
        Box::pin(self.desk.hang_up(net, call))
    }

    fn fetch<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Fetched>> {
        Box::pin(self.desk.fetch(net, call))
    }

    fn list<'a>(
        &'a self,
        net: &'a Client,
        window_ms: (i64, i64),
        next: Option<&'a str>,
    ) -> Asking<'a, Listed> {
        Box::pin(self.desk.list(net, window_ms, next))
    }

    fn recording<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Source>> {
        Box::pin(self.desk.recording(net, call))
    }

    fn recording_window(&self) -> Window {
        // The address behind it is made anew each time (docs: retrieve call artifacts).
        Window { ready_s: 0, offered_s: 3_600, kept_s: 7 * 86_400 }
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

    fn heard(&self, reply: &[u8]) -> Value {
        let reply: Value = serde_json::from_slice(reply).unwrap_or(Value::Null);
        let result = reply["results"][0]["result"].as_str();
        result.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
    }

    fn sign(&self, body: &[u8], now_ms: i64) -> Option<HeaderMap> {
        self.proofs.sign(body, now_ms)
    }
}

/// A result is one line: Vapi takes no other.
fn one_line(answer: &str) -> String {
    answer.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests;
