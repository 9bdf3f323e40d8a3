//! What takes time in a book, read by whole days.
//!
//! A table that triggers keep (`taken_days`) holds what each person, or a branch itself, is taken by on
//! one day for one service: thirty days of ten people are three hundred rows, however full they are.
//! Whether a time is free is asked and written in one write: [`takings`] inside the write that changes
//! the book.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, Row};
use uuid::Uuid;

use super::columns::{Place, value};
use super::setups::generation;
use super::{Read, StoreError};
use crate::domain::access::BusinessId;
use crate::domain::ids::{AppointmentId, BranchId, ServiceId, StaffId};
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::Taken;
use crate::domain::scheduling::takings::{Gathered, Takings};

/// A day as the table counts them, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;

/// What [`takings`] asks.
pub(super) fn takings_sql() -> &'static str {
    "SELECT branch_id, staff_id, service_id, taken
     FROM taken_days
     WHERE business_id = ?1 AND day BETWEEN ?2 AND ?3"
}

/// The first and the last day of a window, as the table counts them.
pub(super) fn days(window: Span) -> (i64, i64) {
    (window.start().as_millisecond() / DAY_MS, window.end().as_millisecond() / DAY_MS)
}

/// What takes a business's time within a window, apart from one appointment if any: every
/// appointment that can reach into it with what is kept free around it, and others of those days.
pub fn takings(
    read: &Read<'_>,
    business: BusinessId,
    window: Span,
    apart_from: Option<AppointmentId>,
) -> Result<Takings, StoreError> {
    let reach_ms = generation(read, business)?.map_or(0, |generation| generation.reach_ms);
    let reach = SignedDuration::from_millis(reach_ms);
    let earliest = window.start().checked_sub(reach).unwrap_or(Timestamp::MIN);
    let latest = window.end().checked_add(reach).unwrap_or(Timestamp::MAX);
    let (first, last) = days(Span::new(earliest, latest).unwrap_or(window));
    let mut apart = apart_from.map(|id| Apart::find(read, business, id)).transpose()?.flatten();
    let mut statement = read.conn.prepare_cached(takings_sql())?;
    let mut rows = statement.query((business.uuid(), first, last))?;
    let mut gathered = Gathered::default();
    while let Some(row) = rows.next()? {
        gather(&mut gathered, row, &mut apart)?;
    }
    Ok(gathered.sorted())
}

/// An appointment that is to be left out.
struct Apart {
    branch: Uuid,
    staff: Option<Uuid>,
    service: Uuid,
    /// What it takes, as the table writes it.
    taking: String,
}

impl Apart {
    /// `None` when it takes no time.
    fn find(
        read: &Read<'_>,
        business: BusinessId,
        id: AppointmentId,
    ) -> Result<Option<Self>, StoreError> {
        let mut statement = read.conn.prepare_cached(
            "SELECT branch_id, staff_id, service_id, taking
             FROM appointments
             WHERE id = ?1 AND business_id = ?2 AND taking IS NOT NULL",
        )?;
        let found = statement.query_row((id.uuid(), business.uuid()), |row| {
            let (branch, staff) = (row.get(0)?, row.get(1)?);
            Ok(Self { branch, staff, service: row.get(2)?, taking: row.get(3)? })
        });
        Ok(found.optional()?)
    }
}

/// Adds what a row holds, but for what is to be left out.
fn gather(
    gathered: &mut Gathered,
    row: &Row<'_>,
    apart: &mut Option<Apart>,
) -> Result<(), StoreError> {
    let fault = || Place("taken_days", "taken").fault("is not what an appointment takes");
    let branch: Uuid = value(row, 0)?;
    let staff = row.get_ref(1)?.as_blob().ok().filter(|staff| !staff.is_empty());
    let staff = staff.map(Uuid::from_slice).transpose().map_err(|_| fault())?;
    let service: Uuid = value(row, 2)?;
    let text = row.get_ref(3)?.as_str().map_err(|_| fault())?;
    let is_its = |one: &mut Apart| (one.branch, one.staff, one.service) == (branch, staff, service);
    let own = apart.take_if(|one| is_its(one) && text.contains(&one.taking));
    // Those of a group may take just the same: one of them is left out.
    let (text, after) = match &own {
        Some(own) => text.split_once(&own.taking).unwrap_or((text, "")),
        None => (text, ""),
    };
    let whose = (BranchId::from_uuid(branch), staff.map(StaffId::from_uuid));
    let all = entries(text.as_bytes()).chain(entries(after.as_bytes()));
    let read = |taken: Option<_>| {
        taken.map(|taken| appointment((service, branch), taken)).ok_or_else(fault)
    };
    gathered.add(whose, all.map(read))
}

/// When an appointment begins, how long it lasts (ms), what is kept free before and after it (minutes),
/// and until when it is held (ms).
const FIELDS: usize = 5;

fn appointment((service, branch): (Uuid, Uuid), taken: [i64; FIELDS]) -> Taken {
    let [start_ms, lasts_ms, before_min, after_min, held_until_ms] = taken;
    let end_ms = start_ms.saturating_add(lasts_ms);
    Taken {
        service: Some(ServiceId::from_uuid(service)),
        branch: Some(BranchId::from_uuid(branch)),
        start_ms,
        end_ms,
        from_ms: start_ms.saturating_sub(before_min.saturating_mul(60_000)),
        until_ms: end_ms.saturating_add(after_min.saturating_mul(60_000)),
        held_until_ms,
    }
}

/// Reads what stands in `taken`, one appointment after the other: `[begins,lasts,before,after]` of one
/// that is agreed, with a fifth number of a hold. Yields `None` where it is something else.
fn entries(text: &[u8]) -> impl Iterator<Item = Option<[i64; FIELDS]>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (open, mut within) = rest.split_first()?;
        rest = &[];
        if *open != b'[' {
            return Some(None);
        }
        let mut taken = [0, 0, 0, 0, i64::MAX];
        for (place, field) in taken.iter_mut().enumerate() {
            let Some((number, end, after)) = number(within) else { return Some(None) };
            *field = number;
            within = after;
            match end {
                b',' => {}
                b']' if place >= FIELDS - 2 => {
                    rest = within;
                    return Some(Some(taken));
                }
                _ => return Some(None),
            }
        }
        Some(None)
    })
}

/// The most digits of a number: ms of many millions of years.
const DIGITS_MAX: usize = 18;

/// A number, what ends it, and what comes after that.
fn number(text: &[u8]) -> Option<(i64, u8, &[u8])> {
    let mut number = 0_i64;
    for (place, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            let is_one = (1..=DIGITS_MAX).contains(&place);
            return is_one.then(|| (number, *byte, &text[place + 1..]));
        }
        // What would overflow has too many digits and is refused at its end.
        number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_appointments_take_is_read_one_after_the_other() {
        let read = |text: &str| entries(text.as_bytes()).collect::<Option<Vec<_>>>();
        assert_eq!(read(""), Some(vec![]));
        let both = "[1767603600000,1800000,5,10][0,1,0,1440,1767603900000]";
        let wanted = vec![
            [1_767_603_600_000, 1_800_000, 5, 10, i64::MAX],
            [0, 1, 0, 1_440, 1_767_603_900_000],
        ];
        assert_eq!(read(both), Some(wanted));
        let wrong = [
            "1,2,3,4]",
            "[1,2,3]",
            "[1,2,3,4",
            "[1,2,3,4,5,6]",
            "[1,2,,4]",
            "[-1,2,3,4]",
            "[1,2,3,4]x",
            "[1,2,3,4]]",
            "[1234567890123456789,2,3,4]",
            "[",
        ];
        for text in wrong {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
