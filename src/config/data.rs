//! `[data]`: where frontdesk keeps what it knows.
//!
//! Never here: making the folder, or looking into it.

use std::path::PathBuf;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// `[data]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The folder of the database; a relative one counts from the current folder.
    #[serde(deserialize_with = "folder")]
    pub dir: PathBuf,
}

fn folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("must name a folder"));
    }
    Ok(PathBuf::from(text))
}
