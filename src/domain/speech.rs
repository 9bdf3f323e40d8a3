//! Times, days, slots and numbers as people say them, for a voice that reads them out.
//!
//! Never writes a digit or a year, and never names a time zone.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::scheduling::interval::Span;

/// A language that can be spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// As in "half past nine in the morning" and "the twenty-sixth of January".
    English,
}

/// A time of day to the minute, such as "half past nine in the morning".
pub fn spoken_time(language: Language, time: Time) -> String {
    match language {
        Language::English => english_time(time),
    }
}

/// A day seen from `today`: "today", "tomorrow", a weekday up to six days ahead, and otherwise
/// the weekday with its date, such as "Tuesday the twenty-sixth of January".
pub fn spoken_day(language: Language, day: Date, today: Date) -> String {
    match language {
        Language::English => english_day(day, today),
    }
}

/// A start as the people of `zone` say it at `now`: "tomorrow at half past nine in the morning".
pub fn spoken_slot(
    language: Language,
    start: Timestamp,
    zone: &TimeZone,
    now: Timestamp,
) -> String {
    let today = zone.to_datetime(now).date();
    let local = zone.to_datetime(start);
    match language {
        Language::English => english_moment(local.date(), today, &english_time(local.time())),
    }
}

/// Slots as a choice, in the order given; days that follow one another are said once: "Tuesday at
/// nine in the morning or half past two in the afternoon". Nothing for no slots.
pub fn spoken_slots(language: Language, slots: &[Span], zone: &TimeZone, now: Timestamp) -> String {
    let today = zone.to_datetime(now).date();
    let starts: Vec<(Date, Time)> = slots
        .iter()
        .map(|slot| zone.to_datetime(slot.start()))
        .map(|local| (local.date(), local.time()))
        .collect();
    match language {
        Language::English => english_choice(&starts, today),
    }
}

/// A whole number in words; from a million on it counts in millions.
pub fn spoken_number(language: Language, n: u64) -> String {
    match language {
        Language::English => english_number(n),
    }
}

/// A length of time in minutes, such as "thirty minutes" or "one hour thirty minutes".
pub fn spoken_minutes(language: Language, minutes: u16) -> String {
    match language {
        Language::English => english_minutes(minutes),
    }
}

/// Items as one phrase: "a", "a or b", "a, b, or c" for the conjunction "or".
pub fn spoken_list(items: &[String], conjunction: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [one, other] => format!("{one} {conjunction} {other}"),
        [first @ .., last] => format!("{}, {conjunction} {last}", first.join(", ")),
    }
}

fn english_time(time: Time) -> String {
    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
    let part = match hour {
        1..12 => "in the morning",
        12..17 => "in the afternoon",
        17..22 => "in the evening",
        0 | 22.. => "at night",
    };
    let on_clock = english_hour(hour);
    match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (0, 15) => "quarter past midnight".to_owned(),
        (0, 30) => "half past midnight".to_owned(),
        (12, 0) => "twelve noon".to_owned(),
        (23, 45) => "quarter to midnight".to_owned(),
        (_, 0) => format!("{on_clock} {part}"),
        (_, 15) => format!("quarter past {on_clock} {part}"),
        (_, 30) => format!("half past {on_clock} {part}"),
        (_, 45) => format!("quarter to {} {part}", english_hour(hour + 1)),
        (_, 1..10) => format!("{on_clock} oh {} {part}", english_number(minute.into())),
        (_, 10..) => format!("{on_clock} {} {part}", english_number(minute.into())),
    }
}

/// The hour on a clock face of twelve.
fn english_hour(hour: u8) -> String {
    english_number(u64::from((hour + 11) % 12 + 1))
}

fn english_day(day: Date, today: Date) -> String {
    match day.duration_since(today).as_hours() / 24 {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => english_weekday(day.weekday()).to_owned(),
        _ => {
            let weekday = english_weekday(day.weekday());
            let (nth, month) = (named(&ORDINALS, day.day()), named(&MONTHS, day.month()));
            format!("{weekday} the {nth} of {month}")
        }
    }
}

fn english_moment(day: Date, today: Date, times: &str) -> String {
    format!("{} at {times}", english_day(day, today))
}

fn english_choice(starts: &[(Date, Time)], today: Date) -> String {
    let mut several = false;
    let mut days = Vec::new();
    for same_day in starts.chunk_by(|one, next| one.0 == next.0) {
        let times: Vec<String> = same_day.iter().map(|(_, time)| english_time(*time)).collect();
        several |= times.len() > 1;
        days.push(english_moment(same_day[0].0, today, &spoken_list(&times, "or")));
    }
    match days.as_slice() {
        // A comma keeps the last time of one day apart from the next day.
        [one, other] if several => format!("{one}, or {other}"),
        all => spoken_list(all, "or"),
    }
}

fn english_minutes(minutes: u16) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    match (hours, rest) {
        (0, _) => counted(rest, "minute"),
        (_, 0) => counted(hours, "hour"),
        _ => format!("{} {}", counted(hours, "hour"), counted(rest, "minute")),
    }
}

fn counted(count: u16, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {unit}{plural}", english_number(count.into()))
}

fn english_number(n: u64) -> String {
    match (n, n % 10) {
        (0..20, _) => small(n).to_owned(),
        (20..100, 0) => tens(n).to_owned(),
        (20..100, ones) => format!("{}-{}", tens(n), small(ones)),
        (100..1_000, _) => english_scaled(n, 100, "hundred"),
        (1_000..1_000_000, _) => english_scaled(n, 1_000, "thousand"),
        (1_000_000.., _) => english_scaled(n, 1_000_000, "million"),
    }
}

fn english_scaled(n: u64, scale: u64, unit: &str) -> String {
    let head = format!("{} {unit}", english_number(n / scale));
    match n % scale {
        0 => head,
        rest @ 1..100 => format!("{head} and {}", english_number(rest)),
        rest => format!("{head} {}", english_number(rest)),
    }
}

fn english_weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// The word for a number that counts from one.
fn named(words: &[&'static str], number: i8) -> &'static str {
    words[usize::from(number.unsigned_abs()) - 1]
}

/// The word for a number below twenty.
fn small(n: u64) -> &'static str {
    SMALL[usize::try_from(n).expect("a number below twenty fits")]
}

/// The word for the tens of a number from 20 to 99.
fn tens(n: u64) -> &'static str {
    TENS[usize::try_from(n / 10 - 2).expect("a number below ten fits")]
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const ORDINALS: [&str; 31] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::{date, time};
    use jiff::tz::TimeZoneDatabase;
    use jiff::{SignedDuration, ToSpan};

    use super::*;

    const EN: Language = Language::English;

    fn berlin() -> TimeZone {
        TimeZoneDatabase::bundled().get("Europe/Berlin").expect("a zone of the bundled database")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an RFC 3339 instant")
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let cases = [
            (0, 0, "midnight"),
            (0, 5, "twelve oh five at night"),
            (0, 15, "quarter past midnight"),
            (0, 45, "quarter to one at night"),
            (1, 0, "one in the morning"),
            (9, 0, "nine in the morning"),
            (9, 5, "nine oh five in the morning"),
            (9, 10, "nine ten in the morning"),
            (9, 30, "half past nine in the morning"),
            (11, 45, "quarter to twelve in the morning"),
            (12, 0, "twelve noon"),
            (12, 30, "half past twelve in the afternoon"),
            (14, 15, "quarter past two in the afternoon"),
            (16, 45, "quarter to five in the afternoon"),
            (17, 0, "five in the evening"),
            (19, 25, "seven twenty-five in the evening"),
            (22, 0, "ten at night"),
            (23, 45, "quarter to midnight"),
        ];
        for (hour, minute, words) in cases {
            assert_eq!(spoken_time(EN, time(hour, minute, 59, 0)), words);
        }
    }

    #[test]
    fn every_minute_of_the_day_sounds_different_and_has_no_digit() {
        let minutes = (0..24).flat_map(|hour| (0..60).map(move |minute| time(hour, minute, 0, 0)));
        let said: HashSet<String> = minutes.map(|time| spoken_time(EN, time)).collect();
        assert_eq!(said.len(), 24 * 60);
        assert!(
            said.iter().all(|words| words.chars().all(|c| c.is_alphabetic() || " -".contains(c)))
        );
    }

    #[test]
    fn days_are_said_as_near_as_they_are() {
        let today = date(2026, 1, 19);
        let cases = [
            (0_i64, "today"),
            (1, "tomorrow"),
            (2, "Wednesday"),
            (6, "Sunday"),
            (7, "Monday the twenty-sixth of January"),
            (-1, "Sunday the eighteenth of January"),
            (347, "Friday the first of January"),
        ];
        for (ahead, words) in cases {
            assert_eq!(spoken_day(EN, today + ahead.days(), today), words);
        }
    }

    #[test]
    fn a_slot_is_said_by_the_clock_and_calendar_of_its_zone() {
        let now = at("2026-01-19T23:30Z");
        let cases = [
            ("2026-01-20T08:30Z", "today at half past nine in the morning"),
            ("2026-01-20T23:00Z", "tomorrow at midnight"),
            ("2026-01-22T16:00Z", "Thursday at five in the evening"),
            (
                "2026-07-21T13:15Z",
                "Tuesday the twenty-first of July at quarter past three in the afternoon",
            ),
        ];
        for (start, words) in cases {
            assert_eq!(spoken_slot(EN, at(start), &berlin(), now), words);
        }
    }

    #[test]
    fn slots_of_one_day_name_it_once() {
        let now = at("2026-01-18T08:00Z");
        let cases: [(&[&str], &str); 6] = [
            (&[], ""),
            (&["20T08:00"], "Tuesday at nine in the morning"),
            (&["20T08:00", "20T10:00"], "Tuesday at nine in the morning or eleven in the morning"),
            (
                &["20T08:00", "20T10:00", "20T13:30"],
                "Tuesday at nine in the morning, eleven in the morning, \
                 or half past two in the afternoon",
            ),
            (
                &["18T13:00", "19T08:00"],
                "today at two in the afternoon or tomorrow at nine in the morning",
            ),
            (
                &["18T13:00", "18T14:00", "19T08:00"],
                "today at two in the afternoon or three in the afternoon, \
                 or tomorrow at nine in the morning",
            ),
        ];
        for (starts, words) in cases {
            let slots: Vec<Span> = starts.iter().map(|start| slot(start)).collect();
            assert_eq!(spoken_slots(EN, &slots, &berlin(), now), words);
        }
    }

    fn slot(day_and_time: &str) -> Span {
        let start = at(&format!("2026-01-{day_and_time}Z"));
        Span::new(start, start + SignedDuration::from_mins(30)).expect("forward")
    }

    #[test]
    fn numbers_are_said_in_words() {
        let cases = [
            (0, "zero"),
            (13, "thirteen"),
            (20, "twenty"),
            (42, "forty-two"),
            (100, "one hundred"),
            (105, "one hundred and five"),
            (999, "nine hundred and ninety-nine"),
            (1_000, "one thousand"),
            (1_042, "one thousand and forty-two"),
            (20_300, "twenty thousand three hundred"),
            (999_999, "nine hundred and ninety-nine thousand nine hundred and ninety-nine"),
            (2_000_001, "two million and one"),
        ];
        for (n, words) in cases {
            assert_eq!(spoken_number(EN, n), words);
        }
        assert!(spoken_number(EN, u64::MAX).chars().all(|c| !c.is_numeric()));
    }

    #[test]
    fn lengths_of_time_are_said_in_hours_and_minutes() {
        let cases = [
            (0, "zero minutes"),
            (1, "one minute"),
            (30, "thirty minutes"),
            (60, "one hour"),
            (90, "one hour thirty minutes"),
            (121, "two hours one minute"),
            (1_440, "twenty-four hours"),
        ];
        for (minutes, words) in cases {
            assert_eq!(spoken_minutes(EN, minutes), words);
        }
    }

    #[test]
    fn lists_end_in_their_conjunction() {
        let words = ["red", "green", "blue"].map(str::to_owned);
        let expected = ["", "red", "red and green", "red, green, and blue"];
        for (count, phrase) in expected.into_iter().enumerate() {
            assert_eq!(spoken_list(&words[..count], "and"), phrase);
        }
    }
}
