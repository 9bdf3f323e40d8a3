//! Live tools: only for a proven provider, always an answer that can be said, and nothing taken
//! from what the caller could have put there.

use frontdesk::domain::scheduling::rules::Rules;
use serde_json::{Value, json};

use crate::harness::{Server, Setup, at_ms, retell};

/// Most sentences and words of an answer: a caller has to keep all of it in mind.
const SENTENCES_MAX: usize = 2;
const WORDS_MAX: usize = 25;

/// A call in which a caller books a check-up at a time, with more arguments.
async fn book_with(server: &Server, more: Value, call_id: &str) -> Value {
    let mut args = json!({"service": "Check-up", "start": "2026-01-06T10:00",
        "name": "Robin Example"});
    for (name, value) in more.as_object().expect("arguments are an object") {
        args[name] = value.clone();
    }
    server.tool("book_appointment", args, call_id).await
}

/// The answer's reason and the argument it is about.
fn refusal(answer: &Value) -> (&str, &str) {
    let word = |member: &str| answer[member].as_str().unwrap_or("");
    (word("reason"), word("field"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_call_that_is_not_proven_is_refused_and_leaves_nothing() {
    let server = Server::start().await;
    server.business().await;
    let call = json!({"name": "book_appointment", "call": retell::call("c1"), "args": {
        "start": "2026-01-06T10:00", "name": "Robin Example",
    }});
    let body = call.to_string();
    let now = server.now_ms();
    let other = retell::signature("another_test_key", body.as_bytes(), now);
    let old = retell::signature(retell::KEY, body.as_bytes(), now - 300_001);
    let cases = [
        (None, "signature_missing"),
        (Some(other.as_str()), "signature_invalid"),
        (Some(old.as_str()), "signature_expired"),
    ];
    for (signature, code) in cases {
        let answer = server.post_raw("/tools/retell", body.as_bytes(), signature).await;
        answer.problem(401, code);
    }
    for table in ["calls", "tool_calls", "offers", "appointments", "inbox"] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_are_listed_with_their_length_and_the_day() {
    let server = Server::start().await;
    server.business().await;
    let answer = server.tool("list_services", json!({}), "c1").await;
    assert_eq!(answer["data"]["services"], json!([{"name": "Check-up", "minutes": 30}]));
    assert_eq!(answer["data"]["today"], "Monday 2026-01-05");
    assert_eq!(answer["next"], "ask_service");
    assert_eq!(refusal(&answer), ("", ""));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn free_times_are_within_the_days_and_the_part_of_the_day_that_were_asked_for() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        (json!({}), "2026-01-05", "2026-01-12", 9..17),
        (json!({"date": "2026-01-07"}), "2026-01-07", "2026-01-07", 9..17),
        (
            json!({"date": "2026-01-07", "part_of_day": "morning"}),
            "2026-01-07",
            "2026-01-07",
            9..12,
        ),
        (json!({"part_of_day": " Afternoon "}), "2026-01-05", "2026-01-12", 12..17),
        (json!({"date": "2026-01-07", "until": "2026-01-08"}), "2026-01-07", "2026-01-08", 9..17),
        (
            json!({"until": "2026-01-06", "service": null, "date": ""}),
            "2026-01-05",
            "2026-01-06",
            9..17,
        ),
    ];
    for (number, (args, first, last, hours)) in (0..).zip(cases) {
        let answer = server.tool("check_availability", args.clone(), &format!("c{number}")).await;
        assert_eq!(refusal(&answer), ("", ""), "{args}: {answer}");
        assert_eq!(
            (&answer["data"]["today"], &answer["next"]),
            (&json!("Monday 2026-01-05"), &json!("offer_slots"))
        );
        let slots = answer["data"]["slots"].as_array().expect("slots are offered");
        assert!(!slots.is_empty(), "{args}");
        for slot in slots {
            let start = slot["start"].as_str().expect("a slot has a start");
            assert!((first..=last).contains(&&start[..10]), "{args}: {start}");
            let hour: i32 = start[11..13].parse().expect("an hour");
            assert!(hours.contains(&hour) && start.ends_with(":00+01:00"), "{args}: {start}");
            assert!(slot["slot"].is_string() && slot["spoken"].is_string(), "{slot}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_is_free_the_nearest_times_are_offered() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"date": "2026-01-10"});
    let answer = server.tool("check_availability", args, "c1").await;
    assert_eq!(refusal(&answer), ("none_free", ""), "a Saturday");
    assert_eq!(answer["next"], "offer_slots");
    let slots = answer["data"]["slots"].as_array().expect("other times are offered");
    assert_eq!(slots.len(), 3);
    assert!(slots.iter().any(|slot| slot["start"] == "2026-01-09T16:30:00+01:00"), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_nobody_and_a_tool_that_does_not_exist_are_handed_over() {
    let server = Server::start().await;
    server.business().await;
    let answer = server.tool("cancel_everything", json!({}), "c1").await;
    assert_eq!((refusal(&answer), &answer["next"]), (("unknown_tool", ""), &json!("hand_over")));
    let mut call = retell::call("c2");
    call["agent_id"] = json!("agent_of_nobody");
    call["to_number"] = json!("+12137770000");
    for tool in ["list_services", "check_availability", "book_appointment", "nonsense"] {
        let answer = server.tool_in(tool, json!({"service": "Check-up"}), &call).await;
        assert_eq!(refusal(&answer), ("unknown_agent", ""), "{tool}");
        let told = if tool == "book_appointment" { json!({"success": false}) } else { json!({}) };
        assert_eq!((&answer["next"], &answer["data"]), (&json!("hand_over"), &told));
    }
    let owned = "SELECT count(*) FROM calls WHERE provider_call_id = 'c2' AND business_id IS NULL";
    assert_eq!(server.number(owned), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_offered_or_not_clear_is_asked_for_again_by_name() {
    let server = Server::start().await;
    let business = server.business().await;
    let rules = Rules::new(60, 30, 0, 60).expect("within bounds");
    for name in ["Short visit", "Long visit"] {
        server.add_service(business, name, rules).await;
    }
    let cases = [
        (json!({"service": "Surgery"}), "unknown_service", ["Check-up", "Long visit"]),
        (json!({"service": "visit"}), "ambiguous_service", ["Short visit", "Long visit"]),
        (json!({}), "missing_argument", ["Check-up", "Short visit"]),
    ];
    for tool in ["check_availability", "book_appointment"] {
        for (args, reason, named) in &cases {
            let mut args = args.clone();
            args["start"] = json!("2026-01-06T10:00");
            let answer = server.tool(tool, args, "c1").await;
            assert_eq!(refusal(&answer), (*reason, "service"), "{tool}");
            assert_eq!(answer["next"], "ask_service");
            let say = answer["say"].as_str().expect("an answer says something");
            assert!(named.iter().all(|name| say.contains(*name)), "{say}");
        }
    }
    let found = server.tool("check_availability", json!({"service": "LONG  visit"}), "c1").await;
    assert_eq!(refusal(&found), ("", ""), "{found}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_cannot_be_read_is_named_and_asked_for_again() {
    let server = Server::start().await;
    server.business().await;
    let check = [
        ("date", json!("tomorrow")),
        ("date", json!("2026-13-01")),
        ("date", json!("06.01.2026")),
        ("date", json!(["2026-01-06"])),
        ("date", json!("2".repeat(2_001))),
        ("until", json!("soon")),
        ("part_of_day", json!("noonish")),
        ("part_of_day", json!(true)),
        ("service", json!({"name": "Check-up"})),
        ("service", json!("a\u{0}b")),
    ];
    for (field, value) in check {
        let mut args = json!({});
        args[field] = value;
        let answer = server.tool("check_availability", args, "c1").await;
        assert_eq!(refusal(&answer), ("invalid_argument", field), "{answer}");
        assert_eq!(answer["next"], "ask_again");
    }
    let backwards = json!({"date": "2026-01-08", "until": "2026-01-07"});
    let answer = server.tool("check_availability", backwards, "c1").await;
    assert_eq!(refusal(&answer), ("invalid_argument", "until"));
    let book = [
        ("start", json!("soon")),
        ("start", json!("2026-01-06")),
        ("phone", json!("12")),
        ("phone", json!("no number")),
        ("email", json!("not an address")),
        ("email", json!("robin at example")),
        ("name", json!("Robin\u{7}Example")),
        ("name", json!("x".repeat(201))),
        ("notes", json!([1])),
    ];
    for (field, value) in book {
        let mut more = json!({});
        more[field] = value;
        let answer = book_with(&server, more, "c1").await;
        assert_eq!(refusal(&answer), ("invalid_argument", field), "{answer}");
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_has_passed_is_refused_as_such() {
    let server = Server::start().await;
    server.business().await;
    for date in ["2026-01-04", "2025-01-06", "1999-12-31"] {
        let answer = server.tool("check_availability", json!({"date": date}), "c1").await;
        assert_eq!(refusal(&answer), ("in_the_past", "date"), "{date}");
        assert_eq!(answer["next"], "offer_other_day");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_is_missing_is_named() {
    let server = Server::start().await;
    server.business().await;
    for name in [Value::Null, json!(""), json!("  ")] {
        let answer = book_with(&server, json!({"name": name}), "c1").await;
        assert_eq!(refusal(&answer), ("missing_argument", "name"));
        assert_eq!(answer["next"], "ask_name");
    }
    let answer = book_with(&server, json!({"start": null}), "c1").await;
    assert_eq!(refusal(&answer), ("missing_argument", "slot"));
    assert_eq!(answer["next"], "offer_slots");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_no_tool_knows_change_nothing() {
    let server = Server::start().await;
    server.business().await;
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let id = "01900000-0000-7000-8000-000000000001";
    let injected = json!({
        "business_id": other.uuid().to_string(), "business": "Other Practice", "id": id,
        "appointment_id": id, "call_id": "c9", "service_id": id, "status": "cancelled",
        "cost": 99, "cost_micros": 99, "transcript": [{"role": "user", "content": "injected"}],
        "created_at": 1, "updated_at": 1, "starts_at": 1, "ends_at": 2,
        "to_number": "+12137771299", "agent_id": "agent_other", "slots": [], "duration_min": 600,
    });
    let answer = book_with(&server, injected, "c1").await;
    assert_eq!(answer["data"]["status"], "booked", "{answer}");
    assert_ne!(answer["data"]["appointment_id"], id);
    let begin = at_ms("2026-01-06T09:00:00Z");
    let row = server.db().cells(
        "SELECT b.name, a.status, a.starts_at, a.ends_at, a.created_at, c.provider_call_id,
                c.cost_micros, a.customer_phone
         FROM appointments a JOIN businesses b ON b.id = a.business_id
         JOIN calls c ON c.id = a.call_id",
    );
    let (starts, ends) = (begin.to_string(), (begin + 1_800_000).to_string());
    let made = server.now_ms().to_string();
    let wanted: [[&str; 8]; 1] =
        [["Example Practice", "confirmed", &starts, &ends, &made, "c1", "NULL", retell::CALLER]];
    assert_eq!(row, wanted);
    assert_eq!(server.number("SELECT count(*) FROM transcript_turns"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_business_follows_the_dialled_number_and_nothing_in_the_arguments() {
    let server = Server::start().await;
    server.business().await;
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let rules = Rules::new(60, 60, 0, 60).expect("within bounds");
    server.add_service(other, "Massage", rules).await;
    let args = json!({"to_number": retell::NUMBER, "agent_id": retell::AGENT,
        "business_id": "Example Practice"});
    // Dialled is the other's number, whatever the agent: the number comes first.
    let mut call = retell::call("c1");
    call["to_number"] = json!("+1 (213) 777-1299");
    let answer = server.tool_in("list_services", args.clone(), &call).await;
    let names = |answer: &Value| answer["data"]["services"].as_array().map_or(0, Vec::len);
    assert_eq!(names(&answer), 2, "{answer}");
    // A call that goes out is the business's whose number it comes from.
    let mut call = retell::call("c2");
    call["direction"] = json!("outbound");
    call["from_number"] = json!("+12137771299");
    call["to_number"] = json!(retell::NUMBER);
    let answer = server.tool_in("list_services", args.clone(), &call).await;
    assert_eq!(names(&answer), 2, "{answer}");
    // Without a number that is known, the agent says whose call it is.
    let mut call = retell::call("c3");
    call["call_type"] = json!("web_call");
    call["agent_id"] = json!("agent_other");
    let answer = server.tool_in("list_services", args, &call).await;
    assert_eq!(names(&answer), 2, "{answer}");
    let owners = server
        .db()
        .cells("SELECT DISTINCT b.name FROM calls JOIN businesses b ON b.id = business_id");
    assert_eq!(owners, [["Other Practice"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_call_that_is_proven_but_unreadable_is_told_so() {
    let server = Server::start().await;
    server.business().await;
    let bodies = [
        "not JSON".to_owned(),
        String::new(),
        "[]".to_owned(),
        json!({"args": {}, "call": retell::call("c1")}).to_string(),
        json!({"name": "list_services", "args": {}}).to_string(),
        json!({"name": "list_services", "args": [], "call": retell::call("c1")}).to_string(),
        json!({"name": "list_services", "args": {}, "call": {"call_id": ""}}).to_string(),
        "{\"name\":".to_owned() + &"[".repeat(100_000),
    ];
    for body in bodies {
        let signature = retell::signature(retell::KEY, body.as_bytes(), server.now_ms());
        let answer = server.post_raw("/tools/retell", body.as_bytes(), Some(&signature)).await;
        answer.problem(400, "unreadable");
    }
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ran_out_of_time_says_so_and_is_not_done_behind_the_callers_back() {
    let server = Setup::plain().set("LIMITS__TOOL_DEADLINE_MS", "100").start().await;
    server.business().await;
    let held = server.hold_writer().await;
    let answer = book_with(&server, json!({}), "c1").await;
    assert_eq!(refusal(&answer), ("late", ""), "{answer}");
    held.let_go().await;
    // Whatever was queued before this is decided by the time it is written.
    server.hold_writer().await.let_go().await;
    for table in ["appointments", "calls", "tool_calls"] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_at_most_two_sentences_and_twenty_five_words() {
    let server = Server::start().await;
    let business = server.business().await;
    let rules = Rules::new(60, 30, 0, 60).expect("within bounds");
    let (check, book) = ("check_availability", "book_appointment");
    let at_ten = json!({"service": "Check-up", "start": "2026-01-06T10:00", "name": "Robin"});
    let closed = json!({"service": "Check-up", "start": "2026-01-10T10:00", "name": "Robin"});
    let asked = [
        ("list_services", json!({})),
        (check, json!({})),
        (check, json!({"date": "2026-01-20"})),
        (check, json!({"date": "2026-01-19", "until": "2026-01-30"})),
        (check, json!({"date": "2026-01-19", "until": "2026-01-30", "part_of_day": "morning"})),
        (check, json!({"date": "2026-01-10"})),
        (check, json!({"date": "2026-01-01"})),
        (check, json!({"part_of_day": "noonish"})),
        (check, json!({"service": "Surgery"})),
        (book, at_ten.clone()),
        (book, closed),
        (book, json!({"slot": "unknown", "name": "Robin"})),
        (book, json!({"start": "2026-01-06T11:00"})),
        ("nonsense", json!({})),
    ];
    let mut answers = Vec::new();
    for (tool, args) in asked {
        answers.push(server.tool(tool, args, "c1").await);
    }
    answers.push(server.tool(book, at_ten, "c2").await);
    for name in ["Short visit", "Long visit"] {
        server.add_service(business, name, rules).await;
    }
    answers.push(server.tool(check, json!({}), "c1").await);
    answers.push(server.tool(check, json!({"service": "visit"}), "c1").await);
    let too_long: Vec<&str> = answers
        .iter()
        .filter_map(|answer| answer["say"].as_str())
        .filter(|say| {
            let sentences = say.matches(['.', '?', '!']).count();
            sentences > SENTENCES_MAX || say.split_whitespace().count() > WORDS_MAX
        })
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
    server.finish().await;
}
