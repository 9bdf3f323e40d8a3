//! Who may do what with whose data.
//!
//! `BusinessId` is the proof that a query on a business's data takes, and only this file makes
//! one. It never looks anything up: callers bring the facts, this file decides.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::appointment::Actor;
use super::ids::{BusinessRef, KeyId, SessionId, UserId};

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

/// One kind of thing that somebody may do with a business's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Read calls with their transcripts.
    #[serde(rename = "calls:read")]
    CallsRead,
    /// Place calls, end them, and say what they are about.
    #[serde(rename = "calls:write")]
    CallsWrite,
    /// Read recordings and listen to them.
    #[serde(rename = "recordings:read")]
    RecordingsRead,
    /// Have recordings tried again.
    #[serde(rename = "recordings:write")]
    RecordingsWrite,
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
    /// Read who may do what.
    #[serde(rename = "users:read")]
    UsersRead,
    /// Invite people, change what they may do, and suspend them.
    #[serde(rename = "users:write")]
    UsersWrite,
    /// Make, list and take back API keys.
    #[serde(rename = "keys:write")]
    KeysWrite,
    /// Read the audit trail.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Export or erase what is kept of a person.
    #[serde(rename = "privacy:write")]
    PrivacyWrite,
}

/// The word of each scope. This table and [`Role::may`] say who may do what; the checks, the tests and
/// the documentation follow from them.
const SCOPES: [(Scope, &str); 20] = [
    (Scope::CallsRead, "calls:read"),
    (Scope::CallsWrite, "calls:write"),
    (Scope::RecordingsRead, "recordings:read"),
    (Scope::RecordingsWrite, "recordings:write"),
    (Scope::PropertiesRead, "properties:read"),
    (Scope::PropertiesWrite, "properties:write"),
    (Scope::AppointmentsRead, "appointments:read"),
    (Scope::AppointmentsWrite, "appointments:write"),
    (Scope::ScheduleRead, "schedule:read"),
    (Scope::ScheduleWrite, "schedule:write"),
    (Scope::CustomersRead, "customers:read"),
    (Scope::CustomersWrite, "customers:write"),
    (Scope::MessagesRead, "messages:read"),
    (Scope::MessagesWrite, "messages:write"),
    (Scope::FeedsWrite, "feeds:write"),
    (Scope::UsersRead, "users:read"),
    (Scope::UsersWrite, "users:write"),
    (Scope::KeysWrite, "keys:write"),
    (Scope::AuditRead, "audit:read"),
    (Scope::PrivacyWrite, "privacy:write"),
];

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; SCOPES.len()] = {
        let mut all = [Self::CallsRead; SCOPES.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = SCOPES[at].0;
            at += 1;
        }
        all
    };

    /// Every scope that a key may have.
    pub fn for_keys() -> Vec<Self> {
        Self::ALL.into_iter().filter(|scope| scope.is_for_keys()).collect()
    }

    /// Whether it only reads.
    pub fn reads(self) -> bool {
        self.word().ends_with(":read")
    }

    /// Whether a key may have it. Who may do what is for people to say.
    pub fn is_for_keys(self) -> bool {
        !matches!(
            self,
            Self::UsersRead
                | Self::UsersWrite
                | Self::KeysWrite
                | Self::AuditRead
                | Self::PrivacyWrite
        )
    }

    /// The word used in keys, commands and documentation.
    pub fn word(self) -> &'static str {
        let found = SCOPES.iter().find(|(scope, _)| *scope == self);
        found.map_or("", |(_, word)| word)
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = SCOPES.iter().find(|(_, word)| *word == text);
        found.map(|(scope, _)| *scope).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A word that names no scope.
#[derive(Debug, thiserror::Error)]
#[error("unknown scope {0:?}; known are {known}", known = Scope::ALL.map(Scope::word).join(", "))]
pub struct UnknownScope(String);

/// What a user is to a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, people and keys included.
    Owner,
    /// The daily work.
    Manager,
    /// Looks, and changes nothing.
    Viewer,
    /// Reads who did what and who may do what, and no data of callers.
    Auditor,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Manager, Self::Viewer, Self::Auditor];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Viewer => "viewer",
            Self::Auditor => "auditor",
        }
    }

    /// Whether it may do that.
    pub fn may(self, scope: Scope) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager => scope.is_for_keys() || scope == Scope::UsersRead,
            Self::Viewer => scope.is_for_keys() && scope.reads(),
            Self::Auditor => matches!(scope, Scope::AuditRead | Scope::UsersRead),
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|role| role.word() == text);
        found.ok_or(UnknownRole)
    }
}

/// A word that names no role.
#[derive(Debug, thiserror::Error)]
#[error("unknown role; known are {}", Role::ALL.map(Role::word).join(", "))]
pub struct UnknownRole;

/// Where a membership stands. Only an active one gives a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Asked, and not there yet.
    Invited,
    /// In force.
    Active,
    /// Put on hold.
    Suspended,
}

impl Standing {
    /// Every state there is.
    pub const ALL: [Self; 3] = [Self::Invited, Self::Active, Self::Suspended];

    /// The word used in the table and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// What is known of a user whose session counts.
#[derive(Clone, Debug)]
pub struct UserGrant {
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// Whether they may do everything in every business.
    pub is_operator: bool,
    /// What they are to which business.
    pub memberships: Vec<(BusinessRef, Role, Standing)>,
}

/// Why a user was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserRefusal {
    /// They belong to no such business, or do so no more; told like one that does not exist.
    NoSuchBusiness,
    /// They belong to several and named none.
    WhichBusiness,
    /// They are there, but not for this.
    MissingScope(Scope),
}

/// Decides whether a user may do `scope` with the business they name, or with the only one they belong
/// to. An operator must name one.
pub fn admit_user(
    grant: &UserGrant,
    named: Option<BusinessRef>,
    scope: Scope,
) -> Result<Permit, UserRefusal> {
    let actor = Actor::User(grant.user);
    if grant.is_operator {
        let business = named.ok_or(UserRefusal::WhichBusiness)?;
        return Ok(Permit { business: BusinessId(business), actor });
    }
    let mut active = grant.memberships.iter().filter(|(business, _, standing)| {
        *standing == Standing::Active && named.is_none_or(|named| named == *business)
    });
    let (business, role, _) = active.next().ok_or(UserRefusal::NoSuchBusiness)?;
    if active.next().is_some() {
        return Err(UserRefusal::WhichBusiness);
    }
    if !role.may(scope) {
        return Err(UserRefusal::MissingScope(scope));
    }
    Ok(Permit { business: BusinessId(*business), actor })
}

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
    actor: Actor,
}

impl Permit {
    /// Whose hand it is for.
    pub fn actor(self) -> Actor {
        self.actor
    }

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
    // A key that was given more than keys may have has it not.
    if !grant.scopes.contains(&scope) || !scope.is_for_keys() {
        return Err(KeyRefusal::MissingScope(scope));
    }
    Ok(Permit { business: BusinessId(grant.business), actor: Actor::Key(grant.key) })
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
    fn only_an_active_member_may_and_only_what_the_role_says() {
        let business = BusinessRef::new(Timestamp::UNIX_EPOCH, [2; 10]);
        let other = BusinessRef::new(Timestamp::UNIX_EPOCH, [3; 10]);
        for role in Role::ALL {
            for standing in Standing::ALL {
                for scope in Scope::ALL {
                    let grant = UserGrant {
                        user: UserId::new(Timestamp::UNIX_EPOCH, [4; 10]),
                        session: SessionId::new(Timestamp::UNIX_EPOCH, [5; 10]),
                        is_operator: false,
                        memberships: vec![(business, role, standing)],
                    };
                    let may = standing == Standing::Active && role.may(scope);
                    for named in [None, Some(business)] {
                        let permit = admit_user(&grant, named, scope);
                        assert_eq!(permit.is_ok(), may, "{role:?} {standing:?} {scope:?}");
                    }
                    let refused = admit_user(&grant, Some(other), scope).err();
                    assert_eq!(refused, Some(UserRefusal::NoSuchBusiness));
                    let operator = UserGrant { is_operator: true, ..grant };
                    assert!(admit_user(&operator, Some(other), scope).is_ok());
                    let refused = admit_user(&operator, None, scope).err();
                    assert_eq!(refused, Some(UserRefusal::WhichBusiness));
                }
            }
        }
    }

    #[test]
    fn whoever_belongs_to_several_names_one() {
        let one = BusinessRef::new(Timestamp::UNIX_EPOCH, [2; 10]);
        let two = BusinessRef::new(Timestamp::UNIX_EPOCH, [3; 10]);
        let grant = UserGrant {
            user: UserId::new(Timestamp::UNIX_EPOCH, [4; 10]),
            session: SessionId::new(Timestamp::UNIX_EPOCH, [5; 10]),
            is_operator: false,
            memberships: vec![
                (one, Role::Viewer, Standing::Active),
                (two, Role::Owner, Standing::Active),
            ],
        };
        let ask =
            |named| admit_user(&grant, named, Scope::CallsWrite).map(|p| p.business().as_ref());
        assert_eq!(ask(None), Err(UserRefusal::WhichBusiness));
        assert_eq!(ask(Some(two)), Ok(two));
        assert_eq!(ask(Some(one)), Err(UserRefusal::MissingScope(Scope::CallsWrite)));
    }

    #[test]
    fn no_key_has_what_is_for_people_to_say() {
        let grant = KeyGrant { scopes: Scope::ALL.to_vec(), expires_at: None, ..grant() };
        for scope in Scope::ALL {
            let admitted = admit_key(&grant, scope, at(0));
            assert_eq!(admitted.is_ok(), scope.is_for_keys(), "{scope:?}");
        }
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
