//! The ledger of live tool calls: what was asked and answered, and which answers are given again.
//!
//! Never holds an argument: only the digest of all of them.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::columns::{Place, instant, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::call::Deed;
use crate::domain::ids::{AppointmentId, CallId};
use crate::domain::tool::Tool;

/// One question of an agent.
#[derive(Clone, Debug)]
pub struct Question {
    /// The call it was asked in.
    pub call: CallId,
    /// Name of the tool, as asked.
    pub tool: String,
    /// Digest of the canonical arguments.
    pub arguments_sha256: [u8; 32],
    /// Whether the call is over already: what came of it is then decided anew.
    pub is_late: bool,
}

/// What became of a question.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Whether the same question is given this answer again.
    pub replayed: bool,
    /// Code of the refusal; empty when done.
    pub reason: &'static str,
    /// JSON text of the answer.
    pub answer: String,
    /// When it was asked.
    pub called_at: Timestamp,
    /// Milliseconds until it was decided.
    pub duration_ms: i64,
}

/// A line of the ledger, for people.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name of the tool, as asked.
    pub tool: String,
    /// Code of the refusal; empty when done.
    pub reason: String,
    /// JSON text of the answer.
    pub answer: String,
    /// When it was asked.
    pub called_at: Timestamp,
    /// Milliseconds until it was decided.
    pub duration_ms: i64,
}

/// The answer that was given to the same question before, if it is to be given again.
pub fn replay(read: &Read<'_>, question: &Question) -> Result<Option<String>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT answer
         FROM tool_calls
         WHERE call_id = ?1 AND tool = ?2 AND arguments_sha256 = ?3 AND replayed = 1",
    )?;
    let key = (question.call.uuid(), &question.tool, question.arguments_sha256);
    Ok(statement.query_row(key, |row| row.get(0)).optional()?)
}

/// How many tool calls of a call were refused for a reason.
pub fn count_reason(read: &Read<'_>, call: CallId, reason: &str) -> Result<u32, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT count(*)
         FROM tool_calls
         WHERE call_id = ?1 AND reason = ?2",
    )?;
    Ok(statement.query_row((call.uuid(), reason), |row| row.get(0))?)
}

/// What the tools did in a call, first to last.
pub fn deeds(read: &Read<'_>, call: CallId) -> Result<Vec<Deed>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT tool
         FROM tool_calls
         WHERE call_id = ?1
           AND reason = ''
           AND (tool = 'take_message' OR json_extract(answer, '$.data.success') = 1)
         ORDER BY id",
    )?;
    let mut rows = statement.query([call.uuid()])?;
    let mut deeds = Vec::new();
    while let Some(row) = rows.next()? {
        let tool: String = value(row, 0)?;
        deeds.extend(Tool::named(&tool).and_then(Tool::deed));
    }
    Ok(deeds)
}

/// Lets earlier answers of a call be given no more: what they said may have changed.
pub fn forget_replays(write: &mut Write<'_>, call: CallId) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE tool_calls
             SET replayed = 0
             WHERE call_id = ?1 AND replayed = 1",
        )?
        .execute([call.uuid()])?;
    Ok(())
}

/// Lets earlier answers of every call that changed an appointment be given no more.
pub fn forget_replays_about(
    write: &mut Write<'_>,
    business: BusinessId,
    appointment: AppointmentId,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE tool_calls
             SET replayed = 0
             WHERE replayed = 1
               AND call_id IN (
                 SELECT actor_id
                 FROM appointment_changes
                 WHERE appointment_id = ?1 AND business_id = ?2 AND actor = 'call'
               )",
        )?
        .execute((appointment.uuid(), business.uuid()))?;
    Ok(())
}

/// Writes a line into the ledger.
pub fn note(
    write: &mut Write<'_>,
    question: &Question,
    answered: &Answered,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO tool_calls
               (call_id, tool, arguments_sha256, replayed, reason, answer, called_at, duration_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            question.call.uuid(),
            &question.tool,
            question.arguments_sha256,
            answered.replayed,
            answered.reason,
            &answered.answer,
            answered.called_at.as_millisecond(),
            answered.duration_ms,
        ))?;
    Ok(())
}

/// The tool calls of one call, first to last, at most `most`.
pub fn of_call(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
    most: u32,
) -> Result<Vec<Line>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT t.tool, t.reason, t.answer, t.called_at, t.duration_ms
         FROM tool_calls t
         JOIN calls c ON c.id = t.call_id
         WHERE t.call_id = ?1 AND c.business_id = ?2
         ORDER BY t.id
         LIMIT ?3",
    )?;
    let mut rows = statement.query((call.uuid(), business.uuid(), most))?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(Line {
            tool: value(row, 0)?,
            reason: value(row, 1)?,
            answer: value(row, 2)?,
            called_at: instant(row, 3, Place("tool_calls", "called_at"))?,
            duration_ms: value(row, 4)?,
        });
    }
    Ok(lines)
}
