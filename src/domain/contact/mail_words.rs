//! What is said around and within an e-mail address, by language, and the domains that most
//! addresses are at.
//!
//! Never reads an address: these are its tables. Phrases are plain words, set apart by `|`.

use super::words::{self, Word};
use crate::domain::language::Language;

/// What one language says of an address.
struct MailWords {
    /// Signs by their names.
    signs: &'static [(&'static str, &'static str)],
    /// What may come first.
    first: &'static str,
    /// What leads to the address, anywhere before it.
    lead: &'static str,
    /// What may come after it.
    last: &'static str,
    /// What says how it is written, and hesitation, anywhere.
    aside: &'static str,
}

/// Names of signs that are used in every language.
const SIGNS: &[(&str, &str)] = &[
    (".", "dot"),
    (".com", "dotcom"),
    ("@", "at"),
    ("_", "underscore|under score|underline"),
    ("-", "minus"),
    ("+", "plus"),
];

const ENGLISH: MailWords = MailWords {
    signs: &[
        (".", "point|period|full stop"),
        ("@", "at sign|the at sign"),
        ("-", "dash|hyphen|the hyphen"),
        ("+", "plus sign"),
    ],
    first: "yes|yeah|yep|sure|ok|okay|so|well|hi|hello|my email address|my email|email address|\
            email|the email|my address|mailto|thats|that would be|it would be",
    lead: "is|its|it is|to|me at|me on|me under|address|thats|that is",
    last: "thanks|thank you|thanks a lot|please|thats it|that is it|thats all|is my email|\
           is my email address|is the address|okay|ok|right",
    aside: "uh|um|uhm|erm|hmm|all lowercase|all lower case|lowercase|lower case|in lowercase|\
            all one word|one word|no spaces|all together|all in lowercase",
};

const GERMAN: MailWords = MailWords {
    signs: &[
        (".", "punkt"),
        (".com", "punktcom"),
        ("@", "klammeraffe|affenschwanz|et"),
        ("_", "unterstrich|tiefstrich"),
        ("-", "bindestrich|mittelstrich|strich|trennstrich"),
    ],
    first: "ja|also|gerne|hallo|meine email adresse|meine emailadresse|meine email|meine mail|\
            meine mailadresse|email adresse|emailadresse|email|mail|mailto|das ware",
    lead: "ist|lautet|ist die|unter|an|adresse|emailadresse|das ist|das ware",
    last: "danke|danke schon|dankeschon|vielen dank|bitte|genau|das wars|ist meine email|\
           ist meine adresse",
    aside: "ah|ahm|hm|alles klein|alles klein geschrieben|alles kleingeschrieben|\
            kleingeschrieben|klein geschrieben|alles zusammen|zusammengeschrieben|\
            alles zusammengeschrieben|zusammen geschrieben|alles zusammen geschrieben",
};

const SPANISH: MailWords = MailWords {
    signs: &[
        (".", "punto"),
        (".com", "puntocom"),
        ("@", "arroba"),
        ("_", "guion bajo|barra baja|raya baja|guion abajo"),
        ("-", "guion|guion medio|raya|menos"),
        ("+", "mas|signo mas"),
    ],
    first: "si|claro|bueno|pues|hola|mi correo electronico|mi correo|correo electronico|correo|\
            mi email|email|mi mail|mailto|mi direccion",
    lead: "es|seria|al correo|a la direccion|direccion",
    last: "gracias|muchas gracias|por favor|eso es|eso es todo|vale|es mi correo",
    aside: "eh|este|ehm|todo junto|todo en minusculas|todo en minuscula|en minusculas|\
            en minuscula|minusculas|sin espacios",
};

const FRENCH: MailWords = MailWords {
    signs: &[
        (".", "point"),
        (".com", "pointcom"),
        ("@", "arobase|arrobase|arobas|arrobas|a commercial|arobaz"),
        ("_", "tiret bas|souligne|tiret du bas|tiret du huit|tiret du 8"),
        ("-", "tiret|trait dunion|tiret du six|tiret du 6|tiret haut|moins"),
    ],
    first: "oui|alors|bien sur|bonjour|mon adresse email|mon adresse mail|mon adresse|mon email|\
            mon mail|mon courriel|adresse email|adresse mail|ladresse|email|mail|courriel|mailto",
    lead: "est|cest|ce serait|a ladresse|adresse|ladresse",
    last: "merci|merci beaucoup|merci bien|sil vous plait|svp|voila|cest tout|cest ca",
    aside: "euh|heu|hum|tout attache|tout en minuscules|en minuscules|tout en minuscule|\
            en minuscule|sans espace|sans espaces|en un seul mot",
};

const PORTUGUESE: MailWords = MailWords {
    signs: &[
        (".", "ponto"),
        (".com", "pontocom"),
        ("@", "arroba"),
        ("_", "sublinhado|traco baixo|traco inferior|underscor|tracinho baixo"),
        ("-", "hifen|traco|tracinho|menos"),
        ("+", "mais|sinal de mais"),
    ],
    first: "sim|claro|entao|ola|oi|o meu email e|meu email e|o meu email|meu email|email e|email|\
            o meu mail e|o meu mail|meu endereco e|o endereco e|endereco|mailto",
    lead: "email e|mail e|endereco e|seria|para o email|para",
    last: "obrigado|obrigada|muito obrigado|muito obrigada|por favor|se faz favor|e isso|so isso",
    aside: "ahn|hum|eh|tudo junto|tudo minusculo|tudo em minusculas|em minusculas|\
            tudo em minusculo|minusculas|sem espacos",
};

const ITALIAN: MailWords = MailWords {
    signs: &[
        (".", "punto"),
        (".com", "puntocom"),
        ("@", "chiocciola|chiocciolina|la chiocciola"),
        ("_", "trattino basso|trattino in basso|linea bassa"),
        ("-", "trattino|lineetta|meno|trattino alto"),
        ("+", "piu|segno piu"),
    ],
    first: "si|certo|allora|ciao|la mia email e|la mia mail e|la mia email|la mia mail|\
            il mio indirizzo e|mio indirizzo e|lindirizzo e|indirizzo|email|mail|mailto",
    lead: "email e|mail e|indirizzo e|sarebbe|indirizzo email|a questo indirizzo",
    last: "grazie|grazie mille|per favore|tutto qui|ecco|e la mia email",
    aside: "ehm|eh|uhm|tutto attaccato|tutto minuscolo|tutto in minuscolo|in minuscolo|\
            minuscolo|senza spazi|tutto unito",
};

/// The sign that the words begin with by one of its names, and how many words the name has.
/// Without `at`, the word for the sign between name and domain is a word like any other.
pub(super) fn sign(language: Language, words: &[Word], at: bool) -> Option<(&'static str, usize)> {
    let all = SIGNS.iter().chain(mail_words(language).signs);
    let all = all.filter(|(sign, _)| at || *sign != "@");
    let said = all.map(|(sign, names)| (*sign, words::leads(words, names)));
    said.filter(|(_, used)| *used > 0).max_by_key(|(_, used)| *used)
}

/// How many words at the front are said before an address.
pub(super) fn first(language: Language, words: &[Word]) -> usize {
    let said = words::leads(words, mail_words(language).first);
    let is = match language {
        Language::Portuguese | Language::Italian => says_is(words),
        Language::English | Language::German | Language::Spanish | Language::French => false,
    };
    said.max(usize::from(is))
}

/// "É" and "è" say that the address follows, unless letters are spelled.
fn says_is(words: &[Word]) -> bool {
    let is = words.first().is_some_and(|word| matches!(word.text.as_str(), "é" | "è" | "É" | "È"));
    is && words.get(1).is_some_and(|next| next.letter().is_none())
}

/// How many words at the front lead to the address.
pub(super) fn lead(language: Language, words: &[Word]) -> usize {
    words::leads(words, mail_words(language).lead)
}

/// How many words at the end are said after an address.
pub(super) fn last(language: Language, words: &[Word]) -> usize {
    words::trails(words, mail_words(language).last)
}

/// How many words at the front are no part of an address.
pub(super) fn aside(language: Language, words: &[Word]) -> usize {
    words::leads(words, mail_words(language).aside)
}

fn mail_words(language: Language) -> &'static MailWords {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::French => &FRENCH,
        Language::Portuguese => &PORTUGUESE,
        Language::Italian => &ITALIAN,
    }
}

/// Domains at which people have addresses. One that is close to another is here so that it is not
/// taken for the other.
const PROVIDERS: &str = "gmail.com googlemail.com outlook.com outlook.de outlook.es outlook.fr \
    outlook.it outlook.pt outlook.ie outlook.com.br hotmail.com hotmail.co.uk hotmail.de \
    hotmail.es hotmail.fr hotmail.it hotmail.com.br live.com live.co.uk live.de live.fr live.it \
    live.ie msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.es yahoo.fr yahoo.it yahoo.ie yahoo.co.in \
    yahoo.com.br yahoo.com.mx yahoo.com.ar ymail.com rocketmail.com icloud.com me.com mac.com \
    aol.com aol.de mail.com email.com fastmail.com proton.me protonmail.com \
    pm.me zoho.com hey.com gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de \
    posteo.de mailbox.org arcor.de bluewin.ch a1.net chello.at btinternet.com sky.com \
    virginmedia.com eircom.net comcast.net verizon.net att.net telefonica.net terra.es \
    orange.fr orange.es wanadoo.fr free.fr sfr.fr laposte.net bbox.fr neuf.fr numericable.fr \
    libero.it virgilio.it alice.it tiscali.it tin.it tim.it fastwebnet.it inwind.it \
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com sapo.pt mail.pt \
    iol.pt rediffmail.com prodigy.net.mx";

/// Shortest name of a provider whose letters are mended. One edit away from a shorter name there
/// are other names that belong to somebody.
const MENDED_MIN: usize = 5;

/// The provider that a domain was meant to be, if it is one edit away from just one.
pub(super) fn meant(domain: &str) -> Option<&'static str> {
    if PROVIDERS.split_whitespace().any(|known| known == domain) {
        return None;
    }
    let mut close = PROVIDERS.split_whitespace().filter(|known| is_close(domain, known));
    close.next().filter(|_| close.next().is_none())
}

fn is_close(domain: &str, known: &str) -> bool {
    let Some(edit) = edit(domain, known) else { return false };
    // Most providers have a domain in every country, so another country is no slip.
    let (one, other) = (last_label(domain), last_label(known));
    let elsewhere = one != other && one.len() == 2 && other.len() == 2;
    let name = known.split('.').next().unwrap_or_default();
    let same_name = domain.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let near = match edit {
        Edit::Swap => true,
        Edit::Letter => same_name || name.len() >= MENDED_MIN,
    };
    near && !elsewhere
}

fn last_label(domain: &str) -> &str {
    domain.rsplit('.').next().unwrap_or_default()
}

/// How two texts differ that differ little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    /// Two neighbours changed places.
    Swap,
    /// One letter was added, left out or taken for another.
    Letter,
}

/// The one edit that makes one text of the other.
fn edit(one: &str, other: &str) -> Option<Edit> {
    let (mut one, mut other): (Vec<char>, Vec<char>) =
        (one.chars().collect(), other.chars().collect());
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    one.drain(..same);
    other.drain(..same);
    while let (Some(a), Some(b)) = (one.last(), other.last())
        && a == b
    {
        one.pop();
        other.pop();
    }
    match (one.as_slice(), other.as_slice()) {
        ([a, b], [c, d]) if a == d && b == c => Some(Edit::Swap),
        ([_], [_] | []) | ([], [_]) => Some(Edit::Letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_one_edit_away_from_a_provider_is_meant_to_be_it() {
        let cases = [
            ("gmail.com", None),
            ("gmial.com", Some("gmail.com")),
            ("gmaill.com", Some("gmail.com")),
            ("gmai.com", Some("gmail.com")),
            ("gnail.com", Some("gmail.com")),
            ("gmailcom", Some("gmail.com")),
            ("gmail.co", Some("gmail.com")),
            ("hotmial.com", Some("hotmail.com")),
            ("outlok.com", Some("outlook.com")),
            ("yaho.com", Some("yahoo.com")),
            ("iclould.com", Some("icloud.com")),
            ("tonline.de", Some("t-online.de")),
            ("gmx.d", Some("gmx.de")),
            ("gxm.de", Some("gmx.de")),
            ("wbe.de", Some("web.de")),
            ("orang.fr", Some("orange.fr")),
            ("libbero.it", Some("libero.it")),
            ("uol.co.br", Some("uol.com.br")),
        ];
        for (domain, provider) in cases {
            assert_eq!(meant(domain), provider, "{domain}");
        }
    }

    #[test]
    fn another_provider_a_short_name_and_a_tie_are_left_alone() {
        for domain in [
            "mail.com",
            "ymail.com",
            "email.com",
            "wub.de",
            "gms.de",
            "hotmail.e",
            "hotmail.be",
            "live.be",
            "example.com",
            "gmail.de",
            "",
            "é",
        ] {
            assert_eq!(meant(domain), None, "{domain}");
        }
    }
}
