//! HMAC (RFC 2104) over parts of a message, and secrets that are sent as they are.
//!
//! Never says why a signature or a secret does not match.

use aws_lc_rs::{constant_time, hmac};

use super::digest::sha256;

/// The digest that a code is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1: only where a sender knows nothing better.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// A key for codes of this kind.
    pub fn key(self, secret: &[u8]) -> AnyHmacKey {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        };
        AnyHmacKey(hmac::Key::new(algorithm, secret))
    }
}

/// A key for codes of 20, 32 or 64 bytes, as its [`Algorithm`] says.
#[derive(Clone)]
pub struct AnyHmacKey(hmac::Key);

impl AnyHmacKey {
    /// The code of the parts, one after the other.
    pub fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// Whether `code` is that of the parts; takes the same time wherever they differ.
    pub fn verifies(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.sign(parts), code).is_ok()
    }
}

impl std::fmt::Debug for AnyHmacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnyHmacKey")
    }
}

/// What recognises a secret without holding it: its SHA-256.
#[derive(Clone, Copy)]
pub struct Recognised([u8; 32]);

impl Recognised {
    /// Of a secret.
    pub fn of(secret: &[u8]) -> Self {
        Self(sha256(&[secret]))
    }

    /// Of a secret whose SHA-256 is known.
    pub fn by_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Whether it is the secret; takes the same time wherever it differs.
    pub fn fits(&self, presented: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &sha256(&[presented])).is_ok()
    }
}

impl std::fmt::Debug for Recognised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recognised")
    }
}

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

    #[test]
    fn the_other_digests_give_the_codes_of_rfc_2202_and_rfc_4231() {
        let cases = [
            (Algorithm::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Algorithm::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                Algorithm::Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                 9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ];
        for (algorithm, code) in cases {
            let key = algorithm.key(b"Jefe");
            let made = key.sign(&[b"what do ya want ", b"for nothing?"]);
            assert_eq!(hex(&made), code);
            assert!(key.verifies(&[b"what do ya want for nothing?"], &made));
            assert!(!key.verifies(&[b"what do ya want for nothing?"], &made[1..]));
        }
    }

    #[test]
    fn a_secret_is_recognised_and_nothing_else_is() {
        let known = Recognised::of(b"s3cret");
        assert!(known.fits(b"s3cret"));
        assert!(!known.fits(b"s3cre") && !known.fits(b"") && !known.fits(b"S3cret"));
        assert!(Recognised::by_digest(sha256(&[b"s3cret"])).fits(b"s3cret"));
    }
}
