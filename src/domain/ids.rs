//! One type an id, so that no id is taken for another.
//!
//! Ids are UUIDv7 (RFC 9562 section 5.7): they sort by the time they were made. An id never
//! proves that its owner may be read; that is `access::BusinessId`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for something made at `now`, unique by `random`.
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
            }

            /// The id as it was stored or sent.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as it is stored: 16 bytes.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id! {
    /// Names a business without a right to its data.
    BusinessRef
}
id! {
    /// A service that a business offers.
    ServiceId
}
id! {
    /// A call, whoever carried it.
    CallId
}
id! {
    /// The recording of a call.
    RecordingId
}
id! {
    /// An appointment in the book of record.
    AppointmentId
}
id! {
    /// A key for the REST interface.
    KeyId
}
id! {
    /// Somebody who logs in.
    UserId
}
id! {
    /// A stay of a user from logging in to logging out.
    SessionId
}
id! {
    /// A place where a business serves.
    BranchId
}
id! {
    /// Somebody who serves.
    StaffId
}
id! {
    /// A day or days with other hours than usual.
    ExceptionId
}
id! {
    /// A person who calls.
    CustomerId
}
id! {
    /// Something a caller left to be passed on.
    MessageId
}
id! {
    /// Somebody's place on a waiting list.
    WaitingId
}
id! {
    /// What a call can be about.
    PropertyId
}
id! {
    /// A call that we were asked to place.
    OrderId
}
id! {
    /// A request to forget a person.
    ErasureId
}
id! {
    /// A calendar that is read by a secret address.
    FeedId
}

/// A delivery in the inbox; grows with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InboxId(pub i64);

/// A background job; grows with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);
