//! Logging in and out, renewing, and what a session gives a right to.
//!
//! An unknown address, a wrong password and a user without one take as long and are told alike. A
//! refresh token works once: one that comes again ends its session, for one of its two holders is a
//! thief.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::error::NotAdmitted;
use super::{App, AppError};
use crate::clock::random;
use crate::crypto::access_token::{LIFETIME_S, Told};
use crate::crypto::digest::sha256;
use crate::crypto::password::NOBODYS;
use crate::crypto::token::{OpaqueKind, opaque, opaque_sha256};
use crate::domain::access::UserGrant;
use crate::domain::audit::{Entry, Who};
use crate::domain::ids::{SessionId, UserId};
use crate::store::links::{self, TryLimit};
use crate::store::sessions::{self, Kind, NewSession, Spent};
pub use crate::store::sessions::{Kind as SessionKind, Listed as ListedSession};
use crate::store::users::{self, User};
use crate::store::{Lane, StoreError, audit};

/// How long a browser's session lasts when nothing is done, and whatever is done.
const BROWSER_IDLE: SignedDuration = SignedDuration::from_mins(60);
const BROWSER_ENDS: SignedDuration = SignedDuration::from_hours(12);
/// The same of a session by tokens.
const API_IDLE: SignedDuration = SignedDuration::from_hours(24 * 7);
const API_ENDS: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Tries of one user within a quarter of an hour, wherever they come from.
const USER_TRIES: TryLimit =
    TryLimit { what: "login_user", most: 20, within: SignedDuration::from_mins(15) };
/// Most characters kept of what a client calls itself.
const AGENT_MAX_CHARS: usize = 200;
/// Milliseconds in a minute: how exactly the last use of a session is kept.
const MINUTE_MS: i64 = 60_000;

/// From where and with what somebody comes.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Their address.
    pub address: Option<IpAddr>,
    /// What their program calls itself.
    pub agent: String,
}

/// What somebody logs in with.
pub struct LogIn {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// A one-time code or a recovery code, if they were asked for one.
    pub code: Option<String>,
    /// How the session is to prove itself.
    pub kind: Kind,
}

/// A session that was begun or renewed.
pub struct Begun {
    /// Its id.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// The cookie or the refresh token; shown once.
    pub secret: String,
    /// The access token; of a browser's session none.
    pub access: Option<String>,
    /// Seconds for which the access token is good, or the cookie at most.
    pub lasts_s: i64,
}

impl App {
    /// Begins a session.
    pub async fn log_in(&self, wish: LogIn, client: &Client) -> Result<Begun, AppError> {
        let email = wish.email.trim().to_lowercase();
        self.take_login_try(&email, client).await?;
        let asked = email.clone();
        let user = self.store.read(move |read| users::by_email(read, &asked)).await?;
        let known = user.as_ref().filter(|user| !user.password.is_empty());
        let kept = known.map_or_else(|| NOBODYS.to_owned(), |user| user.password.clone());
        let right = self.passwords.verify(wish.password, kept).await?;
        let Some(user) = user.filter(|user| right && !user.password.is_empty()) else {
            return Err(AppError::from(NotAdmitted::LoginFailed));
        };
        if user.is_disabled {
            return Err(AppError::from(NotAdmitted::LoginFailed));
        }
        if user.totp_is_on {
            let code = wish.code.as_deref().ok_or(AppError::from(NotAdmitted::CodeNeeded))?;
            self.use_code(&user, code).await?;
        }
        self.begin(&user, wish.kind, client).await
    }

    async fn take_login_try(&self, email: &str, client: &Client) -> Result<(), AppError> {
        let per_minute = self.settings().limits.login_per_minute();
        let address = TryLimit {
            what: "login_address",
            most: per_minute,
            within: SignedDuration::from_mins(1),
        };
        let from = client.address.map_or_else(String::new, |address| address.to_string());
        self.take_tries(vec![(address, from), (USER_TRIES, email.to_owned())]).await
    }

    /// Counts tries, each for whoever it is told; the first that is one too many is refused.
    pub(super) async fn take_tries(&self, all: Vec<(TryLimit, String)>) -> Result<(), AppError> {
        let now = self.clock.now();
        let waits = self.store.write(Lane::Urgent, move |write| {
            for (limit, who) in &all {
                let who = sha256(&[who.as_bytes()]);
                if let Some(wait) = links::take_try(write, (*limit, &who), now)? {
                    return Ok(Some(wait));
                }
            }
            Ok::<_, StoreError>(None)
        });
        match waits.await? {
            None => Ok(()),
            Some(wait) => {
                let retry_after_s = u64::try_from(wait.as_secs()).unwrap_or(0) + 1;
                Err(AppError::TooOften { retry_after_s })
            }
        }
    }

    async fn begin(&self, user: &User, kind: Kind, client: &Client) -> Result<Begun, AppError> {
        let now = self.clock.now();
        let (opaque_kind, idle, ends) = match kind {
            Kind::Browser => (OpaqueKind::Cookie, BROWSER_IDLE, BROWSER_ENDS),
            Kind::Api => (OpaqueKind::Refresh, API_IDLE, API_ENDS),
        };
        let (secret, digest) = opaque(opaque_kind, random());
        let new = NewSession {
            id: SessionId::new(now, random()),
            user: user.id,
            kind,
            sha256: digest,
            address: client.address.map_or_else(String::new, |address| address.to_string()),
            agent: client.agent.chars().take(AGENT_MAX_CHARS).collect(),
            idle_ends_at: later(now, idle),
            ends_at: later(now, ends),
        };
        let (session, user) = (new.id, user.id);
        let entry = Entry::done(Who::User(user), "login", now).about(session).from(client.address);
        let begun = self.store.write(Lane::Urgent, move |write| {
            sessions::add(write, &new, now)?;
            audit::append(write, &entry)
        });
        begun.await.map_err(|error: StoreError| AppError::from(error))?;
        let access = (kind == Kind::Api).then(|| self.access_token(user, session, now));
        let lasts_s = if kind == Kind::Api { LIFETIME_S } else { BROWSER_ENDS.as_secs() };
        Ok(Begun { session, user, secret, access, lasts_s })
    }

    fn access_token(&self, user: UserId, session: SessionId, now: Timestamp) -> String {
        let told = Told { user: user.uuid(), session: session.uuid() };
        let jti = SessionId::new(now, random()).uuid();
        self.tokens.issue(told, now.as_second(), jti)
    }

    /// Spends a refresh token for a new pair.
    pub async fn renew(&self, token: &str, client: &Client) -> Result<Begun, AppError> {
        let old = opaque_sha256(OpaqueKind::Refresh, token)
            .ok_or(AppError::from(NotAdmitted::SessionInvalid))?;
        let (secret, new) = opaque(OpaqueKind::Refresh, random());
        let now = self.clock.now();
        let idle = later(now, API_IDLE);
        let address = client.address;
        let spent = self.store.write(Lane::Urgent, move |write| {
            let spent = sessions::renew(write, (&old, &new), idle, now)?;
            if let Spent::Reused(user) = spent {
                let entry = Entry::done(Who::User(user), "refresh", now).from(address);
                audit::append(write, &entry.refused("refresh_reused"))?;
            }
            Ok::<_, StoreError>(spent)
        });
        match spent.await? {
            Spent::Renewed(session, user) => {
                let access = Some(self.access_token(user, session, now));
                Ok(Begun { session, user, secret, access, lasts_s: LIFETIME_S })
            }
            Spent::Reused(_) => {
                tracing::warn!("a refresh token came a second time; its session is ended");
                Err(AppError::from(NotAdmitted::SessionInvalid))
            }
            Spent::Unknown => Err(AppError::from(NotAdmitted::SessionInvalid)),
        }
    }

    /// What an access token gives a right to. What its user may do is read anew each time.
    pub async fn by_access_token(&self, token: &str) -> Result<UserGrant, AppError> {
        let now = self.clock.now();
        let told = self
            .tokens
            .read(token, now.as_second())
            .ok_or(AppError::from(NotAdmitted::SessionInvalid))?;
        let session = SessionId::from_uuid(told.session);
        let grant = self.store.read(move |read| sessions::grant(read, session, now)).await?;
        let grant = grant.filter(|grant| grant.user.uuid() == told.user);
        grant.ok_or(AppError::from(NotAdmitted::SessionInvalid))
    }

    /// What a browser's cookie gives a right to.
    pub async fn by_cookie(&self, cookie: &str) -> Result<UserGrant, AppError> {
        let digest = opaque_sha256(OpaqueKind::Cookie, cookie)
            .ok_or(AppError::from(NotAdmitted::SessionInvalid))?;
        let now = self.clock.now();
        let grant =
            self.store.read(move |read| sessions::grant_by_cookie(read, &digest, now)).await?;
        grant.ok_or(AppError::from(NotAdmitted::SessionInvalid))
    }

    /// Notes that a browser's session was used, to the minute.
    pub async fn note_session_used(&self, session: SessionId) -> Result<(), StoreError> {
        let minute = self.clock.now_ms().div_euclid(MINUTE_MS) * MINUTE_MS;
        let now = Timestamp::from_millisecond(minute).unwrap_or(Timestamp::UNIX_EPOCH);
        let idle = later(self.clock.now(), BROWSER_IDLE);
        let noted = self
            .store
            .write(Lane::Background, move |write| sessions::used(write, session, (now, idle)));
        noted.await
    }

    /// The sessions of a user.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<ListedSession>, AppError> {
        let now = self.clock.now();
        Ok(self.store.read(move |read| sessions::list(read, user, now)).await?)
    }

    /// Ends one of a user's own sessions.
    pub async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), AppError> {
        let ended = self.store.write(Lane::Urgent, move |write| {
            if sessions::end_own(write, user, session)? {
                Ok(())
            } else {
                Err(AppError::NotFound("session"))
            }
        });
        ended.await
    }

    /// Takes away sessions that are over, links that ran out and tries that are long past.
    pub async fn forget_sessions(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let before = now.as_millisecond() - 24 * 60 * MINUTE_MS;
        let forgotten =
            self.store.write(Lane::Background, move |write| sessions::forget(write, now, before));
        forgotten.await.map(drop).map_err(|error: StoreError| AppError::from(error))
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
