//! What each live tool takes and gives, as JSON Schema (draft 2020-12), for the agent's model.
//!
//! The descriptions are written to a model that speaks. Never decides whether a value can be
//! taken; that is the use case, which reads leniently.

use super::tool::Tool;

/// An argument: its name, the rest of its schema, and whether it must be given.
#[derive(Clone, Copy)]
struct Argument {
    name: &'static str,
    schema: &'static str,
    required: bool,
}

const fn optional(name: &'static str, schema: &'static str) -> Argument {
    Argument { name, schema, required: false }
}

const fn required(name: &'static str, schema: &'static str) -> Argument {
    Argument { name, schema, required: true }
}

const SERVICE: &str =
    r#""type": "string", "description": "Name of the service, as list_services gave it.""#;
const BRANCH: &str = r#""type": "string", "description": "Name of the branch, as list_branches gave it. Only needed when there are several.""#;
const STAFF: &str = r#""type": "string", "description": "Name of the person the caller wants to see. Leave out for anybody.""#;
const WHEN: &str = r#""type": "string", "description": "What the caller said about the time, in their own words, such as 'next Tuesday afternoon'. Leave out when date is given.""#;
const DATE: &str = r#""type": "string", "description": "First day to look at, YYYY-MM-DD. Leave out for the next seven days.""#;
const UNTIL: &str =
    r#""type": "string", "description": "Last day to look at, YYYY-MM-DD. Leave out for one day.""#;
const PART: &str = r#""type": "string", "enum": ["morning", "afternoon", "evening", "any"], "description": "Morning ends at noon, afternoon at five.""#;
const AFTER: &str = r#""type": "string", "description": "Not before this time of day, HH:MM.""#;
const BEFORE: &str = r#""type": "string", "description": "Begins before this time of day, HH:MM.""#;
const SLOT: &str =
    r#""type": "string", "description": "The slot id of the offered time that the caller chose.""#;
const START: &str = r#""type": "string", "description": "An exact start instead of a slot, such as 2026-01-06T09:30.""#;
const DAY: &str = r#""type": "string", "description": "The day, YYYY-MM-DD, together with time; instead of start.""#;
const TIME: &str =
    r#""type": "string", "description": "The time of day, HH:MM, together with date.""#;
const NAME: &str = r#""type": "string", "description": "Whom the appointment is for.""#;
const PHONE: &str = r#""type": "string", "description": "Telephone number as the caller said it. Leave out to use the number they call from.""#;
const EMAIL: &str =
    r#""type": "string", "description": "E-mail address as the caller said it, if they gave one.""#;
const NOTES: &str = r#""type": "string", "description": "What the caller wants to add.""#;
const WAITING: &str = r#""type": "boolean", "description": "True when nothing fits and the caller wants to be called when a time becomes free.""#;
const APPOINTMENT: &str = r#""type": "string", "description": "The appointment_id that a tool gave. Leave out when the caller has only one.""#;
const CODE: &str =
    r#""type": "string", "description": "The four confirmation digits, when they were asked for.""#;
const CURRENT: &str = r#""type": "string", "description": "When the appointment is that is meant, as the caller says it or as 2026-01-06T09:30, when there are several.""#;
const MESSAGE: &str =
    r#""type": "string", "description": "What to pass on, in the caller's words.""#;
const LANGUAGE: &str = r#""type": "string", "enum": ["en", "de", "es", "fr", "pt", "it"], "description": "What the caller speaks, if not the business's own language.""#;

fn arguments(tool: Tool) -> Vec<Argument> {
    match tool {
        Tool::ListServices => vec![optional("branch", BRANCH)],
        Tool::ListBranches => vec![optional("service", SERVICE)],
        Tool::CheckAvailability => vec![
            required("service", SERVICE),
            optional("when", WHEN),
            optional("date", DATE),
            optional("until", UNTIL),
            optional("part_of_day", PART),
            optional("after", AFTER),
            optional("before", BEFORE),
            optional("branch", BRANCH),
            optional("staff", STAFF),
        ],
        Tool::GetAlternatives | Tool::ExplainUnavailable => vec![
            required("service", SERVICE),
            optional("start", START),
            optional("date", DAY),
            optional("time", TIME),
            optional("when", WHEN),
            optional("branch", BRANCH),
            optional("staff", STAFF),
        ],
        Tool::CollectAppointmentData => collecting(),
        Tool::BookAppointment => booking(),
        Tool::RescheduleAppointment => moving(),
        Tool::CancelAppointment => cancelling(),
        Tool::FindMyAppointments => {
            vec![optional("phone", PHONE), optional("confirmation_digits", CODE)]
        }
        Tool::CollectCustomerInfo => {
            vec![optional("name", NAME), optional("phone", PHONE), optional("email", EMAIL)]
        }
        Tool::BusinessHours => {
            vec![optional("when", WHEN), optional("date", DATE), optional("branch", BRANCH)]
        }
        Tool::TakeMessage => {
            vec![required("message", MESSAGE), optional("name", NAME), optional("phone", PHONE)]
        }
    }
}

fn collecting() -> Vec<Argument> {
    vec![
        optional("service", SERVICE),
        optional("slot", SLOT),
        optional("start", START),
        optional("date", DAY),
        optional("time", TIME),
        optional("when", WHEN),
        optional("name", NAME),
        optional("phone", PHONE),
        optional("email", EMAIL),
        optional("notes", NOTES),
        optional("branch", BRANCH),
        optional("staff", STAFF),
        optional("waiting_list", WAITING),
    ]
}

fn booking() -> Vec<Argument> {
    vec![
        optional("slot", SLOT),
        optional("service", SERVICE),
        optional("start", START),
        optional("date", DAY),
        optional("time", TIME),
        required("name", NAME),
        optional("phone", PHONE),
        optional("email", EMAIL),
        optional("notes", NOTES),
        optional("branch", BRANCH),
        optional("staff", STAFF),
    ]
}

fn moving() -> Vec<Argument> {
    vec![
        optional("appointment_id", APPOINTMENT),
        optional("current", CURRENT),
        optional("slot", SLOT),
        optional("start", START),
        optional("date", DAY),
        optional("time", TIME),
        optional("when", WHEN),
        optional("staff", STAFF),
        optional("phone", PHONE),
        optional("confirmation_digits", CODE),
    ]
}

fn cancelling() -> Vec<Argument> {
    vec![
        optional("appointment_id", APPOINTMENT),
        optional("current", CURRENT),
        optional("phone", PHONE),
        optional("confirmation_digits", CODE),
    ]
}

/// The schema of a tool's arguments, JSON text.
pub fn schema(tool: Tool) -> String {
    let all = arguments(tool);
    let language = optional("language", LANGUAGE);
    let property = |one: &Argument| format!(r#""{}": {{{}}}"#, one.name, one.schema);
    let properties: Vec<String> = all.iter().chain([&language]).map(property).collect();
    let needed = all.iter().filter(|one| one.required).map(|one| format!(r#""{}""#, one.name));
    let (properties, needed) = (properties.join(", "), needed.collect::<Vec<_>>().join(", "));
    format!(r#"{{"type": "object", "properties": {{{properties}}}, "required": [{needed}]}}"#)
}

/// A member of an answer's data: its name and type.
type Fact = (&'static str, &'static str);

const TODAY_FACT: Fact = ("today", "string");
const SLOTS_FACT: Fact = ("slots", "array");
const SUCCESS_FACT: Fact = ("success", "boolean");
const APPOINTMENTS_FACT: Fact = ("appointments", "array");

/// What tells of an appointment.
const APPOINTMENT_FACTS: [Fact; 9] = [
    ("status", "string"),
    ("appointment_id", "string"),
    ("service", "string"),
    ("start", "string"),
    ("end", "string"),
    ("spoken", "string"),
    ("name", "string"),
    ("staff", "string"),
    ("branch", "string"),
];

/// What the data of a tool's answer may hold.
fn facts(tool: Tool) -> Vec<Fact> {
    let with = |more: &[Fact]| [&APPOINTMENT_FACTS[..], more].concat();
    match tool {
        Tool::ListServices => vec![("services", "array"), TODAY_FACT],
        Tool::ListBranches => vec![("branches", "array"), TODAY_FACT],
        Tool::CheckAvailability | Tool::GetAlternatives => vec![SLOTS_FACT, TODAY_FACT],
        Tool::CollectAppointmentData => with(&[SLOTS_FACT, ("missing", "array"), TODAY_FACT]),
        Tool::BookAppointment => {
            with(&[SUCCESS_FACT, ("confirmation", "string"), SLOTS_FACT, TODAY_FACT])
        }
        Tool::RescheduleAppointment => {
            with(&[SUCCESS_FACT, APPOINTMENTS_FACT, SLOTS_FACT, TODAY_FACT])
        }
        Tool::CancelAppointment => with(&[SUCCESS_FACT, APPOINTMENTS_FACT, TODAY_FACT]),
        Tool::FindMyAppointments => vec![APPOINTMENTS_FACT, TODAY_FACT],
        Tool::CollectCustomerInfo => vec![("caller", "object"), TODAY_FACT],
        Tool::BusinessHours => vec![("hours", "string"), TODAY_FACT],
        Tool::TakeMessage => vec![TODAY_FACT],
        Tool::ExplainUnavailable => vec![("unavailable", "array"), SLOTS_FACT, TODAY_FACT],
    }
}

/// The schema of a tool's answer, JSON text.
pub fn answer_schema(tool: Tool) -> String {
    let fact = |(name, kind): &Fact| format!(r#""{name}": {{"type": "{kind}"}}"#);
    let facts = facts(tool).iter().map(fact).collect::<Vec<_>>().join(", ");
    format!(
        r#"{{"type": "object", "properties": {{"say": {{"type": "string"}}, "data": {{"type": "object", "properties": {{{facts}}}, "additionalProperties": false}}, "next": {{"type": "string"}}, "reason": {{"type": "string"}}, "field": {{"type": "string"}}}}, "required": ["say", "data", "next"], "additionalProperties": false}}"#
    )
}
