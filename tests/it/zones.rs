//! Whose time it is and where: two businesses with everything named alike, branches in two zones,
//! days on which the clocks change, and days that are not in every year.

use frontdesk::domain::access::BusinessId;
use frontdesk::domain::scheduling::rules::Rules;
use serde_json::{Value, json};

use crate::api::{Api, id, invalid, with};
use crate::harness::{Server, at_ms, retell};

/// The number and the agent of the second business.
const OTHER_NUMBER: &str = "+12137771299";
const OTHER_AGENT: &str = "agent_other";

/// A call to the second business.
fn other_call(call_id: &str) -> Value {
    let mut call = retell::call(call_id);
    call["to_number"] = json!(OTHER_NUMBER);
    call["agent_id"] = json!(OTHER_AGENT);
    call
}

/// The start that an answer offers first.
fn first(answer: &Value) -> &str {
    answer["data"]["slots"][0]["start"].as_str().unwrap_or_default()
}

/// The answer's reason and the argument it is about.
fn refusal(answer: &Value) -> (&str, &str) {
    let word = |member: &str| answer[member].as_str().unwrap_or("");
    (word("reason"), word("field"))
}

/// Books a check-up in a call of its own.
async fn books(server: &Server, start: &str) -> Value {
    let args = json!({"service": "Check-up", "start": start, "name": "Robin Example"});
    server.tool("book_appointment", args, &format!("call at {start}")).await
}

/// Fails unless so many appointments begin at an instant.
#[track_caller]
fn begin(server: &Server, at: &str, count: i64) {
    let sql = format!("SELECT count(*) FROM appointments WHERE starts_at = {}", at_ms(at));
    assert_eq!(server.number(&sql), count, "{at}");
}

/// Gives a business a person and what that person does; returns the wish for it at nine on Tuesday.
async fn furnish(server: &Server, business: BusinessId) -> (Api<'_>, Value) {
    let api = Api::of(server, business).await;
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let sent = json!({"name": "Consultation", "duration_min": 30, "notice_min": 0,
        "staffed": true, "staff": [kim["id"]]});
    let service = api.made("/services", &sent).await;
    let wish = json!({"service_id": service["id"], "starts_at": "2026-01-06T08:00:00Z",
        "customer_name": "Robin Example", "customer_phone": "+49301234567"});
    (api, wish)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_businesses_with_everything_named_alike_share_no_time_and_no_person() {
    let server = Server::start().await;
    let (ours, wish) = furnish(&server, server.business().await).await;
    let other = server.business_named("Other Practice", OTHER_NUMBER, OTHER_AGENT).await;
    let (theirs, same) = furnish(&server, other).await;
    let args = json!({"service": "Consultation", "date": "2026-01-06", "staff": "Kim Example"});
    let ask = async |call_id: &str, call: Value| {
        let answer = server.tool_in("check_availability", args.clone(), &call).await;
        assert_eq!(refusal(&answer), ("", ""), "{call_id}: {answer}");
        first(&answer)[11..16].to_owned()
    };
    let both = async |round: &str| {
        let (one, two) = (format!("ours {round}"), format!("theirs {round}"));
        [ask(&one, retell::call(&one)).await, ask(&two, other_call(&two)).await]
    };
    assert_eq!(both("first").await, ["09:00", "09:00"]);
    ours.made("/appointments", &wish).await;
    assert_eq!(both("second").await, ["09:30", "09:00"], "theirs is as it was");
    theirs.made("/appointments", &same).await;
    assert_eq!(both("third").await, ["09:30", "09:30"]);
    ours.made("/hours/exceptions", &json!({"first_day": "2026-01-05"})).await;
    assert_eq!(both("fourth").await, ["09:30", "09:30"]);
    for api in [&ours, &theirs] {
        for list in ["/appointments", "/customers", "/staff"] {
            assert_eq!(api.items(list).await.len(), 1, "{list}");
        }
    }
    for (api, wrong) in [(&ours, &same), (&theirs, &wish)] {
        let sent = with(wrong, &json!({"starts_at": "2026-01-06T12:00:00Z"}));
        invalid(&api.post("/appointments", &sent).await, "service_id", &sent);
    }
    let strange = "SELECT count(*) FROM appointments a
        JOIN services s ON s.id = a.service_id JOIN branches b ON b.id = a.branch_id
        JOIN staff t ON t.id = a.staff_id JOIN customers c ON c.id = a.customer_id
        WHERE s.business_id <> a.business_id OR b.business_id <> a.business_id
          OR t.business_id <> a.business_id OR c.business_id <> a.business_id";
    assert_eq!(server.number(strange), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialled_number_leads_to_its_business_however_it_is_written() {
    let server = Server::start().await;
    server.business().await;
    let other = server.business_named("Other Practice", OTHER_NUMBER, OTHER_AGENT).await;
    let rules = Rules::new(60, 60, 0, 60).expect("within bounds");
    server.add_service(other, "Massage", rules).await;
    let written = [
        "+12137771299",
        "+1 213 777 1299",
        "+1 (213) 777-1299",
        "+1-213-777-1299",
        "+1.213.777.1299",
        "0012137771299",
        "001 (213) 777 1299",
        " +12137771299 ",
    ];
    for (number, to_number) in written.into_iter().enumerate() {
        let mut call = retell::call(&format!("c{number}"));
        call["to_number"] = json!(to_number);
        let answer = server.tool_in("list_services", json!({}), &call).await;
        let services = answer["data"]["services"].as_array().map_or(0, Vec::len);
        assert_eq!(services, 2, "{to_number:?}: {answer}");
    }
    let owners = "SELECT DISTINCT b.name, c.to_number
        FROM calls c JOIN businesses b ON b.id = c.business_id";
    assert_eq!(server.db().cells(owners), [["Other Practice", OTHER_NUMBER]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_branch_answers_and_books_by_the_clock_on_its_own_wall() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let york = json!({"name": "New York", "zone": "America/New_York",
        "hours": "mon-fri 09:00-17:00"});
    api.made("/branches", &york).await;
    // Between the eighth and the twenty-ninth of March only one of the two has changed its clocks.
    let cases = [
        ("2026-01-05T08:00:00Z", "2026-01-07", "Example Practice", "+01:00", "T09:00:00Z"),
        ("2026-01-05T08:00:00Z", "2026-01-07", "New York", "-05:00", "T15:00:00Z"),
        ("2026-03-10T08:00:00Z", "2026-03-11", "Example Practice", "+01:00", "T09:00:00Z"),
        ("2026-03-10T08:00:00Z", "2026-03-11", "New York", "-04:00", "T14:00:00Z"),
        ("2026-03-30T08:00:00Z", "2026-03-31", "Example Practice", "+02:00", "T08:00:00Z"),
        ("2026-03-30T08:00:00Z", "2026-03-31", "New York", "-04:00", "T14:00:00Z"),
    ];
    for (now, day, branch, offset, ten) in cases {
        server.go_to(now);
        let call_id = format!("{day} {branch}");
        let args = json!({"date": day, "branch": branch});
        let answer = server.tool("check_availability", args, &call_id).await;
        assert_eq!(first(&answer), format!("{day}T09:00:00{offset}"), "{answer}");
        let args = json!({"start": format!("{day}T10:00"), "branch": branch, "name": "Robin"});
        let booked = server.tool("book_appointment", args, &call_id).await;
        assert_eq!(booked["data"]["start"], format!("{day}T10:00:00{offset}"), "{booked}");
        begin(&server, &format!("{day}{ten}"), 1);
    }
    let query = "from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z";
    let export = api.get(&format!("/appointments/export?{query}")).await.text();
    for (_, day, branch, offset, _) in cases {
        let row = format!(",{day}T10:00:00{offset},{day}T10:30:00{offset},{branch},");
        assert!(export.contains(&row), "no {row} in {export}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_the_clocks_skip_is_asked_for_again_and_one_that_comes_twice_is_the_first() {
    let server = Server::start().await;
    let business = server.business().await;
    server.set_hours(business, "daily 00:00-24:00").await;
    server.go_to("2026-03-27T08:00:00Z");
    let answer = books(&server, "2026-03-29T02:30").await;
    assert_eq!(refusal(&answer), ("invalid_argument", "start"), "{answer}");
    let args = json!({"date": "2026-03-29", "time": "02:30", "name": "Robin Example"});
    let answer = server.tool("book_appointment", args, "c1").await;
    assert_eq!(refusal(&answer), ("invalid_argument", "time"), "{answer}");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    let around = [
        ("2026-03-29T01:30", "2026-03-29T01:30:00+01:00"),
        ("2026-03-29T03:00", "2026-03-29T03:00:00+02:00"),
    ];
    for (said, start) in around {
        let booked = books(&server, said).await;
        assert_eq!(booked["data"]["start"], start, "{booked}");
        begin(&server, start, 1);
    }
    server.go_to("2026-10-23T08:00:00Z");
    let earlier = books(&server, "2026-10-25T02:30").await;
    assert_eq!(earlier["data"]["start"], "2026-10-25T02:30:00+02:00", "{earlier}");
    begin(&server, "2026-10-25T00:30:00Z", 1);
    let args = json!({"start": "2026-10-25T02:30", "name": "Kim Example"});
    let taken = server.tool("book_appointment", args, "c2").await;
    assert_eq!(refusal(&taken).0, "taken", "the first again: {taken}");
    let later = books(&server, "2026-10-25T02:30:00+01:00").await;
    assert_eq!(later["data"]["start"], "2026-10-25T02:30:00+01:00", "{later}");
    begin(&server, "2026-10-25T01:30:00Z", 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_february_is_a_day_in_a_leap_year_and_in_no_other() {
    let server = Server::start().await;
    let business = server.business().await;
    let far = Rules::new(30, 30, 0, 730).expect("within bounds");
    server.add_service(business, "Far ahead", far).await;
    let api = Api::of(&server, business).await;
    let services = api.items("/services").await;
    let service = services.iter().find(|one| one["name"] == "Far ahead");
    let service = id(service.expect("it was added")).to_owned();
    let book = async |start: &str| {
        let args = json!({"service": "Far ahead", "start": start, "name": "Robin Example"});
        server.tool("book_appointment", args, start).await
    };
    let post = async |start: &str| {
        let sent = json!({"service_id": service, "starts_at": start, "customer_name": "Robin"});
        api.post("/appointments", &sent).await
    };
    let too_far = book("2028-02-29T10:00").await;
    assert_eq!(refusal(&too_far).0, "too_far", "785 days ahead: {too_far}");
    server.go_to("2027-02-01T08:00:00Z");
    let booked = book("2028-02-29T10:00").await;
    assert_eq!(booked["data"]["start"], "2028-02-29T10:00:00+01:00", "{booked}");
    let args = json!({"service": "Far ahead", "date": "2028-02-29"});
    let offered = server.tool("check_availability", args, "c1").await;
    assert_eq!(first(&offered), "2028-02-29T09:00:00+01:00", "{offered}");
    let answer = post("2028-02-29T10:00:00Z").await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let answer = book("2027-02-29T10:00").await;
    assert_eq!(refusal(&answer), ("invalid_argument", "start"), "{answer}");
    let args = json!({"service": "Far ahead", "date": "2027-02-29"});
    let answer = server.tool("check_availability", args, "c2").await;
    assert_eq!(refusal(&answer), ("invalid_argument", "date"), "{answer}");
    let start = "2027-02-29T10:00:00Z";
    invalid(&post(start).await, "starts_at", &json!(start));
    let holiday = json!({"first_day": "2027-02-29"});
    invalid(&api.post("/hours/exceptions", &holiday).await, "first_day", &holiday);
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phrase_that_is_longer_than_anybody_speaks_is_refused_by_name() {
    let server = Server::start().await;
    server.business().await;
    let phrases = ["next tuesday ".repeat(800), "9".repeat(10_000), "next tuesday ".repeat(50)];
    let tools = [
        "check_availability",
        "get_alternatives",
        "explain_unavailable",
        "collect_appointment_data",
        "book_appointment",
        "business_hours",
    ];
    for phrase in &phrases {
        for tool in tools {
            let args = json!({"when": phrase, "name": "Robin Example"});
            let answer = server.tool(tool, args, "c1").await;
            let told = (phrase.len(), tool);
            assert_eq!(refusal(&answer), ("invalid_argument", "when"), "{told:?}: {answer}");
        }
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    server.finish().await;
}
