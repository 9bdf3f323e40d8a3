//! Services: what a business offers, by whom and where.
//!
//! Never decides whether a service can be booked.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::Row;
use uuid::Uuid;

use super::columns::{Place, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::business::{Price, Service};
use crate::domain::ids::{BranchId, ServiceId, StaffId};
use crate::domain::scheduling::rules::{Rules, RulesError};

/// Adds a service.
pub fn add(
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
               (id, business_id, name, duration_min, step_min, notice_min, horizon_days, before_min,
                after_min, capacity, day_cap, staffed, price_micros, currency, active, created_at,
                updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16)",
        )?
        .execute(rusqlite::params![
            service.id.uuid(),
            business.uuid(),
            &service.name,
            rules.duration_min(),
            rules.step_min(),
            rules.notice_min(),
            rules.horizon_days(),
            rules.before_min(),
            rules.after_min(),
            rules.capacity(),
            rules.day_cap(),
            service.staffed,
            service.price.as_ref().map(|price| price.micros),
            service.price.as_ref().map_or("", |price| price.currency.as_str()),
            service.active,
            now.as_millisecond(),
        ])?;
    put_lists(write, business, service)
}

/// Changes a service.
pub fn update(
    write: &mut Write<'_>,
    business: BusinessId,
    service: &Service,
) -> Result<(), StoreError> {
    let rules = &service.rules;
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE services
             SET name = ?3, duration_min = ?4, step_min = ?5, notice_min = ?6, horizon_days = ?7,
                 before_min = ?8, after_min = ?9, capacity = ?10, day_cap = ?11, staffed = ?12,
                 price_micros = ?13, currency = ?14, active = ?15
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute(rusqlite::params![
            service.id.uuid(),
            business.uuid(),
            &service.name,
            rules.duration_min(),
            rules.step_min(),
            rules.notice_min(),
            rules.horizon_days(),
            rules.before_min(),
            rules.after_min(),
            rules.capacity(),
            rules.day_cap(),
            service.staffed,
            service.price.as_ref().map(|price| price.micros),
            service.price.as_ref().map_or("", |price| price.currency.as_str()),
            service.active,
        ])?;
    if changed == 0 {
        return Ok(());
    }
    let key = (service.id.uuid(), business.uuid());
    for delete in [
        "DELETE FROM service_skills WHERE service_id = ?1 AND business_id = ?2",
        "DELETE FROM service_staff WHERE service_id = ?1 AND business_id = ?2",
        "DELETE FROM service_branches WHERE service_id = ?1 AND business_id = ?2",
    ] {
        write.conn.prepare_cached(delete)?.execute(key)?;
    }
    put_lists(write, business, service)
}

fn put_lists(
    write: &mut Write<'_>,
    business: BusinessId,
    service: &Service,
) -> Result<(), StoreError> {
    let (id, business) = (service.id.uuid(), business.uuid());
    let mut skill = write.conn.prepare_cached(
        "INSERT INTO service_skills (service_id, skill, business_id) VALUES (?1, ?2, ?3)",
    )?;
    for one in &service.skills {
        skill.execute((id, one, business))?;
    }
    let mut staff = write.conn.prepare_cached(
        "INSERT INTO service_staff (service_id, staff_id, business_id) VALUES (?1, ?2, ?3)",
    )?;
    for one in &service.staff {
        staff.execute((id, one.uuid(), business))?;
    }
    let mut branch = write.conn.prepare_cached(
        "INSERT INTO service_branches (service_id, branch_id, business_id) VALUES (?1, ?2, ?3)",
    )?;
    for one in &service.branches {
        branch.execute((id, one.uuid(), business))?;
    }
    Ok(())
}

/// Removes a service; refused by the schema when it has appointments. `false` when there is none.
pub fn remove(
    write: &mut Write<'_>,
    business: BusinessId,
    id: ServiceId,
) -> Result<bool, StoreError> {
    let removed = write
        .conn
        .prepare_cached("DELETE FROM services WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid()))?;
    Ok(removed > 0)
}

/// The services of a business, by name.
pub fn all(read: &Read<'_>, business: BusinessId) -> Result<Vec<Service>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, duration_min, step_min, notice_min, horizon_days, before_min, after_min,
                capacity, day_cap, staffed, price_micros, currency, active
         FROM services
         WHERE business_id = ?1
         ORDER BY name",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(service(row)?);
    }
    let mut skills = skills(read, business)?;
    let mut staff = staff(read, business)?;
    let mut branches = branches(read, business)?;
    for one in &mut all {
        one.skills = skills.remove(&one.id.uuid()).unwrap_or_default();
        one.staff = staff.remove(&one.id.uuid()).unwrap_or_default();
        one.branches = branches.remove(&one.id.uuid()).unwrap_or_default();
    }
    Ok(all)
}

fn service(row: &Row<'_>) -> Result<Service, StoreError> {
    let rules = rules(row)?.map_err(|error| Place("services", "duration_min").fault(error))?;
    let micros: Option<i64> = value(row, 11)?;
    let currency: String = value(row, 12)?;
    Ok(Service {
        id: ServiceId::from_uuid(value(row, 0)?),
        name: value(row, 1)?,
        rules,
        staffed: value(row, 10)?,
        price: micros.map(|micros| Price { micros, currency }),
        active: value(row, 13)?,
        skills: Vec::new(),
        staff: Vec::new(),
        branches: Vec::new(),
    })
}

fn rules(row: &Row<'_>) -> Result<Result<Rules, RulesError>, StoreError> {
    let plain = Rules::new(value(row, 2)?, value(row, 3)?, value(row, 4)?, value(row, 5)?);
    let (before, after): (u16, u16) = (value(row, 6)?, value(row, 7)?);
    let (capacity, day_cap): (u16, Option<u16>) = (value(row, 8)?, value(row, 9)?);
    Ok(plain
        .and_then(|rules| rules.with_buffers(before, after))
        .and_then(|rules| rules.with_capacity(capacity))
        .and_then(|rules| rules.with_day_cap(day_cap)))
}

fn skills(read: &Read<'_>, business: BusinessId) -> Result<HashMap<Uuid, Vec<String>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT service_id, skill
         FROM service_skills
         WHERE business_id = ?1
         ORDER BY skill",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all: HashMap<Uuid, Vec<String>> = HashMap::new();
    while let Some(row) = rows.next()? {
        all.entry(value(row, 0)?).or_default().push(value(row, 1)?);
    }
    Ok(all)
}

fn staff(read: &Read<'_>, business: BusinessId) -> Result<HashMap<Uuid, Vec<StaffId>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT service_id, staff_id
         FROM service_staff
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all: HashMap<Uuid, Vec<StaffId>> = HashMap::new();
    while let Some(row) = rows.next()? {
        all.entry(value(row, 0)?).or_default().push(StaffId::from_uuid(value(row, 1)?));
    }
    Ok(all)
}

fn branches(
    read: &Read<'_>,
    business: BusinessId,
) -> Result<HashMap<Uuid, Vec<BranchId>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT service_id, branch_id
         FROM service_branches
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all: HashMap<Uuid, Vec<BranchId>> = HashMap::new();
    while let Some(row) = rows.next()? {
        all.entry(value(row, 0)?).or_default().push(BranchId::from_uuid(value(row, 1)?));
    }
    Ok(all)
}
