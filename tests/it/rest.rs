//! The REST interface: who may read what, in which pages, and in which shape.

use std::collections::BTreeSet;

use frontdesk::crypto::token::ApiKey;
use frontdesk::domain::access::Scope;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Server, Setup, retell};

const CALLS: &str = "/api/v1/calls";
const APPOINTMENTS: &str = "/api/v1/appointments";

/// Delivers that calls began, so many at one moment.
async fn calls_begin(server: &Server, prefix: &str, count: usize) {
    for number in 0..count {
        let answer = server.hook(retell::started(&format!("{prefix}_{number}"))).await;
        assert_eq!(answer.status, 204);
    }
    server.settled().await;
}

async fn books(server: &Server, start: &str) {
    let args = json!({"start": start, "name": "Robin Example"});
    let answer = server.tool("book_appointment", args, start).await;
    assert_eq!(answer["data"]["status"], "booked", "{answer}");
}

/// Follows the cursors from the first page to the last and returns the rows.
async fn walk(server: &Server, path: &str, key: &str) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), String::new());
    for _ in 0..20 {
        let page = server.get(&format!("{path}{next}"), Some(key)).await.json();
        rows.extend(page["items"].as_array().expect("a page has items").clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return rows,
        }
    }
    panic!("the pages have no end");
}

fn distinct(rows: &[Value], member: &str) -> usize {
    rows.iter().filter_map(|row| row[member].as_str()).collect::<BTreeSet<_>>().len()
}

/// The members of an object by name.
fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    let mut names: Vec<_> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_key_is_told_which_kind_is_needed() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let (bearer, basic) = (format!("Bearer {key}"), format!("Basic {key}"));
    let without: [&[(&str, &str)]; 5] = [
        &[],
        &[("authorization", basic.as_str())],
        &[("authorization", key.as_str())],
        &[("authorization", bearer.as_str()), ("authorization", bearer.as_str())],
        &[("x-api-key", key.as_str())],
    ];
    for headers in without {
        let answer = server.request(Method::GET, CALLS, headers, Vec::new()).await;
        answer.problem(401, "key_missing");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let lower = format!("bearer  {key}");
    for header in [&bearer, &lower] {
        let headers = [("authorization", header.as_str())];
        let answer = server.request(Method::GET, CALLS, &headers, Vec::new()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_unknown_mistyped_revoked_or_over_opens_nothing() {
    let server = Server::start().await;
    let business = server.business().await;
    let app = server.app();
    let (revoked_id, revoked) =
        app.create_key(business, "test", Scope::for_keys(), None).await.expect("a key");
    let (_, ends) =
        app.create_key(business, "test", Scope::for_keys(), Some(1)).await.expect("a key");
    for key in [&revoked, &ends] {
        assert_eq!(server.get(CALLS, Some(key)).await.status, 200);
    }
    app.revoke_key(business, revoked_id).await.expect("it is there");
    let unknown = ApiKey::new([7; 32]).expose().to_owned();
    let mistyped = format!("{}x", &revoked[..revoked.len() - 1]);
    for key in [unknown.as_str(), &mistyped, &revoked, "fdk_", "x"] {
        let answer = server.get(CALLS, Some(key)).await;
        answer.problem(401, "key_invalid");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    server.advance(SignedDuration::from_secs(24 * 3_600 - 1));
    assert_eq!(server.get(CALLS, Some(&ends)).await.status, 200, "a second before its end");
    server.advance(SignedDuration::from_secs(1));
    server.get(CALLS, Some(&ends)).await.problem(401, "key_invalid");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_what_its_scopes_name_and_nothing_else() {
    let server = Server::start().await;
    let business = server.business().await;
    let calls = server.key(business, &[Scope::CallsRead]).await;
    let appointments = server.key(business, &[Scope::AppointmentsRead]).await;
    assert_eq!(server.get(CALLS, Some(&calls)).await.status, 200);
    assert_eq!(server.get(APPOINTMENTS, Some(&appointments)).await.status, 200);
    server.get(APPOINTMENTS, Some(&calls)).await.problem(403, "scope_missing");
    server.get(CALLS, Some(&appointments)).await.problem(403, "scope_missing");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_call_is_not_found_as_one_that_does_not_exist() {
    let server = Server::start().await;
    let ours = server.key(server.business().await, &Scope::for_keys()).await;
    let other = server.business_named("Other Practice", "+12137771299", "agent_other").await;
    let theirs = server.key(other, &Scope::for_keys()).await;
    calls_begin(&server, "call", 1).await;
    books(&server, "2026-01-06T10:00").await;
    let list = server.get(CALLS, Some(&ours)).await.json();
    let id = list["items"][0]["id"].as_str().expect("a call has an id").to_owned();
    assert_eq!(server.get(&format!("{CALLS}/{id}"), Some(&ours)).await.status, 200);
    let nobodys = "01900000-0000-7000-8000-000000000001";
    let mut told = BTreeSet::new();
    for id in [id.as_str(), nobodys, "x", "%20", "1"] {
        let answer = server.get(&format!("{CALLS}/{id}"), Some(&theirs)).await;
        let mut problem = answer.problem(404, "not_found");
        problem["request_id"] = Value::Null;
        told.insert(problem.to_string());
    }
    assert_eq!(told.len(), 1, "nothing tells which of them exist: {told:?}");
    for path in [CALLS, APPOINTMENTS] {
        let empty = json!({"items": [], "total": 0});
        assert_eq!(server.get(path, Some(&theirs)).await.json(), empty, "{path}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_cannot_be_taken_is_refused_with_the_parameter() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let both = [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("limit=1&limit=2", "limit"),
        ("colour=red", "colour"),
        ("limit=5&Limit=5", "Limit"),
        ("offset=10", "offset"),
        ("cursor=", "cursor"),
        ("cursor=x", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%00", "cursor"),
    ];
    let of_appointments = [
        ("from=yesterday", "from"),
        ("from=2026-01-06", "from"),
        ("to=2026-01-06T10:00:00", "to"),
        ("from=2026-01-06T00:00:00Z&to=2026-01-06T00:00:00Z", "to"),
        ("from=2026-01-06T00:00:00Z&to=2026-01-05T23:59:59Z", "to"),
        ("from=2026-01-06T00:00:00Z&from=2026-01-07T00:00:00Z", "from"),
    ];
    let on = |path: &str, cases: &[(&str, &str)]| -> Vec<(String, String)> {
        cases
            .iter()
            .map(|(query, field)| (format!("{path}?{query}"), (*field).to_owned()))
            .collect()
    };
    let mut cases = on(CALLS, &both);
    cases.extend(on(APPOINTMENTS, &both));
    cases.extend(on(APPOINTMENTS, &of_appointments));
    cases.extend(on(CALLS, &[("from=2026-01-06T00:00:00Z", "from")]));
    cases.extend(on(&format!("{CALLS}/01900000-0000-7000-8000-000000000001"), &[("a=1", "a")]));
    for (path, field) in cases {
        let problem = server.get(&path, Some(&key)).await.problem(400, "invalid");
        assert_eq!(problem["field"], field, "{path}");
        assert!(problem["detail"].as_str().is_some_and(|why| !why.is_empty()), "{path}");
    }
    for path in [format!("{CALLS}?limit=1"), format!("{APPOINTMENTS}?limit=100")] {
        assert_eq!(server.get(&path, Some(&key)).await.status, 200, "{path}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_calls_show_each_call_once_and_the_newest_first() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    calls_begin(&server, "old", 4).await;
    server.advance(SignedDuration::from_mins(1));
    calls_begin(&server, "new", 3).await;
    for limit in [1, 2, 3, 7, 100] {
        let rows = walk(&server, &format!("{CALLS}?limit={limit}"), &key).await;
        assert_eq!((rows.len(), distinct(&rows, "id")), (7, 7), "{limit} a page");
        let is_new = |row: &Value| row["provider_call_id"].as_str().map(|id| id.starts_with("new"));
        let order: Vec<_> = rows.iter().filter_map(is_new).collect();
        assert_eq!(order, [true, true, true, false, false, false, false]);
    }
    let first = server.get(&format!("{CALLS}?limit=3"), Some(&key)).await.json();
    assert_eq!((first["items"].as_array().map(Vec::len), &first["total"]), (Some(3), &json!(7)));
    let cursor = first["next_cursor"].as_str().expect("more follow");
    server.advance(SignedDuration::from_mins(1));
    calls_begin(&server, "newest", 2).await;
    let rows = walk(&server, &format!("{CALLS}?limit=100&cursor={cursor}"), &key).await;
    assert_eq!(rows.len(), 4, "what is new does not push older calls onto the next page");
    // A cursor of zeros stands at the year 1970, behind the last call.
    let behind = format!("{CALLS}?cursor={}", "A".repeat(32));
    let behind = server.get(&behind, Some(&key)).await.json();
    assert_eq!(behind, json!({"items": [], "total": 9}));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_appointments_show_each_once_and_the_earliest_first() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let starts = ["2026-01-07T09:00", "2026-01-06T16:00", "2026-01-06T09:00", "2026-01-08T12:00"];
    for start in starts {
        books(&server, start).await;
    }
    let in_order = [
        "2026-01-06T08:00:00Z",
        "2026-01-06T15:00:00Z",
        "2026-01-07T08:00:00Z",
        "2026-01-08T11:00:00Z",
    ];
    let begins = |rows: &[Value]| -> Vec<Value> {
        rows.iter().map(|row| row["starts_at"].clone()).collect()
    };
    for limit in [1, 2, 3, 4, 100] {
        let rows = walk(&server, &format!("{APPOINTMENTS}?limit={limit}"), &key).await;
        assert_eq!(begins(&rows), in_order, "{limit} a page");
    }
    // A span holds its first instant and not its last.
    let span = format!("{APPOINTMENTS}?limit=1&from={}&to={}", in_order[1], in_order[3]);
    assert_eq!(begins(&walk(&server, &span, &key).await), in_order[1..3]);
    let from = format!("{APPOINTMENTS}?limit=1&from={}", in_order[2]);
    assert_eq!(begins(&walk(&server, &from, &key).await), in_order[2..]);
    let page = server.get(&span, Some(&key)).await.json();
    assert_eq!(page["total"], 4, "all there are, whatever the span");
    // A cursor of the greatest instant and the greatest id stands behind the last appointment.
    let behind = format!("{APPOINTMENTS}?cursor=f{}", "_".repeat(31));
    let behind = server.get(&behind, Some(&key)).await.json();
    assert_eq!(behind, json!({"items": [], "total": 4}));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_often_is_told_when_to_come_again() {
    let setup = Setup::plain().set("LIMITS__API_REQUESTS_PER_MINUTE", "3");
    let server = setup.start().await;
    let business = server.business().await;
    let (key, other) = (
        server.key(business, &Scope::for_keys()).await,
        server.key(business, &Scope::for_keys()).await,
    );
    for _ in 0..3 {
        assert_eq!(server.get(CALLS, Some(&key)).await.status, 200);
    }
    let refused = server.get(APPOINTMENTS, Some(&key)).await;
    refused.problem(429, "too_often");
    assert_eq!(refused.header("retry-after"), "20", "a third of a minute for the next one");
    assert_eq!(server.get(CALLS, Some(&other)).await.status, 200, "another key is no part of it");
    server.advance(SignedDuration::from_secs(19));
    server.get(CALLS, Some(&key)).await.problem(429, "too_often");
    server.advance(SignedDuration::from_secs(1));
    assert_eq!(server.get(CALLS, Some(&key)).await.status, 200);
    server.get(CALLS, Some(&key)).await.problem(429, "too_often");
    server.finish().await;
}

/// A call from its beginning to its analysis, with three tools called in it; returns it as shown.
async fn whole_call(server: &Server, key: &str) -> (Value, Value) {
    calls_begin(server, "c", 1).await;
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    server.tool("book_appointment", args, "c_0").await;
    server.tool("list_services", json!({}), "c_0").await;
    server.tool("nonsense", json!({}), "c_0").await;
    for body in [retell::ended("c_0"), retell::analyzed("c_0")] {
        assert_eq!(server.hook(body).await.status, 204);
    }
    server.settled().await;
    let list = server.get(CALLS, Some(key)).await.json();
    let listed = list["items"][0].clone();
    let id = listed["id"].as_str().expect("a call has an id");
    let call = server.get(&format!("{CALLS}/{id}"), Some(key)).await.json();
    (listed, call)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_listed_and_shown_in_a_shape_that_does_not_change() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let (listed, call) = whole_call(&server, &key).await;
    let mut wanted = vec![
        "account",
        "cost",
        "created_at",
        "direction",
        "disconnection_reason",
        "duration_ms",
        "end_family",
        "ended_at",
        "from_number",
        "handed_to",
        "id",
        "in_voicemail",
        "is_test",
        "outcome",
        "property_id",
        "provider_agent_id",
        "provider_call_id",
        "recovered_at",
        "sentiment",
        "started_at",
        "status",
        "successful",
        "summary",
        "to_number",
        "updated_at",
    ];
    assert_eq!(members(&listed), wanted);
    assert!(wanted.iter().all(|member| call[*member] == listed[*member]), "{call}");
    wanted.extend(["appointments", "legs", "tool_calls", "transcript"]);
    wanted.sort_unstable();
    assert_eq!(members(&call), wanted);
    let tool = &call["tool_calls"][0];
    assert_eq!(members(tool), ["answer", "called_at", "duration_ms", "reason", "tool"]);
    let appointment = &call["appointments"][0];
    let wanted = [
        "branch_id",
        "call_id",
        "created_at",
        "customer_email",
        "customer_id",
        "customer_name",
        "customer_phone",
        "ends_at",
        "id",
        "notes",
        "service_id",
        "staff_id",
        "starts_at",
        "status",
        "updated_at",
    ];
    assert_eq!(members(appointment), wanted);
    let list = server.get(APPOINTMENTS, Some(&key)).await.json();
    assert_eq!(list["items"][0], *appointment);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_shown_with_its_cost_its_words_its_tools_and_its_appointments() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let (_, call) = whole_call(&server, &key).await;
    assert_eq!(call["cost"], json!({"micros": 123_450, "currency": "USD", "source": "provider"}));
    assert_eq!(call["outcome"], "booked", "it follows from what the tools did");
    assert_eq!((&call["status"], &call["summary"]), (&json!("ended"), &json!("Short.")));
    assert_eq!(call["duration_ms"], 90_000);
    assert_eq!(call["started_at"], "2026-01-05T08:00:00Z");
    assert_eq!(call["ended_at"], "2026-01-05T08:01:30Z");
    let agent = json!({"role": "agent", "text": "Hello.", "starts_ms": 500, "ends_ms": 900});
    let text = "I\u{2019}d like Tuesday.";
    let caller = json!({"role": "caller", "text": text, "starts_ms": null, "ends_ms": null});
    assert_eq!(call["transcript"], json!([agent, caller]));
    let tools = call["tool_calls"].as_array().expect("tools were called");
    let told: Vec<_> = tools
        .iter()
        .map(|line| (line["tool"].as_str().unwrap_or(""), line["reason"].as_str()))
        .collect();
    let unknown = ("nonsense", Some("unknown_tool"));
    assert_eq!(told, [("book_appointment", None), ("list_services", None), unknown]);
    let appointment = &call["appointments"][0];
    assert_eq!(appointment["call_id"], call["id"]);
    assert_eq!(tools[0]["answer"]["data"]["appointment_id"], appointment["id"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_came_before_its_business_is_shown_once_the_business_is_there() {
    let server = Server::start().await;
    calls_begin(&server, "early", 2).await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let list = server.get(CALLS, Some(&key)).await.json();
    let shown = list["items"].as_array().map(Vec::len);
    assert_eq!((shown, &list["total"]), (Some(2), &json!(2)));
    server.finish().await;
}
