//! Sealed files: AES-256-GCM in chunks of 64 KiB, so that a part of a long recording can be read
//! without the rest. The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015).
//!
//! A file is a head and its chunks. The head is `FDS1`, the key's number in 4 bytes and a salt of
//! 16. A chunk is its ciphertext and a tag of 16. All chunks but the last hold exactly 64 KiB, the
//! last at least one byte; a file of nothing has one chunk of nothing. Each file has a key of its
//! own, derived with its salt and its name. A nonce is 7 zero bytes, the chunk's number in 4, and 1
//! for the last chunk or 0. Head and name are authenticated with every chunk. So nothing opens that
//! was changed, moved within its file, taken from another file, or read as the end when it is not.
//!
//! Who reads a part without the last chunk does not see that the end is missing. Never reads or
//! writes a file, and never makes a salt.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};

use super::keyring::{Keyring, Purpose};
use super::seal::NotOpened;

/// Plain bytes of every chunk but the last.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Bytes before the first chunk.
pub const HEAD_BYTES: usize = 24;
/// Bytes that a chunk grows by.
pub const TAG_BYTES: usize = 16;

const MAGIC: &[u8; 4] = b"FDS1";
const SALT_BYTES: usize = 16;

/// The same sizes as parts of a file's length.
const CHUNK: u64 = CHUNK_BYTES as u64;
const HEAD: u64 = HEAD_BYTES as u64;
const TAG: u64 = TAG_BYTES as u64;
/// Most plain bytes of a file: as many chunks as there are numbers.
const PLAIN_MAX: u64 = CHUNK << 32;

/// Seals one file, chunk after chunk.
pub struct Sealer {
    key: FileKey,
    head: [u8; HEAD_BYTES],
    /// The next chunk's number; none after the last.
    next: Option<u32>,
}

impl Sealer {
    /// Begins a file with the current key. The salt is random and never used twice.
    pub fn new(ring: &Keyring, name: &[u8], salt: [u8; 16]) -> Self {
        let head = head(ring.current(), salt);
        let key = FileKey::new(&ring.derive_current(Purpose::File), &head, salt, name);
        Self { key, head, next: Some(0) }
    }

    /// What the sealed file begins with.
    pub fn head(&self) -> [u8; HEAD_BYTES] {
        self.head
    }

    /// Seals the next chunk: [`CHUNK_BYTES`] plain bytes, fewer only when it is the last, and none
    /// only when it is the first too.
    pub fn seal(&mut self, plain: &[u8], is_last: bool) -> Result<Vec<u8>, TooLarge> {
        let number = self.next.filter(|number| fits(*number, is_last, plain.len()));
        let number = number.ok_or(TooLarge)?;
        // A file that used all numbers could have no last chunk.
        let next = if is_last { None } else { Some(number.checked_add(1).ok_or(TooLarge)?) };
        let payload = Payload { msg: plain, aad: &self.key.bound };
        let sealed = self.key.cipher.encrypt(&Nonce::from(nonce(number, is_last)), payload);
        let sealed = sealed.map_err(|_| TooLarge)?;
        self.next = next;
        Ok(sealed)
    }
}

/// A chunk without a place in its file: of a wrong size, after the last, or past the last number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chunk has no place in its sealed file")]
pub struct TooLarge;

/// Opens chunks of one sealed file in any order.
pub struct Opener(FileKey);

impl Opener {
    /// Reads the head of a file; that it was not changed is known when a chunk opens.
    pub fn new(ring: &Keyring, name: &[u8], head: &[u8]) -> Result<Self, NotOpened> {
        let (id, salt) = read_head(head).ok_or(NotOpened::Malformed)?;
        let base = ring.derive(id, Purpose::File).ok_or(NotOpened::KeyMissing(id))?;
        Ok(Self(FileKey::new(&base, head, salt, name)))
    }

    /// Opens the chunk of a number; `sealed` is the chunk with its tag.
    pub fn open(&self, number: u32, is_last: bool, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let plain_bytes = sealed.len().checked_sub(TAG_BYTES);
        let plain_bytes = plain_bytes.filter(|bytes| fits(number, is_last, *bytes));
        plain_bytes.ok_or(NotOpened::Malformed)?;
        let payload = Payload { msg: sealed, aad: &self.0.bound };
        let plain = self.0.cipher.decrypt(&Nonce::from(nonce(number, is_last)), payload);
        plain.map_err(|_| NotOpened::Changed)
    }
}

/// What all chunks of one file have in common.
struct FileKey {
    cipher: Aes256Gcm,
    /// The head and the name, authenticated with each chunk.
    bound: Vec<u8>,
}

impl FileKey {
    fn new(base: &[u8; 32], head: &[u8], salt: [u8; SALT_BYTES], name: &[u8]) -> Self {
        let mut key = [0_u8; 32];
        let extracted = Salt::new(HKDF_SHA256, &salt).extract(base);
        let context = [name];
        let expanded = extracted.expand(&context, HKDF_SHA256);
        expanded.and_then(|okm| okm.fill(&mut key)).expect("32 bytes are one block of SHA-256");
        Self { cipher: Aes256Gcm::new(&key.into()), bound: [head, name].concat() }
    }
}

fn head(id: u32, salt: [u8; SALT_BYTES]) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..4].copy_from_slice(MAGIC);
    head[4..8].copy_from_slice(&id.to_be_bytes());
    head[8..].copy_from_slice(&salt);
    head
}

/// The key's number and the salt.
fn read_head(head: &[u8]) -> Option<(u32, [u8; SALT_BYTES])> {
    let rest = head.strip_prefix(MAGIC)?;
    let (id, salt) = rest.split_first_chunk::<4>()?;
    let salt: [u8; SALT_BYTES] = salt.try_into().ok()?;
    Some((u32::from_be_bytes(*id), salt))
}

fn nonce(number: u32, is_last: bool) -> [u8; 12] {
    let [a, b, c, d] = number.to_be_bytes();
    [0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(is_last)]
}

/// Whether a chunk may hold so many plain bytes. Each file can be cut into chunks in one way only.
fn fits(number: u32, is_last: bool, plain_bytes: usize) -> bool {
    if is_last {
        plain_bytes <= CHUNK_BYTES && (plain_bytes > 0 || number == 0)
    } else {
        plain_bytes == CHUNK_BYTES
    }
}

/// Bytes of the sealed file of so many plain ones.
pub fn sealed_len(plain: u64) -> u64 {
    plain.saturating_add(HEAD + chunks(plain) * TAG)
}

/// Plain bytes of a sealed file of so many; `None` when no file has that length.
pub fn plain_len(sealed: u64) -> Option<u64> {
    let body = sealed.checked_sub(HEAD)?;
    let plain = body.checked_sub(body.div_ceil(CHUNK + TAG) * TAG)?;
    Some(plain).filter(|plain| *plain <= PLAIN_MAX && sealed_len(*plain) == sealed)
}

/// Which chunks of a file hold a range of plain bytes, and where they lie in the sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The number of the first chunk to open.
    pub first_chunk: u32,
    /// How many chunks to open.
    pub chunks: u32,
    /// Where the first of them begins in the sealed file.
    pub sealed_from: u64,
    /// How many sealed bytes they have together.
    pub sealed_len: u64,
    /// Plain bytes before the range in the first of them.
    pub skip: usize,
    /// The number of the file's last chunk.
    pub last_chunk: u32,
}

/// The chunks that hold `len` plain bytes from `from` on; the range lies inside the file.
pub fn span(plain_total: u64, from: u64, len: u64) -> Span {
    let number = |chunk: u64| u32::try_from(chunk).unwrap_or(u32::MAX);
    let plain_total = plain_total.min(PLAIN_MAX);
    let last = chunks(plain_total) - 1;
    let first = (from / CHUNK).min(last);
    let until = (from.saturating_add(len).saturating_sub(1) / CHUNK).clamp(first, last);
    let sealed_from = HEAD + first * (CHUNK + TAG);
    let sealed_until = sealed_len(plain_total).min(HEAD + (until + 1) * (CHUNK + TAG));
    Span {
        first_chunk: number(first),
        chunks: number(until - first + 1),
        sealed_from,
        sealed_len: sealed_until - sealed_from,
        skip: (from - first * CHUNK) as usize,
        last_chunk: number(last),
    }
}

fn chunks(plain: u64) -> u64 {
    plain.div_ceil(CHUNK).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chunk_without_a_place_is_not_sealed() {
        let full = vec![0_u8; CHUNK_BYTES + 1];
        let mut sealer = Sealer::new(&Keyring::new([1; 32]), b"recording-1", [7; 16]);
        let cases = [
            (0, false),
            (CHUNK_BYTES - 1, false),
            (CHUNK_BYTES + 1, false),
            (CHUNK_BYTES + 1, true),
        ];
        for (length, is_last) in cases {
            assert_eq!(sealer.seal(&full[..length], is_last), Err(TooLarge), "{length}");
        }
        sealer.seal(&full[..CHUNK_BYTES], false).expect("a full chunk");
        assert_eq!(sealer.seal(&[], true), Err(TooLarge), "the one before was the last");
        sealer.next = Some(u32::MAX);
        assert_eq!(sealer.seal(&full[..CHUNK_BYTES], false), Err(TooLarge), "no number is left");
        sealer.seal(b"end", true).expect("the last chunk of all");
        assert_eq!(sealer.seal(b"more", true), Err(TooLarge), "the file has ended");
    }

    #[test]
    fn every_length_up_to_three_chunks_has_one_sealed_length() {
        let lengths = (0..=sealed_len(3 * CHUNK)).filter_map(plain_len);
        assert!(lengths.eq(0..=3 * CHUNK));
        assert_eq!(plain_len(sealed_len(PLAIN_MAX)), Some(PLAIN_MAX));
        assert_eq!(plain_len(sealed_len(PLAIN_MAX + 1)), None);
        assert_eq!((plain_len(u64::MAX), sealed_len(u64::MAX)), (None, u64::MAX));
    }

    proptest! {
        #[test]
        fn lengths_are_each_others_inverse(plain in 0..=PLAIN_MAX, sealed in any::<u64>()) {
            prop_assert_eq!(plain_len(sealed_len(plain)), Some(plain));
            prop_assert!(plain_len(sealed).is_none_or(|plain| sealed_len(plain) == sealed));
        }

        #[test]
        fn a_span_has_the_chunks_of_its_range_and_no_more(
            total in 1..=PLAIN_MAX,
            from in any::<u64>(),
            len in any::<u64>(),
        ) {
            let from = from % total;
            let until = from + 1 + len % (total - from);
            let span = span(total, from, until - from);
            let (first, last) = (u64::from(span.first_chunk), u64::from(span.last_chunk));
            let after = first + u64::from(span.chunks);
            prop_assert!(span.skip < CHUNK_BYTES);
            prop_assert_eq!(first * CHUNK + span.skip as u64, from);
            prop_assert!((after - 1) * CHUNK < until && until <= after * CHUNK);
            prop_assert!(last * CHUNK < total && total <= (last + 1) * CHUNK);
            prop_assert_eq!(span.sealed_from, HEAD + first * (CHUNK + TAG));
            let whole = HEAD + after * (CHUNK + TAG);
            let end = if after > last { sealed_len(total) } else { whole };
            prop_assert_eq!(span.sealed_from + span.sealed_len, end);
        }
    }
}
