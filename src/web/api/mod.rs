//! The REST interface: one file a noun, shapes that do not change within a version.
//!
//! Never shows a field that its shape does not name, and never takes one that it does not.

pub mod appointments;
pub mod audit;
pub mod auth;
pub mod availability;
pub mod booking;
pub mod branches;
pub mod businesses;
pub mod calls;
pub mod customers;
pub mod diagnostics;
pub mod export;
pub mod feeds;
pub mod hours;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod messages;
pub mod placing;
pub mod privacy;
pub mod properties;
pub mod recordings;
pub mod services;
pub mod sessions;
pub mod staff;
pub mod users;
pub mod waiting;

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::app::AppError;
use crate::domain::contact::Region;
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::WeeklyHours;
use crate::web::query::Query;

/// A page of a list.
#[derive(Serialize)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Rows of the business in all, without any filter.
    pub total: i64,
}

/// A page of a list whose length is not counted.
#[derive(Serialize)]
pub struct Items<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Items<T> {
    /// All there is.
    pub fn all(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// A cursor: the place of the last row, opaque to clients.
pub fn cursor(ms: i64, id: Uuid) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&ms.to_be_bytes());
    bytes[8..].copy_from_slice(id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor back.
pub fn read_cursor(text: &str) -> Result<(i64, Uuid), AppError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let bytes: Option<[u8; 24]> = bytes.and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or_else(|| AppError::invalid("cursor", "is none that was given here"))?;
    let (ms, id) = bytes.split_at(8);
    let ms = i64::from_be_bytes(ms.try_into().expect("split at 8"));
    Ok((ms, Uuid::from_slice(id).expect("split at 8 of 24")))
}

/// An id in a query, if it is there.
pub fn id<T: FromStr>(query: &mut Query, field: &'static str) -> Result<Option<T>, AppError> {
    let read = |text: String| {
        text.parse().map_err(|_| AppError::invalid(field, "must be an id as lists show it"))
    };
    query.take(field).map(read).transpose()
}

/// An instant in a query, if it is there.
pub fn instant(query: &mut Query, field: &'static str) -> Result<Option<Timestamp>, AppError> {
    let read = |text: String| {
        let why = "must be an instant as in RFC 3339, such as 2026-01-06T09:00:00Z";
        text.parse::<Timestamp>().map_err(|_| AppError::invalid(field, why))
    };
    query.take(field).map(read).transpose()
}

/// A number with its country code; an empty text is none.
pub fn phone(field: &'static str, text: &str) -> Result<Option<PhoneNumber>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = PhoneNumber::parse(text);
    read.map(Some).map_err(|error| AppError::invalid(field, error))
}

/// An address as it is; an empty text is none.
pub fn email(field: &'static str, text: &str) -> Result<Option<String>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = crate::domain::contact::read_email(Language::English, text).ok();
    let plain = read.filter(|read| !read.mended).map(|read| read.address);
    plain.map(Some).ok_or_else(|| AppError::invalid(field, "is no e-mail address"))
}

/// A language by its code.
pub fn language(field: &'static str, text: &str) -> Result<Language, AppError> {
    let known = Language::ALL.map(Language::code).join(", ");
    let read = Language::parse(text);
    read.ok_or_else(|| AppError::invalid(field, format!("must be one of {known}")))
}

/// A country by its two letters; an empty text is none.
pub fn region(field: &'static str, text: &str) -> Result<Option<Region>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let why = "must be a country as in ISO 3166-1 alpha-2, such as DE";
    Region::parse(text).map(Some).ok_or_else(|| AppError::invalid(field, why))
}

/// Weekly hours as they are written, such as `mon-fri 09:00-17:00`.
pub fn weekly(field: &'static str, text: &str) -> Result<WeeklyHours, AppError> {
    text.parse().map_err(|error| AppError::invalid(field, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_anything_else_is_refused() {
        let id = Uuid::from_u128(7);
        assert_eq!(read_cursor(&cursor(-5, id)).expect("its own"), (-5, id));
        for text in ["", "x", "!!!!", &"A".repeat(31), &"A".repeat(33)] {
            assert!(read_cursor(text).is_err(), "{text}");
        }
    }
}
