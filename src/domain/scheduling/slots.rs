//! The free slots of a service at a branch, and the reason why a given time is none of them.
//!
//! A day's starts are counted by the wall clock from each opening of the branch, in steps: hours
//! from 09:10 in steps of 30 minutes give 09:10, 09:40 and so on, whatever is booked in between.
//! Hours that run past midnight are counted anew from 00:00. A slot lies whole inside one stretch
//! of open time, and inside the working time of whoever serves. What is kept free around it (its
//! buffers) may lie outside the hours, but shares no instant with what is kept free or taken by
//! anything else. It begins no sooner and no later than the rules say.
//!
//! Whose time a slot takes is a resource: a staff member, or the branch itself. Bookings of one
//! service may share a resource up to the service's capacity: with a staff member when they begin
//! together at the same branch, as a class does; at a branch at any time, as chairs do. Everything
//! else excludes each other.
//!
//! Never books anything: between asking and booking a slot may be taken, so booking asks again.

use std::iter::successors;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::board::{Board, Terms};
use super::interval::Span;
use super::opening::{Opening, day_number};
use super::rules::Rules;
use crate::domain::ids::{BranchId, ServiceId, StaffId};

/// The longest window that is searched at once, in days of 24 hours; longer ones are cut.
pub const MAX_WINDOW_DAYS: u16 = 62;
/// Most resources of one service: as many as a [`Mask`] has bits.
pub const RESOURCES_MAX: usize = 64;
/// The longest that one thing can take with what is kept free around it, ms: a day and two buffers
/// of a day, and a clock that goes back.
pub const LONGEST_MS: i64 = 74 * 3_600_000;
/// Milliseconds of a day on a clock that is not changed.
const DAY_MS: i64 = 86_400_000;
/// Most stretches of time that one explanation names.
pub const EXPLAINED_MAX: usize = 500;

/// What slots are found in: one service at one branch.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The branch's zone, in which all hours are written.
    pub zone: &'a TimeZone,
    /// When the branch is open.
    pub opening: &'a Opening,
    /// The branch.
    pub branch: BranchId,
    /// The service.
    pub service: ServiceId,
    /// How it may be booked.
    pub rules: &'a Rules,
    /// Whose time it can take, at most [`RESOURCES_MAX`]; none: nobody can serve.
    pub resources: &'a [Resource<'a>],
    /// When the service's appointments at the branch begin, ms since 1970 UTC, over whole local
    /// days. Only looked at when the rules have a cap.
    pub begun_ms: &'a [i64],
}

/// Somebody or something whose time a slot takes.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// The staff member; `None`: the branch itself.
    pub staff: Option<StaffId>,
    /// When they work, within the branch's hours; `None`: all the time.
    pub opening: Option<&'a Opening>,
    /// What takes their time, by `from_ms`.
    pub taken: &'a [Taken],
}

/// Something that takes time. Instants are ms since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The service of an appointment; `None`: busy for another reason, as an outside calendar says.
    pub service: Option<ServiceId>,
    /// Where an appointment is; only there it can be shared.
    pub branch: Option<BranchId>,
    /// When it begins.
    pub start_ms: i64,
    /// When it is over.
    pub end_ms: i64,
    /// When what is kept free before it begins; `start_ms` without a buffer.
    pub from_ms: i64,
    /// When what is kept free after it is over; `end_ms` without a buffer.
    pub until_ms: i64,
    /// When it ends to take time: the end of a hold; `i64::MAX` for what is agreed.
    pub held_until_ms: i64,
}

impl Taken {
    /// Time that is busy for a reason of its own, as an outside calendar says; in pieces of at most
    /// a day.
    pub fn busy(span: Span) -> Vec<Self> {
        let (start_ms, end_ms) = (floor_ms(span.start()), ceil_ms(span.end()));
        let starts = successors(Some(start_ms), |at_ms| Some(at_ms.saturating_add(DAY_MS)));
        let piece = |from_ms: i64| {
            let until_ms = from_ms.saturating_add(DAY_MS).min(end_ms);
            let (start_ms, end_ms, held_until_ms) = (from_ms, until_ms, i64::MAX);
            let (service, branch) = (None, None);
            Self { service, branch, start_ms, end_ms, from_ms, until_ms, held_until_ms }
        };
        let most = usize::from(MAX_WINDOW_DAYS) * 2;
        starts.take_while(|at_ms| *at_ms < end_ms).take(most).map(piece).collect()
    }

    /// An appointment with what is kept free around it, in minutes.
    pub fn appointment(
        service: ServiceId,
        span: Span,
        (before_min, after_min): (u16, u16),
    ) -> Self {
        let (start_ms, end_ms) = (floor_ms(span.start()), ceil_ms(span.end()));
        let (before, after) = (i64::from(before_min) * 60_000, i64::from(after_min) * 60_000);
        let (from_ms, until_ms, service) = (start_ms - before, end_ms + after, Some(service));
        let (branch, held_until_ms) = (None, i64::MAX);
        Self { service, branch, start_ms, end_ms, from_ms, until_ms, held_until_ms }
    }

    /// The same, at a branch.
    pub fn at(self, branch: BranchId) -> Self {
        Self { branch: Some(branch), ..self }
    }

    /// The same, but only until a moment (ms since 1970 UTC).
    pub fn held_until(self, held_until_ms: i64) -> Self {
        Self { held_until_ms, ..self }
    }
}

/// Which of a plan's resources, by their place in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mask(pub(super) u64);

impl Mask {
    /// The places, in order.
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..RESOURCES_MAX).filter(move |place| self.has(*place))
    }

    /// Whether a place is among them.
    pub fn has(self, place: usize) -> bool {
        place < RESOURCES_MAX && self.0 >> place & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A time that can be booked, and whose time it can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// When.
    pub span: Span,
    /// Which resources are free then; at least one.
    pub free: Mask,
}

/// Why a time is not on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOffered {
    /// It is over.
    InThePast,
    /// It is sooner than the notice the rules ask for.
    TooSoon,
    /// It is further ahead than the rules allow.
    TooFar,
    /// The branch is not open all through the slot.
    Closed,
    /// The branch has other hours than usual on that day, and is not open all through the slot.
    Holiday,
    /// Open, but between two of the starts on offer.
    OffGrid,
    /// As many are booked on that day as may be.
    CapReached,
    /// Nobody who can serve works then.
    StaffAway,
    /// Something else is booked then.
    Taken,
    /// Only what is kept free around this or another booking stands in the way.
    Buffer,
}

impl NotOffered {
    /// The word used in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::InThePast => "in_the_past",
            Self::TooSoon => "too_soon",
            Self::TooFar => "too_far",
            Self::Closed => "closed",
            Self::Holiday => "holiday",
            Self::OffGrid => "off_grid",
            Self::CapReached => "cap_reached",
            Self::StaffAway => "staff_away",
            Self::Taken => "taken",
            Self::Buffer => "buffer",
        }
    }
}

/// A time that is not offered, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unoffered {
    /// The starts that are not offered.
    pub span: Span,
    /// Why.
    pub reason: NotOffered,
}

/// Part of a day, as people divide it by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOfDay {
    /// Before noon.
    Morning,
    /// From noon until five.
    Afternoon,
    /// From five on.
    Evening,
}

impl PartOfDay {
    /// The part that an hour of the day, 0 to 23, belongs to.
    pub fn of(hour: i8) -> Self {
        match hour {
            ..12 => Self::Morning,
            12..17 => Self::Afternoon,
            17.. => Self::Evening,
        }
    }

    /// Its minutes after midnight, half-open.
    pub fn minutes(self) -> (u16, u16) {
        match self {
            Self::Morning => (0, 720),
            Self::Afternoon => (720, 1_020),
            Self::Evening => (1_020, 1_440),
        }
    }

    /// Reads `morning`, `afternoon` or `evening`; `None` within for `any`.
    pub fn parse(text: &str) -> Option<Option<Self>> {
        match text.trim().to_ascii_lowercase().as_str() {
            "morning" => Some(Some(Self::Morning)),
            "afternoon" => Some(Some(Self::Afternoon)),
            "evening" => Some(Some(Self::Evening)),
            "any" | "anytime" | "any time" => Some(None),
            _ => None,
        }
    }
}

/// Every slot that can be booked at `now` and lies whole inside `window`, in order. The window is
/// first cut to the time in which the rules allow bookings, then to [`MAX_WINDOW_DAYS`].
pub fn free(plan: &Plan<'_>, window: Span, now: Timestamp) -> Vec<Slot> {
    let terms = Terms::new(plan.rules, now);
    let Some((from_ms, until_ms)) = terms.searched(window) else { return Vec::new() };
    let board = Board::new(plan, &terms, (from_ms, until_ms));
    let mut found = Vec::new();
    board.each_start(|start_ms, verdict| {
        if let (Ok(free), Some(span)) = (verdict, terms.slot(start_ms)) {
            found.push(Slot { span, free });
        }
    });
    found
}

/// The slot that begins at `start` if it can be booked at `now`, or the first reason why not.
pub fn judge(plan: &Plan<'_>, start: Timestamp, now: Timestamp) -> Result<Slot, NotOffered> {
    let terms = Terms::new(plan.rules, now);
    terms.admit(start)?;
    // A start that is no whole millisecond lies between two on offer.
    let (start_ms, exact) = (floor_ms(start), floor_ms(start) == ceil_ms(start));
    let span = terms.slot(start_ms).ok_or(NotOffered::TooFar)?;
    let board = Board::new(plan, &terms, (start_ms, ceil_ms(span.end())));
    let free = board.judge(start_ms, exact)?;
    Ok(Slot { span, free })
}

/// Every start within `window` that is not offered at `now`, as stretches of time with the reason,
/// in order; at most [`EXPLAINED_MAX`]. What lies between them is offered.
pub fn explain(plan: &Plan<'_>, window: Span, now: Timestamp) -> Vec<Unoffered> {
    let terms = Terms::new(plan.rules, now);
    let (from_ms, until_ms) = (floor_ms(window.start()), ceil_ms(window.end()));
    let longest_ms = i64::from(MAX_WINDOW_DAYS) * DAY_MS;
    let until_ms = until_ms.min(from_ms.saturating_add(longest_ms));
    let window = (from_ms, until_ms.saturating_add(terms.duration_ms));
    let board = Board::new(plan, &terms, window);
    let mut told = Told { until_ms, spans: Vec::new() };
    let mut at_ms = from_ms;
    board.each_start(|start_ms, verdict| {
        if start_ms < from_ms || until_ms <= start_ms {
            return;
        }
        let next_ms = board.step_end(start_ms);
        board.each_gap((at_ms, start_ms), |span, reason| told.add(span, reason));
        if let Err(conflict) = verdict {
            told.add((start_ms, next_ms), board.reason(start_ms, conflict));
        }
        at_ms = next_ms;
    });
    board.each_gap((at_ms, until_ms), |span, reason| told.add(span, reason));
    told.spans.truncate(EXPLAINED_MAX);
    told.spans
}

/// An explanation that grows; what follows with the same reason is joined.
struct Told {
    until_ms: i64,
    spans: Vec<Unoffered>,
}

impl Told {
    fn add(&mut self, (from_ms, until_ms): (i64, i64), reason: NotOffered) {
        let Some(span) = span_ms(from_ms, until_ms.min(self.until_ms)) else { return };
        match self.spans.last_mut() {
            Some(last) if last.reason == reason && last.span.end() == span.start() => {
                let joined = Span::new(last.span.start(), span.end());
                last.span = joined.expect("the later one ends later");
            }
            Some(_) | None => self.spans.push(Unoffered { span, reason }),
        }
    }
}

/// The whole local days that a span touches, which a cap and a fair choice are counted over.
pub fn whole_days(zone: &TimeZone, span: Span) -> Span {
    let first = zone.to_datetime(span.start()).date();
    let last = zone.to_datetime(span.end()).date();
    let midnight =
        |day: jiff::civil::Date| day.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).ok();
    let next = last.tomorrow().ok().and_then(midnight).unwrap_or(Timestamp::MAX);
    let start = midnight(first).unwrap_or(Timestamp::MIN);
    Span::new(start.min(span.start()), next.max(span.end())).unwrap_or(span)
}

/// How many days lie between two instants on the wall clock of a zone.
pub fn days_between(zone: &TimeZone, one: Timestamp, other: Timestamp) -> i64 {
    let day = |at| day_number(zone.to_datetime(at).date());
    day(other) - day(one)
}

/// The span between two instants in ms since 1970 UTC, as far as jiff can hold them.
pub(super) fn span_ms(from_ms: i64, until_ms: i64) -> Option<Span> {
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok();
    Span::new(at(from_ms)?, at(until_ms)?)
}

/// The last whole millisecond that is not after an instant.
pub(super) fn floor_ms(at: Timestamp) -> i64 {
    let ms = at.as_millisecond();
    let exact = Timestamp::from_millisecond(ms).unwrap_or(at);
    ms - i64::from(exact > at)
}

/// The first whole millisecond that is not before an instant.
pub(super) fn ceil_ms(at: Timestamp) -> i64 {
    let ms = floor_ms(at);
    let exact = Timestamp::from_millisecond(ms).unwrap_or(at);
    ms + i64::from(exact < at)
}

/// The instant `by` later, or the last there is.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
