//! What the words of a language mean, in meanings that all languages share.
//!
//! A language is one [`Table`]. Never reads a phrase: it says what a word, or a few in a row, stand
//! for.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Weekday;

use super::numerals::Digits;
use super::parts::Part;
use super::{english, french, german, italian, portuguese, spanish};
use crate::domain::language::Language;

/// Most words in a row that a table gives one meaning to.
pub const LONGEST: usize = 6;

/// What a word says. Tables hold most of these; numbers in digits and a few others are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Says nothing about time: "please".
    Filler,
    /// Unknown; it keeps apart what stands on its two sides.
    Other,
    /// Nothing: before the first word and after the last.
    End,
    /// "not", "except".
    Negation,
    /// A day, counted from today.
    Day(i8),
    /// A part of today: "tonight".
    Today(Part),
    /// German "morgen": tomorrow, or morning.
    Morgen,
    /// A day of the week.
    Weekday(Weekday),
    /// A month, from 1.
    Month(i8),
    /// A month beside a number and nothing otherwise: "may".
    MaybeMonth(i8),
    /// A number in words.
    Number(u8),
    /// The first half of a number in one word: "sechsund", "venti".
    Plus(u8),
    /// "first", "26th".
    Ordinal(u8),
    /// What makes an ordinal of digits: "th".
    Nth,
    /// "a", which counts as one before a unit.
    Article,
    /// "la una": one o'clock.
    One,
    /// A number in digits.
    Digits(Digits),
    /// Hour, minute, and whether the hour begins with a nought: "09:30".
    Time(u8, u8, bool),
    /// Two numbers with a dot between them: "9.30", "26.11".
    Dotted(Digits, Digits),
    /// Two numbers of a date and its year: "26/11", "26.11.2026".
    Written(u8, u8, Option<i16>),
    /// Year, month, day.
    Iso(i16, i8, i8),
    /// Digits that are neither a time nor a date: "25:70".
    Broken,
    /// A dash between two things.
    Dash,
    /// A length of time.
    Unit(Unit),
    /// Follows an hour on the clock: "o'clock", "Uhr".
    OClock,
    /// Both an hour's length and an hour on the clock: "heures", "horas".
    Hours,
    /// "half".
    Half,
    /// "quarter".
    Quarter,
    /// Twelve at noon.
    Noon,
    /// Twelve at night.
    Midnight,
    /// Before noon.
    Am,
    /// After noon.
    Pm,
    /// A part of the day.
    Part(Part),
    /// "early".
    Early,
    /// "late".
    Late,
    /// "beginning".
    Begin,
    /// "middle".
    Middle,
    /// "end".
    Finish,
    /// "next".
    Next,
    /// "this".
    This,
    /// "coming": of a weekday this one, of a week the next.
    Coming,
    /// "last".
    Last,
    /// "after next".
    AfterNext,
    /// "in".
    In,
    /// "within".
    Within,
    /// "from now".
    Hence,
    /// "ago".
    Ago,
    /// "from".
    From,
    /// "until", "by".
    Until,
    /// "to", as in "nine to five" and "ten to nine".
    To,
    /// "between".
    Between,
    /// "and".
    And,
    /// "or".
    Or,
    /// "after".
    After,
    /// "before".
    Before,
    /// "at", "around".
    At,
    /// "past", as in "half past nine".
    Past,
    /// "moins", as in "dix heures moins le quart".
    Minus,
    /// "the", where it makes a number a day of the month.
    The,
    /// "on".
    On,
    /// "any time", "as soon as possible".
    Any,
    /// Saturday and Sunday.
    Weekend,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// Two weeks.
    Fortnight,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// The words of a language: small letters without accents, one blank between words that belong
/// together, and a stroke between words that mean the same.
#[derive(Debug)]
pub struct Table {
    /// Words and what they mean.
    pub words: &'static [(&'static str, Word)],
    /// The numbers from nought on, blanks between them; `_` where there is none.
    pub cardinals: &'static str,
    /// The ordinals from the first on, without their ending.
    pub ordinals: &'static str,
    /// What an ordinal may end in.
    pub endings: &'static [&'static str],
    /// What a word may begin with whose rest is a word of its own: "dienstag" in
    /// "dienstagvormittag".
    pub heads: &'static [(&'static str, Word)],
    /// "And" joins tens to units, and minutes to an hour: "vinte e seis", "nove e meia".
    pub joins: bool,
}

/// Every word of a table with its meaning.
pub fn entries(table: &Table) -> Vec<(String, Word)> {
    let mut all = Vec::new();
    for (number, slot) in (0_u8..).zip(table.cardinals.split_whitespace()) {
        all.extend(slot.split('|').map(|text| (text.to_owned(), Word::Number(number))));
    }
    for (number, slot) in (1_u8..).zip(table.ordinals.split_whitespace()) {
        for stem in slot.split('|') {
            let ended = table.endings.iter().map(|ending| format!("{stem}{ending}"));
            all.extend(ended.map(|text| (text, Word::Ordinal(number))));
        }
    }
    for (slot, word) in table.words {
        all.extend(slot.split('|').map(|text| (text.to_owned(), *word)));
    }
    all.retain(|(text, _)| text != "_");
    all
}

/// The table of a language.
pub fn table(language: Language) -> &'static Table {
    match language {
        Language::English => &english::TABLE,
        Language::German => &german::TABLE,
        Language::Spanish => &spanish::TABLE,
        Language::French => &french::TABLE,
        Language::Portuguese => &portuguese::TABLE,
        Language::Italian => &italian::TABLE,
    }
}

static ENGLISH: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&english::TABLE));
static GERMAN: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&german::TABLE));
static SPANISH: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&spanish::TABLE));
static FRENCH: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&french::TABLE));
static PORTUGUESE: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&portuguese::TABLE));
static ITALIAN: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&italian::TABLE));

/// A table made ready for looking up.
#[derive(Debug)]
pub struct Vocabulary {
    meanings: HashMap<String, Word>,
    heads: Vec<(&'static str, Word)>,
}

impl Vocabulary {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Spanish => &SPANISH,
            Language::French => &FRENCH,
            Language::Portuguese => &PORTUGUESE,
            Language::Italian => &ITALIAN,
        }
    }

    fn new(table: &'static Table) -> Self {
        let heads = table.heads.iter();
        let heads = heads.flat_map(|(slot, word)| slot.split('|').map(move |head| (head, *word)));
        Self { meanings: entries(table).into_iter().collect(), heads: heads.collect() }
    }

    /// What a word, or several with a blank between them, mean.
    pub fn meaning(&self, text: &str) -> Option<Word> {
        self.meanings.get(text).copied()
    }

    /// The two words that are written as one.
    pub fn halves(&self, text: &str) -> Option<[Word; 2]> {
        self.heads.iter().find_map(|(head, first)| {
            let second = self.meaning(text.strip_prefix(*head)?)?;
            belong(*first, second).then_some([*first, second])
        })
    }
}

/// Whether two words make one: "venti" with "sei", "dienstag" with "vormittag".
fn belong(first: Word, second: Word) -> bool {
    matches!(
        (first, second),
        (Word::Plus(_), Word::Number(1..) | Word::Ordinal(_) | Word::Article)
            | (Word::Weekday(_), Word::Part(_) | Word::Morgen | Word::Early)
            | (Word::Quarter, Word::Unit(Unit::Hour))
            | (Word::Unit(_), Word::Begin | Word::Middle | Word::Finish)
    )
}
