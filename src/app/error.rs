//! What a use case can answer instead of a result, by what its caller can do about it.
//!
//! Never holds text for a client: `web/problem.rs` and `cmd` choose the words.

use jiff::{SignedDuration, Timestamp};

use super::playing::Damage;
use crate::domain::access::Scope;
use crate::domain::ids::AppointmentId;
use crate::domain::scheduling::slots::NotOffered;
use crate::providers::mail::MailError;
pub use crate::providers::storage::StorageError;
pub use crate::providers::voice::ProviderError;
use crate::providers::voice::{Refusal, Unreadable};
use crate::store::StoreError;

/// A use case that did not end in a result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or it is another's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Its sender is not proven.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// It is proven, but cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// Whoever asks is not let in.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
    /// The link was used, ran out, or never was one.
    #[error("the link is not good")]
    LinkInvalid,
    /// The caller asks too often.
    #[error("too many requests")]
    TooOften {
        /// Seconds after which to come again.
        retry_after_s: u64,
    },
    /// A value cannot be taken.
    #[error("{field}: {why}")]
    Invalid {
        /// Which.
        field: String,
        /// Why; fit for a client.
        why: String,
    },
    /// It is there already.
    #[error("{0}")]
    Exists(String),
    /// It cannot go: something still hangs on it.
    #[error("the {0} is still in use")]
    InUse(&'static str),
    /// The time cannot be had.
    #[error("not offered: {}", .0.reason.word())]
    NotOffered(Box<Unavailable>),
    /// The appointment cannot be changed so any more.
    #[error("the appointment is {0}")]
    Settled(&'static str),
    /// An Idempotency-Key came with another request before.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// It was changed since it was read.
    #[error("it was changed meanwhile")]
    Changed,
    /// A provider did not do what was asked of it.
    #[error(transparent)]
    Upstream(ProviderError),
    /// A message was not sent.
    #[error(transparent)]
    Mail(MailError),
    /// A store of recordings did not do what was asked of it.
    #[error(transparent)]
    Storage(StorageError),
    /// A recording's file is not what it was, or is not there.
    #[error(transparent)]
    Damaged(Damage),
    /// The part that was asked for is not there; the whole has so many bytes.
    #[error("there are only {0} bytes")]
    RangeNotThere(u64),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why whoever asks is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// No key was presented.
    #[error("no key was presented")]
    KeyMissing,
    /// The key that was presented opens nothing.
    #[error("the key is not valid")]
    KeyInvalid,
    /// They are known, but not for this.
    #[error("they lack the scope {}", .0.word())]
    ScopeMissing(Scope),
    /// The session or its token does not count.
    #[error("the session is not valid")]
    SessionInvalid,
    /// Address, password or code are not right; which is not told.
    #[error("the log-in failed")]
    LoginFailed,
    /// The password is right and a one-time code is needed too.
    #[error("a one-time code is needed")]
    CodeNeeded,
    /// Only who runs the installation may do that.
    #[error("only an operator may do that")]
    OperatorsOnly,
    /// Only somebody who is logged in may do that, and no key.
    #[error("only a user may do that")]
    UsersOnly,
    /// A browser sent it from another site.
    #[error("it was sent from another site")]
    OtherSite,
    /// The user belongs to several businesses and named none.
    #[error("the business must be named")]
    WhichBusiness,
}

/// A time that cannot be had, what stands in its way, and what is free near by.
#[derive(Clone, Debug)]
pub struct Unavailable {
    /// Why.
    pub reason: NotOffered,
    /// Appointments that overlap it.
    pub conflicts: Vec<AppointmentId>,
    /// Free starts near by, in order.
    pub alternatives: Vec<Timestamp>,
}

/// The longest time that somebody outside may ask for, in seconds.
const ASKED_MOST_S: i64 = 86_400;
/// How long work waits when the database cannot take it.
const DATABASE_RESTS: SignedDuration = SignedDuration::from_secs(15);

impl AppError {
    /// For how long to come again later, when nothing was tried: what is needed is away.
    pub fn rests(&self) -> Option<SignedDuration> {
        if let Self::Upstream(ProviderError::Resting(wait_ms)) = self {
            return Some(SignedDuration::from_millis(*wait_ms));
        }
        let away = matches!(self, Self::Store(trouble) if trouble.is_transient());
        away.then_some(DATABASE_RESTS)
    }

    /// How long somebody outside asked us to wait.
    pub fn asks_for(&self) -> Option<SignedDuration> {
        let Self::Upstream(ProviderError::Busy(Some(seconds))) = self else { return None };
        Some(SignedDuration::from_secs(i64::try_from(*seconds).ok()?.min(ASKED_MOST_S)))
    }

    /// A value that cannot be taken.
    pub fn invalid(field: impl Into<String>, why: impl ToString) -> Self {
        Self::Invalid { field: field.into(), why: why.to_string() }
    }
}

/// What a failure of the store means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Too much is waiting; come again shortly.
    Busy,
    /// There is no room to keep anything.
    Full,
    /// The disk or the file cannot be used now.
    Unavailable,
    /// A fault of the program.
    Internal,
}

impl Trouble {
    /// What a failure of the store means.
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Abandoned => Self::Busy,
            StoreError::Full(_) => Self::Full,
            StoreError::Unavailable(_) | StoreError::Closed => Self::Unavailable,
            StoreError::Constraint(_)
            | StoreError::Decode { .. }
            | StoreError::Erased
            | StoreError::Statement(_) => Self::Internal,
        }
    }
}
