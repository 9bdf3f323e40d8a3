//! The words for numbers in each language: tables, and words that are put together from others.
//!
//! Never reads more than one word: how words join into a number is up to `digits`.

use super::words::Word;
use crate::domain::language::Language;

/// What a word does in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A digit.
    Unit(u8),
    /// A one that counts only within a longer number, such as the German "ein".
    One,
    /// A number from 10 to 29 that is complete.
    Pair(u8),
    /// A multiple of ten that a digit may be added to.
    Tens(u8),
    /// So many hundred, or one.
    Hundred,
    /// So many hundred, and nothing is added to them, such as the French "cents".
    Cents,
    /// Several hundred in one word, such as the Spanish "quinientos".
    Hundreds(u16),
    /// So many thousand, or one.
    Thousand,
    /// What ties the parts of a number together.
    And,
    /// What may stand between "twice" and a digit.
    Article,
    /// The next digit comes so many times.
    Repeat(u8),
    /// The next digit comes as many times as was just said.
    Times,
    /// A country code follows.
    Plus,
    /// What follows is dialled after the number.
    Extension,
}

/// The words of one language. In a row, words stand in the order of their numbers with a space
/// between them, `|` parts words for the same number, and `-` is one without a word.
struct Numerals {
    /// From 0.
    units: &'static str,
    /// From 10.
    pairs: &'static str,
    /// From 20, in tens.
    tens: &'static str,
    /// From 100, in hundreds.
    hundreds: &'static str,
    /// All others.
    others: &'static [(&'static str, Kind)],
}

const ENGLISH: Numerals = Numerals {
    units: "zero|oh|o|nought|naught one two three four five six seven eight nine|niner",
    pairs: "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    tens: "twenty thirty forty|fourty fifty sixty seventy eighty ninety",
    hundreds: "",
    others: &[
        ("hundred", Kind::Hundred),
        ("thousand", Kind::Thousand),
        ("and", Kind::And),
        ("the", Kind::Article),
        ("double", Kind::Repeat(2)),
        ("triple|treble", Kind::Repeat(3)),
        ("quadruple", Kind::Repeat(4)),
        ("plus", Kind::Plus),
        ("extension|ext|extn", Kind::Extension),
    ],
};

const GERMAN: Numerals = Numerals {
    units: "null eins zwei|zwo drei vier funf|fuenf sechs sieben acht neun",
    pairs: "zehn elf zwolf|zwoelf dreizehn vierzehn funfzehn|fuenfzehn sechzehn siebzehn achtzehn \
            neunzehn",
    tens: "zwanzig dreissig|dreizig vierzig funfzig|fuenfzig sechzig siebzig achtzig neunzig",
    hundreds: "",
    others: &[
        ("ein", Kind::One),
        ("hundert", Kind::Hundred),
        ("tausend", Kind::Thousand),
        ("und", Kind::And),
        ("die|der|das", Kind::Article),
        ("doppel|doppelt|doppelte|zweimal", Kind::Repeat(2)),
        ("dreifach|dreimal", Kind::Repeat(3)),
        ("vierfach|viermal", Kind::Repeat(4)),
        ("mal", Kind::Times),
        ("plus", Kind::Plus),
        ("durchwahl|nebenstelle|apparat|klappe|ext", Kind::Extension),
    ],
};

const SPANISH: Numerals = Numerals {
    units: "cero uno|una dos tres cuatro cinco seis siete ocho nueve",
    pairs: "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve - \
            veintiuno|veintiun|veintiuna veintidos veintitres veinticuatro veinticinco veintiseis \
            veintisiete veintiocho veintinueve",
    tens: "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    hundreds: "cien|ciento doscientos|doscientas trescientos|trescientas \
               cuatrocientos|cuatrocientas quinientos|quinientas seiscientos|seiscientas \
               setecientos|setecientas ochocientos|ochocientas novecientos|novecientas",
    others: &[
        ("mil", Kind::Thousand),
        ("y", Kind::And),
        ("el|la|los", Kind::Article),
        ("doble", Kind::Repeat(2)),
        ("triple", Kind::Repeat(3)),
        ("cuadruple", Kind::Repeat(4)),
        ("veces", Kind::Times),
        ("mas", Kind::Plus),
        ("extension|ext|interno|anexo", Kind::Extension),
    ],
};

const FRENCH: Numerals = Numerals {
    units: "zero un|une deux trois quatre cinq six sept huit neuf",
    pairs: "dix onze douze treize quatorze quinze seize",
    tens: "vingt|vingts trente quarante cinquante soixante septante huitante|octante nonante",
    hundreds: "",
    others: &[
        ("cent", Kind::Hundred),
        ("cents", Kind::Cents),
        ("mille", Kind::Thousand),
        ("et", Kind::And),
        ("le|la|les", Kind::Article),
        ("double", Kind::Repeat(2)),
        ("triple", Kind::Repeat(3)),
        ("quadruple", Kind::Repeat(4)),
        ("fois", Kind::Times),
        ("plus", Kind::Plus),
        ("poste|extension|ext", Kind::Extension),
    ],
};

const PORTUGUESE: Numerals = Numerals {
    units: "zero um|uma dois|duas tres quatro cinco seis|meia sete oito nove",
    pairs: "dez onze doze treze quatorze|catorze quinze dezesseis|dezasseis dezessete|dezassete \
            dezoito dezenove|dezanove",
    tens: "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    hundreds: "cem|cento duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas \
               quinhentos|quinhentas seiscentos|seiscentas setecentos|setecentas \
               oitocentos|oitocentas novecentos|novecentas",
    others: &[
        ("mil", Kind::Thousand),
        ("e", Kind::And),
        ("o|a|os", Kind::Article),
        ("duplo|dupla|dobro", Kind::Repeat(2)),
        ("triplo|tripla", Kind::Repeat(3)),
        ("vezes", Kind::Times),
        ("mais", Kind::Plus),
        ("ramal|extensao|ext", Kind::Extension),
    ],
};

const ITALIAN: Numerals = Numerals {
    units: "zero uno|una due tre quattro cinque sei sette otto nove",
    pairs: "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto \
            diciannove",
    tens: "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    hundreds: "",
    others: &[
        ("cento", Kind::Hundred),
        ("mille|mila", Kind::Thousand),
        ("e", Kind::And),
        ("il|lo|la", Kind::Article),
        ("doppio|doppia", Kind::Repeat(2)),
        ("triplo|tripla", Kind::Repeat(3)),
        ("volte", Kind::Times),
        ("piu", Kind::Plus),
        ("interno|estensione|ext", Kind::Extension),
    ],
};

/// Italian tens as they are before a vowel, from 20: "vent-uno", "quarant-otto".
const ITALIAN_TENS_CUT: &str = "vent trent quarant cinquant sessant settant ottant novant";

/// The longest word that is taken apart. "neuntausendneunhundertneunundneunzig" has 36 letters.
const LONGEST_BYTES: usize = 40;

/// What a plain word does in a number, if it is in the table.
pub(super) fn kind(language: Language, plain: &str) -> Option<Kind> {
    if plain.is_empty() {
        return None;
    }
    let numerals = numerals(language);
    let unit = || place(numerals.units, plain).map(Kind::Unit);
    let pair = || Some(Kind::Pair(place(numerals.pairs, plain)?.saturating_add(10)));
    let tens = || tens(numerals.tens, plain);
    let hundreds = || {
        let above_one = u16::from(place(numerals.hundreds, plain)?);
        Some(Kind::Hundreds(above_one.saturating_add(1).saturating_mul(100)))
    };
    let other = || {
        let mut others = numerals.others.iter();
        others.find(|(same, _)| same.split('|').any(|word| word == plain)).map(|(_, kind)| *kind)
    };
    unit().or_else(pair).or_else(tens).or_else(hundreds).or_else(other)
}

/// What the parts of a word do in a number: one for a word of the table, several for words that
/// are written as one, such as "zweiundvierzig"; none if it is not all of a number.
pub(super) fn kinds(language: Language, plain: &str) -> Vec<Kind> {
    if let Some(kind) = kind(language, plain) {
        return if matches!(kind, Kind::Plus | Kind::Extension) { Vec::new() } else { vec![kind] };
    }
    let joins = match language {
        Language::German | Language::Italian => true,
        Language::English | Language::Spanish | Language::French | Language::Portuguese => false,
    };
    let mut found = Vec::new();
    let fits = joins && plain.is_ascii() && plain.len() <= LONGEST_BYTES;
    let split = fits && split(language, plain, &mut found);
    let ends = [found.first(), found.last()];
    let whole = split && !ends.contains(&Some(&Kind::And));
    if whole { found } else { Vec::new() }
}

/// How often the next letter or digit comes after a word such as "double".
pub(super) fn repeat(language: Language, word: &Word) -> Option<usize> {
    match kind(language, &word.plain) {
        Some(Kind::Repeat(times)) => Some(usize::from(times)),
        Some(
            Kind::Unit(_)
            | Kind::One
            | Kind::Pair(_)
            | Kind::Tens(_)
            | Kind::Hundred
            | Kind::Cents
            | Kind::Hundreds(_)
            | Kind::Thousand
            | Kind::And
            | Kind::Article
            | Kind::Times
            | Kind::Plus
            | Kind::Extension,
        )
        | None => None,
    }
}

fn numerals(language: Language) -> &'static Numerals {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::French => &FRENCH,
        Language::Portuguese => &PORTUGUESE,
        Language::Italian => &ITALIAN,
    }
}

/// The place of a word in a row.
fn place(row: &str, plain: &str) -> Option<u8> {
    let mut places = (0..u8::MAX).zip(row.split(' '));
    places.find(|(_, same)| same.split('|').any(|word| word == plain)).map(|(place, _)| place)
}

fn tens(row: &str, plain: &str) -> Option<Kind> {
    let above_twenty = place(row, plain)?.saturating_mul(10);
    Some(Kind::Tens(above_twenty.saturating_add(20)))
}

/// Takes a word apart, the longest part first, and answers whether nothing is left.
fn split(language: Language, rest: &str, found: &mut Vec<Kind>) -> bool {
    if rest.is_empty() {
        return true;
    }
    for end in (3..=rest.len()).rev() {
        let Some((part, after)) = rest.split_at_checked(end) else { continue };
        let Some(kind) = part_kind(language, part) else { continue };
        found.push(kind);
        if split(language, after, found) {
            return true;
        }
        found.pop();
    }
    false
}

/// What a part of a longer word does in it.
fn part_kind(language: Language, part: &str) -> Option<Kind> {
    let cut = || (language == Language::Italian).then(|| cut(part)).flatten();
    let kind = kind(language, part).or_else(cut)?;
    match kind {
        Kind::Unit(_)
        | Kind::One
        | Kind::Pair(_)
        | Kind::Tens(_)
        | Kind::Hundred
        | Kind::Thousand
        | Kind::And
        | Kind::Repeat(_) => Some(kind),
        Kind::Cents
        | Kind::Hundreds(_)
        | Kind::Article
        | Kind::Times
        | Kind::Plus
        | Kind::Extension => None,
    }
}

fn cut(part: &str) -> Option<Kind> {
    tens(ITALIAN_TENS_CUT, part).or_else(|| (part == "cent").then_some(Kind::Hundred))
}
