//! Tests that every line can be spoken in every language: short, in words, and in that language.

use std::collections::HashSet;

use super::{
    Appointment, Ask, Caller, Choice, Hours, Line, Plain, WORDS_MAX, fitting, line, lines, words,
};
use crate::domain::language::Language;
use crate::domain::scheduling::slots::NotOffered;

/// A value of each variant of an enum. It does not compile while one is left out.
macro_rules! every {
    ($kind:ident, $(
        $variant:ident
        $(($($value:expr),+ $(,)?))?
        $({ $($field:ident: $of:expr),+ $(,)? })?
    ),+ $(,)?) => {{
        let _complete = |one: &$kind| match one {
            $($kind::$variant { .. } => (),)+
        };
        vec![$(
            $kind::$variant $(($($value),+))? $({ $($field: $of),+ })?
        ),+]
    }};
}

#[test]
fn every_line_can_be_spoken_in_every_language() {
    for language in Language::ALL {
        for one in every_line(language) {
            let text = line(language, &one);
            let faults = faults(&text, sentences_max(&one));
            assert!(faults.is_empty(), "{language:?} {faults:?}: {text}");
        }
    }
}

#[test]
fn an_excuse_and_an_offer_make_one_answer() {
    for language in Language::ALL {
        let times = phrases(language).times.to_owned();
        let offers = [Line::Choice(Choice::Times { times }), Line::Plain(Plain::NothingNear)];
        let mut excuses: Vec<Line> = every_reason().into_iter().map(Line::NotOffered).collect();
        excuses.push(Line::Plain(Plain::NoneFree));
        for excuse in &excuses {
            for offer in &offers {
                let text = lines(language, &[excuse.clone(), offer.clone()]);
                let faults = faults(&text, 2);
                assert!(faults.is_empty(), "{language:?} {faults:?}: {text}");
            }
        }
    }
}

#[test]
fn no_language_borrows_a_sentence_from_another() {
    let plains = every_plain().into_iter().map(Line::Plain);
    let reasons = every_reason().into_iter().map(Line::NotOffered);
    for one in plains.chain(reasons) {
        let said = Language::ALL.map(|language| line(language, &one));
        let different: HashSet<&String> = said.iter().collect();
        assert_eq!(different.len(), said.len(), "{one:?}: {said:?}");
    }
}

#[test]
fn as_many_items_are_said_as_fit_into_one_breath() {
    let ten_each = |count: usize| "word ".repeat(10 * count);
    assert_eq!(words(&fitting(5, ten_each)), 20);
    assert_eq!(words(&fitting(2, ten_each)), 20);
    assert_eq!(words(&fitting(1, ten_each)), 10);
    let one_each = |count: usize| "word ".repeat(count);
    assert_eq!(words(&fitting(WORDS_MAX + 1, one_each)), WORDS_MAX);
}

#[test]
fn one_item_is_said_even_when_none_was_asked_for_or_none_fits() {
    let endless = |count: usize| "word ".repeat((WORDS_MAX + 1) * count);
    assert_eq!(words(&fitting(3, endless)), WORDS_MAX + 1);
    assert_eq!(words(&fitting(0, endless)), WORDS_MAX + 1);
}

/// How many sentences a line may have: one where another line is said with it.
fn sentences_max(line: &Line) -> usize {
    let with_another = match line {
        Line::NotOffered(_) => true,
        Line::Plain(plain) => matches!(plain, Plain::NoneFree | Plain::NothingNear),
        Line::Choice(choice) => matches!(choice, Choice::Times { .. } | Choice::TimesWith { .. }),
        Line::Missing(_)
        | Line::NotUnderstood(_)
        | Line::Question(_)
        | Line::Appointment(_)
        | Line::Hours(_)
        | Line::Caller(_) => false,
    };
    if with_another { 1 } else { 2 }
}

/// What keeps a text from being spoken well.
fn faults(text: &str, sentences_max: usize) -> Vec<&'static str> {
    let first_letter = text.chars().find(|letter| letter.is_alphabetic());
    let rules = [
        (text.is_empty(), "is empty"),
        (text.matches(ENDS).count() > sentences_max, "has too many sentences"),
        (!text.ends_with(ENDS), "does not end like a sentence"),
        (!first_letter.is_some_and(char::is_uppercase), "does not begin like a sentence"),
        (words(text) > WORDS_MAX, "is too long"),
        (text.contains(char::is_numeric), "has a digit"),
        (text.contains(UNSPOKEN), "has a character that is not spoken"),
        (text.contains("www") || text.contains("http"), "has an address of the web"),
        (text.contains("  ") || text != text.trim(), "has a space too many"),
        (text.contains(" ,") || text.contains(" ."), "has a gap before its punctuation"),
    ];
    rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect()
}

/// What a sentence ends with.
const ENDS: [char; 3] = ['.', '?', '!'];

/// What belongs to Markdown, to addresses, to a template that was not filled in, or to a layout.
const UNSPOKEN: [char; 20] = [
    '*', '_', '#', '`', '~', '|', '<', '>', '[', ']', '(', ')', '/', '\\', '@', '{', '}', '\n',
    '\t', '\u{a0}',
];

/// Every variant of every line, with all that can be left out and without it.
fn every_line(language: Language) -> Vec<Line> {
    let said = phrases(language);
    let mut all: Vec<Line> = every_plain().into_iter().map(Line::Plain).collect();
    all.extend(every_reason().into_iter().map(Line::NotOffered));
    for ask in every_ask(said) {
        all.push(Line::Missing(ask.clone()));
        all.push(Line::NotUnderstood(ask.clone()));
        all.push(Line::Question(ask));
    }
    for full in [false, true] {
        all.extend(every_choice(said, full).into_iter().map(Line::Choice));
        all.extend(every_appointment(said, full).into_iter().map(Line::Appointment));
        all.extend(every_caller(said, full).into_iter().map(Line::Caller));
    }
    all.extend(every_hours(said).into_iter().map(Line::Hours));
    all
}

fn every_plain() -> Vec<Plain> {
    every!(
        Plain,
        NotSetUp,
        CannotDoThat,
        Late,
        NothingOffered,
        NobodyForService,
        DaysBackwards,
        NoneFree,
        NothingNear,
        UnknownSlot,
        WasCancelled,
        IsOver,
        NoSuchAppointment,
        NoAppointments,
        TooMany,
        NotVerified,
        WrongCode,
        TooManyTries,
        MessageTaken,
        NoHours,
    )
}

fn every_reason() -> Vec<NotOffered> {
    every!(
        NotOffered, InThePast, TooSoon, TooFar, Closed, Holiday, OffGrid, StaffAway, Taken, Buffer,
        CapReached,
    )
}

fn every_ask(said: &Phrases) -> Vec<Ask> {
    let [one, other] = said.days.map(str::to_owned);
    every!(
        Ask,
        Again,
        Shorter,
        Day,
        DayAndTime,
        Time,
        PartOfDay,
        WhichOf(one, other),
        Name,
        Phone,
        Email,
        Code,
        Appointment,
        Message,
    )
}

fn every_choice(said: &Phrases, full: bool) -> Vec<Choice> {
    every!(
        Choice,
        Services { names: joined(&said.services, said.and), more: full },
        UnknownService { names: joined(&said.services, said.and), more: full },
        AmbiguousService { names: joined(&said.services, said.or) },
        OneBranch { place: said.places[0].to_owned() },
        Branches { names: joined(&said.places, said.and), more: full },
        UnknownBranch { names: joined(&said.places, said.and), more: full },
        AmbiguousBranch { names: joined(&said.places, said.or) },
        UnknownStaff { names: joined(&said.people, said.and), more: full },
        AmbiguousStaff { names: joined(&said.people, said.or) },
        Times { times: said.times.to_owned() },
        TimesWith { times: said.times.to_owned(), staff: said.people[0].to_owned() },
        DayPassed,
    )
}

fn every_appointment(said: &Phrases, full: bool) -> Vec<Appointment> {
    let service = || said.services[0].to_owned();
    let when = || said.whens[0].to_owned();
    let staff = || optional(said.people[0], full);
    every!(
        Appointment,
        Free { when: when() },
        Proposal { service: service(), when: when(), name: said.name.to_owned() },
        Booked {
            service: service(),
            when: when(),
            staff: staff(),
            code: optional(said.code, full),
        },
        Moved { service: service(), when: when(), staff: staff() },
        Cancelled { service: service(), when: when() },
        One { service: service(), when: when() },
        Several { list: two_appointments(said, said.and), more: full },
        Ambiguous { list: two_appointments(said, said.or) },
        Waiting { service: service() },
    )
}

fn every_hours(said: &Phrases) -> Vec<Hours> {
    let day = || said.days[0].to_owned();
    every!(
        Hours,
        OpenOn { day: day(), hours: said.hours.to_owned() },
        ClosedOn { day: day() },
        HolidayOn { day: day(), name: said.holiday.to_owned() },
        Weekly { hours: said.week.to_owned() },
    )
}

fn every_caller(said: &Phrases, full: bool) -> Vec<Caller> {
    every!(
        Caller,
        Noted { name: optional(said.name, full) },
        PhoneBack { phone: said.phone.to_owned() },
        EmailBack { email: said.email.to_owned() },
        WhichPerson { names: joined(&said.people, said.or) },
    )
}

fn optional(phrase: &str, full: bool) -> String {
    if full { phrase.to_owned() } else { String::new() }
}

fn joined(names: &[&str; 3], with: &str) -> String {
    let [first, second, last] = names;
    format!("{first}, {second} {with} {last}")
}

fn two_appointments(said: &Phrases, with: &str) -> String {
    let [one, other, _] = said.services;
    let [when, later] = said.whens;
    format!("{one} {when} {with} {other} {later}")
}

/// What is put into lines, as long as it usually is.
struct Phrases {
    and: &'static str,
    or: &'static str,
    services: [&'static str; 3],
    people: [&'static str; 3],
    places: [&'static str; 3],
    name: &'static str,
    holiday: &'static str,
    days: [&'static str; 2],
    whens: [&'static str; 2],
    times: &'static str,
    hours: &'static str,
    week: &'static str,
    code: &'static str,
    phone: &'static str,
    email: &'static str,
}

fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::French => &FRENCH,
        Language::Portuguese => &PORTUGUESE,
        Language::Italian => &ITALIAN,
    }
}

static ENGLISH: Phrases = Phrases {
    and: "and",
    or: "or",
    services: ["Haircut", "Colouring", "Manicure"],
    people: ["Anna", "Ben", "Clara"],
    places: ["High Street", "Old Town", "Harbour"],
    name: "Anna Byrne",
    holiday: "Christmas Day",
    days: ["Friday the twentieth of November", "Friday the twenty-seventh of November"],
    whens: ["Tuesday at nine in the morning", "Wednesday at three in the afternoon"],
    times: "Tuesday at nine in the morning or half past two in the afternoon",
    hours: "from nine to five",
    week: "Monday to Friday from nine to five and Saturday from ten to two",
    code: "one two three four",
    phone: "oh eight seven, five five five, oh one four two",
    email: "a n n a dot b y r n e at example dot com",
};

static GERMAN: Phrases = Phrases {
    and: "und",
    or: "oder",
    services: ["Haarschnitt", "Färben", "Maniküre"],
    people: ["Anna", "Jonas", "Clara"],
    places: ["Bahnhof", "Altstadt", "Am Hafen"],
    name: "Anna Berger",
    holiday: "Weihnachten",
    days: ["am Freitag, dem zwanzigsten November", "am Freitag, dem siebenundzwanzigsten November"],
    whens: ["am Dienstag um neun Uhr morgens", "am Mittwoch um drei Uhr nachmittags"],
    times: "am Dienstag um neun Uhr morgens oder um halb drei nachmittags",
    hours: "von neun Uhr bis siebzehn Uhr",
    week: "Montag bis Freitag von neun Uhr bis siebzehn Uhr und Samstag von zehn Uhr bis \
           vierzehn Uhr",
    code: "eins zwei drei vier",
    phone: "null eins sieben, fünf fünf fünf, null eins vier zwei",
    email: "a n n a punkt b e r g e r at example punkt com",
};

static SPANISH: Phrases = Phrases {
    and: "y",
    or: "o",
    services: ["Corte", "Color", "Manicura"],
    people: ["Ana", "Luis", "Carmen"],
    places: ["Gran Vía", "Centro", "Puerto"],
    name: "Ana Ruiz",
    holiday: "Navidad",
    days: ["el viernes veinte de noviembre", "el viernes veintisiete de noviembre"],
    whens: ["el martes a las nueve de la mañana", "el miércoles a las tres de la tarde"],
    times: "el martes a las nueve de la mañana o a las dos y media de la tarde",
    hours: "de nueve a cinco",
    week: "de lunes a viernes de nueve a cinco y el sábado de diez a dos",
    code: "uno dos tres cuatro",
    phone: "seis uno dos, cinco cinco cinco, cero uno cuatro",
    email: "a n a punto r u i z arroba ejemplo punto com",
};

static FRENCH: Phrases = Phrases {
    and: "et",
    or: "ou",
    services: ["Coupe", "Couleur", "Manucure"],
    people: ["Anne", "Louis", "Claire"],
    places: ["Gare", "Centre", "Vieux Port"],
    name: "Anne Morel",
    holiday: "Noël",
    days: ["vendredi vingt novembre", "vendredi vingt-sept novembre"],
    whens: ["mardi à neuf heures du matin", "mercredi à trois heures de l'après-midi"],
    times: "mardi à neuf heures du matin ou à deux heures et demie de l'après-midi",
    hours: "de neuf heures à dix-sept heures",
    week: "du lundi au vendredi de neuf heures à dix-sept heures et le samedi de dix heures à \
           quatorze heures",
    code: "un deux trois quatre",
    phone: "zéro six, douze, cinquante-cinq, quarante, vingt-deux",
    email: "a n n e point m o r e l arobase exemple point com",
};

static PORTUGUESE: Phrases = Phrases {
    and: "e",
    or: "ou",
    services: ["Corte", "Coloração", "Manicure"],
    people: ["Ana", "Bruno", "Clara"],
    places: ["Centro", "Estação", "Porto"],
    name: "Ana Costa",
    holiday: "Natal",
    days: ["na sexta-feira, vinte de novembro", "na sexta-feira, vinte e sete de novembro"],
    whens: ["na terça-feira às nove da manhã", "na quarta-feira às três da tarde"],
    times: "na terça-feira às nove da manhã ou às duas e meia da tarde",
    hours: "das nove às cinco",
    week: "de segunda a sexta das nove às cinco e no sábado das dez às duas",
    code: "um dois três quatro",
    phone: "nove um dois, cinco cinco cinco, zero um quatro",
    email: "a n a ponto c o s t a arroba exemplo ponto com",
};

static ITALIAN: Phrases = Phrases {
    and: "e",
    or: "o",
    services: ["Taglio", "Colore", "Manicure"],
    people: ["Anna", "Bruno", "Chiara"],
    places: ["Stazione", "Centro", "Porto"],
    name: "Anna Conti",
    holiday: "Natale",
    days: ["venerdì venti novembre", "venerdì ventisette novembre"],
    whens: ["martedì alle nove del mattino", "mercoledì alle tre del pomeriggio"],
    times: "martedì alle nove del mattino o alle due e mezza del pomeriggio",
    hours: "dalle nove alle diciassette",
    week: "dal lunedì al venerdì dalle nove alle diciassette e il sabato dalle dieci alle \
           quattordici",
    code: "uno due tre quattro",
    phone: "tre uno due, cinque cinque cinque, zero uno quattro",
    email: "a n n a punto c o n t i chiocciola esempio punto com",
};
