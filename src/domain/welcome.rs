//! What an agent is told of a caller before it says its first word.
//!
//! Flat texts only: providers put them into prompts as variables. Never tells of anybody else.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Days in the table of dates: the models that read it are bad at counting days.
const DAYS: i64 = 14;

/// Variables for the agent, each a name and a text; the names are stable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Welcome(pub Vec<(&'static str, String)>);

impl Welcome {
    /// The text of a variable; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| *key == name).map_or("", |(_, text)| text.as_str())
    }
}

/// Today and the days after it by the zone's calendar, such as `Thursday 2026-01-01 (today);
/// Friday 2026-01-02 (tomorrow); …`, fourteen in all.
pub fn date_table(now: Timestamp, zone: &TimeZone) -> String {
    let today = zone.to_datetime(now).date();
    let day = |n: i64| {
        let day = today.checked_add(n.days()).ok()?;
        let text = day.strftime("%A %Y-%m-%d");
        Some(match n {
            0 => format!("{text} (today)"),
            1 => format!("{text} (tomorrow)"),
            _ => text.to_string(),
        })
    };
    (0..DAYS).filter_map(day).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_goes_by_the_calendar_of_the_zone() {
        let now: Timestamp = "2026-03-28T23:30:00Z".parse().expect("an instant");
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let table = date_table(now, &berlin);
        // Half past midnight there, in the night when the clocks go forward.
        assert!(table.starts_with("Sunday 2026-03-29 (today); Monday 2026-03-30 (tomorrow); "));
        assert!(table.ends_with("; Saturday 2026-04-11"), "{table}");
        assert_eq!(table.split("; ").count(), 14);
    }
}
