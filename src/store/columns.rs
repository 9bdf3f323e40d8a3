//! To and from SQL: ids, instants, words.
//!
//! A row decodes or fails with its table, column and id; the value itself is never in the error.

use std::fmt::Display;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::FromSql;

use super::StoreError;
use crate::domain::scheduling::interval::Span;

/// Reads a column by its position.
pub fn value<T: FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    row.get(index).map_err(StoreError::from)
}

/// Reads an instant in milliseconds since 1970 UTC.
pub fn instant(row: &Row<'_>, index: usize, at: Place) -> Result<Timestamp, StoreError> {
    let ms: i64 = value(row, index)?;
    Timestamp::from_millisecond(ms).map_err(|_| at.fault("is out of range"))
}

/// Reads an instant that may be absent.
pub fn maybe_instant(
    row: &Row<'_>,
    index: usize,
    at: Place,
) -> Result<Option<Timestamp>, StoreError> {
    let ms: Option<i64> = value(row, index)?;
    let read = |ms| Timestamp::from_millisecond(ms).map_err(|_| at.fault("is out of range"));
    ms.map(read).transpose()
}

/// Reads the span between two instants that stand side by side.
pub fn span(row: &Row<'_>, index: usize, at: Place) -> Result<Span, StoreError> {
    let (start, end) = (instant(row, index, at)?, instant(row, index + 1, at)?);
    Span::new(start, end).ok_or_else(|| at.fault("does not lie before its end"))
}

/// Reads a text of which the empty one means that there is none.
pub fn maybe_text(row: &Row<'_>, index: usize) -> Result<Option<String>, StoreError> {
    let text: String = value(row, index)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Finds the case whose word stands in the column.
pub fn word<T: Copy>(
    row: &Row<'_>,
    index: usize,
    (all, word): (&[T], fn(T) -> &'static str),
    at: Place,
) -> Result<T, StoreError> {
    let text: String = value(row, index)?;
    let found = all.iter().copied().find(|case| word(*case) == text);
    found.ok_or_else(|| at.fault("is no word that is known"))
}

/// Where a value stands, for the error.
#[derive(Clone, Copy)]
pub struct Place(pub &'static str, pub &'static str);

impl Place {
    /// An error that names the place.
    pub fn fault(self, why: impl Display) -> StoreError {
        let Self(table, column) = self;
        StoreError::Decode { table, column, id: "this row".to_owned(), why: why.to_string() }
    }
}
