//! Scenes for tests of the slot engine: a branch, its staff and their bookings, and an oracle that
//! asks the wall clock minute by minute and shares no code with what it checks.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::hours::tests::{any_hours, zone};
use super::hours::{DailyRange, WeeklyHours};
use super::interval::Span;
use super::opening::{Exception, Opening};
use super::rules::Rules;
use super::slots::{NotOffered, Plan, Resource, Slot, Taken, Unoffered, explain, free, judge};
use crate::domain::ids::{BranchId, ServiceId, StaffId};

/// 2020-01-01 and 2041-01-01, in minutes since 1970 UTC.
pub const YEARS_MIN: std::ops::Range<i64> = 26_297_280..37_343_520;

pub static ZONES: LazyLock<Vec<TimeZone>> = LazyLock::new(|| {
    let database = TimeZoneDatabase::bundled();
    database.available().map(|name| zone(name.as_str())).collect()
});

pub fn minute(since_1970: i64) -> Timestamp {
    Timestamp::from_second(since_1970 * 60).expect("in range")
}

pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

pub fn length(start: Timestamp, length_min: i64) -> Span {
    Span::new(start, start + minutes(length_min)).expect("forward")
}

/// The service that is looked for, and another one.
pub fn service(number: u8) -> ServiceId {
    ServiceId::new(Timestamp::UNIX_EPOCH, [number; 10])
}

/// The branch where it is looked for, and another one.
pub fn branch(number: u8) -> BranchId {
    BranchId::new(Timestamp::UNIX_EPOCH, [number; 10])
}

/// Somebody whose time is taken.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their own hours, if any.
    pub opening: Option<Opening>,
    /// What takes their time.
    pub taken: Vec<Taken>,
}

/// A branch, its staff and their bookings, and somebody who asks.
#[derive(Clone, Debug)]
pub struct Scene {
    pub zone: TimeZone,
    pub opening: Opening,
    /// The branch's own time when `staffed` is false: then there is one.
    pub people: Vec<Person>,
    pub staffed: bool,
    pub rules: Rules,
    pub window: Span,
    pub now: Timestamp,
}

impl Scene {
    fn with_plan<T>(&self, ask: impl FnOnce(&Plan<'_>) -> T) -> T {
        let sorted: Vec<Vec<Taken>> = self.people.iter().map(|one| sorted(&one.taken)).collect();
        let id = |place: usize| {
            let place = u8::try_from(place).expect("few people");
            self.staffed.then(|| StaffId::new(Timestamp::UNIX_EPOCH, [place; 10]))
        };
        let resources: Vec<Resource<'_>> = self
            .people
            .iter()
            .zip(&sorted)
            .enumerate()
            .map(|(place, (person, taken))| Resource {
                staff: id(place),
                opening: person.opening.as_ref(),
                taken,
            })
            .collect();
        let begun_ms = self.begun_ms();
        ask(&Plan {
            zone: &self.zone,
            opening: &self.opening,
            branch: branch(1),
            service: service(1),
            rules: &self.rules,
            resources: &resources,
            begun_ms: &begun_ms,
        })
    }

    pub fn free(&self) -> Vec<Slot> {
        self.with_plan(|plan| free(plan, self.window, self.now))
    }

    pub fn judge(&self, start: Timestamp) -> Result<Slot, NotOffered> {
        self.with_plan(|plan| judge(plan, start, self.now))
    }

    pub fn explain(&self) -> Vec<Unoffered> {
        self.with_plan(|plan| explain(plan, self.window, self.now))
    }

    fn takes_time<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a Taken> {
        let now_ms = self.now.as_millisecond();
        person.taken.iter().filter(move |taken| now_ms < taken.held_until_ms)
    }

    fn begun_ms(&self) -> Vec<i64> {
        let all = self.people.iter().flat_map(|person| self.takes_time(person));
        all.filter(|taken| taken.service == Some(service(1))).map(|taken| taken.start_ms).collect()
    }

    /// Every whole minute of the window.
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> {
        let first = self.window.start();
        (0..self.window.minutes()).map(move |count| first + minutes(count))
    }

    /// The slots that begin on a whole minute with how many can serve, found the slow way.
    pub fn slots_by_the_clock(&self) -> Vec<(Span, usize)> {
        let duration = i64::from(self.rules.duration_min());
        let earliest = self.now + minutes(i64::from(self.rules.notice_min()));
        let latest = self.now + minutes(i64::from(self.rules.horizon_days()) * 1_440);
        let open = Minutes::of(self, &self.opening);
        let working: Vec<Option<Minutes>> = self
            .people
            .iter()
            .map(|person| person.opening.as_ref().map(|own| Minutes::of(self, own)))
            .collect();
        let full = self.full_days();
        let mut found = Vec::new();
        for (index, start) in self.starts().enumerate() {
            let slot = length(start, duration);
            let on_grid = open.since[index]
                .is_some_and(|since| since % i64::from(self.rules.step_min()) == 0);
            let in_time = earliest <= start && start <= latest;
            let day = self.zone.to_datetime(start).date();
            if !(on_grid && in_time && open.run[index] >= duration && !full.contains(&day)) {
                continue;
            }
            let serves = |(person, hours): &(&Person, &Option<Minutes>)| {
                hours.as_ref().is_none_or(|hours| hours.run[index] >= duration)
                    && self.is_free(person, slot)
            };
            let count = self.people.iter().zip(&working).filter(serves).count();
            if count > 0 {
                found.push((slot, count));
            }
        }
        found
    }

    fn full_days(&self) -> Vec<Date> {
        let Some(cap) = self.rules.day_cap() else { return Vec::new() };
        let days: Vec<Date> = self
            .begun_ms()
            .into_iter()
            .map(|ms| Timestamp::from_millisecond(ms).expect("in range"))
            .map(|start| self.zone.to_datetime(start).date())
            .collect();
        let count = |day: &Date| days.iter().filter(|other| *other == day).count();
        days.iter().filter(|day| count(day) >= usize::from(cap)).copied().collect()
    }

    /// Whether a person can take a slot, asked of every minute of it and of what is kept free.
    fn is_free(&self, person: &Person, slot: Span) -> bool {
        let (before, after) = (self.rules.before_min(), self.rules.after_min());
        let from = slot.start() - minutes(i64::from(before));
        let until = slot.end() + minutes(i64::from(after));
        let capacity = usize::from(self.rules.capacity());
        let (from_ms, until_ms) = (from.as_millisecond(), until.as_millisecond());
        let near: Vec<&Taken> = self
            .takes_time(person)
            .filter(|taken| taken.from_ms < until_ms && from_ms < taken.until_ms)
            .collect();
        let shares = |taken: &&&Taken| {
            let together = taken.start_ms == slot.start().as_millisecond()
                && taken.end_ms == slot.end().as_millisecond();
            let alike = (taken.service, taken.branch) == (Some(service(1)), Some(branch(1)));
            capacity > 1 && alike && (together || !self.staffed)
        };
        if near.iter().any(|taken| !shares(&taken)) {
            return false;
        }
        // Everything here begins on whole minutes, so a look at each minute sees all.
        let minute_ms = (from_ms..until_ms).step_by(60_000);
        let at_once = |at: i64| near.iter().filter(|t| t.from_ms <= at && at < t.until_ms).count();
        minute_ms.map(at_once).all(|count| count < capacity)
    }
}

/// What the wall clock says of every minute of a scene's window.
struct Minutes {
    /// Minutes since the range that it is in opened; none while closed.
    since: Vec<Option<i64>>,
    /// For how many minutes it stays open.
    run: Vec<i64>,
}

impl Minutes {
    fn of(scene: &Scene, opening: &Opening) -> Self {
        let read = |at| open_for(opening, &scene.zone, at);
        let since: Vec<Option<i64>> = scene.starts().map(read).collect();
        let mut run = vec![0; since.len()];
        let mut length = 0;
        for (index, open) in since.iter().enumerate().rev() {
            length = if open.is_some() { length + 1 } else { 0 };
            run[index] = length;
        }
        Self { since, run }
    }
}

/// Where the wall clock at `at` stands in the range it is in: minutes since that range opened.
pub fn open_for(opening: &Opening, zone: &TimeZone, at: Timestamp) -> Option<i64> {
    let local = zone.to_datetime(at);
    let now = i64::from(local.hour()) * 60 + i64::from(local.minute());
    opening.ranges_on(local.date()).iter().find_map(|range| {
        let inside = i64::from(range.opens_min()) <= now && now < i64::from(range.closes_min());
        inside.then(|| now - i64::from(range.opens_min()))
    })
}

fn sorted(taken: &[Taken]) -> Vec<Taken> {
    let mut sorted = taken.to_vec();
    sorted.sort_unstable_by_key(|taken| taken.from_ms);
    sorted
}

/// A minute between 2020 and 2040 in any zone, half of the time within 36 hours of a clock change.
fn any_place() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let zone = (0..ZONES.len()).prop_map(|index| ZONES[index].clone());
    let near = prop::option::of(0_i64..2_160);
    (zone, YEARS_MIN, near).prop_map(|(zone, since_1970, near)| {
        let start = minute(since_1970);
        let change = zone.following(start).next().map(|change| change.timestamp());
        let start = match (near, change) {
            (Some(before), Some(change)) => {
                let at = change - minutes(before);
                // Some changes of long ago and far ahead lie between two minutes.
                minute(at.as_second().div_euclid(60))
            }
            (None, _) | (_, None) => start,
        };
        (zone, start)
    })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let duration = prop_oneof![prop::sample::select(vec![15_u16, 30, 45, 60, 90]), 5_u16..=600];
    let step = prop_oneof![prop::sample::select(vec![10_u16, 15, 30, 60]), 5_u16..=240];
    let buffer = prop_oneof![3 => Just(0_u16), 2 => 1_u16..=45, 1 => 0_u16..=300];
    let more = (buffer.clone(), buffer, prop_oneof![2 => Just(1_u16), 1 => 2_u16..=4]);
    let cap = prop::option::of(1_u16..=4);
    (duration, step, 0_u32..=1_440, 1_u16..=4, more, cap).prop_map(
        |(duration, step, notice, horizon, (before, after, capacity), cap)| {
            Rules::new(duration, step, notice, horizon)
                .and_then(|rules| rules.with_buffers(before, after))
                .and_then(|rules| rules.with_capacity(capacity))
                .and_then(|rules| rules.with_day_cap(cap))
                .expect("within bounds")
        },
    )
}

/// Weekly hours with up to two exceptions within some days of the scene: day, days, ranges.
type AnyOpening = (WeeklyHours, Vec<(i8, u8, Vec<u16>)>);

fn any_opening() -> impl Strategy<Value = AnyOpening> {
    let edges = prop::collection::btree_set(0_u16..=1_440, 0..=4);
    let edges = edges.prop_map(|edges| edges.into_iter().collect());
    let exceptions = prop::collection::vec((-2_i8..5, 0_u8..3, edges), 0..=2);
    (any_hours(), exceptions)
}

fn opening((weekly, exceptions): AnyOpening, day: Date) -> Opening {
    let exceptions = exceptions.into_iter().map(|(from, days, edges): (i8, u8, Vec<u16>)| {
        let first = day.saturating_add(jiff::Span::new().days(from));
        let last = first.saturating_add(jiff::Span::new().days(days));
        let range = |two: &[u16]| DailyRange::new(two[0], two[1]).expect("a set in order");
        let ranges = edges.chunks_exact(2).map(range).collect();
        Exception { first, last, ranges, name: String::new() }
    });
    Opening::new(weekly, exceptions.collect())
}

/// A booking: from and length in minutes, whether it is of the service, its buffers, and whether it
/// is a hold that has run out.
type AnyBooking = (i64, i64, bool, (u16, u16), u8);

fn any_bookings() -> impl Strategy<Value = Vec<AnyBooking>> {
    let buffer = prop_oneof![3 => Just(0_u16), 1 => 0_u16..=60];
    let booking = (-600_i64..3_200, 5_i64..=400, any::<bool>(), (buffer.clone(), buffer), 0_u8..6);
    prop::collection::vec(booking, 0..8)
}

pub fn any_scene() -> impl Strategy<Value = Scene> {
    let person = (prop::option::of(any_opening()), any_bookings());
    let people = prop::collection::vec(person, 1..=3);
    let asked = (60_i64..=2_160, -2_880_i64..=1_440);
    (any_place(), any_opening(), any_rules(), (people, any::<bool>()), asked).prop_map(
        |((zone, start), hours, rules, (mut people, staffed), (window_min, now_min))| {
            let now = start + minutes(now_min);
            let day = zone.to_datetime(start).date();
            if !staffed {
                people.truncate(1);
            }
            let people = people.into_iter().map(|(own, bookings)| Person {
                opening: own.filter(|_| staffed).map(|own| opening(own, day)),
                taken: bookings.into_iter().map(|one| booking(one, (start, now), &rules)).collect(),
            });
            let people = people.collect();
            let (opening, window) = (opening(hours, day), length(start, window_min));
            Scene { zone, opening, people, staffed, rules, window, now }
        },
    )
}

fn booking(one: AnyBooking, (start, now): (Timestamp, Timestamp), rules: &Rules) -> Taken {
    let (from_min, length_min, own, buffers, hold) = one;
    // Half of the service's own are as long as it is, and some begin on its usual steps.
    let duration = i64::from(rules.duration_min());
    let length_min = if own && length_min % 2 == 0 { duration } else { length_min };
    let span = length(start + minutes(from_min), length_min);
    let taken = Taken::appointment(service(if own { 1 } else { 2 }), span, buffers);
    let taken = taken.at(branch(if hold == 3 { 2 } else { 1 }));
    match hold {
        0 => taken.held_until(now.as_millisecond() - 1),
        1 => taken.held_until(now.as_millisecond()),
        2 => taken.held_until(now.as_millisecond() + 1),
        _ => taken,
    }
}
