//! What each live tool takes, as JSON Schema (draft 2020-12), for the agent's model.
//!
//! The descriptions are written to a model that speaks. Never decides whether a value can be
//! taken; that is the use case, which reads leniently.

use super::tool::Tool;

/// The schema of a tool's arguments, JSON text.
pub fn schema(tool: Tool) -> &'static str {
    match tool {
        Tool::ListServices => LIST_SERVICES,
        Tool::CheckAvailability => CHECK_AVAILABILITY,
        Tool::BookAppointment => BOOK_APPOINTMENT,
    }
}

const LIST_SERVICES: &str = r#"{
  "type": "object",
  "properties": {},
  "required": []
}"#;

const CHECK_AVAILABILITY: &str = r#"{
  "type": "object",
  "properties": {
    "service": {
      "type": "string",
      "description": "Name of the service, as list_services gave it."
    },
    "date": {
      "type": "string",
      "description": "First day to look at, YYYY-MM-DD. Leave out for the next seven days."
    },
    "until": {
      "type": "string",
      "description": "Last day to look at, YYYY-MM-DD. Leave out for one day."
    },
    "part_of_day": {
      "type": "string",
      "enum": ["morning", "afternoon", "evening", "any"],
      "description": "Morning ends at noon, afternoon at five."
    }
  },
  "required": ["service"]
}"#;

const BOOK_APPOINTMENT: &str = r#"{
  "type": "object",
  "properties": {
    "slot": {
      "type": "string",
      "description": "The slot id of the offered time that the caller chose."
    },
    "service": {
      "type": "string",
      "description": "Name of the service. Only needed with start."
    },
    "start": {
      "type": "string",
      "description": "An exact start instead of a slot, such as 2026-01-06T09:30."
    },
    "name": {
      "type": "string",
      "description": "Whom the appointment is for."
    },
    "phone": {
      "type": "string",
      "description": "Telephone number with country code. Leave out to use the caller's."
    },
    "email": {
      "type": "string",
      "description": "E-mail address, if the caller gave one."
    },
    "notes": {
      "type": "string",
      "description": "What the caller wants to add."
    }
  },
  "required": ["name"]
}"#;
