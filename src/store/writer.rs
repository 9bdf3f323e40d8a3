//! The one writer: a thread that owns the only writing connection.
//!
//! It takes what is queued, runs it in one transaction, commits once, and only then answers all: a
//! group commit. A task that fails is rolled back alone: each has a savepoint, apart from the first,
//! whose failure leaves nothing else to undo. Nothing waits and nothing goes over the network inside
//! a transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select_biased};
use rusqlite::Connection;
use tokio::sync::{Notify, oneshot, watch};

use super::checkpoint::Checkpointer;
use super::error::StoreError;
use super::{Keys, Write, on_behalf};

/// How long background work may wait for an urgent commit to share, or be passed over.
const BACKGROUND_WAIT: Duration = Duration::from_millis(20);
/// How recent urgent work must be for background work to wait for more of it.
const URGENT_RECENT: Duration = Duration::from_millis(100);
/// How long background work waits for room when too much is queued.
const ROOM_WAIT: Duration = Duration::from_secs(10);
/// Background tasks taken into one transaction beside urgent ones.
const BACKGROUND_SHARE: usize = 8;

/// Who is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Somebody waits for the answer: a provider, a caller, a person.
    Urgent,
    /// Nobody waits: jobs and housekeeping.
    Background,
}

/// Counts since the start, for readiness, metrics and the benchmark.
#[derive(Debug, Default)]
pub struct WriterStats {
    /// Transactions committed.
    pub commits: AtomicU64,
    /// Tasks that were part of them.
    pub tasks: AtomicU64,
}

enum Ran {
    Kept(Deliver),
    Undone(Deliver),
    Skipped,
}

type Deliver = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Task = Box<dyn FnOnce(&mut Write<'_>) -> Ran + Send>;

/// A handle to the writing thread. Dropping it lets the thread finish what is queued and end.
pub struct Writer {
    urgent: Option<Sender<Task>>,
    background: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
    room: Arc<Notify>,
    alive: watch::Sender<()>,
    stats: Arc<WriterStats>,
}

impl Writer {
    /// Starts the thread. At most `queue` tasks wait in each lane and `batch` share a commit;
    /// `wake_jobs` is told after a commit that added jobs.
    pub fn start(
        (conn, checkpointer): (Connection, Checkpointer),
        (queue, batch): (usize, usize),
        (wake_jobs, keys): (Arc<Notify>, Arc<Keys>),
    ) -> Result<Self, StoreError> {
        let (urgent, urgent_tasks) = bounded(queue);
        let (background, background_tasks) = bounded(queue);
        let stats = Arc::new(WriterStats::default());
        let room = Arc::new(Notify::new());
        let mut turn = Turn {
            conn,
            checkpointer,
            urgent: urgent_tasks,
            background: background_tasks,
            batch,
            background_served: Instant::now(),
            urgent_served: Instant::now(),
            held: None,
            stats: Arc::clone(&stats),
            room: Arc::clone(&room),
            wake_jobs,
            keys,
        };
        // Dropped when the thread ends, by a panic too.
        let (alive, lives) = watch::channel(());
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                while turn.serve() {}
                drop(lives);
            })
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            urgent: Some(urgent),
            background: Some(background),
            thread: Some(thread),
            room,
            alive,
            stats,
        })
    }

    /// Runs `task` in the next transaction and returns once it is on the disk.
    ///
    /// When too many wait already, urgent work is refused at once, for somebody is told to come again;
    /// other work waits for room, for [`ROOM_WAIT`] at most.
    ///
    /// An error of the task undoes what it wrote and nothing else. Giving up waiting before its
    /// turn means that it is not run.
    pub async fn write<T, E, F>(&self, lane: Lane, task: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel::<Result<T, E>>();
        let pending = on_behalf::pending();
        let task: Task = Box::new(move |write| {
            if answer.is_closed() {
                return Ran::Skipped;
            }
            let done = task(write).and_then(|value| {
                let entry = pending.as_ref().and_then(|pending| pending.note(write));
                entry.transpose().map(|entry| (value, entry)).map_err(E::from)
            });
            // When nobody waits any more the answer is not needed: the work itself is committed.
            match done {
                Ok((value, entry)) => Ran::Kept(Box::new(move |committed| {
                    if let (Err(_), Some(pending), Some(entry)) = (&committed, pending, entry) {
                        pending.put_back(entry);
                    }
                    drop(answer.send(committed.map(|()| value).map_err(E::from)));
                })),
                Err(error) => Ran::Undone(Box::new(move |_| drop(answer.send(Err(error))))),
            }
        });
        let queue = match lane {
            Lane::Urgent => self.urgent.as_ref(),
            Lane::Background => self.background.as_ref(),
        };
        let queue = queue.ok_or_else(|| E::from(StoreError::Closed))?;
        self.queued(queue, lane, task).await?;
        let undone = || StoreError::Unavailable("the write was not run".to_owned());
        waiting.await.unwrap_or_else(|_| Err(undone().into()))
    }

    async fn queued(&self, queue: &Sender<Task>, lane: Lane, task: Task) -> Result<(), StoreError> {
        let mut waits = task;
        let deadline = Instant::now() + ROOM_WAIT;
        loop {
            let room = self.room.notified();
            match queue.try_send(waits) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
                Err(TrySendError::Full(_)) if lane == Lane::Urgent => return Err(StoreError::Busy),
                Err(TrySendError::Full(task)) => waits = task,
            }
            let there_is = tokio::time::timeout_at(deadline.into(), room).await;
            there_is.map_err(|_| StoreError::Busy)?;
        }
    }

    /// Returns once the thread has ended.
    pub async fn ended(&self) {
        self.alive.closed().await;
    }

    /// Counts since the start.
    pub fn stats(&self) -> &WriterStats {
        &self.stats
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.urgent = None;
        self.background = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writing thread ended by a panic");
        }
    }
}

struct Turn {
    conn: Connection,
    checkpointer: Checkpointer,
    urgent: Receiver<Task>,
    background: Receiver<Task>,
    batch: usize,
    background_served: Instant,
    urgent_served: Instant,
    held: Option<Task>,
    stats: Arc<WriterStats>,
    room: Arc<Notify>,
    wake_jobs: Arc<Notify>,
    keys: Arc<Keys>,
}

impl Turn {
    /// One transaction. False when there is nothing left and nobody who could bring more.
    fn serve(&mut self) -> bool {
        let Some(tasks) = self.take() else { return false };
        self.room.notify_waiters();
        let mut wake = false;
        let mut kept = Vec::with_capacity(tasks.len());
        match self.run(tasks, &mut kept, &mut wake) {
            Ok(()) => {
                self.stats.commits.fetch_add(1, Ordering::Relaxed);
                self.stats.tasks.fetch_add(kept.len() as u64, Ordering::Relaxed);
                kept.into_iter().for_each(|deliver| deliver(Ok(())));
                self.checkpointer.after_commit(&self.conn);
            }
            Err(error) => {
                tracing::error!(%error, tasks = kept.len(), "a group of writes was not kept");
                kept.into_iter().for_each(|deliver| deliver(Err(error.clone())));
                wake = false;
            }
        }
        if wake {
            self.wake_jobs.notify_one();
        }
        true
    }

    /// Waits for a task, then takes what else is there. Background work waits a little for an
    /// urgent commit to share, and is passed over while there is much urgent work, up to a limit.
    fn take(&mut self) -> Option<Vec<Task>> {
        let mut tasks = Vec::new();
        let mut held = self.held.take();
        if held.is_none() {
            select_biased! {
                recv(self.urgent) -> task => match task {
                    Ok(task) => tasks.push(task),
                    // Both senders are dropped together: only what is queued is left.
                    Err(_) => held = Some(self.background.recv().ok()?),
                },
                recv(self.background) -> task => held = Some(task.ok()?),
            }
        }
        let company = self.urgent_served.elapsed() < URGENT_RECENT;
        if held.is_some()
            && company
            && let Ok(task) = self.urgent.recv_timeout(BACKGROUND_WAIT)
        {
            tasks.push(task);
        }
        while tasks.len() < self.batch {
            let Ok(task) = self.urgent.try_recv() else { break };
            tasks.push(task);
        }
        if !tasks.is_empty() {
            self.urgent_served = Instant::now();
        }
        let overdue = self.background_served.elapsed() >= BACKGROUND_WAIT;
        if tasks.len() >= BACKGROUND_SHARE && !overdue {
            self.held = held;
            return Some(tasks);
        }
        self.background_served = Instant::now();
        let share = if tasks.is_empty() { self.batch } else { BACKGROUND_SHARE };
        let more = self.background.try_iter().take(share);
        tasks.extend(held.into_iter().chain(more));
        Some(tasks)
    }

    /// Runs all in one transaction. `kept` gets the tasks whose answer waits for the commit.
    fn run(
        &self,
        tasks: Vec<Task>,
        kept: &mut Vec<Deliver>,
        wake: &mut bool,
    ) -> Result<(), StoreError> {
        if !self.conn.is_autocommit() {
            // What could not be undone last time must be undone before anything else.
            self.conn.execute_batch("ROLLBACK")?;
        }
        self.execute("BEGIN IMMEDIATE")?;
        let mut kept_any = false;
        for task in tasks {
            match self.run_one(task, kept_any, wake) {
                Some(Ran::Kept(deliver)) => {
                    kept_any = true;
                    kept.push(deliver);
                }
                Some(Ran::Undone(deliver)) => deliver(Ok(())),
                Some(Ran::Skipped) => {}
                // A panic: its asker sees a closed channel.
                None => tracing::error!("a write ended by a panic and was undone"),
            }
            if self.conn.is_autocommit() {
                // SQLite itself undid the whole transaction: a full disk, a failing one. Tasks that
                // are dropped here tell their askers so.
                return Err(StoreError::Unavailable("the transaction was undone".to_owned()));
            }
        }
        let end = if kept_any { "COMMIT" } else { "ROLLBACK" };
        self.execute(end).map_err(|error| {
            let error = StoreError::from(error);
            if !self.conn.is_autocommit()
                && let Err(second) = self.conn.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, rollback = %second, "a failed commit could not be undone");
            }
            error
        })
    }

    /// Runs one task. Where nothing of this transaction is kept yet, it needs no savepoint: to undo it
    /// is to begin the transaction anew.
    fn run_one(&self, task: Task, kept_any: bool, wake: &mut bool) -> Option<Ran> {
        let mark = if kept_any { self.execute("SAVEPOINT task") } else { Ok(()) };
        let mut write = Write::new(&self.conn, &self.keys);
        let ran = catch_unwind(AssertUnwindSafe(|| task(&mut write)));
        let wakes = write.wakes_jobs;
        let keep = mark.is_ok() && matches!(ran, Ok(Ran::Kept(_)));
        if self.conn.is_autocommit() {
            return ran.ok();
        }
        let steps: &[&'static str] = match (kept_any, keep) {
            (true, true) => &["RELEASE task"],
            (true, false) => &["ROLLBACK TO task", "RELEASE task"],
            (false, true) => &[],
            (false, false) => &["ROLLBACK", "BEGIN IMMEDIATE"],
        };
        if let Err(error) = steps.iter().try_for_each(|step| self.execute(step)) {
            tracing::error!(%error, "a task could not be set apart; the group is undone");
            // With the transaction gone, every task of the group is told that it was not kept.
            drop(self.conn.execute_batch("ROLLBACK"));
        }
        *wake |= keep && wakes;
        ran.ok()
    }

    fn execute(&self, statement: &'static str) -> Result<(), rusqlite::Error> {
        self.conn.prepare_cached(statement)?.execute([]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::crypto::keyring::Keyring;
    use crate::store::pool::{open_reader, open_writer};

    /// A writer whose commits fail while `fails` is true.
    fn writer(dir: &std::path::Path, fails: &Arc<AtomicBool>) -> Writer {
        let file = dir.join("t.db");
        let mut conn = open_writer(&file, None).expect("opens");
        conn.execute_batch("CREATE TABLE t (a INTEGER NOT NULL) STRICT").expect("makes");
        let checkpointer = Checkpointer::start(&file, &mut conn).expect("starts");
        let fails = Arc::clone(fails);
        conn.commit_hook(Some(move || fails.load(Ordering::SeqCst))).expect("sets");
        let keys = Arc::new(Keys::new(&Keyring::new([1; 32])));
        let shared = (Arc::new(Notify::new()), keys);
        Writer::start((conn, checkpointer), (64, 64), shared).expect("starts")
    }

    async fn add(writer: &Writer, a: i64) -> Result<(), StoreError> {
        let task = move |write: &mut Write<'_>| {
            write.conn.execute("INSERT INTO t (a) VALUES (?1)", [a])?;
            Ok(())
        };
        writer.write(Lane::Urgent, task).await
    }

    #[tokio::test]
    async fn nobody_is_told_of_a_write_whose_commit_failed() {
        let dir = tempfile::tempdir().expect("a folder");
        let fails = Arc::new(AtomicBool::new(true));
        let writer = writer(dir.path(), &fails);
        let (one, two, three) = tokio::join!(add(&writer, 1), add(&writer, 2), add(&writer, 3));
        for answer in [one, two, three] {
            answer.expect_err("the commit failed");
        }
        fails.store(false, Ordering::SeqCst);
        add(&writer, 4).await.expect("the next one is kept");
        drop(writer);
        let reader = open_reader(&dir.path().join("t.db")).expect("opens");
        let kept: Vec<i64> = reader
            .prepare("SELECT a FROM t")
            .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect())
            .expect("reads");
        assert_eq!(kept, [4]);
    }

    #[tokio::test]
    async fn background_work_is_done_beside_urgent_work_without_a_pause() {
        let dir = tempfile::tempdir().expect("a folder");
        let writer = Arc::new(writer(dir.path(), &Arc::new(AtomicBool::new(false))));
        let busy = Arc::clone(&writer);
        let urgent = tokio::spawn(async move {
            let mut a = 0;
            loop {
                add(&busy, a).await.expect("kept");
                a += 1;
            }
        });
        let task = |write: &mut Write<'_>| {
            write.conn.execute("INSERT INTO t (a) VALUES (-1)", [])?;
            Ok::<_, StoreError>(())
        };
        let done =
            tokio::time::timeout(Duration::from_secs(10), writer.write(Lane::Background, task));
        done.await.expect("it has its turn").expect("kept");
        urgent.abort();
    }
}
