//! From start to stop: signals, and what systemd is told.
//!
//! Stops softly first. Never ignores a second request to stop.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The signals that end a service; hanging up has it read its configuration.
pub const OF_A_SERVICE: &[SignalKind] = &[SignalKind::terminate(), SignalKind::interrupt()];
/// Those that end what runs for whoever sits at a terminal: closing it does as well.
pub const OF_A_TERMINAL: &[SignalKind] =
    &[SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];

/// Something that is asked to stop by a signal.
pub struct Lifecycle {
    stop: watch::Sender<bool>,
    signals: Vec<Signal>,
}

impl Lifecycle {
    /// Nothing is asked to stop yet. From here on a signal to stop waits until
    /// [`Self::until_signal`] sees it: one that comes during the start ends nothing half way.
    pub fn new(signals: &[SignalKind]) -> std::io::Result<Self> {
        let signals = signals.iter().map(|kind| signal(*kind)).collect::<Result<_, _>>()?;
        Ok(Self { stop: watch::channel(false).0, signals })
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
    pub async fn until_signal(self) {
        let Self { stop, mut signals } = self;
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
            () = any(&mut signals) => {}
            () = keep_alive => {}
        }
        tracing::info!("stopping; a second signal stops at once");
        tell(&[NotifyState::Stopping]);
        stop.send_replace(true);
        tokio::spawn(async move {
            any(&mut signals).await;
            std::process::exit(1);
        });
    }
}

/// Returns once one of them comes.
async fn any(signals: &mut [Signal]) {
    poll_fn(|context| {
        let has_come = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if has_come { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Tells systemd that the configuration is read anew.
pub fn tell_reloading() {
    // From version 253 on it wants to know since when.
    let since = NotifyState::monotonic_usec_now();
    tell(&[NotifyState::Reloading].into_iter().chain(since).collect::<Vec<_>>());
}

/// Tells systemd that it was.
pub fn tell_ready() {
    tell(&[NotifyState::Ready]);
}

/// The shortest time between two signs of life.
const SHORTEST: Duration = Duration::from_millis(100);

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
