//! Ed25519 signatures (RFC 8032).
//!
//! Never says why a signature does not match.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// A key that recognises signatures.
#[derive(Clone, Copy)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// A key out of its 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Whether `signature` is one of the message by this key's owner.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifyingKey")
    }
}

/// A key that signs, for simulated calls.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// A key out of its 32 secret bytes; `None` when they are none.
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// The 64 bytes of the signature of a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    /// The key that recognises what this one signs.
    pub fn verifying_key(&self) -> VerifyingKey {
        let bytes = self.0.public_key().as_ref().try_into();
        VerifyingKey(bytes.expect("an Ed25519 public key has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::unhex32;

    #[test]
    fn the_signature_is_that_of_rfc_8032_test_2() {
        let seed = b"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let public = b"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        let key = SigningKey::from_seed(&unhex32(seed).expect("digits")).expect("a key");
        let signature = key.sign(&[0x72]);
        let start = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da";
        assert_eq!(crate::crypto::digest::hex(&signature[..32]), start);
        let verifying = VerifyingKey::new(unhex32(public).expect("digits"));
        assert!(verifying.verifies(&[0x72], &signature));
        assert!(key.verifying_key().verifies(&[0x72], &signature));
        assert!(!verifying.verifies(&[0x73], &signature));
        assert!(!verifying.verifies(&[0x72], &signature[..63]));
    }
}
