//! Customers: people who call, found by number or address.
//!
//! Never decides whether two are one; that is `domain/customer`.

use rusqlite::Row;

use super::columns::{Place, instant, maybe_text, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::customer::{Customer, Told};
use crate::domain::ids::CustomerId;
use crate::domain::language::Language;
use crate::domain::page::{Limit, Page};
use crate::domain::phone::PhoneNumber;

/// Most customers that share a number or an address and are looked at.
const ALIKE_MAX: u32 = 100;

/// Where a page of customers begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When they were first heard of, ms since 1970 UTC.
    pub created_ms: i64,
    /// Who.
    pub id: CustomerId,
}

/// Adds a customer.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    customer: &Customer,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO customers
               (id, business_id, name, phone, email, language, notes, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            customer.id.uuid(),
            business.uuid(),
            &customer.name,
            customer.phone.as_ref().map_or("", PhoneNumber::as_str),
            customer.email.as_deref().unwrap_or_default(),
            customer.language.map_or("", Language::code),
            &customer.notes,
            customer.created_at.as_millisecond(),
            customer.updated_at.as_millisecond(),
        ))?;
    Ok(())
}

/// Changes a customer; `false` when there is none of that id.
pub fn update(
    write: &mut Write<'_>,
    business: BusinessId,
    customer: &Customer,
) -> Result<bool, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE customers
             SET name = ?3, phone = ?4, email = ?5, language = ?6, notes = ?7, updated_at = ?8
             WHERE id = ?1 AND business_id = ?2",
        )?
        .execute((
            customer.id.uuid(),
            business.uuid(),
            &customer.name,
            customer.phone.as_ref().map_or("", PhoneNumber::as_str),
            customer.email.as_deref().unwrap_or_default(),
            customer.language.map_or("", Language::code),
            &customer.notes,
            customer.updated_at.as_millisecond(),
        ))?;
    Ok(changed > 0)
}

/// Makes one customer of two: what the second had goes over to the first, and the second is gone.
pub fn merge(
    write: &mut Write<'_>,
    business: BusinessId,
    (into, from): (CustomerId, CustomerId),
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "UPDATE appointments
             SET customer_id = ?3
             WHERE customer_id = ?2 AND business_id = ?1",
        )?
        .execute((business.uuid(), from.uuid(), into.uuid()))?;
    write
        .conn
        .prepare_cached("DELETE FROM customers WHERE id = ?2 AND business_id = ?1")?
        .execute((business.uuid(), from.uuid()))?;
    Ok(())
}

/// One customer of a business.
pub fn find(
    read: &Read<'_>,
    business: BusinessId,
    id: CustomerId,
) -> Result<Option<Customer>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, phone, email, language, notes, created_at, updated_at
         FROM customers
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((id.uuid(), business.uuid()))?;
    rows.next()?.map(customer).transpose()
}

/// The customers that share the number or the address that was told.
pub fn alike(
    read: &Read<'_>,
    business: BusinessId,
    told: &Told,
) -> Result<Vec<Customer>, StoreError> {
    let mut all = Vec::new();
    if let Some(phone) = &told.phone {
        let mut statement = read.conn.prepare_cached(
            "SELECT id, name, phone, email, language, notes, created_at, updated_at
             FROM customers
             WHERE business_id = ?1 AND phone = ?2 AND phone <> ''
             LIMIT ?3",
        )?;
        let mut rows = statement.query((business.uuid(), phone.as_str(), ALIKE_MAX))?;
        while let Some(row) = rows.next()? {
            all.push(customer(row)?);
        }
    }
    if let Some(email) = &told.email {
        let mut statement = read.conn.prepare_cached(
            "SELECT id, name, phone, email, language, notes, created_at, updated_at
             FROM customers
             WHERE business_id = ?1 AND email = ?2 AND email <> ''
             LIMIT ?3",
        )?;
        let mut rows = statement.query((business.uuid(), email, ALIKE_MAX))?;
        while let Some(row) = rows.next()? {
            let found = customer(row)?;
            if all.iter().all(|known: &Customer| known.id != found.id) {
                all.push(found);
            }
        }
    }
    Ok(all)
}

/// A page of a business's customers, the newest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Customer>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, name, phone, email, language, notes, created_at, updated_at
         FROM customers
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let mut rows = statement.query((business.uuid(), ms, id, limit.rows() + 1))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(customer(row)?);
    }
    Ok(Page::cut(all, limit))
}

fn customer(row: &Row<'_>) -> Result<Customer, StoreError> {
    let (phone, language): (String, String) = (value(row, 2)?, value(row, 4)?);
    Ok(Customer {
        id: CustomerId::from_uuid(value(row, 0)?),
        name: value(row, 1)?,
        phone: PhoneNumber::parse(&phone).ok(),
        email: maybe_text(row, 3)?,
        language: Language::parse(&language),
        notes: value(row, 5)?,
        created_at: instant(row, 6, Place("customers", "created_at"))?,
        updated_at: instant(row, 7, Place("customers", "updated_at"))?,
    })
}
