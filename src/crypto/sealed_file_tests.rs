//! Sealed files that are whole open, in parts too; nothing else does.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::digest::{hex, sha256};
use super::keyring::Keyring;
use super::seal::NotOpened;
use super::sealed_file::{
    CHUNK_BYTES, HEAD_BYTES, Opener, Sealer, Span, TAG_BYTES, plain_len, sealed_len, span,
};

const NAME: &[u8] = b"recording-1";
const SALT: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const SEALED_CHUNK: usize = CHUNK_BYTES + TAG_BYTES;
const LENGTHS: [usize; 7] =
    [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7];

/// A file of each length, plain and sealed.
static FILES: LazyLock<Vec<(Vec<u8>, Vec<u8>)>> = LazyLock::new(|| {
    let file = |length| (plain(length), sealed(&ring(), NAME, SALT, &plain(length)));
    LENGTHS.into_iter().map(file).collect()
});

fn ring() -> Keyring {
    Keyring::new([1; 32])
}

/// Bytes that differ from chunk to chunk.
fn plain(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn sealed(ring: &Keyring, name: &[u8], salt: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::new(ring, name, salt);
    let mut all = sealer.head().to_vec();
    let mut rest = plain;
    loop {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK_BYTES));
        all.extend(sealer.seal(chunk, after.is_empty()).expect("a chunk of the right size"));
        if after.is_empty() {
            return all;
        }
        rest = after;
    }
}

/// Opens a whole file whose length is all that is known of it.
fn opened(ring: &Keyring, name: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
    let total = plain_len(sealed.len() as u64).ok_or(NotOpened::Malformed)?;
    let opener = Opener::new(ring, name, &sealed[..HEAD_BYTES])?;
    opened_range(&opener, sealed, span(total, 0, total), total as usize)
}

/// Opens the chunks of a span and takes its bytes.
fn opened_range(
    opener: &Opener,
    sealed: &[u8],
    span: Span,
    len: usize,
) -> Result<Vec<u8>, NotOpened> {
    let sealed = &sealed[span.sealed_from as usize..][..span.sealed_len as usize];
    let chunks = sealed.chunks(SEALED_CHUNK);
    assert_eq!(chunks.len(), span.chunks as usize);
    let mut plain = Vec::new();
    for (number, chunk) in (span.first_chunk..).zip(chunks) {
        plain.extend(opener.open(number, number == span.last_chunk, chunk)?);
    }
    Ok(plain[span.skip..][..len].to_vec())
}

#[test]
fn a_file_of_any_length_opens_to_what_was_sealed() {
    for (plain, sealed) in FILES.iter() {
        assert_eq!(sealed.len() as u64, sealed_len(plain.len() as u64));
        assert!(opened(&ring(), NAME, sealed).as_ref() == Ok(plain), "{}", plain.len());
    }
}

#[test]
fn the_format_is_the_one_of_files_that_are_there() {
    // Reckoned apart from this code, with the package `cryptography` of Python.
    let ring = Keyring::parse(&format!("16909060 {}", "01".repeat(32))).expect("a ring");
    let head = "4644533101020304000102030405060708090a0b0c0d0e0f";
    let short = [
        (b"".as_slice(), "51f06bc386ce4bcbfd3930730aa3a547"),
        (b"hello".as_slice(), "b9b268ffbab9106e5f2de2b2bd5af59cfa47c72fc7"),
    ];
    for (plain, chunk) in short {
        let file = sealed(&ring, NAME, SALT, plain);
        assert_eq!(hex(&file), format!("{head}{chunk}"));
        assert_eq!(opened(&ring, NAME, &file).as_deref(), Ok(plain));
    }
    let file = sealed(&ring, NAME, SALT, &plain(2 * CHUNK_BYTES + 9));
    let known = "d358e8580e08394e558b64faf0553bc9ed8e05b4ed2cc8eaa4f6f887b871ed5b";
    assert_eq!((file.len(), &*hex(&sha256(&[file.as_slice()]))), (131_153, known));
}

#[test]
fn one_changed_bit_anywhere_is_found() {
    let file = sealed(&ring(), NAME, SALT, b"a short call");
    for (at, bit) in (0..file.len()).flat_map(|at| [(at, 1_u8), (at, 0x80)]) {
        let mut changed = file.clone();
        changed[at] ^= bit;
        let fault = opened(&ring(), NAME, &changed).expect_err("one bit is another");
        let found = match fault {
            NotOpened::Malformed => at < 4,
            NotOpened::KeyMissing(_) => (4..8).contains(&at),
            NotOpened::Changed => at >= 8,
        };
        assert!(found, "{at}: {fault}");
    }
    for length in 0..file.len() {
        opened(&ring(), NAME, &file[..length]).expect_err("it is shorter");
    }
    for length in 0..HEAD_BYTES {
        let opener = Opener::new(&ring(), NAME, &file[..length]);
        assert_eq!(opener.err(), Some(NotOpened::Malformed), "{length}");
    }
}

#[test]
fn a_file_opens_under_no_other_name_and_no_other_head() {
    let one = sealed(&ring(), b"one", SALT, b"the first call");
    let two = sealed(&ring(), b"two", [7; 16], b"the other call");
    assert_eq!(opened(&ring(), b"one", &two), Err(NotOpened::Changed));
    assert_eq!(opened(&ring(), b"two", &one), Err(NotOpened::Changed));
    let mixed = [&one[..HEAD_BYTES], &two[HEAD_BYTES..]].concat();
    for name in [b"one", b"two"] {
        assert_eq!(opened(&ring(), name, &mixed), Err(NotOpened::Changed));
    }
    // The same name again, as after a second attempt.
    let again = sealed(&ring(), b"one", [7; 16], b"the first call");
    let mixed = [&one[..HEAD_BYTES], &again[HEAD_BYTES..]].concat();
    assert_eq!(opened(&ring(), b"one", &mixed), Err(NotOpened::Changed));
}

#[test]
fn a_file_cut_at_the_border_of_a_chunk_does_not_open() {
    let (_, file) = &FILES[6];
    for chunks in 1..4 {
        let cut = &file[..HEAD_BYTES + chunks * SEALED_CHUNK];
        assert_eq!(opened(&ring(), NAME, cut), Err(NotOpened::Changed), "{chunks}");
    }
    let headless = [&file[..HEAD_BYTES], &file[HEAD_BYTES + SEALED_CHUNK..]].concat();
    assert_eq!(opened(&ring(), NAME, &headless), Err(NotOpened::Changed));
    assert_eq!(opened(&ring(), NAME, &file[..HEAD_BYTES]), Err(NotOpened::Malformed));
}

#[test]
fn a_chunk_opens_only_in_its_place() {
    let (plain, file) = &FILES[5];
    let mut swapped = file.clone();
    swapped[HEAD_BYTES..HEAD_BYTES + 2 * SEALED_CHUNK].rotate_left(SEALED_CHUNK);
    assert_eq!(opened(&ring(), NAME, &swapped), Err(NotOpened::Changed));
    let opener = Opener::new(&ring(), NAME, &file[..HEAD_BYTES]).expect("its own head");
    let second = &file[HEAD_BYTES + SEALED_CHUNK..][..SEALED_CHUNK];
    assert!(opener.open(1, false, second) == Ok(plain[CHUNK_BYTES..][..CHUNK_BYTES].to_vec()));
    for (number, is_last) in [(0, false), (2, false), (1, true), (2, true)] {
        assert_eq!(opener.open(number, is_last, second), Err(NotOpened::Changed));
    }
    for (is_last, length) in [(false, SEALED_CHUNK - 1), (true, TAG_BYTES), (true, 3)] {
        let fault = opener.open(1, is_last, &second[..length]);
        assert_eq!(fault, Err(NotOpened::Malformed), "{length}");
    }
    let longer = vec![0_u8; SEALED_CHUNK + 1];
    assert_eq!(opener.open(1, true, &longer), Err(NotOpened::Malformed));
}

#[test]
fn a_missing_key_is_told_from_a_changed_file() {
    let file = sealed(&ring(), NAME, SALT, b"a short call");
    let other = Keyring::parse(&format!("2 {}", "0".repeat(64))).expect("a ring");
    assert_eq!(opened(&other, NAME, &file), Err(NotOpened::KeyMissing(1)));
    assert_eq!(opened(&Keyring::new([2; 32]), NAME, &file), Err(NotOpened::Changed));
    let both = format!("2 {}\n1 {}", "0".repeat(64), "01".repeat(32));
    let both = Keyring::parse(&both).expect("a ring");
    assert_eq!(opened(&both, NAME, &file).as_deref(), Ok(b"a short call".as_slice()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_range_opens_to_the_same_bytes(
        file in 0..LENGTHS.len(),
        one in any::<Index>(),
        other in any::<Index>(),
    ) {
        let (plain, sealed) = &FILES[file];
        let (one, other) = (one.index(plain.len() + 1), other.index(plain.len() + 1));
        let (from, until) = (one.min(other), one.max(other));
        let opener = Opener::new(&ring(), NAME, &sealed[..HEAD_BYTES]).expect("its own head");
        let span = span(plain.len() as u64, from as u64, (until - from) as u64);
        let part = opened_range(&opener, sealed, span, until - from);
        prop_assert!(part.as_deref() == Ok(&plain[from..until]));
    }
}

#[test]
fn ranges_at_the_borders_of_chunks_open_to_the_same_bytes() {
    let (plain, sealed) = &FILES[6];
    let opener = Opener::new(&ring(), NAME, &sealed[..HEAD_BYTES]).expect("its own head");
    let borders = [
        (0, 1, 1),
        (CHUNK_BYTES - 1, 1, 1),
        (CHUNK_BYTES - 1, 2, 2),
        (CHUNK_BYTES, CHUNK_BYTES, 1),
        (3 * CHUNK_BYTES - 1, 8, 2),
        (3 * CHUNK_BYTES + 6, 1, 1),
    ];
    for (from, len, chunks) in borders {
        let span = span(plain.len() as u64, from as u64, len as u64);
        assert_eq!((span.chunks, span.last_chunk), (chunks, 3), "{from} {len}");
        let part = opened_range(&opener, sealed, span, len);
        assert!(part.as_deref() == Ok(&plain[from..][..len]), "{from} {len}");
    }
}
