//! Reading the configuration anew while the server runs: when the file was saved, and when asked by
//! `frontdesk reload` or SIGHUP.
//!
//! Never stops the server: what is wrong is told, and the configuration before it holds.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal as Kill, kill_process};
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, timeout};

use super::{check, lifecycle, output};
use crate::app::App;
use crate::config::{Faults, Settings, Sources, Watch};
use crate::store::ServeLock;
use crate::telemetry;

/// Says in the data folder how the last try ended, for `frontdesk reload`.
const OUTCOME_FILE: &str = "reload.json";
/// How often it is looked whether the file was saved.
const SAVED_EVERY: Duration = Duration::from_secs(1);
/// How long `frontdesk reload` waits for the server, and how often it looks.
const WAIT: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How a try to read the configuration ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Outcome {
    /// The process that tried.
    process: u32,
    /// How often it has.
    tries: u32,
    /// What was wrong, one line each; empty when it was taken over.
    faults: Vec<String>,
    /// The changed settings that count from the next start on.
    later: Vec<String>,
}

/// A server's configuration, watched.
pub struct Reloading {
    sources: Sources,
    dir: PathBuf,
    hang_up: Signal,
    watch: Arc<Mutex<Watch>>,
    tries: u32,
}

impl Reloading {
    /// Watches where the settings of a server came from.
    pub fn new(sources: Sources, settings: &Settings) -> std::io::Result<Self> {
        let watch = Arc::new(Mutex::new(Watch::new(sources.file.clone())));
        let hang_up = signal(SignalKind::hangup())?;
        Ok(Self { sources, dir: settings.data.dir.clone(), hang_up, watch, tries: 0 })
    }

    /// Reads it anew, each time there is reason to.
    pub async fn keep(mut self, app: &App) -> Infallible {
        loop {
            tokio::select! {
                _ = self.hang_up.recv() => {}
                () = saved(&self.watch) => {}
            }
            lifecycle::tell_reloading();
            self.once(app).await;
            lifecycle::tell_ready();
        }
    }

    async fn once(&mut self, app: &App) {
        let sources = self.sources.clone();
        // Secrets may be in files: reading waits for disks.
        let read = tokio::task::spawn_blocking(move || check::read(&sources)).await;
        let Ok(read) = read else {
            tracing::error!("reading the configuration ended by a panic; the one before holds");
            return;
        };
        let taken = app.reload(read);
        self.tries += 1;
        let mut outcome =
            Outcome { process: std::process::id(), tries: self.tries, ..Outcome::default() };
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
        if let Err(error) = write_outcome(&self.dir, &outcome) {
            tracing::warn!(%error, "how the configuration was read could not be written down");
        }
    }
}

/// Returns once the file was saved.
async fn saved(watch: &Arc<Mutex<Watch>>) {
    loop {
        drop(timeout(SAVED_EVERY, std::future::pending::<()>()).await);
        let watch = Arc::clone(watch);
        let look = move || watch.lock().unwrap_or_else(PoisonError::into_inner).look();
        // The file may be on another machine: nothing else waits for it.
        if tokio::task::spawn_blocking(look).await.unwrap_or(false) {
            return;
        }
    }
}

/// `frontdesk reload`: has the server read its configuration anew, and says how that went.
pub async fn reload(settings: &Settings) -> anyhow::Result<ExitCode> {
    let dir = &settings.data.dir;
    let process = ServeLock::holder(dir)
        .with_context(|| format!("no server runs on the data in {}", dir.display()))?;
    let before = read_outcome(dir);
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw).context("a process")?;
    kill_process(pid, Kill::HUP).context("the server could not be asked; run it as its user")?;
    let deadline = Instant::now() + WAIT;
    loop {
        drop(timeout(LOOK_EVERY, std::future::pending::<()>()).await);
        let outcome = read_outcome(dir).filter(|now| before.as_ref() != Some(now));
        if let Some(outcome) = outcome.filter(|outcome| outcome.process == process) {
            return Ok(tell(&outcome));
        }
        anyhow::ensure!(Instant::now() < deadline, "the server did not answer; look at its log");
    }
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

fn write_outcome(dir: &Path, outcome: &Outcome) -> anyhow::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    serde_json::to_writer(&mut file, outcome)?;
    file.persist(dir.join(OUTCOME_FILE))?;
    Ok(())
}

fn read_outcome(dir: &Path) -> Option<Outcome> {
    serde_json::from_slice(&std::fs::read(dir.join(OUTCOME_FILE)).ok()?).ok()
}
