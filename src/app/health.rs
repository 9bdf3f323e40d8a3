//! Whether the program can do its work: a real write, and how long work has been waiting.
//!
//! Never writes more often than once a second, however often it is asked.

use std::sync::atomic::Ordering;

use tokio::sync::Mutex;

use super::{App, AppError};
use crate::domain::job::{ARCHIVE, Job};
use crate::store::{Lane, Read, StoreError, jobs, probe};

/// Milliseconds for which an answer is given again.
const PROBE_KEPT_MS: i64 = 1_000;
/// Seconds a due job may wait before the program is not ready: nothing works it off.
const JOB_AGE_MAX_S: i64 = 900;

/// How ready the program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Milliseconds that a durable write took.
    pub write_ms: i64,
    /// Seconds that the oldest due job has waited.
    pub job_age_s: i64,
}

/// Figures for whoever watches the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Transactions committed.
    pub commits: u64,
    /// Tasks that were part of them.
    pub writes: u64,
    /// Questions asked of readers.
    pub reads: u64,
    /// Free times answered from memory.
    pub cache_hits: u64,
    /// Free times answered from the database.
    pub cache_misses: u64,
    /// Jobs that wait or run.
    pub jobs_pending: i64,
    /// Jobs that failed too often.
    pub jobs_dead: i64,
    /// Seconds that the oldest due job has waited.
    pub job_age_s: i64,
    /// Bytes that are free on the disk, where the system can tell.
    pub disk_free_bytes: Option<u64>,
}

impl Readiness {
    /// Whether jobs are worked off.
    pub fn works_off_jobs(self) -> bool {
        self.job_age_s <= JOB_AGE_MAX_S
    }
}

/// The last answer and when it was given.
#[derive(Default)]
pub struct LastProbe(Mutex<Option<(i64, Result<Readiness, AppError>)>>);

impl App {
    /// Writes durably and looks at the queue of jobs; one at a time, whoever asks.
    pub async fn readiness(&self) -> Result<Readiness, AppError> {
        let mut last = self.probe.0.lock().await;
        let now_ms = self.clock.now_ms();
        if let Some((at, answer)) = &*last
            && (*at..at + PROBE_KEPT_MS).contains(&now_ms)
        {
            return answer.clone();
        }
        let answer = self.probe().await;
        *last = Some((now_ms, answer.clone()));
        answer
    }

    /// Figures of the program, since its start or now.
    pub async fn figures(&self) -> Result<Figures, AppError> {
        let stats = self.store.writer_stats();
        let (commits, writes) =
            (stats.commits.load(Ordering::Relaxed), stats.tasks.load(Ordering::Relaxed));
        let reads = self.store.reads();
        let cache = self.kept.stats();
        let now = self.clock.now();
        let question = |read: &Read<'_>| Ok((jobs::counts(read)?, jobs::next_due(read)?));
        let ((jobs_pending, jobs_dead), due) = self.store.read(question).await?;
        let job_age_s = due.map_or(0, |due| (now.as_millisecond() - due).max(0) / 1_000);
        let (cache_hits, cache_misses) = (cache.hits, cache.misses);
        Ok(Figures {
            commits,
            writes,
            reads,
            cache_hits,
            cache_misses,
            jobs_pending,
            jobs_dead,
            job_age_s,
            disk_free_bytes: self.store.space().free_bytes(),
        })
    }

    async fn probe(&self) -> Result<Readiness, AppError> {
        let now = self.clock.now();
        if self.store.space().is_low(now.as_millisecond()) {
            return Err(StoreError::Full("the room kept free on the disk".to_owned()).into());
        }
        let begun = std::time::Instant::now();
        self.store.write(Lane::Urgent, move |write| probe::write(write, now)).await?;
        let write_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        // Recordings wait for others, in any number: they say nothing of this server.
        let kinds: Vec<_> = Job::KINDS.into_iter().filter(|kind| *kind != ARCHIVE).collect();
        let due = self.store.read(move |read| jobs::next_due_of(read, &kinds)).await?;
        let job_age_s = due.map_or(0, |due| (now.as_millisecond() - due).max(0) / 1_000);
        Ok(Readiness { write_ms, job_age_s })
    }
}
