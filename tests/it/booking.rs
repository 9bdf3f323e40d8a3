//! Booking: what was offered can be had, once, by one caller, whatever is asked how often.

use frontdesk::domain::scheduling::rules::Rules;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use serde_json::{Value, json};

use crate::harness::{Server, Setup, at_ms, retell};

/// Pairs of appointments that take time at the same time.
const OVERLAPS: &str = "SELECT count(*)
    FROM appointments a
    JOIN appointments b ON a.business_id = b.business_id AND a.id < b.id
    WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')
      AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at";
/// Callers for one slot.
const CALLERS: usize = 1_000;
/// Connections that they share: each takes two file descriptors of this process, which may have as
/// few as 1,024.
const AT_ONCE: usize = 300;

async fn book(server: &Server, start: &str, call_id: &str) -> Value {
    let args = json!({"service": "Check-up", "start": start, "name": "Robin Example"});
    server.tool("book_appointment", args, call_id).await
}

async fn check(server: &Server, date: &str, call_id: &str) -> Vec<Value> {
    let answer = server.tool("check_availability", json!({"date": date}), call_id).await;
    slots(&answer).to_vec()
}

fn slots(answer: &Value) -> &[Value] {
    answer["data"]["slots"].as_array().map_or(&[][..], Vec::as_slice)
}

#[track_caller]
fn id(answer: &Value) -> &str {
    assert_eq!(answer["data"]["status"], "booked", "{answer}");
    answer["data"]["appointment_id"].as_str().expect("a booking has an id")
}

#[track_caller]
fn appointments(server: &Server, count: i64) {
    assert_eq!(server.number("SELECT count(*) FROM appointments"), count);
    assert_eq!(server.number(OVERLAPS), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offered_slot_is_booked_as_it_was_offered() {
    let server = Server::start().await;
    server.business().await;
    let offered = check(&server, "2026-01-07", "c1").await;
    let args = json!({"slot": offered[1]["slot"], "name": " Robin Example ",
        "phone": "0049 30 1234 567", "email": "robin@example.com", "notes": "Has a cat."});
    let answer = server.tool("book_appointment", args, "c1").await;
    let id = id(&answer).replace('-', "");
    let (data, slot) = (&answer["data"], &offered[1]);
    assert_eq!((&data["start"], &data["spoken"]), (&slot["start"], &slot["spoken"]));
    assert_eq!((&data["name"], &data["service"]), (&json!("Robin Example"), &json!("Check-up")));
    assert_eq!(answer["next"], "confirm");
    let start_ms = at_ms(slot["start"].as_str().expect("a slot has a start"));
    let row = server.db().cells(
        "SELECT id, status, starts_at, ends_at, customer_name, customer_phone, customer_email, notes
         FROM appointments",
    );
    let (starts, ends) = (start_ms.to_string(), (start_ms + 1_800_000).to_string());
    let wanted: [[&str; 8]; 1] = [[
        &id,
        "confirmed",
        &starts,
        &ends,
        "Robin Example",
        "+49301234567",
        "robin@example.com",
        "Has a cat.",
    ]];
    assert_eq!(row, wanted);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exact_start_is_booked_with_an_offset_or_by_the_clock_on_the_wall() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        ("2026-01-06T10:00:00+01:00", "2026-01-06T09:00:00Z"),
        ("2026-01-06T09:30:00Z", "2026-01-06T09:30:00Z"),
        ("2026-01-06T11:00", "2026-01-06T10:00:00Z"),
        ("2026-01-06 11:30:00", "2026-01-06T10:30:00Z"),
    ];
    for (said, begins) in cases {
        id(&book(&server, said, said).await);
        let row = format!("SELECT count(*) FROM appointments WHERE starts_at = {}", at_ms(begins));
        assert_eq!(server.number(&row), 1, "{said}");
    }
    appointments(&server, 4);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_another_call_or_of_none_is_not_booked() {
    let server = Server::start().await;
    server.business().await;
    let offered = check(&server, "2026-01-07", "c1").await;
    let theirs = offered[0]["slot"].as_str().expect("a slot has an id");
    let spelled = theirs.to_uppercase();
    for (slot, call_id) in [(theirs, "c2"), ("zzzzzzzz", "c1"), ("1", "c1")] {
        let args = json!({"slot": slot, "name": "Robin Example"});
        let answer = server.tool("book_appointment", args, call_id).await;
        assert_eq!((&answer["reason"], &answer["field"]), (&json!("unknown_slot"), &json!("slot")));
    }
    appointments(&server, 0);
    let args = json!({"slot": spelled, "name": "Robin Example"});
    id(&server.tool("book_appointment", args, "c1").await);
    appointments(&server, 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_taken_is_refused_with_others_that_can_be_booked() {
    let server = Server::start().await;
    server.business().await;
    id(&book(&server, "2026-01-06T10:00", "c1").await);
    let answer = book(&server, "2026-01-06T10:00", "c2").await;
    assert_eq!((&answer["reason"], &answer["next"]), (&json!("taken"), &json!("offer_slots")));
    let others = slots(&answer);
    assert_eq!(others.len(), 3, "{answer}");
    for other in others {
        assert_ne!(other["start"], "2026-01-06T10:00:00+01:00");
        let args = json!({"slot": other["slot"], "name": "Robin Example"});
        id(&server.tool("book_appointment", args, "c2").await);
    }
    appointments(&server, 4);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_taken_is_not_offered_any_more() {
    let server = Server::start().await;
    server.business().await;
    let before = check(&server, "2026-01-06", "c1").await;
    assert_eq!(before[0]["start"], "2026-01-06T09:00:00+01:00");
    id(&book(&server, "2026-01-06T09:00", "c1").await);
    let after = check(&server, "2026-01-06", "c1").await;
    assert_eq!(after[0]["start"], "2026-01-06T09:30:00+01:00");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_cannot_be_booked_is_refused_with_the_reason() {
    let server = Server::start().await;
    let business = server.business().await;
    let slow = Rules::new(30, 30, 120, 60).expect("within bounds");
    server.add_service(business, "Long notice", slow).await;
    let cases = [
        ("Check-up", "2026-01-05T08:30", "in_the_past"),
        ("Check-up", "2025-12-01T10:00", "in_the_past"),
        ("Long notice", "2026-01-05T10:30", "too_soon"),
        ("Check-up", "2026-06-01T10:00", "too_far"),
        ("Check-up", "2026-01-10T10:00", "closed"),
        ("Check-up", "2026-01-06T08:30", "closed"),
        ("Check-up", "2026-01-06T17:00", "closed"),
        ("Check-up", "2026-01-06T16:45", "closed"),
        ("Check-up", "2026-01-06T10:10", "off_grid"),
        ("Check-up", "2026-01-06T10:00:01", "off_grid"),
    ];
    for (service, start, reason) in cases {
        let args = json!({"service": service, "start": start, "name": "Robin Example"});
        let answer = server.tool("book_appointment", args, "c1").await;
        assert_eq!(answer["reason"], reason, "{start}: {answer}");
        if reason != "too_far" {
            assert_eq!(slots(&answer).len(), 3, "{start}: {answer}");
        }
    }
    appointments(&server, 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_far_ahead_is_refused_with_times_that_are_free() {
    let server = Server::start().await;
    server.business().await;
    let answer = book(&server, "2026-06-01T10:00", "c1").await;
    assert_eq!(answer["reason"], "too_far");
    assert!(!slots(&answer).is_empty(), "every day of two months is free: {answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_again_gets_the_same_answer_and_books_nothing_more() {
    let server = Server::start().await;
    server.business().await;
    let first = book(&server, "2026-01-06T10:00", "c1").await;
    id(&first);
    let again = join_all((0..10).map(|_| book(&server, "2026-01-06T10:00", "c1"))).await;
    assert!(again.iter().all(|answer| *answer == first), "{again:?}");
    let server = Setup::plain().on(server.stop().await).start().await;
    assert_eq!(book(&server, "2026-01-06T10:00", "c1").await, first, "after a restart");
    appointments(&server, 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_ten_times_at_once_books_once() {
    let server = Server::start().await;
    server.business().await;
    let answers = join_all((0..10).map(|_| book(&server, "2026-01-06T10:00", "c1"))).await;
    let first = id(&answers[0]);
    assert!(answers.iter().all(|answer| id(answer) == first));
    appointments(&server, 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_in_other_words_is_the_same_appointment() {
    let server = Server::start().await;
    server.business().await;
    let first = book(&server, "2026-01-06T09:00", "c1").await;
    let offset = book(&server, "2026-01-06T09:00:00+01:00", "c1").await;
    let args = json!({"start": "2026-01-06T08:00:00Z", "name": "R. Example", "notes": "Again."});
    let shorter = server.tool("book_appointment", args, "c1").await;
    assert_eq!([id(&offset), id(&shorter)], [id(&first); 2]);
    appointments(&server, 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_may_book_a_second_time_in_the_same_call() {
    let server = Server::start().await;
    server.business().await;
    let first = book(&server, "2026-01-06T10:00", "c1").await;
    let second = book(&server, "2026-01-06T11:00", "c1").await;
    assert_ne!(id(&first), id(&second));
    appointments(&server, 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_businesses_have_the_same_time_each() {
    let server = Server::start().await;
    server.business().await;
    server.business_named("Other Practice", "+12137771299", "agent_other").await;
    id(&book(&server, "2026-01-06T10:00", "c1").await);
    let mut call = retell::call("c2");
    call["to_number"] = json!("+12137771299");
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    id(&server.tool_in("book_appointment", args, &call).await);
    appointments(&server, 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_callers_for_one_slot_one_gets_it_and_all_others_hear_of_free_ones() {
    let setup = Setup::plain()
        .set("LIMITS__TOOL_DEADLINE_MS", "29000")
        .set("LIMITS__WRITE_QUEUE", "8192")
        .set("LIMITS__READ_QUEUE", "8192");
    let server = setup.start().await;
    server.business().await;
    let ask = |number: usize| {
        let server = &server;
        async move { book(server, "2026-01-06T10:00", &format!("call_{number}")).await }
    };
    let asked = stream::iter((0..CALLERS).map(ask)).buffer_unordered(AT_ONCE);
    let answers: Vec<Value> = asked.collect().await;
    let booked = answers.iter().filter(|answer| answer["data"]["status"] == "booked").count();
    assert_eq!((answers.len(), booked), (CALLERS, 1));
    for refused in answers.iter().filter(|answer| answer["data"]["status"] != "booked") {
        assert_eq!(refused["reason"], "taken", "{refused}");
        assert_eq!(slots(refused).len(), 3, "{refused}");
    }
    appointments(&server, 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_for_random_times_and_lengths_never_get_times_that_overlap() {
    for seed in [7_u64, 1_913, 90_001] {
        let setup = Setup::plain().set("LIMITS__TOOL_DEADLINE_MS", "29000");
        let server = setup.start().await;
        let business = server.business().await;
        let long = Rules::new(75, 15, 0, 60).expect("within bounds");
        server.add_service(business, "Long visit", long).await;
        let mut state = seed;
        let mut draw = |below: u64| {
            // Knuth's generator: the high bits are good enough to pick a time.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let wishes: Vec<(String, Value)> = (0..50)
            .map(|caller| {
                let is_long = draw(2) == 0;
                let (service, steps) = if is_long { ("Long visit", 4) } else { ("Check-up", 2) };
                let (day, hour) = (6 + draw(2), 9 + draw(8));
                let minute = draw(steps) * (60 / steps);
                let start = format!("2026-01-{day:02}T{hour:02}:{minute:02}");
                let args = json!({"service": service, "start": start, "name": "Robin Example"});
                (format!("call_{caller}"), args)
            })
            .collect();
        let ask = |(call_id, args): (String, Value)| {
            let server = &server;
            async move { server.tool("book_appointment", args, &call_id).await }
        };
        let answers = join_all(wishes.into_iter().map(ask)).await;
        let booked = answers.iter().filter(|answer| answer["data"]["status"] == "booked").count();
        assert!(booked > 0 && booked < answers.len(), "{booked} of {}", answers.len());
        appointments(&server, i64::try_from(booked).expect("at most fifty"));
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_follow_the_clock_on_the_wall_when_the_clocks_change() {
    let server = Server::start().await;
    let business = server.business().await;
    server.set_hours(business, "daily 09:00-17:00").await;
    let cases = [
        ("2026-03-27T08:00:00Z", "2026-03-28", "+01:00", "2026-03-28T08:00:00Z"),
        ("2026-03-27T08:00:00Z", "2026-03-29", "+02:00", "2026-03-29T07:00:00Z"),
        ("2026-03-27T08:00:00Z", "2026-03-30", "+02:00", "2026-03-30T07:00:00Z"),
        ("2026-10-23T08:00:00Z", "2026-10-24", "+02:00", "2026-10-24T07:00:00Z"),
        ("2026-10-23T08:00:00Z", "2026-10-25", "+01:00", "2026-10-25T08:00:00Z"),
    ];
    for (now, day, offset, begins) in cases {
        server.go_to(now);
        let offered = check(&server, day, day).await;
        assert_eq!(offered[0]["start"], format!("{day}T09:00:00{offset}"));
        let last = book(&server, &format!("{day}T16:30"), day).await;
        assert_eq!(last["data"]["end"], format!("{day}T17:00:00{offset}"), "{last}");
        id(&book(&server, &format!("{day}T09:00"), day).await);
        let row = format!("SELECT count(*) FROM appointments WHERE starts_at = {}", at_ms(begins));
        assert_eq!(server.number(&row), 1, "{day}");
    }
    // Hours that the clocks skip are not open at the instant at which they would have begun.
    server.go_to("2026-03-27T08:00:00Z");
    server.set_hours(business, "daily 02:00-03:00").await;
    id(&book(&server, "2026-03-28T01:00:00Z", "c_before").await);
    let answer = book(&server, "2026-03-29T01:00:00Z", "c_skipped").await;
    assert_eq!(answer["reason"], "closed", "{answer}");
    server.finish().await;
}
