//! A call, and how each event moves it.
//!
//! Events come in any order, twice, or not at all. Every fact therefore carries the version of the
//! event that told it and only ever moves to a higher one: joining is commutative, associative and
//! idempotent, so any order of the same events ends in the same call. Never asks what arrived
//! first.

mod leg;
mod outcome;
mod version;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::leg::{LEGS_MAX, Leg, LegFacts};
pub use self::outcome::{Deed, Outcome, outcome};
pub use self::version::{Moment, Told, Version};
use self::version::{absorb, raise};
pub use self::words::{Direction, EndFamily, Status};
use super::transcript::Turn;

/// An amount of money, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Millionths of the currency's unit.
    pub micros: i64,
    /// ISO 4217.
    pub currency: String,
}

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
    /// To what number it was handed on, or whatever the provider calls the place.
    pub handed_to: Option<String>,
    /// Where its recording is, as the provider names it; never shown.
    pub recording: Option<String>,
    /// Its legs, where the provider tells of them one by one.
    pub legs: Vec<Leg>,
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
    /// To what number it was handed on.
    pub handed_to: Option<Told<String>>,
    /// Where its recording is.
    pub recording: Option<Told<String>>,
    /// Its legs by the provider's id.
    pub legs: BTreeMap<String, LegFacts>,
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
        raise(&mut self.handed_to, report.handed_to, version);
        raise(&mut self.recording, report.recording, version);
        for leg in report.legs {
            self.legs.entry(leg.id.clone()).or_default().join(leg, version);
        }
        while self.legs.len() > LEGS_MAX {
            self.legs.pop_last();
        }
        let turns = report.transcript.filter(|turns| !turns.is_empty())?;
        let version = version.sized(turns.len());
        if self.transcript.is_some_and(|known| known >= version) {
            return None;
        }
        self.transcript = Some(version);
        Some(turns)
    }

    /// Takes in all that is known of the same call under another name. Returns whether the
    /// transcript is better known there.
    pub fn absorb(&mut self, other: Self) -> bool {
        absorb(&mut self.status, other.status);
        absorb(&mut self.agent, other.agent);
        absorb(&mut self.direction, other.direction);
        absorb(&mut self.from_number, other.from_number);
        absorb(&mut self.to_number, other.to_number);
        absorb(&mut self.started_at, other.started_at);
        absorb(&mut self.ended_at, other.ended_at);
        absorb(&mut self.duration_ms, other.duration_ms);
        absorb(&mut self.ended_by, other.ended_by);
        absorb(&mut self.summary, other.summary);
        absorb(&mut self.sentiment, other.sentiment);
        absorb(&mut self.successful, other.successful);
        absorb(&mut self.in_voicemail, other.in_voicemail);
        absorb(&mut self.cost, other.cost);
        absorb(&mut self.handed_to, other.handed_to);
        absorb(&mut self.recording, other.recording);
        for (id, leg) in other.legs {
            self.legs.entry(id).or_default().absorb(leg);
        }
        while self.legs.len() > LEGS_MAX {
            self.legs.pop_last();
        }
        let better = other.transcript > self.transcript;
        self.transcript = self.transcript.max(other.transcript);
        better
    }

    /// Whether an event tells what nothing here has told yet, of what is told at or after the end.
    pub fn lacks(&self, report: &Report) -> bool {
        let transcript = report.transcript.as_ref().is_some_and(|turns| !turns.is_empty());
        [
            report.ended_at.is_some() && self.ended_at().is_none(),
            report.duration_ms.is_some() && self.duration_ms().is_none(),
            report.ended_by.is_some() && self.ended_by().is_none(),
            report.summary.is_some() && self.summary.is_none(),
            report.sentiment.is_some() && self.sentiment.is_none(),
            report.successful.is_some() && self.successful.is_none(),
            report.in_voicemail.is_some() && self.in_voicemail.is_none(),
            report.cost.is_some() && self.cost().is_none(),
            report.handed_to.is_some() && self.handed_to.is_none(),
            report.recording.is_some() && self.recording.is_none(),
            transcript && self.transcript.is_none(),
        ]
        .contains(&true)
    }

    /// Where the call stands: what is told of it and of the leg that it began with, whichever is
    /// further along. A call that is only heard of is registered.
    pub fn status(&self) -> Status {
        let own = self.status.as_ref().map(|told| told.0);
        let leg = self.first_leg().and_then(|leg| leg.status.as_ref()).map(|told| told.0);
        match (own, leg) {
            (Some(own), Some(leg)) if leg.stage() > own.stage() => leg,
            (Some(status), _) | (None, Some(status)) => status,
            (None, None) => Status::Registered,
        }
    }

    /// Which way it went.
    pub fn direction(&self) -> Direction {
        let told = self.best(self.direction.as_ref(), |leg| leg.direction.as_ref());
        told.copied().unwrap_or(Direction::Unknown)
    }

    /// Who called.
    pub fn from_number(&self) -> Option<&str> {
        let told = self.best(self.from_number.as_ref(), |leg| leg.from_number.as_ref());
        told.map(String::as_str)
    }

    /// Who was called.
    pub fn to_number(&self) -> Option<&str> {
        let told = self.best(self.to_number.as_ref(), |leg| leg.to_number.as_ref());
        told.map(String::as_str)
    }

    /// When it began.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.best(self.started_at.as_ref(), |leg| leg.started_at.as_ref()).copied()
    }

    /// When it was over.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.best(self.ended_at.as_ref(), |leg| leg.ended_at.as_ref()).copied()
    }

    /// What is told of the call, or of the leg that it began with, whichever knows better.
    fn best<'a, T>(
        &'a self,
        own: Option<&'a Told<T>>,
        of_leg: impl FnOnce(&'a LegFacts) -> Option<&'a Told<T>>,
    ) -> Option<&'a T> {
        let leg = self.first_leg().and_then(of_leg);
        match (own, leg) {
            (Some(own), Some(leg)) if leg.1 > own.1 => Some(&leg.0),
            (Some(told), _) | (None, Some(told)) => Some(&told.0),
            (None, None) => None,
        }
    }

    /// Why it ended: the provider's word and its family.
    pub fn ended_by(&self) -> Option<&(String, EndFamily)> {
        let own = self.ended_by.as_ref();
        own.or_else(|| self.first_leg()?.ended_by.as_ref()).map(|told| &told.0)
    }

    /// How long the call took in milliseconds, as told or from its two ends.
    pub fn duration_ms(&self) -> Option<i64> {
        let told = self.duration_ms.as_ref().map(|told| told.0);
        told.or_else(|| {
            Some(self.ended_at()?.as_millisecond() - self.started_at()?.as_millisecond())
        })
        .filter(|ms| *ms >= 0)
    }

    /// What the provider charges: as told of the call, else its legs together. Legs in another currency
    /// than the first are left out.
    pub fn cost(&self) -> Option<Cost> {
        if let Some(told) = &self.cost {
            return Some(told.0.clone());
        }
        let mut legs = self.legs.values().filter_map(|leg| leg.cost.as_ref()).map(|told| &told.0);
        let first = legs.next()?.clone();
        let same = legs.filter(|cost| cost.currency == first.currency);
        let micros = same.fold(first.micros, |sum, cost| sum.saturating_add(cost.micros));
        Some(Cost { micros, ..first })
    }

    /// The number of ours that was part of the call: dialled by the person, or called from.
    pub fn our_number(&self) -> Option<&str> {
        match self.direction() {
            Direction::Inbound | Direction::Unknown => self.to_number(),
            Direction::Outbound => self.from_number(),
            Direction::Web => None,
        }
    }

    /// The person's number.
    pub fn their_number(&self) -> Option<&str> {
        match self.direction() {
            Direction::Inbound | Direction::Unknown => self.from_number(),
            Direction::Outbound => self.to_number(),
            Direction::Web => None,
        }
    }

    /// Whether the call is over.
    pub fn is_over(&self) -> bool {
        match self.status() {
            Status::Ended | Status::NotConnected | Status::Error => true,
            Status::Initiated | Status::Registered | Status::Ongoing => false,
        }
    }

    /// Whether it was handed on to somebody.
    pub fn was_handed_on(&self) -> bool {
        self.handed_to.is_some()
    }

    /// The leg that the call began with: of those whose beginning is told the earliest, of two at
    /// once that with the first id.
    fn first_leg(&self) -> Option<&LegFacts> {
        let began = |leg: &LegFacts| leg.started_at.as_ref().map_or(Timestamp::MAX, |told| told.0);
        self.legs.iter().min_by_key(|(id, leg)| (began(leg), id.as_str())).map(|(_, leg)| leg)
    }
}

#[cfg(test)]
mod tests;
