//! Deliveries as they came, each kept once, and the count of those that were refused.
//!
//! Never changes a delivery after it was kept.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::columns::value;
use super::{Read, StoreError, Write};
use crate::crypto::digest::sha256;
use crate::domain::ids::InboxId;

/// A delivery that was verified.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Name of the voice account whose secret verified it.
    pub account: String,
    /// The raw bytes that were signed.
    pub body: Vec<u8>,
    /// SHA-256 of the body, taken when it was verified.
    pub sha256: [u8; 32],
    /// When it came.
    pub received_at: Timestamp,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is kept now.
    New(InboxId),
    /// It had been kept before.
    Repeated(InboxId),
}

/// Refused deliveries of one kind in one minute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefusedKind {
    /// Name of the voice account addressed.
    pub account: String,
    /// Stable code of the refusal.
    pub reason: &'static str,
    /// Start of the minute, ms since 1970 UTC.
    pub minute_at: i64,
}

/// Keeps a delivery unless the same bytes came to the same account before.
pub fn receive(write: &mut Write<'_>, delivery: &Delivery) -> Result<Received, StoreError> {
    let mut fingerprint = fingerprint(&delivery.account, &delivery.sha256);
    while let Some(known) = seen(write, fingerprint)? {
        if same(write, known, delivery)? {
            return Ok(Received::Repeated(known));
        }
        // Another delivery with the same 64 bits: take the next place.
        fingerprint = fingerprint.wrapping_add(1);
    }
    let at = delivery.received_at.as_millisecond();
    write
        .conn
        .prepare_cached(
            "INSERT INTO inbox (account, body, sha256, received_at)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((&delivery.account, &delivery.body, delivery.sha256, at))?;
    let id = write.conn.last_insert_rowid();
    write
        .conn
        .prepare_cached(
            "INSERT INTO seen (fingerprint, inbox_id, received_at)
             VALUES (?1, ?2, ?3)",
        )?
        .execute((fingerprint, id, at))?;
    Ok(Received::New(InboxId(id)))
}

/// Brings a delivery back.
pub fn find(read: &Read<'_>, id: InboxId) -> Result<Option<Delivery>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT account, body, sha256, received_at
         FROM inbox
         WHERE id = ?1",
    )?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let received_ms: i64 = value(row, 3)?;
    let received_at = Timestamp::from_millisecond(received_ms).map_err(|_| StoreError::Decode {
        table: "inbox",
        column: "received_at",
        id: id.0.to_string(),
        why: "is out of range".to_owned(),
    })?;
    let (account, body, sha256) = (value(row, 0)?, value(row, 1)?, value(row, 2)?);
    Ok(Some(Delivery { account, body, sha256, received_at }))
}

/// Notes that a delivery was verified but cannot be read.
pub fn poison(
    write: &mut Write<'_>,
    id: InboxId,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO poison (inbox_id, reason, noticed_at)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (inbox_id) DO NOTHING",
        )?
        .execute((id.0, reason, now.as_millisecond()))?;
    Ok(())
}

/// Takes a delivery away.
pub fn remove(write: &mut Write<'_>, id: InboxId) -> Result<(), StoreError> {
    write.conn.prepare_cached("DELETE FROM inbox WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Adds to the count of refused deliveries.
pub fn count_refused(
    write: &mut Write<'_>,
    kind: &RefusedKind,
    refused: u64,
) -> Result<(), StoreError> {
    let refused = i64::try_from(refused).unwrap_or(i64::MAX);
    write
        .conn
        .prepare_cached(
            "INSERT INTO refused_deliveries (account, reason, minute_at, refused)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account, reason, minute_at) DO UPDATE SET refused = refused + ?4",
        )?
        .execute((&kind.account, kind.reason, kind.minute_at, refused))?;
    Ok(())
}

/// Fingerprints older than `before`, at most `most` of them.
pub fn old_fingerprints(
    read: &Read<'_>,
    before: Timestamp,
    most: u32,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT fingerprint
         FROM seen
         WHERE received_at < ?1
         LIMIT ?2",
    )?;
    let rows = statement.query_map((before.as_millisecond(), most), |row| row.get(0))?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

/// Forgets fingerprints; the deliveries stay.
pub fn forget(write: &mut Write<'_>, fingerprints: &[i64]) -> Result<(), StoreError> {
    let mut statement = write.conn.prepare_cached("DELETE FROM seen WHERE fingerprint = ?1")?;
    for fingerprint in fingerprints {
        statement.execute([fingerprint])?;
    }
    Ok(())
}

fn fingerprint(account: &str, body_sha256: &[u8; 32]) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = sha256(&[account.as_bytes(), &[0], body_sha256]);
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn seen(read: &Read<'_>, fingerprint: i64) -> Result<Option<InboxId>, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT inbox_id FROM seen WHERE fingerprint = ?1")?;
    let id = statement.query_row([fingerprint], |row| row.get(0)).optional()?;
    Ok(id.map(InboxId))
}

fn same(read: &Read<'_>, id: InboxId, delivery: &Delivery) -> Result<bool, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT 1
         FROM inbox
         WHERE id = ?1 AND account = ?2 AND sha256 = ?3",
    )?;
    Ok(statement.exists((id.0, &delivery.account, delivery.sha256))?)
}
