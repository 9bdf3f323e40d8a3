//! Rules for dates: "26.11.", "2026-11-26", "the 26th of November".
//!
//! A date without a year is the next one to come; one that does not exist is [`Item::Bad`].

use jiff::civil::Date;

use super::clock;
use super::days::{Day, Days};
use super::items::{Found, Item, Phrase};
use super::vocabulary::{Unit, Word};
use crate::domain::language::Language;

/// A date in digits.
pub fn in_digits(phrase: &Phrase, at: usize) -> Option<Found> {
    let word = phrase.word(at);
    if let Word::Iso(year, month, day) = word {
        return Some((one_day(Date::new(year, month, day).ok()), 1));
    }
    let (first, second, year, used) = if let Word::Written(first, second, year) = word {
        (first, second, year, 1)
    } else if let Word::Dotted(first, second) = word {
        if clock::is_dotted_time(phrase, at) {
            return None;
        }
        (first.small()?, second.small()?, None, 1)
    } else if let (Word::Digits(first), Word::Digits(second)) = (word, phrase.word(at + 1)) {
        // "26. 11." in German.
        if !(first.dot && second.dot && second.value <= 12) {
            return None;
        }
        (first.small()?, second.small()?, None, 2)
    } else {
        return None;
    };
    let next = year_at(phrase, at + used).filter(|_| year.is_none());
    let used = used + usize::from(next.is_some());
    let item = either_order(phrase, (first, second), year.or(next));
    Some((item, used))
}

/// Day and month, and in English also month and day.
fn either_order(phrase: &Phrase, (first, second): (u8, u8), year: Option<i16>) -> Item {
    let day_first = dated(phrase, first, second, year);
    if phrase.language() != Language::English {
        return one_day(day_first);
    }
    match (dated(phrase, second, first, year), day_first) {
        (Some(one), Some(other)) if one != other => {
            Item::Day(Day::Either(Days::one(one), Days::one(other)))
        }
        (Some(one), _) => one_day(Some(one)),
        (None, other) => one_day(other),
    }
}

/// A day with the name of its month, on either side.
pub fn with_month(phrase: &Phrase, at: usize) -> Option<Found> {
    if let Word::Month(month) = phrase.word(at) {
        let skipped = phrase.has(at + 1, Word::The);
        let day = day_number(phrase.word(at + 1 + skipped))?;
        let end = at + 2 + skipped;
        if is_clock_mark(phrase.word(end)) {
            return None;
        }
        let year = year_at(phrase, end);
        let date = dated(phrase, day, month.unsigned_abs(), year);
        return Some((one_day(date), 2 + skipped + usize::from(year.is_some())));
    }
    let skipped = usize::from(matches!(phrase.word(at), Word::The | Word::On));
    let day = day_number(phrase.word(at + skipped))?;
    let end = at + skipped + 2;
    if let Word::Month(month) = phrase.word(end - 1) {
        // "At nine, November 26": the number before the month is the time.
        let next_is_day = day_number(phrase.word(end)).is_some();
        if phrase.before(at, 1) == Word::At && next_is_day {
            return None;
        }
        let year = year_at(phrase, end);
        let date = dated(phrase, day, month.unsigned_abs(), year);
        return Some((one_day(date), skipped + 2 + usize::from(year.is_some())));
    }
    None
}

/// The number of a day within a month.
pub fn day_number(word: Word) -> Option<u8> {
    let number = if let Word::Number(number) | Word::Ordinal(number) = word {
        number
    } else if let Word::Digits(digits) = word {
        digits.small()?
    } else {
        return None;
    };
    (1..=31).contains(&number).then_some(number)
}

/// A year in four digits.
pub fn year_at(phrase: &Phrase, at: usize) -> Option<i16> {
    if let Word::Digits(digits) = phrase.word(at)
        && digits.len == 4
    {
        return digits.year().filter(|year| (1900..2200).contains(year));
    }
    None
}

/// What makes a number before it a time or a count, and no date.
pub fn is_clock_mark(word: Word) -> bool {
    matches!(
        word,
        Word::OClock
            | Word::Hours
            | Word::Am
            | Word::Pm
            | Word::Noon
            | Word::Midnight
            | Word::Unit(Unit::Minute | Unit::Hour)
    )
}

/// The day, or the lack of it.
pub fn one_day(date: Option<Date>) -> Item {
    date.map_or(Item::Bad, |date| Item::Day(Day::Days(Days::one(date))))
}

/// A date, of the year to come if none was said. None if there is no such date.
fn dated(phrase: &Phrase, day: u8, month: u8, year: Option<i16>) -> Option<Date> {
    let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
    let today = phrase.today();
    let year = match year {
        Some(year) => year,
        None if (month, day) < (today.month(), today.day()) => today.year().checked_add(1)?,
        None => today.year(),
    };
    Date::new(year, month, day).ok()
}
