//! Telephone numbers in E.164 form (ITU-T E.164: `+`, a country code, at most 15 digits).
//!
//! Never guesses a country: a number without one is refused.

use std::fmt;

/// A telephone number in E.164 form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// The text is no number with a country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number with a country code, such as +4930123456")]
pub struct NotE164;

impl PhoneNumber {
    /// Reads a number that begins with `+` or `00`, written with or without spaces, dots, dashes
    /// and brackets; 7 to 15 digits.
    pub fn parse(text: &str) -> Result<Self, NotE164> {
        // Some write the zero that is dialled only at home beside the country code: it is left out.
        let text = text.trim().replacen("(0)", "", 1);
        let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).ok_or(NotE164)?;
        let mut e164 = String::with_capacity(16);
        e164.push('+');
        for c in rest.chars() {
            match c {
                '0'..='9' => e164.push(c),
                ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
                _ => return Err(NotE164),
            }
        }
        let plausible = (8..=16).contains(&e164.len()) && !e164.starts_with("+0");
        plausible.then_some(Self(e164)).ok_or(NotE164)
    }

    /// The number as `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_a_number_come_to_the_same() {
        for text in [
            "+493012345678",
            "0049 30 1234 5678",
            "+49 (30) 1234-5678",
            "+49 (0)30 12345678",
            " +49.30.12345678 ",
        ] {
            assert_eq!(PhoneNumber::parse(text).expect(text).as_str(), "+493012345678");
        }
    }

    #[test]
    fn what_is_no_international_number_is_refused() {
        for text in ["", "+", "030 1234", "+0123456789", "+12", "+1234567890123456", "+49x301234"] {
            assert_eq!(PhoneNumber::parse(text), Err(NotE164), "{text}");
        }
    }
}
