//! French: the clock of 24 hours as a receptionist uses it, with quarters and halves up to noon.

use jiff::civil::{Date, Time, Weekday};

use super::{Form, Money, Signs, Tongue, feminine, hour_and_minute, masculine, money, named, word};

pub(super) static TONGUE: Tongue = Tongue {
    time,
    at: "à ",
    repeats_at: true,
    from,
    to: "à ",
    near: &["aujourd'hui", "demain", "après-demain"],
    on_weekday: |day| weekday(day).to_owned(),
    on_date: date,
    on_each: |day| format!("le {}", weekday(day)),
    through: |first, last| format!("du {} au {}", weekday(first), weekday(last)),
    every_day: "tous les jours",
    number,
    zero_is_singular: true,
    of_millions,
    and: |_| "et",
    or: |_| "ou",
    serial_comma: false,
    hour: feminine("une heure", "heures"),
    minute: feminine("une minute", "minutes"),
    hours_joint: " et ",
    money: &MONEY,
    cents_joint: " ",
    few_cents_joint: " et ",
    signs: Signs {
        at: "arobase",
        dot: "point",
        dash: "tiret",
        underscore: "tiret bas",
        plus: "plus",
        minus: "moins",
    },
};

static MONEY: [Money; 5] = [
    money("EUR", masculine("un euro", "euros"), masculine("un centime", "centimes")),
    money("USD", masculine("un dollar", "dollars"), masculine("un cent", "cents")),
    money("GBP", feminine("une livre", "livres"), masculine("un penny", "pence")),
    money(
        "CHF",
        masculine("un franc suisse", "francs suisses"),
        masculine("un centime", "centimes"),
    ),
    money("INR", feminine("une roupie", "roupies"), masculine("un paisa", "paisas")),
];

fn time(time: Time) -> String {
    let (hour, minute) = hour_and_minute(time);
    let spoken = match (hour, minute) {
        (_, 0) => on_clock(hour),
        (0..=12, 15) => format!("{} et quart", on_clock(hour)),
        (0 | 12, 30) => format!("{} et demi", on_clock(hour)),
        (1..12, 30) => format!("{} et demie", on_clock(hour)),
        (0..12, 45) => format!("{} moins le quart", on_clock(hour + 1)),
        (_, 1..) => format!("{} {}", on_clock(hour), number(minute, Form::Feminine)),
    };
    match (hour, minute) {
        // Without it they could be heard as hours of the afternoon or evening.
        (0, 45) | (1..8, _) => format!("{spoken} du matin"),
        (0 | 8.., _) => spoken,
    }
}

fn on_clock(hour: u64) -> String {
    match hour {
        0 => "minuit".to_owned(),
        1 => "une heure".to_owned(),
        12 => "midi".to_owned(),
        several => format!("{} heures", number(several, Form::Feminine)),
    }
}

fn from(opens: &str) -> String {
    if opens.starts_with("une ") { format!("d'{opens}") } else { format!("de {opens}") }
}

fn weekday(day: Weekday) -> &'static str {
    named(&WEEKDAYS, day.to_monday_one_offset())
}

fn date(day: Date) -> String {
    let nth = match day.day() {
        1 => "premier".to_owned(),
        nth => number(nth.unsigned_abs().into(), Form::Alone),
    };
    format!("{} {nth} {}", weekday(day.weekday()), named(&MONTHS, day.month()))
}

fn of_millions(many: &str) -> String {
    if many.starts_with(['a', 'e', 'i', 'o', 'u']) {
        format!("d'{many}")
    } else {
        format!("de {many}")
    }
}

fn number(n: u64, form: Form) -> String {
    let number = cardinal(n);
    match form {
        Form::Feminine if number.ends_with("un") => format!("{number}e"),
        Form::Alone | Form::Masculine | Form::Feminine => number,
    }
}

fn cardinal(n: u64) -> String {
    match n {
        0..17 => word(&SMALL, n).to_owned(),
        17..20 => format!("dix-{}", cardinal(n - 10)),
        20..60 => above_tens(word(&TENS, n / 10 - 2), n % 10),
        60..80 => above_tens("soixante", n - 60),
        80 => "quatre-vingts".to_owned(),
        81..100 => format!("quatre-vingt-{}", cardinal(n - 80)),
        100..200 => followed("cent".to_owned(), n % 100),
        200..1_000 => {
            let plural = if n.is_multiple_of(100) { "s" } else { "" };
            followed(format!("{} cent{plural}", cardinal(n / 100)), n % 100)
        }
        1_000..2_000 => followed("mille".to_owned(), n % 1_000),
        2_000..1_000_000 => followed(format!("{} mille", before_mille(n / 1_000)), n % 1_000),
        1_000_000.. => {
            let plural = if n / 1_000_000 == 1 { "" } else { "s" };
            let millions = cardinal(n / 1_000_000);
            followed(format!("{millions} million{plural}"), n % 1_000_000)
        }
    }
}

fn above_tens(tens: &str, rest: u64) -> String {
    match rest {
        0 => tens.to_owned(),
        1 | 11 => format!("{tens} et {}", cardinal(rest)),
        _ => format!("{tens}-{}", cardinal(rest)),
    }
}

/// "Cents" and "quatre-vingts" lose their plural before "mille".
fn before_mille(thousands: u64) -> String {
    let mut number = cardinal(thousands);
    if number.ends_with("cents") || number.ends_with("vingts") {
        number.pop();
    }
    number
}

fn followed(head: String, rest: u64) -> String {
    if rest == 0 { head } else { format!("{head} {}", cardinal(rest)) }
}

const SMALL: [&str; 17] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize",
];

const TENS: [&str; 4] = ["vingt", "trente", "quarante", "cinquante"];

const WEEKDAYS: [&str; 7] =
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
