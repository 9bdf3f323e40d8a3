//! Addresses as callers say and spell them in each language, and what is refused.

use super::{EmailTrouble, ReadEmail, read_email};
use crate::domain::language::Language;

/// What was said, and the two parts of the address.
type Cases = &'static [(&'static str, &'static str, &'static str)];

const ENGLISH: Cases = &[
    ("anna dot smith at gmail dot com", "anna.smith", "gmail.com"),
    ("My email address is anna dot smith at example dot com.", "anna.smith", "example.com"),
    ("it's a n n a at gmail.com", "anna", "gmail.com"),
    ("A. N. N. A. at gmail. com", "anna", "gmail.com"),
    ("A-O-I-F-E dot Byrne at Gmail dot com, thank you", "aoife.byrne", "gmail.com"),
    ("Anna.Smith at Outlook dot com", "Anna.Smith", "outlook.com"),
    ("theo t h e o at hotmail dot co dot uk", "theo", "hotmail.co.uk"),
    ("b as in boy, y, r, n as in november, e at example dot org", "byrne", "example.org"),
    ("bravo yankee romeo november echo at yahoo dot com", "byrne", "yahoo.com"),
    ("k e double l y underscore one at i cloud dot com", "kelly_1", "icloud.com"),
    ("double u i l l plus shop at example dot ie", "will+shop", "example.ie"),
    ("j dash p hyphen x at g mail dot com", "j-p-x", "gmail.com"),
    ("john forty-two at gmail dot com all lower case", "john42", "gmail.com"),
    ("mike nineteen eighty five at gmail dot com", "mike1985", "gmail.com"),
    ("you can reach me at sean.obrien at example dot com please", "sean.obrien", "example.com"),
    ("the best one to use is info at example dot com", "info", "example.com"),
    ("yes, me at gmial dot com", "me", "gmail.com"),
    ("anna smith all one word at gmail com", "annasmith", "gmail.com"),
    ("anna dot smith @ example . com", "anna.smith", "example.com"),
    ("e-mail: O'Brien at example dot com", "OBrien", "example.com"),
];

const GERMAN: Cases = &[
    ("anna punkt schmidt ät gmx punkt de", "anna.schmidt", "gmx.de"),
    ("Meine E-Mail-Adresse ist anna minus schmidt at web punkt de", "anna-schmidt", "web.de"),
    ("Meine E-Mail lautet info at example punkt org, danke", "info", "example.org"),
    ("Ja, das ist Jürgen Punkt Groß ät t minus online Punkt de", "Juergen.Gross", "t-online.de"),
    ("m e y e r Unterstrich 7 at gmail punkt com", "meyer_7", "gmail.com"),
    ("B wie Berta, E, R wie Richard, G at example punkt com", "berg", "example.com"),
    ("Berta Emil Richard Gustav at example punkt com", "berg", "example.com"),
    ("m ü doppel l e r at gmx punkt net", "mueller", "gmx.net"),
    ("anna Bindestrich zweiundvierzig at web punkt d e", "anna-42", "web.de"),
    ("anna plus test klammeraffe googlemail punkt com", "anna+test", "googlemail.com"),
    ("anna at tonline punkt de alles klein geschrieben", "anna", "t-online.de"),
    ("Sie erreichen mich unter anna at example punkt de", "anna", "example.de"),
];

const SPANISH: Cases = &[
    ("ana punto garcía arroba gmail punto com", "ana.garcia", "gmail.com"),
    (
        "mi correo electrónico es ana guion bajo garcia arroba hotmail punto es",
        "ana_garcia",
        "hotmail.es",
    ),
    ("ana guión garcía arroba outlook punto com", "ana-garcia", "outlook.com"),
    ("a n a arroba yahoo puntocom", "ana", "yahoo.com"),
    ("b de barcelona, e, l, e, n arroba gmail punto com", "belen", "gmail.com"),
    ("jota u a ene arroba gmail punto com", "juan", "gmail.com"),
    ("ana treinta y dos arroba gmail punto com, gracias", "ana32", "gmail.com"),
    ("sería info arroba example punto com punto mx", "info", "example.com.mx"),
    ("doble u i doble l y arroba gmail punto com", "willy", "gmail.com"),
    ("ana más tienda arroba gmail punto com todo en minúsculas", "ana+tienda", "gmail.com"),
    ("sí, es peña barra baja 7 arroba gmail punto com", "pena_7", "gmail.com"),
];

const FRENCH: Cases = &[
    ("marie point dupont arobase orange point fr", "marie.dupont", "orange.fr"),
    ("mon adresse mail est marie tiret dupont arobase free point fr", "marie-dupont", "free.fr"),
    ("c'est marie tiret bas dupont arobase gmail point com", "marie_dupont", "gmail.com"),
    ("m a r i e arobase wanadoo point fr, merci", "marie", "wanadoo.fr"),
    ("m comme michel, a, r, c arobase gmail point com", "marc", "gmail.com"),
    ("a deux n e arobase gmail point com", "anne", "gmail.com"),
    ("andré soixante-quinze arobase sfr point fr", "andre75", "sfr.fr"),
    ("l u c underscore double v arobase laposte point net", "luc_w", "laposte.net"),
    ("jean trait d'union luc a commercial example point fr", "jean-luc", "example.fr"),
    ("marie plus test arobase orang point fr tout en minuscules", "marie+test", "orange.fr"),
    ("euh, mon courriel, c'est info at example point com", "info", "example.com"),
];

const PORTUGUESE: Cases = &[
    ("ana ponto silva arroba gmail ponto com", "ana.silva", "gmail.com"),
    ("meu email é ana sublinhado silva arroba uol ponto com ponto br", "ana_silva", "uol.com.br"),
    ("o meu email é ana hífen silva arroba sapo ponto pt", "ana-silva", "sapo.pt"),
    ("a n a arroba hotmail ponto com, obrigada", "ana", "hotmail.com"),
    ("e v a arroba gmail ponto com", "eva", "gmail.com"),
    ("é joão ponto melo arroba terra ponto com ponto br", "joao.melo", "terra.com.br"),
    ("j de josé, o, a, o arroba bol ponto com ponto br", "joao", "bol.com.br"),
    ("ana vinte e dois arroba gmail ponto com", "ana22", "gmail.com"),
    ("ana mais loja arroba gmail ponto com tudo junto", "ana+loja", "gmail.com"),
    ("w como washington i l arroba outlook pontocom", "wil", "outlook.com"),
    ("ana traço meia sete arroba uol ponto co ponto br", "ana-67", "uol.com.br"),
];

const ITALIAN: Cases = &[
    ("anna punto rossi chiocciola libero punto it", "anna.rossi", "libero.it"),
    (
        "la mia email è anna trattino basso rossi chiocciola gmail punto com",
        "anna_rossi",
        "gmail.com",
    ),
    ("anna trattino rossi chiocciola virgilio punto it", "anna-rossi", "virgilio.it"),
    ("a n n a chiocciola tiscali punto it, grazie", "anna", "tiscali.it"),
    ("e l i o chiocciola libero punto it", "elio", "libero.it"),
    ("è elio chiocciola libero punto it", "elio", "libero.it"),
    ("b come bologna, o, doppia s, i chiocciola gmail punto com", "bossi", "gmail.com"),
    ("bologna otranto savona savona imola chiocciola gmail punto com", "bossi", "gmail.com"),
    ("anna quarantadue chiocciola alice punto it", "anna42", "alice.it"),
    ("anna più negozio at gmail punto com tutto attaccato", "anna+negozio", "gmail.com"),
    ("anna chiocciola liberoo punto it", "anna", "libero.it"),
    ("doppia vu i elle elle chiocciola gmail punto com", "will", "gmail.com"),
];

fn whole(local: &str, domain: &str) -> String {
    [local, domain].join("@")
}

#[test]
fn an_address_is_read_as_it_is_said_in_each_language_and_is_to_be_confirmed() {
    let all = [
        (Language::English, ENGLISH),
        (Language::German, GERMAN),
        (Language::Spanish, SPANISH),
        (Language::French, FRENCH),
        (Language::Portuguese, PORTUGUESE),
        (Language::Italian, ITALIAN),
    ];
    for (language, cases) in all {
        assert!(cases.len() >= 10, "{language:?}");
        for (text, local, domain) in cases {
            let wanted = ReadEmail { address: whole(local, domain), mended: true };
            assert_eq!(read_email(language, text), Ok(wanted), "{language:?}: {text}");
        }
    }
}

#[test]
fn an_address_that_is_one_is_taken_as_it_is() {
    for (text, address) in [
        ("anna@example.com", "anna@example.com"),
        ("  Anna.Smith+a@Example.COM. ", "Anna.Smith+a@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("at@dot.example", "at@dot.example"),
        ("müller@bücher.example", "müller@bücher.example"),
        ("\"a b\"@example.com", "\"a b\"@example.com"),
    ] {
        for language in Language::ALL {
            let wanted = ReadEmail { address: address.to_owned(), mended: false };
            assert_eq!(read_email(language, text), Ok(wanted), "{text}");
        }
    }
    let gmail = ReadEmail { address: whole("Anna", "gmail.com"), mended: false };
    assert_eq!(read_email(Language::English, &whole("Anna", "GMail.com.")), Ok(gmail));
}

#[test]
fn a_domain_that_is_nearly_a_providers_is_mended() {
    for domain in ["gmial.com", "gmaill.com", "gmail.co", "gnail.com"] {
        let mended = ReadEmail { address: whole("Anna", "gmail.com"), mended: true };
        assert_eq!(read_email(Language::English, &whole("Anna", domain)), Ok(mended), "{domain}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for text in [
        "",
        "@",
        "I have no email",
        "anna",
        "at gmail dot com",
        "anna at",
        "anna at home",
        "anna at work at gmail dot com",
        "anna@@example.com",
        "anna@example@example.com",
        "dot anna at example dot com",
        "anna dot dot smith at example dot com",
        "anna@localhost",
        "Anna <anna@localhost>",
        "anna@exa mple",
    ] {
        assert_eq!(read_email(Language::English, text), Err(EmailTrouble::NotAddress), "{text}");
    }
    let long = "x".repeat(65);
    for text in [whole(&long, "example.com"), format!("{long} at example dot com")] {
        assert_eq!(read_email(Language::English, &text), Err(EmailTrouble::NotAddress), "{text}");
    }
}

#[test]
fn what_is_longer_than_an_address_is_refused() {
    let domain = ["x".repeat(63), "y".repeat(63), "z".repeat(63), "example".to_owned()].join(".");
    let fits = whole(&"a".repeat(254 - 1 - domain.len()), &domain);
    assert!(read_email(Language::English, &fits).is_ok());
    for text in
        [format!("a{fits}"), "a ".repeat(1001), format!("a {} at b dot com", "x".repeat(255))]
    {
        assert_eq!(read_email(Language::English, &text), Err(EmailTrouble::TooLong), "{text}");
    }
}
