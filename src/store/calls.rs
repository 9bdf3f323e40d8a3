//! Calls, their events and what was said in them.
//!
//! Never lists across businesses, never counts by walking the table.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row};

use super::columns::{Place, instant, maybe_instant, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::call::{Cost, Direction, EndFamily, Facts, Status};
use crate::domain::ids::{BusinessRef, CallId, InboxId};
use crate::domain::page::{Limit, Page};
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

/// A call as it is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Our id.
    pub id: CallId,
    /// Name of the voice account.
    pub account: String,
    /// The provider's id of the call.
    pub provider_call_id: String,
    /// The provider's id of the agent; empty when not told.
    pub provider_agent_id: String,
    /// Which way it went.
    pub direction: Direction,
    /// Where it stands.
    pub status: Status,
    /// Who called; empty when not told.
    pub from_number: String,
    /// Who was called; empty when not told.
    pub to_number: String,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The provider's word for why it ended; empty when not told.
    pub disconnection_reason: String,
    /// The same, mapped.
    pub end_family: EndFamily,
    /// The provider's summary; empty when not told.
    pub summary: String,
    /// The provider's word for the person's mood; empty when not told.
    pub sentiment: String,
    /// The provider's judgement.
    pub successful: Option<bool>,
    /// Whether a mailbox answered.
    pub in_voicemail: Option<bool>,
    /// What the provider charges.
    pub cost: Option<Cost>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Where a page of calls begins: after this call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When it was first heard of, ms since 1970 UTC.
    pub created_ms: i64,
    /// Which.
    pub id: CallId,
}

/// Finds a call by the provider's id, for whoever moves it.
pub fn find(
    read: &Read<'_>,
    account: &str,
    provider_call_id: &str,
) -> Result<Option<Kept>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, business_id, facts, created_at
         FROM calls
         WHERE account = ?1 AND provider_call_id = ?2",
    )?;
    let mut rows = statement.query((account, provider_call_id))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let facts: String = value(row, 2)?;
    let facts = serde_json::from_str(&facts)
        .map_err(|_| Place("calls", "facts").fault("cannot be read"))?;
    Ok(Some(Kept {
        id: CallId::from_uuid(value(row, 0)?),
        account: account.to_owned(),
        provider_call_id: provider_call_id.to_owned(),
        business: value::<Option<_>>(row, 1)?.map(BusinessRef::from_uuid),
        facts,
        created_at: instant(row, 3, Place("calls", "created_at"))?,
    }))
}

/// Keeps a call as its facts are now.
pub fn save(write: &mut Write<'_>, call: &Kept) -> Result<(), StoreError> {
    let facts = serde_json::to_string(&call.facts)
        .map_err(|error| StoreError::Statement(format!("facts cannot be written: {error}")))?;
    let known = &call.facts;
    let text = |told: &Option<crate::domain::call::Told<String>>| {
        told.as_ref().map_or_else(String::new, |told| told.0.clone())
    };
    let ended_by = known.ended_by.as_ref().map(|told| &told.0);
    let cost = known.cost.as_ref().map(|told| &told.0);
    write
        .conn
        .prepare_cached(
            "INSERT INTO calls
               (id, business_id, account, provider_call_id, provider_agent_id, direction, status,
                from_number, to_number, started_at, ended_at, duration_ms, disconnection_reason,
                end_family, summary, sentiment, successful, in_voicemail, cost_micros,
                cost_currency, facts, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                     ?18, ?19, ?20, ?21, ?22, ?22)
             ON CONFLICT (id) DO UPDATE SET
               business_id = ?2, provider_agent_id = ?5, direction = ?6, status = ?7,
               from_number = ?8, to_number = ?9, started_at = ?10, ended_at = ?11,
               duration_ms = ?12, disconnection_reason = ?13, end_family = ?14, summary = ?15,
               sentiment = ?16, successful = ?17, in_voicemail = ?18, cost_micros = ?19,
               cost_currency = ?20, facts = ?21",
        )?
        .execute(rusqlite::params![
            call.id.uuid(),
            call.business.map(BusinessRef::uuid),
            call.account,
            call.provider_call_id,
            text(&known.agent),
            known.direction().word(),
            known.status().word(),
            text(&known.from_number),
            text(&known.to_number),
            known.started_at.as_ref().map(|told| told.0.as_millisecond()),
            known.ended_at.as_ref().map(|told| told.0.as_millisecond()),
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
        ])?;
    Ok(())
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

/// A page of a business's calls, the newest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Shown>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, account, provider_call_id, provider_agent_id, direction, status, from_number,
                to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family,
                summary, sentiment, successful, in_voicemail, cost_micros, cost_currency,
                created_at, updated_at
         FROM calls
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let mut rows = statement.query((business.uuid(), ms, id, limit.rows() + 1))?;
    let mut calls = Vec::new();
    while let Some(row) = rows.next()? {
        calls.push(shown(row)?);
    }
    Ok(Page::cut(calls, limit))
}

/// One call of a business.
pub fn show(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
) -> Result<Option<Shown>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, account, provider_call_id, provider_agent_id, direction, status, from_number,
                to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family,
                summary, sentiment, successful, in_voicemail, cost_micros, cost_currency,
                created_at, updated_at
         FROM calls
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((call.uuid(), business.uuid()))?;
    rows.next()?.map(shown).transpose()
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

/// How many rows a business has of `calls` or `appointments`, as the writer counts them.
pub fn total(read: &Read<'_>, business: BusinessId, noun: &str) -> Result<i64, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT total
         FROM totals
         WHERE business_id = ?1 AND noun = ?2",
    )?;
    let total = statement.query_row((business.uuid(), noun), |row| row.get(0)).optional()?;
    Ok(total.unwrap_or(0))
}

fn shown(row: &Row<'_>) -> Result<Shown, StoreError> {
    let place = |column| Place("calls", column);
    let micros: Option<i64> = value(row, 17)?;
    let currency: String = value(row, 18)?;
    Ok(Shown {
        id: CallId::from_uuid(value(row, 0)?),
        account: value(row, 1)?,
        provider_call_id: value(row, 2)?,
        provider_agent_id: value(row, 3)?,
        direction: word(row, 4, (&Direction::ALL, Direction::word), place("direction"))?,
        status: word(row, 5, (&Status::ALL, Status::word), place("status"))?,
        from_number: value(row, 6)?,
        to_number: value(row, 7)?,
        started_at: maybe_instant(row, 8, place("started_at"))?,
        ended_at: maybe_instant(row, 9, place("ended_at"))?,
        duration_ms: value(row, 10)?,
        disconnection_reason: value(row, 11)?,
        end_family: word(row, 12, (&EndFamily::ALL, EndFamily::word), place("end_family"))?,
        summary: value(row, 13)?,
        sentiment: value(row, 14)?,
        successful: value(row, 15)?,
        in_voicemail: value(row, 16)?,
        cost: micros.map(|micros| Cost { micros, currency }),
        created_at: instant(row, 19, place("created_at"))?,
        updated_at: instant(row, 20, place("updated_at"))?,
    })
}
