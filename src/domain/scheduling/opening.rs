//! When something is open: weekly hours with dated exceptions, and the instants at which they hold
//! in a time zone.
//!
//! One rule covers every change of the clocks: it is open exactly while the wall clock reads a
//! time inside one of that day's ranges. Where clocks jump forward, a range that would open or
//! close at a skipped time does so at the jump, and a range that is skipped whole is not open at
//! all. Where clocks go back, readings that come twice count twice: a range opens at the first and
//! closes at the last of them, closed in between if the clock says so.
//!
//! Never knows bookings or booking rules.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};

use super::hours::{DailyRange, WeeklyHours};

/// Seconds of a day on a clock that is not changed.
const DAY_S: i64 = 86_400;
/// Milliseconds of a second.
const S_MS: i64 = 1_000;
/// Day zero, 1970-01-01.
const DAY_ZERO: Date = Date::constant(1970, 1, 1);

/// Other hours on some days, such as a holiday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The first day, by the wall clock.
    pub first: Date,
    /// The last day, included.
    pub last: Date,
    /// The ranges of each of these days, in order; none: closed.
    pub ranges: Vec<DailyRange>,
    /// What it is called; empty when it has no name.
    pub name: String,
}

/// Weekly hours with dated exceptions. The default is always closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    weekly: WeeklyHours,
    /// The first that holds on a day counts.
    exceptions: Vec<Exception>,
}

impl Opening {
    /// Hours of a usual week and the days on which others hold. Of two exceptions for one day the
    /// earlier in the list counts.
    pub fn new(weekly: WeeklyHours, exceptions: Vec<Exception>) -> Self {
        Self { weekly, exceptions }
    }

    /// The hours of a usual week.
    pub fn weekly(&self) -> &WeeklyHours {
        &self.weekly
    }

    /// Whether it never closes.
    pub fn is_always(&self) -> bool {
        self.exceptions.is_empty() && self.weekly.is_always()
    }

    /// The exception that holds on a day.
    pub fn exception_on(&self, day: Date) -> Option<&Exception> {
        self.exceptions.iter().find(|one| one.first <= day && day <= one.last)
    }

    /// The ranges that hold on a day.
    pub fn ranges_on(&self, day: Date) -> &[DailyRange] {
        self.exception_on(day).map_or_else(|| self.weekly.on(day.weekday()), |one| &one.ranges)
    }

    /// When it is open within `from_ms..until_ms` (ms since 1970 UTC): sorted and disjoint, cut
    /// wherever a day's range begins and wherever the clocks change.
    pub(super) fn stretches(&self, zone: &TimeZone, from_ms: i64, until_ms: i64) -> Vec<Stretch> {
        let near = self.near(from_ms, until_ms);
        let mut found = Vec::new();
        let mut from = instant(from_ms.div_euclid(S_MS));
        let until = instant(until_ms.div_euclid(S_MS) + 1);
        while from < until {
            let change = next_change(zone, from).map_or(until, |at| at.min(until));
            let steady = Steady { offset: zone.to_offset(from), from, until: change };
            self.expand(&near, steady, &mut found);
            from = change;
        }
        found.retain_mut(|stretch| {
            stretch.from_ms = stretch.from_ms.max(from_ms);
            stretch.until_ms = stretch.until_ms.min(until_ms);
            stretch.from_ms < stretch.until_ms
        });
        found
    }

    /// The exceptions that can hold within a time, as days since 1970 with their ranges.
    fn near(&self, from_ms: i64, until_ms: i64) -> Vec<(i64, i64, &[DailyRange])> {
        let (first, last) =
            (from_ms.div_euclid(S_MS * DAY_S) - 1, until_ms.div_euclid(S_MS * DAY_S) + 1);
        let days = self
            .exceptions
            .iter()
            .map(|one| (day_number(one.first), day_number(one.last), one.ranges.as_slice()));
        days.filter(|(begin, end, _)| *begin <= last && first <= *end).collect()
    }

    /// Adds the stretches of a time in which the clocks keep one offset.
    fn expand(&self, near: &[(i64, i64, &[DailyRange])], steady: Steady, to: &mut Vec<Stretch>) {
        let offset_s = i64::from(steady.offset.seconds());
        let (from_s, until_s) = (steady.from.as_second(), steady.until.as_second());
        for day in local_day(from_s, offset_s)..=local_day(until_s, offset_s) {
            let exception = near.iter().find(|(first, last, _)| *first <= day && day <= *last);
            let ranges =
                exception.map_or_else(|| self.weekly.on(weekday(day)), |(_, _, ranges)| ranges);
            for range in ranges {
                let opens_s = day * DAY_S + i64::from(range.opens_min()) * 60 - offset_s;
                let closes_s = day * DAY_S + i64::from(range.closes_min()) * 60 - offset_s;
                let (start, end) = (opens_s.max(from_s), closes_s.min(until_s));
                if start < end {
                    let (from_ms, until_ms) = (start * S_MS, end * S_MS);
                    to.push(Stretch { from_ms, until_ms, opens_ms: opens_s * S_MS, day });
                }
            }
        }
    }
}

/// Part of one day's range in which the clocks run without a change. Instants are ms since 1970
/// UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// When it begins.
    pub(super) from_ms: i64,
    /// When it is over.
    pub(super) until_ms: i64,
    /// When a clock like the one now running read the range's opening time; before `from_ms`
    /// where the range was cut.
    pub(super) opens_ms: i64,
    /// Its local day, counted from 1970-01-01.
    pub(super) day: i64,
}

/// A time in which the clocks keep one offset.
#[derive(Clone, Copy)]
struct Steady {
    offset: Offset,
    from: Timestamp,
    until: Timestamp,
}

/// The days from 1970-01-01 to `date`.
pub(super) fn day_number(date: Date) -> i64 {
    date.duration_since(DAY_ZERO).as_hours() / 24
}

/// The local days on which instants lie (ms since 1970 UTC), counted from 1970-01-01.
pub(super) fn local_days(zone: &TimeZone, instants_ms: &[i64]) -> Vec<i64> {
    let day = |ms: &i64| {
        let at = instant(ms.div_euclid(S_MS));
        local_day(at.as_second(), i64::from(zone.to_offset(at).seconds()))
    };
    instants_ms.iter().map(day).collect()
}

fn weekday(day: i64) -> Weekday {
    // Day zero was a Thursday.
    let offset = i8::try_from((day + 3).rem_euclid(7)).expect("a remainder of seven is small");
    Weekday::from_monday_zero_offset(offset).expect("0 to 6 are the days of a week")
}

/// The next instant after `from` at which the zone may change its clocks.
fn next_change(zone: &TimeZone, from: Timestamp) -> Option<Timestamp> {
    zone.following(from).next().map(|change| change.timestamp()).filter(|at| *at > from)
}

/// The day since 1970-01-01 that a clock ahead of UTC by `offset_s` shows.
fn local_day(second: i64, offset_s: i64) -> i64 {
    (second + offset_s).div_euclid(DAY_S)
}

/// The instant of a second since 1970 UTC, or the nearest that jiff can hold.
fn instant(second: i64) -> Timestamp {
    let nearest = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(second).unwrap_or(nearest)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::hours::tests::hours;
    use super::*;

    #[test]
    fn a_day_has_a_number_and_its_weekday() {
        assert_eq!((day_number(DAY_ZERO), day_number(date(2000, 3, 1))), (0, 11_017));
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        for day in [date(2026, 11, 17), date(1969, 12, 31), date(2028, 2, 29)] {
            assert_eq!(weekday(day_number(day)), day.weekday(), "{day}");
        }
    }

    #[test]
    fn of_two_exceptions_for_a_day_the_earlier_in_the_list_holds() {
        let range = |text: &str| super::super::hours::read_ranges(text).expect("readable");
        let exception =
            |first, last, ranges| Exception { first, last, ranges, name: String::new() };
        let opening = Opening::new(
            hours("mon-fri 09:00-17:00"),
            vec![
                exception(date(2026, 12, 24), date(2026, 12, 24), range("09:00-12:00")),
                exception(date(2026, 12, 21), date(2026, 12, 31), Vec::new()),
            ],
        );
        let open = |day| super::super::hours::ranges_text(opening.ranges_on(day));
        assert_eq!(open(date(2026, 12, 18)), "09:00-17:00");
        assert_eq!(open(date(2026, 12, 21)), "closed");
        assert_eq!(open(date(2026, 12, 24)), "09:00-12:00");
        assert_eq!(open(date(2026, 12, 31)), "closed");
        assert_eq!(open(date(2027, 1, 1)), "09:00-17:00");
    }
}
