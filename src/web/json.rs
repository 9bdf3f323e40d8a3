//! JSON that was sent, strictly: exactly the fields that are known, each named when it is at fault.
//!
//! Never repeats a value in an error.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_path_to_error::{Path, Segment};

use crate::app::AppError;

/// Reads a body. An empty one is read as an object without fields.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    let body = if body.is_empty() { b"{}" } else { body };
    // serde would also read the fields of a struct out of a list.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(AppError::invalid("body", "is not a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let text = error.inner().to_string();
        let field = field(error.path(), &text);
        AppError::invalid(field, why(&text))
    })?;
    deserializer.end().map_err(|_| AppError::invalid("body", "is not one JSON value"))?;
    Ok(value)
}

/// Reads a field that may be `null`, so that it differs from one that was not sent.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The field at fault: where reading stopped, or the one that an error names between backticks.
fn field(path: &Path, text: &str) -> String {
    let named = text.split('`').nth(1);
    let begins = ["unknown field", "missing field", "duplicate field"];
    let about_a_field = begins.iter().any(|begin| text.starts_with(begin));
    if let Some(named) = named.filter(|_| about_a_field) {
        return named.to_owned();
    }
    let last = path.iter().rev().find_map(|segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    });
    last.unwrap_or_else(|| "body".to_owned())
}

/// What is wrong, in words that hold nothing of what was sent.
fn why(text: &str) -> &'static str {
    let cases = [
        ("unknown field", "is not known here"),
        ("missing field", "is missing"),
        ("duplicate field", "stands more than once"),
        ("unknown variant", "is none of the words that are known"),
        ("invalid type", "is of the wrong type"),
        ("invalid value", "is out of range"),
        ("EOF", "is not one JSON value"),
        ("expected", "is not one JSON value"),
    ];
    let found = cases.into_iter().find(|(begin, _)| text.starts_with(begin));
    found.map_or("cannot be read", |(_, why)| why)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sent {
        #[expect(dead_code, reason = "only whether it can be read matters")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only whether it can be read matters")]
        minutes: Vec<u16>,
    }

    #[test]
    fn what_is_at_fault_is_named_and_no_value_is_repeated() {
        let cases = [
            (r#"{"name": "a", "colour": "secret-red"}"#, "colour: is not known here"),
            (r#"{"minutes": []}"#, "name: is missing"),
            (r#"{"name": "a", "name": "b"}"#, "name: stands more than once"),
            (r#"{"name": 7}"#, "name: is of the wrong type"),
            (r#"{"name": "a", "minutes": [70000]}"#, "minutes: is out of range"),
            (r#"{"name": "a", "minutes": [1, "secret-red"]}"#, "minutes: is of the wrong type"),
            ("", "name: is missing"),
            (r#"{"name": "a""#, "body: is not one JSON value"),
            (r#"{"name": "a"} x"#, "body: is not one JSON value"),
            (r#"["a"]"#, "body: is not a JSON object"),
            ("x", "body: is not a JSON object"),
        ];
        for (body, told) in cases {
            let error = read::<Sent>(body.as_bytes()).expect_err("refused");
            assert!(!error.to_string().contains("secret"), "{error}");
            assert_eq!(error.to_string(), told, "{body}");
        }
        assert!(read::<Sent>(br#"{"name": "a"}"#).is_ok());
    }
}
