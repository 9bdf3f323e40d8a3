//! A caller's own appointments: told, moved and called off, once for each wish, and never to a time
//! that somebody else has.

use frontdesk::app::appointments::Request;
use frontdesk::app::exceptions::ExceptionOf;
use frontdesk::domain::appointment::Actor;
use frontdesk::domain::ids::AppointmentId;
use frontdesk::domain::scheduling::book::Change;
use serde_json::{Value, json};

use crate::harness::{Server, at_ms, retell};
use crate::practice::{
    OTHER, add_person, add_service, book, call_from, except, first_branch, service, staffed,
    starts, told,
};

const MOVE: &str = "reschedule_appointment";
const CANCEL: &str = "cancel_appointment";
const FIND: &str = "find_my_appointments";

/// Books for the usual caller.
async fn books(server: &Server, start: &str, call_id: &str) -> String {
    book(server, &json!({"start": start}), &retell::call(call_id)).await
}

/// Where each appointment stands, by its start.
fn standing(server: &Server) -> Vec<Vec<String>> {
    server.db().cells("SELECT status, starts_at FROM appointments ORDER BY starts_at, id")
}

/// What was done to appointments, first to last.
fn history(server: &Server) -> Vec<String> {
    let rows = server.db().cells("SELECT kind FROM appointment_changes ORDER BY id");
    rows.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_told_their_own_appointments_ahead() {
    let server = Server::start().await;
    server.business().await;
    let answer = server.tool(FIND, json!({}), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    assert_eq!(answer["data"], json!({"today": "Monday 2026-01-05"}));
    let second = books(&server, "2026-01-07T10:00", "c1").await;
    let first = books(&server, "2026-01-06T10:00", "c1").await;
    book(&server, &json!({"start": "2026-01-06T11:00"}), &call_from(OTHER, "c2")).await;
    let answer = server.tool(FIND, json!({}), "c3").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    let own = answer["data"]["appointments"].as_array().expect("appointments are told");
    let ids: Vec<&Value> = own.iter().map(|one| &one["appointment_id"]).collect();
    assert_eq!(ids, [&json!(first), &json!(second)], "by their start, and nobody else's");
    assert!(own.iter().all(|one| one["status"] == "booked"), "{answer}");
    // Once one has begun it is no longer ahead.
    server.go_to("2026-01-06T09:00:01Z");
    let answer = server.tool(FIND, json!({}), "c4").await;
    let own = answer["data"]["appointments"].as_array().expect("appointments are told");
    assert_eq!(own.len(), 1, "{answer}");
    assert_eq!(own[0]["appointment_id"], json!(second));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_moved_and_its_old_time_is_free_at_once() {
    let server = Server::start().await;
    server.business().await;
    let id = books(&server, "2026-01-06T10:00", "c1").await;
    let answer = server.tool(MOVE, json!({"start": "2026-01-06T11:00"}), "c2").await;
    assert_eq!(told(&answer), ("", "", "confirm"), "{answer}");
    let data = &answer["data"];
    assert_eq!((&data["status"], &data["success"]), (&json!("moved"), &json!(true)));
    assert_eq!((&data["appointment_id"], &data["service"]), (&json!(id), &json!("Check-up")));
    assert_eq!(data["start"], "2026-01-06T11:00:00+01:00");
    assert_eq!(data["end"], "2026-01-06T11:30:00+01:00");
    assert_eq!(history(&server), ["booked", "moved"]);
    let events = server.db().cells("SELECT kind FROM events ORDER BY id");
    assert_eq!(events, [["appointment.booked"], ["appointment.moved"]]);
    book(&server, &json!({"start": "2026-01-06T10:00"}), &call_from(OTHER, "c3")).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_moved_to_a_slot_that_was_offered_in_the_same_call_only() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, service("Massage")).await;
    let args = json!({"service": "Check-up", "start": "2026-01-06T10:00"});
    book(&server, &args, &retell::call("c1")).await;
    let slot = async |service: &str, call_id: &str| {
        let args = json!({"service": service, "date": "2026-01-08"});
        let answer = server.tool("check_availability", args, call_id).await;
        answer["data"]["slots"][0].clone()
    };
    let (own, massage) = (slot("Check-up", "c2").await, slot("Massage", "c2").await);
    let anothers = slot("Check-up", "c3").await;
    for wrong in [&massage["slot"], &anothers["slot"], &json!("zzzzzzzz")] {
        let answer = server.tool(MOVE, json!({"slot": wrong}), "c2").await;
        assert_eq!(told(&answer), ("unknown_slot", "slot", "offer_slots"), "{answer}");
        assert_eq!(answer["data"]["success"], false);
    }
    assert_eq!(history(&server), ["booked"]);
    let answer = server.tool(MOVE, json!({"slot": own["slot"]}), "c2").await;
    assert_eq!(answer["data"]["status"], "moved", "{answer}");
    assert_eq!(answer["data"]["start"], own["start"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_with_somebody_who_has_left_since_is_none() {
    let server = Server::start().await;
    let business = server.business().await;
    let branch = first_branch(&server, business).await;
    add_service(&server, business, staffed("Massage")).await;
    add_person(&server, business, "Kim West", branch, None).await;
    let lee = add_person(&server, business, "Lee East", branch, None).await;
    let args = json!({"service": "Massage", "start": "2026-01-06T10:00", "staff": "Kim West"});
    book(&server, &args, &retell::call("c1")).await;
    let args = json!({"service": "Massage", "date": "2026-01-08", "staff": "Lee East"});
    let answer = server.tool("check_availability", args, "c1").await;
    let slot = &answer["data"]["slots"][0]["slot"];
    assert!(slot.is_string(), "{answer}");
    server.app().remove_staff(business, lee).await.expect("nothing hangs on them");
    let named = json!({"slot": slot, "name": "Robin Example"});
    for (tool, args) in [
        ("book_appointment", &named),
        ("collect_appointment_data", &named),
        (MOVE, &json!({"slot": slot})),
    ] {
        let answer = server.tool(tool, args.clone(), "c1").await;
        assert_eq!(told(&answer), ("unknown_slot", "slot", "offer_slots"), "{tool}: {answer}");
    }
    assert_eq!(history(&server), ["booked"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_twice_moves_once() {
    let server = Server::start().await;
    server.business().await;
    books(&server, "2026-01-06T10:00", "c1").await;
    let args = json!({"start": "2026-01-06T11:00"});
    let first = server.tool(MOVE, args.clone(), "c1").await;
    assert_eq!(first["data"]["status"], "moved", "{first}");
    assert_eq!(server.tool(MOVE, args, "c1").await, first, "the same question");
    let in_other_words = [
        (json!({"date": "2026-01-06", "time": "11:00"}), "c1"),
        (json!({"when": "tomorrow at eleven"}), "c1"),
        (json!({"start": "2026-01-06T10:00:00Z"}), "c2"),
    ];
    for (args, call_id) in in_other_words {
        let answer = server.tool(MOVE, args.clone(), call_id).await;
        assert_eq!(answer["data"]["status"], "moved", "{args}: {answer}");
        assert_eq!(answer["data"]["start"], "2026-01-06T11:00:00+01:00", "{args}");
    }
    assert_eq!(history(&server), ["booked", "moved"]);
    let moved = "SELECT count(*) FROM events WHERE kind = 'appointment.moved'";
    assert_eq!(server.number(moved), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_moved_to_the_time_that_its_call_has_set_aside() {
    let server = Server::start().await;
    server.business().await;
    books(&server, "2026-01-06T10:00", "c1").await;
    let args = json!({"start": "2026-01-06T11:00", "name": "Robin Example"});
    let held = server.tool("collect_appointment_data", args, "c2").await;
    assert_eq!(held["data"]["status"], "proposed", "{held}");
    let moved = server.tool(MOVE, json!({"start": "2026-01-06T11:00"}), "c2").await;
    assert_eq!(moved["data"]["status"], "moved", "{moved}");
    let eleven = at_ms("2026-01-06T10:00:00Z").to_string();
    assert_eq!(standing(&server), [["confirmed", eleven.as_str()]], "nothing else is kept");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_refused_changes_nothing_and_comes_with_other_times() {
    let server = Server::start().await;
    server.business().await;
    books(&server, "2026-01-06T10:00", "c1").await;
    book(&server, &json!({"start": "2026-01-06T11:00"}), &call_from(OTHER, "c2")).await;
    let before = standing(&server);
    let cases = [
        ("2026-01-06T11:00", "taken"),
        ("2026-01-10T10:00", "closed"),
        ("2026-01-06T10:10", "off_grid"),
        ("2026-01-05T08:30", "in_the_past"),
        ("2026-06-01T10:00", "too_far"),
    ];
    for (start, reason) in cases {
        let answer = server.tool(MOVE, json!({"start": start}), "c3").await;
        assert_eq!(told(&answer), (reason, "", "offer_slots"), "{start}: {answer}");
        assert_eq!(answer["data"]["success"], false, "{start}");
        assert_eq!(answer["data"]["status"], Value::Null, "{start}");
        assert!(!starts(&answer).is_empty(), "{start}: {answer}");
    }
    assert_eq!(standing(&server), before);
    assert_eq!(history(&server), ["booked", "booked"]);
    let answer = server.tool(MOVE, json!({"start": "2026-01-06T11:00"}), "c4").await;
    let slot = &answer["data"]["slots"][0];
    let moved = server.tool(MOVE, json!({"slot": slot["slot"]}), "c4").await;
    assert_eq!(moved["data"]["start"], slot["start"], "{moved}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_stays_with_the_same_person_as_long_as_they_are_free() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    for name in ["Anna North", "Ben West"] {
        add_person(&server, business, name, branch, None).await;
    }
    let with_ben = |start: &str| json!({"service": "Massage", "staff": "Ben", "start": start});
    book(&server, &with_ben("2026-01-06T10:00"), &retell::call("c1")).await;
    // Ben is the busier one on Wednesday, and has Thursday at ten.
    for start in ["2026-01-07T09:00", "2026-01-07T11:00", "2026-01-08T10:00"] {
        book(&server, &with_ben(start), &call_from(OTHER, "c2")).await;
    }
    let cases = [
        (json!({"start": "2026-01-07T10:00"}), "Ben West"),
        (json!({"start": "2026-01-08T10:00"}), "Anna North"),
        (json!({"start": "2026-01-09T10:00", "staff": "Ben"}), "Ben West"),
        (json!({"start": "2026-01-09T10:00", "staff": "Anna"}), "Anna North"),
    ];
    for (args, staff) in cases {
        let answer = server.tool(MOVE, args.clone(), "c3").await;
        assert_eq!(answer["data"]["status"], "moved", "{args}: {answer}");
        assert_eq!(answer["data"]["staff"], staff, "{args}: {answer}");
    }
    let args = json!({"start": "2026-01-09T11:00", "staff": "Zoe"});
    let answer = server.tool(MOVE, args, "c3").await;
    assert_eq!(told(&answer), ("unknown_staff", "staff", "ask_staff"), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_a_move_to_days_times_with_the_same_person_are_offered_first() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    add_person(&server, business, "Anna North", branch, None).await;
    let ben = add_person(&server, business, "Ben West", branch, None).await;
    except(&server, business, ExceptionOf::Staff(ben), ("2026-01-09", "closed", "")).await;
    let args = json!({"service": "Massage", "staff": "Ben", "start": "2026-01-06T10:00"});
    book(&server, &args, &retell::call("c1")).await;
    let cases =
        [("thursday", "2026-01-08", json!("Ben West")), ("friday", "2026-01-09", json!(null))];
    for (when, day, staff) in cases {
        let answer = server.tool(MOVE, json!({"when": when}), "c2").await;
        assert_eq!(told(&answer), ("", "", "offer_slots"), "{when}: {answer}");
        assert_eq!(answer["data"]["status"], Value::Null, "nothing is moved yet: {answer}");
        let slots = answer["data"]["slots"].as_array().expect("slots are offered");
        assert!(slots.iter().all(|slot| slot["staff"] == staff), "{when}: {answer}");
        assert!(starts(&answer).iter().all(|start| &start[..10] == day), "{when}: {answer}");
    }
    let answer = server.tool(MOVE, json!({"date": "2026-01-10"}), "c2").await;
    assert_eq!(told(&answer), ("none_free", "", "offer_slots"), "{answer}");
    assert_eq!(history(&server), ["booked"]);
    let slot = json!({"slot": answer["data"]["slots"][0]["slot"]});
    let moved = server.tool(MOVE, slot, "c2").await;
    assert_eq!(moved["data"]["status"], "moved", "{moved}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_whose_time_is_missing_or_cannot_be_understood_asks_for_it() {
    let server = Server::start().await;
    server.business().await;
    books(&server, "2026-01-06T10:00", "c1").await;
    let cases = [
        (json!({}), ("missing_argument", "slot", "ask_time")),
        (json!({"time": "10:00"}), ("missing_argument", "date", "ask_time")),
        (json!({"start": "soon"}), ("invalid_argument", "start", "ask_again")),
        (json!({"when": "next friday"}), ("ambiguous_time", "when", "ask_again")),
        (json!({"when": "yesterday"}), ("in_the_past", "when", "offer_other_day")),
        (json!({"appointment_id": "x"}), ("invalid_argument", "appointment_id", "ask_again")),
        (json!({"current": "hello there"}), ("invalid_argument", "current", "ask_again")),
        (json!({"current": "next friday"}), ("ambiguous_time", "current", "ask_again")),
        (json!({"phone": "12"}), ("invalid_argument", "phone", "ask_again")),
    ];
    for (args, wanted) in cases {
        let answer = server.tool(MOVE, args.clone(), "c2").await;
        assert_eq!(told(&answer), wanted, "{args}: {answer}");
        assert_eq!(answer["data"]["success"], false, "{args}");
    }
    assert_eq!(history(&server), ["booked"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_appointments_the_one_that_is_meant_is_asked_for() {
    let server = Server::start().await;
    server.business().await;
    books(&server, "2026-01-06T10:00", "c1").await;
    books(&server, "2026-01-07T10:00", "c1").await;
    for (tool, args) in [(CANCEL, json!({})), (MOVE, json!({"start": "2026-01-08T10:00"}))] {
        let answer = server.tool(tool, args, "c2").await;
        let wanted = ("ambiguous_appointment", "current", "ask_which");
        assert_eq!(told(&answer), wanted, "{tool}: {answer}");
        assert_eq!(answer["data"]["appointments"].as_array().map(Vec::len), Some(2), "{answer}");
    }
    let nothing = json!({"current": "2026-01-09"});
    let answer = server.tool(CANCEL, nothing, "c2").await;
    assert_eq!(told(&answer), ("unknown_appointment", "current", "ask_which"), "{answer}");
    let moved = json!({"current": "wednesday at ten", "start": "2026-01-08T10:00"});
    let answer = server.tool(MOVE, moved, "c2").await;
    assert_eq!(answer["data"]["status"], "moved", "{answer}");
    for (current, start) in [
        ("tomorrow", "2026-01-06T10:00:00+01:00"),
        ("2026-01-08T10:00", "2026-01-08T10:00:00+01:00"),
    ] {
        let answer = server.tool(CANCEL, json!({"current": current}), "c2").await;
        assert_eq!(answer["data"]["status"], "cancelled", "{current}: {answer}");
        assert_eq!(answer["data"]["start"], start, "{current}");
    }
    let answer = server.tool(CANCEL, json!({}), "c2").await;
    assert_eq!(told(&answer), ("unknown_appointment", "", "offer_slots"), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_the_day_tells_two_appointments_of_it_apart() {
    let server = Server::start().await;
    server.business().await;
    for start in ["2026-01-06T10:00", "2026-01-06T14:00"] {
        books(&server, start, "c1").await;
    }
    let answer = server.tool(CANCEL, json!({"current": "tomorrow"}), "c2").await;
    assert_eq!(told(&answer), ("ambiguous_appointment", "current", "ask_which"), "{answer}");
    let answer = server.tool(CANCEL, json!({"current": "tomorrow afternoon"}), "c2").await;
    assert_eq!(answer["data"]["start"], "2026-01-06T14:00:00+01:00", "{answer}");
    assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_called_off_once_and_its_time_is_free() {
    let server = Server::start().await;
    server.business().await;
    let id = books(&server, "2026-01-06T10:00", "c1").await;
    let first = server.tool(CANCEL, json!({}), "c2").await;
    assert_eq!(told(&first), ("", "", "confirm"), "{first}");
    let data = &first["data"];
    assert_eq!((&data["status"], &data["success"]), (&json!("cancelled"), &json!(true)));
    assert_eq!(data["appointment_id"], json!(id));
    assert_eq!(server.tool(CANCEL, json!({}), "c2").await, first, "the same question");
    let again = server.tool(CANCEL, json!({"appointment_id": id}), "c3").await;
    assert_eq!(again["data"]["status"], "cancelled", "it is so already: {again}");
    assert_eq!(history(&server), ["booked", "cancelled"]);
    let events = server.db().cells("SELECT kind FROM events ORDER BY id");
    assert_eq!(events, [["appointment.booked"], ["appointment.cancelled"]]);
    book(&server, &json!({"start": "2026-01-06T10:00"}), &call_from(OTHER, "c4")).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_and_booked_again_in_one_call_is_a_new_appointment_each_time() {
    let server = Server::start().await;
    server.business().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(books(&server, "2026-01-06T10:00", "c1").await);
        let answer = server.tool(CANCEL, json!({}), "c1").await;
        assert_eq!(answer["data"]["status"], "cancelled", "{answer}");
        assert_eq!(answer["data"]["appointment_id"], json!(ids.last()), "{answer}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
    let cancelled = "SELECT count(*) FROM appointments WHERE status = 'cancelled'";
    assert_eq!(server.number(cancelled), 3);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_that_was_called_off_is_not_moved() {
    let server = Server::start().await;
    server.business().await;
    let id = books(&server, "2026-01-06T10:00", "c1").await;
    server.tool(CANCEL, json!({}), "c1").await;
    let args = json!({"appointment_id": id, "start": "2026-01-06T11:00"});
    let answer = server.tool(MOVE, args, "c1").await;
    assert_eq!(told(&answer), ("already_cancelled", "", "offer_slots"), "{answer}");
    let ten = at_ms("2026-01-06T09:00:00Z").to_string();
    assert_eq!(standing(&server), [["cancelled", ten.as_str()]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_that_has_begun_is_neither_moved_nor_called_off() {
    let server = Server::start().await;
    let business = server.business().await;
    let id = books(&server, "2026-01-06T10:00", "c1").await;
    server.go_to("2026-01-06T09:00:00Z");
    let ten = at_ms("2026-01-06T09:00:00Z").to_string();
    let changes = [
        (MOVE, json!({"appointment_id": id, "start": "2026-01-08T10:00"})),
        (CANCEL, json!({"appointment_id": id})),
    ];
    // Whether anybody has noted that it took place or not.
    for stands in ["confirmed", "completed"] {
        for (tool, args) in &changes {
            let answer = server.tool(tool, args.clone(), "c2").await;
            assert_eq!(told(&answer), ("over", "", "offer_slots"), "{tool} {stands}: {answer}");
            assert_eq!(answer["data"]["success"], false, "{tool} {stands}");
        }
        assert_eq!(standing(&server), [[stands, ten.as_str()]]);
        let request = Request { actor: Actor::Operator, once: None, unchanged_since: None };
        let known: AppointmentId = id.parse().expect("an id");
        let ended = server.app().end_appointment(business, known, Change::Complete, request).await;
        ended.expect("it took place");
    }
    server.finish().await;
}
