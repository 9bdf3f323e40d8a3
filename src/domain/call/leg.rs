//! One stretch of a call: between the provider and one telephone.
//!
//! A call that was handed on has several. Each is joined like the call itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Cost;
use super::version::{Told, Version, absorb, raise};
use super::words::{Direction, EndFamily, Status};

/// Most legs kept of a call: those with the first ids, whatever order they were told in.
pub const LEGS_MAX: usize = 16;

/// What an event says of a leg; what it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leg {
    /// The provider's id of the leg.
    pub id: String,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// Where it stands.
    pub status: Option<Status>,
    /// Who called.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was taken.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Why it ended: the provider's word and its family.
    pub ended_by: Option<(String, EndFamily)>,
    /// What the provider charges for it.
    pub cost: Option<Cost>,
}

/// All that is known of a leg, each fact with its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegFacts {
    /// Which way it went.
    pub direction: Option<Told<Direction>>,
    /// Where it stands.
    pub status: Option<Told<Status>>,
    /// Who called.
    pub from_number: Option<Told<String>>,
    /// Who was called.
    pub to_number: Option<Told<String>>,
    /// When it began.
    pub started_at: Option<Told<Timestamp>>,
    /// When it was taken.
    pub answered_at: Option<Told<Timestamp>>,
    /// When it was over.
    pub ended_at: Option<Told<Timestamp>>,
    /// Why it ended.
    pub ended_by: Option<Told<(String, EndFamily)>>,
    /// What the provider charges for it.
    pub cost: Option<Told<Cost>>,
}

impl LegFacts {
    /// Takes in what an event says.
    pub(super) fn join(&mut self, leg: Leg, version: Version) {
        let stage = leg.status.map_or(0, Status::stage);
        raise(&mut self.direction, leg.direction, version);
        raise(&mut self.status, leg.status, version.staged(stage));
        raise(&mut self.from_number, leg.from_number, version);
        raise(&mut self.to_number, leg.to_number, version);
        raise(&mut self.started_at, leg.started_at, version);
        raise(&mut self.answered_at, leg.answered_at, version);
        raise(&mut self.ended_at, leg.ended_at, version);
        raise(&mut self.ended_by, leg.ended_by, version);
        raise(&mut self.cost, leg.cost, version);
    }

    /// Takes in all that is known of the same leg in another row.
    pub(super) fn absorb(&mut self, other: Self) {
        absorb(&mut self.direction, other.direction);
        absorb(&mut self.status, other.status);
        absorb(&mut self.from_number, other.from_number);
        absorb(&mut self.to_number, other.to_number);
        absorb(&mut self.started_at, other.started_at);
        absorb(&mut self.answered_at, other.answered_at);
        absorb(&mut self.ended_at, other.ended_at);
        absorb(&mut self.ended_by, other.ended_by);
        absorb(&mut self.cost, other.cost);
    }
}
