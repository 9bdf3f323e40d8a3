//! Whose appointment it is: shown by the number of the call, else by the digits that were given.
//! Nothing of an appointment is told before, and wrong digits come to an end.

use serde_json::{Value, json};

use crate::harness::{Server, retell};
use crate::practice::{OTHER, THIRD, book, call_from, call_without_number, told, with};

const MOVE: &str = "reschedule_appointment";
const CANCEL: &str = "cancel_appointment";
const FIND: &str = "find_my_appointments";

const NOT_VERIFIED: (&str, &str, &str) = ("not_verified", "confirmation_digits", "ask_code");
const WRONG_CODE: (&str, &str, &str) = ("wrong_code", "confirmation_digits", "ask_code");
const TOO_MANY_TRIES: (&str, &str, &str) = ("too_many_tries", "", "hand_over");

/// Books on Tuesday at ten from the other number and returns the appointment's id.
async fn others(server: &Server) -> String {
    book(server, &json!({"start": "2026-01-06T10:00"}), &call_from(OTHER, "c_other")).await
}

/// The digits of the only appointment, and some that are wrong.
fn digits(server: &Server) -> (String, String) {
    let right = server.db().cells("SELECT code FROM appointments").concat().concat();
    let number: u32 = right.parse().expect("digits");
    (right, format!("{:04}", (number + 1) % 10_000))
}

/// The arguments of somebody who names the other number, with digits if any.
fn claim(digits: &str) -> Value {
    match digits {
        "" => json!({"phone": OTHER}),
        digits => json!({"phone": OTHER, "confirmation_digits": digits}),
    }
}

fn status(server: &Server) -> Vec<Vec<String>> {
    server.db().cells("SELECT status FROM appointments ORDER BY starts_at")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_under_another_number_is_shown_by_its_digits_only() {
    let server = Server::start().await;
    server.business().await;
    let id = others(&server).await;
    let (right, wrong) = digits(&server);
    let new_time = json!({"start": "2026-01-08T10:00"});
    for (tool, more) in [(FIND, json!({})), (MOVE, new_time.clone()), (CANCEL, json!({}))] {
        let call_id = format!("c_{tool}");
        let answer = server.tool(tool, with(&claim(""), &more), &call_id).await;
        assert_eq!(told(&answer), NOT_VERIFIED, "{tool}: {answer}");
        let answer = server.tool(tool, with(&claim(&wrong), &more), &call_id).await;
        assert_eq!(told(&answer), WRONG_CODE, "{tool}: {answer}");
        let shown = answer.to_string();
        assert!(!shown.contains(&id) && !shown.contains("Robin"), "{tool}: {answer}");
    }
    assert_eq!(status(&server), [["confirmed"]]);
    let answer = server.tool(FIND, claim(&right), "c1").await;
    assert_eq!(answer["data"]["appointments"][0]["appointment_id"], json!(id), "{answer}");
    let answer = server.tool(MOVE, with(&claim(&right), &new_time), "c2").await;
    assert_eq!(answer["data"]["status"], "moved", "{answer}");
    let answer = server.tool(CANCEL, claim(&right), "c3").await;
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digits_are_told_to_whoever_books_for_another_number_and_can_be_said_back() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example", "phone": OTHER});
    let booked = server.tool("book_appointment", args, "c1").await;
    let words = booked["data"]["confirmation"].as_str().expect("digits are given");
    assert_eq!(words.split_whitespace().count(), 4, "{booked}");
    let say = booked["say"].as_str().expect("an answer says something");
    assert!(say.contains(words), "{say}");
    let third = call_from(THIRD, "c2");
    let answer = server.tool_in(FIND, claim(words), &third).await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    assert_eq!(answer["data"]["appointments"].as_array().map(Vec::len), Some(1), "{answer}");
    let args = json!({"start": "2026-01-06T11:00", "name": "Robin Example"});
    let booked = server.tool("book_appointment", args, "c3").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let confirmation = &booked["data"]["confirmation"];
    assert_eq!(*confirmation, Value::Null, "the number of the call shows it: {booked}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_wrong_digits_a_call_gets_no_more_tries() {
    let server = Server::start().await;
    server.business().await;
    others(&server).await;
    let (right, wrong) = digits(&server);
    let new_time = json!({"start": "2026-01-08T10:00"});
    for (tool, more) in [(FIND, json!({})), (MOVE, new_time.clone()), (CANCEL, json!({}))] {
        let answer = server.tool(tool, with(&claim(&wrong), &more), "c1").await;
        assert_eq!(told(&answer), WRONG_CODE, "{tool}: {answer}");
    }
    for (tool, more) in [(FIND, json!({})), (MOVE, new_time), (CANCEL, json!({}))] {
        let answer = server.tool(tool, with(&claim(&right), &more), "c1").await;
        assert_eq!(told(&answer), TOO_MANY_TRIES, "{tool}: {answer}");
    }
    assert_eq!(status(&server), [["confirmed"]]);
    let answer = server.tool(CANCEL, claim(&right), "c2").await;
    assert_eq!(answer["data"]["status"], "cancelled", "another call may try: {answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_wrong_digits_an_appointment_is_shown_by_its_number_only() {
    let server = Server::start().await;
    server.business().await;
    others(&server).await;
    let (right, wrong) = digits(&server);
    for attempt in 0..10 {
        let answer = server.tool(FIND, claim(&wrong), &format!("c{}", attempt / 3)).await;
        assert_eq!(told(&answer), WRONG_CODE, "{attempt}: {answer}");
    }
    assert_eq!(server.number("SELECT code_misses FROM appointments"), 10);
    let answer = server.tool(CANCEL, claim(&right), "c_new").await;
    assert_eq!(told(&answer), WRONG_CODE, "not even the right ones: {answer}");
    assert_eq!(status(&server), [["confirmed"]]);
    let own = call_from(OTHER, "c_own");
    let answer = server.tool_in(CANCEL, json!({}), &own).await;
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_digits_make_the_wrong_ones_before_forgotten() {
    let server = Server::start().await;
    server.business().await;
    others(&server).await;
    let (right, wrong) = digits(&server);
    let misses = "SELECT code_misses FROM appointments";
    for attempt in 1..=2 {
        let answer = server.tool(FIND, claim(&wrong), "c1").await;
        assert_eq!(told(&answer), WRONG_CODE, "{answer}");
        assert_eq!(server.number(misses), attempt);
    }
    let answer = server.tool(FIND, claim(&right), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    assert_eq!(server.number(misses), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_without_appointments_is_answered_like_one_that_has_some() {
    let server = Server::start().await;
    server.business().await;
    others(&server).await;
    let (_, wrong) = digits(&server);
    let moves = json!({"start": "2026-01-08T10:00"});
    for (tool, more) in [(FIND, json!({})), (MOVE, moves), (CANCEL, json!({}))] {
        for (digits, wanted) in [("", NOT_VERIFIED), (wrong.as_str(), WRONG_CODE)] {
            let known = with(&claim(digits), &more);
            let nobodys = with(&known, &json!({"phone": THIRD}));
            let known = server.tool(tool, known, &format!("c1_{tool}")).await;
            let nobodys = server.tool(tool, nobodys, &format!("c2_{tool}")).await;
            assert_eq!(told(&known), wanted, "{tool}: {known}");
            assert_eq!(nobodys, known, "{tool}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_alone_shows_nothing_and_another_business_knows_none() {
    let server = Server::start().await;
    server.business().await;
    server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let id = others(&server).await;
    let (right, _) = digits(&server);
    let by_id = json!({"appointment_id": id, "start": "2026-01-08T10:00"});
    let unknown = ("unknown_appointment", "", "ask_which");
    for tool in [MOVE, CANCEL] {
        let answer = server.tool(tool, by_id.clone(), "c1").await;
        assert_eq!(told(&answer), NOT_VERIFIED, "{tool}: {answer}");
        let mut elsewhere = call_from(OTHER, "c2");
        elsewhere["to_number"] = json!("+12137771299");
        let answer = server.tool_in(tool, by_id.clone(), &elsewhere).await;
        assert_eq!(told(&answer), unknown, "{tool}: {answer}");
        let nobodys = json!({"appointment_id": "01900000-0000-7000-8000-000000000001",
            "start": "2026-01-08T10:00"});
        let answer = server.tool(tool, nobodys, "c1").await;
        assert_eq!(told(&answer), unknown, "{tool}: {answer}");
    }
    let args = json!({"appointment_id": id, "confirmation_digits": right});
    let answer = server.tool(CANCEL, args, "c3").await;
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_shows_no_number_is_asked_for_it_and_for_the_digits() {
    let server = Server::start().await;
    server.business().await;
    others(&server).await;
    let (right, _) = digits(&server);
    let hidden = call_without_number("c1");
    for tool in [FIND, MOVE, CANCEL] {
        let answer = server.tool_in(tool, json!({}), &hidden).await;
        assert_eq!(told(&answer), ("missing_argument", "phone", "ask_phone"), "{tool}: {answer}");
        let answer = server.tool_in(tool, claim(""), &hidden).await;
        assert_eq!(told(&answer), NOT_VERIFIED, "{tool}: {answer}");
    }
    let answer = server.tool_in(CANCEL, claim(&right), &hidden).await;
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_show_the_one_appointment_that_they_belong_to() {
    let server = Server::start().await;
    server.business().await;
    for start in ["2026-01-06T10:00", "2026-01-07T10:00"] {
        book(&server, &json!({"start": start}), &call_from(OTHER, "c_other")).await;
    }
    let codes = "UPDATE appointments SET code = '1111' WHERE starts_at =
          (SELECT min(starts_at) FROM appointments);
        UPDATE appointments SET code = '2222' WHERE starts_at =
          (SELECT max(starts_at) FROM appointments)";
    server.db().change(codes).expect("the file can be changed");
    let answer = server.tool(FIND, claim("two two, double two"), "c1").await;
    let shown = answer["data"]["appointments"].as_array().expect("appointments are told");
    assert_eq!(shown.len(), 1, "{answer}");
    assert_eq!(shown[0]["start"], "2026-01-07T10:00:00+01:00");
    let answer = server.tool(CANCEL, claim("2222"), "c1").await;
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
    assert_eq!(status(&server), [["confirmed"], ["cancelled"]]);
    assert_eq!(server.number("SELECT sum(code_misses) FROM appointments"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_from_the_number_of_an_appointment_needs_no_digits_even_when_they_name_it() {
    let server = Server::start().await;
    server.business().await;
    book(&server, &json!({"start": "2026-01-06T10:00"}), &retell::call("c1")).await;
    for phone in [retell::CALLER, "213 777 1234"] {
        let answer = server.tool(FIND, json!({"phone": phone}), "c2").await;
        assert_eq!(told(&answer), ("", "", "go_on"), "{phone}: {answer}");
        let shown = answer["data"]["appointments"].as_array().map(Vec::len);
        assert_eq!(shown, Some(1), "{phone}: {answer}");
    }
    server.finish().await;
}
