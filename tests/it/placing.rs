//! Calls that are placed: written down first, dialled once, and never lost in between.

use frontdesk::domain::access::Scope;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::fake_retell::{FakeRetell, Fault};
use crate::harness::{Answer, Server, Setup, eventually, retell};

/// A server whose Retell is the stand-in, with numbers in the USA allowed.
fn setup(fake: &FakeRetell) -> Setup {
    Setup::plain()
        .account("retell", &[retell::KEY])
        .set("VOICE__RETELL__BASE_URL", &fake.url())
        .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true")
        .set("LIMITS__OUTBOUND_PREFIXES", "[\"+1\"]")
}

async fn key(server: &Server) -> String {
    let business = server.business().await;
    server.key(business, &[Scope::CallsRead, Scope::CallsWrite]).await
}

async fn order(server: &Server, key: &str, body: Value, once: Option<&str>) -> Answer {
    let bearer = format!("Bearer {key}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(once.map(|once| ("idempotency-key", once)));
    server.request(Method::POST, "/api/v1/calls", &headers, body.to_string().into_bytes()).await
}

async fn call(server: &Server, key: &str, id: &Value) -> Value {
    let path = format!("/api/v1/calls/{}", id.as_str().expect("an id"));
    server.get(&path, Some(key)).await.json()
}

/// Waits until the provider has named a call.
async fn placed(server: &Server, key: &str, id: &Value) -> Value {
    // Not by the interface: a key may only ask so often.
    eventually("the call is placed", async || {
        server.number("SELECT count(*) FROM calls WHERE status = 'initiated'") == 0
    })
    .await;
    call(server, key, id).await
}

fn wanted() -> Value {
    json!({
        "to_number": "+12025550142",
        "variables": {"customer_name": "Robin"},
        "test": true,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_written_down_dialled_once_and_ends_as_its_events_tell() {
    let fake = FakeRetell::start().await;
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    let answer = order(&server, &key, wanted(), Some("first")).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    assert_eq!((&made["status"], &made["direction"]), (&json!("initiated"), &json!("outbound")));
    assert_eq!((&made["is_test"], &made["from_number"]), (&json!(true), &json!(retell::NUMBER)));
    let shown = placed(&server, &key, &made["id"]).await;
    assert_eq!(shown["provider_call_id"], "call_placed_0");
    assert_eq!(shown["status"], "registered");
    // The same request again is the same call.
    let again = order(&server, &key, wanted(), Some("first")).await;
    assert_eq!((again.status, &again.json()["id"]), (201, &made["id"]));
    let [sent] = fake.seen().try_into().expect("it was dialled once");
    let told = sent.json();
    assert_eq!(told["override_agent_id"], retell::AGENT);
    assert_eq!(told["retell_llm_dynamic_variables"], json!({"customer_name": "Robin"}));
    assert_eq!(told["metadata"]["frontdesk_order"], told["idempotency_key"]);
    // Its events tell the rest.
    let mut over = fake.calls()[0].clone();
    over["call_status"] = json!("ended");
    over["start_timestamp"] = json!(retell::STARTED_MS);
    over["end_timestamp"] = json!(retell::STARTED_MS + 60_000);
    over["disconnection_reason"] = json!("dial_no_answer");
    over["recording_url"] = json!("https://recordings.example.com/r.wav");
    let event = json!({"event": "call_ended", "call": over}).to_string();
    assert_eq!(server.hook(&event).await.status, 204);
    server.settled().await;
    let ended = call(&server, &key, &made["id"]).await;
    assert_eq!((&ended["status"], &ended["outcome"]), (&json!("ended"), &json!("missed")));
    assert_eq!(server.number("SELECT count(*) FROM calls"), 1);
    // Its recording is known by its address, which nobody is shown.
    assert!(server.db().text("SELECT facts FROM calls").contains("recordings.example.com"));
    assert!(!ended.to_string().contains("recordings.example.com"));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_answer_was_lost_is_dialled_again_and_stays_one_call() {
    let fake = FakeRetell::start().await;
    fake.fails(Fault::LosesAnswer);
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    let made = order(&server, &key, wanted(), None).await.json();
    eventually("it was dialled", async || !fake.seen().is_empty()).await;
    eventually("it waits", async || {
        server.number("SELECT count(*) FROM jobs WHERE leased = 0") == 1
    })
    .await;
    assert_eq!(server.db().text("SELECT state FROM call_orders"), "dialling");
    server.advance(SignedDuration::from_secs(6));
    let shown = placed(&server, &key, &made["id"]).await;
    assert_eq!(shown["provider_call_id"], "call_placed_0");
    assert_eq!(fake.calls().len(), 1, "the provider recognised the order");
    assert_eq!(server.number("SELECT count(*) FROM calls"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_before_the_answer_is_of_the_same_call() {
    let fake = FakeRetell::start().await;
    fake.fails(Fault::LosesAnswer);
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    let made = order(&server, &key, wanted(), None).await.json();
    eventually("it was dialled", async || !fake.calls().is_empty()).await;
    // The provider names the call to us by an event, while we do not know that it was placed.
    let mut begun = fake.calls()[0].clone();
    begun["call_status"] = json!("ongoing");
    let event = json!({"event": "call_started", "call": begun}).to_string();
    assert_eq!(server.hook(&event).await.status, 204);
    let shown = placed(&server, &key, &made["id"]).await;
    assert_eq!((&shown["id"], &shown["status"]), (&made["id"], &json!("ongoing")));
    assert_eq!(shown["provider_call_id"], "call_placed_0");
    server.advance(SignedDuration::from_secs(6));
    server.settled().await;
    assert_eq!((fake.calls().len(), server.number("SELECT count(*) FROM calls")), (1, 1));
    assert_eq!(server.db().text("SELECT state FROM call_orders"), "placed");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_the_order_and_being_turned_away_does_not() {
    let fake = FakeRetell::start().await;
    fake.fails(Fault::Answers(402));
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    let made = order(&server, &key, wanted(), None).await.json();
    let shown = placed(&server, &key, &made["id"]).await;
    assert_eq!((&shown["status"], &shown["outcome"]), (&json!("error"), &json!("failed")));
    assert_eq!(shown["disconnection_reason"], "order_refused");
    fake.fails(Fault::Answers(429));
    let made = order(&server, &key, wanted(), None).await.json();
    eventually("it was turned away", async || fake.seen().len() == 2).await;
    eventually("it waits", async || {
        server.number("SELECT count(*) FROM jobs WHERE leased = 0") == 1
    })
    .await;
    server.advance(SignedDuration::from_secs(6));
    assert_eq!(placed(&server, &key, &made["id"]).await["status"], "registered");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_answers_for_is_given_up() {
    let fake = FakeRetell::start().await;
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    for _ in 0..2 {
        fake.fails(Fault::Answers(503));
    }
    let made = order(&server, &key, wanted(), None).await.json();
    eventually("it was dialled", async || !fake.seen().is_empty()).await;
    eventually("it waits", async || {
        server.number("SELECT count(*) FROM jobs WHERE leased = 0") == 1
    })
    .await;
    // Past the time in which the provider would recognise it, nothing is dialled any more.
    server.advance(SignedDuration::from_hours(2));
    let shown = placed(&server, &key, &made["id"]).await;
    assert_eq!(shown["disconnection_reason"], "order_unknown");
    assert_eq!(fake.calls().len(), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_called_whom_the_configuration_does_not_name() {
    let fake = FakeRetell::start().await;
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    let cases = [
        (json!({"to_number": "+4930123456"}), "to_number"),
        (json!({"to_number": ""}), "to_number"),
        (json!({"to_number": "+12025550142", "from_number": "+12025550199"}), "from_number"),
        (json!({"to_number": "+12025550142", "agent_id": "another"}), "agent_id"),
        (json!({"to_number": "+12025550142", "account": "vapi"}), "agent_id"),
        (
            json!({"to_number": "+12025550142",
                "property_id": "019b7000-0000-7000-8000-000000000000"}),
            "property_id",
        ),
        (json!({"to_number": "+12025550142", "variables": {"": "x"}}), "variables"),
        (json!({"to_number": "+12025550142", "colour": "red"}), "colour"),
    ];
    for (body, field) in cases {
        let problem = order(&server, &key, body, None).await.problem(400, "invalid");
        assert_eq!(problem["field"], field);
    }
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0);
    assert!(fake.seen().is_empty());
    server.finish().await;
    // Without prefixes nobody at all is called.
    let closed = Setup::plain().start().await;
    let key = self::key(&closed).await;
    let problem = order(&closed, &key, wanted(), None).await.problem(400, "invalid");
    assert_eq!(problem["field"], "to_number");
    closed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_call_in_a_minute_is_refused() {
    let fake = FakeRetell::start().await;
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    for _ in 0..10 {
        assert_eq!(order(&server, &key, wanted(), None).await.status, 201);
    }
    let refused = order(&server, &key, wanted(), None).await;
    refused.problem(429, "too_often");
    let seconds: u32 = refused.header("retry-after").parse().expect("it says when to come again");
    assert!((1..=60).contains(&seconds));
    server.settled().await;
    assert_eq!(fake.calls().len(), 10);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_goes_on_is_ended_and_one_that_is_over_is_left_alone() {
    let fake = FakeRetell::start().await;
    let server = setup(&fake).start().await;
    let key = key(&server).await;
    let made = order(&server, &key, wanted(), None).await.json();
    placed(&server, &key, &made["id"]).await;
    let path = format!("/api/v1/calls/{}/hang-up", made["id"].as_str().expect("an id"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let answer = server.request(Method::POST, &path, &headers, Vec::new()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(fake.calls()[0]["call_status"], "ended");
    let over = json!({"event": "call_ended", "call": fake.calls()[0]}).to_string();
    assert_eq!(server.hook(&over).await.status, 204);
    server.settled().await;
    let seen = fake.seen().len();
    let again = server.request(Method::POST, &path, &headers, Vec::new()).await;
    assert_eq!((again.status, fake.seen().len()), (200, seen), "nobody is asked twice");
    server.finish().await;
}
