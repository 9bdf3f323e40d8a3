//! Who may do what in a business: asked, listed, changed, suspended, removed.
//!
//! A business always has an owner in force. Never shows who else has an account here.

use jiff::Timestamp;

use super::error::NotAdmitted;
use super::once::{self, Once};
use super::passwords::{add_link, email_of};
use super::{App, AppError};
use crate::clock::random;
use crate::crypto::token::{OpaqueKind, opaque};
use crate::domain::access::{BusinessId, Role, Standing};
use crate::domain::ids::{BusinessRef, UserId};
use crate::domain::job::Job;
use crate::store::users;
pub use crate::store::users::{Person, User};
use crate::store::{Lane, Write, jobs, sessions};

/// Users of the installation on one page.
const USERS_PAGE: u32 = 500;

/// What a user is to a business.
pub type Membership = (BusinessRef, Role, Standing);

/// Somebody who was asked.
pub struct Invited {
    /// What they are to be.
    pub person: Person,
    /// The secret of the link by which they choose a password; `None` when they have one.
    pub link: Option<String>,
}

/// How somebody who is asked gets their link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// By mail, where there is a way of sending it; else it is handed to the caller.
    Mailed,
    /// It is handed to the caller.
    Handed,
}

impl App {
    /// The people of a business.
    pub async fn people(&self, business: BusinessId) -> Result<Vec<Person>, AppError> {
        Ok(self.store.read(move |read| users::people(read, business)).await?)
    }

    /// One person of a business.
    pub async fn person(&self, business: BusinessId, id: UserId) -> Result<Person, AppError> {
        let found = self.store.read(move |read| users::of_business(read, business, id)).await?;
        found.ok_or(AppError::NotFound("user"))
    }

    /// Asks somebody to be one of a business's people. Whoever has an account already is one at once;
    /// whoever has none is sent a link, or it is handed to the caller.
    pub async fn invite(
        &self,
        business: BusinessId,
        (email, role, link): (&str, Role, Link),
        request: Option<Once>,
    ) -> Result<Invited, AppError> {
        let is_mailed = link == Link::Mailed && self.has_mail();
        let email = email_of(email)?;
        let now = self.clock.now();
        let (fresh, (secret, digest)) =
            (UserId::new(now, random()), opaque(OpaqueKind::Link, random()));
        let invited = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let known = users::of_business(write, business, UserId::from_uuid(made))?;
                return Ok((known.ok_or(AppError::NotFound("user"))?, false));
            }
            users::add(write, (fresh, &email, false), now)?;
            let user = users::by_email(write, &email)?.ok_or(AppError::NotFound("user"))?;
            let is_new = user.password.is_empty();
            let standing = if is_new { Standing::Invited } else { Standing::Active };
            if !users::join(write, business, (user.id, role, standing), now)? {
                return Err(AppError::Exists("They are one of its people already.".to_owned()));
            }
            if is_new && is_mailed {
                jobs::add(write, Job::MailLink { user: user.id }, now, now)?;
            } else if is_new {
                add_link(write, &user, &digest, now)?;
            }
            once::note(write, business, (request.as_ref(), user.id.uuid()), now)?;
            let person = users::of_business(write, business, user.id)?;
            Ok((person.ok_or(AppError::NotFound("user"))?, is_new))
        });
        let (person, is_new) = invited.await?;
        Ok(Invited { person, link: (is_new && !is_mailed).then_some(secret) })
    }

    /// Changes what somebody is, or puts that on hold. Counts at once, in every session of theirs.
    pub async fn change_person(
        &self,
        business: BusinessId,
        id: UserId,
        (role, standing): (Option<Role>, Option<Standing>),
        unchanged_since: Option<Timestamp>,
    ) -> Result<Person, AppError> {
        let changed = self.store.write(Lane::Urgent, move |write| {
            let known = users::of_business(write, business, id)?;
            let known = known.ok_or(AppError::NotFound("user"))?;
            if unchanged_since.is_some_and(|at| at != known.updated_at) {
                return Err(AppError::Changed);
            }
            let standing = match (known.standing, standing) {
                (known, None) => known,
                // Whoever has not come yet is still asked; the link makes them one.
                (Standing::Invited, Some(Standing::Active)) => Standing::Invited,
                (_, Some(Standing::Invited)) => {
                    return Err(AppError::invalid("state", "must be active or suspended"));
                }
                (_, Some(wanted)) => wanted,
            };
            let new = (id, role.unwrap_or(known.role), standing);
            users::set_role(write, business, new)?;
            keep_an_owner(write, business, &known)?;
            users::of_business(write, business, id)?.ok_or(AppError::NotFound("user"))
        });
        changed.await
    }

    /// Somebody is none of a business's people any more.
    pub async fn remove_person(&self, business: BusinessId, id: UserId) -> Result<(), AppError> {
        let removed = self.store.write(Lane::Urgent, move |write| {
            let known = users::of_business(write, business, id)?;
            let known = known.ok_or(AppError::NotFound("user"))?;
            users::leave(write, business, id)?;
            keep_an_owner(write, business, &known)
        });
        removed.await
    }

    /// Adds an operator, or somebody who is nothing yet. Returns the secret of their link.
    pub async fn add_user(&self, email: &str, is_operator: bool) -> Result<String, AppError> {
        let email = email_of(email)?;
        let now = self.clock.now();
        let (id, (secret, digest)) =
            (UserId::new(now, random()), opaque(OpaqueKind::Link, random()));
        let added = self.store.write(Lane::Urgent, move |write| {
            if !users::add(write, (id, &email, is_operator), now)? {
                return Err(AppError::Exists("There is a user of that address.".to_owned()));
            }
            let user = users::find(write, id)?.ok_or(AppError::NotFound("user"))?;
            add_link(write, &user, &digest, now)?;
            write.makes(id.uuid());
            Ok(())
        });
        added.await?;
        Ok(secret)
    }

    /// Every user of the installation: for whoever runs commands on the machine.
    pub async fn all_users(&self) -> Result<Vec<User>, AppError> {
        let mut all: Vec<User> = Vec::new();
        loop {
            let after = all.last().map_or_else(String::new, |user| user.email.clone());
            let page = self.store.read(move |read| users::list(read, &after, USERS_PAGE)).await?;
            let is_last = page.len() < usize::try_from(USERS_PAGE).unwrap_or(usize::MAX);
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// A user by their address.
    pub async fn user_by_email(&self, email: &str) -> Result<User, AppError> {
        let email = email_of(email)?;
        let found = self.store.read(move |read| users::by_email(read, &email)).await?;
        found.ok_or(AppError::NotFound("user"))
    }

    /// A user, and what they are to which business.
    pub async fn me(&self, id: UserId) -> Result<(User, Vec<Membership>), AppError> {
        let found = self.store.read(move |read| {
            let user = users::find(read, id)?;
            user.map(|user| users::memberships(read, id).map(|of| (user, of))).transpose()
        });
        found.await?.ok_or(AppError::from(NotAdmitted::SessionInvalid))
    }

    /// Locks a user out at once, or lets them in again.
    pub async fn disable_user(&self, id: UserId, is_disabled: bool) -> Result<(), AppError> {
        let done = self.store.write(Lane::Urgent, move |write| {
            if !users::set_disabled(write, id, is_disabled)? {
                return Err(AppError::NotFound("user"));
            }
            if is_disabled {
                sessions::end_all(write, id, None)?;
            }
            write.makes(id.uuid());
            Ok(())
        });
        done.await
    }
}

/// Refuses a change that took a business its last owner.
fn keep_an_owner(write: &Write<'_>, business: BusinessId, before: &Person) -> Result<(), AppError> {
    let was_owner = (before.role, before.standing) == (Role::Owner, Standing::Active);
    if was_owner && !users::has_owner(write, business)? {
        return Err(AppError::InUse("last owner"));
    }
    Ok(())
}
