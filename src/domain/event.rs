//! What happened in a business that others are told of.
//!
//! Never holds what it is about, only where to find it.

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An appointment was agreed on.
    AppointmentBooked,
    /// An appointment went to another time.
    AppointmentMoved,
    /// An appointment was called off.
    AppointmentCancelled,
    /// A freed time is offered to somebody on the waiting list.
    WaitingOffered,
    /// A caller left a message.
    MessageTaken,
}

impl EventKind {
    /// The word used in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::AppointmentBooked => "appointment.booked",
            Self::AppointmentMoved => "appointment.moved",
            Self::AppointmentCancelled => "appointment.cancelled",
            Self::WaitingOffered => "waiting.offered",
            Self::MessageTaken => "message.taken",
        }
    }
}
