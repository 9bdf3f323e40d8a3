//! German: the clock of twelve hours with the part of the day, half hours said by the hour to
//! come.

use jiff::civil::{Date, Time, Weekday};

use super::{
    Form, Money, Signs, Tongue, feminine, hour_and_minute, masculine, money, named, on_dial, word,
};

pub(super) static TONGUE: Tongue = Tongue {
    time,
    at: "um ",
    repeats_at: true,
    from: |opens| format!("von {opens}"),
    to: "bis ",
    near: &["heute", "morgen", "übermorgen"],
    on_weekday: |day| format!("am {}", weekday(day)),
    on_date: date,
    on_each,
    through: |first, last| format!("{} bis {}", on_each(first), on_each(last)),
    every_day: "täglich",
    number,
    zero_is_singular: false,
    of_millions: |many| many.to_owned(),
    and: |_| "und",
    or: |_| "oder",
    serial_comma: false,
    hour: feminine("eine Stunde", "Stunden"),
    minute: feminine("eine Minute", "Minuten"),
    hours_joint: " und ",
    money: &MONEY,
    cents_joint: " ",
    few_cents_joint: " und ",
    signs: Signs {
        at: "at",
        dot: "Punkt",
        dash: "Bindestrich",
        underscore: "Unterstrich",
        plus: "plus",
        minus: "minus",
    },
};

static MONEY: [Money; 5] = [
    money("EUR", masculine("ein Euro", "Euro"), masculine("ein Cent", "Cent")),
    money("USD", masculine("ein Dollar", "Dollar"), masculine("ein Cent", "Cent")),
    money("GBP", masculine("ein Pfund", "Pfund"), masculine("ein Penny", "Pence")),
    money("CHF", masculine("ein Franken", "Franken"), masculine("ein Rappen", "Rappen")),
    money("INR", feminine("eine Rupie", "Rupien"), masculine("ein Paisa", "Paise")),
];

fn time(time: Time) -> String {
    let (hour, minute) = hour_and_minute(time);
    let part = match (hour, minute) {
        (0..4 | 23.., _) => "nachts",
        (4..9, _) | (9, 0..30) => "morgens",
        (9..12, _) => "vormittags",
        (12, _) => "mittags",
        (13..18, _) => "nachmittags",
        (18..23, _) => "abends",
    };
    let alone = |hour| number(on_dial(hour), Form::Alone);
    let before_uhr = match (hour, minute) {
        (0, 1..) => "null".to_owned(),
        _ => number(on_dial(hour), Form::Masculine),
    };
    match (hour, minute) {
        (0, 0) => "Mitternacht".to_owned(),
        (_, 0) => format!("{before_uhr} Uhr {part}"),
        (_, 15) => format!("Viertel nach {} {part}", alone(hour)),
        (_, 30) => format!("halb {} {part}", alone(hour + 1)),
        (_, 45) => format!("Viertel vor {} {part}", alone(hour + 1)),
        (_, 1..) => format!("{before_uhr} Uhr {} {part}", number(minute, Form::Alone)),
    }
}

fn weekday(day: Weekday) -> &'static str {
    named(&WEEKDAYS, day.to_monday_one_offset())
}

fn on_each(day: Weekday) -> String {
    format!("{}s", weekday(day).to_lowercase())
}

fn date(day: Date) -> String {
    let (nth, month) = (ordinal(day.day()), named(&MONTHS, day.month()));
    format!("am {}, dem {nth} {month}", weekday(day.weekday()))
}

/// As in "dem ersten".
fn ordinal(day: i8) -> String {
    let cardinal = number(day.unsigned_abs().into(), Form::Alone);
    match day {
        1 => "ersten".to_owned(),
        3 => "dritten".to_owned(),
        7 => "siebten".to_owned(),
        8 => "achten".to_owned(),
        ..20 => format!("{cardinal}ten"),
        20.. => format!("{cardinal}sten"),
    }
}

fn number(n: u64, form: Form) -> String {
    match n {
        1 => one(form).to_owned(),
        0..20 => word(&SMALL, n).to_owned(),
        20..100 => {
            let tens = word(&TENS, n / 10 - 2);
            match n % 10 {
                0 => tens.to_owned(),
                ones => format!("{}und{tens}", number(ones, Form::Masculine)),
            }
        }
        100..1_000 => scaled(n, 100, "hundert", form),
        1_000..1_000_000 => scaled(n, 1_000, "tausend", form),
        1_000_000.. => {
            let millions = number(n / 1_000_000, Form::Feminine);
            let unit = if n / 1_000_000 == 1 { "Million" } else { "Millionen" };
            match n % 1_000_000 {
                0 => format!("{millions} {unit}"),
                rest => format!("{millions} {unit} {}", number(rest, form)),
            }
        }
    }
}

fn one(form: Form) -> &'static str {
    match form {
        Form::Alone => "eins",
        Form::Masculine => "ein",
        Form::Feminine => "eine",
    }
}

fn scaled(n: u64, scale: u64, unit: &str, form: Form) -> String {
    let head = number(n / scale, Form::Masculine);
    match n % scale {
        0 => format!("{head}{unit}"),
        rest => format!("{head}{unit}{}", number(rest, form)),
    }
}

const SMALL: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];

const TENS: [&str; 8] =
    ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];

const WEEKDAYS: [&str; 7] =
    ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
