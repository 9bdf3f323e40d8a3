//! What Vapi would send at each point of a scene.
//!
//! Never signs; that is the account's.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::domain::transcript::{Role, Turn};
use crate::providers::voice::scene::{Act, Scene};

/// The body of a message.
pub fn stage(scene: &Scene, act: &Act) -> Bytes {
    let mut message = json!({
        "timestamp": scene.started_at.as_millisecond(),
        "call": {
            "id": scene.call_id,
            "type": "inboundPhoneCall",
            "assistantId": scene.agent,
            "startedAt": scene.started_at.to_string(),
        },
        "customer": {"number": scene.from_number},
        "phoneNumber": {"number": scene.to_number},
    });
    match act {
        Act::Inbound => message["type"] = json!("assistant-request"),
        Act::Started => {
            message["type"] = json!("status-update");
            message["status"] = json!("in-progress");
        }
        Act::Tool { name, arguments } => {
            message["type"] = json!("tool-calls");
            message["toolCallList"] = json!([{
                "id": format!("call_{name}"),
                "type": "function",
                "function": {"name": name, "arguments": Value::Object(arguments.clone())},
            }]);
        }
        Act::Ended => {
            message["type"] = json!("status-update");
            message["status"] = json!("ended");
            message["endedReason"] = json!("assistant-ended-call");
        }
        Act::Analyzed { summary } => {
            let ended_at = scene.ended_at.unwrap_or(scene.started_at);
            let seconds = ended_at.duration_since(scene.started_at).as_secs_f64();
            message["type"] = json!("end-of-call-report");
            message["endedReason"] = json!("assistant-ended-call");
            message["startedAt"] = json!(scene.started_at.to_string());
            message["endedAt"] = json!(ended_at.to_string());
            // Five cents a minute is its platform fee.
            message["cost"] = json!(seconds / 60.0 * 0.05);
            message["analysis"] = json!({"summary": summary, "successEvaluation": "true"});
            let said: Vec<Value> = scene.turns.iter().map(turn).collect();
            message["artifact"] = json!({ "messages": said });
        }
    }
    json!({ "message": message }).to_string().into()
}

fn turn(turn: &Turn) -> Value {
    let role = if turn.role == Role::Caller { "user" } else { "bot" };
    let starts_ms = turn.starts_ms.unwrap_or(0);
    let seconds = starts_ms as f64 / 1_000.0;
    let lasts_ms = turn.ends_ms.unwrap_or(starts_ms) - starts_ms;
    json!({"role": role, "message": turn.text, "secondsFromStart": seconds, "duration": lasts_ms})
}
