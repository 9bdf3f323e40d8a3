//! Which of two events knows a fact better, whichever came first.
//!
//! The order is total, so that joining facts is commutative, associative and idempotent.

use serde::{Deserialize, Serialize};

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

    pub(super) fn staged(self, stage: u8) -> Self {
        Self(stage, self.1, self.2, self.3)
    }

    pub(super) fn sized(self, size: usize) -> Self {
        Self(self.0, self.1, u32::try_from(size).unwrap_or(u32::MAX), self.3)
    }
}

/// A value and the version of the event that told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told<T>(pub T, pub Version);

/// Takes a value over when its version is higher than that of what is known.
pub(super) fn raise<T>(known: &mut Option<Told<T>>, said: Option<T>, version: Version) {
    let Some(said) = said else { return };
    if known.as_ref().is_none_or(|known| known.1 < version) {
        *known = Some(Told(said, version));
    }
}

/// Takes a value over from the same fact of another row when it is known better there.
pub(super) fn absorb<T>(known: &mut Option<Told<T>>, other: Option<Told<T>>) {
    if let Some(Told(value, version)) = other {
        raise(known, Some(value), version);
    }
}
