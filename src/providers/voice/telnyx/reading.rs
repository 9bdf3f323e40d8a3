//! What Telnyx's deliveries say.
//!
//! Events of a leg speak of that leg only: the call is made of its legs in the domain, so that the
//! end of a leg that a call was handed on to does not end the call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::call::{Cost, Direction, EndFamily, Leg, Moment, Report, Status};
use crate::domain::phone::PhoneNumber;
use crate::domain::transcript::{Role, Turn};
use crate::providers::voice::json::{integer, micros, text};
use crate::providers::voice::{CallNames, Event, Inbound, Road, ToolCall, Unreadable};

/// Header that names the call of a tool, filled in by Telnyx from a template.
pub const CALL: &str = "x-frontdesk-call";
/// Header with the number of the person.
pub const CALLER: &str = "x-frontdesk-caller";
/// Header with the number of the assistant.
pub const CALLED: &str = "x-frontdesk-called";
/// What is not needed to tell what a payload asks for.
pub const HEAVY: &[&str] = &["payload"];
/// The name under which a call that was asked for is kept.
pub const FETCHED: &str = "frontdesk.fetched";
/// How an order of ours begins.
const ORDER: &str = "frontdesk-";
/// What may stand beside the arguments where a body names its tool.
const ASIDE: [&str; 4] =
    ["call_control_id", "call_id", "telnyx_end_user_target", "telnyx_agent_target"];
/// Most characters of an id, and of an address.
const ID_MAX: usize = 200;
const URL_MAX: usize = 4_096;
/// Most turns of speech read from one event.
const TURNS_MAX: usize = 5_000;

/// Reads an event.
pub fn event(body: &Value) -> Result<Event, Unreadable> {
    let data = body.get("data").ok_or(Unreadable("there is no data"))?;
    let name = text(data, "event_type").ok_or(Unreadable("there is no event type"))?;
    let payload = data.get("payload").unwrap_or(&Value::Null);
    let at = instant(data, "occurred_at");
    let (moment, report) = match name.as_str() {
        "call.initiated" => (Moment::Started, of_leg(payload, Status::Registered, at)),
        "call.answered" => (Moment::Progress, of_leg(payload, Status::Ongoing, at)),
        // A leg may be bridged long after it was taken.
        "call.bridged" => (Moment::Progress, with_leg(leg(payload, Status::Ongoing))),
        "call.hangup" => (Moment::Ended, hung_up(payload, at)),
        // The hangup knows more of an end than this does.
        FETCHED => (Moment::Progress, fetched(payload)),
        "call.recording.saved" => (Moment::Other, recorded(payload)),
        "call.conversation.ended" => (Moment::Analyzed, conversation(payload)),
        "call.analyzed" => (Moment::Analyzed, analyzed(payload)),
        "call.cost" => (Moment::Analyzed, costs(payload)),
        "call.conversation_insights.generated" => {
            (Moment::Analyzed, Report { summary: insight(payload), ..Report::default() })
        }
        _ => (Moment::Other, Report::default()),
    };
    let call = names(payload);
    Ok(Event { name, call, moment, report, needs_confirming: false })
}

/// Reads a tool call: the body is its arguments, all else stands in the URL and the headers.
pub fn tool_call(body: Value, road: &Road<'_>) -> Result<ToolCall, Unreadable> {
    let Value::Object(mut arguments) = body else { return Err(Unreadable("it is no object")) };
    let asked = |name: &str| {
        let mut pairs = form_urlencoded::parse(road.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let header = |name: &str| {
        let value = road.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let tool = road.tool.map(str::to_owned).or_else(|| asked("tool"));
    let tool = tool.or_else(|| unwrapped(&mut arguments));
    let tool = tool.ok_or(Unreadable("nothing names the tool"))?;
    let told = [
        header(CALL),
        header("x-call-control-id"),
        asked("call"),
        asked("call_control_id"),
        taken(&mut arguments, "call_control_id"),
        taken(&mut arguments, "call_id"),
    ];
    let id = told.into_iter().flatten().find(|id| is_filled(id));
    let id = id.filter(|id| id.chars().count() <= ID_MAX && !id.contains('\0'));
    let id = id.ok_or(Unreadable("nothing names the call"))?;
    // Both are taken out of the arguments, whichever of them counts.
    let caller = [header(CALLER), taken(&mut arguments, "telnyx_end_user_target")];
    let called = [header(CALLED), taken(&mut arguments, "telnyx_agent_target")];
    let number = |told: [Option<String>; 2]| {
        told.into_iter().flatten().find(|text| is_filled(text)).map(e164)
    };
    let (from_number, to_number) = (number(caller), number(called));
    let report = Report {
        // The person and the agent are told, not who called whom: an event or an order tells that.
        from_number,
        to_number,
        ..Report::default()
    };
    Ok(ToolCall { id: String::new(), call: CallNames::one(id), report, tool, arguments })
}

/// Reads who is calling.
pub fn inbound(body: &Value) -> Result<Inbound, Unreadable> {
    let payload = body.get("data").and_then(|data| data.get("payload"));
    let payload = payload.ok_or(Unreadable("there is no payload"))?;
    let report = Report {
        agent: text(payload, "assistant_id"),
        from_number: text(payload, "telnyx_end_user_target").map(e164),
        to_number: text(payload, "telnyx_agent_target").map(e164),
        ..Report::default()
    };
    let call = id(payload, "call_control_id").map(CallNames::one);
    Ok(Inbound { call, report })
}

/// The tool that a body names which holds the arguments inside; they are then all that is left.
fn unwrapped(body: &mut Map<String, Value>) -> Option<String> {
    let name = ["tool", "name"].into_iter().find_map(|key| body.get(key)?.as_str());
    let name = name.filter(|name| !name.is_empty())?.to_owned();
    let Some(Value::Object(inner)) = body.remove("arguments") else { return None };
    let mut outside = std::mem::replace(body, inner);
    for key in ASIDE {
        if let Some(value) = outside.remove(key) {
            body.entry(key).or_insert(value);
        }
    }
    Some(name)
}

/// A template that was not filled in names nothing.
fn is_filled(text: &str) -> bool {
    !text.is_empty() && !text.contains("{{")
}

fn taken(arguments: &mut Map<String, Value>, name: &str) -> Option<String> {
    match arguments.remove(name)? {
        Value::String(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn id(value: &Value, key: &str) -> Option<String> {
    text(value, key).filter(|id| id.chars().count() <= ID_MAX && !id.contains('\0'))
}

/// The order of ours that a leg was placed by.
fn order(payload: &Value) -> Option<String> {
    let state = text(payload, "client_state").and_then(|state| STANDARD.decode(state).ok())?;
    let order = String::from_utf8(state).ok()?;
    let fits = order.starts_with(ORDER) && order.len() <= ID_MAX && !order.contains('\0');
    fits.then_some(order)
}

/// The session is the call; leg, token and order are other names of it.
fn names(payload: &Value) -> Option<CallNames> {
    let order = order(payload);
    let (session, control) = (id(payload, "call_session_id"), id(payload, "call_control_id"));
    let leg = id(payload, "call_leg_id");
    let all: Vec<String> = [session, control, leg, order].into_iter().flatten().collect();
    let (first, others) = all.split_first()?;
    Some(CallNames { id: first.clone(), others: others.to_vec() })
}

fn e164(written: String) -> String {
    match PhoneNumber::parse(&written) {
        Ok(number) => number.as_str().to_owned(),
        Err(_) => written.chars().take(ID_MAX).collect(),
    }
}

fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    text(value, key).and_then(|text| text.parse().ok())
}

fn direction(payload: &Value) -> Option<Direction> {
    match text(payload, "direction").as_deref() {
        Some("incoming" | "inbound") => Some(Direction::Inbound),
        Some("outgoing" | "outbound") => Some(Direction::Outbound),
        Some(_) | None => None,
    }
}

fn leg(payload: &Value, status: Status) -> Leg {
    let named = id(payload, "call_leg_id").or_else(|| id(payload, "call_control_id"));
    Leg {
        id: named.unwrap_or_default(),
        direction: direction(payload),
        status: Some(status),
        from_number: text(payload, "from").map(e164),
        to_number: text(payload, "to").map(e164),
        started_at: instant(payload, "start_time"),
        ..Leg::default()
    }
}

/// A leg without a name cannot be told from others.
fn with_leg(leg: Leg) -> Report {
    let legs = if leg.id.is_empty() { Vec::new() } else { vec![leg] };
    Report { legs, ..Report::default() }
}

fn of_leg(payload: &Value, status: Status, at: Option<Timestamp>) -> Report {
    let leg = leg(payload, status);
    let answered_at = at.filter(|_| status == Status::Ongoing);
    let began = if status == Status::Registered { at } else { None };
    let started_at = leg.started_at.or(began);
    with_leg(Leg { answered_at, started_at, ..leg })
}

fn hung_up(payload: &Value, at: Option<Timestamp>) -> Report {
    let word = text(payload, "hangup_cause").unwrap_or_default();
    let source = text(payload, "hangup_source");
    // Hangups often do not say which way the leg went: an order of ours does.
    let is_outgoing = direction(payload) == Some(Direction::Outbound) || order(payload).is_some();
    let (person, agent) = if is_outgoing { ("callee", "caller") } else { ("caller", "callee") };
    let (status, family) = match word.as_str() {
        "originator_cancel" | "timeout" | "user_busy" | "no_answer" | "not_found" => {
            (Status::NotConnected, EndFamily::NotReached)
        }
        "call_rejected" => (Status::NotConnected, EndFamily::Refused),
        "time_limit" => (Status::Ended, EndFamily::Limit),
        "normal_clearing" if source.as_deref() == Some(person) => {
            (Status::Ended, EndFamily::CallerHungUp)
        }
        "normal_clearing" if source.as_deref() == Some(agent) => {
            (Status::Ended, EndFamily::AgentHungUp)
        }
        _ => (Status::Ended, EndFamily::Other),
    };
    let ended_at = instant(payload, "end_time").or(at);
    let ended_by = (!word.is_empty()).then_some((word, family));
    with_leg(Leg { ended_at, ended_by, ..leg(payload, status) })
}

/// A leg that was asked for: whether it lives, and since and until when. Its duration is not that
/// of the call, which may have been handed on.
fn fetched(payload: &Value) -> Report {
    let is_alive = payload.get("is_alive").and_then(Value::as_bool);
    let status = is_alive.map(|alive| if alive { Status::Ongoing } else { Status::Ended });
    let ended_at = instant(payload, "end_time");
    with_leg(Leg { status, ended_at, ..leg(payload, Status::Ongoing) })
}

fn recorded(payload: &Value) -> Report {
    let urls = payload.get("recording_urls").unwrap_or(&Value::Null);
    let url = text(urls, "mp3").or_else(|| text(urls, "wav"));
    Report { recording: url.filter(|url| url.len() <= URL_MAX), ..Report::default() }
}

fn conversation(payload: &Value) -> Report {
    let messages = payload.get("messages").and_then(Value::as_array);
    let turns = messages.map(|all| all.iter().take(TURNS_MAX).filter_map(turn).collect());
    let seconds = integer(payload, "duration_sec").filter(|seconds| *seconds >= 0);
    Report {
        agent: text(payload, "assistant_id"),
        duration_ms: seconds.and_then(|seconds| seconds.checked_mul(1_000)),
        transcript: turns,
        ..Report::default()
    }
}

fn turn(message: &Value) -> Option<Turn> {
    let role = match text(message, "role")?.as_str() {
        "assistant" => Role::Agent,
        "user" => Role::Caller,
        "tool" => Role::Tool,
        _ => Role::Other,
    };
    let said = text(message, "content").or_else(|| text(message, "text"))?;
    Some(Turn { role, text: said, starts_ms: None, ends_ms: None })
}

fn analyzed(payload: &Value) -> Report {
    let insights = payload.get("conversation_insights").and_then(Value::as_array);
    let summary = insights.and_then(|all| all.iter().find_map(insight));
    let recordings = payload.get("recordings").and_then(Value::as_array);
    let urls = recordings.and_then(|all| all.first()?.get("download_urls").cloned());
    let url = urls.and_then(|urls| text(&urls, "mp3").or_else(|| text(&urls, "wav")));
    let cost = payload.get("cost").filter(|cost| cost.is_object());
    Report {
        summary,
        recording: url.filter(|url| url.len() <= URL_MAX),
        cost: cost.and_then(|cost| money(cost, "total", "currency")),
        ..Report::default()
    }
}

/// The first insight that is a text.
fn insight(payload: &Value) -> Option<String> {
    let results = payload.get("results").and_then(Value::as_array);
    let first = results.and_then(|all| all.iter().find_map(|one| text(one, "result")));
    first.or_else(|| text(payload, "result"))
}

fn costs(payload: &Value) -> Report {
    let parts = payload.get("cost_parts").and_then(Value::as_array);
    let currency = parts.and_then(|all| all.iter().find_map(|part| text(part, "currency")));
    let micros = amount(payload.get("total_cost"));
    let currency = currency.unwrap_or_else(|| "USD".to_owned());
    let cost = micros.map(|micros| Cost { micros, currency });
    // Each leg is charged for by itself.
    match id(payload, "call_leg_id") {
        Some(id) => with_leg(Leg { id, cost, ..Leg::default() }),
        None => Report { cost, ..Report::default() },
    }
}

fn money(value: &Value, amount_key: &str, currency_key: &str) -> Option<Cost> {
    let currency = text(value, currency_key).unwrap_or_else(|| "USD".to_owned());
    amount(value.get(amount_key)).map(|micros| Cost { micros, currency })
}

/// A decimal amount, as a text or a number, in millionths; digits beyond those are cut.
fn amount(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::String(text) => micros(text),
        Value::Number(number) => micros(&number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
