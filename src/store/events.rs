//! What happened in a business that others will be told of.
//!
//! Never delivers anything.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::event::EventKind;

/// Notes that something happened to an appointment, a message or a waiting entry.
pub fn note(
    write: &mut Write<'_>,
    business: BusinessId,
    (kind, subject): (EventKind, Uuid),
    now: Timestamp,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO events (business_id, kind, subject_id, happened_at)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((business.uuid(), kind.word(), subject, now.as_millisecond()))?;
    Ok(())
}
