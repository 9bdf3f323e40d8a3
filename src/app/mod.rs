//! The use cases: the only place that joins the database, the providers and the rules.
//!
//! Never speaks HTTP and never writes SQL.

pub mod appointments;
mod archiving;
pub mod audit;
pub mod availability;
pub mod book;
pub mod booking;
pub mod businesses;
pub mod calls;
pub mod changing;
pub mod collecting;
pub mod customers;
pub mod desk;
pub mod error;
pub mod exceptions;
pub mod feeds;
mod fetching;
pub mod health;
pub mod intake;
pub mod jobs;
pub mod keys;
pub mod mailing;
pub mod messages;
pub mod offering;
pub mod once;
pub mod overview;
pub mod own;
pub mod pace;
pub mod passwords;
pub mod people;
pub mod placing;
pub mod playing;
pub mod privacy;
pub mod properties;
pub mod reconciling;
mod recording_links;
pub mod recordings;
pub mod reload;
pub mod retaining;
pub mod schedule;
mod sealing;
pub mod second_factor;
pub mod signing_in;
mod storing;
mod sweeping;
pub mod telling;
pub mod times;
pub mod tools;
pub mod waiting;
pub mod watching;
pub mod welcoming;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::{Clock, random};
use crate::config::Settings;
use crate::crypto::access_token::TokenKey;
use crate::crypto::keyring::Keyring;
use crate::domain::bucket::Rate;
use crate::net::{Client, Manner};
use crate::providers::Registry;
use crate::providers::voice::ProviderError;
use crate::store::{OpenError, Options, Store, keyfile};

pub use error::AppError;

/// Everything that a use case needs.
pub struct App {
    /// The database.
    pub store: Store,
    /// The present moment.
    pub clock: Clock,
    /// What free times follow from, kept while it holds.
    pub kept: Arc<availability::Kept>,
    /// The master keys.
    pub keyring: Arc<Keyring>,
    live: reload::Live,
    tokens: TokenKey,
    passwords: passwords::Hashing,
    refusals: audit::Refusals,
    pace: Arc<pace::Pace>,
    refused: intake::RefusedCounts,
    probe: health::LastProbe,
    net: OnceLock<Client>,
    removals_wake: Notify,
}

/// How long an answer of an outside service may take.
const OUTBOUND_DEADLINE: Duration = Duration::from_secs(10);

impl App {
    /// Opens the database and joins it with what is configured.
    pub fn open(settings: Settings, registry: Registry, clock: Clock) -> Result<Self, OpenError> {
        let limits = &settings.limits;
        let keyring = Arc::new(keyfile::load(&settings.data.dir, random())?);
        let store = Store::open(&Options {
            keyring: Arc::clone(&keyring),
            dir: settings.data.dir.clone(),
            write_queue: limits.write_queue(),
            write_batch: limits.write_batch(),
            readers: limits.readers(),
            read_queue: limits.read_queue(),
            database_max_bytes: limits.database_max_bytes(),
            disk_reserve_bytes: limits.disk_reserve_bytes(),
        })?;
        let kept = Arc::new(availability::Kept::new(limits.availability_cache()));
        let (refused, probe) = (intake::RefusedCounts::default(), health::LastProbe::default());
        let tokens = TokenKey::new(&keyring);
        let pace = Arc::new(pace::Pace::new(&settings.limits));
        let live = reload::Live::new(reload::Configured::new(settings, registry), clock.now_ms());
        Ok(Self {
            store,
            live,
            clock,
            kept,
            keyring,
            tokens,
            passwords: passwords::Hashing::default(),
            refusals: audit::Refusals::default(),
            pace,
            refused,
            probe,
            net: OnceLock::new(),
            removals_wake: Notify::new(),
        })
    }

    /// The client for outside services, made when it is first needed: it holds every root
    /// certificate.
    pub fn net(&self) -> Result<&Client, AppError> {
        if let Some(client) = self.net.get() {
            return Ok(client);
        }
        let settings = self.settings();
        let made = Client::new(Manner {
            deadline: OUTBOUND_DEADLINE,
            allow_insecure: settings.limits.allow_insecure_upstreams(),
            rate: Rate { per_minute: settings.limits.upstream_requests_per_minute() },
            clock: self.clock.clone(),
        });
        let made = made.map_err(|error| AppError::Upstream(ProviderError::from(error)))?;
        Ok(self.net.get_or_init(|| made))
    }

    /// The same, when something was asked already.
    fn asked_net(&self) -> Option<&Client> {
        self.net.get()
    }
}
