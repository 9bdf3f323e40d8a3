//! The set-up of a business over the REST interface: branches, services, staff, hours and the
//! business itself; what is refused, what stays, and what is made once.

use frontdesk::domain::access::BusinessId;
use serde_json::{Value, json};

use crate::api::{Api, NOBODY, id, invalid, with};
use crate::harness::Server;

/// A second business, which shares nothing with the first.
async fn other(server: &Server) -> BusinessId {
    server.business_named("Other Practice", "+12137771299", "agent_other").await
}

/// The id of the first row of a list.
async fn first(api: &Api<'_>, list: &str) -> String {
    id(&api.items(list).await[0]).to_owned()
}

/// The names in a list, in its order.
async fn names(api: &Api<'_>, list: &str) -> Vec<Value> {
    api.items(list).await.iter().map(|one| one["name"].clone()).collect()
}

/// Tries what is at fault in the field that each case names, to make a thing and to change one.
async fn refuses(api: &Api<'_>, (list, one): (&str, &str), base: &Value, cases: &[(&str, Value)]) {
    let before = api.shown(list).await;
    for (field, more) in cases {
        let sent = with(base, more);
        invalid(&api.post(list, &sent).await, field, &sent);
        invalid(&api.patch(one, more).await, field, more);
    }
    assert_eq!(api.shown(list).await, before, "nothing came of any of them");
}

/// Cases that are at fault wherever there is a name.
fn bad_names() -> Vec<(&'static str, Value)> {
    let long = "x".repeat(201);
    let names = [json!(""), json!("  "), json!(long), json!("a\u{0}b"), json!("\u{200b}")];
    let wrong = [json!(7), json!(["Kim"]), json!({"first": "Kim"})];
    let mut cases: Vec<_> =
        names.into_iter().chain(wrong).map(|name| ("name", json!({"name": name}))).collect();
    cases.push(("colour", json!({"colour": "red"})));
    cases.push(("business_id", json!({"business_id": NOBODY})));
    cases
}

/// Cases that are at fault wherever there are skills.
fn bad_skills() -> Vec<(&'static str, Value)> {
    let many: Vec<String> = (0..51).map(|number| format!("Skill {number}")).collect();
    let skills = [
        json!([""]),
        json!([" Laser"]),
        json!(["x".repeat(61)]),
        json!(["Laser", "LASER"]),
        json!(many),
        json!("Laser"),
        json!([7]),
    ];
    skills.into_iter().map(|skills| ("skills", json!({"skills": skills}))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_added_listed_shown_changed_and_removed() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let sent = json!({"name": " Uptown ", "zone": "America/New_York", "address": " Main Street ",
        "phone": "0049 30 1234 567", "hours": "mon-fri 9:00-17:00"});
    let made = api.made("/branches", &sent).await;
    let path = format!("/branches/{}", id(&made));
    let wanted = json!({"id": id(&made), "name": "Uptown", "zone": "America/New_York",
        "address": "Main Street", "phone": "+49301234567", "hours": "mon-fri 09:00-17:00",
        "active": true});
    assert_eq!(made, wanted);
    assert_eq!(api.shown(&path).await, wanted);
    assert_eq!(names(&api, "/branches").await, ["Example Practice", "Uptown"]);
    let more = json!({"hours": "sat 10:00-14:00", "phone": "", "active": false});
    let wanted = with(&with(&wanted, &more), &json!({"phone": null}));
    assert_eq!(api.changed(&path, &more).await, wanted);
    assert_eq!(api.changed(&path, &json!({})).await, wanted, "what is not sent stays");
    assert_eq!(api.shown(&path).await, wanted);
    let plain = api.made("/branches", &json!({"name": "Downtown", "zone": "UTC"})).await;
    assert_eq!((&plain["hours"], &plain["phone"]), (&json!("closed"), &Value::Null));
    assert_eq!(api.delete(&path).await.status, 204);
    api.get(&path).await.problem(404, "not_found");
    api.delete(&path).await.problem(404, "not_found");
    assert_eq!(names(&api, "/branches").await, ["Downtown", "Example Practice"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_fault_in_a_branch_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let one = format!("/branches/{}", first(&api, "/branches").await);
    let mut cases = bad_names();
    for zone in ["Europe/Nowhere", "", "Berlin", "+01:00", "Etc/Unknown"] {
        cases.push(("zone", json!({"zone": zone})));
    }
    for hours in ["", "mon-fri", "mon-fri 17:00-09:00", "mon 09:00-25:00", "mon 9-17", "always"] {
        cases.push(("hours", json!({"hours": hours})));
    }
    for phone in ["12", "030 1234567", "no number"] {
        cases.push(("phone", json!({"phone": phone})));
    }
    cases.push(("address", json!({"address": "x".repeat(501)})));
    cases.push(("zone", json!({"zone": 1})));
    let base = json!({"name": "Uptown", "zone": "Europe/Berlin"});
    refuses(&api, ("/branches", &one), &base, &cases).await;
    invalid(&api.patch(&one, &json!({"active": "no"})).await, "active", &json!("no"));
    for (missing, sent) in [("name", json!({})), ("zone", json!({"name": "Uptown"}))] {
        invalid(&api.post("/branches", &sent).await, missing, &sent);
    }
    for sent in [json!([]), json!("Uptown"), json!(null)] {
        invalid(&api.post("/branches", &sent).await, "body", &sent);
    }
    invalid(&api.get("/branches?colour=red").await, "colour", &Value::Null);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_added_listed_shown_changed_and_removed() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let branch = first(&api, "/branches").await;
    let kim = api.made("/staff", &json!({"name": "Kim Example", "skills": ["Massage"]})).await;
    let sent = json!({"name": " Massage ", "duration_min": 60});
    let made = api.made("/services", &sent).await;
    let path = format!("/services/{}", id(&made));
    let wanted = json!({"id": id(&made), "name": "Massage", "duration_min": 60, "step_min": 60,
        "notice_min": 60, "horizon_days": 60, "before_min": 0, "after_min": 0, "capacity": 1,
        "day_cap": null, "staffed": false, "price_micros": null, "currency": null, "skills": [],
        "staff": [], "branches": [], "active": true});
    assert_eq!(made, wanted);
    assert_eq!(api.shown(&path).await, wanted);
    assert_eq!(names(&api, "/services").await, ["Check-up", "Massage"]);
    let more = json!({"duration_min": 1_440, "step_min": 5, "notice_min": 0, "horizon_days": 730,
        "before_min": 1_440, "after_min": 1_440, "capacity": 1_000, "day_cap": 10_000,
        "staffed": true, "price_micros": 49_500_000, "currency": "EUR", "skills": ["Massage"],
        "staff": [id(&kim), id(&kim)], "branches": [branch], "active": false});
    let wanted = with(&with(&wanted, &more), &json!({"staff": [id(&kim)]}));
    assert_eq!(api.changed(&path, &more).await, wanted);
    assert_eq!(api.shown(&path).await, wanted);
    let cleared = json!({"day_cap": null, "price_micros": null});
    let wanted = with(&with(&wanted, &cleared), &json!({"currency": null}));
    assert_eq!(api.changed(&path, &cleared).await, wanted, "null clears what may be absent");
    assert_eq!(api.changed(&path, &json!({"name": null})).await, wanted, "nothing else");
    assert_eq!(api.shown(&path).await, wanted);
    assert_eq!(api.delete(&path).await.status, 204);
    api.get(&path).await.problem(404, "not_found");
    assert_eq!(names(&api, "/services").await, ["Check-up"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_fault_in_a_service_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let theirs = Api::of(&server, other(&server).await).await;
    let branch = first(&theirs, "/branches").await;
    let kim = theirs.made("/staff", &json!({"name": "Kim Example"})).await;
    let one = format!("/services/{}", first(&api, "/services").await);
    let mut cases = bad_names();
    cases.extend(bad_skills());
    let numbers: [(&str, &[i64]); 8] = [
        ("duration_min", &[0, -30, 4, 1_441, 99_999]),
        ("step_min", &[0, -5, 4, 1_441]),
        ("notice_min", &[-1, 525_601]),
        ("horizon_days", &[0, -1, 731]),
        ("before_min", &[-1, 1_441]),
        ("after_min", &[-1, 1_441]),
        ("capacity", &[0, 1_001]),
        ("day_cap", &[0, 10_001]),
    ];
    for (field, values) in numbers {
        cases.extend(values.iter().map(|value| (field, json!({field: value}))));
        cases.push((field, json!({field: "30"})));
        cases.push((field, json!({field: 30.5})));
    }
    cases.push(("currency", json!({"price_micros": 5})));
    cases.push(("price_micros", json!({"price_micros": -1, "currency": "EUR"})));
    for currency in ["", "eur", "EURO", "\u{20ac}"] {
        cases.push(("currency", json!({"price_micros": 5, "currency": currency})));
    }
    cases.push(("staffed", json!({"staffed": "yes"})));
    cases.push(("staffed", json!({"skills": ["Laser"]})));
    for nobody in [json!(id(&kim)), json!(NOBODY), json!("x")] {
        cases.push(("staff", json!({"staffed": true, "staff": [nobody]})));
    }
    for nowhere in [json!(branch), json!(NOBODY), json!(7)] {
        cases.push(("branches", json!({"branches": [nowhere]})));
    }
    cases.push(("active", json!({"active": 1})));
    let base = json!({"name": "Massage", "duration_min": 60});
    refuses(&api, ("/services", &one), &base, &cases).await;
    for (missing, sent) in [("name", json!({})), ("duration_min", json!({"name": "Massage"}))] {
        invalid(&api.post("/services", &sent).await, missing, &sent);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_serves_is_added_listed_shown_changed_and_removed() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let branch = first(&api, "/branches").await;
    let made = api.made("/staff", &json!({"name": " Kim Example ", "skills": ["Laser"]})).await;
    let path = format!("/staff/{}", id(&made));
    let wanted = json!({"id": id(&made), "name": "Kim Example", "skills": ["Laser"],
        "branches": [{"branch_id": branch, "hours": null}], "active": true});
    assert_eq!(made, wanted, "without branches they work at every one");
    assert_eq!(api.shown(&path).await, wanted);
    let more = json!({"name": "Kim Other", "skills": [], "active": false,
        "branches": [{"branch_id": branch, "hours": "mon 09:00-12:00"}]});
    let wanted = with(&wanted, &more);
    assert_eq!(api.changed(&path, &more).await, wanted);
    assert_eq!(api.shown(&path).await, wanted);
    let nowhere = json!({"branches": []});
    assert_eq!(api.changed(&path, &nowhere).await, with(&wanted, &nowhere));
    assert_eq!(names(&api, "/staff").await, ["Kim Other"]);
    assert_eq!(api.delete(&path).await.status, 204);
    api.get(&path).await.problem(404, "not_found");
    assert!(api.items("/staff").await.is_empty());
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_fault_in_somebody_who_serves_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let theirs = Api::of(&server, other(&server).await).await;
    let (own, foreign) = (first(&api, "/branches").await, first(&theirs, "/branches").await);
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let places = [
        ("branches", json!([{"branch_id": foreign}])),
        ("branches", json!([{"branch_id": NOBODY}])),
        ("branches", json!([{"branch_id": own}, {"branch_id": own, "hours": "closed"}])),
        ("branches", json!("everywhere")),
        ("branch_id", json!([{"branch_id": "x"}])),
        ("branch_id", json!([{"hours": "daily 09:00-17:00"}])),
        ("hours", json!([{"branch_id": own, "hours": "mon 17:00-09:00"}])),
        ("hours", json!([{"branch_id": own, "hours": 7}])),
        ("colour", json!([{"branch_id": own, "colour": "red"}])),
    ];
    let mut cases = bad_names();
    cases.extend(bad_skills());
    cases.extend(places.map(|(field, places)| (field, json!({"branches": places}))));
    let one = format!("/staff/{}", id(&kim));
    refuses(&api, ("/staff", &one), &json!({"name": "Ada Other"}), &cases).await;
    invalid(&api.post("/staff", &json!({})).await, "name", &json!({}));
    invalid(&api.patch(&one, &json!({"active": "no"})).await, "active", &json!("no"));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_has_at_most_sixty_four_staff() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    for number in 0..64 {
        api.made("/staff", &json!({"name": format!("Staff {number}")})).await;
    }
    api.post("/staff", &json!({"name": "Staff 64"})).await.problem(409, "exists");
    assert_eq!(server.number("SELECT count(*) FROM staff"), 64);
    let one = first(&api, "/staff").await;
    assert_eq!(api.delete(&format!("/staff/{one}")).await.status, 204);
    api.made("/staff", &json!({"name": "Staff 64"})).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_with_other_hours_are_added_listed_and_removed_and_hold_while_they_are_there() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let (branch, service) = (first(&api, "/branches").await, first(&api, "/services").await);
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let day = format!(
        "/availability?service_id={service}&from=2026-01-06T00:00:00Z&to=2026-01-07T00:00:00Z"
    );
    let free = async || api.shown(&day).await["slots"].as_array().map_or(0, Vec::len);
    assert_eq!(free().await, 16, "from nine to five in steps of half an hour");
    let cases = [
        (json!({"first_day": "2026-01-06", "name": " Holiday "}), "2026-01-06", "closed"),
        (
            json!({"branch_id": branch, "first_day": "2026-01-07", "last_day": "2026-01-08",
                "hours": "13:00-15:00 10:00-12:00"}),
            "2026-01-08",
            "10:00-12:00 13:00-15:00",
        ),
        (json!({"staff_id": id(&kim), "first_day": "2026-01-09"}), "2026-01-09", "closed"),
    ];
    let mut made = Vec::new();
    for (sent, last_day, hours) in cases {
        let blank = json!({"branch_id": null, "staff_id": null, "name": ""});
        let one = api.made("/hours/exceptions", &sent).await;
        let wanted = with(
            &with(&blank, &sent),
            &json!({"id": id(&one), "last_day": last_day,
            "hours": hours, "name": sent["name"].as_str().unwrap_or("").trim()}),
        );
        assert_eq!(one, wanted);
        api.post("/hours/exceptions", &sent).await.problem(409, "exists");
        made.push(one);
    }
    let hours = api.shown("/hours").await;
    let weekly = json!([{"branch_id": branch, "hours": "mon-fri 09:00-17:00"}]);
    assert_eq!(hours, json!({"branches": weekly, "exceptions": made}));
    assert_eq!(free().await, 0, "closed on that day");
    let holiday = format!("/hours/exceptions/{}", id(&made[0]));
    assert_eq!(api.delete(&holiday).await.status, 204);
    api.delete(&holiday).await.problem(404, "not_found");
    assert_eq!(free().await, 16, "open again");
    assert_eq!(api.shown("/hours").await["exceptions"], json!(made[1..]));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_fault_in_days_with_other_hours_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let theirs = Api::of(&server, other(&server).await).await;
    let (own, foreign) = (first(&api, "/branches").await, first(&theirs, "/branches").await);
    let kim = theirs.made("/staff", &json!({"name": "Kim Example"})).await;
    let cases = [
        ("first_day", json!({"first_day": "2026-02-29"})),
        ("first_day", json!({"first_day": "24.12.2026"})),
        ("first_day", json!({"first_day": 20_261_224})),
        ("last_day", json!({"last_day": "2026-12-23"})),
        ("last_day", json!({"last_day": "2028-12-24"})),
        ("last_day", json!({"last_day": "tomorrow"})),
        ("hours", json!({"hours": "17:00-09:00"})),
        ("hours", json!({"hours": "09:00-12:00 11:00-13:00"})),
        ("hours", json!({"hours": "mon 09:00-12:00"})),
        ("hours", json!({"hours": ""})),
        ("name", json!({"name": "x".repeat(201)})),
        ("name", json!({"name": "a\u{0}b"})),
        ("branch_id", json!({"branch_id": foreign})),
        ("branch_id", json!({"branch_id": "x"})),
        ("staff_id", json!({"staff_id": id(&kim)})),
        ("staff_id", json!({"staff_id": NOBODY, "branch_id": own})),
        ("colour", json!({"colour": "red"})),
    ];
    for (field, more) in cases {
        let sent = with(&json!({"first_day": "2026-12-24"}), &more);
        invalid(&api.post("/hours/exceptions", &sent).await, field, &sent);
    }
    invalid(&api.post("/hours/exceptions", &json!({})).await, "first_day", &json!({}));
    assert_eq!(server.number("SELECT count(*) FROM exceptions"), 0);
    let two_years = json!({"first_day": "2026-12-24", "last_day": "2028-12-23"});
    api.made("/hours/exceptions", &two_years).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_business_of_the_key_is_shown_and_changed_and_what_is_at_fault_is_named() {
    let server = Server::start().await;
    let business = server.business().await;
    let api = Api::of(&server, business).await;
    other(&server).await;
    let wanted = json!({"id": business.uuid(), "name": "Example Practice",
        "zone": "Europe/Berlin", "language": "en", "region": null});
    assert_eq!(api.shown("/businesses").await, json!({"items": [wanted]}));
    let path = format!("/businesses/{}", business.uuid());
    let more = json!({"name": "New Name", "zone": "Europe/Vienna", "language": "de",
        "region": "AT"});
    let wanted = with(&wanted, &more);
    assert_eq!(api.changed(&path, &more).await, wanted);
    let mut cases = bad_names();
    for zone in ["Europe/Nowhere", "", "Etc/Unknown"] {
        cases.push(("zone", json!({"zone": zone})));
    }
    for (field, value) in [("language", "xx"), ("language", ""), ("region", "Germany")] {
        cases.push((field, json!({field: value})));
    }
    for (field, more) in cases {
        invalid(&api.patch(&path, &more).await, field, &more);
    }
    api.patch(&path, &json!({"name": "other PRACTICE"})).await.problem(409, "exists");
    assert_eq!(api.shown("/businesses").await, json!({"items": [wanted]}));
    let cleared = api.changed(&path, &json!({"region": ""})).await;
    assert_eq!(cleared["region"], Value::Null);
    server.finish().await;
}
