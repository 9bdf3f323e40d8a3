//! What Exotel would send at each point of a scene: it tells of a call once it is answered and once it
//! is over.
//!
//! Never tells what was said.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::providers::voice::scene::{Act, Scene};

/// The body of a call-back.
pub fn stage(scene: &Scene, act: &Act, zone: &TimeZone) -> Bytes {
    let at = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let ended_at = scene.ended_at.unwrap_or(scene.started_at);
    let mut body = json!({
        "CallSid": scene.call_id,
        "From": scene.from_number,
        "To": scene.to_number,
        "Direction": "inbound",
        "DateCreated": at(scene.started_at),
        "StartTime": at(scene.started_at),
    });
    match act {
        Act::Inbound | Act::Tool { .. } => body["CallStatus"] = json!("ringing"),
        Act::Started => {
            body["EventType"] = json!("answered");
            body["Status"] = json!("in-progress");
        }
        Act::Ended | Act::Analyzed { .. } => {
            body["EventType"] = json!("terminal");
            body["Status"] = json!("completed");
            body["EndTime"] = json!(at(ended_at));
            let seconds = ended_at.duration_since(scene.started_at).as_secs();
            body["ConversationDuration"] = json!(seconds);
            body["DateUpdated"] = json!(at(ended_at));
        }
    }
    body.to_string().into()
}
