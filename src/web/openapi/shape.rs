//! JSON Schemas (2020-12) of what a field may hold, in a word each.
//!
//! Never says more than is checked when the field is read.

use serde_json::{Map, Value, json};

/// A text of so many characters.
pub fn text(least: usize, most: usize) -> Value {
    json!({"type": "string", "minLength": least, "maxLength": most})
}

/// A text that other rules are for as well.
pub fn any_text() -> Value {
    json!({"type": "string"})
}

/// A text like this.
pub fn like(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

/// An id.
pub fn id() -> Value {
    json!({"type": "string", "format": "uuid"})
}

/// An instant as in RFC 3339.
pub fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// A day as in RFC 3339.
pub fn day() -> Value {
    json!({"type": "string", "format": "date"})
}

/// A number with its country code, or nothing.
pub fn phone() -> Value {
    like("^(\\+[1-9][0-9]{6,14})?$")
}

/// A whole number.
pub fn whole(least: i64, most: i64) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most})
}

/// Yes or no.
pub fn flag() -> Value {
    json!({"type": "boolean"})
}

/// One of some words.
pub fn word<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    json!({"type": "string", "enum": words.into_iter().collect::<Vec<_>>()})
}

/// A list of such things.
pub fn list(of: &Value, most: usize) -> Value {
    json!({"type": "array", "items": of, "maxItems": most})
}

/// Such a thing, or `null`.
pub fn maybe(mut of: Value) -> Value {
    of["type"] = json!([of["type"], "null"]);
    if let Some(words) = of.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    of
}

/// An object of these fields and no others; those that must be there have a star at the end.
pub fn object(fields: Vec<(&str, Value)>) -> Value {
    let required: Vec<&str> =
        fields.iter().filter_map(|(name, _)| name.strip_suffix('*')).collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, schema)| (name.trim_end_matches('*').to_owned(), schema.clone()))
        .collect();
    json!({
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}
