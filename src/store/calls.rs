//! Calls, their events and what was said in them.
//!
//! Never lists across businesses, never counts by walking the table.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::columns::{Place, instant, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::call::{EndFamily, Facts, Outcome, Told};
use crate::domain::ids::{BusinessRef, CallId, InboxId, PropertyId};
use crate::domain::phone::PhoneNumber;
use crate::domain::transcript::{Role, Turn};

/// A call as its events left it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Our id.
    pub id: CallId,
    /// Name of the voice account.
    pub account: String,
    /// The provider's id of the call.
    pub provider_call_id: String,
    /// Whose call it is, once that is known.
    pub business: Option<BusinessRef>,
    /// All that is known of it.
    pub facts: Facts,
    /// When it was first heard of.
    pub created_at: Timestamp,
}

/// Finds a call by any of its names, for whoever moves it.
pub fn find(read: &Read<'_>, account: &str, name: &str) -> Result<Option<Kept>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, business_id, provider_call_id, facts, created_at
         FROM calls
         WHERE id = coalesce(
                 (SELECT id FROM calls WHERE account = ?1 AND provider_call_id = ?2),
                 (SELECT call_id FROM call_names WHERE account = ?1 AND name = ?2)
               )",
    )?;
    let mut rows = statement.query((account, name))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let facts: String = value(row, 3)?;
    let facts = serde_json::from_str(&facts)
        .map_err(|_| Place("calls", "facts").fault("cannot be read"))?;
    Ok(Some(Kept {
        id: CallId::from_uuid(value(row, 0)?),
        account: account.to_owned(),
        provider_call_id: value(row, 2)?,
        business: value::<Option<_>>(row, 1)?.map(BusinessRef::from_uuid),
        facts,
        created_at: instant(row, 4, Place("calls", "created_at"))?,
    }))
}

/// Writes a call that is new.
const ADD: &str = "
    INSERT INTO calls
      (id, business_id, account, provider_call_id, provider_agent_id, direction, status,
       from_number, to_number, started_at, ended_at, duration_ms, disconnection_reason,
       end_family, summary, sentiment, successful, in_voicemail, cost_micros, cost_currency,
       facts, created_at, updated_at, outcome, handed_to)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
            ?20, ?21, ?22, ?22, ?23, ?24)";

/// Writes what is known now of a call that is there. Its account (`?3`) and when it was first heard of
/// (`?22`) stay.
const SAVE: &str = "
    UPDATE calls
    SET business_id = ?2, provider_call_id = ?4, provider_agent_id = ?5, direction = ?6, status = ?7,
        from_number = ?8, to_number = ?9, started_at = ?10, ended_at = ?11, duration_ms = ?12,
        disconnection_reason = ?13, end_family = ?14, summary = ?15, sentiment = ?16,
        successful = ?17, in_voicemail = ?18, cost_micros = ?19, cost_currency = ?20, facts = ?21,
        outcome = ?23, handed_to = ?24
    WHERE id = ?1";

/// Keeps a call that is new.
pub fn add(write: &mut Write<'_>, call: &Kept, outcome: Option<Outcome>) -> Result<(), StoreError> {
    put(write, ADD, call, outcome)
}

/// Keeps a call that is there as its facts are now. Two statements rather than one that does either:
/// that one would open every index twice.
pub fn save(
    write: &mut Write<'_>,
    call: &Kept,
    outcome: Option<Outcome>,
) -> Result<(), StoreError> {
    put(write, SAVE, call, outcome)
}

fn put(
    write: &mut Write<'_>,
    statement: &str,
    call: &Kept,
    outcome: Option<Outcome>,
) -> Result<(), StoreError> {
    let facts = serde_json::to_string(&call.facts)
        .map_err(|error| StoreError::Statement(format!("facts cannot be written: {error}")))?;
    let known = &call.facts;
    fn text(told: &Option<Told<String>>) -> &str {
        told.as_ref().map_or("", |told| told.0.as_str())
    }
    let ended_by = known.ended_by();
    let cost = known.cost();
    let cost = cost.as_ref();
    write.conn.prepare_cached(statement)?.execute(rusqlite::params![
        call.id.uuid(),
        call.business.map(BusinessRef::uuid),
        call.account,
        call.provider_call_id,
        text(&known.agent),
        known.direction().word(),
        known.status().word(),
        known.from_number().unwrap_or_default(),
        known.to_number().unwrap_or_default(),
        known.started_at().map(Timestamp::as_millisecond),
        known.ended_at().map(Timestamp::as_millisecond),
        known.duration_ms(),
        ended_by.map_or("", |(word, _)| word.as_str()),
        ended_by.map_or(EndFamily::Unknown, |(_, family)| *family).word(),
        text(&known.summary),
        text(&known.sentiment),
        known.successful.as_ref().map(|told| told.0),
        known.in_voicemail.as_ref().map(|told| told.0),
        cost.map(|cost| cost.micros),
        cost.map_or("", |cost| cost.currency.as_str()),
        facts,
        call.created_at.as_millisecond(),
        outcome.map_or("", Outcome::word),
        text(&known.handed_to),
    ])?;
    Ok(())
}

/// Notes what a call of a business is about, and whether it is a trial.
pub fn mark(
    write: &mut Write<'_>,
    business: BusinessId,
    call: CallId,
    (property, is_test): (Option<PropertyId>, bool),
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE calls
             SET property_id = ?3, is_test = ?4
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((call.uuid(), business.uuid(), property.map(PropertyId::uuid), is_test))?;
    Ok(())
}

/// Notes that the provider had to be asked how a call ended.
pub fn note_recovered(
    write: &mut Write<'_>,
    call: CallId,
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE calls
             SET recovered_at = ?2
             WHERE id = ?1 AND recovered_at IS NULL",
        )?
        .execute((call.uuid(), now.as_millisecond()))?;
    Ok(())
}

/// A call by our id, with its names, for whoever asks its provider about it.
pub fn named(
    read: &Read<'_>,
    call: CallId,
) -> Result<Option<(String, String, Vec<String>)>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT c.account, c.provider_call_id, n.name
         FROM calls c
         LEFT JOIN call_names n ON n.call_id = c.id
         WHERE c.id = ?1",
    )?;
    let mut rows = statement.query([call.uuid()])?;
    let mut found: Option<(String, String, Vec<String>)> = None;
    while let Some(row) = rows.next()? {
        let name: Option<String> = value(row, 2)?;
        match &mut found {
            Some((_, _, names)) => names.extend(name),
            None => found = Some((value(row, 0)?, value(row, 1)?, name.into_iter().collect())),
        }
    }
    Ok(found)
}

/// Where the provider said that the recording of a call is, if it did.
pub fn announced_recording(read: &Read<'_>, call: CallId) -> Result<Option<String>, StoreError> {
    let mut statement = read
        .conn
        .prepare_cached("SELECT json_extract(facts, '$.recording[0]') FROM calls WHERE id = ?1")?;
    let mut rows = statement.query([call.uuid()])?;
    rows.next()?.map_or(Ok(None), |row| value(row, 0))
}

/// Calls of an account that are not over, first heard of before a moment, the oldest first.
pub fn open_before(
    read: &Read<'_>,
    account: &str,
    before: Timestamp,
    most: u32,
) -> Result<Vec<CallId>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id
         FROM calls
         WHERE account = ?1
           AND (status = 'registered' OR status = 'ongoing')
           AND created_at < ?2
         LIMIT ?3",
    )?;
    let key = (account, before.as_millisecond(), most);
    let rows = statement.query_map(key, |row| row.get(0))?;
    rows.map(|row| row.map(CallId::from_uuid).map_err(StoreError::from)).collect()
}

/// How many calls a business had to each number, of those first heard of within a time.
pub fn per_number(
    read: &Read<'_>,
    business: BusinessId,
    (from, until): (Timestamp, Timestamp),
) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT to_number, count(*)
         FROM calls
         WHERE business_id = ?1 AND created_at >= ?2 AND created_at < ?3
         GROUP BY to_number",
    )?;
    let key = (business.uuid(), from.as_millisecond(), until.as_millisecond());
    let rows = statement.query_map(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

/// Gives calls that nobody claimed to the business that has their agent now. Returns how many.
pub fn claim_by_agent(
    write: &mut Write<'_>,
    business: BusinessId,
    account: &str,
    agent: &str,
) -> Result<usize, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE calls
         SET business_id = ?1
         WHERE business_id IS NULL AND account = ?2 AND provider_agent_id = ?3",
    )?;
    Ok(statement.execute((business.uuid(), account, agent))?)
}

/// Gives calls that nobody claimed to the business that has the number of ours in them now.
/// Returns how many.
pub fn claim_by_number(
    write: &mut Write<'_>,
    business: BusinessId,
    number: &PhoneNumber,
) -> Result<usize, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE calls
         SET business_id = ?1
         WHERE business_id IS NULL
           AND CASE direction
                 WHEN 'outbound' THEN from_number
                 WHEN 'web' THEN ''
                 ELSE to_number
               END = ?2",
    )?;
    Ok(statement.execute((business.uuid(), number.as_str()))?)
}

/// Notes which delivery told of a call.
pub fn note_event(
    write: &mut Write<'_>,
    call: CallId,
    inbox: InboxId,
    event: &str,
    received_at: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO call_events (call_id, inbox_id, event, received_at)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (call_id, inbox_id) DO NOTHING",
        )?
        .execute((call.uuid(), inbox.0, event, received_at.as_millisecond()))?;
    Ok(())
}

/// Replaces what was said in a call.
pub fn put_turns(write: &mut Write<'_>, call: CallId, turns: &[Turn]) -> Result<(), StoreError> {
    let id = call.uuid();
    write.conn.prepare_cached("DELETE FROM transcript_turns WHERE call_id = ?1")?.execute([id])?;
    let mut insert = write.conn.prepare_cached(
        "INSERT INTO transcript_turns (call_id, position, role, text, starts_ms, ends_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, turn) in (0_i64..).zip(turns) {
        insert.execute((
            id,
            position,
            turn.role.word(),
            &turn.text,
            turn.starts_ms,
            turn.ends_ms,
        ))?;
    }
    Ok(())
}

/// When somebody called last before a moment; `None` when never.
pub fn last_from(
    read: &Read<'_>,
    business: BusinessId,
    phone: &PhoneNumber,
    before: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT max(created_at)
         FROM calls
         WHERE business_id = ?1 AND from_number = ?2 AND from_number <> '' AND created_at < ?3",
    )?;
    let key = (business.uuid(), phone.as_str(), before.as_millisecond());
    let ms: Option<i64> = statement.query_row(key, |row| row.get(0))?;
    Ok(ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
}

/// What was said in a call of a business, first to last, at most `most` turns.
pub fn turns(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
    most: u32,
) -> Result<Vec<Turn>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT t.role, t.text, t.starts_ms, t.ends_ms
         FROM transcript_turns t
         JOIN calls c ON c.id = t.call_id
         WHERE t.call_id = ?1 AND c.business_id = ?2
         ORDER BY t.position
         LIMIT ?3",
    )?;
    let mut rows = statement.query((call.uuid(), business.uuid(), most))?;
    let mut turns = Vec::new();
    while let Some(row) = rows.next()? {
        let role = word(row, 0, (&Role::ALL, Role::word), Place("transcript_turns", "role"))?;
        let (text, starts_ms, ends_ms) = (value(row, 1)?, value(row, 2)?, value(row, 3)?);
        turns.push(Turn { role, text, starts_ms, ends_ms });
    }
    Ok(turns)
}
