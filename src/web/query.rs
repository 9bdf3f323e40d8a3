//! The query of a URL, strictly: every key is known and stands once.
//!
//! Never ignores what it does not know: a misspelt filter would otherwise show everything.

use crate::app::AppError;
use crate::domain::page::Limit;

/// Most pairs in a query.
const PAIRS_MAX: usize = 20;

/// The pairs of a query that were not taken yet.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Takes a query apart.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (key, value) in form_urlencoded::parse(raw.as_bytes()) {
            if pairs.iter().any(|(known, _)| *known == key) {
                return Err(AppError::invalid(key, "stands more than once"));
            }
            if pairs.len() == PAIRS_MAX {
                return Err(AppError::invalid(key, "is one parameter too many"));
            }
            pairs.push((key.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// Takes the value of a key out.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Takes how many rows are wanted out.
    pub fn limit(&mut self) -> Result<Limit, AppError> {
        let text = self.take("limit");
        Limit::parse(text.as_deref()).map_err(|error| AppError::invalid("limit", error))
    }

    /// Refuses what was not taken.
    pub fn finish(self) -> Result<(), AppError> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((key, _)) if key == "offset" => {
                let why = "is not known here; pages go on by cursor, from next_cursor";
                Err(AppError::invalid(key, why))
            }
            Some((key, _)) => Err(AppError::invalid(key, "is not known here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(error: &AppError) -> &str {
        let AppError::Invalid { field, .. } = error else { panic!("{error}") };
        field
    }

    #[test]
    fn a_key_that_stands_twice_or_is_not_known_is_refused_by_name() {
        let twice = Query::parse("limit=1&cursor=a&limit=2").expect_err("refused");
        assert_eq!(field(&twice), "limit");
        let mut query = Query::parse("limit=7&colour=red").expect("readable");
        assert_eq!(query.limit().expect("valid").rows(), 7);
        assert_eq!(field(&query.finish().expect_err("refused")), "colour");
    }

    #[test]
    fn a_query_has_at_most_twenty_pairs() {
        let many: Vec<String> = (0..21).map(|n| format!("k{n}=1")).collect();
        assert_eq!(field(&Query::parse(&many.join("&")).expect_err("refused")), "k20");
    }
}
