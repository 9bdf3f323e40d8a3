//! A write that proves that writing works.

use jiff::Timestamp;

use super::{StoreError, Write};

/// Bytes that must be free for the program to count as able to write.
const ROOM_BYTES: i64 = 64 << 10;

/// Writes the one row, taking room for a moment; its commit is as durable as any other.
pub fn write(write: &mut Write<'_>, now: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("UPDATE probe SET probed_at = ?1, ballast = zeroblob(?2) WHERE id = 1")?
        .execute((now.as_millisecond(), ROOM_BYTES))?;
    write.conn.prepare_cached("UPDATE probe SET ballast = x'' WHERE id = 1")?.execute([])?;
    Ok(())
}
