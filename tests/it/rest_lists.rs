//! The book of record as it is listed and exported over the REST interface: filters, holds, a file
//! for a spreadsheet, what a restart leaves, and what another business sees of it.

use frontdesk::domain::access::BusinessId;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, NOBODY, id, invalid, not_offered, with};
use crate::harness::{Server, Setup};

const LIST: &str = "/appointments";
/// The first line of an export.
const HEAD: &str = "id,status,starts_at,ends_at,branch,service,staff,customer_name,\
    customer_phone,customer_email,notes,created_at,updated_at\r\n";

/// The ids in a list, in its order.
async fn ids(api: &Api<'_>, path: &str) -> Vec<String> {
    api.items(path).await.iter().map(|one| id(one).to_owned()).collect()
}

/// A check-up on Tuesday, at a time in UTC, with more fields.
async fn books(api: &Api<'_>, time: &str, more: &Value) -> Value {
    let services = api.items("/services").await;
    let checkup = services.iter().find(|one| one["name"] == "Check-up");
    let checkup = id(checkup.expect("every business of the tests has a check-up")).to_owned();
    let start = format!("2026-01-06T{time}:00Z");
    let base = json!({"service_id": checkup, "starts_at": start, "customer_name": "Robin Example"});
    api.made(LIST, &with(&base, more)).await
}

/// Sets a time aside in a call, as a caller does before agreeing.
async fn holds(server: &Server, start: &str, call_id: &str) {
    let args = json!({"start": start, "name": "Robin Example"});
    let told = server.tool("collect_appointment_data", args, call_id).await;
    assert_eq!(told["data"]["status"], "proposed", "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_its_filters_ask_for_and_counts_all() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let home = id(&api.items("/branches").await[0]).to_owned();
    let uptown = json!({"name": "Uptown", "zone": "Europe/Berlin", "hours": "daily 09:00-17:00"});
    let uptown = id(&api.made("/branches", &uptown).await).to_owned();
    let kim = id(&api.made("/staff", &json!({"name": "Kim Example"})).await).to_owned();
    let consultation = json!({"name": "Consultation", "duration_min": 60, "notice_min": 0,
        "staffed": true});
    let consultation = id(&api.made("/services", &consultation).await).to_owned();
    let reach = json!({"branch_id": home, "customer_phone": "+49301234567"});
    let one = books(&api, "09:00", &reach).await;
    let two = json!({"branch_id": uptown, "service_id": consultation});
    let two = books(&api, "10:00", &two).await;
    let three = json!({"branch_id": home, "service_id": consultation, "staff_id": kim});
    let three = books(&api, "12:00", &with(&three, &reach)).await;
    let four = books(&api, "14:00", &json!({"branch_id": uptown})).await;
    let cancel = format!("{LIST}/{}/cancel", id(&four));
    assert_eq!(api.send(Method::POST, &cancel, &[], None).await.status, 200);
    let customer = one["customer_id"].as_str().expect("who gave a number is known by it");
    let checkup = one["service_id"].as_str().expect("an appointment is for a service");
    let (a, b, c, d) = (id(&one), id(&two), id(&three), id(&four));
    let cases: [(String, &[&str]); 15] = [
        (String::new(), &[a, b, c, d]),
        ("status=confirmed".to_owned(), &[a, b, c]),
        ("status=cancelled".to_owned(), &[d]),
        ("status=completed".to_owned(), &[]),
        (format!("service_id={checkup}"), &[a, d]),
        (format!("service_id={consultation}"), &[b, c]),
        (format!("branch_id={home}"), &[a, c]),
        (format!("branch_id={uptown}&status=confirmed"), &[b]),
        (format!("staff_id={kim}"), &[b, c]),
        (format!("customer_id={customer}"), &[a, c]),
        (format!("staff_id={kim}&branch_id={home}&service_id={consultation}"), &[c]),
        (format!("customer_id={NOBODY}"), &[]),
        ("from=2026-01-06T10:00:00Z".to_owned(), &[b, c, d]),
        ("to=2026-01-06T12:00:00Z".to_owned(), &[a, b]),
        (format!("from=2026-01-06T10:00:00Z&to=2026-01-06T14:00:00Z&staff_id={kim}"), &[b, c]),
    ];
    for (query, wanted) in cases {
        let path = format!("{LIST}?{query}");
        assert_eq!(ids(&api, &path).await, wanted, "{query}");
        assert_eq!(api.shown(&path).await["total"], 4, "{query}");
    }
    let page = api.shown(&format!("{LIST}?staff_id={kim}&limit=1")).await;
    let cursor = page["next_cursor"].as_str().expect("one more follows");
    let rest = format!("{LIST}?staff_id={kim}&limit=1&cursor={cursor}");
    assert_eq!(ids(&api, &rest).await, [c], "a cursor goes on within the filter");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_read_is_named() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let span = "from=2026-01-06T00:00:00Z&to=2026-01-07T00:00:00Z";
    let cases = [
        ("status", "status=nonsense"),
        ("status", "status="),
        ("service_id", "service_id=x"),
        ("branch_id", "branch_id="),
        ("staff_id", "staff_id=1"),
        ("customer_id", "customer_id=%00"),
        ("from", "from=2026-01-06"),
        ("to", "from=2026-01-06T00:00:00Z&to=2026-01-06T00:00:00Z"),
        ("colour", "colour=red"),
    ];
    for list in [LIST.to_owned(), format!("{LIST}/export")] {
        for (field, query) in cases {
            invalid(&api.get(&format!("{list}?{query}")).await, field, &json!(query));
        }
        assert_eq!(api.get(&format!("{list}?{span}")).await.status, 200, "{list}");
    }
    let of_export = [
        ("from", "to=2026-01-07T00:00:00Z"),
        ("to", "from=2026-01-06T00:00:00Z"),
        ("from", ""),
        ("to", "from=2026-01-06T00:00:00Z&to=2027-01-07T01:00:00Z"),
        ("limit", "from=2026-01-06T00:00:00Z&to=2026-01-07T00:00:00Z&limit=5"),
        ("cursor", "from=2026-01-06T00:00:00Z&to=2026-01-07T00:00:00Z&cursor=x"),
    ];
    for (field, query) in of_export {
        invalid(&api.get(&format!("{LIST}/export?{query}")).await, field, &json!(query));
    }
    let year = "from=2026-01-06T00:00:00Z&to=2027-01-07T00:00:00Z";
    assert_eq!(api.get(&format!("{LIST}/export?{year}")).await.status, 200, "366 days");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_no_appointment_yet_and_is_listed_only_when_it_is_asked_for() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    holds(&server, "2026-01-06T10:00", "c1").await;
    let nothing = json!({"items": [], "total": 0});
    assert_eq!(api.shown(LIST).await, nothing);
    let span = "from=2026-01-06T00:00:00Z&to=2026-01-07T00:00:00Z";
    assert_eq!(api.get(&format!("{LIST}/export?{span}")).await.text(), HEAD);
    let held = format!("{LIST}?status=held");
    let list = api.shown(&held).await;
    let hold = &list["items"][0];
    assert_eq!((&hold["status"], &list["total"]), (&json!("held"), &json!(0)), "{list}");
    assert_eq!(hold["held_until"], "2026-01-05T08:05:00Z");
    assert_eq!(hold["starts_at"], "2026-01-06T09:00:00Z");
    let cancel = format!("{LIST}/{}/cancel", id(hold));
    api.send(Method::POST, &cancel, &[], None).await.problem(404, "not_found");
    let wish = json!({"service_id": hold["service_id"], "starts_at": hold["starts_at"],
        "customer_name": "Kim Example"});
    let refused = not_offered(&api.post(LIST, &wish).await, "taken");
    assert_eq!(refused["conflicts"], json!([]), "nothing is told of who holds it");
    server.advance(SignedDuration::from_mins(4));
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    let booked = server.tool("book_appointment", args, "c1").await;
    assert_eq!(booked["data"]["appointment_id"], hold["id"], "the hold became it: {booked}");
    assert_eq!(ids(&api, LIST).await, [id(hold)]);
    assert!(ids(&api, &held).await.is_empty());
    assert_eq!(api.shown(LIST).await["total"], 1);
    let history = api.items(&format!("{LIST}/{}/history", id(hold))).await;
    let kinds: Vec<_> = history.iter().map(|change| change["kind"].clone()).collect();
    assert_eq!(kinds, ["held", "confirmed"]);
    // A hold that ran out keeps nobody from its time.
    holds(&server, "2026-01-06T11:00", "c2").await;
    let later = with(&wish, &json!({"starts_at": "2026-01-06T10:00:00Z"}));
    server.advance(SignedDuration::from_mins(5) - SignedDuration::from_millis(1));
    not_offered(&api.post(LIST, &later).await, "taken");
    server.advance(SignedDuration::from_millis(1));
    api.made(LIST, &later).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_file_that_no_spreadsheet_takes_for_formulas() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let more = json!({"customer_name": "=1+1", "customer_phone": "+49301234567",
        "customer_email": "robin@example.com", "notes": "one, \"two\"\nthree"});
    let one = books(&api, "09:00", &more).await;
    let two = books(&api, "10:00", &json!({"notes": "@SUM(A1)"})).await;
    books(&api, "15:00", &json!({})).await;
    let query = "from=2026-01-06T00:00:00Z&to=2026-01-06T15:00:00Z";
    let answer = api.get(&format!("{LIST}/export?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let attachment = "attachment; filename=\"appointments.csv\"";
    assert_eq!(answer.header("content-disposition"), attachment);
    let made = "2026-01-05T09:00:00+01:00,2026-01-05T09:00:00+01:00";
    let place = "Example Practice,Check-up,";
    let row = |own: &str, from: &str, until: &str, rest: &str| {
        let day = "2026-01-06T";
        format!(
            "{own},confirmed,{day}{from}:00+01:00,{day}{until}:00+01:00,{place},{rest},{made}\r\n"
        )
    };
    let whom = "'=1+1,'+49301234567,robin@example.com,\"one, \"\"two\"\"\nthree\"";
    let first = row(id(&one), "10:00", "10:30", whom);
    let second = row(id(&two), "11:00", "11:30", "Robin Example,,,'@SUM(A1)");
    assert_eq!(answer.text(), format!("{HEAD}{first}{second}"));
    let cancelled = api.get(&format!("{LIST}/export?{query}&status=cancelled")).await;
    assert_eq!(cancelled.text(), HEAD, "the filters of the list hold here too");
    server.finish().await;
}

/// All that a business can be shown of its book and its set-up.
async fn everything(api: &Api<'_>, appointment: &str) -> Vec<Value> {
    let history = format!("{LIST}/{appointment}/history");
    let mut all = Vec::new();
    for path in [
        LIST,
        "/appointments?status=held",
        &history,
        "/businesses",
        "/branches",
        "/services",
        "/staff",
        "/hours",
        "/customers",
        "/messages",
        "/waiting-list",
        "/feeds",
        "/calls",
    ] {
        all.push(api.shown(path).await);
    }
    all
}

/// Makes one of everything; returns the id of the appointment and the request that made it.
async fn one_of_everything(server: &Server, business: BusinessId) -> (String, Value) {
    let api = Api::of(server, business).await;
    api.made("/staff", &json!({"name": "Kim Example", "skills": ["Massage"]})).await;
    api.made("/hours/exceptions", &json!({"first_day": "2026-01-07", "hours": "10:00-12:00"}))
        .await;
    api.made("/feeds", &json!({})).await;
    let service = api.items("/services").await[0]["id"].clone();
    let waits = json!({"service_id": service, "customer_name": "Ada Other",
        "customer_phone": "+49301111111", "from": "2026-01-08T00:00:00Z",
        "to": "2026-01-09T00:00:00Z"});
    api.made("/waiting-list", &waits).await;
    let sent = json!({"service_id": service, "starts_at": "2026-01-06T09:00:00Z",
        "customer_name": "Robin Example", "customer_phone": "+49301234567"});
    let made = api.once(LIST, "k", &sent).await;
    assert_eq!(made.status, 201, "{}", made.text());
    holds(server, "2026-01-06T11:00", "c1").await;
    let message = json!({"message": "Please call back.", "name": "Robin Example"});
    server.tool("take_message", message, "c1").await;
    (id(&made.json()).to_owned(), sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_all_is_there_and_the_same_request_still_makes_nothing_more() {
    let server = Server::start().await;
    let business = server.business().await;
    let (made, sent) = one_of_everything(&server, business).await;
    let before = everything(&Api::of(&server, business).await, &made).await;
    let server = Setup::plain().on(server.stop().await).start().await;
    let api = Api::of(&server, business).await;
    assert_eq!(everything(&api, &made).await, before);
    assert!(before.iter().all(|list| list.get("items").is_none_or(|all| all != &json!([]))));
    let again = api.once(LIST, "k", &sent).await;
    assert_eq!((again.status, id(&again.json())), (201, made.as_str()));
    not_offered(&api.post(LIST, &sent).await, "taken");
    let held = with(&sent, &json!({"starts_at": "2026-01-06T10:00:00Z"}));
    not_offered(&api.post(LIST, &held).await, "taken");
    assert_eq!(everything(&api, &made).await, before);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_business_sees_and_changes_nothing_of_it() {
    let server = Server::start().await;
    let business = server.business().await;
    let (made, _) = one_of_everything(&server, business).await;
    let api = Api::of(&server, business).await;
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let theirs = Api::of(&server, other).await;
    let before = everything(&api, &made).await;
    let one = async |list: &str| {
        let all = ids(&api, list).await;
        format!("{list}/{}", all[0])
    };
    let appointment = format!("{LIST}/{made}");
    let (customer, waiting) = (one("/customers").await, one("/waiting-list").await);
    let (message, feed) = (one("/messages").await, one("/feeds").await);
    let goal = json!({"starts_at": "2026-01-06T14:00:00Z"});
    let (done, booked) = (json!({"done": true}), json!({"state": "booked"}));
    let merge = json!({"from": NOBODY});
    let cases = [
        (Method::GET, appointment.clone(), None),
        (Method::GET, format!("{appointment}/history"), None),
        (Method::PATCH, appointment.clone(), Some(json!({"customer_name": "Kim"}))),
        (Method::POST, format!("{appointment}/move"), Some(goal)),
        (Method::POST, format!("{appointment}/cancel"), None),
        (Method::POST, format!("{appointment}/complete"), None),
        (Method::POST, format!("{appointment}/no-show"), None),
        (Method::GET, customer.clone(), None),
        (Method::PATCH, customer.clone(), Some(json!({"name": "Kim"}))),
        (Method::POST, format!("{customer}/merge"), Some(merge)),
        (Method::PATCH, waiting, Some(booked)),
        (Method::PATCH, message, Some(done)),
        (Method::DELETE, feed, None),
    ];
    for (method, path, body) in cases {
        let answer = theirs.send(method, &path, &[], body.as_ref()).await;
        answer.problem(404, "not_found");
    }
    for list in [LIST, "/customers", "/messages", "/waiting-list", "/feeds", "/calls"] {
        assert!(theirs.items(list).await.is_empty(), "{list}");
    }
    assert_eq!(everything(&api, &made).await, before);
    server.finish().await;
}
