//! The languages that callers are understood and answered in.
//!
//! Never guesses one: what is not known here is refused, and the business's own is used.

use serde::{Deserialize, Serialize};

/// A language that can be understood and spoken.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Portuguese.
    #[serde(rename = "pt")]
    Portuguese,
    /// Italian.
    #[serde(rename = "it")]
    Italian,
}

impl Language {
    /// Every language there is.
    pub const ALL: [Self; 6] =
        [Self::English, Self::German, Self::Spanish, Self::French, Self::Portuguese, Self::Italian];

    /// Its code (ISO 639-1), as stored and shown.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Portuguese => "pt",
            Self::Italian => "it",
        }
    }

    /// Reads a language tag (RFC 5646): its first part says the language, such as `pt-BR`.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|known| primary.eq_ignore_ascii_case(known.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_read_by_the_first_part_of_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.code()), Some(language));
        }
        let cases = [("pt-BR", Language::Portuguese), (" DE_at", Language::German)];
        for (tag, language) in cases {
            assert_eq!(Language::parse(tag), Some(language), "{tag}");
        }
        for tag in ["", "-", "xx", "english", "e"] {
            assert_eq!(Language::parse(tag), None, "{tag}");
        }
    }
}
