//! Booking by the business itself, over the REST interface: made, moved and ended, each with what
//! is refused, and the history of it all.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, NOBODY, id, invalid, not_offered, with};
use crate::harness::{Answer, Server, Setup};

/// What the tests book: a check-up of half an hour that takes the branch's own time, and a
/// consultation of an hour that takes Kim's or Ada's.
struct Practice {
    checkup: String,
    consultation: String,
    kim: String,
    ada: String,
}

impl Practice {
    async fn of(api: &Api<'_>) -> Self {
        let checkup = id(&api.items("/services").await[0]).to_owned();
        let sent = json!({"name": "Consultation", "duration_min": 60, "step_min": 30,
            "notice_min": 0, "staffed": true});
        let consultation = id(&api.made("/services", &sent).await).to_owned();
        let kim = id(&api.made("/staff", &json!({"name": "Kim Example"})).await).to_owned();
        let ada = id(&api.made("/staff", &json!({"name": "Ada Other"})).await).to_owned();
        Self { checkup, consultation, kim, ada }
    }
}

/// A wish for a service on Tuesday, at a time in UTC.
fn wish(service: &str, time: &str) -> Value {
    json!({"service_id": service, "starts_at": tuesday(time), "customer_name": "Robin Example"})
}

fn tuesday(time: &str) -> String {
    format!("2026-01-06T{time}:00Z")
}

/// Does something to an appointment that needs no body.
async fn act(api: &Api<'_>, one: &str, what: &str, headers: &[(&str, &str)]) -> Answer {
    api.send(Method::POST, &format!("/appointments/{one}/{what}"), headers, None).await
}

async fn moved(api: &Api<'_>, one: &str, goal: &Value, headers: &[(&str, &str)]) -> Answer {
    api.send(Method::POST, &format!("/appointments/{one}/move"), headers, Some(goal)).await
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_made_shown_and_listed_in_one_shape() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let branch = id(&api.items("/branches").await[0]).to_owned();
    let sent = json!({"service_id": checkup, "branch_id": branch,
        "starts_at": "2026-01-06T10:00:00+01:00", "customer_name": " Robin Example ",
        "customer_phone": "0049 30 1234567", "customer_email": "robin@example.com",
        "notes": "Has a cat.", "policy": "refuse"});
    let answer = api.post("/appointments", &sent).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    let wanted = json!({"id": id(&made), "branch_id": branch, "service_id": checkup,
        "staff_id": null, "customer_id": made["customer_id"], "call_id": null,
        "status": "confirmed", "starts_at": tuesday("09:00"), "ends_at": tuesday("09:30"),
        "customer_name": "Robin Example", "customer_phone": "+49301234567",
        "customer_email": "robin@example.com", "notes": "Has a cat.",
        "created_at": "2026-01-05T08:00:00Z", "updated_at": "2026-01-05T08:00:00Z"});
    assert_eq!(made, wanted);
    assert_eq!(answer.header("etag"), format!("\"{}\"", server.now_ms()));
    let shown = api.get(&format!("/appointments/{}", id(&made))).await;
    assert_eq!((shown.json(), shown.header("etag")), (wanted.clone(), answer.header("etag")));
    assert_eq!(api.shown("/appointments").await, json!({"items": [wanted], "total": 1}));
    let customer = made["customer_id"].as_str().expect("who gave a number is known by it");
    let customer = api.shown(&format!("/customers/{customer}")).await;
    assert_eq!(customer["phone"], made["customer_phone"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_is_named_whoever_is_free_serves_and_who_is_named_serves_alone() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { consultation, kim, ada, .. } = Practice::of(&api).await;
    let anybody = wish(&consultation, "09:00");
    let (one, two) =
        (api.made("/appointments", &anybody).await, api.made("/appointments", &anybody).await);
    let served = json!([one["staff_id"], two["staff_id"]]);
    assert_eq!(texts(&served), BTreeSet::from([kim.as_str(), ada.as_str()]));
    let refused = not_offered(&api.post("/appointments", &anybody).await, "taken");
    assert_eq!(texts(&refused["conflicts"]), BTreeSet::from([id(&one), id(&two)]));
    let with_kim = with(&wish(&consultation, "12:00"), &json!({"staff_id": kim}));
    let one = api.made("/appointments", &with_kim).await;
    assert_eq!(one["staff_id"], json!(kim));
    for time in ["12:00", "11:30", "12:30"] {
        let again = with(&with_kim, &json!({"starts_at": tuesday(time)}));
        let refused = not_offered(&api.post("/appointments", &again).await, "taken");
        assert_eq!(refused["conflicts"], json!([id(&one)]), "{time}");
        let free = texts(&refused["alternatives"]);
        assert!(free.len() == 5 && !free.contains(tuesday(time).as_str()), "{free:?}");
    }
    let with_ada = with(&with_kim, &json!({"staff_id": ada}));
    assert_eq!(api.made("/appointments", &with_ada).await["staff_id"], json!(ada));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_time_is_refused_with_what_is_near_by_or_booked_with_a_warning() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let sent = wish(&checkup, "09:00");
    let first = api.made("/appointments", &sent).await;
    let refused = not_offered(&api.post("/appointments", &sent).await, "taken");
    assert_eq!(refused["conflicts"], json!([id(&first)]));
    let near = ["08:00", "08:30", "09:30", "10:00", "10:30"].map(tuesday);
    assert_eq!(refused["alternatives"], json!(near), "the five nearest, in order");
    let warn = with(&sent, &json!({"policy": "warn"}));
    let second = api.made("/appointments", &warn).await;
    assert_eq!((&second["warning"], &second["status"]), (&json!("taken"), &json!("confirmed")));
    let shown = api.shown(&format!("/appointments/{}", id(&second))).await;
    assert!(shown.get("warning").is_none(), "it was told once: {shown}");
    let refused = not_offered(&api.post("/appointments", &sent).await, "taken");
    assert_eq!(texts(&refused["conflicts"]), BTreeSet::from([id(&first), id(&second)]));
    let saturday = with(&warn, &json!({"starts_at": "2026-01-10T09:00:00Z"}));
    assert_eq!(api.made("/appointments", &saturday).await["warning"], "closed");
    let over = with(&warn, &json!({"starts_at": "2026-01-05T07:30:00Z"}));
    not_offered(&api.post("/appointments", &over).await, "in_the_past");
    let free = with(&warn, &json!({"starts_at": tuesday("13:00")}));
    assert!(api.made("/appointments", &free).await.get("warning").is_none());
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 4);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_cannot_be_booked_is_refused_with_the_reason() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let branch = api.items("/branches").await[0]["id"].clone();
    api.made("/hours/exceptions", &json!({"first_day": "2026-01-07"})).await;
    let place = json!({"branch_id": branch, "hours": "mon 09:00-17:00"});
    let eve = api.made("/staff", &json!({"name": "Eve", "branches": [place]})).await;
    let mut services = vec![("Check-up", json!(checkup))];
    for (name, more) in [
        ("Slow", json!({"notice_min": 120})),
        ("Wide", json!({"after_min": 30})),
        ("Once", json!({"day_cap": 1})),
        ("Mondays", json!({"staffed": true, "staff": [id(&eve)]})),
    ] {
        let base = json!({"name": name, "duration_min": 30, "notice_min": 0});
        let made = api.made("/services", &with(&base, &more)).await;
        services.push((name, made["id"].clone()));
    }
    let service = |name: &str| services.iter().find(|one| one.0 == name).map(|one| one.1.clone());
    let sent = |name: &str, start: &str| {
        let more = json!({"service_id": service(name), "starts_at": start});
        with(&wish(&checkup, "09:00"), &more)
    };
    for (name, time) in [("Wide", "12:00"), ("Once", "14:00"), ("Check-up", "15:30")] {
        api.made("/appointments", &sent(name, &tuesday(time))).await;
    }
    let cases = [
        ("Check-up", "2026-01-05T07:30:00Z", "in_the_past"),
        ("Check-up", "2025-12-01T09:00:00Z", "in_the_past"),
        ("Slow", "2026-01-05T09:30:00Z", "too_soon"),
        ("Check-up", "2026-06-01T08:00:00Z", "too_far"),
        ("Check-up", "2026-01-10T09:00:00Z", "closed"),
        ("Check-up", "2026-01-06T07:30:00Z", "closed"),
        ("Check-up", "2026-01-06T15:45:00Z", "closed"),
        ("Check-up", "2026-01-06T16:00:00Z", "closed"),
        ("Check-up", "2026-01-07T09:00:00Z", "holiday"),
        ("Check-up", "2026-01-06T09:10:00Z", "off_grid"),
        ("Once", "2026-01-06T09:00:00Z", "cap_reached"),
        ("Mondays", "2026-01-06T09:00:00Z", "staff_away"),
        ("Check-up", "2026-01-06T12:00:00Z", "taken"),
        ("Check-up", "2026-01-06T12:30:00Z", "buffer"),
    ];
    for (name, start, reason) in cases {
        let refused = not_offered(&api.post("/appointments", &sent(name, start)).await, reason);
        assert!(!texts(&refused["alternatives"]).contains(start), "{start}: {refused}");
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 3);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_fault_in_an_appointment_is_named() {
    let server = Setup::plain().set("LIMITS__BOOKINGS_PER_MINUTE", "1000").start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, kim, .. } = Practice::of(&api).await;
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let theirs = Api::of(&server, other).await;
    let (service, branch) = (theirs.items("/services").await, theirs.items("/branches").await);
    let said: [(&str, &[&str]); 7] = [
        ("starts_at", &["soon", "2026-01-06", "2026-01-06T25:00:00Z", "2026-01-06T10:00:00", ""]),
        ("customer_phone", &["12", "no number", "030 1234567"]),
        ("customer_email", &["not an address", "robin at example.com", "robin@"]),
        ("customer_name", &["", "  ", "a\u{0}b"]),
        ("policy", &["maybe", ""]),
        ("service_id", &["x", NOBODY, id(&service[0])]),
        ("branch_id", &["x", NOBODY, id(&branch[0])]),
    ];
    let said = said.iter().flat_map(|(field, all)| all.iter().map(move |text| (*field, *text)));
    let mut cases: Vec<(&str, Value)> = said.map(|(field, text)| (field, json!(text))).collect();
    cases.extend([
        ("starts_at", json!(1_767_690_000)),
        ("customer_name", json!("x".repeat(201))),
        ("customer_name", json!(7)),
        ("customer_phone", json!(49_301_234_567_i64)),
        ("notes", json!("x".repeat(2_001))),
        ("notes", json!("a\u{0}b")),
        ("staff_id", json!(NOBODY)),
        ("staff_id", json!(kim)),
        ("colour", json!("red")),
        ("status", json!("completed")),
    ]);
    let base = wish(&checkup, "09:00");
    for (field, value) in cases {
        let sent = with(&base, &json!({field: value}));
        invalid(&api.post("/appointments", &sent).await, field, &sent);
    }
    for missing in ["service_id", "starts_at", "customer_name"] {
        let mut sent = base.clone();
        sent.as_object_mut().expect("a wish is an object").remove(missing);
        invalid(&api.post("/appointments", &sent).await, missing, &sent);
    }
    api.made("/branches", &json!({"name": "Uptown", "zone": "Europe/Berlin"})).await;
    invalid(&api.post("/appointments", &base).await, "branch_id", &base);
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    assert_eq!(server.number("SELECT count(*) FROM customers"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_requests_for_one_time_at_once_one_gets_it() {
    let server = Setup::plain().set("LIMITS__BOOKINGS_PER_MINUTE", "1000").start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let ask = |number: usize| {
        let name = json!({"customer_name": format!("Caller {number}")});
        let (api, sent) = (&api, with(&wish(&checkup, "09:00"), &name));
        async move { api.post("/appointments", &sent).await }
    };
    let answers = join_all((0..100).map(ask)).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 99));
    let one = made[0].json();
    for answer in refused {
        let problem = not_offered(&answer, "taken");
        assert_eq!(problem["conflicts"], json!([id(&one)]));
        assert_eq!(texts(&problem["alternatives"]).len(), 5, "{problem}");
    }
    assert_eq!(api.shown("/appointments").await, json!({"items": [one], "total": 1}));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_gives_the_old_time_back_and_takes_the_new_one_or_changes_nothing() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let own = api.made("/appointments", &wish(&checkup, "09:00")).await;
    let other = api.made("/appointments", &wish(&checkup, "10:00")).await;
    let book = || server.number("SELECT book FROM generations");
    let changes = book();
    let taken = moved(&api, id(&own), &json!({"starts_at": tuesday("10:00")}), &[]).await;
    assert_eq!(not_offered(&taken, "taken")["conflicts"], json!([id(&other)]));
    let path = format!("/appointments/{}", id(&own));
    assert_eq!((api.shown(&path).await, book()), (own.clone(), changes), "all is as it was");
    server.advance(SignedDuration::from_mins(1));
    let goal = json!({"starts_at": tuesday("11:00")});
    let answer = moved(&api, id(&own), &goal, &[]).await;
    assert_eq!((answer.status, book()), (200, changes + 1), "one change of the book");
    let after = json!({"starts_at": tuesday("11:00"), "ends_at": tuesday("11:30"),
        "updated_at": "2026-01-05T08:01:00Z"});
    assert_eq!(answer.json(), with(&own, &after));
    assert_eq!(answer.header("etag"), format!("\"{}\"", server.now_ms()));
    server.advance(SignedDuration::from_mins(1));
    let same = moved(&api, id(&own), &goal, &[]).await;
    assert_eq!((same.status, same.json()), (200, answer.json()), "it is there already");
    api.made("/appointments", &wish(&checkup, "09:00")).await;
    not_offered(&api.post("/appointments", &wish(&checkup, "11:00")).await, "taken");
    for (field, sent) in [
        ("starts_at", json!({"starts_at": "soon"})),
        ("starts_at", json!({})),
        ("staff_id", with(&goal, &json!({"staff_id": NOBODY}))),
        ("service_id", with(&goal, &json!({"service_id": checkup}))),
    ] {
        invalid(&moved(&api, id(&own), &sent, &[]).await, field, &sent);
    }
    let history = api.items(&format!("{path}/history")).await;
    let kinds: Vec<_> = history.iter().map(|change| change["kind"].clone()).collect();
    assert_eq!(kinds, ["booked", "moved"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_cannot_be_changed_any_more_and_the_same_end_again_changes_nothing() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let ends = [("cancel", "cancelled"), ("complete", "completed"), ("no-show", "no_show")];
    for ((what, status), time) in ends.into_iter().zip(["09:00", "10:00", "11:00"]) {
        let own = api.made("/appointments", &wish(&checkup, time)).await;
        server.advance(SignedDuration::from_mins(1));
        if what != "cancel" {
            // What is still ahead can only be called off.
            act(&api, id(&own), what, &[]).await.problem(409, "settled");
            server.go_to(&format!("{}:01:00Z", &tuesday(time)[..13]));
        }
        let ended = act(&api, id(&own), what, &[]).await;
        assert_eq!((ended.status, &ended.json()["status"]), (200, &json!(status)), "{what}");
        server.advance(SignedDuration::from_mins(1));
        let again = act(&api, id(&own), what, &[]).await;
        assert_eq!((again.status, again.json()), (200, ended.json()), "{what} again");
        assert_eq!(again.header("etag"), ended.header("etag"));
        for (other, _) in ends.iter().filter(|(other, _)| *other != what) {
            act(&api, id(&own), other, &[]).await.problem(409, "settled");
        }
        for goal in ["14:00", time] {
            let goal = json!({"starts_at": tuesday(goal)});
            let answer = moved(&api, id(&own), &goal, &[]).await;
            answer.problem(409, "settled");
        }
        let path = format!("/appointments/{}", id(&own));
        assert_eq!(api.shown(&path).await, ended.json());
        let history = api.items(&format!("{path}/history")).await;
        assert_eq!(history.len(), 2, "made and ended: {history:?}");
    }
    // What was called off can be had again.
    api.made("/appointments", &wish(&checkup, "15:00")).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_what_was_done_by_whose_hand_first_to_last() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    let booked = server.tool("book_appointment", args, "c1").await;
    let own = booked["data"]["appointment_id"].as_str().expect("a booking has an id");
    let path = format!("/appointments/{own}");
    server.advance(SignedDuration::from_mins(1));
    for _ in 0..2 {
        // The second time there is nothing to correct.
        api.changed(&path, &json!({"customer_name": "Robyn Example"})).await;
    }
    server.advance(SignedDuration::from_mins(1));
    let goal = json!({"start": "2026-01-06T11:00"});
    let told = server.tool("reschedule_appointment", goal, "c2").await;
    assert_eq!(told["data"]["status"], "moved", "{told}");
    server.go_to("2026-01-06T10:03:00Z");
    assert_eq!(act(&api, own, "no-show", &[]).await.status, 200);
    let cell = |sql: &str| server.db().cells(sql).concat().concat();
    let call =
        |name: &str| cell(&format!("SELECT id FROM calls WHERE provider_call_id = '{name}'"));
    let key = cell("SELECT id FROM api_keys");
    let standing = |status: &str, time: &str| {
        let starts_at = tuesday(time);
        json!({"status": status, "starts_at": starts_at, "staff_id": null})
    };
    let at = |minute: u8| format!("2026-01-05T08:0{minute}:00Z");
    let (nine, ten) = (standing("confirmed", "09:00"), standing("confirmed", "10:00"));
    let missed = standing("no_show", "10:00");
    let wanted = json!([
        {"kind": "booked", "actor": "call", "call_id": call("c1"), "key_id": null, "user_id": null,
            "before": null, "after": nine, "changed_at": at(0)},
        {"kind": "corrected", "actor": "key", "call_id": null, "key_id": key, "user_id": null,
            "before": nine, "after": nine, "changed_at": at(1)},
        {"kind": "moved", "actor": "call", "call_id": call("c2"), "key_id": null, "user_id": null,
            "before": nine, "after": ten, "changed_at": at(2)},
        {"kind": "no_show", "actor": "key", "call_id": null, "key_id": key, "user_id": null,
            "before": ten, "after": missed, "changed_at": "2026-01-06T10:03:00Z"},
    ]);
    let history = api.items(&format!("{path}/history")).await;
    let plain: Vec<Value> = history.iter().map(bare).collect();
    assert_eq!(json!(plain), wanted);
    assert_eq!(api.shown(&path).await["customer_name"], "Robyn Example");
    server.finish().await;
}

/// A change whose ids are written as the database's cells are.
fn bare(change: &Value) -> Value {
    let hex = |field: &str| change[field].as_str().map(|id| id.replace('-', ""));
    with(change, &json!({"call_id": hex("call_id"), "key_id": hex("key_id")}))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_it_was_read_is_not_changed_by_who_says_so() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let Practice { checkup, .. } = Practice::of(&api).await;
    let answer = api.post("/appointments", &wish(&checkup, "09:00")).await;
    let (own, stale) = (answer.json(), answer.header("etag").to_owned());
    let path = format!("/appointments/{}", id(&own));
    let name = json!({"customer_name": "Robyn Example"});
    server.advance(SignedDuration::from_mins(1));
    let since = [("if-match", stale.as_str())];
    let changed = api.send(Method::PATCH, &path, &since, Some(&name)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let fresh = changed.header("etag").to_owned();
    assert_ne!(fresh, stale);
    let goal = json!({"starts_at": tuesday("10:00")});
    let unquoted = fresh.trim_matches('"');
    for tag in [stale.as_str(), unquoted, "\"\"", "\"x\"", "W/\"1\"", "x"] {
        let since = [("if-match", tag)];
        let refused = api.send(Method::PATCH, &path, &since, Some(&name)).await;
        refused.problem(412, "changed");
        moved(&api, id(&own), &goal, &since).await.problem(412, "changed");
        for what in ["cancel", "complete", "no-show"] {
            act(&api, id(&own), what, &since).await.problem(412, "changed");
        }
    }
    assert_eq!(api.shown(&path).await, changed.json());
    for tag in ["*", fresh.as_str()] {
        let answer = api.send(Method::PATCH, &path, &[("if-match", tag)], Some(&name)).await;
        assert_eq!((answer.status, answer.header("etag")), (200, fresh.as_str()), "{tag}");
    }
    server.advance(SignedDuration::from_mins(1));
    let since = [("if-match", fresh.as_str())];
    assert_eq!(moved(&api, id(&own), &goal, &since).await.status, 200);
    act(&api, id(&own), "cancel", &since).await.problem(412, "changed");
    server.finish().await;
}
