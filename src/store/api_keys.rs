//! Keys for the REST interface, by digest.
//!
//! Never holds a key itself.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::columns::{Place, instant, maybe_instant, value};
use super::{Read, StoreError, Write};
use crate::domain::access::{BusinessId, KeyGrant, Scope};
use crate::domain::ids::{BusinessRef, KeyId};

/// A new key.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// Digest of the whole key.
    pub sha256: [u8; 32],
    /// Its first characters.
    pub hint: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A key as it is listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// What it may be used for, as words.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}

/// Adds a key of a business.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    key: &NewKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.word()).collect();
    write
        .conn
        .prepare_cached(
            "INSERT INTO api_keys
               (id, business_id, name, secret_sha256, hint, scopes, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            key.id.uuid(),
            business.uuid(),
            &key.name,
            key.sha256,
            &key.hint,
            scopes.join(" "),
            now.as_millisecond(),
            key.expires_at.map(Timestamp::as_millisecond),
        ))?;
    Ok(())
}

/// Finds what a presented key opens.
pub fn grant(read: &Read<'_>, sha256: &[u8; 32]) -> Result<Option<KeyGrant>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, business_id, scopes, expires_at, revoked_at
         FROM api_keys
         WHERE secret_sha256 = ?1",
    )?;
    let mut rows = statement.query([sha256])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let scopes: String = value(row, 2)?;
    Ok(Some(KeyGrant {
        key: KeyId::from_uuid(value(row, 0)?),
        business: BusinessRef::from_uuid(value(row, 1)?),
        // A scope of a newer release gives no right here.
        scopes: scopes.split(' ').filter_map(|word| word.parse().ok()).collect(),
        expires_at: maybe_instant(row, 3, Place("api_keys", "expires_at"))?,
        revoked_at: maybe_instant(row, 4, Place("api_keys", "revoked_at"))?,
    }))
}

/// Notes that a key was used, at most once an hour.
pub fn used(write: &mut Write<'_>, key: KeyId, hour: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE api_keys
             SET last_used_at = ?2
             WHERE id = ?1 AND coalesce(last_used_at, 0) < ?2",
        )?
        .execute((key.uuid(), hour.as_millisecond()))?;
    Ok(())
}

/// Takes a key back. `None` when the business has no such key.
pub fn revoke(
    write: &mut Write<'_>,
    business: BusinessId,
    key: KeyId,
    now: Timestamp,
) -> Result<Option<()>, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE api_keys
             SET revoked_at = coalesce(revoked_at, ?3)
             WHERE id = ?1 AND business_id = ?2
             RETURNING id",
        )?
        .query_row((key.uuid(), business.uuid(), now.as_millisecond()), |_| Ok(()))
        .optional()?;
    Ok(changed)
}

/// The keys of a business, oldest first.
pub fn list(read: &Read<'_>, business: BusinessId) -> Result<Vec<Listed>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, hint, scopes, created_at, expires_at, revoked_at, last_used_at
         FROM api_keys
         WHERE business_id = ?1
         ORDER BY created_at, id",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let place = |column| Place("api_keys", column);
        keys.push(Listed {
            id: KeyId::from_uuid(value(row, 0)?),
            name: value(row, 1)?,
            hint: value(row, 2)?,
            scopes: value(row, 3)?,
            created_at: instant(row, 4, place("created_at"))?,
            expires_at: maybe_instant(row, 5, place("expires_at"))?,
            revoked_at: maybe_instant(row, 6, place("revoked_at"))?,
            last_used_at: maybe_instant(row, 7, place("last_used_at"))?,
        });
    }
    Ok(keys)
}
