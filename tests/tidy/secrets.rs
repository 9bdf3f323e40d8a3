//! What may never be committed: credentials that could be real, and addresses of people.

use crate::tree::{self, each, none, one};

/// A line that says one of these, as a word of its own, may hold the shape of a credential.
const HARMLESS: &[&str] = &["test", "example"];

/// How a credential looks.
struct Shape {
    begins: &'static str,
    /// How many signs follow, at least.
    least: usize,
    follows: fn(u8) -> bool,
}

const fn shape(begins: &'static str, least: usize, follows: fn(u8) -> bool) -> Shape {
    Shape { begins, least, follows }
}

const SHAPES: &[Shape] = &[
    shape("AKIA", 16, capital),
    shape("ASIA", 16, capital),
    shape("AIza", 35, dashed),
    shape("sk-", 20, dashed),
    shape("sk_live_", 8, dashed),
    shape("rk_live_", 8, dashed),
    shape("ghp_", 36, dashed),
    shape("gho_", 36, dashed),
    shape("ghs_", 36, dashed),
    shape("github_pat_", 20, dashed),
    shape("xoxa-", 10, dashed),
    shape("xoxb-", 10, dashed),
    shape("xoxp-", 10, dashed),
    shape("pat-na1-", 30, dashed),
    shape("key_", 32, hexadecimal),
    // Our own, for the REST interface.
    shape("fdk_", 49, dashed),
];

/// A private key in PEM has both on its first line.
const PEM_BEGINS: &str = "-----BEGIN";
const PEM_ENDS: &str = "PRIVATE KEY-----";

/// Domains that belong to nobody, with those below them, or that name no mailbox.
const DOMAINS: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "example",
    "invalid",
    "test",
    "localhost",
    // A calendar's id at Google, which only looks like an address.
    "group.calendar.google.com",
    // The end of an image's or a unit's file name.
    "png",
    "svg",
    "service",
];

/// Addresses that may stand: path, address, reason.
const ADDRESSES: &[(&str, &str, &str)] = &[];

fn credential_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if says_harmless(line) {
            continue;
        }
        let shape = SHAPES.iter().find(|shape| holds(line, shape)).map(|shape| shape.begins);
        let pem = line.contains(PEM_BEGINS) && line.contains(PEM_ENDS);
        if let Some(begins) = shape.or(pem.then_some(PEM_BEGINS)) {
            faults.push(format!(
                "{path}:{}: `{begins}…` may be a real credential: take it out and revoke it; \
                 one that was made up says `test` or `example` as a word on its line",
                at + 1
            ));
        }
    }
    faults
}

/// Whether a harmless word stands alone or as a part set off by `_`, `-` and the like, as in
/// `sk-test-…`. In a name with a dot, such as a host's, it says nothing of the credential beside it.
fn says_harmless(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let named = |sign: char| sign.is_alphanumeric() || matches!(sign, '.' | '-');
    let apart = |sign: char| !sign.is_alphanumeric();
    let names = lower.split(|sign| !named(sign)).map(|name| name.trim_matches(['.', '-']));
    names
        .filter(|name| !name.contains('.'))
        .any(|name| name.split(apart).any(|word| HARMLESS.contains(&word)))
}

fn holds(line: &str, Shape { begins, least, follows }: &Shape) -> bool {
    line.match_indices(begins).any(|(at, _)| {
        let alone = !line[..at].ends_with(|before: char| before.is_ascii_alphanumeric());
        let rest = line[at + begins.len()..].bytes().take_while(|byte| follows(*byte));
        let rest: Vec<_> = rest.collect();
        alone && rest.len() >= *least && rest.iter().any(u8::is_ascii_digit)
    })
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn dashed(byte: u8) -> bool {
    matches!(byte, b'-' | b'_') || byte.is_ascii_alphanumeric()
}

fn hexadecimal(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn address_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for address in line.match_indices('@').filter_map(|(sign, _)| address(line, sign)) {
            let exempt =
                ADDRESSES.iter().any(|(file, known, _)| *file == path && *known == address);
            if !exempt && !belongs_to_nobody(&address) {
                faults.push(format!(
                    "{path}:{}: `{address}` may be a person's address: use example.com",
                    at + 1
                ));
            }
        }
    }
    faults
}

/// The address around an `@`, if it is one.
fn address(line: &str, sign: usize) -> Option<String> {
    let local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let before: Vec<_> = line[..sign].chars().rev().take_while(|c| local(*c)).collect();
    let after: String = line[sign + 1..].chars().take_while(|c| host(*c)).collect();
    let after = after.trim_end_matches(['.', '-']);
    let (_, last) = after.rsplit_once('.')?;
    let named = last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic());
    let before: String = before.into_iter().rev().collect();
    // `git@host:` begins a repository's address.
    let repository = before == "git" && line[sign + 1 + after.len()..].starts_with(':');
    (named && !before.is_empty() && !repository).then(|| format!("{before}@{after}"))
}

fn belongs_to_nobody(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default().to_lowercase();
    DOMAINS.iter().any(|known| {
        domain.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn everything() -> Vec<tree::File> {
    let mut files = tree::texts("", &[""]);
    files.retain(|file| file.path != "Cargo.lock");
    files
}

#[test]
fn no_credential_is_in_the_tree() {
    none(&each(&everything(), credential_faults));
}

#[test]
fn no_address_of_a_person_is_in_the_tree() {
    none(&each(&everything(), address_faults));
}

#[test]
fn planted_credentials_are_found() {
    let digits = "0123456789".repeat(5);
    for Shape { begins, .. } in SHAPES {
        let line = format!("\nkey = \"{begins}{digits}\"");
        one(&credential_faults("a.toml", &line), "a.toml:2: ");
        none(&credential_faults(
            "a.toml",
            &format!("a = \"{begins}{digits}\" # made up for a test"),
        ));
        none(&credential_faults("a.toml", &format!("a = \"{begins}0\" and x{begins}{digits}")));
    }
    let key = format!("fdk_{}", &digits[..49]);
    none(&credential_faults("a.rs", &format!("let short = \"{}\";", &key[..52])));
    for beside in ["the latest", "contest", "https://desk.example.com/", "a.test", "at test.ie: "] {
        one(&credential_faults("a.md", &format!("{beside} {key}")), "a.md:1: `fdk_…`");
    }
    let example = "for example,";
    for line in [format!("{example} {key}"), format!("a Test: {key}"), format!("{key} (test).")] {
        none(&credential_faults("a.md", &line));
    }
    none(&credential_faults("a.md", &format!("key_test_{digits} sk-test-{digits}")));
    one(&credential_faults("a.md", &format!("sk-latest-{digits}")), "`sk-…`");
    let pem = [PEM_BEGINS, " EC ", PEM_ENDS].concat();
    one(&credential_faults("a.pem", &pem), "a.pem:1");
}

#[test]
fn planted_addresses_are_found() {
    let address = |domain: &str| format!("mail = <ann.b+c@{domain}>, then");
    let person = ["`ann.b+c", "somewhere.ie`"].join("@");
    one(&address_faults("a.md", &address("somewhere.ie")), &person);
    one(&address_faults("a.md", &address("notexample.com")), "a.md:1");
    for domain in ["example.com", "Mail.Example.org", "here.invalid", "a.test", "1.2.3", "host"] {
        none(&address_faults("a.md", &address(domain)));
    }
    none(&address_faults("a.rs", "#[x] a @ 1..=5, @media, git@host.ie:a/b, b@"));
}
