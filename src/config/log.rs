//! `[log]`: how much is said, and in which form.
//!
//! Never here: writing a log line; `telemetry` does that.

use serde::Deserialize;

use super::nearest_name;

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The least important lines that are still written.
    pub level: Level,
    /// How a line looks.
    pub format: Format,
}

/// How important a line is; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Level {
    /// Something failed and nobody but the operator can mend it.
    Error,
    /// Something was refused or put off.
    Warn,
    /// What happened, one line each.
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

impl Level {
    const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word in config.toml, which is also a directive of the log filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl TryFrom<String> for Level {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == word)
            .ok_or_else(|| one_of(&word, &Self::ALL.map(Self::as_str)))
    }
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

impl Format {
    const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// The word in config.toml.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl TryFrom<String> for Format {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == word)
            .ok_or_else(|| one_of(&word, &Self::ALL.map(Self::as_str)))
    }
}

/// What to say of a word that is none of the known ones.
fn one_of(word: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest_name(word, known) {
        Some(near) => format!("must be one of {all}; did you mean {near}?"),
        None => format!("must be one of {all}"),
    }
}
