//! Rules for days of a month, such as "the 26th" and "the first Monday in December", and for the
//! months they lie in.
//!
//! Never takes a number for a day of the month that a mark beside it makes a time.

use jiff::civil::{Date, Weekday};

use super::dates::{day_number, is_clock_mark, year_at};
use super::days::{Day, Days, month_start, of_month, plus};
use super::items::{Found, Item, Phrase};
use super::vocabulary::{Unit, Word};
use super::weeks::steps_at;
use crate::domain::language::Language;

/// A month of the calendar, by its first day.
#[derive(Clone, Copy, Debug)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// How many months later the next one is that goes by the same words, if there is one.
    pub again: Option<i64>,
}

impl Month {
    /// The next month that goes by the same words.
    pub fn following(self) -> Option<Self> {
        Some(Self { first: month_start(self.first, self.again?)?, again: None })
    }
}

/// "The first Monday in December", "the last Friday of the month", "the second week of May".
pub fn weekday_of(phrase: &Phrase, at: usize) -> Option<Found> {
    let nth = nth_at(phrase, at)?;
    let counted = phrase.word(at + 1);
    let (month, used) = month_at(phrase, at + 2)?;
    let days = |first: Date| days_of(nth, counted, first);
    let mut found = days(month.first);
    if let Some(next) = month.following()
        && found.is_some_and(|found| found.last < phrase.today())
    {
        found = days(next.first);
    }
    let is_counted = matches!(counted, Word::Weekday(_) | Word::Unit(Unit::Week | Unit::Day));
    let item = found.map_or(Item::Bad, |days| Item::Day(Day::Days(days)));
    is_counted.then_some((item, 2 + used))
}

/// The place in a month: from its first on, or minus one for the last.
fn nth_at(phrase: &Phrase, at: usize) -> Option<i8> {
    if let Word::Ordinal(nth @ 1..=5) = phrase.word(at) {
        return i8::try_from(nth).ok();
    }
    match (phrase.word(at), phrase.word(at + 1)) {
        (Word::Last, _) => Some(-1),
        // "El cuarto viernes".
        (Word::Quarter, Word::Weekday(_)) => Some(4),
        // "A segunda terça-feira": most days of the week are ordinals.
        (Word::Weekday(first), Word::Weekday(_) | Word::Unit(Unit::Week))
            if phrase.language() == Language::Portuguese =>
        {
            let nth = first.to_monday_one_offset() + 1;
            matches!(nth, 2 | 4 | 5).then_some(nth)
        }
        _ => None,
    }
}

fn days_of(nth: i8, counted: Word, first: Date) -> Option<Days> {
    let last = first.last_of_month();
    if let Word::Weekday(weekday) = counted {
        return nth_weekday(first, nth, weekday).map(Days::one);
    }
    match nth {
        ..0 if counted == Word::Unit(Unit::Day) => Some(Days::one(last)),
        ..0 => Some(Days { first: plus(last, -6)?, last }),
        _ if counted == Word::Unit(Unit::Day) => {
            Some(Days::one(plus(first, i64::from(nth).checked_sub(1)?)?))
        }
        _ => {
            let week =
                Days::from(first, 7)?.later(i64::from(nth).checked_sub(1)?.checked_mul(7)?)?;
            (week.first <= last).then_some(Days { first: week.first, last: week.last.min(last) })
        }
    }
}

fn nth_weekday(first: Date, nth: i8, weekday: Weekday) -> Option<Date> {
    first.nth_weekday_of_month(nth, weekday).ok()
}

/// A month that is named, or said from this one: "December", "the month", "next month".
fn month_at(phrase: &Phrase, at: usize) -> Option<(Month, usize)> {
    let skipped = phrase.has(at, Word::In);
    let start = at + skipped;
    let month = counted_month(phrase, start).or_else(|| named_month(phrase, start));
    month.map(|(month, used)| (month, skipped + used))
}

/// "The month", "next month".
pub fn counted_month(phrase: &Phrase, at: usize) -> Option<(Month, usize)> {
    let (steps, used) = steps_at(phrase, at, Unit::Month)?;
    let first = month_start(phrase.today(), steps.unwrap_or(0))?;
    let again = steps.is_none().then_some(1);
    Some((Month { first, again }, used))
}

/// "December", "next December", "December 2026".
pub fn named_month(phrase: &Phrase, at: usize) -> Option<(Month, usize)> {
    let next = phrase.has(at, Word::Next);
    let skipped = usize::from(matches!(phrase.word(at), Word::Next | Word::This | Word::Coming));
    let Word::Month(month) = phrase.word(at + skipped) else {
        return None;
    };
    let today = phrase.today();
    if let Some(year) = year_at(phrase, at + skipped + 1) {
        let first = Date::new(year, month, 1).ok()?;
        return Some((Month { first, again: None }, skipped + 2));
    }
    let mut ahead = i64::from(month) - i64::from(today.month());
    if ahead < 0 || (ahead == 0 && next == 1) {
        ahead += 12;
    }
    Some((Month { first: month_start(today, ahead)?, again: Some(12) }, skipped + 1))
}

/// A day by its number alone: "the 26th", "el 26", "dia 26", "26.".
pub fn day_of(phrase: &Phrase, at: usize) -> Option<Found> {
    let word = phrase.word(at);
    if let Word::Ordinal(_) = word {
        return Some((said(day_number(word)?)?, 1));
    }
    let opens = matches!(word, Word::The | Word::On | Word::Unit(Unit::Day));
    let skipped = usize::from(opens);
    let number = phrase.word(at + skipped);
    let day = day_number(number)?;
    let after = phrase.word(at + skipped + 1);
    let of_month = opens && after == Word::Unit(Unit::Month);
    let counts = matches!(after, Word::Unit(_)) && !of_month;
    let sure = if opens { !is_count(phrase, day, after) } else { is_bare_day(phrase, at) };
    if counts || is_clock_mark(after) || !sure {
        return None;
    }
    Some((said(day)?, skipped + 1))
}

fn said(day: u8) -> Option<Item> {
    Some(Item::Day(Day::OfMonth(i8::try_from(day).ok()?)))
}

/// "The two of us": a small number before something unknown.
fn is_count(phrase: &Phrase, day: u8, after: Word) -> bool {
    phrase.language() == Language::English && day <= 12 && after == Word::Other
}

/// Whether a number with nothing before it that says so is a day of the month.
fn is_bare_day(phrase: &Phrase, at: usize) -> bool {
    let (word, before, after) = (phrase.word(at), phrase.before(at, 1), phrase.word(at + 1));
    let Some(day) = day_number(word) else {
        return false;
    };
    if is_joined_day(phrase, at) {
        return true;
    }
    if let Word::Digits(digits) = word
        && digits.dot
    {
        let ends = after == Word::End;
        let linked = matches!(before, Word::At | Word::After | Word::Before);
        let fits = !matches!(before, Word::Weekday(_)) || falls_on(phrase, day, before);
        return !ends || (fits && !linked);
    }
    let alone = !matches!(
        after,
        Word::Number(_)
            | Word::Digits(_)
            | Word::Other
            | Word::And
            | Word::Half
            | Word::Quarter
            | Word::Minus
            | Word::Past
            | Word::To
            | Word::Dash
            | Word::After
            | Word::Before
    );
    if matches!(before, Word::Weekday(_)) {
        // A day that is no such weekday contradicts it, which must not be passed over.
        let sure = day > 24 || (falls_on(phrase, day, before) && (phrase.joins() || day > 12));
        return alone && sure;
    }
    let most = if phrase.language() == Language::English { 12 } else { 23 };
    let is_hour = day <= 24 && leads_to_time(before);
    alone && day > most && !is_hour
}

/// Stands before a time: "between 14 and 16".
pub fn leads_to_time(word: Word) -> bool {
    matches!(
        word,
        Word::At
            | Word::After
            | Word::Before
            | Word::From
            | Word::Until
            | Word::Between
            | Word::To
            | Word::Dash
            | Word::And
            | Word::Or
            | Word::Past
    )
}

/// The 24 of "24 to 26 November", and the 26 of "November 24 to 26" and "from the 24th to 26".
fn is_joined_day(phrase: &Phrase, at: usize) -> bool {
    let ranges = |word: Word| matches!(word, Word::To | Word::Until | Word::Dash);
    let (day, before) = (day_number(phrase.word(at)), phrase.before(at, 1));
    let next = phrase.word(at + 1);
    let skipped = phrase.has(at + 2, Word::The);
    let in_month = matches!(phrase.word(at + 3 + skipped), Word::Month(_))
        && (ranges(next) || matches!(next, Word::At | Word::And))
        && before != Word::At;
    let second = day_number(phrase.word(at + 2 + skipped));
    let is_first = second.is_some_and(|second| in_month || (ranges(next) && second > 24));
    let first = phrase.before(at, 2);
    let led = matches!(
        phrase.before(at, 3),
        Word::The | Word::On | Word::Unit(Unit::Day) | Word::Month(_)
    );
    let dated = led || matches!(first, Word::Ordinal(_));
    let rises = dated && day_number(first).is_some_and(|first| day > Some(first));
    is_first || ((ranges(before) || before == Word::And) && rises)
}

/// Whether the day of the month to come is this day of the week.
fn falls_on(phrase: &Phrase, day: u8, weekday: Word) -> bool {
    let date = i8::try_from(day).ok().and_then(|day| of_month(day, phrase.today()));
    date.is_some_and(|date| weekday == Word::Weekday(date.weekday()))
}
