//! `[archive]`: where recordings are kept.
//!
//! Never here: what a store's own table means; that is `providers/storage`.

use std::time::Duration;

use serde::Deserialize;

use super::limits::Whole;

/// What `store` says when recordings are not kept.
const NONE: &str = "none";

/// How much longer than a quick try a later one may take.
pub const PATIENT: u32 = 10;

/// `[archive]`, without the tables of its stores.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    store: String,
    /// Whether files are sealed with the master key before they are written anywhere.
    pub seal: bool,
    recording_max_mb: Whole<1, 65_536>,
    concurrency: Whole<1, 64>,
    fetch_timeout_s: Whole<1, 600>,
    store_timeout_s: Whole<1, 600>,
    link_minutes: Whole<1, 15>,
}

impl Archive {
    /// The store that new recordings go to; `None` when recordings are not kept.
    pub fn store(&self) -> Option<&str> {
        Some(self.store.as_str()).filter(|store| *store != NONE)
    }

    /// Most bytes of one recording.
    pub fn recording_max_bytes(&self) -> u64 {
        self.recording_max_mb.number() << 20
    }

    /// How many recordings are brought in at once.
    pub fn concurrency(&self) -> usize {
        self.concurrency.size()
    }

    /// Within which a quick try must have fetched a recording.
    pub fn fetch_timeout(&self) -> Duration {
        Duration::from_secs(self.fetch_timeout_s.number())
    }

    /// Within which a quick try must have stored a recording.
    pub fn store_timeout(&self) -> Duration {
        Duration::from_secs(self.store_timeout_s.number())
    }

    /// The longest that one go at a recording may take: fetching and storing it, patiently.
    pub fn longest(&self) -> Duration {
        (self.fetch_timeout() + self.store_timeout()) * PATIENT
    }

    /// How long one request to a store may take: it ends before the try does, so that the store's gate
    /// learns of it.
    pub fn request_timeout(&self) -> Duration {
        self.store_timeout().mul_f32(0.75)
    }

    /// How long a link to a recording is good.
    pub fn link_life(&self) -> Duration {
        Duration::from_secs(self.link_minutes.number() * 60)
    }
}
