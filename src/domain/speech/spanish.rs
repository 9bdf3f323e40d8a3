//! Spanish: the clock of twelve hours with the part of the day.

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
    near: &["hoy", "mañana", "pasado mañana"],
    on_weekday: |day| format!("el {}", weekday(day)),
    on_date: date,
    on_each,
    through: |first, last| format!("de {} a {}", weekday(first), weekday(last)),
    every_day: "todos los días",
    number,
    zero_is_singular: false,
    of_millions: |many| format!("de {many}"),
    and,
    or,
    serial_comma: false,
    hour: feminine("una hora", "horas"),
    minute: masculine("un minuto", "minutos"),
    hours_joint: " y ",
    money: &MONEY,
    cents_joint: " con ",
    few_cents_joint: " con ",
    signs: Signs {
        at: "arroba",
        dot: "punto",
        dash: "guion",
        underscore: "guion bajo",
        plus: "más",
        minus: "menos",
    },
};

static MONEY: [Money; 5] = [
    money("EUR", masculine("un euro", "euros"), masculine("un céntimo", "céntimos")),
    money("USD", masculine("un dólar", "dólares"), masculine("un centavo", "centavos")),
    money("GBP", feminine("una libra", "libras"), masculine("un penique", "peniques")),
    money(
        "CHF",
        masculine("un franco suizo", "francos suizos"),
        masculine("un céntimo", "céntimos"),
    ),
    money("INR", feminine("una rupia", "rupias"), feminine("una paisa", "paisas")),
];

fn time(time: Time) -> String {
    let (hour, minute) = hour_and_minute(time);
    let part = match (hour, minute) {
        (1..6, _) => "de la madrugada",
        (6..12, _) => "de la mañana",
        (12, 0..45) => "del mediodía",
        (12..20, _) => "de la tarde",
        (0 | 20.., _) => "de la noche",
    };
    match (hour, minute) {
        (0, 0) => "a medianoche".to_owned(),
        (_, 0) => format!("{} {part}", at(hour)),
        (_, 15) => format!("{} y cuarto {part}", at(hour)),
        (_, 30) => format!("{} y media {part}", at(hour)),
        (_, 45) => format!("{} menos cuarto {part}", at(hour + 1)),
        (_, 1..) => format!("{} y {} {part}", at(hour), number(minute, Form::Alone)),
    }
}

fn at(hour: u64) -> String {
    match on_dial(hour) {
        1 => "a la una".to_owned(),
        several => format!("a las {}", number(several, Form::Feminine)),
    }
}

/// "De las nueve" from "a las nueve".
fn from(opens: &str) -> String {
    format!("de {}", opens.strip_prefix("a ").unwrap_or(opens))
}

fn weekday(day: Weekday) -> &'static str {
    named(&WEEKDAYS, day.to_monday_one_offset())
}

fn on_each(day: Weekday) -> String {
    let name = weekday(day);
    let plural = if name.ends_with('s') { "" } else { "s" };
    format!("los {name}{plural}")
}

fn date(day: Date) -> String {
    let nth = match day.day() {
        1 => "primero".to_owned(),
        nth => number(nth.unsigned_abs().into(), Form::Alone),
    };
    format!("el {} {nth} de {}", weekday(day.weekday()), named(&MONTHS, day.month()))
}

/// "E" before the same sound, though not before a diphthong as in "hielo".
fn and(next: &str) -> &'static str {
    let next = next.to_lowercase();
    let sound = next.strip_prefix('h').unwrap_or(&next);
    let diphthong = ["ia", "ie", "io"].iter().any(|begins| sound.starts_with(*begins));
    if sound.starts_with(['i', 'í']) && !diphthong { "e" } else { "y" }
}

/// "U" before the same sound.
fn or(next: &str) -> &'static str {
    let next = next.to_lowercase();
    let sound = next.strip_prefix('h').unwrap_or(&next);
    if sound.starts_with(['o', 'ó']) { "u" } else { "o" }
}

fn number(n: u64, form: Form) -> String {
    match (n, form) {
        (1, Form::Masculine) => "un".to_owned(),
        (1, Form::Feminine) => "una".to_owned(),
        (21, Form::Masculine) => "veintiún".to_owned(),
        (21, Form::Feminine) => "veintiuna".to_owned(),
        (0..30, _) => word(&SMALL, n).to_owned(),
        (30..100, _) => {
            let tens = word(&TENS, n / 10 - 3);
            match n % 10 {
                0 => tens.to_owned(),
                ones => format!("{tens} y {}", number(ones, form)),
            }
        }
        (100, _) => "cien".to_owned(),
        (101..1_000, _) => followed(gendered(word(&HUNDREDS, n / 100 - 1), form), n % 100, form),
        (1_000..2_000, _) => followed("mil".to_owned(), n % 1_000, form),
        (2_000..1_000_000, _) => {
            let thousands = match form {
                Form::Alone | Form::Masculine => number(n / 1_000, Form::Masculine),
                Form::Feminine => number(n / 1_000, Form::Feminine),
            };
            followed(format!("{thousands} mil"), n % 1_000, form)
        }
        (1_000_000.., _) => {
            let millions = number(n / 1_000_000, Form::Masculine);
            let unit = if n / 1_000_000 == 1 { "millón" } else { "millones" };
            followed(format!("{millions} {unit}"), n % 1_000_000, form)
        }
    }
}

fn followed(head: String, rest: u64, form: Form) -> String {
    if rest == 0 { head } else { format!("{head} {}", number(rest, form)) }
}

const SMALL: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];

const TENS: [&str; 7] =
    ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];

const HUNDREDS: [&str; 9] = [
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];

const WEEKDAYS: [&str; 7] =
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];

const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
