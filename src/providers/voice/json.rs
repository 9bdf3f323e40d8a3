//! Lenient reading of providers' JSON: a field of another type counts as not told.
//!
//! Never fails because of a field that is new or odd.

use jiff::Timestamp;
use serde_json::Value;

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

/// The nearest whole number, if it is one that is exact.
fn rounded(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "bounded to where it is exact")]
    (number.is_finite() && number.abs() <= EXACT).then(|| number.round() as i64)
}
