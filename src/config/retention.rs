//! `[retention]`: how long things are kept.
//!
//! Never here: deciding what is due (`domain`), or deleting it.

use std::time::Duration;

use serde::Deserialize;

use super::limits::Whole;

/// `[retention]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    seen_hours: Whole<1, 8_760>,
}

impl Retention {
    /// How long the fingerprint of a delivery is remembered, to recognise a repeat.
    pub fn seen(&self) -> Duration {
        Duration::from_secs(self.seen_hours.number() * 3_600)
    }
}
