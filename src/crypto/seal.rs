//! Sealed columns: AES-256-GCM (NIST SP 800-38D), bound to the place where they are kept.
//!
//! A sealed value is a version byte, the key's number in 4 bytes, a nonce of 12, and the ciphertext
//! with its tag of 16. The place is authenticated with it, so that a value copied to another row,
//! column or business opens nowhere. Never takes a nonce that is not random.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use super::keyring::{Keyring, Purpose};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const HEAD_BYTES: usize = 1 + 4 + NONCE_BYTES;

/// Where a sealed value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedPlace<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: &'a [u8],
    /// The business's id; empty where the row is of none.
    pub business: &'a [u8],
}

impl SealedPlace<'_> {
    /// The place in bytes, each part with its length before it.
    fn bytes(&self, key: u32) -> Vec<u8> {
        let key = key.to_be_bytes();
        let parts: [&[u8]; 6] =
            [b"fd1", self.table.as_bytes(), self.column.as_bytes(), self.row, self.business, &key];
        let mut all = Vec::new();
        for part in parts {
            all.extend((part.len() as u64).to_be_bytes());
            all.extend(part);
        }
        all
    }
}

/// Why a sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// It is too short, or of another version.
    #[error("it is no sealed value")]
    Malformed,
    /// The ring has no key of its number.
    #[error("the master key {0} is missing")]
    KeyMissing(u32),
    /// It was changed, or belongs elsewhere.
    #[error("it was changed, or belongs elsewhere")]
    Changed,
}

/// Seals a value for its place, with the current key.
pub fn seal(ring: &Keyring, place: SealedPlace<'_>, value: &[u8], nonce: [u8; 12]) -> Vec<u8> {
    let id = ring.current();
    let cipher = cipher(&ring.derive_current(Purpose::Column));
    let payload = Payload { msg: value, aad: &place.bytes(id) };
    let sealed = cipher.encrypt(&Nonce::from(nonce), payload);
    let sealed = sealed.expect("a column is far below what one nonce may seal");
    let mut all = Vec::with_capacity(HEAD_BYTES + sealed.len());
    all.push(VERSION);
    all.extend(id.to_be_bytes());
    all.extend(nonce);
    all.extend(sealed);
    all
}

/// Opens what was sealed for a place.
pub fn open(ring: &Keyring, place: SealedPlace<'_>, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
    let (head, ciphertext) = sealed.split_at_checked(HEAD_BYTES).ok_or(NotOpened::Malformed)?;
    let (version, head) = head.split_at(1);
    let (id, nonce) = head.split_at(4);
    if version != [VERSION] {
        return Err(NotOpened::Malformed);
    }
    let id = u32::from_be_bytes(id.try_into().map_err(|_| NotOpened::Malformed)?);
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| NotOpened::Malformed)?;
    let key = ring.derive(id, Purpose::Column).ok_or(NotOpened::KeyMissing(id))?;
    let payload = Payload { msg: ciphertext, aad: &place.bytes(id) };
    cipher(&key).decrypt(&Nonce::from(nonce), payload).map_err(|_| NotOpened::Changed)
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&(*key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: SealedPlace<'static> =
        SealedPlace { table: "users", column: "totp", row: b"row", business: b"" };

    #[test]
    fn a_value_opens_only_where_it_was_sealed() {
        let ring = Keyring::new([1; 32]);
        let sealed = seal(&ring, PLACE, b"secret", [9; 12]);
        assert_eq!(open(&ring, PLACE, &sealed).as_deref(), Ok(b"secret".as_slice()));
        let elsewhere = [
            SealedPlace { table: "others", ..PLACE },
            SealedPlace { column: "other", ..PLACE },
            SealedPlace { row: b"ro", business: b"w", ..PLACE },
            SealedPlace { business: b"b", ..PLACE },
        ];
        for place in elsewhere {
            assert_eq!(open(&ring, place, &sealed), Err(NotOpened::Changed), "{place:?}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            open(&ring, PLACE, &changed).expect_err("one bit is another");
        }
        for length in 0..sealed.len() {
            open(&ring, PLACE, &sealed[..length]).expect_err("it is shorter");
        }
    }

    #[test]
    fn another_key_is_told_from_a_changed_value() {
        let sealed = seal(&Keyring::new([1; 32]), PLACE, b"secret", [9; 12]);
        let other = Keyring::parse(&format!("2 {}", "0".repeat(64))).expect("a ring");
        assert_eq!(open(&other, PLACE, &sealed), Err(NotOpened::KeyMissing(1)));
        assert_eq!(open(&Keyring::new([2; 32]), PLACE, &sealed), Err(NotOpened::Changed));
    }
}
