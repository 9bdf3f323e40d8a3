//! Numbers in digits, and the times and dates that are written with them.
//!
//! Never says which day a date is: "4/5" stays two numbers.

use super::tokens::Piece;
use super::vocabulary::Word;
use crate::domain::language::Language;

/// Digits in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digits {
    /// Their value, as far as it fits.
    pub value: u16,
    /// How many they are, as far as that fits.
    pub len: u8,
    /// A dot follows that makes them an ordinal, in German.
    pub dot: bool,
}

impl Digits {
    /// Adds a digit.
    pub fn push(&mut self, digit: u32) {
        let digit = u16::try_from(digit).unwrap_or(u16::MAX);
        self.value = self.value.saturating_mul(10).saturating_add(digit);
        self.len = self.len.saturating_add(1);
    }

    /// The value of one or two digits.
    pub fn small(self) -> Option<u8> {
        if self.len > 2 { None } else { u8::try_from(self.value).ok() }
    }

    /// The year that two or four digits are.
    pub fn year(self) -> Option<i16> {
        let year = i16::try_from(self.value).ok()?;
        match self.len {
            2 => year.checked_add(2000),
            4 => Some(year),
            _ => None,
        }
    }

    /// Two digits of which the first is a nought.
    pub fn has_nought(self) -> bool {
        self.len == 2 && self.value < 10
    }
}

/// A word that is still text, or one whose meaning is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// A word to look up.
    Text(String),
    /// Made of digits and signs.
    Known(Word),
}

/// Puts digits and the signs between them together.
pub fn atoms(pieces: &[Piece], language: Language) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let (mut rest, mut in_word) = (pieces, false);
    while let [first, ..] = rest {
        let used = match first {
            Piece::Text(text) => {
                atoms.push(Atom::Text(text.clone()));
                1
            }
            Piece::Digits(digits) => {
                let (word, used) = numeral(rest, language).unwrap_or((Word::Digits(*digits), 1));
                atoms.push(Atom::Known(word));
                used
            }
            // The hyphen of "vingt-six" says nothing, that of "9-11" does.
            Piece::Sign('-') if in_word && matches!(rest.get(1), Some(Piece::Text(_))) => 1,
            Piece::Sign('-') => {
                atoms.push(Atom::Known(Word::Dash));
                1
            }
            Piece::Sign(_) | Piece::Gap => 1,
        };
        in_word = matches!(first, Piece::Text(_));
        rest = rest.get(used..).unwrap_or_default();
    }
    atoms
}

/// The time or date that `pieces` begins with, and how many pieces it takes.
fn numeral(pieces: &[Piece], language: Language) -> Option<(Word, usize)> {
    use Piece::{Digits as D, Sign as S};
    match pieces {
        [D(year), S('-'), D(month), S('-'), D(day), ..] if year.len == 4 => {
            Some((iso(*year, *month, *day), 5))
        }
        [D(first), S(sign), D(second), S(again), D(year), ..]
            if sign == again && *sign != ':' && year.year().is_some() =>
        {
            Some((written(*first, *second, year.year()), 5))
        }
        [D(hour), S(':'), D(minute), S(':'), D(_), ..] => Some((time(*hour, *minute), 5)),
        [D(hour), S(':'), D(minute), ..] => Some((time(*hour, *minute), 3)),
        [D(day), S('.'), D(month), S('.'), ..]
            if language != Language::English && month.value <= 12 =>
        {
            Some((written(*day, *month, None), 4))
        }
        [D(first), S('.'), D(second), ..] if first.len <= 2 && second.len <= 2 => {
            Some((Word::Dotted(*first, *second), 3))
        }
        [D(first), S('/'), D(second), ..] => Some((written(*first, *second, None), 3)),
        [D(number), S('.'), ..] if language == Language::German => {
            Some((Word::Digits(Digits { dot: true, ..*number }), 2))
        }
        _ => None,
    }
}

fn iso(year: Digits, month: Digits, day: Digits) -> Word {
    let month = month.small().and_then(|month| i8::try_from(month).ok());
    let day = day.small().and_then(|day| i8::try_from(day).ok());
    match (year.year(), month, day) {
        (Some(year), Some(month), Some(day)) => Word::Iso(year, month, day),
        _ => Word::Broken,
    }
}

fn written(first: Digits, second: Digits, year: Option<i16>) -> Word {
    match (first.small(), second.small()) {
        (Some(first @ 1..=31), Some(second @ 1..=31)) => Word::Written(first, second, year),
        _ => Word::Broken,
    }
}

fn time(hour: Digits, minute: Digits) -> Word {
    match (hour.small(), minute.small()) {
        (Some(24), Some(0)) => Word::Time(24, 0, false),
        (Some(hours @ ..24), Some(minutes @ ..60)) if minute.len == 2 => {
            Word::Time(hours, minutes, hour.has_nought())
        }
        _ => Word::Broken,
    }
}
