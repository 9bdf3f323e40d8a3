//! A person across all tables: found, and erased.
//!
//! Every step may be done again: an erasure that is broken off goes on from wherever it was. What
//! becomes of each table stands in `domain/privacy`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row};
use uuid::Uuid;

use super::columns::{Place, instant, maybe_instant, value};
use super::tombstones::bury;
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::{BusinessRef, CustomerId, ErasureId};
use crate::domain::phone::PhoneNumber;
use crate::domain::privacy::Person;

/// Calls taken away in one write.
const CALLS_AT_ONCE: u32 = 20;
/// Rows of other tables dealt with in one write.
const ROWS_AT_ONCE: u32 = 200;

/// A request to forget a person.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// Whose data.
    pub business: BusinessRef,
    /// Who; nobody once it is done.
    pub person: Person,
    /// How many rows were dealt with.
    pub counts: Counts,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When nothing was left.
    pub done_at: Option<Timestamp>,
}

/// How many rows were dealt with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls taken away.
    pub calls: u64,
    /// Deliveries of theirs.
    pub deliveries: u64,
    /// Appointments that say no more whose they were.
    pub appointments: u64,
    /// Messages and places on a waiting list.
    pub messages: u64,
    /// Customers.
    pub customers: u64,
}

impl Counts {
    /// All together.
    pub fn total(&self) -> u64 {
        self.calls + self.deliveries + self.appointments + self.messages + self.customers
    }
}

/// What a person is looked for by, as the tables hold it; empty where it is not known.
pub(super) struct Keys {
    pub(super) business: Uuid,
    pub(super) phone: String,
    pub(super) email: String,
    pub(super) customer: Option<Uuid>,
}

impl Keys {
    pub(super) fn of(business: BusinessId, person: &Person) -> Self {
        Self {
            business: business.uuid(),
            phone: person.phone.as_ref().map_or_else(String::new, |p| p.as_str().to_owned()),
            email: person.email.clone().unwrap_or_default(),
            customer: person.customer.map(CustomerId::uuid),
        }
    }
}

/// A person with the number and the address of the customer that they are.
pub fn widened(
    read: &Read<'_>,
    business: BusinessId,
    person: Person,
) -> Result<Option<Person>, StoreError> {
    let Some(customer) = person.customer else { return Ok(Some(person)) };
    let found = read
        .conn
        .prepare_cached("SELECT phone, email FROM customers WHERE id = ?1 AND business_id = ?2")?
        .query_row((customer.uuid(), business.uuid()), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((phone, email)): Option<(String, String)> = found else { return Ok(None) };
    Ok(Some(Person {
        customer: Some(customer),
        phone: person.phone.or_else(|| PhoneNumber::parse(&phone).ok()),
        email: person.email.or(Some(email.to_lowercase()).filter(|email| !email.is_empty())),
    }))
}

/// The calls of a person: to or from their number, or in which something of theirs was made.
pub(super) fn calls(read: &Read<'_>, keys: &Keys, most: u32) -> Result<Vec<Uuid>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id FROM calls
         WHERE business_id = ?1 AND from_number = ?2 AND from_number <> ''
         UNION
         SELECT id FROM calls
         WHERE business_id = ?1 AND to_number = ?2 AND direction = 'outbound' AND ?2 <> ''
         UNION
         SELECT call_id FROM appointments
         WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''
           AND call_id IS NOT NULL
         UNION
         SELECT call_id FROM appointments
         WHERE business_id = ?1 AND customer_email = ?3 AND customer_email <> ''
           AND call_id IS NOT NULL
         UNION
         SELECT call_id FROM appointments WHERE customer_id = ?4 AND call_id IS NOT NULL
         UNION
         SELECT call_id FROM messages
         WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''
           AND call_id IS NOT NULL
         UNION
         SELECT call_id FROM waiting_entries
         WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''
           AND call_id IS NOT NULL
         LIMIT ?5",
    )?;
    let found = statement.query_map(
        rusqlite::params![keys.business, keys.phone, keys.email, keys.customer, most],
        |row| row.get(0),
    )?;
    found.map(|id| id.map_err(StoreError::from)).collect()
}

/// Notes a request. It is still to be carried out.
pub fn begin(
    write: &mut Write<'_>,
    (business, id): (BusinessId, ErasureId),
    person: &Person,
    now: Timestamp,
) -> Result<(), StoreError> {
    let keys = Keys::of(business, person);
    write
        .conn
        .prepare_cached(
            "INSERT INTO erasures (id, business_id, phone, email, customer_id, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            id.uuid(),
            keys.business,
            &keys.phone,
            &keys.email,
            keys.customer,
            now.as_millisecond(),
        ))?;
    if let Some(phone) = &person.phone {
        bury(write, &[b"phone", business.uuid().as_bytes(), phone.as_str().as_bytes()], now)?;
    }
    Ok(())
}

/// Finds a request of a business.
pub fn find(
    read: &Read<'_>,
    business: BusinessId,
    id: ErasureId,
) -> Result<Option<Erasure>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, business_id, phone, email, customer_id, calls, deliveries, appointments,
                messages, customers, created_at, done_at
         FROM erasures
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut found = statement.query_and_then((id.uuid(), business.uuid()), erasure)?;
    found.next().transpose()
}

/// Requests that are still to be carried out, the oldest first.
pub fn open(read: &Read<'_>) -> Result<Vec<(BusinessRef, ErasureId)>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT business_id, id FROM erasures
         WHERE done_at IS NULL AND created_at > 0
         ORDER BY created_at
         LIMIT ?1",
    )?;
    let found = statement.query_and_then([ROWS_AT_ONCE], |row| {
        Ok((BusinessRef::from_uuid(value(row, 0)?), ErasureId::from_uuid(value(row, 1)?)))
    })?;
    found.collect()
}

/// Deals with some of what is left of a person. `true` when nothing was.
pub fn go_on(
    write: &mut Write<'_>,
    business: BusinessId,
    id: ErasureId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(erasure) = find(write, business, id)? else { return Ok(true) };
    if erasure.done_at.is_some() {
        return Ok(true);
    }
    let keys = Keys::of(business, &erasure.person);
    let mut counts = erasure.counts;
    let before = counts.total();
    for call in calls(write, &keys, CALLS_AT_ONCE)? {
        counts.deliveries += take_call(write, call, now)?;
        counts.calls += 1;
    }
    if counts.total() == before {
        counts.messages += take_words(write, &keys)?;
    }
    if counts.total() == before {
        counts.appointments += anonymise(write, &keys)?;
    }
    if counts.total() == before {
        counts.customers += take_customers(write, &keys)?;
    }
    if counts.total() == before {
        counts.deliveries += take_poison(write, &keys)?;
    }
    let is_done = counts.total() == before;
    note(write, id, &counts, is_done.then_some(now))?;
    Ok(is_done)
}

fn note(
    write: &mut Write<'_>,
    id: ErasureId,
    counts: &Counts,
    done_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    write
        .conn
        .prepare_cached(
            "UPDATE erasures
             SET calls = ?2, deliveries = ?3, appointments = ?4, messages = ?5, customers = ?6,
                 done_at = ?7,
                 phone = iif(?7 IS NULL, phone, ''), email = iif(?7 IS NULL, email, ''),
                 customer_id = iif(?7 IS NULL, customer_id, NULL)
             WHERE id = ?1",
        )?
        .execute((
            id.uuid(),
            number(counts.calls),
            number(counts.deliveries),
            number(counts.appointments),
            number(counts.messages),
            number(counts.customers),
            done_at.map(Timestamp::as_millisecond),
        ))?;
    Ok(())
}

/// Takes a call away with all that hangs on it. Returns how many deliveries went with it.
fn take_call(write: &mut Write<'_>, call: Uuid, now: Timestamp) -> Result<u64, StoreError> {
    let names: Vec<(String, String)> = {
        let mut statement = write.conn.prepare_cached(
            "SELECT account, provider_call_id FROM calls WHERE id = ?1
             UNION
             SELECT account, name FROM call_names WHERE call_id = ?1",
        )?;
        let found = statement.query_map([call], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect::<Result<_, _>>()?
    };
    for (account, name) in names {
        bury(write, &[b"call", account.as_bytes(), name.as_bytes()], now)?;
    }
    let deliveries = write
        .conn
        .prepare_cached(
            "DELETE FROM inbox WHERE id IN (SELECT inbox_id FROM call_events WHERE call_id = ?1)",
        )?
        .execute([call])?;
    write.conn.prepare_cached("DELETE FROM messages WHERE call_id = ?1")?.execute([call])?;
    write.conn.prepare_cached("DELETE FROM waiting_entries WHERE call_id = ?1")?.execute([call])?;
    write.conn.prepare_cached("DELETE FROM calls WHERE id = ?1")?.execute([call])?;
    Ok(deliveries as u64)
}

/// Messages and places on a waiting list.
fn take_words(write: &mut Write<'_>, keys: &Keys) -> Result<u64, StoreError> {
    let messages = write
        .conn
        .prepare_cached(
            "DELETE FROM messages
             WHERE id IN (SELECT id FROM messages
                          WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''
                          LIMIT ?3)",
        )?
        .execute((keys.business, &keys.phone, ROWS_AT_ONCE))?;
    let waiting = write
        .conn
        .prepare_cached(
            "DELETE FROM waiting_entries
             WHERE id IN (SELECT id FROM waiting_entries
                          WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''
                          UNION
                          SELECT id FROM waiting_entries
                          WHERE business_id = ?1 AND customer_email = ?3 AND customer_email <> ''
                          LIMIT ?4)",
        )?
        .execute((keys.business, &keys.phone, &keys.email, ROWS_AT_ONCE))?;
    Ok((messages + waiting) as u64)
}

/// Appointments stay in the book and say no more whose they were.
fn anonymise(write: &mut Write<'_>, keys: &Keys) -> Result<u64, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE appointments
             SET customer_id = NULL, customer_name = iif(status = 'held', '', '-'),
                 customer_phone = '', customer_email = '', notes = '', code = ''
             WHERE id IN (SELECT id FROM appointments WHERE customer_id = ?4
                          UNION
                          SELECT id FROM appointments
                          WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''
                          UNION
                          SELECT id FROM appointments
                          WHERE business_id = ?1 AND customer_email = ?3 AND customer_email <> ''
                          LIMIT ?5)",
        )?
        .execute(rusqlite::params![
            keys.business,
            keys.phone,
            keys.email,
            keys.customer,
            ROWS_AT_ONCE
        ])?;
    Ok(changed as u64)
}

fn take_customers(write: &mut Write<'_>, keys: &Keys) -> Result<u64, StoreError> {
    let removed = write
        .conn
        .prepare_cached(
            "DELETE FROM customers
             WHERE id IN (SELECT id FROM customers WHERE id = ?4 AND business_id = ?1
                          UNION
                          SELECT id FROM customers
                          WHERE business_id = ?1 AND phone = ?2 AND phone <> ''
                          UNION
                          SELECT id FROM customers
                          WHERE business_id = ?1 AND email = ?3 AND email <> ''
                          LIMIT ?5)",
        )?
        .execute(rusqlite::params![
            keys.business,
            keys.phone,
            keys.email,
            keys.customer,
            ROWS_AT_ONCE
        ])?;
    Ok(removed as u64)
}

/// Deliveries that could not be read belong to no call; those that hold the number go.
fn take_poison(write: &mut Write<'_>, keys: &Keys) -> Result<u64, StoreError> {
    if keys.phone.is_empty() {
        return Ok(0);
    }
    let removed = write
        .conn
        .prepare_cached(
            "DELETE FROM inbox
             WHERE id IN (SELECT p.inbox_id FROM poison p CROSS JOIN inbox i ON i.id = p.inbox_id
                          WHERE instr(i.body, CAST(?1 AS BLOB)) > 0
                          LIMIT ?2)",
        )?
        .execute((&keys.phone, ROWS_AT_ONCE))?;
    Ok(removed as u64)
}

fn erasure(row: &Row<'_>) -> Result<Erasure, StoreError> {
    let count = |index| -> Result<u64, StoreError> {
        let count: i64 = value(row, index)?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    let (phone, email): (String, String) = (value(row, 2)?, value(row, 3)?);
    let customer: Option<Uuid> = value(row, 4)?;
    Ok(Erasure {
        id: ErasureId::from_uuid(value(row, 0)?),
        business: BusinessRef::from_uuid(value(row, 1)?),
        person: Person {
            customer: customer.map(CustomerId::from_uuid),
            phone: PhoneNumber::parse(&phone).ok(),
            email: Some(email).filter(|email| !email.is_empty()),
        },
        counts: Counts {
            calls: count(5)?,
            deliveries: count(6)?,
            appointments: count(7)?,
            messages: count(8)?,
            customers: count(9)?,
        },
        created_at: instant(row, 10, Place("erasures", "created_at"))?,
        done_at: maybe_instant(row, 11, Place("erasures", "done_at"))?,
    })
}
