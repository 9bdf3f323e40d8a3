//! The database alone, for the benchmark: what a group commit costs without HTTP, and a large
//! archive to start on.
//!
//! Never part of a running server.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rusqlite::TransactionBehavior;

use super::inbox::{self, Delivery, Received};
use super::{DATABASE_FILE, Keys, OpenError, StoreError, Write, jobs, migrate, pool, takings};
use crate::crypto::keyring::Keyring;
use crate::domain::access::BusinessId;
use crate::domain::job::Job;
use crate::domain::scheduling::interval::Span;

/// Pages of log between checkpoints: 16 MiB of 4 KiB pages.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Keeps deliveries in transactions of `batch` on a database of its own, with the statements that
/// a server uses, and says how long that took.
pub fn raw_group_commit(
    dir: &Path,
    deliveries: &[Delivery],
    batch: usize,
) -> Result<Duration, OpenError> {
    let mut conn = pool::open_writer(&dir.join(DATABASE_FILE), None)?;
    migrate::bring_up_to_date(&mut conn, dir)?;
    // A server moves its log beside the writer; alone, the writer does it itself.
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(StoreError::from)?;
    let keys = Keys::new(&Keyring::new([0; 32]));
    let begun = Instant::now();
    for group in deliveries.chunks(batch.max(1)) {
        let transaction = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let mut write = Write::new(&transaction, &keys);
        for delivery in group {
            let now = delivery.received_at;
            if let Received::New(inbox) = inbox::receive(&mut write, delivery)? {
                jobs::add(&mut write, Job::ApplyEvent { inbox }, now, now)?;
            }
        }
        transaction.commit().map_err(StoreError::from)?;
    }
    Ok(begun.elapsed())
}

/// Adds `calls` ended calls to the business that is there; one in ten is about its first property,
/// if it has one.
pub fn seed_calls(dir: &Path, calls: u32, now: Timestamp) -> Result<(), OpenError> {
    let mut conn = pool::open_writer(&dir.join(DATABASE_FILE), None)?;
    let transaction =
        conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
    transaction
        .execute(
            "WITH RECURSIVE numbers (n) AS (
               SELECT 1
               UNION ALL
               SELECT n + 1 FROM numbers WHERE n < ?1
             )
             INSERT INTO calls
               (id, business_id, account, provider_call_id, provider_agent_id, direction, status,
                from_number, to_number, started_at, ended_at, duration_ms, disconnection_reason,
                end_family, summary, sentiment, successful, in_voicemail, cost_micros,
                cost_currency, facts, property_id, created_at, updated_at)
             SELECT randomblob(16), (SELECT id FROM businesses LIMIT 1), 'retell',
                    printf('call_%016x', n), 'agent_bench', 'inbound', 'ended',
                    '+12025550142', '+12025550100', ?2 - n * 1000, ?2 - n * 1000 + 90000, 90000,
                    'user_hangup', 'caller_hung_up', 'A call of the benchmark.', 'Neutral', 1, 0,
                    105000, 'USD', '{}',
                    iif(n % 10 = 0, (SELECT id FROM properties LIMIT 1), NULL),
                    ?2 - n * 1000, ?2 - n * 1000
             FROM numbers",
            (calls, now.as_millisecond()),
        )
        .map_err(StoreError::from)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(())
}

/// Fills the book of the business that is there: appointments of half an hour, every hour from
/// `from` on, at its first branch.
pub fn seed_appointments(dir: &Path, many: u32, from: Timestamp) -> Result<(), OpenError> {
    let conn = pool::open_writer(&dir.join(DATABASE_FILE), None)?;
    conn.execute(
        "WITH RECURSIVE numbers (n) AS (
           SELECT 0
           UNION ALL
           SELECT n + 1 FROM numbers WHERE n + 1 < ?1
         )
         INSERT INTO appointments
           (id, business_id, branch_id, service_id, staff_id, customer_id, call_id, status,
            held_until_at, starts_at, ends_at, before_min, after_min, customer_name,
            customer_phone, customer_email, notes, code, code_misses, created_at, updated_at)
         SELECT randomblob(16), s.business_id, b.id, s.id, NULL, NULL, NULL, 'confirmed', NULL,
                ?2 + n * 3600000, ?2 + n * 3600000 + 1800000, 0, 0, 'Somebody', '', '', '', '', 0,
                ?2, ?2
         FROM numbers, (SELECT id, business_id FROM services LIMIT 1) s,
              (SELECT id FROM branches LIMIT 1) b",
        (many, from.as_millisecond()),
    )
    .map_err(StoreError::from)?;
    Ok(())
}

/// Appointments to be made up.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// How many.
    pub many: u32,
    /// When the first begins.
    pub from: Timestamp,
    /// How far their beginnings lie apart.
    pub apart: SignedDuration,
}

/// Fills the book of a business: appointments of half an hour, dealt out to its staff in turn.
pub fn seed_book(dir: &Path, business: BusinessId, seed: Seed) -> Result<(), OpenError> {
    let conn = pool::open_writer(&dir.join(DATABASE_FILE), None)?;
    conn.execute(
        "WITH RECURSIVE numbers (n) AS (
           SELECT 0
           UNION ALL
           SELECT n + 1 FROM numbers WHERE n + 1 < ?1
         ),
         people (id, place) AS (
           SELECT id, row_number() OVER (ORDER BY id) - 1 FROM staff WHERE business_id = ?4
         )
         INSERT INTO appointments
           (id, business_id, branch_id, service_id, staff_id, customer_id, call_id, status,
            held_until_at, starts_at, ends_at, before_min, after_min, customer_name,
            customer_phone, customer_email, notes, code, code_misses, created_at, updated_at)
         SELECT randomblob(16), ?4, b.id, s.id, p.id, NULL, NULL, 'confirmed', NULL,
                ?2 + n * ?3, ?2 + n * ?3 + 1800000, 5, 10, 'Somebody', '', '', '', '', 0, ?2, ?2
         FROM numbers
         JOIN people p ON p.place = n % (SELECT count(*) FROM people)
         JOIN (SELECT id FROM services WHERE business_id = ?4 LIMIT 1) s
         JOIN (SELECT id FROM branches WHERE business_id = ?4 LIMIT 1) b",
        (
            seed.many,
            seed.from.as_millisecond(),
            i64::try_from(seed.apart.as_millis()).unwrap_or(i64::MAX),
            business.uuid(),
        ),
    )
    .map_err(StoreError::from)?;
    Ok(())
}

/// How many steps of SQLite's machine the look-up of what takes time within a window needs.
pub fn takings_steps(dir: &Path, business: BusinessId, window: Span) -> Result<i32, StoreError> {
    let conn = pool::open_reader(&dir.join(DATABASE_FILE))?;
    let mut statement = conn.prepare(takings::takings_sql())?;
    let (from, until) = takings::days(window);
    let mut rows = statement.query((business.uuid(), from, until))?;
    while rows.next()?.is_some() {}
    drop(rows);
    Ok(statement.get_status(rusqlite::StatementStatus::VmStep))
}

/// When everything that is agreed begins, ms since 1970 UTC.
pub fn booked(dir: &Path) -> Result<Vec<i64>, StoreError> {
    let conn = pool::open_reader(&dir.join(DATABASE_FILE))?;
    let mut statement =
        conn.prepare("SELECT starts_at FROM appointments WHERE status = 'confirmed'")?;
    let starts = statement.query_map([], |row| row.get(0))?;
    starts.map(|start| start.map_err(StoreError::from)).collect()
}

/// How many rows the tables hold that a delivery may add to: inbox, poison, calls.
pub fn rows(dir: &Path) -> Result<[i64; 3], StoreError> {
    let conn = pool::open_reader(&dir.join(DATABASE_FILE))?;
    let counts = "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM poison),
                         (SELECT count(*) FROM calls)";
    Ok(conn.query_row(counts, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?)
}

/// How many recordings of this digest are where they belong.
pub fn recordings(dir: &Path, sha256: &[u8; 32]) -> Result<i64, StoreError> {
    let conn = pool::open_reader(&dir.join(DATABASE_FILE))?;
    let count = "SELECT count(*) FROM recordings WHERE state = 'archived' AND sha256 = ?1";
    Ok(conn.query_row(count, [sha256], |row| row.get(0))?)
}

/// How many calls are over, and how many jobs wait.
pub fn ended(dir: &Path) -> Result<[i64; 2], StoreError> {
    let conn = pool::open_reader(&dir.join(DATABASE_FILE))?;
    let counts = "SELECT (SELECT count(*) FROM calls WHERE outcome <> ''),
                         (SELECT count(*) FROM jobs)";
    Ok(conn.query_row(counts, [], |row| Ok([row.get(0)?, row.get(1)?]))?)
}

/// How many pairs of appointments of one business overlap.
pub fn overlaps(dir: &Path) -> Result<i64, StoreError> {
    let conn = pool::open_reader(&dir.join(DATABASE_FILE))?;
    let pairs = "SELECT count(*)
                 FROM appointments a
                 JOIN appointments b
                   ON b.business_id = a.business_id AND b.id > a.id
                  AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
                 WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')";
    Ok(conn.query_row(pairs, [], |row| row.get(0))?)
}
