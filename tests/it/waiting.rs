//! The waiting list: joined by a call, and served in turn when a time becomes free, for a while and
//! only as long as it is.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Server, Setup, at_ms, eventually, retell};
use crate::practice::{
    OTHER, THIRD, add_person, add_service, book, call_from, call_without_number, first_branch,
    staffed, told, with,
};

/// How long a freed time is somebody's to take.
const OFFER: SignedDuration = SignedDuration::from_mins(30);
const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// Tuesday at ten in Berlin.
const TEN: &str = "2026-01-06T09:00:00Z";
/// How an entry stands and what was offered last.
const OFFERED: &str = "SELECT customer_name, state, offer_start_at, offer_until_at
    FROM waiting_entries
    WHERE offer_start_at IS NOT NULL
    ORDER BY created_at";

/// Puts somebody on the waiting list, a second after whoever came before.
async fn waits(server: &Server, (name, number): (&str, &str), more: Value) {
    let args = with(&json!({"waiting_list": true, "name": name}), &more);
    let call = call_from(number, &format!("c_waits_{number}"));
    let answer = server.tool_in("collect_appointment_data", args, &call).await;
    assert_eq!(answer["data"]["status"], "waiting", "{answer}");
    server.advance(SECOND);
}

/// The usual caller calls their only appointment off.
async fn cancels(server: &Server) {
    let answer = server.tool("cancel_appointment", json!({}), "c_cancels").await;
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
}

/// Who was offered a freed time, first to last.
fn offered(server: &Server) -> Vec<String> {
    let rows = server.db().cells(
        "SELECT w.customer_name
         FROM events e
         JOIN waiting_entries w ON w.id = e.subject_id
         WHERE e.kind = 'waiting.offered'
         ORDER BY e.id",
    );
    rows.into_iter().flatten().collect()
}

/// Waits until so many times were offered.
async fn until_offered(server: &Server, times: usize) {
    eventually("the freed time is offered", async || offered(server).len() == times).await;
}

/// The usual caller has Tuesday at ten.
async fn has_ten(server: &Server) {
    book(server, &json!({"start": "2026-01-06T10:00"}), &retell::call("c_books")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_put_on_the_waiting_list_once_in_whatever_words() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"waiting_list": true, "name": "Robin Example"});
    let tool = "collect_appointment_data";
    let first = server.tool(tool, args.clone(), "c1").await;
    assert_eq!(told(&first), ("", "", "go_on"), "{first}");
    let wanted = json!({"status": "waiting", "service": "Check-up", "name": "Robin Example",
        "today": "Monday 2026-01-05"});
    assert_eq!(first["data"], wanted);
    assert_eq!(server.tool(tool, args, "c1").await, first, "the same question");
    let words = json!({"waiting_list": "yes", "service": "check-up", "name": "Robin Example"});
    for call_id in ["c1", "c2"] {
        let again = server.tool(tool, words.clone(), call_id).await;
        assert_eq!(again["data"], wanted, "{call_id}");
    }
    let now = server.now_ms();
    let (from, until) = (now.to_string(), (now + 30 * 86_400_000).to_string());
    let rows = server.db().cells(
        "SELECT customer_name, customer_phone, state, from_at, until_at FROM waiting_entries",
    );
    let row = ["Robin Example", retell::CALLER, "waiting", from.as_str(), until.as_str()];
    assert_eq!(rows, [row]);
    let kim = json!({"waiting_list": true, "name": "Kim Example"});
    server.tool(tool, kim, "c2").await;
    assert_eq!(server.number("SELECT count(*) FROM waiting_entries"), 2, "another person");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0, "nothing is set aside");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_a_day_waits_for_that_day() {
    let server = Server::start().await;
    server.business().await;
    waits(&server, ("Kim Example", OTHER), json!({"when": "wednesday"})).await;
    waits(&server, ("Sam Example", THIRD), json!({"date": "2026-01-08"})).await;
    let days = ["2026-01-06T23:00:00Z", "2026-01-07T23:00:00Z", "2026-01-08T23:00:00Z"];
    let [wednesday, thursday, friday] = days.map(|day| at_ms(day).to_string());
    let rows = server.db().cells("SELECT from_at, until_at FROM waiting_entries ORDER BY from_at");
    let wanted = [[wednesday.as_str(), thursday.as_str()], [thursday.as_str(), friday.as_str()]];
    assert_eq!(rows, wanted);
    // Whoever names other days waits for those instead, and keeps their turn.
    waits(&server, ("Kim Example", OTHER), json!({"when": "thursday"})).await;
    let rows = server
        .db()
        .cells("SELECT customer_name, from_at, until_at FROM waiting_entries ORDER BY created_at");
    let wanted =
        ["Kim Example", "Sam Example"].map(|name| [name, thursday.as_str(), friday.as_str()]);
    assert_eq!(rows, wanted);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_waiting_list_needs_is_asked_for() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    add_person(&server, business, "Anna North", branch, None).await;
    let (shown, hidden) = (retell::call("c1"), call_without_number("c2"));
    let check_up = json!({"waiting_list": true, "service": "Check-up"});
    let named = with(&check_up, &json!({"name": "Robin Example"}));
    let zoe = json!({"service": "Massage", "staff": "Zoe"});
    let cases = [
        (json!({"waiting_list": true}), &shown, ("missing_argument", "service", "ask_service")),
        (check_up.clone(), &shown, ("missing_argument", "name", "ask_name")),
        (named.clone(), &hidden, ("missing_argument", "phone", "ask_phone")),
        (with(&named, &zoe), &shown, ("unknown_staff", "staff", "ask_staff")),
        (
            with(&named, &json!({"when": "hello there"})),
            &shown,
            ("invalid_argument", "when", "ask_again"),
        ),
        (
            with(&named, &json!({"when": "next friday"})),
            &shown,
            ("ambiguous_time", "when", "ask_again"),
        ),
        (
            with(&named, &json!({"date": "2026-01-04"})),
            &shown,
            ("in_the_past", "date", "offer_other_day"),
        ),
    ];
    for (args, call, wanted) in cases {
        let answer = server.tool_in("collect_appointment_data", args.clone(), call).await;
        assert_eq!(told(&answer), wanted, "{args}: {answer}");
    }
    let answer = server.tool_in("collect_appointment_data", check_up, &hidden).await;
    assert_eq!(answer["data"]["missing"], json!(["name", "phone"]), "{answer}");
    assert_eq!(server.number("SELECT count(*) FROM waiting_entries"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_time_is_offered_to_whoever_waits_longest_and_then_to_the_next() {
    let server = Server::start().await;
    server.business().await;
    has_ten(&server).await;
    waits(&server, ("Kim Example", OTHER), json!({})).await;
    waits(&server, ("Sam Example", THIRD), json!({})).await;
    cancels(&server).await;
    until_offered(&server, 1).await;
    assert_eq!(offered(&server), ["Kim Example"]);
    let (start, until) = (at_ms(TEN).to_string(), (server.now_ms() + 1_800_000).to_string());
    let row = ["Kim Example", "offered", start.as_str(), until.as_str()];
    assert_eq!(server.db().cells(OFFERED), [row]);
    let due = server.db().cells("SELECT kind, run_at FROM jobs");
    assert_eq!(due, [["offer_freed", until.as_str()]], "then the next is asked");
    server.advance(OFFER);
    until_offered(&server, 2).await;
    assert_eq!(offered(&server), ["Kim Example", "Sam Example"]);
    server.advance(OFFER);
    server.settled().await;
    assert_eq!(offered(&server).len(), 2, "nobody is asked twice");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_moved_away_from_is_offered() {
    let server = Server::start().await;
    server.business().await;
    has_ten(&server).await;
    waits(&server, ("Kim Example", OTHER), json!({})).await;
    let args = json!({"start": "2026-01-06T11:00"});
    let moved = server.tool("reschedule_appointment", args, "c1").await;
    assert_eq!(moved["data"]["status"], "moved", "{moved}");
    until_offered(&server, 1).await;
    let (start, until) = (at_ms(TEN).to_string(), (server.now_ms() + 1_800_000).to_string());
    let row = ["Kim Example", "offered", start.as_str(), until.as_str()];
    assert_eq!(server.db().cells(OFFERED), [row]);
    server.advance(OFFER);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_offered_with_whom_it_was_when_the_appointment_goes_to_somebody_else() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    for name in ["Anna North", "Ben West"] {
        add_person(&server, business, name, branch, None).await;
    }
    let args = json!({"service": "Massage", "staff": "Ben", "start": "2026-01-06T10:00"});
    book(&server, &args, &retell::call("c_books")).await;
    for (name, number, staff) in [("Kim Example", OTHER, "Anna"), ("Sam Example", THIRD, "Ben")] {
        waits(&server, (name, number), json!({"service": "Massage", "staff": staff})).await;
    }
    let args = json!({"start": "2026-01-06T11:00", "staff": "Anna"});
    let moved = server.tool("reschedule_appointment", args, "c1").await;
    assert_eq!(moved["data"]["staff"], "Anna North", "{moved}");
    until_offered(&server, 1).await;
    server.advance(OFFER);
    server.settled().await;
    assert_eq!(offered(&server), ["Sam Example"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_freed_time_does_not_fit_is_passed_over() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    for name in ["Anna North", "Ben West"] {
        add_person(&server, business, name, branch, None).await;
    }
    let args = json!({"service": "Massage", "staff": "Ben", "start": "2026-01-06T10:00"});
    book(&server, &args, &retell::call("c_books")).await;
    let waiting = [
        ("Kim Example", "+12137771236", json!({"service": "Check-up"})),
        ("Sam Example", "+12137771237", json!({"service": "Massage", "staff": "Anna"})),
        ("Alex Example", "+12137771238", json!({"service": "Massage", "when": "thursday"})),
        ("Jo Example", "+12137771239", json!({"service": "Massage", "staff": "Ben"})),
        ("Max Example", "+12137771240", json!({"service": "Massage"})),
    ];
    for (name, number, more) in waiting {
        waits(&server, (name, number), more).await;
    }
    cancels(&server).await;
    until_offered(&server, 1).await;
    server.advance(OFFER);
    until_offered(&server, 2).await;
    server.advance(OFFER);
    server.settled().await;
    assert_eq!(offered(&server), ["Jo Example", "Max Example"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_time_for_which_nobody_waits_calls_for_no_work() {
    let server = Setup::plain().without_jobs().start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    add_person(&server, business, "Anna North", branch, None).await;
    let args = json!({"service": "Check-up", "start": "2026-01-06T10:00"});
    book(&server, &args, &retell::call("c_books")).await;
    waits(&server, ("Kim Example", OTHER), json!({"service": "Massage"})).await;
    cancels(&server).await;
    assert_eq!(server.number("SELECT count(*) FROM jobs"), 0);
    server.finish().await;
}

/// A server whose usual caller called Tuesday at ten off while Kim Example waits, and that has not
/// offered it yet.
async fn about_to_offer() -> Server {
    let server = Setup::plain().without_jobs().start().await;
    server.business().await;
    has_ten(&server).await;
    waits(&server, ("Kim Example", OTHER), json!({})).await;
    cancels(&server).await;
    assert_eq!(server.number("SELECT count(*) FROM jobs"), 1);
    server
}

/// The same with jobs worked off, until none is left.
async fn works_off(server: Server) -> Server {
    let server = Setup::plain().on(server.stop().await).start().await;
    server.settled().await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_time_that_was_taken_meanwhile_is_offered_to_nobody() {
    let server = about_to_offer().await;
    book(&server, &json!({"start": "2026-01-06T10:00"}), &call_from(THIRD, "c1")).await;
    let server = works_off(server).await;
    assert!(offered(&server).is_empty(), "{:?}", offered(&server));
    let states = server.db().cells("SELECT state FROM waiting_entries");
    assert_eq!(states, [["waiting"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_time_that_another_call_has_set_aside_is_offered_to_nobody() {
    let server = about_to_offer().await;
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    let held = server.tool("collect_appointment_data", args, "c1").await;
    assert_eq!(held["data"]["status"], "proposed", "{held}");
    let server = works_off(server).await;
    assert!(offered(&server).is_empty(), "{:?}", offered(&server));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_time_that_has_begun_is_offered_to_nobody() {
    let server = about_to_offer().await;
    server.go_to(TEN);
    let server = works_off(server).await;
    assert!(offered(&server).is_empty(), "{:?}", offered(&server));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offered_time_that_was_taken_is_not_offered_to_the_next() {
    let server = Server::start().await;
    server.business().await;
    has_ten(&server).await;
    waits(&server, ("Kim Example", OTHER), json!({})).await;
    waits(&server, ("Sam Example", THIRD), json!({})).await;
    cancels(&server).await;
    until_offered(&server, 1).await;
    let kim = json!({"start": "2026-01-06T10:00", "name": "Kim Example"});
    book(&server, &kim, &call_from(OTHER, "c1")).await;
    server.advance(OFFER);
    server.settled().await;
    assert_eq!(offered(&server), ["Kim Example"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_lasts_no_longer_than_until_the_time_itself() {
    let server = Server::start().await;
    server.business().await;
    has_ten(&server).await;
    waits(&server, ("Kim Example", OTHER), json!({})).await;
    waits(&server, ("Sam Example", THIRD), json!({})).await;
    server.go_to("2026-01-06T08:50:00Z");
    cancels(&server).await;
    until_offered(&server, 1).await;
    let ten = at_ms(TEN).to_string();
    let row = ["Kim Example", "offered", ten.as_str(), ten.as_str()];
    assert_eq!(server.db().cells(OFFERED), [row]);
    server.go_to(TEN);
    server.settled().await;
    assert_eq!(offered(&server), ["Kim Example"], "it is too late for the next");
    server.finish().await;
}
