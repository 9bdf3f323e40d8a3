//! What was offered in a call, so that an offer means something only there.
//!
//! Never books by itself.

use jiff::Timestamp;

use super::columns::{Place, value};
use super::{Read, StoreError, Write};
use crate::domain::ids::{BranchId, CallId, ServiceId, StaffId};
use crate::domain::scheduling::interval::Span;

/// A slot that was offered in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The id that the agent was given.
    pub slot: String,
    /// What for.
    pub service: ServiceId,
    /// Where.
    pub branch: BranchId,
    /// With whom, when somebody was asked for.
    pub staff: Option<StaffId>,
    /// When.
    pub span: Span,
}

/// Notes what was offered in a call; the same slot again changes nothing.
pub fn put(
    write: &mut Write<'_>,
    call: CallId,
    offers: &[Offer],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO offers
           (call_id, slot, service_id, branch_id, staff_id, starts_at, ends_at, offered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (call_id, slot) DO NOTHING",
    )?;
    for offer in offers {
        statement.execute((
            call.uuid(),
            &offer.slot,
            offer.service.uuid(),
            offer.branch.uuid(),
            offer.staff.map(StaffId::uuid),
            offer.span.start().as_millisecond(),
            offer.span.end().as_millisecond(),
            now.as_millisecond(),
        ))?;
    }
    Ok(())
}

/// The offer with that id in that call.
pub fn find(read: &Read<'_>, call: CallId, slot: &str) -> Result<Option<Offer>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT service_id, branch_id, staff_id, starts_at, ends_at
         FROM offers
         WHERE call_id = ?1 AND slot = ?2 AND branch_id IS NOT NULL",
    )?;
    let mut rows = statement.query((call.uuid(), slot))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Offer {
        slot: slot.to_owned(),
        service: ServiceId::from_uuid(value(row, 0)?),
        branch: BranchId::from_uuid(value(row, 1)?),
        staff: value::<Option<_>>(row, 2)?.map(StaffId::from_uuid),
        span: super::columns::span(row, 3, Place("offers", "starts_at"))?,
    }))
}
