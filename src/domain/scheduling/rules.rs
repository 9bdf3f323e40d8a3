//! How a service may be booked: how long it takes, when it may begin, how soon and how far ahead,
//! what is kept free around it, how many it serves at once and a day.
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
/// How much time may be kept free before or after a booking, in minutes.
pub const BUFFER_MIN_BOUNDS: RangeInclusive<u16> = 0..=1_440;
/// How many customers may be served at once.
pub const CAPACITY_BOUNDS: RangeInclusive<u16> = 1..=1_000;
/// How many bookings there may be at most on one day.
pub const DAY_CAP_BOUNDS: RangeInclusive<u16> = 1..=10_000;

/// The booking rules of one service, each within its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    duration_min: u16,
    step_min: u16,
    notice_min: u32,
    horizon_days: u16,
    before_min: u16,
    after_min: u16,
    capacity: u16,
    day_cap: Option<u16>,
}

impl Rules {
    /// Rules of a duration, step and notice in minutes and a horizon in days of 24 hours, for one
    /// customer at once, without buffers and without a cap.
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
            before_min: 0,
            after_min: 0,
            capacity: 1,
            day_cap: None,
        })
    }

    /// The same with so many minutes kept free before and after.
    pub fn with_buffers(self, before_min: u16, after_min: u16) -> Result<Self, RulesError> {
        let before_min = within("before_min", before_min, BUFFER_MIN_BOUNDS)?;
        let after_min = within("after_min", after_min, BUFFER_MIN_BOUNDS)?;
        Ok(Self { before_min, after_min, ..self })
    }

    /// The same for so many customers at once.
    pub fn with_capacity(self, capacity: u16) -> Result<Self, RulesError> {
        Ok(Self { capacity: within("capacity", capacity, CAPACITY_BOUNDS)?, ..self })
    }

    /// The same with at most so many bookings a day, if any bound.
    pub fn with_day_cap(self, day_cap: Option<u16>) -> Result<Self, RulesError> {
        let day_cap = day_cap.map(|cap| within("day_cap", cap, DAY_CAP_BOUNDS)).transpose()?;
        Ok(Self { day_cap, ..self })
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

    /// Minutes kept free before a booking.
    pub fn before_min(&self) -> u16 {
        self.before_min
    }

    /// Minutes kept free after a booking.
    pub fn after_min(&self) -> u16 {
        self.after_min
    }

    /// Customers served at once.
    pub fn capacity(&self) -> u16 {
        self.capacity
    }

    /// Most bookings on one local day of a branch.
    pub fn day_cap(&self) -> Option<u16> {
        self.day_cap
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
        assert_eq!((least.before_min(), least.after_min()), (0, 0));
        assert_eq!((least.capacity(), least.day_cap()), (1, None));
        let most = Rules::new(1_440, 1_440, 525_600, 730).expect("the most of each");
        let most = most.with_buffers(1_440, 1_440).expect("the most");
        let most = most.with_capacity(1_000).expect("the most");
        assert_eq!(most.with_day_cap(Some(10_000)).map(|r| r.day_cap()), Ok(Some(10_000)));
    }

    #[test]
    fn a_rule_out_of_bounds_is_named() {
        let usual = Rules::new(30, 15, 0, 30).expect("within bounds");
        let cases = [
            (Rules::new(0, 15, 0, 30), "duration_min is 0, but must be from 5 to 1440"),
            (Rules::new(4, 15, 0, 30), "duration_min is 4, but must be from 5 to 1440"),
            (Rules::new(1_441, 15, 0, 30), "duration_min is 1441, but must be from 5 to 1440"),
            (Rules::new(30, 0, 0, 30), "step_min is 0, but must be from 5 to 1440"),
            (Rules::new(30, 15, 525_601, 30), "notice_min is 525601, but must be from 0 to 525600"),
            (Rules::new(30, 15, 0, 0), "horizon_days is 0, but must be from 1 to 730"),
            (Rules::new(30, 15, 0, 731), "horizon_days is 731, but must be from 1 to 730"),
            (usual.with_buffers(1_441, 0), "before_min is 1441, but must be from 0 to 1440"),
            (usual.with_buffers(0, 1_441), "after_min is 1441, but must be from 0 to 1440"),
            (usual.with_capacity(0), "capacity is 0, but must be from 1 to 1000"),
            (usual.with_day_cap(Some(0)), "day_cap is 0, but must be from 1 to 10000"),
        ];
        for (found, message) in cases {
            assert_eq!(found.expect_err("out of bounds").to_string(), message);
        }
    }
}
