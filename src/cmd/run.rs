//! A running server: opened, listening, working off jobs, and ended in order.
//!
//! Never answers before the database is open and up to date.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::lifecycle::{self, Lifecycle};
use super::reload::Reloading;
use super::{output, user};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::contact;
use crate::jobs::{runner, timetable};
use crate::providers::Registry;
use crate::providers::voice::KINDS;
use crate::store::ServeLock;
use crate::telemetry;
use crate::web::{Web, listen};

/// A server that runs in this process.
pub struct Running {
    /// The use cases.
    pub app: Arc<App>,
    /// Where it listens, with the ports that were given.
    pub addresses: Vec<SocketAddr>,
    web: JoinHandle<()>,
    jobs: Option<JoinHandle<()>>,
    timetable: JoinHandle<()>,
    stop_jobs: watch::Sender<bool>,
    _lock: ServeLock,
}

/// What a server is started with.
pub struct Start {
    /// The configuration.
    pub settings: Settings,
    /// The present moment.
    pub clock: Clock,
    /// Whether jobs are worked off; without, they wait.
    pub jobs: bool,
}

/// Opens the data, listens, and works. Turns `stop` into the end of it all.
pub async fn start(start: Start, stop: watch::Receiver<bool>) -> anyhow::Result<Running> {
    let registry = Registry::build(&start.settings)?;
    let lock = ServeLock::take(&start.settings.data.dir)?;
    let listeners = listen::bind(&start.settings.server.listen).await?;
    let app = Arc::new(App::open(start.settings, registry, start.clock)?);
    let addresses = listeners.iter().map(|l| l.local_addr()).collect::<Result<_, _>>()?;
    let (stop_jobs, jobs_stop) = watch::channel(false);
    let web = Arc::new(Web::new(Arc::clone(&app)));
    Ok(Running {
        addresses,
        web: tokio::spawn(listen::serve(web, listeners, stop)),
        jobs: start.jobs.then(|| tokio::spawn(runner::work(Arc::clone(&app), jobs_stop.clone()))),
        timetable: tokio::spawn(timetable::keep(Arc::clone(&app), jobs_stop)),
        stop_jobs,
        app,
        _lock: lock,
    })
}

impl Running {
    /// Returns the name of a part that ended without being asked to.
    pub async fn broken(&mut self) -> &'static str {
        let jobs = async {
            match &mut self.jobs {
                Some(jobs) => drop(jobs.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = &mut self.web => "listening",
            () = jobs => "working off jobs",
            _ = &mut self.timetable => "recurring work",
            () = self.app.store.writer_ended() => "the writer",
        }
    }

    /// Waits until it was asked to stop and has: first the requests, then the jobs, then the data.
    pub async fn ended(self) -> anyhow::Result<()> {
        self.web.await?;
        self.stop_jobs.send_replace(true);
        if let Some(jobs) = self.jobs {
            jobs.await?;
        }
        self.timetable.await?;
        // The last holder of the database: its writer ends what is queued and closes the file.
        tokio::task::spawn_blocking(move || drop(self.app)).await?;
        Ok(())
    }
}

/// `frontdesk serve`.
pub async fn serve(settings: Settings, reloading: Reloading) -> anyhow::Result<()> {
    telemetry::start(&settings.log);
    let base = settings.server.base_url();
    let dir = settings.data.dir.clone();
    let accounts: Vec<(String, String)> = settings
        .voice
        .iter()
        .map(|(name, table)| (name.clone(), table.kind().to_owned()))
        .collect();
    let lifecycle = Lifecycle::new(lifecycle::OF_A_SERVICE)?;
    let begin = Start { settings, clock: Clock::System, jobs: true };
    // Reading the first number loads the numbering plans; no live call is to wait for that.
    tokio::task::spawn_blocking(contact::warm_up);
    let running = start(begin, lifecycle.stop()).await?;
    for address in &running.addresses {
        output::line(format!("Listening on http://{address}, data in {}", dir.display()));
    }
    for (account, kind) in &accounts {
        let has_tools = KINDS.iter().any(|one| one.name == kind && one.definition.is_some());
        // An agent that calls no tools is at a carrier, whose proof is a secret in the address.
        let secret = if has_tools { "" } else { "/SECRET" };
        let told = |what: &str, road: &str| {
            let line = format!("Voice account {account}: {what} {base}/{road}/{account}{secret}");
            output::line(line);
        };
        told("events to", "hooks");
        if has_tools {
            told("tools  to", "tools");
        }
        told("asked who is calling at", "inbound");
    }
    if let Some(secret) = running.app.setup_link().await? {
        output::line(
            "There is no user yet. Whoever has this token becomes the operator, once, today:",
        );
        user::tell(&base, &secret);
    }
    if accounts.is_empty() {
        output::line("No voice account is switched on. Add one to config.toml, for example:");
        output::line("  [voice.retell]\n  api_keys = [\"key_…\"]");
    }
    let app = Arc::clone(&running.app);
    let mut running = running;
    tokio::select! {
        () = lifecycle.until_signal() => {}
        never = reloading.keep(&app) => match never {},
        part = running.broken() => {
            // Whoever watches the process starts it again: half a server helps nobody.
            anyhow::bail!("{part} ended without being asked to");
        }
    }
    running.ended().await
}
