//! Any order of the same events ends in the same call.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::domain::transcript::Role;

fn report() -> impl Strategy<Value = (Report, Moment, [u8; 32])> {
    let status = proptest::option::of(proptest::sample::select(Status::ALL.to_vec()));
    let moments = vec![
        Moment::Tool,
        Moment::Other,
        Moment::Started,
        Moment::Progress,
        Moment::Transfer,
        Moment::Ended,
        Moment::Analyzed,
    ];
    let words = proptest::option::of("[a-c]");
    let cost = proptest::option::of(0_i64..9);
    let turns = 0_usize..4;
    let inputs = (status, proptest::sample::select(moments), words, cost, turns);
    (inputs, any::<[u8; 32]>()).prop_map(|((status, moment, word, cost, turns), digest)| {
        let turn = |n: usize| Turn {
            role: Role::Caller,
            text: format!("{n} {}", digest[0]),
            starts_ms: None,
            ends_ms: None,
        };
        let report = Report {
            status,
            agent: word.clone(),
            summary: word,
            cost: cost.map(|micros| Cost { micros, currency: "USD".to_owned() }),
            transcript: Some((0..turns).map(turn).collect()),
            ..Report::default()
        };
        (report, moment, digest)
    })
}

fn fold(events: &[(Report, Moment, [u8; 32])]) -> (Facts, Vec<Turn>) {
    let (mut facts, mut turns) = (Facts::default(), Vec::new());
    for (report, moment, digest) in events {
        if let Some(better) = facts.join(report.clone(), Version::new(*moment, digest)) {
            turns = better;
        }
    }
    (facts, turns)
}

proptest! {
    #[test]
    fn any_order_and_any_duplication_end_in_the_same_call(
        events in vec(report(), 1..8),
        order in vec(any::<proptest::sample::Index>(), 0..24),
    ) {
        let mut shuffled: Vec<_> = order.iter().map(|i| events[i.index(events.len())].clone()).collect();
        shuffled.extend(events.iter().rev().cloned());
        prop_assert_eq!(fold(&events), fold(&shuffled));
    }
}

#[test]
fn an_ended_call_never_goes_back_to_ongoing() {
    let mut facts = Facts::default();
    let ended = Report { status: Some(Status::Ended), ..Report::default() };
    let ongoing = Report { status: Some(Status::Ongoing), ..Report::default() };
    facts.join(ended, Version::new(Moment::Ended, &[0; 32]));
    facts.join(ongoing, Version::new(Moment::Analyzed, &[9; 32]));
    assert_eq!(facts.status(), Status::Ended);
}

#[test]
fn our_number_is_the_dialled_one_or_the_one_called_from() {
    let version = Version::new(Moment::Started, &[0; 32]);
    for (direction, ours, theirs) in [
        (Direction::Inbound, Some("to"), Some("from")),
        (Direction::Outbound, Some("from"), Some("to")),
        (Direction::Web, None, None),
    ] {
        let mut facts = Facts::default();
        facts.join(
            Report {
                direction: Some(direction),
                from_number: Some("from".to_owned()),
                to_number: Some("to".to_owned()),
                ..Report::default()
            },
            version,
        );
        assert_eq!((facts.our_number(), facts.their_number()), (ours, theirs));
    }
}

#[test]
fn a_duration_is_never_negative() {
    let mut facts = Facts::default();
    let report = Report {
        started_at: Some(Timestamp::from_second(10).expect("in range")),
        ended_at: Some(Timestamp::from_second(4).expect("in range")),
        ..Report::default()
    };
    facts.join(report, Version::new(Moment::Ended, &[0; 32]));
    assert_eq!(facts.duration_ms(), None);
}
