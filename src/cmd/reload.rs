//! Reading the configuration anew while the server runs: when the file was saved, and when asked by
//! `frontdesk reload` or SIGHUP.
//!
//! Never stops the server: what is wrong is told, and the configuration before it holds.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, timeout};

use super::asking::{Asking, Nonce, Outcome};
use super::{check, lifecycle, output};
use crate::app::App;
use crate::config::{Fault, Faults, Settings, Sources, Watch};
use crate::store::ServeLock;
use crate::telemetry;

/// How often the server looks whether the file was saved, and whether it is asked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long `frontdesk reload` waits for the server, and how often it looks.
const WAIT: Duration = Duration::from_secs(20);
const ANSWER_EVERY: Duration = Duration::from_millis(50);

/// A server's configuration, watched.
pub struct Reloading {
    hang_up: Signal,
    sources: Arc<Watched>,
}

/// Where the configuration comes from, and what the file held when it was last read.
struct Watched {
    sources: Sources,
    file: Mutex<Watch>,
}

/// Why the configuration is read anew.
enum Reason {
    Saved,
    /// By SIGHUP, which waits for no answer.
    Signalled,
    /// By `frontdesk reload`.
    Asked(Nonce),
}

impl Reloading {
    /// Watches where the settings of a server come from. To be made before they are read: what is
    /// saved after that is seen.
    pub fn new(sources: Sources) -> std::io::Result<Self> {
        let file = Mutex::new(Watch::new(sources.file.clone()));
        let hang_up = signal(SignalKind::hangup())?;
        Ok(Self { hang_up, sources: Arc::new(Watched { sources, file }) })
    }

    /// Reads it anew, each time there is reason to.
    pub async fn keep(mut self, app: &Arc<App>) -> Infallible {
        let asking = Asking::of(&app.settings().data.dir);
        loop {
            let reason = tokio::select! {
                _ = self.hang_up.recv() => Reason::Signalled,
                reason = self.sources.reason(&asking) => reason,
            };
            lifecycle::tell_reloading();
            let (sources, app) = (Arc::clone(&self.sources), Arc::clone(app));
            let again = Arc::clone(&app);
            // Secrets may be in files, providers read certificates: that waits for disks.
            let taken = tokio::task::spawn_blocking(move || sources.take_over(&app)).await;
            let outcome = taken.unwrap_or_else(|_| told(&again, again.reload(Err(broken()))));
            if let Reason::Asked(nonce) = reason
                && let Err(error) = asking.answer(&nonce, &outcome)
            {
                tracing::warn!(%error, "how the configuration was read could not be written down");
            }
            lifecycle::tell_ready();
        }
    }
}

impl Watched {
    /// Returns once there is reason to read it anew.
    async fn reason(self: &Arc<Self>, asking: &Asking) -> Reason {
        loop {
            drop(timeout(LOOK_EVERY, std::future::pending::<()>()).await);
            let (watched, asking) = (Arc::clone(self), asking.clone());
            // The files may be on another machine: nothing else waits for them.
            let look = move || match asking.take() {
                Some(nonce) => Some(Reason::Asked(nonce)),
                None => watched.file().look().then_some(Reason::Saved),
            };
            if let Ok(Some(reason)) = tokio::task::spawn_blocking(look).await {
                return reason;
            }
        }
    }

    fn take_over(&self, app: &App) -> Outcome {
        // First, so that what is saved while it is read is read as well.
        self.file().adopt();
        told(app, app.reload(check::read(&self.sources)))
    }

    fn file(&self) -> MutexGuard<'_, Watch> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is said when reading it ended by a panic, whose own words are in the log.
fn broken() -> Faults {
    let message = "reading it met an error in frontdesk itself; its log says where".to_owned();
    Faults(vec![Fault { file: None, line: None, key: String::new(), message }])
}

/// Says in the log how it went.
fn told(app: &App, taken: Result<Vec<&'static str>, Faults>) -> Outcome {
    let mut outcome = Outcome::default();
    match taken {
        Ok(later) => {
            telemetry::turn(app.settings().log.level);
            tracing::info!("the configuration was taken over");
            for key in &later {
                tracing::warn!(key, "a setting counts from the next start on");
            }
            outcome.later = later.into_iter().map(str::to_owned).collect();
        }
        Err(Faults(faults)) => {
            for fault in &faults {
                tracing::error!(%fault, "the configuration was refused; the one before holds");
            }
            outcome.faults = faults.iter().map(ToString::to_string).collect();
        }
    }
    outcome
}

/// `frontdesk reload`: has the server read its configuration anew, and says how that went.
pub async fn reload(settings: &Settings) -> anyhow::Result<ExitCode> {
    let dir = &settings.data.dir;
    let is_served = ServeLock::is_held(dir)
        .with_context(|| format!("it cannot be seen whether a server runs on {}", dir.display()))?;
    anyhow::ensure!(
        is_served,
        "no server runs on the data in {}; if data.dir was changed, name the folder it was started \
         with by --data-dir",
        dir.display()
    );
    let asking = Asking::of(dir);
    let nonce = Nonce::new();
    let deadline = Instant::now() + WAIT;
    // One question at a time: another one's is waited for.
    while !asking
        .ask(&nonce)
        .context("the server could not be asked; run it as its user or root")?
    {
        pause(deadline).await?;
    }
    loop {
        if let Some(outcome) = asking.answer_to(&nonce) {
            return Ok(tell(&outcome));
        }
        if let Err(error) = pause(deadline).await {
            asking.take_back(&nonce);
            return Err(error);
        }
    }
}

async fn pause(deadline: Instant) -> anyhow::Result<()> {
    anyhow::ensure!(Instant::now() < deadline, "the server did not answer; look at its log");
    drop(timeout(ANSWER_EVERY, std::future::pending::<()>()).await);
    Ok(())
}

fn tell(outcome: &Outcome) -> ExitCode {
    if !outcome.faults.is_empty() {
        output::note("The server refused the configuration; the one before holds:");
        outcome.faults.iter().for_each(|fault| output::note(fault.clone()));
        return ExitCode::FAILURE;
    }
    output::line("The configuration was taken over.");
    for key in &outcome.later {
        output::line(format!("{key} counts from the next start on."));
    }
    ExitCode::SUCCESS
}
