//! Passwords: hashed a few at a time, chosen by a link that works once, changed, forgotten.
//!
//! Never says whether somebody has an account.

use jiff::SignedDuration;
use tokio::sync::Semaphore;

use super::error::NotAdmitted;
use super::signing_in::Client;
use super::{App, AppError};
use crate::clock::random;
use crate::crypto::password;
use crate::crypto::token::{OpaqueKind, opaque, opaque_sha256};
use crate::domain::audit::{Entry, Who};
use crate::domain::business;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::job::Job;
use crate::domain::password as rules;
use crate::store::links::{self, LinkKind, TryLimit};
use crate::store::users::{self, User};
use crate::store::{Lane, StoreError, Write, audit, jobs, sessions};

/// Passwords that are hashed at a time: each takes 19 MiB and a core.
const AT_A_TIME: usize = 2;
/// Passwords that may wait for that.
const WAITING_MAX: usize = 8;
/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first user chooses an address and a password.
    First,
    /// Somebody who was asked chooses a password.
    Invited,
    /// Somebody chooses a new password.
    Reset,
}

/// How long a link is good.
const SETUP_LASTS: SignedDuration = SignedDuration::from_hours(24);
const INVITE_LASTS: SignedDuration = SignedDuration::from_hours(24 * 7);
const RESET_LASTS: SignedDuration = SignedDuration::from_mins(15);
/// Resets that one address of a user may ask for.
const RESET_TRIES: TryLimit =
    TryLimit { what: "reset_user", most: 3, within: SignedDuration::from_hours(1) };

/// Hashes passwords away from the threads that answer.
pub struct Hashing {
    running: Semaphore,
    places: Semaphore,
}

impl Default for Hashing {
    fn default() -> Self {
        let places = Semaphore::new(AT_A_TIME + WAITING_MAX);
        Self { running: Semaphore::new(AT_A_TIME), places }
    }
}

impl Hashing {
    /// Whether a password is the one that was kept.
    pub async fn verify(&self, password: String, kept: String) -> Result<bool, AppError> {
        self.run(move || password::verifies(&password, &kept)).await
    }

    /// What is kept of a password.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.run(move || password::hash(&password, random())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let _place =
            self.places.try_acquire().map_err(|_| AppError::TooOften { retry_after_s: 1 })?;
        let _turn = self.running.acquire().await;
        let ended = tokio::task::spawn_blocking(work).await;
        ended.map_err(|_| {
            StoreError::Unavailable("a password could not be hashed".to_owned()).into()
        })
    }
}

/// What somebody chooses by a link.
pub struct Chosen {
    /// The secret of the link.
    pub token: String,
    /// Their address: for the first user only.
    pub email: Option<String>,
    /// How others see them.
    pub name: String,
    /// Their password.
    pub password: String,
}

impl App {
    /// A link for the first user, unless there is one. The returned secret is shown once.
    pub async fn setup_link(&self) -> Result<Option<String>, AppError> {
        if self.store.read(users::any).await? {
            return Ok(None);
        }
        let (secret, digest) = opaque(OpaqueKind::Link, random());
        let now = self.clock.now();
        let until = now.checked_add(SETUP_LASTS).unwrap_or(now);
        let made = self.store.write(Lane::Urgent, move |write| {
            links::forget(write, None)?;
            links::add(write, (&digest, LinkKind::Setup, None), (now, until))
        });
        made.await.map_err(|error: StoreError| AppError::from(error))?;
        Ok(Some(secret))
    }

    /// A link by which a user chooses a password: the first, or a new one. Others stop working.
    pub async fn password_link(&self, user: UserId) -> Result<String, AppError> {
        let (secret, digest) = opaque(OpaqueKind::Link, random());
        let now = self.clock.now();
        let made = self.store.write(Lane::Urgent, move |write| {
            let user = users::find(write, user)?.ok_or(AppError::NotFound("user"))?;
            add_link(write, &user, &digest, now)
        });
        made.await?;
        Ok(secret)
    }

    /// What a link is for.
    pub async fn link_purpose(&self, token: &str) -> Result<Purpose, AppError> {
        let digest = opaque_sha256(OpaqueKind::Link, token).ok_or(AppError::LinkInvalid)?;
        let now = self.clock.now();
        let look = move |read: &crate::store::Read<'_>| {
            let kinds = [
                (LinkKind::Setup, Purpose::First),
                (LinkKind::Invite, Purpose::Invited),
                (LinkKind::Reset, Purpose::Reset),
            ];
            for (kind, purpose) in kinds {
                if links::find(read, (&digest, kind), now)?.is_some() {
                    return Ok(Some(purpose));
                }
            }
            Ok(None)
        };
        self.store.read(look).await?.ok_or(AppError::LinkInvalid)
    }

    /// Somebody who was asked, or the first user, chooses a password.
    pub async fn register(&self, chosen: Chosen, client: &Client) -> Result<UserId, AppError> {
        let most = self.settings().limits.register_per_minute();
        let within = SignedDuration::from_mins(1);
        let from = client.address.map_or_else(String::new, |address| address.to_string());
        self.take_tries(vec![(TryLimit { what: "register", most, within }, from)]).await?;
        let name = match chosen.name.trim() {
            "" => String::new(),
            name => business::name(name)
                .ok_or_else(|| AppError::invalid("name", "must be at most 200 characters"))?,
        };
        let digest = opaque_sha256(OpaqueKind::Link, &chosen.token).ok_or(AppError::LinkInvalid)?;
        let now = self.clock.now();
        let look = move |read: &crate::store::Read<'_>| {
            if links::find(read, (&digest, LinkKind::Setup), now)?.is_some() {
                return Ok(Some(None));
            }
            match links::find(read, (&digest, LinkKind::Invite), now)?.flatten() {
                Some(user) => Ok(users::find(read, user)?.map(Some)),
                None => Ok(None),
            }
        };
        let invited: Option<Option<User>> = self.store.read(look).await?;
        let invited = invited.ok_or(AppError::LinkInvalid)?;
        let email = match &invited {
            Some(user) => user.email.clone(),
            None => email_of(chosen.email.as_deref().unwrap_or_default())?,
        };
        let kept = self.keepable(chosen.password, (&email, &name), false).await?;
        let id = invited.map_or_else(|| UserId::new(now, random()), |user| user.id);
        let entry = Entry::done(Who::User(id), "register", now).about(id).from(client.address);
        let kind = if chosen.email.is_some() { LinkKind::Setup } else { LinkKind::Invite };
        let registered = self.store.write(Lane::Urgent, move |write| {
            // Looked at again: of two who use a link at once, one does.
            let setup = links::find(write, (&digest, LinkKind::Setup), now)?.is_some();
            let invite = links::find(write, (&digest, LinkKind::Invite), now)?.flatten();
            if !setup && invite != Some(id) {
                return Err(AppError::LinkInvalid);
            }
            if setup && (users::any(write)? || kind != LinkKind::Setup) {
                return Err(AppError::LinkInvalid);
            }
            if setup {
                users::add(write, (id, &email, true), now)?;
                links::forget(write, None)?;
            } else {
                users::accept_invitations(write, id)?;
                links::forget(write, Some(id))?;
            }
            users::set_password(write, id, (&kept, Some(&name)), now)?;
            audit::append(write, &entry)?;
            Ok(())
        });
        registered.await?;
        Ok(id)
    }

    /// Somebody forgot their password: a link is sent, where there is such a user and mail.
    pub async fn forgot_password(&self, email: &str, client: &Client) -> Result<(), AppError> {
        let email = email.trim().to_lowercase();
        let most = self.settings().limits.register_per_minute();
        let within = SignedDuration::from_mins(1);
        let from = client.address.map_or_else(String::new, |address| address.to_string());
        let address = TryLimit { what: "reset_address", most, within };
        self.take_tries(vec![(address, from), (RESET_TRIES, email.clone())]).await?;
        let now = self.clock.now();
        let (address, has_mail) = (client.address, self.has_mail());
        let noted = self.store.write(Lane::Urgent, move |write| {
            let user = users::by_email(write, &email)?;
            let Some(user) = user.filter(|user| !user.is_disabled) else { return Ok(()) };
            let entry = Entry::done(Who::Nobody, "password_forgot", now).about(user.id);
            if has_mail {
                jobs::add(write, Job::MailLink { user: user.id }, now, now)?;
            }
            audit::append(write, &entry.from(address))
        });
        noted.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Somebody chooses a new password by a link. All their sessions end.
    pub async fn reset_password(
        &self,
        token: &str,
        password: String,
        client: &Client,
    ) -> Result<(), AppError> {
        let digest = opaque_sha256(OpaqueKind::Link, token).ok_or(AppError::LinkInvalid)?;
        let now = self.clock.now();
        let look = move |read: &crate::store::Read<'_>| {
            let user = links::find(read, (&digest, LinkKind::Reset), now)?.flatten();
            user.map(|user| users::find(read, user)).transpose()
        };
        let user = self.store.read(look).await?.flatten().ok_or(AppError::LinkInvalid)?;
        let kept = self.keepable(password, (&user.email, &user.name), user.totp_is_on).await?;
        let id = user.id;
        let entry = Entry::done(Who::User(id), "password_reset", now).about(id);
        let entry = entry.from(client.address);
        let reset = self.store.write(Lane::Urgent, move |write| {
            if links::find(write, (&digest, LinkKind::Reset), now)?.flatten() != Some(id) {
                return Err(AppError::LinkInvalid);
            }
            links::forget(write, Some(id))?;
            users::set_password(write, id, (&kept, None), now)?;
            sessions::end_all(write, id, None)?;
            audit::append(write, &entry)?;
            Ok(())
        });
        reset.await
    }

    /// Somebody who is logged in chooses a new password. Their other sessions end.
    pub async fn change_password(
        &self,
        (id, session): (UserId, SessionId),
        (current, new): (String, String),
    ) -> Result<(), AppError> {
        let user = self.user_with_password(id, current).await?;
        let kept = self.keepable(new, (&user.email, &user.name), user.totp_is_on).await?;
        let now = self.clock.now();
        let changed = self.store.write(Lane::Urgent, move |write| {
            users::set_password(write, id, (&kept, None), now)?;
            links::forget(write, Some(id))?;
            sessions::end_all(write, id, Some(session))
        });
        changed.await.map(drop).map_err(|error: StoreError| AppError::from(error))
    }

    /// A user whose password it is; tries are counted like those of logging in.
    pub(super) async fn user_with_password(
        &self,
        id: UserId,
        password: String,
    ) -> Result<User, AppError> {
        let limit = TryLimit {
            what: "password_user",
            most: self.settings().limits.login_per_minute(),
            within: SignedDuration::from_mins(1),
        };
        self.take_tries(vec![(limit, id.to_string())]).await?;
        let user = self.store.read(move |read| users::find(read, id)).await?;
        let user = user.ok_or(AppError::from(NotAdmitted::SessionInvalid))?;
        if self.passwords.verify(password, user.password.clone()).await? {
            Ok(user)
        } else {
            Err(AppError::invalid("current_password", "is not right"))
        }
    }

    async fn keepable(
        &self,
        password: String,
        who: (&str, &str),
        with_code: bool,
    ) -> Result<String, AppError> {
        rules::check(&password, who, with_code)
            .map_err(|weak| AppError::invalid("password", weak))?;
        self.passwords.hash(password).await
    }
}

/// Keeps a link of a user: an invitation until they have a password, a reset afterwards.
pub(super) fn add_link(
    write: &mut Write<'_>,
    user: &User,
    digest: &[u8; 32],
    now: jiff::Timestamp,
) -> Result<(), AppError> {
    let (kind, lasts) = if user.password.is_empty() {
        (LinkKind::Invite, INVITE_LASTS)
    } else {
        (LinkKind::Reset, RESET_LASTS)
    };
    let until = now.checked_add(lasts).unwrap_or(now);
    links::forget(write, Some(user.id))?;
    links::add(write, (digest, kind, Some(user.id)), (now, until))?;
    Ok(())
}

/// An address as it is kept: in lower case, with a name, an @ and a host.
pub(super) fn email_of(text: &str) -> Result<String, AppError> {
    let email = text.trim().to_lowercase();
    let why = "must be an e-mail address";
    let (name, host) = email.split_once('@').ok_or_else(|| AppError::invalid("email", why))?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[]\\,;:\"".contains(c);
    let fits = !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !host.contains("..")
        && !host.contains('@')
        && email.chars().count() <= 254
        && email.chars().all(plain);
    if fits { Ok(email) } else { Err(AppError::invalid("email", why)) }
}
