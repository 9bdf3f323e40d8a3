//! When something is free, why it is not, and what else there is: the same answer whichever tool is
//! asked, in whatever words.

use std::ops::Range;

use frontdesk::app::exceptions::ExceptionOf;
use frontdesk::domain::business::{Branch, Service};
use frontdesk::domain::scheduling::opening::Opening;
use frontdesk::domain::scheduling::rules::Rules;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::harness::{Server, retell};
use crate::practice::{
    OTHER, add_branch, add_person, add_service, book, call_from, except, first_branch, service,
    staffed, starts, told, with,
};

/// The minute of the day at which a start lies by the clock on the wall.
#[track_caller]
fn minute_of_day(start: &str) -> u32 {
    let part = |digits: Range<usize>| start[digits].parse::<u32>().expect("a clock shows digits");
    part(11..13) * 60 + part(14..16)
}

async fn check(server: &Server, args: Value, call_id: &str) -> Value {
    server.tool("check_availability", args, call_id).await
}

/// A practice in which a time can be refused for every reason there is.
async fn busy_practice(server: &Server) {
    let business = server.business().await;
    let rules = |notice| Rules::new(30, 30, notice, 60).expect("within bounds");
    let capped = rules(0).with_day_cap(Some(1)).expect("within bounds");
    let buffered = rules(0).with_buffers(15, 15).expect("within bounds");
    let services = [
        Service { rules: rules(120), ..service("Long notice") },
        Service { rules: capped, ..service("Capped") },
        Service { rules: buffered, ..service("Buffered") },
        staffed("Massage"),
    ];
    for one in services {
        add_service(server, business, one).await;
    }
    let branch = first_branch(server, business).await;
    add_person(server, business, "Anna North", branch, Some("mon-fri 09:00-12:00")).await;
    let holiday = ("2026-01-09", "closed", "Founding day");
    except(server, business, ExceptionOf::Business, holiday).await;
    let booked = [
        ("Check-up", "2026-01-06T10:00"),
        ("Capped", "2026-01-07T10:00"),
        ("Buffered", "2026-01-08T10:00"),
    ];
    for (service, start) in booked {
        let args = json!({"service": service, "start": start});
        book(server, &args, &retell::call("c_before")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_says_of_time_is_what_is_searched() {
    let server = Server::start().await;
    server.business().await;
    let tuesday = ("2026-01-06", "2026-01-06");
    let wednesday = ("2026-01-07", "2026-01-07");
    let cases = [
        (json!({"when": "tomorrow"}), tuesday, 0..1_440),
        (json!({"when": "tomorrow afternoon"}), tuesday, 720..1_020),
        (json!({"when": "wednesday before noon"}), wednesday, 0..720),
        (json!({"when": "wednesday between 2 and 4"}), wednesday, 840..960),
        (json!({"when": "next week in the morning"}), ("2026-01-12", "2026-01-18"), 0..720),
        (json!({"when": "wednesday or thursday"}), ("2026-01-07", "2026-01-08"), 0..1_440),
        (json!({"when": "morgen Nachmittag", "language": "de"}), tuesday, 720..1_020),
        (json!({"when": "mañana por la tarde", "language": "es"}), tuesday, 720..1_020),
        (json!({"when": "demain après-midi", "language": "fr"}), tuesday, 720..1_020),
        (json!({"when": "amanhã à tarde", "language": "pt"}), tuesday, 720..1_020),
        (json!({"when": "domani pomeriggio", "language": "it"}), tuesday, 720..1_020),
        // A day that is written goes before what was said.
        (json!({"when": "tomorrow", "date": "2026-01-07"}), wednesday, 0..1_440),
        (json!({"date": "2026-01-07", "after": "14:00", "before": "15:00"}), wednesday, 840..900),
        (
            json!({"date": "2026-01-07", "after": "9:30", "part_of_day": "morning"}),
            wednesday,
            570..720,
        ),
    ];
    for (number, (args, (first, last), minutes)) in (0..).zip(cases) {
        let answer = check(&server, args.clone(), &format!("c{number}")).await;
        assert_eq!(told(&answer), ("", "", "offer_slots"), "{args}: {answer}");
        let starts = starts(&answer);
        assert!(!starts.is_empty(), "{args}");
        for start in &starts {
            assert!((first..=last).contains(&&start[..10]), "{args}: {start}");
            assert!(minutes.contains(&minute_of_day(start)), "{args}: {start}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_that_was_named_and_is_free_is_offered_alone() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        (json!({"when": "tomorrow at half past nine"}), "2026-01-06T09:30"),
        (json!({"when": "wednesday at 3pm"}), "2026-01-07T15:00"),
        (json!({"when": "morgen um halb zehn", "language": "de"}), "2026-01-06T09:30"),
    ];
    for (args, start) in cases {
        let answer = check(&server, args.clone(), "c1").await;
        assert_eq!(told(&answer), ("", "", "offer_slots"), "{args}: {answer}");
        assert_eq!(starts(&answer), [start], "{args}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_that_was_named_and_is_not_free_is_refused_with_others() {
    let server = Server::start().await;
    busy_practice(&server).await;
    let cases = [
        ("Check-up", "saturday at nine", "closed"),
        ("Check-up", "friday at ten", "holiday"),
        ("Check-up", "tomorrow at twenty past nine", "off_grid"),
        ("Check-up", "tomorrow at ten", "taken"),
        ("Check-up", "june 10th at half past nine", "too_far"),
        ("Long notice", "today at ten", "too_soon"),
        ("Massage", "tomorrow at 2 pm", "staff_away"),
        ("Capped", "wednesday at 2 pm", "cap_reached"),
        ("Buffered", "thursday at half past ten", "buffer"),
    ];
    for (service, when, reason) in cases {
        let answer = check(&server, json!({"service": service, "when": when}), "c1").await;
        assert_eq!(told(&answer), (reason, "", "offer_slots"), "{service} {when}: {answer}");
        assert!(!starts(&answer).is_empty(), "{service} {when}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_that_takes_a_time_gives_the_same_reason_why_it_cannot_be_had() {
    let server = Server::start().await;
    busy_practice(&server).await;
    let cases = [
        ("Check-up", "2026-01-05T08:30", "in_the_past"),
        ("Long notice", "2026-01-05T10:30", "too_soon"),
        ("Check-up", "2026-06-01T10:00", "too_far"),
        ("Check-up", "2026-01-10T10:00", "closed"),
        ("Check-up", "2026-01-06T16:45", "closed"),
        ("Check-up", "2026-01-09T10:00", "holiday"),
        ("Check-up", "2026-01-06T10:10", "off_grid"),
        ("Check-up", "2026-01-06T10:00", "taken"),
        ("Capped", "2026-01-07T14:00", "cap_reached"),
        ("Buffered", "2026-01-08T10:30", "buffer"),
        ("Massage", "2026-01-06T14:00", "staff_away"),
    ];
    for (service, start, reason) in cases {
        for tool in ["explain_unavailable", "collect_appointment_data", "book_appointment"] {
            let args = json!({"service": service, "start": start, "name": "Robin Example"});
            let answer = server.tool(tool, args, "c1").await;
            let wanted = (reason, "", "offer_slots");
            assert_eq!(told(&answer), wanted, "{tool} {service} {start}: {answer}");
            let starts = starts(&answer);
            assert!(!starts.is_empty() && !starts.contains(&start.to_owned()), "{answer}");
        }
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 3, "those from before");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_free_after_all_is_said_to_be_and_can_be_booked() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"start": "2026-01-06T10:00"});
    let answer = server.tool("explain_unavailable", args, "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "{answer}");
    assert_eq!(starts(&answer), ["2026-01-06T10:00"]);
    let slot = json!({"slot": answer["data"]["slots"][0]["slot"]});
    book(&server, &slot, &retell::call("c1")).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_part_of_a_day_is_not_offered_is_told_with_the_times() {
    let server = Server::start().await;
    server.business().await;
    let args = json!({"when": "wednesday afternoon"});
    let answer = server.tool("explain_unavailable", args.clone(), "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "all of it is free: {answer}");
    let all = starts(&answer);
    assert!(all.iter().all(|start| start.starts_with("2026-01-07T1")), "{all:?}");
    book(&server, &json!({"start": "2026-01-07T13:00"}), &retell::call("c2")).await;
    let answer = server.tool("explain_unavailable", args, "c1").await;
    assert_eq!(told(&answer), ("taken", "", "offer_slots"), "{answer}");
    let taken = json!([{"from": "2026-01-07T13:00:00+01:00",
        "until": "2026-01-07T13:30:00+01:00", "reason": "taken"}]);
    assert_eq!(answer["data"]["unavailable"], taken);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_whole_day_is_not_offered_is_told_by_what_stands_in_its_way() {
    let server = Server::start().await;
    let business = server.business().await;
    let rules = Rules::new(480, 480, 0, 60).expect("within bounds");
    add_service(&server, business, Service { rules, ..service("Whole day") }).await;
    let args = json!({"service": "Whole day", "start": "2026-01-07T09:00"});
    book(&server, &args, &retell::call("c_before")).await;
    let holiday = ("2026-01-08", "closed", "Founding day");
    except(&server, business, ExceptionOf::Business, holiday).await;
    let cases = [("2026-01-07", "taken"), ("2026-01-08", "holiday"), ("2026-01-10", "closed")];
    for (date, reason) in cases {
        let args = json!({"service": "Check-up", "date": date});
        let answer = server.tool("explain_unavailable", args, "c1").await;
        assert_eq!(told(&answer), (reason, "", "offer_slots"), "{date}: {answer}");
        let times = answer["data"]["unavailable"].as_array().expect("times are told");
        assert!(times.iter().any(|one| one["reason"] == reason), "{date}: {answer}");
        assert!(starts(&answer).iter().all(|start| &start[..10] != date), "{date}: {answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alternatives_lie_on_both_sides_of_a_time_that_is_taken() {
    let server = Server::start().await;
    server.business().await;
    book(&server, &json!({"start": "2026-01-06T10:00"}), &retell::call("c1")).await;
    let ways = [
        json!({"start": "2026-01-06T10:00"}),
        json!({"date": "2026-01-06", "time": "10:00"}),
        json!({"when": "tomorrow at ten"}),
    ];
    for args in ways {
        let answer = server.tool("get_alternatives", args.clone(), "c2").await;
        assert_eq!(told(&answer), ("", "", "offer_slots"), "{args}: {answer}");
        let wanted = ["2026-01-06T09:00", "2026-01-06T09:30", "2026-01-06T10:30"];
        assert_eq!(starts(&answer), wanted, "{args}");
    }
    let answer = server.tool("get_alternatives", json!({"when": "tomorrow at ten"}), "c3").await;
    let slot = json!({"slot": answer["data"]["slots"][2]["slot"]});
    book(&server, &slot, &retell::call("c3")).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alternatives_are_also_looked_for_with_somebody_else_and_at_another_branch() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let home = first_branch(&server, business).await;
    let north = add_branch(&server, business, "North Practice").await;
    for (name, branch) in [("Anna North", home), ("Ben West", home), ("Cleo East", north)] {
        add_person(&server, business, name, branch, None).await;
    }
    let anna = json!({"service": "Massage", "branch": "Example Practice", "staff": "Anna",
        "start": "2026-01-06T10:00"});
    book(&server, &anna, &call_from(OTHER, "c1")).await;
    let answer = server.tool("get_alternatives", anna.clone(), "c2").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "{answer}");
    let slots = answer["data"]["slots"].as_array().expect("slots are offered");
    assert_eq!(slots.len(), 3, "{answer}");
    let found = |branch: &str, is_before: bool| {
        let starts = starts(&answer);
        let here = slots.iter().zip(&starts).filter(|(slot, _)| slot["branch"] == branch);
        here.filter(|(_, start)| (start.as_str() < "2026-01-06T10:00") == is_before).count()
    };
    assert_eq!(found("Example Practice", true), 1, "one before: {answer}");
    assert_eq!(found("Example Practice", false), 1, "the same time with somebody else: {answer}");
    let wanted = ["2026-01-06T09:30", "2026-01-06T10:00", "2026-01-06T10:00"];
    assert_eq!(starts(&answer), wanted, "{answer}");
    let away = slots.iter().find(|slot| slot["branch"] == "North Practice");
    let away = away.expect("one at the other branch");
    assert_eq!(away["staff"], Value::Null, "with anybody there: {answer}");
    let slot = json!({"slot": away["slot"]});
    book(&server, &slot, &retell::call("c2")).await;
    let at = "SELECT count(*) FROM appointments a JOIN branches b ON b.id = a.branch_id
        JOIN staff s ON s.id = a.staff_id
        WHERE b.name = 'North Practice' AND s.name = 'Cleo East'";
    assert_eq!(server.number(at), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_is_free_anywhere_near_another_day_is_asked_for() {
    let server = Server::start().await;
    let business = server.business().await;
    server.set_hours(business, "closed").await;
    let far = json!({"start": "2026-06-01T10:00"});
    let cases = [
        ("check_availability", json!({}), "none_free"),
        ("check_availability", json!({"when": "tomorrow at ten"}), "closed"),
        ("check_availability", json!({"date": "2026-06-01"}), "too_far"),
        ("get_alternatives", json!({}), "none_free"),
        ("get_alternatives", json!({"start": "2026-01-06T10:00"}), "none_free"),
        ("get_alternatives", far.clone(), "too_far"),
        ("explain_unavailable", json!({"start": "2026-01-06T10:00"}), "closed"),
        ("explain_unavailable", json!({"date": "2026-01-06"}), "closed"),
        ("explain_unavailable", far.clone(), "too_far"),
        ("collect_appointment_data", far.clone(), "too_far"),
        ("book_appointment", far, "too_far"),
    ];
    for (tool, args, reason) in cases {
        let args = with(&args, &json!({"name": "Robin Example"}));
        let answer = server.tool(tool, args.clone(), "c1").await;
        assert_eq!(told(&answer), (reason, "", "offer_other_day"), "{tool} {args}: {answer}");
        assert!(starts(&answer).is_empty(), "{tool} {args}: {answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_with_a_person_are_within_their_own_hours_and_days() {
    let server = Server::start().await;
    let business = server.business().await;
    add_service(&server, business, staffed("Massage")).await;
    let branch = first_branch(&server, business).await;
    let anna =
        add_person(&server, business, "Anna North", branch, Some("mon-fri 09:00-12:00")).await;
    add_person(&server, business, "Ben West", branch, None).await;
    let away = ("2026-01-08", "closed", "");
    except(&server, business, ExceptionOf::Staff(anna), away).await;
    let args = json!({"service": "Massage", "date": "2026-01-07", "staff": "anna"});
    let answer = check(&server, args, "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "{answer}");
    assert!(starts(&answer).iter().all(|start| minute_of_day(start) < 720), "{answer}");
    let slots = answer["data"]["slots"].as_array().expect("slots are offered");
    assert!(slots.iter().all(|slot| slot["staff"] == "Anna North"), "{answer}");
    let args = json!({"service": "Massage", "staff": "anna", "when": "thursday at ten"});
    let answer = check(&server, args, "c1").await;
    assert_eq!(told(&answer), ("staff_away", "", "offer_slots"), "{answer}");
    let args = json!({"service": "Massage", "when": "thursday at ten"});
    let answer = check(&server, args, "c1").await;
    assert_eq!(starts(&answer), ["2026-01-08T10:00"], "with somebody else: {answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_branch_has_hours_and_a_clock_of_its_own() {
    let server = Server::start().await;
    let business = server.business().await;
    let lisbon = add_branch(&server, business, "Lisbon Practice").await;
    let moves = |branch: Branch| {
        let zone = TimeZone::get("Europe/Lisbon").expect("a zone of the database");
        let weekly = "sat 10:00-12:00".parse().expect("readable hours");
        Ok(Branch { zone, opening: Opening::new(weekly, Vec::new()), ..branch })
    };
    let changed = server.app().change_branch(business, lisbon, moves).await;
    changed.expect("the branch can be changed");
    let saturday = json!({"date": "2026-01-10", "branch": "lisbon"});
    let answer = check(&server, saturday, "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "{answer}");
    for slot in answer["data"]["slots"].as_array().expect("slots are offered") {
        let start = slot["start"].as_str().expect("a slot has a start");
        assert!((600..720).contains(&minute_of_day(start)), "{start}");
        assert!(start.ends_with("+00:00"), "{start}");
        assert_eq!(slot["branch"], "Lisbon Practice");
    }
    let home = json!({"date": "2026-01-10", "branch": "example"});
    assert_eq!(told(&check(&server, home, "c1").await).0, "none_free");
    let args = json!({"start": "2026-01-10T10:00", "branch": "lisbon", "name": "Robin Example"});
    let answer = server.tool("book_appointment", args, "c1").await;
    assert_eq!(answer["data"]["start"], "2026-01-10T10:00:00+00:00", "{answer}");
    assert_eq!(answer["data"]["branch"], "Lisbon Practice");
    server.finish().await;
}
