//! What outlives a server, and a look into its database beside the program.

use std::path::{Path, PathBuf};

use frontdesk::clock::Clock;
use frontdesk::crypto::digest::hex;
use frontdesk::store::DATABASE_FILE;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::at;

/// When every test begins: a Monday, nine o'clock in Berlin.
const BEGINNING: &str = "2026-01-05T08:00:00Z";

/// A data folder and the clock that goes with it.
pub struct Data {
    folder: TempDir,
    clock: Clock,
}

impl Data {
    /// An empty folder, at the beginning.
    pub fn fresh() -> Self {
        let folder = TempDir::new().expect("the system has room for a temporary folder");
        Self { folder, clock: Clock::manual(at(BEGINNING)) }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The database in the folder.
    pub fn db(&self) -> Database {
        Database::in_folder(self.dir())
    }
}

/// A database file. Every look is a connection of its own.
pub struct Database {
    file: PathBuf,
}

impl Database {
    /// The database of a data folder.
    pub fn in_folder(dir: &Path) -> Self {
        Self { file: dir.join(DATABASE_FILE) }
    }

    /// The one number that a question asks for, such as how many rows there are.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        let conn = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY);
        conn.query_row(sql, [], |row| row.get(0)).expect("the question asks for a number")
    }

    /// The first text that a question asks for.
    #[track_caller]
    pub fn text(&self, sql: &str) -> String {
        let mut rows = self.cells(sql);
        assert!(!rows.is_empty(), "nothing is found: {sql}");
        rows.swap_remove(0).swap_remove(0)
    }

    /// Every cell of the answer as text; bytes as hexadecimal digits.
    #[track_caller]
    pub fn cells(&self, sql: &str) -> Vec<Vec<String>> {
        self.rows(sql).into_iter().map(|row| row.into_iter().map(text).collect()).collect()
    }

    /// The bytes in the first column of each row.
    #[track_caller]
    pub fn blobs(&self, sql: &str) -> Vec<Vec<u8>> {
        let first = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Blob(bytes)) => bytes,
            other => panic!("these are no bytes: {other:?}"),
        };
        self.rows(sql).into_iter().map(first).collect()
    }

    /// Changes the file behind the program's back, with foreign keys on.
    pub fn change(&self, sql: &str) -> rusqlite::Result<()> {
        let conn = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE);
        conn.pragma_update(None, "foreign_keys", "ON")?;
        conn.execute_batch(sql)
    }

    /// Keeps everybody else from writing until the connection is dropped.
    pub fn lock(&self) -> Connection {
        let conn = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE);
        conn.execute_batch("BEGIN IMMEDIATE").expect("nobody is writing now");
        conn
    }

    #[track_caller]
    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let conn = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY);
        let mut statement = conn.prepare(sql).expect("the question can be understood");
        let width = statement.column_count();
        // What a plan is asked for has parameters; nothing is bound to them.
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().expect("the answer can be read") {
            let cell = |index: usize| row.get(index).expect("the row has that column");
            found.push((0..width).map(cell).collect());
        }
        found
    }

    #[expect(clippy::disallowed_methods, reason = "a test looks into the file beside the program")]
    fn open(&self, flags: OpenFlags) -> Connection {
        Connection::open_with_flags(&self.file, flags).expect("the database is there")
    }
}

fn text(value: Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => hex(&bytes),
    }
}
