//! A part of a file that is asked for by its bytes (RFC 9110 section 14).
//!
//! Never more than one part: asked for several, the whole is given, which the RFC allows.

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// From a byte on, up to another one and with it, or to the end.
    From(u64, Option<u64>),
    /// So many bytes at its end.
    Last(u64),
}

impl Wanted {
    /// Reads the value of a `Range`. What is not understood asks for the whole.
    pub fn parse(text: &str) -> Self {
        let one = text.trim().strip_prefix("bytes=").map(str::trim);
        let Some((first, last)) = one.and_then(|one| one.split_once('-')) else {
            return Self::Whole;
        };
        let (first, last) = (first.trim(), last.trim());
        match (first.is_empty(), last.is_empty()) {
            (true, true) => Self::Whole,
            (true, false) => number(last).map_or(Self::Whole, Self::Last),
            (false, true) => number(first).map_or(Self::Whole, |first| Self::From(first, None)),
            (false, false) => match (number(first), number(last)) {
                (Some(first), Some(last)) if first <= last => Self::From(first, Some(last)),
                _ => Self::Whole,
            },
        }
    }

    /// Whether it is the beginning, or all, of a file.
    pub fn begins(self) -> bool {
        matches!(self, Self::Whole | Self::From(0, _))
    }

    /// The part of a file of `total` bytes: from which byte, and how many. `None` when it has nothing
    /// of what is asked for.
    pub fn within(self, total: u64) -> Option<(u64, u64)> {
        match self {
            Self::Whole => Some((0, total)),
            Self::From(first, _) if first >= total => None,
            Self::From(first, last) => {
                let end = last.map_or(total, |last| last.saturating_add(1)).min(total);
                Some((first, end - first))
            }
            Self::Last(0) => None,
            Self::Last(bytes) => {
                let bytes = bytes.min(total);
                (bytes > 0).then_some((total - bytes, bytes))
            }
        }
    }
}

/// Digits only, and no more than a file can have.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_the_rfc_says() {
        for (text, part) in [
            ("bytes=0-", Some((0, 100))),
            ("bytes=0-0", Some((0, 1))),
            ("bytes=10-19", Some((10, 10))),
            ("bytes=90-500", Some((90, 10))),
            ("bytes=99-", Some((99, 1))),
            ("bytes=-10", Some((90, 10))),
            ("bytes=-500", Some((0, 100))),
            (" bytes= 5 - 6 ", Some((5, 2))),
            ("bytes=100-", None),
            ("bytes=-0", None),
            ("bytes=99999999999999999999999-", None),
            ("bytes=0-99999999999999999999999", Some((0, 100))),
        ] {
            assert_eq!(Wanted::parse(text).within(100), part, "{text}");
        }
        for text in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=9-3",
            "lines=1-2",
            "bytes=1-2,4-5",
            "bytes=--1",
            "bytes=+1-2",
        ] {
            assert_eq!(Wanted::parse(text), Wanted::Whole, "{text}");
        }
        assert_eq!(Wanted::parse("bytes=0-").within(0), None);
        assert_eq!(Wanted::Whole.within(0), Some((0, 0)));
    }
}
