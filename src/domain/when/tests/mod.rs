//! Tests of the reader: a table of phrases for each language, other days to say them on, and
//! phrases that no caller says.

mod english;
mod french;
mod german;
mod italian;
mod odd;
mod other_days;
mod portuguese;
mod random;
mod spanish;
mod words;

use jiff::civil::DateTime;

use super::{DAYS_AHEAD_MAX, When, Window, read};
use crate::domain::language::Language;

/// The day on which the tables are read.
const TUESDAY: DateTime = DateTime::constant(2026, 11, 17, 14, 32, 0, 0);

/// Compares what is read out of each phrase with what is expected.
fn check_table(language: Language, now: DateTime, phrases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (phrase, expected) in phrases {
        check_any(phrase, language, now);
        let told = told(read(language, phrase, now));
        if told != *expected {
            wrong.push(format!("{phrase}: {told}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{language:?} at {now}:\n{}", wrong.join("\n"));
}

/// What holds of every phrase, in any language, at any time.
fn check_any(phrase: &str, language: Language, now: DateTime) {
    let when = read(language, phrase, now);
    let windows = match when {
        When::Window(window) => vec![window],
        When::Ambiguous(one, other) => {
            assert_ne!(one, other, "{phrase:?} at {now}");
            assert!((one.first, one.from_min) <= (other.first, other.from_min), "{phrase:?}");
            vec![one, other]
        }
        When::Past | When::Unknown => Vec::new(),
    };
    let today = now.date();
    let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
    let minute = u16::try_from(minute).expect("an hour and a minute are not negative");
    for window in windows {
        let told = format!("{phrase:?} in {language:?} at {now} gives {}", told_window(window));
        let Window { first, last, from_min, until_min, exact } = window;
        assert!(first <= last, "days run backwards: {told}");
        assert!(from_min < until_min && until_min <= 1440, "times run backwards: {told}");
        assert!(first >= today && (last, until_min) > (today, minute), "is over: {told}");
        let cut = exact || first < last || first > today || from_min >= minute;
        assert!(cut, "begins before now: {told}");
        assert!(!exact || first == last, "an exact time on several days: {told}");
        let ahead = today.duration_until(last).as_hours() / 24;
        assert!(ahead <= DAYS_AHEAD_MAX, "too far ahead: {told}");
    }
}

/// What was read, in short.
fn told(when: When) -> String {
    match when {
        When::Window(window) => told_window(window),
        When::Ambiguous(one, other) => format!("{} | {}", told_window(one), told_window(other)),
        When::Past => "past".to_owned(),
        When::Unknown => "unknown".to_owned(),
    }
}

/// "2026-11-24 12:00-17:00", "2026-11-20 at 15:00", "2026-11-23..2026-11-29".
fn told_window(window: Window) -> String {
    let Window { first, last, from_min, until_min, exact } = window;
    let days = if first == last { first.to_string() } else { format!("{first}..{last}") };
    match (exact, from_min, until_min) {
        (true, _, _) => format!("{days} at {}", told_minute(from_min)),
        (false, 0, 1440) => days,
        _ => format!("{days} {}-{}", told_minute(from_min), told_minute(until_min)),
    }
}

fn told_minute(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
