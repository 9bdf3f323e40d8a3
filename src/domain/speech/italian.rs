//! Italian: the clock of twelve hours with the part of the day.

use jiff::civil::{Date, Time, Weekday};

use super::{
    Money, Signs, Tongue, feminine, hour_and_minute, masculine, money, named, on_dial, word,
};

pub(super) static TONGUE: Tongue = Tongue {
    time,
    at: "",
    repeats_at: true,
    // "Dalle nove", "dall'una" and "da mezzogiorno".
    from: |opens| format!("d{opens}"),
    to: "",
    near: &["oggi", "domani", "dopodomani"],
    on_weekday: |day| weekday(day).to_owned(),
    on_date: date,
    on_each,
    through,
    every_day: "tutti i giorni",
    number: |n, _| number(n),
    zero_is_singular: false,
    of_millions: |many| format!("di {many}"),
    and,
    or: |_| "o",
    serial_comma: false,
    hour: feminine("un'ora", "ore"),
    minute: masculine("un minuto", "minuti"),
    hours_joint: " e ",
    money: &MONEY,
    cents_joint: " e ",
    few_cents_joint: " e ",
    signs: Signs {
        at: "chiocciola",
        dot: "punto",
        dash: "trattino",
        underscore: "trattino basso",
        plus: "più",
        minus: "meno",
    },
};

static MONEY: [Money; 5] = [
    money("EUR", masculine("un euro", "euro"), masculine("un centesimo", "centesimi")),
    money("USD", masculine("un dollaro", "dollari"), masculine("un centesimo", "centesimi")),
    money("GBP", feminine("una sterlina", "sterline"), masculine("un penny", "pence")),
    money(
        "CHF",
        masculine("un franco svizzero", "franchi svizzeri"),
        masculine("un centesimo", "centesimi"),
    ),
    money("INR", feminine("una rupia", "rupie"), feminine("una paisa", "paise")),
];

fn time(time: Time) -> String {
    let (hour, minute) = hour_and_minute(time);
    // A quarter to an hour is said by the hour to come.
    let hour = if minute == 45 { (hour + 1) % 24 } else { hour };
    let at = match hour {
        0 => "a mezzanotte".to_owned(),
        12 => "a mezzogiorno".to_owned(),
        1 | 13 => "all'una".to_owned(),
        _ => format!("alle {}", number(on_dial(hour))),
    };
    let past = match (hour, minute) {
        (_, 0) => String::new(),
        (_, 15) => " e un quarto".to_owned(),
        (12, 30) => " e mezzo".to_owned(),
        (_, 30) => " e mezza".to_owned(),
        (_, 45) => " meno un quarto".to_owned(),
        (_, 1..) => format!(" e {}", number(minute)),
    };
    let part = match hour {
        0 | 12 => "",
        1..4 => " di notte",
        4..12 => " del mattino",
        13..18 => " del pomeriggio",
        18.. => " di sera",
    };
    format!("{at}{past}{part}")
}

fn weekday(day: Weekday) -> &'static str {
    named(&WEEKDAYS, day.to_monday_one_offset())
}

fn on_each(day: Weekday) -> String {
    let article = if day == Weekday::Sunday { "la" } else { "il" };
    format!("{article} {}", weekday(day))
}

fn through(first: Weekday, last: Weekday) -> String {
    let to = if last == Weekday::Sunday { "alla" } else { "al" };
    format!("dal {} {to} {}", weekday(first), weekday(last))
}

fn date(day: Date) -> String {
    let nth = match day.day() {
        1 => "primo".to_owned(),
        nth => number(nth.unsigned_abs().into()),
    };
    format!("{} {nth} {}", weekday(day.weekday()), named(&MONTHS, day.month()))
}

/// "Ed" before the same sound.
fn and(next: &str) -> &'static str {
    if next.starts_with(['e', 'E', 'è', 'È', 'é', 'É']) { "ed" } else { "e" }
}

fn number(n: u64) -> String {
    match n {
        0..1_000_000 => accented(below_million(n)),
        1_000_000.. => {
            let millions = match n / 1_000_000 {
                1 => "un milione".to_owned(),
                several => format!("{} milioni", number(several)),
            };
            match n % 1_000_000 {
                0 => millions,
                rest @ 1..100 => format!("{millions} e {}", number(rest)),
                rest => format!("{millions} {}", number(rest)),
            }
        }
    }
}

/// "Ventitré" for "ventitre"; "tre" by itself has no accent.
fn accented(number: String) -> String {
    match number.strip_suffix("tre").filter(|head| !head.is_empty()) {
        Some(head) => format!("{head}tré"),
        None => number,
    }
}

/// In one word, without the accent at its end.
fn below_million(n: u64) -> String {
    match n {
        0..20 => word(&SMALL, n).to_owned(),
        20..100 => {
            let tens = word(&TENS, n / 10 - 2);
            match n % 10 {
                0 => tens.to_owned(),
                // The vowel of the tens gives way to that of "uno" and "otto".
                ones @ (1 | 8) => format!("{}{}", &tens[..tens.len() - 1], word(&SMALL, ones)),
                ones => format!("{tens}{}", word(&SMALL, ones)),
            }
        }
        100..1_000 => {
            let times = if n < 200 { "" } else { word(&SMALL, n / 100) };
            match n % 100 {
                0 => format!("{times}cento"),
                // One "o" is enough in "centotto" and "centottanta".
                rest @ (8 | 80..90) => format!("{times}cent{}", below_million(rest)),
                rest => format!("{times}cento{}", below_million(rest)),
            }
        }
        _ => {
            let thousands = match n / 1_000 {
                1 => "mille".to_owned(),
                several => format!("{}mila", below_million(several)),
            };
            match n % 1_000 {
                0 => thousands,
                rest => format!("{thousands}{}", below_million(rest)),
            }
        }
    }
}

const SMALL: [&str; 20] = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
];

const TENS: [&str; 8] =
    ["venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"];

const WEEKDAYS: [&str; 7] =
    ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"];

const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];
