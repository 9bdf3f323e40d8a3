//! Telnyx's shapes, by what its documentation and SDK say.

use serde::Deserialize;

use super::*;
use crate::config::load_tests::{Folder, account, settings_of};
use crate::crypto::digest::unhex32;
use crate::domain::call::{Cost, Direction, EndFamily, Facts, Moment, Status, Version};

/// Recorded signatures, judged by Telnyx's own SDK.
const VECTORS: &str = include_str!("../../../../tests/fixtures/telnyx/signatures.json");

#[derive(Deserialize)]
struct Vectors {
    public_key: String,
    seed_hex: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    body: String,
    timestamp: Option<String>,
    signature: Option<String>,
    now_s: i64,
    public_key: String,
    accepted: bool,
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).expect("the vectors are JSON")
}

fn with_key(key: &str) -> Telnyx {
    let key = VerifyingKey::new(bytes32(key).expect("32 bytes"));
    let seed = unhex32(vectors().seed_hex.as_bytes()).expect("64 digits");
    let desk = Desk::new(None, None, None);
    Telnyx { keys: vec![key], desk, simulated: SigningKey::from_seed(&seed) }
}

fn telnyx() -> Telnyx {
    with_key(&vectors().public_key)
}

fn verify(
    telnyx: &Telnyx,
    headers: &HeaderMap,
    body: &str,
    now_ms: i64,
) -> Result<Verified, Refusal> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let peer = None;
    telnyx.verify(&Incoming { headers, query: "", token: None, peer, body: &body, now_ms })
}

fn verified(body: &Value) -> Verified {
    Verified::new(body.to_string().into())
}

fn event(name: &str, payload: Value) -> Event {
    let body = json!({"data": {"event_type": name, "id": "e", "payload": payload,
        "occurred_at": "2026-01-01T00:00:05.000000Z", "record_type": "event"}});
    telnyx().event(&verified(&body)).expect("readable")
}

#[test]
fn every_recorded_signature_is_judged_as_the_sdk_judges_it() {
    let vectors = vectors();
    assert!(vectors.cases.len() >= 14);
    for case in vectors.cases {
        let mut headers = HeaderMap::new();
        if let Some(time) = &case.timestamp {
            headers.insert(TIMESTAMP, HeaderValue::from_str(time).expect("a value"));
        }
        if let Some(signature) = &case.signature {
            headers.insert(SIGNATURE, HeaderValue::from_str(signature).expect("a value"));
        }
        let judged = verify(&with_key(&case.public_key), &headers, &case.body, case.now_s * 1_000);
        assert_eq!(judged.is_ok(), case.accepted, "{}: {:?}", case.name, judged.err());
    }
}

#[test]
fn what_is_signed_here_is_accepted_and_nothing_near_it() {
    let now_ms = 1_767_225_600_000;
    let signed = telnyx().sign(b"{}", now_ms).expect("there is a seed");
    assert!(verify(&telnyx(), &signed, "{}", now_ms).is_ok());
    assert_eq!(verify(&telnyx(), &signed, "{ }", now_ms).err(), Some(Refusal::SignatureInvalid));
    let late = verify(&telnyx(), &signed, "{}", now_ms + 301_000);
    assert_eq!(late.err(), Some(Refusal::SignatureExpired));
    let mut doubled = signed.clone();
    doubled.append(SIGNATURE, signed[SIGNATURE].clone());
    assert_eq!(verify(&telnyx(), &doubled, "{}", now_ms).err(), Some(Refusal::SignatureInvalid));
    // Milliseconds are no seconds.
    let mut ms = signed.clone();
    ms.insert(TIMESTAMP, HeaderValue::from(now_ms));
    assert_eq!(verify(&telnyx(), &ms, "{}", now_ms).err(), Some(Refusal::SignatureExpired));
    let mut none = signed;
    none.remove(SIGNATURE);
    assert_eq!(verify(&telnyx(), &none, "{}", now_ms).err(), Some(Refusal::SignatureMissing));
}

#[test]
fn a_key_that_is_none_is_named_and_a_seed_must_belong_to_a_key() {
    let known = vectors();
    let seed = STANDARD.encode(unhex32(known.seed_hex.as_bytes()).expect("64 digits"));
    let strange = STANDARD.encode([7; 32]);
    let faults = |table: &str| -> Vec<String> {
        let folder = Folder::with(&format!("[voice.telnyx]\n{table}\n"));
        let settings = settings_of(&folder.sources());
        let faults = build(account(&settings, "telnyx")).err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.message).collect()
    };
    let keys = format!("public_keys = ['{}', 'c2hvcnQ=']", known.public_key);
    let [short] = faults(&keys).try_into().expect("one fault");
    assert!(short.contains("entry 2: must be the base64 text of 32 bytes"), "{short}");
    let with_seed =
        |seed: &str| format!("public_keys = '{}'\nsimulation_seed = '{seed}'", known.public_key);
    assert_eq!(faults(&with_seed(&seed)), [""; 0]);
    let [none] = faults(&with_seed(&strange)).try_into().expect("one fault");
    assert!(none.contains("its public key is none of public_keys"), "{none}");
    let [odd] = faults(&with_seed("c2hvcnQ=")).try_into().expect("one fault");
    assert!(odd.contains("must be the base64 text of 32 bytes"), "{odd}");
}

fn leg(session: &str, leg: &str, direction: &str, start: &str) -> Value {
    json!({"call_session_id": session, "call_leg_id": leg, "call_control_id": format!("v3:{leg}"),
        "direction": direction, "from": "+12025550142", "to": "+12025550100", "start_time": start})
}

#[test]
fn the_end_of_a_leg_that_was_handed_on_to_does_not_end_the_call() {
    let first = leg("s1", "a", "incoming", "2026-01-01T00:00:00Z");
    let mut second = leg("s1", "b", "outgoing", "2026-01-01T00:01:00Z");
    second["to"] = json!("+12025550177");
    let mut second_ends = second.clone();
    second_ends["hangup_cause"] = json!("normal_clearing");
    let told = [
        event("call.initiated", first.clone()),
        event("call.answered", first.clone()),
        event("call.initiated", second),
        event("call.hangup", second_ends),
    ];
    let mut facts = Facts::default();
    for (n, told) in told.into_iter().enumerate().rev() {
        let digest = [u8::try_from(n).expect("few"); 32];
        facts.join(told.report, Version::new(told.moment, &digest));
    }
    assert_eq!((facts.status(), facts.direction()), (Status::Ongoing, Direction::Inbound));
    assert_eq!((facts.legs.len(), facts.to_number()), (2, Some("+12025550100")));
    let mut first_ends = first;
    first_ends["hangup_cause"] = json!("normal_clearing");
    first_ends["hangup_source"] = json!("caller");
    first_ends["end_time"] = json!("2026-01-01T00:02:00Z");
    let over = event("call.hangup", first_ends);
    facts.join(over.report, Version::new(over.moment, &[9; 32]));
    assert_eq!((facts.status(), facts.duration_ms()), (Status::Ended, Some(120_000)));
    let family = facts.ended_by().map(|(word, family)| (word.as_str(), *family));
    assert_eq!(family, Some(("normal_clearing", EndFamily::CallerHungUp)));
}

#[test]
fn whoever_hangs_up_a_call_of_ours_is_told_by_the_order() {
    let ended = |state: Option<&str>, source: &str| {
        let mut payload = json!({"call_session_id": "s1", "call_leg_id": "a",
            "hangup_cause": "normal_clearing", "hangup_source": source});
        if let Some(state) = state {
            payload["client_state"] = json!(STANDARD.encode(state));
        }
        let [leg] = event("call.hangup", payload).report.legs.try_into().expect("one leg");
        leg.ended_by.map(|(_, family)| family)
    };
    assert_eq!(ended(None, "caller"), Some(EndFamily::CallerHungUp));
    assert_eq!(ended(Some("theirs"), "callee"), Some(EndFamily::AgentHungUp));
    assert_eq!(ended(Some("frontdesk-1"), "callee"), Some(EndFamily::CallerHungUp));
    assert_eq!(ended(Some("frontdesk-1"), "caller"), Some(EndFamily::AgentHungUp));
}

#[test]
fn a_leg_that_was_asked_for_says_less_of_its_end_than_its_hangup() {
    let mut payload = leg("s1", "a", "outgoing", "2026-01-01T00:00:00Z");
    payload["is_alive"] = json!(false);
    payload["call_duration"] = json!(i64::MAX);
    payload["end_time"] = json!("2026-01-01T00:00:09Z");
    let fetched = event(reading::FETCHED, payload.clone());
    payload["hangup_cause"] = json!("no_answer");
    let hangup = event("call.hangup", payload);
    for digests in [(1, 9), (9, 1)] {
        let mut facts = Facts::default();
        facts.join(hangup.report.clone(), Version::new(hangup.moment, &[digests.0; 32]));
        facts.join(fetched.report.clone(), Version::new(fetched.moment, &[digests.1; 32]));
        assert_eq!((facts.status(), facts.duration_ms()), (Status::NotConnected, Some(9_000)));
    }
    let mut alone = Facts::default();
    alone.join(fetched.report, Version::new(fetched.moment, &[1; 32]));
    assert_eq!(alone.status(), Status::Ended);
    let unknown = event(reading::FETCHED, leg("s1", "a", "outgoing", "2026-01-01T00:00:00Z"));
    assert_eq!(unknown.report.legs.first().map(|leg| leg.status), Some(None));
    let bridged = event("call.bridged", leg("s1", "a", "incoming", "2026-01-01T00:00:00Z"));
    assert_eq!(bridged.report.legs.first().map(|leg| leg.answered_at), Some(None));
    assert!(event("call.hangup", json!({"call_session_id": "s1"})).report.legs.is_empty());
}

#[test]
fn a_call_goes_by_its_session_and_every_other_name_that_is_told() {
    let mut payload = leg("s1", "a", "outgoing", "2026-01-01T00:00:00Z");
    payload["client_state"] = json!(STANDARD.encode("frontdesk-1"));
    let told = event("call.initiated", payload).call.expect("named");
    assert_eq!(told.id, "s1");
    assert_eq!(told.others, ["v3:a", "a", "frontdesk-1"]);
    let foreign = json!({"call_control_id": "v3:x", "client_state": STANDARD.encode("theirs")});
    let told = event("call.dtmf.received", foreign).call.expect("named");
    assert_eq!((told.id.as_str(), told.others.len()), ("v3:x", 0));
}

#[test]
fn what_comes_after_a_call_is_read_and_amounts_are_exact() {
    let ended = event(
        "call.conversation.ended",
        json!({"call_session_id": "s1",
        "assistant_id": "assistant-1", "duration_sec": 32, "messages": [
            {"role": "assistant", "content": "Hello."}, {"role": "user", "content": "Hi."},
            {"role": "tool", "content": "{}"}, {"role": "user"}]}),
    );
    assert_eq!(ended.moment, Moment::Analyzed);
    assert_eq!(ended.report.transcript.expect("told").len(), 3);
    assert_eq!(ended.report.duration_ms, Some(32_000));
    let cost = |payload| event("call.cost", payload).report.cost;
    let parts = json!([{"call_part": "ai", "cost": "0.1", "currency": "EUR"}]);
    let dear =
        cost(json!({"call_session_id": "s1", "total_cost": "12.3456789", "cost_parts": parts}));
    assert_eq!(dear, Some(Cost { micros: 12_345_678, currency: "EUR".to_owned() }));
    for odd in
        [json!("free"), json!("-1"), json!(null), json!("1e9"), json!("99999999999999999999")]
    {
        assert_eq!(cost(json!({"call_session_id": "s1", "total_cost": odd})), None);
    }
    let of = |leg: &str, total: &str| {
        let payload = json!({"call_session_id": "s1", "call_leg_id": leg, "total_cost": total});
        event("call.cost", payload)
    };
    let mut facts = Facts::default();
    for (n, told) in [of("a", "0.2"), of("b", "0.05"), of("a", "0.2")].into_iter().enumerate() {
        let digest = [u8::try_from(n % 2).expect("small"); 32];
        facts.join(told.report, Version::new(told.moment, &digest));
    }
    assert_eq!(facts.cost(), Some(Cost { micros: 250_000, currency: "USD".to_owned() }));
    let none = event(
        "call.analyzed",
        json!({"call_session_id": "s1",
        "cost": "No cost data available."}),
    );
    assert_eq!(none.report.cost, None);
    let saved = event(
        "call.recording.saved",
        json!({"call_session_id": "s1", "call_leg_id": "a",
        "recording_urls": {"mp3": "https://example.com/a.mp3"}}),
    );
    assert_eq!(saved.report.recording.as_deref(), Some("https://example.com/a.mp3"));
    let new = event("call.teleported", json!({"call_session_id": "s1"}));
    assert_eq!((new.name.as_str(), new.moment), ("call.teleported", Moment::Other));
}

#[test]
fn a_tool_is_named_by_its_url_and_its_call_by_a_header_a_query_or_an_argument() {
    let ask = |body: Value, headers: &[(&'static str, &'static str)], query: &str| {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let headers: HeaderMap = headers.collect();
        let road = Road { tool: Some("check_availability"), headers: &headers, query };
        telnyx().tool_calls(&verified(&body), &road)
    };
    let by_header = ask(
        json!({"service": "Check-up"}),
        &[
            (reading::CALL, "v3:a"),
            (reading::CALLER, "+1 202 555 0142"),
            (reading::CALLED, "+12025550100"),
        ],
        "",
    );
    let [call] = by_header.expect("readable").try_into().expect("one");
    assert_eq!((call.tool.as_str(), call.call.id.as_str()), ("check_availability", "v3:a"));
    assert_eq!(call.report.from_number.as_deref(), Some("+12025550142"));
    assert_eq!(call.report.to_number.as_deref(), Some("+12025550100"));
    let [call] = ask(json!({}), &[], "call=v3:b").expect("readable").try_into().expect("one");
    assert_eq!(call.call.id, "v3:b");
    let argument = json!({"call_control_id": "v3:c", "service": "x"});
    let [call] = ask(argument, &[(reading::CALL, "{{call_control_id}}")], "")
        .expect("readable")
        .try_into()
        .expect("one");
    assert_eq!((call.call.id.as_str(), call.arguments.len()), ("v3:c", 1));
    assert!(ask(json!({}), &[(reading::CALL, "{{call_control_id}}")], "").is_err());
    assert!(ask(json!([]), &[(reading::CALL, "v3:a")], "").is_err());
    // A header that was not filled in hides no argument, and none of these stays an argument.
    let argument = json!({"call_id": "v3:d", "telnyx_end_user_target": "+12025550142"});
    let [call] = ask(argument, &[(reading::CALLER, "{{telnyx_end_user_target}}")], "")
        .expect("readable")
        .try_into()
        .expect("one");
    assert_eq!(call.report.from_number.as_deref(), Some("+12025550142"));
    assert_eq!((call.report.direction, call.arguments.len()), (None, 0));
}

#[test]
fn a_body_may_name_its_tool_where_the_address_does_not() {
    let headers = HeaderMap::new();
    let ask = |body: Value, tool| {
        let road = Road { tool, headers: &headers, query: "" };
        telnyx().tool_calls(&verified(&body), &road)
    };
    let wrapped = json!({"name": "take_message", "call_control_id": "v3:a",
        "arguments": {"message": "Hello."}});
    let [call] = ask(wrapped, None).expect("readable").try_into().expect("one");
    assert_eq!((call.tool.as_str(), call.call.id.as_str()), ("take_message", "v3:a"));
    assert_eq!(Value::Object(call.arguments), json!({"message": "Hello."}));
    // Where the address names the tool, a name is an argument like others.
    let bare = json!({"name": "Robin", "call_control_id": "v3:a"});
    let [call] =
        ask(bare.clone(), Some("book_appointment")).expect("readable").try_into().expect("one");
    assert_eq!(Value::Object(call.arguments), json!({"name": "Robin"}));
    assert_eq!(ask(bare, None).err(), Some(Unreadable("nothing names the tool")));
}

#[test]
fn whoever_calls_is_told_apart_and_what_the_assistant_is_told_is_flat() {
    let payload = verified(&json!({"data": {"record_type": "event", "id": "e",
        "event_type": "assistant.initialization", "payload": {
            "telnyx_conversation_channel": "phone_call", "call_control_id": "v3:a",
            "telnyx_agent_target": "+12025550100", "telnyx_end_user_target": "+12025550142"}}}));
    assert_eq!(telnyx().sort(&payload), Delivery::Inbound);
    let inbound = telnyx().inbound(&payload).expect("readable");
    assert_eq!(inbound.call, Some(CallNames::one("v3:a".to_owned())));
    assert_eq!(inbound.report.to_number.as_deref(), Some("+12025550100"));
    let welcome = crate::domain::welcome::Welcome(vec![("caller_name", "Robin".to_owned())]);
    let reply = telnyx().welcome(&Taken { agent: None, welcome: Some(welcome) });
    let reply: Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(reply, json!({"dynamic_variables": {"caller_name": "Robin"}}));
    let other = verified(&json!({"data": {"event_type": "call.hangup", "payload": {}}}));
    assert_eq!(telnyx().sort(&other), Delivery::Event);
    assert_eq!(telnyx().sort(&verified(&json!({"service": "Check-up"}))), Delivery::Tools);
}

#[test]
fn what_cannot_be_read_says_why() {
    for (body, why) in [
        (json!([]), "it is not a JSON object"),
        (json!({}), "there is no data"),
        (json!({"data": {"payload": {}}}), "there is no event type"),
    ] {
        assert_eq!(telnyx().event(&verified(&body)).err(), Some(Unreadable(why)));
    }
}
