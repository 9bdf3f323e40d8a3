//! The REST interface: one file a noun, shapes that do not change within a version.
//!
//! Never shows a field that its shape does not name.

pub mod appointments;
pub mod calls;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use uuid::Uuid;

use crate::app::AppError;

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
