//! Pages of a list: how many rows, and after which one.
//!
//! Never counts from the start: a page is asked for by the last row of the one before, so a list
//! costs the same at any length.

/// Rows a page when nothing is asked for.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most rows a page.
pub const LIMIT_MAX: u32 = 100;

/// How many rows are wanted, 1 to [`LIMIT_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u32);

/// The text is no number from 1 to [`LIMIT_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to {LIMIT_MAX}")]
pub struct BadLimit;

impl Limit {
    /// Reads what was asked for; `None` is [`LIMIT_DEFAULT`].
    pub fn parse(text: Option<&str>) -> Result<Self, BadLimit> {
        let Some(text) = text else { return Ok(Self(LIMIT_DEFAULT)) };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten().ok_or(BadLimit)?;
        if (1..=LIMIT_MAX).contains(&number) { Ok(Self(number)) } else { Err(BadLimit) }
    }

    /// Rows wanted.
    pub fn rows(self) -> u32 {
        self.0
    }
}

/// Rows of a list, and whether there are more.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// At most [`LIMIT_MAX`] rows.
    pub rows: Vec<T>,
    /// True when another row follows the last one.
    pub more: bool,
}

impl<T> Page<T> {
    /// Makes a page out of up to one row more than `limit` asks for.
    pub fn cut(mut rows: Vec<T>, limit: Limit) -> Self {
        let wanted = usize::try_from(limit.rows()).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        Self { rows, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_whole_number_from_1_to_100() {
        assert_eq!(Limit::parse(None).map(Limit::rows), Ok(50));
        for (text, rows) in [("1", 1), ("100", 100), ("007", 7)] {
            assert_eq!(Limit::parse(Some(text)).map(Limit::rows), Ok(rows));
        }
        for text in ["0", "101", "-1", "+5", "x", "", " 5", "1.0", "99999999999999999999"] {
            assert_eq!(Limit::parse(Some(text)), Err(BadLimit), "{text}");
        }
    }

    #[test]
    fn a_page_says_whether_another_row_follows() {
        let limit = Limit::parse(Some("2")).expect("valid");
        assert!(!Page::cut(vec![1, 2], limit).more);
        let page = Page::cut(vec![1, 2, 3], limit);
        assert!(page.more);
        assert_eq!(page.rows, [1, 2]);
    }
}
