//! Digests, signatures and keys, over one crypto library.
//!
//! Never compares secrets byte by byte: equality of anything secret is the library's constant-time
//! comparison.

pub mod digest;
pub mod ed25519;
pub mod signature;
pub mod token;
