//! How a service may be booked: how long it takes, when it may begin, how soon and how far ahead.
//!
//! Never knows opening hours or what is already booked.

use std::ops::RangeInclusive;

/// How long a booking may take, in minutes.
pub const DURATION_MIN_BOUNDS: RangeInclusive<u16> = 5..=1_440;
/// How far apart the starts on offer may lie, in minutes.
pub const STEP_MIN_BOUNDS: RangeInclusive<u16> = 5..=1_440;
/// How long before its start a booking must be made, in minutes.
pub const NOTICE_MIN_BOUNDS: RangeInclusive<u32> = 0..=525_600;
/// How far ahead a booking may begin, in days of 24 hours.
pub const HORIZON_DAYS_BOUNDS: RangeInclusive<u16> = 1..=730;

/// The booking rules of one service, each within its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    duration_min: u16,
    step_min: u16,
    notice_min: u32,
    horizon_days: u16,
}

impl Rules {
    /// Rules of a duration, step and notice in minutes and a horizon in days of 24 hours.
    pub fn new(
        duration_min: u16,
        step_min: u16,
        notice_min: u32,
        horizon_days: u16,
    ) -> Result<Self, RulesError> {
        Ok(Self {
            duration_min: within("duration_min", duration_min, DURATION_MIN_BOUNDS)?,
            step_min: within("step_min", step_min, STEP_MIN_BOUNDS)?,
            notice_min: within("notice_min", notice_min, NOTICE_MIN_BOUNDS)?,
            horizon_days: within("horizon_days", horizon_days, HORIZON_DAYS_BOUNDS)?,
        })
    }

    /// How long a booking takes, in minutes.
    pub fn duration_min(&self) -> u16 {
        self.duration_min
    }

    /// How far apart the starts on offer lie, in minutes.
    pub fn step_min(&self) -> u16 {
        self.step_min
    }

    /// How long before its start a booking must be made, in minutes.
    pub fn notice_min(&self) -> u32 {
        self.notice_min
    }

    /// How far ahead a booking may begin, in days of 24 hours.
    pub fn horizon_days(&self) -> u16 {
        self.horizon_days
    }
}

/// A rule outside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}, but must be from {least} to {most}")]
pub struct RulesError {
    /// Which rule, with its unit as the last word.
    pub field: &'static str,
    /// What was given, in the field's unit.
    pub value: u32,
    /// The least it may be, in the field's unit.
    pub least: u32,
    /// The most it may be, in the field's unit.
    pub most: u32,
}

fn within<T: Copy + PartialOrd + Into<u32>>(
    field: &'static str,
    value: T,
    bounds: RangeInclusive<T>,
) -> Result<T, RulesError> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    let (least, most) = bounds.into_inner();
    Err(RulesError { field, value: value.into(), least: least.into(), most: most.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_accepted_up_to_their_bounds() {
        let least = Rules::new(5, 5, 0, 1).expect("the least of each");
        assert_eq!((least.duration_min(), least.step_min()), (5, 5));
        assert_eq!((least.notice_min(), least.horizon_days()), (0, 1));
        assert!(Rules::new(1_440, 1_440, 525_600, 730).is_ok());
    }

    #[test]
    fn a_rule_out_of_bounds_is_named() {
        let cases = [
            (Rules::new(4, 15, 0, 30), "duration_min is 4, but must be from 5 to 1440"),
            (Rules::new(1_441, 15, 0, 30), "duration_min is 1441, but must be from 5 to 1440"),
            (Rules::new(30, 0, 0, 30), "step_min is 0, but must be from 5 to 1440"),
            (Rules::new(30, 15, 525_601, 30), "notice_min is 525601, but must be from 0 to 525600"),
            (Rules::new(30, 15, 0, 0), "horizon_days is 0, but must be from 1 to 730"),
            (Rules::new(30, 15, 0, 731), "horizon_days is 731, but must be from 1 to 730"),
        ];
        for (found, message) in cases {
            assert_eq!(found.expect_err("out of bounds").to_string(), message);
        }
    }
}
