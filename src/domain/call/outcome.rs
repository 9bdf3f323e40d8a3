//! What came of a call, in one word.
//!
//! Follows from what its tools did and from how it ended; never from what anybody says came of it.

use serde::{Deserialize, Serialize};

use super::Facts;
use super::words::{EndFamily, Status};

/// What came of a call that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An appointment was made.
    Booked,
    /// An appointment was moved.
    Moved,
    /// An appointment was called off.
    Cancelled,
    /// A message was taken.
    Message,
    /// It was handed to a person.
    Transferred,
    /// A mailbox or a menu answered.
    Voicemail,
    /// Nobody was reached, or the caller gave up before anybody answered.
    Missed,
    /// Something broke, or was not allowed.
    Failed,
    /// People talked, and nothing else came of it.
    Answered,
}

impl Outcome {
    /// Every outcome there is.
    pub const ALL: [Self; 9] = [
        Self::Booked,
        Self::Moved,
        Self::Cancelled,
        Self::Message,
        Self::Transferred,
        Self::Voicemail,
        Self::Missed,
        Self::Failed,
        Self::Answered,
    ];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
            Self::Message => "message",
            Self::Transferred => "transferred",
            Self::Voicemail => "voicemail",
            Self::Missed => "missed",
            Self::Failed => "failed",
            Self::Answered => "answered",
        }
    }
}

/// Something that a tool did in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An appointment was made.
    Booked,
    /// An appointment was moved.
    Moved,
    /// An appointment was called off.
    Cancelled,
    /// A message was taken.
    Message,
}

/// What came of a call; `None` while it is not over. `deeds` are what its tools did, first to last:
/// of several appointments the last deed counts, and an appointment counts more than a message.
pub fn outcome(facts: &Facts, deeds: &[Deed]) -> Option<Outcome> {
    if !facts.is_over() {
        return None;
    }
    let of_book = |deed: &&Deed| !matches!(deed, Deed::Message);
    if let Some(deed) = deeds.iter().rev().find(of_book).or(deeds.last()) {
        return Some(match deed {
            Deed::Booked => Outcome::Booked,
            Deed::Moved => Outcome::Moved,
            Deed::Cancelled => Outcome::Cancelled,
            Deed::Message => Outcome::Message,
        });
    }
    let mailbox = facts.in_voicemail.as_ref().is_some_and(|told| told.0);
    let family = facts.ended_by().map_or(EndFamily::Unknown, |(_, family)| *family);
    Some(match (family, facts.status()) {
        (EndFamily::Transferred, _) => Outcome::Transferred,
        (EndFamily::Voicemail, _) => Outcome::Voicemail,
        _ if mailbox => Outcome::Voicemail,
        (EndFamily::NotReached, _) => Outcome::Missed,
        (EndFamily::Failed | EndFamily::Refused | EndFamily::Limit, Status::NotConnected)
        | (_, Status::Error) => Outcome::Failed,
        (EndFamily::Failed | EndFamily::Refused, _) => Outcome::Failed,
        (_, Status::NotConnected) => Outcome::Missed,
        _ if facts.was_handed_on() => Outcome::Transferred,
        _ => Outcome::Answered,
    })
}
