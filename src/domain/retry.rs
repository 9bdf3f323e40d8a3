//! When a job that failed is tried again.
//!
//! Never sleeps and never draws: chance is an argument.

use jiff::SignedDuration;

/// Waits after the first, second, … failed attempt, in seconds; the last one repeats.
const WAITS_S: [i64; 7] = [1, 5, 30, 300, 1_800, 7_200, 21_600];

/// How long to wait after `attempts` failed tries: the planned wait, spread by a quarter to either
/// side so that jobs which failed together do not return together. `chance` is uniform.
pub fn wait(attempts: u32, chance: u16) -> SignedDuration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let planned_ms = WAITS_S[index.min(WAITS_S.len() - 1)] * 1_000;
    let spread_ms = planned_ms / 2 * i64::from(chance) / i64::from(u16::MAX);
    SignedDuration::from_millis(planned_ms * 3 / 4 + spread_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_within_a_quarter_of_the_plan() {
        for (attempts, planned_s) in [(1, 1), (2, 5), (3, 30), (7, 21_600), (99, 21_600)] {
            let least = wait(attempts, 0).as_millis();
            let most = wait(attempts, u16::MAX).as_millis();
            assert_eq!(least, planned_s * 750);
            assert_eq!(most, planned_s * 1_250);
        }
    }
}
