//! SHA-256 (FIPS 180-4) and its lower-case hexadecimal form.
//!
//! Never keyed; that is `signature`.

use std::fmt::Write as _;

use aws_lc_rs::digest;

/// SHA-256 of the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// SHA-256 of something that comes piece by piece.
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// And of this piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> [u8; 32] {
        self.0.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// Lower-case hexadecimal digits, two a byte.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
    }
    text
}

/// Reads exactly 64 lower-case hexadecimal digits.
pub fn unhex32(text: &[u8]) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// Reads pairs of hexadecimal digits, in either case.
pub fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let pair = |two: &[u8]| match two {
        [high, low] => {
            Some(nibble(high.to_ascii_lowercase())? << 4 | nibble(low.to_ascii_lowercase())?)
        }
        _ => None,
    };
    text.chunks(2).map(pair).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&sha256(&[])), empty);
        assert_eq!(sha256(&[b"a", b"bc"]), sha256(&[b"abc"]));
        assert_eq!(unhex32(empty.as_bytes()), Some(sha256(&[b""])));
    }

    #[test]
    fn only_lower_case_digits_of_the_right_number_are_read() {
        assert_eq!(unhex32(&[b'A'; 64]), None);
        assert_eq!(unhex32(&[b'a'; 63]), None);
        assert_eq!(unhex32(&[b'g'; 64]), None);
        assert_eq!(unhex32(&[b'0'; 64]), Some([0; 32]));
        assert_eq!(unhex(b"00fFA1"), Some(vec![0, 255, 161]));
        assert_eq!((unhex(b"0"), unhex(b"0g"), unhex(b"")), (None, None, Some(vec![])));
    }
}
