//! What a caller tells piece by piece: what a booking still needs, the time that is set aside
//! meanwhile, who is calling, and what to pass on.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Server, at_ms, retell};
use crate::practice::{OTHER, book, call_from, call_without_number, starts, told};

/// How long a time is set aside when nothing else is configured.
const HOLD: SignedDuration = SignedDuration::from_mins(5);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Tells all that a booking at a time needs.
async fn collect(server: &Server, start: &str, call_id: &str) -> Value {
    let args = json!({"start": start, "name": "Robin Example"});
    server.tool("collect_appointment_data", args, call_id).await
}

/// Books at a time.
async fn take(server: &Server, start: &str, call_id: &str) -> Value {
    let args = json!({"start": start, "name": "Robin Example"});
    server.tool("book_appointment", args, call_id).await
}

/// Where each appointment and hold stands, by its start.
fn book_of_record(server: &Server) -> Vec<Vec<String>> {
    server.db().cells("SELECT status, starts_at FROM appointments ORDER BY starts_at, id")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_booking_still_needs_is_asked_for_one_after_the_other() {
    let server = Server::start().await;
    server.business().await;
    let (shown, hidden) = (retell::call("c1"), call_without_number("c2"));
    let when = ("missing_argument", "when", "ask_time");
    let name = ("missing_argument", "name", "ask_name");
    let phone = ("missing_argument", "phone", "ask_phone");
    let at_ten = "2026-01-06T10:00";
    let cases = [
        (json!({}), &shown, when, json!(["when", "name"])),
        (json!({"name": "Robin Example"}), &shown, when, json!(["when"])),
        (json!({"start": at_ten}), &shown, name, json!(["name"])),
        (json!({}), &hidden, when, json!(["when", "name", "phone"])),
        (json!({"start": at_ten}), &hidden, name, json!(["name", "phone"])),
        (json!({"start": at_ten, "name": "Robin Example"}), &hidden, phone, json!(["phone"])),
    ];
    for (args, call, wanted, missing) in cases {
        let answer = server.tool_in("collect_appointment_data", args.clone(), call).await;
        assert_eq!(told(&answer), wanted, "{args}: {answer}");
        assert_eq!(answer["data"]["missing"], missing, "{args}");
    }
    let args = json!({"when": "tomorrow", "name": "Robin Example"});
    let answer = server.tool("collect_appointment_data", args, "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "days are no single time: {answer}");
    assert!(starts(&answer).iter().all(|start| start.starts_with("2026-01-06")), "{answer}");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0, "nothing is set aside yet");
    let args = json!({"start": at_ten, "name": "Robin Example", "phone": "213 777 1236"});
    let answer = server.tool_in("collect_appointment_data", args, &hidden).await;
    assert_eq!(answer["data"]["status"], "proposed", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_refused_while_it_is_collected() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        (json!({"waiting_list": "perhaps"}), ("invalid_argument", "waiting_list", "ask_again")),
        (json!({"waiting_list": 1}), ("invalid_argument", "waiting_list", "ask_again")),
        (json!({"name": ["Robin"]}), ("invalid_argument", "name", "ask_again")),
        (json!({"name": "?!"}), ("invalid_argument", "name", "ask_again")),
        (json!({"phone": "12"}), ("invalid_argument", "phone", "ask_again")),
        (json!({"email": "not an address"}), ("invalid_argument", "email", "ask_again")),
        (
            json!({"slot": "zzzzzzzz", "name": "Robin Example"}),
            ("unknown_slot", "slot", "offer_slots"),
        ),
    ];
    for (args, wanted) in cases {
        let answer = server.tool("collect_appointment_data", args.clone(), "c1").await;
        assert_eq!(told(&answer), wanted, "{args}: {answer}");
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_set_aside_once_all_is_told_and_becomes_the_appointment() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"when": "tomorrow at ten", "name": "Robin Example"});
    let answer = server.tool("collect_appointment_data", args, "c1").await;
    assert_eq!(told(&answer), ("", "", "confirm"), "{answer}");
    let data = &answer["data"];
    assert_eq!((&data["status"], &data["service"]), (&json!("proposed"), &json!("Check-up")));
    assert_eq!(data["start"], "2026-01-06T10:00:00+01:00");
    assert_eq!(data["name"], "Robin Example");
    assert_eq!(data["appointment_id"], Value::Null, "it is no appointment yet");
    let row = "SELECT status, held_until_at, customer_name FROM appointments";
    let until = (server.now_ms() + 300_000).to_string();
    assert_eq!(server.db().cells(row), [["held", until.as_str(), ""]]);
    let ids = "SELECT id FROM appointments";
    let held = server.db().cells(ids);
    book(&server, &json!({"start": "2026-01-06T10:00"}), &retell::call("c1")).await;
    assert_eq!(server.db().cells(row), [["confirmed", "NULL", "Robin Example"]]);
    assert_eq!(server.db().cells(ids), held, "the hold became it");
    let kinds = server.db().cells("SELECT kind FROM appointment_changes ORDER BY id");
    assert_eq!(kinds, [["held"], ["confirmed"]]);
    assert_eq!(server.db().cells("SELECT kind FROM events"), [["appointment.booked"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_was_offered_is_set_aside_and_booked() {
    let server = Server::start().await;
    server.business().await;
    let offered = server.tool("check_availability", json!({"when": "tomorrow"}), "c1").await;
    let slot = json!({"slot": offered["data"]["slots"][1]["slot"], "name": "Robin Example"});
    let answer = server.tool("collect_appointment_data", slot.clone(), "c1").await;
    assert_eq!(told(&answer), ("", "", "confirm"), "{answer}");
    assert_eq!(answer["data"]["start"], offered["data"]["slots"][1]["start"]);
    let booked = server.tool("book_appointment", slot, "c1").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_set_aside_is_kept_for_its_call_only() {
    let server = Server::start().await;
    server.business().await;
    assert_eq!(collect(&server, "2026-01-06T10:00", "c1").await["data"]["status"], "proposed");
    let said = json!({"when": "tomorrow at ten"});
    let others = [
        server.tool("check_availability", said, "c2").await,
        collect(&server, "2026-01-06T10:00", "c2").await,
        take(&server, "2026-01-06T10:00", "c2").await,
    ];
    for answer in &others {
        assert_eq!(told(answer), ("taken", "", "offer_slots"), "{answer}");
    }
    let booked = take(&server, "2026-01-06T10:00", "c1").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_keeps_one_time_and_a_new_wish_frees_the_old_one() {
    let server = Server::start().await;
    server.business().await;
    let ten = at_ms("2026-01-06T09:00:00Z").to_string();
    let eleven = at_ms("2026-01-06T10:00:00Z").to_string();
    for start in ["2026-01-06T10:00", "2026-01-06T11:00"] {
        let answer = collect(&server, start, "c1").await;
        assert_eq!(answer["data"]["status"], "proposed", "{answer}");
    }
    assert_eq!(book_of_record(&server), [["held", eleven.as_str()]]);
    let freed = collect(&server, "2026-01-06T10:00", "c2").await;
    assert_eq!(freed["data"]["status"], "proposed", "{freed}");
    let taken = collect(&server, "2026-01-06T11:00", "c2").await;
    assert_eq!(told(&taken), ("taken", "", "offer_slots"), "{taken}");
    let both = [["held", ten.as_str()], ["held", eleven.as_str()]];
    assert_eq!(book_of_record(&server), both, "what was refused changes nothing");
    // To book another time than the one that is set aside gives that one up.
    let booked = take(&server, "2026-01-06T12:00", "c1").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let noon = at_ms("2026-01-06T11:00:00Z").to_string();
    let left = [["held", ten.as_str()], ["confirmed", noon.as_str()]];
    assert_eq!(book_of_record(&server), left);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_is_free_when_its_call_ends() {
    let server = Server::start().await;
    server.business().await;
    assert_eq!(collect(&server, "2026-01-06T10:00", "c1").await["data"]["status"], "proposed");
    assert_eq!(server.hook(retell::ended("c1")).await.status, 204);
    server.settled().await;
    assert!(book_of_record(&server).is_empty());
    let booked = take(&server, "2026-01-06T10:00", "c2").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_stays_when_its_call_ends() {
    let server = Server::start().await;
    server.business().await;
    collect(&server, "2026-01-06T10:00", "c1").await;
    take(&server, "2026-01-06T10:00", "c1").await;
    assert_eq!(server.hook(retell::ended("c1")).await.status, 204);
    server.settled().await;
    let ten = at_ms("2026-01-06T09:00:00Z").to_string();
    assert_eq!(book_of_record(&server), [["confirmed", ten.as_str()]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_is_free_after_its_time_and_can_still_be_had_by_whoever_is_first() {
    let server = Server::start().await;
    server.business().await;
    assert_eq!(collect(&server, "2026-01-06T10:00", "c1").await["data"]["status"], "proposed");
    server.advance(HOLD - SECOND);
    let early = take(&server, "2026-01-06T10:00", "c2").await;
    assert_eq!(told(&early), ("taken", "", "offer_slots"), "a second before: {early}");
    server.advance(SECOND);
    let said = json!({"when": "tomorrow at ten"});
    let free = server.tool("check_availability", said, "c2").await;
    assert_eq!(starts(&free), ["2026-01-06T10:00"], "{free}");
    let booked = take(&server, "2026-01-06T10:00", "c1").await;
    assert_eq!(booked["data"]["status"], "booked", "nobody else was first: {booked}");
    assert_eq!(collect(&server, "2026-01-06T11:00", "c3").await["data"]["status"], "proposed");
    server.advance(HOLD);
    let booked = take(&server, "2026-01-06T11:00", "c4").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let late = take(&server, "2026-01-06T11:00", "c3").await;
    assert_eq!(told(&late), ("taken", "", "offer_slots"), "{late}");
    let confirmed = "SELECT count(*) FROM appointments WHERE status = 'confirmed'";
    assert_eq!(server.number(confirmed), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_says_of_themselves_is_noted_and_read_back() {
    let server = Server::start().await;
    server.business().await;
    let answer = server.tool("collect_customer_info", json!({}), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "the number is known: {answer}");
    assert_eq!(answer["data"]["caller"]["phone"], retell::CALLER);
    let cases = [
        (json!({"name": "my name is Robin Example"}), "go_on", "name", "Robin Example"),
        (json!({"phone": "213 777 1236"}), "confirm", "phone", "+12137771236"),
        (json!({"email": "robin@example.com"}), "confirm", "email", "robin@example.com"),
    ];
    for (args, next, member, value) in cases {
        let answer = server.tool("collect_customer_info", args.clone(), "c1").await;
        assert_eq!(told(&answer), ("", "", next), "{args}: {answer}");
        let caller = &answer["data"]["caller"];
        assert_eq!(caller[member], value, "{args}: {answer}");
        let say = answer["say"].as_str().expect("an answer says something");
        let spoken = caller[format!("spoken_{member}")].as_str().unwrap_or(value);
        assert!(say.contains(spoken), "{args}: {say}");
    }
    let refused = [
        (json!({"name": "?!"}), "name"),
        (json!({"phone": "12"}), "phone"),
        (json!({"email": "not an address"}), "email"),
    ];
    for (args, field) in refused {
        let answer = server.tool("collect_customer_info", args, "c1").await;
        assert_eq!(told(&answer), ("invalid_argument", field, "ask_again"), "{answer}");
    }
    let hidden = call_without_number("c2");
    let answer = server.tool_in("collect_customer_info", json!({}), &hidden).await;
    assert_eq!(told(&answer), ("missing_argument", "name", "ask_name"), "{answer}");
    assert_eq!(server.number("SELECT count(*) FROM customers"), 0, "nobody is made known by it");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_is_known_is_found_by_the_number_and_never_guessed() {
    let server = Server::start().await;
    server.business().await;
    take(&server, "2026-01-06T10:00", "c1").await;
    let answer = server.tool("collect_customer_info", json!({}), "c2").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    assert_eq!(answer["data"]["caller"]["name"], "Robin Example");
    let kim = json!({"start": "2026-01-06T11:00", "name": "Kim Example"});
    book(&server, &kim, &retell::call("c3")).await;
    let names = server.db().cells("SELECT name FROM customers ORDER BY name");
    assert_eq!(names, [["Kim Example"], ["Robin Example"]]);
    let answer = server.tool("collect_customer_info", json!({}), "c4").await;
    assert_eq!(told(&answer), ("ambiguous_customer", "name", "ask_name"), "{answer}");
    assert_eq!(answer["data"]["caller"], Value::Null, "nobody is chosen");
    let answer = server.tool("collect_customer_info", json!({"name": "Kim"}), "c4").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_whose_another_number_or_address_is() {
    let server = Server::start().await;
    server.business().await;
    let robin = json!({"start": "2026-01-06T10:00", "email": "robin@example.com"});
    book(&server, &robin, &retell::call("c1")).await;
    let kim = json!({"start": "2026-01-06T11:00", "name": "Kim Example"});
    book(&server, &kim, &retell::call("c1")).await;
    assert_eq!(server.number("SELECT count(*) FROM customers"), 2);
    for call in [call_from(OTHER, "c2"), call_without_number("c3")] {
        for args in [json!({"phone": retell::CALLER}), json!({"email": "robin@example.com"})] {
            let answer = server.tool_in("collect_customer_info", args.clone(), &call).await;
            assert_eq!(told(&answer), ("", "", "confirm"), "{args}: {answer}");
            assert_eq!(answer["data"]["caller"]["name"], Value::Null, "{args}: {answer}");
            let shown = answer.to_string();
            assert!(!shown.contains("Robin") && !shown.contains("Kim"), "{args}: {answer}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_once_however_often_it_is_given() {
    let server = Server::start().await;
    server.business().await;
    let text = "Please tell the doctor that I called.";
    let args = json!({"message": text, "name": "Robin Example"});
    let first = server.tool("take_message", args.clone(), "c1").await;
    assert_eq!(told(&first), ("", "", "go_on"), "{first}");
    let again = server.tool("take_message", args, "c1").await;
    assert_eq!(again, first);
    let rows = server.db().cells("SELECT customer_name, customer_phone, text FROM messages");
    assert_eq!(rows, [["Robin Example", retell::CALLER, text]]);
    assert_eq!(server.db().cells("SELECT kind FROM events"), [["message.taken"]]);
    let refused = [
        (json!({}), ("missing_argument", "message", "ask_again")),
        (json!({"message": "  "}), ("missing_argument", "message", "ask_again")),
        (json!({"message": ["Hello."]}), ("invalid_argument", "message", "ask_again")),
        (json!({"message": "x".repeat(2_001)}), ("invalid_argument", "message", "ask_again")),
        (json!({"message": "Hello.", "phone": "12"}), ("invalid_argument", "phone", "ask_again")),
    ];
    for (args, wanted) in refused {
        let answer = server.tool("take_message", args, "c1").await;
        assert_eq!(told(&answer), wanted, "{answer}");
    }
    assert_eq!(server.number("SELECT count(*) FROM messages"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_messages_than_one_caller_may_leave_are_handed_over() {
    let server = Server::start().await;
    server.business().await;
    for number in ["one", "two", "three", "four", "five"] {
        let args = json!({"message": format!("Number {number}.")});
        let answer = server.tool("take_message", args, "c1").await;
        assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    }
    let args = json!({"message": "Number six."});
    let answer = server.tool("take_message", args.clone(), "c1").await;
    assert_eq!(told(&answer), ("too_many", "", "hand_over"), "{answer}");
    let answer = server.tool("take_message", args, "c2").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "another call may: {answer}");
    assert_eq!(server.number("SELECT count(*) FROM messages"), 6);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_appointments_than_one_caller_may_book_are_handed_over() {
    let server = Server::start().await;
    server.business().await;
    for half_hours in 0..10 {
        let (hour, minute) = (9 + half_hours / 2, half_hours % 2 * 30);
        let booked = take(&server, &format!("2026-01-06T{hour:02}:{minute:02}"), "c1").await;
        assert_eq!(booked["data"]["status"], "booked", "{booked}");
    }
    let answer = take(&server, "2026-01-06T14:00", "c1").await;
    assert_eq!(told(&answer), ("too_many", "", "hand_over"), "{answer}");
    assert_eq!(answer["data"]["success"], false);
    let booked = take(&server, "2026-01-06T14:00", "c2").await;
    assert_eq!(booked["data"]["status"], "booked", "another call may: {booked}");
    server.finish().await;
}
