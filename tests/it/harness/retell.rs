//! Retell's side: its key, its signature, and what it sends.

use aws_lc_rs::hmac;
use frontdesk::crypto::digest::hex;
use serde_json::{Value, json};

/// The account's key in the tests.
pub const KEY: &str = "key_frontdesk_test_example";
/// Name of the header with the signature.
pub const SIGNATURE: &str = "x-retell-signature";
/// The agent of the tests' business.
pub const AGENT: &str = "agent_test";
/// The number of the tests' business.
pub const NUMBER: &str = "+12137771235";
/// Who calls it.
pub const CALLER: &str = "+12137771234";
/// When its calls begin, ms since 1970 UTC.
pub const STARTED_MS: i64 = 1_767_600_000_000;

/// The signature of a body that is sent at `ms`: HMAC-SHA-256 over the body and the decimal time.
pub fn signature(key: &str, body: &[u8], ms: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(body);
    context.update(ms.to_string().as_bytes());
    format!("v={ms},d={}", hex(context.sign().as_ref()))
}

/// A call while people talk.
pub fn call(call_id: &str) -> Value {
    json!({
        "call_type": "phone_call",
        "call_id": call_id,
        "agent_id": AGENT,
        "call_status": "ongoing",
        "direction": "inbound",
        "from_number": CALLER,
        "to_number": NUMBER,
        "start_timestamp": STARTED_MS,
    })
}

/// The event that a call began.
pub fn started(call_id: &str) -> String {
    json!({"event": "call_started", "call": call(call_id)}).to_string()
}

/// The event that a call is over.
pub fn ended(call_id: &str) -> String {
    json!({"event": "call_ended", "call": over(call_id)}).to_string()
}

/// The event that a call was looked at afterwards.
pub fn analyzed(call_id: &str) -> String {
    let mut call = over(call_id);
    call["call_cost"] = json!({"combined_cost": 12.345, "product_costs": []});
    call["call_analysis"] = json!({
        "call_summary": "Short.",
        "user_sentiment": "Positive",
        "call_successful": true,
        "in_voicemail": false,
    });
    json!({"event": "call_analyzed", "call": call}).to_string()
}

fn over(call_id: &str) -> Value {
    let mut call = call(call_id);
    call["call_status"] = json!("ended");
    call["end_timestamp"] = json!(STARTED_MS + 90_000);
    call["duration_ms"] = json!(90_000);
    call["disconnection_reason"] = json!("user_hangup");
    call["transcript_object"] = json!([
        {"role": "agent", "content": "Hello.", "words": [
            {"word": "Hello.", "start": 0.5, "end": 0.9},
        ]},
        {"role": "user", "content": "I\u{2019}d like Tuesday.", "words": []},
    ]);
    call
}
