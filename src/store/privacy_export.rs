//! Everything that is kept of a person, as JSON, table by table.
//!
//! Never changes anything, and never shows another business's rows.

use rusqlite::types::ValueRef;
use rusqlite::{Statement, ToSql};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::privacy::{Keys, calls};
use super::{Read, StoreError};
use crate::domain::access::BusinessId;
use crate::domain::privacy::Person;

/// Rows of one table that are exported at most.
pub const EXPORT_MAX: usize = 10_000;

/// Everything kept of a person, table by table.
pub fn export(
    read: &Read<'_>,
    business: BusinessId,
    person: &Person,
) -> Result<Map<String, Value>, StoreError> {
    let keys = Keys::of(business, person);
    let mut all = Map::new();
    let (business, phone, email, customer): (&dyn ToSql, &dyn ToSql, &dyn ToSql, &dyn ToSql) =
        (&keys.business, &keys.phone, &keys.email, &keys.customer);
    let by_phone = [business, phone];
    let by_email = [business, email];
    let own: [(&str, &'static str, &[&dyn ToSql]); 9] = [
        ("customers", "SELECT * FROM customers WHERE id = ?1", &[customer]),
        (
            "customers",
            "SELECT * FROM customers WHERE business_id = ?1 AND phone = ?2 AND phone <> ''",
            &by_phone,
        ),
        (
            "customers",
            "SELECT * FROM customers WHERE business_id = ?1 AND email = ?2 AND email <> ''",
            &by_email,
        ),
        ("appointments", "SELECT * FROM appointments WHERE customer_id = ?1", &[customer]),
        (
            "appointments",
            "SELECT * FROM appointments
             WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''",
            &by_phone,
        ),
        (
            "appointments",
            "SELECT * FROM appointments
             WHERE business_id = ?1 AND customer_email = ?2 AND customer_email <> ''",
            &by_email,
        ),
        (
            "messages",
            "SELECT * FROM messages
             WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''",
            &by_phone,
        ),
        (
            "waiting_entries",
            "SELECT * FROM waiting_entries
             WHERE business_id = ?1 AND customer_phone = ?2 AND customer_phone <> ''",
            &by_phone,
        ),
        (
            "waiting_entries",
            "SELECT * FROM waiting_entries
             WHERE business_id = ?1 AND customer_email = ?2 AND customer_email <> ''",
            &by_email,
        ),
    ];
    for (table, sql, params) in own {
        let mut statement = read.conn.prepare_cached(sql)?;
        put(&mut all, table, rows(&mut statement, params)?);
    }
    let most = u32::try_from(EXPORT_MAX).unwrap_or(u32::MAX);
    of_calls(read, &calls(read, &keys, most)?, &mut all)?;
    Ok(all)
}

/// All that hangs on calls.
fn of_calls(
    read: &Read<'_>,
    calls: &[Uuid],
    all: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    for (table, sql) in [
        ("calls", "SELECT * FROM calls WHERE id = ?1"),
        ("call_names", "SELECT * FROM call_names WHERE call_id = ?1"),
        ("call_orders", "SELECT * FROM call_orders WHERE call_id = ?1"),
        ("call_events", "SELECT * FROM call_events WHERE call_id = ?1"),
        (
            "inbox",
            "SELECT i.* FROM call_events e JOIN inbox i ON i.id = e.inbox_id WHERE e.call_id = ?1",
        ),
        ("transcript_turns", "SELECT * FROM transcript_turns WHERE call_id = ?1"),
        ("recordings", "SELECT * FROM recordings WHERE call_id = ?1"),
        ("tool_calls", "SELECT * FROM tool_calls WHERE call_id = ?1"),
        ("offers", "SELECT * FROM offers WHERE call_id = ?1"),
        ("messages", "SELECT * FROM messages WHERE call_id = ?1"),
    ] {
        let mut statement = read.conn.prepare_cached(sql)?;
        put(all, table, Vec::new());
        for call in calls {
            put(all, table, rows(&mut statement, &[call])?);
        }
    }
    Ok(())
}

/// Adds rows to those of a table, each once.
fn put(all: &mut Map<String, Value>, table: &str, rows: Vec<Value>) {
    let place = all.entry(table.to_owned()).or_insert_with(|| json!([]));
    let Value::Array(place) = place else { return };
    for row in rows {
        if place.len() < EXPORT_MAX && !place.contains(&row) {
            place.push(row);
        }
    }
}

/// Rows as JSON, each column by its name.
fn rows(statement: &mut Statement<'_>, params: &[&dyn ToSql]) -> Result<Vec<Value>, StoreError> {
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let mut one = Map::new();
        for (index, name) in names.iter().enumerate() {
            one.insert(name.clone(), cell(row.get_ref(index)?));
        }
        all.push(Value::Object(one));
        if all.len() >= EXPORT_MAX {
            break;
        }
    }
    Ok(all)
}

/// A value of a row: ids as UUIDs, bodies as the text that they are, JSON as itself.
fn cell(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text).into_owned();
            let parsed = text.starts_with(['{', '[']).then(|| serde_json::from_str(&text).ok());
            parsed.flatten().unwrap_or(Value::String(text))
        }
        ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(id) => json!(id),
            Err(_) => json!(String::from_utf8_lossy(bytes)),
        },
    }
}
