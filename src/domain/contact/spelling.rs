//! Spelling: letters said one by one, doubled, by their names, or by words that begin with them.
//!
//! Never takes a lone word for a letter: names of letters count beside letters, and the words of a
//! spelling alphabet, many of which are names of people, count in a row.

use super::numerals;
use super::words::{self, Word};
use crate::domain::language::Language;

/// Fewest words of a spelling alphabet in a row that spell something.
const RUN_MIN: usize = 3;

/// How one language spells.
struct Spelling {
    /// Several words, or one that is nothing else, for a letter.
    phrases: &'static [(&'static str, &'static str)],
    /// Names of letters that may be other words.
    names: &'static [(&'static str, &'static str)],
    /// Words before an example, as in "b as in boy", that are said for nothing else.
    such_as: &'static str,
    /// Words before an example that count when the example begins with the letter.
    of: &'static str,
    /// The number two where it doubles a letter, as in "deux l".
    two: &'static str,
    /// The words of the spelling alphabet.
    alphabet: &'static str,
}

/// The alphabet of the NATO and ICAO, which is understood in every language.
const RADIO: &str = "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliet|juliett|\
                     kilo|lima|mike|november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|\
                     whiskey|whisky|xray|yankee|zulu";

const ENGLISH: Spelling = Spelling {
    phrases: &[("double u|double you|double yu|doubleyou|doubleu", "w")],
    names: &[("zed|zee", "z"), ("aitch|haitch", "h"), ("jay", "j"), ("kay", "k")],
    such_as: "as in|like in",
    of: "for|like",
    two: "",
    alphabet: "",
};

const GERMAN: Spelling = Spelling {
    phrases: &[("ypsilon", "y"), ("eszett|scharfes s", "ß")],
    names: &[("zett|zet", "z"), ("jot", "j"), ("vau", "v"), ("ha", "h"), ("ka", "k")],
    such_as: "wie",
    of: "fur|von",
    two: "",
    alphabet: "anton|berta|casar|caesar|dora|emil|friedrich|gustav|heinrich|ida|julius|kaufmann|\
               konrad|ludwig|martha|nordpol|otto|paula|quelle|richard|samuel|siegfried|theodor|\
               ulrich|viktor|wilhelm|xanthippe|zacharias|zeppelin|aachen|berlin|chemnitz|\
               dusseldorf|essen|frankfurt|goslar|hamburg|ingelheim|jena|koln|leipzig|munchen|\
               nurnberg|offenbach|potsdam|quickborn|rostock|salzwedel|tubingen|unna|volklingen|\
               wuppertal|xanten|zwickau",
};

const SPANISH: Spelling = Spelling {
    phrases: &[
        ("doble u|doble uve|uve doble|doble ve|ve doble", "w"),
        ("i griega|y griega", "y"),
        ("i latina", "i"),
    ],
    names: &[
        ("be", "b"),
        ("ce", "c"),
        ("de", "d"),
        ("efe", "f"),
        ("ge", "g"),
        ("hache", "h"),
        ("jota", "j"),
        ("ka", "k"),
        ("ele", "l"),
        ("eme", "m"),
        ("ene", "n"),
        ("pe", "p"),
        ("cu", "q"),
        ("erre|ere", "r"),
        ("ese", "s"),
        ("te", "t"),
        ("uve|ve", "v"),
        ("equis", "x"),
        ("ye", "y"),
        ("zeta", "z"),
    ],
    such_as: "como",
    of: "de",
    two: "",
    alphabet: "antonio|barcelona|carmen|dolores|enrique|francia|gerona|historia|ines|jose|lorenzo|\
               madrid|navarra|oviedo|paris|querido|ramon|sabado|tarragona|ulises|valencia|\
               washington|xiquena|yegua|zaragoza",
};

const FRENCH: Spelling = Spelling {
    phrases: &[("double v|double ve", "w"), ("i grec|igrec", "y")],
    names: &[("ache", "h"), ("ji", "j"), ("zede", "z"), ("elle", "l"), ("emme", "m")],
    such_as: "comme",
    of: "de",
    two: "deux",
    alphabet: "anatole|berthe|celestin|desire|eugene|francois|gaston|henri|irma|joseph|kleber|\
               louis|marcel|nicolas|pierre|quintal|raoul|suzanne|therese|ursule|william|xavier|\
               yvonne|zoe",
};

const PORTUGUESE: Spelling = Spelling {
    phrases: &[("dabliu|dablio|duplo v|duplo ve", "w"), ("ipsilon|i grego", "y")],
    names: &[
        ("efe", "f"),
        ("aga", "h"),
        ("jota", "j"),
        ("ele", "l"),
        ("eme", "m"),
        ("ene", "n"),
        ("erre", "r"),
        ("esse", "s"),
        ("xis", "x"),
        ("ze", "z"),
    ],
    such_as: "como",
    of: "de",
    two: "dois",
    alphabet: "",
};

const ITALIAN: Spelling = Spelling {
    phrases: &[
        ("doppia v|doppia vu|vu doppia|vu doppio|doppio vu", "w"),
        ("ipsilon|i greca", "y"),
        ("i lunga", "j"),
    ],
    names: &[
        ("bi", "b"),
        ("ci", "c"),
        ("di", "d"),
        ("effe", "f"),
        ("gi", "g"),
        ("acca", "h"),
        ("cappa", "k"),
        ("elle", "l"),
        ("emme", "m"),
        ("enne", "n"),
        ("pi", "p"),
        ("erre", "r"),
        ("esse", "s"),
        ("ti", "t"),
        ("vu", "v"),
        ("ics", "x"),
        ("zeta", "z"),
    ],
    such_as: "come",
    of: "di",
    two: "",
    alphabet: "ancona|bari|bologna|catania|como|domodossola|empoli|firenze|genova|imola|jersey|\
               jolly|kursaal|livorno|milano|napoli|otranto|palermo|padova|quarto|roma|savona|\
               sassari|torino|taranto|udine|venezia|verona|washington|xilofono|yacht|york|zara",
};

/// The letters that the words begin with when they spell, and how many words those take. `beside`
/// says whether a letter came just before.
pub(super) fn letters(language: Language, words: &[Word], beside: bool) -> Option<(String, usize)> {
    let spelling = spelling(language);
    if let Some(found) = run(spelling, words) {
        return Some(found);
    }
    if let Some((letter, used)) = called(words, spelling.phrases) {
        return Some((letter.to_owned(), used));
    }
    let first = words.first()?;
    let two = (words::leads(words, spelling.two) > 0).then_some(2);
    if let Some(times) = numerals::repeat(language, first).or(two) {
        let (letter, used) = example(spelling, words.get(1..)?)?;
        return Some((letter.repeat(times), used + 1));
    }
    if first.letter().is_some() {
        return example(spelling, words);
    }
    let (letter, used) = called(words, spelling.names)?;
    let next = words.get(1).and_then(Word::letter).is_some();
    let next_called = || words.get(1..).and_then(|rest| called(rest, spelling.names)).is_some();
    (beside || next || next_called()).then(|| (letter.to_owned(), used))
}

/// What the words spell, when each of them is part of the spelling.
pub(super) fn spelled(language: Language, words: &[Word]) -> Option<String> {
    let (mut spelled, mut at) = (String::new(), 0);
    while at < words.len() {
        let (letters, used) = letters(language, words.get(at..)?, at > 0)?;
        spelled.push_str(&letters);
        at += used;
    }
    Some(spelled)
}

/// The letters of a chunk such as "B-Y-R-N-E" or "B.Y.R.N.E.", at least three.
pub(super) fn apart(chunk: &str) -> Option<Vec<Word>> {
    let pieces = chunk.trim_end_matches('.').split(|c: char| c == '.' || words::is_hyphen(c));
    let letters: Vec<Word> = pieces.map(Word::new).collect();
    let apart = letters.len() >= RUN_MIN && letters.iter().all(|word| word.letter().is_some());
    apart.then_some(letters)
}

fn spelling(language: Language) -> &'static Spelling {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::French => &FRENCH,
        Language::Portuguese => &PORTUGUESE,
        Language::Italian => &ITALIAN,
    }
}

/// Words of a spelling alphabet in a row.
fn run(spelling: &Spelling, words: &[Word]) -> Option<(String, usize)> {
    if words.len() < RUN_MIN {
        return None;
    }
    let of_alphabet = |word: &&Word| {
        let mut known = RADIO.split('|').chain(spelling.alphabet.split('|'));
        !word.plain.is_empty() && known.any(|known| known == word.plain)
    };
    let run = words.iter().take_while(of_alphabet);
    let letters: String = run.filter_map(|word| word.plain.chars().next()).collect();
    let used = letters.len();
    (used >= RUN_MIN).then_some((letters, used))
}

/// The letter that the words begin with by one of its names, and how many words the name has.
fn called(words: &[Word], names: &[(&str, &'static str)]) -> Option<(&'static str, usize)> {
    let said = names.iter().map(|(same, letter)| (*letter, words::leads(words, same)));
    said.filter(|(_, used)| *used > 0).max_by_key(|(_, used)| *used)
}

/// A letter, with the example that may follow it: "b", "b as in boy", "B wie Berta".
fn example(spelling: &Spelling, words: &[Word]) -> Option<(String, usize)> {
    let Some(letter) = words.first()?.letter() else {
        return called(words, spelling.names).map(|(letter, used)| (letter.to_owned(), used));
    };
    let after = words.get(1..)?;
    let begins = |used: usize| after.get(used)?.plain.chars().next().filter(|c| c.is_alphabetic());
    let plain = words::plain(&letter);
    let such_as = words::leads(after, spelling.such_as);
    if such_as > 0
        && let Some(initial) = begins(such_as)
    {
        // The example is heard better than the letter, so it counts if they differ.
        let letter = if plain.starts_with(initial) { letter } else { initial.to_string() };
        return Some((letter, such_as + 2));
    }
    let of = words::leads(after, spelling.of);
    let fits = of > 0 && begins(of).is_some_and(|initial| plain.starts_with(initial));
    Some((letter, if fits { of + 2 } else { 1 }))
}
