//! The free slots of a calendar, and the reason why a given start is none of them.
//!
//! A day's starts are counted by the wall clock from each opening, in steps: hours from 09:10 in
//! steps of 30 minutes give 09:10, 09:40 and so on, whatever is booked in between. Hours that run
//! past midnight are counted anew from 00:00. A slot lies whole inside one stretch of open time,
//! shares no instant with busy time, and begins no sooner and no later than the rules say.
//!
//! Never books anything: between asking and booking a slot may be taken, so booking asks again.

use std::iter::successors;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::hours::{Stretch, WeeklyHours};
use super::interval::{self, Span};
use super::rules::Rules;

/// The longest window that is searched at once, in days of 24 hours; longer ones are cut.
pub const MAX_WINDOW_DAYS: u16 = 62;

/// What the slots are found in.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The zone that the hours are written in.
    pub zone: &'a TimeZone,
    /// When the business is open.
    pub hours: &'a WeeklyHours,
    /// When it is taken, in any order.
    pub busy: &'a [Span],
}

/// Why a start is not on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOffered {
    /// It is over.
    InThePast,
    /// It is sooner than the notice the rules ask for.
    TooSoon,
    /// It is further ahead than the rules allow.
    TooFar,
    /// The business is not open all through the slot.
    Closed,
    /// Open, but between two of the starts on offer.
    OffGrid,
    /// Something else is booked then.
    Taken,
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
pub fn free(calendar: &Calendar<'_>, rules: &Rules, window: Span, now: Timestamp) -> Vec<Span> {
    let terms = Terms::new(rules, now);
    let Some(window) = terms.searched(window) else {
        return Vec::new();
    };
    let board = Board::new(calendar, window);
    let mut walk = board.walk();
    let mut found = Vec::new();
    for stretch in &board.stretches {
        let first = terms.start_from(stretch, stretch.span.start());
        let next = |at: &Timestamp| terms.start_from(stretch, later(*at, terms.step));
        for slot in successors(first, next).filter_map(|start| terms.slot(start)) {
            let admitted = terms.admit(slot.start());
            let open = admitted.and_then(|()| walk.judge_open(&slot));
            if open.and_then(|()| walk.judge_untaken(&slot)).is_ok() {
                found.push(slot);
            }
        }
    }
    found
}

/// The slot that begins at `start` if it can be booked at `now`, or the first reason why not.
pub fn explain(
    calendar: &Calendar<'_>,
    rules: &Rules,
    start: Timestamp,
    now: Timestamp,
) -> Result<Span, NotOffered> {
    let terms = Terms::new(rules, now);
    terms.admit(start)?;
    let slot = terms.slot(start).ok_or(NotOffered::TooFar)?;
    let board = Board::new(calendar, slot);
    let mut walk = board.walk();
    walk.judge_open(&slot)?;
    let on_grid = board.stretches.first().and_then(|stretch| terms.start_from(stretch, start));
    if on_grid != Some(start) {
        return Err(NotOffered::OffGrid);
    }
    walk.judge_untaken(&slot)?;
    Ok(slot)
}

/// At most `most` of the slots, unlike each other: the earliest, one in another part of the day,
/// one on another day and so on in turn; when every day and part is named, whichever lies furthest
/// from those named. In order and distinct. Meant for a handful.
pub fn spread(free: &[Span], zone: &TimeZone, most: usize) -> Vec<Span> {
    let mut rest: Vec<Offer> =
        in_order(free).into_iter().map(|slot| Offer::new(slot, zone)).collect();
    let mut chosen: Vec<Offer> = Vec::new();
    while chosen.len() < most && !rest.is_empty() {
        chosen.push(rest.remove(most_unlike(&rest, &chosen)));
    }
    in_order(&chosen.iter().map(|offer| offer.slot).collect::<Vec<_>>())
}

/// The `most` slots that begin nearest to `to`, of two as near the earlier. In order and distinct.
pub fn nearest(free: &[Span], to: Timestamp, most: usize) -> Vec<Span> {
    let mut slots = in_order(free);
    slots.sort_by_key(|slot| slot.start().duration_since(to).abs());
    slots.truncate(most);
    in_order(&slots)
}

/// The rules as instants and durations, seen from `now`.
struct Terms {
    now: Timestamp,
    earliest: Timestamp,
    latest: Timestamp,
    duration: SignedDuration,
    step: SignedDuration,
}

impl Terms {
    fn new(rules: &Rules, now: Timestamp) -> Self {
        let notice = SignedDuration::from_mins(i64::from(rules.notice_min()));
        Self {
            now,
            earliest: later(now, notice),
            latest: later(now, days(rules.horizon_days())),
            duration: SignedDuration::from_mins(i64::from(rules.duration_min())),
            step: SignedDuration::from_mins(i64::from(rules.step_min())),
        }
    }

    /// The part of `window` that can hold a slot, no longer than one search may be.
    fn searched(&self, window: Span) -> Option<Span> {
        let start = window.start().max(self.earliest);
        let longest = later(start, days(MAX_WINDOW_DAYS));
        let end = window.end().min(later(self.latest, self.duration)).min(longest);
        Span::new(start, end)
    }

    fn admit(&self, start: Timestamp) -> Result<(), NotOffered> {
        if start < self.now {
            Err(NotOffered::InThePast)
        } else if start < self.earliest {
            Err(NotOffered::TooSoon)
        } else if start > self.latest {
            Err(NotOffered::TooFar)
        } else {
            Ok(())
        }
    }

    fn slot(&self, start: Timestamp) -> Option<Span> {
        Span::new(start, start.checked_add(self.duration).ok()?)
    }

    /// The first start at or after `from` that is whole steps away from the stretch's opening.
    fn start_from(&self, stretch: &Stretch, from: Timestamp) -> Option<Timestamp> {
        let from_s = from.as_second() + i64::from(from.subsec_nanosecond() > 0);
        let start_s = from_s + (stretch.opens_s - from_s).rem_euclid(self.step.as_secs());
        Timestamp::from_second(start_s).ok().filter(|start| *start < stretch.span.end())
    }
}

/// A calendar laid out over one window.
struct Board {
    stretches: Vec<Stretch>,
    open: Vec<Span>,
    busy: Vec<Span>,
}

impl Board {
    fn new(calendar: &Calendar<'_>, window: Span) -> Self {
        let stretches = calendar.hours.stretches(calendar.zone, window);
        let open = interval::join(stretches.iter().map(|stretch| stretch.span).collect());
        let near = calendar.busy.iter().filter(|busy| busy.overlaps(&window));
        Self { stretches, open, busy: interval::join(near.copied().collect()) }
    }

    fn walk(&self) -> Walk<'_> {
        Walk { open: &self.open, busy: &self.busy }
    }
}

/// What of a board is still ahead when slots are judged in the order of their starts.
struct Walk<'b> {
    open: &'b [Span],
    busy: &'b [Span],
}

impl Walk<'_> {
    fn judge_open(&mut self, slot: &Span) -> Result<(), NotOffered> {
        self.open = interval::pending(self.open, slot.start());
        let inside = self.open.first().is_some_and(|open| open.contains(slot));
        if inside { Ok(()) } else { Err(NotOffered::Closed) }
    }

    fn judge_untaken(&mut self, slot: &Span) -> Result<(), NotOffered> {
        self.busy = interval::pending(self.busy, slot.start());
        let taken = self.busy.first().is_some_and(|busy| busy.overlaps(slot));
        if taken { Err(NotOffered::Taken) } else { Ok(()) }
    }
}

/// A slot as its customer sees it.
struct Offer {
    slot: Span,
    day: Date,
    part: PartOfDay,
}

impl Offer {
    fn new(slot: Span, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(slot.start());
        Self { slot, day: local.date(), part: PartOfDay::of(local.hour()) }
    }
}

/// Which of `rest`, in order and not empty, adds most to `chosen`.
fn most_unlike(rest: &[Offer], chosen: &[Offer]) -> usize {
    let new_part = || rest.iter().position(|offer| chosen.iter().all(|c| c.part != offer.part));
    let new_day = || rest.iter().position(|offer| chosen.iter().all(|c| c.day != offer.day));
    let is_new = |offer: &Offer| chosen.iter().all(|c| (c.day, c.part) != (offer.day, offer.part));
    let turn = if chosen.len() % 2 == 1 {
        new_part().or_else(new_day)
    } else {
        new_day().or_else(new_part)
    };
    turn.or_else(|| rest.iter().position(is_new)).unwrap_or_else(|| furthest(rest, chosen))
}

fn furthest(rest: &[Offer], chosen: &[Offer]) -> usize {
    let distance = |offer: &Offer| {
        let start = offer.slot.start();
        chosen.iter().map(|c| c.slot.start().duration_since(start).abs()).min()
    };
    // The last of equals wins, so the earliest is asked last.
    let backwards = rest.iter().enumerate().rev();
    backwards.max_by_key(|(_, offer)| distance(offer)).map_or(0, |(index, _)| index)
}

fn in_order(slots: &[Span]) -> Vec<Span> {
    let mut slots = slots.to_vec();
    slots.sort_unstable();
    slots.dedup();
    slots
}

fn days(count: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(count) * 24)
}

/// The instant `by` later, or the last there is.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
