//! An appointment, the states it can be in, and the history of its changes.
//!
//! Never decides whether a time is free or a change is allowed; that is `scheduling`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{AppointmentId, BranchId, CallId, CustomerId, KeyId, ServiceId, StaffId, UserId};
use super::phone::PhoneNumber;
use super::scheduling::interval::Span;

/// Most characters in the notes of an appointment.
pub const NOTES_MAX_CHARS: usize = 2_000;
/// Wrong confirmation codes after which an appointment's code is accepted no more.
pub const CODE_MISSES_MAX: u32 = 10;

/// Where an appointment stands. Held and confirmed ones take time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Set aside for a while.
    Held,
    /// Agreed.
    Confirmed,
    /// It took place.
    Completed,
    /// Called off.
    Cancelled,
    /// The customer did not come.
    NoShow,
}

impl Status {
    /// Every state there is.
    pub const ALL: [Self; 5] =
        [Self::Held, Self::Confirmed, Self::Completed, Self::Cancelled, Self::NoShow];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }
}

/// Whom an appointment is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// As the caller gave it; a hold may have none yet.
    pub name: String,
    /// Where to reach them.
    pub phone: Option<PhoneNumber>,
    /// Where to write to them.
    pub email: Option<String>,
    /// Free words of the caller.
    pub notes: String,
}

/// Where and with whom something is booked, and what is kept free around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// What for.
    pub service: ServiceId,
    /// Where.
    pub branch: BranchId,
    /// With whom; `None` when it takes the branch's own time.
    pub staff: Option<StaffId>,
    /// When.
    pub span: Span,
    /// Minutes kept free before it.
    pub before_min: u16,
    /// Minutes kept free after it.
    pub after_min: u16,
}

/// An appointment in the book of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// Where, when and with whom.
    pub seat: Seat,
    /// The call it was made in.
    pub call: Option<CallId>,
    /// For which known customer.
    pub customer: Option<CustomerId>,
    /// Where it stands.
    pub status: Status,
    /// Until when a hold holds.
    pub held_until: Option<Timestamp>,
    /// Whom it is for.
    pub contact: Contact,
    /// Its confirmation digits; empty when none were given.
    pub code: String,
    /// Wrong codes since the last right one.
    pub code_misses: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whose hand changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A caller, by an agent's tool.
    Call(CallId),
    /// A program with a key.
    Key(KeyId),
    /// Somebody who is logged in.
    User(UserId),
    /// Whoever runs commands on the machine.
    Operator,
}

impl Actor {
    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Call(_) => "call",
            Self::Key(_) => "key",
            Self::User(_) => "user",
            Self::Operator => "operator",
        }
    }
}

/// What was done to an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A time was set aside.
    Held,
    /// It was agreed on at once.
    Booked,
    /// A hold was agreed on.
    Confirmed,
    /// It went to another time, place or person.
    Moved,
    /// Whom it is for was corrected.
    Corrected,
    /// It was called off.
    Cancelled,
    /// It took place.
    Completed,
    /// The customer did not come.
    NoShow,
}

impl ChangeKind {
    /// Every kind there is.
    pub const ALL: [Self; 8] = [
        Self::Held,
        Self::Booked,
        Self::Confirmed,
        Self::Moved,
        Self::Corrected,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
            Self::Moved => "moved",
            Self::Corrected => "corrected",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }
}

/// How an appointment stood at a moment, as its history keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stood.
    pub status: Status,
    /// When it was to begin.
    pub starts_at: Timestamp,
    /// With whom.
    pub staff: Option<StaffId>,
}

impl Appointment {
    /// How it stands now.
    pub fn standing(&self) -> Standing {
        let Self { status, seat, .. } = self;
        Standing { status: *status, starts_at: seat.span.start(), staff: seat.staff }
    }
}

/// A change in an appointment's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub kind: ChangeKind,
    /// By whom.
    pub actor: Actor,
    /// How it stood before; `None` when it was made.
    pub before: Option<Standing>,
    /// How it stood afterwards.
    pub after: Standing,
    /// When.
    pub changed_at: Timestamp,
}
