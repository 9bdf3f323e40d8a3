//! What may be sent in the body of each route.
//!
//! Never here: how it is read. A test sends each field of this file and one that is not in it.

use serde_json::Value;

use super::shape::{
    any_text, day, flag, id, instant, like, list, maybe, object, phone, text, whole, word,
};
use crate::domain::access::{Role, Scope, Standing};
use crate::domain::business::{
    ADDRESS_MAX_CHARS, NAME_MAX_CHARS, PRICE_MICROS_MAX, SKILL_MAX_CHARS, SKILLS_MAX,
};
use crate::domain::language::Language;
use crate::domain::order::{VARIABLE_TEXT_MAX, VARIABLES_MAX};
use crate::domain::password::{MAX_CHARS, MIN_CHARS_WITH_CODE};
use crate::domain::property::{NOTES_MAX_CHARS, REFERENCE_MAX_CHARS, TITLE_MAX_CHARS};
use crate::domain::scheduling::rules::{
    BUFFER_MIN_BOUNDS, CAPACITY_BOUNDS, DAY_CAP_BOUNDS, DURATION_MIN_BOUNDS, HORIZON_DAYS_BOUNDS,
    NOTICE_MIN_BOUNDS, STEP_MIN_BOUNDS,
};
use crate::web::route::Endpoint;

/// The schema of a body; of a route that is not named here, an object without fields.
pub fn of(endpoint: Endpoint) -> Value {
    let found = BODIES.iter().find(|(one, _)| *one == endpoint);
    found.map_or_else(|| object(Vec::new()), |(_, fields)| object(fields()))
}

/// The routes that are named here.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = Endpoint> {
    BODIES.iter().map(|(endpoint, _)| *endpoint)
}

type Fields = Vec<(&'static str, Value)>;
type Body = (Endpoint, fn() -> Fields);

const BODIES: [Body; 36] = [
    (Endpoint::PlaceCall, || {
        let told = serde_json::json!({
            "type": "object",
            "maxProperties": VARIABLES_MAX,
            "propertyNames": {"pattern": "^[A-Za-z0-9_]{1,64}$"},
            "additionalProperties": text(0, VARIABLE_TEXT_MAX),
        });
        vec![
            ("to_number*", like("^\\+[1-9][0-9]{6,14}$")),
            ("from_number", phone()),
            ("account", maybe(any_text())),
            ("agent_id", maybe(any_text())),
            ("property_id", maybe(id())),
            ("variables", told),
            ("test", flag()),
        ]
    }),
    (Endpoint::LinkCall, || vec![("property_id", maybe(id()))]),
    (Endpoint::AddProperty, property),
    (Endpoint::ChangeProperty, property),
    (Endpoint::ChangeBusiness, || {
        vec![
            ("name", maybe(text(1, NAME_MAX_CHARS))),
            ("zone", maybe(any_text())),
            ("language", maybe(language())),
            ("region", maybe(like("^([A-Z]{2})?$"))),
        ]
    }),
    (Endpoint::AddBranch, || {
        vec![
            ("name*", text(1, NAME_MAX_CHARS)),
            ("zone*", any_text()),
            ("address", text(0, ADDRESS_MAX_CHARS)),
            ("phone", phone()),
            ("hours", any_text()),
        ]
    }),
    (Endpoint::ChangeBranch, || {
        vec![
            ("name", maybe(text(1, NAME_MAX_CHARS))),
            ("zone", maybe(any_text())),
            ("address", maybe(text(0, ADDRESS_MAX_CHARS))),
            ("phone", maybe(phone())),
            ("hours", maybe(any_text())),
            ("active", maybe(flag())),
        ]
    }),
    (Endpoint::AddService, || {
        let mut fields = service();
        fields[0] = ("name*", text(1, NAME_MAX_CHARS));
        fields[1] = ("duration_min*", bounds(&DURATION_MIN_BOUNDS));
        fields
    }),
    (Endpoint::ChangeService, service),
    (Endpoint::AddStaff, || {
        let places = maybe(list(&workplace(), 200));
        vec![("name*", text(1, NAME_MAX_CHARS)), ("skills", skills()), ("branches", places)]
    }),
    (Endpoint::ChangeStaff, || {
        vec![
            ("name", maybe(text(1, NAME_MAX_CHARS))),
            ("skills", maybe(skills())),
            ("branches", maybe(list(&workplace(), 200))),
            ("active", maybe(flag())),
        ]
    }),
    (Endpoint::AddException, || {
        vec![
            ("branch_id", maybe(id())),
            ("staff_id", maybe(id())),
            ("first_day*", day()),
            ("last_day", maybe(day())),
            ("hours", maybe(any_text())),
            ("name", text(0, NAME_MAX_CHARS)),
        ]
    }),
    (Endpoint::AddAppointment, || {
        vec![
            ("service_id*", id()),
            ("branch_id", maybe(id())),
            ("staff_id", maybe(id())),
            ("starts_at*", instant()),
            ("customer_name*", text(1, NAME_MAX_CHARS)),
            ("customer_phone", phone()),
            ("customer_email", any_text()),
            ("notes", text(0, NOTES_MAX_CHARS)),
            ("policy", word(["refuse", "warn"])),
        ]
    }),
    (Endpoint::CorrectAppointment, || {
        vec![
            ("customer_name", maybe(text(1, NAME_MAX_CHARS))),
            ("customer_phone", maybe(phone())),
            ("customer_email", maybe(any_text())),
            ("notes", maybe(text(0, NOTES_MAX_CHARS))),
        ]
    }),
    (Endpoint::MoveAppointment, || vec![("starts_at*", instant()), ("staff_id", maybe(id()))]),
    (Endpoint::AddCustomer, customer),
    (Endpoint::ChangeCustomer, customer),
    (Endpoint::MergeCustomers, || vec![("from*", id())]),
    (Endpoint::AddWaiting, || {
        vec![
            ("service_id*", id()),
            ("branch_id", maybe(id())),
            ("staff_id", maybe(id())),
            ("customer_name*", text(1, NAME_MAX_CHARS)),
            ("customer_phone", phone()),
            ("customer_email", any_text()),
            ("from*", instant()),
            ("to*", instant()),
        ]
    }),
    (Endpoint::ChangeWaiting, || vec![("state*", word(["booked", "cancelled"]))]),
    (Endpoint::ChangeMessage, || vec![("done*", flag())]),
    (Endpoint::AddFeed, || vec![("staff_id", maybe(id()))]),
    (Endpoint::Register, || {
        vec![
            ("token*", any_text()),
            ("email", maybe(any_text())),
            ("name", text(0, NAME_MAX_CHARS)),
            ("password*", password()),
        ]
    }),
    (Endpoint::Login, || {
        vec![
            ("email*", any_text()),
            ("password*", any_text()),
            ("code", maybe(any_text())),
            ("cookie", flag()),
        ]
    }),
    (Endpoint::Refresh, || vec![("refresh_token*", any_text())]),
    (Endpoint::ForgotPassword, || vec![("email*", any_text())]),
    (Endpoint::ResetPassword, || vec![("token*", any_text()), ("password*", password())]),
    (Endpoint::ChangePassword, || {
        vec![("current_password*", any_text()), ("password*", password())]
    }),
    (Endpoint::BeginTotp, || vec![("current_password*", any_text())]),
    (Endpoint::ConfirmTotp, || vec![("code*", any_text())]),
    (Endpoint::EndTotp, || vec![("current_password*", any_text())]),
    (Endpoint::InviteUser, || {
        vec![("email*", any_text()), ("role*", word(Role::ALL.map(Role::word)))]
    }),
    (Endpoint::ChangeUser, || {
        vec![
            ("role", maybe(word(Role::ALL.map(Role::word)))),
            ("state", maybe(word([Standing::Active.word(), Standing::Suspended.word()]))),
        ]
    }),
    (Endpoint::AddKey, || {
        let scopes = word(Scope::for_keys().into_iter().map(Scope::word));
        let mut scopes = list(&scopes, Scope::ALL.len());
        scopes["minItems"] = serde_json::json!(1);
        vec![
            ("name*", text(1, NAME_MAX_CHARS)),
            ("scopes*", scopes),
            ("days", maybe(whole(1, 3_650))),
        ]
    }),
    (Endpoint::ExportPerson, person),
    (Endpoint::ErasePerson, person),
];

fn property() -> Fields {
    vec![
        ("reference", maybe(text(1, REFERENCE_MAX_CHARS))),
        ("title", maybe(text(1, TITLE_MAX_CHARS))),
        ("address", maybe(text(0, ADDRESS_MAX_CHARS))),
        ("notes", maybe(text(0, NOTES_MAX_CHARS))),
    ]
}

fn service() -> Fields {
    vec![
        ("name", maybe(text(1, NAME_MAX_CHARS))),
        ("duration_min", maybe(bounds(&DURATION_MIN_BOUNDS))),
        ("step_min", maybe(bounds(&STEP_MIN_BOUNDS))),
        ("notice_min", maybe(bounds(&NOTICE_MIN_BOUNDS))),
        ("horizon_days", maybe(bounds(&HORIZON_DAYS_BOUNDS))),
        ("before_min", maybe(bounds(&BUFFER_MIN_BOUNDS))),
        ("after_min", maybe(bounds(&BUFFER_MIN_BOUNDS))),
        ("capacity", maybe(bounds(&CAPACITY_BOUNDS))),
        ("day_cap", maybe(bounds(&DAY_CAP_BOUNDS))),
        ("staffed", maybe(flag())),
        ("price_micros", maybe(whole(0, PRICE_MICROS_MAX))),
        ("currency", maybe(like("^[A-Z]{3}$"))),
        ("skills", maybe(skills())),
        ("staff", maybe(list(&id(), 200))),
        ("branches", maybe(list(&id(), 200))),
        ("active", maybe(flag())),
    ]
}

fn customer() -> Fields {
    vec![
        ("name", maybe(text(0, NAME_MAX_CHARS))),
        ("phone", maybe(phone())),
        ("email", maybe(any_text())),
        ("language", maybe(language())),
        ("notes", maybe(text(0, NOTES_MAX_CHARS))),
    ]
}

fn person() -> Fields {
    vec![("customer_id", maybe(id())), ("phone", maybe(phone())), ("email", maybe(any_text()))]
}

fn workplace() -> Value {
    object(vec![("branch_id*", id()), ("hours", maybe(any_text()))])
}

fn skills() -> Value {
    list(&text(1, SKILL_MAX_CHARS), SKILLS_MAX)
}

fn language() -> Value {
    word(Language::ALL.map(Language::code))
}

fn password() -> Value {
    text(MIN_CHARS_WITH_CODE, MAX_CHARS)
}

fn bounds<T: Copy + Into<i64>>(range: &std::ops::RangeInclusive<T>) -> Value {
    whole((*range.start()).into(), (*range.end()).into())
}
