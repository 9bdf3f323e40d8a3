//! Retell: signed webhooks and custom functions.
//!
//! The signature is `x-retell-signature: v=<ms>,d=<hex>`, HMAC-SHA-256 by the API key over the raw
//! body followed by the decimal milliseconds, valid five minutes to either side (Retell SDK,
//! `lib/webhook_auth`). Amounts are in US cents. Never reads a body before it is verified.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::json::{boolean, instant_ms, integer, object, scaled, seconds_ms, text};
use super::scene::{Act, Scene};
use super::{
    Built, Event, Kind, Refusal, Reply, ToolCall, Unreadable, Verified, Voice, description,
    parameters,
};
use crate::config::Section;
use crate::crypto::digest::{hex, unhex32};
use crate::crypto::signature::HmacKey;
use crate::domain::call::{Cost, Direction, EndFamily, Moment, Report, Status};
use crate::domain::phone::PhoneNumber;
use crate::domain::tool::Tool;
use crate::domain::transcript::{Role, Turn};

/// How this provider is named and built.
pub const KIND: Kind = Kind { name: "retell", build, definition };

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
/// What a tool call tells of what was said so far; the events tell it anyway.
const SPOKEN: &[&str] = &["transcript", "transcript_object", "transcript_with_tool_calls"];
/// Most turns of speech read from one event.
const TURNS_MAX: usize = 5_000;

struct Retell {
    keys: Vec<HmacKey>,
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
    table.finish()?;
    let keys = keys.iter().map(|key| HmacKey::new(key.expose().as_bytes())).collect();
    Ok(Box::new(Retell { keys }))
}

impl Voice for Retell {
    fn verify(&self, headers: &HeaderMap, body: Bytes, now_ms: i64) -> Result<Verified, Refusal> {
        let mut values = headers.get_all(SIGNATURE).iter();
        let header = values.next().ok_or(Refusal::SignatureMissing)?;
        if values.next().is_some() {
            return Err(Refusal::SignatureInvalid);
        }
        let (time_ms, code) = parse(header.as_bytes()).ok_or(Refusal::SignatureInvalid)?;
        if now_ms.abs_diff(time_ms) > WINDOW_MS {
            return Err(Refusal::SignatureExpired);
        }
        let time = time_ms.to_string();
        let signed = [&body[..], time.as_bytes()];
        // Every key is tried, so that the time taken does not tell which one fits.
        let fits = self.keys.iter().fold(false, |fits, key| key.verifies(&signed, &code) | fits);
        if fits { Ok(Verified::new(body)) } else { Err(Refusal::SignatureInvalid) }
    }

    fn event(&self, payload: &Verified) -> Result<Event, Unreadable> {
        let body = object(payload.body(), &[])?;
        let name = text(&body, "event").ok_or(Unreadable("there is no event name"))?;
        if name == "call_inbound" || name.starts_with("chat_") {
            let report = Report::default();
            return Ok(Event { name, call_id: None, moment: Moment::Other, report });
        }
        let call = body.get("call").ok_or(Unreadable("there is no call"))?;
        let call_id = call_id(call).ok_or(Unreadable("the call has no usable id"))?;
        let moment = match name.as_str() {
            "call_started" => Moment::Started,
            "transcript_updated" => Moment::Progress,
            "transfer_started" | "transfer_bridged" | "transfer_cancelled" | "transfer_ended" => {
                Moment::Transfer
            }
            "call_ended" => Moment::Ended,
            "call_analyzed" => Moment::Analyzed,
            _ => Moment::Other,
        };
        Ok(Event { name, call_id: Some(call_id), moment, report: report(call) })
    }

    fn tool_call(&self, payload: &Verified) -> Result<ToolCall, Unreadable> {
        let body = object(payload.body(), SPOKEN)?;
        let tool = text(&body, "name").ok_or(Unreadable("there is no tool name"))?;
        let call = body.get("call").ok_or(Unreadable("there is no call"))?;
        let call_id = call_id(call).ok_or(Unreadable("the call has no usable id"))?;
        let report = report(call);
        let arguments = match body.get("args") {
            None | Some(Value::Null) => Map::new(),
            Some(args) => args.as_object().cloned().ok_or(Unreadable("args is not an object"))?,
        };
        Ok(ToolCall { call_id, report, tool, arguments })
    }

    fn answer(&self, answer: &str) -> Reply {
        let content_type = HeaderValue::from_static("application/json");
        Reply { content_type, body: Bytes::copy_from_slice(answer.as_bytes()) }
    }

    fn stage(&self, scene: &Scene, act: &Act) -> Bytes {
        let body = match act {
            Act::Started => json!({"event": "call_started", "call": staged(scene)}),
            Act::Tool { name, arguments } => {
                json!({"name": name, "args": arguments, "call": staged(scene)})
            }
            Act::Ended => json!({"event": "call_ended", "call": staged(scene)}),
            Act::Analyzed { summary } => {
                let mut call = staged(scene);
                call["call_analysis"] = json!({
                    "call_summary": summary,
                    "user_sentiment": "Positive",
                    "call_successful": true,
                    "in_voicemail": false,
                });
                json!({"event": "call_analyzed", "call": call})
            }
        };
        body.to_string().into()
    }

    fn sign(&self, body: &[u8], now_ms: i64) -> (HeaderName, HeaderValue) {
        let key = self.keys.first().expect("built with at least one key");
        let code = hex(&key.sign(&[body, now_ms.to_string().as_bytes()]));
        let value = HeaderValue::try_from(format!("v={now_ms},d={code}"));
        (SIGNATURE, value.expect("digits and hexadecimal digits are a header value"))
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

fn call_id(call: &Value) -> Option<String> {
    text(call, "call_id").filter(|id| id.chars().count() <= 200 && !id.contains('\0'))
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

/// The call object that Retell would send at this point of a scene.
fn staged(scene: &Scene) -> Value {
    let seconds = |ms: i64| ms as f64 / 1_000.0;
    let turn = |turn: &Turn| {
        let role = if turn.role == Role::Caller { "user" } else { "agent" };
        let word = |word| {
            json!({
                "word": word,
                "start": seconds(turn.starts_ms.unwrap_or(0)),
                "end": seconds(turn.ends_ms.unwrap_or(0)),
            })
        };
        let words: Vec<Value> = turn.text.split_whitespace().take(1).map(word).collect();
        json!({"role": role, "content": turn.text, "words": words})
    };
    let mut call = json!({
        "call_type": "phone_call",
        "call_id": scene.call_id,
        "agent_id": scene.agent,
        "agent_version": 1,
        "call_status": if scene.ended_at.is_some() { "ended" } else { "ongoing" },
        "direction": "inbound",
        "from_number": scene.from_number,
        "to_number": scene.to_number,
        "start_timestamp": scene.started_at.as_millisecond(),
        "transcript_object": scene.turns.iter().map(turn).collect::<Vec<_>>(),
    });
    if let Some(ended_at) = scene.ended_at {
        let duration_ms = ended_at.as_millisecond() - scene.started_at.as_millisecond();
        call["end_timestamp"] = json!(ended_at.as_millisecond());
        call["duration_ms"] = json!(duration_ms);
        call["disconnection_reason"] = json!("agent_hangup");
        // Retell counts in cents; seven a minute is its common price.
        let cents = seconds(duration_ms) / 60.0 * 7.0;
        call["call_cost"] = json!({"combined_cost": cents, "product_costs": []});
    }
    call
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
