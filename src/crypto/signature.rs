//! HMAC-SHA-256 (RFC 2104) over parts of a message.
//!
//! Never says why a signature does not match.

use aws_lc_rs::{constant_time, hmac};

/// A key that is set up once and used for many messages.
#[derive(Clone)]
pub struct HmacKey(hmac::Key);

impl HmacKey {
    /// A key out of the secret's bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The 32-byte code of the parts, one after the other.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// Whether `code` is that of the parts; takes the same time wherever they differ.
    pub fn verifies(&self, parts: &[&[u8]], code: &[u8; 32]) -> bool {
        constant_time::verify_slices_are_equal(&self.sign(parts), code).is_ok()
    }
}

impl std::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HmacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::hex;

    #[test]
    fn the_code_is_that_of_rfc_4231_case_2() {
        let key = HmacKey::new(b"Jefe");
        let code = key.sign(&[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hex(&code), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(key.verifies(&[b"what do ya want for nothing?"], &code));
        assert!(!key.verifies(&[b"what do ya want for nothing!"], &code));
    }
}
