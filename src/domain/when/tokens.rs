//! A phrase cut into words, and each word given its meaning.
//!
//! Letters are compared small and without accents. Works on characters, never on byte offsets, and
//! never takes a word for another that only looks like it.

use super::compose::compose;
use super::numerals::{Atom, Digits, atoms};
use super::vocabulary::{LONGEST, Vocabulary, Word, table};
use crate::domain::language::Language;

/// The meanings of a phrase's words, in order.
pub fn words(language: Language, phrase: &str) -> Vec<Word> {
    let atoms = atoms(&pieces(phrase), language);
    let mut words = meanings(&atoms, Vocabulary::of(language));
    words.retain(|word| *word != Word::Filler);
    compose(&words, table(language).joins)
}

/// What a phrase is made of, to the eye.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Letters in a row.
    Text(String),
    /// Digits in a row.
    Digits(Digits),
    /// One of `.`, `:`, `/` and `-`.
    Sign(char),
    /// Blanks and all other signs.
    Gap,
}

fn pieces(phrase: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for sign in folded(phrase) {
        if let Some(digit) = sign.to_digit(10) {
            if let Some(Piece::Digits(digits)) = pieces.last_mut() {
                digits.push(digit);
            } else {
                let mut digits = Digits::default();
                digits.push(digit);
                pieces.push(Piece::Digits(digits));
            }
        } else if matches!(sign, '.' | ':' | '/' | '-') {
            pieces.push(Piece::Sign(sign));
        } else if !sign.is_alphabetic() {
            pieces.push(Piece::Gap);
        } else if let Some(Piece::Text(text)) = pieces.last_mut() {
            text.push(sign);
        } else {
            pieces.push(Piece::Text(String::from(sign)));
        }
    }
    pieces
}

/// The characters of a text, small and without accents.
pub fn folded(text: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(text.len());
    for sign in text.chars().flat_map(char::to_lowercase) {
        match sign {
            'à'..='å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è'..='ë' => folded.push('e'),
            'ì'..='ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò'..='ö' => folded.push('o'),
            'ù'..='ü' => folded.push('u'),
            'ß' => folded.extend(['s', 's']),
            'æ' => folded.extend(['a', 'e']),
            'œ' => folded.extend(['o', 'e']),
            // A dash of any length.
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            // What makes an ordinal of a number, and a letter that is an apostrophe.
            'ª' | 'º' | '\u{2bc}' => folded.push(' '),
            // Accents that stand on their own.
            '\u{300}'..='\u{36f}' => {}
            _ => folded.push(sign),
        }
    }
    folded
}

/// Gives words their meaning, as many in a row as the table has together.
fn meanings(atoms: &[Atom], vocabulary: &Vocabulary) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = atoms;
    while let [first, ..] = rest {
        let used = match first {
            Atom::Known(word) => {
                words.push(*word);
                1
            }
            Atom::Text(text) => {
                let (word, used) = longest(rest, vocabulary).unwrap_or((Word::Other, 1));
                match vocabulary.halves(text) {
                    Some(halves) if word == Word::Other => words.extend(halves),
                    Some(_) | None => words.push(word),
                }
                used
            }
        };
        rest = rest.get(used..).unwrap_or_default();
    }
    words
}

/// The meaning of the most words that `atoms` begins with, and how many they are.
fn longest(atoms: &[Atom], vocabulary: &Vocabulary) -> Option<(Word, usize)> {
    let (mut together, mut best) = (String::new(), None);
    for (before, atom) in atoms.iter().take(LONGEST).enumerate() {
        let Atom::Text(text) = atom else {
            break;
        };
        if before > 0 {
            together.push(' ');
        }
        together.push_str(text);
        if let Some(word) = vocabulary.meaning(&together) {
            best = Some((word, before + 1));
        }
    }
    best
}
