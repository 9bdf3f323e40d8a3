//! Meanings that hang on the words beside them: numbers of several words, German "morgen",
//! English "may", "early" with a part of the day.
//!
//! Never looks farther than two words away.

use super::parts::Part;
use super::vocabulary::{Unit, Word};

/// Settles what the words mean beside each other. With `joins`, "and" joins tens to units.
pub fn compose(words: &[Word], joins: bool) -> Vec<Word> {
    let numbers = replaced(words, |rest| number(rest, joins));
    let settled = with_neighbours(&numbers, settle);
    let bare = with_neighbours(&settled, without_articles);
    replaced(&bare, part)
}

/// Replaces what the rule knows; the rule says how many words it took.
fn replaced(words: &[Word], rule: impl Fn(&[Word]) -> Option<(Word, usize)>) -> Vec<Word> {
    let (mut made, mut rest) = (Vec::with_capacity(words.len()), words);
    while let [first, ..] = rest {
        let (word, used) = rule(rest).unwrap_or((*first, 1));
        made.push(word);
        rest = rest.get(used..).unwrap_or_default();
    }
    made
}

/// Replaces each word by what the rule makes of it between its neighbours.
fn with_neighbours(words: &[Word], rule: fn(Word, Word, Word) -> [Option<Word>; 2]) -> Vec<Word> {
    let (mut made, mut before) = (Vec::with_capacity(words.len()), Word::End);
    for (at, word) in words.iter().enumerate() {
        let after = words.get(at + 1).copied().unwrap_or(Word::End);
        made.extend(rule(before, *word, after).into_iter().flatten());
        before = *word;
    }
    made
}

/// A number of several words.
fn number(words: &[Word], joins: bool) -> Option<(Word, usize)> {
    match *words {
        [Word::Digits(digits), Word::Nth, ..] => Some((Word::Ordinal(digits.small()?), 2)),
        [Word::Plus(more), Word::Number(number), ..] => {
            Some((Word::Number(number.saturating_add(more)), 2))
        }
        [Word::Plus(more), Word::Ordinal(number), ..] => {
            Some((Word::Ordinal(number.saturating_add(more)), 2))
        }
        [Word::Plus(more), Word::Article, ..] => Some((Word::Number(more.saturating_add(1)), 2)),
        [Word::Number(tens @ (20 | 30 | 40 | 50)), Word::Number(ones @ 1..=9), ..] => {
            Some((Word::Number(tens.saturating_add(ones)), 2))
        }
        [Word::Number(tens @ (20 | 30)), Word::Ordinal(ones @ 1..=9), ..] => {
            Some((Word::Ordinal(tens.saturating_add(ones)), 2))
        }
        [Word::Number(tens @ (20 | 30 | 40 | 50)), Word::And, Word::Number(ones @ 1..=9), ..]
            if joins =>
        {
            Some((Word::Number(tens.saturating_add(ones)), 3))
        }
        [Word::Number(tens @ (20 | 30 | 40 | 50)), Word::And, Word::Article, ..] if joins => {
            Some((Word::Number(tens.saturating_add(1)), 3))
        }
        _ => None,
    }
}

fn settle(before: Word, word: Word, after: Word) -> [Option<Word>; 2] {
    if let Word::Today(part) = word {
        return [Some(Word::Day(0)), Some(Word::Part(part))];
    }
    let said = if word == Word::Morgen {
        let is_part = matches!(
            before,
            Word::On | Word::Weekday(_) | Word::Day(_) | Word::Early | Word::This | Word::Morgen
        );
        if is_part { Word::Part(Part::Morning) } else { Word::Day(1) }
    } else if let Word::MaybeMonth(month) = word {
        Word::Month(month)
    } else {
        word
    };
    let no_month = !(opens_month(before) || is_number(before) || is_number(after));
    let idle = (matches!(word, Word::MaybeMonth(_)) && no_month)
        || (word == Word::This && after == Word::Coming)
        || (word == Word::Am && !ends_time(before))
        || (word == Word::Article && (is_fraction(before) || is_fraction(after)));
    [(!idle).then_some(said), None]
}

fn is_number(word: Word) -> bool {
    matches!(word, Word::Number(_) | Word::Ordinal(_) | Word::Digits(_) | Word::The)
}

fn is_fraction(word: Word) -> bool {
    matches!(word, Word::Half | Word::Quarter)
}

/// Stands before a month: "in May", "end of May".
fn opens_month(word: Word) -> bool {
    matches!(
        word,
        Word::In
            | Word::Next
            | Word::This
            | Word::Early
            | Word::Late
            | Word::Begin
            | Word::Middle
            | Word::Finish
            | Word::Until
    )
}

/// Ends a time of day that "am" may follow.
fn ends_time(word: Word) -> bool {
    matches!(
        word,
        Word::Number(_) | Word::Digits(_) | Word::Time(..) | Word::Dotted(..) | Word::OClock
    )
}

/// Drops "the" and "on" unless a number follows, "at" behind another link, and a stray "th".
fn without_articles(before: Word, word: Word, after: Word) -> [Option<Word>; 2] {
    let linked = matches!(
        before,
        Word::After | Word::Before | Word::From | Word::Until | Word::To | Word::Between | Word::In
    );
    let numbered = matches!(after, Word::Number(_) | Word::Digits(_));
    let idle = (matches!(word, Word::The | Word::On) && !numbered)
        || (word == Word::At && linked)
        || word == Word::Nth;
    [(!idle).then_some(word), None]
}

/// A part of the day with what is said of it: "early in the morning", "fin d'après-midi".
fn part(words: &[Word]) -> Option<(Word, usize)> {
    match *words {
        [Word::Part(part), Word::Early, ..] => Some((Word::Part(part.early()), 2)),
        [Word::Part(part), Word::Late, ..] => Some((Word::Part(part.late()), 2)),
        [edge, Word::In, whole, ..] => Some((Word::Part(edge_of(edge, whole)?), 3)),
        [edge, whole, ..] => Some((Word::Part(edge_of(edge, whole)?), 2)),
        _ => None,
    }
}

fn edge_of(edge: Word, whole: Word) -> Option<Part> {
    let (early, late) = if let Word::Part(part) = whole {
        (part.early(), part.late())
    } else if whole == Word::Unit(Unit::Day) {
        (Part::EarlyMorning, Part::LateAfternoon)
    } else {
        return None;
    };
    if matches!(edge, Word::Early | Word::Begin) {
        Some(early)
    } else if matches!(edge, Word::Late | Word::Finish) {
        Some(late)
    } else {
        None
    }
}
