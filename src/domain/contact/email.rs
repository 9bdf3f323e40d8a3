//! E-mail addresses as callers say and spell them.
//!
//! Never passes off as given what was put together here: an address made from words, or at a domain
//! that was mended, says so, and the caller is asked whether it is right.

use email_address::{EmailAddress, Options};

use super::digits;
use super::mail_words;
use super::numerals;
use super::spelling;
use super::words::{self, Word};
use crate::domain::language::Language;

/// An address that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEmail {
    /// The address, its domain in lower case.
    pub address: String,
    /// Something was mended or put together from words, so it must be confirmed.
    pub mended: bool,
}

/// Why no address was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailTrouble {
    /// There is no address in it.
    NotAddress,
    /// It is longer than any address.
    TooLong,
}

/// The longest address, in bytes (RFC 5321 section 4.5.3.1.3, without the brackets).
const ADDRESS_MAX_BYTES: usize = 254;

/// The longest text that an address is read from, in bytes. One that is spelled with an example for
/// each letter is long.
const TEXT_MAX_BYTES: usize = 2000;

/// Fewest letters said one after the other that are a spelling.
const SPELLED_MIN: usize = 2;

/// Reads an address that was written, said or spelled.
pub fn read_email(language: Language, text: &str) -> Result<ReadEmail, EmailTrouble> {
    if text.len() > TEXT_MAX_BYTES {
        return Err(EmailTrouble::TooLong);
    }
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || ".,;:!?".contains(c)).trim();
    if is_address(text) {
        let (local, domain) = text.rsplit_once('@').ok_or(EmailTrouble::NotAddress)?;
        return checked(local, &domain.to_lowercase(), false);
    }
    let said = Said { language, at_written: text.contains('@'), words: chunks(language, text) };
    let pieces = said.address().pieces();
    let mut places = (0..).zip(&pieces).filter(|(_, piece)| piece.is_at()).map(|(place, _)| place);
    let (Some(at), None) = (places.next(), places.next()) else {
        return Err(EmailTrouble::NotAddress);
    };
    let (local, domain) = pieces.split_at(at);
    checked(&local_part(language, local), &domain_part(language, domain), true)
}

/// An address of two parts, if it is one. A domain that is nearly a provider's becomes it.
fn checked(local: &str, domain: &str, mended: bool) -> Result<ReadEmail, EmailTrouble> {
    let meant = mail_words::meant(domain);
    let address = [local, "@", meant.unwrap_or(domain)].concat();
    if address.len() > ADDRESS_MAX_BYTES {
        return Err(EmailTrouble::TooLong);
    }
    let read = ReadEmail { address, mended: mended || meant.is_some() };
    if is_address(&read.address) { Ok(read) } else { Err(EmailTrouble::NotAddress) }
}

/// Whether a text is a bare address (RFC 5321 section 4.1.2) at a host that has a name.
fn is_address(text: &str) -> bool {
    let options =
        Options::default().without_display_text().without_domain_literal().with_required_tld();
    // A host of numbers alone is an address of a machine, not a name (RFC 3696 section 2).
    let named = text.rsplit('.').next().is_some_and(|last| last.chars().any(char::is_alphabetic));
    named && EmailAddress::parse_with_options(text, options).is_ok()
}

/// Takes a text apart into words and signs. A sign is a word without a plain form; a full stop that
/// may only end a sentence has no text either.
fn chunks(language: Language, text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let chunk = chunk.trim_matches(|c: char| !(c.is_alphanumeric() || "@._+-".contains(c)));
        let (before, chunk) = tied(chunk);
        words.extend(before);
        if let Some(apart) = spelling::apart(chunk).or_else(|| numbers(language, chunk)) {
            words.extend(apart);
            continue;
        }
        let whole = chunk.trim_end_matches('.');
        split(whole, &mut words);
        let letter = words.last().is_none_or(|last: &Word| last.letter().is_some());
        if whole.len() < chunk.len() && !letter {
            words.push(sign(""));
        }
    }
    words
}

/// Words that are written with a hyphen, which is no part of an address here.
fn tied(chunk: &str) -> (Option<Word>, &str) {
    for (tied, word) in [("e-mail", "email"), ("x-ray", "xray")] {
        let head = chunk.get(..tied.len()).filter(|head| head.eq_ignore_ascii_case(tied));
        if head.is_some() {
            let rest = chunk.get(tied.len()..).unwrap_or_default();
            return (Some(Word::new(word)), rest.trim_start_matches(words::is_hyphen));
        }
    }
    (None, chunk)
}

/// The words of a number that is written with hyphens, such as "forty-two".
fn numbers(language: Language, chunk: &str) -> Option<Vec<Word>> {
    let numbers: Vec<Word> = chunk.split(words::is_hyphen).map(Word::new).collect();
    let all = numbers.iter().all(|word| !numerals::kinds(language, &word.plain).is_empty());
    (all && numbers.len() > 1).then_some(numbers)
}

fn sign(text: &str) -> Word {
    Word { text: text.to_owned(), plain: String::new() }
}

/// Takes a chunk apart at its signs.
fn split(chunk: &str, words: &mut Vec<Word>) {
    let mut word = String::new();
    for c in chunk.chars().filter(|c| !words::is_apostrophe(*c)) {
        if c.is_alphanumeric() || words::is_mark(c) {
            word.push(c);
            continue;
        }
        end_word(&mut word, words);
        if words::is_hyphen(c) {
            words.push(sign("-"));
        } else if c.is_ascii_graphic() && !",;:!?\"()<>[]\\".contains(c) {
            words.push(sign(c.encode_utf8(&mut [0; 4])));
        }
    }
    end_word(&mut word, words);
}

fn end_word(word: &mut String, words: &mut Vec<Word>) {
    if !word.is_empty() {
        words.push(Word::new(&std::mem::take(word)));
    }
}

/// What was said: words and signs.
struct Said {
    language: Language,
    /// The sign between name and domain is written, so a word "at" is a word.
    at_written: bool,
    words: Vec<Word>,
}

impl Said {
    /// Only what belongs to the address.
    fn address(self) -> Self {
        let mut words = Vec::new();
        let mut rest = self.words.as_slice();
        while let Some((first, after)) = rest.split_first() {
            let aside = mail_words::aside(self.language, rest);
            if aside == 0 {
                words.push(first.clone());
            }
            rest = if aside == 0 { after } else { from(rest, aside) };
        }
        let mut said = Self { words, ..self };
        let words = said.without_last(said.without_first(&said.words)).to_vec();
        said.words = words;
        said
    }

    /// Without what leads to the address.
    fn without_first<'a>(&self, words: &'a [Word]) -> &'a [Word] {
        let mut rest = words;
        loop {
            let sign = rest.first().is_some_and(|word| matches!(word.text.as_str(), "" | "-"));
            let said = mail_words::first(self.language, rest).max(usize::from(sign));
            let after = from(rest, said);
            // "Well at gmail dot com": what is before the sign is all the name there is.
            if said == 0 || self.begins_sign(after) {
                break;
            }
            rest = after;
        }
        let at = (0..rest.len()).rev().find(|place| self.is_at(from(rest, *place))).unwrap_or(0);
        let after = (0..at).rev().find_map(|place| self.after_lead(rest, place, at));
        after.unwrap_or(rest)
    }

    /// What comes after the words at a place, if they lead to an address whose sign is `at`.
    fn after_lead<'a>(&self, words: &'a [Word], place: usize, at: usize) -> Option<&'a [Word]> {
        let (before, leads) = words.split_at_checked(place)?;
        let used = mail_words::lead(self.language, leads);
        if used == 0 || place + used >= at {
            return None;
        }
        let after = from(leads, used);
        let tied = before.last().is_some_and(|word| word.plain.is_empty() && !word.text.is_empty());
        (!tied && !self.begins_sign(after)).then_some(after)
    }

    /// Without what is said after the address.
    fn without_last<'a>(&self, words: &'a [Word]) -> &'a [Word] {
        let mut rest = words;
        loop {
            let stop = rest.last().is_some_and(|word| word.plain.is_empty() && word.text != "@");
            let said = mail_words::last(self.language, rest).max(usize::from(stop));
            let Some(before) = rest.get(..rest.len().saturating_sub(said)) else { return rest };
            if said == 0 {
                return rest;
            }
            rest = before;
        }
    }

    fn is_at(&self, words: &[Word]) -> bool {
        let written = words.first().is_some_and(|word| word.text == "@");
        let said = || mail_words::sign(self.language, words, !self.at_written);
        written || said().is_some_and(|(sign, _)| sign == "@")
    }

    fn begins_sign(&self, words: &[Word]) -> bool {
        words.first().is_none_or(|word| word.plain.is_empty())
            || mail_words::sign(self.language, words, !self.at_written).is_some()
    }

    /// What the words stand for.
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let (mut rest, mut local) = (self.words.as_slice(), true);
        while let Some(first) = rest.first() {
            let beside = pieces.last().is_some_and(Piece::is_spelled);
            let (piece, used) = self.piece(rest, local, beside).unwrap_or_else(|| {
                let (text, sign) = (first.text.clone(), first.plain.is_empty());
                (if sign { Piece::Sign(text) } else { Piece::Word(text) }, 1)
            });
            local &= !piece.is_at();
            join(&mut pieces, piece);
            rest = from(rest, used);
        }
        pieces
    }

    /// What more than a word or sign as it is stands at the front, and how many words it takes.
    fn piece(&self, words: &[Word], local: bool, beside: bool) -> Option<(Piece, usize)> {
        if let Some((sign, used)) = mail_words::sign(self.language, words, !self.at_written) {
            return Some((Piece::Sign(sign.to_owned()), used));
        }
        if let Some((letters, used)) = spelling::letters(self.language, words, beside) {
            return Some((Piece::Spelled(letters), used));
        }
        if !local {
            return None;
        }
        let (digits, used) = digits::leading(self.language, words)?;
        Some((Piece::Word(digits), used))
    }
}

/// The words from a place on.
fn from(words: &[Word], place: usize) -> &[Word] {
    words.get(place..).unwrap_or_default()
}

/// A stretch of an address.
#[derive(Debug)]
enum Piece {
    /// As it was said in one.
    Word(String),
    /// Letters that were said one by one.
    Spelled(String),
    /// A sign, or nothing where a full stop may only end a sentence.
    Sign(String),
}

impl Piece {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Spelled(text) | Self::Sign(text) => text,
        }
    }

    fn is_at(&self) -> bool {
        matches!(self, Self::Sign(sign) if sign == "@")
    }

    fn is_spelled(&self) -> bool {
        matches!(self, Self::Spelled(_))
    }
}

/// Adds a piece. A name that is said and then spelled counts once, as it is spelled.
fn join(pieces: &mut Vec<Piece>, piece: Piece) {
    let piece = match (pieces.pop(), piece) {
        (Some(Piece::Spelled(before)), Piece::Spelled(letters)) => {
            Piece::Spelled(before + &letters)
        }
        (before, piece) => {
            pieces.extend(before);
            piece
        }
    };
    pieces.push(piece);
    let same = |one: &str, other: &str| words::plain(one) == words::plain(other);
    let twice = match pieces.as_slice() {
        [.., Piece::Word(word), Piece::Spelled(letters)] if same(word, letters) => 2,
        [.., Piece::Spelled(letters), Piece::Word(word)] if same(word, letters) => 1,
        _ => return,
    };
    drop(pieces.remove(pieces.len() - twice));
}

/// The part before the sign. Case is kept, unless it was spelled.
fn local_part(language: Language, pieces: &[Piece]) -> String {
    let local: String = pieces.iter().map(|piece| latin(language, piece.text())).collect();
    let spelled = |piece: &Piece| piece.is_spelled() && piece.text().chars().count() >= SPELLED_MIN;
    if pieces.iter().any(spelled) { local.to_lowercase() } else { local }
}

/// The part after the sign, which comes first in the pieces.
fn domain_part(language: Language, pieces: &[Piece]) -> String {
    let mut domain = String::new();
    for piece in pieces.iter().skip(1) {
        let text = if piece.text().is_empty() { "." } else { piece.text() };
        let after_dot = domain.is_empty() || domain.ends_with('.');
        let text = if after_dot { text.trim_start_matches('.') } else { text };
        domain.push_str(&latin(language, text));
    }
    domain.trim_end_matches('.').to_lowercase()
}

/// Letters with marks as they are in addresses: hardly any address has them.
fn latin(language: Language, text: &str) -> String {
    let fold: fn(&str) -> String = match language {
        Language::German => words::fold_wide,
        Language::English
        | Language::Spanish
        | Language::French
        | Language::Portuguese
        | Language::Italian => words::fold,
    };
    let mut latin = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            latin.push(c);
        } else {
            latin.push_str(&fold(c.encode_utf8(&mut [0; 4])));
        }
    }
    latin
}
