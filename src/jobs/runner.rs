//! Works off jobs: claims them by a lease, a few at a time, and wakes up when some are added.
//!
//! A job that fails is tried again after a wait; after too many tries it rests as dead. A panic is
//! a failed try. Never holds a transaction open while a job runs.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::run;
use crate::app::{App, AppError};
use crate::clock::random;
use crate::domain::retry;
use crate::store::jobs::{self, Claimed};
use crate::store::{Lane, StoreError};

/// How long a job may take before it is due again.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// How long a job waits when the database cannot take its work.
const PUT_OFF: SignedDuration = SignedDuration::from_secs(15);
/// The longest time between two looks at the table.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How long to wait when the table cannot be used.
const LOOK_AGAIN_AFTER_FAULT: Duration = Duration::from_millis(500);

/// Runs until `stop` turns true, then ends what it has begun.
pub async fn work(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    release(&app).await;
    let most = app.settings.limits.job_concurrency();
    let mut running = JoinSet::new();
    loop {
        let mut wait = LOOK_AGAIN;
        if running.len() < most {
            match claim(&app, most - running.len()).await {
                Ok((claimed, next)) => {
                    let full = claimed.len() == most - running.len();
                    for job in claimed {
                        running.spawn(attempt(Arc::clone(&app), job));
                    }
                    wait = if full { LOOK_AGAIN } else { next };
                }
                Err(error) => {
                    tracing::warn!(%error, "jobs cannot be claimed");
                    wait = LOOK_AGAIN_AFTER_FAULT;
                }
            }
        }
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = running.join_next() => {}
            () = app.store.jobs_wake().notified(), if running.len() < most => {}
            _ = tokio::time::timeout(wait, std::future::pending::<()>()) => {}
        }
    }
    while running.join_next().await.is_some() {}
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

async fn claim(app: &App, most: usize) -> Result<(Vec<Claimed>, Duration), StoreError> {
    let now = app.clock.now();
    let due = app.store.read(jobs::next_due).await?;
    let Some(due) = due else { return Ok((Vec::new(), LOOK_AGAIN)) };
    if due > now.as_millisecond() {
        let wait = u64::try_from(due - now.as_millisecond()).unwrap_or(0);
        return Ok((Vec::new(), Duration::from_millis(wait).min(LOOK_AGAIN)));
    }
    let lease_ends = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let claimed =
        app.store.write(Lane::Background, move |write| jobs::claim(write, now, lease_ends, most));
    Ok((claimed.await?, LOOK_AGAIN))
}

async fn attempt(app: Arc<App>, claimed: Claimed) {
    let fault = |text: &str| AppError::Store(StoreError::Statement(text.to_owned()));
    let error = if claimed.attempts > app.settings.limits.job_attempts() {
        fault("the process ended during every try")
    } else {
        match AssertUnwindSafe(run(&app, &claimed)).catch_unwind().await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => fault("the job ended by a panic"),
        }
    };
    let kind = claimed.job.map_or("unknown", crate::domain::job::Job::kind);
    if let AppError::Store(trouble) = &error
        && trouble.is_transient()
    {
        return put_off(&app, &claimed, trouble).await;
    }
    let last = claimed.attempts >= app.settings.limits.job_attempts();
    tracing::warn!(job.id = claimed.id.0, kind, attempts = claimed.attempts, %error, "job failed");
    let now = app.clock.now();
    let wait = retry::wait(claimed.attempts, u16::from_be_bytes(random()));
    let next = if last { None } else { now.checked_add(wait).ok() };
    let text = error.to_string();
    let noted = app
        .store
        .write(Lane::Background, move |write| jobs::failed(write, claimed.id, &text, next));
    if let Err(error) = noted.await {
        // Its lease ends by itself, then it is tried again.
        tracing::error!(job.id = claimed.id.0, %error, "a failed job could not be put back");
    }
}

/// The database is full, busy or away: that is no fault of the job and costs it no try.
async fn put_off(app: &App, claimed: &Claimed, trouble: &StoreError) {
    tracing::warn!(job.id = claimed.id.0, error = %trouble, "job put off");
    let id = claimed.id;
    let next = app.clock.now().checked_add(PUT_OFF).unwrap_or(Timestamp::MAX);
    let noted = app.store.write(Lane::Background, move |write| jobs::put_off(write, id, next));
    if let Err(error) = noted.await {
        // Its lease ends by itself, then it is tried again.
        tracing::error!(job.id = id.0, %error, "a job could not be put off");
    }
}
