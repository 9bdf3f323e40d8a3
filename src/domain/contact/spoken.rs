//! Numbers in words: units, tens, hundreds and thousands as each language joins them.
//!
//! Each run of words has one reading. Where a language leaves two open, as "eight hundred twelve"
//! does, a rule says which is taken: a number that turns out wrong is asked for again, and none is
//! ever tried in several readings until one fits.

use super::heard::Heard;
use super::numerals::{self, Kind};
use crate::domain::language::Language;

/// Most words that are looked at for one number.
pub(super) const WORDS_MAX: usize = 16;

/// The number at the front, as digits, and how much of what was heard it takes.
pub(super) fn number(language: Language, heard: &[Heard]) -> Option<(String, usize)> {
    match heard.first()? {
        Heard::Digits(run) => Some(rounded(language, run, heard.get(1))),
        Heard::Word { .. } => said(language, heard),
        Heard::Plus | Heard::Hash | Heard::Trunk | Heard::Break => None,
    }
}

/// Written digits, with the zeros of a "hundred" after them.
fn rounded(language: Language, run: &str, next: Option<&Heard>) -> (String, usize) {
    let kinds = match next {
        Some(Heard::Word { plain, .. }) => numerals::kinds(language, plain),
        Some(Heard::Digits(_) | Heard::Plus | Heard::Hash | Heard::Trunk | Heard::Break) | None => {
            Vec::new()
        }
    };
    let zeros = if kinds == [Kind::Hundred] || kinds == [Kind::Cents] {
        "00"
    } else if kinds == [Kind::Thousand] {
        "000"
    } else {
        ""
    };
    if zeros.is_empty() || run.len() > 2 || run.starts_with('0') {
        return (run.to_owned(), 1);
    }
    ([run, zeros].concat(), 2)
}

/// A number in words. Where words are written as one, all of them are taken.
fn said(language: Language, heard: &[Heard]) -> Option<(String, usize)> {
    let phrase = Phrase { language, atoms: atoms(language, heard) };
    let (mut digits, mut at) = (String::new(), 0);
    loop {
        let (more, end) = phrase.read(at)?;
        digits.push_str(&more);
        at = end;
        if let Some(used) = phrase.ends(end) {
            return Some((digits, used));
        }
    }
}

/// A word, or a part of one.
struct Atom {
    kind: Kind,
    /// Tied to the one before.
    glued: bool,
    /// How much of what was heard is used up with it, when it ends a word.
    ends: Option<usize>,
}

/// The words of numbers at the front. Written digits count only after "double" and the like.
fn atoms(language: Language, heard: &[Heard]) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    for (used, heard) in (1..).zip(heard) {
        let repeats = atoms.last().is_some_and(|last| repeats(last.kind));
        let (kinds, glued) = match heard {
            Heard::Word { plain, glued } => (numerals::kinds(language, plain), *glued),
            Heard::Digits(run) if repeats => (units(run), false),
            Heard::Digits(_) | Heard::Plus | Heard::Hash | Heard::Trunk | Heard::Break => break,
        };
        if kinds.is_empty() || atoms.len() >= WORDS_MAX {
            break;
        }
        let last = kinds.len() - 1;
        for (nth, kind) in kinds.into_iter().enumerate() {
            let ends = (nth == last).then_some(used);
            atoms.push(Atom { kind, glued: glued || nth > 0, ends });
        }
    }
    atoms
}

fn repeats(kind: Kind) -> bool {
    matches!(kind, Kind::Repeat(_) | Kind::Times | Kind::Article)
}

fn units(run: &str) -> Vec<Kind> {
    run.bytes().map(|byte| Kind::Unit(byte.saturating_sub(b'0'))).collect()
}

/// Words of numbers, and how they join. Each function takes where to begin and answers a value and
/// where it ends.
struct Phrase {
    language: Language,
    atoms: Vec<Atom>,
}

impl Phrase {
    fn read(&self, at: usize) -> Option<(String, usize)> {
        if let Some(found) = self.repeated(at).or_else(|| self.first_pair(at)) {
            return Some(found);
        }
        self.value(at).map(|(value, end)| (value.to_string(), end))
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.atoms.get(at).map(|atom| atom.kind)
    }

    fn is(&self, at: usize, kind: Kind) -> bool {
        self.kind(at) == Some(kind)
    }

    fn glued(&self, at: usize) -> bool {
        self.atoms.get(at).is_some_and(|atom| atom.glued)
    }

    fn ends(&self, at: usize) -> Option<usize> {
        self.atoms.get(at.checked_sub(1)?)?.ends
    }

    fn unit(&self, at: usize) -> Option<u32> {
        let Some(Kind::Unit(digit)) = self.kind(at) else { return None };
        Some(u32::from(digit))
    }

    /// A digit that is added to tens.
    fn added(&self, at: usize) -> Option<u32> {
        self.unit(at).filter(|digit| *digit > 0)
    }

    /// "Double five", "zweimal die fünf", "dos veces cinco".
    fn repeated(&self, at: usize) -> Option<(String, usize)> {
        let (times, mut next) = if let Some(Kind::Repeat(times)) = self.kind(at) {
            (times, at + 1)
        } else if let Some(Kind::Unit(times @ 2..=4)) = self.kind(at)
            && self.is(at + 1, Kind::Times)
        {
            (times, at + 2)
        } else {
            return None;
        };
        while self.is(next, Kind::Article) {
            next += 1;
        }
        let digit = self.unit(next)?;
        Some((digit.to_string().repeat(usize::from(times)), next + 1))
    }

    /// French numbers are said in pairs and begin with a zero: "zéro quatre vingt-deux" is 04 22,
    /// though "quatre vingt-deux" alone is 82.
    fn first_pair(&self, at: usize) -> Option<(String, usize)> {
        let pair = self.language == Language::French
            && self.unit(at) == Some(0)
            && self.unit(at + 1) == Some(4)
            && self.is(at + 2, Kind::Tens(20))
            && !self.glued(at + 2);
        pair.then(|| ("04".to_owned(), at + 2))
    }

    /// Any number, below a hundred thousand.
    fn value(&self, at: usize) -> Option<(u32, usize)> {
        if self.is(at, Kind::Thousand) {
            return Some(self.with_hundreds(1000, at + 1));
        }
        if self.is(at, Kind::One) && self.is(at + 1, Kind::Thousand) {
            return Some(self.with_hundreds(1000, at + 2));
        }
        let (head, end) = self.hundreds(at)?;
        if (1..=99).contains(&head) && self.is(end, Kind::Thousand) {
            return Some(self.with_hundreds(head * 1000, end + 1));
        }
        Some((head, end))
    }

    fn with_hundreds(&self, base: u32, at: usize) -> (u32, usize) {
        let linked = self.is(at, Kind::And);
        let from = at + usize::from(linked);
        let joins =
            |rest: u32| (1..1000).contains(&rest) && (rest >= 10 || linked || self.glued(from));
        match self.hundreds(from) {
            Some((rest, end)) if joins(rest) => (base + rest, end),
            Some(_) | None => (base, at),
        }
    }

    fn hundreds(&self, at: usize) -> Option<(u32, usize)> {
        let hundred = |at| self.is(at, Kind::Hundred) || self.is(at, Kind::Cents);
        if let Some(Kind::Hundreds(hundreds)) = self.kind(at) {
            return Some(self.with_tens(u32::from(hundreds), at + 1));
        }
        if self.is(at, Kind::Hundred) {
            return Some(self.with_tens(100, at + 1));
        }
        let times = if self.is(at, Kind::One) { Some(1) } else { self.added(at) };
        if let Some(times) = times.filter(|_| hundred(at + 1)) {
            return Some(self.with_tens(times * 100, at + 2));
        }
        let (tens, end) = self.tens(at)?;
        // "Thirty-four hundred" and "twelve hundred" are said in English only.
        if self.language == Language::English && tens >= 10 && hundred(end) {
            return Some((tens * 100, end + 1));
        }
        Some((tens, end))
    }

    fn with_tens(&self, base: u32, at: usize) -> (u32, usize) {
        let linked = self.is(at, Kind::And);
        let from = at + usize::from(linked);
        let Some((rest, end)) = self.tens(from).filter(|(rest, _)| *rest > 0) else {
            return (base, at);
        };
        // A digit that others follow is said one by one: "ochocientos uno dos tres" is 800123.
        let alone = rest < 10 && self.unit(end).is_some();
        let joins = match self.language {
            // 800 and 900 open a number and stand by themselves: "eight hundred forty-two …".
            Language::English => linked || (rest >= 10 && !matches!(base, 800 | 900)),
            Language::German => linked || self.glued(from),
            Language::Spanish => !linked && !alone,
            // "Huit cents douze" is 800 and 12, "huit cent douze" is 812.
            Language::French => !linked && !alone && !self.is(at.saturating_sub(1), Kind::Cents),
            Language::Portuguese => linked,
            Language::Italian => self.glued(from),
        };
        if joins { (base + rest, end) } else { (base, at) }
    }

    fn tens(&self, at: usize) -> Option<(u32, usize)> {
        let next = at + 1;
        match self.kind(at)? {
            Kind::Unit(digit) => Some(self.after_unit(u32::from(digit), next)),
            Kind::One => self.turned(1, next),
            Kind::Pair(pair) => Some(self.after_pair(u32::from(pair), next)),
            Kind::Tens(tens) => Some(self.after_tens(u32::from(tens), next)),
            Kind::Hundred
            | Kind::Cents
            | Kind::Hundreds(_)
            | Kind::Thousand
            | Kind::And
            | Kind::Article
            | Kind::Repeat(_)
            | Kind::Times
            | Kind::Plus
            | Kind::Extension => None,
        }
    }

    fn after_unit(&self, digit: u32, at: usize) -> (u32, usize) {
        match self.language {
            Language::German => self.turned(digit, at).unwrap_or((digit, at)),
            Language::French if digit == 4 && self.is(at, Kind::Tens(20)) => {
                self.french(80, at + 1)
            }
            Language::English
            | Language::Spanish
            | Language::French
            | Language::Portuguese
            | Language::Italian => (digit, at),
        }
    }

    /// German says the digit first: "zweiundvierzig".
    fn turned(&self, digit: u32, at: usize) -> Option<(u32, usize)> {
        let Some(Kind::Tens(tens)) = self.kind(at + 1) else { return None };
        let turned = digit > 0 && self.is(at, Kind::And);
        turned.then(|| (u32::from(tens) + digit, at + 2))
    }

    fn after_pair(&self, pair: u32, at: usize) -> (u32, usize) {
        // "Dix-sept", and "diez y siete" beside "diecisiete".
        let (least, from) = match self.language {
            Language::French => (7, at),
            Language::Spanish if self.is(at, Kind::And) => (6, at + 1),
            Language::English
            | Language::German
            | Language::Spanish
            | Language::Portuguese
            | Language::Italian => return (pair, at),
        };
        match self.unit(from) {
            Some(digit) if pair == 10 && digit >= least => (pair + digit, from + 1),
            Some(_) | None => (pair, at),
        }
    }

    fn after_tens(&self, tens: u32, at: usize) -> (u32, usize) {
        let from = match self.language {
            Language::English => at,
            Language::Italian if self.glued(at) => at,
            Language::Spanish | Language::Portuguese if self.is(at, Kind::And) => at + 1,
            Language::French => return self.french(tens, at),
            Language::German | Language::Spanish | Language::Portuguese | Language::Italian => {
                return (tens, at);
            }
        };
        self.added(from).map_or((tens, at), |digit| (tens + digit, from + 1))
    }

    /// French counts on to nineteen after sixty and eighty: "soixante et onze", "quatre-vingt-dix".
    fn french(&self, tens: u32, at: usize) -> (u32, usize) {
        let linked = self.is(at, Kind::And);
        let from = at + usize::from(linked);
        if let Some(Kind::Pair(pair)) = self.kind(from)
            && matches!(tens, 60 | 80)
        {
            let (pair, end) = self.after_pair(u32::from(pair), from + 1);
            return (tens + pair, end);
        }
        let hundred = self.is(from + 1, Kind::Hundred) || self.is(from + 1, Kind::Cents);
        match self.added(from) {
            Some(digit) if !hundred && (digit == 1 || !linked) => (tens + digit, from + 1),
            Some(_) | None => (tens, at),
        }
    }
}
