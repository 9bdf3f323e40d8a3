//! German, case by case.

use super::{
    try_choices, try_days, try_emails, try_lengths, try_lists, try_numbers, try_phones, try_prices,
    try_ranges, try_times, try_weeks,
};
use crate::domain::language::Language;
use crate::domain::speech::Conjunction;

const DE: Language = Language::German;

#[test]
fn times_are_said_as_people_say_them() {
    try_times(
        DE,
        &[
            (0, 0, "Mitternacht"),
            (0, 5, "null Uhr fünf nachts"),
            (0, 15, "Viertel nach zwölf nachts"),
            (0, 30, "halb eins nachts"),
            (0, 45, "Viertel vor eins nachts"),
            (1, 0, "ein Uhr nachts"),
            (6, 45, "Viertel vor sieben morgens"),
            (8, 30, "halb neun morgens"),
            (9, 0, "neun Uhr morgens"),
            (9, 10, "neun Uhr zehn morgens"),
            (9, 15, "Viertel nach neun morgens"),
            (9, 30, "halb zehn vormittags"),
            (9, 45, "Viertel vor zehn vormittags"),
            (11, 1, "elf Uhr eins vormittags"),
            (12, 0, "zwölf Uhr mittags"),
            (12, 30, "halb eins mittags"),
            (13, 0, "ein Uhr nachmittags"),
            (14, 30, "halb drei nachmittags"),
            (16, 21, "vier Uhr einundzwanzig nachmittags"),
            (19, 0, "sieben Uhr abends"),
            (22, 5, "zehn Uhr fünf abends"),
            (23, 45, "Viertel vor zwölf nachts"),
        ],
    );
}

#[test]
fn days_are_said_as_near_as_they_are() {
    try_days(
        DE,
        &[
            (-1, "am Sonntag, dem achtzehnten Januar"),
            (0, "heute"),
            (1, "morgen"),
            (2, "übermorgen"),
            (3, "am Donnerstag"),
            (6, "am Sonntag"),
            (7, "am Montag, dem sechsundzwanzigsten Januar"),
            (12, "am Samstag, dem einunddreißigsten Januar"),
            (13, "am Sonntag, dem ersten Februar"),
            (15, "am Dienstag, dem dritten Februar"),
            (19, "am Samstag, dem siebten Februar"),
            (20, "am Sonntag, dem achten Februar"),
            (31, "am Donnerstag, dem neunzehnten Februar"),
        ],
    );
}

#[test]
fn slots_of_one_day_name_it_once() {
    try_choices(
        DE,
        &[
            (&["19T08:30"], "morgen um halb zehn vormittags"),
            (&["20T23:00"], "am Mittwoch um Mitternacht"),
            (
                &["21T08:00", "21T10:00"],
                "am Mittwoch um neun Uhr morgens oder um elf Uhr vormittags",
            ),
            (
                &["21T08:00", "21T11:00", "21T13:30"],
                "am Mittwoch um neun Uhr morgens, um zwölf Uhr mittags \
                 oder um halb drei nachmittags",
            ),
            (
                &["18T13:00", "20T08:00"],
                "heute um zwei Uhr nachmittags oder übermorgen um neun Uhr morgens",
            ),
            (
                &["18T13:00", "18T14:00", "19T08:00"],
                "heute um zwei Uhr nachmittags oder um drei Uhr nachmittags, \
                 oder morgen um neun Uhr morgens",
            ),
            (
                &["18T13:00", "19T08:00", "26T15:00"],
                "heute um zwei Uhr nachmittags, morgen um neun Uhr morgens oder am Montag, \
                 dem sechsundzwanzigsten Januar um vier Uhr nachmittags",
            ),
        ],
    );
}

#[test]
fn numbers_are_said_in_words() {
    try_numbers(
        DE,
        &[
            (0, "null"),
            (1, "eins"),
            (16, "sechzehn"),
            (17, "siebzehn"),
            (21, "einundzwanzig"),
            (30, "dreißig"),
            (42, "zweiundvierzig"),
            (100, "einhundert"),
            (101, "einhunderteins"),
            (999, "neunhundertneunundneunzig"),
            (1_042, "eintausendzweiundvierzig"),
            (20_300, "zwanzigtausenddreihundert"),
            (101_000, "einhunderteintausend"),
            (1_000_000, "eine Million"),
            (2_000_001, "zwei Millionen eins"),
        ],
    );
}

#[test]
fn lengths_of_time_are_said_in_hours_and_minutes() {
    try_lengths(
        DE,
        &[
            (0, "null Minuten"),
            (1, "eine Minute"),
            (21, "einundzwanzig Minuten"),
            (30, "dreißig Minuten"),
            (60, "eine Stunde"),
            (90, "eine Stunde und dreißig Minuten"),
            (121, "zwei Stunden und eine Minute"),
            (1_440, "vierundzwanzig Stunden"),
        ],
    );
}

#[test]
fn lists_end_in_their_conjunction() {
    let three = ["rot", "grün", "blau"];
    try_lists(
        DE,
        Conjunction::And,
        &[(&three[..1], "rot"), (&three[..2], "rot und grün"), (&three, "rot, grün und blau")],
    );
    try_lists(DE, Conjunction::Or, &[(&three, "rot, grün oder blau")]);
}

#[test]
fn telephone_numbers_are_said_in_even_groups() {
    try_phones(
        DE,
        &[
            ("+4930123", "plus vier neun drei null, eins zwei drei"),
            (
                "+493012345678",
                "plus vier neun drei null, eins zwei drei vier, fünf sechs sieben acht",
            ),
        ],
    );
}

#[test]
fn addresses_are_spelled() {
    try_emails(
        DE,
        &[
            ("jörg.k", "example.com", "j ö r g Punkt k at example Punkt com"),
            ("m_2-b+x", "web.de", "m Unterstrich zwei Bindestrich b plus x at web Punkt d e"),
        ],
    );
}

#[test]
fn prices_are_said_in_units_and_hundredths() {
    try_prices(
        DE,
        &[
            (0, "EUR", "null Euro"),
            (100, "EUR", "ein Euro"),
            (4_500, "EUR", "fünfundvierzig Euro"),
            (1_250, "EUR", "zwölf Euro fünfzig"),
            (1_205, "EUR", "zwölf Euro und fünf Cent"),
            (1, "EUR", "ein Cent"),
            (10_100, "USD", "einhundertein Dollar"),
            (2_101, "GBP", "einundzwanzig Pfund und ein Penny"),
            (-1_200, "CHF", "minus zwölf Franken"),
            (100, "INR", "eine Rupie"),
            (1_250, "PLN", "zwölf P L N fünfzig"),
            (100_000_000, "EUR", "eine Million Euro"),
        ],
    );
}

#[test]
fn days_of_the_week_with_the_same_hours_are_said_together() {
    try_weeks(
        DE,
        &[
            ("closed", ""),
            (
                "mon-fri 09:00-17:00; sat 10:00-14:00",
                "montags bis freitags von neun Uhr morgens bis fünf Uhr nachmittags \
                 und samstags von zehn Uhr vormittags bis zwei Uhr nachmittags",
            ),
            (
                "mon-tue 09:00-12:30 14:00-18:00; sun 10:00-12:00",
                "montags und dienstags von neun Uhr morgens bis halb eins mittags und von zwei \
                 Uhr nachmittags bis sechs Uhr abends, und sonntags von zehn Uhr vormittags bis \
                 zwölf Uhr mittags",
            ),
            ("daily 08:00-24:00", "täglich von acht Uhr morgens bis Mitternacht"),
        ],
    );
}

#[test]
fn ranges_of_a_day_are_said_after_one_another() {
    try_ranges(
        DE,
        &[
            (&[(540, 750)], "von neun Uhr morgens bis halb eins mittags"),
            (
                &[(540, 720), (840, 1_020), (1_080, 1_440)],
                "von neun Uhr morgens bis zwölf Uhr mittags, von zwei Uhr nachmittags bis fünf \
                 Uhr nachmittags und von sechs Uhr abends bis Mitternacht",
            ),
        ],
    );
}
