//! Works off jobs: claims them by a lease, a few at a time, and wakes up when some are added.
//!
//! A job that fails is tried again after a wait; after too many tries it rests as dead. A panic is
//! a failed try. Never holds a transaction open while a job runs.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::run;
use crate::app::{App, AppError};
use crate::clock::random;
use crate::domain::ids::JobId;
use crate::domain::job::{ARCHIVE, Job};
use crate::domain::recording::RecordingState;
use crate::domain::retry;
use crate::store::jobs::{self, Claimed, Room};
use crate::store::{Lane, StoreError, recordings};

/// How long a job may take before it is due again.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// The same for a kind that moves large files, beside what its tries may take.
const LONG_LEASE: SignedDuration = SignedDuration::from_mins(15);
/// The least time for which a job is put off.
const REST_LEAST: SignedDuration = SignedDuration::from_secs(1);
/// The longest time between two looks at the table.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How long to wait when the table cannot be used.
const LOOK_AGAIN_AFTER_FAULT: Duration = Duration::from_millis(500);

/// How many jobs of each kind are under way.
type Under = BTreeMap<&'static str, usize>;

/// Runs until `stop` turns true, then ends what it has begun.
pub async fn work(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    release(&app).await;
    let mut running = JoinSet::new();
    let mut under = Under::new();
    let mut moving: Vec<(JobId, AbortHandle)> = Vec::new();
    loop {
        let rooms = rooms(&app, &under);
        let mut wait = LOOK_AGAIN;
        if !rooms.is_empty() {
            match claim(&app, rooms).await {
                Ok((claimed, next)) => {
                    for job in claimed {
                        *under.entry(job.kind).or_default() += 1;
                        let (id, kind) = (job.id, job.kind);
                        let task = running.spawn(attempt(Arc::clone(&app), job));
                        moving.retain(|(_, task)| !task.is_finished());
                        if kind == ARCHIVE {
                            moving.push((id, task));
                        }
                    }
                    wait = next;
                }
                Err(error) => {
                    tracing::warn!(%error, "jobs cannot be claimed");
                    wait = LOOK_AGAIN_AFTER_FAULT;
                }
            }
        }
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(ended) = running.join_next() => ends(&mut under, ended),
            () = app.store.jobs_wake().notified() => {}
            _ = tokio::time::timeout(wait, std::future::pending::<()>()) => {}
        }
    }
    leave(&app, moving).await;
    while running.join_next().await.is_some() {}
}

/// Moving large files would hold up a stop for minutes: it is left where it is, and goes on from there
/// at the next start. That costs no try.
async fn leave(app: &App, moving: Vec<(JobId, AbortHandle)>) {
    let now = app.clock.now();
    for (id, task) in moving.into_iter().filter(|(_, task)| !task.is_finished()) {
        task.abort();
        let put = app.store.write(Lane::Background, move |write| jobs::put_off(write, id, now));
        let put: Result<(), StoreError> = put.await;
        if let Err(error) = put {
            tracing::warn!(job.id = id.0, %error, "a job that was left could not be put off");
        }
    }
}

/// A job has ended: its kind has one more place.
fn ends(under: &mut Under, ended: Result<&'static str, JoinError>) {
    match ended {
        Ok(kind) => {
            if let Some(count) = under.get_mut(kind) {
                *count = count.saturating_sub(1);
            }
        }
        // A panic of a job is caught within it.
        Err(error) if error.is_cancelled() => {}
        Err(error) => tracing::error!(%error, "working off a job ended by a fault"),
    }
}

/// How many jobs of each kind can be begun. Each kind has places of its own, so that what waits for
/// others holds up nothing.
fn rooms(app: &App, under: &Under) -> Vec<Room> {
    let now = app.clock.now();
    let room = |kind: &'static str| {
        let (places, lease) = match kind {
            ARCHIVE => {
                let archive = &app.settings().archive;
                let tries = SignedDuration::try_from(archive.longest()).unwrap_or_default();
                (archive.concurrency(), LONG_LEASE + tries)
            }
            _ => (app.settings().limits.job_concurrency(), LEASE),
        };
        let most = places.saturating_sub(under.get(kind).copied().unwrap_or(0));
        let lease_ends = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        Room { kind, most, lease_ends }
    };
    Job::KINDS.into_iter().map(room).filter(|room| room.most > 0).collect()
}

/// Returns once it is time to stop.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A dropped sender means the same as stopping.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Whoever serves is the only one who works off jobs: what a process that died had begun is due.
async fn release(app: &App) {
    let now = app.clock.now();
    let released = app.store.write(Lane::Background, move |w| jobs::release_leases(w, now)).await;
    match released {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "jobs that were under way when the process ended are due"),
        // They are due when their lease ends.
        Err(error) => tracing::warn!(%error, "jobs under way could not be made due"),
    }
}

async fn claim(app: &App, rooms: Vec<Room>) -> Result<(Vec<Claimed>, Duration), StoreError> {
    let now = app.clock.now();
    let kinds: Vec<_> = rooms.iter().map(|room| room.kind).collect();
    let due = app.store.read(move |read| jobs::next_due_of(read, &kinds)).await?;
    let Some(due) = due else { return Ok((Vec::new(), LOOK_AGAIN)) };
    if due > now.as_millisecond() {
        let wait = u64::try_from(due - now.as_millisecond()).unwrap_or(0);
        return Ok((Vec::new(), Duration::from_millis(wait).min(LOOK_AGAIN)));
    }
    let claimed = app.store.write(Lane::Background, move |write| jobs::claim(write, now, &rooms));
    // What was added meanwhile is looked for at once.
    Ok((claimed.await?, Duration::ZERO))
}

/// Tries a job once. Returns its kind.
async fn attempt(app: Arc<App>, claimed: Claimed) -> &'static str {
    let kind = claimed.kind;
    try_once(&app, claimed).await;
    kind
}

async fn try_once(app: &App, claimed: Claimed) {
    let fault = |text: &str| AppError::Store(StoreError::Statement(text.to_owned()));
    let error = if claimed.attempts > app.settings().limits.job_attempts() {
        fault("the process ended during every try")
    } else {
        match AssertUnwindSafe(run(app, &claimed)).catch_unwind().await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => fault("the job ended by a panic"),
        }
    };
    if let Some(wait) = error.rests() {
        return put_off(app, &claimed, &error, wait.max(REST_LEAST)).await;
    }
    let last = claimed.attempts >= app.settings().limits.job_attempts();
    let (kind, attempts) = (claimed.kind, claimed.attempts);
    tracing::warn!(job.id = claimed.id.0, kind, attempts, %error, "job failed");
    let now = app.clock.now();
    let wait = retry::wait(attempts, u16::from_be_bytes(random()));
    let wait = wait.max(error.asks_for().unwrap_or_default());
    let next = if last { None } else { now.checked_add(wait).ok() };
    let text = error.to_string();
    let noted = app.store.write(Lane::Background, move |write| {
        if let (None, Some(Job::ArchiveRecording { recording })) = (next, claimed.job) {
            let stands = (RecordingState::Failed, "crashed", attempts);
            recordings::stand(write, (recording, claimed.id), stands, None, now)?;
        }
        jobs::failed(write, claimed.id, &text, next)
    });
    if let Err(error) = noted.await {
        // Its lease ends by itself, then it is tried again.
        tracing::error!(job.id = claimed.id.0, %error, "a failed job could not be put back");
    }
}

/// The database is full, busy or away, or an upstream is left alone: that is no fault of the job and
/// costs it no try.
async fn put_off(app: &App, claimed: &Claimed, why: &AppError, wait: SignedDuration) {
    tracing::warn!(job.id = claimed.id.0, error = %why, "job put off");
    let id = claimed.id;
    let next = app.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX);
    let noted = app.store.write(Lane::Background, move |write| jobs::put_off(write, id, next));
    if let Err(error) = noted.await {
        // Its lease ends by itself, then it is tried again.
        tracing::error!(job.id = id.0, %error, "a job could not be put off");
    }
}
