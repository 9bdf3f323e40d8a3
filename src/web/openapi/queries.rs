//! What may stand in the query of each route.
//!
//! Never here: paths and headers.

use serde_json::Value;

use super::shape::{any_text, id, instant, phone, text, whole, word};
use crate::domain::appointment::Status;
use crate::domain::audit::Ended;
use crate::domain::call::Outcome;
use crate::domain::page::LIMIT_MAX;
use crate::domain::recording::RecordingState;
use crate::web::route::Endpoint;

/// A name, whether it must be there, and what it may hold.
type Parameter = (&'static str, bool, Value);

/// The parameters of a route.
pub fn of(endpoint: Endpoint) -> Vec<Parameter> {
    let found = QUERIES.iter().find(|(one, _)| *one == endpoint);
    found.map_or_else(Vec::new, |(_, parameters)| parameters())
}

/// The routes that have any.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = Endpoint> {
    QUERIES.iter().map(|(endpoint, _)| *endpoint)
}

type Query = (Endpoint, fn() -> Vec<Parameter>);

const QUERIES: [Query; 12] = [
    (Endpoint::ListCalls, || {
        with(page(), [("outcome", false, word(Outcome::ALL.map(Outcome::word)))])
    }),
    (Endpoint::ListRecordings, || {
        with(page(), [("state", false, word(RecordingState::ALL.map(RecordingState::word)))])
    }),
    (Endpoint::ListProperties, page),
    (Endpoint::PropertyCalls, page),
    (Endpoint::ListCustomers, || {
        with(page(), [("phone", false, phone()), ("email", false, any_text())])
    }),
    (Endpoint::ListWaiting, page),
    (Endpoint::ListMessages, page),
    (Endpoint::ListAppointments, || with(page(), book(false))),
    (Endpoint::ExportAppointments, || book(true).into()),
    (Endpoint::Availability, || {
        vec![
            ("service_id", true, id()),
            ("branch_id", false, id()),
            ("staff_id", false, id()),
            ("from", false, instant()),
            ("to", false, instant()),
            ("explain", false, word(["true", "false"])),
        ]
    }),
    (Endpoint::ListAudit, || with(page(), trail())),
    (Endpoint::ExportAudit, || trail().into()),
];

fn page() -> Vec<Parameter> {
    vec![("limit", false, whole(1, LIMIT_MAX.into())), ("cursor", false, text(1, 100))]
}

fn book(all: bool) -> [Parameter; 7] {
    [
        ("from", all, instant()),
        ("to", all, instant()),
        ("status", false, word(Status::ALL.map(Status::word))),
        ("service_id", false, id()),
        ("branch_id", false, id()),
        ("staff_id", false, id()),
        ("customer_id", false, id()),
    ]
}

fn trail() -> [Parameter; 5] {
    [
        ("action", false, any_text()),
        ("actor_id", false, any_text()),
        ("result", false, word(Ended::ALL.map(Ended::word))),
        ("from", false, instant()),
        ("to", false, instant()),
    ]
}

fn with<const N: usize>(mut all: Vec<Parameter>, more: [Parameter; N]) -> Vec<Parameter> {
    all.extend(more);
    all
}
