//! One-time codes of an authenticator app: TOTP (RFC 6238) with SHA-1, six digits, thirty seconds,
//! which is what every app knows.
//!
//! Never remembers which code was used; whoever asks keeps the step.

use super::signature::Algorithm;

/// Seconds that a code is good for.
const STEP_S: i64 = 30;
/// Steps before and after the present one that are taken too, for clocks that differ.
const DRIFT: i64 = 1;
/// The letters of base32 (RFC 4648 section 6).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step at which a code is right, if it is one of the steps around `now_s` and later than the one
/// that was used last.
pub fn step(secret: &[u8], code: &str, now_s: i64, used: Option<i64>) -> Option<i64> {
    let now = now_s.div_euclid(STEP_S);
    let fresh = |step: &i64| used.is_none_or(|used| *step > used);
    (now - DRIFT..=now + DRIFT).filter(fresh).find(|step| {
        aws_lc_rs::constant_time::verify_slices_are_equal(
            self::code(secret, *step).as_bytes(),
            code.as_bytes(),
        )
        .is_ok()
    })
}

/// The code of a step (RFC 4226 section 5.3).
pub fn code(secret: &[u8], step: i64) -> String {
    let digest = Algorithm::Sha1.key(secret).sign(&[&step.to_be_bytes()]);
    let at = usize::from(digest[19] & 0x0f);
    let four: [u8; 4] = digest[at..at + 4].try_into().expect("SHA-1 has 20 bytes");
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// A secret as apps want it typed: base32 without padding.
pub fn base32(secret: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in secret {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(BASE32[(held << (5 - bits) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        // The appendix has eight digits; six are its last.
        let cases = [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")];
        for (second, wanted) in cases {
            assert_eq!(code(SECRET, second / 30), wanted);
        }
    }

    #[test]
    fn a_code_counts_once_and_a_step_early_or_late() {
        let now = 1_111_111_109;
        let right = code(SECRET, now / 30);
        assert_eq!(step(SECRET, &right, now, None), Some(now / 30));
        assert_eq!(step(SECRET, &right, now + 30, None), Some(now / 30));
        assert_eq!(step(SECRET, &right, now - 30, None), Some(now / 30));
        assert_eq!(step(SECRET, &right, now + 60, None), None);
        assert_eq!(step(SECRET, &right, now, Some(now / 30)), None);
        assert_eq!(step(SECRET, "", now, None), None);
        assert_eq!(step(SECRET, "28708", 59, None), None);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        let cases: [(&[u8], &str); 4] =
            [(b"", ""), (b"f", "MY"), (b"foo", "MZXW6"), (b"foobar", "MZXW6YTBOI")];
        for (bytes, wanted) in cases {
            assert_eq!(base32(bytes), wanted);
        }
    }
}
