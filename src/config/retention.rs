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
    audit_days: Whole<1, 36_500>,
    events_days: Whole<0, 36_500>,
    transcripts_days: Whole<0, 36_500>,
    recordings_days: Whole<0, 36_500>,
}

impl Retention {
    /// How long the fingerprint of a delivery is remembered, to recognise a repeat.
    pub fn seen(&self) -> Duration {
        Duration::from_secs(self.seen_hours.number() * 3_600)
    }

    /// How many days a row of the audit trail is kept.
    pub fn audit_days(&self) -> i64 {
        i64::try_from(self.audit_days.number()).unwrap_or(i64::MAX)
    }

    /// How many days a kind of data is kept, by its word; `None` for ever.
    pub fn days(&self, what: &str) -> Option<i64> {
        let days = match what {
            "events" => self.events_days,
            "transcripts" => self.transcripts_days,
            "recordings" => self.recordings_days,
            _ => return None,
        };
        i64::try_from(days.number()).ok().filter(|days| *days > 0)
    }
}
