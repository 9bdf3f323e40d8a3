//! What a phrase holds: days, clock times, parts of the day, and the words that link them.
//!
//! The rules are tried in order at each word, and the first that fits takes the words it read.
//! Never joins anything: "from nine to eleven" is two times and two links here.

use jiff::civil::{Date, DateTime};

use super::clock::{self, Clock};
use super::dates;
use super::days::Day;
use super::of_month;
use super::parts::Part;
use super::relative;
use super::vocabulary::{Word, table};
use super::weeks;
use crate::domain::language::Language;

/// Something that a phrase holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A day, or several.
    Day(Day),
    /// A time on the clock.
    Clock(Clock),
    /// A part of the day.
    Part(Part),
    /// A day and a minute of it, counted from now: "in an hour".
    Moment(Date, u16),
    /// What links two others, or says how one is meant.
    Link(Link),
    /// Any time will do.
    Any,
    /// "Early", with nothing beside it that it belongs to.
    Early,
    /// "Late", likewise.
    Late,
    /// "The week of", before a date.
    WeekOf,
    /// A time that is over.
    Past,
    /// Something that cannot be read, or is no date: the 31st of November.
    Bad,
    /// Nothing about time.
    Other,
}

/// How a day or time is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// "At".
    At,
    /// "To".
    To,
    /// "Until".
    Until,
    /// A dash.
    Dash,
    /// "From".
    From,
    /// "Between".
    Between,
    /// "In".
    In,
    /// "And".
    And,
    /// "Or".
    Or,
    /// "After".
    After,
    /// "Before".
    Before,
}

/// An item, and how many words it takes.
pub type Found = (Item, usize);

/// The words of a phrase, and when and in what language it was said.
#[derive(Debug)]
pub struct Phrase {
    words: Vec<Word>,
    language: Language,
    now: DateTime,
}

impl Phrase {
    /// Words that were said at `now`.
    pub fn new(words: Vec<Word>, language: Language, now: DateTime) -> Self {
        Self { words, language, now }
    }

    /// The word at a place; [`Word::End`] behind the last.
    pub fn word(&self, at: usize) -> Word {
        self.words.get(at).copied().unwrap_or(Word::End)
    }

    /// The word so many steps before a place; [`Word::End`] before the first.
    pub fn before(&self, at: usize, steps: usize) -> Word {
        at.checked_sub(steps).map_or(Word::End, |place| self.word(place))
    }

    /// One if the word at a place is this one, to count it in.
    pub fn has(&self, at: usize, word: Word) -> usize {
        usize::from(self.word(at) == word)
    }

    /// The language it was said in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether "and" joins minutes to an hour.
    pub fn joins(&self) -> bool {
        table(self.language).joins
    }

    /// When it was said.
    pub fn now(&self) -> DateTime {
        self.now
    }

    /// The day it was said on.
    pub fn today(&self) -> Date {
        self.now.date()
    }
}

const RULES: [fn(&Phrase, usize) -> Option<Found>; 14] = [
    dates::in_digits,
    of_month::weekday_of,
    dates::with_month,
    relative::from_now,
    relative::ago,
    relative::next_few,
    weeks::week_of,
    weeks::period,
    weeks::weekend,
    relative::weekday,
    of_month::day_of,
    relative::length,
    clock::clock,
    loose,
];

/// Everything that a phrase holds, in order.
pub fn items(phrase: &Phrase) -> Vec<Item> {
    let (mut items, mut at) = (Vec::new(), 0);
    while at < phrase.words.len() {
        let found = RULES.iter().find_map(|rule| rule(phrase, at));
        items.extend(found.map(|(item, _)| item));
        at += found.map_or(1, |(_, used)| used.max(1));
    }
    items
}

/// What a word is that no other rule took.
fn loose(phrase: &Phrase, at: usize) -> Option<Found> {
    let word = phrase.word(at);
    if let Word::Day(days) = word {
        return Some((relative::day(phrase, days), 1));
    }
    if let Word::Part(part) = word {
        return Some((Item::Part(part), 1));
    }
    if matches!(word, Word::The | Word::On | Word::Article | Word::This | Word::Next) {
        return None;
    }
    let known = ALONE.iter().find_map(|(known, item)| (*known == word).then_some(*item));
    Some((known.unwrap_or(Item::Other), 1))
}

const ALONE: [(Word, Item); 19] = [
    (Word::At, Item::Link(Link::At)),
    (Word::To, Item::Link(Link::To)),
    (Word::Until, Item::Link(Link::Until)),
    (Word::Dash, Item::Link(Link::Dash)),
    (Word::From, Item::Link(Link::From)),
    (Word::Between, Item::Link(Link::Between)),
    (Word::In, Item::Link(Link::In)),
    (Word::And, Item::Link(Link::And)),
    (Word::Or, Item::Link(Link::Or)),
    (Word::After, Item::Link(Link::After)),
    (Word::Past, Item::Link(Link::After)),
    (Word::Before, Item::Link(Link::Before)),
    (Word::Any, Item::Any),
    (Word::Early, Item::Early),
    (Word::Late, Item::Late),
    // A time that is said in a way no rule knows, which must not be read as another.
    (Word::Half, Item::Bad),
    (Word::Quarter, Item::Bad),
    (Word::Minus, Item::Bad),
    (Word::Broken, Item::Bad),
];
