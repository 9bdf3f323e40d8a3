//! Passwords as they are kept: argon2id (RFC 9106) in the PHC format.
//!
//! Slow on purpose: some 20 MiB and tens of milliseconds each, so never on a thread that answers
//! requests, and never many at a time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

/// The hash of a password that nobody has, to take the same time for users that do not exist.
pub const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
                           $3fyBBCdoCBrbeZOFMJVl4FZTrLnh6NPHDRmAkFQ0gCc";

/// What is kept of a password: 19 MiB, two passes, one lane (OWASP's second choice).
pub fn hash(password: &str, salt: [u8; 16]) -> String {
    let hash: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.expect("the parameters are within bounds").to_string()
}

/// Whether a password is the one that was kept.
pub fn verifies(password: &str, kept: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), kept).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised_and_another_is_not() {
        let kept = hash("correct horse battery", [3; 16]);
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verifies("correct horse battery", &kept));
        assert!(!verifies("correct horse batterz", &kept));
        assert!(!verifies("", &kept));
        assert!(!verifies("x", "no hash at all"));
    }

    #[test]
    fn nobodys_hash_is_one_and_costs_as_much() {
        assert_eq!(NOBODYS.split('$').nth(3), hash("x", [0; 16]).split('$').nth(3));
        assert!(PasswordHash::new(NOBODYS).is_ok());
    }
}
