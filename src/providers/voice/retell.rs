//! Retell: signed webhooks and custom functions.
//!
//! The signature is `x-retell-signature: v=<ms>,d=<hex>`, HMAC-SHA-256 by the API key over the raw
//! body followed by the decimal milliseconds, valid five minutes to either side (Retell SDK,
//! `lib/webhook_auth`). Amounts are in US cents. Never reads a body before it is verified.

mod asking;
mod scenes;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use self::asking::Desk;
use super::json::{boolean, instant_ms, integer, object, scaled, seconds_ms, text};
use super::provision::{Change, Plan};
use super::scene::{Act, Scene};
use super::{
    Asking, Built, CallNames, Delivery, Event, Fetched, Handover, Inbound, Incoming, Kind, Listed,
    Order, Placed, Refusal, Reply, Road, Source, Taken, ToolAnswer, ToolCall, Unreadable, Verified,
    Voice, description, parameters,
};
use crate::config::{Secret, Section};
use crate::crypto::digest::{hex, unhex32};
use crate::crypto::signature::HmacKey;
use crate::domain::call::{Cost, Direction, EndFamily, Moment, Report, Status};
use crate::domain::phone::PhoneNumber;
use crate::domain::recording::Window;
use crate::domain::tool::Tool;
use crate::domain::transcript::{Role, Turn};
use crate::net::Client;

/// How this provider is named and built.
pub const KIND: Kind = Kind { name: "retell", build, definition: Some(definition) };

const SIGNATURE: HeaderName = HeaderName::from_static("x-retell-signature");
/// Milliseconds that a signature's time may be from ours, either way.
const WINDOW_MS: u64 = 300_000;
/// Most digits of a signature's time.
const TIME_DIGITS_MAX: usize = 18;
/// Millionths of a dollar in a cent.
const MICROS_A_CENT: f64 = 10_000.0;
/// How long Retell should wait for a tool, and how often ask again: asking twice books once.
const TOOL_TIMEOUT_MS: u32 = 10_000;
const TOOL_RETRIES: u32 = 2;
/// Names the call of a tool whose payload is the arguments alone; the user fills it in by template.
const CALL: HeaderName = HeaderName::from_static("x-frontdesk-call");
/// Most characters of an id, and of an address.
const ID_MAX: usize = 200;
const URL_MAX: usize = 4_096;
/// What is not needed to tell what a payload asks for.
const HEAVY: &[&str] = &["call", "args", "call_inbound"];
/// What a tool call tells of what was said so far; the events tell it anyway.
const SPOKEN: &[&str] = &["transcript", "transcript_object", "transcript_with_tool_calls"];
/// Most turns of speech read from one event.
const TURNS_MAX: usize = 5_000;

struct Retell {
    keys: Vec<HmacKey>,
    desk: Desk,
}

/// A custom function, as in `general_tools` of a Retell LLM.
fn definition(tool: Tool, url: &str) -> Value {
    json!({
        "type": "custom",
        "name": tool.name(),
        "description": description(tool),
        "url": url,
        "method": "POST",
        "args_at_root": false,
        "speak_during_execution": false,
        "speak_after_execution": true,
        "timeout_ms": TOOL_TIMEOUT_MS,
        "max_retry": TOOL_RETRIES,
        "parameters": parameters(tool),
    })
}

fn build(section: &Section) -> Built {
    let mut table = section.reader();
    let keys = table.secrets("api_keys");
    if keys.is_empty() {
        table.refuse("api_keys", "is required: without an API key no request can be verified");
    }
    let base_url = table.text("base_url");
    table.finish()?;
    let desk = Desk::new(base_url, keys.first().map(Secret::expose));
    let keys = keys.iter().map(|key| HmacKey::new(key.expose().as_bytes())).collect();
    Ok(Box::new(Retell { keys, desk }))
}

impl Voice for Retell {
    fn verify(&self, request: &Incoming<'_>) -> Result<Verified, Refusal> {
        let mut values = request.headers.get_all(SIGNATURE).iter();
        let header = values.next().ok_or(Refusal::SignatureMissing)?;
        if values.next().is_some() {
            return Err(Refusal::SignatureInvalid);
        }
        let (time_ms, code) = parse(header.as_bytes()).ok_or(Refusal::SignatureInvalid)?;
        if request.now_ms.abs_diff(time_ms) > WINDOW_MS {
            return Err(Refusal::SignatureExpired);
        }
        let time = time_ms.to_string();
        let signed = [&request.body[..], time.as_bytes()];
        // Every key is tried, so that the time taken does not tell which one fits.
        let fits = self.keys.iter().fold(false, |fits, key| key.verifies(&signed, &code) | fits);
        if fits { Ok(Verified::new(request.body.clone())) } else { Err(Refusal::SignatureInvalid) }
    }

    fn presents(&self, request: &Incoming<'_>) -> Result<(), Refusal> {
        request.headers.get(SIGNATURE).map(drop).ok_or(Refusal::SignatureMissing)
    }

    fn sort(&self, payload: &Verified) -> Delivery {
        let Ok(body) = object(payload.body(), HEAVY) else { return Delivery::Event };
        // Tools have an address of their own.
        match text(&body, "event").as_deref() {
            Some("call_inbound") => Delivery::Inbound,
            Some(_) | None => Delivery::Event,
        }
    }

    fn event(&self, payload: &Verified) -> Result<Event, Unreadable> {
        let body = object(payload.body(), &[])?;
        let name = text(&body, "event").ok_or(Unreadable("there is no event name"))?;
        if name == "call_inbound" || name.starts_with("chat_") {
            let (moment, report) = (Moment::Other, Report::default());
            return Ok(Event { name, call: None, moment, report, needs_confirming: false });
        }
        let call = body.get("call").ok_or(Unreadable("there is no call"))?;
        let names = names(call).ok_or(Unreadable("the call has no usable id"))?;
        let moment = match name.as_str() {
            "call_started" => Moment::Started,
            "transcript_updated" => Moment::Progress,
            "transfer_started" | "transfer_bridged" | "transfer_cancelled" | "transfer_ended" => {
                Moment::Transfer
            }
            "call_ended" => Moment::Ended,
            "call_analyzed" => Moment::Analyzed,
            asking::FETCHED => fetched_moment(call),
            _ => Moment::Other,
        };
        let report = Report { handed_to: handed_to(&body, call), ..report(call) };
        Ok(Event { name, call: Some(names), moment, report, needs_confirming: false })
    }

    fn tool_calls(&self, payload: &Verified, road: &Road<'_>) -> Result<Vec<ToolCall>, Unreadable> {
        let body = object(payload.body(), SPOKEN)?;
        let Some(call) = body.get("call") else { return bare(body, road).map(|call| vec![call]) };
        let tool = text(&body, "name").or_else(|| road.tool.map(str::to_owned));
        let tool = tool.ok_or(Unreadable("there is no tool name"))?;
        let names = names(call).ok_or(Unreadable("the call has no usable id"))?;
        let report = report(call);
        let arguments = match body.get("args") {
            None | Some(Value::Null) => Map::new(),
            Some(args) => args.as_object().cloned().ok_or(Unreadable("args is not an object"))?,
        };
        Ok(vec![ToolCall { id: String::new(), call: names, report, tool, arguments }])
    }

    fn answer(&self, answers: &[ToolAnswer<'_>]) -> Reply {
        let content_type = HeaderValue::from_static("application/json");
        let body = answers.first().map_or("{}", |one| one.answer);
        Reply { content_type, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn inbound(&self, payload: &Verified) -> Result<Inbound, Unreadable> {
        let body = object(payload.body(), &[])?;
        let told = body.get("call_inbound").ok_or(Unreadable("there is no call_inbound"))?;
        let report = Report {
            direction: Some(Direction::Inbound),
            agent: text(told, "agent_id"),
            from_number: number(told, "from_number"),
            to_number: number(told, "to_number"),
            ..Report::default()
        };
        Ok(Inbound { call: call_id(told).map(CallNames::one), report })
    }

    fn welcome(&self, taken: &Taken) -> Reply {
        let mut answer = Map::new();
        if let Some(welcome) = &taken.welcome {
            let texts = welcome.0.iter().map(|(name, text)| ((*name).to_owned(), json!(text)));
            answer.insert("dynamic_variables".to_owned(), Value::Object(texts.collect()));
        }
        if let Some(agent) = &taken.agent {
            answer.insert("override_agent_id".to_owned(), json!(agent));
        }
        Reply::json(&json!({ "call_inbound": answer }))
    }

    /// Retell never asks: where calls go is set up at the agent.
    fn hand_over(&self, to: &Handover) -> Reply {
        let number = to.number.as_ref().map(PhoneNumber::as_str);
        Reply::json(&json!({ "transfer_destination": number }))
    }

    fn place<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Placed> {
        Box::pin(self.desk.place(net, order))
    }

    fn remembers_orders(&self) -> u32 {
        asking::ORDERS_REMEMBERED_S
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
        // A signed address is good for a day (docs: signed_url_expiration_ms); the analysis, which may
        // name it first, takes minutes.
        Window { ready_s: 0, offered_s: 3_600, kept_s: 86_400 }
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

    fn sign(&self, body: &[u8], now_ms: i64) -> Option<HeaderMap> {
        let key = self.keys.first().expect("built with at least one key");
        let code = hex(&key.sign(&[body, now_ms.to_string().as_bytes()]));
        let value = HeaderValue::try_from(format!("v={now_ms},d={code}"));
        let value = value.expect("digits and hexadecimal digits are a header value");
        Some(HeaderMap::from_iter([(SIGNATURE, value)]))
    }
}

/// Reads `v=<digits>,d=<64 lower-case hexadecimal digits>` and nothing else.
fn parse(header: &[u8]) -> Option<(i64, [u8; 32])> {
    let rest = header.strip_prefix(b"v=")?;
    let comma = rest.iter().position(|byte| *byte == b',')?;
    let (digits, code) = rest.split_at(comma);
    let plausible = (1..=TIME_DIGITS_MAX).contains(&digits.len());
    if !plausible || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let time_ms = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((time_ms, unhex32(code.strip_prefix(b",d=")?)?))
}

/// A tool whose payload is the arguments alone: the URL names the tool, a header the call.
fn bare(body: Value, road: &Road<'_>) -> Result<ToolCall, Unreadable> {
    let tool = road.tool.ok_or(Unreadable("there is no call; leave \"args only\" off"))?;
    let id = road.headers.get(CALL).and_then(|value| value.to_str().ok());
    let id = id.filter(|id| (1..=ID_MAX).contains(&id.len()) && !id.contains("{{"));
    let id = id.ok_or(Unreadable("no header names the call"))?;
    let Value::Object(arguments) = body else { return Err(Unreadable("it is not an object")) };
    Ok(ToolCall {
        id: String::new(),
        call: CallNames::one(id.to_owned()),
        report: Report::default(),
        tool: tool.to_owned(),
        arguments,
    })
}

/// The moment that a call object shows which was asked for.
fn fetched_moment(call: &Value) -> Moment {
    let analysed = call.get("call_analysis").is_some_and(Value::is_object);
    let over = text(call, "call_status").and_then(|word| status(&word));
    match over {
        Some(Status::Ended | Status::NotConnected | Status::Error) if analysed => Moment::Analyzed,
        Some(Status::Ended | Status::NotConnected | Status::Error) => Moment::Ended,
        Some(Status::Initiated | Status::Registered | Status::Ongoing) | None => Moment::Started,
    }
}

/// To whom a call was handed on: events of transfers tell it, and so does the last call object.
fn handed_to(body: &Value, call: &Value) -> Option<String> {
    let told = body.get("transfer_destination").or_else(|| call.get("transfer_destination"))?;
    let told = told.as_str().or_else(|| told.get("number")?.as_str())?;
    let number = PhoneNumber::parse(told).map(|number| number.as_str().to_owned());
    Some(number.unwrap_or_else(|_| told.chars().take(ID_MAX).collect()))
}

fn call_id(call: &Value) -> Option<String> {
    text(call, "call_id").filter(|id| id.chars().count() <= ID_MAX && !id.contains('\0'))
}

/// The call's id, and the order that it was placed by.
fn names(call: &Value) -> Option<CallNames> {
    let order = call.get("metadata").and_then(|metadata| text(metadata, asking::ORDER));
    let others = order.filter(|order| order.len() <= ID_MAX).into_iter().collect();
    Some(CallNames { id: call_id(call)?, others })
}

fn report(call: &Value) -> Report {
    let analysis = call.get("call_analysis").unwrap_or(&Value::Null);
    let cost = call.get("call_cost").unwrap_or(&Value::Null);
    let status = call.get("call_status").and_then(Value::as_str).and_then(status);
    let direction = match (text(call, "call_type").as_deref(), text(call, "direction").as_deref()) {
        (Some("web_call"), _) => Some(Direction::Web),
        (_, Some("inbound")) => Some(Direction::Inbound),
        (_, Some("outbound")) => Some(Direction::Outbound),
        _ => None,
    };
    Report {
        status,
        agent: text(call, "agent_id"),
        direction,
        from_number: number(call, "from_number"),
        to_number: number(call, "to_number"),
        started_at: instant_ms(call, "start_timestamp"),
        ended_at: instant_ms(call, "end_timestamp"),
        duration_ms: integer(call, "duration_ms").filter(|ms| *ms >= 0),
        ended_by: text(call, "disconnection_reason").map(|word| {
            let family = family(&word);
            (word, family)
        }),
        summary: text(analysis, "call_summary"),
        sentiment: text(analysis, "user_sentiment"),
        successful: boolean(analysis, "call_successful"),
        in_voicemail: boolean(analysis, "in_voicemail"),
        cost: scaled(cost, "combined_cost", MICROS_A_CENT)
            .map(|micros| Cost { micros, currency: "USD".to_owned() }),
        transcript: transcript(call),
        recording: text(call, "recording_url").filter(|url| url.len() <= URL_MAX),
        ..Report::default()
    }
}

/// A telephone number in E.164 where it is one, else as it was written.
fn number(call: &Value, key: &str) -> Option<String> {
    let written = text(call, key)?;
    Some(PhoneNumber::parse(&written).map_or(written, |number| number.as_str().to_owned()))
}

fn status(word: &str) -> Option<Status> {
    match word {
        "registered" => Some(Status::Registered),
        "ongoing" => Some(Status::Ongoing),
        "ended" => Some(Status::Ended),
        "not_connected" => Some(Status::NotConnected),
        "error" => Some(Status::Error),
        _ => None,
    }
}

fn family(word: &str) -> EndFamily {
    match word {
        "user_hangup" | "user_requested_dnc" | "user_requested_callback" => EndFamily::CallerHungUp,
        "agent_hangup" | "inactivity" | "manual_stopped" => EndFamily::AgentHungUp,
        "call_transfer" | "transfer_bridged" | "transfer_cancelled" | "call_take_over" => {
            EndFamily::Transferred
        }
        "voicemail_reached" | "ivr_reached" => EndFamily::Voicemail,
        "dial_busy"
        | "dial_failed"
        | "dial_no_answer"
        | "invalid_destination"
        | "user_declined"
        | "error_user_not_joined"
        | "registered_call_timeout" => EndFamily::NotReached,
        "max_duration_reached"
        | "concurrency_limit_reached"
        | "no_concurrency_fallback"
        | "no_valid_payment"
        | "credit_exhausted"
        | "budget_reached" => EndFamily::Limit,
        "scam_detected"
        | "marked_as_spam"
        | "network_blocked"
        | "telephony_provider_permission_denied" => EndFamily::Refused,
        "telephony_provider_unavailable" | "sip_routing_error" => EndFamily::Failed,
        word if word.starts_with("error_") => EndFamily::Failed,
        _ => EndFamily::Other,
    }
}

fn transcript(call: &Value) -> Option<Vec<Turn>> {
    let Some(turns) = call.get("transcript_object").and_then(Value::as_array) else {
        return text(call, "transcript").map(|text| plain_turns(&text));
    };
    Some(turns.iter().take(TURNS_MAX).filter_map(turn).collect())
}

fn turn(value: &Value) -> Option<Turn> {
    let role = match value.get("role").and_then(Value::as_str)? {
        "agent" => Role::Agent,
        "user" => Role::Caller,
        "transfer_target" => Role::TransferTarget,
        _ => Role::Other,
    };
    let words = value.get("words").and_then(Value::as_array);
    let starts_ms = words.and_then(|w| w.first()).and_then(|word| seconds_ms(word, "start"));
    let ends_ms = words.and_then(|w| w.last()).and_then(|word| seconds_ms(word, "end"));
    Some(Turn { role, text: text(value, "content")?, starts_ms, ends_ms })
}

/// Turns out of a text of lines such as `Agent: Hello.`; a line without a name goes on the last.
fn plain_turns(text: &str) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for line in text.lines().take(TURNS_MAX).filter(|line| !line.trim().is_empty()) {
        let (role, said) = match line.split_once(": ") {
            Some(("Agent", said)) => (Role::Agent, said),
            Some(("User", said)) => (Role::Caller, said),
            Some(("Transfer Target", said)) => (Role::TransferTarget, said),
            _ => {
                if let Some(last) = turns.last_mut() {
                    last.text.push('\n');
                    last.text.push_str(line);
                    continue;
                }
                (Role::Other, line)
            }
        };
        turns.push(Turn { role, text: said.to_owned(), starts_ms: None, ends_ms: None });
    }
    turns
}

#[cfg(test)]
mod tests;
