//! The master keys, newest first, and what is derived from them: a key for each purpose and nothing
//! for two.
//!
//! Derived by HKDF-SHA256 (RFC 5869) with the purpose as its context. Never writes a file; that is
//! `store`.

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use secrecy::{ExposeSecret as _, SecretBox};

use super::digest::{hex, unhex32};

/// Most keys in a ring.
const KEYS_MAX: usize = 64;
/// What the derivation is salted with.
const SALT: &[u8] = b"frontdesk";

/// What a derived key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing access tokens.
    AccessToken,
    /// Sealing the head of the audit trail.
    AuditHead,
    /// Signing the checkpoints of the audit trail.
    AuditCheckpoint,
    /// Recognising people who were erased.
    Tombstone,
    /// Sealing columns.
    Column,
    /// Signing links to recordings.
    RecordingLink,
    /// Sealing files.
    File,
}

impl Purpose {
    fn context(self) -> &'static [u8] {
        match self {
            Self::AccessToken => b"access-token-v1",
            Self::AuditHead => b"audit-head-v1",
            Self::AuditCheckpoint => b"audit-checkpoint-v1",
            Self::Tombstone => b"tombstone-v1",
            Self::Column => b"column-v1",
            Self::RecordingLink => b"recording-link-v1",
            Self::File => b"file-v1",
        }
    }
}

/// The master keys. There is at least one; the first is used for what is new.
pub struct Keyring(Vec<MasterKey>);

struct MasterKey {
    id: u32,
    secret: SecretBox<[u8; 32]>,
}

/// A text that is no ring of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is not a number and 64 hexadecimal digits")]
pub struct NoKeyring(pub usize);

impl Keyring {
    /// A ring of one new key.
    pub fn new(random: [u8; 32]) -> Self {
        Self(vec![MasterKey { id: 1, secret: SecretBox::new(Box::new(random)) }])
    }

    /// Reads a ring: a line a key, newest first, each a number and 64 hexadecimal digits. Lines that
    /// begin with # and empty ones say nothing.
    pub fn parse(text: &str) -> Result<Self, NoKeyring> {
        let mut keys: Vec<MasterKey> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read = || {
                let (id, digits) = line.split_once(' ')?;
                let id = id.parse().ok().filter(|id| keys.iter().all(|key| key.id != *id))?;
                let secret = unhex32(digits.trim().as_bytes())?;
                Some(MasterKey { id, secret: SecretBox::new(Box::new(secret)) })
            };
            let key = read().filter(|_| keys.len() < KEYS_MAX).ok_or(NoKeyring(number + 1))?;
            keys.push(key);
        }
        if keys.is_empty() { Err(NoKeyring(1)) } else { Ok(Self(keys)) }
    }

    /// The ring as a text that [`Self::parse`] reads. It is a secret.
    pub fn text(&self) -> String {
        let line = |key: &MasterKey| format!("{} {}\n", key.id, hex(key.secret.expose_secret()));
        let lines: String = self.0.iter().map(line).collect();
        format!("# The master keys of frontdesk. Keep a copy apart from the data.\n{lines}")
    }

    /// The number of the key that is used for what is new.
    pub fn current(&self) -> u32 {
        self.0.first().map_or(0, |key| key.id)
    }

    /// The numbers of all keys, newest first.
    pub fn ids(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().map(|key| key.id)
    }

    /// The 32 bytes derived of a key for a purpose; `None` when there is no such key.
    pub fn derive(&self, id: u32, purpose: Purpose) -> Option<[u8; 32]> {
        let key = self.0.iter().find(|key| key.id == id)?;
        let mut out = [0; 32];
        let extracted = Salt::new(HKDF_SHA256, SALT).extract(key.secret.expose_secret());
        let context = [purpose.context()];
        let expanded = extracted.expand(&context, HKDF_SHA256);
        expanded.and_then(|okm| okm.fill(&mut out)).expect("32 bytes are one block of SHA-256");
        Some(out)
    }

    /// The same of the current key.
    pub fn derive_current(&self, purpose: Purpose) -> [u8; 32] {
        self.derive(self.current(), purpose).expect("the current key is in its ring")
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_reads_back_and_each_purpose_has_a_key_of_its_own() {
        let ring = Keyring::new([7; 32]);
        let again = Keyring::parse(&ring.text()).expect("its own text");
        assert_eq!((again.current(), again.ids().count()), (1, 1));
        let token = ring.derive_current(Purpose::AccessToken);
        assert_eq!(again.derive(1, Purpose::AccessToken), Some(token));
        assert_ne!(ring.derive_current(Purpose::Column), token);
        assert_eq!(ring.derive(2, Purpose::Column), None);
        assert_eq!(format!("{ring:?}"), "Keyring");
    }

    #[test]
    fn a_second_key_comes_first_and_odd_lines_are_named() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let ring = Keyring::parse(&format!("2 {two}\n\n1 {one}\n")).expect("a ring");
        assert_eq!((ring.current(), ring.ids().collect::<Vec<_>>()), (2, vec![2, 1]));
        let cases = [("", 1), ("x\n", 1), ("1 12\n", 1), (&*format!("1 {one}\n1 {two}"), 2)];
        for (text, line) in cases {
            assert_eq!(Keyring::parse(text).err(), Some(NoKeyring(line)), "{text}");
        }
    }
}
