//! Digits in each language: one by one, in pairs, in hundreds, doubled.

use super::read_digits;
use crate::domain::language::Language;

/// What was said, and its digits.
type Cases = &'static [(&'static str, &'static str)];

const ENGLISH: Cases = &[
    ("four two seven one", "4271"),
    ("42 71", "4271"),
    ("double four", "44"),
    ("It's four, two, seven, one.", "4271"),
    ("forty-two seventy-one", "4271"),
    ("forty two, seventy one", "4271"),
    ("oh o zero nought", "0000"),
    ("double-oh seven", "007"),
    ("triple six double 5123", "66655123"),
    ("twenty twenty", "2020"),
    ("eight hundred", "800"),
    ("eight hundred five five five", "800555"),
    ("eight hundred forty two", "80042"),
    ("eight hundred and forty-two", "842"),
    ("two hundred twelve", "212"),
    ("two hundred two one two", "200212"),
    ("four thousand two hundred and seventy-one", "4271"),
    ("four thousand and one", "4001"),
    ("thirty four hundred", "3400"),
    ("8 hundred", "800"),
    ("my code is 4 (0) 7 1", "4071"),
    ("twenty and five", "205"),
];

const GERMAN: Cases = &[
    ("vier zwo sieben eins", "4271"),
    ("zweiundvierzig einundsiebzig", "4271"),
    ("zwei und vierzig, ein und siebzig", "4271"),
    ("dreihundertfünf", "305"),
    ("achthundert zwölf", "80012"),
    ("achthundertfünfundvierzig", "845"),
    ("eintausendzweihundertvierunddreißig", "1234"),
    ("neuntausendneunhundertneunundneunzig", "9999"),
    ("hundert", "100"),
    ("doppel fünf dreimal die null", "55000"),
    ("zwei mal 5", "55"),
    ("ein Code mit sechzehn", "16"),
    ("fuenfzig funfzehn", "5015"),
    ("hundertund", ""),
];

const SPANISH: Cases = &[
    ("cuatro dos siete uno", "4271"),
    ("cuarenta y dos setenta y uno", "4271"),
    ("cuatro mil doscientos setenta y uno", "4271"),
    ("ochocientos", "800"),
    ("ochocientos cinco", "805"),
    ("ochocientos uno dos tres", "800123"),
    ("quinientos doce", "512"),
    ("veintidós dieciséis", "2216"),
    ("diez y ocho", "18"),
    ("treinta dos", "302"),
    ("doble cuatro triple uno", "44111"),
    ("dos veces el cinco", "55"),
];

const FRENCH: Cases = &[
    ("quatre deux sept un", "4271"),
    ("quarante-deux soixante et onze", "4271"),
    ("quatre-vingt-dix-sept", "97"),
    ("quatre vingt dix sept", "97"),
    ("quatre-vingts", "80"),
    ("soixante-douze", "72"),
    ("soixante dix", "70"),
    ("septante-deux nonante-neuf", "7299"),
    ("vingt et un", "21"),
    ("huit cents douze", "80012"),
    ("huit cent douze", "812"),
    ("mille deux cent trente-quatre", "1234"),
    ("zéro quatre-vingt-deux", "082"),
    ("zéro quatre vingt-deux", "0422"),
    ("double zéro, trois fois le cinq", "00555"),
];

const PORTUGUESE: Cases = &[
    ("quatro dois sete um", "4271"),
    ("quarenta e dois, setenta e um", "4271"),
    ("quatro mil duzentos e setenta e um", "4271"),
    ("meia meia sete", "667"),
    ("vinte e dois", "22"),
    ("vinte dois", "202"),
    ("oitocentos doze", "80012"),
    ("oitocentos e doze", "812"),
    ("cento e vinte e três", "123"),
    ("duplo quatro, três vezes o nove", "44999"),
    ("dezasseis dezesseis", "1616"),
    ("cinco e seis", "56"),
];

const ITALIAN: Cases = &[
    ("quattro due sette uno", "4271"),
    ("quarantadue settantuno", "4271"),
    ("quaranta due", "402"),
    ("quaranta-due", "42"),
    ("ventuno ventotto ventitré", "212823"),
    ("trecentoquarantotto", "348"),
    ("quattromiladuecentosettantuno", "4271"),
    ("milleduecento", "1200"),
    ("centotto", "108"),
    ("cento", "100"),
    ("doppio zero, due volte il sei", "0066"),
    ("diciassette ottantotto", "1788"),
];

#[test]
fn digits_are_read_in_each_language() {
    let all = [
        (Language::English, ENGLISH),
        (Language::German, GERMAN),
        (Language::Spanish, SPANISH),
        (Language::French, FRENCH),
        (Language::Portuguese, PORTUGUESE),
        (Language::Italian, ITALIAN),
    ];
    for (language, cases) in all {
        for (text, digits) in cases {
            assert_eq!(read_digits(language, text), *digits, "{language:?}: {text}");
        }
    }
}

#[test]
fn digits_of_other_scripts_are_digits() {
    for text in ["\u{664}\u{662}\u{667}\u{661}", "\u{ff14}\u{ff12} \u{ff17}\u{ff11}", "४२७१"]
    {
        assert_eq!(read_digits(Language::English, text), "4271", "{text}");
    }
}

#[test]
fn a_text_without_digits_or_without_end_has_none() {
    for text in ["", "no idea", "double", "and", "½", "²"] {
        assert_eq!(read_digits(Language::English, text), "", "{text}");
    }
    assert_eq!(read_digits(Language::English, &"4".repeat(500)).len(), 500);
    assert_eq!(read_digits(Language::English, &"4".repeat(501)), "");
}
