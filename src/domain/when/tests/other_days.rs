//! Phrases on days where weeks, months and years end, and in the first and last minute of a day.

use jiff::civil::DateTime;

use super::check_table;
use crate::domain::language::Language;

fn check(now: DateTime, phrases: &[(&str, &str)]) {
    check_table(Language::English, now, phrases);
}

#[test]
fn the_last_day_of_the_year_leads_into_the_next() {
    let phrases = [
        ("today", "2026-12-31 14:32-24:00"),
        ("tomorrow", "2027-01-01"),
        ("the 31st", "2026-12-31 14:32-24:00"),
        ("the 1st", "2027-01-01"),
        ("january 1", "2027-01-01"),
        ("december 31", "2026-12-31 14:32-24:00"),
        ("december 30", "2027-12-30"),
        ("next week", "2027-01-04..2027-01-10"),
        ("this week", "2026-12-31..2027-01-03"),
        ("next month", "2027-01-01..2027-01-31"),
        ("end of the month", "2026-12-31 14:32-24:00"),
        ("in an hour", "2026-12-31 at 15:35"),
        ("friday", "2027-01-01"),
        ("next friday", "2027-01-01 | 2027-01-08"),
        ("at 9", "2027-01-01 at 09:00"),
        ("midnight", "2027-01-01 at 00:00"),
        ("first monday of next month", "2027-01-04"),
        ("next year", "2027-01-01..2027-12-31"),
        ("2027-01-01", "2027-01-01"),
        ("4 pm", "2026-12-31 at 16:00"),
        ("in two months", "2027-02-28"),
    ];
    check(DateTime::constant(2026, 12, 31, 14, 32, 0, 0), &phrases);
}

#[test]
fn the_29th_of_february_is_a_day_of_a_leap_year() {
    let phrases = [
        ("tomorrow", "2028-02-29"),
        ("day after tomorrow", "2028-03-01"),
        ("february 29", "2028-02-29"),
        ("the 29th", "2028-02-29"),
        ("29/2", "2028-02-29"),
        ("february 29 2029", "unknown"),
        ("end of the month", "2028-02-28..2028-02-29"),
        ("next month", "2028-03-01..2028-03-31"),
        ("in a year", "2029-02-28"),
        ("2028-02-29", "2028-02-29"),
        ("tuesday", "2028-02-29"),
        ("in two days", "2028-03-01"),
        ("last day of the month", "2028-02-29"),
    ];
    check(DateTime::constant(2028, 2, 28, 10, 0, 0, 0), &phrases);
}

#[test]
fn the_29th_of_february_is_no_day_of_other_years() {
    let phrases = [
        ("tomorrow", "2026-03-01"),
        ("february 29", "unknown"),
        ("the 29th", "2026-03-29"),
        ("29/2", "unknown"),
        ("2028-02-29", "unknown"),
        ("2028-02-28", "2028-02-28"),
        ("2028-02-27", "2028-02-27"),
        ("end of the month", "2026-02-28 10:00-24:00"),
        ("in a month", "2026-03-28"),
    ];
    check(DateTime::constant(2026, 2, 28, 10, 0, 0, 0), &phrases);
}

#[test]
fn a_week_ends_on_sunday() {
    let phrases = [
        ("this week", "2026-11-22 09:05-24:00"),
        ("next week", "2026-11-23..2026-11-29"),
        ("this weekend", "2026-11-22 09:05-24:00"),
        ("next weekend", "2026-11-28..2026-11-29"),
        ("sunday", "2026-11-22 09:05-24:00 | 2026-11-29"),
        ("monday", "2026-11-23"),
        ("next monday", "2026-11-23"),
        ("next sunday", "2026-11-29"),
        ("this sunday", "2026-11-22 09:05-24:00"),
        ("this saturday", "2026-11-28"),
        ("saturday", "2026-11-28"),
        ("tomorrow", "2026-11-23"),
        ("monday this week", "past"),
        ("at 9", "2026-11-23 at 09:00"),
        ("at 9:05", "2026-11-22 at 09:05"),
        ("at 9:04", "2026-11-23 at 09:04"),
        ("the week after next", "2026-11-30..2026-12-06"),
        ("weekend", "2026-11-22 09:05-24:00"),
        ("early next week", "2026-11-23..2026-11-25"),
        ("end of the week", "2026-11-26..2026-11-27"),
        ("in 5 minutes", "2026-11-22 at 09:10"),
    ];
    check(DateTime::constant(2026, 11, 22, 9, 5, 0, 0), &phrases);
}

#[test]
fn a_day_begins_at_midnight_and_a_week_on_monday() {
    let phrases = [
        ("today", "2026-11-16"),
        ("this week", "2026-11-16..2026-11-22"),
        ("monday", "2026-11-16 | 2026-11-23"),
        ("next monday", "2026-11-23"),
        ("next sunday", "2026-11-22 | 2026-11-29"),
        ("sunday", "2026-11-22"),
        ("this morning", "2026-11-16 00:00-12:00"),
        ("at midnight", "2026-11-17 at 00:00"),
        ("0:00", "2026-11-16 at 00:00"),
        ("tonight", "2026-11-16 17:00-24:00"),
        ("next weekend", "2026-11-21..2026-11-22 | 2026-11-28..2026-11-29"),
        ("tomorrow", "2026-11-17"),
        ("00:00 today", "2026-11-16 at 00:00"),
    ];
    check(DateTime::constant(2026, 11, 16, 0, 0, 0, 0), &phrases);
}

#[test]
fn the_last_minute_of_a_day_is_still_that_day() {
    let phrases = [
        ("today", "2026-11-21 23:59-24:00"),
        ("tonight", "2026-11-21 23:59-24:00"),
        ("tomorrow", "2026-11-22"),
        ("this weekend", "2026-11-21..2026-11-22"),
        ("next weekend", "2026-11-28..2026-11-29"),
        ("saturday", "2026-11-21 23:59-24:00 | 2026-11-28"),
        ("in an hour", "2026-11-22 at 01:00"),
        ("in 1 minute", "2026-11-22 at 00:00"),
        ("at 11:59 pm", "2026-11-21 at 23:59"),
        ("at 11:58 pm", "2026-11-22 at 23:58"),
        ("in the morning", "2026-11-22 00:00-12:00"),
        ("in the evening", "2026-11-21 23:59-24:00"),
        ("any time", "2026-11-21..2026-12-04"),
        ("midnight", "2026-11-22 at 00:00"),
        ("this week", "2026-11-21..2026-11-22"),
        ("next week", "2026-11-23..2026-11-29"),
    ];
    check(DateTime::constant(2026, 11, 21, 23, 59, 0, 0), &phrases);
}

#[test]
fn the_ends_of_the_calendar_are_no_reason_to_panic() {
    let ends = [DateTime::MIN, DateTime::MAX];
    let phrases = ["today", "yesterday", "tomorrow", "in 2 weeks", "last week", "next year"];
    let more = ["monday", "the 31st", "in 999 months", "5/6", "before monday", "end of the month"];
    for now in ends {
        for phrase in phrases.into_iter().chain(more) {
            super::read(Language::English, phrase, now);
        }
    }
}
