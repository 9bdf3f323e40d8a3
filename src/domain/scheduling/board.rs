//! A plan laid out over one window: which starts there are, and what stands in the way of each.
//!
//! Everything is sorted once; a walk through the starts in order then only moves forward. Instants
//! are ms since 1970 UTC. Never decides which of several free resources is taken.

use std::iter::successors;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::interval::Span;
use super::opening::{Stretch, local_days};
use super::rules::Rules;
use super::slots::{
    LONGEST_MS, MAX_WINDOW_DAYS, Mask, NotOffered, Plan, Resource, Taken, ceil_ms, floor_ms, later,
    span_ms,
};

/// Milliseconds of a minute.
const MIN_MS: i64 = 60_000;

/// The rules as instants and lengths, seen from `now`.
pub(super) struct Terms {
    now: Timestamp,
    earliest: Timestamp,
    latest: Timestamp,
    /// The same three in ms: a start on a whole ms is compared as a number.
    now_ms: i64,
    earliest_ms: i64,
    latest_ms: i64,
    pub(super) duration_ms: i64,
    step_ms: i64,
    before_ms: i64,
    after_ms: i64,
    capacity: usize,
    day_cap: Option<usize>,
}

impl Terms {
    pub(super) fn new(rules: &Rules, now: Timestamp) -> Self {
        let ms = |minutes: u16| i64::from(minutes) * MIN_MS;
        let earliest = later(now, SignedDuration::from_mins(i64::from(rules.notice_min())));
        let latest = later(now, days(rules.horizon_days()));
        Self {
            now,
            earliest,
            latest,
            now_ms: ceil_ms(now),
            earliest_ms: ceil_ms(earliest),
            latest_ms: floor_ms(latest),
            duration_ms: ms(rules.duration_min()),
            step_ms: ms(rules.step_min()),
            before_ms: ms(rules.before_min()),
            after_ms: ms(rules.after_min()),
            capacity: usize::from(rules.capacity()),
            day_cap: rules.day_cap().map(usize::from),
        }
    }

    /// The part of `window` that can hold a slot, no longer than one search may be.
    pub(super) fn searched(&self, window: Span) -> Option<(i64, i64)> {
        let start = window.start().max(self.earliest);
        let last_end = later(self.latest, SignedDuration::from_millis(self.duration_ms));
        let longest = later(start, days(MAX_WINDOW_DAYS));
        let span = Span::new(start, window.end().min(last_end).min(longest))?;
        let (from_ms, until_ms) = (ceil_ms(span.start()), floor_ms(span.end()));
        (from_ms < until_ms).then_some((from_ms, until_ms))
    }

    pub(super) fn admit(&self, start: Timestamp) -> Result<(), NotOffered> {
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

    fn admit_ms(&self, start_ms: i64) -> Result<(), NotOffered> {
        if start_ms < self.now_ms {
            Err(NotOffered::InThePast)
        } else if start_ms < self.earliest_ms {
            Err(NotOffered::TooSoon)
        } else if start_ms > self.latest_ms {
            Err(NotOffered::TooFar)
        } else {
            Ok(())
        }
    }

    pub(super) fn slot(&self, start_ms: i64) -> Option<Span> {
        span_ms(start_ms, start_ms.checked_add(self.duration_ms)?)
    }

    /// The first start at or after `from_ms` that is whole steps away from the stretch's opening.
    fn start_from(&self, stretch: &Stretch, from_ms: i64) -> i64 {
        from_ms + (stretch.opens_ms - from_ms).rem_euclid(self.step_ms)
    }
}

/// What stands in the way of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    /// It is too early, too late, or outside the hours: the reason is known.
    Known(NotOffered),
    /// Nobody works then.
    Away,
    /// Somebody works then, but none of them is free.
    Taken,
}

/// A plan laid out over one window.
pub(super) struct Board<'p> {
    plan: &'p Plan<'p>,
    terms: &'p Terms,
    until_ms: i64,
    stretches: Vec<Stretch>,
    /// Open time, joined.
    open: Vec<(i64, i64)>,
    lanes: Vec<Lane>,
    /// Local days on which as many are booked as may be, sorted.
    full_days: Vec<i64>,
}

impl<'p> Board<'p> {
    pub(super) fn new(
        plan: &'p Plan<'p>,
        terms: &'p Terms,
        (from_ms, until_ms): (i64, i64),
    ) -> Self {
        let stretches = plan.opening.stretches(plan.zone, from_ms, until_ms);
        let open = joined(stretches.iter().map(|s| (s.from_ms, s.until_ms)).collect());
        let window = (from_ms, until_ms);
        let lane = |resource: &Resource<'_>| Lane::new(plan, resource, terms, window);
        let lanes = plan.resources.iter().map(lane).collect();
        let full_days = full_days(plan, terms);
        Self { plan, terms, until_ms, stretches, open, lanes, full_days }
    }

    /// Every start on the grid of the open time, in order, with the resources that are free or
    /// what stands in the way.
    pub(super) fn each_start(&self, mut tell: impl FnMut(i64, Result<Mask, Conflict>)) {
        let mut walk = self.walk();
        for stretch in &self.stretches {
            let mut start_ms = self.terms.start_from(stretch, stretch.from_ms);
            while start_ms < stretch.until_ms {
                tell(start_ms, self.verdict(&mut walk, start_ms, stretch.day));
                start_ms += self.terms.step_ms;
            }
        }
    }

    /// The resources that are free at a start, whatever grid it is on, or why it is not offered.
    pub(super) fn judge(&self, start_ms: i64, exact: bool) -> Result<Mask, NotOffered> {
        let stretch = self.stretches.first().filter(|stretch| stretch.from_ms == start_ms);
        let mut walk = self.walk();
        let open = walk.is_open(start_ms, start_ms + self.terms.duration_ms);
        let Some(stretch) = stretch.filter(|_| open) else { return Err(self.closed_at(start_ms)) };
        if !exact || self.terms.start_from(stretch, start_ms) != start_ms {
            return Err(NotOffered::OffGrid);
        }
        let verdict = self.verdict(&mut walk, start_ms, stretch.day);
        verdict.map_err(|conflict| self.reason(start_ms, conflict))
    }

    /// Where the step that begins at a start ends.
    pub(super) fn step_end(&self, start_ms: i64) -> i64 {
        let within =
            |stretch: &&Stretch| stretch.from_ms <= start_ms && start_ms < stretch.until_ms;
        let end_ms = self.stretches.iter().find(within).map_or(start_ms, |s| s.until_ms);
        (start_ms + self.terms.step_ms).min(end_ms)
    }

    /// Why it is closed at an instant.
    pub(super) fn closed_at(&self, at_ms: i64) -> NotOffered {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
        let day = self.plan.zone.to_datetime(at).date();
        match self.plan.opening.exception_on(day) {
            Some(_) => NotOffered::Holiday,
            None => NotOffered::Closed,
        }
    }

    /// The parts of a time without a start on the grid, each with the reason.
    pub(super) fn each_gap(
        &self,
        (from_ms, until_ms): (i64, i64),
        mut tell: impl FnMut((i64, i64), NotOffered),
    ) {
        let terms = self.terms;
        let mut cuts =
            vec![ceil_ms(terms.now), ceil_ms(terms.earliest), floor_ms(terms.latest) + 1];
        cuts.extend(self.open.iter().flat_map(|(begin, end)| [*begin, *end]));
        cuts.extend(midnights(self.plan.zone, from_ms, until_ms));
        cuts.retain(|cut| from_ms < *cut && *cut < until_ms);
        cuts.push(until_ms);
        cuts.sort_unstable();
        let mut at_ms = from_ms;
        for cut in cuts.into_iter().filter(|cut| from_ms < *cut) {
            let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
            let is_open = self.open.iter().any(|(begin, end)| *begin <= at_ms && at_ms < *end);
            let within = if is_open { NotOffered::OffGrid } else { self.closed_at(at_ms) };
            tell((at_ms, cut), terms.admit(at).err().unwrap_or(within));
            at_ms = cut;
        }
    }

    /// The reason behind a conflict, for people.
    pub(super) fn reason(&self, start_ms: i64, conflict: Conflict) -> NotOffered {
        match conflict {
            Conflict::Known(reason) => reason,
            Conflict::Away => NotOffered::StaffAway,
            Conflict::Taken => self.taken_or_buffer(start_ms),
        }
    }

    fn verdict(&self, walk: &mut Walk<'_>, start_ms: i64, day: i64) -> Result<Mask, Conflict> {
        let terms = self.terms;
        let end_ms = start_ms + terms.duration_ms;
        terms.admit_ms(start_ms).map_err(Conflict::Known)?;
        if end_ms > self.until_ms || !walk.is_open(start_ms, end_ms) {
            return Err(Conflict::Known(self.closed_at(start_ms)));
        }
        if self.full_days.binary_search(&day).is_ok() {
            return Err(Conflict::Known(NotOffered::CapReached));
        }
        let (mut free, mut works) = (0_u64, false);
        for (place, (lane, at)) in self.lanes.iter().zip(&mut walk.lanes).enumerate() {
            if !lane.works(at, start_ms, end_ms) {
                continue;
            }
            works = true;
            let is_free = lane.is_free(at, (start_ms, end_ms), terms);
            free |= u64::from(is_free) << place;
        }
        match (free, works) {
            (0, false) => Err(Conflict::Away),
            (0, true) => Err(Conflict::Taken),
            (free, _) => Ok(Mask(free)),
        }
    }

    /// Whether an appointment stands in the way everywhere, or somewhere only what is kept free.
    fn taken_or_buffer(&self, start_ms: i64) -> NotOffered {
        let end_ms = start_ms + self.terms.duration_ms;
        let now_ms = floor_ms(self.terms.now);
        let meets = |taken: &Taken| {
            let overlaps = taken.start_ms < end_ms && start_ms < taken.end_ms;
            overlaps && now_ms < taken.held_until_ms
        };
        let only_buffer = self.plan.resources.iter().zip(&self.lanes).any(|(resource, lane)| {
            lane.works(&mut lane.at(), start_ms, end_ms)
                && !near(resource.taken, start_ms, end_ms).iter().any(meets)
        });
        if only_buffer { NotOffered::Buffer } else { NotOffered::Taken }
    }

    fn walk(&self) -> Walk<'_> {
        let lanes = self.lanes.iter().map(Lane::at).collect();
        Walk { open: &self.open, lanes }
    }
}

/// What is still ahead when starts are judged in order.
struct Walk<'b> {
    open: &'b [(i64, i64)],
    lanes: Vec<LaneAt<'b>>,
}

impl Walk<'_> {
    fn is_open(&mut self, start_ms: i64, end_ms: i64) -> bool {
        while let [(_, until_ms), rest @ ..] = self.open
            && *until_ms <= start_ms
        {
            self.open = rest;
        }
        self.open
            .first()
            .is_some_and(|(from_ms, until_ms)| *from_ms <= start_ms && end_ms <= *until_ms)
    }
}

/// One resource, laid out.
struct Lane {
    /// When they work, joined; `None`: all the time.
    hours: Option<Vec<(i64, i64)>>,
    /// What excludes everything, with what is kept free, joined.
    blocked: Vec<(i64, i64)>,
    /// Bookings that may be shared by who begins with them, by their start.
    shared: Vec<Taken>,
}

/// What of a lane is still ahead of a walk.
struct LaneAt<'b> {
    hours: &'b [(i64, i64)],
    blocked: &'b [(i64, i64)],
}

impl Lane {
    fn new(
        plan: &Plan<'_>,
        resource: &Resource<'_>,
        terms: &Terms,
        (from_ms, until_ms): (i64, i64),
    ) -> Self {
        let hours = resource.opening.map(|opening| {
            let stretches = opening.stretches(plan.zone, from_ms, until_ms);
            joined(stretches.iter().map(|s| (s.from_ms, s.until_ms)).collect())
        });
        let (reach_from, reach_until) = (from_ms - terms.before_ms, until_ms + terms.after_ms);
        let now_ms = floor_ms(terms.now);
        let holds = |taken: &&Taken| reach_from < taken.until_ms && now_ms < taken.held_until_ms;
        let shares = |taken: &Taken| {
            let alike = (taken.service, taken.branch) == (Some(plan.service), Some(plan.branch));
            terms.capacity > 1 && alike
        };
        let (mut shared, mut blocked) = (Vec::new(), Vec::new());
        for taken in near(resource.taken, reach_from, reach_until).iter().filter(holds) {
            if shares(taken) {
                shared.push(*taken);
            } else {
                blocked.push((taken.from_ms, taken.until_ms));
            }
        }
        if resource.staff.is_none() {
            blocked.extend(full_times(&shared, terms.capacity));
            shared.clear();
        }
        shared.sort_unstable_by_key(|taken| taken.start_ms);
        Self { hours, blocked: joined(blocked), shared }
    }

    fn at(&self) -> LaneAt<'_> {
        LaneAt { hours: self.hours.as_deref().unwrap_or_default(), blocked: &self.blocked }
    }

    fn works(&self, at: &mut LaneAt<'_>, start_ms: i64, end_ms: i64) -> bool {
        if self.hours.is_none() {
            return true;
        }
        while let [(_, until_ms), rest @ ..] = at.hours
            && *until_ms <= start_ms
        {
            at.hours = rest;
        }
        at.hours
            .first()
            .is_some_and(|(from_ms, until_ms)| *from_ms <= start_ms && end_ms <= *until_ms)
    }

    fn is_free(&self, at: &mut LaneAt<'_>, (start_ms, end_ms): (i64, i64), terms: &Terms) -> bool {
        let (from_ms, until_ms) = (start_ms - terms.before_ms, end_ms + terms.after_ms);
        while let [(_, end), rest @ ..] = at.blocked
            && *end <= from_ms
        {
            at.blocked = rest;
        }
        if at.blocked.first().is_some_and(|(begin, _)| *begin < until_ms) {
            return false;
        }
        let mut together = 0;
        for taken in &self.shared {
            if taken.start_ms == start_ms && taken.end_ms == end_ms {
                together += 1;
            } else if taken.from_ms < until_ms && from_ms < taken.until_ms {
                return false;
            }
        }
        together < terms.capacity
    }
}

/// Those of some that can reach into a time. Sorted by their beginnings they lie side by side.
fn near(taken: &[Taken], from_ms: i64, until_ms: i64) -> &[Taken] {
    let first = taken.partition_point(|one| one.from_ms < from_ms.saturating_sub(LONGEST_MS));
    let until = taken.partition_point(|one| one.from_ms < until_ms);
    &taken[first..until.max(first)]
}

/// When as many of some bookings overlap as may be at once.
fn full_times(shared: &[Taken], capacity: usize) -> Vec<(i64, i64)> {
    let mut edges: Vec<(i64, bool)> = Vec::with_capacity(shared.len() * 2);
    edges.extend(shared.iter().map(|taken| (taken.from_ms, true)));
    edges.extend(shared.iter().map(|taken| (taken.until_ms, false)));
    // Of an end and a beginning at one instant the end comes first: they do not overlap.
    edges.sort_unstable();
    let (mut at_once, mut since_ms, mut full) = (0, 0, Vec::new());
    for (at_ms, begins) in edges {
        if begins {
            at_once += 1;
            since_ms = if at_once == capacity { at_ms } else { since_ms };
        } else {
            if at_once == capacity && since_ms < at_ms {
                full.push((since_ms, at_ms));
            }
            at_once -= 1;
        }
    }
    full
}

/// Local days on which as many of the service begin as may.
fn full_days(plan: &Plan<'_>, terms: &Terms) -> Vec<i64> {
    let Some(cap) = terms.day_cap else { return Vec::new() };
    let mut days = local_days(plan.zone, plan.begun_ms);
    days.sort_unstable();
    let full = days.chunk_by(|one, next| one == next).filter(|same| same.len() >= cap);
    full.map(|same| same[0]).collect()
}

/// The same instants as fewest pairs: sorted, with touching and overlapping ones merged.
fn joined(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match all.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            Some(_) | None => all.push((from, until)),
        }
    }
    all
}

/// The local midnights within a time.
fn midnights(zone: &TimeZone, from_ms: i64, until_ms: i64) -> Vec<i64> {
    let at = Timestamp::from_millisecond(from_ms).unwrap_or(Timestamp::MAX);
    let days = successors(Some(zone.to_datetime(at).date()), |day| day.tomorrow().ok());
    let midnights = days.skip(1).map_while(|day| day.to_zoned(zone.clone()).ok());
    midnights
        .map(|zoned| zoned.timestamp().as_millisecond())
        .take_while(|midnight| *midnight < until_ms)
        .collect()
}

fn days(count: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(count) * 24)
}
