//! A text taken apart into digits, words and the signs that matter to a number.
//!
//! Never knows a language: words are made plain and otherwise left as they are.

use std::str::Chars;

use super::words::{self, Word};

/// A word or a sign of the text.
#[derive(Debug)]
pub(super) enum Heard {
    /// Digits that were written as such.
    Digits(String),
    /// A plain word; `glued` when a hyphen ties it to the one before.
    Word { plain: String, glued: bool },
    /// A plus sign.
    Plus,
    /// A hash, which comes before an extension.
    Hash,
    /// A zero in brackets.
    Trunk,
    /// A stop between words: no number goes across it.
    Break,
}

impl Heard {
    /// Takes a word of a text that was taken apart before.
    pub(super) fn of(word: &Word) -> Self {
        let plain = word.plain.clone();
        if plain.is_empty() {
            Self::Break
        } else if plain.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Digits(plain)
        } else {
            Self::Word { plain, glued: false }
        }
    }
}

/// Takes a text apart.
pub(super) fn listen(text: &str) -> Vec<Heard> {
    let mut listener = Listener::default();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if let Some(digit) = digit(c) {
            listener.digit(digit);
        } else if c.is_alphabetic() || words::is_mark(c) {
            listener.letter(c);
        } else if c == '('
            && let Some(rest) = after_trunk(chars.clone())
        {
            listener.end_word();
            listener.found.push(Heard::Trunk);
            chars = rest;
        } else if !words::is_apostrophe(c) {
            listener.sign(c);
        }
    }
    listener.end_word();
    listener.found
}

/// What follows a zero in brackets whose first bracket was just read.
fn after_trunk(mut rest: Chars<'_>) -> Option<Chars<'_>> {
    let mut zero = false;
    loop {
        match rest.next()? {
            ')' if zero => return Some(rest),
            ' ' => {}
            c if !zero && digit(c) == Some('0') => zero = true,
            _ => return None,
        }
    }
}

/// The zeros of the scripts that callers' languages and their keyboards write digits in: Arabic,
/// Persian, Devanagari, Bengali and full-width.
const ZEROS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];

/// The digit that a sign stands for.
fn digit(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    let values = ZEROS.iter().filter_map(|zero| u32::from(c).checked_sub(u32::from(*zero)));
    values.filter(|value| *value < 10).find_map(|value| char::from_digit(value, 10))
}

/// What was taken apart so far, and the word that is being read.
#[derive(Default)]
struct Listener {
    found: Vec<Heard>,
    digits: String,
    word: String,
    glued: bool,
}

impl Listener {
    fn digit(&mut self, digit: char) {
        if !self.word.is_empty() {
            self.end_word();
        }
        self.digits.push(digit);
    }

    fn letter(&mut self, letter: char) {
        if !self.digits.is_empty() {
            self.end_word();
        }
        self.word.push(letter);
    }

    fn sign(&mut self, sign: char) {
        let after_word = !self.word.is_empty();
        self.end_word();
        self.glued = after_word && words::is_hyphen(sign);
        match sign {
            '+' | '\u{ff0b}' => self.found.push(Heard::Plus),
            '#' => self.found.push(Heard::Hash),
            ',' | ';' | ':' | '.' | '!' | '?' => self.found.push(Heard::Break),
            _ => {}
        }
    }

    fn end_word(&mut self) {
        if !self.digits.is_empty() {
            self.found.push(Heard::Digits(std::mem::take(&mut self.digits)));
        }
        let plain = words::plain(&std::mem::take(&mut self.word));
        if !plain.is_empty() {
            self.found.push(Heard::Word { plain, glued: self.glued });
        }
        self.glued = false;
    }
}
