//! What can go wrong with the database, by what the caller can do about it.
//!
//! The texts are for the log; nothing of them is ever sent to a client.

use rusqlite::ErrorCode;

/// A failure of the store.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Too much is queued; try again shortly.
    #[error("too many requests are waiting for the database")]
    Busy,
    /// The asker gave up before it was its turn; nothing was done.
    #[error("nobody waits for this any more")]
    Abandoned,
    /// The disk or the allowed size is used up; nothing was kept.
    #[error("no room to write: {0}")]
    Full(String),
    /// The disk or the file cannot be used now; nothing was kept.
    #[error("the database cannot be used: {0}")]
    Unavailable(String),
    /// A rule of the schema forbids it.
    #[error("the schema forbids it: {0}")]
    Constraint(String),
    /// A row holds what it never should.
    #[error("{table}.{column} of {id} cannot be read: {why}")]
    Decode {
        /// Where.
        table: &'static str,
        /// Where.
        column: &'static str,
        /// Which row.
        id: String,
        /// What is wrong; never the value.
        why: String,
    },
    /// It is about somebody who was erased.
    #[error("it is about somebody who was erased")]
    Erased,
    /// A fault of the program.
    #[error("the database refused a statement: {0}")]
    Statement(String),
    /// The program is stopping.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// True when the same thing may succeed once the disk or the load is better.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::Abandoned | Self::Full(_) | Self::Unavailable(_) | Self::Closed => {
                true
            }
            Self::Constraint(_) | Self::Decode { .. } | Self::Erased | Self::Statement(_) => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let Some(code) = error.sqlite_error_code() else { return Self::Statement(text) };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "SQLite's codes are an open list; those not named are faults of a statement"
        )]
        match code {
            ErrorCode::DiskFull => Self::Full(text),
            ErrorCode::ConstraintViolation => Self::Constraint(text),
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase => Self::Unavailable(text),
            _ => Self::Statement(text),
        }
    }
}
