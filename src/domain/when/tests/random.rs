//! Phrases thrown together at random: whatever they say, what is read out of them is sound.

use jiff::civil::DateTime;

use super::check_any;
use crate::domain::language::Language;
use crate::domain::when::vocabulary::{entries, table};

/// Phrases in each language in every run of the suite.
const PHRASES: u64 = 20_000;

/// Phrases of the long run, over all languages.
const PHRASES_LONG: u64 = 1_000_000;

/// What the phrases are made from.
const SEED: u64 = 0x66_72_6f_6e_74_64_65_73;

const NOWS: [DateTime; 7] = [
    super::TUESDAY,
    DateTime::constant(2026, 12, 31, 23, 59, 59, 999_999_999),
    DateTime::constant(2028, 2, 28, 12, 0, 30, 0),
    DateTime::constant(2026, 2, 28, 0, 0, 0, 0),
    DateTime::constant(2026, 11, 22, 9, 5, 0, 0),
    DateTime::constant(2026, 11, 16, 0, 0, 0, 0),
    DateTime::constant(2026, 11, 21, 23, 59, 0, 0),
];

const WRITTEN: [&str; 24] = [
    "9:30",
    "09:30",
    "9.30",
    "24:00",
    "0:00",
    "26.11.",
    "26.11",
    "26/11",
    "11/26",
    "4/5",
    "26.11.2026",
    "2026-11-26",
    "29.2.",
    "31/4",
    "9-11",
    "9h30",
    "3pm",
    "26th",
    ".",
    ":",
    "/",
    "-",
    "'",
    "99999",
];

/// Numbers that look random and are the same in every run: Marsaglia's xorshift.
struct Dice(u64);

impl Dice {
    /// A number below another.
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let most = u64::try_from(most).expect("a length fits");
        usize::try_from(self.0 % most).expect("it is below a length")
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        all.get(self.below(all.len())).expect("it is below the length")
    }

    fn sign(&mut self) -> char {
        let scalar = u32::try_from(self.below(0x11_0000)).expect("a scalar value fits");
        char::from_u32(scalar).unwrap_or('\u{fffd}')
    }

    /// A phrase of words that are known, numbers, signs and rubbish, at times cut off.
    fn phrase(&mut self, words: &[String]) -> String {
        let mut phrase = String::new();
        for _ in 0..=self.below(9) {
            match self.below(20) {
                0..=12 => phrase.push_str(self.of::<String>(words)),
                13..=15 => phrase.push_str(&self.below(40).to_string()),
                16..=18 => phrase.push_str(self.of::<&str>(&WRITTEN)),
                _ => phrase.push(self.sign()),
            }
            if self.below(8) > 0 {
                phrase.push(' ');
            }
        }
        if self.below(5) > 0 {
            return phrase;
        }
        let kept = self.below(phrase.chars().count() + 1);
        phrase.chars().take(kept).collect()
    }
}

fn check_random(language: Language, seed: u64, count: u64) {
    let words: Vec<String> = entries(table(language)).into_iter().map(|(text, _)| text).collect();
    let mut dice = Dice(seed);
    for _ in 0..count {
        let phrase = dice.phrase(&words);
        check_any(&phrase, language, *dice.of(&NOWS));
    }
}

#[test]
fn random_english_gives_sound_windows() {
    check_random(Language::English, SEED, PHRASES);
}

#[test]
fn random_german_gives_sound_windows() {
    check_random(Language::German, SEED, PHRASES);
}

#[test]
fn random_spanish_gives_sound_windows() {
    check_random(Language::Spanish, SEED, PHRASES);
}

#[test]
fn random_french_gives_sound_windows() {
    check_random(Language::French, SEED, PHRASES);
}

#[test]
fn random_portuguese_gives_sound_windows() {
    check_random(Language::Portuguese, SEED, PHRASES);
}

#[test]
fn random_italian_gives_sound_windows() {
    check_random(Language::Italian, SEED, PHRASES);
}

#[test]
#[ignore = "takes minutes: cargo test --release -- --ignored"]
fn a_million_random_phrases_give_sound_windows() {
    let languages = u64::try_from(Language::ALL.len()).expect("a length fits");
    for language in Language::ALL {
        check_random(language, !SEED, PHRASES_LONG.div_ceil(languages));
    }
}
