//! What once went wrong in the use cases and must not again: times that were not offered, words
//! that were taken for an address, names alike but for case, events lost to a full database.

use frontdesk::app::AppError;
use frontdesk::app::businesses::SetUp;
use frontdesk::domain::scheduling::rules::Rules;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Data, Server, Setup, at_ms, eventually, retell};

/// The last moment that can be booked: sixty days after the beginning.
const HORIZON: &str = "2026-03-06T08:00:00Z";
/// Longer than a job is put off for.
const PUT_OFF_AND_MORE: SignedDuration = SignedDuration::from_secs(16);

/// The starts of the slots that were offered.
#[track_caller]
fn starts(answer: &Value) -> Vec<String> {
    let slots = answer["data"]["slots"].as_array().map_or(&[][..], Vec::as_slice);
    let start = |slot: &Value| slot["start"].as_str().expect("a slot has a start").to_owned();
    slots.iter().map(start).collect()
}

/// Asks for a check-up on Tuesday at ten, with more arguments or others.
async fn book_with(server: &Server, more: &[(&str, &str)], call_id: &str) -> Value {
    let mut args = json!({"service": "Check-up", "start": "2026-01-06T10:00",
        "name": "Robin Example"});
    for (name, value) in more {
        args[*name] = json!(value);
    }
    server.tool("book_appointment", args, call_id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_beyond_the_horizon_is_too_far_and_times_within_it_are_offered() {
    let server = Server::start().await;
    server.business().await;
    for date in ["2026-03-07", "2026-06-01", "2031-01-07"] {
        let answer = server.tool("check_availability", json!({"date": date}), "c1").await;
        assert_eq!(answer["reason"], "too_far", "{date}: {answer}");
        assert_eq!(answer["next"], "offer_slots", "{date}: {answer}");
        let starts = starts(&answer);
        assert!(!starts.is_empty(), "{date}: {answer}");
        for start in &starts {
            let within = server.now_ms()..=at_ms(HORIZON);
            assert!(within.contains(&at_ms(start)), "{date}: {start}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_began_in_the_past_are_looked_through_from_today_on() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"date": "2026-01-01", "until": "2026-01-06"});
    let answer = server.tool("check_availability", args, "c1").await;
    assert_eq!(answer["reason"], Value::Null, "{answer}");
    let starts = starts(&answer);
    assert!(!starts.is_empty(), "{answer}");
    for start in &starts {
        assert!(at_ms(start) >= server.now_ms(), "{start}");
        assert!(["2026-01-05", "2026-01-06"].contains(&&start[..10]), "{start}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instead_of_a_day_on_which_all_is_booked_the_days_beside_it_are_offered() {
    let server = Server::start().await;
    let business = server.business().await;
    let whole_day = Rules::new(480, 480, 0, 60).expect("within bounds");
    server.add_service(business, "Whole day", whole_day).await;
    let args = json!({"service": "Whole day", "start": "2026-01-07T09:00", "name": "Robin"});
    let booked = server.tool("book_appointment", args, "c1").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let args = json!({"service": "Check-up", "date": "2026-01-07"});
    let answer = server.tool("check_availability", args, "c2").await;
    assert_eq!(answer["reason"], "none_free", "{answer}");
    let starts = starts(&answer);
    assert_eq!(starts.len(), 3, "{answer}");
    assert!(starts.iter().all(|start| &start[..10] != "2026-01-07"), "{starts:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instead_of_a_day_among_closed_ones_the_next_open_day_is_offered() {
    let server = Server::start().await;
    let business = server.business().await;
    server.set_hours(business, "mon 09:00-17:00").await;
    let answer = server.tool("check_availability", json!({"date": "2026-01-08"}), "c1").await;
    assert_eq!(answer["reason"], "none_free", "{answer}");
    let starts = starts(&answer);
    assert_eq!(starts.len(), 3, "{answer}");
    assert!(starts.iter().all(|start| &start[..10] == "2026-01-12"), "{starts:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_corrects_in_the_same_call_is_kept_in_the_same_appointment() {
    let server = Server::start().await;
    server.business().await;
    let wrong = [("phone", "+49 30 1234567"), ("notes", "Has a cat.")];
    let first = book_with(&server, &wrong, "c1").await;
    assert_eq!(first["data"]["name"], "Robin Example", "{first}");
    let right = [("name", "Robyn Example"), ("phone", "+49 30 7654321"), ("notes", "Has a dog.")];
    let second = book_with(&server, &right, "c1").await;
    assert_eq!(second["data"]["status"], "booked", "{second}");
    assert_eq!(second["data"]["appointment_id"], first["data"]["appointment_id"]);
    assert_eq!(second["data"]["name"], "Robyn Example");
    let rows = server.db().cells("SELECT customer_name, customer_phone, notes FROM appointments");
    assert_eq!(rows, [["Robyn Example", "+49307654321", "Has a dog."]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_like_an_address_a_time_or_a_name_is_refused() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        ("email", "Name <a at localhost>"),
        ("email", "a@[127.0.0.1]"),
        ("start", "2026-01-06T10:00[America/New_York]"),
        ("start", "2026-01-06T10:00:00-05:00[America/New_York]"),
        ("start", "2026-01-06T15:00:00Z[America/New_York]"),
        ("name", "\u{200b}"),
    ];
    for case in cases {
        let answer = book_with(&server, &[case], "c1").await;
        assert_eq!(answer["reason"], "invalid_argument", "{case:?}: {answer}");
        assert_eq!(answer["field"], case.0, "{case:?}: {answer}");
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    let plain = book_with(&server, &[("email", "a@example.com")], "c1").await;
    assert_eq!(plain["data"]["status"], "booked", "{plain}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zero_that_is_dialled_only_at_home_is_left_out_of_a_number() {
    let server = Server::start().await;
    server.business().await;
    let booked = book_with(&server, &[("phone", "+49 (0)30 12345678")], "c1").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let phones = server.db().cells("SELECT customer_phone FROM appointments");
    assert_eq!(phones, [["+493012345678"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_alike_but_for_the_case_of_any_letter_are_one_name() {
    let server = Server::start().await;
    let business = server.business_named("Ärzte", retell::NUMBER, retell::AGENT).await;
    let refused = server.app().add_business("ärzte", "Europe/Berlin", SetUp::default()).await;
    assert!(matches!(refused, Err(AppError::Exists(_))), "{refused:?}");
    assert_eq!(server.number("SELECT count(*) FROM businesses"), 1);
    let rules = Rules::new(30, 30, 0, 60).expect("within bounds");
    server.add_service(business, "Ölung", rules).await;
    let again = SetUp { services: vec![("ölung".to_owned(), rules)], ..SetUp::default() };
    let refused = server.app().set_up(business, again).await;
    assert!(matches!(refused, Err(AppError::Exists(_))), "{refused:?}");
    assert_eq!(server.number("SELECT count(*) FROM services"), 2);
    for named in ["Ärzte", " ÄRZTE ", "ärzte"] {
        let found = server.app().find_business(named).await;
        assert_eq!(found.expect("there is one of that name"), business, "{named}");
    }
    let missing = server.app().find_business("Arzte").await;
    assert!(matches!(missing, Err(AppError::NotFound(_))), "{missing:?}");
    server.finish().await;
}

/// What a server leaves that took in events, and worked off none, until there was no room for one
/// more; and how many it acknowledged.
async fn filled() -> (Data, usize) {
    let setup = Setup::plain().set("LIMITS__DATABASE_MAX_MB", "1").without_jobs().allow_jobs();
    let server = setup.start().await;
    let mut kept = 0;
    // Large ones to get there, small ones to use up what is left.
    for padding in [20_000, 10] {
        let mut is_full = false;
        for number in 0..400 {
            let event = json!({"event": "call_started", "padding": "x".repeat(padding),
                "call": retell::call(&format!("call_{padding}_{number}"))});
            let answer = server.hook(event.to_string()).await;
            if answer.status != 204 {
                answer.problem(503, "storage_full");
                is_full = true;
                break;
            }
            kept += 1;
        }
        assert!(is_full, "{kept} events and still room");
    }
    (server.stop().await, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_that_was_acknowledged_is_lost_when_there_is_no_room_to_apply_it() {
    let (data, kept) = filled().await;
    let setup = Setup::plain().set("LIMITS__JOB_ATTEMPTS", "1").allow_jobs();
    let server = setup.set("LIMITS__DATABASE_MAX_MB", "1").on(data).start().await;
    let due = format!("SELECT count(*) FROM jobs WHERE run_at <= {}", server.now_ms());
    eventually("every job has been begun", async || server.number(&due) == 0).await;
    let data = server.stop().await;
    let left = data.db().number("SELECT count(*) FROM jobs");
    assert!(left > 0, "there was room for every one: nothing was tried");
    assert_eq!(data.db().number("SELECT count(*) FROM jobs WHERE state = 'dead'"), 0);
    let setup = Setup::plain().set("LIMITS__JOB_ATTEMPTS", "1");
    let server = setup.set("LIMITS__DATABASE_MAX_MB", "64").on(data).start().await;
    server.advance(PUT_OFF_AND_MORE);
    server.settled().await;
    let dead = server.db().cells("SELECT id, last_error FROM jobs WHERE state = 'dead'");
    assert!(dead.is_empty(), "{} of {kept} are lost: {dead:?}", dead.len());
    let calls = server.number("SELECT count(*) FROM calls");
    assert_eq!(usize::try_from(calls), Ok(kept), "every event is one call");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_accounts_secret_opens_no_other_accounts_addresses() {
    const OTHER_KEY: &str = "key_of_another_account_of_a_test";
    let setup = Setup::plain().account("retell", &[retell::KEY]).account("other", &[OTHER_KEY]);
    let server = setup.start().await;
    server.business().await;
    let event = retell::started("c1");
    let asked = json!({"name": "list_services", "args": {}, "call": retell::call("c2")});
    let asked = asked.to_string();
    let signed = |key: &str, body: &str| retell::signature(key, body.as_bytes(), server.now_ms());
    for (account, key) in [("retell", OTHER_KEY), ("other", retell::KEY)] {
        for (part, body) in [("hooks", &event), ("tools", &asked)] {
            let (path, signature) = (format!("/{part}/{account}"), signed(key, body));
            let answer = server.post_raw(&path, body.as_bytes(), Some(&signature)).await;
            answer.problem(401, "signature_invalid");
        }
    }
    for table in ["inbox", "jobs", "calls", "tool_calls"] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    for (account, key) in [("retell", retell::KEY), ("other", OTHER_KEY)] {
        for (part, body, status) in [("hooks", &event, 204), ("tools", &asked, 200)] {
            let (path, signature) = (format!("/{part}/{account}"), signed(key, body));
            let answer = server.post_raw(&path, body.as_bytes(), Some(&signature)).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
        }
    }
    server.finish().await;
}
