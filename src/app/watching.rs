//! Watching for silence: an hour without a call where every week had some.
//!
//! A number that was turned off at the provider, or a webhook that leads nowhere, is noticed so.
//! Never calls anybody; it leaves a notice.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{App, AppError};
use crate::domain::access::{BusinessId, admit_operator};
use crate::domain::watch::{WEEKS, is_silent};
pub use crate::store::notices::Notice;
use crate::store::{Lane, Read, StoreError, businesses, calls, notices};

/// The code of a notice that a number is silent.
pub const SILENT: &str = "calls_silent";
/// Notices shown.
const SHOWN_MAX: u32 = 50;
/// Milliseconds in an hour and in a week.
const HOUR_MS: i64 = 3_600_000;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;

impl App {
    /// Looks at the last full hour of every business's numbers. Returns how many are silent.
    pub async fn watch(&self) -> Result<usize, AppError> {
        let hour_ms = self.clock.now_ms().div_euclid(HOUR_MS) * HOUR_MS;
        let silent = self.store.read(move |read| {
            let mut silent: Vec<(BusinessId, String)> = Vec::new();
            for business in businesses::list(read)? {
                let id = admit_operator(business.id);
                for number in numbers_silent(read, id, hour_ms)? {
                    silent.push((id, number));
                }
            }
            Ok(silent)
        });
        let silent = silent.await?;
        if silent.is_empty() {
            return Ok(0);
        }
        let count = silent.len();
        let noticed_at = Timestamp::from_millisecond(hour_ms).unwrap_or(self.clock.now());
        let noted = self.store.write(Lane::Background, move |write| {
            for (business, subject) in silent {
                let notice = Notice { kind: SILENT.to_owned(), subject, noticed_at };
                notices::add(write, business, &notice)?;
            }
            Ok::<_, StoreError>(())
        });
        noted.await?;
        tracing::warn!(numbers = count, "numbers that always had calls at this hour had none");
        Ok(count)
    }

    /// What a person of a business should look at, the newest first.
    pub async fn notices(&self, business: BusinessId) -> Result<Vec<Notice>, AppError> {
        Ok(self.store.read(move |read| notices::newest(read, business, SHOWN_MAX)).await?)
    }
}

/// The numbers of a business that had calls in the hour before `hour_ms` every week, and now none.
fn numbers_silent(
    read: &Read<'_>,
    business: BusinessId,
    hour_ms: i64,
) -> Result<Vec<String>, StoreError> {
    let hour = |end_ms: i64| {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        calls::per_number(read, business, (at(end_ms - HOUR_MS), at(end_ms)))
    };
    let now = hour(hour_ms)?;
    let mut before: Vec<BTreeMap<String, u32>> = Vec::new();
    for week in 1..=i64::try_from(WEEKS).unwrap_or(0) {
        before.push(hour(hour_ms - week * WEEK_MS)?);
    }
    let of = |calls: &BTreeMap<String, u32>, number: &str| calls.get(number).copied().unwrap_or(0);
    let numbers = businesses::numbers(read, business)?;
    Ok(numbers
        .into_iter()
        .filter(|number| {
            let mut weeks = [0; WEEKS];
            for (place, calls) in weeks.iter_mut().zip(&before) {
                *place = of(calls, number);
            }
            is_silent(&weeks, of(&now, number))
        })
        .collect())
}
