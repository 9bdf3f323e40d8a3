//! A business whole, loaded with a fixed number of statements, and the counters that tell whether
//! what was loaded still holds.
//!
//! Never keeps anything; who loads may.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rusqlite::OptionalExtension as _;

use super::hours::{ExceptionOf, KeptException};
use super::{Read, StoreError, branches, businesses, hours, services, staff};
use crate::domain::access::BusinessId;
use crate::domain::business::{EXCEPTIONS_MAX, Setup};
use crate::domain::contact::Region;
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::scheduling::opening::{Exception, Opening};

/// How often a business's set-up and its book were changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Changes of branches, services, staff, hours and exceptions.
    pub setup: i64,
    /// Changes of appointments that may take or free time.
    pub book: i64,
    /// The longest that an appointment of theirs ever took with what is kept free around it, ms.
    pub reach_ms: i64,
}

/// How often a business was changed.
pub fn generation(read: &Read<'_>, business: BusinessId) -> Result<Option<Generation>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT setup, book, reach_ms
         FROM generations
         WHERE business_id = ?1",
    )?;
    let row = statement.query_row([business.uuid()], |row| {
        Ok(Generation { setup: row.get(0)?, book: row.get(1)?, reach_ms: row.get(2)? })
    });
    Ok(row.optional()?)
}

/// A business whole. Exceptions that were over some days before `now` are left out.
pub fn load(
    read: &Read<'_>,
    business: BusinessId,
    now: Timestamp,
) -> Result<Option<Setup>, StoreError> {
    let Some(found) = businesses::show(read, business)? else { return Ok(None) };
    let from: Date = now.to_zoned(TimeZone::UTC).date().saturating_sub(3.days());
    let exceptions = hours::exceptions(read, business, from, EXCEPTIONS_MAX)?;
    let mut weekly = hours::of_branches(read, business)?;
    let mut branches = branches::all(read, business)?;
    for branch in &mut branches {
        let own = |of: ExceptionOf| of == ExceptionOf::Branch(branch.id);
        let mut days = of(&exceptions, own);
        days.extend(of(&exceptions, |of| of == ExceptionOf::Business));
        branch.opening = Opening::new(weekly.remove(&branch.id).unwrap_or_default(), days);
    }
    let mut own_hours = hours::of_staff(read, business)?;
    let mut staff = staff::all(read, business)?;
    for one in &mut staff {
        let days = of(&exceptions, |of| of == ExceptionOf::Staff(one.id));
        for place in &mut one.places {
            let own = own_hours.remove(&(one.id, place.branch)).unwrap_or_default();
            // Whoever has no hours of their own works whenever the branch is open.
            let weekly = if place.own_hours { own } else { WeeklyHours::always() };
            place.opening = Opening::new(weekly, days.clone());
        }
    }
    let services = services::all(read, business)?;
    let numbers = businesses::numbers(read, business)?;
    let own = numbers.first().and_then(|number| PhoneNumber::parse(number).ok());
    let region = found.region.or_else(|| own.as_ref().and_then(Region::of));
    Ok(Some(Setup { business: found, branches, services, staff, region, numbers }))
}

fn of(all: &[KeptException], is_theirs: impl Fn(ExceptionOf) -> bool) -> Vec<Exception> {
    let theirs = all.iter().filter(|kept| is_theirs(kept.of));
    theirs.map(|kept| kept.exception.clone()).collect()
}
