//! The book of record: offers made in calls, and appointments.
//!
//! Whether a time is free is asked and written in one write: [`taking_time`] inside the write that
//! inserts. Never books by itself; the rule is in `domain/scheduling`.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Row;

use super::columns::{Place, instant, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::appointment::{Appointment, Customer, Status};
use crate::domain::ids::{AppointmentId, CallId, ServiceId};
use crate::domain::page::{Limit, Page};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::interval::Span;

/// No appointment is longer: the look-up of what overlaps a window begins that much before it.
const LONGEST: SignedDuration = SignedDuration::from_hours(25);

/// A slot that was offered in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The id that the agent was given.
    pub slot: String,
    /// What for.
    pub service: ServiceId,
    /// When.
    pub span: Span,
}

/// Which appointments are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those that begin then or later.
    pub from: Option<Timestamp>,
    /// Those that begin before.
    pub to: Option<Timestamp>,
}

/// Where a page of appointments begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When it begins, ms since 1970 UTC.
    pub starts_ms: i64,
    /// Which.
    pub id: AppointmentId,
}

/// Spans of a business's time that appointments take within a window, by start.
pub fn taking_time(
    read: &Read<'_>,
    business: BusinessId,
    window: Span,
) -> Result<Vec<Span>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT starts_at, ends_at
         FROM appointments
         WHERE business_id = ?1
           AND status IN ('held', 'confirmed')
           AND starts_at > ?2
           AND starts_at < ?3
           AND ends_at > ?4
         ORDER BY starts_at",
    )?;
    let earliest = window.start().checked_sub(LONGEST).unwrap_or(Timestamp::MIN);
    let (start_ms, end_ms) = (window.start().as_millisecond(), window.end().as_millisecond());
    let key = (business.uuid(), earliest.as_millisecond(), end_ms, start_ms);
    let mut rows = statement.query(key)?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        spans.push(span(row, 0)?);
    }
    Ok(spans)
}

/// Adds an appointment. The caller has found its time free in the same write.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    appointment: &Appointment,
) -> Result<(), StoreError> {
    let customer = &appointment.customer;
    write
        .conn
        .prepare_cached(
            "INSERT INTO appointments
               (id, business_id, service_id, call_id, status, starts_at, ends_at, customer_name,
                customer_phone, customer_email, notes, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute((
            appointment.id.uuid(),
            business.uuid(),
            appointment.service.uuid(),
            appointment.call.map(CallId::uuid),
            appointment.status.word(),
            appointment.span.start().as_millisecond(),
            appointment.span.end().as_millisecond(),
            &customer.name,
            customer.phone.as_ref().map_or("", PhoneNumber::as_str),
            customer.email.as_deref().unwrap_or_default(),
            &customer.notes,
            appointment.created_at.as_millisecond(),
            appointment.updated_at.as_millisecond(),
        ))?;
    Ok(())
}

/// Corrects whom an appointment is for.
pub fn set_customer(
    write: &mut Write<'_>,
    business: BusinessId,
    id: AppointmentId,
    customer: &Customer,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE appointments
             SET customer_name = ?3, customer_phone = ?4, customer_email = ?5, notes = ?6
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((
            id.uuid(),
            business.uuid(),
            &customer.name,
            customer.phone.as_ref().map_or("", PhoneNumber::as_str),
            customer.email.as_deref().unwrap_or_default(),
            &customer.notes,
        ))?;
    Ok(())
}

/// The appointments that were made in a call of a business, by start.
pub fn of_call(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
) -> Result<Vec<Appointment>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, service_id, call_id, status, starts_at, ends_at, customer_name, customer_phone,
                customer_email, notes, created_at, updated_at
         FROM appointments
         WHERE call_id = ?1 AND business_id = ?2
         ORDER BY starts_at",
    )?;
    let mut rows = statement.query((call.uuid(), business.uuid()))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(appointment(row)?);
    }
    Ok(all)
}

/// A page of a business's appointments, the earliest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    filter: Filter,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Appointment>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, service_id, call_id, status, starts_at, ends_at, customer_name, customer_phone,
                customer_email, notes, created_at, updated_at
         FROM appointments
         WHERE business_id = ?1 AND (starts_at, id) > (?2, ?3) AND starts_at < ?4
         ORDER BY starts_at, id
         LIMIT ?5",
    )?;
    let from = filter.from.map_or(i64::MIN, |from| from.as_millisecond() - 1);
    let (ms, id) = match after {
        Some(after) if after.starts_ms > from => (after.starts_ms, after.id.uuid()),
        Some(_) | None => (from, uuid::Uuid::max()),
    };
    let to = filter.to.map_or(i64::MAX, Timestamp::as_millisecond);
    let mut rows = statement.query((business.uuid(), ms, id, to, limit.rows() + 1))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(appointment(row)?);
    }
    Ok(Page::cut(all, limit))
}

/// Notes what was offered in a call; the same slot again changes nothing.
pub fn put_offers(
    write: &mut Write<'_>,
    call: CallId,
    offers: &[Offer],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = write.conn.prepare_cached(
        "INSERT INTO offers (call_id, slot, service_id, starts_at, ends_at, offered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (call_id, slot) DO NOTHING",
    )?;
    for offer in offers {
        statement.execute((
            call.uuid(),
            &offer.slot,
            offer.service.uuid(),
            offer.span.start().as_millisecond(),
            offer.span.end().as_millisecond(),
            now.as_millisecond(),
        ))?;
    }
    Ok(())
}

/// The offer with that id in that call.
pub fn find_offer(read: &Read<'_>, call: CallId, slot: &str) -> Result<Option<Offer>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT starts_at, ends_at, service_id
         FROM offers
         WHERE call_id = ?1 AND slot = ?2",
    )?;
    let mut rows = statement.query((call.uuid(), slot))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let service = ServiceId::from_uuid(value(row, 2)?);
    Ok(Some(Offer { slot: slot.to_owned(), service, span: span(row, 0)? }))
}

fn span(row: &Row<'_>, index: usize) -> Result<Span, StoreError> {
    let place = Place("appointments", "starts_at");
    let start = instant(row, index, place)?;
    let end = instant(row, index + 1, place)?;
    Span::new(start, end).ok_or_else(|| place.fault("does not lie before ends_at"))
}

fn appointment(row: &Row<'_>) -> Result<Appointment, StoreError> {
    let place = |column| Place("appointments", column);
    let phone: String = value(row, 7)?;
    let email: String = value(row, 8)?;
    let customer = Customer {
        name: value(row, 6)?,
        phone: PhoneNumber::parse(&phone).ok(),
        email: (!email.is_empty()).then_some(email),
        notes: value(row, 9)?,
    };
    Ok(Appointment {
        id: AppointmentId::from_uuid(value(row, 0)?),
        service: ServiceId::from_uuid(value(row, 1)?),
        call: value::<Option<_>>(row, 2)?.map(CallId::from_uuid),
        status: word(row, 3, (&Status::ALL, Status::word), place("status"))?,
        span: span(row, 4)?,
        customer,
        created_at: instant(row, 10, place("created_at"))?,
        updated_at: instant(row, 11, place("updated_at"))?,
    })
}
