//! A write that proves that writing works.

use jiff::Timestamp;

use super::{StoreError, Write};

/// Writes the one row; its commit is as durable as any other.
pub fn write(write: &mut Write<'_>, now: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("UPDATE probe SET probed_at = ?1 WHERE id = 1")?
        .execute([now.as_millisecond()])?;
    Ok(())
}
