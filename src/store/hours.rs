//! Weekly hours of branches and staff, and the days on which others hold.
//!
//! Never decides when something is open; that is `domain/scheduling`.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use rusqlite::Row;
use uuid::Uuid;

use super::columns::{Place, value};
use super::{Read, StoreError, Write};
use crate::domain::access::BusinessId;
use crate::domain::ids::{BranchId, ExceptionId, StaffId};
use crate::domain::scheduling::hours::{DailyRange, WeeklyHours, day_ranges};
use crate::domain::scheduling::opening::Exception;

/// Whose days have other hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionOf {
    /// Every branch's.
    Business,
    /// One branch's.
    Branch(BranchId),
    /// One staff member's, wherever they work.
    Staff(StaffId),
}

/// Days with other hours, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptException {
    /// Its id.
    pub id: ExceptionId,
    /// Whose.
    pub of: ExceptionOf,
    /// Which days and hours.
    pub exception: Exception,
}

/// Replaces the weekly hours of a branch.
pub fn set_branch_hours(
    write: &mut Write<'_>,
    business: BusinessId,
    branch: BranchId,
    hours: &WeeklyHours,
) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("DELETE FROM branch_hours WHERE branch_id = ?1 AND business_id = ?2")?
        .execute((branch.uuid(), business.uuid()))?;
    let mut insert = write.conn.prepare_cached(
        "INSERT INTO branch_hours (branch_id, business_id, weekday, opens_min, closes_min)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let (branch, business) = (branch.uuid(), business.uuid());
    for (day, range) in hours.ranges() {
        let weekday = day.to_monday_one_offset();
        insert.execute((branch, business, weekday, range.opens_min(), range.closes_min()))?;
    }
    Ok(())
}

/// Adds the weekly hours of a staff member at a branch where they work; there are none yet.
pub fn add_staff_hours(
    write: &mut Write<'_>,
    business: BusinessId,
    (staff, branch): (StaffId, BranchId),
    hours: &WeeklyHours,
) -> Result<(), StoreError> {
    let mut insert = write.conn.prepare_cached(
        "INSERT INTO staff_hours (staff_id, branch_id, business_id, weekday, opens_min, closes_min)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (day, range) in hours.ranges() {
        insert.execute((
            staff.uuid(),
            branch.uuid(),
            business.uuid(),
            day.to_monday_one_offset(),
            range.opens_min(),
            range.closes_min(),
        ))?;
    }
    Ok(())
}

/// The weekly hours of each branch of a business.
pub fn of_branches(
    read: &Read<'_>,
    business: BusinessId,
) -> Result<HashMap<BranchId, WeeklyHours>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT branch_id, weekday, opens_min, closes_min
         FROM branch_hours
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut ranges: HashMap<BranchId, Vec<(Weekday, DailyRange)>> = HashMap::new();
    let place = Place("branch_hours", "opens_min");
    while let Some(row) = rows.next()? {
        let branch = BranchId::from_uuid(value(row, 0)?);
        ranges.entry(branch).or_default().push(range_of_week(row, 1, place)?);
    }
    let weekly = |ranges| WeeklyHours::new(ranges).map_err(|error| place.fault(error));
    ranges.into_iter().map(|(branch, ranges)| Ok((branch, weekly(ranges)?))).collect()
}

/// The own weekly hours of each staff member at each branch.
pub fn of_staff(
    read: &Read<'_>,
    business: BusinessId,
) -> Result<HashMap<(StaffId, BranchId), WeeklyHours>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT staff_id, branch_id, weekday, opens_min, closes_min
         FROM staff_hours
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut ranges: HashMap<(StaffId, BranchId), Vec<(Weekday, DailyRange)>> = HashMap::new();
    let place = Place("staff_hours", "opens_min");
    while let Some(row) = rows.next()? {
        let staff = StaffId::from_uuid(value(row, 0)?);
        let branch = BranchId::from_uuid(value(row, 1)?);
        ranges.entry((staff, branch)).or_default().push(range_of_week(row, 2, place)?);
    }
    let weekly = |ranges| WeeklyHours::new(ranges).map_err(|error| place.fault(error));
    ranges.into_iter().map(|(whose, ranges)| Ok((whose, weekly(ranges)?))).collect()
}

/// Adds days with other hours.
pub fn add_exception(
    write: &mut Write<'_>,
    business: BusinessId,
    kept: &KeptException,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (branch, staff) = match kept.of {
        ExceptionOf::Business => (None, None),
        ExceptionOf::Branch(branch) => (Some(branch.uuid()), None),
        ExceptionOf::Staff(staff) => (None, Some(staff.uuid())),
    };
    let exception = &kept.exception;
    write
        .conn
        .prepare_cached(
            "INSERT INTO exceptions
               (id, business_id, branch_id, staff_id, first_day, last_day, name, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            kept.id.uuid(),
            business.uuid(),
            branch,
            staff,
            exception.first.to_string(),
            exception.last.to_string(),
            &exception.name,
            now.as_millisecond(),
        ))?;
    let mut insert = write.conn.prepare_cached(
        "INSERT INTO exception_hours (exception_id, business_id, opens_min, closes_min)
         VALUES (?1, ?2, ?3, ?4)",
    )?;
    for range in &exception.ranges {
        let (opens, closes) = (range.opens_min(), range.closes_min());
        insert.execute((kept.id.uuid(), business.uuid(), opens, closes))?;
    }
    Ok(())
}

/// Removes days with other hours; `false` when there are none of that id.
pub fn remove_exception(
    write: &mut Write<'_>,
    business: BusinessId,
    id: ExceptionId,
) -> Result<bool, StoreError> {
    let removed = write
        .conn
        .prepare_cached("DELETE FROM exceptions WHERE id = ?1 AND business_id = ?2")?
        .execute((id.uuid(), business.uuid()))?;
    Ok(removed > 0)
}

/// Days with other hours that are not over on `from`, by their first day; at most `most`.
pub fn exceptions(
    read: &Read<'_>,
    business: BusinessId,
    from: Date,
    most: usize,
) -> Result<Vec<KeptException>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, branch_id, staff_id, first_day, last_day, name
         FROM exceptions
         WHERE business_id = ?1 AND last_day >= ?2
         ORDER BY first_day, id
         LIMIT ?3",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = statement.query((business.uuid(), from.to_string(), most))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(kept_exception(row)?);
    }
    let mut ranges = exception_ranges(read, business)?;
    for kept in &mut all {
        let own = ranges.remove(&kept.id.uuid()).unwrap_or_default();
        let own = day_ranges(own);
        kept.exception.ranges =
            own.map_err(|error| Place("exception_hours", "opens_min").fault(error))?;
    }
    Ok(all)
}

fn exception_ranges(
    read: &Read<'_>,
    business: BusinessId,
) -> Result<HashMap<Uuid, Vec<DailyRange>>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT exception_id, opens_min, closes_min
         FROM exception_hours
         WHERE business_id = ?1",
    )?;
    let mut rows = statement.query([business.uuid()])?;
    let mut all: HashMap<Uuid, Vec<DailyRange>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let range = range(row, 1, Place("exception_hours", "opens_min"))?;
        all.entry(value(row, 0)?).or_default().push(range);
    }
    Ok(all)
}

fn kept_exception(row: &Row<'_>) -> Result<KeptException, StoreError> {
    let day = |index: usize, column: &'static str| {
        let text: String = value(row, index)?;
        text.parse::<Date>().map_err(|error| Place("exceptions", column).fault(error))
    };
    let branch: Option<Uuid> = value(row, 1)?;
    let staff: Option<Uuid> = value(row, 2)?;
    let of = match (branch, staff) {
        (Some(branch), _) => ExceptionOf::Branch(BranchId::from_uuid(branch)),
        (None, Some(staff)) => ExceptionOf::Staff(StaffId::from_uuid(staff)),
        (None, None) => ExceptionOf::Business,
    };
    let (first, last) = (day(3, "first_day")?, day(4, "last_day")?);
    let exception = Exception { first, last, ranges: Vec::new(), name: value(row, 5)? };
    Ok(KeptException { id: ExceptionId::from_uuid(value(row, 0)?), of, exception })
}

fn range_of_week(
    row: &Row<'_>,
    index: usize,
    place: Place,
) -> Result<(Weekday, DailyRange), StoreError> {
    let day = Weekday::from_monday_one_offset(value(row, index)?);
    Ok((day.map_err(|error| place.fault(error))?, range(row, index + 1, place)?))
}

fn range(row: &Row<'_>, index: usize, place: Place) -> Result<DailyRange, StoreError> {
    let range = DailyRange::new(value(row, index)?, value(row, index + 1)?);
    range.map_err(|error| place.fault(error))
}
