//! A token bucket: so many at once, then so many a minute.
//!
//! Never reads a clock: the present moment is an argument, in milliseconds of any steady clock.

/// How much a bucket holds and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens it holds when full, and tokens it gains a minute.
    pub per_minute: u32,
}

/// A bucket of tokens, full when made.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// Sixty-thousandths of a token.
    level: u64,
    filled_ms: u64,
}

/// One token in the unit in which a bucket counts: it gains `per_minute` of them a millisecond.
const TOKEN: u64 = 60_000;

impl Bucket {
    /// A full bucket.
    pub fn new(rate: Rate, now_ms: u64) -> Self {
        Self { level: u64::from(rate.per_minute) * TOKEN, filled_ms: now_ms }
    }

    /// Takes a token, or says how many whole seconds until there is one (at least 1).
    pub fn take(&mut self, rate: Rate, now_ms: u64) -> Result<(), u64> {
        let full = u64::from(rate.per_minute) * TOKEN;
        let gained = now_ms.saturating_sub(self.filled_ms).saturating_mul(rate.per_minute.into());
        self.level = self.level.saturating_add(gained).min(full);
        self.filled_ms = self.filled_ms.max(now_ms);
        if self.level >= TOKEN {
            self.level -= TOKEN;
            return Ok(());
        }
        let missing_ms = (TOKEN - self.level).div_ceil(u64::from(rate.per_minute.max(1)));
        Err(missing_ms.div_ceil(1_000).max(1))
    }

    /// Whole tokens left, and whole seconds until it is full again.
    pub fn left(&self, rate: Rate) -> (u64, u64) {
        let full = u64::from(rate.per_minute) * TOKEN;
        let missing_ms =
            full.saturating_sub(self.level).div_ceil(u64::from(rate.per_minute.max(1)));
        (self.level / TOKEN, missing_ms.div_ceil(1_000))
    }

    /// True when nothing would be lost by forgetting the bucket.
    pub fn is_full(&self, rate: Rate, now_ms: u64) -> bool {
        let gained = now_ms.saturating_sub(self.filled_ms).saturating_mul(rate.per_minute.into());
        self.level.saturating_add(gained) >= u64::from(rate.per_minute) * TOKEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_then_one_by_one() {
        let rate = Rate { per_minute: 10 };
        let mut bucket = Bucket::new(rate, 0);
        assert_eq!(bucket.left(rate), (10, 0));
        for _ in 0..10 {
            assert_eq!(bucket.take(rate, 0), Ok(()));
        }
        assert_eq!(bucket.left(rate), (0, 60));
        assert_eq!(bucket.take(rate, 0), Err(6));
        assert_eq!(bucket.take(rate, 5_999), Err(1));
        assert_eq!(bucket.take(rate, 6_000), Ok(()));
        assert!(!bucket.is_full(rate, 6_000));
        assert!(bucket.is_full(rate, 66_000));
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_away() {
        let rate = Rate { per_minute: 1 };
        let mut bucket = Bucket::new(rate, 100_000);
        assert_eq!(bucket.take(rate, 100_000), Ok(()));
        assert_eq!(bucket.take(rate, 0), Err(60));
        assert_eq!(bucket.take(rate, 100_001), Err(60));
    }
}
