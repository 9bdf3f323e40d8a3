//! Rules for times on the clock: "half past nine", "9:30", "neun Uhr dreißig", "las diez menos
//! cuarto".
//!
//! An hour from one to twelve stays open until it is known what part of the day goes with it.

use super::dates::is_clock_mark;
use super::items::{Found, Item, Phrase};
use super::of_month::leads_to_time;
use super::parts::Lean;
use super::vocabulary::{Unit, Word};
use crate::domain::language::Language;

/// How the half of the day is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Not at all: "nine".
    Open,
    /// It is written as on a clock of 24 hours: "09:00".
    Written,
    /// There is no other: "21:00", "noon".
    Fixed,
    /// "AM" was said.
    Am,
    /// "PM" was said.
    Pm,
}

/// A time on the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Minutes from midnight; 1440 is the end of the day.
    pub minutes: u16,
    /// How its half of the day is known.
    pub face: Face,
    /// It cannot be anything but a time. Otherwise it is a number that may count something.
    pub sure: bool,
}

const HALF_DAY: u16 = 720;

impl Clock {
    /// A minute of the day that is known.
    pub fn fixed(minutes: u16) -> Self {
        Self { minutes, face: Face::Fixed, sure: true }
    }

    /// An hour, and so many minutes after it or before it.
    fn new(hour: u16, after: i16, face: Face) -> Option<Self> {
        let total = i16::try_from(hour.checked_mul(60)?).ok()?.checked_add(after)?;
        // A quarter to one is in the hour of twelve.
        let wraps = after < 0 && total < 60 && matches!(face, Face::Open | Face::Written);
        let minutes = u16::try_from(total).ok()?;
        let minutes = if wraps { minutes.checked_add(HALF_DAY)? } else { minutes };
        (minutes < 1500).then_some(Self { minutes, face, sure: true })
    }

    /// The minute of the day it is, beside a part of the day that leans one way.
    pub fn settled(self, lean: Option<Lean>) -> Option<u16> {
        let later = self.minutes.checked_add(HALF_DAY);
        match (self.face, lean, self.minutes / 60) {
            (Face::Fixed | Face::Am | Face::Pm, _, _) => Some(self.minutes),
            (Face::Open, None, 1..=6) => later,
            (Face::Open | Face::Written, None | Some(Lean::Morning), _) => Some(self.minutes),
            (Face::Open | Face::Written, Some(lean), hour) => match (lean, hour) {
                (Lean::Dawn, 12) => self.minutes.checked_sub(HALF_DAY),
                (Lean::Lunch, 1..=4) | (Lean::Afternoon, 1..=11) | (Lean::Evening, 5..=12) => later,
                (Lean::Evening, 1..=4) => None,
                _ => Some(self.minutes),
            },
        }
    }

    /// From this time to another, in minutes of the day; what is said of the end goes for both:
    /// "nine to eleven PM".
    pub fn until(self, end: Self, lean: Option<Lean>) -> Option<(u16, u16)> {
        let until = end.settled(lean)?;
        let own = self.settled(lean)?;
        let evening = self.minutes.checked_add(HALF_DAY).filter(|_| self.minutes < HALF_DAY);
        let from = match (self.face, end.face) {
            (Face::Open, Face::Pm) if lean.is_none() => {
                evening.filter(|minutes| *minutes < until).unwrap_or(own)
            }
            (Face::Open, Face::Am) if lean.is_none() && self.minutes < until => self.minutes,
            _ => own,
        };
        let late = until.checked_add(HALF_DAY).filter(|minutes| *minutes <= 1440);
        let until = match end.face {
            Face::Open if until <= from => late?,
            Face::Open | Face::Written | Face::Fixed | Face::Am | Face::Pm => until,
        };
        (from < until && until <= 1440).then_some((from, until))
    }
}

/// A time on the clock.
pub fn clock(phrase: &Phrase, at: usize) -> Option<Found> {
    let (clock, used) = in_digits(phrase, at)
        .or_else(|| beside_hour(phrase, at))
        .or_else(|| hour_first(phrase, at))?;
    let (clock, more) = half_of_day(phrase, at + used, clock);
    Some((Item::Clock(clock), used + more))
}

/// "9:30", "9.30", "at 0930".
fn in_digits(phrase: &Phrase, at: usize) -> Option<(Clock, usize)> {
    let word = phrase.word(at);
    let (hour, minute, has_nought, used) = if let Word::Time(hour, minute, has_nought) = word {
        (hour, minute, has_nought, 1)
    } else if let Word::Dotted(hour, minute) = word {
        if !is_dotted_time(phrase, at) {
            return None;
        }
        (hour.small()?, minute.small()?, hour.has_nought(), 1)
    } else if let Word::Digits(digits) = word {
        let marked = is_clock_mark(phrase.word(at + 1)) || phrase.before(at, 1) == Word::At;
        let goes_on = matches!(phrase.word(at + 1), Word::Digits(_) | Word::Dash);
        if !marked || goes_on || !(3..=4).contains(&digits.len) || digits.value % 100 > 59 {
            return None;
        }
        let hour = u8::try_from(digits.value / 100).ok().filter(|hour| *hour < 24)?;
        (hour, u8::try_from(digits.value % 100).ok()?, digits.len == 4 && hour < 10, 1)
    } else {
        return None;
    };
    let face = face(hour.into(), has_nought);
    let used = used + usize::from(is_hours(phrase.word(at + used)));
    Some((Clock::new(hour.into(), minute.into(), face)?, used))
}

/// Whether two numbers with a dot between them are a time, and not a date.
pub fn is_dotted_time(phrase: &Phrase, at: usize) -> bool {
    let Word::Dotted(hour, minute) = phrase.word(at) else {
        return false;
    };
    let may = minute.len == 2 && minute.value < 60 && hour.value < 24;
    let must = minute.value > 12 || minute.value == 0;
    let marked = phrase.before(at, 1) == Word::At || is_clock_mark(phrase.word(at + 1));
    may && (must || marked || phrase.language() == Language::English)
}

/// "Half past nine", "halb zehn", "quarter to ten", "quinze para as dez".
fn beside_hour(phrase: &Phrase, at: usize) -> Option<(Clock, usize)> {
    let (first, second) = (phrase.word(at), phrase.word(at + 1));
    if first == Word::Half {
        let skipped = usize::from(matches!(second, Word::Past | Word::After));
        let (hour, face, used) = hour(phrase, at + 1 + skipped)?;
        let after = match (skipped, phrase.language()) {
            (0, Language::German) => -30,
            (0, Language::English) | (1, _) => 30,
            _ => return None,
        };
        return Some((Clock::new(hour, after, face)?, 1 + skipped + used));
    }
    let (minutes, used) = if first == Word::Quarter {
        (15, 1)
    } else {
        let counted = second == Word::Unit(Unit::Minute);
        let minutes = minute(first).filter(|minutes| (1..30).contains(minutes))?;
        let round = minutes % 5 == 0 && may_be_minutes(phrase, at);
        if !(counted || round) {
            return None;
        }
        (minutes, 1 + usize::from(counted))
    };
    let germanic = matches!(phrase.language(), Language::English | Language::German);
    let link = phrase.word(at + used);
    let after = if link == Word::Past || (germanic && link == Word::After) {
        minutes
    } else if link == Word::To || (germanic && link == Word::Before) {
        -minutes
    } else {
        return None;
    };
    // "Fünf vor halb zehn".
    let half = usize::from(phrase.word(at + used + 1) == Word::Half && germanic);
    let (hour, face, more) = hour(phrase, at + used + 1 + half)?;
    let after = match (half, phrase.language()) {
        (0, _) => after,
        (_, Language::German) => after - 30,
        _ => return None,
    };
    Some((Clock::new(hour, after, face)?, used + 1 + half + more))
}

/// Whether a number before "to" counts minutes: "ten to nine", but not "10 to 12" or "from ten to
/// eleven".
fn may_be_minutes(phrase: &Phrase, at: usize) -> bool {
    let bounded = matches!(
        phrase.before(at, 1),
        Word::From | Word::Between | Word::After | Word::Before | Word::Until
    );
    let may_be_hour = matches!(phrase.word(at), Word::Digits(digits) if digits.value <= 12);
    let in_english = phrase.language() == Language::English && phrase.word(at + 1) == Word::To;
    let is_hour = may_be_hour && in_english;
    !(bounded || is_hour)
}

/// "Nine", "nine thirty", "neuf heures et demie", "ore nove".
fn hour_first(phrase: &Phrase, at: usize) -> Option<(Clock, usize)> {
    let leads = usize::from(is_hours(phrase.word(at)));
    let start = at + leads;
    let (hour, face, used) = hour(phrase, start)?;
    let used = leads + used;
    let follows = usize::from(leads == 0 && is_hours(phrase.word(at + used)));
    let marked = leads + follows > 0;
    let used = used + follows;
    let (after, more) = minutes(phrase, start, at + used, marked);
    let next = phrase.word(at + used + more);
    let halved = matches!(next, Word::Am | Word::Pm | Word::Noon | Word::Midnight);
    let is_word = !matches!(phrase.word(start), Word::Number(_) | Word::Digits(_));
    let sure = marked || more > 0 || is_word || halved || is_led(phrase, at);
    let counts = more == 0 && matches!(next, Word::Unit(_));
    if counts || !(sure || may_be_hour(phrase, at)) {
        return None;
    }
    let more = more + usize::from(more > 0 && closes_minutes(next));
    let clock = Clock { sure, ..Clock::new(hour, after, face)? };
    Some((clock, used + more))
}

/// An hour: how many, how its half of the day is known, and how many words it takes.
fn hour(phrase: &Phrase, at: usize) -> Option<(u16, Face, usize)> {
    let word = phrase.word(at);
    if word == Word::Noon {
        return Some((12, Face::Fixed, 1));
    }
    if word == Word::Midnight {
        return Some((24, Face::Fixed, 1));
    }
    if word == Word::One || (word == Word::Article && is_one_o_clock(phrase, at)) {
        return Some((1, Face::Open, 1));
    }
    if let Word::Number(hour @ 0..=24) = word {
        return Some((hour.into(), face(hour.into(), false), 1));
    }
    if let Word::Digits(digits) = word {
        let hour = u16::from(digits.small().filter(|hour| *hour <= 24)?);
        return Some((hour, face(hour, digits.has_nought()), 1));
    }
    None
}

fn face(hour: u16, has_nought: bool) -> Face {
    match hour {
        1..=9 if has_nought => Face::Written,
        1..=12 => Face::Open,
        _ => Face::Fixed,
    }
}

/// Whether "a" is one o'clock: "ein Uhr", "à une heure", "a la una", "una y media".
fn is_one_o_clock(phrase: &Phrase, at: usize) -> bool {
    let (next, then) = (phrase.word(at + 1), phrase.word(at + 2));
    let led = leads_to_time(phrase.before(at, 1));
    let ends = !matches!(
        next,
        Word::Unit(_) | Word::Other | Word::Number(_) | Word::Digits(_) | Word::Weekday(_)
    );
    let in_part = next == Word::And && matches!(then, Word::Half | Word::Quarter);
    next == Word::OClock || in_part || (phrase.joins() && led && ends)
}

/// The minutes behind an hour, and how many words they take.
fn minutes(phrase: &Phrase, start: usize, at: usize, marked: bool) -> (i16, usize) {
    let (first, second, third) = (phrase.word(at), phrase.word(at + 1), phrase.word(at + 2));
    let spoken = match (first, second, third) {
        (Word::And, Word::Half, _) if phrase.joins() => Some((30, 2)),
        (Word::And, Word::Quarter, _) if phrase.joins() => Some((15, 2)),
        (Word::And, Word::Number(3), Word::Quarter) if phrase.joins() => Some((45, 3)),
        (Word::Half, _, _) if marked => Some((30, 1)),
        (Word::Quarter, _, _) if marked => Some((15, 1)),
        (Word::Minus, Word::Quarter, _) => Some((-15, 2)),
        (Word::Minus, count, _) => minute(count).map(|count| (-count, 2)),
        (Word::Number(0), count, _) => minute(count).filter(|n| *n < 10).map(|count| (count, 2)),
        _ => None,
    };
    if let Some(spoken) = spoken {
        return spoken;
    }
    let ranges = matches!(phrase.before(start, 1), Word::Between | Word::In);
    if first == Word::And && phrase.joins() && !ranges && ends_time(phrase, at + 2, marked) {
        return minute(second).map_or((0, 0), |count| (count, 2));
    }
    let has_two = matches!(first, Word::Number(10..)) || is_two_digits(first);
    if (marked || has_two) && ends_time(phrase, at + 1, marked) {
        return minute(first).map_or((0, 0), |count| (count, 1));
    }
    (0, 0)
}

fn minute(word: Word) -> Option<i16> {
    let count = if let Word::Number(number) = word {
        number
    } else if let Word::Digits(digits) = word {
        digits.small()?
    } else {
        return None;
    };
    (1..60).contains(&count).then_some(count.into())
}

fn is_two_digits(word: Word) -> bool {
    matches!(word, Word::Digits(digits) if digits.len == 2 && !digits.dot)
}

/// Whether the number before a word can be minutes: no month or unit follows it.
fn ends_time(phrase: &Phrase, at: usize, marked: bool) -> bool {
    let word = phrase.word(at);
    let other_hour = marked && is_hours(word);
    let counted = matches!(word, Word::Unit(_)) && word != Word::Unit(Unit::Minute);
    !other_hour && !counted && !matches!(word, Word::Month(_) | Word::Other)
}

/// Before noon or after it; "twelve noon", "twelve midnight".
fn half_of_day(phrase: &Phrase, at: usize, clock: Clock) -> (Clock, usize) {
    let word = phrase.word(at);
    let is_twelve = clock.minutes / 60 == 12;
    let is_open = matches!(clock.face, Face::Open | Face::Written);
    let minutes = clock.minutes;
    let (minutes, face) = match (word, is_twelve) {
        (Word::Am | Word::Pm, _) if !is_open => (minutes, clock.face),
        (Word::Am, true) => (minutes.saturating_sub(HALF_DAY), Face::Am),
        (Word::Am, false) => (minutes, Face::Am),
        (Word::Pm, true) => (minutes, Face::Pm),
        (Word::Pm, false) => (minutes.saturating_add(HALF_DAY), Face::Pm),
        (Word::Noon, true) if is_open => (minutes, Face::Fixed),
        (Word::Midnight, true) if is_open => (minutes.saturating_add(HALF_DAY), Face::Fixed),
        _ => return (clock, 0),
    };
    (Clock { minutes, face, sure: true }, 1)
}

fn is_hours(word: Word) -> bool {
    matches!(word, Word::OClock | Word::Hours)
}

/// Behind minutes, and says nothing more: "9 30 Uhr", "neuf heures trente minutes".
fn closes_minutes(word: Word) -> bool {
    is_hours(word) || word == Word::Unit(Unit::Minute)
}

/// Whether the word before a number makes it a time.
fn is_led(phrase: &Phrase, at: usize) -> bool {
    let before = phrase.before(at, 1);
    let chained = matches!(before, Word::And | Word::Or | Word::Dash);
    let counts = matches!(phrase.word(at + 1), Word::Other | Word::Unit(_) | Word::Month(_));
    leads_to_time(before) && !(chained && counts)
}

/// Whether a number with nothing beside it that says so may be an hour.
fn may_be_hour(phrase: &Phrase, at: usize) -> bool {
    let spoken_one = matches!(phrase.word(at), Word::Number(..=1));
    let digits_nought = matches!(phrase.word(at), Word::Digits(digits) if digits.value == 0);
    let counts = matches!(
        phrase.word(at + 1),
        Word::Other | Word::Unit(_) | Word::Month(_) | Word::Ordinal(_)
    );
    !spoken_one && !digits_nought && !counts
}
