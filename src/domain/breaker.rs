//! A circuit breaker: after some failures in a row nothing is asked for a while, then one probe is let
//! through, and its end decides.
//!
//! Never reads a clock and never draws: the present moment is an argument, in milliseconds.

/// Failures in a row after which it opens.
pub const OPENS_AFTER: u32 = 5;
/// How long it stays open the first time, in milliseconds; each further time is twice as long.
pub const OPEN_FIRST_MS: i64 = 15_000;
/// The longest time that it stays open, in milliseconds.
pub const OPEN_MOST_MS: i64 = 300_000;
/// How long a probe may take before another is let through, in milliseconds.
pub const PROBE_MS: i64 = 120_000;

/// What a breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything.
    Closed,
    /// Nothing.
    Open,
    /// One, to see whether it is well again.
    HalfOpen,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// The word used in the interface and in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// The breaker of one upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Breaker {
    failures: u32,
    /// How often it opened since it was last closed.
    openings: u32,
    open_until_ms: i64,
    probe_until_ms: Option<i64>,
}

impl Breaker {
    /// What it would let through now.
    pub fn state(&self, now_ms: i64) -> State {
        match (self.openings, now_ms < self.open_until_ms) {
            (0, _) => State::Closed,
            (_, true) => State::Open,
            (_, false) => State::HalfOpen,
        }
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Asks to be let through. `Err` holds the milliseconds after which to ask again, at least 1.
    pub fn enter(&mut self, now_ms: i64) -> Result<(), i64> {
        match self.state(now_ms) {
            State::Closed => Ok(()),
            State::Open => Err(self.open_until_ms.saturating_sub(now_ms).max(1)),
            State::HalfOpen => match self.probe_until_ms {
                Some(until) if now_ms < until => Err(until.saturating_sub(now_ms).clamp(1, 1_000)),
                Some(_) | None => {
                    self.probe_until_ms = Some(now_ms.saturating_add(PROBE_MS));
                    Ok(())
                }
            },
        }
    }

    /// What was let through went well.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// What was let through failed. Returns whether it opens by that.
    pub fn failed(&mut self, now_ms: i64) -> bool {
        self.failures = self.failures.saturating_add(1);
        let opens = match self.state(now_ms) {
            State::Closed => self.failures >= OPENS_AFTER,
            State::HalfOpen => true,
            // Somebody who was let through before it opened.
            State::Open => false,
        };
        if opens {
            let doubled = OPEN_FIRST_MS.checked_shl(self.openings.min(16)).unwrap_or(OPEN_MOST_MS);
            self.open_until_ms = now_ms.saturating_add(doubled.min(OPEN_MOST_MS));
            self.openings = self.openings.saturating_add(1);
        }
        self.probe_until_ms = None;
        opens
    }

    /// Who was let through went away without an end: another may probe.
    pub fn abandoned(&mut self) {
        self.probe_until_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for n in 1..=OPENS_AFTER {
            assert_eq!(breaker.enter(0), Ok(()));
            assert_eq!(breaker.failed(0), n == OPENS_AFTER, "{n}");
        }
        breaker
    }

    #[test]
    fn it_opens_after_some_failures_in_a_row_and_not_before() {
        let mut breaker = Breaker::default();
        for _ in 0..OPENS_AFTER * 3 {
            for _ in 1..OPENS_AFTER {
                breaker.failed(0);
            }
            assert_eq!((breaker.state(0), breaker.enter(0)), (State::Closed, Ok(())));
            breaker.succeeded();
        }
        let mut breaker = opened();
        assert_eq!(breaker.state(0), State::Open);
        assert_eq!(breaker.enter(0), Err(OPEN_FIRST_MS));
        assert_eq!(breaker.enter(OPEN_FIRST_MS - 1), Err(1));
    }

    #[test]
    fn one_probe_decides() {
        let mut breaker = opened();
        let at = OPEN_FIRST_MS;
        assert_eq!((breaker.state(at), breaker.enter(at)), (State::HalfOpen, Ok(())));
        assert_eq!(breaker.enter(at), Err(1_000), "the second waits for the first");
        assert!(breaker.failed(at));
        assert_eq!(breaker.enter(at), Err(2 * OPEN_FIRST_MS), "twice as long");
        let at = at + 2 * OPEN_FIRST_MS;
        assert_eq!(breaker.enter(at), Ok(()));
        breaker.succeeded();
        assert_eq!((breaker.state(at), breaker.failures()), (State::Closed, 0));
        assert_eq!(breaker.enter(at), Ok(()));
        assert_eq!(breaker.enter(at), Ok(()));
    }

    #[test]
    fn a_probe_that_is_lost_makes_room_for_another() {
        let mut breaker = opened();
        assert_eq!(breaker.enter(OPEN_FIRST_MS), Ok(()));
        assert_eq!(breaker.enter(OPEN_FIRST_MS + PROBE_MS), Ok(()), "by its time");
        breaker.abandoned();
        assert_eq!(breaker.enter(OPEN_FIRST_MS + PROBE_MS), Ok(()), "or by its word");
    }

    #[test]
    fn it_never_stays_open_longer_than_the_longest_time() {
        let (mut breaker, mut now) = (opened(), 0);
        for _ in 0..100 {
            let wait = breaker.enter(now).expect_err("it is open");
            assert!(wait <= OPEN_MOST_MS);
            now += wait;
            assert_eq!(breaker.enter(now), Ok(()));
            breaker.failed(now);
        }
        assert_eq!(breaker.enter(now), Err(OPEN_MOST_MS));
        // Late ends of what was let through before it opened change nothing.
        assert!(!breaker.failed(now));
        assert_eq!(breaker.enter(now), Err(OPEN_MOST_MS));
    }
}
