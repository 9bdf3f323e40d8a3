//! What Vapi's server messages say.
//!
//! Lenient: tool calls come in several shapes, and a message of a new type is kept under its name.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::call::{Cost, Direction, EndFamily, Moment, Report, Status};
use crate::domain::phone::PhoneNumber;
use crate::domain::transcript::{Role, Turn};
use crate::providers::voice::json::{instant_ms, scaled, text};
use crate::providers::voice::{CallNames, Event, Inbound, ToolCall, Unreadable};

/// The name under which a call that was asked for is kept.
pub const FETCHED: &str = "call-fetched";
/// What is not needed to tell what a message asks for.
pub const HEAVY: &[&str] = &[
    "artifact",
    "assistant",
    "call",
    "customer",
    "messages",
    "messagesOpenAIFormatted",
    "phoneNumber",
    "toolCallList",
    "toolCalls",
    "toolWithToolCallList",
    "transcript",
];
/// What a question tells of what was said so far; the events tell it anyway.
pub const SPOKEN: &[&str] =
    &["artifact", "messages", "messagesOpenAIFormatted", "transcript", "model"];
/// How an order of ours begins, in its short form.
const ORDER: &str = "fd-";
/// Most characters of an id, and of an address.
const ID_MAX: usize = 200;
const URL_MAX: usize = 4_096;
/// Most turns of speech read from one event, and most tool calls of one message.
const TURNS_MAX: usize = 5_000;
const CALLS_MAX: usize = 64;
/// Millionths of a dollar in a dollar.
const MICROS: f64 = 1_000_000.0;

/// Reads an event.
pub fn event(body: &Value) -> Result<Event, Unreadable> {
    let message = body.get("message").ok_or(Unreadable("there is no message"))?;
    let name = text(message, "type").ok_or(Unreadable("the message has no type"))?;
    let call = message.get("call").unwrap_or(&Value::Null);
    let status = text(message, "status").and_then(|word| status(&word));
    let is_over = matches!(status, Some(Status::Ended | Status::NotConnected));
    let moment = match name.as_str() {
        "end-of-call-report" => Moment::Analyzed,
        FETCHED if ended_at(call).is_some() => Moment::Analyzed,
        "status-update" if is_over => Moment::Ended,
        "status-update" if status == Some(Status::Ongoing) => Moment::Progress,
        "status-update" | FETCHED => Moment::Started,
        "transfer-update" | "phone-call-control" => Moment::Transfer,
        _ => Moment::Other,
    };
    let report = match name.as_str() {
        "end-of-call-report" => at_the_end(message, call),
        FETCHED => at_the_end(call, call),
        "transfer-update" => Report { handed_to: destination(message), ..known(message, call) },
        "status-update" => {
            let report = known(message, call);
            Report { status, ended_by: ended_by(message), ..report }
        }
        _ => known(message, call),
    };
    Ok(Event { name, call: names(call), moment, report, needs_confirming: false })
}

/// Reads the tool calls of a message.
pub fn tool_calls(body: &Value) -> Result<Vec<ToolCall>, Unreadable> {
    let message = body.get("message").ok_or(Unreadable("there is no message"))?;
    let call = message.get("call").unwrap_or(&Value::Null);
    let names = names(call).ok_or(Unreadable("the call has no usable id"))?;
    let report = known(message, call);
    let one = |id: String, told: &Value| {
        let (tool, arguments) = function(told);
        ToolCall { id, call: names.clone(), report: report.clone(), tool, arguments }
    };
    if let Some(old) = message.get("functionCall") {
        return Ok(vec![one(String::new(), old)]);
    }
    let list = |key: &str| message.get(key).and_then(Value::as_array).filter(|all| !all.is_empty());
    let with_tools = list("toolWithToolCallList");
    let wrapped: Option<Vec<&Value>> =
        with_tools.map(|all| all.iter().filter_map(|one| one.get("toolCall")).collect());
    let plain = list("toolCallList").or_else(|| list("toolCalls"));
    let all = plain.map(|all| all.iter().collect()).or(wrapped);
    let all: Vec<&Value> = all.unwrap_or_default();
    let calls: Vec<ToolCall> = all
        .into_iter()
        .take(CALLS_MAX)
        // Each has an answer of its own, an odd one too.
        .map(|told| one(text(told, "id").unwrap_or_else(|| "unnamed".to_owned()), told))
        .collect();
    if calls.is_empty() { Err(Unreadable("there is no tool call")) } else { Ok(calls) }
}

/// Reads who is calling, or whose call is to be handed on.
pub fn inbound(body: &Value) -> Result<Inbound, Unreadable> {
    let message = body.get("message").ok_or(Unreadable("there is no message"))?;
    let call = message.get("call").unwrap_or(&Value::Null);
    Ok(Inbound { call: names(call), report: known(message, call) })
}

/// A tool's name and arguments, which are an object or its JSON text.
fn function(told: &Value) -> (String, Map<String, Value>) {
    let function = told.get("function").unwrap_or(&Value::Null);
    let name = text(function, "name").or_else(|| text(told, "name")).unwrap_or_default();
    let places = [
        function.get("arguments"),
        told.get("arguments"),
        function.get("parameters"),
        told.get("parameters"),
    ];
    let arguments = match places.into_iter().flatten().next() {
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => {
            Map::new()
        }
    };
    (name, arguments)
}

fn id(value: &Value, key: &str) -> Option<String> {
    text(value, key).filter(|id| id.chars().count() <= ID_MAX && !id.contains('\0'))
}

/// The call's id; the order that it was placed by stands in its name or with its customer.
fn names(call: &Value) -> Option<CallNames> {
    let customer = call.get("customer").unwrap_or(&Value::Null);
    let told = [id(call, "name"), id(customer, "externalId")];
    let order = told.into_iter().flatten().find(|name| name.starts_with(ORDER));
    Some(CallNames { id: id(call, "id")?, others: order.into_iter().collect() })
}

fn e164(written: String) -> String {
    PhoneNumber::parse(&written).map_or(written, |number| number.as_str().to_owned())
}

/// What every message tells of its call.
fn known(message: &Value, call: &Value) -> Report {
    let direction = match text(call, "type").as_deref() {
        Some("inboundPhoneCall") => Some(Direction::Inbound),
        Some("outboundPhoneCall") => Some(Direction::Outbound),
        Some("webCall" | "vapi.websocketCall") => Some(Direction::Web),
        Some(_) | None => None,
    };
    let number = |key: &str| {
        let told = [message.get(key), call.get(key)].into_iter().flatten();
        told.filter_map(|one| text(one, "number")).next().map(e164)
    };
    let (theirs, ours) = (number("customer"), number("phoneNumber"));
    let (from_number, to_number) = match direction {
        Some(Direction::Outbound) => (ours, theirs),
        Some(Direction::Inbound | Direction::Web | Direction::Unknown) | None => (theirs, ours),
    };
    let assistant = message.get("assistant").unwrap_or(&Value::Null);
    Report {
        direction,
        agent: text(call, "assistantId").or_else(|| text(assistant, "id")),
        from_number,
        to_number,
        started_at: instant(call, "startedAt").or_else(|| instant(message, "startedAt")),
        ..Report::default()
    }
}

fn status(word: &str) -> Option<Status> {
    match word {
        "scheduled" | "queued" | "ringing" => Some(Status::Registered),
        "in-progress" | "forwarding" => Some(Status::Ongoing),
        "ended" => Some(Status::Ended),
        "not-found" => Some(Status::NotConnected),
        _ => None,
    }
}

fn ended_by(message: &Value) -> Option<(String, EndFamily)> {
    text(message, "endedReason").map(|word| {
        let family = family(&word);
        (word, family)
    })
}

fn ended_at(call: &Value) -> Option<Timestamp> {
    instant(call, "endedAt")
}

/// What is told once a call is over: by its report, or by the call that was asked for.
fn at_the_end(told: &Value, call: &Value) -> Report {
    let analysis = told.get("analysis").unwrap_or(&Value::Null);
    let artifact = told.get("artifact").unwrap_or(&Value::Null);
    let ended_by = ended_by(told).or_else(|| ended_by(call));
    let ended_at = ended_at(told).or_else(|| ended_at(call));
    let family = ended_by.as_ref().map(|(_, family)| *family);
    let is_over = ended_by.is_some() || ended_at.is_some();
    let status = match family {
        Some(EndFamily::NotReached) => Some(Status::NotConnected),
        Some(EndFamily::Failed) => Some(Status::Error),
        _ if is_over => Some(Status::Ended),
        _ => text(call, "status").and_then(|word| status(&word)),
    };
    let cost = scaled(told, "cost", MICROS).or_else(|| scaled(call, "cost", MICROS));
    Report {
        status,
        ended_at,
        ended_by,
        summary: text(analysis, "summary").or_else(|| text(told, "summary")),
        successful: success(analysis),
        in_voicemail: family.map(|family| family == EndFamily::Voicemail),
        cost: cost.map(|micros| Cost { micros, currency: "USD".to_owned() }),
        transcript: transcript(artifact),
        handed_to: destination(told),
        recording: recording(artifact),
        ..known(told, call)
    }
}

/// The judgement is a text: `true` and `pass` and the like.
fn success(analysis: &Value) -> Option<bool> {
    match text(analysis, "successEvaluation")?.to_ascii_lowercase().as_str() {
        "true" | "pass" | "yes" | "success" => Some(true),
        "false" | "fail" | "no" | "failure" => Some(false),
        _ => None,
    }
}

fn destination(told: &Value) -> Option<String> {
    let destination = told.get("destination")?;
    text(destination, "number").map(e164).or_else(|| text(destination, "sipUri"))
}

fn recording(artifact: &Value) -> Option<String> {
    let mono = artifact.get("recording").and_then(|recording| recording.get("mono"));
    let url = text(artifact, "presignedMonoUrl")
        .or_else(|| text(mono?, "combinedUrl"))
        .or_else(|| text(artifact, "recordingUrl"));
    url.filter(|url| url.len() <= URL_MAX)
}

fn transcript(artifact: &Value) -> Option<Vec<Turn>> {
    let messages = artifact.get("messages").and_then(Value::as_array)?;
    Some(messages.iter().take(TURNS_MAX).filter_map(turn).collect())
}

fn turn(message: &Value) -> Option<Turn> {
    let role = match text(message, "role")?.as_str() {
        "bot" | "assistant" => Role::Agent,
        "user" => Role::Caller,
        "system" => return None,
        "tool" | "tool_calls" | "tool_call_result" => Role::Tool,
        _ => Role::Other,
    };
    let said = text(message, "message").or_else(|| text(message, "content"))?;
    let starts_ms = scaled(message, "secondsFromStart", 1_000.0).filter(|ms| *ms >= 0);
    let lasts_ms = scaled(message, "duration", 1.0).filter(|ms| *ms >= 0);
    let ends_ms = starts_ms.zip(lasts_ms).map(|(start, lasts)| start + lasts);
    Some(Turn { role, text: said, starts_ms, ends_ms })
}

/// An instant as in RFC 3339, or in milliseconds.
fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    text(value, key).and_then(|text| text.parse().ok()).or_else(|| instant_ms(value, key))
}

/// Hundreds of reasons in families, by how they begin.
fn family(word: &str) -> EndFamily {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    match word {
        "customer-ended-call" => EndFamily::CallerHungUp,
        "voicemail" => EndFamily::Voicemail,
        "exceeded-max-duration" => EndFamily::Limit,
        "customer-did-not-answer"
        | "customer-busy"
        | "customer-did-not-give-microphone-permission" => EndFamily::NotReached,
        "silence-timed-out" | "manually-canceled" | "call-deleted" => EndFamily::AgentHungUp,
        "assistant-forwarded-call" => EndFamily::Transferred,
        _ if word.contains("concurrency") || word.contains("daily-limit") => EndFamily::Limit,
        _ if word.contains("error-") || word.contains("-failed") => EndFamily::Failed,
        _ if begins(&["assistant-ended-call", "assistant-said-"]) => EndFamily::AgentHungUp,
        _ if begins(&["call.forwarding.", "transfer"]) => EndFamily::Transferred,
        _ if begins(&["pipeline-error", "assistant-request-", "call.start.error"]) => {
            EndFamily::Failed
        }
        _ if begins(&["call.ringing."]) => EndFamily::NotReached,
        _ => EndFamily::Other,
    }
}
