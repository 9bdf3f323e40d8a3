//! How far the calls of each account were compared with what its provider lists.
//!
//! Never moves back.

use jiff::Timestamp;

use super::columns::{Place, instant, value};
use super::{Read, StoreError, Write};

/// How far an account was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Name of the voice account.
    pub account: String,
    /// Calls that began before were compared.
    pub until: Timestamp,
    /// When it was looked at last.
    pub looked_at: Timestamp,
    /// Calls listed in all.
    pub listed: i64,
    /// Calls whose end or whole had been missed.
    pub recovered: i64,
    /// Of the last time; empty when it went well.
    pub last_error: String,
}

/// Every account that was looked at, by name.
pub fn all(read: &Read<'_>) -> Result<Vec<Mark>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT account, until_at, looked_at, listed, recovered, last_error
         FROM reconciled
         ORDER BY account",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Mark {
            account: value(row, 0)?,
            until: instant(row, 1, Place("reconciled", "until_at"))?,
            looked_at: instant(row, 2, Place("reconciled", "looked_at"))?,
            listed: value(row, 3)?,
            recovered: value(row, 4)?,
            last_error: value(row, 5)?,
        });
    }
    Ok(all)
}

/// Notes a look at an account: how far it reached, and what it found more.
pub fn note(write: &mut Write<'_>, look: &Mark) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached(
            "INSERT INTO reconciled (account, until_at, looked_at, listed, recovered, last_error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (account) DO UPDATE SET
               until_at = max(until_at, ?2), looked_at = ?3, listed = listed + ?4,
               recovered = recovered + ?5, last_error = ?6",
        )?
        .execute((
            &look.account,
            look.until.as_millisecond(),
            look.looked_at.as_millisecond(),
            look.listed,
            look.recovered,
            &look.last_error,
        ))?;
    Ok(())
}
