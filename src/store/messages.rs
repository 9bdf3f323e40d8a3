//! Messages that callers leave for a business.
//!
//! Never passes one on; it is kept until somebody has seen to it.

use jiff::Timestamp;
use rusqlite::Row;

use super::columns::{Place, instant, maybe_instant, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::{CallId, MessageId};
use crate::domain::page::{Limit, Page};
use crate::domain::phone::PhoneNumber;

/// Most characters of a message.
pub const TEXT_MAX_CHARS: usize = 2_000;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The call it was left in.
    pub call: Option<CallId>,
    /// Who left it; empty when not given.
    pub name: String,
    /// Their number.
    pub phone: Option<PhoneNumber>,
    /// What to pass on.
    pub text: String,
    /// When somebody saw to it.
    pub done_at: Option<Timestamp>,
    /// When it was left.
    pub created_at: Timestamp,
}

/// Where a page of messages begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// When it was left, ms since 1970 UTC.
    pub created_ms: i64,
    /// Which.
    pub id: MessageId,
}

/// Adds a message.
pub fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    message: &Message,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO messages
               (id, business_id, call_id, customer_name, customer_phone, text, done_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7)",
        )?
        .execute((
            message.id.uuid(),
            business.uuid(),
            message.call.map(CallId::uuid),
            &message.name,
            message.phone.as_ref().map_or("", PhoneNumber::as_str),
            &message.text,
            message.created_at.as_millisecond(),
        ))?;
    Ok(())
}

/// Notes whether somebody has seen to a message; `false` when there is none of that id.
pub fn set_done(
    write: &mut Write<'_>,
    business: BusinessId,
    id: MessageId,
    done_at: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let changed = write
        .conn
        .prepare_cached("UPDATE messages SET done_at = ?3 WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid(), done_at.map(Timestamp::as_millisecond)))?;
    Ok(changed > 0)
}

/// How many messages were left in a call.
pub fn count_of_call(
    read: &Read<'_>,
    business: BusinessId,
    call: CallId,
) -> Result<u32, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT count(*)
         FROM messages
         WHERE call_id = ?1 AND business_id = ?2",
    )?;
    Ok(statement.query_row((call.uuid(), business.uuid()), |row| row.get(0))?)
}

/// One message of a business.
pub fn find(
    read: &Read<'_>,
    business: BusinessId,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, call_id, customer_name, customer_phone, text, done_at, created_at
         FROM messages
         WHERE id = ?1 AND business_id = ?2",
    )?;
    let mut rows = statement.query((id.uuid(), business.uuid()))?;
    rows.next()?.map(message).transpose()
}

/// A page of a business's messages, the newest first.
pub fn list(
    read: &Read<'_>,
    business: BusinessId,
    after: Option<After>,
    limit: Limit,
) -> Result<Page<Message>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, call_id, customer_name, customer_phone, text, done_at, created_at
         FROM messages
         WHERE business_id = ?1 AND (created_at, id) < (?2, ?3)
         ORDER BY created_at DESC, id DESC
         LIMIT ?4",
    )?;
    let (ms, id) = after.map_or((i64::MAX, uuid::Uuid::max()), |a| (a.created_ms, a.id.uuid()));
    let mut rows = statement.query((business.uuid(), ms, id, limit.rows() + 1))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(message(row)?);
    }
    Ok(Page::cut(all, limit))
}

fn message(row: &Row<'_>) -> Result<Message, StoreError> {
    let phone: String = value(row, 3)?;
    Ok(Message {
        id: MessageId::from_uuid(value(row, 0)?),
        call: value::<Option<_>>(row, 1)?.map(CallId::from_uuid),
        name: value(row, 2)?,
        phone: PhoneNumber::parse(&phone).ok(),
        text: value(row, 4)?,
        done_at: maybe_instant(row, 5, Place("messages", "done_at"))?,
        created_at: instant(row, 6, Place("messages", "created_at"))?,
    })
}
