//! Every voice provider through HTTP: proven, kept, answered, and the same call whoever carried it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use frontdesk::app::businesses::SetUp;
use frontdesk::crypto::digest::unhex32;
use frontdesk::crypto::ed25519::SigningKey;
use frontdesk::domain::access::Scope;
use frontdesk::store::businesses::Agent;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, Setup, retell};

/// The secret in the path of Exotel's call-backs.
const TOKEN: &str = "4f9vQm1s8Zk2Lr7Xb0TnYw";
/// The number that the recorded calls dial.
const NUMBER: &str = "+12025550100";
/// When they were.
const CALLED_AT: &str = "2026-01-01T00:00:40Z";

/// A provider, a recorded call of it, and where its tools are called.
struct Member {
    name: &'static str,
    call: &'static str,
    hooks: &'static str,
}

const MEMBERS: [Member; 4] = [
    Member {
        name: "exotel",
        call: include_str!("../fixtures/exotel/call.json"),
        hooks: "/hooks/exotel/4f9vQm1s8Zk2Lr7Xb0TnYw",
    },
    Member {
        name: "retell",
        call: include_str!("../fixtures/retell/call.json"),
        hooks: "/hooks/retell",
    },
    Member {
        name: "telnyx",
        call: include_str!("../fixtures/telnyx/call.json"),
        hooks: "/hooks/telnyx",
    },
    Member { name: "vapi", call: include_str!("../fixtures/vapi/call.json"), hooks: "/hooks/vapi" },
];

impl Member {
    fn bodies(&self) -> Vec<String> {
        let list: Vec<Value> = serde_json::from_str(self.call).expect("a list");
        list.iter().map(Value::to_string).collect()
    }

    /// The headers that the provider would send with a body now.
    fn headers(&self, server: &Server, body: &str) -> Vec<(&'static str, String)> {
        let now_ms = server.now_ms();
        match self.name {
            "retell" => {
                vec![(retell::SIGNATURE, retell::signature(retell::KEY, body.as_bytes(), now_ms))]
            }
            "vapi" => vec![("authorization", "Bearer tok_vapi".to_owned())],
            "telnyx" => {
                let time = now_ms.div_euclid(1_000).to_string();
                let signature = telnyx_key().sign(format!("{time}|{body}").as_bytes());
                vec![
                    ("telnyx-timestamp", time),
                    ("telnyx-signature-ed25519", STANDARD.encode(signature)),
                ]
            }
            _ => Vec::new(),
        }
    }

    async fn post(&self, server: &Server, path: &str, body: &str) -> Answer {
        let headers = self.headers(server, body);
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        server.request(Method::POST, path, &headers, body.as_bytes().to_vec()).await
    }
}

fn telnyx_key() -> SigningKey {
    let vectors: Value =
        serde_json::from_str(include_str!("../fixtures/telnyx/signatures.json")).expect("JSON");
    let seed = vectors["seed_hex"].as_str().expect("a text");
    SigningKey::from_seed(&unhex32(seed.as_bytes()).expect("64 digits")).expect("a key")
}

fn telnyx_public() -> String {
    let vectors: Value =
        serde_json::from_str(include_str!("../fixtures/telnyx/signatures.json")).expect("JSON");
    vectors["public_key"].as_str().expect("a text").to_owned()
}

/// A server with all four, and a business with an agent at each.
async fn server() -> (Server, String) {
    let server = Setup::plain()
        .account("retell", &[retell::KEY])
        .set("VOICE__VAPI__BEARER", "tok_vapi")
        .set("VOICE__TELNYX__PUBLIC_KEYS", &telnyx_public())
        .set("VOICE__EXOTEL__PATH_TOKEN", TOKEN)
        .start()
        .await;
    server.go_to(CALLED_AT);
    let business = server.business_named("Example Practice", NUMBER, retell::AGENT).await;
    let agents = ["vapi", "telnyx"].map(|account| Agent {
        account: account.to_owned(),
        provider_agent_id: format!("{account}_agent"),
    });
    let set_up = SetUp { agents: agents.to_vec(), ..SetUp::default() };
    server.app().set_up(business, set_up).await.expect("the agents can be added");
    let key = server.key(business, &Scope::for_keys()).await;
    (server, key)
}

/// What must be the same of a call, whoever carried it.
fn common(call: &Value, hears: bool) -> Value {
    let mut shown = json!({});
    let plain = [
        "direction",
        "status",
        "from_number",
        "to_number",
        "started_at",
        "ended_at",
        "duration_ms",
        "end_family",
        "outcome",
        "handed_to",
        "is_test",
        "recovered_at",
        "appointments",
    ];
    let heard = ["summary", "transcript", "cost"];
    for name in plain.iter().chain(heard.iter().filter(|_| hears)) {
        shown[name] = call[name].clone();
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_reads_the_same_in_any_order_and_whoever_carried_it() {
    let (server, key) = server().await;
    for member in MEMBERS {
        for body in member.bodies() {
            let answer = member.post(&server, member.hooks, &body).await;
            assert!((200..300).contains(&answer.status), "{}: {}", member.name, answer.text());
            assert!(answer.body.is_empty(), "{}: {}", member.name, answer.text());
        }
    }
    server.settled().await;
    let listed = server.get("/api/v1/calls", Some(&key)).await.json()["items"].clone();
    let listed = listed.as_array().expect("a list").clone();
    assert_eq!(listed.len(), MEMBERS.len(), "each is one call");
    let mut calls = Vec::new();
    for call in &listed {
        let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
        calls.push(server.get(&path, Some(&key)).await.json());
    }
    let of = |name: &str| {
        calls.iter().find(|call| call["account"] == name).unwrap_or_else(|| panic!("{name}"))
    };
    let wanted = common(of("retell"), true);
    assert_eq!(wanted["outcome"], "answered");
    for name in ["vapi", "telnyx"] {
        assert_eq!(common(of(name), true), wanted, "{name}");
    }
    assert_eq!(common(of("exotel"), false), common(of("retell"), false));
    assert_eq!(of("telnyx")["legs"].as_array().map(Vec::len), Some(1));
    // The same once more, backwards and twice: nothing moves.
    let rows = "SELECT account, status, outcome, started_at, ended_at, duration_ms, cost_micros,
                       facts FROM calls ORDER BY account";
    let before = server.db().cells(rows);
    for member in MEMBERS {
        for body in member.bodies().into_iter().rev() {
            // A space behind makes it another delivery of the same event.
            for body in [body.clone(), format!("{body} ")] {
                member.post(&server, member.hooks, &body).await;
            }
        }
    }
    server.settled().await;
    let visible = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
        rows.into_iter().map(|row| row[..7].to_vec()).collect()
    };
    assert_eq!(visible(server.db().cells(rows)), visible(before));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_proven_is_refused_by_each_and_leaves_nothing() {
    let (server, _) = server().await;
    for member in MEMBERS {
        let body = member.bodies().swap_remove(0);
        let bare = server.request(Method::POST, member.hooks, &[], body.clone().into_bytes()).await;
        if member.name == "exotel" {
            assert_eq!(bare.status, 200, "its proof is in the path");
            for path in ["/hooks/exotel", "/hooks/exotel/4f9vQm1s8Zk2Lr7Xb0TnYW"] {
                let answer =
                    server.request(Method::POST, path, &[], body.clone().into_bytes()).await;
                assert_eq!(answer.status, 401, "{path}");
            }
            continue;
        }
        bare.problem(401, "signature_missing");
        // Proofs of one account open no other.
        for other in MEMBERS.iter().filter(|other| other.name != member.name) {
            let headers = other.headers(&server, &body);
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let sent = body.clone().into_bytes();
            let answer = server.request(Method::POST, member.hooks, &headers, sent).await;
            assert_eq!(answer.status, 401, "{} by {}", member.name, other.name);
        }
    }
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls WHERE account <> 'exotel'"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_by_vapi_and_by_telnyx_is_a_booking() {
    let (server, key) = server().await;
    let args = json!({"service": "Check-up", "start": "2026-01-06T10:00", "name": "Robin Example",
        "phone": "+12025550142", "email": "robin at example dot com"});
    let call = json!({"id": "vapi_call", "type": "inboundPhoneCall", "assistantId": "vapi_agent"});
    let message = json!({"message": {"type": "tool-calls", "call": call,
    "customer": {"number": "+12025550142"}, "phoneNumber": {"number": NUMBER},
    "toolCallList": [
        {"id": "one", "function": {"name": "book_appointment", "arguments": args.to_string()}},
        {"id": "two", "function": {"name": "nonsense", "arguments": {}}},
    ]}});
    let vapi = &MEMBERS[3];
    for path in ["/hooks/vapi", "/tools/vapi"] {
        let answer = vapi.post(&server, path, &message.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let results = answer.json()["results"].clone();
        assert_eq!(
            (&results[0]["toolCallId"], &results[1]["toolCallId"]),
            (&json!("one"), &json!("two"))
        );
        let text = results[0]["result"].as_str().expect("a text");
        let booked: Value = serde_json::from_str(text).expect("JSON in a text");
        assert_eq!(
            (&booked["data"]["success"], &booked["data"]["status"]),
            (&json!(true), &json!("booked"))
        );
        let other = results[1]["result"].as_str().expect("a text");
        assert!(other.contains("unknown_tool"), "{other}");
    }
    // Vapi takes any other status than 200 for silence.
    let odd = json!({"message": {"type": "tool-calls", "toolCallList": [{"id": "one"}]}});
    let answer = vapi.post(&server, "/hooks/vapi", &odd.to_string()).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"results": []})));
    let telnyx = &MEMBERS[2];
    let mut args = args;
    args["start"] = json!("2026-01-06T11:00");
    args["call_control_id"] = json!("v3:tool");
    args["telnyx_end_user_target"] = json!("+12025550142");
    args["telnyx_agent_target"] = json!(NUMBER);
    let answer = telnyx.post(&server, "/tools/telnyx/book_appointment", &args.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["data"]["success"], true, "{}", answer.text());
    // The tool knew the call by its token; the events know it by its session.
    let leg = json!({"call_session_id": "s1", "call_leg_id": "l1", "call_control_id": "v3:tool",
        "direction": "incoming", "from": "+12025550142", "to": NUMBER,
        "start_time": "2026-01-01T00:00:00Z", "hangup_cause": "normal_clearing"});
    let event = json!({"data": {"event_type": "call.hangup", "id": "e", "payload": leg,
        "occurred_at": "2026-01-01T00:00:32Z", "record_type": "event"}});
    assert_eq!(telnyx.post(&server, "/hooks/telnyx", &event.to_string()).await.status, 200);
    server.settled().await;
    let calls = "SELECT provider_call_id, outcome FROM calls WHERE account = 'telnyx'";
    assert_eq!(server.db().cells(calls), [["s1", "booked"]], "one call, by its lasting name");
    let booked = server.get("/api/v1/calls?outcome=booked", Some(&key)).await.json();
    assert_eq!(booked["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_that_turn_out_to_be_one_call_become_one() {
    let (server, _) = server().await;
    let telnyx = &MEMBERS[2];
    let event = |payload: Value| {
        json!({"data": {"event_type": "call.answered", "id": "e", "payload": payload,
            "occurred_at": "2026-01-01T00:00:01Z"}})
        .to_string()
    };
    let message = json!({"message": "Please call back.", "call_control_id": "v3:a",
        "telnyx_end_user_target": "+12025550142", "telnyx_agent_target": NUMBER});
    let taken = telnyx.post(&server, "/tools/telnyx/take_message", &message.to_string()).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let session = json!({"call_session_id": "s1", "call_leg_id": "l1", "direction": "incoming"});
    assert_eq!(telnyx.post(&server, "/hooks/telnyx", &event(session)).await.status, 200);
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 2, "nothing joins them yet");
    let both = json!({"call_session_id": "s1", "call_leg_id": "l1", "call_control_id": "v3:a"});
    assert_eq!(telnyx.post(&server, "/hooks/telnyx", &event(both)).await.status, 200);
    server.settled().await;
    let rows = "SELECT c.provider_call_id, c.from_number, (SELECT count(*) FROM messages m
                WHERE m.call_id = c.id), (SELECT count(*) FROM tool_calls t WHERE t.call_id = c.id)
                FROM calls c";
    assert_eq!(server.db().cells(rows), [["s1", "+12025550142", "1", "1"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_who_calls_in_its_own_words() {
    let (server, _) = server().await;
    let vapi = json!({"message": {"type": "assistant-request",
        "call": {"id": "v1", "type": "inboundPhoneCall"},
        "customer": {"number": "+12025550142"}, "phoneNumber": {"number": NUMBER}}});
    let told = MEMBERS[3].post(&server, "/hooks/vapi", &vapi.to_string()).await.json();
    assert_eq!(told["assistantId"], "vapi_agent", "{told}");
    let values = &told["assistantOverrides"]["variableValues"];
    assert_eq!(values["business_name"], "Example Practice");
    assert_eq!(told["assistantOverrides"]["firstMessage"], values["opening"]);
    let telnyx = json!({"data": {"record_type": "event", "id": "i",
        "event_type": "assistant.initialization", "payload": {
            "telnyx_conversation_channel": "phone_call", "call_control_id": "v3:in",
            "telnyx_agent_target": NUMBER, "telnyx_end_user_target": "+12025550142"}}});
    for path in ["/inbound/telnyx", "/hooks/telnyx"] {
        let told = MEMBERS[2].post(&server, path, &telnyx.to_string()).await.json();
        assert_eq!(told["dynamic_variables"]["business_name"], "Example Practice", "{told}");
    }
    let path = format!("/inbound/exotel/{TOKEN}?CallSid=c9&From=%2B12025550142&To=%2B12025550100");
    let told = server.request(Method::GET, &path, &[], Vec::new()).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(told.json()["business_name"], "Example Practice");
    let hand_over = json!({"message": {"type": "transfer-destination-request",
        "call": {"id": "v1"}, "phoneNumber": {"number": NUMBER}}});
    let told = MEMBERS[3].post(&server, "/hooks/vapi", &hand_over.to_string()).await.json();
    assert!(told["error"].is_string(), "the business has no telephone of its own: {told}");
    let unknown = json!({"message": {"type": "assistant-request", "call": {"id": "v2"},
        "phoneNumber": {"number": "+12025550199"}}});
    let told = MEMBERS[3].post(&server, "/hooks/vapi", &unknown.to_string()).await.json();
    assert!(told["error"].is_string(), "{told}");
    server.finish().await;
}
