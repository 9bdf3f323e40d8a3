//! Digits out of what was said: written, in words, in pairs, doubled.
//!
//! Never decides what the digits are: a number, a code and an address are read elsewhere.

use super::heard::{Heard, listen};
use super::numerals::{self, Kind};
use super::spoken;
use super::words::Word;
use crate::domain::language::Language;

/// The longest text that digits are read from, in bytes. Nobody says more in one turn.
pub(super) const TEXT_MAX_BYTES: usize = 500;

/// The digits in what was said, such as a confirmation code: "four two seven one", "42 71",
/// "double four".
pub fn read_digits(language: Language, text: &str) -> String {
    let mut digits = String::new();
    if text.len() > TEXT_MAX_BYTES {
        return digits;
    }
    for part in parts(language, text) {
        match part {
            Part::Digits(run) => digits.push_str(&run),
            Part::Trunk => digits.push('0'),
            Part::Letters(_) | Part::Plus | Part::Extension => {}
        }
    }
    digits
}

/// What a text says, as far as a number needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Digits, written or said.
    Digits(String),
    /// A word that is no number.
    Letters(String),
    /// A country code follows.
    Plus,
    /// A zero in brackets, which is dialled only at home.
    Trunk,
    /// What follows is dialled after the number.
    Extension,
}

/// The parts of a text, in order.
pub(super) fn parts(language: Language, text: &str) -> Vec<Part> {
    let heard = listen(text);
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(first) = heard.get(at) {
        let rest = heard.get(at..).unwrap_or_default();
        if let Some((digits, used)) = spoken::number(language, rest) {
            parts.push(Part::Digits(digits));
            at += used;
            continue;
        }
        at += 1;
        match first {
            Heard::Word { plain, .. } => parts.extend(other(language, plain, heard.get(at))),
            Heard::Plus => parts.push(Part::Plus),
            Heard::Hash => parts.push(Part::Extension),
            Heard::Trunk => parts.push(Part::Trunk),
            Heard::Digits(_) | Heard::Break => {}
        }
    }
    parts
}

/// The number that the words begin with, as digits, and how many words it takes.
pub(super) fn leading(language: Language, words: &[Word]) -> Option<(String, usize)> {
    let heard: Vec<Heard> = words.iter().take(spoken::WORDS_MAX).map(Heard::of).collect();
    spoken::number(language, &heard)
}

/// What a word is that is no number.
fn other(language: Language, plain: &str, next: Option<&Heard>) -> Option<Part> {
    match numerals::kind(language, plain) {
        Some(Kind::Plus) => Some(Part::Plus),
        Some(Kind::Extension) => Some(Part::Extension),
        Some(
            Kind::Unit(_)
            | Kind::One
            | Kind::Pair(_)
            | Kind::Tens(_)
            | Kind::Hundred
            | Kind::Cents
            | Kind::Hundreds(_)
            | Kind::Thousand
            | Kind::And
            | Kind::Article
            | Kind::Repeat(_)
            | Kind::Times,
        ) => None,
        None if plain == "x" && matches!(next, Some(Heard::Digits(_))) => Some(Part::Extension),
        None => Some(Part::Letters(plain.to_owned())),
    }
}
