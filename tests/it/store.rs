//! The database under the program: rules that the schema holds by itself, questions that walk an
//! index, and writes that share a commit without sharing their fate.

use std::sync::atomic::Ordering;
use std::time::Duration;

use frontdesk::app::App;
use frontdesk::domain::ids::InboxId;
use frontdesk::store::inbox::{self, RefusedKind};
use frontdesk::store::{Lane, StoreError};
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Server, Setup, at, retell};

/// What a write does after it has written.
#[derive(Clone, Copy)]
enum Then {
    Keeps,
    Fails,
    Panics,
}

/// Writes a line that is easy to find again, and then does as told.
async fn note(app: &App, name: &'static str, then: Then) -> Result<(), StoreError> {
    note_in(Lane::Urgent, app, name, then).await
}

async fn note_in(lane: Lane, app: &App, name: &'static str, then: Then) -> Result<(), StoreError> {
    let noted = app.store.write(lane, move |write| {
        let kind = RefusedKind { account: name.to_owned(), reason: "test", minute_at: 0 };
        inbox::count_refused(write, &kind, 1)?;
        match then {
            Then::Keeps => Ok(()),
            Then::Fails => Err(StoreError::Statement("made to fail".to_owned())),
            Then::Panics => panic!("made to panic"),
        }
    });
    noted.await
}

/// The lines that were kept.
fn noted(server: &Server) -> Vec<Vec<String>> {
    server.db().cells("SELECT account FROM refused_deliveries ORDER BY account")
}

/// Fails unless `sql` stands in `source` and is answered from `index` alone, in its order.
#[track_caller]
fn walks(server: &Server, (source, sql, index): (&str, &str, &str)) {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed(source).contains(&squeezed(sql)), "src/store has another one now: {sql}");
    let plan = server.db().cells(&format!("EXPLAIN QUERY PLAN {sql}"));
    let plan: Vec<&str> = plan.iter().filter_map(|row| row.last()).map(String::as_str).collect();
    assert!(plan.iter().any(|step| step.contains(index)), "{sql}: {plan:?}");
    let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE") || step.starts_with("SCAN"));
    assert!(!sorts, "{sql}: {plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_own_connection_keeps_no_row_that_points_to_nothing() {
    let server = Server::start().await;
    let refused = server.app().store.write(Lane::Background, |write| {
        inbox::poison(write, InboxId(999), "test", at("2026-01-05T08:00:00Z"))
    });
    let refused: Result<(), StoreError> = refused.await;
    assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
    assert_eq!(server.number("SELECT count(*) FROM poison"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_with_calls_or_appointments_cannot_be_deleted_and_one_without_goes_whole() {
    let server = Server::start().await;
    let business = server.business().await;
    drop(server.key(business, &[]).await);
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    drop(server.key(other, &[]).await);
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    server.tool("book_appointment", args, "c1").await;
    let data = server.stop().await;
    let db = data.db();
    let refused = db.change("DELETE FROM businesses WHERE name = 'Example Practice'");
    assert!(refused.is_err(), "it has an appointment and a call");
    db.change("DELETE FROM appointments").expect("an appointment can be deleted");
    let refused = db.change("DELETE FROM businesses WHERE name = 'Example Practice'");
    assert!(refused.is_err(), "it has a call");
    let refused = db.change("INSERT INTO agents VALUES ('a', 'b', zeroblob(16), 0)");
    assert!(refused.is_err(), "there is no such business");
    assert_eq!(db.number("SELECT count(*) FROM businesses"), 2);
    db.change("DELETE FROM businesses WHERE name = 'Other Practice'").expect("it has neither");
    for table in ["businesses", "services", "agents", "numbers", "api_keys"] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table}")), 1, "{table}");
    }
    assert_eq!(db.number("SELECT count(*) FROM branch_hours"), 5);
    db.change("DELETE FROM calls; DELETE FROM businesses").expect("nothing hangs on it any more");
    for table in ["services", "agents", "tool_calls", "offers", "totals"] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_changed_by_hand_tells_when() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    server.tool("book_appointment", args, "c1").await;
    let data = server.stop().await;
    let changes = [
        ("businesses", "UPDATE businesses SET zone = 'Europe/Paris'"),
        ("services", "UPDATE services SET duration_min = 45"),
        ("calls", "UPDATE calls SET summary = 'Changed.'"),
        ("appointments", "UPDATE appointments SET notes = 'Changed.'"),
    ];
    for (table, change) in changes {
        let question = format!("SELECT updated_at FROM {table}");
        let before = data.db().number(&question);
        data.db().change(change).expect("the row can be changed");
        let after = data.db().number(&question);
        assert!(after > before, "{table}: {before}, then {after}");
        data.db().change(change).expect("the row can be changed");
        assert!(data.db().number(&question) > after, "{table}: each change counts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_calls_walks_an_index_in_its_order() {
    let server = Server::start().await;
    let calls = include_str!("../../src/store/call_lists.rs");
    walks(&server, (calls,
        "SELECT id, account, provider_call_id, provider_agent_id, direction, status, from_number,
                to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family,
                summary, sentiment, successful, in_voicemail, cost_micros, cost_currency,
                created_at, updated_at, outcome, handed_to, property_id, is_test, recovered_at
         FROM calls
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4", "calls_recent"));
    server.finish().await;
}

/// Returns once what recurs has written its first round: nothing was committed for a while.
async fn quiet(server: &Server) {
    let commits = || server.app().store.writer_stats().commits.load(Ordering::Relaxed);
    let mut still = 0;
    while still < 5 {
        let before = commits();
        drop(tokio::time::timeout(Duration::from_millis(50), std::future::pending::<()>()).await);
        still = if commits() == before { still + 1 } else { 0 };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_or_panics_spoils_no_other_of_its_group() {
    let server = Setup::plain().without_jobs().start().await;
    quiet(&server).await;
    let held = server.hold_writer().await;
    let app = server.app();
    let commits = app.store.writer_stats().commits.load(Ordering::Relaxed);
    let writes = [
        note(app, "first", Then::Keeps),
        note(app, "second", Then::Fails),
        note(app, "third", Then::Keeps),
        note(app, "fourth", Then::Panics),
        note(app, "fifth", Then::Keeps),
    ];
    // All are queued behind the one that is held before that one is let go.
    let (ended, ()) = tokio::join!(join_all(writes), held.let_go());
    let kept: Vec<bool> = ended.iter().map(Result::is_ok).collect();
    assert_eq!(kept, [true, false, true, false, true], "{ended:?}");
    assert!(matches!(ended[1], Err(StoreError::Statement(_))), "{:?}", ended[1]);
    assert_eq!(noted(&server), [["fifth"], ["first"], ["third"]]);
    let commits = app.store.writer_stats().commits.load(Ordering::Relaxed) - commits;
    assert_eq!(commits, 2, "the one that was held, and one for the group");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_nobody_waits_for_any_more_is_not_begun() {
    let server = Setup::plain().without_jobs().start().await;
    let held = server.hold_writer().await;
    let given_up =
        tokio::time::timeout(Duration::ZERO, note(server.app(), "late", Then::Keeps)).await;
    assert!(given_up.is_err(), "the writer is held");
    held.let_go().await;
    note(server.app(), "next", Then::Keeps).await.expect("the writer is free");
    assert_eq!(noted(&server), [["next"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_too_many_writes_wait_the_next_one_is_told_to_come_again() {
    let server = Setup::plain().set("LIMITS__WRITE_QUEUE", "1").start().await;
    let held = server.hold_writer().await;
    let mut waiting = Box::pin(note(server.app(), "waiting", Then::Keeps));
    let begun = tokio::time::timeout(Duration::ZERO, waiting.as_mut()).await;
    assert!(begun.is_err(), "it waits for the writer");
    let refused = note(server.app(), "refused", Then::Keeps).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    let answer = server.hook(retell::started("c1")).await;
    answer.problem(503, "busy");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    held.let_go().await;
    waiting.await.expect("it is kept when its turn comes");
    assert_eq!(noted(&server), [["waiting"]]);
    assert_eq!(server.hook(retell::started("c1")).await.status, 204, "there is room again");
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_for_which_nobody_waits_is_not_refused_but_waits_for_room() {
    let server = Setup::plain().set("LIMITS__WRITE_QUEUE", "1").start().await;
    let held = server.hold_writer().await;
    let (app, background) = (server.app(), Lane::Background);
    let names = ["a", "b", "c", "d", "e"];
    let all = join_all(names.map(|name| note_in(background, app, name, Then::Keeps)));
    let mut all = Box::pin(all);
    let begun = tokio::time::timeout(Duration::from_millis(50), all.as_mut()).await;
    assert!(begun.is_err(), "they wait");
    held.let_go().await;
    assert!(all.await.iter().all(Result::is_ok));
    assert_eq!(noted(&server), names.map(|name| [name]));
    server.finish().await;
}
