//! Numbers as callers say them in each language, and what is refused.

use proptest::prelude::*;
use rlibphonenumber::PhoneNumber as Dialled;

use super::{PhoneTrouble, Region, is_assigned, read_phone};
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;

/// Region, what was said, and the number.
type Cases = &'static [(&'static str, &'static str, &'static str)];

const ENGLISH: Cases = &[
    ("IE", "oh eight seven, one two three, four five six seven", "+353871234567"),
    ("IE", "It's zero eight seven, one double two, three four five six", "+353871223456"),
    ("IE", "087 triple one 2345", "+353871112345"),
    ("IE", "uh, O87 123 4567, thanks", "+353871234567"),
    ("GB", "oh two oh, seven one eight three, eight seven five oh", "+442071838750"),
    ("GB", "plus four four, seven four double oh, one two three, four five six", "+447400123456"),
    ("GB", "oh seven four hundred, one two three four five six", "+447400123456"),
    ("US", "two one three, seven seven seven, twelve thirty-four", "+12137771234"),
    ("US", "six fifty, two fifty three, oh oh oh oh", "+16502530000"),
    ("US", "one eight hundred five five five one two one two", "+18005551212"),
    ("US", "area code two hundred and thirteen, 7 double 7, twelve hundred", "+12137771200"),
    ("US", "call me at 415 555 0132 ext. 12", "+14155550132"),
    ("US", "two one two, five five five, one two three four, extension twelve", "+12125551234"),
    ("US", "011 353 87 123 4567", "+353871234567"),
    ("US", "1800 FLOWERS", "+18003569377"),
    ("US", "eighteen hundred flowers", "+18003569377"),
    ("US", "8 hundred, three five six, nine three seven seven", "+18003569377"),
    ("IN", "nine eight seven six five, four three two one oh", "+919876543210"),
    ("IN", "double zero nine one, nine eight seven six five, 43210", "+919876543210"),
];

const GERMAN: Cases = &[
    ("DE", "null drei null eins zwei drei vier fünf sechs sieben acht", "+493012345678"),
    (
        "DE",
        "Meine Nummer ist null eins fünf eins, eins zwo drei vier, fünf sechs sieben acht",
        "+4915112345678",
    ),
    ("DE", "null siebzehn null, zwölf vierunddreißig fünfundsechzig sieben", "+491701234657"),
    ("DE", "plus neunundvierzig dreißig zwölf vierunddreißig 56 achtundsiebzig", "+493012345678"),
    ("DE", "null null vier neun, drei null, zwölf, vier und dreißig, 5678", "+493012345678"),
    ("DE", "null acht neun, zwo drei vier, fuenf sechs sieben acht", "+49892345678"),
    ("DE", "030 12345678 Durchwahl 12", "+493012345678"),
    ("DE", "die 0151 und dann zweimal die eins, zwo drei vier fünf sechs sieben", "+4915111234567"),
    ("DE", "0151 zwei mal die eins, doppel zwei, 3456", "+4915111223456"),
    ("DE", "Doppelnull neunundvierzig, 151 12345678", "+4915112345678"),
    ("DE", "ähm, 0049 (0)30 12 34 56 78", "+493012345678"),
    ("DE", "null achthundert, zwölf vierunddreißig fünfhundertsiebenundsechzig", "+498001234567"),
    ("AT", "null sechs sechs vier, eins zwei drei vier fünf sechs sieben", "+436641234567"),
    ("AT", "plus dreiundvierzig eins, fünf drei fünf, vier mal die null", "+4315350000"),
    (
        "CH",
        "null neunundsiebzig, hundertdreiundzwanzig, fünfundvierzig, siebenundsechzig",
        "+41791234567",
    ),
    ("CH", "0041 44 668 18 00", "+41446681800"),
];

const SPANISH: Cases = &[
    ("ES", "seis uno dos, tres cuatro cinco, seis siete ocho", "+34612345678"),
    ("ES", "seiscientos doce, treinta y cuatro, cincuenta y seis, setenta y ocho", "+34612345678"),
    ("ES", "mi número es el 612 34 56 78, gracias", "+34612345678"),
    (
        "ES",
        "más treinta y cuatro, noventa y uno, doscientos treinta y cuatro, 5678",
        "+34912345678",
    ),
    ("ES", "noventa y tres, doce, treinta y cuatro, cinco, seis, siete", "+34931234567"),
    (
        "ES",
        "cero cero treinta y cuatro, seis veintidós, treinta y tres, cuarenta y cuatro, 55",
        "+34622334455",
    ),
    ("ES", "seis doce, doble tres, dos veces cinco, seis siete", "+34612335567"),
    ("ES", "novecientos doce treinta y cuatro cincuenta y seis setenta y ocho", "+34912345678"),
    ("ES", "novecientos, doce, treinta y cuatro, cincuenta y seis", "+34900123456"),
    ("ES", "novecientos uno dos tres cuatro cinco seis", "+34900123456"),
    ("ES", "612-345-678 extensión doce", "+34612345678"),
    ("ES", "seis diez y siete, treinta y cuatro, cincuenta y seis, setenta y ocho", "+34617345678"),
    ("MX", "cincuenta y cinco, mil doscientos treinta y cuatro, 56, 78", "+525512345678"),
    ("MX", "treinta y tres, doce, treinta y cuatro, cincuenta y seis, 78", "+523312345678"),
    ("MX", "más cincuenta y dos, cincuenta y cinco, uno dos tres cuatro, 5678", "+525512345678"),
    ("US", "dos uno tres, triple siete, uno dos tres cuatro", "+12137771234"),
];

const FRENCH: Cases = &[
    ("FR", "zéro six, douze, trente-quatre, cinquante-six, soixante-dix-huit", "+33612345678"),
    ("FR", "zéro six douze trente quatre cinquante six soixante dix huit", "+33612345678"),
    ("FR", "C'est le zéro un, quarante-deux, soixante-huit, cinquante-trois, 00", "+33142685300"),
    ("FR", "zéro quatre vingt-deux onze douze treize", "+33422111213"),
    ("FR", "zéro quatre, vingt-deux, onze, douze, treize", "+33422111213"),
    ("FR", "plus trente-trois six douze trente-quatre 56 soixante-dix-huit", "+33612345678"),
    ("FR", "zéro zéro trente-trois, un, quarante-deux, 68, 53, zéro zéro", "+33142685300"),
    (
        "FR",
        "zéro six, soixante, quatre-vingt-dix-sept, quatre-vingts, soixante et onze",
        "+33660978071",
    ),
    ("FR", "zéro six, soixante-douze, double zéro, vingt et un, quatorze", "+33672002114"),
    ("FR", "zéro huit cents douze trente-quatre cinquante-six", "+33800123456"),
    ("FR", "mon numéro c'est le 06 12 34 56 78 poste 12", "+33612345678"),
    ("FR", "zéro six, quatre fois le un, trente-quatre, cinquante-six", "+33611113456"),
    ("CH", "zéro septante-neuf, cent vingt-trois, quarante-cinq, soixante-sept", "+41791234567"),
    ("BE", "zéro quatre cent septante, douze, trente-quatre, cinquante-six", "+32470123456"),
];

const PORTUGUESE: Cases = &[
    ("PT", "nove um dois, três quatro cinco, seis sete oito", "+351912345678"),
    (
        "PT",
        "novecentos e doze, trezentos e quarenta e cinco, seiscentos e setenta e oito",
        "+351912345678",
    ),
    ("PT", "o meu número é o 912 345 678", "+351912345678"),
    ("PT", "mais trezentos e cinquenta e um, nove um dois, 345, 678", "+351912345678"),
    ("PT", "vinte e um, zero doze, trinta e quatro, cinquenta e seis", "+351210123456"),
    ("PT", "zero zero três cinco um, nove um dois, três quatro cinco, 678", "+351912345678"),
    ("PT", "nove um dois, duas vezes três, quatro cinco, seis sete", "+351912334567"),
    ("BR", "onze, nove doze trinta e quatro, cinquenta e seis, setenta e oito", "+5511912345678"),
    ("BR", "onze nove um dois três quatro cinco meia sete oito", "+5511912345678"),
    ("BR", "zero onze, noventa e um, dois três quatro, 56, 78", "+5511912345678"),
    ("BR", "vinte e um, nove oito sete meia cinco, quatro três dois um", "+5521987654321"),
    ("BR", "mais cinquenta e cinco, onze, nove um dois três quatro, 5678", "+5511912345678"),
    ("BR", "meu telefone é (11) 91234-5678 ramal 12", "+5511912345678"),
    ("BR", "zero oitocentos, dezessete, dezoito, dezenove, um", "+558001718191"),
];

const ITALIAN: Cases = &[
    ("IT", "tre uno due, tre quattro cinque, sei sette otto nove", "+393123456789"),
    ("IT", "trecentododici, trecentoquarantacinque, sessantasette, ottantanove", "+393123456789"),
    ("IT", "il mio numero è il 312 345 6789", "+393123456789"),
    ("IT", "più trentanove, tre due otto, dodici, trentaquattro, 56, sette", "+393281234567"),
    ("IT", "zero sei, dodici, trentaquattro, cinquantasei, settantotto", "+390612345678"),
    ("IT", "zero due, trentasei, sessantuno, otto, tre, doppio zero", "+390236618300"),
    ("IT", "zero zero trentanove, 347, centoventitré, quarantacinque, 67", "+393471234567"),
    ("IT", "tre tre tre, milleduecentotrentaquattro, cinquecentosessantasette", "+393331234567"),
    ("IT", "tre quarantasette, uno due tre, quattro cinque, sei sette", "+393471234567"),
    ("IT", "tre, due volte otto, uno due tre quattro cinque sei sette", "+393881234567"),
    ("IT", "ehm, 06 1234 5678 interno dodici", "+390612345678"),
    ("IT", "tre venti, ventuno, ventidue, ventitré, otto", "+393202122238"),
    ("IT", "+39 (0)6 1234 5678", "+390612345678"),
];

fn region(code: &str) -> Region {
    Region::parse(code).expect("a country with a plan")
}

fn read(language: Language, text: &str, region: Option<Region>) -> Result<String, PhoneTrouble> {
    read_phone(language, text, region).map(|number| number.as_str().to_owned())
}

#[test]
fn a_number_is_read_as_it_is_said_in_each_language() {
    let all = [
        (Language::English, ENGLISH),
        (Language::German, GERMAN),
        (Language::Spanish, SPANISH),
        (Language::French, FRENCH),
        (Language::Portuguese, PORTUGUESE),
        (Language::Italian, ITALIAN),
    ];
    for (language, cases) in all {
        assert!(cases.len() >= 12, "{language:?}");
        for (code, text, number) in cases {
            let read = read(language, text, Some(region(code)));
            assert_eq!(read.as_deref(), Ok(*number), "{language:?} {code}: {text}");
        }
    }
}

#[test]
fn every_notation_of_a_number_comes_to_the_same() {
    for text in [
        "+353871234567",
        "00353871234567",
        "+353 87 123 4567",
        "+353.87.123.4567",
        "+353-87-123-4567",
        "+353 (0)87 123 4567",
        "+353 ( 0 ) 87/123/4567",
        "00 353 87 123 45 67",
        "(+353) 87 [123] 4567",
        "\u{ff0b}\u{ff13}\u{ff15}\u{ff13} 87 123 4567",
        "+\u{663}\u{665}\u{663} \u{668}\u{667} \u{661}\u{662}\u{663} 4567",
        "+\u{6f3}\u{6f5}\u{6f3} 87 123 4567",
        "+\u{969}\u{96b}\u{969} 87 123 4567",
        "+353\u{a0}87\u{2009}123\u{2013}4567",
        "plus three five three eight seven one two three four five six seven",
        "double zero three five three, eight seven, one twenty-three, 4567",
        "tel: +353 87 123 4567 x12",
        "+353871234567#5",
        "+353 87 123 4567;ext=12",
    ] {
        assert_eq!(read(Language::English, text, None).as_deref(), Ok("+353871234567"), "{text}");
    }
    for text in ["087 123 4567", "(087) 123-4567", "0871234567", "(0)87 123 4567", "87 123 4567"] {
        let read = read(Language::English, text, Some(region("IE")));
        assert_eq!(read.as_deref(), Ok("+353871234567"), "{text}");
    }
}

#[test]
fn what_is_no_number_is_refused_with_its_reason() {
    use PhoneTrouble::{Invalid, NoCountry, NotNumber, TooLong, TooShort};
    let cases = [
        ("", None, NotNumber),
        ("I would rather not say", Some("IE"), NotNumber),
        ("double", Some("IE"), NotNumber),
        ("ext", Some("IE"), NotNumber),
        ("five", None, TooShort),
        ("087 123", Some("IE"), TooShort),
        ("+353 87", None, TooShort),
        ("555 0142", Some("US"), TooShort),
        ("oh eight seven one two three four five six seven", None, NoCountry),
        ("087 123 4567 890", Some("IE"), TooLong),
        ("+353 87 123 4567 890 123 456 789 012", None, TooLong),
        ("213 777 1234 and 213 777 1235", Some("US"), TooLong),
        ("+999 12345678", None, Invalid),
        ("213 077 1234", Some("US"), Invalid),
        // What somebody goes on to say is no part of the number.
        ("213 777 okay", Some("US"), TooShort),
    ];
    for (text, code, trouble) in cases {
        let read = read(Language::English, text, code.map(region));
        assert_eq!(read, Err(trouble), "{text}");
    }
    let long = "1".repeat(501);
    assert_eq!(read(Language::English, &long, Some(region("IE"))), Err(NotNumber));
    assert_eq!(read(Language::English, &"1".repeat(500), None), Err(TooLong));
}

#[test]
fn a_region_is_two_letters_of_a_country_with_a_plan() {
    for (text, code) in [("de", "DE"), (" IE ", "IE"), ("gB", "GB"), ("us", "US")] {
        assert_eq!(Region::parse(text).as_ref().map(Region::code), Some(code), "{text}");
    }
    for text in ["", "d", "deu", "001", "ZZ", "49", "ü", "d\u{0}", "de-AT"] {
        assert_eq!(Region::parse(text), None, "{text}");
    }
}

#[test]
fn a_number_knows_its_region() {
    let of = |text: &str| {
        let number = PhoneNumber::parse(text).expect("a number with a country code");
        Region::of(&number)
    };
    for (text, code) in [
        ("+353871234567", "IE"),
        ("+12137771234", "US"),
        ("+16045551234", "CA"),
        ("+442071838750", "GB"),
        ("+41446681800", "CH"),
    ] {
        assert_eq!(of(text), Some(region(code)), "{text}");
    }
    for text in ["+9991234567", "+80012345678", "+12130771234"] {
        assert_eq!(of(text), None, "{text}");
    }
}

#[test]
fn a_number_that_nobody_can_have_is_not_assigned() {
    let of =
        |text: &str| is_assigned(&PhoneNumber::parse(text).expect("a number with a country code"));
    // Rome's keeps its zero; Russia's and North America's codes are one digit.
    for text in ["+390612345678", "+74951234567", "+12137771234", "+353871234567"] {
        assert!(of(text), "{text}");
    }
    for text in ["+9991234567", "+12130771234", "+10000000", "+2660000000", "+122222222"] {
        assert!(!of(text), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_number_is_assigned_as_it_is_when_read_as_a_text(
        code in prop::sample::select(&["1", "7", "39", "44", "49", "52", "54", "55", "353", "379"][..]),
        zeros in "0{0,2}",
        rest in "[1-9][0-9]{5,10}",
    ) {
        let text = format!("+{code}{zeros}{rest}");
        prop_assume!(text.len() <= 16);
        let number = PhoneNumber::parse(&text).expect("at most 15 digits");
        let read = Dialled::parse(&text, None).is_ok_and(|dialled| dialled.is_valid());
        prop_assert_eq!(is_assigned(&number), read, "{}", text);
    }
}
