//! English, case by case.

use super::{
    try_choices, try_days, try_emails, try_lengths, try_lists, try_numbers, try_phones, try_prices,
    try_ranges, try_times, try_weeks,
};
use crate::domain::language::Language;
use crate::domain::speech::Conjunction;

const EN: Language = Language::English;

#[test]
fn times_are_said_as_people_say_them() {
    try_times(
        EN,
        &[
            (0, 0, "midnight"),
            (0, 5, "twelve oh five at night"),
            (0, 15, "quarter past midnight"),
            (0, 30, "half past midnight"),
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
        ],
    );
}

#[test]
fn days_are_said_as_near_as_they_are() {
    try_days(
        EN,
        &[
            (-1, "Sunday the eighteenth of January"),
            (0, "today"),
            (1, "tomorrow"),
            (2, "Wednesday"),
            (3, "Thursday"),
            (6, "Sunday"),
            (7, "Monday the twenty-sixth of January"),
            (12, "Saturday the thirty-first of January"),
            (13, "Sunday the first of February"),
            (347, "Friday the first of January"),
        ],
    );
}

#[test]
fn slots_of_one_day_name_it_once() {
    try_choices(
        EN,
        &[
            (&["19T08:30"], "tomorrow at half past nine in the morning"),
            (&["20T23:00"], "Wednesday at midnight"),
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
            (
                &["18T13:00", "19T08:00", "26T15:00"],
                "today at two in the afternoon, tomorrow at nine in the morning, \
                 or Monday the twenty-sixth of January at four in the afternoon",
            ),
        ],
    );
}

#[test]
fn numbers_are_said_in_words() {
    try_numbers(
        EN,
        &[
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
        ],
    );
}

#[test]
fn lengths_of_time_are_said_in_hours_and_minutes() {
    try_lengths(
        EN,
        &[
            (0, "zero minutes"),
            (1, "one minute"),
            (30, "thirty minutes"),
            (60, "one hour"),
            (90, "one hour thirty minutes"),
            (121, "two hours one minute"),
            (1_440, "twenty-four hours"),
        ],
    );
}

#[test]
fn lists_end_in_their_conjunction() {
    let three = ["red", "green", "blue"];
    try_lists(
        EN,
        Conjunction::And,
        &[(&three[..1], "red"), (&three[..2], "red and green"), (&three, "red, green, and blue")],
    );
    try_lists(EN, Conjunction::Or, &[(&three, "red, green, or blue")]);
}

#[test]
fn telephone_numbers_are_said_in_even_groups() {
    try_phones(
        EN,
        &[
            ("+4930123", "plus four nine three zero, one two three"),
            ("+3531234567", "plus three five three one, two three four, five six seven"),
            (
                "+493012345678",
                "plus four nine three zero, one two three four, five six seven eight",
            ),
            (
                "+4930123456789",
                "plus four nine three zero, one two three, four five six, seven eight nine",
            ),
        ],
    );
}

#[test]
fn addresses_are_spelled() {
    try_emails(
        EN,
        &[
            ("Aoife.Byrne", "example.com", "a o i f e dot b y r n e at example dot com"),
            (
                "m_2-b+x",
                "mail.example.ie",
                "m underscore two dash b plus x at m a i l dot example dot i e",
            ),
            ("jo", "gmail.com", "j o at gmail dot com"),
        ],
    );
}

#[test]
fn prices_are_said_in_units_and_hundredths() {
    try_prices(
        EN,
        &[
            (0, "EUR", "zero euros"),
            (4_500, "EUR", "forty-five euros"),
            (1_250, "eur", "twelve euros fifty"),
            (1_205, "EUR", "twelve euros and five cents"),
            (50, "EUR", "fifty cents"),
            (100, "USD", "one dollar"),
            (2_101, "GBP", "twenty-one pounds and one penny"),
            (-1_200, "CHF", "minus twelve Swiss francs"),
            (20_000, "INR", "two hundred rupees"),
            (1_250, "PLN", "twelve P L N fifty"),
            (200_000_000, "EUR", "two million euros"),
        ],
    );
}

#[test]
fn days_of_the_week_with_the_same_hours_are_said_together() {
    try_weeks(
        EN,
        &[
            ("closed", ""),
            (
                "mon-fri 09:00-17:00; sat 10:00-14:00",
                "Monday to Friday from nine in the morning to five in the evening \
                 and Saturday from ten in the morning to two in the afternoon",
            ),
            (
                "mon-tue 09:00-12:30 14:00-18:00; sun 10:00-12:00",
                "Monday and Tuesday from nine in the morning to half past twelve in the \
                 afternoon and from two in the afternoon to six in the evening, and Sunday from \
                 ten in the morning to twelve noon",
            ),
            (
                "mon 09:00-12:00; wed 09:00-12:00; fri-sun 00:00-01:00",
                "Monday from nine in the morning to twelve noon, Wednesday from nine in the \
                 morning to twelve noon, and Friday to Sunday from midnight to one in the morning",
            ),
            ("daily 08:00-24:00", "every day from eight in the morning to midnight"),
        ],
    );
}

#[test]
fn ranges_of_a_day_are_said_after_one_another() {
    try_ranges(
        EN,
        &[
            (&[(540, 750)], "from nine in the morning to half past twelve in the afternoon"),
            (
                &[(540, 720), (840, 1_020)],
                "from nine in the morning to twelve noon \
                 and from two in the afternoon to five in the evening",
            ),
            (&[(0, 1_440)], "from midnight to midnight"),
        ],
    );
}
