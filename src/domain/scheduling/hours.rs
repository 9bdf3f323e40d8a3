//! Weekly opening hours, by the wall clock, and how they are written.
//!
//! Never knows a date, a time zone or a booking; `opening` makes instants of them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Weekday;

/// Minutes on the wall clock of one day.
pub const DAY_MIN: u16 = 1_440;
/// Most characters of a faulty text that an error repeats.
const QUOTED_MAX_CHARS: usize = 60;
const CLOSED: &str = "closed";
const DAILY: &str = "daily";

static WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "Monday"),
    (Weekday::Tuesday, "Tuesday"),
    (Weekday::Wednesday, "Wednesday"),
    (Weekday::Thursday, "Thursday"),
    (Weekday::Friday, "Friday"),
    (Weekday::Saturday, "Saturday"),
    (Weekday::Sunday, "Sunday"),
];

/// The opening hours of a week, by the wall clock. The default is always closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WeeklyHours {
    /// Monday first; each day's ranges sorted, with time between them.
    days: [Vec<DailyRange>; 7],
}

impl WeeklyHours {
    /// Hours of the given ranges, in any order. Ranges of a day that touch become one.
    pub fn new(
        ranges: impl IntoIterator<Item = (Weekday, DailyRange)>,
    ) -> Result<Self, HoursError> {
        let mut hours = Self::default();
        for (day, range) in ranges {
            hours.days[position(day)].push(range);
        }
        for ((day, _), ranges) in WEEK.into_iter().zip(&mut hours.days) {
            *ranges = merged(day, std::mem::take(ranges))?;
        }
        Ok(hours)
    }

    /// Every range of the week, Monday first and in the order of the day.
    pub fn ranges(&self) -> impl Iterator<Item = (Weekday, DailyRange)> {
        let days = WEEK.into_iter().zip(&self.days);
        days.flat_map(|((day, _), ranges)| ranges.iter().map(move |range| (day, *range)))
    }

    /// Hours that never end.
    pub fn always() -> Self {
        let day = || vec![DailyRange { opens_min: 0, closes_min: DAY_MIN }];
        Self { days: std::array::from_fn(|_| day()) }
    }

    /// Whether they never end.
    pub fn is_always(&self) -> bool {
        let whole = |day: &Vec<DailyRange>| matches!(day.as_slice(), [only] if only.opens_min == 0 && only.closes_min == DAY_MIN);
        self.days.iter().all(whole)
    }

    /// The ranges of a weekday, in order.
    pub fn on(&self, day: Weekday) -> &[DailyRange] {
        &self.days[position(day)]
    }
}

/// Hours of one day as minutes of the wall clock, `opens..closes` and never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DailyRange {
    opens_min: u16,
    closes_min: u16,
}

impl DailyRange {
    /// A range of minutes since the day's 00:00; it closes after it opens and by 1440, 24:00.
    pub fn new(opens_min: u16, closes_min: u16) -> Result<Self, HoursError> {
        let range = Self { opens_min, closes_min };
        if closes_min <= opens_min || DAY_MIN < closes_min {
            return Err(HoursError::Impossible(range.to_string()));
        }
        Ok(range)
    }

    /// When it opens, in minutes since the day's 00:00.
    pub fn opens_min(&self) -> u16 {
        self.opens_min
    }

    /// When it closes, in minutes since the day's 00:00.
    pub fn closes_min(&self) -> u16 {
        self.closes_min
    }
}

impl fmt::Display for DailyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (opens, closes) = (self.opens_min, self.closes_min);
        let (opens_h, closes_h) = (opens / 60, closes / 60);
        write!(f, "{opens_h:02}:{:02}-{closes_h:02}:{:02}", opens % 60, closes % 60)
    }
}

/// Why opening hours cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// There is no text.
    #[error("there are no opening hours; write \"closed\" if it is never open")]
    Empty,
    /// Hours without days before them.
    #[error("{0:?} does not begin with days, such as mon-fri 09:00-17:00")]
    NoDays(String),
    /// Days without hours after them.
    #[error("{0:?} has no hours, such as mon-fri 09:00-17:00; a closed day is written sun closed")]
    NoHours(String),
    /// A word where a day should be.
    #[error("{0:?} is not a day; days are mon, tue, wed, thu, fri, sat, sun, or daily for all")]
    UnknownDay(String),
    /// A word where a range of hours should be.
    #[error("{0:?} is not a range of hours such as 09:00-17:00; a semicolon goes between days")]
    NotRange(String),
    /// A word where a time should be.
    #[error("{0:?} is not a time from 00:00 to 24:00")]
    NotTime(String),
    /// A range that is empty, backwards or goes past midnight.
    #[error(
        "{0} must close after it opens and by 24:00; \
         hours past midnight are written fri 18:00-24:00; sat 00:00-02:00"
    )]
    Impossible(String),
    /// Two ranges of the same day that share time.
    #[error("{first} and {second} overlap")]
    OverlapOfDay {
        /// The one that opens first.
        first: DailyRange,
        /// The other.
        second: DailyRange,
    },
    /// Two ranges of one day that share time.
    #[error("{first} and {second} overlap on {}", name(*.day))]
    Overlap {
        /// The day that both are on.
        day: Weekday,
        /// The one that opens first.
        first: DailyRange,
        /// The other.
        second: DailyRange,
    },
}

impl FromStr for WeeklyHours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().eq_ignore_ascii_case(CLOSED) {
            return Ok(Self::default());
        }
        // An en dash is what many keyboards and word processors make of a hyphen.
        let text = text.replace('–', "-");
        let rules: Vec<String> =
            text.split(';').map(without_gaps).filter(|rule| !rule.is_empty()).collect();
        if rules.is_empty() {
            return Err(HoursError::Empty);
        }
        let mut ranges = Vec::new();
        for rule in &rules {
            ranges.extend(read_rule(rule)?);
        }
        Self::new(ranges)
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut first, mut separator) = (0, "");
        for alike in self.days.chunk_by(|one, next| one == next) {
            let days = WEEK[first..first + alike.len()].iter().map(|(_, name)| short(name));
            first += alike.len();
            if alike[0].is_empty() {
                continue;
            }
            write!(f, "{separator}{}", days_text(&days.collect::<Vec<_>>()))?;
            for range in &alike[0] {
                write!(f, " {range}")?;
            }
            separator = "; ";
        }
        f.write_str(if separator.is_empty() { CLOSED } else { "" })
    }
}

fn days_text(days: &[String]) -> String {
    match days {
        [first, .., last] if days.len() < WEEK.len() => format!("{first}-{last}"),
        [only] => only.clone(),
        _ => DAILY.to_owned(),
    }
}

/// `rule` trimmed and without white space around its hyphens.
fn without_gaps(rule: &str) -> String {
    rule.split('-').map(str::trim).collect::<Vec<_>>().join("-")
}

fn read_rule(rule: &str) -> Result<Vec<(Weekday, DailyRange)>, HoursError> {
    let closed =
        rule.rsplit_once(char::is_whitespace).filter(|(_, last)| last.eq_ignore_ascii_case(CLOSED));
    let is_digit = |c: char| c.is_ascii_digit();
    let hours_at = rule.find(is_digit).unwrap_or(rule.len());
    let (days, hours) = closed.unwrap_or_else(|| rule.split_at(hours_at));
    let days = read_days(days)?;
    if days.is_empty() {
        return Err(HoursError::NoDays(quote(rule)));
    }
    if closed.is_some() {
        return Ok(Vec::new());
    }
    let ranges: Vec<DailyRange> = words(hours).map(read_range).collect::<Result<_, _>>()?;
    if ranges.is_empty() {
        return Err(HoursError::NoHours(quote(rule)));
    }
    Ok(days.iter().flat_map(|day| ranges.iter().map(move |range| (*day, *range))).collect())
}

fn read_days(text: &str) -> Result<Vec<Weekday>, HoursError> {
    let all = WEEK.into_iter().map(|(day, _)| day);
    let mut days = Vec::new();
    for word in words(text) {
        if word.eq_ignore_ascii_case(DAILY) {
            days.extend(all.clone());
        } else if let Some((first, last)) = word.split_once('-') {
            let (first, last) = (position(read_day(first)?), position(read_day(last)?));
            let count = (last + WEEK.len() - first) % WEEK.len() + 1;
            days.extend(all.clone().cycle().skip(first).take(count));
        } else {
            days.push(read_day(word)?);
        }
    }
    Ok(days)
}

fn read_day(word: &str) -> Result<Weekday, HoursError> {
    let is_named =
        |name: &str| word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(&short(name));
    match WEEK.into_iter().find(|(_, name)| is_named(name)) {
        Some((day, _)) => Ok(day),
        None => Err(HoursError::UnknownDay(quote(word))),
    }
}

fn read_range(word: &str) -> Result<DailyRange, HoursError> {
    let (opens, closes) = word.split_once('-').ok_or_else(|| HoursError::NotRange(quote(word)))?;
    DailyRange::new(read_time(opens)?, read_time(closes)?)
}

/// Minutes since 00:00, of which 24:00 has the most.
fn read_time(word: &str) -> Result<u16, HoursError> {
    let number = |digits: &str| {
        let plain = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| plain)
    };
    let minute_of_day = || {
        let (hour, minute) = word.split_once(':').filter(|(_, minute)| minute.len() == 2)?;
        let (hour, minute) = (number(hour)?, number(minute)?);
        let total = hour * 60 + minute;
        (minute < 60 && total <= DAY_MIN).then_some(total)
    };
    minute_of_day().ok_or_else(|| HoursError::NotTime(quote(word)))
}

/// Reads the ranges of one day, such as `09:00-12:00 13:30-17:00`, or `closed`.
pub fn read_ranges(text: &str) -> Result<Vec<DailyRange>, HoursError> {
    let text = text.replace('–', "-");
    if text.trim().eq_ignore_ascii_case(CLOSED) {
        return Ok(Vec::new());
    }
    let ranges: Vec<DailyRange> =
        words(&without_gaps(&text)).map(read_range).collect::<Result<_, _>>()?;
    if ranges.is_empty() {
        return Err(HoursError::Empty);
    }
    day_ranges(ranges)
}

/// Ranges of one day in order, with those that touch made one; an error when two overlap.
pub fn day_ranges(ranges: Vec<DailyRange>) -> Result<Vec<DailyRange>, HoursError> {
    merged(Weekday::Monday, ranges).map_err(|error| match error {
        HoursError::Overlap { first, second, .. } => HoursError::OverlapOfDay { first, second },
        HoursError::Empty
        | HoursError::NoDays(_)
        | HoursError::NoHours(_)
        | HoursError::UnknownDay(_)
        | HoursError::NotRange(_)
        | HoursError::NotTime(_)
        | HoursError::Impossible(_)
        | HoursError::OverlapOfDay { .. } => error,
    })
}

/// Writes the ranges of one day as [`read_ranges`] reads them.
pub fn ranges_text(ranges: &[DailyRange]) -> String {
    if ranges.is_empty() {
        return CLOSED.to_owned();
    }
    ranges.iter().map(DailyRange::to_string).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

fn quote(text: &str) -> String {
    text.chars().take(QUOTED_MAX_CHARS).collect()
}

/// Ranges of one day sorted, with those that touch made one; an error names `day` when two overlap.
fn merged(day: Weekday, mut ranges: Vec<DailyRange>) -> Result<Vec<DailyRange>, HoursError> {
    ranges.sort_unstable();
    let mut apart: Vec<DailyRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.opens_min < last.closes_min => {
                return Err(HoursError::Overlap { day, first: *last, second: range });
            }
            Some(last) if range.opens_min == last.closes_min => last.closes_min = range.closes_min,
            Some(_) | None => apart.push(range),
        }
    }
    Ok(apart)
}

fn position(day: Weekday) -> usize {
    WEEK.iter().position(|(known, _)| *known == day).expect("the week has every weekday")
}

fn name(day: Weekday) -> &'static str {
    WEEK[position(day)].1
}

/// The three letters of a day's name.
fn short(name: &str) -> String {
    name[..3].to_ascii_lowercase()
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::tz::{TimeZone, TimeZoneDatabase};
    use proptest::prelude::*;

    use super::*;

    pub fn hours(text: &str) -> WeeklyHours {
        text.parse().expect("readable hours")
    }

    pub fn zone(name: &str) -> TimeZone {
        TimeZoneDatabase::bundled().get(name).expect("a zone of the bundled database")
    }

    /// Weeks of up to three ranges a day, at any minutes, midnights among them.
    pub fn any_hours() -> impl Strategy<Value = WeeklyHours> {
        let minute = prop_oneof![1 => Just(0_u16), 1 => Just(DAY_MIN), 6 => 0_u16..=DAY_MIN];
        let day = prop::collection::btree_set(minute, 0..=6);
        prop::collection::vec(day, WEEK.len()).prop_map(|week| {
            let days = WEEK.into_iter().zip(week).flat_map(|((day, _), minutes)| {
                let minutes: Vec<u16> = minutes.into_iter().collect();
                let range = |two: &[u16]| DailyRange::new(two[0], two[1]).expect("a set in order");
                minutes.chunks_exact(2).map(|two| (day, range(two))).collect::<Vec<_>>()
            });
            WeeklyHours::new(days).expect("pairs of a set never overlap")
        })
    }

    #[test]
    fn hours_are_read_and_written_in_one_canonical_way() {
        let cases = [
            "mon-fri 09:00-12:30 13:30-17:00; sat 10:00-14:00 => \
             mon-fri 09:00-12:30 13:30-17:00; sat 10:00-14:00",
            " SAT - Mon 9:00 – 12:00; => mon 09:00-12:00; sat-sun 09:00-12:00",
            "sunday,TUE, thu 08:00-24:00 => tue 08:00-24:00; thu 08:00-24:00; sun 08:00-24:00",
            "Daily 00:00-24:00 => daily 00:00-24:00",
            "mon-sun 10:00-11:00 => daily 10:00-11:00",
            "wed-wed 10:00-11:00 => wed 10:00-11:00",
            "mon 13:00-17:00; mon 09:00-12:00, 12:00-13:00 => mon 09:00-17:00",
            "mon 09:00-10:00; sun closed => mon 09:00-10:00",
            " Closed => closed",
        ];
        for case in cases {
            let (given, canonical) = case.split_once(" => ").expect("two sides");
            assert_eq!(hours(given).to_string(), canonical, "from {given:?}");
            assert_eq!(hours(canonical), hours(given), "from {canonical:?}");
        }
        assert_eq!(hours("closed"), WeeklyHours::default());
    }

    #[test]
    fn unreadable_hours_are_refused_with_the_text_at_fault() {
        let cases = [
            " ;  => there are no opening hours",
            "09:00-17:00 => \"09:00-17:00\" does not begin with days",
            ", closed => \", closed\" does not begin with days",
            "mon-fri => \"mon-fri\" has no hours",
            "mon-feast 09:00-17:00 => \"feast\" is not a day",
            "mon 09:00 => \"09:00\" is not a range",
            "mon 09:00-17:00 tue 09:00-17:00 => \"tue\" is not a range",
            "mon 9-17 => \"9\" is not a time",
            "mon 09:60-17:00 => \"09:60\" is not a time",
            "mon 09:00-24:01 => \"24:01\" is not a time",
            "mon 09:00-+7:00 => \"+7:00\" is not a time",
            "fri 22:00-02:00 => 22:00-02:00 must close after it opens",
            "daily 09:00-12:00; wed 11:00-13:00 => 09:00-12:00 and 11:00-13:00 overlap on Wed",
        ];
        for case in cases {
            let (given, message) = case.split_once(" => ").expect("two sides");
            let read = given.parse::<WeeklyHours>();
            let said = read.expect_err("unreadable").to_string();
            assert!(said.starts_with(message), "{given:?} gave {said}");
        }
        assert!(DailyRange::new(0, DAY_MIN + 1).is_err());
    }

    proptest! {
        #[test]
        fn written_hours_read_back_as_the_same_hours(hours in any_hours()) {
            prop_assert_eq!(hours.to_string().parse::<WeeklyHours>(), Ok(hours));
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(
            text in any::<String>(),
            likely in "[a-z]{0,2}(mon|Tue|–|-|,|;| |daily|closed|0|9:00|12:30|24:00|é){0,24}",
        ) {
            for text in [text, likely] {
                if let Ok(hours) = text.parse::<WeeklyHours>() {
                    prop_assert_eq!(hours.to_string().parse::<WeeklyHours>(), Ok(hours));
                }
            }
        }
    }
}
