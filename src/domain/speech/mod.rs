//! Times, days, slots, numbers, addresses and names as people say them in each language, for a
//! voice that reads them out.
//!
//! What differs between languages is a `Tongue`, one a file; what is made of it is here, once.
//! Never says a digit or a year, and never names a time zone.

mod english;
mod french;
mod german;
mod italian;
mod portuguese;
mod spanish;
mod text;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::{self, Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use super::language::Language;
use super::phone::PhoneNumber;
use super::scheduling::hours::{DailyRange, WeeklyHours};

/// Millionths of a unit of money in a hundredth of it.
const MICROS_PER_CENT: u64 = 10_000;
/// Most digits of a telephone number that are said without a pause.
const PHONE_GROUP_MAX: usize = 4;
/// Parts of a mail domain that are said as words; all others are spelled.
const DOMAIN_WORDS: [&str; 14] = [
    "gmail",
    "outlook",
    "yahoo",
    "icloud",
    "hotmail",
    "gmx",
    "web",
    "example",
    "proton",
    "protonmail",
    "com",
    "org",
    "net",
    "info",
];

/// How a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conjunction {
    /// All of them: "and".
    And,
    /// One of them: "or".
    Or,
}

/// A time of day to the minute, such as "half past nine in the morning". In Spanish, Portuguese
/// and Italian the word for "at" belongs to it: "a las nueve y media de la mañana".
pub fn spoken_time(language: Language, time: Time) -> String {
    (tongue(language).time)(time)
}

/// A day seen from `today`, as it stands in a sentence: "today", "tomorrow", a weekday up to six
/// days ahead, and otherwise the weekday with its date, such as "Tuesday the twenty-sixth of
/// January".
pub fn spoken_day(language: Language, day: Date, today: Date) -> String {
    tongue(language).day(day, today)
}

/// A start as the people of `zone` say it at `now`: "tomorrow at half past nine in the morning".
pub fn spoken_slot(
    language: Language,
    start: Timestamp,
    zone: &TimeZone,
    now: Timestamp,
) -> String {
    spoken_slots(language, &[start], zone, now)
}

/// Starts as a choice, in the order given; days that follow one another are said once: "Tuesday at
/// nine in the morning or half past two in the afternoon". Nothing for no starts.
pub fn spoken_slots(
    language: Language,
    starts: &[Timestamp],
    zone: &TimeZone,
    now: Timestamp,
) -> String {
    let starts: Vec<DateTime> = starts.iter().map(|start| zone.to_datetime(*start)).collect();
    tongue(language).choice(&starts, zone.to_datetime(now).date())
}

/// A day and time by the clock on the wall: "tomorrow at half past nine in the morning".
pub fn spoken_moment(language: Language, at: DateTime, today: Date) -> String {
    tongue(language).choice(&[at], today)
}

/// A whole number in words; from a million on it counts in millions.
pub fn spoken_number(language: Language, n: u64) -> String {
    (tongue(language).number)(n, Form::Alone)
}

/// A length of time in minutes, such as "thirty minutes" or "one hour thirty minutes".
pub fn spoken_minutes(language: Language, minutes: u16) -> String {
    let tongue = tongue(language);
    let (hours, rest) = (minutes / 60, minutes % 60);
    let minutes_said = tongue.counted(rest.into(), &tongue.minute);
    if hours == 0 {
        return minutes_said;
    }
    let hours_said = tongue.counted(hours.into(), &tongue.hour);
    if rest == 0 { hours_said } else { [hours_said, minutes_said].join(tongue.hours_joint) }
}

/// Items as one phrase: "a", "a or b", "a, b, or c".
pub fn spoken_list(language: Language, items: &[String], conjunction: Conjunction) -> String {
    tongue(language).joined(items, conjunction, false)
}

/// Digits one by one: "four two seven one". What is no digit is left out.
pub fn spoken_digits(language: Language, digits: &str) -> String {
    tongue(language).digits(digits)
}

/// A telephone number in groups of digits, as even as they come: "plus four nine three zero, one
/// two three four, five six seven eight".
pub fn spoken_phone(language: Language, phone: &PhoneNumber) -> String {
    let tongue = tongue(language);
    let mut rest = phone.as_str().trim_start_matches('+');
    let mut groups = Vec::new();
    for left in (1..=rest.len().div_ceil(PHONE_GROUP_MAX)).rev() {
        let (group, after) = rest.split_at(rest.len().div_ceil(left));
        groups.push(tongue.digits(group));
        rest = after;
    }
    format!("{} {}", tongue.signs.plus, groups.join(", "))
}

/// An e-mail address letter by letter, but for the words of well-known domains: "a o i f e dot
/// b y r n e at example dot com". A sign that has no name of its own here is left out.
pub fn spoken_email(language: Language, address: &str) -> String {
    let tongue = tongue(language);
    let address = address.to_lowercase();
    let (local, domain) = match address.rsplit_once('@') {
        Some((local, domain)) => (local, Some(domain)),
        None => (address.as_str(), None),
    };
    let mut words = tongue.spelled(local);
    for (place, part) in domain.into_iter().flat_map(|domain| domain.split('.')).enumerate() {
        let sign = if place == 0 { tongue.signs.at } else { tongue.signs.dot };
        words.push(sign.to_owned());
        if DOMAIN_WORDS.contains(&part) {
            words.push(part.to_owned());
        } else {
            words.extend(tongue.spelled(part));
        }
    }
    words.join(" ")
}

/// Ranges of one day, 24:00 being midnight: "from nine in the morning to twelve noon and from two
/// in the afternoon to five in the evening". Nothing for no ranges.
pub fn spoken_ranges(language: Language, ranges: &[DailyRange]) -> String {
    let tongue = tongue(language);
    let said: Vec<String> = ranges.iter().map(|range| tongue.range(range)).collect();
    tongue.joined(&said, Conjunction::And, false)
}

/// The hours of a week; days that follow one another and have the same are said together: "Monday
/// to Friday from nine in the morning to five in the evening". Nothing when always closed.
pub fn spoken_week(language: Language, hours: &WeeklyHours) -> String {
    let tongue = tongue(language);
    let week = Weekday::Monday.cycle_forward().take(7).map(|day| {
        let ranges = hours.ranges().filter(|(on, _)| *on == day).map(|(_, range)| range);
        (day, ranges.collect::<Vec<DailyRange>>())
    });
    let week: Vec<(Weekday, Vec<DailyRange>)> = week.collect();
    let (mut said, mut several) = (Vec::new(), false);
    for alike in week.chunk_by(|one, next| one.1 == next.1) {
        let days: Vec<Weekday> = alike.iter().map(|(day, _)| *day).collect();
        let ranges = alike[0].1.as_slice();
        if !ranges.is_empty() {
            several |= ranges.len() > 1 || days.len() == 2;
            said.push(format!("{} {}", tongue.days(&days), spoken_ranges(language, ranges)));
        }
    }
    tongue.joined(&said, Conjunction::And, several)
}

/// A sum of money from its millionths, to the nearest hundredth: "forty-five euros", "twelve euros
/// fifty". A currency that has no name here is spelled by its code.
pub fn spoken_price(language: Language, micros: i64, currency: &str) -> String {
    let tongue = tongue(language);
    let all_cents = (micros.unsigned_abs() + MICROS_PER_CENT / 2) / MICROS_PER_CENT;
    let (units, cents) = (all_cents / 100, all_cents % 100);
    let named = tongue.money.iter().find(|money| money.code.eq_ignore_ascii_case(currency));
    let sum = match named {
        Some(money) => tongue.sum(money, units, cents),
        None => tongue.sum_in_code(currency, units, cents),
    };
    let is_debt = micros < 0 && all_cents > 0;
    if is_debt { format!("{} {sum}", tongue.signs.minus) } else { sum }
}

/// A name or other free text made fit to be said: numbers in words, no mark-up, nothing that ends
/// a sentence, and at most `words_max` words.
pub fn spoken_text(language: Language, text: &str, words_max: usize) -> String {
    text::fit(tongue(language), text, words_max)
}

fn tongue(language: Language) -> &'static Tongue {
    match language {
        Language::English => &english::TONGUE,
        Language::German => &german::TONGUE,
        Language::Spanish => &spanish::TONGUE,
        Language::French => &french::TONGUE,
        Language::Portuguese => &portuguese::TONGUE,
        Language::Italian => &italian::TONGUE,
    }
}

/// What a language says in its own way. A joint is what stands between two phrases, with its
/// spaces.
struct Tongue {
    /// A time of day, with its own word for "at" where `at` is empty.
    time: fn(Time) -> String,
    /// What comes before a time, with its space.
    at: &'static str,
    /// Whether `at` is said again before each further time of a day.
    repeats_at: bool,
    /// From a time, which is given as `time` says it.
    from: fn(&str) -> String,
    /// What comes before the time at which a range ends, with its space.
    to: &'static str,
    /// Today and the days after it that have names of their own.
    near: &'static [&'static str],
    /// On the next day of that name.
    on_weekday: fn(Weekday) -> String,
    /// On a day that is not near, by its date.
    on_date: fn(Date) -> String,
    /// On that weekday of each week.
    on_each: fn(Weekday) -> String,
    /// On each weekday from one to another.
    through: fn(Weekday, Weekday) -> String,
    every_day: &'static str,
    number: fn(u64, Form) -> String,
    /// Whether nothing is counted in the singular.
    zero_is_singular: bool,
    /// The plural of a thing as it follows whole millions.
    of_millions: fn(&str) -> String,
    /// The word before the last item of a list, which may hang on how the item begins.
    and: fn(&str) -> &'static str,
    or: fn(&str) -> &'static str,
    /// Whether a comma stands before the last of three items or more.
    serial_comma: bool,
    hour: Unit,
    minute: Unit,
    /// Between hours and minutes of a length.
    hours_joint: &'static str,
    money: &'static [Money],
    /// Between units of money and the bare number of hundredths.
    cents_joint: &'static str,
    /// Between units of money and fewer than ten hundredths, which are named.
    few_cents_joint: &'static str,
    signs: Signs,
}

impl Tongue {
    fn day(&self, day: Date, today: Date) -> String {
        let ahead = day.duration_since(today).as_hours() / 24;
        let near = usize::try_from(ahead).ok().and_then(|ahead| self.near.get(ahead));
        match near {
            Some(word) => (*word).to_owned(),
            None if (0..=6).contains(&ahead) => (self.on_weekday)(day.weekday()),
            None => (self.on_date)(day),
        }
    }

    fn choice(&self, starts: &[DateTime], today: Date) -> String {
        let (mut days, mut several) = (Vec::new(), false);
        for same_day in starts.chunk_by(|one, next| one.date() == next.date()) {
            several |= same_day.len() > 1;
            let day = self.day(same_day[0].date(), today);
            days.push(format!("{day} {}", self.times(same_day)));
        }
        self.joined(&days, Conjunction::Or, several)
    }

    /// The times of one day as a choice.
    fn times(&self, starts: &[DateTime]) -> String {
        let times = starts.iter().enumerate().map(|(place, start)| {
            let at = if place == 0 || self.repeats_at { self.at } else { "" };
            format!("{at}{}", (self.time)(start.time()))
        });
        self.joined(&times.collect::<Vec<String>>(), Conjunction::Or, false)
    }

    /// `several` says that an item holds several things itself: a comma keeps the last of them
    /// apart from the next item.
    fn joined(&self, items: &[String], conjunction: Conjunction, several: bool) -> String {
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => {
                let word = match conjunction {
                    Conjunction::And => (self.and)(last),
                    Conjunction::Or => (self.or)(last),
                };
                let has_comma = several || (self.serial_comma && first.len() > 1);
                let comma = if has_comma { "," } else { "" };
                format!("{}{comma} {word} {last}", first.join(", "))
            }
        }
    }

    fn range(&self, range: &DailyRange) -> String {
        let opens = (self.time)(time_of(range.opens_min()));
        let closes = (self.time)(time_of(range.closes_min()));
        format!("{} {}{closes}", (self.from)(&opens), self.to)
    }

    /// Days of each week that follow one another.
    fn days(&self, days: &[Weekday]) -> String {
        match days {
            [] => String::new(),
            [only] => (self.on_each)(*only),
            [one, other] => {
                let both = [(self.on_each)(*one), (self.on_each)(*other)];
                self.joined(&both, Conjunction::And, false)
            }
            all if all.len() == 7 => self.every_day.to_owned(),
            [first, .., last] => (self.through)(*first, *last),
        }
    }

    fn counted(&self, n: u64, unit: &Unit) -> String {
        let number = (self.number)(n, unit.form);
        match n {
            0 if self.zero_is_singular => {
                let noun = unit.one.split_once(' ').map_or(unit.many, |(_, noun)| noun);
                format!("{number} {noun}")
            }
            1 => unit.one.to_owned(),
            1_000_000.. if n.is_multiple_of(1_000_000) => {
                format!("{number} {}", (self.of_millions)(unit.many))
            }
            _ => format!("{number} {}", unit.many),
        }
    }

    fn sum(&self, money: &Money, units: u64, cents: u64) -> String {
        let units_said = self.counted(units, &money.unit);
        let cents_said = self.counted(cents, &money.cent);
        match (units, cents) {
            (_, 0) => units_said,
            (0, _) => cents_said,
            (_, 1..10) => [units_said, cents_said].join(self.few_cents_joint),
            (_, 10..) => [units_said, (self.number)(cents, Form::Alone)].join(self.cents_joint),
        }
    }

    fn sum_in_code(&self, code: &str, units: u64, cents: u64) -> String {
        let mut words = vec![(self.number)(units, Form::Alone)];
        words.extend(self.spelled(&code.to_uppercase()));
        if cents > 0 {
            words.push((self.number)(cents, Form::Alone));
        }
        words.join(" ")
    }

    fn digits(&self, text: &str) -> String {
        let digits = text.chars().filter_map(|c| c.to_digit(10));
        let words = digits.map(|digit| (self.number)(digit.into(), Form::Alone));
        words.collect::<Vec<String>>().join(" ")
    }

    /// Each letter and sign by itself.
    fn spelled(&self, text: &str) -> Vec<String> {
        text.chars().filter_map(|c| self.sign(c)).collect()
    }

    fn sign(&self, c: char) -> Option<String> {
        let name = match c {
            '@' => self.signs.at,
            '.' => self.signs.dot,
            '-' => self.signs.dash,
            '_' => self.signs.underscore,
            '+' => self.signs.plus,
            '0'..='9' => return Some(self.digits(c.encode_utf8(&mut [0; 4]))),
            _ => return (c.is_alphabetic() && !c.is_numeric()).then(|| c.to_string()),
        };
        Some(name.to_owned())
    }
}

/// What a number stands before: in many languages its last word follows that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing.
    Alone,
    /// A masculine or neuter noun, or one of a language without genders.
    Masculine,
    /// A feminine noun.
    Feminine,
}

/// Something that is counted.
struct Unit {
    /// One of it, with the number.
    one: &'static str,
    /// Several, without the number.
    many: &'static str,
    form: Form,
}

const fn masculine(one: &'static str, many: &'static str) -> Unit {
    Unit { one, many, form: Form::Masculine }
}

const fn feminine(one: &'static str, many: &'static str) -> Unit {
    Unit { one, many, form: Form::Feminine }
}

/// A currency that has a name.
struct Money {
    /// Its code (ISO 4217).
    code: &'static str,
    unit: Unit,
    /// The hundredth of its unit.
    cent: Unit,
}

const fn money(code: &'static str, unit: Unit, cent: Unit) -> Money {
    Money { code, unit, cent }
}

/// The names of signs.
struct Signs {
    at: &'static str,
    dot: &'static str,
    dash: &'static str,
    underscore: &'static str,
    plus: &'static str,
    minus: &'static str,
}

/// The time that many minutes after a day's midnight, in a day of 24 hours.
fn time_of(minutes: u16) -> Time {
    let part = |n: u16| i8::try_from(n).expect("an hour or a minute is below sixty");
    civil::time(part(minutes / 60 % 24), part(minutes % 60), 0, 0)
}

fn hour_and_minute(time: Time) -> (u64, u64) {
    (time.hour().unsigned_abs().into(), time.minute().unsigned_abs().into())
}

/// The hour on a clock face of twelve.
fn on_dial(hour: u64) -> u64 {
    (hour + 11) % 12 + 1
}

/// The word for a number that counts from zero.
fn word(words: &[&'static str], number: u64) -> &'static str {
    words[usize::try_from(number).expect("a number that has a word of its own fits")]
}

/// A number's word that ends in "os" before a masculine noun, as it stands before `form`.
fn gendered(word: &str, form: Form) -> String {
    match word.strip_suffix("os") {
        Some(stem) if form == Form::Feminine => format!("{stem}as"),
        Some(_) | None => word.to_owned(),
    }
}

/// The word for a number that counts from one.
fn named(words: &[&'static str], number: i8) -> &'static str {
    words[usize::from(number.unsigned_abs()) - 1]
}
