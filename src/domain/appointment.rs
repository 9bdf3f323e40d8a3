//! An appointment and the states it can be in.
//!
//! Never decides whether a time is free; that is `scheduling`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{AppointmentId, CallId, ServiceId};
use super::phone::PhoneNumber;
use super::scheduling::interval::Span;

/// Most characters in the notes of an appointment.
pub const NOTES_MAX_CHARS: usize = 2_000;

/// Where an appointment stands. Held and confirmed ones take time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Reserved until an outside calendar agrees.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// As the caller gave it.
    pub name: String,
    /// Where to reach them.
    pub phone: Option<PhoneNumber>,
    /// Where to write to them.
    pub email: Option<String>,
    /// Free words of the caller.
    pub notes: String,
}

/// An appointment in the book of record.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// What for.
    pub service: ServiceId,
    /// The call it was made in.
    pub call: Option<CallId>,
    /// Where it stands.
    pub status: Status,
    /// When it takes place.
    pub span: Span,
    /// Whom it is for.
    pub customer: Customer,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
