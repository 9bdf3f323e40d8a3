//! Days on which other hours hold: holidays, absences, long Thursdays.
//!
//! Two exceptions of the same branch or person never share a day. Never moves what is booked on
//! such a day.

use jiff::ToSpan as _;

use super::schedule::setup_in;
use super::{App, AppError, once};
use crate::clock::random;
use crate::domain::access::BusinessId;
use crate::domain::business::{self, EXCEPTIONS_MAX};
use crate::domain::ids::ExceptionId;
use crate::domain::scheduling::opening::Exception;
use crate::store::Lane;
use crate::store::hours;
pub use crate::store::hours::{ExceptionOf, KeptException};
use crate::store::idempotency::Once;

/// Most days of one exception.
const DAYS_MAX: i32 = 731;

impl App {
    /// Days with other hours that are not over, by their first day.
    pub async fn exceptions(&self, business: BusinessId) -> Result<Vec<KeptException>, AppError> {
        let from = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let from = from.saturating_sub(1.day());
        let found =
            self.store.read(move |read| hours::exceptions(read, business, from, EXCEPTIONS_MAX));
        Ok(found.await?)
    }

    /// Adds days with other hours.
    pub async fn add_exception(
        &self,
        business: BusinessId,
        of: ExceptionOf,
        exception: Exception,
        request: Option<Once>,
    ) -> Result<KeptException, AppError> {
        check(&exception)?;
        let now = self.clock.now();
        let from = now.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(1.day());
        if exception.last < from {
            return Err(AppError::invalid("last_day", "has passed"));
        }
        let added = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            match of {
                ExceptionOf::Business => {}
                ExceptionOf::Branch(id) => {
                    setup.branch(id).ok_or_else(|| AppError::invalid("branch_id", NONE))?;
                }
                ExceptionOf::Staff(id) => {
                    setup.staff_member(id).ok_or_else(|| AppError::invalid("staff_id", NONE))?;
                }
            }
            let all = hours::exceptions(write, business, from, EXCEPTIONS_MAX)?;
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let made = ExceptionId::from_uuid(made);
                let found = all.into_iter().find(|kept| kept.id == made);
                return found.ok_or(AppError::NotFound("exception"));
            }
            if all.len() >= EXCEPTIONS_MAX {
                let why = format!("there are {EXCEPTIONS_MAX} already, more cannot be kept");
                return Err(AppError::Exists(why));
            }
            let shares = |kept: &KeptException| {
                kept.of == of
                    && kept.exception.first <= exception.last
                    && exception.first <= kept.exception.last
            };
            if let Some(other) = all.iter().find(|kept| shares(kept)) {
                let (first, last) = (other.exception.first, other.exception.last);
                return Err(AppError::Exists(format!("{first} to {last} has other hours already")));
            }
            let kept = KeptException { id: ExceptionId::new(now, random()), of, exception };
            hours::add_exception(write, business, &kept, now)?;
            once::note(write, business, (request.as_ref(), kept.id.uuid()), now)?;
            Ok(kept)
        });
        added.await
    }

    /// Removes days with other hours.
    pub async fn remove_exception(
        &self,
        business: BusinessId,
        id: ExceptionId,
    ) -> Result<(), AppError> {
        let removed = self.store.write(Lane::Urgent, move |write| {
            let found = hours::remove_exception(write, business, id)?;
            if found { Ok(()) } else { Err(AppError::NotFound("exception")) }
        });
        removed.await
    }
}

const NONE: &str = "names one that there is not";

fn check(exception: &Exception) -> Result<(), AppError> {
    if !(1970..=9999).contains(&exception.first.year()) {
        return Err(AppError::invalid("first_day", "must be within the years 1970 to 9999"));
    }
    if exception.last < exception.first {
        return Err(AppError::invalid("last_day", "must not be before first_day"));
    }
    let days = exception.first.until(exception.last).map_or(i32::MAX, |span| span.get_days());
    if days >= DAYS_MAX {
        return Err(AppError::invalid("last_day", "must be within two years of first_day"));
    }
    if !exception.name.is_empty() && business::name(&exception.name).is_none() {
        return Err(AppError::invalid("name", "must be at most 200 characters"));
    }
    Ok(())
}
