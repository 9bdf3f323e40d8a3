//! Names as callers say and spell them, and whether two of them may be one person's.
//!
//! Never changes how somebody writes a name: capitals are put only where the recogniser put none or
//! nothing else.

use super::spelling;
use super::words::{self, Word};
use crate::domain::business;
use crate::domain::language::Language;

/// Why no name was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameTrouble {
    /// Nothing was said, or only what comes before a name.
    Empty,
    /// It is longer than [`business::NAME_MAX_CHARS`].
    TooLong,
    /// What was said is no name.
    NotName,
}

/// How much two names are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLikeness {
    /// The same words.
    Same,
    /// All words of one are in the other, which has more.
    Part,
    /// Neither.
    Different,
}

/// The longest text that a name is read from, in bytes, with what is said around it.
const TEXT_MAX_BYTES: usize = 1000;

/// Fewest letters that are spelled: fewer are initials.
const SPELLED_MIN: usize = 3;

/// Words that stay small within a name.
const PARTICLES: &[&str] = &[
    "af", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "des", "di", "do",
    "dos", "du", "e", "la", "las", "le", "los", "ten", "ter", "van", "vom", "von", "y", "zu",
    "zum", "zur",
];

/// Forms of address, which are no part of a name.
const TITLES: &str = "dr|dra|prof|mr|mrs|ms|miss|mister|sir|madam|doctor|herr|frau|fraulein|hr|fr|\
    doktor|professor|sr|sra|srta|senor|senora|senorita|dona|m|mme|mlle|monsieur|madame|\
    mademoiselle|docteur|senhor|senhora|doutor|doutora|sig|signor|signore|signora|signorina|\
    dott|dottore|dottoressa|doctora|profesor|profesora";

/// What is said before a name, by language.
fn fillers(language: Language) -> &'static str {
    match language {
        Language::English => {
            "my name is|my names|the name is|the names|name is|this is|its|it is|im|i am|\
             my full name is|my first name is|my last name is|my surname is|call me|\
             you can call me|its under|it is under|under the name|under the name of|under|\
             put it under|put me down as|speaking is|hi|hello|hey|yes|yeah|yep|sure|ok|okay|\
             uh|um|good morning|good afternoon|good evening|that would be|thats"
        }
        Language::German => {
            "mein name ist|mein name lautet|der name ist|name ist|ich heisse|ich bin|ich bin der|\
             ich bin die|mein nachname ist|mein vorname ist|hier ist|hier spricht|das ist|es ist|\
             auf den namen|auf|unter dem namen|der name lautet|ja|hallo|guten tag|guten morgen|\
             guten abend|also|ah|ahm|gruss gott|grusse sie|hier ist die|hier ist der"
        }
        Language::Spanish => {
            "me llamo|mi nombre es|mi nombre completo es|mi apellido es|el nombre es|soy|yo soy|\
             es|se llama|a nombre de|a mi nombre|hola|si|buenos dias|buenas tardes|buenas noches|\
             buenas|le habla|habla|con|pues|bueno|eh|este|seria"
        }
        Language::French => {
            "je mappelle|mon nom est|mon nom cest|mon nom de famille est|mon prenom est|le nom est|\
             cest|je suis|moi cest|au nom de|ici|bonjour|bonsoir|allo|oui|alors|euh|cest au nom de|\
             le nom cest"
        }
        Language::Portuguese => {
            "meu nome e|o meu nome e|meu nome completo e|o nome e|eu me chamo|me chamo|chamome|\
             chamo me|eu sou|eu sou o|eu sou a|sou|sou o|sou a|aqui e|aqui e o|aqui e a|\
             aqui fala|aqui quem fala e|em nome de|no nome de|e|e o|e a|ola|oi|sim|bom dia|\
             boa tarde|boa noite|entao"
        }
        Language::Italian => {
            "mi chiamo|il mio nome e|il mio cognome e|il nome e|io sono|sono|e|a nome di|a nome|\
             qui parla|parla|ciao|buongiorno|buon giorno|buonasera|buona sera|salve|si|pronto|\
             allora|ehm"
        }
    }
}

/// Reads a name that was said or spelled. What is said before it is left out.
pub fn read_name(language: Language, text: &str) -> Result<String, NameTrouble> {
    if text.len() > TEXT_MAX_BYTES {
        return Err(NameTrouble::TooLong);
    }
    let said = said(text);
    if said.is_empty() {
        let silent = text.trim().is_empty();
        return Err(if silent { NameTrouble::Empty } else { NameTrouble::NotName });
    }
    let name = named(language, &said).ok_or(NameTrouble::Empty)?;
    if name.chars().count() > business::NAME_MAX_CHARS {
        return Err(NameTrouble::TooLong);
    }
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    if letters == 0 || digits > letters {
        return Err(NameTrouble::NotName);
    }
    business::name(&capitalised(&name)).ok_or(NameTrouble::NotName)
}

/// The words of a text, without the signs around them.
fn said(text: &str) -> Vec<Word> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || ".,;:!?".contains(c));
    let chunks = text.split(|c: char| c.is_whitespace() || ",;:!?".contains(c));
    let chunks = chunks.map(|chunk| chunk.trim_matches(|c: char| "\"“”„«»()[]<>¿¡".contains(c)));
    chunks.map(Word::new).filter(|word| !word.plain.is_empty()).collect()
}

/// The name among the words: what is left when nothing else leads to it.
fn named(language: Language, said: &[Word]) -> Option<String> {
    let mut rest = said;
    while !rest.is_empty() {
        // Spelled first: a letter may be a word as well, such as "e".
        if let Some(name) = spelled(language, &apart(rest)) {
            return Some(name);
        }
        let filler = words::leads(rest, fillers(language));
        if filler == 0 {
            return Some(said_twice(language, &apart(rest)).unwrap_or_else(|| written(rest)));
        }
        rest = rest.get(filler..)?;
    }
    None
}

fn written(words: &[Word]) -> String {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}

/// The words, with those taken apart that are letters tied by hyphens or full stops.
fn apart(words: &[Word]) -> Vec<Word> {
    let apart = |word: &Word| spelling::apart(&word.text).unwrap_or_else(|| vec![word.clone()]);
    words.iter().flat_map(apart).collect()
}

/// The name that the words spell, all of them.
fn spelled(language: Language, words: &[Word]) -> Option<String> {
    // A row of words of a spelling alphabet, and no letter, is a row of names.
    if words.iter().all(|word| word.letter().is_none()) {
        return None;
    }
    let spelled = spelling::spelled(language, words)?;
    (spelled.chars().count() >= SPELLED_MIN).then_some(spelled)
}

/// The words without the letters at their end that spell the last of them.
fn said_twice(language: Language, words: &[Word]) -> Option<String> {
    let place = words.iter().rposition(|word| word.letter().is_none())?;
    let (before, letters) = words.split_at_checked(place + 1)?;
    let last = before.last()?;
    let same = words::plain(&spelled(language, letters)?) == last.plain;
    same.then(|| written(before))
}

/// A name with capitals, if it is all in one case.
fn capitalised(name: &str) -> String {
    let upper = name.chars().any(char::is_uppercase);
    if upper == name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let words: Vec<String> = name.split(' ').map(str::to_lowercase).collect();
    let last = words.len().saturating_sub(1);
    let capitalised = words.iter().enumerate().map(|(place, word)| {
        let within = place > 0 && place < last;
        let small = within && PARTICLES.contains(&word.as_str());
        if small { word.clone() } else { capital(word) }
    });
    capitalised.collect::<Vec<String>>().join(" ")
}

/// A word with a capital at its front, and at those of its parts: "O'Brien", "Anna-Maria", "McCoy".
fn capital(word: &str) -> String {
    let (mut capital, mut part) = (String::with_capacity(word.len()), String::new());
    for c in word.chars() {
        if part.is_empty() || part == "mc" {
            capital.extend(c.to_uppercase());
        } else {
            capital.push(c);
        }
        let one_letter = part.chars().count() == 1;
        if c == '.' || words::is_hyphen(c) || (one_letter && words::is_apostrophe(c)) {
            part.clear();
        } else {
            part.push(c);
        }
    }
    capital
}

/// Whether two names may be one person's: the same words apart from case, accents and order, or
/// all words of the shorter in the longer. Forms of address do not count.
pub fn names_alike(one: &str, other: &str) -> NameLikeness {
    if one.len().max(other.len()) > TEXT_MAX_BYTES {
        return NameLikeness::Different;
    }
    let (one, other) = (compared(one), compared(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    if short.is_empty() {
        return NameLikeness::Different;
    }
    // "Mc Donald" and "McDonald".
    if joined(short) == joined(long) {
        return NameLikeness::Same;
    }
    let mut left: Vec<&Compared> = long.iter().collect();
    for word in short {
        let Some(place) = left.iter().position(|other| word.is(other)) else {
            return NameLikeness::Different;
        };
        left.swap_remove(place);
    }
    if left.is_empty() { NameLikeness::Same } else { NameLikeness::Part }
}

/// Whether one name may be the other as it was misheard or shortened: alike, or each word of the
/// shorter is nearly a word of the longer or its first letter.
pub fn may_be_misheard(one: &str, other: &str) -> bool {
    if names_alike(one, other) != NameLikeness::Different {
        return true;
    }
    if one.len().max(other.len()) > TEXT_MAX_BYTES {
        return false;
    }
    let (one, other) = (compared(one), compared(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    let mut left: Vec<&Compared> = long.iter().collect();
    for word in short {
        let near = |other: &&Compared| word.is_near(other);
        let Some(place) = left.iter().position(near) else { return false };
        left.swap_remove(place);
    }
    !short.is_empty()
}

fn joined(words: &[Compared]) -> String {
    words.iter().map(|word| word.narrow.as_str()).collect()
}

/// A word of a name, as two of them are compared.
struct Compared {
    /// A letter with a mark is the letter.
    narrow: String,
    /// A letter with a mark is what is written where there are no marks.
    wide: String,
}

impl Compared {
    fn new(text: &str) -> Self {
        Self { narrow: words::fold(text), wide: words::fold_wide(text) }
    }

    fn is(&self, other: &Self) -> bool {
        self.narrow == other.narrow || self.narrow == other.wide || self.wide == other.narrow
    }

    /// Whether one is the other with a letter or two misheard, or its first letter.
    fn is_near(&self, other: &Self) -> bool {
        let one: Vec<char> = self.narrow.chars().collect();
        let other: Vec<char> = other.narrow.chars().collect();
        let (short, long) = (one.len().min(other.len()), one.len().max(other.len()));
        let misheard = match long {
            0..=3 => 0,
            4..=6 => 1,
            _ => 2,
        };
        (short == 1 && one.first() == other.first()) || edits(&one, &other) <= misheard
    }
}

/// How many letters are put in, left out or changed from one word to the other (Levenshtein).
fn edits(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (place, wanted) in other.iter().enumerate() {
            let above = row.get(place + 1).copied().unwrap_or(0);
            let changed = diagonal + usize::from(letter != wanted);
            let least = changed.min(above + 1).min(left + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(place) {
                *cell = left;
            }
            left = least;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The words of a name without forms of address, unless it is nothing else.
fn compared(name: &str) -> Vec<Compared> {
    let name: String = name.chars().filter(|c| !words::is_apostrophe(*c)).collect();
    let inner = |c: char| c.is_alphanumeric() || words::is_mark(c);
    let words = name.split(|c: char| !inner(c)).map(Compared::new);
    let words: Vec<Compared> = words.filter(|word| !word.narrow.is_empty()).collect();
    let title = |word: &Compared| TITLES.split('|').any(|title| title == word.narrow);
    let titles = words.iter().filter(|word| title(word)).count();
    if titles == words.len() {
        return words;
    }
    words.into_iter().filter(|word| !title(word)).collect()
}
