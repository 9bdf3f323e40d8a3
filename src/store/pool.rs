//! Connections: one that writes, a few that read.
//!
//! Every connection of the program is opened here, so that every one has foreign keys on, trusts
//! no schema code and knows how long to wait. Never hands out a connection that both reads for
//! requests and writes.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::oneshot;

use super::Read;
use super::error::StoreError;

/// How long a connection waits for another process that holds the database, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Size to which the log is cut after a checkpoint, in bytes.
const LOG_BYTES_MAX: u32 = 64 << 20;
/// Page cache of the writing connection, in KiB.
const WRITER_CACHE_KIB: i32 = 8_192;
/// Page cache of each reading connection, in KiB.
const READER_CACHE_KIB: i32 = 2_048;
/// Prepared statements kept a connection.
const STATEMENTS_KEPT: usize = 128;

/// Opens the connection that writes, making the file when it is missing.
pub fn open_writer(file: &Path, max_pages: Option<u32>) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = open(file, flags)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    // When pages move from the log to the file is `checkpoint`'s affair.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "journal_size_limit", LOG_BYTES_MAX)?;
    conn.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    conn.pragma_update(None, "secure_delete", "ON")?;
    if let Some(pages) = max_pages {
        conn.pragma_update(None, "max_page_count", pages)?;
    }
    conn.set_transaction_behavior(TransactionBehavior::Immediate);
    Ok(conn)
}

/// Opens a connection that can only read.
pub fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = open(file, flags)?;
    conn.pragma_update(None, "query_only", "ON")?;
    conn.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    Ok(conn)
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens a database")]
fn open(file: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(file, flags)?;
    conn.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.pragma_update(None, "cell_size_check", "ON")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // Plans do not depend on bound values: otherwise SQLite prepares statements again and again.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(conn)
}

type Question = Box<dyn FnOnce(&mut Connection) + Send>;

/// Threads that each own a reading connection and answer what is queued.
pub struct Readers {
    asked: AtomicU64,
    queue: Option<Sender<Question>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts `threads` readers of `file`; at most `queue` questions wait.
    pub fn start(file: &Path, threads: usize, queue: usize) -> Result<Self, StoreError> {
        let (sender, receiver) = bounded::<Question>(queue);
        let mut started = Vec::new();
        for number in 0..threads {
            let conn = open_reader(file)?;
            let receiver = receiver.clone();
            let thread = thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(conn, &receiver))
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            started.push(thread);
        }
        Ok(Self { asked: AtomicU64::new(0), queue: Some(sender), threads: started })
    }

    /// How many questions were asked so far.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Asks one question of a consistent snapshot.
    pub async fn read<T, F>(&self, question: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Read<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let (answer, waiting) = oneshot::channel();
        let ask: Question = Box::new(move |conn| {
            if answer.is_closed() {
                return;
            }
            let result = snapshot(conn, question);
            // Nobody waits any more: the answer is not needed.
            drop(answer.send(result));
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.try_send(ask).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        waiting.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reading thread ended by a panic");
            }
        }
    }
}

fn snapshot<T>(
    conn: &mut Connection,
    question: impl FnOnce(&Read<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Deferred)?;
    question(&Read { conn: &transaction })
}

fn serve(mut conn: Connection, questions: &Receiver<Question>) {
    for question in questions {
        question(&mut conn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(conn: &Connection, name: &str) -> String {
        conn.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .expect("a setting")
    }

    #[test]
    fn the_writer_waits_for_the_disk_and_every_connection_keeps_references() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("t.db");
        let writer = open_writer(&file, None).expect("opens");
        let reader = open_reader(&file).expect("opens");
        assert_eq!(setting(&writer, "journal_mode"), "Text(\"wal\")");
        // 2 is FULL: in WAL mode anything less loses commits with the power.
        assert_eq!(setting(&writer, "synchronous"), "Integer(2)");
        for conn in [&writer, &reader] {
            assert_eq!(setting(conn, "foreign_keys"), "Integer(1)");
        }
        assert!(reader.execute_batch("CREATE TABLE t (a INTEGER) STRICT").is_err());
    }
}
