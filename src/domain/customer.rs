//! People who call, and when two callers are one.
//!
//! A customer is found by telephone number and name, else by e-mail address. When several fit,
//! nobody is chosen. Never changes anything itself.

use jiff::Timestamp;

use super::contact::{NameLikeness, names_alike};
use super::ids::CustomerId;
use super::language::Language;
use super::phone::PhoneNumber;

/// A person who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// As they gave it; empty when not given.
    pub name: String,
    /// Where to reach them.
    pub phone: Option<PhoneNumber>,
    /// Where to write to them.
    pub email: Option<String>,
    /// What they speak, when told.
    pub language: Option<Language>,
    /// The business's own words.
    pub notes: String,
    /// When they were first heard of.
    pub created_at: Timestamp,
    /// When something last changed.
    pub updated_at: Timestamp,
}

/// What was told of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Their name; empty when not told.
    pub name: String,
    /// Their number.
    pub phone: Option<PhoneNumber>,
    /// Their address.
    pub email: Option<String>,
}

/// Who is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Nobody who is known.
    Nobody,
    /// One who is known.
    One(CustomerId),
    /// Several could be; nobody is chosen.
    Several(Vec<CustomerId>),
}

/// Finds who is meant among customers that share the number or the address that was told.
///
/// With the number: whose name is the same; else the only one whose name is part of the told one
/// or the other way round, or who has no name yet; without a name told, the only one there is.
/// Only when nobody has the number: the same among those with the address who have no number.
pub fn who(known: &[Customer], told: &Told) -> Match {
    let by_phone: Vec<&Customer> =
        known.iter().filter(|one| told.phone.is_some() && one.phone == told.phone).collect();
    if !by_phone.is_empty() {
        return by_name(&by_phone, &told.name);
    }
    let same_address = |one: &&Customer| match (&one.email, &told.email) {
        (Some(one), Some(other)) => one.to_lowercase() == other.to_lowercase(),
        (None, _) | (_, None) => false,
    };
    let open = |one: &&Customer| told.phone.is_none() || one.phone.is_none();
    let by_email: Vec<&Customer> = known.iter().filter(same_address).filter(open).collect();
    by_name(&by_email, &told.name)
}

fn by_name(known: &[&Customer], name: &str) -> Match {
    if name.is_empty() {
        return one_of(known.iter().map(|one| one.id).collect());
    }
    let alike = |wanted: NameLikeness| -> Vec<CustomerId> {
        let same =
            |one: &&&Customer| !one.name.is_empty() && names_alike(&one.name, name) == wanted;
        known.iter().filter(same).map(|one| one.id).collect()
    };
    let same = alike(NameLikeness::Same);
    if !same.is_empty() {
        return one_of(same);
    }
    let mut close = alike(NameLikeness::Part);
    close.extend(known.iter().filter(|one| one.name.is_empty()).map(|one| one.id));
    one_of(close)
}

fn one_of(mut found: Vec<CustomerId>) -> Match {
    match found.len() {
        0 => Match::Nobody,
        1 => Match::One(found.remove(0)),
        _ => Match::Several(found),
    }
}

/// What a customer is known as once more was told: a longer name wins over a part of it, and what
/// was not known is filled in. What is known is not overwritten.
pub fn learn(known: &Customer, told: &Told) -> Customer {
    let longer = told.name.chars().count() > known.name.chars().count();
    let name = if known.name.is_empty() || longer { &told.name } else { &known.name };
    Customer {
        name: if name.is_empty() { known.name.clone() } else { name.clone() },
        phone: known.phone.clone().or_else(|| told.phone.clone()),
        email: known.email.clone().or_else(|| told.email.clone()),
        ..known.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: u8, name: &str, phone: &str, email: &str) -> Customer {
        Customer {
            id: CustomerId::new(Timestamp::UNIX_EPOCH, [id; 10]),
            name: name.to_owned(),
            phone: PhoneNumber::parse(phone).ok(),
            email: (!email.is_empty()).then(|| email.to_owned()),
            language: None,
            notes: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn told(name: &str, phone: &str, email: &str) -> Told {
        let one = customer(0, name, phone, email);
        Told { name: one.name, phone: one.phone, email: one.email }
    }

    const PHONE: &str = "+493012345678";

    #[test]
    fn a_customer_is_found_by_number_and_name_else_by_address_and_never_guessed() {
        let family = [
            customer(1, "Robin Example", PHONE, "robin@example.com"),
            customer(2, "Kim Example", PHONE, ""),
            customer(3, "Ada Other", "", "ada@example.com"),
        ];
        let cases: [(Told, &[u8]); 10] = [
            (told("robin EXAMPLE", PHONE, ""), &[1]),
            (told("Kim", PHONE, ""), &[2]),
            (told("Example", PHONE, ""), &[1, 2]),
            (told("", PHONE, ""), &[1, 2]),
            (told("Sam Third", PHONE, ""), &[]),
            (told("Ada Other", "+493099999999", "ADA@example.com"), &[3]),
            (told("", "", "ada@example.com"), &[3]),
            (told("Robin Example", "+493099999999", "robin@example.com"), &[]),
            (told("Robin Example", "", "robin@example.com"), &[1]),
            (told("Nobody", "", ""), &[]),
        ];
        for (told, wanted) in cases {
            let found = match who(&family, &told) {
                Match::Nobody => Vec::new(),
                Match::One(id) => vec![id],
                Match::Several(ids) => ids,
            };
            let wanted: Vec<CustomerId> =
                wanted.iter().map(|id| customer(*id, "", "", "").id).collect();
            assert_eq!(found, wanted, "{told:?}");
        }
    }

    #[test]
    fn what_was_not_known_is_filled_in_and_nothing_is_overwritten() {
        let known = customer(1, "Robin", PHONE, "");
        let learnt = learn(&known, &told("Robin Example", "+493099999999", "robin@example.com"));
        assert_eq!(learnt.name, "Robin Example");
        assert_eq!(learnt.phone, known.phone);
        assert_eq!(learnt.email.as_deref(), Some("robin@example.com"));
        assert_eq!(learn(&learnt, &told("", "", "other@example.com")), learnt);
    }
}
