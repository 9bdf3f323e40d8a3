//! What holds for every member of the family, on a recorded call of each.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::*;
use crate::config::load_tests::{Folder, account, settings_of};
use crate::domain::call::{Direction, EndFamily, Facts, Status, Version};
use crate::domain::transcript::Turn;

/// Each member, the least that its table needs, and a recorded call.
const MEMBERS: [(&str, &str, &str); 4] = [
    (
        "exotel",
        "path_token = '4f9vQm1s8Zk2Lr7Xb0TnYw'",
        include_str!("../../../tests/fixtures/exotel/call.json"),
    ),
    ("retell", "api_keys = 'k'", include_str!("../../../tests/fixtures/retell/call.json")),
    (
        "telnyx",
        "public_keys = '5QrCYY+DWA6Qwdx17/UAcAwyB1m2giSOBehC4ketrOw='",
        include_str!("../../../tests/fixtures/telnyx/call.json"),
    ),
    ("vapi", "bearer = 't'", include_str!("../../../tests/fixtures/vapi/call.json")),
];

fn member(name: &str) -> (Box<dyn Voice>, Vec<Verified>) {
    let found = MEMBERS.iter().find(|(known, _, _)| *known == name);
    let (_, table, call) = found.expect("every member has a recorded call");
    let folder = Folder::with(&format!("[voice.{name}]\n{table}\n"));
    let settings = settings_of(&folder.sources());
    let (_, voice) = build(account(&settings, name)).expect("the table is whole");
    let bodies: Vec<Value> = serde_json::from_str(call).expect("a list");
    let payloads = bodies.iter().map(|body| Verified::new(body.to_string().into()));
    (voice, payloads.collect())
}

/// The call that some deliveries make, and what was said in it.
fn fold(voice: &dyn Voice, payloads: &[&Verified]) -> (Facts, Vec<Turn>) {
    let (mut facts, mut turns) = (Facts::default(), Vec::new());
    for payload in payloads {
        let event = voice.event(payload).expect("readable");
        let version = Version::new(event.moment, payload.sha256());
        if let Some(better) = facts.join(event.report, version) {
            turns = better;
        }
    }
    (facts, turns)
}

#[test]
fn every_member_is_in_the_suite_and_none_but_those() {
    let members: Vec<&str> = MEMBERS.iter().map(|(name, _, _)| *name).collect();
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(members, kinds);
}

#[test]
fn a_recorded_call_is_the_same_call_whoever_carried_it() {
    for (name, _, _) in MEMBERS {
        let (voice, payloads) = member(name);
        let (facts, turns) = fold(&*voice, &payloads.iter().collect::<Vec<_>>());
        assert_eq!(
            (facts.status(), facts.direction()),
            (Status::Ended, Direction::Inbound),
            "{name}"
        );
        assert_eq!(facts.from_number(), Some("+12025550142"), "{name}");
        assert_eq!(facts.to_number(), Some("+12025550100"), "{name}");
        let began = facts.started_at().map(|at| at.to_string());
        assert_eq!(began.as_deref(), Some("2026-01-01T00:00:00Z"), "{name}");
        assert_eq!(facts.duration_ms(), Some(32_000), "{name}");
        let family = facts.ended_by().map(|(_, family)| *family);
        assert_eq!(family, Some(EndFamily::CallerHungUp), "{name}");
        if name != "exotel" {
            // A carrier hears nothing and says later what it costs.
            assert_eq!(turns.len(), 2, "{name}");
            assert_eq!(facts.cost().map(|cost| cost.micros), Some(42_000), "{name}");
            assert_eq!(facts.summary.map(|told| told.0).as_deref(), Some("Asked for Tuesday."));
        }
    }
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_of_a_call_s_deliveries_make_the_same_call(
        member_no in 0..MEMBERS.len(),
        order in vec(any::<Index>(), 0..24),
    ) {
        let (voice, payloads) = member(MEMBERS[member_no].0);
        let plain: Vec<&Verified> = payloads.iter().collect();
        let mut mixed: Vec<&Verified> = order.iter().map(|i| i.get(&payloads)).collect();
        mixed.extend(plain.iter().rev());
        prop_assert_eq!(fold(&*voice, &plain), fold(&*voice, &mixed));
    }

    #[test]
    fn no_bytes_make_a_member_panic(bytes in vec(any::<u8>(), 0..200), text in ".{0,80}") {
        for (name, _, _) in MEMBERS {
            let (voice, _) = member(name);
            let headers = HeaderMap::new();
            let road = Road { tool: Some("x"), headers: &headers, query: &text };
            let json = format!("{{\"data\":{{\"event_type\":{text:?}}},\"message\":{{}}}}");
            for body in [bytes.clone(), text.clone().into_bytes(), json.into_bytes()] {
                let payload = Verified::new(body.into());
                // Reading is all that is asked: whatever comes of it, the words are short.
                let faults = [
                    voice.event(&payload).err(),
                    voice.tool_calls(&payload, &road).err(),
                    voice.inbound(&payload).err(),
                ];
                prop_assert!(faults.iter().flatten().all(|fault| fault.0.len() < 80));
                prop_assert!(voice.sort(&payload) != Delivery::Transfer);
            }
        }
    }
}
