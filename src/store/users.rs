//! Users, what they are to which business, and their recovery codes.
//!
//! Never holds a password or a code itself. Lists of people are of one business, by its right.

use jiff::Timestamp;
use rusqlite::Row;

use super::columns::{Place, instant, maybe_instant, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::{BusinessId, Role, Standing};
use crate::domain::ids::{BusinessRef, UserId};

/// Most businesses of one user that are looked at.
const MEMBERSHIPS_MAX: u32 = 1_000;
/// Most people of one business that are listed.
const PEOPLE_MAX: u32 = 1_000;

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their address, in lower case.
    pub email: String,
    /// How others see them.
    pub name: String,
    /// What is kept of their password; empty until one is chosen.
    pub password: String,
    /// Whether they may do everything in every business.
    pub is_operator: bool,
    /// Whether they may not log in.
    pub is_disabled: bool,
    /// The sealed secret of their authenticator app.
    pub totp: Option<Vec<u8>>,
    /// Whether a code of it is needed.
    pub totp_is_on: bool,
    /// The last step whose code was used.
    pub totp_step: Option<i64>,
    /// When they chose their password.
    pub password_set_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

/// Somebody of a business.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// How others see them.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Where that stands.
    pub standing: Standing,
    /// Whether they need a code to log in.
    pub totp_is_on: bool,
    /// When they were asked.
    pub created_at: Timestamp,
    /// When that last changed.
    pub updated_at: Timestamp,
}

/// Adds a user without a password. `false` when the address is taken.
pub fn add(
    write: &mut Write<'_>,
    (id, email, is_operator): (UserId, &str, bool),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO users (id, email, name, password, is_operator, created_at, updated_at)
         VALUES (?1, ?2, '', '', ?3, ?4, ?4)
         ON CONFLICT (email) DO NOTHING",
    )?;
    Ok(statement.execute((id.uuid(), email, is_operator, now.as_millisecond()))? == 1)
}

/// Whether there is any user.
pub fn any(read: &Read<'_>) -> Result<bool, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT email FROM users WHERE email > '' LIMIT 1")?;
    Ok(statement.exists([])?)
}

/// Finds a user by their address, in lower case.
pub fn by_email(read: &Read<'_>, email: &str) -> Result<Option<User>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, email, name, password, is_operator, is_disabled, totp, totp_is_on, totp_step,
                password_set_at, created_at, updated_at
         FROM users
         WHERE email = ?1",
    )?;
    let mut rows = statement.query_and_then([email], user)?;
    rows.next().transpose()
}

/// Finds a user.
pub fn find(read: &Read<'_>, id: UserId) -> Result<Option<User>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, email, name, password, is_operator, is_disabled, totp, totp_is_on, totp_step,
                password_set_at, created_at, updated_at
         FROM users
         WHERE id = ?1",
    )?;
    let mut rows = statement.query_and_then([id.uuid()], user)?;
    rows.next().transpose()
}

/// The users of the installation in order of their address, after one of them.
pub fn list(read: &Read<'_>, after: &str, most: u32) -> Result<Vec<User>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, email, name, password, is_operator, is_disabled, totp, totp_is_on, totp_step,
                password_set_at, created_at, updated_at
         FROM users
         WHERE email > ?1
         ORDER BY email
         LIMIT ?2",
    )?;
    let rows = statement.query_and_then((after, most), user)?;
    rows.collect()
}

/// Keeps what a user chose as their password, and their name when one is told.
pub fn set_password(
    write: &mut Write<'_>,
    id: UserId,
    (password, name): (&str, Option<&str>),
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE users SET password = ?2, name = coalesce(?3, name), password_set_at = ?4
             WHERE id = ?1",
        )?
        .execute((id.uuid(), password, name, now.as_millisecond()))?;
    Ok(())
}

/// Locks a user out, or lets them in again. `false` when there is none.
pub fn set_disabled(
    write: &mut Write<'_>,
    id: UserId,
    is_disabled: bool,
) -> Result<bool, StoreError> {
    let mut statement =
        write.conn.prepare_cached("UPDATE users SET is_disabled = ?2 WHERE id = ?1")?;
    Ok(statement.execute((id.uuid(), is_disabled))? == 1)
}

/// Keeps the sealed secret of an app, not yet needed; or takes it away.
pub fn set_totp(
    write: &mut Write<'_>,
    id: UserId,
    sealed: Option<&[u8]>,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE users SET totp = ?2, totp_is_on = 0, totp_step = NULL WHERE id = ?1",
        )?
        .execute((id.uuid(), sealed))?;
    Ok(())
}

/// Notes the step whose code was used, from which on codes are needed. `false` when that step or a
/// later one was used before.
pub fn use_totp(write: &mut Write<'_>, id: UserId, step: i64) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE users SET totp_is_on = 1, totp_step = ?2
         WHERE id = ?1 AND totp IS NOT NULL AND (totp_step IS NULL OR totp_step < ?2)",
    )?;
    Ok(statement.execute((id.uuid(), step))? == 1)
}

/// Puts new recovery codes in place of the old ones, by their digests.
pub fn set_recovery_codes(
    write: &mut Write<'_>,
    id: UserId,
    digests: &[[u8; 32]],
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("DELETE FROM recovery_codes WHERE user_id = ?1")?
        .execute([id.uuid()])?;
    let mut statement = write
        .conn
        .prepare_cached("INSERT INTO recovery_codes (user_id, sha256) VALUES (?1, ?2)")?;
    for digest in digests {
        statement.execute((id.uuid(), digest))?;
    }
    Ok(())
}

/// Uses up a recovery code. `false` when it is none.
pub fn use_recovery_code(
    write: &mut Write<'_>,
    id: UserId,
    digest: &[u8; 32],
) -> Result<bool, StoreError> {
    let mut statement = write
        .conn
        .prepare_cached("DELETE FROM recovery_codes WHERE user_id = ?1 AND sha256 = ?2")?;
    Ok(statement.execute((id.uuid(), digest))? == 1)
}

/// What a user is to which business.
pub fn memberships(
    read: &Read<'_>,
    id: UserId,
) -> Result<Vec<(BusinessRef, Role, Standing)>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT business_id, role, state FROM memberships WHERE user_id = ?1 LIMIT ?2",
    )?;
    let rows = statement.query_and_then((id.uuid(), MEMBERSHIPS_MAX), |row| {
        let (role, standing) = standing(row, 1)?;
        Ok((BusinessRef::from_uuid(value(row, 0)?), role, standing))
    })?;
    rows.collect()
}

/// The people of a business, in the order in which they were asked.
pub fn people(read: &Read<'_>, business: BusinessId) -> Result<Vec<Person>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT u.id, u.email, u.name, m.role, m.state, u.totp_is_on, m.created_at, m.updated_at
         FROM memberships m
         JOIN users u ON u.id = m.user_id
         WHERE m.business_id = ?1
         ORDER BY m.created_at, m.user_id
         LIMIT ?2",
    )?;
    let rows = statement.query_and_then((business.uuid(), PEOPLE_MAX), person)?;
    rows.collect()
}

/// One person of a business.
pub fn of_business(
    read: &Read<'_>,
    business: BusinessId,
    id: UserId,
) -> Result<Option<Person>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT u.id, u.email, u.name, m.role, m.state, u.totp_is_on, m.created_at, m.updated_at
         FROM memberships m
         JOIN users u ON u.id = m.user_id
         WHERE m.user_id = ?2 AND m.business_id = ?1",
    )?;
    let mut rows = statement.query_and_then((business.uuid(), id.uuid()), person)?;
    rows.next().transpose()
}

/// Makes a user a person of a business. `false` when they are one already.
pub fn join(
    write: &mut Write<'_>,
    business: BusinessId,
    (id, role, standing): (UserId, Role, Standing),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO memberships (user_id, business_id, role, state, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         ON CONFLICT (user_id, business_id) DO NOTHING",
    )?;
    let now = now.as_millisecond();
    let (role, standing) = (role.word(), standing.word());
    Ok(statement.execute((id.uuid(), business.uuid(), role, standing, now))? == 1)
}

/// Changes what somebody is to a business. `false` when they are nothing to it.
pub fn set_role(
    write: &mut Write<'_>,
    business: BusinessId,
    (id, role, standing): (UserId, Role, Standing),
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE memberships SET role = ?3, state = ?4 WHERE user_id = ?1 AND business_id = ?2",
    )?;
    let (role, standing) = (role.word(), standing.word());
    Ok(statement.execute((id.uuid(), business.uuid(), role, standing))? == 1)
}

/// Somebody is nothing to a business any more. `false` when they were nothing before.
pub fn leave(write: &mut Write<'_>, business: BusinessId, id: UserId) -> Result<bool, StoreError> {
    let mut statement = write
        .conn
        .prepare_cached("DELETE FROM memberships WHERE user_id = ?1 AND business_id = ?2")?;
    Ok(statement.execute((id.uuid(), business.uuid()))? == 1)
}

/// Whether a business has an owner in force.
pub fn has_owner(read: &Read<'_>, business: BusinessId) -> Result<bool, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT user_id FROM memberships
         WHERE business_id = ?1 AND role = 'owner' AND state = 'active'
         LIMIT 1",
    )?;
    Ok(statement.exists([business.uuid()])?)
}

/// What a user was asked to be counts from now on.
pub fn accept_invitations(write: &mut Write<'_>, id: UserId) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE memberships SET state = 'active' WHERE user_id = ?1 AND state = 'invited'",
        )?
        .execute([id.uuid()])?;
    Ok(())
}

fn user(row: &Row<'_>) -> Result<User, StoreError> {
    let at = |index, column| instant(row, index, Place("users", column));
    Ok(User {
        id: UserId::from_uuid(value(row, 0)?),
        email: value(row, 1)?,
        name: value(row, 2)?,
        password: value(row, 3)?,
        is_operator: value(row, 4)?,
        is_disabled: value(row, 5)?,
        totp: value(row, 6)?,
        totp_is_on: value(row, 7)?,
        totp_step: value(row, 8)?,
        password_set_at: maybe_instant(row, 9, Place("users", "password_set_at"))?,
        created_at: at(10, "created_at")?,
        updated_at: at(11, "updated_at")?,
    })
}

fn person(row: &Row<'_>) -> Result<Person, StoreError> {
    let (role, standing) = standing(row, 3)?;
    Ok(Person {
        user: UserId::from_uuid(value(row, 0)?),
        email: value(row, 1)?,
        name: value(row, 2)?,
        role,
        standing,
        totp_is_on: value(row, 5)?,
        created_at: instant(row, 6, Place("memberships", "created_at"))?,
        updated_at: instant(row, 7, Place("memberships", "updated_at"))?,
    })
}

fn standing(row: &Row<'_>, index: usize) -> Result<(Role, Standing), StoreError> {
    let role = word(row, index, (&Role::ALL, Role::word), Place("memberships", "role"))?;
    let place = Place("memberships", "state");
    Ok((role, word(row, index + 1, (&Standing::ALL, Standing::word), place)?))
}
