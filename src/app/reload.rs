//! The configuration while the server runs: what holds now, and taking over another as a whole.
//!
//! Whoever looks gets all of one configuration, never a mixture of two. A request or a job that holds
//! an account goes on with it. Never takes over what was not built whole, and never what only counts
//! at the start: that stays as it was until the next one.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::App;
use crate::config::{Faults, Settings};
use crate::providers::Registry;

/// A configuration and the providers built from it.
pub struct Configured {
    settings: Settings,
    registry: Registry,
}

impl Configured {
    /// What belongs together.
    pub fn new(settings: Settings, registry: Registry) -> Self {
        Self { settings, registry }
    }
}

/// What holds now, and how the last try to take over another ended.
pub struct Live {
    now: RwLock<Arc<Configured>>,
    is_taken: AtomicBool,
    taken_at_ms: AtomicI64,
}

/// How the last try to read the configuration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `false`: it was refused, and the one before it holds.
    pub is_taken: bool,
    /// When the one that holds was taken over, ms since 1970 UTC.
    pub taken_at_ms: i64,
}

impl Live {
    /// The configuration of the start.
    pub fn new(configured: Configured, now_ms: i64) -> Self {
        Self {
            now: RwLock::new(Arc::new(configured)),
            is_taken: AtomicBool::new(true),
            taken_at_ms: AtomicI64::new(now_ms),
        }
    }

    fn now(&self) -> Arc<Configured> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The settings as they were at one moment.
pub struct SettingsNow(Arc<Configured>);

impl Deref for SettingsNow {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0.settings
    }
}

/// The providers as they were at one moment.
pub struct RegistryNow(Arc<Configured>);

impl Deref for RegistryNow {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        &self.0.registry
    }
}

impl App {
    /// The configuration as it is now.
    pub fn settings(&self) -> SettingsNow {
        SettingsNow(self.live.now())
    }

    /// The providers that are switched on now.
    pub fn registry(&self) -> RegistryNow {
        RegistryNow(self.live.now())
    }

    /// How the last try to read the configuration ended.
    pub fn configured(&self) -> Standing {
        Standing {
            is_taken: self.live.is_taken.load(Ordering::Relaxed),
            taken_at_ms: self.live.taken_at_ms.load(Ordering::Relaxed),
        }
    }

    /// Takes a configuration over, whole or not at all. Returns the changed settings that count from
    /// the next start on.
    pub fn reload(&self, settings: Result<Settings, Faults>) -> Result<Vec<&'static str>, Faults> {
        let taken = settings.and_then(|settings| self.swap(settings));
        self.live.is_taken.store(taken.is_ok(), Ordering::Relaxed);
        taken
    }

    fn swap(&self, mut settings: Settings) -> Result<Vec<&'static str>, Faults> {
        let later = settings.keep_what_counts_at_start(&self.settings());
        let registry = Registry::build(&settings)?;
        self.kept.switch(settings.limits.availability_cache());
        self.pace.renew(&settings.limits);
        let configured = Arc::new(Configured::new(settings, registry));
        *self.live.now.write().unwrap_or_else(PoisonError::into_inner) = configured;
        self.live.taken_at_ms.store(self.clock.now_ms(), Ordering::Relaxed);
        // There may be room for more of them now.
        self.store.jobs_wake().notify_one();
        Ok(later)
    }
}
