//! Vapi's shapes, by what its API and documentation say.

use serde::Deserialize;

use super::*;
use crate::config::load_tests::{Folder, account, settings_of};
use crate::domain::call::{Cost, Direction, EndFamily, Moment, Status};

/// Signatures computed by the schema of Vapi's credentials, each with its plan.
const VECTORS: &str = include_str!("../../../../tests/fixtures/vapi/signatures.json");

#[derive(Deserialize)]
struct Case {
    name: String,
    config: String,
    body: String,
    headers: std::collections::BTreeMap<String, String>,
    now_ms: i64,
}

fn built(config: &str) -> Box<dyn Voice> {
    let folder = Folder::with(&format!("[voice.vapi]\n{config}\n"));
    let settings = settings_of(&folder.sources());
    build(account(&settings, "vapi")).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn refused(config: &str) -> String {
    let folder = Folder::with(&format!("[voice.vapi]\n{config}\n"));
    let settings = settings_of(&folder.sources());
    match build(account(&settings, "vapi")) {
        Ok(_) => panic!("{config} is taken"),
        Err(faults) => format!("{faults:?}"),
    }
}

fn verify(vapi: &dyn Voice, headers: &HeaderMap, body: &str, now_ms: i64) -> Result<(), Refusal> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let peer = None;
    let request = Incoming { headers, query: "", token: None, peer, body: &body, now_ms };
    vapi.verify(&request).map(drop)
}

fn headers(all: &[(&str, &str)]) -> HeaderMap {
    let pairs = all.iter().map(|(name, value)| {
        let name = http::HeaderName::try_from(*name).expect("a name");
        (name, http::HeaderValue::try_from(*value).expect("a value"))
    });
    pairs.collect()
}

fn verified(body: &Value) -> Verified {
    Verified::new(body.to_string().into())
}

fn event(message: Value) -> Event {
    let vapi = built("bearer = 't'");
    vapi.event(&verified(&json!({ "message": message }))).expect("readable")
}

#[test]
fn every_recorded_signature_fits_its_plan_and_no_other_body_or_time() {
    let cases: Vec<Case> = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    assert_eq!(cases.len(), 8);
    for case in cases {
        let vapi = built(&case.config);
        let pairs: Vec<(&str, &str)> =
            case.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let sent = headers(&pairs);
        assert_eq!(verify(&*vapi, &sent, &case.body, case.now_ms), Ok(()), "{}", case.name);
        let none = verify(&*vapi, &HeaderMap::new(), &case.body, case.now_ms);
        assert_eq!(none, Err(Refusal::SignatureMissing), "{}", case.name);
        if case.config.contains("hmac") {
            let changed = verify(&*vapi, &sent, &format!("{} ", case.body), case.now_ms);
            assert_eq!(changed, Err(Refusal::SignatureInvalid), "{}", case.name);
        }
        if case.headers.keys().any(|name| name.contains("timestamp")) {
            for by in [-300_001, 300_001] {
                let late = verify(&*vapi, &sent, &case.body, case.now_ms + by);
                assert_eq!(late, Err(Refusal::SignatureExpired), "{}", case.name);
            }
            assert_eq!(verify(&*vapi, &sent, &case.body, case.now_ms + 300_000), Ok(()));
        }
        // What it signs itself it accepts.
        let own = vapi.sign(case.body.as_bytes(), case.now_ms).expect("it can sign");
        assert_eq!(verify(&*vapi, &own, &case.body, case.now_ms), Ok(()), "{}", case.name);
    }
}

#[test]
fn only_what_is_switched_on_proves_anything() {
    let both = built("bearer = 'tok_one'\nsecret = 'tok_two'");
    for good in [("authorization", "Bearer tok_one"), ("x-vapi-secret", "tok_two")] {
        assert_eq!(verify(&*both, &headers(&[good]), "{}", 0), Ok(()), "{good:?}");
    }
    let bad = [
        ("authorization", "Bearer tok_two"),
        ("authorization", "tok_one"),
        ("authorization", "Bearer tok_one "),
        ("x-vapi-secret", "tok_one"),
        ("x-vapi-secret", ""),
    ];
    for bad in bad {
        let judged = verify(&*both, &headers(&[bad]), "{}", 0);
        assert_eq!(judged, Err(Refusal::SignatureInvalid), "{bad:?}");
    }
    let bearer = built("bearer = 'tok_one'");
    let other = headers(&[("x-vapi-secret", "tok_one")]);
    assert_eq!(verify(&*bearer, &other, "{}", 0), Err(Refusal::SignatureMissing));
    assert!(refused("api_key = 'k'").contains("one of bearer, secret or hmac"));
    assert!(
        refused("[voice.vapi.hmac]\nsecret = 's'\npayload_format = '{url}.{body}'")
            .contains("payload_format")
    );
    assert!(refused("[voice.vapi.hmac]\nsecret = 's'\nalgorithm = 'md5'").contains("algorithm"));
}

#[test]
fn tool_calls_are_read_in_every_shape_and_answered_in_their_order() {
    let vapi = built("bearer = 't'");
    let call = json!({"id": "c1", "type": "inboundPhoneCall"});
    let object = json!({"id": "1", "type": "function",
        "function": {"name": "list_services", "arguments": {"service": "x"}}});
    let text = json!({"id": "2", "function": {"name": "book_appointment",
        "arguments": "{\"name\": \"Robin\"}"}});
    let flat = json!({"id": "3", "name": "business_hours", "parameters": {"when": "today"}});
    let odd = json!({"id": "4", "function": {"arguments": "[1]"}});
    let shapes = [
        json!({"type": "tool-calls", "call": call, "toolCallList": [object, text, flat, odd]}),
        json!({"type": "tool-calls", "call": call, "toolCalls": [object, text, flat, odd]}),
        json!({"type": "tool-calls", "call": call, "toolWithToolCallList": [
            {"toolCall": object}, {"toolCall": text}, {"toolCall": flat}, {"toolCall": odd}]}),
    ];
    let none = HeaderMap::new();
    let road = Road { tool: None, headers: &none, query: "" };
    for message in shapes {
        let payload = verified(&json!({ "message": message }));
        assert_eq!(vapi.sort(&payload), Delivery::Tools);
        let calls = vapi.tool_calls(&payload, &road).expect("readable");
        let told: Vec<_> = calls.iter().map(|one| (one.id.as_str(), one.tool.as_str())).collect();
        let wanted =
            [("1", "list_services"), ("2", "book_appointment"), ("3", "business_hours"), ("4", "")];
        assert_eq!(told, wanted);
        assert_eq!(calls[1].arguments["name"], "Robin");
        assert_eq!(calls[2].arguments["when"], "today");
        let answers: Vec<ToolAnswer<'_>> =
            calls.iter().map(|call| ToolAnswer { call, answer: "{\"say\":\"a\nb\"}" }).collect();
        let reply: Value = serde_json::from_slice(&vapi.answer(&answers).body).expect("JSON");
        let results = reply["results"].as_array().expect("a list");
        assert_eq!(results.len(), 4);
        for (n, result) in results.iter().enumerate() {
            assert_eq!(result["toolCallId"], (n + 1).to_string());
            let text = result["result"].as_str().expect("a text");
            assert!(!text.contains('\n') && text.contains("say"));
        }
    }
    let old = json!({"message": {"type": "function-call", "call": call,
        "functionCall": {"name": "list_services", "parameters": {}}}});
    let calls = vapi.tool_calls(&verified(&old), &road).expect("readable");
    let answers = [ToolAnswer { call: &calls[0], answer: "{}" }];
    let reply: Value = serde_json::from_slice(&vapi.answer(&answers).body).expect("JSON");
    assert_eq!(reply, json!({"result": "{}"}));
    let empty = json!({"message": {"type": "tool-calls", "call": call, "toolCallList": []}});
    assert!(vapi.tool_calls(&verified(&empty), &road).is_err());
}

#[test]
fn a_report_at_the_end_tells_everything_and_numbers_by_direction() {
    let report = json!({"type": "end-of-call-report", "endedReason": "customer-ended-call",
        "call": {"id": "c1", "type": "outboundPhoneCall", "assistantId": "a1", "name": "fd-7"},
        "customer": {"number": "+1 202 555 0142"}, "phoneNumber": {"number": "+12025550100"},
        "startedAt": "2026-01-01T00:00:00.000Z", "endedAt": "2026-01-01T00:00:32.000Z",
        "cost": 0.123_456, "analysis": {"summary": "Short.", "successEvaluation": "true"},
        "artifact": {"recordingUrl": "https://example.com/r.wav", "messages": [
            {"role": "system", "message": "You are"}, 
            {"role": "bot", "message": "Hello.", "secondsFromStart": 1.5, "duration": 800},
            {"role": "user", "message": "Hi."}]}});
    let told = event(report);
    assert_eq!(told.moment, Moment::Analyzed);
    let names = CallNames { id: "c1".to_owned(), others: vec!["fd-7".to_owned()] };
    assert_eq!(told.call, Some(names));
    let report = told.report;
    assert_eq!((report.status, report.direction), (Some(Status::Ended), Some(Direction::Outbound)));
    assert_eq!(report.from_number.as_deref(), Some("+12025550100"));
    assert_eq!(report.to_number.as_deref(), Some("+12025550142"));
    assert_eq!(report.cost, Some(Cost { micros: 123_456, currency: "USD".to_owned() }));
    assert_eq!(report.successful, Some(true));
    let turns = report.transcript.expect("told");
    assert_eq!(turns.len(), 2);
    assert_eq!((turns[0].starts_ms, turns[0].ends_ms), (Some(1_500), Some(2_300)));
}

#[test]
fn statuses_and_reasons_are_mapped_and_unknown_ones_kept() {
    let update = |status: &str, reason: &str| {
        event(json!({"type": "status-update", "status": status, "endedReason": reason,
            "call": {"id": "c1"}}))
        .report
    };
    assert_eq!(update("ringing", "").status, Some(Status::Registered));
    assert_eq!(update("in-progress", "").status, Some(Status::Ongoing));
    assert_eq!(update("levitating", "").status, None);
    let families = [
        ("customer-ended-call", EndFamily::CallerHungUp),
        ("assistant-ended-call-after-message-spoken", EndFamily::AgentHungUp),
        ("assistant-said-end-call-phrase", EndFamily::AgentHungUp),
        ("assistant-forwarded-call", EndFamily::Transferred),
        ("customer-busy", EndFamily::NotReached),
        ("voicemail", EndFamily::Voicemail),
        ("exceeded-max-duration", EndFamily::Limit),
        ("call.start.error-vapi-number-outbound-daily-limit", EndFamily::Limit),
        ("pipeline-error-openai-llm-failed", EndFamily::Failed),
        ("call.in-progress.error-vapifault-x", EndFamily::Failed),
        ("eclipse", EndFamily::Other),
    ];
    for (word, family) in families {
        assert_eq!(update("ended", word).ended_by, Some((word.to_owned(), family)));
    }
    let new = event(json!({"type": "hologram", "call": {"id": "c1"}}));
    assert_eq!((new.name.as_str(), new.moment), ("hologram", Moment::Other));
}

#[test]
fn a_call_that_comes_in_gets_an_assistant_or_a_sentence_and_a_transfer_a_number() {
    let vapi = built("bearer = 't'");
    let payload = verified(&json!({"message": {"type": "assistant-request",
        "call": {"id": "c1", "type": "inboundPhoneCall"},
        "customer": {"number": "+12025550142"}, "phoneNumber": {"number": "+12025550100"}}}));
    assert_eq!(vapi.sort(&payload), Delivery::Inbound);
    let inbound = vapi.inbound(&payload).expect("readable");
    assert_eq!(inbound.report.to_number.as_deref(), Some("+12025550100"));
    let reply = |taken: &Taken| -> Value {
        serde_json::from_slice(&vapi.welcome(taken).body).expect("JSON")
    };
    let welcome = crate::domain::welcome::Welcome(vec![("opening", "Hello Robin.".to_owned())]);
    let taken = Taken { agent: Some("a1".to_owned()), welcome: Some(welcome) };
    let wanted = json!({"assistantId": "a1", "assistantOverrides": {
        "firstMessage": "Hello Robin.", "variableValues": {"opening": "Hello Robin."}}});
    assert_eq!(reply(&taken), wanted);
    assert!(reply(&Taken::default())["error"].is_string());
    let asks = verified(&json!({"message": {"type": "transfer-destination-request"}}));
    assert_eq!(vapi.sort(&asks), Delivery::Transfer);
    let number = crate::domain::phone::PhoneNumber::parse("+12025550177").ok();
    let to = Handover { number, say: "One moment.".to_owned() };
    let handed: Value = serde_json::from_slice(&vapi.hand_over(&to).body).expect("JSON");
    assert_eq!(handed["destination"]["number"], "+12025550177");
    let nobody = Handover { number: None, say: "No.".to_owned() };
    let handed: Value = serde_json::from_slice(&vapi.hand_over(&nobody).body).expect("JSON");
    assert_eq!(handed, json!({"error": "No."}));
}

#[test]
fn what_cannot_be_read_says_why() {
    let vapi = built("bearer = 't'");
    for (body, why) in [
        (json!([]), "it is not a JSON object"),
        (json!({}), "there is no message"),
        (json!({"message": {}}), "the message has no type"),
    ] {
        assert_eq!(vapi.event(&verified(&body)).err(), Some(Unreadable(why)));
    }
}
