//! API keys: made once, shown once, kept as a digest.
//!
//! A key is `fdk_`, 43 characters of random base64url, and 6 hexadecimal digits of a checksum, so
//! that a mistyped key is refused without a look-up and scanners can recognise a leaked one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::digest::{hex, sha256};

const PREFIX: &str = "fdk_";
const SECRET_CHARS: usize = 43;
const CHECK_CHARS: usize = 6;
/// Characters of a key that may be shown to tell keys apart.
pub const HINT_CHARS: usize = 10;

/// An API key as its holder has it.
pub struct ApiKey(String);

impl ApiKey {
    /// A new key out of 32 random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        let secret = URL_SAFE_NO_PAD.encode(random);
        let check = checksum(&secret);
        Self(format!("{PREFIX}{secret}{check}"))
    }

    /// Reads a key that was presented; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        if !rest.is_ascii() || rest.len() != SECRET_CHARS + CHECK_CHARS {
            return None;
        }
        let (secret, check) = rest.split_at(SECRET_CHARS);
        (checksum(secret) == check).then(|| Self(text.to_owned()))
    }

    /// The whole key, to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it: SHA-256 of the whole key. Its 256 random bits need no slow hash.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&[self.0.as_bytes()])
    }

    /// Its first characters, to tell keys apart.
    pub fn hint(&self) -> &str {
        &self.0[..HINT_CHARS]
    }
}

fn checksum(secret: &str) -> String {
    hex(&sha256(&[PREFIX.as_bytes(), secret.as_bytes()])[..CHECK_CHARS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_a_mistyped_one_does_not() {
        let key = ApiKey::new([7; 32]);
        let text = key.expose().to_owned();
        assert_eq!(ApiKey::parse(&text).expect("its own text").sha256(), key.sha256());
        let mistyped = text.replacen("fdk_B", "fdk_C", 1);
        assert_ne!(mistyped, text);
        for bad in [mistyped.as_str(), "", "fdk_", &text[1..], &format!("{text}0"), "fdk_é"] {
            assert!(ApiKey::parse(bad).is_none(), "{bad}");
        }
    }
}
