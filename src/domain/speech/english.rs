//! English: the clock of twelve hours with the part of the day, dates as ordinals.

use jiff::civil::{Date, Time, Weekday};

use super::{Money, Signs, Tongue, hour_and_minute, masculine, money, named, on_dial, word};

pub(super) static TONGUE: Tongue = Tongue {
    time,
    at: "at ",
    repeats_at: false,
    from: |opens| format!("from {opens}"),
    to: "to ",
    near: &["today", "tomorrow"],
    on_weekday: weekday,
    on_date: date,
    on_each: weekday,
    through: |first, last| format!("{} to {}", weekday(first), weekday(last)),
    every_day: "every day",
    number: |n, _| number(n),
    zero_is_singular: false,
    of_millions: |many| many.to_owned(),
    and: |_| "and",
    or: |_| "or",
    serial_comma: true,
    hour: masculine("one hour", "hours"),
    minute: masculine("one minute", "minutes"),
    hours_joint: " ",
    money: &MONEY,
    cents_joint: " ",
    few_cents_joint: " and ",
    signs: Signs {
        at: "at",
        dot: "dot",
        dash: "dash",
        underscore: "underscore",
        plus: "plus",
        minus: "minus",
    },
};

static MONEY: [Money; 5] = [
    money("EUR", masculine("one euro", "euros"), masculine("one cent", "cents")),
    money("USD", masculine("one dollar", "dollars"), masculine("one cent", "cents")),
    money("GBP", masculine("one pound", "pounds"), masculine("one penny", "pence")),
    money("CHF", masculine("one Swiss franc", "Swiss francs"), masculine("one cent", "cents")),
    money("INR", masculine("one rupee", "rupees"), masculine("one paisa", "paise")),
];

fn time(time: Time) -> String {
    let (hour, minute) = hour_and_minute(time);
    let part = match hour {
        1..12 => "in the morning",
        12..17 => "in the afternoon",
        17..22 => "in the evening",
        0 | 22.. => "at night",
    };
    let on_clock = number(on_dial(hour));
    match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (0, 15) => "quarter past midnight".to_owned(),
        (0, 30) => "half past midnight".to_owned(),
        (12, 0) => "twelve noon".to_owned(),
        (23, 45) => "quarter to midnight".to_owned(),
        (_, 0) => format!("{on_clock} {part}"),
        (_, 15) => format!("quarter past {on_clock} {part}"),
        (_, 30) => format!("half past {on_clock} {part}"),
        (_, 45) => format!("quarter to {} {part}", number(on_dial(hour + 1))),
        (_, 1..10) => format!("{on_clock} oh {} {part}", number(minute)),
        (_, 10..) => format!("{on_clock} {} {part}", number(minute)),
    }
}

fn weekday(day: Weekday) -> String {
    named(&WEEKDAYS, day.to_monday_one_offset()).to_owned()
}

fn date(day: Date) -> String {
    let (nth, month) = (named(&ORDINALS, day.day()), named(&MONTHS, day.month()));
    format!("{} the {nth} of {month}", weekday(day.weekday()))
}

fn number(n: u64) -> String {
    match (n, n % 10) {
        (0..20, _) => word(&SMALL, n).to_owned(),
        (20..100, 0) => word(&TENS, n / 10 - 2).to_owned(),
        (20..100, ones) => format!("{}-{}", word(&TENS, n / 10 - 2), word(&SMALL, ones)),
        (100..1_000, _) => scaled(n, 100, "hundred"),
        (1_000..1_000_000, _) => scaled(n, 1_000, "thousand"),
        (1_000_000.., _) => scaled(n, 1_000_000, "million"),
    }
}

fn scaled(n: u64, scale: u64, unit: &str) -> String {
    let head = format!("{} {unit}", number(n / scale));
    match n % scale {
        0 => head,
        rest @ 1..100 => format!("{head} and {}", number(rest)),
        rest => format!("{head} {}", number(rest)),
    }
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

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

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
