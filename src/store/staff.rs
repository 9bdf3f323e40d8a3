//! Staff: who serves, where, and what they can do.
//!
//! Their hours are in `hours`. Never decides who gets an appointment.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::columns::value;
use super::{Read, StoreError, Write, hours};
use crate::domain::access::BusinessId;
use crate::domain::business::{Staff, Workplace};
use crate::domain::ids::{BranchId, StaffId};
use crate::domain::scheduling::opening::Opening;

/// Adds a staff member with where and when they work.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    staff: &Staff,
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO staff (id, business_id, name, active, given_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?5)",
        )?
        .execute((
            staff.id.uuid(),
            business.uuid(),
            &staff.name,
            staff.active,
            now.as_millisecond(),
        ))?;
    put_lists(write, business, staff)
}

/// Changes a staff member, with where and when they work.
pub fn update(
    write: &mut Write<'_>,
    business: BusinessId,
    staff: &Staff,
) -> Result<(), StoreError> {
    let key = (staff.id.uuid(), business.uuid());
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE staff
             SET name = ?3, active = ?4
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((key.0, key.1, &staff.name, staff.active))?;
    if changed == 0 {
        return Ok(());
    }
    for delete in [
        "DELETE FROM staff_skills WHERE staff_id = ?1 AND business_id = ?2",
        "DELETE FROM staff_branches WHERE staff_id = ?1 AND business_id = ?2",
    ] {
        write.conn.prepare_cached(delete)?.execute(key)?;
    }
    put_lists(write, business, staff)
}

fn put_lists(write: &mut Write<'_>, business: BusinessId, staff: &Staff) -> Result<(), StoreError> {
    let mut skill = write.conn.prepare_cached(
        "INSERT INTO staff_skills (staff_id, skill, business_id) VALUES (?1, ?2, ?3)",
    )?;
    for one in &staff.skills {
        skill.execute((staff.id.uuid(), one, business.uuid()))?;
    }
    let mut place = write.conn.prepare_cached(
        "INSERT INTO staff_branches (staff_id, branch_id, business_id, own_hours)
         VALUES (?1, ?2, ?3, ?4)",
    )?;
    for one in &staff.places {
        place.execute((staff.id.uuid(), one.branch.uuid(), business.uuid(), one.own_hours))?;
    }
    drop((skill, place));
    for one in staff.places.iter().filter(|one| one.own_hours) {
        let whose = (staff.id, one.branch);
        hours::add_staff_hours(write, business, whose, one.opening.weekly())?;
    }
    Ok(())
}

/// Removes a staff member; refused by the schema when they have appointments. `false` when there
/// is none.
pub fn remove(
    write: &mut Write<'_>,
    business: BusinessId,
    id: StaffId,
) -> Result<bool, StoreError> {
    let removed = write
        .conn
        .prepare_cached("DELETE FROM staff WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid()))?;
    Ok(removed > 0)
}

/// The staff of a business by name, without the hours of their workplaces.
pub fn all(read: &Read<'_>, business: BusinessId) -> Result<Vec<Staff>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, active
         FROM staff
         WHERE business_id = ?1
         ORDER BY name",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let id = StaffId::from_uuid(value(row, 0)?);
        let (name, active) = (value(row, 1)?, value(row, 2)?);
        all.push(Staff { id, name, active, skills: Vec::new(), places: Vec::new() });
    }
    let mut skills = skills(read, business)?;
    let mut places = places(read, business)?;
    for one in &mut all {
        one.skills = skills.remove(&one.id.uuid()).unwrap_or_default();
        one.places = places.remove(&one.id.uuid()).unwrap_or_default();
    }
    Ok(all)
}

/// When each staff member was last given an appointment that anybody could have had, ms since
/// 1970 UTC; 0 when never.
pub fn given(read: &Read<'_>, business: BusinessId) -> Result<HashMap<StaffId, i64>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, given_at
         FROM staff
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all = HashMap::new();
    while let Some(row) = rows.next()? {
        all.insert(StaffId::from_uuid(value(row, 0)?), value(row, 1)?);
    }
    Ok(all)
}

/// Notes that a staff member was given an appointment that anybody could have had.
pub fn note_given(
    write: &mut Write<'_>,
    business: BusinessId,
    id: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("UPDATE staff SET given_at = ?3 WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid(), now.as_millisecond()))?;
    Ok(())
}

fn skills(read: &Read<'_>, business: BusinessId) -> Result<HashMap<Uuid, Vec<String>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT staff_id, skill
         FROM staff_skills
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

fn places(
    read: &Read<'_>,
    business: BusinessId,
) -> Result<HashMap<Uuid, Vec<Workplace>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT staff_id, branch_id, own_hours
         FROM staff_branches
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all: HashMap<Uuid, Vec<Workplace>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let branch = BranchId::from_uuid(value(row, 1)?);
        let place = Workplace { branch, own_hours: value(row, 2)?, opening: Opening::default() };
        all.entry(value(row, 0)?).or_default().push(place);
    }
    Ok(all)
}
