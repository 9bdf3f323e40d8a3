//! Whatever is written, in any language: no reader panics, and what is read is valid.

use super::{Region, names_alike, read_digits, read_email, read_name, read_phone};
use crate::domain::business;
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;

/// Pieces that texts are made of, set apart by `|`, so that many of them come near to something.
const PIECES: &str = " | | | |.|,|-|+|@|(0)|(|)|/|#|'|’|\"|<|>|\u{0}|\u{202e}|\u{301}|\u{a0}|0|1|\
    353|087|123 4567|00|011|\u{663}|\u{ff15}|½|plus|oh|one|eight|hundred|thousand|and|twenty|\
    double|triple|x|ext|the|eins|ein|und|zwei|zwanzig|hundert|tausend|zweiundvierzig|\
    neunhundertneunundneunzig|doppel|mal|y|mil|quinientos|veinte|veces|quatre|vingt|dix|sept|\
    soixante|cent|cents|fois|e|meia|cem|vinte|quarantadue|cento|mila|volte|dot|at|arroba|punkt|ät|\
    chiocciola|underscore|gmail|com|gmail.com|e-mail|is|my|a|b|ü|ß|İ|as in|wie|de|como|boy|bravo|\
    yankee|romeo|ele|uve|B.Y.R.N.E|B-Y-R|my name is|ich heiße|mcdonald|o'brien|von|Müller|日本|😀|\
    \u{1f468}\u{200d}\u{1f469}|\u{fffd}";

/// Marsaglia's xorshift: the same texts in every run.
struct Chance(u64);

impl Chance {
    fn draw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length fits");
        usize::try_from(self.draw() % end).expect("what is below a length fits")
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn sign(&mut self) -> char {
        let code = u32::try_from(self.draw() % 0x11_0000).expect("a code point fits");
        char::from_u32(code).unwrap_or('\u{2007}')
    }

    fn text(&mut self, pieces: &[&str]) -> String {
        let mut text = String::new();
        for _ in 0..self.below(24) {
            match self.below(8) {
                0 => text.push(self.sign()),
                1 => text.push(' '),
                _ => text.push_str(self.pick(pieces)),
            }
        }
        text
    }
}

fn check(language: Language, text: &str, region: Option<Region>) {
    if let Ok(number) = read_phone(language, text, region) {
        let again = PhoneNumber::parse(number.as_str()).map(|number| number.to_string());
        assert_eq!(again.as_deref(), Ok(number.as_str()), "{language:?}: {text:?}");
        let read = read_phone(language, number.as_str(), region);
        assert_eq!(read, Ok(number), "{language:?}: {text:?}");
    }
    if let Ok(email) = read_email(language, text) {
        assert!(email.address.len() <= 254, "{language:?}: {text:?}");
        let again = read_email(language, &email.address).expect("an address is one");
        assert_eq!(again.address, email.address, "{language:?}: {text:?}");
        assert!(!again.mended, "{language:?}: {text:?}");
    }
    if let Ok(name) = read_name(language, text) {
        assert_eq!(business::name(&name).as_ref(), Some(&name), "{language:?}: {text:?}");
        assert!(name.chars().any(char::is_alphabetic), "{language:?}: {text:?}");
    }
    let digits = read_digits(language, text);
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{language:?}: {text:?}");
}

#[test]
fn any_text_is_read_or_refused() {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let codes =
        ["US", "GB", "IE", "DE", "AT", "CH", "ES", "MX", "FR", "IT", "PT", "BR", "IN", "AU"];
    let regions = codes.map(Region::parse);
    let pieces: Vec<&str> = PIECES.split('|').collect();
    let mut before = String::new();
    for _ in 0..20_000 {
        let text = chance.text(&pieces);
        let region = if chance.below(4) == 0 { None } else { chance.pick(&regions) };
        check(chance.pick(&Language::ALL), &text, region);
        assert_eq!(names_alike(&before, &text), names_alike(&text, &before), "{text:?}");
        before = text;
    }
}

#[test]
fn a_text_of_a_megabyte_is_read_or_refused_at_once() {
    for piece in
        ["1", "a", "a ", "eins ", "e.", "@", "é", "zwanzigund", "😀", "(0)", "\u{301}", " "]
    {
        let text = piece.repeat((1 << 20) / piece.len());
        for language in Language::ALL {
            check(language, &text, Region::parse("IE"));
        }
        names_alike(&text, &text);
    }
}
