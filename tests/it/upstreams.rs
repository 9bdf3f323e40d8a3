//! What is asked of Vapi, Telnyx and Exotel: requests that their APIs take, refused where those
//! refuse, and calls that are placed once although there is no idempotency key.

use frontdesk::app::businesses::SetUp;
use frontdesk::domain::access::Scope;
use frontdesk::net::Manner;
use frontdesk::store::businesses::Agent;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::fake_voice::FakeVoice;
use crate::harness::{Server, Setup, eventually};

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
    let key = server.key(business, &Scope::for_keys()).await;
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
    let upstream = FakeVoice::start("vapi").await;
    upstream.state().loses = 1;
    let table = [("BEARER", "t"), ("API_KEY", "vapi_key"), ("PHONE_NUMBER_ID", "pn1")];
    let (server, key) = server("VAPI", &table, &upstream.url()).await;
    let made = order(&server, &key).await;
    settled(&server).await;
    assert_eq!(upstream.state().calls.len(), 1, "the lost answer placed no second call");
    let rows = "SELECT provider_call_id, status FROM calls";
    assert_eq!(server.db().cells(rows), [["vapi-call-0", "registered"]]);
    let path = format!("/api/v1/calls/{}/hang-up", made["id"].as_str().expect("an id"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let ended = server.request(Method::POST, &path, &headers, Vec::new()).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(upstream.seen().last().map(|seen| seen.path.clone()).as_deref(), Some("/control/1"));
    // The call ended and nobody told: it is asked for.
    upstream.state().calls[0]["status"] = json!("ended");
    upstream.state().calls[0]["endedReason"] = json!("customer-ended-call");
    upstream.state().calls[0]["endedAt"] = json!("2026-01-05T08:02:00.000Z");
    server.advance(SignedDuration::from_mins(30));
    server.app().reconcile().await.expect("it is asked");
    assert_eq!(server.db().text("SELECT status || outcome FROM calls"), "endedanswered");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telnyx_recognises_an_order_and_a_call_that_is_over_is_ended() {
    let upstream = FakeVoice::start("telnyx").await;
    upstream.state().loses = 1;
    let public = "5QrCYY+DWA6Qwdx17/UAcAwyB1m2giSOBehC4ketrOw=";
    let table = [("PUBLIC_KEYS", public), ("API_KEY", "telnyx_key"), ("CONNECTION_ID", "c1")];
    let (server, key) = server("TELNYX", &table, &upstream.url()).await;
    let made = order(&server, &key).await;
    settled(&server).await;
    assert_eq!(upstream.state().calls.len(), 1);
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
    let upstream = FakeVoice::start("exotel").await;
    upstream.state().loses = 1;
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
    assert_eq!(upstream.state().calls.len(), 1, "found by its custom field");
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
async fn a_list_of_calls_is_read_to_its_last_page() {
    let vapi = FakeVoice::start("vapi").await;
    let exotel = FakeVoice::start("exotel").await;
    for n in 0..250 {
        // Three at a time are made in the same instant.
        let second = n / 3;
        let at = format!("2026-01-05T06:{:02}:{:02}.000Z", second / 60, second % 60);
        vapi.state().calls.push(json!({"id": format!("v{n}"), "status": "ended",
            "createdAt": at, "endedAt": at, "endedReason": "customer-ended-call"}));
        exotel.state().calls.push(json!({"Sid": format!("e{n}"), "Status": "completed",
            "StartTime": "2026-01-05 12:30:00", "EndTime": "2026-01-05 12:30:20"}));
    }
    let setup = Setup::plain()
        .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true")
        .set("VOICE__VAPI__BASE_URL", &vapi.url())
        .set("VOICE__VAPI__BEARER", "t")
        .set("VOICE__VAPI__API_KEY", "vapi_key")
        .set("VOICE__EXOTEL__BASE_URL", &exotel.url())
        .set("VOICE__EXOTEL__PATH_TOKEN", "4f9vQm1s8Zk2Lr7Xb0TnYw")
        .set("VOICE__EXOTEL__ACCOUNT_SID", "sid1")
        .set("VOICE__EXOTEL__API_KEY", "key")
        .set("VOICE__EXOTEL__API_TOKEN", "token");
    let server = setup.start().await;
    server.go_to("2026-01-05T08:00:00Z");
    server.app().reconcile().await.expect("both are asked");
    let kept = "SELECT account || count(*) FROM calls WHERE status = 'ended' GROUP BY account";
    assert_eq!(server.db().cells(kept), [["exotel250"], ["vapi250"]]);
    assert_eq!((vapi.seen().len(), exotel.seen().len()), (3, 3), "a request a page");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_an_api_does_not_take_is_refused_by_its_stand_in() {
    use crate::harness::contract::Contract;
    use crate::harness::upstream::Seen;
    let contract = Contract::read(include_str!("../fixtures/vapi/requests.json"));
    let fault = |method: Method, path: &str, body: Value| {
        let (headers, body) = (http::HeaderMap::new(), body.to_string().into_bytes());
        contract.fault(&Seen { method, path: path.to_owned(), headers, body }).unwrap_or_default()
    };
    let good = json!({"assistantId": "a", "customer": {"number": "+12025550142"}});
    assert_eq!(fault(Method::POST, "/call", good), "");
    let cases = [
        (Method::POST, "/call", json!({"assistantId": 7}), "not of type"),
        (Method::POST, "/call", json!({"asistantId": "a"}), "asistantId"),
        (Method::POST, "/call", json!({"name": "x".repeat(41)}), "longer than 40"),
        (Method::GET, "/call?page=2", Value::Null, "page is not known"),
        (Method::GET, "/calls", Value::Null, "does not exist"),
    ];
    for (method, path, body, wanted) in cases {
        let told = fault(method, path, body);
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_wrong_or_missing_fails_the_order_and_says_so() {
    let cases: [(&str, Vec<(&str, &str)>); 3] = [
        ("VAPI", vec![("BEARER", "t"), ("API_KEY", "wrong"), ("PHONE_NUMBER_ID", "pn1")]),
        ("TELNYX", vec![("PUBLIC_KEYS", "5QrCYY+DWA6Qwdx17/UAcAwyB1m2giSOBehC4ketrOw=")]),
        ("EXOTEL", vec![("PATH_TOKEN", "4f9vQm1s8Zk2Lr7Xb0TnYw"), ("APP_ID", "7")]),
    ];
    for (name, table) in cases {
        let upstream = FakeVoice::start(&name.to_lowercase()).await;
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
    let client =
        frontdesk::net::Client::new(Manner::trying(std::time::Duration::from_millis(200), true));
    let asked = client.expect("a client").get(&url, http::HeaderMap::new()).await;
    let error = asked.expect_err("nobody answers").to_string();
    assert!(error.contains("too long"), "{error}");
    let strict =
        frontdesk::net::Client::new(Manner::trying(std::time::Duration::from_secs(1), false));
    let asked = strict.expect("a client").get(&url, http::HeaderMap::new()).await;
    assert!(asked.expect_err("refused").to_string().contains("not https"));
}
