//! Days as they are said, and the days of the calendar that they can mean.
//!
//! Knows nothing of the time of day, and gives a day that is over as it is.

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};

/// Days in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub first: Date,
    /// The last, included.
    pub last: Date,
}

/// Which of the days with one name is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Not said: the one to come, or today's.
    Bare,
    /// "This": the one to come, today included.
    This,
    /// "Next": next week's, or this week's if it is still to come.
    Next,
    /// "After next": a week after that.
    AfterNext,
}

/// A day, or several, as said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// A day of the week.
    Weekday(Which, Weekday),
    /// A day of some month: "the 26th".
    OfMonth(i8),
    /// Days of the calendar.
    Days(Days),
    /// One or the other: "4/5".
    Either(Days, Days),
    /// So many days after today, or after the day it is said with: "in a week".
    Later(i64),
}

/// How two days are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// From one to the other.
    Range,
    /// One or the other.
    Or,
}

/// On which side of a day others are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Later days.
    After,
    /// Earlier days.
    Before,
    /// The day and later ones.
    From,
    /// The day and earlier ones.
    Until,
}

/// How many days "after Monday" and "from Monday on" hold.
const OPEN_DAYS: i64 = 14;

/// The day that lies so many days after another.
pub fn plus(date: Date, days: i64) -> Option<Date> {
    let duration = SignedDuration::try_from_hours(days.checked_mul(24)?)?;
    date.checked_add(duration).ok()
}

/// The Monday of the week that lies so many weeks after a day's own.
pub fn monday(date: Date, weeks: i64) -> Option<Date> {
    let since = i64::from(date.weekday().to_monday_zero_offset());
    plus(date, weeks.checked_mul(7)?.checked_sub(since)?)
}

/// The first day of the month that lies so many months after a day's own.
pub fn month_start(date: Date, months: i64) -> Option<Date> {
    let own = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    let month = own.checked_add(months)?;
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    Date::new(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1).ok()
}

impl Days {
    /// One day.
    pub fn one(date: Date) -> Self {
        Self { first: date, last: date }
    }

    /// So many days from a day on.
    pub fn from(first: Date, count: i64) -> Option<Self> {
        Some(Self { first, last: plus(first, count.checked_sub(1)?)? })
    }

    /// The month that a day lies in.
    pub fn month(date: Date) -> Self {
        Self { first: date.first_of_month(), last: date.last_of_month() }
    }

    /// As many days, so many days later.
    pub fn later(self, days: i64) -> Option<Self> {
        Some(Self { first: plus(self.first, days)?, last: plus(self.last, days)? })
    }

    fn is_one(self) -> bool {
        self.first == self.last
    }

    fn common(self, other: Self) -> Option<Self> {
        let first = self.first.max(other.first);
        let last = self.last.min(other.last);
        (first <= last).then_some(Self { first, last })
    }

    /// The only day of them that fits; none when several do.
    fn only(self, fits: impl Fn(Date) -> bool) -> Option<Date> {
        let mut found = None;
        let mut date = self.first;
        // A year is the longest that is said.
        for _ in 0..366 {
            if date > self.last {
                break;
            }
            if fits(date) && found.replace(date).is_some() {
                return None;
            }
            date = plus(date, 1)?;
        }
        found
    }
}

impl Day {
    /// The days of the calendar that are meant, one way or two.
    pub fn readings(self, today: Date) -> Option<(Days, Option<Days>)> {
        match self {
            Self::Weekday(which, weekday) => weekday_readings(which, weekday, today),
            Self::OfMonth(day) => Some((Days::one(of_month(day, today)?), None)),
            Self::Days(days) => Some((days, None)),
            Self::Either(one, other) => Some((one, Some(other))),
            Self::Later(days) => Some((Days::one(plus(today, days)?), None)),
        }
    }

    /// What two of them say of one day: "Tuesday the 24th". None when they contradict each other.
    pub fn with(self, other: Self, today: Date) -> Option<Self> {
        if self == other {
            return Some(self);
        }
        self.narrowed(other, today).or_else(|| other.narrowed(self, today))
    }

    fn narrowed(self, by: Self, today: Date) -> Option<Self> {
        match (self, by) {
            (Self::Days(days), Self::Days(more)) => days.common(more).map(Self::Days),
            (Self::Days(days), Self::Weekday(_, weekday)) => {
                days.only(|date| date.weekday() == weekday).map(Days::one).map(Self::Days)
            }
            (Self::Days(days), Self::OfMonth(day)) => {
                days.only(|date| date.day() == day).map(Days::one).map(Self::Days)
            }
            (Self::Days(days), Self::Later(more)) if days.is_one() => {
                days.later(more).map(Self::Days)
            }
            (Self::OfMonth(day), Self::Later(more)) => {
                Some(Self::Days(Days::one(plus(of_month(day, today)?, more)?)))
            }
            (Self::OfMonth(day), Self::Weekday(_, weekday)) => {
                let date = of_month(day, today)?;
                (date.weekday() == weekday).then_some(Self::Days(Days::one(date)))
            }
            (Self::Weekday(_, weekday), Self::Later(days)) => {
                let (one, other) = self.readings(today)?;
                if days % 7 != 0 {
                    let date = plus(today, days)?;
                    return (date.weekday() == weekday).then_some(Self::Days(Days::one(date)));
                }
                match other {
                    Some(other) => Some(Self::Either(one.later(days)?, other.later(days)?)),
                    None => Some(Self::Days(one.later(days)?)),
                }
            }
            (Self::Either(one, other), by) => {
                let one = Self::Days(one).narrowed(by, today);
                let other = Self::Days(other).narrowed(by, today);
                if one.is_some() && other.is_some() { None } else { one.or(other) }
            }
            (Self::Weekday(Which::Bare, bare), Self::Weekday(_, weekday)) => {
                (bare == weekday).then_some(by)
            }
            _ => None,
        }
    }

    /// From this day to the other, or one of both.
    pub fn join(self, join: Join, other: Self, today: Date) -> Option<Self> {
        match join {
            Join::Range => self.range(other, today),
            Join::Or => self.either(other, today),
        }
    }

    fn range(self, until: Self, today: Date) -> Option<Self> {
        let first = match (self, until) {
            // "The 24th to the 26th of November".
            (Self::OfMonth(day), Self::Days(days)) => {
                let here = plus(days.last.first_of_month(), i64::from(day) - 1)?;
                if here > days.last { of_month(day, today)? } else { here }
            }
            _ => self.readings(today)?.0.first,
        };
        let last = match until {
            Self::Weekday(_, weekday) => match first.weekday().until(weekday) {
                0 => plus(first, 7)?,
                days => plus(first, i64::from(days))?,
            },
            Self::OfMonth(day) => of_month(day, first)?,
            Self::Days(days) => days.last,
            Self::Either(..) | Self::Later(_) => return None,
        };
        (first <= last).then_some(Self::Days(Days { first, last }))
    }

    fn either(self, other: Self, today: Date) -> Option<Self> {
        let (one, again) = self.readings(today)?;
        let (two, other) = other.readings(today)?;
        let ways = [Some(one), again].into_iter().flatten();
        let pairs = ways.flat_map(|one| [Some((one, two)), other.map(|two| (one, two))]);
        let apart =
            |(one, two): &(Days, Days)| one.first.duration_until(two.first).as_hours().abs();
        let (one, two) = pairs.flatten().min_by_key(apart)?;
        let (early, late) = if one.first <= two.first { (one, two) } else { (two, one) };
        if plus(early.last, 1)? >= late.first {
            let last = early.last.max(late.last);
            return Some(Self::Days(Days { first: early.first, last }));
        }
        Some(Self::Either(early, late))
    }

    /// The days on one side of it.
    pub fn bounded(self, bound: Bound, today: Date) -> Option<Self> {
        let (days, _) = self.readings(today)?;
        let days = match bound {
            Bound::After => Days::from(plus(days.last, 1)?, OPEN_DAYS)?,
            Bound::From => Days::from(days.first, OPEN_DAYS)?,
            Bound::Before => {
                let last = plus(days.first, -1)?;
                Days { first: today.min(last), last }
            }
            Bound::Until => Days { first: today.min(days.last), last: days.last },
        };
        Some(Self::Days(days))
    }

    /// The weeks it lies in.
    pub fn week(self, today: Date) -> Option<Self> {
        let (days, other) = self.readings(today)?;
        let week = |days: Days| Days::from(monday(days.first, 0)?, 7);
        match other {
            Some(other) => Some(Self::Either(week(days)?, week(other)?)),
            None => Some(Self::Days(week(days)?)),
        }
    }
}

/// The day of a month to come, from `today` on, that has it.
pub fn of_month(day: i8, today: Date) -> Option<Date> {
    let mut dates = (0..12).filter_map(|months| {
        let first = month_start(today, months)?;
        Date::new(first.year(), first.month(), day).ok()
    });
    dates.find(|date| *date >= today)
}

fn weekday_readings(which: Which, weekday: Weekday, today: Date) -> Option<(Days, Option<Days>)> {
    let coming = Days::one(plus(today, i64::from(today.weekday().until(weekday)))?);
    let this = plus(monday(today, 0)?, i64::from(weekday.to_monday_zero_offset()))?;
    let (this, next) = (Days::one(this), Days::one(plus(this, 7)?));
    let is_ahead = this.first > today;
    match which {
        Which::This => Some((coming, None)),
        Which::Bare if coming.first == today => Some((coming, Some(next))),
        Which::Bare => Some((coming, None)),
        Which::Next if is_ahead => Some((this, Some(next))),
        Which::Next => Some((next, None)),
        Which::AfterNext if is_ahead => Some((this.later(7)?, Some(next.later(7)?))),
        Which::AfterNext => Some((next.later(7)?, None)),
    }
}
