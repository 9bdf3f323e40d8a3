//! Lenient reading of providers' JSON: a field of another type counts as not told.
//!
//! Never fails because of a field that is new or odd.

use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Unreadable;

/// Reads a JSON object. The fields named in `skipped` are passed over wherever they stand, so that
/// what is long and not needed, such as a transcript in a tool call, costs little.
pub fn object(bytes: &[u8], skipped: &'static [&'static str]) -> Result<Value, Unreadable> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read =
        Sparse(skipped).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(Unreadable("it is not a JSON object")),
        Err(_) => Err(Unreadable("it is not JSON")),
    }
}

/// Reads any value but for some fields of its objects.
#[derive(Clone, Copy)]
struct Sparse(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Sparse {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Sparse {
    type Value = Value;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if self.0.contains(&name.as_str()) {
                fields.next_value::<IgnoredAny>()?;
            } else {
                all.insert(name, fields.next_value_seed(self)?);
            }
        }
        Ok(Value::Object(all))
    }
}

/// A text that is not empty.
pub fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A whole number, also when written with a fraction of zero.
pub fn integer(value: &Value, key: &str) -> Option<i64> {
    let number = value.get(key)?;
    number.as_i64().or_else(|| rounded(number.as_f64()?))
}

/// A true or false.
pub fn boolean(value: &Value, key: &str) -> Option<bool> {
    value.get(key).and_then(Value::as_bool)
}

/// An instant in milliseconds since 1970 UTC.
pub fn instant_ms(value: &Value, key: &str) -> Option<Timestamp> {
    integer(value, key).and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

/// Seconds with a fraction, as whole milliseconds; never negative.
pub fn seconds_ms(value: &Value, key: &str) -> Option<i64> {
    scaled(value, key, 1_000.0).filter(|ms| *ms >= 0)
}

/// A number times `scale`, rounded to a whole one.
pub fn scaled(value: &Value, key: &str, scale: f64) -> Option<i64> {
    rounded(value.get(key)?.as_f64()? * scale)
}

/// A decimal amount in millionths, such as `0.042`; digits beyond those are cut.
pub fn micros(written: &str) -> Option<i64> {
    let (whole, part) = written.trim().split_once('.').unwrap_or((written.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let part: String = part.chars().chain(std::iter::repeat('0')).take(6).collect();
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(part.parse().ok()?)
}

/// The nearest whole number, if it is one that is exact.
fn rounded(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "bounded to where it is exact")]
    (number.is_finite() && number.abs() <= EXACT).then(|| number.round() as i64)
}
