//! Businesses, and how a call finds them.
//!
//! Never decides whether somebody may see a business; queries on its data take a `BusinessId`.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{OptionalExtension as _, Row};

use super::columns::{Place, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::business::Business;
use crate::domain::contact::Region;
use crate::domain::ids::BusinessRef;
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;

/// An agent of a business at a voice provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Name of the voice account.
    pub account: String,
    /// The provider's id of the agent.
    pub provider_agent_id: String,
}

/// Adds a business.
pub fn add(write: &mut Write<'_>, business: &Business, now: Timestamp) -> Result<(), StoreError> {
    let zone = business.zone.iana_name().unwrap_or("UTC");
    write
        .conn
        .prepare_cached(
            "INSERT INTO businesses (id, name, zone, language, region, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        )?
        .execute((
            business.id.uuid(),
            &business.name,
            zone,
            business.language.code(),
            business.region.as_ref().map_or("", Region::code),
            now.as_millisecond(),
        ))?;
    Ok(())
}

/// Changes a business's name, zone, language and region.
pub fn update(
    write: &mut Write<'_>,
    id: BusinessId,
    business: &Business,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE businesses
             SET name = ?2, zone = ?3, language = ?4, region = ?5
             WHERE id = ?1",
        )?
        .execute((
            id.uuid(),
            &business.name,
            business.zone.iana_name().unwrap_or("UTC"),
            business.language.code(),
            business.region.as_ref().map_or("", Region::code),
        ))?;
    Ok(())
}

/// Every business, by name. For the operator only: holds no data of theirs.
pub fn list(read: &Read<'_>) -> Result<Vec<Business>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, zone, language, region
         FROM businesses
         ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(business(row)?);
    }
    Ok(all)
}

/// One business.
pub fn show(read: &Read<'_>, id: BusinessId) -> Result<Option<Business>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, zone, language, region
         FROM businesses
         WHERE id = ?1",
    )?;
    let mut rows = statement.query([id.uuid()])?;
    rows.next()?.map(business).transpose()
}

/// Whom a dialled number, or else an agent, belongs to.
pub fn route(
    read: &Read<'_>,
    account: &str,
    number: Option<&str>,
    agent: Option<&str>,
) -> Result<Option<BusinessRef>, StoreError> {
    if let Some(number) = number {
        let mut statement =
            read.conn.prepare_cached("SELECT business_id FROM numbers WHERE e164 = ?1")?;
        let found = statement.query_row([number], |row| row.get(0)).optional()?;
        if let Some(id) = found {
            return Ok(Some(BusinessRef::from_uuid(id)));
        }
    }
    let Some(agent) = agent else { return Ok(None) };
    let mut statement = read.conn.prepare_cached(
        "SELECT business_id
         FROM agents
         WHERE account = ?1 AND provider_agent_id = ?2",
    )?;
    let found = statement.query_row((account, agent), |row| row.get(0)).optional()?;
    Ok(found.map(BusinessRef::from_uuid))
}

/// Gives an agent of a provider to a business; a second time changes nothing.
/// `false` when another business has it.
pub fn add_agent(
    write: &mut Write<'_>,
    business: BusinessId,
    agent: &Agent,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO agents (account, provider_agent_id, business_id, created_at)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account, provider_agent_id) DO UPDATE SET business_id = business_id
         RETURNING business_id = ?3",
    )?;
    let (account, id) = (&agent.account, &agent.provider_agent_id);
    let key = (account, id, business.uuid(), now.as_millisecond());
    Ok(statement.query_row(key, |row| row.get(0))?)
}

/// Gives a telephone number to a business; a second time changes nothing.
/// `false` when another business has it.
pub fn add_number(
    write: &mut Write<'_>,
    business: BusinessId,
    number: &PhoneNumber,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO numbers (e164, business_id, created_at)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (e164) DO UPDATE SET business_id = business_id
         RETURNING business_id = ?2",
    )?;
    let key = (number.as_str(), business.uuid(), now.as_millisecond());
    Ok(statement.query_row(key, |row| row.get(0))?)
}

/// The agents of a business.
pub fn agents(read: &Read<'_>, business: BusinessId) -> Result<Vec<Agent>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT account, provider_agent_id
         FROM agents
         WHERE business_id = ?1
         ORDER BY account, provider_agent_id",
    )?;
    let rows = statement.query_map([business.uuid()], |row| {
        Ok(Agent { account: row.get(0)?, provider_agent_id: row.get(1)? })
    })?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

/// The telephone numbers of a business, E.164.
pub fn numbers(read: &Read<'_>, business: BusinessId) -> Result<Vec<String>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT e164
         FROM numbers
         WHERE business_id = ?1
         ORDER BY e164",
    )?;
    let rows = statement.query_map([business.uuid()], |row| row.get(0))?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

fn business(row: &Row<'_>) -> Result<Business, StoreError> {
    let zone: String = value(row, 2)?;
    let (language, region): (String, String) = (value(row, 3)?, value(row, 4)?);
    let language = Language::parse(&language)
        .ok_or_else(|| Place("businesses", "language").fault("is none that is known"))?;
    Ok(Business {
        id: BusinessRef::from_uuid(value(row, 0)?),
        name: value(row, 1)?,
        zone: time_zone(&zone)?,
        language,
        region: Region::parse(&region),
    })
}

/// The zone of a name.
pub(super) fn time_zone(name: &str) -> Result<TimeZone, StoreError> {
    TimeZone::get(name).map_err(|error| Place("businesses", "zone").fault(error))
}
