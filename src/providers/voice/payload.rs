//! What came to a voice account, before and after its sender is proven.
//!
//! Only a verifier of this family makes a [`Verified`] payload, and only that can be read.

use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderMap;

use crate::crypto::digest::sha256;

/// A request to a voice account, not yet proven.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its query as it was written; empty when there is none.
    pub query: &'a str,
    /// The secret segment behind the account's name, when there is one.
    pub token: Option<&'a str>,
    /// Who sent it: the other end of the connection, or whom a trusted proxy names.
    pub peer: Option<IpAddr>,
    /// Its body as it came.
    pub body: &'a Bytes,
    /// Milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// A payload whose sender is proven. Made by a verifier of this family, by a member that asked the
/// provider itself, or brought back from where a verified one was kept.
#[derive(Clone, Debug)]
pub struct Verified {
    body: Bytes,
    sha256: [u8; 32],
}

impl Verified {
    /// For members of the family only: the bytes were proven, or the provider was asked for them.
    pub(super) fn new(body: Bytes) -> Self {
        let sha256 = sha256(&[&body]);
        Self { body, sha256 }
    }

    /// A payload that was verified and kept; `None` when its bytes are not what was kept.
    pub fn kept(body: Vec<u8>, digest: &[u8; 32]) -> Option<Self> {
        let sha256 = sha256(&[&body]);
        (sha256 == *digest).then(|| Self { body: body.into(), sha256 })
    }

    /// The bytes that were proven.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}

/// Why a payload was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no signature, token or secret.
    SignatureMissing,
    /// The signature's time is too far from ours, before or after.
    SignatureExpired,
    /// The signature, token or secret cannot be read or does not fit.
    SignatureInvalid,
    /// The sender's address is not on the account's list.
    AddressRefused,
}

impl Refusal {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature_missing",
            Self::SignatureExpired => "signature_expired",
            Self::SignatureInvalid => "signature_invalid",
            Self::AddressRefused => "address_refused",
        }
    }
}

/// Why a verified payload cannot be read; never a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);
