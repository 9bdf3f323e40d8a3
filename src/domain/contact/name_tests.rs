//! Names as callers say and spell them in each language, and which of them are alike.

use super::{NameLikeness, NameTrouble, may_be_misheard, names_alike, read_name};
use crate::domain::language::Language;

/// What was said, and the name.
type Cases = &'static [(&'static str, &'static str)];

const ENGLISH: Cases = &[
    ("Aoife Byrne", "Aoife Byrne"),
    ("My name is Aoife Byrne.", "Aoife Byrne"),
    ("Hi, it's Aoife  Byrne", "Aoife Byrne"),
    ("yes, this is seán o'brien", "Seán O'Brien"),
    ("I'm MARY MCDONALD", "Mary McDonald"),
    ("I’m o’neill", "O’Neill"),
    ("B Y R N E", "Byrne"),
    ("b-y-r-n-e", "Byrne"),
    ("B.Y.R.N.E.", "Byrne"),
    ("my surname is K E double L Y", "Kelly"),
    ("B as in boy, Y, R, N for november, E", "Byrne"),
    ("Aoife Byrne, B Y R N E", "Aoife Byrne"),
    ("J.R.R. Tolkien", "J.R.R. Tolkien"),
    ("J R", "J R"),
    ("Charlie Oscar Victor", "Charlie Oscar Victor"),
    ("Byrne, Aoife", "Byrne Aoife"),
    ("mary-anne d'arcy", "Mary-Anne D'Arcy"),
    ("dr. watson", "Dr. Watson"),
    ("Agent 47", "Agent 47"),
    ("a", "A"),
    ("Ludwig VAN beethoven", "Ludwig VAN beethoven"),
];

const GERMAN: Cases = &[
    ("Ich heiße Jürgen Groß", "Jürgen Groß"),
    ("mein name ist anna von der heide", "Anna von der Heide"),
    ("ICH BIN KLAUS MÜLLER", "Klaus Müller"),
    ("Guten Tag, hier ist die Frau Müller", "Frau Müller"),
    ("M Ü L L E R", "Müller"),
    ("M wie Martha, A, doppel T", "Matt"),
    ("auf den Namen Schmidt", "Schmidt"),
];

const SPANISH: Cases = &[
    ("me llamo maría de la cruz", "María de la Cruz"),
    ("Hola, soy José Peña", "José Peña"),
    ("a nombre de García López", "García López"),
    ("P E Ñ A", "Peña"),
    ("mi nombre es ana", "Ana"),
];

const FRENCH: Cases = &[
    ("Je m'appelle François Lefèvre", "François Lefèvre"),
    ("bonjour, c'est jean-luc le gall", "Jean-Luc le Gall"),
    ("mon nom est d’artagnan", "D’Artagnan"),
    ("D U P O N T", "Dupont"),
    ("L U deux C A", "Lucca"),
];

const PORTUGUESE: Cases = &[
    ("meu nome é joão da silva", "João da Silva"),
    ("Chamo-me Ana Melo", "Ana Melo"),
    ("é a Ana", "Ana"),
    ("E L I A S", "Elias"),
    ("sou o MIGUEL", "Miguel"),
];

const ITALIAN: Cases = &[
    ("mi chiamo leonardo da vinci", "Leonardo da Vinci"),
    ("Buongiorno, sono Anna Rossi", "Anna Rossi"),
    ("a nome di Bianchi", "Bianchi"),
    ("E L I O", "Elio"),
    ("R O doppia S I", "Rossi"),
];

#[test]
fn a_name_is_read_as_it_is_said_in_each_language() {
    let all = [
        (Language::English, ENGLISH),
        (Language::German, GERMAN),
        (Language::Spanish, SPANISH),
        (Language::French, FRENCH),
        (Language::Portuguese, PORTUGUESE),
        (Language::Italian, ITALIAN),
    ];
    for (language, cases) in all {
        for (text, name) in cases {
            assert_eq!(read_name(language, text).as_deref(), Ok(*name), "{language:?}: {text}");
        }
    }
}

#[test]
fn what_is_no_name_is_refused_with_its_reason() {
    use NameTrouble::{Empty, NotName, TooLong};
    for (text, trouble) in [
        ("", Empty),
        (" \t\n ", Empty),
        ("my name is", Empty),
        ("Hi, I'm", Empty),
        ("?!", NotName),
        ("12345", NotName),
        ("a 12", NotName),
        ("a\u{0}b", NotName),
        ("a\u{202e}b", NotName),
    ] {
        assert_eq!(read_name(Language::English, text), Err(trouble), "{text}");
    }
    let long = "x".repeat(200);
    assert!(read_name(Language::English, &long).is_ok());
    let spoken = format!("my name is {long}");
    assert_eq!(read_name(Language::English, &spoken).map(|name| name.len()), Ok(200));
    for text in ["x".repeat(201), "xy ".repeat(101), "x".repeat(1001)] {
        assert_eq!(read_name(Language::German, &text), Err(TooLong), "{text}");
    }
}

#[test]
fn names_are_alike_by_their_words() {
    use NameLikeness::{Different, Part, Same};
    for (one, other, likeness) in [
        ("Aoife Byrne", "aoife BYRNE", Same),
        ("Aoife Byrne", "Byrne, Aoife", Same),
        ("Seán Ó Brien", "Sean O'Brien", Same),
        ("Jürgen Groß", "Juergen Gross", Same),
        ("Jürgen Groß", "Jurgen Gross", Same),
        ("Mu\u{308}ller", "Müller", Same),
        ("Müller", "Miller", Different),
        ("Mueller", "Muller", Different),
        ("Søren Åberg", "Soeren Aaberg", Same),
        ("Anna-Maria Rossi", "anna maria rossi", Same),
        ("Annamaria Rossi", "Anna Maria Rossi", Same),
        ("Mc Donald", "McDonald", Same),
        ("Herr Dr. Müller", "Müller", Same),
        ("Frau Müller", "Herr Müller", Same),
        ("Mrs Byrne", "Aoife Byrne", Part),
        ("Mme Dupont", "M. Dupont", Same),
        ("Sig. Rossi", "Rossi", Same),
        ("Sra. García López", "García", Part),
        ("Aoife", "Aoife Byrne", Part),
        ("Aoife Byrne", "Byrne", Part),
        ("Aoife Byrne", "Aoife Burke", Different),
        ("Anna Anna", "Anna", Part),
        ("Anna Anna", "Anna Maria", Different),
        ("Herr", "Frau", Different),
        ("Herr", "herr", Same),
        ("", "", Different),
        ("", "Aoife", Different),
        ("?", "?", Different),
    ] {
        assert_eq!(names_alike(one, other), likeness, "{one} / {other}");
        assert_eq!(names_alike(other, one), likeness, "{other} / {one}");
    }
    let long = "x ".repeat(501);
    assert_eq!(names_alike(&long, &long), Different);
}

#[test]
fn a_name_may_be_another_that_was_misheard_or_shortened() {
    let cases = [
        ("Robin Example", "Robyn Example", true),
        ("R. Example", "Robin Example", true),
        ("Robin", "Robin Example", true),
        ("Robin Exampel", "Robin Example", true),
        ("Robin Example", "Kim Example", false),
        ("Robin Example", "Robin Schmidt", false),
        ("Ann Lee", "Ian Lee", false),
        ("", "Robin", false),
    ];
    for (one, other, wanted) in cases {
        assert_eq!(may_be_misheard(one, other), wanted, "{one} and {other}");
        assert_eq!(may_be_misheard(other, one), wanted, "{other} and {one}");
    }
}
