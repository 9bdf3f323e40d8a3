//! Stand-ins for the REST APIs of Vapi, Telnyx and Exotel: they place, keep, list and end calls.
//!
//! They refuse a wrong key and whatever their contract does not take. Never tell anybody of a call.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::contract::Contract;
use super::upstream::{Said, Seen, Upstream};

/// Calls on a page of Exotel's list, of which it lets at most a hundred be asked for.
const EXOTEL_PAGE: usize = 100;
/// The path of Exotel's account.
const EXOTEL_BASE: &str = "/v1/Accounts/sid1";

static VAPI: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(include_str!("../../fixtures/vapi/requests.json")));
static TELNYX: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(include_str!("../../fixtures/telnyx/requests.json")));
static EXOTEL: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(include_str!("../../fixtures/exotel/requests.json")));

/// What an API holds.
#[derive(Default)]
pub struct State {
    /// Its calls, the oldest first.
    pub calls: Vec<Value>,
    /// How many answers to orders get lost from now on.
    pub loses: usize,
}

/// One of the APIs.
pub struct FakeVoice {
    state: Arc<Mutex<State>>,
    upstream: Upstream,
}

impl FakeVoice {
    /// The stand-in for a provider.
    pub async fn start(provider: &str) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (kept, rule) = (Arc::clone(&state), rule(provider));
        let upstream = Upstream::start(move |seen| rule(&mut lock(&kept), seen));
        Self { state, upstream: upstream.await }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.upstream.url()
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.upstream.seen()
    }

    /// What it holds, to look at or to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn rule(provider: &str) -> fn(&mut State, &Seen) -> Said {
    match provider {
        "vapi" => vapi,
        "telnyx" => telnyx,
        "exotel" => exotel,
        other => panic!("{other} has no stand-in"),
    }
}

/// Keeps a call; loses the answer when that was ordered.
fn kept(state: &mut State, call: Value, answer: Said) -> Said {
    state.calls.push(call);
    if state.loses > 0 {
        state.loses -= 1;
        return Said::Lost;
    }
    answer
}

fn vapi(state: &mut State, seen: &Seen) -> Said {
    if (seen.method.as_str(), seen.path.as_str()) == ("POST", "/control/1") {
        assert_eq!(seen.header("authorization"), "", "the key is not for that address");
        let ends = seen.json() == json!({"type": "end-call"});
        return Said::Json(if ends { 200 } else { 400 }, json!({}));
    }
    if seen.header("authorization") != "Bearer vapi_key" {
        return Said::Json(401, json!({"message": "Invalid Key"}));
    }
    if let Some(fault) = VAPI.fault(seen) {
        return Said::Json(400, json!({"message": [fault], "error": "Bad Request"}));
    }
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    match (seen.method.as_str(), path) {
        ("POST", "/call") => {
            let body = seen.json();
            let id = format!("vapi-call-{}", state.calls.len());
            let call = json!({"id": id, "status": "queued", "name": body["name"],
                "type": "outboundPhoneCall", "customer": body["customer"],
                "createdAt": "2026-01-05T08:00:00.000Z",
                "monitor": {"controlUrl": format!("http://{}/control/1", seen.header("host"))}});
            kept(state, call.clone(), Said::Json(201, call))
        }
        ("GET", "/call") => Said::Json(200, json!(vapi_page(&state.calls, query))),
        ("GET", _) if path.ends_with("/mono-recording") => {
            let id = path.trim_start_matches("/call/").trim_end_matches("/mono-recording");
            let call = state.calls.iter().find(|call| call["id"] == id);
            let url = call.and_then(|call| call["recordedAt"].as_str());
            url.map_or(Said::Json(404, json!({})), |url| Said::Moved(url.to_owned()))
        }
        ("GET", _) => {
            let id = path.trim_start_matches("/call/");
            let call = state.calls.iter().find(|call| call["id"] == id);
            call.map_or(Said::Json(404, json!({})), |call| Said::Json(200, call.clone()))
        }
        _ => Said::Json(404, json!({})),
    }
}

/// A page of Vapi's list: the newest first, as many as are asked for.
fn vapi_page(calls: &[Value], query: &str) -> Vec<Value> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let asked = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str());
    let limit: usize = asked("limit").and_then(|text| text.parse().ok()).unwrap_or(100);
    let instant = |text: &str| text.parse::<jiff::Timestamp>().expect("times are RFC 3339");
    let made = |call: &Value| instant(call["createdAt"].as_str().expect("a time"));
    let within = |call: &&Value| {
        asked("createdAtGe").is_none_or(|from| made(call) >= instant(from))
            && asked("createdAtLt").is_none_or(|until| made(call) < instant(until))
            && asked("createdAtLe").is_none_or(|until| made(call) <= instant(until))
    };
    let mut all: Vec<Value> = calls.iter().filter(within).cloned().collect();
    all.sort_by_key(|call| std::cmp::Reverse(made(call)));
    all.truncate(limit);
    all
}

fn telnyx(state: &mut State, seen: &Seen) -> Said {
    if seen.header("authorization") != "Bearer telnyx_key" {
        return Said::Json(401, json!({"errors": [{"code": "10009"}]}));
    }
    if let Some(fault) = TELNYX.fault(seen) {
        return Said::Json(422, json!({"errors": [{"code": "10015", "detail": fault}]}));
    }
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/calls") => {
            let command = &seen.json()["command_id"];
            let answer = |call: &Value| Said::Json(200, json!({"data": call}));
            if let Some(call) = state.calls.iter().find(|call| call["command_id"] == *command) {
                return answer(call);
            }
            let call = json!({"call_control_id": "v3:placed", "call_leg_id": "leg",
                "call_session_id": "session", "is_alive": false, "record_type": "call",
                "call_duration": 9, "start_time": "2026-01-05T08:00:00Z",
                "end_time": "2026-01-05T08:00:09Z", "command_id": command});
            kept(state, call.clone(), answer(&call))
        }
        ("POST", _) => Said::Json(
            422,
            json!({"errors": [{"code": "90018", "title": "Call has already ended"}]}),
        ),
        ("GET", path) if path.starts_with("/recordings?") => {
            let session = path.rsplit('=').next().unwrap_or_default();
            let of = |call: &&Value| call["call_session_id"] == session;
            let recordings: Vec<Value> = state
                .calls
                .iter()
                .filter(of)
                .filter(|call| call["recordedAt"].is_string())
                .map(|call| {
                    json!({"id": "r1", "status": "completed", "created_at": "2026-01-05T08:00:10Z",
                        "download_urls": {"wav": call["recordedAt"]}})
                })
                .collect();
            Said::Json(200, json!({"data": recordings}))
        }
        (_, path) => {
            let id = path.trim_start_matches("/calls/");
            let call = state.calls.iter().find(|call| call["call_control_id"] == id);
            let unknown = Said::Json(404, json!({"errors": [{"code": "10005"}]}));
            call.map_or(unknown, |call| Said::Json(200, json!({"data": call})))
        }
    }
}

fn exotel(state: &mut State, seen: &Seen) -> Said {
    let refused = |status: u16, why: &str| {
        Said::Json(status, json!({"RestException": {"Status": status, "Message": why}}))
    };
    // Basic of key:token.
    if seen.header("authorization") != "Basic a2V5OnRva2Vu" {
        return refused(401, "Authentication failed");
    }
    if let Some(fault) = EXOTEL.fault(&with_form_as_json(seen)) {
        return refused(400, &fault);
    }
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    match path.trim_start_matches(EXOTEL_BASE) {
        "/Calls/connect.json" => {
            let body = with_form_as_json(seen).json();
            let call = json!({"Sid": format!("ex{}", state.calls.len()), "Status": "completed",
                "From": body["From"], "To": body["CallerId"], "PhoneNumberSid": body["CallerId"],
                "Direction": "outbound-api", "StartTime": "2026-01-05 13:30:00",
                "EndTime": "2026-01-05 13:30:20", "Duration": "20", "Price": "0.5",
                "CustomField": body["CustomField"]});
            kept(state, call.clone(), Said::Json(200, json!({"Call": call})))
        }
        "/Calls.json" => Said::Json(200, exotel_page(&state.calls, query)),
        one => {
            let sid = one.trim_start_matches("/Calls/").trim_end_matches(".json");
            let call = state.calls.iter().find(|call| call["Sid"] == sid);
            call.map_or(refused(404, "no such call"), |call| Said::Json(200, json!({"Call": call})))
        }
    }
}

/// A page of Exotel's list; the address of the next one is a path.
fn exotel_page(calls: &[Value], query: &str) -> Value {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let after = pairs.find(|(name, _)| name == "After").map(|(_, text)| text.into_owned());
    let skip: usize = after.and_then(|text| text.parse().ok()).unwrap_or(0);
    let page: Vec<Value> = calls.iter().skip(skip).take(EXOTEL_PAGE).cloned().collect();
    let end = skip + page.len();
    let next = (end < calls.len()).then(|| format!("{EXOTEL_BASE}/Calls.json?After={end}"));
    json!({"Metadata": {"PageSize": EXOTEL_PAGE, "NextPageUri": next}, "Calls": page})
}

/// A request whose form, if it has one, is told as JSON.
fn with_form_as_json(seen: &Seen) -> Seen {
    let pairs = form_urlencoded::parse(&seen.body).into_owned();
    let fields = pairs.map(|(name, text)| (name, json!(text))).collect();
    Seen { body: Value::Object(fields).to_string().into_bytes(), ..seen.clone() }
}
