//! A call, and how each event moves it.
//!
//! Events come in any order, twice, or not at all. Every fact therefore carries the version of the
//! event that told it and only ever moves to a higher one: joining is commutative, associative and
//! idempotent, so any order of the same events ends in the same call. Never asks what arrived
//! first.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::transcript::Turn;

/// Which way a call went, as the agent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A person called the agent.
    Inbound,
    /// The agent called a person.
    Outbound,
    /// Through a web page, without numbers.
    Web,
    /// Not told.
    Unknown,
}

impl Direction {
    /// Every direction there is.
    pub const ALL: [Self; 4] = [Self::Inbound, Self::Outbound, Self::Web, Self::Unknown];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Web => "web",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a call stands. It only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Known, not yet connected.
    Registered,
    /// People are talking.
    Ongoing,
    /// Over.
    Ended,
    /// Over without having been connected.
    NotConnected,
    /// Over by a fault.
    Error,
}

impl Status {
    /// Every state there is.
    pub const ALL: [Self; 5] =
        [Self::Registered, Self::Ongoing, Self::Ended, Self::NotConnected, Self::Error];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Ongoing => "ongoing",
            Self::Ended => "ended",
            Self::NotConnected => "not_connected",
            Self::Error => "error",
        }
    }

    /// How far along the call is: a later stage wins over whatever else an event says.
    fn stage(self) -> u8 {
        match self {
            Self::Registered => 0,
            Self::Ongoing => 1,
            Self::Ended | Self::NotConnected | Self::Error => 2,
        }
    }
}

/// Why a call ended, in families that every provider's words are mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndFamily {
    /// The person hung up.
    CallerHungUp,
    /// The agent hung up.
    AgentHungUp,
    /// Handed to a person.
    Transferred,
    /// A mailbox or a menu answered.
    Voicemail,
    /// Busy, no answer, or declined.
    NotReached,
    /// A limit of time, lines or money was reached.
    Limit,
    /// Blocked, spam, or not permitted.
    Refused,
    /// Something broke.
    Failed,
    /// A word that is not known here.
    Other,
    /// Not told.
    Unknown,
}

impl EndFamily {
    /// Every family there is.
    pub const ALL: [Self; 10] = [
        Self::CallerHungUp,
        Self::AgentHungUp,
        Self::Transferred,
        Self::Voicemail,
        Self::NotReached,
        Self::Limit,
        Self::Refused,
        Self::Failed,
        Self::Other,
        Self::Unknown,
    ];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::CallerHungUp => "caller_hung_up",
            Self::AgentHungUp => "agent_hung_up",
            Self::Transferred => "transferred",
            Self::Voicemail => "voicemail",
            Self::NotReached => "not_reached",
            Self::Limit => "limit",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// An amount of money, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Millionths of the currency's unit.
    pub micros: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What kind of moment an event tells of; later kinds know more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The call as a live tool call showed it.
    Tool,
    /// An event that is not known here.
    Other,
    /// It began.
    Started,
    /// Somebody spoke.
    Progress,
    /// It was or is being handed on.
    Transfer,
    /// It is over.
    Ended,
    /// It was looked at afterwards.
    Analyzed,
}

impl Moment {
    fn rank(self) -> u8 {
        match self {
            Self::Tool => 0,
            Self::Other => 1,
            Self::Started => 2,
            Self::Progress => 3,
            Self::Transfer => 4,
            Self::Ended => 5,
            Self::Analyzed => 6,
        }
    }
}

/// Orders what events say about one fact: by stage, by kind of event, by how much it says, and
/// between equals by the digest of the delivery, so that the order is total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version(u8, u8, u32, u64);

impl Version {
    /// The version of a fact told by an event of this kind in a delivery with this digest.
    pub fn new(moment: Moment, sha256: &[u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *sha256;
        Self(0, moment.rank(), 0, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    fn staged(self, stage: u8) -> Self {
        Self(stage, self.1, self.2, self.3)
    }

    fn sized(self, size: usize) -> Self {
        Self(self.0, self.1, u32::try_from(size).unwrap_or(u32::MAX), self.3)
    }
}

/// A value and the version of the event that told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told<T>(pub T, pub Version);

/// What an event says of a call; what it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Where the call stands.
    pub status: Option<Status>,
    /// The provider's id of the agent.
    pub agent: Option<String>,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// Who called.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Why it ended: the provider's word and its family.
    pub ended_by: Option<(String, EndFamily)>,
    /// The provider's summary.
    pub summary: Option<String>,
    /// The provider's word for the person's mood.
    pub sentiment: Option<String>,
    /// The provider's judgement.
    pub successful: Option<bool>,
    /// Whether a mailbox answered.
    pub in_voicemail: Option<bool>,
    /// What the provider charges.
    pub cost: Option<Cost>,
    /// What was said.
    pub transcript: Option<Vec<Turn>>,
}

/// All that is known of a call, each fact with its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Where the call stands.
    pub status: Option<Told<Status>>,
    /// The provider's id of the agent.
    pub agent: Option<Told<String>>,
    /// Which way it went.
    pub direction: Option<Told<Direction>>,
    /// Who called.
    pub from_number: Option<Told<String>>,
    /// Who was called.
    pub to_number: Option<Told<String>>,
    /// When it began.
    pub started_at: Option<Told<Timestamp>>,
    /// When it was over.
    pub ended_at: Option<Told<Timestamp>>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<Told<i64>>,
    /// Why it ended.
    pub ended_by: Option<Told<(String, EndFamily)>>,
    /// The provider's summary.
    pub summary: Option<Told<String>>,
    /// The provider's word for the person's mood.
    pub sentiment: Option<Told<String>>,
    /// The provider's judgement.
    pub successful: Option<Told<bool>>,
    /// Whether a mailbox answered.
    pub in_voicemail: Option<Told<bool>>,
    /// What the provider charges.
    pub cost: Option<Told<Cost>>,
    /// The version of the transcript that is kept beside the call.
    pub transcript: Option<Version>,
}

impl Facts {
    /// Takes in what an event says. Returns the turns to keep when it knows the transcript better.
    pub fn join(&mut self, report: Report, version: Version) -> Option<Vec<Turn>> {
        let stage = report.status.map_or(0, Status::stage);
        raise(&mut self.status, report.status, version.staged(stage));
        raise(&mut self.agent, report.agent, version);
        raise(&mut self.direction, report.direction, version);
        raise(&mut self.from_number, report.from_number, version);
        raise(&mut self.to_number, report.to_number, version);
        raise(&mut self.started_at, report.started_at, version);
        raise(&mut self.ended_at, report.ended_at, version);
        raise(&mut self.duration_ms, report.duration_ms, version);
        raise(&mut self.ended_by, report.ended_by, version);
        raise(&mut self.summary, report.summary, version);
        raise(&mut self.sentiment, report.sentiment, version);
        raise(&mut self.successful, report.successful, version);
        raise(&mut self.in_voicemail, report.in_voicemail, version);
        raise(&mut self.cost, report.cost, version);
        let turns = report.transcript.filter(|turns| !turns.is_empty())?;
        let version = version.sized(turns.len());
        if self.transcript.is_some_and(|known| known >= version) {
            return None;
        }
        self.transcript = Some(version);
        Some(turns)
    }

    /// Where the call stands; a call that is only heard of is registered.
    pub fn status(&self) -> Status {
        self.status.as_ref().map_or(Status::Registered, |told| told.0)
    }

    /// Which way it went.
    pub fn direction(&self) -> Direction {
        self.direction.as_ref().map_or(Direction::Unknown, |told| told.0)
    }

    /// How long the call took in milliseconds, as told or from its two ends.
    pub fn duration_ms(&self) -> Option<i64> {
        let told = self.duration_ms.as_ref().map(|told| told.0);
        told.or_else(|| {
            let (start, end) = (self.started_at.as_ref()?, self.ended_at.as_ref()?);
            Some(end.0.as_millisecond() - start.0.as_millisecond())
        })
        .filter(|ms| *ms >= 0)
    }

    /// The number of ours that was part of the call: dialled by the person, or called from.
    pub fn our_number(&self) -> Option<&str> {
        let told = match self.direction() {
            Direction::Inbound | Direction::Unknown => self.to_number.as_ref(),
            Direction::Outbound => self.from_number.as_ref(),
            Direction::Web => None,
        };
        told.map(|told| told.0.as_str())
    }

    /// Whether the call is over.
    pub fn is_over(&self) -> bool {
        match self.status.as_ref().map(|told| told.0) {
            Some(Status::Ended | Status::NotConnected | Status::Error) => true,
            Some(Status::Registered | Status::Ongoing) | None => false,
        }
    }

    /// The person's number.
    pub fn their_number(&self) -> Option<&str> {
        let told = match self.direction() {
            Direction::Inbound | Direction::Unknown => self.from_number.as_ref(),
            Direction::Outbound => self.to_number.as_ref(),
            Direction::Web => None,
        };
        told.map(|told| told.0.as_str())
    }
}

fn raise<T>(known: &mut Option<Told<T>>, said: Option<T>, version: Version) {
    let Some(said) = said else { return };
    if known.as_ref().is_none_or(|known| known.1 < version) {
        *known = Some(Told(said, version));
    }
}

#[cfg(test)]
mod tests {
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
}
