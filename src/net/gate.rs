//! A gate for each upstream host: its circuit breaker, its token bucket, and what it asked for itself.
//!
//! Whoever wants to send asks for a [`Pass`] first and says how it went. Never waits: it answers how
//! long to wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::NetError;
use crate::clock::Clock;
use crate::domain::breaker::{Breaker, State};
use crate::domain::bucket::{Bucket, Rate};

/// Most hosts that are remembered; then those forget first that are well.
const HOSTS_MAX: usize = 512;
/// The longest time that a host may ask for, in seconds.
const ASKED_MOST_S: u64 = 3_600;

/// How an upstream is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which host, with its port when it is not the usual one.
    pub host: String,
    /// What its breaker lets through.
    pub state: State,
    /// Failures in a row.
    pub failures: u32,
    /// How often it opened since this process began.
    pub opened: u64,
    /// Milliseconds until it may be asked again; 0 when it may be now.
    pub wait_ms: i64,
}

struct Gate {
    breaker: Breaker,
    bucket: Bucket,
    opened: u64,
    /// It asked not to be asked before.
    quiet_until_ms: i64,
}

/// The gates of every host that was asked.
pub struct Gates {
    clock: Clock,
    rate: Rate,
    gates: Mutex<BTreeMap<String, Gate>>,
}

impl Gates {
    /// No host was asked yet; each may be asked as often as `rate` says.
    pub fn new(clock: Clock, rate: Rate) -> Self {
        Self { clock, rate, gates: Mutex::default() }
    }

    /// Asks to send something to a host.
    pub fn enter(self: &Arc<Self>, host: &str) -> Result<Pass, NetError> {
        let now = self.clock.now_ms();
        let steady = u64::try_from(now).unwrap_or(0);
        let mut gates = self.gates();
        if gates.len() >= HOSTS_MAX && !gates.contains_key(host) {
            gates.retain(|_, gate| gate.breaker.state(now) != State::Closed);
        }
        let gate = gates.entry(host.to_owned()).or_insert_with(|| Gate {
            breaker: Breaker::default(),
            bucket: Bucket::new(self.rate, steady),
            opened: 0,
            quiet_until_ms: i64::MIN,
        });
        if now < gate.quiet_until_ms {
            return Err(NetError::Resting { wait_ms: gate.quiet_until_ms - now });
        }
        if gate.breaker.state(now) == State::Open {
            let wait_ms = gate.breaker.enter(now).err().unwrap_or(1);
            return Err(NetError::Resting { wait_ms });
        }
        if let Err(wait_s) = gate.bucket.take(self.rate, steady) {
            let wait_ms = i64::try_from(wait_s).unwrap_or(1).saturating_mul(1_000);
            return Err(NetError::Resting { wait_ms });
        }
        gate.breaker.enter(now).map_err(|wait_ms| NetError::Resting { wait_ms })?;
        Ok(Pass { gates: Arc::clone(self), host: host.to_owned(), is_open: true })
    }

    /// How every host is doing, by name.
    pub fn standing(&self) -> Vec<Standing> {
        let now = self.clock.now_ms();
        let standing = |(host, gate): (&String, &Gate)| {
            let mut breaker = gate.breaker;
            let rests = breaker.enter(now).err().unwrap_or(0);
            Standing {
                host: host.clone(),
                state: gate.breaker.state(now),
                failures: gate.breaker.failures(),
                opened: gate.opened,
                wait_ms: rests.max(gate.quiet_until_ms.saturating_sub(now)).max(0),
            }
        };
        self.gates().iter().map(standing).collect()
    }

    fn gates(&self) -> MutexGuard<'_, BTreeMap<String, Gate>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to send one request to a host. Dropped without a word, nothing is learned.
pub struct Pass {
    gates: Arc<Gates>,
    host: String,
    is_open: bool,
}

impl Pass {
    /// It answered with this status, and asked to come again in so many seconds, if it did.
    pub fn answered(self, status: u16, retry_after_s: Option<u64>) {
        let asks_for_time = status == 429 || status == 503;
        if let Some(seconds) = retry_after_s.filter(|_| asks_for_time) {
            let ms = i64::try_from(seconds.min(ASKED_MOST_S)).unwrap_or(0).saturating_mul(1_000);
            let until = self.gates.clock.now_ms().saturating_add(ms);
            self.with(|gate, _| gate.quiet_until_ms = gate.quiet_until_ms.max(until));
        }
        if status >= 500 { self.failed() } else { self.succeeded() }
    }

    /// It did what was asked, or said plainly that it does not.
    pub fn succeeded(mut self) {
        self.is_open = false;
        self.with(|gate, _| gate.breaker.succeeded());
    }

    /// It could not be reached, did not answer in time, or broke off.
    pub fn failed(mut self) {
        self.is_open = false;
        let opens = self.with(|gate, now| {
            let opens = gate.breaker.failed(now);
            gate.opened += u64::from(opens);
            opens
        });
        if opens == Some(true) {
            tracing::warn!(upstream = self.host, "an upstream fails again and again: it rests");
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Gate, i64) -> T) -> Option<T> {
        let now = self.gates.clock.now_ms();
        self.gates.gates().get_mut(&self.host).map(|gate| act(gate, now))
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.is_open {
            self.with(|gate, _| gate.breaker.abandoned());
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::domain::breaker::{OPEN_FIRST_MS, OPENS_AFTER};

    fn gates(per_minute: u32) -> (Arc<Gates>, Clock) {
        let clock = Clock::manual(Timestamp::from_second(1_790_000_000).expect("a moment"));
        (Arc::new(Gates::new(clock.clone(), Rate { per_minute })), clock)
    }

    fn wait_ms(entered: Result<Pass, NetError>) -> i64 {
        match entered {
            Ok(_) => 0,
            Err(NetError::Resting { wait_ms }) => wait_ms,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_host_has_a_gate_of_its_own() {
        let (gates, clock) = gates(1_000);
        for _ in 0..OPENS_AFTER {
            gates.enter("a").expect("it is closed").answered(500, None);
            gates.enter("b").expect("it is closed").answered(404, None);
        }
        assert_eq!(wait_ms(gates.enter("a")), OPEN_FIRST_MS);
        assert_eq!(wait_ms(gates.enter("b")), 0, "a clear no is no failure");
        let states: Vec<_> = gates.standing().iter().map(|one| (one.state, one.opened)).collect();
        assert_eq!(states, [(State::Open, 1), (State::Closed, 0)]);
        clock.set(clock.now() + SignedDuration::from_millis(OPEN_FIRST_MS));
        let probe = gates.enter("a").expect("one probe");
        assert!(wait_ms(gates.enter("a")) > 0);
        drop(probe);
        gates.enter("a").expect("the probe was dropped").succeeded();
        assert_eq!(gates.standing()[0].state, State::Closed);
    }

    #[test]
    fn a_host_may_ask_for_time() {
        let (gates, clock) = gates(1_000);
        gates.enter("a").expect("open").answered(429, Some(7));
        assert_eq!((wait_ms(gates.enter("a")), gates.standing()[0].wait_ms), (7_000, 7_000));
        clock.set(clock.now() + SignedDuration::from_secs(7));
        gates.enter("a").expect("the time is over").answered(200, Some(7));
        gates.enter("a").expect("only a refusal asks for time").answered(503, Some(9_999_999));
        assert_eq!(wait_ms(gates.enter("a")), 3_600_000);
    }

    #[test]
    fn a_host_is_asked_only_so_often() {
        let (gates, clock) = gates(60);
        for _ in 0..60 {
            gates.enter("a").expect("within the rate").succeeded();
        }
        assert_eq!(wait_ms(gates.enter("a")), 1_000);
        clock.set(clock.now() + SignedDuration::from_secs(1));
        assert_eq!(wait_ms(gates.enter("a")), 0);
    }

    #[test]
    fn hosts_are_forgotten_before_they_are_too_many() {
        let (gates, _) = gates(1_000);
        for host in 0..HOSTS_MAX * 3 {
            gates.enter(&format!("host-{host}")).expect("it is new").succeeded();
        }
        assert!(gates.standing().len() <= HOSTS_MAX);
    }
}
