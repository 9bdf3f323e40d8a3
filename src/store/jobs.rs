//! Background jobs: added with what calls for them, claimed by a lease that ends by itself.
//!
//! A done job is deleted; one that failed too often stays as dead. Never holds a job by an open
//! transaction.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row};

use super::columns::{Place, instant, value};
use super::{Read, StoreError, Write};
use crate::domain::ids::JobId;
use crate::domain::job::Job;

/// Most characters kept of an attempt's error.
const ERROR_MAX_CHARS: usize = 500;

/// Most due jobs looked at in one walk.
const LOOKED_AT_MAX: u32 = 64;

/// A job that this process may run until its lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Which.
    pub id: JobId,
    /// The word of its kind.
    pub kind: &'static str,
    /// What is to be done; `None` when a newer release wrote it.
    pub job: Option<Job>,
    /// Tries begun, with this one.
    pub attempts: u32,
}

/// A job that failed too often.
#[derive(Clone, Debug)]
pub struct Dead {
    /// Which.
    pub id: JobId,
    /// What it is, in a word.
    pub kind: String,
    /// Tries begun.
    pub attempts: u32,
    /// Of the last try; never a part of a body.
    pub last_error: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Adds a job that is due at `run_at`; the runner is told after the commit.
pub fn add(
    write: &mut Write<'_>,
    job: Job,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<JobId, StoreError> {
    let payload = serde_json::to_string(&job)
        .map_err(|error| StoreError::Statement(format!("a job cannot be written: {error}")))?;
    write
        .conn
        .prepare_cached(
            "INSERT INTO jobs (kind, payload, state, run_at, created_at)
             VALUES (?1, ?2, 'pending', ?3, ?4)",
        )?
        .execute((job.kind(), payload, run_at.as_millisecond(), now.as_millisecond()))?;
    write.wakes_jobs = true;
    Ok(JobId(write.conn.last_insert_rowid()))
}

/// How many jobs of a kind are taken, and until when they are this process's.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The word of the kind.
    pub kind: &'static str,
    /// Most of them.
    pub most: usize,
    /// When one that is taken is due again.
    pub lease_ends: Timestamp,
}

/// Takes due jobs of each kind that there is room for, the oldest first. What is left is taken the next
/// time.
pub fn claim(
    write: &mut Write<'_>,
    now: Timestamp,
    rooms: &[Room],
) -> Result<Vec<Claimed>, StoreError> {
    let every_kind = rooms.len() == Job::KINDS.len();
    let oldest = if every_kind { oldest_due(write, now, rooms)? } else { None };
    let mut claimed = match oldest {
        Some(oldest) => oldest,
        None => due_of_each(write, now, rooms)?,
    };
    let mut lease = write.conn.prepare_cached(
        "UPDATE jobs
         SET attempts = ?2, run_at = ?3, leased = 1
         WHERE id = ?1",
    )?;
    for job in &claimed {
        let room = rooms.iter().find(|room| room.kind == job.kind);
        let lease_ends = room.map_or(now, |room| room.lease_ends);
        lease.execute((job.id.0, job.attempts, lease_ends.as_millisecond()))?;
    }
    claimed.sort_by_key(|claimed| claimed.id);
    Ok(claimed)
}

/// The oldest due jobs, as many of each kind as there is room for: one walk for all kinds. `None` when
/// one of a kind that this release does not know is among them, which may be before all others.
fn oldest_due(
    read: &Read<'_>,
    now: Timestamp,
    rooms: &[Room],
) -> Result<Option<Vec<Claimed>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, payload, attempts, kind
         FROM jobs
         WHERE state = 'pending' AND run_at <= ?1
         ORDER BY run_at
         LIMIT ?2",
    )?;
    let mut rows = statement.query((now.as_millisecond(), LOOKED_AT_MAX))?;
    let mut claimed: Vec<Claimed> = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = value(row, 3)?;
        let Some(room) = rooms.iter().find(|room| room.kind == kind) else { return Ok(None) };
        if claimed.iter().filter(|job| job.kind == room.kind).count() < room.most {
            claimed.push(claimed_of(row, room.kind)?);
        }
    }
    Ok(Some(claimed))
}

/// The same, each kind by itself: what waits for others holds up none.
fn due_of_each(
    read: &Read<'_>,
    now: Timestamp,
    rooms: &[Room],
) -> Result<Vec<Claimed>, StoreError> {
    // Two plain statements: one with a sub-query would build a table in memory each time.
    let mut statement = read.conn.prepare_cached(
        "SELECT id, payload, attempts
         FROM jobs
         WHERE kind = ?1 AND state = 'pending' AND run_at <= ?2
         ORDER BY run_at
         LIMIT ?3",
    )?;
    let mut claimed = Vec::new();
    for room in rooms {
        let most = i64::try_from(room.most).unwrap_or(i64::MAX);
        let mut rows = statement.query((room.kind, now.as_millisecond(), most))?;
        while let Some(row) = rows.next()? {
            claimed.push(claimed_of(row, room.kind)?);
        }
    }
    Ok(claimed)
}

fn claimed_of(row: &Row<'_>, kind: &'static str) -> Result<Claimed, StoreError> {
    let payload: String = value(row, 1)?;
    Ok(Claimed {
        id: JobId(value(row, 0)?),
        kind,
        job: serde_json::from_str(&payload).ok(),
        attempts: value::<u32>(row, 2)?.saturating_add(1),
    })
}

/// When the next pending job of any of these kinds is due, in ms since 1970 UTC.
pub fn next_due_of(read: &Read<'_>, kinds: &[&'static str]) -> Result<Option<i64>, StoreError> {
    // There is mostly none, or the first one is of a kind that is asked for.
    let mut first = read.conn.prepare_cached(
        "SELECT kind, run_at
         FROM jobs INDEXED BY jobs_due
         WHERE state = 'pending'
         ORDER BY run_at
         LIMIT 1",
    )?;
    let row = first.query_row([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)));
    match row.optional()? {
        None => return Ok(None),
        Some((kind, due)) if kinds.contains(&kind.as_str()) => return Ok(Some(due)),
        Some(_) => {}
    }
    let mut statement = read.conn.prepare_cached(
        "SELECT run_at
         FROM jobs
         WHERE kind = ?1 AND state = 'pending'
         ORDER BY run_at
         LIMIT 1",
    )?;
    let mut next = None;
    for kind in kinds {
        let due: Option<i64> = statement.query_row([kind], |row| row.get(0)).optional()?;
        next = [next, due].into_iter().flatten().min();
    }
    Ok(next)
}

/// Makes a job due at once that waits; one that is under way is left alone. `false` when there is no
/// such job any more.
pub fn hasten(write: &mut Write<'_>, id: JobId, now: Timestamp) -> Result<bool, StoreError> {
    let there = "SELECT 1 FROM jobs WHERE id = ?1 AND state = 'pending'";
    if !write.conn.prepare_cached(there)?.exists([id.0])? {
        return Ok(false);
    }
    write
        .conn
        .prepare_cached(
            "UPDATE jobs
             SET run_at = ?2
             WHERE id = ?1 AND state = 'pending' AND leased = 0 AND run_at > ?2",
        )?
        .execute((id.0, now.as_millisecond()))?;
    write.wakes_jobs = true;
    Ok(true)
}

/// Makes every leased job due at once. For the start of the only process that works off jobs: no
/// other can hold a lease.
pub fn release_leases(write: &mut Write<'_>, now: Timestamp) -> Result<usize, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE jobs
         SET run_at = ?1, leased = 0
         WHERE leased = 1",
    )?;
    Ok(statement.execute([now.as_millisecond()])?)
}

/// Removes a job that is done. Belongs into the write that holds its effect.
pub fn done(write: &mut Write<'_>, id: JobId) -> Result<(), StoreError> {
    write.conn.prepare_cached("DELETE FROM jobs WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Puts a job back until `next`, or to rest as dead when there is no next try.
pub fn failed(
    write: &mut Write<'_>,
    id: JobId,
    error: &str,
    next: Option<Timestamp>,
) -> Result<(), StoreError> {
    let error: String = error.chars().take(ERROR_MAX_CHARS).collect();
    let state = if next.is_some() { "pending" } else { "dead" };
    write
        .conn
        .prepare_cached(
            "UPDATE jobs
             SET state = ?2, last_error = ?3, run_at = coalesce(?4, run_at), leased = 0
             WHERE id = ?1",
        )?
        .execute((id.0, state, error, next.map(Timestamp::as_millisecond)))?;
    write.wakes_jobs = true;
    Ok(())
}

/// Puts a job back until `next` without counting the try: what it needs was not there. Writes
/// nothing that takes more room than before, so that it works in a full database too.
pub fn put_off(write: &mut Write<'_>, id: JobId, next: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE jobs
             SET attempts = max(attempts - 1, 0), run_at = ?2, leased = 0
             WHERE id = ?1",
        )?
        .execute((id.0, next.as_millisecond()))?;
    write.wakes_jobs = true;
    Ok(())
}

/// Jobs that failed too often, oldest first, at most `most`.
pub fn dead(read: &Read<'_>, most: u32) -> Result<Vec<Dead>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, kind, attempts, last_error, created_at
         FROM jobs
         WHERE state = 'dead'
         ORDER BY id
         LIMIT ?1",
    )?;
    let mut rows = statement.query([most])?;
    let mut dead = Vec::new();
    while let Some(row) = rows.next()? {
        dead.push(Dead {
            id: JobId(value(row, 0)?),
            kind: value(row, 1)?,
            attempts: value(row, 2)?,
            last_error: value(row, 3)?,
            created_at: instant(row, 4, Place("jobs", "created_at"))?,
        });
    }
    Ok(dead)
}

/// Makes one dead job, or all of them, due again with all their tries. Returns how many.
pub fn retry(
    write: &mut Write<'_>,
    id: Option<JobId>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE jobs
         SET state = 'pending', attempts = 0, run_at = ?2, leased = 0
         WHERE state = 'dead' AND (?1 IS NULL OR id = ?1)",
    )?;
    let revived = statement.execute((id.map(|id| id.0), now.as_millisecond()))?;
    drop(statement);
    write.wakes_jobs = true;
    Ok(revived)
}

/// Removes a dead job for good. `false` when there is none of that id.
pub fn discard(write: &mut Write<'_>, id: JobId) -> Result<bool, StoreError> {
    let removed = write
        .conn
        .prepare_cached("DELETE FROM jobs WHERE id = ?1 AND state = 'dead'")?
        .execute([id.0])?;
    Ok(removed > 0)
}

/// When the next pending job is due, in ms since 1970 UTC; a leased one is due when its lease ends.
pub fn next_due(read: &Read<'_>) -> Result<Option<i64>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT run_at
         FROM jobs
         WHERE state = 'pending'
         ORDER BY run_at
         LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

/// How many jobs are pending and how many are dead.
pub fn counts(read: &Read<'_>) -> Result<(i64, i64), StoreError> {
    let mut pending = read
        .conn
        .prepare_cached("SELECT count(*) FROM jobs WHERE state = 'pending' AND run_at >= 0")?;
    let mut dead =
        read.conn.prepare_cached("SELECT count(*) FROM jobs WHERE state = 'dead' AND id >= 0")?;
    Ok((pending.query_row([], |row| row.get(0))?, dead.query_row([], |row| row.get(0))?))
}
