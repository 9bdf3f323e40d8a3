//! Which passwords are taken (NIST SP 800-63B-4 section 3.1.1.2): long ones, of any characters, unless
//! they are easy to guess.
//!
//! Never asks for digits or signs, and never for a new one after some time.

/// Fewest characters where the password is all that is asked for.
pub const MIN_CHARS: usize = 15;
/// Fewest characters where a one-time code is asked for too.
pub const MIN_CHARS_WITH_CODE: usize = 10;
/// Most characters.
pub const MAX_CHARS: usize = 256;
/// Characters of a name or an address that a password may not be built around.
const CONTEXT_MIN: usize = 4;
/// Different characters that a password must have at least.
const DIFFERENT_MIN: usize = 6;
/// Most characters that may be left of a password once its easy parts are taken out, for it to be easy.
const REST_MAX: usize = 5;

/// Words and rows of keys that guessers try first, alone and side by side.
const EASY: [&str; 60] = [
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "contrasena",
    "motdepasse",
    "frontdesk",
    "reception",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "yxcvbnm",
    "zxcvbnm",
    "qwerty",
    "qwertz",
    "azerty",
    "asdfgh",
    "1q2w3e4r",
    "1qaz2wsx",
    "0123456789",
    "1234567890",
    "9876543210",
    "abcdefgh",
    "abcdefghijklmnopqrstuvwxyz",
    "letmein",
    "welcome",
    "willkommen",
    "iloveyou",
    "trustno1",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "superman",
    "batman",
    "sunshine",
    "princess",
    "master",
    "shadow",
    "michael",
    "jordan",
    "secret",
    "geheim",
    "admin",
    "administrator",
    "changeme",
    "default",
    "login",
    "access",
    "hello",
    "hallo",
    "summer",
    "sommer",
    "winter",
    "spring",
    "autumn",
    "herbst",
    "fruehling",
    "correcthorsebatterystaple",
];

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It is too short.
    #[error("must have at least {0} characters")]
    Short(usize),
    /// It is too long.
    #[error("must have at most {MAX_CHARS} characters")]
    Long,
    /// It repeats itself.
    #[error("repeats itself too much; take several words that do not belong together")]
    Repeats,
    /// It is made of what is tried first.
    #[error("is easy to guess; take several words that do not belong together")]
    Easy,
    /// It is made of the person's own name or address.
    #[error("is built around your name or address; take something else")]
    Personal,
}

/// Whether a password is taken of somebody of this address and name.
pub fn check(password: &str, (email, name): (&str, &str), with_code: bool) -> Result<(), Weak> {
    let chars = password.chars().count();
    let least = if with_code { MIN_CHARS_WITH_CODE } else { MIN_CHARS };
    if chars < least {
        return Err(Weak::Short(least));
    }
    if chars > MAX_CHARS {
        return Err(Weak::Long);
    }
    let lower = password.to_lowercase();
    if repeats(&lower) {
        return Err(Weak::Repeats);
    }
    let own = email.split(['@', '.', '+', '-', '_']).chain(name.split_whitespace());
    let own: Vec<String> = own.map(str::to_lowercase).collect();
    let own = own.iter().map(String::as_str).filter(|word| word.chars().count() >= CONTEXT_MIN);
    if rest(&lower, own) <= REST_MAX {
        return Err(Weak::Personal);
    }
    if rest(&lower, EASY.into_iter()) <= REST_MAX {
        return Err(Weak::Easy);
    }
    Ok(())
}

/// Whether it has few different characters or is one piece many times over.
fn repeats(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let mut different = chars.clone();
    different.sort_unstable();
    different.dedup();
    let is_piece = |size: usize| chars.iter().enumerate().all(|(at, c)| *c == chars[at % size]);
    different.len() < DIFFERENT_MIN || (1..=chars.len() / 2).any(is_piece)
}

/// Letters and digits that are left once words are taken out, the longest first, and then digits: what
/// people add to a word.
fn rest<'a>(lower: &str, words: impl Iterator<Item = &'a str>) -> usize {
    let mut words: Vec<&str> = words.collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut left = lower.to_owned();
    let mut found = false;
    for word in words {
        if left.contains(word) {
            found = true;
            left = left.replace(word, "");
        }
    }
    if !found {
        return usize::MAX;
    }
    left.chars().filter(|c| c.is_alphabetic()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: (&str, &str) = ("maria.huber@example.com", "Maria Huber");

    #[test]
    fn long_passwords_of_any_characters_are_taken() {
        let good = [
            "seven lanterns under a bridge",
            "vier kleine boote im regen",
            "\u{1F600} passt schon, oder nicht?",
            "日本語のとても長い合い言葉ですよね",
            "aB3$aB3$kkQ!_zu7w",
            &format!("a long way {}", "to go and then more of it".repeat(8)),
        ];
        for password in good {
            assert_eq!(check(password, WHO, false), Ok(()), "{password}");
        }
        assert_eq!(check("ten ducks!", WHO, true), Ok(()));
    }

    #[test]
    fn short_easy_and_personal_ones_are_not() {
        let cases = [
            ("fourteen chars", Weak::Short(15)),
            ("", Weak::Short(15)),
            ("aaaaaaaaaaaaaaaaaaaa", Weak::Repeats),
            ("abcabcabcabcabcabc", Weak::Repeats),
            ("winterhut winterhut ", Weak::Repeats),
            ("passwordpassword1!", Weak::Easy),
            ("Password1234567890", Weak::Easy),
            ("qwertyuiop12345!!", Weak::Easy),
            ("frontdesk-admin-2026", Weak::Easy),
            ("correcthorsebatterystaple", Weak::Easy),
            ("maria.huber.1987.06", Weak::Personal),
            ("MariaHuberExample!", Weak::Personal),
        ];
        for (password, why) in cases {
            assert_eq!(check(password, WHO, false), Err(why), "{password}");
        }
        let long = "abcdefg hijklmn".repeat(20);
        assert_eq!(check(&long, WHO, false), Err(Weak::Long));
    }
}
