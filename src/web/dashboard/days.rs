//! Days and moments as people read and send them.
//!
//! Always by the clock of a zone that is said.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::app::AppError;
use crate::web::query::Query;

/// A moment to the minute, with its weekday.
pub fn clock(zone: &TimeZone, at: Timestamp) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// A moment to the second.
pub fn moment(zone: &TimeZone, at: Timestamp) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M:%S").to_string()
}

/// The days that a page shows, and the moments at which they begin and end.
#[derive(Default)]
pub struct Days {
    /// The first day.
    pub from: Option<(Date, Timestamp)>,
    /// The last day, and the moment after it.
    pub to: Option<(Date, Timestamp)>,
}

impl Days {
    /// Reads `from` and `to`; where neither is said, from `otherwise` on.
    pub fn read(
        query: &mut Query,
        zone: &TimeZone,
        otherwise: Option<Date>,
    ) -> Result<Self, AppError> {
        let mut day = |key: &'static str| match query.take(key) {
            Some(text) if !text.is_empty() => {
                let read = text.parse::<Date>();
                read.map(Some).map_err(|_| AppError::invalid(key, "must be a day: 2026-12-31"))
            }
            _ => Ok(None),
        };
        let (from, to) = (day("from")?, day("to")?);
        let from = if from.is_none() && to.is_none() { otherwise } else { from };
        let begins = |day: Date| {
            let at = day.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
            at.map_err(|_| AppError::invalid("from", "is too far away"))
        };
        let after = |day: Date| {
            day.tomorrow().map_err(|_| AppError::invalid("to", "is too far away")).and_then(begins)
        };
        let from = from.map(|day| begins(day).map(|at| (day, at))).transpose()?;
        let to = to.map(|day| after(day).map(|at| (day, at))).transpose()?;
        if let (Some((_, from)), Some((_, to))) = (from, to)
            && to <= from
        {
            return Err(AppError::invalid("to", "must not be before from"));
        }
        Ok(Self { from, to })
    }

    /// The first day, as a form sends it.
    pub fn first_day(&self) -> String {
        self.from.map_or_else(String::new, |(day, _)| day.to_string())
    }

    /// The last day, as a form sends it.
    pub fn last_day(&self) -> String {
        self.to.map_or_else(String::new, |(day, _)| day.to_string())
    }

    /// The fields of a form.
    pub fn fields(&self) -> Markup {
        html! {
            label for="from" { "From" }
            input id="from" name="from" type="date" value=(self.first_day());
            label for="to" { "To" }
            input id="to" name="to" type="date" value=(self.last_day());
        }
    }
}
