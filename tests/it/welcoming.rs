//! Who is calling: what the agent is told before its first word.

use frontdesk::domain::access::Scope;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Server, Setup, eventually, retell};

/// Tells that a call comes in and returns what is answered.
async fn ask(server: &Server, path: &str, from: &str, to: &str) -> Value {
    let body = json!({"event": "call_inbound", "call_inbound": {
        "call_id": format!("ringing {from} {to}").replace(['+', ' '], "_"),
        "agent_id": "", "from_number": from, "to_number": to}})
    .to_string();
    let signature = retell::signature(retell::KEY, body.as_bytes(), server.now_ms());
    let answer = server.post_raw(path, body.as_bytes(), Some(&signature)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["call_inbound"].clone()
}

/// Adds a customer by the interface.
async fn add_customer(server: &Server, key: &str, customer: Value) {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let body = customer.to_string().into_bytes();
    let added = server.request(Method::POST, "/api/v1/customers", &headers, body).await;
    assert_eq!(added.status, 201, "{}", added.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_known_is_greeted_by_name_with_their_next_appointment() {
    let server = Server::start().await;
    let business = server.business().await;
    let key = server.key(business, &Scope::for_keys()).await;
    let stranger = ask(&server, "/inbound/retell", retell::CALLER, retell::NUMBER).await;
    let told = &stranger["dynamic_variables"];
    assert_eq!((&told["caller_known"], &told["caller_name"]), (&json!("false"), &json!("")));
    assert_eq!(told["opening"], "Hello, this is Example Practice. How may I help you?");
    assert_eq!((&told["last_call"], &told["next_appointment"]), (&json!(""), &json!("")));
    assert_eq!(stranger["override_agent_id"], retell::AGENT);
    add_customer(
        &server,
        &key,
        json!({"name": "Robin Example", "phone": retell::CALLER, "language": "de"}),
    )
    .await;
    let when = json!({"start": "2026-01-07T10:00", "name": "Robin Example"});
    let booked = server.tool("book_appointment", when, "earlier").await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    server.go_to("2026-01-06T09:00:00Z");
    for path in ["/inbound/retell", "/hooks/retell"] {
        let known = ask(&server, path, "+1 213-777-1234", retell::NUMBER).await;
        let told = &known["dynamic_variables"];
        assert_eq!(told["caller_known"], "true");
        assert_eq!(told["caller_name"], "Robin Example");
        assert_eq!(
            (&told["language"], &told["caller_number"]),
            (&json!("de"), &json!(retell::CALLER))
        );
        let opening =
            "Guten Tag, Robin Example, hier ist Example Practice. Wie kann ich Ihnen helfen?";
        assert_eq!(told["opening"], opening);
        let next = told["next_appointment"].as_str().expect("a text");
        assert!(next.starts_with("Check-up, morgen um zehn"), "{next}");
        assert_eq!(told["last_call"], "2026-01-05");
        assert_eq!((&told["today"], &told["now"]), (&json!("Tuesday 2026-01-06"), &json!("10:00")));
        let table = told["date_table"].as_str().expect("a text");
        assert!(table.starts_with("Tuesday 2026-01-06 (today); Wednesday 2026-01-07 (tomorrow); "));
        let flat = told.as_object().expect("an object").values().all(Value::is_string);
        assert!(flat, "{told}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_by_a_number_that_shows_nobody() {
    let server = Server::start().await;
    let business = server.business().await;
    let key = server.key(business, &Scope::for_keys()).await;
    // The business's own number, as a forwarded line shows it, and one that carriers make up.
    add_customer(&server, &key, json!({"name": "Robin Example", "phone": retell::NUMBER})).await;
    for from in [retell::NUMBER, "anonymous", "", "+1"] {
        let told = ask(&server, "/inbound/retell", from, retell::NUMBER).await;
        let told = &told["dynamic_variables"];
        assert_eq!((&told["caller_known"], &told["caller_number"]), (&json!("false"), &json!("")));
    }
    // Two people share a number: neither is named.
    for name in ["Robin Example", "Kim Example"] {
        add_customer(&server, &key, json!({"name": name, "phone": retell::CALLER})).await;
    }
    let told = ask(&server, "/inbound/retell", retell::CALLER, retell::NUMBER).await;
    assert_eq!(told["dynamic_variables"]["caller_name"], "");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_nobody_has_is_told_nothing_and_the_call_is_kept() {
    let server = Server::start().await;
    server.business().await;
    let told = ask(&server, "/inbound/retell", retell::CALLER, "+12025550199").await;
    assert_eq!(told, json!({}));
    let kept = "SELECT count(*) FROM calls WHERE business_id IS NULL AND status = 'registered'";
    eventually("that it rang is written down", async || server.number(kept) == 1).await;
    // The number dialled says whose call it is, whatever the body claims besides.
    let told = ask(&server, "/inbound/retell", retell::CALLER, retell::NUMBER).await;
    assert_eq!(told["dynamic_variables"]["business_name"], "Example Practice");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_in_time_though_nothing_can_be_written_down() {
    let server = Setup::plain().start().await;
    server.business().await;
    let held = server.hold_writer().await;
    let told = ask(&server, "/inbound/retell", retell::CALLER, retell::NUMBER).await;
    assert_eq!(told["dynamic_variables"]["business_name"], "Example Practice");
    held.let_go().await;
    let kept = "SELECT count(*) FROM calls";
    eventually("that it rang is written down", async || server.number(kept) == 1).await;
    server.finish().await;
}
