//! The waiting list: who waits for what.
//!
//! Never decides whose turn it is; that is `domain/waiting`.

use jiff::Timestamp;
use rusqlite::Row;

use super::columns::{Place, instant, maybe_instant, maybe_text, span, value, word};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::appointment::Contact;
use crate::domain::ids::{BranchId, CallId, ServiceId, StaffId, WaitingId};
use crate::domain::page::{Limit, Page};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::interval::Span;
use crate::domain::waiting::{Waiting, WaitingState};

/// Where a page of entries begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When it was made, ms since 1970 UTC.
    pub created_ms: i64,
    /// Which.
    pub id: WaitingId,
}

/// Adds an entry.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    waiting: &Waiting,
) -> Result<(), StoreError> {
    let contact = &waiting.contact;
    write
        .conn
        .prepare_cached(
            "INSERT INTO waiting_entries
               (id, business_id, service_id, branch_id, staff_id, call_id, customer_name,
                customer_phone, customer_email, from_at, until_at, state, offer_start_at,
                offer_until_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL, NULL, ?13, ?13)",
        )?
        .execute((
            waiting.id.uuid(),
            business.uuid(),
            waiting.service.uuid(),
            waiting.branch.map(BranchId::uuid),
            waiting.staff.map(StaffId::uuid),
            waiting.call.map(CallId::uuid),
            &contact.name,
            contact.phone.as_ref().map_or("", PhoneNumber::as_str),
            contact.email.as_deref().unwrap_or_default(),
            waiting.window.start().as_millisecond(),
            waiting.window.end().as_millisecond(),
            WaitingState::Waiting.word(),
            waiting.created_at.as_millisecond(),
        ))?;
    Ok(())
}

/// Changes where an entry stands, and its offer; `false` when there is none of that id.
pub fn set_state(
    write: &mut Write<'_>,
    business: BusinessId,
    id: WaitingId,
    (state, offer): (WaitingState, Option<(Timestamp, Timestamp)>),
) -> Result<bool, StoreError> {
    let until = offer.filter(|_| state == WaitingState::Offered).map(|(_, until)| until);
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE waiting_entries
             SET state = ?3, offer_start_at = ?4, offer_until_at = ?5
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((
            id.uuid(),
            business.uuid(),
            state.word(),
            offer.map(|(start, _)| start.as_millisecond()),
            until.map(Timestamp::as_millisecond),
        ))?;
    Ok(changed > 0)
}

/// Ends the waiting of whoever has a number for a service: they are booked.
pub fn end_of_phone(
    write: &mut Write<'_>,
    business: BusinessId,
    (service, phone): (ServiceId, Option<&PhoneNumber>),
) -> Result<(), StoreError> {
    let Some(phone) = phone else { return Ok(()) };
    write
        .conn
        .prepare_cached(
            "UPDATE waiting_entries
             SET state = 'booked', offer_until_at = NULL
             WHERE business_id = ?1 AND service_id = ?2 AND customer_phone = ?3
               AND state IN ('waiting', 'offered')",
        )?
        .execute((business.uuid(), service.uuid(), phone.as_str()))?;
    Ok(())
}

/// Changes for when somebody waits.
pub fn set_window(
    write: &mut Write<'_>,
    business: BusinessId,
    id: WaitingId,
    window: Span,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE waiting_entries
             SET from_at = ?3, until_at = ?4
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((
            id.uuid(),
            business.uuid(),
            window.start().as_millisecond(),
            window.end().as_millisecond(),
        ))?;
    Ok(())
}

/// How many still wait for a service at a moment.
pub fn count(
    read: &Read<'_>,
    business: BusinessId,
    service: ServiceId,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT count(*)
         FROM waiting_entries
         WHERE business_id = ?1 AND service_id = ?2 AND state IN ('waiting', 'offered')
           AND until_at > ?3",
    )?;
    let key = (business.uuid(), service.uuid(), now.as_millisecond());
    let waits: i64 = statement.query_row(key, |row| row.get(0))?;
    Ok(usize::try_from(waits).unwrap_or(usize::MAX))
}

/// Who still waits for a service at a moment, whoever waits longest first; at most `most`.
pub fn in_turn(
    read: &Read<'_>,
    business: BusinessId,
    service: ServiceId,
    (now, most): (Timestamp, usize),
) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, service_id, branch_id, staff_id, call_id, customer_name, customer_phone,
                customer_email, from_at, until_at, state, offer_start_at, offer_until_at,
                created_at, updated_at
         FROM waiting_entries
         WHERE business_id = ?1 AND service_id = ?2 AND state IN ('waiting', 'offered')
           AND until_at > ?3
         ORDER BY created_at, id
         LIMIT ?4",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let key = (business.uuid(), service.uuid(), now.as_millisecond(), most);
    let mut rows = statement.query(key)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(waiting(row)?);
    }
    Ok(all)
}

/// One entry of a business.
pub fn find(
    read: &Read<'_>,
    business: BusinessId,
    id: WaitingId,
) -> Result<Option<Waiting>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, service_id, branch_id, staff_id, call_id, customer_name, customer_phone,
                customer_email, from_at, until_at, state, offer_start_at, offer_until_at,
                created_at, updated_at
         FROM waiting_entries
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((id.uuid(), business.uuid()))?;
    rows.next()?.map(waiting).transpose()
}

/// A page of a business's entries, the newest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Waiting>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, service_id, branch_id, staff_id, call_id, customer_name, customer_phone,
                customer_email, from_at, until_at, state, offer_start_at, offer_until_at,
                created_at, updated_at
         FROM waiting_entries
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let mut rows = statement.query((business.uuid(), ms, id, limit.rows() + 1))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(waiting(row)?);
    }
    Ok(Page::cut(all, limit))
}

fn waiting(row: &Row<'_>) -> Result<Waiting, StoreError> {
    let place = |column| Place("waiting_entries", column);
    let phone: String = value(row, 6)?;
    let contact = Contact {
        name: value(row, 5)?,
        phone: PhoneNumber::parse(&phone).ok(),
        email: maybe_text(row, 7)?,
        notes: String::new(),
    };
    let offered = maybe_instant(row, 11, place("offer_start_at"))?;
    let until = maybe_instant(row, 12, place("offer_until_at"))?;
    Ok(Waiting {
        id: WaitingId::from_uuid(value(row, 0)?),
        service: ServiceId::from_uuid(value(row, 1)?),
        branch: value::<Option<_>>(row, 2)?.map(BranchId::from_uuid),
        staff: value::<Option<_>>(row, 3)?.map(StaffId::from_uuid),
        call: value::<Option<_>>(row, 4)?.map(CallId::from_uuid),
        contact,
        window: span(row, 8, place("from_at"))?,
        state: word(row, 10, (&WaitingState::ALL, WaitingState::word), place("state"))?,
        // An offer that is over leaves its time behind, without an end.
        offer: offered.map(|start| (start, until.unwrap_or(Timestamp::MIN))),
        created_at: instant(row, 13, place("created_at"))?,
        updated_at: instant(row, 14, place("updated_at"))?,
    })
}
