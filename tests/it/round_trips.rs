//! How often a live tool goes to the database: the call, its business and the caller are looked up
//! once a request, and what is decided is written once.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::harness::{Setup, eventually, retell};

/// Tools in the order asked, their arguments, and the most reads and writes of each.
fn questions() -> Vec<(&'static str, Value, u64, u64)> {
    let at = |start: &str| json!({"start": start, "name": "Robin Example"});
    vec![
        ("list_services", json!({}), 1, 1),
        ("business_hours", json!({}), 1, 1),
        // The free times are a second look: what they depend on is known after the first.
        ("check_availability", json!({"when": "tomorrow"}), 2, 1),
        ("book_appointment", at("2026-01-06T10:00"), 1, 1),
        // Taken by now: refused, with other times.
        ("book_appointment", json!({"start": "2026-01-06T10:00", "name": "Kim Example"}), 1, 1),
        ("find_my_appointments", json!({}), 1, 1),
        ("cancel_appointment", json!({}), 1, 1),
        ("take_message", json!({"message": "Please call back."}), 1, 1),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_loads_its_call_and_business_once_and_writes_once() {
    let server = Setup::plain().without_jobs().allow_jobs().start().await;
    server.business().await;
    // The first question of all fills what is kept in memory.
    server.tool("list_services", json!({}), "c0").await;
    let store = &server.app().store;
    // What recurs by the clock does so once at the start.
    let (last, still) = (AtomicU64::new(0), AtomicU64::new(0));
    eventually("nothing else reads", async || {
        let reads = store.reads();
        let same = last.swap(reads, Ordering::Relaxed) == reads;
        still.fetch_add(u64::from(same), Ordering::Relaxed) >= 20
    })
    .await;
    for (tool, arguments, reads, writes) in questions() {
        let tasks = || store.writer_stats().tasks.load(Ordering::Relaxed);
        let before = (store.reads(), tasks());
        let answer = server.tool_in(tool, arguments, &retell::call("c1")).await;
        let spent = (store.reads() - before.0, tasks() - before.1);
        let fits = spent.0 <= reads && spent.1 <= writes;
        assert!(fits, "{tool} took {spent:?} reads and writes: {answer}");
        assert!(spent.0 >= 1 && spent.1 >= 1, "{tool}: nothing was counted");
    }
    server.finish().await;
}
