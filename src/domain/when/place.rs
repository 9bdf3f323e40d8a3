//! What a phrase says, laid onto the calendar.
//!
//! Nothing of it lies before `now`: days and minutes that are over are cut off.

use jiff::civil::{Date, DateTime};

use super::days::{Days, plus};
use super::gather::Said;
use super::{DAYS_AHEAD_MAX, When, Window};

/// Days that "any time" looks at.
const ANY_DAYS: i64 = 14;

/// How long a time lasts that is said of several days.
const ABOUT_MIN: u16 = 60;

const DAY_MIN: u16 = 1440;

/// A time of day, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    /// At one, which may lie on the next day.
    At(u16),
    /// From one to another.
    Between(u16, u16),
}

/// Where days and a time of day lie.
enum Placed {
    Window(Window),
    Past,
    TooFar,
}

/// The windows that are meant; none when it cannot be told.
pub fn place(said: &Said, now: DateTime) -> Option<When> {
    let today = now.date();
    if let Some((date, minute)) = said.moment {
        return moment(said, (date, minute), now);
    }
    let times = times(said)?;
    let is_timed = times.iter().any(|times| *times != Times::Between(0, DAY_MIN));
    let (one, other) = match said.day {
        Some(day) => day.readings(today)?,
        None if said.any => (Days::from(today, ANY_DAYS)?, None),
        None if is_timed => return today_or_tomorrow(&times, now),
        None => return None,
    };
    let mut windows = Vec::new();
    for days in [Some(one), other].into_iter().flatten() {
        for times in &times {
            match placed(days, *times, now)? {
                Placed::Window(window) => windows.push(window),
                Placed::Past => {}
                Placed::TooFar => return None,
            }
        }
    }
    when(windows)
}

/// A time without a day: today's if it is still ahead.
fn today_or_tomorrow(times: &[Times], now: DateTime) -> Option<When> {
    let mut windows = Vec::new();
    for times in times {
        for days in 0..2 {
            let date = plus(now.date(), days)?;
            if let Placed::Window(window) = placed(Days::one(date), *times, now)? {
                windows.push(window);
                break;
            }
        }
    }
    when(windows)
}

fn moment(said: &Said, (date, minute): (Date, u16), now: DateTime) -> Option<When> {
    let same_day = match said.day {
        Some(day) => day.readings(now.date())?.0 == Days::one(date),
        None => true,
    };
    let alone = said.at.is_none() && said.after.is_none() && said.before.is_none();
    if !same_day || !alone {
        return None;
    }
    match placed(Days::one(date), Times::At(minute), now)? {
        Placed::Window(window) => Some(When::Window(window)),
        Placed::Past => Some(When::Past),
        Placed::TooFar => None,
    }
}

fn when(mut windows: Vec<Window>) -> Option<When> {
    windows.sort_by_key(|window| (window.first, window.from_min));
    windows.dedup();
    match *windows.as_slice() {
        [] => Some(When::Past),
        [window] => Some(When::Window(window)),
        [one, other] => Some(When::Ambiguous(one, other)),
        _ => None,
    }
}

/// The times of day that are meant, one way or two.
fn times(said: &Said) -> Option<Vec<Times>> {
    let bounded = said.after.is_some() || said.before.is_some();
    if let Some(at) = said.at {
        let also = [Some(at), said.or_at].into_iter().flatten();
        let minutes: Option<Vec<u16>> = also.map(|clock| clock.settled(said.lean)).collect();
        let times = minutes?.into_iter().map(Times::At).collect();
        return (!bounded).then_some(times);
    }
    let (from, until) = match (said.after, said.before) {
        (Some(after), Some(before)) => after.until(before, said.lean)?,
        (Some(after), None) => (after.settled(said.lean)?, DAY_MIN),
        (None, Some(before)) => (0, before.settled(said.lean)?),
        (None, None) => (0, DAY_MIN),
    };
    if from >= until || until > DAY_MIN {
        return None;
    }
    let (part_from, part_until) = said.part.unwrap_or((0, DAY_MIN));
    let common = (from.max(part_from), until.min(part_until));
    // "In the afternoon after six": the part is wider than it is taken for.
    let (from, until) = if common.0 < common.1 { common } else { (from, until) };
    Some(vec![Times::Between(from, until)])
}

fn placed(days: Days, times: Times, now: DateTime) -> Option<Placed> {
    let limit = plus(now.date(), DAYS_AHEAD_MAX)?;
    match times {
        Times::At(minute) if days.first == days.last => {
            let date = plus(days.first, i64::from(minute / DAY_MIN))?;
            let from_min = minute % DAY_MIN;
            if date > limit {
                return Some(Placed::TooFar);
            }
            if (date, from_min) < (now.date(), minute_of_day(now)) {
                return Some(Placed::Past);
            }
            let until_min = from_min + 1;
            let window = Window { first: date, last: date, from_min, until_min, exact: true };
            Some(Placed::Window(window))
        }
        Times::At(minute) if minute >= DAY_MIN => None,
        Times::At(minute) => {
            let until = minute.saturating_add(ABOUT_MIN).min(DAY_MIN);
            spread(days, (minute, until), now, limit)
        }
        Times::Between(from, until) => spread(days, (from, until), now, limit),
    }
}

/// The same times on each of some days, without what is over.
fn spread(days: Days, times: (u16, u16), now: DateTime, limit: Date) -> Option<Placed> {
    let (from, until_min) = times;
    let (today, minute) = (now.date(), minute_of_day(now));
    let over = until_min <= minute;
    let earliest = if over { plus(today, 1)? } else { today };
    let first = days.first.max(earliest);
    if days.last > limit {
        return Some(Placed::TooFar);
    }
    if first > days.last {
        return Some(Placed::Past);
    }
    let last = days.last;
    let from_min = if first == last && first == today { from.max(minute) } else { from };
    Some(Placed::Window(Window { first, last, from_min, until_min, exact: false }))
}

fn minute_of_day(now: DateTime) -> u16 {
    u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs())
}
