//! From start to stop: signals, and what systemd is told.
//!
//! Stops softly first. Never ignores a second request to stop.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Something that is asked to stop by a signal.
pub struct Lifecycle {
    stop: watch::Sender<bool>,
}

impl Lifecycle {
    /// Nothing is asked to stop yet.
    pub fn new() -> Self {
        Self { stop: watch::channel(false).0 }
    }

    /// Turns true when it is time to stop.
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Asks everything to stop.
    pub fn end(&self) {
        self.stop.send_replace(true);
    }

    /// Waits for a signal to stop, telling systemd that all is well meanwhile. A second signal
    /// ends the process at once; what was acknowledged is on the disk.
    pub async fn until_signal(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        tell(&[NotifyState::Ready]);
        let keep_alive = async {
            let Some(period) = sd_notify::watchdog_enabled().map(|period| period / 2) else {
                return std::future::pending::<()>().await;
            };
            loop {
                tell(&[NotifyState::Watchdog]);
                drop(
                    tokio::time::timeout(period.max(SHORTEST), std::future::pending::<()>()).await,
                );
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
            () = keep_alive => {}
        }
        tracing::info!("stopping; a second signal stops at once");
        tell(&[NotifyState::Stopping]);
        self.end();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(1);
        });
        Ok(())
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

/// The shortest time between two signs of life.
const SHORTEST: Duration = Duration::from_millis(100);

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
