//! Free times, customers, messages and the waiting list over the REST interface.

use std::collections::BTreeSet;

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, NOBODY, id, invalid, with};
use crate::harness::{Server, eventually, retell};

/// The number that the tests' customer has, in ways in which it is written.
const NUMBER: &str = "+493012345678";
const WRITTEN: [&str; 5] = [
    "%2B493012345678",
    "00493012345678",
    "%2B49%2030%201234%205678",
    "%2B49%20(0)30-12345678",
    "%2B49.30.12345678",
];

/// The starts of slots, with who is free.
fn starts(list: &Value) -> Vec<(&str, &Value)> {
    let slots = list["slots"].as_array().into_iter().flatten();
    slots.filter_map(|slot| Some((slot["starts_at"].as_str()?, &slot["staff"]))).collect()
}

/// The only service of the tests' business.
async fn checkup(api: &Api<'_>) -> String {
    id(&api.items("/services").await[0]).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn free_times_are_those_within_the_span_and_the_rest_is_explained() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let service = checkup(&api).await;
    let sent = json!({"service_id": service, "starts_at": "2026-01-06T09:00:00Z",
        "customer_name": "Robin Example"});
    api.made("/appointments", &sent).await;
    api.made("/hours/exceptions", &json!({"first_day": "2026-01-07"})).await;
    let base = format!("/availability?service_id={service}");
    let span = "from=2026-01-06T07:00:00Z&to=2026-01-06T10:00:00Z";
    let plain = api.shown(&format!("{base}&{span}")).await;
    let nobody = json!([]);
    let wanted = ["2026-01-06T08:00:00Z", "2026-01-06T08:30:00Z", "2026-01-06T09:30:00Z"];
    assert_eq!(starts(&plain), wanted.map(|start| (start, &nobody)));
    assert_eq!(plain["slots"][0]["ends_at"], "2026-01-06T08:30:00Z");
    assert!(plain.get("unavailable").is_none(), "it was not asked for: {plain}");
    let told = api.shown(&format!("{base}&{span}&explain=true")).await;
    assert_eq!(told["slots"], plain["slots"]);
    let why = |from: &str, until: &str, reason: &str| {
        let (from, until) = (format!("2026-01-{from}:00Z"), format!("2026-01-{until}:00Z"));
        json!({"from": from, "until": until, "reason": reason})
    };
    let wanted = [why("06T07:00", "06T08:00", "closed"), why("06T09:00", "06T09:30", "taken")];
    assert_eq!(told["unavailable"], json!(wanted));
    let span = "from=2026-01-06T16:00:00Z&to=2026-01-08T08:00:00Z&explain=true";
    let told = api.shown(&format!("{base}&{span}")).await;
    assert!(starts(&told).is_empty(), "{told}");
    let wanted = [
        why("06T16:00", "06T23:00", "closed"),
        why("06T23:00", "07T23:00", "holiday"),
        why("07T23:00", "08T08:00", "closed"),
    ];
    assert_eq!(told["unavailable"], json!(wanted));
    let week = api.shown(&base).await;
    assert_eq!(starts(&week).len(), 16 + 15 + 16 + 16, "four days, without the hour that is taken");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn free_times_name_who_is_free_and_every_start_that_is_told_can_be_booked() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let branch = api.items("/branches").await[0]["id"].clone();
    let morning = json!([{"branch_id": branch, "hours": "tue 09:00-12:00"}]);
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let ada = api.made("/staff", &json!({"name": "Ada Other", "branches": morning})).await;
    let sent = json!({"name": "Consultation", "duration_min": 60, "notice_min": 0,
        "staffed": true});
    let service = api.made("/services", &sent).await;
    let wish = json!({"service_id": service["id"], "starts_at": "2026-01-06T08:00:00Z",
        "staff_id": kim["id"], "customer_name": "Robin Example"});
    api.made("/appointments", &wish).await;
    let span = "from=2026-01-06T00:00:00Z&to=2026-01-07T00:00:00Z";
    let base = format!("/availability?service_id={}&{span}", id(&service));
    let list = api.shown(&base).await;
    let who = |slot: &(&str, &Value)| slot.1.as_array().map_or(0, Vec::len);
    let counts: Vec<usize> = starts(&list).iter().map(who).collect();
    assert_eq!(counts, [1, 2, 2, 1, 1, 1, 1, 1], "from nine to five: {list}");
    assert_eq!(starts(&list)[0].1, &json!([ada["id"]]), "Kim is booked at nine");
    assert_eq!(starts(&list)[3].1, &json!([kim["id"]]), "Ada is gone at noon");
    let of_ada = api.shown(&format!("{base}&staff_id={}&explain=true", id(&ada))).await;
    assert_eq!(starts(&of_ada).len(), 3, "{of_ada}");
    let reasons = of_ada["unavailable"].as_array().into_iter().flatten();
    let reasons: BTreeSet<_> = reasons.filter_map(|one| one["reason"].as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["closed", "staff_away"]));
    for (start, staff) in starts(&list) {
        for one in staff.as_array().into_iter().flatten() {
            let sent = with(&wish, &json!({"starts_at": start, "staff_id": one}));
            api.made("/appointments", &sent).await;
        }
    }
    assert!(starts(&api.shown(&base).await).is_empty(), "all that was free is booked");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_for_free_times_that_cannot_be_taken_is_refused() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let theirs = checkup(&Api::of(&server, other).await).await;
    let service = checkup(&api).await;
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let base = format!("/availability?service_id={service}");
    let cases = [
        ("service_id", "/availability".to_owned()),
        ("service_id", "/availability?service_id=x".to_owned()),
        ("from", format!("{base}&from=tomorrow")),
        ("to", format!("{base}&to=2026-01-06")),
        ("to", format!("{base}&from=2026-01-06T08:00:00Z&to=2026-01-06T08:00:00Z")),
        ("to", format!("{base}&from=2026-01-06T08:00:00Z&to=2026-01-06T07:00:00Z")),
        ("to", format!("{base}&from=2026-01-06T00:00:00Z&to=2026-03-09T00:01:00Z")),
        ("explain", format!("{base}&explain=yes")),
        ("colour", format!("{base}&colour=red")),
        ("limit", format!("{base}&limit=5")),
    ];
    for (field, path) in cases {
        invalid(&api.get(&path).await, field, &json!(path));
    }
    let longest = format!("{base}&from=2026-01-06T00:00:00Z&to=2026-03-09T00:00:00Z");
    assert_eq!(api.get(&longest).await.status, 200, "62 days");
    let missing = [
        format!("/availability?service_id={theirs}"),
        format!("/availability?service_id={NOBODY}"),
        format!("{base}&branch_id={NOBODY}"),
        format!("{base}&staff_id={NOBODY}"),
        format!("{base}&staff_id={}", id(&kim)),
    ];
    for path in &missing {
        api.get(path).await.problem(404, "not_found");
    }
    api.made("/branches", &json!({"name": "Uptown", "zone": "Europe/Berlin"})).await;
    invalid(&api.get(&base).await, "branch_id", &json!(base));
    api.changed(&format!("/services/{service}"), &json!({"active": false})).await;
    api.get(&base).await.problem(404, "not_found");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_added_shown_changed_and_found_by_number_and_address_however_written() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let sent = json!({"name": " Robin Example ", "phone": "0049 (0)30 1234-5678",
        "email": "robin@example.com", "language": "de", "notes": "Has a cat."});
    let robin = api.made("/customers", &sent).await;
    let wanted = json!({"id": id(&robin), "name": "Robin Example", "phone": NUMBER,
        "email": "robin@example.com", "language": "de", "notes": "Has a cat.",
        "created_at": "2026-01-05T08:00:00Z", "updated_at": "2026-01-05T08:00:00Z"});
    assert_eq!(robin, wanted);
    let path = format!("/customers/{}", id(&robin));
    assert_eq!(api.shown(&path).await, wanted);
    server.advance(SignedDuration::from_mins(1));
    let ada = api.made("/customers", &json!({"email": "ada@example.com"})).await;
    assert_eq!((&ada["name"], &ada["phone"]), (&json!(""), &Value::Null));
    for written in WRITTEN {
        let found = api.items(&format!("/customers?phone={written}")).await;
        assert_eq!(found, std::slice::from_ref(&robin), "{written}");
    }
    for written in ["ada@example.com", "ADA@EXAMPLE.COM"] {
        let found = api.items(&format!("/customers?email={written}")).await;
        assert_eq!(found, std::slice::from_ref(&ada), "{written}");
    }
    let both = format!("/customers?phone={}&email=ada@example.com", WRITTEN[0]);
    assert_eq!(api.items(&both).await, [robin.clone(), ada.clone()]);
    assert!(api.items("/customers?phone=%2B493099999999").await.is_empty());
    assert_eq!(api.items("/customers").await, [ada.clone(), robin.clone()], "the newest first");
    let page = api.shown("/customers?limit=1").await;
    let cursor = page["next_cursor"].as_str().expect("one more follows");
    let next = format!("/customers?limit=1&cursor={cursor}");
    assert_eq!(api.shown(&next).await, json!({"items": [robin]}));
    let more = json!({"name": "Robyn Example", "phone": "", "language": "", "notes": ""});
    let after = json!({"name": "Robyn Example", "phone": null, "language": null, "notes": "",
        "updated_at": "2026-01-05T08:01:00Z"});
    let wanted = with(&wanted, &after);
    assert_eq!(api.changed(&path, &more).await, wanted);
    assert_eq!(api.shown(&path).await, wanted);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_fault_in_a_customer_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let robin = api.made("/customers", &json!({"phone": NUMBER})).await;
    let path = format!("/customers/{}", id(&robin));
    let cases = [
        ("name", json!({"name": "x".repeat(201)})),
        ("name", json!({"name": "a\u{0}b"})),
        ("name", json!({"name": 7})),
        ("phone", json!({"phone": "12"})),
        ("phone", json!({"phone": "030 1234567"})),
        ("email", json!({"email": "not an address"})),
        ("email", json!({"email": "robin at example.com"})),
        ("language", json!({"language": "xx"})),
        ("notes", json!({"notes": "x".repeat(2_001)})),
        ("notes", json!({"notes": "a\u{0}b"})),
        ("colour", json!({"colour": "red"})),
    ];
    for (field, sent) in cases {
        invalid(&api.post("/customers", &sent).await, field, &sent);
        invalid(&api.patch(&path, &sent).await, field, &sent);
    }
    for nothing in [json!({}), json!({"name": "  "}), json!({"notes": "Has a cat."})] {
        invalid(&api.post("/customers", &nothing).await, "name", &nothing);
    }
    let cleared = json!({"phone": ""});
    invalid(&api.patch(&path, &cleared).await, "name", &cleared);
    for (field, query) in [("phone", "phone=12"), ("email", "email=x"), ("name", "name=Robin")] {
        invalid(&api.get(&format!("/customers?{query}")).await, field, &json!(query));
    }
    assert_eq!(api.items("/customers").await, [robin]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_customers_one_is_made_with_all_that_both_had() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let service = checkup(&api).await;
    let book = async |time: &str, more: Value| {
        let start = format!("2026-01-06T{time}:00Z");
        let sent = json!({"service_id": service, "starts_at": start, "customer_name": "Robin"});
        api.made("/appointments", &with(&sent, &more)).await
    };
    let one = book("09:00", json!({"customer_phone": NUMBER})).await;
    let again = book("10:00", json!({"customer_phone": "0049 30 12345678"})).await;
    assert_eq!(one["customer_id"], again["customer_id"], "the same number and name");
    let more = json!({"customer_name": "Robin Example", "customer_email": "robin@example.com"});
    let two = book("11:00", more).await;
    assert_ne!(one["customer_id"], two["customer_id"], "nothing shows that they are one");
    let of = |made: &Value| made["customer_id"].as_str().expect("they are known").to_owned();
    let (kept, gone) = (of(&one), of(&two));
    let merge = format!("/customers/{kept}/merge");
    api.post(&merge, &json!({"from": NOBODY})).await.problem(404, "not_found");
    api.post(&merge, &json!({"from": kept})).await.problem(400, "invalid");
    invalid(&api.post(&merge, &json!({})).await, "from", &json!({}));
    let merged = api.post(&merge, &json!({"from": gone})).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    let merged = merged.json();
    assert_eq!((&merged["id"], &merged["phone"]), (&json!(kept), &json!(NUMBER)));
    assert_eq!(merged["email"], "robin@example.com");
    assert_eq!(merged["name"], "Robin Example", "the longer name");
    api.get(&format!("/customers/{gone}")).await.problem(404, "not_found");
    let all = api.items(&format!("/appointments?customer_id={kept}")).await;
    let all: Vec<&str> = all.iter().map(id).collect();
    assert_eq!(all, [id(&one), id(&again), id(&two)]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_a_caller_left_is_listed_and_marked_as_seen_to() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    for (text, call) in [("Please call back.", "c1"), ("It hurts again.", "c2")] {
        let args = json!({"message": text, "name": "Robin Example"});
        let told = server.tool("take_message", args, call).await;
        assert_eq!(told["reason"], Value::Null, "{told}");
        server.advance(SignedDuration::from_mins(1));
    }
    let list = api.items("/messages").await;
    let texts: Vec<_> = list.iter().map(|one| one["text"].clone()).collect();
    assert_eq!(texts, ["It hurts again.", "Please call back."], "the newest first");
    let last = &list[1];
    let calls = api.items("/calls").await;
    let wanted = json!({"id": id(last), "call_id": calls[1]["id"],
        "customer_name": "Robin Example", "customer_phone": retell::CALLER,
        "text": "Please call back.", "done_at": null, "created_at": "2026-01-05T08:00:00Z"});
    assert_eq!(last, &wanted);
    let path = format!("/messages/{}", id(last));
    let done = json!({"done_at": "2026-01-05T08:02:00Z"});
    assert_eq!(api.changed(&path, &json!({"done": true})).await, with(&wanted, &done));
    assert_eq!(api.items("/messages").await[1], with(&wanted, &done));
    assert_eq!(api.changed(&path, &json!({"done": false})).await, wanted);
    for (field, sent) in [
        ("done", json!({})),
        ("done", json!({"done": "yes"})),
        ("text", json!({"done": true, "text": "Other."})),
    ] {
        invalid(&api.patch(&path, &sent).await, field, &sent);
    }
    let nobodys = format!("/messages/{NOBODY}");
    api.patch(&nobodys, &json!({"done": true})).await.problem(404, "not_found");
    server.finish().await;
}

/// Somebody who waits for a service on a day of January.
fn waits(service: &str, name: &str, day: u8) -> Value {
    let (from, to) = (format!("2026-01-{day:02}T00:00:00Z"), format!("2026-01-{day:02}T23:00:00Z"));
    json!({"service_id": service, "customer_name": name, "customer_phone": NUMBER, "from": from,
        "to": to})
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_added_listed_and_waits_no_more_and_what_is_at_fault_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let service = checkup(&api).await;
    let sent = waits(&service, " Ada Other ", 6);
    let ada = api.made("/waiting-list", &sent).await;
    let rest = json!({"id": id(&ada), "branch_id": null, "staff_id": null,
        "customer_name": "Ada Other", "customer_email": null, "state": "waiting",
        "offered_start": null, "offered_until": null, "created_at": "2026-01-05T08:00:00Z",
        "updated_at": "2026-01-05T08:00:00Z"});
    assert_eq!(ada, with(&sent, &rest));
    server.advance(SignedDuration::from_mins(1));
    let by_mail = json!({"customer_phone": "", "customer_email": "kim@example.com"});
    let kim = with(&waits(&service, "Kim Example", 7), &by_mail);
    let kim = api.made("/waiting-list", &kim).await;
    assert_eq!(api.items("/waiting-list").await, [kim.clone(), ada.clone()], "the newest first");
    let path = format!("/waiting-list/{}", id(&ada));
    for state in ["booked", "cancelled"] {
        let changed = api.changed(&path, &json!({"state": state})).await;
        let when = json!({"state": state, "updated_at": changed["updated_at"]});
        assert_eq!(changed, with(&ada, &when));
        assert_eq!(api.items("/waiting-list").await, [kim.clone(), changed]);
    }
    let cases = [
        ("service_id", json!({"service_id": NOBODY})),
        ("branch_id", json!({"branch_id": NOBODY})),
        ("staff_id", json!({"staff_id": NOBODY})),
        ("customer_name", json!({"customer_name": " "})),
        ("customer_phone", json!({"customer_phone": "12"})),
        ("customer_phone", json!({"customer_phone": ""})),
        ("customer_email", json!({"customer_email": "x"})),
        ("from", json!({"from": "tomorrow"})),
        ("to", json!({"to": sent["from"]})),
        ("state", json!({"state": "booked"})),
    ];
    for (field, more) in cases {
        let sent = with(&sent, &more);
        invalid(&api.post("/waiting-list", &sent).await, field, &sent);
    }
    for sent in [json!({}), json!({"state": "waiting"}), json!({"state": "offered"})] {
        invalid(&api.patch(&path, &sent).await, "state", &sent);
    }
    assert_eq!(server.number("SELECT count(*) FROM waiting_entries"), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_time_is_offered_to_whoever_waits_longest_and_then_to_the_next() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let service = checkup(&api).await;
    let sent = json!({"service_id": service, "starts_at": "2026-01-06T09:00:00Z",
        "customer_name": "Robin Example"});
    let booked = api.made("/appointments", &sent).await;
    for (name, day) in [("Ada Other", 6), ("Eve Third", 7), ("Kim Example", 6)] {
        api.made("/waiting-list", &waits(&service, name, day)).await;
        server.advance(SignedDuration::from_mins(1));
    }
    let offered = async |count: i64| {
        let sql = "SELECT count(*) FROM waiting_entries WHERE state = 'offered'";
        eventually("the time is offered", async || server.number(sql) == count).await;
        let list = api.items("/waiting-list").await;
        let told = list.iter().rev().map(|one| json!([one["offered_start"], one["offered_until"]]));
        told.collect::<Vec<_>>()
    };
    let cancel = format!("/appointments/{}/cancel", id(&booked));
    assert_eq!(api.send(Method::POST, &cancel, &[], None).await.status, 200);
    let (start, nothing) = (&sent["starts_at"], json!([null, null]));
    let first = json!([start, "2026-01-05T08:33:00Z"]);
    assert_eq!(offered(1).await, [first.clone(), nothing.clone(), nothing.clone()]);
    server.advance(SignedDuration::from_mins(30));
    let second = json!([start, "2026-01-05T09:03:00Z"]);
    assert_eq!(offered(2).await, [first, nothing, second]);
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 1, "nobody was booked");
    let told = "SELECT count(*) FROM events WHERE kind = 'waiting.offered'";
    assert_eq!(server.number(told), 2);
    // Once it is taken again, nobody else is asked.
    api.made("/appointments", &sent).await;
    server.advance(SignedDuration::from_mins(30));
    server.settled().await;
    assert_eq!(server.number(told), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_a_move_to_somebody_else_left_is_offered_to_who_waits_for_who_had_it() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let ada = api.made("/staff", &json!({"name": "Ada Other"})).await;
    let sent = json!({"name": "Consultation", "duration_min": 60, "notice_min": 0,
        "staffed": true});
    let service = api.made("/services", &sent).await;
    let wish = json!({"service_id": service["id"], "starts_at": "2026-01-06T08:00:00Z",
        "staff_id": kim["id"], "customer_name": "Robin Example"});
    let booked = api.made("/appointments", &wish).await;
    let eve = with(&waits(id(&service), "Eve Third", 6), &json!({"staff_id": kim["id"]}));
    api.made("/waiting-list", &eve).await;
    let goal = json!({"starts_at": "2026-01-06T10:00:00Z", "staff_id": ada["id"]});
    let moved = api.post(&format!("/appointments/{}/move", id(&booked)), &goal).await;
    assert_eq!((moved.status, &moved.json()["staff_id"]), (200, &ada["id"]), "{}", moved.text());
    let now_ms = server.now_ms();
    let due = format!("SELECT count(*) FROM jobs WHERE leased = 1 OR run_at <= {now_ms}");
    eventually("the freed time was looked at", async || server.number(&due) == 0).await;
    let waiting = &api.items("/waiting-list").await[0];
    let told = (&waiting["state"], &waiting["offered_start"]);
    assert_eq!(told, (&json!("offered"), &wish["starts_at"]), "{waiting}");
    server.advance(SignedDuration::from_mins(31));
    server.finish().await;
}
