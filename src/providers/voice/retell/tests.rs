//! Retell's shapes, by what its documentation and SDK say.

use serde_json::json;

use super::*;

fn retell() -> Retell {
    with_keys(&[b"old", b"new"])
}

fn with_keys(keys: &[&[u8]]) -> Retell {
    let keys = keys.iter().map(|key| HmacKey::new(key)).collect();
    Retell { keys, desk: Desk::new(None, None) }
}

fn verify(
    retell: &Retell,
    headers: &HeaderMap,
    body: &'static str,
    now_ms: i64,
) -> Result<Verified, Refusal> {
    let body = Bytes::from_static(body.as_bytes());
    let peer = None;
    retell.verify(&Incoming { headers, query: "", token: None, peer, body: &body, now_ms })
}

fn verified(body: &Value) -> Verified {
    Verified::new(body.to_string().into())
}

#[test]
fn any_of_the_listed_keys_verifies_and_the_first_signs() {
    let signed = retell().sign(b"{}", 1_000).expect("signs");
    let first = with_keys(&[b"old"]);
    assert!(verify(&first, &signed, "{}", 1_000).is_ok());
    let second = with_keys(&[b"new"]);
    let signed = second.sign(b"{}", 1_000).expect("signs");
    assert!(verify(&retell(), &signed, "{}", 1_000).is_ok());
    assert_eq!(verify(&first, &signed, "{}", 1_000).err(), Some(Refusal::SignatureInvalid));
}

#[test]
fn no_header_of_any_shape_makes_the_parser_panic_or_accept() {
    // A deterministic stream of mutations of a well-formed header: a million of them.
    let good = format!("v=1767225600000,d={}", "ab".repeat(32)).into_bytes();
    let retell = retell();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits")
    };
    for round in 0..1_000_000 {
        let mut header = good.clone();
        for _ in 0..=next() % 4 {
            let at = next() % header.len();
            match next() % 4 {
                0 => header[at] = u8::try_from(next() % 256).expect("a byte"),
                1 => header.truncate(at.max(1)),
                2 => header.insert(at, b"v=,d0\xc3\xff"[next() % 7]),
                _ => header.extend_from_slice(&good[at % good.len()..]),
            }
        }
        if header == good {
            continue;
        }
        let parsed = parse(&header);
        let Ok(value) = HeaderValue::from_bytes(&header) else { continue };
        if parsed.is_some() && round % 64 != 0 {
            continue;
        }
        let mut map = HeaderMap::new();
        map.insert(SIGNATURE, value);
        assert!(verify(&retell, &map, "{}", 1_767_225_600_000).is_err());
    }
}

#[test]
fn an_analyzed_call_is_read_with_cost_in_millionths_and_its_turns() {
    let body = json!({"event": "call_analyzed", "call": {
        "call_id": "c1", "agent_id": "a1", "call_type": "phone_call", "direction": "inbound",
        "call_status": "ended", "from_number": "+12137771234", "to_number": "+12137771235",
        "start_timestamp": 1_767_225_500_000_i64, "end_timestamp": 1_767_225_590_000_i64,
        "duration_ms": 90_000, "disconnection_reason": "user_hangup",
        "transcript_object": [
            {"role": "agent", "content": "Hello.", "words": [
                {"word": "Hello.", "start": 0.5, "end": 0.9}]},
            {"role": "user", "content": "Hi.", "words": []},
            {"role": "dtmf", "digit": "1"},
        ],
        "call_cost": {"combined_cost": 12.345, "product_costs": []},
        "call_analysis": {"call_summary": "Short.", "user_sentiment": "Positive",
            "call_successful": true, "in_voicemail": false},
        "something_new": {"deep": [1, 2, 3]},
    }});
    let event = retell().event(&verified(&body)).expect("readable");
    assert_eq!(event.moment, Moment::Analyzed);
    let report = event.report;
    assert_eq!(report.cost, Some(Cost { micros: 123_450, currency: "USD".to_owned() }));
    assert_eq!(report.ended_by, Some(("user_hangup".to_owned(), EndFamily::CallerHungUp)));
    let turns = report.transcript.expect("told");
    assert_eq!(turns.len(), 2);
    assert_eq!((turns[0].starts_ms, turns[0].ends_ms), (Some(500), Some(900)));
    assert_eq!((turns[1].role, turns[1].starts_ms), (Role::Caller, None));
}

#[test]
fn a_field_of_another_type_counts_as_not_told() {
    let body = json!({"event": "call_ended", "call": {
        "call_id": "c1", "agent_id": 7, "call_status": ["ended"], "duration_ms": "long",
        "start_timestamp": 1e300, "transcript_object": "none", "call_cost": [],
    }});
    let event = retell().event(&verified(&body)).expect("readable");
    assert_eq!(event.report, Report::default());
}

#[test]
fn unknown_events_and_reasons_are_kept_under_their_own_words() {
    let body = json!({"event": "call_frozen", "call": {
        "call_id": "c1", "disconnection_reason": "eclipse",
    }});
    let event = retell().event(&verified(&body)).expect("readable");
    assert_eq!((event.name.as_str(), event.moment), ("call_frozen", Moment::Other));
    assert_eq!(event.report.ended_by, Some(("eclipse".to_owned(), EndFamily::Other)));
}

#[test]
fn what_cannot_be_read_says_why_without_quoting_it() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (body, why) in [
        (&b"\xff\xfe"[..], "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (deep.as_bytes(), "it is not JSON"),
        (b"{}", "there is no event name"),
        (br#"{"event":"call_ended"}"#, "there is no call"),
        (br#"{"event":"call_ended","call":{"call_id":""}}"#, "the call has no usable id"),
    ] {
        let payload = Verified::new(Bytes::copy_from_slice(body));
        assert_eq!(retell().event(&payload).err(), Some(Unreadable(why)));
    }
}

#[test]
fn a_plain_transcript_becomes_turns() {
    let turns = plain_turns("Agent: Hello.\nHow are you?\nUser: Fine: thanks.\n");
    assert_eq!(turns.len(), 2);
    assert_eq!(turns[0].text, "Hello.\nHow are you?");
    assert_eq!((turns[1].role, turns[1].text.as_str()), (Role::Caller, "Fine: thanks."));
}

#[test]
fn kept_bytes_that_changed_are_not_brought_back() {
    let payload = verified(&json!({"event": "call_ended"}));
    assert!(Verified::kept(payload.body().to_vec(), payload.sha256()).is_some());
    let mut rotten = payload.body().to_vec();
    rotten[3] ^= 1;
    assert!(Verified::kept(rotten, payload.sha256()).is_none());
}

#[test]
fn every_tool_is_defined_with_an_object_of_described_arguments() {
    for tool in Tool::ALL {
        let defined = definition(tool, "https://desk.example.com/tools/retell");
        assert_eq!(defined["type"], "custom");
        assert_eq!(defined["name"], tool.name());
        assert_eq!(defined["args_at_root"], false, "without the call nothing can be booked");
        let described = defined["description"].as_str().expect("a text");
        assert!(described.contains(tool.example()) && described.len() <= 1_024, "{described}");
        let properties = defined["parameters"]["properties"].as_object().expect("an object");
        for (name, schema) in properties {
            let kind = schema["type"].as_str().expect("a type");
            assert!(["string", "boolean"].contains(&kind), "{name}");
            assert!(schema["description"].is_string(), "{name}");
        }
        let required = defined["parameters"]["required"].as_array().expect("a list");
        for name in required {
            assert!(properties.contains_key(name.as_str().expect("a name")), "{name}");
        }
    }
}

#[test]
fn a_payload_is_told_apart_by_what_is_in_it() {
    let sort = |body: Value| retell().sort(&verified(&body));
    assert_eq!(sort(json!({"event": "call_ended", "call": {}})), Delivery::Event);
    assert_eq!(sort(json!({"event": "call_inbound", "call_inbound": {}})), Delivery::Inbound);
    assert_eq!(sort(json!({"name": "t", "args": {}, "call": {}})), Delivery::Event);
    assert_eq!(sort(json!([1])), Delivery::Event, "what cannot be read is kept");
}

#[test]
fn a_transfer_tells_to_whom_and_an_order_of_ours_is_a_name_of_the_call() {
    let body = json!({"event": "transfer_bridged", "transfer_destination":
        {"type": "predefined", "number": "+1 202 555 0177"},
        "call": {"call_id": "c1", "metadata": {"frontdesk_order": "frontdesk-1"}}});
    let event = retell().event(&verified(&body)).expect("readable");
    assert_eq!(event.moment, Moment::Transfer);
    assert_eq!(event.report.handed_to.as_deref(), Some("+12025550177"));
    let names = CallNames { id: "c1".to_owned(), others: vec!["frontdesk-1".to_owned()] };
    assert_eq!(event.call, Some(names));
}

#[test]
fn a_tool_of_bare_arguments_needs_the_url_and_a_header_to_name_it_and_its_call() {
    let payload = verified(&json!({"service": "Check-up"}));
    let mut headers = HeaderMap::new();
    let ask = |headers: &HeaderMap, tool: Option<&str>| {
        retell().tool_calls(&payload, &Road { tool, headers, query: "" })
    };
    assert!(ask(&headers, Some("check_availability")).is_err());
    headers.insert(CALL, HeaderValue::from_static("{{call_id}}"));
    assert!(ask(&headers, Some("check_availability")).is_err(), "the template was not filled in");
    headers.insert(CALL, HeaderValue::from_static("call_7"));
    assert!(ask(&headers, None).is_err());
    let [call] =
        ask(&headers, Some("check_availability")).expect("readable").try_into().expect("one");
    assert_eq!((call.call.id.as_str(), call.tool.as_str()), ("call_7", "check_availability"));
    assert_eq!(call.arguments["service"], "Check-up");
}

#[test]
fn whoever_calls_is_read_and_what_the_agent_is_told_is_flat_text() {
    let payload = verified(&json!({"event": "call_inbound", "call_inbound": {
        "agent_id": "a1", "from_number": "+1 (202) 555-0142", "to_number": "+12025550100"}}));
    let inbound = retell().inbound(&payload).expect("readable");
    assert_eq!(inbound.call, None);
    assert_eq!(inbound.report.from_number.as_deref(), Some("+12025550142"));
    let welcome = crate::domain::welcome::Welcome(vec![("caller_name", "Robin".to_owned())]);
    let taken = Taken { agent: Some("a2".to_owned()), welcome: Some(welcome) };
    let reply: Value = serde_json::from_slice(&retell().welcome(&taken).body).expect("JSON");
    let told = json!({"call_inbound": {
        "override_agent_id": "a2", "dynamic_variables": {"caller_name": "Robin"}}});
    assert_eq!(reply, told);
    let nobody: Value =
        serde_json::from_slice(&retell().welcome(&Taken::default()).body).expect("JSON");
    assert_eq!(nobody, json!({"call_inbound": {}}));
}
