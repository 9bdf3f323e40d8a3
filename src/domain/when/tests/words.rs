//! Tests of the tables: each word once, written as phrases are compared.

use std::collections::HashMap;

use crate::domain::language::Language;
use crate::domain::when::tokens::folded;
use crate::domain::when::vocabulary::{LONGEST, entries, table};

#[test]
fn no_word_of_a_language_has_two_meanings() {
    for language in Language::ALL {
        let mut known = HashMap::new();
        for (text, word) in entries(table(language)) {
            let other = known.insert(text.clone(), word);
            assert_eq!(other, None, "{language:?}: {text}");
        }
    }
}

#[test]
fn every_word_is_written_as_phrases_are_compared() {
    for language in Language::ALL {
        let words = entries(table(language)).into_iter().map(|(text, _)| text);
        let heads = table(language).heads.iter().flat_map(|(slot, _)| slot.split('|'));
        for text in words.chain(heads.map(str::to_owned)) {
            let compared: String = folded(&text).into_iter().collect();
            assert_eq!(text, compared, "{language:?}");
            let parts: Vec<&str> = text.split(' ').collect();
            let plain = |part: &&str| !part.is_empty() && part.chars().all(char::is_alphabetic);
            assert!(parts.iter().all(plain), "{language:?}: {text:?}");
            assert!(parts.len() <= LONGEST, "{language:?}: {text:?}");
        }
    }
}
