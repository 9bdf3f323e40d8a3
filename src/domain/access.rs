//! Who may do what with whose data.
//!
//! `BusinessId` is the proof that a query on a business's data takes, and only this file makes
//! one. It never looks anything up: callers bring the facts, this file decides.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{BusinessRef, KeyId};

/// A business whose data the holder may use. Made in this file only: by a key's [`Permit`], by
/// [`admit_call`] for a verified call, [`admit_feed`] for a calendar's secret, [`admit_job`] for
/// work that a business's own write called for, and [`admit_operator`] for commands on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BusinessId(BusinessRef);

impl BusinessId {
    /// The id as it is stored: 16 bytes.
    pub fn uuid(self) -> Uuid {
        self.0.uuid()
    }

    /// The name of the business without the right.
    pub fn as_ref(self) -> BusinessRef {
        self.0
    }
}

/// One kind of thing that a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Read calls with their transcripts.
    #[serde(rename = "calls:read")]
    CallsRead,
    /// Place calls, end them, and say what they are about.
    #[serde(rename = "calls:write")]
    CallsWrite,
    /// Read what calls can be about.
    #[serde(rename = "properties:read")]
    PropertiesRead,
    /// Change what calls can be about.
    #[serde(rename = "properties:write")]
    PropertiesWrite,
    /// Read appointments and the waiting list.
    #[serde(rename = "appointments:read")]
    AppointmentsRead,
    /// Book, move and call off; the waiting list.
    #[serde(rename = "appointments:write")]
    AppointmentsWrite,
    /// Read branches, services, staff, hours and free times.
    #[serde(rename = "schedule:read")]
    ScheduleRead,
    /// Change branches, services, staff and hours.
    #[serde(rename = "schedule:write")]
    ScheduleWrite,
    /// Read customers.
    #[serde(rename = "customers:read")]
    CustomersRead,
    /// Change customers.
    #[serde(rename = "customers:write")]
    CustomersWrite,
    /// Read messages that callers left.
    #[serde(rename = "messages:read")]
    MessagesRead,
    /// Mark messages as seen to.
    #[serde(rename = "messages:write")]
    MessagesWrite,
    /// Make, list and take back calendars with a secret address.
    #[serde(rename = "feeds:write")]
    FeedsWrite,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 13] = [
        Self::CallsRead,
        Self::CallsWrite,
        Self::PropertiesRead,
        Self::PropertiesWrite,
        Self::AppointmentsRead,
        Self::AppointmentsWrite,
        Self::ScheduleRead,
        Self::ScheduleWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::MessagesRead,
        Self::MessagesWrite,
        Self::FeedsWrite,
    ];

    /// Whether it only reads.
    pub fn reads(self) -> bool {
        match self {
            Self::CallsRead
            | Self::AppointmentsRead
            | Self::ScheduleRead
            | Self::CustomersRead
            | Self::MessagesRead
            | Self::PropertiesRead => true,
            Self::AppointmentsWrite
            | Self::CallsWrite
            | Self::PropertiesWrite
            | Self::ScheduleWrite
            | Self::CustomersWrite
            | Self::MessagesWrite
            | Self::FeedsWrite => false,
        }
    }

    /// The word used in keys, commands and documentation.
    pub fn word(self) -> &'static str {
        match self {
            Self::CallsRead => "calls:read",
            Self::CallsWrite => "calls:write",
            Self::PropertiesRead => "properties:read",
            Self::PropertiesWrite => "properties:write",
            Self::AppointmentsRead => "appointments:read",
            Self::AppointmentsWrite => "appointments:write",
            Self::ScheduleRead => "schedule:read",
            Self::ScheduleWrite => "schedule:write",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::MessagesRead => "messages:read",
            Self::MessagesWrite => "messages:write",
            Self::FeedsWrite => "feeds:write",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scope| scope.word() == text);
        found.ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A word that names no scope.
#[derive(Debug, thiserror::Error)]
#[error("unknown scope {0:?}; known are {known}", known = Scope::ALL.map(Scope::word).join(", "))]
pub struct UnknownScope(String);

/// What is known of a key that was presented.
#[derive(Clone, Debug)]
pub struct KeyGrant {
    /// Which key.
    pub key: KeyId,
    /// Whose data it opens.
    pub business: BusinessRef,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// The right to do one thing with one business's data.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    business: BusinessId,
}

impl Permit {
    /// Whose data may be used.
    pub fn business(self) -> BusinessId {
        self.business
    }
}

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// The key is past its end or was taken back; told like an unknown key.
    NotValid,
    /// The key is valid, but not for this.
    MissingScope(Scope),
}

/// Decides whether a key may be used for `scope` at `now`.
pub fn admit_key(grant: &KeyGrant, scope: Scope, now: Timestamp) -> Result<Permit, KeyRefusal> {
    let ended = grant.expires_at.is_some_and(|end| now >= end);
    if ended || grant.revoked_at.is_some() {
        return Err(KeyRefusal::NotValid);
    }
    if !grant.scopes.contains(&scope) {
        return Err(KeyRefusal::MissingScope(scope));
    }
    Ok(Permit { business: BusinessId(grant.business) })
}

/// The right of a verified call to the business that its dialled number or its agent belongs to.
///
/// `found` must come from a look-up of what the verified payload names, never from a field that
/// the caller controls.
pub fn admit_call(found: BusinessRef) -> BusinessId {
    BusinessId(found)
}

/// The right of whoever holds the secret address of a calendar to the business that it was made
/// for. `found` must come from a look-up of the secret's digest.
pub fn admit_feed(found: BusinessRef) -> BusinessId {
    BusinessId(found)
}

/// The right of a job to the business whose own write added it.
pub fn admit_job(of: BusinessRef) -> BusinessId {
    BusinessId(of)
}

/// The right of whoever may run commands on the machine itself.
pub fn admit_operator(named: BusinessRef) -> BusinessId {
    BusinessId(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> KeyGrant {
        KeyGrant {
            key: KeyId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            business: BusinessRef::new(Timestamp::UNIX_EPOCH, [2; 10]),
            scopes: vec![Scope::CallsRead],
            expires_at: Some(Timestamp::from_second(1_000).expect("in range")),
            revoked_at: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn a_key_opens_only_its_own_business_and_scope() {
        let grant = grant();
        let permit = admit_key(&grant, Scope::CallsRead, at(999)).expect("valid");
        assert_eq!(permit.business().as_ref(), grant.business);
        assert_eq!(
            admit_key(&grant, Scope::AppointmentsRead, at(999)).err(),
            Some(KeyRefusal::MissingScope(Scope::AppointmentsRead))
        );
    }

    #[test]
    fn a_key_ends_on_the_second_and_when_taken_back() {
        let mut grant = grant();
        let refusal = Some(KeyRefusal::NotValid);
        assert_eq!(admit_key(&grant, Scope::CallsRead, at(1_000)).err(), refusal);
        grant.expires_at = None;
        grant.revoked_at = Some(at(5));
        assert_eq!(admit_key(&grant, Scope::CallsRead, at(4)).err(), refusal);
    }
}
