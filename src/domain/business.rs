//! A business that is served, where and by whom it serves, and what it offers.
//!
//! Never holds another's data: everything here hangs on one `BusinessRef`.

use jiff::tz::TimeZone;

use super::contact::Region;
use super::ids::{BranchId, BusinessRef, ServiceId, StaffId};
use super::language::Language;
use super::phone::PhoneNumber;
use super::scheduling::opening::Opening;
use super::scheduling::rules::Rules;

/// Most characters in the name of a business, branch, service, person or key.
pub const NAME_MAX_CHARS: usize = 200;
/// Most characters in an address.
pub const ADDRESS_MAX_CHARS: usize = 500;
/// Most characters in a skill.
pub const SKILL_MAX_CHARS: usize = 60;
/// Most skills of one person or service.
pub const SKILLS_MAX: usize = 50;
/// Most branches of a business.
pub const BRANCHES_MAX: usize = 200;
/// Most services of a business.
pub const SERVICES_MAX: usize = 500;
/// Most staff of a business: one search looks at all of them at once.
pub const STAFF_MAX: usize = super::scheduling::slots::RESOURCES_MAX;
/// Most exceptions of a business that are not over.
pub const EXCEPTIONS_MAX: usize = 2_000;

/// A served company.
#[derive(Clone, Debug)]
pub struct Business {
    /// Its id, without a right to its data.
    pub id: BusinessRef,
    /// As spoken and shown.
    pub name: String,
    /// The zone of its branches when none is said.
    pub zone: TimeZone,
    /// What callers are answered in.
    pub language: Language,
    /// Where numbers without a country code are read; that of its own number when `None`.
    pub region: Option<Region>,
}

/// A place where a business serves.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its id.
    pub id: BranchId,
    /// As spoken.
    pub name: String,
    /// The zone in which its hours are wall-clock times.
    pub zone: TimeZone,
    /// As spoken; empty when not given.
    pub address: String,
    /// Its own number.
    pub phone: Option<PhoneNumber>,
    /// Whether anything new is booked there.
    pub active: bool,
    /// When it is open, the business's exceptions included.
    pub opening: Opening,
}

/// Most that something costs, in millionths of the currency's unit: a thousand million of them.
pub const PRICE_MICROS_MAX: i64 = 1_000_000_000_000_000;

/// A price in millionths of the currency's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// How much.
    pub micros: i64,
    /// ISO 4217.
    pub currency: String,
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
    /// Whether it takes a staff member's time, or else the branch's.
    pub staffed: bool,
    /// What it costs, when that is told.
    pub price: Option<Price>,
    /// Whether anything new is booked.
    pub active: bool,
    /// What whoever does it must be able to do; all of them.
    pub skills: Vec<String>,
    /// Who may do it; anybody with the skills when empty.
    pub staff: Vec<StaffId>,
    /// Where it is offered; everywhere when empty.
    pub branches: Vec<BranchId>,
}

/// Somebody who serves.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// As spoken.
    pub name: String,
    /// Whether anything new is booked with them.
    pub active: bool,
    /// What they can do.
    pub skills: Vec<String>,
    /// Where they work, and when.
    pub places: Vec<Workplace>,
}

/// Where and when somebody works.
#[derive(Clone, Debug)]
pub struct Workplace {
    /// Where.
    pub branch: BranchId,
    /// Whether they have weekly hours of their own there.
    pub own_hours: bool,
    /// When they work there, within the branch's hours; their own exceptions included.
    pub opening: Opening,
}

/// A business whole, as free times follow from it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The business.
    pub business: Business,
    /// Its branches, by name.
    pub branches: Vec<Branch>,
    /// What it offers, by name.
    pub services: Vec<Service>,
    /// Who serves, by name.
    pub staff: Vec<Staff>,
    /// Where numbers without a country code are read, if that is known.
    pub region: Option<Region>,
    /// Its own telephone numbers, E.164.
    pub numbers: Vec<String>,
}

impl Setup {
    /// What can be booked now.
    pub fn offered(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(|service| service.active)
    }

    /// The branches that are open for new bookings of a service, or of any when `None`.
    pub fn branches_for(&self, service: Option<&Service>) -> impl Iterator<Item = &Branch> {
        let offers = move |branch: &&Branch| {
            service.is_none_or(|s| s.branches.is_empty() || s.branches.contains(&branch.id))
        };
        self.branches.iter().filter(|branch| branch.active).filter(offers)
    }

    /// Who can do a service at a branch, whether free or not.
    pub fn staff_for(&self, service: &Service, branch: BranchId) -> Vec<(&Staff, &Workplace)> {
        let can = |staff: &&Staff| {
            let has = |skill: &String| staff.skills.iter().any(|own| same_word(own, skill));
            let named = service.staff.is_empty() || service.staff.contains(&staff.id);
            staff.active && named && service.skills.iter().all(has)
        };
        let place = |staff: &'_ Staff| staff.places.iter().position(|one| one.branch == branch);
        let able = self.staff.iter().filter(can);
        able.filter_map(|staff| Some((staff, &staff.places[place(staff)?]))).collect()
    }

    /// The branch of an id.
    pub fn branch(&self, id: BranchId) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.id == id)
    }

    /// The service of an id.
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The staff member of an id.
    pub fn staff_member(&self, id: StaffId) -> Option<&Staff> {
        self.staff.iter().find(|staff| staff.id == id)
    }
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

/// Something that a caller can name.
pub trait Named {
    /// Its name.
    fn name(&self) -> &str;
    /// Its id, as text.
    fn id_text(&self) -> String;
}

macro_rules! named {
    ($($kind:ty),*) => {$(
        impl Named for $kind {
            fn name(&self) -> &str {
                &self.name
            }

            fn id_text(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}

named!(Branch, Service, Staff);

/// Finds what a caller named: by id, by name, or by the only name that contains the words asked
/// for. `Err` holds the names that fit when several do.
pub fn find_named<'a, T: Named>(
    all: impl IntoIterator<Item = &'a T>,
    asked: &str,
) -> Result<&'a T, Vec<&'a str>> {
    let asked = asked.trim().to_lowercase();
    let all: Vec<&T> = all.into_iter().collect();
    let exact = |one: &&&T| one.name().to_lowercase() == asked || one.id_text() == asked;
    if let Some(found) = all.iter().find(exact) {
        return Ok(found);
    }
    let close: Vec<&T> = all
        .into_iter()
        .filter(|one| !asked.is_empty() && contains_words(&one.name().to_lowercase(), &asked))
        .collect();
    match close.as_slice() {
        [only] => Ok(only),
        _ => Err(close.into_iter().map(T::name).collect()),
    }
}

fn contains_words(name: &str, asked: &str) -> bool {
    asked.split_whitespace().all(|word| name.split_whitespace().any(|part| part == word))
}

fn same_word(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
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
            staffed: false,
            price: None,
            active: true,
            skills: Vec::new(),
            staff: Vec::new(),
            branches: Vec::new(),
        }
    }

    #[test]
    fn a_service_is_found_by_id_name_or_its_only_likeness() {
        let all = [service("Deep cleaning", 1), service("Check-up", 2), service("Cleaning", 3)];
        let found = |asked: &str| find_named(&all, asked).map(|s| s.name.as_str());
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
        assert_eq!(find_named(&all, "visit").err(), Some(vec!["Short visit", "Long visit"]));
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
