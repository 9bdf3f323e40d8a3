//! How many tools one call may ask for in a minute: an agent that runs in circles is stopped in words.
//!
//! Never turns a provider away: its other calls are not touched, and its answer is an answer.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::calls::CallKey;
use crate::config::Limits;
use crate::domain::bucket::{Bucket, Rate};

/// Most calls remembered; above that, those which lost nothing are forgotten.
const CALLS_MAX: usize = 10_000;

/// The calls that ask for tools.
pub struct Pace {
    tools: AtomicU32,
    changes: AtomicU32,
    calls: Mutex<HashMap<(String, String), (Bucket, Bucket)>>,
}

impl Pace {
    /// The pace of the configuration.
    pub fn new(limits: &Limits) -> Self {
        Self {
            tools: AtomicU32::new(limits.call_tools_per_minute()),
            changes: AtomicU32::new(limits.call_bookings_per_minute()),
            calls: Mutex::default(),
        }
    }

    /// The pace of another configuration, from now on.
    pub fn renew(&self, limits: &Limits) {
        self.tools.store(limits.call_tools_per_minute(), Ordering::Relaxed);
        self.changes.store(limits.call_bookings_per_minute(), Ordering::Relaxed);
    }

    fn tools(&self) -> Rate {
        Rate { per_minute: self.tools.load(Ordering::Relaxed) }
    }

    fn changes(&self) -> Rate {
        Rate { per_minute: self.changes.load(Ordering::Relaxed) }
    }

    /// Counts a tool call. False when its call asks for too many.
    pub fn takes(&self, call: &CallKey, now: Timestamp) -> bool {
        self.of(call, now, |(tools, _), now| tools.take(self.tools(), now).is_ok())
    }

    /// Whether a call may make, move or cancel one more appointment.
    pub fn may_change(&self, call: &CallKey, now: Timestamp) -> bool {
        self.of(call, now, |(_, changes), now| (*changes).clone().take(self.changes(), now).is_ok())
    }

    /// Counts an appointment that a call made, moved or cancelled. What was refused or is a
    /// repeated question does not count.
    pub fn changed(&self, call: &CallKey, now: Timestamp) {
        let _ = self.of(call, now, |(_, changes), now| changes.take(self.changes(), now).is_ok());
    }

    fn of(
        &self,
        call: &CallKey,
        now: Timestamp,
        then: impl FnOnce(&mut (Bucket, Bucket), u64) -> bool,
    ) -> bool {
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= CALLS_MAX {
            let is_idle = |(tools, changes): &(Bucket, Bucket)| {
                tools.is_full(self.tools(), now) && changes.is_full(self.changes(), now)
            };
            calls.retain(|_, pace| !is_idle(pace));
        }
        let key = (call.account.clone(), call.names.id.clone());
        let fresh = || (Bucket::new(self.tools(), now), Bucket::new(self.changes(), now));
        then(calls.entry(key).or_insert_with(fresh), now)
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}
