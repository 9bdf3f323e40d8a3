//! What is too old to be kept: deliveries, and what was said in calls.
//!
//! Never takes away a delivery that is still to be applied, nor a call itself.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use uuid::Uuid;

use super::columns::value;
use super::{Read, StoreError, Write};
use crate::domain::call::Facts;

/// A kind of data that has an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aged {
    /// What providers delivered, byte for byte.
    Events,
    /// What was said in calls: turns, summaries, and what tools answered.
    Transcripts,
}

impl Aged {
    /// Every kind there is.
    pub const ALL: [Self; 2] = [Self::Events, Self::Transcripts];

    /// The word used in the table, in commands and in settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Transcripts => "transcripts",
        }
    }
}

/// How many rows of a kind are older than a moment, of those that were not gone through yet.
pub fn due(read: &Read<'_>, what: Aged, before: Timestamp) -> Result<u64, StoreError> {
    let (from, before) = (reached(read, what)?, before.as_millisecond());
    let mut statement = match what {
        Aged::Events => read.conn.prepare_cached(
            "SELECT count(*) FROM inbox WHERE received_at >= ?1 AND received_at < ?2",
        )?,
        Aged::Transcripts => read.conn.prepare_cached(
            "SELECT count(*) FROM calls
             WHERE created_at >= ?1 AND created_at < ?2
               AND EXISTS (SELECT 1 FROM transcript_turns t WHERE t.call_id = calls.id)",
        )?,
    };
    let due: i64 = statement.query_row((from, before), |row| row.get(0))?;
    Ok(u64::try_from(due).unwrap_or(0))
}

/// Takes away some of what is older than a moment, at most `most`. Returns how many, and whether there
/// may be more.
pub fn purge(
    write: &mut Write<'_>,
    what: Aged,
    before: Timestamp,
    most: u32,
) -> Result<(u64, bool), StoreError> {
    let (removed, until) = match what {
        Aged::Events => purge_events(write, before, most)?,
        Aged::Transcripts => purge_transcripts(write, before, most)?,
    };
    let until = until.unwrap_or(before.as_millisecond());
    write
        .conn
        .prepare_cached(
            "INSERT INTO retained (what, until_at, removed) VALUES (?1, ?2, ?3)
             ON CONFLICT (what) DO UPDATE
             SET until_at = max(until_at, ?2), removed = removed + ?3",
        )?
        .execute((what.word(), until, i64::try_from(removed).unwrap_or(i64::MAX)))?;
    Ok((removed, until < before.as_millisecond()))
}

/// Deliveries go from the oldest on, but for those that are still to be applied. Returns how many
/// went, and the moment that was reached when there may be more.
fn purge_events(
    write: &mut Write<'_>,
    before: Timestamp,
    most: u32,
) -> Result<(u64, Option<i64>), StoreError> {
    let mut old: Vec<(i64, i64)> = Vec::new();
    {
        let mut statement = write.conn.prepare_cached(
            "SELECT id, received_at FROM inbox
             WHERE id > 0
               AND id NOT IN (SELECT json_extract(payload, '$.inbox') FROM jobs
                              WHERE kind = 'apply_event'
                                AND json_extract(payload, '$.inbox') IS NOT NULL)
             ORDER BY id LIMIT ?1",
        )?;
        let mut rows = statement.query([most])?;
        while let Some(row) = rows.next()? {
            let (id, at): (i64, i64) = (value(row, 0)?, value(row, 1)?);
            if at >= before.as_millisecond() {
                break;
            }
            old.push((id, at));
        }
    }
    let mut gone = write.conn.prepare_cached("DELETE FROM inbox WHERE id = ?1")?;
    for (id, _) in &old {
        gone.execute([id])?;
    }
    let is_full = old.len() == usize::try_from(most).unwrap_or(usize::MAX);
    let reached = old.last().filter(|_| is_full).map(|(_, at)| *at);
    Ok((old.len() as u64, reached))
}

fn purge_transcripts(
    write: &mut Write<'_>,
    before: Timestamp,
    most: u32,
) -> Result<(u64, Option<i64>), StoreError> {
    let from = reached(write, Aged::Transcripts)?;
    let old: Vec<(Uuid, i64, String)> = {
        let mut statement = write.conn.prepare_cached(
            "SELECT id, created_at, facts FROM calls
             WHERE created_at >= ?1 AND created_at < ?2
             ORDER BY created_at
             LIMIT ?3",
        )?;
        let rows = statement.query_map((from, before.as_millisecond(), most), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    let mut removed = 0;
    for (call, _, facts) in &old {
        removed += u64::from(silence(write, *call, facts)?);
    }
    let is_full = old.len() == usize::try_from(most).unwrap_or(usize::MAX);
    // Some may have begun in the same millisecond as the last: it is gone through again.
    let reached = old.last().map(|(_, at, _)| *at).filter(|at| is_full && *at > from);
    Ok((removed, reached))
}

/// Takes away what was said in a call. Its numbers, times and outcome stay.
fn silence(write: &mut Write<'_>, call: Uuid, facts: &str) -> Result<bool, StoreError> {
    let turns = write
        .conn
        .prepare_cached("DELETE FROM transcript_turns WHERE call_id = ?1")?
        .execute([call])?;
    let answers = write
        .conn
        .prepare_cached("UPDATE tool_calls SET answer = '{}', replayed = 0 WHERE call_id = ?1 AND answer <> '{}'")?
        .execute([call])?;
    let mut known: Facts = serde_json::from_str(facts)
        .map_err(|error| StoreError::Statement(format!("facts cannot be read: {error}")))?;
    if known.summary.take().is_none() {
        return Ok(turns + answers > 0);
    }
    let facts = serde_json::to_string(&known)
        .map_err(|error| StoreError::Statement(format!("facts cannot be written: {error}")))?;
    write
        .conn
        .prepare_cached("UPDATE calls SET summary = '', facts = ?2 WHERE id = ?1")?
        .execute((call, facts))?;
    Ok(true)
}

fn reached(read: &Read<'_>, what: Aged) -> Result<i64, StoreError> {
    let mut statement =
        read.conn.prepare_cached("SELECT until_at FROM retained WHERE what = ?1")?;
    let found = statement.query_row([what.word()], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}
