//! What Retell would send at each point of a scene.
//!
//! Never signs; that is the account's.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::domain::transcript::{Role, Turn};
use crate::providers::voice::scene::{Act, Scene};

/// The body of a delivery.
pub fn stage(scene: &Scene, act: &Act) -> Bytes {
    let body = match act {
        Act::Inbound => json!({
            "event": "call_inbound",
            "call_inbound": {
                "agent_id": scene.agent,
                "from_number": scene.from_number,
                "to_number": scene.to_number,
                "call_id": scene.call_id,
            },
        }),
        Act::Started => json!({"event": "call_started", "call": staged(scene)}),
        Act::Tool { name, arguments } => {
            json!({"name": name, "args": arguments, "call": staged(scene)})
        }
        Act::Ended => json!({"event": "call_ended", "call": staged(scene)}),
        Act::Analyzed { summary } => {
            let mut call = staged(scene);
            call["call_analysis"] = json!({
                "call_summary": summary,
                "user_sentiment": "Positive",
                "call_successful": true,
                "in_voicemail": false,
            });
            json!({"event": "call_analyzed", "call": call})
        }
    };
    body.to_string().into()
}

/// The call object that Retell would send at this point of a scene.
fn staged(scene: &Scene) -> Value {
    let seconds = |ms: i64| ms as f64 / 1_000.0;
    let turn = |turn: &Turn| {
        let role = if turn.role == Role::Caller { "user" } else { "agent" };
        let word = |word| {
            json!({
                "word": word,
                "start": seconds(turn.starts_ms.unwrap_or(0)),
                "end": seconds(turn.ends_ms.unwrap_or(0)),
            })
        };
        let words: Vec<Value> = turn.text.split_whitespace().take(1).map(word).collect();
        json!({"role": role, "content": turn.text, "words": words})
    };
    let mut call = json!({
        "call_type": "phone_call",
        "call_id": scene.call_id,
        "agent_id": scene.agent,
        "agent_version": 1,
        "call_status": if scene.ended_at.is_some() { "ended" } else { "ongoing" },
        "direction": "inbound",
        "from_number": scene.from_number,
        "to_number": scene.to_number,
        "start_timestamp": scene.started_at.as_millisecond(),
        "transcript_object": scene.turns.iter().map(turn).collect::<Vec<_>>(),
    });
    if let Some(ended_at) = scene.ended_at {
        let duration_ms = ended_at.as_millisecond() - scene.started_at.as_millisecond();
        call["end_timestamp"] = json!(ended_at.as_millisecond());
        call["duration_ms"] = json!(duration_ms);
        call["disconnection_reason"] = json!("agent_hangup");
        // Retell counts in cents; seven a minute is its common price.
        let cents = seconds(duration_ms) / 60.0 * 7.0;
        call["call_cost"] = json!({"combined_cost": cents, "product_costs": []});
    }
    call
}
