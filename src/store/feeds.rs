//! Calendars that are read by a secret address.
//!
//! Never holds the secret, only its digest.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::columns::{Place, instant, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::{BusinessRef, FeedId, StaffId};

/// A calendar of a business or of one of its staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// Of one staff member; all appointments when `None`.
    pub staff: Option<StaffId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Adds a calendar under the digest of its secret.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    feed: &Feed,
    token_sha256: &[u8; 32],
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO feeds (id, business_id, staff_id, token_sha256, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            feed.id.uuid(),
            business.uuid(),
            feed.staff.map(StaffId::uuid),
            token_sha256,
            feed.created_at.as_millisecond(),
        ))?;
    Ok(())
}

/// Removes a calendar; `false` when there is none of that id.
pub fn remove(write: &mut Write<'_>, business: BusinessId, id: FeedId) -> Result<bool, StoreError> {
    let removed = write
        .conn
        .prepare_cached("DELETE FROM feeds WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid()))?;
    Ok(removed > 0)
}

/// The calendars of a business, at most `most`.
pub fn all(read: &Read<'_>, business: BusinessId, most: usize) -> Result<Vec<Feed>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, staff_id, created_at
         FROM feeds
         WHERE business_id = ?1
         ORDER BY id
         LIMIT ?2",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = statement.query((business.uuid(), most))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Feed {
            id: FeedId::from_uuid(value(row, 0)?),
            staff: value::<Option<_>>(row, 1)?.map(StaffId::from_uuid),
            created_at: instant(row, 2, Place("feeds", "created_at"))?,
        });
    }
    Ok(all)
}

/// Whose calendar has that secret, for whoever holds it.
pub fn find(
    read: &Read<'_>,
    token_sha256: &[u8; 32],
) -> Result<Option<(BusinessRef, Option<StaffId>)>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT business_id, staff_id
         FROM feeds
         WHERE token_sha256 = ?1",
    )?;
    let found = statement.query_row([token_sha256], |row| {
        let staff: Option<uuid::Uuid> = row.get(1)?;
        Ok((BusinessRef::from_uuid(row.get(0)?), staff.map(StaffId::from_uuid)))
    });
    Ok(found.optional()?)
}
