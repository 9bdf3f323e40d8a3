//! Free times as they follow from the set-up and the book at every moment: what is kept in memory,
//! how often it serves, and what drops it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use frontdesk::app::availability::KeptStats;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, id};
use crate::harness::{Server, Setup, at_ms};

/// The starts that an answer offers.
fn starts(answer: &Value) -> Vec<&str> {
    let slots = answer["data"]["slots"].as_array().into_iter().flatten();
    slots.filter_map(|slot| slot["start"].as_str()).collect()
}

/// When a check-up is free first on Tuesday, by the clock on the wall; empty when it is not.
async fn first(server: &Server, call_id: &str) -> String {
    let answer = server.tool("check_availability", json!({"date": "2026-01-06"}), call_id).await;
    let start = starts(&answer).first().copied().unwrap_or_default();
    let time = start.strip_prefix("2026-01-06T").and_then(|time| time.get(..5));
    time.unwrap_or_default().to_owned()
}

async fn books(server: &Server, start: &str, call_id: &str) -> Value {
    let args = json!({"service": "Check-up", "start": start, "name": "Robin Example"});
    server.tool("book_appointment", args, call_id).await
}

fn stats(server: &Server) -> (u64, u64) {
    let KeptStats { hits, misses } = server.app().kept.stats();
    (hits, misses)
}

/// Adds an appointment on Tuesday behind the server's back, at a time in UTC.
fn insert(time: &str) -> String {
    let start = at_ms(&format!("2026-01-06T{time}:00Z"));
    format!(
        "INSERT INTO appointments (id, business_id, branch_id, service_id, status, starts_at,
            ends_at, before_min, after_min, customer_name, customer_phone, customer_email, notes,
            code, code_misses, created_at, updated_at)
         SELECT randomblob(16), b.id, r.id, s.id, 'confirmed', {start}, {start} + 1800000, 0, 0,
            'Robin Example', '', '', '', '', 0, 0, 0
         FROM businesses b
         JOIN branches r ON r.business_id = b.id
         JOIN services s ON s.business_id = b.id"
    )
}

/// Runs a command of the program beside the server.
fn beside(server: &Server, args: &[&str]) {
    let folder = server.app().settings().data.dir.clone();
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.env_clear().current_dir(&folder).env("FRONTDESK_DATA_DIR", folder);
    let ended = command.args(args).stdin(Stdio::null()).output().expect("the program can be run");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_by_the_next_question_whoever_made_it() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let service = id(&api.items("/services").await[0]).to_owned();
    assert_eq!(first(&server, "c1").await, "09:00");
    assert_eq!(books(&server, "2026-01-06T09:00", "c1").await["data"]["status"], "booked");
    assert_eq!(first(&server, "c1").await, "09:30", "booked by a caller");
    let sent = json!({"service_id": service, "starts_at": "2026-01-06T08:30:00Z",
        "customer_name": "Robin Example"});
    let own = api.made("/appointments", &sent).await;
    assert_eq!(first(&server, "c2").await, "10:00", "booked by a program");
    let db = server.db();
    db.change(&insert("09:00")).expect("the file can be changed");
    assert_eq!(first(&server, "c2").await, "10:30", "booked beside the server");
    let change = "UPDATE appointments SET status = 'cancelled' WHERE starts_at = ";
    let change = format!("{change}{}", at_ms("2026-01-06T09:00:00Z"));
    db.change(&change).expect("the file can be changed");
    assert_eq!(first(&server, "c2").await, "10:00", "called off beside the server");
    let path = format!("/appointments/{}/move", id(&own));
    let moved = api.post(&path, &json!({"starts_at": "2026-01-06T12:00:00Z"})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!(first(&server, "c2").await, "09:30", "moved away by a program");
    db.change("DELETE FROM appointments").expect("the file can be changed");
    assert_eq!(first(&server, "c2").await, "09:00", "removed beside the server");
    beside(&server, &["hours", "set", "Example Practice", "mon-fri 11:00-17:00"]);
    assert_eq!(first(&server, "c3").await, "11:00", "other hours by a command");
    db.change("UPDATE branch_hours SET opens_min = 720").expect("the file can be changed");
    assert_eq!(first(&server, "c3").await, "12:00", "other hours beside the server");
    api.made("/hours/exceptions", &json!({"first_day": "2026-01-06"})).await;
    assert_eq!(first(&server, "c3").await, "", "a holiday by a program");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_offered_from_memory_is_looked_at_again_before_it_is_booked() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"date": "2026-01-06"});
    server.tool("check_availability", args.clone(), "c1").await;
    let offered = server.tool("check_availability", args, "c1").await;
    assert_eq!(stats(&server), (1, 1), "the second answer comes from memory");
    assert_eq!(starts(&offered).first(), Some(&"2026-01-06T09:00:00+01:00"));
    server.db().change(&insert("08:00")).expect("the file can be changed");
    let slot = &offered["data"]["slots"][0]["slot"];
    let args = json!({"slot": slot, "name": "Robin Example"});
    let refused = server.tool("book_appointment", args, "c1").await;
    assert_eq!(refused["reason"], "taken", "{refused}");
    assert!(!starts(&refused).contains(&"2026-01-06T09:00:00+01:00"), "{refused}");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 1);
    server.finish().await;
}

/// Asks and books in turn, some times twice; returns what was told, without ids.
async fn played(server: &Server) -> Vec<Value> {
    server.business().await;
    let mut told = Vec::new();
    for number in 0..36 {
        let (call, date) = (format!("c{number}"), format!("2026-01-{:02}", 6 + number % 3));
        let asked = server.tool("check_availability", json!({"date": date}), &call).await;
        let start = format!("{date}T{:02}:00", 9 + number % 8);
        for answer in [asked, books(server, &start, &call).await] {
            let (reason, status) = (&answer["reason"], &answer["data"]["status"]);
            told.push(json!([reason, status, answer["say"], starts(&answer)]));
        }
        server.advance(SignedDuration::from_secs(20));
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_kept_in_memory_the_answers_are_the_same() {
    let keeps = Server::start().await;
    let reads = Setup::plain().set("LIMITS__AVAILABILITY_CACHE", "false").start().await;
    let told = played(&keeps).await;
    assert_eq!(told, played(&reads).await);
    let count = |word: &str| told.iter().filter(|one| one[0] == word || one[1] == word).count();
    assert_eq!((count("booked"), count("taken")), (24, 12));
    assert!(stats(&keeps).0 > 0, "{:?}", stats(&keeps));
    assert_eq!(stats(&reads), (0, 0), "nothing is kept");
    keeps.finish().await;
    reads.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_in_memory_is_switched_off_and_on_while_it_runs() {
    let server = Server::start().await;
    server.business().await;
    assert_eq!(first(&server, "c1").await, "09:00");
    assert_eq!(first(&server, "c2").await, "09:00");
    assert_eq!(stats(&server), (1, 1), "the second answer came from memory");
    let off = Setup::plain().set("LIMITS__AVAILABILITY_CACHE", "false");
    assert!(server.reload(&off).is_empty(), "it counts at once");
    let db = server.db();
    db.change(&insert("08:00")).expect("the file can be changed");
    assert_eq!(first(&server, "c3").await, "09:30");
    assert_eq!(stats(&server), (1, 1), "nobody asked the memory");
    server.reload(&Setup::plain());
    assert_eq!(first(&server, "c4").await, "09:30");
    assert_eq!(first(&server, "c5").await, "09:30");
    assert_eq!(stats(&server), (2, 2));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_hour_of_business_at_least_eight_of_ten_questions_are_answered_from_memory() {
    let server = Server::start().await;
    server.business().await;
    let mut booked = 0;
    for number in 0..240 {
        let call = format!("c{}", number / 4);
        let date = format!("2026-01-{:02}", 6 + number % 4);
        let answer = server.tool("check_availability", json!({"date": date}), &call).await;
        if number % 20 == 7 {
            let slot = &answer["data"]["slots"][0]["slot"];
            let args = json!({"slot": slot, "name": "Robin Example"});
            let answer = server.tool("book_appointment", args, &call).await;
            assert_eq!(answer["data"]["status"], "booked", "what was offered can be had: {answer}");
            booked += 1;
        }
        server.advance(SignedDuration::from_secs(15));
    }
    let (hits, misses) = stats(&server);
    assert_eq!((booked, hits + misses), (12, 240), "every question counts");
    assert!(hits * 100 >= 80 * (hits + misses), "{hits} of {}", hits + misses);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_dropped_after_five_minutes_and_with_every_change() {
    let server = Server::start().await;
    let business = server.business().await;
    let cases = [
        (SignedDuration::ZERO, (0, 1)),
        (SignedDuration::ZERO, (1, 1)),
        (SignedDuration::from_secs(299), (2, 1)),
        (SignedDuration::from_secs(1), (2, 2)),
        (SignedDuration::from_secs(299), (3, 2)),
        (SignedDuration::from_secs(1), (3, 3)),
    ];
    for (wait, counted) in cases {
        server.advance(wait);
        first(&server, "c1").await;
        assert_eq!(stats(&server), counted, "after {wait}");
    }
    books(&server, "2026-01-06T10:00", "c1").await;
    first(&server, "c1").await;
    assert_eq!(stats(&server), (3, 4), "the book changed");
    server.set_hours(business, "daily 08:00-20:00").await;
    assert_eq!(first(&server, "c1").await, "08:00");
    assert_eq!(stats(&server), (3, 5), "the set-up changed");
    first(&server, "c1").await;
    assert_eq!(stats(&server), (4, 5));
    server.finish().await;
}

/// Tables that the set-up is loaded from, each with a column that can be set to itself.
const TABLES: [(&str, &str); 12] = [
    ("branches", "name"),
    ("branch_hours", "closes_min"),
    ("services", "duration_min"),
    ("service_skills", "skill"),
    ("service_staff", "business_id"),
    ("service_branches", "business_id"),
    ("staff", "active"),
    ("staff_skills", "skill"),
    ("staff_branches", "own_hours"),
    ("staff_hours", "closes_min"),
    ("exceptions", "name"),
    ("exception_hours", "closes_min"),
];
/// Columns of an appointment that free times follow from.
const TAKING: [&str; 9] = [
    "status",
    "held_until_at",
    "starts_at",
    "ends_at",
    "before_min",
    "after_min",
    "service_id",
    "branch_id",
    "staff_id",
];

/// Nothing goes with what is removed here, and all of it is one transaction.
const BEGIN: &str = "PRAGMA foreign_keys = OFF;
    CREATE TABLE steps (step TEXT NOT NULL, setup INTEGER NOT NULL, book INTEGER NOT NULL);
    BEGIN;";

/// Does something to the file and notes how often the only business counts as changed by then.
fn noted(step: &str, sql: &str) -> String {
    format!("{sql}; INSERT INTO steps SELECT '{step}', setup, book FROM generations;")
}

/// Changes every row of a table, removes all and adds them again.
fn through(table: &str, column: &str) -> String {
    let change = format!("UPDATE {table} SET {column} = {column}");
    let keep = format!("CREATE TEMP TABLE kept AS SELECT * FROM {table}; DELETE FROM {table}");
    // What follows from a row is not written.
    let follows =
        if table == "appointments" { "ALTER TABLE kept DROP COLUMN taking; " } else { "" };
    let bring_back = format!("{follows}INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
    [
        noted(&format!("{table} changed"), &change),
        noted(&format!("{table} removed"), &keep),
        noted(&format!("{table} added"), &bring_back),
    ]
    .concat()
}

/// A business with at least one row in every table that its set-up is loaded from.
async fn whole(server: &Server) {
    let api = Api::of(server, server.business().await).await;
    let branch = api.items("/branches").await[0]["id"].clone();
    let place = json!({"branch_id": branch, "hours": "mon-fri 09:00-17:00"});
    let kim = json!({"name": "Kim Example", "skills": ["Massage"], "branches": [place]});
    let kim = api.made("/staff", &kim).await;
    let sent = json!({"name": "Massage", "duration_min": 60, "staffed": true, "notice_min": 0,
        "skills": ["Massage"], "staff": [kim["id"]], "branches": [branch]});
    let service = api.made("/services", &sent).await;
    let days = json!({"first_day": "2026-12-24", "hours": "10:00-12:00"});
    api.made("/hours/exceptions", &days).await;
    let sent = json!({"service_id": service["id"], "starts_at": "2026-01-06T09:00:00Z",
        "customer_name": "Robin Example"});
    api.made("/appointments", &sent).await;
}

/// What each noted step raised: the counters of the set-up and of the book.
fn raised(server: &Server) -> Vec<(String, bool, bool)> {
    let rows = server.db().cells("SELECT step, setup, book FROM steps ORDER BY rowid");
    let number = |text: &String| text.parse::<i64>().expect("a counter is a number");
    let counts: Vec<(i64, i64)> =
        rows.iter().map(|row| (number(&row[1]), number(&row[2]))).collect();
    let pairs = counts.windows(2).map(|two| (two[1].0 > two[0].0, two[1].1 > two[0].1));
    rows[1..].iter().zip(pairs).map(|(row, (setup, book))| (row[0].clone(), setup, book)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_that_free_times_follow_from_counts_its_changes() {
    let sources = [
        include_str!("../../src/store/branches.rs"),
        include_str!("../../src/store/hours.rs"),
        include_str!("../../src/store/services.rs"),
        include_str!("../../src/store/staff.rs"),
    ];
    let word = |rest: &'static str| rest.split(|c: char| c != '_' && !c.is_alphanumeric()).next();
    let read = sources.into_iter().flat_map(|source| source.split("FROM ").skip(1));
    let read: BTreeSet<_> = read.filter_map(word).collect();
    let tried = BTreeSet::from(TABLES.map(|(table, _)| table));
    assert_eq!(read, tried, "every table that is read is tried here");
    let server = Server::start().await;
    whole(&server).await;
    let mut batch = format!("{BEGIN}{}", noted("begin", "DELETE FROM steps"));
    for (table, column) in TABLES {
        batch.push_str(&through(table, column));
    }
    batch.push_str(&noted("business changed", "UPDATE businesses SET name = name"));
    let numbers = "CREATE TEMP TABLE kept AS SELECT * FROM numbers; DELETE FROM numbers";
    batch.push_str(&noted("number removed", numbers));
    let back = "INSERT INTO numbers SELECT * FROM kept; DROP TABLE kept";
    batch.push_str(&noted("number added", back));
    batch.push_str("COMMIT;");
    server.db().change(&batch).expect("the file can be changed");
    let steps = raised(&server);
    assert_eq!(steps.len(), 3 * TABLES.len() + 3);
    let wrong: Vec<_> = steps.iter().filter(|(_, setup, book)| !setup || *book).collect();
    assert!(wrong.is_empty(), "not counted, or as a change of the book: {wrong:?}");
    server.business_named("Other Practice", "+12137771299", "agent_other").await;
    assert_eq!(server.number("SELECT count(*) FROM generations"), 2, "each has its own");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_an_appointments_time_or_place_counts_and_no_other() {
    let server = Server::start().await;
    whole(&server).await;
    let mut batch = format!("{BEGIN}{}", noted("begin", "DELETE FROM steps"));
    for column in TAKING {
        let change = format!("UPDATE appointments SET {column} = {column}");
        batch.push_str(&noted(column, &change));
    }
    batch.push_str(&through("appointments", "status"));
    for column in ["notes", "customer_name", "customer_id", "code_misses", "updated_at"] {
        let change = format!("UPDATE appointments SET {column} = {column}");
        batch.push_str(&noted(&format!("not {column}"), &change));
    }
    batch.push_str(&noted("not who has a turn", "UPDATE staff SET given_at = 1"));
    batch.push_str("COMMIT;");
    server.db().change(&batch).expect("the file can be changed");
    let steps = raised(&server);
    assert_eq!(steps.len(), TAKING.len() + 3 + 6);
    for (step, setup, book) in steps {
        assert!(!setup, "{step} is no change of the set-up");
        assert_eq!(book, !step.starts_with("not "), "{step}");
    }
    server.finish().await;
}
