//! What the arguments of a tool say about time: a start, or days and a time of day.
//!
//! A date and time without an offset is read by the clock on the branch's wall. One that the clock
//! skips is asked for again; of one that comes twice the first is meant. Never takes a window that
//! is over.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan as _};

use super::desk::{Arguments, Desk};
use crate::domain::answer::{Next, Reason, Refused};
use crate::domain::say::{Ask, Choice, Line, Plain};
use crate::domain::scheduling::hours::DAY_MIN;
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::PartOfDay;
use crate::domain::speech::{spoken_day, spoken_moment};
use crate::domain::when::{self, When, Window};

/// Days looked through when no date is given.
const DAYS_DEFAULT: i64 = 7;
/// Most days between the first and the last.
const DAYS_MAX: i64 = 31;

/// When a caller wants to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The days, whole.
    pub span: Span,
    /// Starts at these minutes of the day, half-open.
    pub minutes: (u16, u16),
    /// The one time that was named.
    pub exact: Option<Timestamp>,
}

impl Wanted {
    /// Whether a start is at a time of day that was asked for.
    pub fn fits(&self, start: Timestamp, zone: &TimeZone) -> bool {
        let local = zone.to_datetime(start).time();
        let minute = minute_of(local);
        self.minutes.0 <= minute && minute < self.minutes.1
    }
}

/// Where and from when times are read.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// For the language of phrases.
    pub desk: &'a Desk,
    /// The branch's zone.
    pub zone: &'a TimeZone,
    /// The present moment.
    pub now: Timestamp,
}

impl Clock<'_> {
    /// The days and the time of day that the arguments name; a week from today when they name none.
    pub fn wanted(&self, arguments: &Arguments<'_>) -> Result<Wanted, Refused> {
        if let Some(phrase) = arguments.text("when")?
            && arguments.text("date")?.is_none()
        {
            return self.said("when", &phrase);
        }
        let today = self.zone.to_datetime(self.now).date();
        let (date, until) = (day(arguments, "date")?, day(arguments, "until")?);
        let first = date.unwrap_or(today);
        let last = match (date, until) {
            (_, Some(until)) => until,
            (Some(date), None) => date,
            (None, None) => today.saturating_add(DAYS_DEFAULT.days()),
        };
        if last < today {
            return Err(passed("date"));
        }
        if last < first {
            let refused =
                Refused::plain(Reason::InvalidArgument, Plain::DaysBackwards, Next::AskAgain);
            return Err(refused.about("until"));
        }
        let minutes = minutes(arguments)?;
        // Days that have passed are not looked through.
        let span = self.days(first.max(today), last, "date")?;
        Ok(Wanted { span, minutes, exact: None })
    }

    /// The one start that the arguments name, if they do: `start`, or `date` with `time`, or words
    /// in `when` that name one time.
    pub fn start(&self, arguments: &Arguments<'_>) -> Result<Option<Timestamp>, Refused> {
        if let Some(text) = arguments.text("start")? {
            return self.instant("start", &text).map(Some);
        }
        if let Some(text) = arguments.text("time")? {
            let Some(date) = day(arguments, "date")? else {
                return Err(Refused::missing("date", Ask::Day, Next::AskTime));
            };
            let time = time_of_day("time", &text)?;
            return self.local("time", date.to_datetime(time)).map(Some);
        }
        match arguments.text("when")? {
            Some(phrase) => Ok(self.said("when", &phrase)?.exact),
            None => Ok(None),
        }
    }

    /// What a caller's words say about time.
    pub fn said(&self, field: &'static str, phrase: &str) -> Result<Wanted, Refused> {
        let now = self.zone.to_datetime(self.now);
        match when::read(self.desk.language, phrase, now) {
            When::Window(window) => self.window(field, &window),
            When::Ambiguous(one, other) => {
                let which = |window: &Window| self.spoken(window, now.date());
                let ask = Ask::WhichOf(which(&one), which(&other));
                let line = Line::Question(ask);
                Err(Refused::new(Reason::AmbiguousTime, line, Next::AskAgain).about(field))
            }
            When::Past => Err(passed(field)),
            When::Unknown => Err(Refused::invalid(field, Ask::DayAndTime)),
        }
    }

    /// When an appointment is that somebody speaks of: an instant, a day, or words.
    pub fn current(&self, text: &str) -> Result<Wanted, Refused> {
        if let Ok(exact) = self.instant("current", text) {
            let span = Span::new(exact, exact.checked_add(1.minute()).unwrap_or(Timestamp::MAX));
            let span = span.ok_or_else(|| Refused::invalid("current", Ask::Appointment))?;
            return Ok(Wanted { span, minutes: (0, DAY_MIN), exact: Some(exact) });
        }
        if let Ok(day) = text.parse::<Date>() {
            let span = self.days(day, day, "current")?;
            return Ok(Wanted { span, minutes: (0, DAY_MIN), exact: None });
        }
        self.said("current", text)
    }

    /// Reads RFC 3339, or a date and time without offset by the clock on the wall.
    pub fn instant(&self, field: &'static str, text: &str) -> Result<Timestamp, Refused> {
        if let Ok(instant) = text.parse::<Timestamp>()
            && !text.contains('[')
        {
            return Ok(instant);
        }
        let plain = text.contains(':') && !text.contains('[');
        let local = text.parse::<DateTime>().ok().filter(|_| plain);
        let local = local.ok_or_else(|| Refused::invalid(field, Ask::DayAndTime))?;
        self.local(field, local)
    }

    fn local(&self, field: &'static str, local: DateTime) -> Result<Timestamp, Refused> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(Refused::invalid(field, Ask::DayAndTime));
        }
        ambiguous.earlier().map_err(|_| Refused::invalid(field, Ask::DayAndTime))
    }

    fn window(&self, field: &'static str, window: &Window) -> Result<Wanted, Refused> {
        let span = self.days(window.first, window.last, field)?;
        let minutes = (window.from_min, window.until_min);
        if !window.exact {
            return Ok(Wanted { span, minutes, exact: None });
        }
        let time = Time::midnight().saturating_add(i64::from(window.from_min).minutes());
        let exact = Some(self.local(field, window.first.to_datetime(time))?);
        Ok(Wanted { span, minutes: (0, DAY_MIN), exact })
    }

    fn spoken(&self, window: &Window, today: Date) -> String {
        let language = self.desk.language;
        if window.exact {
            let time = Time::midnight().saturating_add(i64::from(window.from_min).minutes());
            return spoken_moment(language, window.first.to_datetime(time), today);
        }
        // Two readings differ by a week: the date makes them sound different.
        spoken_day(language, window.first, today.saturating_sub(14.days()))
    }

    fn days(&self, first: Date, last: Date, field: &'static str) -> Result<Span, Refused> {
        let last = last.min(first.saturating_add((DAYS_MAX - 1).days()));
        let midnight = |day: Date| {
            let zoned = day.to_zoned(self.zone.clone());
            zoned.map(|zoned| zoned.timestamp()).map_err(|_| Refused::invalid(field, Ask::Day))
        };
        let span = Span::new(midnight(first)?, midnight(last.saturating_add(1.day()))?);
        span.ok_or_else(|| Refused::invalid(field, Ask::Day))
    }
}

/// The minute of the day that a clock shows.
pub fn minute_of(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

fn passed(field: &'static str) -> Refused {
    let line = Line::Choice(Choice::DayPassed);
    Refused::new(Reason::InThePast, line, Next::OfferOtherDay).about(field)
}

/// A day as YYYY-MM-DD.
pub fn day(arguments: &Arguments<'_>, field: &'static str) -> Result<Option<Date>, Refused> {
    let Some(text) = arguments.text(field)? else { return Ok(None) };
    let date = text.parse::<Date>().ok().filter(|_| text.len() >= "2026-01-01".len());
    date.map(Some).ok_or_else(|| Refused::invalid(field, Ask::Day))
}

/// A time of day as HH:MM.
fn time_of_day(field: &'static str, text: &str) -> Result<Time, Refused> {
    let padded = if text.len() == "9:30".len() { format!("0{text}") } else { text.to_owned() };
    let time = padded.parse::<Time>().ok().filter(|_| text.contains(':'));
    time.ok_or_else(|| Refused::invalid(field, Ask::Time))
}

/// The minutes of the day that `part_of_day`, `after` and `before` leave.
fn minutes(arguments: &Arguments<'_>) -> Result<(u16, u16), Refused> {
    let part = match arguments.text("part_of_day")? {
        None => None,
        Some(text) => PartOfDay::parse(&text)
            .ok_or_else(|| Refused::invalid("part_of_day", Ask::PartOfDay))?,
    };
    let (mut from, mut until) = part.map_or((0, DAY_MIN), PartOfDay::minutes);
    if let Some(text) = arguments.text("after")? {
        from = from.max(minute_of(time_of_day("after", &text)?));
    }
    if let Some(text) = arguments.text("before")? {
        until = until.min(minute_of(time_of_day("before", &text)?));
    }
    if until <= from {
        return Err(Refused::invalid("before", Ask::DayAndTime));
    }
    Ok((from, until))
}
