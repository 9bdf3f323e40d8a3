//! The book of record: appointments and holds.
//!
//! Never books by itself: whether a time is free is read by `store/takings` in the same write, by the
//! rules in `domain/scheduling`.

use jiff::Timestamp;
use rusqlite::Row;

use super::columns::{Place, instant, maybe_instant, maybe_text, span, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::appointment::{Appointment, Contact, Seat, Status};
use crate::domain::ids::{AppointmentId, BranchId, CallId, CustomerId, ServiceId, StaffId};
use crate::domain::phone::PhoneNumber;

/// Most appointments of one call or caller that are looked at.
pub const OWN_MAX: u32 = 50;

/// Adds an appointment or a hold. The caller has found its time free in the same write.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    appointment: &Appointment,
) -> Result<(), StoreError> {
    let (seat, contact) = (&appointment.seat, &appointment.contact);
    write
        .conn
        .prepare_cached(
            "INSERT INTO appointments
               (id, business_id, branch_id, service_id, staff_id, customer_id, call_id, status,
                held_until_at, starts_at, ends_at, before_min, after_min, customer_name,
                customer_phone, customer_email, notes, code, code_misses, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                     ?18, ?19, ?20, ?21)",
        )?
        .execute(rusqlite::params![
            appointment.id.uuid(),
            business.uuid(),
            seat.branch.uuid(),
            seat.service.uuid(),
            seat.staff.map(StaffId::uuid),
            appointment.customer.map(CustomerId::uuid),
            appointment.call.map(CallId::uuid),
            appointment.status.word(),
            appointment.held_until.map(Timestamp::as_millisecond),
            seat.span.start().as_millisecond(),
            seat.span.end().as_millisecond(),
            seat.before_min,
            seat.after_min,
            &contact.name,
            contact.phone.as_ref().map_or("", PhoneNumber::as_str),
            contact.email.as_deref().unwrap_or_default(),
            &contact.notes,
            &appointment.code,
            appointment.code_misses,
            appointment.created_at.as_millisecond(),
            appointment.updated_at.as_millisecond(),
        ])?;
    Ok(())
}

/// Keeps an appointment as it is now, all but when it was made.
pub fn update(
    write: &mut Write<'_>,
    business: BusinessId,
    appointment: &Appointment,
) -> Result<(), StoreError> {
    let (seat, contact) = (&appointment.seat, &appointment.contact);
    write
        .conn
        .prepare_cached(
            "UPDATE appointments
             SET branch_id = ?3, service_id = ?4, staff_id = ?5, customer_id = ?6, status = ?7,
                 held_until_at = ?8, starts_at = ?9, ends_at = ?10, before_min = ?11,
                 after_min = ?12, customer_name = ?13, customer_phone = ?14, customer_email = ?15,
                 notes = ?16, code = ?17, code_misses = ?18, updated_at = ?19
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute(rusqlite::params![
            appointment.id.uuid(),
            business.uuid(),
            seat.branch.uuid(),
            seat.service.uuid(),
            seat.staff.map(StaffId::uuid),
            appointment.customer.map(CustomerId::uuid),
            appointment.status.word(),
            appointment.held_until.map(Timestamp::as_millisecond),
            seat.span.start().as_millisecond(),
            seat.span.end().as_millisecond(),
            seat.before_min,
            seat.after_min,
            &contact.name,
            contact.phone.as_ref().map_or("", PhoneNumber::as_str),
            contact.email.as_deref().unwrap_or_default(),
            &contact.notes,
            &appointment.code,
            appointment.code_misses,
            appointment.updated_at.as_millisecond(),
        ])?;
    Ok(())
}

/// Removes a hold; an appointment stays.
pub fn remove_hold(
    write: &mut Write<'_>,
    business: BusinessId,
    id: AppointmentId,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "DELETE FROM appointments
             WHERE id = ?1 AND business_id = ?2 AND status = 'held'",
        )?
        .execute((id.uuid(), business.uuid()))?;
    Ok(())
}

/// Removes a business's holds that have run out at a moment, apart from one.
pub fn end_holds(
    write: &mut Write<'_>,
    business: BusinessId,
    now: Timestamp,
    apart_from: Option<AppointmentId>,
) -> Result<(), StoreError> {
    let apart_from = apart_from.map_or(uuid::Uuid::nil(), AppointmentId::uuid);
    let key = (business.uuid(), now.as_millisecond(), apart_from);
    // Looked for first: there is almost never one, and removing costs much even when it removes
    // nothing. The plus keeps SQLite from walking all of a business's appointments.
    let mut any = write.conn.prepare_cached(
        "SELECT 1
         FROM appointments
         WHERE status = 'held' AND held_until_at <= ?2 AND +business_id = ?1 AND id <> ?3
         LIMIT 1",
    )?;
    if any.exists(key)? {
        write
            .conn
            .prepare_cached(
                "DELETE FROM appointments
                 WHERE status = 'held' AND held_until_at <= ?2 AND +business_id = ?1 AND id <> ?3",
            )?
            .execute(key)?;
    }
    Ok(())
}

/// The longest that an appointment takes, in milliseconds, over a clock that goes back too.
const LONGEST_MS: i64 = 26 * 3_600_000;

/// Whether a service has appointments or holds that are not over at a moment.
pub fn any_ahead(
    read: &Read<'_>,
    business: BusinessId,
    service: ServiceId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT 1
         FROM appointments
         WHERE business_id = ?1 AND starts_at > ?4 AND service_id = ?2 AND ends_at > ?3
           AND status IN ('held', 'confirmed')
         LIMIT 1",
    )?;
    let now_ms = now.as_millisecond();
    Ok(statement.exists((business.uuid(), service.uuid(), now_ms, now_ms - LONGEST_MS))?)
}

/// Removes what a call that is over still holds.
pub fn release_holds(write: &mut Write<'_>, call: CallId) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("DELETE FROM appointments WHERE call_id = ?1 AND status = 'held'")?
        .execute([call.uuid()])?;
    Ok(())
}

/// Removes holds that ran out before a moment, at most `most`. They take no time any more; this
/// only tidies up. Returns how many.
pub fn forget_holds(
    write: &mut Write<'_>,
    before: Timestamp,
    most: u32,
) -> Result<usize, StoreError> {
    let removed = write
        .conn
        .prepare_cached(
            "DELETE FROM appointments
             WHERE id IN (
               SELECT id
               FROM appointments
               WHERE status = 'held' AND held_until_at < ?1
               LIMIT ?2
             )",
        )?
        .execute((before.as_millisecond(), most))?;
    Ok(removed)
}

/// One appointment of a business.
pub fn find(
    read: &Read<'_>,
    business: BusinessId,
    id: AppointmentId,
) -> Result<Option<Appointment>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, branch_id, service_id, staff_id, customer_id, call_id, status, held_until_at,
                starts_at, ends_at, before_min, after_min, customer_name, customer_phone,
                customer_email, notes, code, code_misses, created_at, updated_at
         FROM appointments
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((id.uuid(), business.uuid()))?;
    rows.next()?.map(appointment).transpose()
}

/// The appointments and the hold that were made in a call of a business, by start.
pub fn of_call(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
) -> Result<Vec<Appointment>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, branch_id, service_id, staff_id, customer_id, call_id, status, held_until_at,
                starts_at, ends_at, before_min, after_min, customer_name, customer_phone,
                customer_email, notes, code, code_misses, created_at, updated_at
         FROM appointments
         WHERE call_id = ?1 AND +business_id = ?2
         ORDER BY starts_at
         LIMIT ?3",
    )?;
    let mut rows = statement.query((call.uuid(), business.uuid(), OWN_MAX))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(appointment(row)?);
    }
    Ok(all)
}

/// The agreed appointments under a number that begin after a moment, by start.
pub fn ahead_of_phone(
    read: &Read<'_>,
    business: BusinessId,
    phone: &PhoneNumber,
    now: Timestamp,
) -> Result<Vec<Appointment>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, branch_id, service_id, staff_id, customer_id, call_id, status, held_until_at,
                starts_at, ends_at, before_min, after_min, customer_name, customer_phone,
                customer_email, notes, code, code_misses, created_at, updated_at
         FROM appointments
         WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> '' AND starts_at > ?3
           AND status = 'confirmed'
         ORDER BY starts_at
         LIMIT ?4",
    )?;
    let key = (business.uuid(), phone.as_str(), now.as_millisecond(), OWN_MAX);
    let mut rows = statement.query(key)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(appointment(row)?);
    }
    Ok(all)
}

/// Reads a row of all columns, in the order of the queries here.
pub(super) fn appointment(row: &Row<'_>) -> Result<Appointment, StoreError> {
    let place = |column| Place("appointments", column);
    let phone: String = value(row, 13)?;
    let seat = Seat {
        branch: BranchId::from_uuid(value(row, 1)?),
        service: ServiceId::from_uuid(value(row, 2)?),
        staff: value::<Option<_>>(row, 3)?.map(StaffId::from_uuid),
        span: span(row, 8, place("starts_at"))?,
        before_min: value(row, 10)?,
        after_min: value(row, 11)?,
    };
    let contact = Contact {
        name: value(row, 12)?,
        phone: PhoneNumber::parse(&phone).ok(),
        email: maybe_text(row, 14)?,
        notes: value(row, 15)?,
    };
    Ok(Appointment {
        id: AppointmentId::from_uuid(value(row, 0)?),
        seat,
        customer: value::<Option<_>>(row, 4)?.map(CustomerId::from_uuid),
        call: value::<Option<_>>(row, 5)?.map(CallId::from_uuid),
        status: word(row, 6, (&Status::ALL, Status::word), place("status"))?,
        held_until: maybe_instant(row, 7, place("held_until_at"))?,
        contact,
        code: value(row, 16)?,
        code_misses: value(row, 17)?,
        created_at: instant(row, 18, place("created_at"))?,
        updated_at: instant(row, 19, place("updated_at"))?,
    })
}
