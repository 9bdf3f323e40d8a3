//! Whether it is too quiet: no call where there always were some.
//!
//! Compares an hour with the same hour of the week before. Never tells why.

/// Weeks that an hour is compared with.
pub const WEEKS: usize = 4;
/// Calls that every one of the weeks must have had in the hour for silence to mean something.
const CALLS_MIN: u32 = 3;

/// Whether an hour with `now` calls is suspicious, when the same hour of the weeks before had so
/// many: all of them had some, and now there is none.
pub fn is_silent(weeks_before: &[u32; WEEKS], now: u32) -> bool {
    now == 0 && weeks_before.iter().all(|calls| *calls >= CALLS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_hour_that_always_had_calls_is_missed() {
        assert!(is_silent(&[3, 9, 4, 3], 0));
        assert!(!is_silent(&[3, 9, 4, 3], 1));
        assert!(!is_silent(&[3, 9, 0, 3], 0), "a week with a holiday");
        assert!(!is_silent(&[2, 9, 9, 9], 0), "too few to tell");
    }
}
