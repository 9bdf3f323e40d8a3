//! A business that is served, and what it offers.
//!
//! Never holds another's data: everything here hangs on one `BusinessRef`.

use jiff::tz::TimeZone;

use super::ids::{BusinessRef, ServiceId};
use super::scheduling::rules::Rules;

/// Most characters in the name of a business, service, key or customer.
pub const NAME_MAX_CHARS: usize = 200;

/// A served company.
#[derive(Clone, Debug)]
pub struct Business {
    /// Its id, without a right to its data.
    pub id: BusinessRef,
    /// As spoken and shown.
    pub name: String,
    /// The zone in which its hours are wall-clock times.
    pub zone: TimeZone,
}

/// Something that can be booked.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// As spoken.
    pub name: String,
    /// How it may be booked.
    pub rules: Rules,
}

/// Reads a name: trimmed, 1 to [`NAME_MAX_CHARS`] characters, at least one of them a letter or a
/// digit, none a control character or one that only turns the direction of writing.
pub fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= NAME_MAX_CHARS;
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = !text.chars().any(|c| c.is_control() || turns(c));
    (fits && plain && text.chars().any(char::is_alphanumeric)).then(|| text.to_owned())
}

/// Finds the service that a caller named: by id, by name, or by the only name that contains the
/// words asked for. `Err` holds the services that fit when several do.
pub fn find_service<'a>(services: &'a [Service], asked: &str) -> Result<&'a Service, Vec<&'a str>> {
    let asked = asked.trim().to_lowercase();
    let exact = |s: &&Service| s.name.to_lowercase() == asked || s.id.to_string() == asked;
    if let Some(service) = services.iter().find(exact) {
        return Ok(service);
    }
    let close: Vec<&Service> = services
        .iter()
        .filter(|s| !asked.is_empty() && contains_words(&s.name.to_lowercase(), &asked))
        .collect();
    match close.as_slice() {
        [only] => Ok(only),
        _ => Err(close.iter().map(|s| s.name.as_str()).collect()),
    }
}

fn contains_words(name: &str, asked: &str) -> bool {
    asked.split_whitespace().all(|word| name.split_whitespace().any(|part| part == word))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn service(name: &str, seed: u8) -> Service {
        Service {
            id: ServiceId::new(Timestamp::UNIX_EPOCH, [seed; 10]),
            name: name.to_owned(),
            rules: Rules::new(30, 30, 0, 30).expect("within bounds"),
        }
    }

    #[test]
    fn a_service_is_found_by_id_name_or_its_only_likeness() {
        let all = [service("Deep cleaning", 1), service("Check-up", 2), service("Cleaning", 3)];
        let found = |asked: &str| find_service(&all, asked).map(|s| s.name.as_str());
        assert_eq!(found("cleaning"), Ok("Cleaning"));
        assert_eq!(found(" DEEP cleaning "), Ok("Deep cleaning"));
        assert_eq!(found("deep"), Ok("Deep cleaning"));
        assert_eq!(found(&all[1].id.to_string()), Ok("Check-up"));
        assert_eq!(found("surgery"), Err(vec![]));
        assert_eq!(found(""), Err(vec![]));
    }

    #[test]
    fn two_likenesses_are_never_guessed_between() {
        let all = [service("Short visit", 1), service("Long visit", 2)];
        assert_eq!(find_service(&all, "visit").err(), Some(vec!["Short visit", "Long visit"]));
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!(name("  Zoë "), Some("Zoë".to_owned()));
        assert_eq!(name(" \t "), None);
        assert_eq!(name("a\u{0}b"), None);
        assert_eq!(name("\u{200b}"), None);
        assert_eq!(name("a\u{202e}b"), None);
        assert_eq!(name(&"x".repeat(201)), None);
    }
}
