//! How often one key may call, and when its use is noted.
//!
//! Never turns a proven provider away: that route class has no limit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::app::AppError;
use crate::domain::bucket::{Bucket, Rate};
use crate::domain::ids::KeyId;

/// Most keys remembered; above that, those which lost nothing are forgotten.
const KEYS_MAX: usize = 10_000;
/// Milliseconds in an hour.
const HOUR_MS: i64 = 3_600_000;

/// Buckets of the keys in use.
pub struct KeyLimits {
    rate: Rate,
    keys: Mutex<HashMap<KeyId, Use>>,
}

struct Use {
    bucket: Bucket,
    noted_hour: i64,
}

impl KeyLimits {
    /// Limits of so many requests a minute and key.
    pub fn new(per_minute: u32) -> Self {
        Self { rate: Rate { per_minute }, keys: Mutex::default() }
    }

    /// Counts a request of a key, or says when to come again.
    pub fn take(&self, key: KeyId, now_ms: i64) -> Result<(), AppError> {
        let now = u64::try_from(now_ms).unwrap_or(0);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.retain(|_, used| !used.bucket.is_full(self.rate, now));
        }
        let fresh = || Use { bucket: Bucket::new(self.rate, now), noted_hour: 0 };
        let used = keys.entry(key).or_insert_with(fresh);
        let taken = used.bucket.take(self.rate, now);
        taken.map_err(|retry_after_s| AppError::TooOften { retry_after_s })
    }

    /// True once an hour for each key in use.
    pub fn is_new_hour(&self, key: KeyId, now_ms: i64) -> bool {
        let hour = now_ms.div_euclid(HOUR_MS);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.get_mut(&key) {
            Some(used) if used.noted_hour != hour => {
                used.noted_hour = hour;
                true
            }
            Some(_) | None => false,
        }
    }
}
