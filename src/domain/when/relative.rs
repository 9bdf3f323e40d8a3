//! Rules for days and moments that are counted from today: "in two weeks", "a week from Tuesday",
//! "next Friday".
//!
//! Takes "eight days" for a week, and "fifteen days" for two, where people mean that by it.

use jiff::civil::Weekday;

use super::dates::one_day;
use super::days::{Day, Days, Which, month_start, plus};
use super::items::{Found, Item, Phrase};
use super::of_month::leads_to_time;
use super::vocabulary::{Unit, Word};
use crate::domain::language::Language;

/// Most units that are counted.
const MOST: u16 = 999;

/// A day so many days from today.
pub fn day(phrase: &Phrase, days: i8) -> Item {
    one_day(plus(phrase.today(), days.into()))
}

/// "In two weeks", "in half an hour", "two days from now", "a week from Tuesday".
pub fn from_now(phrase: &Phrase, at: usize) -> Option<Found> {
    if phrase.word(at) == Word::In {
        return in_time(phrase, at);
    }
    // "Tuesday week".
    let follows_weekday = matches!(phrase.before(at, 1), Word::Weekday(_));
    if phrase.word(at) == Word::Unit(Unit::Week) && follows_weekday {
        let says_which = is_which(phrase.word(at + 1));
        let is_week = phrase.language() == Language::English && !says_which;
        return is_week.then_some((Item::Day(Day::Later(7)), 1));
    }
    let (count, unit) = (count(phrase.word(at))?, unit(phrase.word(at + 1))?);
    let item = ahead(phrase, count, unit)?;
    let (link, next) = (phrase.word(at + 2), phrase.word(at + 3));
    let is_short = matches!(unit, Unit::Minute | Unit::Hour);
    if link == Word::Hence {
        return Some((item, 3));
    }
    if is_short {
        let is_now = link == Word::From && next == Word::Day(0);
        return is_now.then_some((item, 4));
    }
    if matches!(link, Word::From | Word::After) && begins_day(next) {
        return Some((item, 3));
    }
    let is_week = matches!(unit, Unit::Week | Unit::Fortnight);
    let is_day = matches!(link, Word::Weekday(_) | Word::Day(_));
    (is_week && is_day).then_some((item, 2))
}

/// What follows "in".
fn in_time(phrase: &Phrase, at: usize) -> Option<Found> {
    let (first, second) = (phrase.word(at + 1), phrase.word(at + 2));
    let is_hour = matches!(second, Word::Unit(Unit::Hour) | Word::Hours);
    if first == Word::Half && is_hour {
        return Some((moment(phrase, 30)?, 3));
    }
    if first == Word::Quarter && is_hour {
        return Some((moment(phrase, 15)?, 3));
    }
    let count = count(first)?;
    let Some(unit) = unit(second) else {
        // "Mardi en huit".
        let follows_day = matches!(phrase.before(at, 1), Word::Weekday(_) | Word::Day(_));
        let days = days_meant(phrase, count);
        let is_idiom = phrase.language() == Language::French && days != i64::from(count);
        return (follows_day && is_idiom).then_some((Item::Day(Day::Later(days)), 2));
    };
    let and_half = (phrase.word(at + 3), phrase.word(at + 4)) == (Word::And, Word::Half);
    if unit == Unit::Hour && and_half {
        let minutes = i64::from(count).checked_mul(60)?.checked_add(30)?;
        return Some((moment(phrase, minutes)?, 5));
    }
    Some((ahead(phrase, count, unit)?, 3))
}

/// "Two weeks ago".
pub fn ago(phrase: &Phrase, at: usize) -> Option<Found> {
    let is_length =
        |at: usize| count(phrase.word(at)).is_some() && unit(phrase.word(at + 1)).is_some();
    let first = phrase.word(at);
    let german = phrase.language() == Language::German && first == Word::Before;
    let leads = (first == Word::Ago || german) && is_length(at + 1);
    let follows = is_length(at) && phrase.word(at + 2) == Word::Ago;
    (leads || follows).then_some((Item::Past, 3))
}

/// "The next two weeks", "within ten days".
pub fn next_few(phrase: &Phrase, at: usize) -> Option<Found> {
    let (first, second) = (phrase.word(at), phrase.word(at + 1));
    let is_next = |word: Word| matches!(word, Word::Next | Word::Coming);
    let leads = is_next(first) || matches!(first, Word::Within | Word::Until);
    let follows = phrase.joins() && is_next(second) && !leads_to_time(phrase.before(at, 1));
    if !leads && !follows {
        return None;
    }
    let count = count(if leads { second } else { first })?;
    let item = ahead(phrase, count, unit(phrase.word(at + 2))?)?;
    if let Item::Day(day) = item {
        let (until, _) = day.readings(phrase.today())?;
        let days = Days { first: phrase.today(), last: until.last };
        return Some((Item::Day(Day::Days(days)), 3));
    }
    // "Until nine hours" is a time, and the next two hours are no days.
    (first != Word::Until).then_some((Item::Bad, 3))
}

/// A length of time that says nothing about when: "for half an hour", "a two hour massage".
pub fn length(phrase: &Phrase, at: usize) -> Option<Found> {
    let (first, second, third) = (phrase.word(at), phrase.word(at + 1), phrase.word(at + 2));
    let is_fraction = matches!(first, Word::Half | Word::Quarter);
    if second == Word::Hours {
        let idle = first == Word::Article && !leads_to_time(phrase.before(at, 1));
        return (is_fraction || idle).then_some((Item::Other, 2));
    }
    let is_clock = second == Word::Unit(Unit::Minute)
        && matches!(third, Word::To | Word::Past | Word::After | Word::Before);
    let is_length = matches!(second, Word::Unit(_)) && (is_fraction || count(first).is_some());
    (is_length && !is_clock).then_some((Item::Other, 2))
}

/// A day of the week and which one is meant: "this Friday", "martes que viene".
pub fn weekday(phrase: &Phrase, at: usize) -> Option<Found> {
    let (first, second, third) = (phrase.word(at), phrase.word(at + 1), phrase.word(at + 2));
    if let Word::Weekday(weekday) = second
        && is_which(first)
    {
        return Some((said(first, weekday), 2));
    }
    let Word::Weekday(weekday) = first else {
        return None;
    };
    let of_weekday = !matches!(third, Word::Unit(_));
    let may_follow = phrase.joins() || second == Word::AfterNext;
    if of_weekday && may_follow && is_which(second) {
        return Some((said(second, weekday), 2));
    }
    Some((Item::Day(Day::Weekday(Which::Bare, weekday)), 1))
}

fn said(word: Word, weekday: Weekday) -> Item {
    let which = if word == Word::Last {
        return Item::Past;
    } else if word == Word::Next {
        Which::Next
    } else if word == Word::AfterNext {
        Which::AfterNext
    } else {
        Which::This
    };
    Item::Day(Day::Weekday(which, weekday))
}

fn is_which(word: Word) -> bool {
    matches!(word, Word::This | Word::Coming | Word::Next | Word::AfterNext | Word::Last)
}

/// Begins the name of a day.
fn begins_day(word: Word) -> bool {
    matches!(
        word,
        Word::Weekday(_)
            | Word::Day(_)
            | Word::Next
            | Word::This
            | Word::Coming
            | Word::The
            | Word::Ordinal(_)
            | Word::Month(_)
            | Word::Written(..)
    )
}

fn count(word: Word) -> Option<u16> {
    let count = if let Word::Number(number) = word {
        u16::from(number)
    } else if let Word::Digits(digits) = word {
        digits.value
    } else {
        u16::from(word == Word::Article)
    };
    (1..=MOST).contains(&count).then_some(count)
}

fn unit(word: Word) -> Option<Unit> {
    if let Word::Unit(unit) = word {
        Some(unit)
    } else {
        (word == Word::Hours).then_some(Unit::Hour)
    }
}

/// The day or moment so many units from now.
fn ahead(phrase: &Phrase, count: u16, unit: Unit) -> Option<Item> {
    let many = i64::from(count);
    let later = |days: i64| Item::Day(Day::Later(days));
    match unit {
        Unit::Minute => moment(phrase, many),
        Unit::Hour => moment(phrase, many.checked_mul(60)?),
        Unit::Day => Some(later(days_meant(phrase, count))),
        Unit::Week => many.checked_mul(7).map(later),
        Unit::Fortnight => many.checked_mul(14).map(later),
        Unit::Month => months(phrase, many),
        Unit::Year => months(phrase, many.checked_mul(12)?),
    }
}

/// How many days people mean: both ends are counted in "in acht Tagen" and "dans quinze jours".
fn days_meant(phrase: &Phrase, count: u16) -> i64 {
    match (phrase.language(), count) {
        (Language::English, _) => count.into(),
        (_, 8) => 7,
        (Language::German, _) => count.into(),
        (_, 15) => 14,
        _ => count.into(),
    }
}

fn months(phrase: &Phrase, count: i64) -> Option<Item> {
    let today = phrase.today();
    let first = month_start(today, count)?;
    let day = today.day().min(first.days_in_month());
    let date = plus(first, i64::from(day).checked_sub(1)?)?;
    Some(Item::Day(Day::Days(Days::one(date))))
}

/// So many minutes from now, and on to the next five minutes.
fn moment(phrase: &Phrase, minutes: i64) -> Option<Item> {
    let now = phrase.now();
    let own = i64::from(now.hour()) * 60 + i64::from(now.minute());
    let total = own.checked_add(minutes)?.checked_add(4)? / 5 * 5;
    let date = plus(now.date(), total / 1440)?;
    Some(Item::Moment(date, u16::try_from(total % 1440).ok()?))
}
