//! What a caller says about time, read into days and times of day: "next Tuesday afternoon".
//!
//! A phrase is cut into words; the table of its language gives each word a meaning that all
//! languages share; rules find days, clock times and parts of the day among these; and what they
//! say together is laid onto the calendar from `now` on. Where there are two readings both are
//! given. Never guesses at a phrase that says no time, and knows neither opening hours nor zones.

mod clock;
mod compose;
mod dates;
mod days;
mod english;
mod french;
mod gather;
mod german;
mod italian;
mod items;
mod numerals;
mod of_month;
mod parts;
mod place;
mod portuguese;
mod relative;
mod spanish;
mod tokens;
mod vocabulary;
mod weeks;

use jiff::civil::{Date, DateTime};

use self::items::{Item, Phrase};
use self::vocabulary::Word;
use crate::domain::language::Language;

/// Longest phrase that is read, in bytes; a longer one is [`When::Unknown`].
pub const PHRASE_MAX_BYTES: usize = 500;

/// Farthest day that is read, in days from today; a later one is [`When::Unknown`].
pub const DAYS_AHEAD_MAX: i64 = 730;

/// Days and the time of day on each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub first: Date,
    /// The last day, included.
    pub last: Date,
    /// Where it begins on each day, in minutes of the wall clock, 0 to 1439.
    pub from_min: u16,
    /// Where it ends on each day, not included: after `from_min`, 1440 at most.
    pub until_min: u16,
    /// The caller named one time: it is `from_min`, on one day.
    pub exact: bool,
}

/// What a phrase says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It can be read in one way.
    Window(Window),
    /// It can be read in two ways, the earlier first; ask which.
    Ambiguous(Window, Window),
    /// It names a time that is over.
    Past,
    /// No time can be read out of it.
    Unknown,
}

/// Reads what a caller says, `now` being the wall clock at the business.
pub fn read(language: Language, phrase: &str, now: DateTime) -> When {
    if phrase.len() > PHRASE_MAX_BYTES {
        return When::Unknown;
    }
    let words = tokens::words(language, phrase);
    if words.contains(&Word::Negation) {
        return When::Unknown;
    }
    let items = items::items(&Phrase::new(words, language, now));
    if items.contains(&Item::Bad) {
        return When::Unknown;
    }
    if items.contains(&Item::Past) {
        return When::Past;
    }
    gather::gather(&items, now.date())
        .and_then(|said| place::place(&said, now))
        .unwrap_or(When::Unknown)
}

#[cfg(test)]
mod tests;
