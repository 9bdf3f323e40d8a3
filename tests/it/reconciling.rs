//! Calls of which events were lost: the provider is asked, and they are as if nothing was lost.

use frontdesk::domain::access::Scope;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::harness::fake_retell::{FakeRetell, Fault};
use crate::harness::{Server, Setup, retell};

/// Calls that the provider carried.
const CALLS: usize = 250;

async fn server(fake: &FakeRetell) -> Server {
    let setup = Setup::plain()
        .account("retell", &[retell::KEY])
        .set("VOICE__RETELL__BASE_URL", &fake.url())
        .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true");
    let server = setup.start().await;
    server.go_to_ms(retell::STARTED_MS + 3_600_000);
    server
}

/// The whole call as the provider has it.
fn whole(id: &str) -> Value {
    let told: Value = serde_json::from_str(&retell::analyzed(id)).expect("JSON");
    told["call"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_whose_end_was_lost_is_recovered_and_the_count_is_shown() {
    let fake = FakeRetell::start().await;
    let server = server(&fake).await;
    let key = server.key(server.business().await, &[Scope::CallsRead]).await;
    let (mut lost, mut open) = (0, 0);
    for n in 0..CALLS {
        let id = format!("call_{n}");
        fake.carries(whole(&id));
        // Of every ten calls one is lost whole, of one the end, and of one what came after it.
        let events = match n % 10 {
            3 => vec![],
            7 => vec![retell::started(&id)],
            5 => vec![retell::started(&id), retell::ended(&id)],
            _ => vec![retell::ended(&id), retell::analyzed(&id)],
        };
        lost += usize::from(matches!(n % 10, 3 | 5 | 7));
        open += i64::from(matches!(n % 10, 3 | 7));
        for event in events {
            assert_eq!(server.hook(event).await.status, 204);
        }
    }
    server.settled().await;
    let over = "SELECT count(*) FROM calls WHERE status = 'ended'";
    assert_eq!(server.number(over), i64::try_from(CALLS).expect("few") - open);
    server.app().reconcile().await.expect("the provider is asked");
    assert_eq!(server.number(over), i64::try_from(CALLS).expect("few"));
    let recovered = "SELECT count(*) FROM calls WHERE recovered_at IS NOT NULL";
    assert_eq!(server.number(recovered), i64::try_from(lost).expect("few"));
    let shown = server.get("/api/v1/diagnostics", Some(&key)).await.json();
    let account = &shown["voice"][0];
    assert_eq!((&account["account"], &account["recovered"]), (&json!("retell"), &json!(lost)));
    assert_eq!(account["last_error"], Value::Null);
    // What was recovered is whole.
    let id = server.db().text("SELECT provider_call_id FROM calls WHERE recovered_at IS NOT NULL");
    assert!(id.starts_with("call_"));
    let turns = "SELECT count(DISTINCT call_id) FROM transcript_turns";
    assert_eq!(server.number(turns), i64::try_from(CALLS).expect("few"));
    // A second look finds nothing new.
    server.app().reconcile().await.expect("the provider is asked");
    let shown = server.get("/api/v1/diagnostics", Some(&key)).await.json();
    assert_eq!(shown["voice"][0]["recovered"], json!(lost));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_event_and_a_recovered_call_are_the_same_call() {
    let fake = FakeRetell::start().await;
    let server = server(&fake).await;
    server.business().await;
    fake.carries(whole("c1"));
    server.app().reconcile().await.expect("the provider is asked");
    let facts = "SELECT status || outcome || duration_ms || cost_micros || summary FROM calls";
    let before = server.db().text(facts);
    for event in [retell::started("c1"), retell::ended("c1"), retell::analyzed("c1")] {
        assert_eq!(server.hook(event).await.status, 204);
    }
    server.settled().await;
    assert_eq!(server.db().text(facts), before);
    assert_eq!(server.number("SELECT count(*) FROM calls"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_is_asked_again_from_where_it_was() {
    let fake = FakeRetell::start().await;
    let server = server(&fake).await;
    server.business().await;
    fake.carries(whole("c1"));
    fake.fails(Fault::Answers(500));
    server.app().reconcile().await.expect("a failing provider is no failure of ours");
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0);
    let noted = server.db().text("SELECT last_error FROM reconciled");
    assert!(noted.contains("no answer"), "{noted}");
    server.advance(SignedDuration::from_mins(10));
    server.app().reconcile().await.expect("the provider is asked");
    assert_eq!(server.number("SELECT count(*) FROM calls WHERE status = 'ended'"), 1);
    assert_eq!(server.db().text("SELECT last_error FROM reconciled"), "");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_goes_on_is_not_taken_for_over() {
    let fake = FakeRetell::start().await;
    let server = server(&fake).await;
    server.business().await;
    let mut going_on = retell::call("c1");
    let now = Timestamp::from_millisecond(server.now_ms()).expect("in range");
    let began = now.checked_sub(SignedDuration::from_mins(30)).expect("in range");
    going_on["start_timestamp"] = json!(began.as_millisecond());
    fake.carries(going_on);
    assert_eq!(server.hook(retell::started("c1")).await.status, 204);
    server.settled().await;
    server.advance(SignedDuration::from_mins(20));
    server.app().reconcile().await.expect("the provider is asked");
    assert_eq!(server.db().text("SELECT status FROM calls"), "ongoing");
    assert_eq!(server.number("SELECT count(*) FROM calls WHERE recovered_at IS NOT NULL"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_a_call_where_every_week_had_some_is_noticed() {
    let fake = FakeRetell::start().await;
    let server = server(&fake).await;
    let key = server.key(server.business().await, &[Scope::CallsRead]).await;
    let monday = "2026-01-05T08:30:00Z";
    for week in 0..4 {
        server.go_to(monday);
        server.advance(SignedDuration::from_hours(24 * 7 * week));
        for n in 0..3 {
            let mut call = retell::call(&format!("call_{week}_{n}"));
            call["start_timestamp"] = json!(server.now_ms());
            let event = json!({"event": "call_started", "call": call}).to_string();
            assert_eq!(server.hook(event).await.status, 204);
        }
        server.settled().await;
        server.advance(SignedDuration::from_hours(1));
        assert_eq!(server.app().watch().await.expect("it is looked at"), 0, "week {week}");
    }
    server.go_to(monday);
    server.advance(SignedDuration::from_hours(24 * 7 * 4 + 1));
    assert_eq!(server.app().watch().await.expect("it is looked at"), 1);
    assert_eq!(server.app().watch().await.expect("it is looked at"), 1);
    let notices = server.get("/api/v1/diagnostics", Some(&key)).await.json()["notices"].clone();
    let noticed = json!([{"kind": "calls_silent", "subject": retell::NUMBER,
        "noticed_at": "2026-02-02T09:00:00Z"}]);
    assert_eq!(notices, noticed, "noticed once");
    server.finish().await;
}
