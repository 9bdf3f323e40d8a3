//! What holds for every language, and how the tables of cases of each are tried.

mod english;
mod french;
mod german;
mod italian;
mod portuguese;
mod spanish;
mod text;

use std::collections::HashSet;

use jiff::civil::{DateTime, date, time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::{
    Conjunction, spoken_day, spoken_digits, spoken_email, spoken_list, spoken_minutes,
    spoken_moment, spoken_number, spoken_phone, spoken_price, spoken_ranges, spoken_slot,
    spoken_slots, spoken_text, spoken_time, spoken_week,
};
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::{DailyRange, WeeklyHours};

fn berlin() -> TimeZone {
    TimeZoneDatabase::bundled().get("Europe/Berlin").expect("a zone of the bundled database")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an RFC 3339 instant")
}

fn moment(text: &str) -> DateTime {
    text.parse().expect("a civil date and time")
}

fn week(text: &str) -> WeeklyHours {
    text.parse().expect("readable hours")
}

fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).expect("a number with a country code")
}

fn owned(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// Hour, minute, words.
fn try_times(language: Language, cases: &[(i8, i8, &str)]) {
    for (hour, minute, words) in cases {
        assert_eq!(spoken_time(language, time(*hour, *minute, 59, 0)), *words, "{hour}:{minute}");
    }
}

/// Days ahead of Monday the nineteenth of January, words.
fn try_days(language: Language, cases: &[(i64, &str)]) {
    let today = date(2026, 1, 19);
    for (ahead, words) in cases {
        assert_eq!(spoken_day(language, today + ahead.days(), today), *words, "{ahead}");
    }
}

/// Days of January and times in UTC, words; said on Sunday the eighteenth in Berlin.
fn try_choices(language: Language, cases: &[(&[&str], &str)]) {
    let now = at("2026-01-18T08:00Z");
    for (starts, words) in cases {
        let starts = starts.iter().map(|start| at(&format!("2026-01-{start}Z")));
        let starts: Vec<Timestamp> = starts.collect();
        assert_eq!(spoken_slots(language, &starts, &berlin(), now), *words, "{starts:?}");
    }
}

fn try_numbers(language: Language, cases: &[(u64, &str)]) {
    for (n, words) in cases {
        assert_eq!(spoken_number(language, *n), *words, "{n}");
    }
}

fn try_lengths(language: Language, cases: &[(u16, &str)]) {
    for (minutes, words) in cases {
        assert_eq!(spoken_minutes(language, *minutes), *words, "{minutes}");
    }
}

fn try_lists(language: Language, conjunction: Conjunction, cases: &[(&[&str], &str)]) {
    for (items, words) in cases {
        assert_eq!(spoken_list(language, &owned(items), conjunction), *words, "{items:?}");
    }
}

fn try_phones(language: Language, cases: &[(&str, &str)]) {
    for (number, words) in cases {
        assert_eq!(spoken_phone(language, &phone(number)), *words, "{number}");
    }
}

/// Local part, domain, words.
fn try_emails(language: Language, cases: &[(&str, &str, &str)]) {
    for (local, domain, words) in cases {
        let address = [*local, *domain].join("@");
        assert_eq!(spoken_email(language, &address), *words, "{address}");
    }
}

/// Hundredths, currency, words.
fn try_prices(language: Language, cases: &[(i64, &str, &str)]) {
    for (cents, currency, words) in cases {
        let micros = cents * 10_000;
        assert_eq!(spoken_price(language, micros, currency), *words, "{cents} {currency}");
    }
}

/// Opening hours as they are written, words.
fn try_weeks(language: Language, cases: &[(&str, &str)]) {
    for (hours, words) in cases {
        assert_eq!(spoken_week(language, &week(hours)), *words, "{hours}");
    }
}

fn try_ranges(language: Language, cases: &[(&[(u16, u16)], &str)]) {
    for (minutes, words) in cases {
        let ranges = minutes.iter().map(|(opens, closes)| DailyRange::new(*opens, *closes));
        let ranges: Vec<DailyRange> = ranges.collect::<Result<_, _>>().expect("ranges in order");
        assert_eq!(spoken_ranges(language, &ranges), *words, "{minutes:?}");
    }
}

fn has_number(words: &str) -> bool {
    words.chars().any(char::is_numeric)
}

#[test]
fn every_minute_of_the_day_is_said_differently_and_without_a_digit() {
    for language in Language::ALL {
        let minutes = (0..24).flat_map(|hour| (0..60).map(move |minute| time(hour, minute, 0, 0)));
        let said: HashSet<String> = minutes.map(|time| spoken_time(language, time)).collect();
        assert_eq!(said.len(), 24 * 60, "{language:?}");
        for words in &said {
            let speakable = words.chars().all(|c| c.is_alphabetic() || " -'".contains(c));
            assert!(speakable && !words.contains("  "), "{language:?}: {words}");
        }
    }
}

#[test]
fn every_day_of_a_year_is_said_differently_and_without_a_digit() {
    let today = date(2026, 1, 19);
    for language in Language::ALL {
        let days = (-60..300_i64).map(|ahead| spoken_day(language, today + ahead.days(), today));
        let said: HashSet<String> = days.collect();
        assert_eq!(said.len(), 360, "{language:?}");
        for words in &said {
            let speakable = words.chars().all(|c| c.is_alphabetic() || " -',".contains(c));
            assert!(speakable, "{language:?}: {words}");
        }
    }
}

#[test]
fn every_number_is_said_differently_and_without_a_digit() {
    let large = (4..64_u32).map(|power| (1_u64 << power) + 2_000);
    let numbers: HashSet<u64> = (0..2_100).chain(large).chain([u64::MAX]).collect();
    for language in Language::ALL {
        let said: HashSet<String> = numbers.iter().map(|n| spoken_number(language, *n)).collect();
        assert_eq!(said.len(), numbers.len(), "{language:?}");
        assert!(!said.iter().any(|words| has_number(words)), "{language:?}");
    }
}

#[test]
fn no_answer_has_a_digit() {
    for language in Language::ALL {
        for n in 0..400_u16 {
            let (long, number) = (n * 3, i64::from(n));
            let range = DailyRange::new(n, 1_440 - n).expect("short of noon");
            let answers = [
                spoken_minutes(language, long),
                spoken_price(language, (number - 200) * 1_234_567, "EUR"),
                spoken_price(language, number * 7_654_321, "P2N"),
                spoken_digits(language, &number.to_string()),
                spoken_phone(language, &phone(&format!("+49301234{n:03}"))),
                spoken_email(language, &format!("a{n}_b@c{n}.example")),
                spoken_text(language, &format!("Room {n}, {n}{n}²{n}"), 20),
                spoken_ranges(language, &[range]),
            ];
            for words in answers {
                assert!(!words.is_empty() && !has_number(&words), "{language:?}: {words}");
            }
        }
    }
}

#[test]
fn a_slot_is_said_like_the_moment_it_is_on_the_clock_of_its_zone() {
    let (now, start) = (at("2026-01-19T23:30Z"), at("2026-07-21T13:15Z"));
    let (today, local) = (date(2026, 1, 20), moment("2026-07-21T15:15"));
    for language in Language::ALL {
        let slot = spoken_slot(language, start, &berlin(), now);
        assert_eq!(slot, spoken_moment(language, local, today));
        assert!(slot.starts_with(&spoken_day(language, local.date(), today)), "{slot}");
        assert!(slot.ends_with(&spoken_time(language, local.time())), "{slot}");
    }
}

#[test]
fn what_is_never_or_nothing_is_said_with_nothing() {
    let now = at("2026-01-19T23:30Z");
    for language in Language::ALL {
        let nothing = [
            spoken_slots(language, &[], &berlin(), now),
            spoken_list(language, &[], Conjunction::And),
            spoken_week(language, &WeeklyHours::default()),
            spoken_ranges(language, &[]),
            spoken_digits(language, "none"),
            spoken_email(language, ""),
            spoken_text(language, " \n", 9),
        ];
        assert!(nothing.iter().all(String::is_empty), "{language:?}: {nothing:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_made_fit_to_be_said(
        anything in any::<String>(),
        likely in "(Dr\\.|St|a|Ä| |\n|[0-9]{1,12}|[.,:?!*_#`~/-]|://|²|½|٣){0,24}",
        words_max in 0_usize..12,
    ) {
        for language in Language::ALL {
            for text in [&anything, &likely] {
                let words = spoken_text(language, text, words_max);
                prop_assert!(words.split_whitespace().count() <= words_max);
                prop_assert!(!has_number(&words), "{}", words);
                prop_assert!(!words.contains(['.', '?', '!', '*', '_', '#', '`']), "{}", words);
                prop_assert!(!words.contains("  ") && words.trim() == words, "{}", words);
            }
        }
    }

    #[test]
    fn any_address_and_any_code_are_said_without_a_digit(text in any::<String>()) {
        for language in Language::ALL {
            prop_assert!(!has_number(&spoken_email(language, &text)));
            prop_assert!(!has_number(&spoken_digits(language, &text)));
            prop_assert!(!has_number(&spoken_price(language, i64::MIN, &text)));
        }
    }
}
