//! Portuguese, in words that Brazil and Portugal share where there are such: the clock of twelve
//! hours with the part of the day, quarters as minutes.

use jiff::civil::{Date, Time, Weekday};

use super::{
    Form, Money, Signs, Tongue, feminine, gendered, hour_and_minute, masculine, money, named,
    on_dial, word,
};

pub(super) static TONGUE: Tongue = Tongue {
    time,
    at: "",
    repeats_at: true,
    from,
    to: "",
    near: &["hoje", "amanhã", "depois de amanhã"],
    on_weekday,
    on_date: date,
    on_each,
    through,
    every_day: "todos os dias",
    number,
    zero_is_singular: false,
    of_millions: |many| format!("de {many}"),
    and: |_| "e",
    or: |_| "ou",
    serial_comma: false,
    hour: feminine("uma hora", "horas"),
    minute: masculine("um minuto", "minutos"),
    hours_joint: " e ",
    money: &MONEY,
    cents_joint: " e ",
    few_cents_joint: " e ",
    signs: Signs {
        at: "arroba",
        dot: "ponto",
        dash: "hífen",
        underscore: "sublinhado",
        plus: "mais",
        minus: "menos",
    },
};

static MONEY: [Money; 5] = [
    money("EUR", masculine("um euro", "euros"), masculine("um cêntimo", "cêntimos")),
    money("USD", masculine("um dólar", "dólares"), masculine("um centavo", "centavos")),
    money("GBP", feminine("uma libra", "libras"), masculine("um pêni", "pence")),
    money(
        "CHF",
        masculine("um franco suíço", "francos suíços"),
        masculine("um cêntimo", "cêntimos"),
    ),
    money("INR", feminine("uma rupia", "rupias"), feminine("uma paisa", "paisas")),
];

fn time(time: Time) -> String {
    let (hour, minute) = hour_and_minute(time);
    let at = match hour {
        0 => "à meia-noite".to_owned(),
        12 => "ao meio-dia".to_owned(),
        1 | 13 => "à uma".to_owned(),
        _ => format!("às {}", number(on_dial(hour), Form::Feminine)),
    };
    let past = match minute {
        0 => String::new(),
        30 => " e meia".to_owned(),
        _ => format!(" e {}", number(minute, Form::Alone)),
    };
    let part = match hour {
        0 | 12 => "",
        1..6 => " da madrugada",
        6..12 => " da manhã",
        13..19 => " da tarde",
        19.. => " da noite",
    };
    format!("{at}{past}{part}")
}

/// "Das nove", "da uma" and "do meio-dia" from "às nove", "à uma" and "ao meio-dia".
fn from(opens: &str) -> String {
    match opens.strip_prefix('à') {
        Some(rest) => format!("da{rest}"),
        None => format!("do{}", opens.strip_prefix("ao").unwrap_or(opens)),
    }
}

fn weekday(day: Weekday) -> &'static str {
    named(&WEEKDAYS, day.to_monday_one_offset())
}

/// The weekday without "-feira", if it is none of the weekend.
fn working_day(day: Weekday) -> Option<&'static str> {
    weekday(day).strip_suffix("-feira")
}

fn on_weekday(day: Weekday) -> String {
    let article = if working_day(day).is_some() { "na" } else { "no" };
    format!("{article} {}", weekday(day))
}

fn on_each(day: Weekday) -> String {
    match working_day(day) {
        Some(short) => format!("às {short}s-feiras"),
        None => format!("aos {}s", weekday(day)),
    }
}

fn through(first: Weekday, last: Weekday) -> String {
    let short = working_day(first).unwrap_or_else(|| weekday(first));
    format!("de {short} a {}", weekday(last))
}

fn date(day: Date) -> String {
    let nth = match day.day() {
        1 => "primeiro".to_owned(),
        nth => number(nth.unsigned_abs().into(), Form::Alone),
    };
    format!("{}, {nth} de {}", on_weekday(day.weekday()), named(&MONTHS, day.month()))
}

fn number(n: u64, form: Form) -> String {
    match (n, form) {
        (1, Form::Feminine) => "uma".to_owned(),
        (2, Form::Feminine) => "duas".to_owned(),
        (0..20, _) => word(&SMALL, n).to_owned(),
        (20..100, _) => {
            let tens = word(&TENS, n / 10 - 2).to_owned();
            followed(tens, n % 10, form)
        }
        (100, _) => "cem".to_owned(),
        (101..1_000, _) => followed(gendered(word(&HUNDREDS, n / 100 - 1), form), n % 100, form),
        (1_000..2_000, _) => followed("mil".to_owned(), n % 1_000, form),
        (2_000..1_000_000, _) => {
            followed(format!("{} mil", number(n / 1_000, form)), n % 1_000, form)
        }
        (1_000_000.., _) => {
            let millions = number(n / 1_000_000, Form::Masculine);
            let unit = if n / 1_000_000 == 1 { "milhão" } else { "milhões" };
            followed(format!("{millions} {unit}"), n % 1_000_000, form)
        }
    }
}

/// "E" stands only before a rest that is small or round.
fn followed(head: String, rest: u64, form: Form) -> String {
    let is_round = rest.is_multiple_of(if rest < 1_000 { 100 } else { 1_000 });
    let joint = if rest < 100 || is_round { " e " } else { " " };
    if rest == 0 { head } else { format!("{head}{joint}{}", number(rest, form)) }
}

const SMALL: [&str; 20] = [
    "zero",
    "um",
    "dois",
    "três",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "catorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
];

const TENS: [&str; 8] =
    ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"];

const HUNDREDS: [&str; 9] = [
    "cento",
    "duzentos",
    "trezentos",
    "quatrocentos",
    "quinhentos",
    "seiscentos",
    "setecentos",
    "oitocentos",
    "novecentos",
];

const WEEKDAYS: [&str; 7] = [
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
    "domingo",
];

const MONTHS: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
