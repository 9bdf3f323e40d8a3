//! Requests that made something, by the key that their client chose.
//!
//! A key is looked up and noted in the write that makes the thing, so the same request twice makes
//! one. Never keeps what was sent, only its digest.

use jiff::Timestamp;
use uuid::Uuid;

use super::columns::value;
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;

/// A request that may come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key that the client chose.
    pub key: String,
    /// Digest of method, path and body.
    pub fingerprint: [u8; 32],
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Fresh,
    /// The same request made this before.
    Made(Uuid),
    /// Another request came with it.
    Other,
}

/// Looks a request up.
pub fn find(read: &Read<'_>, business: BusinessId, once: &Once) -> Result<Known, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT fingerprint, object_id
         FROM idempotency_keys
         WHERE business_id = ?1 AND key = ?2",
    )?;
    let mut rows = statement.query((business.uuid(), &once.key))?;
    let Some(row) = rows.next()? else { return Ok(Known::Fresh) };
    let fingerprint: [u8; 32] = value(row, 0)?;
    let made = value(row, 1)?;
    Ok(if fingerprint == once.fingerprint { Known::Made(made) } else { Known::Other })
}

/// Notes what a request made.
pub fn note(
    write: &mut Write<'_>,
    business: BusinessId,
    (once, made): (&Once, Uuid),
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO idempotency_keys (business_id, key, fingerprint, object_id, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((business.uuid(), &once.key, once.fingerprint, made, now.as_millisecond()))?;
    Ok(())
}

/// Forgets keys from before a moment, at most `most`. Returns how many.
pub fn forget(write: &mut Write<'_>, before: Timestamp, most: u32) -> Result<usize, StoreError> {
    let removed = write
        .conn
        .prepare_cached(
            "DELETE FROM idempotency_keys
             WHERE (business_id, key) IN (
               SELECT business_id, key
               FROM idempotency_keys
               WHERE created_at < ?1
               LIMIT ?2
             )",
        )?
        .execute((before.as_millisecond(), most))?;
    Ok(removed)
}
