//! Businesses, what they offer, when they are open, and how a call finds them.
//!
//! Never decides whether somebody may see a business; queries on its data take a `BusinessId`.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use rusqlite::OptionalExtension as _;

use super::columns::{Place, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::business::{Business, Service};
use crate::domain::ids::{BusinessRef, ServiceId};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::{DailyRange, WeeklyHours};
use crate::domain::scheduling::rules::Rules;

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
            "INSERT INTO businesses (id, name, zone, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?4)",
        )?
        .execute((business.id.uuid(), &business.name, zone, now.as_millisecond()))?;
    Ok(())
}

/// Every business, by name. For the operator only: holds no data of theirs.
pub fn list(read: &Read<'_>) -> Result<Vec<Business>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, zone
         FROM businesses
         ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let id = BusinessRef::from_uuid(value(row, 0)?);
        let zone: String = value(row, 2)?;
        all.push(Business { id, name: value(row, 1)?, zone: time_zone(&zone)? });
    }
    Ok(all)
}

/// One business.
pub fn show(read: &Read<'_>, business: BusinessId) -> Result<Option<Business>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT name, zone
         FROM businesses
         WHERE id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let zone: String = value(row, 1)?;
    let zone = time_zone(&zone)?;
    Ok(Some(Business { id: business.as_ref(), name: value(row, 0)?, zone }))
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

/// Adds a service to a business.
pub fn add_service(
    write: &mut Write<'_>,
    business: BusinessId,
    service: &Service,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rules = &service.rules;
    write
        .conn
        .prepare_cached(
            "INSERT INTO services
               (id, business_id, name, duration_min, step_min, notice_min, horizon_days,
                created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        )?
        .execute((
            service.id.uuid(),
            business.uuid(),
            &service.name,
            rules.duration_min(),
            rules.step_min(),
            rules.notice_min(),
            rules.horizon_days(),
            now.as_millisecond(),
        ))?;
    Ok(())
}

/// The services of a business, by name.
pub fn services(read: &Read<'_>, business: BusinessId) -> Result<Vec<Service>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, duration_min, step_min, notice_min, horizon_days
         FROM services
         WHERE business_id = ?1
         ORDER BY name",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let rules = Rules::new(value(row, 2)?, value(row, 3)?, value(row, 4)?, value(row, 5)?);
        all.push(Service {
            id: ServiceId::from_uuid(value(row, 0)?),
            name: value(row, 1)?,
            rules: rules.map_err(|error| Place("services", "rules").fault(error))?,
        });
    }
    Ok(all)
}

/// Replaces the opening hours of a business.
pub fn set_hours(
    write: &mut Write<'_>,
    business: BusinessId,
    hours: &WeeklyHours,
) -> Result<(), StoreError> {
    let id = business.uuid();
    write.conn.prepare_cached("DELETE FROM weekly_hours WHERE business_id = ?1")?.execute([id])?;
    let mut insert = write.conn.prepare_cached(
        "INSERT INTO weekly_hours (business_id, weekday, opens_min, closes_min)
         VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (day, range) in hours.ranges() {
        insert.execute((id, day.to_monday_one_offset(), range.opens_min(), range.closes_min()))?;
    }
    Ok(())
}

/// The opening hours of a business.
pub fn hours(read: &Read<'_>, business: BusinessId) -> Result<WeeklyHours, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT weekday, opens_min, closes_min
         FROM weekly_hours
         WHERE business_id = ?1
         ORDER BY weekday, opens_min",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let place = Place("weekly_hours", "opens_min");
    let mut ranges = Vec::new();
    while let Some(row) = rows.next()? {
        let day = Weekday::from_monday_one_offset(value(row, 0)?).map_err(|e| place.fault(e))?;
        let range = DailyRange::new(value(row, 1)?, value(row, 2)?).map_err(|e| place.fault(e))?;
        ranges.push((day, range));
    }
    WeeklyHours::new(ranges).map_err(|error| place.fault(error))
}

fn time_zone(name: &str) -> Result<TimeZone, StoreError> {
    TimeZone::get(name).map_err(|error| Place("businesses", "zone").fault(error))
}
