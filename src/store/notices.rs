//! What a person should look at.
//!
//! Never tells of the same thing at the same moment twice.

use jiff::Timestamp;

use super::columns::{Place, instant, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;

/// Something to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its stable code.
    pub kind: String,
    /// What it is about, such as a number.
    pub subject: String,
    /// When it was noticed.
    pub noticed_at: Timestamp,
}

/// Adds a notice for a business.
pub fn add(write: &mut Write<'_>, business: BusinessId, notice: &Notice) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO notices (business_id, kind, subject, noticed_at)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind, subject, noticed_at) DO NOTHING",
        )?
        .execute((
            business.uuid(),
            &notice.kind,
            &notice.subject,
            notice.noticed_at.as_millisecond(),
        ))?;
    Ok(())
}

/// The newest notices of a business.
pub fn newest(read: &Read<'_>, business: BusinessId, most: u32) -> Result<Vec<Notice>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT kind, subject, noticed_at
         FROM notices
         WHERE business_id = ?1
         ORDER BY id DESC
         LIMIT ?2",
    )?;
    let mut rows = statement.query((business.uuid(), most))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Notice {
            kind: value(row, 0)?,
            subject: value(row, 1)?,
            noticed_at: instant(row, 2, Place("notices", "noticed_at"))?,
        });
    }
    Ok(all)
}
