//! Words as they are compared: without case and marks, and phrases of such words.
//!
//! Never translates: a letter becomes its nearest plain form, whatever the language.

/// A word as it was written, and as it is compared.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// As written.
    pub(super) text: String,
    /// Its letters and digits without case and marks; empty for a sign.
    pub(super) plain: String,
}

impl Word {
    /// Takes a word as it was written.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), plain: plain(text) }
    }

    /// The letter it is, in lower case, when it is a single one.
    pub(super) fn letter(&self) -> Option<String> {
        let mut signs = self.text.chars().filter(|c| !is_mark(*c));
        let alone = signs.next().is_some_and(char::is_alphabetic) && signs.next().is_none();
        alone.then(|| self.text.to_lowercase())
    }
}

/// How many words at the front are one of the phrases; the longest counts. Phrases are plain words
/// with one space between them, and are set apart by `|`.
pub(super) fn leads(words: &[Word], phrases: &str) -> usize {
    each(phrases).map(|phrase| said_first(words, phrase)).max().unwrap_or(0)
}

/// How many words at the end are one of the phrases; the longest counts.
pub(super) fn trails(words: &[Word], phrases: &str) -> usize {
    let said = each(phrases).map(|phrase| {
        let start = words.len().checked_sub(phrase.split(' ').count());
        start.and_then(|start| words.get(start..)).map_or(0, |tail| said_first(tail, phrase))
    });
    said.max().unwrap_or(0)
}

fn each(phrases: &str) -> impl Iterator<Item = &str> {
    phrases.split('|').filter(|phrase| !phrase.is_empty())
}

/// How many words the phrase has, if the words begin with it; else none.
fn said_first(words: &[Word], phrase: &str) -> usize {
    let mut rest = phrase;
    for (place, word) in words.iter().enumerate() {
        match rest.strip_prefix(word.plain.as_str()) {
            Some("") => return place + 1,
            Some(behind) => match behind.strip_prefix(' ') {
                Some(next) => rest = next,
                None => return 0,
            },
            None => return 0,
        }
    }
    0
}

/// Only the letters and digits of a text, without case and marks.
pub(super) fn plain(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A text without case and marks; a letter with a mark becomes the letter: `ü` is `u`.
pub(super) fn fold(text: &str) -> String {
    folded(text, narrow)
}

/// A text without case and marks; a letter that has a spelling of its own without its mark becomes
/// that: `ü` is `ue`.
pub(super) fn fold_wide(text: &str) -> String {
    folded(text, |c| among(WIDE, c).or_else(|| narrow(c)))
}

fn folded(text: &str, plain: impl Fn(char) -> Option<&'static str>) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            continue;
        }
        for lower in c.to_lowercase().filter(|c| !is_mark(*c)) {
            match plain(lower) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(lower),
            }
        }
    }
    folded
}

/// Letters with marks, and what is left without them.
const NARROW: &[(&str, &str)] = &[
    ("àáâãäåāăą", "a"),
    ("æ", "ae"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņň", "n"),
    ("òóôõöøōŏő", "o"),
    ("œ", "oe"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ß", "ss"),
    ("ţťŧț", "t"),
    ("þ", "th"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
];

/// Letters that are written with two where the mark cannot be.
const WIDE: &[(&str, &str)] = &[("äæ", "ae"), ("öø", "oe"), ("ü", "ue"), ("å", "aa")];

fn narrow(c: char) -> Option<&'static str> {
    among(NARROW, c)
}

fn among(table: &[(&str, &'static str)], c: char) -> Option<&'static str> {
    table.iter().find(|(marked, _)| marked.contains(c)).map(|(_, plain)| *plain)
}

/// A mark that stands on the letter before it.
pub(super) fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A sign that ties two parts of one word without a gap.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | 'ʼ')
}

/// A short stroke between words.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
