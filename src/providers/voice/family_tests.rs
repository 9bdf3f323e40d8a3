//! What holds for every member of the family, on a recorded call of each.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::*;
use crate::config::load_tests::{Folder, account, settings_of};
use crate::domain::call::{Direction, EndFamily, Facts, Status, Version};
use crate::domain::transcript::Turn;

/// A member with the least that its table needs, and a recorded call of it, as its fixtures say: each
/// kind is in the suite by itself.
pub(super) fn member(name: &str) -> (Box<dyn Voice>, Vec<Verified>) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let fixture = |file: &str| {
        let read = fs::read_to_string(fixtures.join(file));
        read.unwrap_or_else(|error| panic!("tests/fixtures/{name}/{file}: {error}"))
    };
    let folder = Folder::with(&format!("[voice.{name}]\n{}\n", fixture("table.toml")));
    let settings = settings_of(&folder.sources());
    let (_, voice) = build(account(&settings, name)).expect("the table is whole");
    let bodies: Vec<Value> = serde_json::from_str(&fixture("call.json")).expect("a list");
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
fn a_recorded_call_is_the_same_call_whoever_carried_it() {
    for name in KINDS.iter().map(|kind| kind.name) {
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
        member_no in 0..KINDS.len(),
        order in vec(any::<Index>(), 0..24),
    ) {
        let (voice, payloads) = member(KINDS[member_no].name);
        let plain: Vec<&Verified> = payloads.iter().collect();
        let mut mixed: Vec<&Verified> = order.iter().map(|i| i.get(&payloads)).collect();
        mixed.extend(plain.iter().rev());
        prop_assert_eq!(fold(&*voice, &plain), fold(&*voice, &mixed));
    }

    #[test]
    fn no_bytes_make_a_member_panic(bytes in vec(any::<u8>(), 0..200), text in ".{0,80}") {
        for name in KINDS.iter().map(|kind| kind.name) {
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
