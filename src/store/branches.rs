//! Branches: where a business serves.
//!
//! Their hours are in `hours`. Never decides whether a branch may go.

use jiff::Timestamp;

use super::businesses::time_zone;
use super::columns::value;
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::business::Branch;
use crate::domain::ids::BranchId;
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::opening::Opening;

/// Adds a branch, without its hours.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    branch: &Branch,
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO branches
               (id, business_id, name, zone, address, phone, active, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        )?
        .execute((
            branch.id.uuid(),
            business.uuid(),
            &branch.name,
            branch.zone.iana_name().unwrap_or("UTC"),
            &branch.address,
            branch.phone.as_ref().map_or("", PhoneNumber::as_str),
            branch.active,
            now.as_millisecond(),
        ))?;
    Ok(())
}

/// Changes a branch, apart from its hours.
pub fn update(
    write: &mut Write<'_>,
    business: BusinessId,
    branch: &Branch,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE branches
             SET name = ?3, zone = ?4, address = ?5, phone = ?6, active = ?7
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((
            branch.id.uuid(),
            business.uuid(),
            &branch.name,
            branch.zone.iana_name().unwrap_or("UTC"),
            &branch.address,
            branch.phone.as_ref().map_or("", PhoneNumber::as_str),
            branch.active,
        ))?;
    Ok(())
}

/// Removes a branch; refused by the schema when it has appointments. `false` when there is none.
pub fn remove(
    write: &mut Write<'_>,
    business: BusinessId,
    id: BranchId,
) -> Result<bool, StoreError> {
    let removed = write
        .conn
        .prepare_cached("DELETE FROM branches WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid()))?;
    Ok(removed > 0)
}

/// The branches of a business by name, without their hours.
pub fn all(read: &Read<'_>, business: BusinessId) -> Result<Vec<Branch>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, zone, address, phone, active
         FROM branches
         WHERE business_id = ?1
         ORDER BY name",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (zone, phone): (String, String) = (value(row, 2)?, value(row, 4)?);
        all.push(Branch {
            id: BranchId::from_uuid(value(row, 0)?),
            name: value(row, 1)?,
            zone: time_zone(&zone)?,
            address: value(row, 3)?,
            phone: PhoneNumber::parse(&phone).ok(),
            active: value(row, 5)?,
            opening: Opening::default(),
        });
    }
    Ok(all)
}
