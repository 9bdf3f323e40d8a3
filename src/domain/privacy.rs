//! What becomes of each table when a person is exported or erased, and why.
//!
//! A line for every table; a test finds one that has none. Never decides whose row it is.

use super::ids::CustomerId;
use super::phone::PhoneNumber;

/// A person, by what they can be found by. At least one is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The customer that they are.
    pub customer: Option<CustomerId>,
    /// Their number.
    pub phone: Option<PhoneNumber>,
    /// Their address, in lower case.
    pub email: Option<String>,
}

impl Person {
    /// Whether there is anything to find them by.
    pub fn is_known(&self) -> bool {
        self.customer.is_some() || self.phone.is_some() || self.email.is_some()
    }
}

/// What becomes of a person's rows in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are exported, and taken away.
    Erased,
    /// They are exported, and stay without anything that says whose they are.
    Anonymised,
    /// They hold nothing of people who call.
    Kept,
}

impl Fate {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Anonymised => "anonymised",
            Self::Kept => "kept",
        }
    }
}

/// A table, what becomes of a person's rows in it, and why.
pub type Line = (&'static str, Fate, &'static str);

/// Every table.
pub const LINES: [Line; 59] = [
    ("agents", Fate::Kept, "which agent answers for whom"),
    ("api_keys", Fate::Kept, "digests of the business's own keys"),
    ("appointment_changes", Fate::Kept, "times and states by id; whose they were is gone"),
    ("appointments", Fate::Anonymised, "the business's book of what took place"),
    ("audit_checkpoints", Fate::Kept, "digests"),
    ("audit_ends", Fate::Kept, "digests"),
    ("audit_log", Fate::Kept, "ids and words, by law and by its chain; goes by its age"),
    ("branch_hours", Fate::Kept, "the business's hours"),
    ("branches", Fate::Kept, "the business's places"),
    ("businesses", Fate::Kept, "the business itself"),
    ("call_events", Fate::Erased, "with its call"),
    ("call_names", Fate::Erased, "with its call"),
    ("call_orders", Fate::Erased, "with its call"),
    ("calls", Fate::Erased, "a call is its words, its number and its summary"),
    ("customers", Fate::Erased, "the person themselves"),
    ("erasures", Fate::Anonymised, "says who until it is done, and how many rows afterwards"),
    ("events", Fate::Kept, "ids of appointments and messages"),
    ("exception_hours", Fate::Kept, "the business's hours"),
    ("exceptions", Fate::Kept, "the business's days"),
    ("feeds", Fate::Kept, "digests of secret addresses"),
    ("generations", Fate::Kept, "counters"),
    ("idempotency_keys", Fate::Kept, "digests and ids, for a day"),
    ("inbox", Fate::Erased, "the provider's own account of the call"),
    ("jobs", Fate::Kept, "ids of what is to be done"),
    ("links", Fate::Kept, "digests of secrets of users"),
    ("memberships", Fate::Kept, "users, who are removed by the business"),
    ("messages", Fate::Erased, "the person's own words"),
    ("notices", Fate::Kept, "about the business's own numbers"),
    ("numbers", Fate::Kept, "the business's own numbers"),
    ("offers", Fate::Erased, "with its call"),
    ("poison", Fate::Erased, "with its delivery"),
    ("probe", Fate::Kept, "nothing"),
    ("properties", Fate::Kept, "what calls are about, not who calls"),
    ("reconciled", Fate::Kept, "counts"),
    ("recordings", Fate::Erased, "with its call; its file is put down for removal"),
    ("recovery_codes", Fate::Kept, "digests of secrets of users"),
    ("refused_deliveries", Fate::Kept, "counts"),
    ("releases", Fate::Kept, "versions"),
    ("removals", Fate::Kept, "names of files by digests and ids, until the files are gone"),
    ("retained", Fate::Kept, "how far data was gone through by its age"),
    ("seen", Fate::Kept, "fingerprints of deliveries, for some days"),
    ("service_branches", Fate::Kept, "the business's services"),
    ("service_skills", Fate::Kept, "the business's services"),
    ("service_staff", Fate::Kept, "the business's services"),
    ("services", Fate::Kept, "the business's services"),
    ("sessions", Fate::Kept, "users, for some weeks"),
    ("spent_tokens", Fate::Kept, "digests of secrets of users"),
    ("staff", Fate::Kept, "people of the business, who are removed by it"),
    ("staff_branches", Fate::Kept, "people of the business"),
    ("staff_hours", Fate::Kept, "people of the business"),
    ("staff_skills", Fate::Kept, "people of the business"),
    ("taken_days", Fate::Kept, "times that are taken, of nobody"),
    ("tombstones", Fate::Kept, "keyed digests: they recognise and tell nothing"),
    ("tool_calls", Fate::Erased, "with its call"),
    ("totals", Fate::Kept, "counters"),
    ("transcript_turns", Fate::Erased, "with its call"),
    ("tries", Fate::Kept, "digests of addresses, for a day"),
    ("users", Fate::Kept, "people who log in, who are removed by the business"),
    ("waiting_entries", Fate::Erased, "the person's own wish"),
];
