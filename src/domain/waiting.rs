//! The waiting list: whom a freed time fits, in turn.
//!
//! Never offers anything itself.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::appointment::Contact;
use super::ids::{BranchId, CallId, ServiceId, StaffId, WaitingId};
use super::scheduling::interval::Span;

/// How long somebody has to answer before the next one is asked.
pub const OFFER_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// Most entries for one service that wait at once.
pub const WAITING_MAX: usize = 5_000;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingState {
    /// Nothing fitted yet.
    Waiting,
    /// A time is offered to them first.
    Offered,
    /// They have an appointment.
    Booked,
    /// They wait no more.
    Cancelled,
}

impl WaitingState {
    /// Every state there is.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Offered, Self::Booked, Self::Cancelled];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: WaitingId,
    /// For what.
    pub service: ServiceId,
    /// Where; anywhere when `None`.
    pub branch: Option<BranchId>,
    /// With whom; anybody when `None`.
    pub staff: Option<StaffId>,
    /// The call it was made in.
    pub call: Option<CallId>,
    /// Who waits.
    pub contact: Contact,
    /// Starts that fit.
    pub window: Span,
    /// Where it stands.
    pub state: WaitingState,
    /// The time that was offered last, and until when they are the first.
    pub offer: Option<(Timestamp, Timestamp)>,
    /// When they began to wait.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A time that became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// Of what.
    pub service: ServiceId,
    /// Where.
    pub branch: BranchId,
    /// With whom it was.
    pub staff: Option<StaffId>,
    /// When it begins.
    pub start: Timestamp,
}

impl Waiting {
    /// Whether a freed time may be offered to them at `now`: it fits, and they have no other offer
    /// that still holds nor refused this very time by letting it pass.
    pub fn fits(&self, freed: &Freed, now: Timestamp) -> bool {
        let open = match self.state {
            WaitingState::Waiting => true,
            WaitingState::Offered => self.offer.is_none_or(|(_, until)| until <= now),
            WaitingState::Booked | WaitingState::Cancelled => false,
        };
        let passed = self.offer.is_some_and(|(start, _)| start == freed.start);
        let within = self.window.start() <= freed.start && freed.start < self.window.end();
        let place = self.branch.is_none_or(|branch| branch == freed.branch);
        let person = self.staff.is_none_or(|staff| Some(staff) == freed.staff);
        open && !passed && within && place && person && self.service == freed.service
    }
}

/// The next in turn whom a freed time fits: whoever waits longest.
pub fn next_in_turn<'a>(
    entries: impl IntoIterator<Item = &'a Waiting>,
    freed: &Freed,
    now: Timestamp,
) -> Option<&'a Waiting> {
    let fitting = entries.into_iter().filter(|one| one.fits(freed, now));
    fitting.min_by_key(|one| (one.created_at, one.id))
}
