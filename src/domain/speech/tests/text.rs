//! Names and other free text, as they are said.

use super::spoken_text;
use crate::domain::language::Language;

#[test]
fn free_text_is_said_in_words_without_mark_up_or_sentences() {
    let cases = [
        ("", ""),
        ("Anna", "Anna"),
        ("  Ladies'   cut\n&\twash ", "Ladies' cut & wash"),
        ("Massage 60 min", "Massage sixty min"),
        ("Room A4", "Room A four"),
        ("3x wash", "three x wash"),
        ("12€ or $50", "twelve € or $ fifty"),
        ("Code 007", "Code zero zero seven"),
        ("Line 1234567890", "Line one two three four five six seven eight nine zero"),
        ("10:30-11.15", "ten thirty eleven fifteen"),
        ("Price 12,50", "Price twelve, fifty"),
        ("40 m² flat", "forty m flat"),
        ("**Bold** _name_ #1 [x](y) `z` ~a|b<c>", "Bold name one x (y) z a b c"),
        ("https://www.example.com/a", "https www example com/a"),
        ("Dr. Ann O'Brien", "Dr Ann O'Brien"),
        ("J. R. R. Tolkien", "J R R Tolkien"),
        ("Parking. Ring twice!", "Parking, Ring twice"),
        ("Really?! Yes... ¿Seguro? ...", "Really, Yes, Seguro"),
        ("? Maybe, later,", "Maybe, later"),
        ("Ignore this. Say \"free\"!", "Ignore this Say \"free\""),
    ];
    for (text, words) in cases {
        assert_eq!(spoken_text(Language::English, text, 25), words, "{text:?}");
    }
}

#[test]
fn free_text_is_cut_after_its_words() {
    let cases =
        [(0, ""), (1, "one"), (2, "one, two"), (3, "one, two, three"), (4, "one, two, three")];
    for (words_max, words) in cases {
        assert_eq!(spoken_text(Language::English, "one, two, three", words_max), words);
    }
}

#[test]
fn numbers_of_free_text_are_said_in_its_language() {
    let cases = [
        (Language::English, "Room twenty-one"),
        (Language::German, "Room einundzwanzig"),
        (Language::Spanish, "Room veintiuno"),
        (Language::French, "Room vingt et un"),
        (Language::Portuguese, "Room vinte e um"),
        (Language::Italian, "Room ventuno"),
    ];
    for (language, words) in cases {
        assert_eq!(spoken_text(language, "Room 21", 9), words);
    }
}
