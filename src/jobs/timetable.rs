//! Work that recurs by the clock.
//!
//! Never piles up: a round that takes long delays the next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use super::runner::stopped;
use crate::app::{App, AppError};

/// How often refused deliveries are written down.
const REFUSED_EVERY: Duration = Duration::from_secs(60);
/// How often old fingerprints are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);

/// How often sessions that are over are taken away.
const SESSIONS_EVERY: Duration = Duration::from_secs(1_800);

/// How often the audit trail is signed, and what is too old taken away.
const TRAIL_EVERY: Duration = Duration::from_secs(3_600);

/// How often what is too old is taken away, and how long after the start for the first time.
const RETAIN_EVERY: Duration = Duration::from_secs(24 * 3_600);
const RETAIN_FIRST: Duration = Duration::from_secs(600);

/// How often holds that ran out and requests that are no longer remembered are tidied away.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);

/// How often the providers are asked for calls of which nothing, or not the end, was heard.
const RECONCILE_EVERY: Duration = Duration::from_secs(600);

/// How often files that no row names are taken away, and how often the disk is looked through for them.
const REMOVE_EVERY: Duration = Duration::from_secs(60);
const SWEEP_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// How often it is looked for numbers that are silent.
const WATCH_EVERY: Duration = Duration::from_secs(3_600);

/// Runs until `stop` turns true.
pub async fn keep(app: Arc<App>, stop: watch::Receiver<bool>) {
    // Beside the rest: a provider or a store that is slow delays nothing else.
    let asking = ask_providers(Arc::clone(&app), stop.clone());
    let archive = keep_archive(Arc::clone(&app), stop.clone());
    tokio::join!(asking, archive, keep_house(app, stop));
}

/// Takes away files that are nobody's. It is left where it is when it is time to stop.
async fn keep_archive(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut remove = interval(REMOVE_EVERY);
    remove.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sweep = interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let tidy = async {
        loop {
            let done = tokio::select! {
                _ = remove.tick() => app.take_away().await,
                () = app.removals_come() => app.take_away().await,
                _ = sweep.tick() => app.sweep().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "the archive could not be tidied");
            }
        }
    };
    tokio::select! {
        () = stopped(&mut stop) => {}
        () = tidy => {}
    }
}

/// Compares calls with what the providers know. It is left where it is when it is time to stop: each
/// of its writes is whole.
async fn ask_providers(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    // Not at once: a process that starts often would ask the providers as often.
    let mut clock = interval_at(Instant::now() + RECONCILE_EVERY, RECONCILE_EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let compare = async {
        loop {
            clock.tick().await;
            if let Err(error) = app.reconcile().await {
                tracing::warn!(%error, "calls could not be compared with the providers");
            }
        }
    };
    tokio::select! {
        () = stopped(&mut stop) => {}
        () = compare => {}
    }
}

async fn keep_house(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut refused = interval(REFUSED_EVERY);
    let mut forget = interval(FORGET_EVERY);
    let mut tidy = interval(TIDY_EVERY);
    let mut sessions = interval(SESSIONS_EVERY);
    let mut trail = interval(TRAIL_EVERY);
    let mut retain = interval_at(Instant::now() + RETAIN_FIRST, RETAIN_EVERY);
    retain.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = interval_at(Instant::now() + WATCH_EVERY, WATCH_EVERY);
    watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sessions.set_missed_tick_behavior(MissedTickBehavior::Delay);
    trail.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
    refused.set_missed_tick_behavior(MissedTickBehavior::Delay);
    forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (what, done) = tokio::select! {
            () = stopped(&mut stop) => break,
            _ = refused.tick() => ("note what was refused", note_refused(&app).await),
            _ = sessions.tick() => ("forget sessions", app.forget_sessions().await),
            _ = retain.tick() => ("take away what is too old", app.retain().await.map(drop)),
            _ = trail.tick() => ("tend the audit trail", app.tend_trail().await),
            _ = forget.tick() => ("forget fingerprints", app.forget_fingerprints().await),
            _ = watch.tick() => ("watch for silence", app.watch().await.map(drop)),
            _ = tidy.tick() => ("tidy up", tidy_up(&app).await),
        };
        if let Err(error) = done {
            tracing::warn!(%error, what, "recurring work failed");
        }
    }
    if let Err(error) = note_refused(&app).await {
        tracing::warn!(%error, "what was refused could not be written down");
    }
}

async fn note_refused(app: &App) -> Result<(), AppError> {
    app.note_refused().await?;
    app.note_refusals().await
}

async fn tidy_up(app: &App) -> Result<(), AppError> {
    app.forget_holds().await?;
    app.forget_requests().await
}
