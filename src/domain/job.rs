//! Every background job, one enumeration.
//!
//! Never holds what a job is about, only where to find it.

use serde::{Deserialize, Serialize};

use super::ids::{
    BranchId, BusinessRef, CallId, ErasureId, InboxId, OrderId, RecordingId, ServiceId, StaffId,
    UserId,
};

/// Something to be done after the answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Read a delivery and move the call that it tells of.
    ApplyEvent {
        /// The delivery.
        inbox: InboxId,
    },
    /// Ask the provider how a call ended: what told of it cannot prove itself, or nothing did.
    ConfirmCall {
        /// The call.
        call: CallId,
    },
    /// Have a call placed that was ordered.
    PlaceCall {
        /// The order.
        order: OrderId,
    },
    /// Offer a time that became free to whoever waits for it.
    OfferFreed {
        /// Whose book.
        business: BusinessRef,
        /// Of what.
        service: ServiceId,
        /// Where.
        branch: BranchId,
        /// With whom it was.
        staff: Option<StaffId>,
        /// When the freed time begins, ms since 1970 UTC.
        start_ms: i64,
    },
    /// Go on forgetting a person.
    Erase {
        /// Whose data.
        business: BusinessRef,
        /// The request.
        erasure: ErasureId,
    },
    /// Bring a recording one step further on its road to the archive.
    ArchiveRecording {
        /// The recording.
        recording: RecordingId,
    },
    /// Send a user a link by which they choose a password.
    MailLink {
        /// Whom.
        user: UserId,
    },
}

impl Job {
    /// The word of every kind there is.
    pub const KINDS: [&'static str; 7] = [
        "apply_event",
        "confirm_call",
        "place_call",
        "offer_freed",
        "erase",
        "archive_recording",
        "mail_link",
    ];

    /// The word used in the table, in commands and in metrics.
    pub fn kind(self) -> &'static str {
        match self {
            Self::ApplyEvent { .. } => "apply_event",
            Self::ConfirmCall { .. } => "confirm_call",
            Self::PlaceCall { .. } => "place_call",
            Self::OfferFreed { .. } => "offer_freed",
            Self::Erase { .. } => "erase",
            Self::ArchiveRecording { .. } => "archive_recording",
            Self::MailLink { .. } => "mail_link",
        }
    }
}

/// The kind whose jobs take long and are many: they have a number of places of their own.
pub const ARCHIVE: &str = "archive_recording";
