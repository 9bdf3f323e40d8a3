//! Links that work once, by the digest of their secret, and tries that are counted across restarts.
//!
//! Never holds a secret, an address or a name itself.

use jiff::{SignedDuration, Timestamp};
use rusqlite::OptionalExtension as _;

use super::{Read, StoreError, Write};
use crate::domain::ids::UserId;

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The first user chooses an address and a password.
    Setup,
    /// Somebody who was asked chooses a password.
    Invite,
    /// Somebody chooses a new password.
    Reset,
}

impl LinkKind {
    /// The word used in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }
}

/// Keeps a link.
pub fn add(
    write: &mut Write<'_>,
    (sha256, kind, user): (&[u8; 32], LinkKind, Option<UserId>),
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO links (sha256, kind, user_id, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            sha256,
            kind.word(),
            user.map(UserId::uuid),
            now.as_millisecond(),
            expires_at.as_millisecond(),
        ))?;
    Ok(())
}

/// For whom a link is good now: `None` when it is none, `Some(None)` for the first user's.
pub fn find(
    read: &Read<'_>,
    (sha256, kind): (&[u8; 32], LinkKind),
    now: Timestamp,
) -> Result<Option<Option<UserId>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT user_id FROM links WHERE sha256 = ?1 AND kind = ?2 AND expires_at > ?3",
    )?;
    let found = statement
        .query_row((sha256, kind.word(), now.as_millisecond()), |row| row.get(0))
        .optional()?;
    Ok(found.map(|user: Option<uuid::Uuid>| user.map(UserId::from_uuid)))
}

/// Takes away the links of a user, or those of the first one.
pub fn forget(write: &mut Write<'_>, user: Option<UserId>) -> Result<(), StoreError> {
    match user {
        Some(user) => write
            .conn
            .prepare_cached("DELETE FROM links WHERE user_id = ?1")?
            .execute([user.uuid()])?,
        None => write.conn.prepare_cached("DELETE FROM links WHERE user_id IS NULL")?.execute([])?,
    };
    Ok(())
}

/// A limit of tries: so many within a time.
#[derive(Clone, Copy, Debug)]
pub struct TryLimit {
    /// What is limited.
    pub what: &'static str,
    /// Most tries within the time.
    pub most: u32,
    /// The time.
    pub within: SignedDuration,
}

/// Counts a try of whoever has that digest. Returns how long to wait when there were too many.
pub fn take_try(
    write: &mut Write<'_>,
    (limit, who): (TryLimit, &[u8; 32]),
    now: Timestamp,
) -> Result<Option<SignedDuration>, StoreError> {
    let now_ms = now.as_millisecond();
    let within_ms = i64::try_from(limit.within.as_millis()).unwrap_or(i64::MAX);
    let known: Option<(u32, i64)> = write
        .conn
        .prepare_cached("SELECT taken, begun_at FROM tries WHERE what = ?1 AND who = ?2")?
        .query_row((limit.what, who), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let current = known.filter(|(_, begun)| (*begun..*begun + within_ms).contains(&now_ms));
    let (taken, begun) = current.unwrap_or((0, now_ms));
    if taken >= limit.most {
        return Ok(Some(SignedDuration::from_millis(begun + within_ms - now_ms)));
    }
    write
        .conn
        .prepare_cached(
            "INSERT INTO tries (what, who, taken, begun_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (what, who) DO UPDATE SET taken = ?3, begun_at = ?4",
        )?
        .execute((limit.what, who, taken + 1, begun))?;
    Ok(None)
}
