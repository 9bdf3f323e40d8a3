//! How often one caller may ask, by class: a key, a user, or an address that proved nothing.
//!
//! Never turns a proven provider away: that route class has no limit. The counts of logging in are
//! kept in the database; these here begin anew with the process.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::response::Response;
use http::{HeaderName, HeaderValue};

use super::caller::Principal;
use super::route::RateClass;
use crate::app::AppError;
use crate::config::Limits as Settings;
use crate::domain::bucket::{Bucket, Rate};
use crate::domain::ids::SessionId;

/// Most callers remembered; above that, those which lost nothing are forgotten.
const CALLERS_MAX: usize = 10_000;
/// Milliseconds in a minute and in an hour.
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// The longest wait that is laid on an address, in seconds, and how often it doubles until then.
const BARRED_MAX_S: u64 = 3_600;
const DOUBLES_MAX: u32 = 12;
/// Milliseconds after the end of a wait for which it is remembered.
const QUIET_MS: i64 = 15 * MINUTE_MS;

/// What every caller has used of the limits that are configured.
#[derive(Default)]
pub struct Limits {
    api: Buckets<Principal>,
    bookings: Buckets<Principal>,
    diagnostics: Buckets<Principal>,
    outbound_of_key: Buckets<Principal>,
    outbound_of_user: Buckets<Principal>,
    refused: Barred,
    noted: Mutex<HashMap<Noted, i64>>,
}

/// What is noted of a caller now and then.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Noted {
    Key(crate::domain::ids::KeyId),
    Session(SessionId),
}

impl Limits {
    /// Counts a request of a caller, or says when to come again. Tells the answer what is left.
    pub fn take(
        &self,
        settings: &Settings,
        (class, who): (RateClass, Principal),
        (now_ms, told): (i64, &Told),
    ) -> Result<(), AppError> {
        let more = match class {
            RateClass::Free | RateClass::Signed | RateClass::Tries => return Ok(()),
            RateClass::Api => None,
            RateClass::Booking => {
                Some(("bookings", &self.bookings, settings.bookings_per_minute()))
            }
            RateClass::Diagnostics => {
                Some(("diagnostics", &self.diagnostics, settings.diagnostics_per_minute()))
            }
            RateClass::Outbound => Some(match who {
                Principal::Key(_) => {
                    ("calls", &self.outbound_of_key, settings.outbound_per_minute())
                }
                Principal::User(..) => {
                    ("calls", &self.outbound_of_user, settings.outbound_per_minute_per_user())
                }
            }),
        };
        let api = ("requests", &self.api, settings.api_requests_per_minute());
        for (name, buckets, per_minute) in std::iter::once(api).chain(more) {
            let (taken, left) = buckets.take(Rate { per_minute }, who.counted(), now_ms);
            told.tell(left.named(name));
            taken?;
        }
        Ok(())
    }

    /// Counts a request that proved nothing, or says how long its address is turned away.
    pub fn refuse(
        &self,
        settings: &Settings,
        address: Option<IpAddr>,
        now_ms: i64,
    ) -> Result<(), AppError> {
        let rate = Rate { per_minute: settings.refused_per_minute() };
        address.map_or(Ok(()), |address| self.refused.take(rate, address, now_ms))
    }

    /// True once an hour for a key and once a minute for a session in use.
    pub fn is_to_be_noted(&self, who: Principal, now_ms: i64) -> bool {
        let (who, now) = match who {
            Principal::Key(key) => (Noted::Key(key), now_ms.div_euclid(HOUR_MS)),
            Principal::User(_, session) => (Noted::Session(session), now_ms.div_euclid(MINUTE_MS)),
        };
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= CALLERS_MAX {
            noted.clear();
        }
        noted.insert(who, now) != Some(now)
    }
}

/// What a caller has left of a limit.
#[derive(Clone, Copy)]
struct Left {
    name: &'static str,
    per_minute: u32,
    tokens: u64,
    full_in_s: u64,
}

impl Left {
    fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }
}

/// What the answer to a request says of its caller's limits: the headers `RateLimit-Policy` and
/// `RateLimit` of the IETF's draft-ietf-httpapi-ratelimit-headers (10).
#[derive(Default)]
pub struct Told(Mutex<Vec<Left>>);

impl Told {
    fn tell(&self, left: Left) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(left);
    }

    /// Puts it on an answer.
    pub fn mark(&self, response: &mut Response) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() {
            return;
        }
        let policy = |one: &Left| format!("\"{}\";q={};w=60", one.name, one.per_minute);
        let left = |one: &Left| format!("\"{}\";r={};t={}", one.name, one.tokens, one.full_in_s);
        let policies: Vec<_> = all.iter().map(policy).collect();
        let states: Vec<_> = all.iter().map(left).collect();
        for (name, texts) in [(POLICY, policies), (STATE, states)] {
            if let Ok(value) = HeaderValue::try_from(texts.join(", ")) {
                response.headers_mut().insert(name, value);
            }
        }
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Buckets of the callers of one class.
struct Buckets<K> {
    callers: Mutex<HashMap<K, Bucket>>,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { callers: Mutex::default() }
    }
}

impl<K: Hash + Eq> Buckets<K> {
    fn take(&self, rate: Rate, who: K, now_ms: i64) -> (Result<(), AppError>, Left) {
        let now = u64::try_from(now_ms).unwrap_or(0);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX {
            callers.retain(|_, bucket| !bucket.is_full(rate, now));
        }
        let bucket = callers.entry(who).or_insert_with(|| Bucket::new(rate, now));
        let taken = bucket.take(rate, now);
        let (tokens, full_in_s) = bucket.left(rate);
        let left = Left { name: "", per_minute: rate.per_minute, tokens, full_in_s };
        (taken.map_err(|retry_after_s| AppError::TooOften { retry_after_s }), left)
    }
}

/// Addresses that proved nothing: after too many tries each one doubles the wait.
#[derive(Default)]
struct Barred {
    addresses: Mutex<HashMap<IpAddr, Offender>>,
}

struct Offender {
    bucket: Bucket,
    offences: u32,
    until_ms: i64,
}

impl Barred {
    fn take(&self, rate: Rate, address: IpAddr, now_ms: i64) -> Result<(), AppError> {
        let now = u64::try_from(now_ms).unwrap_or(0);
        let mut all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CALLERS_MAX {
            let known = |one: &Offender| now_ms < one.until_ms.saturating_add(QUIET_MS);
            all.retain(|_, one| known(one) || !one.bucket.is_full(rate, now));
        }
        let fresh = || Offender { bucket: Bucket::new(rate, now), offences: 0, until_ms: 0 };
        let one = all.entry(address).or_insert_with(fresh);
        if one.until_ms.saturating_add(QUIET_MS) <= now_ms {
            one.offences = 0;
        }
        if now_ms < one.until_ms {
            let left_ms = u64::try_from(one.until_ms - now_ms).unwrap_or(0);
            return Err(AppError::TooOften { retry_after_s: left_ms.div_ceil(1_000) });
        }
        match one.bucket.take(rate, now) {
            Ok(()) => Ok(()),
            Err(wait_s) => {
                let doubled = wait_s << one.offences.min(DOUBLES_MAX);
                let retry_after_s = doubled.min(BARRED_MAX_S);
                one.offences = one.offences.saturating_add(1);
                let wait_ms = i64::try_from(retry_after_s * 1_000).unwrap_or(i64::MAX);
                one.until_ms = now_ms.saturating_add(wait_ms);
                Err(AppError::TooOften { retry_after_s })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(barred: &Barred, now_ms: i64) -> u64 {
        match barred.take(Rate { per_minute: 2 }, IpAddr::from([192, 0, 2, 1]), now_ms) {
            Err(AppError::TooOften { retry_after_s }) => retry_after_s,
            Ok(()) | Err(_) => 0,
        }
    }

    #[test]
    fn an_address_that_does_not_stop_waits_longer_each_time() {
        let barred = Barred::default();
        assert_eq!((wait(&barred, 0), wait(&barred, 0)), (0, 0));
        assert_eq!(wait(&barred, 0), 30);
        assert_eq!(wait(&barred, 29_500), 1, "still barred");
        assert_eq!(wait(&barred, 30_000), 0, "a token has come");
        assert_eq!(wait(&barred, 30_000), 60);
        assert_eq!(wait(&barred, 90_001), 0);
        assert_eq!(wait(&barred, 90_001), 0);
        assert_eq!(wait(&barred, 90_001), 120);
        // Whoever stays away long enough begins anew.
        assert_eq!((wait(&barred, 1_200_000), wait(&barred, 1_200_000)), (0, 0));
        assert_eq!(wait(&barred, 1_200_000), 30);
    }
}
