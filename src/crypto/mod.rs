//! Digests, signatures and keys, over one crypto library.
//!
//! Never compares secrets byte by byte: equality of anything secret is the library's constant-time
//! comparison.

pub mod access_token;
#[cfg(test)]
mod access_token_tests;
pub mod digest;
pub mod ed25519;
pub mod keyring;
pub mod password;
pub mod seal;
pub mod sealed_file;
#[cfg(test)]
mod sealed_file_tests;
pub mod signature;
pub mod token;
pub mod totp;
