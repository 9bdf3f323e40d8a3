//! API keys and opaque tokens: made once, shown once, kept as a digest.
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

/// What an opaque token is for; each begins in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaqueKind {
    /// Renews an access token, once.
    Refresh,
    /// Is a browser's cookie.
    Cookie,
    /// Stands in a link that works once.
    Link,
}

impl OpaqueKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "fdr_",
            Self::Cookie => "fdc_",
            Self::Link => "fdl_",
        }
    }
}

/// A new opaque token out of 32 random bytes, and what is kept of it: its SHA-256.
pub fn opaque(kind: OpaqueKind, random: [u8; 32]) -> (String, [u8; 32]) {
    let text = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random));
    let digest = sha256(&[text.as_bytes()]);
    (text, digest)
}

/// The digest of an opaque token that was presented; `None` when it cannot be one of that kind.
pub fn opaque_sha256(kind: OpaqueKind, text: &str) -> Option<[u8; 32]> {
    let secret = text.strip_prefix(kind.prefix())?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits = secret.len() == SECRET_CHARS && secret.bytes().all(plain);
    fits.then(|| sha256(&[text.as_bytes()]))
}

fn checksum(secret: &str) -> String {
    hex(&sha256(&[PREFIX.as_bytes(), secret.as_bytes()])[..CHECK_CHARS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_a_key_or_a_token_fail(text in "(fd[krcl]_)?\\PC{0,80}") {
            proptest::prop_assert!(ApiKey::parse(&text).is_none());
            for kind in [OpaqueKind::Refresh, OpaqueKind::Cookie, OpaqueKind::Link] {
                let read = opaque_sha256(kind, &text);
                proptest::prop_assert!(read.is_none() || text.len() == 47);
            }
        }
    }

    #[test]
    fn an_opaque_token_is_of_one_kind() {
        let (text, digest) = opaque(OpaqueKind::Refresh, [9; 32]);
        assert_eq!(opaque_sha256(OpaqueKind::Refresh, &text), Some(digest));
        assert_eq!(opaque_sha256(OpaqueKind::Cookie, &text), None);
        let odd = format!("{}é", &text[..text.len() - 2]);
        for bad in ["", "fdr_", &text[..20], &format!("{text}A"), &odd] {
            assert_eq!(opaque_sha256(OpaqueKind::Refresh, bad), None, "{bad}");
        }
    }

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
