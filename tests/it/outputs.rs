//! What a tool answers is what its schema says: nothing more, each member of its type, and nothing
//! missing that is promised.

use frontdesk::domain::parameters::answer_schema;
use frontdesk::domain::tool::Tool;
use serde_json::{Value, json};

use crate::harness::{Server, Setup, retell};
use crate::talk::{PHRASES, talk};

/// The schema of a tool's answer.
fn schema_of(tool: Tool) -> Value {
    serde_json::from_str(&answer_schema(tool)).expect("a schema is JSON")
}

/// What is wrong with a value by a schema, as far as the schemas of answers go.
fn faults(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let kind = schema["type"].as_str().expect("a schema states a type");
    let fits = match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        other => panic!("{at} is to be of a type that is not checked here: {other}"),
    };
    if !fits {
        return vec![format!("{at} is no {kind}: {value}")];
    }
    let (Some(members), Some(known)) = (value.as_object(), schema["properties"].as_object()) else {
        return Vec::new();
    };
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let required = required.iter().filter_map(Value::as_str);
    let mut found: Vec<String> = required
        .filter(|name| !members.contains_key(*name))
        .map(|name| format!("{at}.{name} is missing"))
        .collect();
    for (name, member) in members {
        let place = format!("{at}.{name}");
        match known.get(name) {
            Some(property) => found.extend(faults(property, member, &place)),
            None => found.push(format!("{place} is not in the schema")),
        }
    }
    found
}

/// What is wrong with a tool's answer.
fn faults_of(tool: Tool, answer: &Value) -> Vec<String> {
    faults(&schema_of(tool), answer, tool.name())
}

#[test]
fn an_answer_that_is_not_what_its_schema_says_is_found() {
    let tool = Tool::CancelAppointment;
    let good = json!({"say": "Done.", "next": "confirm",
        "data": {"success": true, "status": "cancelled", "appointments": []}});
    assert!(faults_of(tool, &good).is_empty(), "{:?}", faults_of(tool, &good));
    let planted = [
        (json!({"say": "Done.", "data": {}}), "cancel_appointment.next is missing"),
        (
            json!({"say": 1, "next": "confirm", "data": {}}),
            "cancel_appointment.say is no string: 1",
        ),
        (
            json!({"say": "", "next": "confirm", "data": {"success": "yes"}}),
            "cancel_appointment.data.success is no boolean: \"yes\"",
        ),
        (
            json!({"say": "", "next": "confirm", "data": {"hours": "closed"}}),
            "cancel_appointment.data.hours is not in the schema",
        ),
        (
            json!({"say": "", "next": "confirm", "data": {}, "more": 1}),
            "cancel_appointment.more is not in the schema",
        ),
    ];
    for (answer, fault) in planted {
        assert_eq!(faults_of(tool, &answer), [fault], "{answer}");
    }
    for tool in Tool::ALL {
        let schema = schema_of(tool);
        assert_eq!(schema["additionalProperties"], false, "{tool:?}");
        assert_eq!(schema["properties"]["data"]["additionalProperties"], false, "{tool:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_a_talk_through_all_tools_is_what_its_schema_says() {
    let server = Server::start().await;
    let turns = talk(&server, &PHRASES[0]).await;
    let mut found = Vec::new();
    for turn in &turns {
        let Some(tool) = Tool::named(turn.tool) else { continue };
        found.extend(faults_of(tool, &turn.answer));
        if tool.changes() {
            let success = turn.reason().is_empty();
            assert_eq!(turn.answer["data"]["success"], success, "{}", turn.answer);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    for tool in Tool::ALL {
        let mut own = turns.iter().filter(|turn| turn.tool == tool.name());
        assert!(own.any(|turn| turn.reason().is_empty()), "{tool:?} did nothing");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_nobodys_call_is_what_its_schema_says() {
    let server = Server::start().await;
    server.business().await;
    let mut call = retell::call("c1");
    call["agent_id"] = json!("agent_of_nobody");
    call["to_number"] = json!("+12137770000");
    for tool in Tool::ALL {
        let answer = server.tool_in(tool.name(), json!({}), &call).await;
        assert_eq!(answer["reason"], "unknown_agent", "{tool:?}: {answer}");
        let found = faults_of(tool, &answer);
        assert!(found.is_empty(), "{found:#?}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late_is_what_its_schema_says() {
    let server = Setup::plain().set("LIMITS__TOOL_DEADLINE_MS", "100").start().await;
    server.business().await;
    let held = server.hold_writer().await;
    for tool in Tool::ALL {
        let answer = server.tool(tool.name(), json!({}), "c1").await;
        assert_eq!(answer["reason"], "late", "{tool:?}: {answer}");
        assert_eq!(answer["next"], "ask_again", "{tool:?}");
        let found = faults_of(tool, &answer);
        assert!(found.is_empty(), "{found:#?}");
    }
    held.let_go().await;
    // Whatever was queued before this is decided by the time it is written.
    server.hold_writer().await.let_go().await;
    assert_eq!(server.number("SELECT count(*) FROM tool_calls"), 0, "nothing was done");
    server.finish().await;
}
