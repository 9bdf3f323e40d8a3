//! The archive as a whole: lists and counts of recordings, what is too old, and files to be taken away.
//!
//! Never touches a file.

use jiff::Timestamp;

use super::columns::value;
use super::recordings::{self, Recording, recording};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::RecordingId;
use crate::domain::page::{Limit, Page};
use crate::domain::recording::RecordingState;

/// A page of a business's recordings, the newest first, of one state or of all.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    state: Option<RecordingState>,
    after: Option<RecordingId>,
    limit: Limit,
) -> Result<Page<Recording>, StoreError> {
    let after = after.map_or_else(uuid::Uuid::max, RecordingId::uuid);
    let most = limit.rows() + 1;
    let mut all = Vec::new();
    if let Some(state) = state {
        let mut statement = read.conn.prepare_cached(
            "SELECT id, call_id, business_id, state, reason, attempts, call_ended_at, warned_at, store,
                    key, is_sealed, upload_store, upload_id, format, sha256, bytes, kept_sha256,
                    kept_bytes, duration_ms, channels, sample_rate_hz, fetched_at, archived_at,
                    updated_at, job_id, trace_id
             FROM recordings
             WHERE business_id = ?1 AND state = ?2 AND id < ?3
             ORDER BY id DESC
             LIMIT ?4",
        )?;
        let mut rows = statement.query((business.uuid(), state.word(), after, most))?;
        while let Some(row) = rows.next()? {
            all.push(recording(row)?);
        }
    } else {
        let mut statement = read.conn.prepare_cached(
            "SELECT id, call_id, business_id, state, reason, attempts, call_ended_at, warned_at, store,
                    key, is_sealed, upload_store, upload_id, format, sha256, bytes, kept_sha256,
                    kept_bytes, duration_ms, channels, sample_rate_hz, fetched_at, archived_at,
                    updated_at, job_id, trace_id
             FROM recordings
             WHERE business_id = ?1 AND id < ?2
             ORDER BY id DESC
             LIMIT ?3",
        )?;
        let mut rows = statement.query((business.uuid(), after, most))?;
        while let Some(row) = rows.next()? {
            all.push(recording(row)?);
        }
    }
    Ok(Page::cut(all, limit))
}

/// Recordings of every business in a state, after one, at most `most`; for whoever runs the machine.
pub fn in_state(
    read: &Read<'_>,
    state: RecordingState,
    after: Option<RecordingId>,
    most: u32,
) -> Result<Vec<Recording>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id FROM recordings
         WHERE state = ?1 AND id > ?2
         ORDER BY id
         LIMIT ?3",
    )?;
    let after = after.map_or_else(uuid::Uuid::nil, RecordingId::uuid);
    let ids: Vec<uuid::Uuid> = statement
        .query_map((state.word(), after, most), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    found(read, ids)
}

/// Recordings whose file a store has, after one, at most `most`.
pub fn in_store(
    read: &Read<'_>,
    store: &str,
    after: Option<RecordingId>,
    most: u32,
) -> Result<Vec<Recording>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id FROM recordings
         WHERE store = ?1 AND id > ?2 AND key <> ''
         ORDER BY id
         LIMIT ?3",
    )?;
    let after = after.map_or_else(uuid::Uuid::nil, RecordingId::uuid);
    let ids: Vec<uuid::Uuid> =
        statement.query_map((store, after, most), |row| row.get(0))?.collect::<Result<_, _>>()?;
    found(read, ids)
}

fn found(read: &Read<'_>, ids: Vec<uuid::Uuid>) -> Result<Vec<Recording>, StoreError> {
    let mut rows = Vec::new();
    for id in ids {
        rows.extend(recordings::find(read, RecordingId::from_uuid(id))?);
    }
    Ok(rows)
}

/// How many recordings a store has.
pub fn count_in_store(read: &Read<'_>, store: &str) -> Result<u64, StoreError> {
    let mut statement = read
        .conn
        .prepare_cached("SELECT count(*) FROM recordings WHERE store = ?1 AND key <> ''")?;
    let count: i64 = statement.query_row([store], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How many recordings stand in a state; for those that are few.
pub fn count(read: &Read<'_>, state: RecordingState) -> Result<i64, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT count(*) FROM recordings WHERE state = ?1")?;
    Ok(statement.query_row([state.word()], |row| row.get(0))?)
}

/// Lets go of files that came before a moment, at most `most`. Returns how many.
pub fn expire(
    write: &mut Write<'_>,
    before: Timestamp,
    most: u32,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE recordings
             SET state = 'expired', reason = 'retention', job_id = NULL, store = '', key = '',
                 peaks = NULL, upload_store = '', upload_id = '', updated_at = ?3
             WHERE id IN (SELECT id FROM recordings
                          WHERE fetched_at < ?1 AND key <> ''
                          ORDER BY fetched_at
                          LIMIT ?2)",
        )?
        .execute((before.as_millisecond(), most, now.as_millisecond()))?;
    Ok(changed)
}

/// How many files came before a moment.
pub fn expirable(read: &Read<'_>, before: Timestamp) -> Result<u64, StoreError> {
    let mut statement = read
        .conn
        .prepare_cached("SELECT count(*) FROM recordings WHERE fetched_at < ?1 AND key <> ''")?;
    let count: i64 = statement.query_row([before.as_millisecond()], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A file that is to be taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Which.
    pub id: i64,
    /// Which store has it.
    pub store: String,
    /// Its name there.
    pub key: String,
    /// An upload in parts that is to be called off; empty: the file itself.
    pub upload: String,
    /// Tries that failed.
    pub attempts: u32,
}

/// Puts a file down for removal.
pub fn remove_later(
    write: &mut Write<'_>,
    (store, key, upload): (&str, &str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO removals (store, key, upload_id, due_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((store, key, upload, now.as_millisecond()))?;
    Ok(())
}

/// Files that are to be taken away now, at most `most`.
pub fn removals_due(
    read: &Read<'_>,
    now: Timestamp,
    most: u32,
) -> Result<Vec<Removal>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, store, key, upload_id, attempts FROM removals
         WHERE due_at <= ?1
         ORDER BY due_at
         LIMIT ?2",
    )?;
    let mut rows = statement.query((now.as_millisecond(), most))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Removal {
            id: value(row, 0)?,
            store: value(row, 1)?,
            key: value(row, 2)?,
            upload: value(row, 3)?,
            attempts: value(row, 4)?,
        });
    }
    Ok(all)
}

/// Whether a row names this file now: then it is not to be taken away.
pub fn is_named(read: &Read<'_>, store: &str, key: &str) -> Result<bool, StoreError> {
    let Some(id) = crate::domain::recording::id_of_key(key) else { return Ok(false) };
    let found = recordings::find(read, id)?.and_then(|recording| recording.file);
    Ok(found.is_some_and(|file| file.store == store && file.key == key))
}

/// Whether a file of this name is still to be taken away: nothing may be put there meanwhile.
pub fn is_being_removed(read: &Read<'_>, store: &str, key: &str) -> Result<bool, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT 1 FROM removals WHERE store = ?1 AND key = ?2")?;
    Ok(statement.exists((store, key))?)
}

/// A file is gone.
pub fn removed(write: &mut Write<'_>, id: i64) -> Result<(), StoreError> {
    write.conn.prepare_cached("DELETE FROM removals WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// A file could not be taken away; it is tried again at `next`.
pub fn removal_failed(write: &mut Write<'_>, id: i64, next: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("UPDATE removals SET attempts = attempts + 1, due_at = ?2 WHERE id = ?1")?
        .execute((id, next.as_millisecond()))?;
    Ok(())
}

/// How many files are still to be taken away.
pub fn removals(read: &Read<'_>) -> Result<i64, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT count(*) FROM removals WHERE due_at >= 0")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
