//! What was erased, recognised without saying what it was.
//!
//! A digest is keyed: who has the file alone cannot try numbers until one fits.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::{Read, StoreError, Write};
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::signature::{Algorithm, AnyHmacKey};
use crate::domain::ids::BusinessRef;

/// The keys of the digests, the newest first.
pub struct Graves(Vec<(u32, AnyHmacKey)>);

impl Graves {
    /// The keys of a ring of master keys.
    pub fn new(ring: &Keyring) -> Self {
        let keys = ring.ids().filter_map(|id| Some((id, ring.derive(id, Purpose::Tombstone)?)));
        Self(keys.map(|(id, key)| (id, Algorithm::Sha256.key(&key))).collect())
    }

    /// The digest of some parts by the newest key, and its number.
    fn digest(&self, parts: &[&[u8]]) -> (u32, Vec<u8>) {
        let (id, key) = self.0.first().expect("a ring has a key");
        (*id, digest(key, parts))
    }

    /// The digests of some parts by every key.
    fn digests<'a>(&'a self, parts: &'a [&[u8]]) -> impl Iterator<Item = Vec<u8>> + 'a {
        self.0.iter().map(move |(_, key)| digest(key, parts))
    }
}

/// Each part has its length before it.
fn digest(key: &AnyHmacKey, parts: &[&[u8]]) -> Vec<u8> {
    let mut framed = Vec::new();
    for part in parts {
        framed.extend((part.len() as u64).to_be_bytes());
        framed.extend(*part);
    }
    key.sign(&[&framed])
}

/// Notes that something was erased, by its digest.
pub(super) fn bury(
    write: &mut Write<'_>,
    parts: &[&[u8]],
    now: Timestamp,
) -> Result<(), StoreError> {
    let (key, digest) = write.keys.graves.digest(parts);
    write
        .conn
        .prepare_cached(
            "INSERT INTO tombstones (digest, key_id, erased_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (digest) DO UPDATE SET erased_at = ?3",
        )?
        .execute((digest, key, now.as_millisecond()))?;
    Ok(())
}

/// When a call of any of these names was erased, if one was.
pub fn call_was_erased<'a>(
    write: &Write<'_>,
    account: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<bool, StoreError> {
    for name in names {
        let parts: [&[u8]; 3] = [b"call", account.as_bytes(), name.as_bytes()];
        if erased_at(write, &parts)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a call of a number that began then is of somebody who was erased since.
pub fn caller_was_erased(
    write: &Write<'_>,
    (business, phone): (BusinessRef, &str),
    began: Timestamp,
) -> Result<bool, StoreError> {
    let business = business.uuid();
    let parts: [&[u8]; 3] = [b"phone", business.as_bytes(), phone.as_bytes()];
    let erased = erased_at(write, &parts)?;
    Ok(erased.is_some_and(|at| began.as_millisecond() <= at))
}

fn erased_at(write: &Write<'_>, parts: &[&[u8]]) -> Result<Option<i64>, StoreError> {
    let mut statement =
        write.conn.prepare_cached("SELECT erased_at FROM tombstones WHERE digest = ?1")?;
    for digest in write.keys.graves.digests(parts) {
        if let Some(at) = statement.query_row([digest], |row| row.get(0)).optional()? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Whether anything was ever erased here: most installations look no further.
pub fn any(read: &Read<'_>) -> Result<bool, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT digest FROM tombstones WHERE digest > x'' LIMIT 1")?;
    Ok(statement.exists([])?)
}
