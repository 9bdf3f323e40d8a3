//! Retell's shapes, by what its documentation and SDK say.

use serde_json::json;

use super::*;

fn retell() -> Retell {
    Retell { keys: vec![HmacKey::new(b"old"), HmacKey::new(b"new")] }
}

fn verified(body: &Value) -> Verified {
    Verified::new(body.to_string().into())
}

fn headers(value: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE, HeaderValue::from_bytes(value).expect("a header value"));
    headers
}

#[test]
fn any_of_the_listed_keys_verifies_and_the_first_signs() {
    let (name, value) = retell().sign(b"{}", 1_000);
    assert_eq!(name, SIGNATURE);
    let first = Retell { keys: vec![HmacKey::new(b"old")] };
    assert!(first.verify(&headers(value.as_bytes()), "{}".into(), 1_000).is_ok());
    let second = Retell { keys: vec![HmacKey::new(b"new")] };
    let (_, value) = second.sign(b"{}", 1_000);
    assert!(retell().verify(&headers(value.as_bytes()), "{}".into(), 1_000).is_ok());
    assert_eq!(
        first.verify(&headers(value.as_bytes()), "{}".into(), 1_000).err(),
        Some(Refusal::SignatureInvalid)
    );
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
        assert!(retell.verify(&map, "{}".into(), 1_767_225_600_000).is_err());
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
