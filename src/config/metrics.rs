//! `[metrics]`: who may read the figures of the program.
//!
//! Never here: the figures.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::domain::network::Network;

/// `[metrics]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// The networks from which `/metrics` may be read; none: nobody may.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<Network>,
}

/// Reads a list of addresses and networks.
pub fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: &String| {
        let why = "each must be an address or a network, such as 127.0.0.1 or 10.0.0.0/8";
        Network::parse(text).ok_or_else(|| D::Error::custom(why))
    };
    texts.iter().map(read).collect()
}
