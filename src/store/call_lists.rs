//! Calls as they are shown: pages of them, and one whole.
//!
//! Never lists across businesses, never counts by walking the table.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Rows};

use super::columns::{Place, instant, maybe_instant, value, word};
use super::{Read, StoreError};
use crate::domain::access::BusinessId;
use crate::domain::call::{Cost, Direction, EndFamily, Facts, LegFacts, Outcome, Status};
use crate::domain::ids::{CallId, PropertyId};
use crate::domain::page::{Limit, Page};

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
    /// What came of it; `None` while it is not over.
    pub outcome: Option<Outcome>,
    /// To whom it was handed on; empty when it was not.
    pub handed_to: String,
    /// What it is about.
    pub property: Option<PropertyId>,
    /// Whether it was placed to try things out.
    pub is_test: bool,
    /// When the provider had to be asked how it ended.
    pub recovered_at: Option<Timestamp>,
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
                created_at, updated_at, outcome, handed_to, property_id, is_test, recovered_at
         FROM calls
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    page(statement.query((business.uuid(), ms, id, limit.rows() + 1))?, limit)
}

/// A page of a business's calls with an outcome, the newest first.
pub fn with_outcome(
    read: &Read<'_>,
    business: BusinessId,
    (outcome, after): (Outcome, Option<After>),
    limit: Limit,
) -> Result<Page<Shown>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, account, provider_call_id, provider_agent_id, direction, status, from_number,
                to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family,
                summary, sentiment, successful, in_voicemail, cost_micros, cost_currency,
                created_at, updated_at, outcome, handed_to, property_id, is_test, recovered_at
         FROM calls
         WHERE business_id = ?1 AND outcome = ?5 AND outcome <> ''
           AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let key = (business.uuid(), ms, id, limit.rows() + 1, outcome.word());
    page(statement.query(key)?, limit)
}

/// The legs of a call of a business, by the provider's id.
pub fn legs(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
) -> Result<Vec<(String, LegFacts)>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT facts
         FROM calls
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let key = (call.uuid(), business.uuid());
    let facts: Option<String> = statement.query_row(key, |row| row.get(0)).optional()?;
    let Some(facts) = facts else { return Ok(Vec::new()) };
    let facts: Facts = serde_json::from_str(&facts)
        .map_err(|_| Place("calls", "facts").fault("cannot be read"))?;
    Ok(facts.legs.into_iter().collect())
}

/// A page of a business's calls about a property, the newest first.
pub fn about(
    read: &Read<'_>,
    business: BusinessId,
    property: PropertyId,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Shown>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, account, provider_call_id, provider_agent_id, direction, status, from_number,
                to_number, started_at, ended_at, duration_ms, disconnection_reason, end_family,
                summary, sentiment, successful, in_voicemail, cost_micros, cost_currency,
                created_at, updated_at, outcome, handed_to, property_id, is_test, recovered_at
         FROM calls
         WHERE property_id = ?5 AND business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let key = (business.uuid(), ms, id, limit.rows() + 1, property.uuid());
    page(statement.query(key)?, limit)
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
                created_at, updated_at, outcome, handed_to, property_id, is_test, recovered_at
         FROM calls
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((call.uuid(), business.uuid()))?;
    rows.next()?.map(shown).transpose()
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

fn page(mut rows: Rows<'_>, limit: Limit) -> Result<Page<Shown>, StoreError> {
    let mut calls = Vec::new();
    while let Some(row) = rows.next()? {
        calls.push(shown(row)?);
    }
    Ok(Page::cut(calls, limit))
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
        outcome: match value::<String>(row, 21)?.as_str() {
            "" => None,
            _ => Some(word(row, 21, (&Outcome::ALL, Outcome::word), place("outcome"))?),
        },
        handed_to: value(row, 22)?,
        property: value::<Option<_>>(row, 23)?.map(PropertyId::from_uuid),
        is_test: value(row, 24)?,
        recovered_at: maybe_instant(row, 25, place("recovered_at"))?,
        created_at: instant(row, 19, place("created_at"))?,
        updated_at: instant(row, 20, place("updated_at"))?,
    })
}
