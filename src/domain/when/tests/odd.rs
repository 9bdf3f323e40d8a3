//! Phrases that no caller says: too long, empty, in other scripts, with signs of all kinds.

use super::super::{PHRASE_MAX_BYTES, When};
use super::{TUESDAY, check_any, read, told};
use crate::domain::language::Language;

#[test]
fn a_phrase_is_read_up_to_its_greatest_length() {
    let blanks = PHRASE_MAX_BYTES - "tomorrow".len();
    let longest = format!("tomorrow{}", " ".repeat(blanks));
    assert_eq!(told(read(Language::English, &longest, TUESDAY)), "2026-11-18");
    let longer = format!("{longest} ");
    assert_eq!(read(Language::English, &longer, TUESDAY), When::Unknown);
}

#[test]
fn long_phrases_are_unknown_at_once() {
    for bytes in [10_000, 1_000_000] {
        for piece in ["tomorrow ", "9", "9:30 ", "ü", "\u{301}", "and ", "\u{1f600}", "-", " "] {
            let phrase = piece.repeat(bytes / piece.len());
            for language in Language::ALL {
                assert_eq!(read(language, &phrase, TUESDAY), When::Unknown, "{piece:?}");
            }
        }
    }
}

#[test]
fn the_longest_runs_of_one_piece_are_read_without_harm() {
    let pieces = [
        "a ", "9 ", "9", "9:", "9.", "9/", "9-", "-", ".", "and ", "und ", "y ", "et ", "e ",
        "in ", "from ", "to ", "between ", "half ", "quarter ", "monday ", "the ", "next ",
        "week ", "1st ", "venti", "sechsund", "dienstag", "ß", "İ", "ﬁ", "\u{345}", "\u{301}",
    ];
    for piece in pieces {
        let phrase = piece.repeat(PHRASE_MAX_BYTES / piece.len());
        for language in Language::ALL {
            check_any(&phrase, language, TUESDAY);
        }
    }
}

#[test]
fn phrases_that_say_no_time_are_unknown() {
    let phrases = [
        "",
        " ",
        "\t\n  \r",
        "\0",
        "\0\0\0",
        ".",
        "-",
        "--",
        "?!",
        "…",
        "'",
        "\u{feff}",
        "\u{301}\u{302}",
        "\u{200d}",
        "\u{1f600}\u{1f44d}\u{1f3fd}",
        "غدا صباحا",
        "מחר בבוקר",
        "明日の朝",
        "завтра утром",
        "\u{202e}\u{202d}",
        "९:३०",
        "xyz",
        "99999999999999999999999",
        "12345",
        "1.2.3.4.5.6",
        "::::",
        "25:00",
        "9:60",
        "99:99",
        "0000-00-00",
        "2026-13-01",
        "2026-11-31",
        "99.99.9999",
        "31/31",
        "00/00/0000",
        "1/2/3/4",
    ];
    for phrase in phrases {
        for language in Language::ALL {
            check_any(phrase, language, TUESDAY);
            assert_eq!(told(read(language, phrase, TUESDAY)), "unknown", "{phrase:?}");
        }
    }
}

#[test]
fn signs_around_a_word_do_not_hide_it() {
    let phrases = [
        "\0tomorrow\0",
        "¡tomorrow!",
        "\u{202b}tomorrow\u{202c}",
        "\u{1f4c5} tomorrow \u{1f44d}",
        "TOMORROW",
        "tömórrów",
        "to\u{301}morrow",
        "«tomorrow»",
        "tomorrow…",
        "(tomorrow?)",
    ];
    for phrase in phrases {
        check_any(phrase, Language::English, TUESDAY);
        let told = told(read(Language::English, phrase, TUESDAY));
        assert_eq!(told, "2026-11-18", "{phrase:?}");
    }
}

#[test]
fn accents_may_be_composed_apart_or_missing() {
    let same = [
        (Language::Spanish, ["mañana", "man\u{303}ana", "manana"]),
        (Language::Spanish, ["el miércoles", "el mie\u{301}rcoles", "el miercoles"]),
        (Language::French, ["après-demain", "apre\u{300}s-demain", "apres demain"]),
        (Language::Portuguese, ["amanhã", "amanha\u{303}", "AMANHÃ"]),
        (Language::German, ["im März", "im Maerz", "im Marz"]),
        (Language::German, ["übermorgen", "uebermorgen", "u\u{308}bermorgen"]),
        (Language::Italian, ["mercoledì", "mercoledi\u{300}", "mercoledi"]),
    ];
    for (language, [first, others @ ..]) in same {
        let expected = read(language, first, TUESDAY);
        assert_ne!(expected, When::Unknown, "{first}");
        for other in others {
            assert_eq!(read(language, other, TUESDAY), expected, "{other:?}");
        }
    }
}

#[test]
fn words_of_another_language_are_unknown() {
    let words = [
        (Language::English, "tomorrow"),
        (Language::German, "übermorgen"),
        (Language::Spanish, "el miércoles"),
        (Language::French, "après-demain"),
        (Language::Portuguese, "terça-feira"),
        (Language::Italian, "dopodomani"),
    ];
    for (own, phrase) in words {
        for language in Language::ALL {
            let is_known = read(language, phrase, TUESDAY) != When::Unknown;
            assert_eq!(is_known, language == own, "{phrase} in {language:?}");
        }
    }
}
