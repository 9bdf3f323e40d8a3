//! What calls can be about, such as a flat to let.
//!
//! Never lists across businesses.

use jiff::Timestamp;
use rusqlite::Row;

use super::columns::{Place, instant, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::PropertyId;
use crate::domain::page::{Limit, Page};
use crate::domain::property::Property;

/// Where a page begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When it was added, ms since 1970 UTC.
    pub created_ms: i64,
    /// Which.
    pub id: PropertyId,
}

/// Adds one. `false` when another of the business has its reference.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    property: &Property,
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO properties
           (id, business_id, reference, title, address, notes, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
         ON CONFLICT (business_id, reference) DO NOTHING",
    )?;
    let added = statement.execute((
        property.id.uuid(),
        business.uuid(),
        &property.reference,
        &property.title,
        &property.address,
        &property.notes,
        property.created_at.as_millisecond(),
    ))?;
    Ok(added == 1)
}

/// Changes one. `false` when another of the business has its reference.
pub fn update(
    write: &mut Write<'_>,
    business: BusinessId,
    property: &Property,
) -> Result<bool, StoreError> {
    let mut statement = write.conn.prepare_cached(
        "UPDATE OR IGNORE properties
         SET reference = ?3, title = ?4, address = ?5, notes = ?6, updated_at = ?7
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let changed = statement.execute((
        property.id.uuid(),
        business.uuid(),
        &property.reference,
        &property.title,
        &property.address,
        &property.notes,
        property.updated_at.as_millisecond(),
    ))?;
    Ok(changed == 1)
}

/// Removes one; the calls about it stay.
pub fn remove(
    write: &mut Write<'_>,
    business: BusinessId,
    id: PropertyId,
) -> Result<bool, StoreError> {
    let mut statement =
        write.conn.prepare_cached("DELETE FROM properties WHERE id = ?1 AND business_id = ?2")?;
    Ok(statement.execute((id.uuid(), business.uuid()))? == 1)
}

/// One of a business.
pub fn find(
    read: &Read<'_>,
    business: BusinessId,
    id: PropertyId,
) -> Result<Option<Property>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, reference, title, address, notes, created_at, updated_at
         FROM properties
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((id.uuid(), business.uuid()))?;
    rows.next()?.map(property).transpose()
}

/// A page of a business's, the newest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Property>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, reference, title, address, notes, created_at, updated_at
         FROM properties
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let mut rows = statement.query((business.uuid(), ms, id, limit.rows() + 1))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(property(row)?);
    }
    Ok(Page::cut(all, limit))
}

fn property(row: &Row<'_>) -> Result<Property, StoreError> {
    let at = |index, column| -> Result<Timestamp, StoreError> {
        instant(row, index, Place("properties", column))
    };
    Ok(Property {
        id: PropertyId::from_uuid(value(row, 0)?),
        reference: value(row, 1)?,
        title: value(row, 2)?,
        address: value(row, 3)?,
        notes: value(row, 4)?,
        created_at: at(5, "created_at")?,
        updated_at: at(6, "updated_at")?,
    })
}
