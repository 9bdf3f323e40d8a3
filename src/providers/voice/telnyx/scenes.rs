//! What Telnyx would send at each point of a scene.
//!
//! Never signs; that is the account's.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::transcript::Role;
use crate::providers::voice::scene::{Act, Scene};

/// The body of a delivery.
pub fn stage(scene: &Scene, act: &Act) -> Bytes {
    let body = match act {
        Act::Inbound => json!({"data": {
            "record_type": "event",
            "id": format!("{}-init", scene.call_id),
            "event_type": "assistant.initialization",
            "occurred_at": scene.started_at.to_string(),
            "payload": {
                "telnyx_conversation_channel": "phone_call",
                "telnyx_agent_target": scene.to_number,
                "telnyx_end_user_target": scene.from_number,
                "telnyx_end_user_target_verified": true,
                "call_control_id": token(scene),
                "assistant_id": scene.agent,
            },
        }}),
        Act::Started => {
            let mut payload = of_leg(scene);
            payload["state"] = json!("ringing");
            event(scene, ("call.initiated", scene.started_at), payload)
        }
        Act::Tool { arguments, .. } => {
            let mut body = arguments.clone();
            body.insert("call_control_id".to_owned(), json!(token(scene)));
            body.insert("telnyx_end_user_target".to_owned(), json!(scene.from_number));
            body.insert("telnyx_agent_target".to_owned(), json!(scene.to_number));
            Value::Object(body)
        }
        Act::Ended => {
            let mut payload = of_leg(scene);
            payload["hangup_cause"] = json!("normal_clearing");
            payload["hangup_source"] = json!("callee");
            let ended_at = scene.ended_at.unwrap_or(scene.started_at);
            payload["end_time"] = json!(ended_at.to_string());
            event(scene, ("call.hangup", ended_at), payload)
        }
        Act::Analyzed { .. } => {
            let message = |turn: &crate::domain::transcript::Turn| {
                let role = if turn.role == Role::Caller { "user" } else { "assistant" };
                json!({"role": role, "content": turn.text})
            };
            let ended_at = scene.ended_at.unwrap_or(scene.started_at);
            let seconds = ended_at.duration_since(scene.started_at).as_secs();
            let mut payload = names(scene);
            payload["assistant_id"] = json!(scene.agent);
            payload["duration_sec"] = json!(seconds);
            payload["messages"] = json!(scene.turns.iter().map(message).collect::<Vec<_>>());
            event(scene, ("call.conversation.ended", ended_at), payload)
        }
    };
    body.to_string().into()
}

fn event(scene: &Scene, (name, at): (&str, Timestamp), payload: Value) -> Value {
    json!({"data": {
        "record_type": "event",
        "event_type": name,
        "id": format!("{}-{name}", scene.call_id),
        "occurred_at": at.to_string(),
        "payload": payload,
    }})
}

fn names(scene: &Scene) -> Value {
    json!({
        "call_session_id": format!("session-{}", scene.call_id),
        "call_leg_id": format!("leg-{}", scene.call_id),
        "call_control_id": token(scene),
        "connection_id": "1",
    })
}

/// The token that commands of the call take.
fn token(scene: &Scene) -> String {
    format!("v3:{}", scene.call_id)
}

fn of_leg(scene: &Scene) -> Value {
    let mut payload = names(scene);
    payload["direction"] = json!("incoming");
    payload["from"] = json!(scene.from_number);
    payload["to"] = json!(scene.to_number);
    payload["start_time"] = json!(scene.started_at.to_string());
    payload
}
