//! What is asked of Vapi, Telnyx and Exotel: requests that their APIs take, refused where those
//! refuse, and calls that are placed once although there is no idempotency key.

use std::sync::{Arc, Mutex, PoisonError};

use frontdesk::app::businesses::SetUp;
use frontdesk::domain::access::Scope;
use frontdesk::store::businesses::Agent;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::upstream::{Said, Seen, Upstream};
use crate::harness::{Server, Setup, eventually};

/// Bodies that the APIs take: fields that must be there, and all that may.
const VAPI_CALL: (&[&str], &[&str]) = (
    &["assistantId", "phoneNumberId", "customer"],
    &["assistantId", "assistantOverrides", "phoneNumberId", "customer", "name", "schedulePlan"],
);
const TELNYX_CALL: (&[&str], &[&str]) = (
    &["connection_id", "from", "to"],
    &["connection_id", "from", "to", "client_state", "command_id", "webhook_url", "assistant"],
);
const EXOTEL_CALL: (&[&str], &[&str]) = (
    &["From", "CallerId", "Url"],
    &[
        "From",
        "CallerId",
        "Url",
        "CallType",
        "Record",
        "CustomField",
        "StatusCallback",
        "StatusCallbackEvents[0]",
        "StatusCallbackContentType",
    ],
);

/// Whether a body has what it must have and nothing unknown.
fn fits(body: &Value, (must, may): (&[&str], &[&str])) -> bool {
    let Some(fields) = body.as_object() else { return false };
    must.iter().all(|field| fields.contains_key(*field))
        && fields.keys().all(|field| may.contains(&field.as_str()))
}

#[derive(Default)]
struct State {
    calls: Vec<Value>,
    loses: usize,
}

type Shared = Arc<Mutex<State>>;

fn locked(state: &Shared) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
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

fn vapi(state: &Shared, seen: &Seen) -> Said {
    if seen.header("authorization") != "Bearer vapi_key" && seen.path != "/control/1" {
        return Said::Json(401, json!({"message": "Invalid Key"}));
    }
    let mut state = locked(state);
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/call") => {
            let body = seen.json();
            let name = body["name"].as_str().unwrap_or_default();
            if !fits(&body, VAPI_CALL) || name.len() > 40 || !body["customer"]["number"].is_string()
            {
                return Said::Json(400, json!({"message": "property should not exist"}));
            }
            let id = format!("vapi-call-{}", state.calls.len());
            let call = json!({"id": id, "status": "queued", "name": name, "type": "outboundPhoneCall",
                "customer": body["customer"], "createdAt": "2026-01-05T08:00:00.000Z",
                "monitor": {"controlUrl": format!("http://{}/control/1", seen.header("host"))}});
            kept(&mut state, call.clone(), Said::Json(201, call))
        }
        ("GET", path) if path.starts_with("/call?") => Said::Json(200, json!(state.calls)),
        ("GET", path) if path.starts_with("/call/") => {
            let call = state
                .calls
                .iter()
                .find(|call| path == format!("/call/{}", call["id"].as_str().unwrap_or("")));
            call.map_or(Said::Json(404, json!({})), |call| Said::Json(200, call.clone()))
        }
        ("POST", "/control/1") if seen.json() == json!({"type": "end-call"}) => {
            assert_eq!(seen.header("authorization"), "", "the key is not for that address");
            Said::Json(200, json!({}))
        }
        _ => Said::Json(404, json!({})),
    }
}

fn telnyx(state: &Shared, seen: &Seen) -> Said {
    if seen.header("authorization") != "Bearer telnyx_key" {
        return Said::Json(401, json!({"errors": [{"code": "10009"}]}));
    }
    let mut state = locked(state);
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/calls") => {
            let body = seen.json();
            if !fits(&body, TELNYX_CALL) {
                return Said::Json(422, json!({"errors": [{"code": "10015"}]}));
            }
            let again = state.calls.iter().find(|call| call["command_id"] == body["command_id"]);
            let call = again.cloned();
            let answer = |call: &Value| Said::Json(200, json!({"data": call}));
            if let Some(call) = call {
                return answer(&call);
            }
            let call = json!({"call_control_id": "v3:placed", "call_leg_id": "leg",
                "call_session_id": "session", "is_alive": false, "record_type": "call",
                "command_id": body["command_id"]});
            kept(&mut state, call.clone(), answer(&call))
        }
        ("POST", "/calls/v3:placed/actions/hangup") => Said::Json(
            422,
            json!({"errors": [{"code": "90018", "title": "Call has already ended"}]}),
        ),
        ("GET", "/calls/v3:placed") => Said::Json(
            200,
            json!({"data": {
            "call_control_id": "v3:placed", "call_leg_id": "leg", "call_session_id": "session",
            "is_alive": false, "call_duration": 9, "start_time": "2026-01-05T08:00:00Z",
            "end_time": "2026-01-05T08:00:09Z", "record_type": "call"}}),
        ),
        _ => Said::Json(404, json!({"errors": []})),
    }
}

fn exotel(state: &Shared, seen: &Seen) -> Said {
    // Basic of key:token.
    if seen.header("authorization") != "Basic a2V5OnRva2Vu" {
        return Said::Json(401, json!({"RestException": {"Status": 401}}));
    }
    let mut state = locked(state);
    let base = "/v1/Accounts/sid1";
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", path) if path == format!("{base}/Calls/connect.json") => {
            let pairs = form_urlencoded::parse(&seen.body).into_owned();
            let body = Value::Object(pairs.map(|(name, text)| (name, json!(text))).collect());
            if !fits(&body, EXOTEL_CALL) {
                return Said::Json(400, json!({"RestException": {"Status": 400}}));
            }
            let call = json!({"Sid": format!("ex{}", state.calls.len()), "Status": "completed",
                "From": body["From"], "To": body["CallerId"], "PhoneNumberSid": body["CallerId"],
                "Direction": "outbound-api", "StartTime": "2026-01-05 13:30:00",
                "EndTime": "2026-01-05 13:30:20", "Duration": "20", "Price": "0.5",
                "CustomField": body["CustomField"]});
            kept(&mut state, call.clone(), Said::Json(200, json!({"Call": call})))
        }
        ("GET", path) if path.starts_with(&format!("{base}/Calls.json?")) => {
            Said::Json(200, json!({"Metadata": {}, "Calls": state.calls}))
        }
        ("GET", path) if path.starts_with(&format!("{base}/Calls/")) => {
            let rest = path.trim_start_matches(&format!("{base}/Calls/"));
            let sid = rest.split('.').next().unwrap_or_default();
            let call = state.calls.iter().find(|call| call["Sid"] == sid);
            call.map_or(Said::Json(404, json!({})), |call| Said::Json(200, json!({"Call": call})))
        }
        _ => Said::Json(404, json!({})),
    }
}

/// A server whose account is at the stand-in, and a key.
async fn server(name: &str, table: &[(&str, &str)], url: &str) -> (Server, String) {
    let mut setup = Setup::plain()
        .set(&format!("VOICE__{name}__BASE_URL"), url)
        .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true")
        .set("LIMITS__OUTBOUND_PREFIXES", "[\"+\"]".replace('+', "+1").as_str());
    for (key, value) in table {
        setup = setup.set(&format!("VOICE__{name}__{key}"), value);
    }
    let server = setup.start().await;
    let business = server.business().await;
    let agent = Agent { account: name.to_lowercase(), provider_agent_id: "agent_out".to_owned() };
    let set_up = SetUp { agents: vec![agent], ..SetUp::default() };
    server.app().set_up(business, set_up).await.expect("the agent can be added");
    let key = server.key(business, &Scope::ALL).await;
    (server, key)
}

async fn order(server: &Server, key: &str) -> Value {
    let bearer = format!("Bearer {key}");
    let body = json!({"to_number": "+12025550142", "agent_id": "agent_out",
        "variables": {"reason": "reminder"}});
    let headers = [("authorization", bearer.as_str())];
    let sent = body.to_string().into_bytes();
    let answer = server.request(Method::POST, "/api/v1/calls", &headers, sent).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// Waits until the order is settled, letting time go on as often as it waits.
async fn settled(server: &Server) {
    eventually("the order is settled", async || {
        let waits = "SELECT count(*) FROM jobs WHERE kind = 'place_call' AND run_at > ";
        if server.number(&format!("{waits}{} AND leased = 0", server.now_ms())) == 1 {
            server.advance(SignedDuration::from_secs(6));
        }
        server.number("SELECT count(*) FROM call_orders WHERE state IN ('placed', 'failed')") == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vapi_places_once_finds_what_it_lost_and_ends_at_its_own_address() {
    let state = Shared::default();
    locked(&state).loses = 1;
    let rule = Arc::clone(&state);
    let upstream = Upstream::start(move |seen| vapi(&rule, seen)).await;
    let table = [("BEARER", "t"), ("API_KEY", "vapi_key"), ("PHONE_NUMBER_ID", "pn1")];
    let (server, key) = server("VAPI", &table, &upstream.url()).await;
    let made = order(&server, &key).await;
    settled(&server).await;
    assert_eq!(locked(&state).calls.len(), 1, "the lost answer placed no second call");
    let rows = "SELECT provider_call_id, status FROM calls";
    assert_eq!(server.db().cells(rows), [["vapi-call-0", "registered"]]);
    let path = format!("/api/v1/calls/{}/hang-up", made["id"].as_str().expect("an id"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let ended = server.request(Method::POST, &path, &headers, Vec::new()).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(upstream.seen().last().map(|seen| seen.path.clone()).as_deref(), Some("/control/1"));
    // The call ended and nobody told: it is asked for.
    locked(&state).calls[0]["status"] = json!("ended");
    locked(&state).calls[0]["endedReason"] = json!("customer-ended-call");
    locked(&state).calls[0]["endedAt"] = json!("2026-01-05T08:02:00.000Z");
    server.advance(SignedDuration::from_mins(30));
    server.app().reconcile().await.expect("it is asked");
    assert_eq!(server.db().text("SELECT status || outcome FROM calls"), "endedanswered");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telnyx_recognises_an_order_and_a_call_that_is_over_is_ended() {
    let state = Shared::default();
    locked(&state).loses = 1;
    let rule = Arc::clone(&state);
    let upstream = Upstream::start(move |seen| telnyx(&rule, seen)).await;
    let public = "5QrCYY+DWA6Qwdx17/UAcAwyB1m2giSOBehC4ketrOw=";
    let table = [("PUBLIC_KEYS", public), ("API_KEY", "telnyx_key"), ("CONNECTION_ID", "c1")];
    let (server, key) = server("TELNYX", &table, &upstream.url()).await;
    let made = order(&server, &key).await;
    settled(&server).await;
    assert_eq!(locked(&state).calls.len(), 1);
    let rows = "SELECT provider_call_id, status FROM calls";
    assert_eq!(server.db().cells(rows), [["session", "registered"]]);
    let [first, again] = upstream.seen().try_into().expect("it was dialled twice");
    assert_eq!(first.json(), again.json(), "with the same command");
    let path = format!("/api/v1/calls/{}/hang-up", made["id"].as_str().expect("an id"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let ended = server.request(Method::POST, &path, &headers, Vec::new()).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    server.advance(SignedDuration::from_mins(30));
    server.app().reconcile().await.expect("it is asked");
    assert_eq!(server.db().text("SELECT status || duration_ms FROM calls"), "ended9000");
    assert_eq!(server.db().text("SELECT last_error FROM reconciled WHERE account = 'telnyx'"), "");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exotel_is_asked_before_an_end_counts_and_finds_what_it_lost() {
    let state = Shared::default();
    locked(&state).loses = 1;
    let rule = Arc::clone(&state);
    let upstream = Upstream::start(move |seen| exotel(&rule, seen)).await;
    let table = [
        ("PATH_TOKEN", "4f9vQm1s8Zk2Lr7Xb0TnYw"),
        ("ACCOUNT_SID", "sid1"),
        ("API_KEY", "key"),
        ("API_TOKEN", "token"),
        ("APP_ID", "77"),
    ];
    let (server, key) = server("EXOTEL", &table, &upstream.url()).await;
    order(&server, &key).await;
    settled(&server).await;
    assert_eq!(locked(&state).calls.len(), 1, "found by its custom field");
    let rows = "SELECT provider_call_id, status FROM calls";
    assert_eq!(server.db().cells(rows), [["ex0", "registered"]]);
    // Whoever knows the address can claim that a call ended; it counts as Exotel tells it.
    let claim = "CallSid=ex0&Status=failed&RecordingUrl=https%3A%2F%2Fevil.example%2Fr.mp3";
    let hook = "/hooks/exotel/4f9vQm1s8Zk2Lr7Xb0TnYw";
    let sent = claim.as_bytes().to_vec();
    assert_eq!(server.request(Method::POST, hook, &[], sent).await.status, 200);
    server.settled().await;
    let told = "SELECT status, duration_ms, cost_micros, cost_currency FROM calls";
    assert_eq!(server.db().cells(told), [["ended", "20000", "500000", "INR"]]);
    assert!(!server.db().text("SELECT facts FROM calls").contains("evil.example"));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_wrong_or_missing_fails_the_order_and_says_so() {
    let cases: [(&str, Vec<(&str, &str)>); 3] = [
        ("VAPI", vec![("BEARER", "t"), ("API_KEY", "wrong"), ("PHONE_NUMBER_ID", "pn1")]),
        ("TELNYX", vec![("PUBLIC_KEYS", "5QrCYY+DWA6Qwdx17/UAcAwyB1m2giSOBehC4ketrOw=")]),
        ("EXOTEL", vec![("PATH_TOKEN", "4f9vQm1s8Zk2Lr7Xb0TnYw"), ("APP_ID", "7")]),
    ];
    for (name, table) in cases {
        let state = Shared::default();
        let upstream = Upstream::start(move |seen| match name {
            "VAPI" => vapi(&state, seen),
            "TELNYX" => telnyx(&state, seen),
            _ => exotel(&state, seen),
        })
        .await;
        let (server, key) = server(name, &table, &upstream.url()).await;
        order(&server, &key).await;
        settled(&server).await;
        let rows = "SELECT status, outcome, disconnection_reason FROM calls";
        assert_eq!(server.db().cells(rows), [["error", "failed", "order_refused"]], "{name}");
        server.app().reconcile().await.expect("an account without a key is no failure");
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_never_answers_is_not_waited_for_without_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let client = frontdesk::net::Client::new(std::time::Duration::from_millis(200), true);
    let asked = client.expect("a client").get(&url, http::HeaderMap::new()).await;
    let error = asked.expect_err("nobody answers").to_string();
    assert!(error.contains("too long"), "{error}");
    let strict = frontdesk::net::Client::new(std::time::Duration::from_secs(1), false);
    let asked = strict.expect("a client").get(&url, http::HeaderMap::new()).await;
    assert!(asked.expect_err("refused").to_string().contains("not https"));
}
