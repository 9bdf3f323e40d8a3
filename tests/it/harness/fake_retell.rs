//! Retell's REST API as its documentation says: calls are placed, kept, listed and ended.
//!
//! Refuses what the API refuses: a wrong key, fields that are missing or unknown, numbers that are
//! none, ids that are not known (with 422). Its faults are ordered by the test.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

use super::contract::Contract;
use super::retell;
use super::upstream::{Said, Seen, Upstream};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(include_str!("../../fixtures/retell/requests.json")));

/// Something that goes wrong, once.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It does what is asked, and the answer is lost.
    LosesAnswer,
    /// It does nothing and answers with a status.
    Answers(u16),
}

#[derive(Default)]
struct State {
    calls: Vec<Value>,
    keys: Vec<(String, String)>,
    faults: VecDeque<Fault>,
}

/// The API and what it holds.
pub struct FakeRetell {
    state: Arc<Mutex<State>>,
    upstream: Upstream,
}

impl FakeRetell {
    /// Starts one that knows no call yet.
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let kept = Arc::clone(&state);
        let upstream = Upstream::start(move |seen| {
            let mut state = kept.lock().unwrap_or_else(PoisonError::into_inner);
            answer(&mut state, seen)
        });
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

    /// The calls that it knows.
    pub fn calls(&self) -> Vec<Value> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).calls.clone()
    }

    /// Lets it know a call that it carried.
    pub fn carries(&self, call: Value) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).calls.push(call);
    }

    /// Has, or has no more, a recording of a call that it knows.
    pub fn records(&self, call_id: &str, url: Option<&str>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let call = state.calls.iter_mut().find(|call| call["call_id"] == call_id);
        call.expect("it knows the call")["recording_url"] = json!(url);
    }

    /// Orders what goes wrong next.
    pub fn fails(&self, fault: Fault) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).faults.push_back(fault);
    }
}

fn refused(status: u16, message: &str) -> Said {
    Said::Json(status, json!({"status": "error", "message": message}))
}

fn answer(state: &mut State, seen: &Seen) -> Said {
    if seen.header("authorization") != format!("Bearer {}", retell::KEY) {
        return refused(401, "API key is invalid");
    }
    let fault = state.faults.pop_front();
    if let Some(Fault::Answers(status)) = fault {
        return refused(status, "not now");
    }
    if let Some(fault) = CONTRACT.fault(seen) {
        return refused(400, &fault);
    }
    let done = act(state, seen);
    match fault {
        Some(Fault::LosesAnswer) => Said::Lost,
        Some(Fault::Answers(_)) | None => done,
    }
}

fn act(state: &mut State, seen: &Seen) -> Said {
    let body = seen.json();
    let (path, method) = (seen.path.as_str(), seen.method.as_str());
    let unknown = || refused(422, "Cannot find requested asset");
    match (method, path) {
        ("POST", "/v2/create-phone-call") => place(state, &body),
        ("POST", "/v3/list-calls") => list(state, &body),
        ("GET", _) if path.starts_with("/v2/get-call/") => {
            let id = path.trim_start_matches("/v2/get-call/");
            let call = state.calls.iter().find(|call| call["call_id"] == id);
            call.map_or_else(unknown, |call| Said::Json(200, call.clone()))
        }
        ("POST", _) if path.starts_with("/v2/stop-call/") => {
            let id = path.trim_start_matches("/v2/stop-call/");
            match state.calls.iter_mut().find(|call| call["call_id"] == id) {
                Some(call) => {
                    call["call_status"] = json!("ended");
                    Said::Json(204, Value::Null)
                }
                None => unknown(),
            }
        }
        _ => refused(404, "no such path"),
    }
}

fn place(state: &mut State, order: &Value) -> Said {
    let number = |field: &str| {
        let text = order[field].as_str().unwrap_or_default();
        text.starts_with('+') && text[1..].bytes().all(|byte| byte.is_ascii_digit())
    };
    if !number("from_number") || !number("to_number") {
        return refused(400, "Invalid request format");
    }
    let key = order["idempotency_key"].as_str().unwrap_or_default().to_owned();
    if let Some((_, id)) = state.keys.iter().find(|(known, _)| !key.is_empty() && *known == key) {
        let call = state.calls.iter().find(|call| call["call_id"] == id.as_str());
        return Said::Json(201, call.cloned().unwrap_or(Value::Null));
    }
    let id = format!("call_placed_{}", state.calls.len());
    let call = json!({
        "call_type": "phone_call",
        "call_id": id,
        "agent_id": order["override_agent_id"],
        "call_status": "registered",
        "direction": "outbound",
        "from_number": order["from_number"],
        "to_number": order["to_number"],
        "metadata": order["metadata"],
    });
    state.calls.push(call.clone());
    state.keys.push((key, id));
    Said::Json(201, call)
}

fn list(state: &State, wanted: &Value) -> Said {
    let within = &wanted["filter_criteria"]["start_timestamp"];
    let from = within["lower_threshold"].as_i64().unwrap_or(i64::MIN);
    let until = within["upper_threshold"].as_i64().unwrap_or(i64::MAX);
    let limit = usize::try_from(wanted["limit"].as_u64().unwrap_or(50)).unwrap_or(50);
    let skip: usize = wanted["pagination_key"].as_str().unwrap_or("0").parse().unwrap_or(0);
    let began = |call: &&Value| {
        let at = call["start_timestamp"].as_i64();
        at.is_none_or(|at| (from..=until).contains(&at))
    };
    let all: Vec<Value> = state.calls.iter().filter(began).cloned().collect();
    let page: Vec<Value> = all.iter().skip(skip).take(limit).cloned().collect();
    let end = skip + page.len();
    let more = end < all.len();
    let mut answer = json!({"items": page, "has_more": more});
    if more {
        answer["pagination_key"] = json!(end.to_string());
    }
    Said::Json(200, answer)
}
