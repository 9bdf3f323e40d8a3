//! Lists of appointments for people and programs, and the history of each.
//!
//! Never lists across businesses. Holds are left out unless they are asked for.

use jiff::Timestamp;
use rusqlite::Row;

use super::appointments::appointment;
use super::columns::{Place, instant, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::appointment::{Actor, Appointment, Change, ChangeKind, Standing, Status};
use crate::domain::ids::{
    AppointmentId, BranchId, CallId, CustomerId, KeyId, ServiceId, StaffId, UserId,
};
use crate::domain::page::{Limit, Page};

/// Most changes shown of one appointment.
pub const CHANGES_MAX: u32 = 500;

/// Which appointments are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those that begin then or later.
    pub from: Option<Timestamp>,
    /// Those that begin before.
    pub to: Option<Timestamp>,
    /// Those that stand so; without it all but holds.
    pub status: Option<Status>,
    /// Those for it.
    pub service: Option<ServiceId>,
    /// Those there.
    pub branch: Option<BranchId>,
    /// Those with them.
    pub staff: Option<StaffId>,
    /// Those of them.
    pub customer: Option<CustomerId>,
}

/// Where a page of appointments begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When it begins, ms since 1970 UTC.
    pub starts_ms: i64,
    /// Which.
    pub id: AppointmentId,
}

/// A page of a business's appointments, the earliest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    filter: Filter,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Appointment>, StoreError> {
    let rows = rows(read, business, filter, (after, limit.rows() + 1))?;
    Ok(Page::cut(rows, limit))
}

/// At most `most` of a business's appointments, the earliest first.
pub fn rows(
    read: &Read<'_>,
    business: BusinessId,
    filter: Filter,
    (after, most): (Option<After>, u32),
) -> Result<Vec<Appointment>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, branch_id, service_id, staff_id, customer_id, call_id, status, held_until_at,
                starts_at, ends_at, before_min, after_min, customer_name, customer_phone,
                customer_email, notes, code, code_misses, created_at, updated_at
         FROM appointments
         WHERE business_id = ?1 AND (starts_at, id) > (?2, ?3) AND starts_at < ?4
           AND (status = ?6 OR (?6 = '' AND status <> 'held'))
           AND (?7 IS NULL OR service_id = ?7)
           AND (?8 IS NULL OR branch_id = ?8)
           AND (?9 IS NULL OR staff_id = ?9)
           AND (?10 IS NULL OR customer_id = ?10)
         ORDER BY starts_at, id
         LIMIT ?5",
    )?;
    let from = filter.from.map_or(i64::MIN, |from| from.as_millisecond() - 1);
    let (ms, id) = match after {
        Some(after) if after.starts_ms > from => (after.starts_ms, after.id.uuid()),
        Some(_) | None => (from, uuid::Uuid::max()),
    };
    let mut rows = statement.query(rusqlite::params![
        business.uuid(),
        ms,
        id,
        filter.to.map_or(i64::MAX, Timestamp::as_millisecond),
        most,
        filter.status.map_or("", Status::word),
        filter.service.map(ServiceId::uuid),
        filter.branch.map(BranchId::uuid),
        filter.staff.map(StaffId::uuid),
        filter.customer.map(CustomerId::uuid),
    ])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(appointment(row)?);
    }
    Ok(all)
}

/// Notes a change in an appointment's history.
pub fn note_change(
    write: &mut Write<'_>,
    business: BusinessId,
    id: AppointmentId,
    change: &Change,
) -> Result<(), StoreError> {
    let actor_id = match change.actor {
        Actor::Call(call) => Some(call.uuid()),
        Actor::Key(key) => Some(key.uuid()),
        Actor::User(user) => Some(user.uuid()),
        Actor::Operator => None,
    };
    let (before, after) = (change.before, change.after);
    write
        .conn
        .prepare_cached(
            "INSERT INTO appointment_changes
               (appointment_id, business_id, kind, actor, actor_id, from_status, from_starts_at,
                from_staff_id, to_status, to_starts_at, to_staff_id, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute((
            id.uuid(),
            business.uuid(),
            change.kind.word(),
            change.actor.word(),
            actor_id,
            before.map_or("", |before| before.status.word()),
            before.map(|before| before.starts_at.as_millisecond()),
            before.and_then(|before| before.staff).map(StaffId::uuid),
            after.status.word(),
            after.starts_at.as_millisecond(),
            after.staff.map(StaffId::uuid),
            change.changed_at.as_millisecond(),
        ))?;
    Ok(())
}

/// The history of an appointment, first to last, at most [`CHANGES_MAX`].
pub fn changes(
    read: &Read<'_>,
    business: BusinessId,
    id: AppointmentId,
) -> Result<Vec<Change>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT kind, actor, actor_id, from_status, from_starts_at, from_staff_id, to_status,
                to_starts_at, to_staff_id, changed_at
         FROM appointment_changes
         WHERE appointment_id = ?1 AND business_id = ?2
         ORDER BY id
         LIMIT ?3",
    )?;
    let mut rows = statement.query((id.uuid(), business.uuid(), CHANGES_MAX))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(change(row)?);
    }
    Ok(all)
}

fn change(row: &Row<'_>) -> Result<Change, StoreError> {
    let place = |column| Place("appointment_changes", column);
    let actor: String = value(row, 1)?;
    let actor_id: Option<uuid::Uuid> = value(row, 2)?;
    let actor = match (actor.as_str(), actor_id) {
        ("call", Some(id)) => Actor::Call(CallId::from_uuid(id)),
        ("key", Some(id)) => Actor::Key(KeyId::from_uuid(id)),
        ("user", Some(id)) => Actor::User(UserId::from_uuid(id)),
        ("operator", None) => Actor::Operator,
        _ => return Err(place("actor").fault("is no hand that is known")),
    };
    let made: Option<i64> = value(row, 4)?;
    let before = made.map(|_| standing(row, 3)).transpose()?;
    Ok(Change {
        kind: word(row, 0, (&ChangeKind::ALL, ChangeKind::word), place("kind"))?,
        actor,
        before,
        after: standing(row, 6)?,
        changed_at: instant(row, 9, place("changed_at"))?,
    })
}

fn standing(row: &Row<'_>, index: usize) -> Result<Standing, StoreError> {
    let place = |column| Place("appointment_changes", column);
    Ok(Standing {
        status: word(row, index, (&Status::ALL, Status::word), place("to_status"))?,
        starts_at: instant(row, index + 1, place("to_starts_at"))?,
        staff: value::<Option<_>>(row, index + 2)?.map(StaffId::from_uuid),
    })
}
