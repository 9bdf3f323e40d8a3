//! Tests of the slot engine and of opening hours in every zone, against an oracle that asks the
//! wall clock minute by minute and shares no code with what it checks.

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::hours::WeeklyHours;
use super::hours::tests::{any_hours, hours, zone};
use super::interval::Span;
use super::rules::Rules;
use super::slots::{Calendar, MAX_WINDOW_DAYS, NotOffered, explain, free, nearest, spread};

/// 2020-01-01 and 2041-01-01, in minutes since 1970 UTC.
const YEARS_MIN: std::ops::Range<i64> = 26_297_280..37_343_520;

static ZONES: LazyLock<Vec<TimeZone>> = LazyLock::new(|| {
    let database = TimeZoneDatabase::bundled();
    database.available().map(|name| zone(name.as_str())).collect()
});

fn minute(since_1970: i64) -> Timestamp {
    Timestamp::from_second(since_1970 * 60).expect("in range")
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an RFC 3339 instant")
}

fn span(text: &str) -> Span {
    let (start, end) = text.split_once('/').expect("start/end");
    Span::new(at(start), at(end)).expect("forward")
}

fn length(start: Timestamp, length_min: i64) -> Span {
    Span::new(start, start + minutes(length_min)).expect("forward")
}

/// Where the wall clock at `at` stands in the range it is in: minutes since that range opened.
fn open_for(hours: &WeeklyHours, zone: &TimeZone, at: Timestamp) -> Option<i64> {
    let local = zone.to_datetime(at);
    let now = i64::from(local.hour()) * 60 + i64::from(local.minute());
    hours.ranges().find_map(|(day, range)| {
        let inside = i64::from(range.opens_min()) <= now && now < i64::from(range.closes_min());
        (day == local.weekday() && inside).then(|| now - i64::from(range.opens_min()))
    })
}

fn holds(spans: &[Span], at: Timestamp) -> bool {
    spans.iter().any(|span| span.start() <= at && at < span.end())
}

fn is_tidy(spans: &[Span], window: &Span) -> bool {
    spans.windows(2).all(|two| two[0].end() < two[1].start())
        && spans.iter().all(|span| window.contains(span))
}

/// A business, its bookings, and somebody who asks.
#[derive(Clone, Debug)]
struct Scene {
    zone: TimeZone,
    hours: WeeklyHours,
    busy: Vec<Span>,
    rules: Rules,
    window: Span,
    now: Timestamp,
}

impl Scene {
    fn calendar(&self) -> Calendar<'_> {
        Calendar { zone: &self.zone, hours: &self.hours, busy: &self.busy }
    }

    fn free(&self) -> Vec<Span> {
        free(&self.calendar(), &self.rules, self.window, self.now)
    }

    fn explain(&self, start: Timestamp) -> Result<Span, NotOffered> {
        explain(&self.calendar(), &self.rules, start, self.now)
    }

    /// Every whole minute of the window, which begins on one.
    fn starts(&self) -> impl Iterator<Item = Timestamp> {
        let first = self.window.start();
        (0..self.window.minutes()).map(move |count| first + minutes(count))
    }

    /// The slots that begin on a whole minute, found the slow way.
    fn slots_by_the_clock(&self) -> Vec<Span> {
        let open: Vec<Option<i64>> =
            self.starts().map(|start| open_for(&self.hours, &self.zone, start)).collect();
        let duration = usize::from(self.rules.duration_min());
        let earliest = self.now + minutes(i64::from(self.rules.notice_min()));
        let latest = self.now + minutes(i64::from(self.rules.horizon_days()) * 1_440);
        let mut found = Vec::new();
        let mut open_run = 0;
        for (index, start) in self.starts().enumerate().collect::<Vec<_>>().into_iter().rev() {
            open_run = if open[index].is_some() { open_run + 1 } else { 0 };
            let slot = length(start, i64::from(self.rules.duration_min()));
            let on_grid = open[index].is_some_and(|m| m % i64::from(self.rules.step_min()) == 0);
            let in_time = earliest <= start && start <= latest;
            let taken = self.busy.iter().any(|b| b.start() < slot.end() && slot.start() < b.end());
            if open_run >= duration && on_grid && in_time && !taken {
                found.push(slot);
            }
        }
        found.reverse();
        found
    }
}

/// A minute between 2020 and 2040 in any zone, half of the time within 36 hours of a clock change.
fn any_place() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let zone = (0..ZONES.len()).prop_map(|index| ZONES[index].clone());
    let near = prop::option::of(0_i64..2_160);
    (zone, YEARS_MIN, near).prop_map(|(zone, since_1970, near)| {
        let start = minute(since_1970);
        let change = zone.following(start).next().map(|change| change.timestamp());
        let start = match (near, change) {
            (Some(before), Some(change)) => change - minutes(before),
            (None, _) | (_, None) => start,
        };
        (zone, start)
    })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let duration = prop_oneof![prop::sample::select(vec![15_u16, 30, 45, 60, 90]), 5_u16..=600];
    let step = prop_oneof![prop::sample::select(vec![10_u16, 15, 30, 60]), 5_u16..=240];
    (duration, step, 0_u32..=1_440, 1_u16..=4).prop_map(|(duration, step, notice, horizon)| {
        Rules::new(duration, step, notice, horizon).expect("within bounds")
    })
}

fn any_scene() -> impl Strategy<Value = Scene> {
    let busy = prop::collection::vec((-200_i64..4_400, 1_i64..200, 0_i64..60), 0..16);
    let asked = (60_i64..=4_320, -2_880_i64..=1_440);
    (any_place(), any_hours(), any_rules(), busy, asked).prop_map(
        |((zone, start), hours, rules, busy, (window_min, now_min))| {
            let busy = busy.into_iter().map(|(from_min, length_min, second)| {
                length(start + minutes(from_min) + SignedDuration::from_secs(second), length_min)
            });
            let busy = busy.collect();
            let window = length(start, window_min);
            Scene { zone, hours, busy, rules, window, now: start + minutes(now_min) }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn open_spans_hold_exactly_while_the_wall_clock_is_inside_the_hours(scene in any_scene()) {
        let open = scene.hours.open_spans(&scene.zone, scene.window);
        prop_assert!(is_tidy(&open, &scene.window), "{open:?}");
        for start in scene.starts() {
            let expected = open_for(&scene.hours, &scene.zone, start).is_some();
            prop_assert_eq!(holds(&open, start), expected, "at {}", start);
        }
    }

    #[test]
    fn free_slots_are_those_that_a_search_by_the_wall_clock_finds(scene in any_scene()) {
        prop_assert_eq!(scene.free(), scene.slots_by_the_clock());
    }

    #[test]
    fn free_slots_keep_off_busy_time_and_inside_the_window(scene in any_scene()) {
        for slot in scene.free() {
            prop_assert!(scene.window.contains(&slot));
            prop_assert!(!scene.busy.iter().any(|busy| busy.overlaps(&slot)), "{slot:?}");
            for part in 0..slot.minutes() {
                let reading = open_for(&scene.hours, &scene.zone, slot.start() + minutes(part));
                prop_assert!(reading.is_some(), "closed in minute {part} of {slot:?}");
            }
        }
    }

    #[test]
    fn a_start_is_free_exactly_when_nothing_explains_it_away(scene in any_scene()) {
        let free: HashSet<Span> = scene.free().into_iter().collect();
        for start in scene.starts() {
            let slot = length(start, i64::from(scene.rules.duration_min()));
            if scene.window.contains(&slot) {
                prop_assert_eq!(scene.explain(start).is_ok(), free.contains(&slot), "{}", start);
            }
        }
    }

    #[test]
    fn choices_among_slots_are_some_of_them_in_order(scene in any_scene(), most in 0_usize..6) {
        let free = scene.free();
        let to = scene.window.end();
        for chosen in [spread(&free, &scene.zone, most), nearest(&free, to, most)] {
            prop_assert_eq!(chosen.len(), most.min(free.len()));
            prop_assert!(chosen.windows(2).all(|two| two[0] < two[1]));
            prop_assert!(chosen.iter().all(|slot| free.contains(slot)));
        }
        let first = spread(&free, &scene.zone, most).first().copied();
        prop_assert_eq!(first, free.first().copied().filter(|_| most > 0));
    }
}

/// One zone and instant for each different clock change from 2020 to 2040, over all zones.
fn clock_changes() -> Vec<(&'static TimeZone, Timestamp)> {
    let (from, until) = (minute(YEARS_MIN.start), minute(YEARS_MIN.end));
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for zone in ZONES.iter() {
        let mut before = zone.to_offset(from);
        let changes = zone.following(from).take_while(|change| change.timestamp() < until);
        for change in changes {
            if seen.insert((change.timestamp(), before, change.offset())) {
                found.push((zone, change.timestamp()));
            }
            before = change.offset();
        }
    }
    found
}

#[test]
fn every_clock_change_of_every_zone_keeps_the_hours_on_the_wall() {
    let hours = hours("daily 00:00-00:40 01:15-02:30 02:45-04:00 10:00-13:20 22:30-24:00");
    let rules = Rules::new(20, 10, 0, 30).expect("within bounds");
    let changes = clock_changes();
    assert!(changes.len() > 500, "{} changes", changes.len());
    for (zone, change) in changes {
        let window = length(change - minutes(900), 1_800);
        let open = hours.open_spans(zone, window);
        assert!(is_tidy(&open, &window), "{zone:?} {change}");
        for count in 0..360 {
            let at = window.start() + minutes(count * 5);
            let expected = open_for(&hours, zone, at).is_some();
            assert_eq!(holds(&open, at), expected, "{zone:?} at {at}");
        }
        let calendar = Calendar { zone, hours: &hours, busy: &[] };
        let slots = free(&calendar, &rules, window, window.start());
        assert!(!slots.is_empty(), "{zone:?} {change}");
        for slot in slots {
            let readings =
                [0, 5, 10, 15, 19].map(|part| open_for(&hours, zone, slot.start() + minutes(part)));
            assert!(readings.iter().all(Option::is_some), "{zone:?} {slot:?}");
            assert_eq!(readings[0].map(|m| m % 10), Some(0), "{zone:?} {slot:?}");
        }
    }
}

#[test]
fn opening_hours_follow_the_wall_clock_through_clock_changes() {
    let cases = [
        // Berlin skips 02:00 to 03:00.
        "Europe/Berlin | 2024-03-30 | sun 01:00-02:30 | 31T00:00/31T01:00",
        "Europe/Berlin | 2024-03-30 | sun 02:30-05:00 | 31T01:00/31T03:00",
        "Europe/Berlin | 2024-03-30 | sun 02:15-02:45 | ",
        // Berlin has 02:00 to 03:00 twice.
        "Europe/Berlin | 2024-10-26 | sun 01:00-04:00 | 26T23:00/27T03:00",
        "Europe/Berlin | 2024-10-26 | sun 02:30-03:00 | 27T00:30/27T01:00 27T01:30/27T02:00",
        // Cairo skips the first hour of a Friday.
        "Africa/Cairo | 2024-04-25 | thu 20:00-24:00; fri 00:00-02:00 | 25T18:00/25T23:00",
        "Africa/Cairo | 2024-04-25 | fri 00:30-02:00 | 25T22:00/25T23:00",
        // Lord Howe skips half an hour from 02:00.
        "Australia/Lord_Howe | 2024-10-05 | sun 02:00-04:00 | 05T15:30/05T17:00",
        // Samoa had no Friday 30 December.
        "Pacific/Apia | 2011-12-29 | fri 09:00-17:00 | ",
        "Pacific/Apia | 2011-12-29 | thu 23:00-24:00; sat 00:00-01:00 | 30T09:00/30T11:00",
        // Nothing goes past the window of two days.
        "Etc/UTC | 2024-06-01 | daily 00:00-24:00 | 01T00:00/03T00:00",
    ];
    for case in cases {
        let columns: Vec<&str> = case.split(" | ").collect();
        let [place, date, text, expected] = columns.as_slice() else {
            panic!("{case} has four columns");
        };
        let window = length(at(&format!("{date}T00:00Z")), 2_880);
        let spans = hours(text).open_spans(&zone(place), window);
        let shown: Vec<String> = spans.iter().map(shown).collect();
        assert_eq!(&shown.join(" "), expected, "{case}");
    }
}

fn shown(span: &Span) -> String {
    let [start, end] = [span.start(), span.end()].map(|at| at.strftime("%dT%H:%M").to_string());
    format!("{start}/{end}")
}

/// A practice in Berlin, asked on Monday 2 November 2026 at 08:00 for that day.
fn practice(opening: &str, rules: (u16, u16, u32, u16)) -> Scene {
    let (duration, step, notice, horizon) = rules;
    Scene {
        zone: zone("Europe/Berlin"),
        hours: hours(opening),
        busy: Vec::new(),
        rules: Rules::new(duration, step, notice, horizon).expect("within bounds"),
        window: span("2026-11-02T00:00+01:00/2026-11-03T00:00+01:00"),
        now: at("2026-11-02T08:00+01:00"),
    }
}

fn local_starts(scene: &Scene, slots: &[Span]) -> String {
    let local = |slot: &Span| scene.zone.to_datetime(slot.start());
    let shown = slots.iter().map(|slot| local(slot).strftime("%a %H:%M").to_string());
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn starts_are_counted_from_each_opening_and_bookings_do_not_shift_them() {
    let mut scene = practice("mon 09:10-11:00 14:00-15:00", (30, 30, 0, 30));
    let all = "Mon 09:10, Mon 09:40, Mon 10:10, Mon 14:00, Mon 14:30";
    assert_eq!(local_starts(&scene, &scene.free()), all);
    scene.busy = vec![span("2026-11-02T09:45+01:00/2026-11-02T10:00+01:00")];
    assert_eq!(local_starts(&scene, &scene.free()), "Mon 09:10, Mon 10:10, Mon 14:00, Mon 14:30");
    scene.busy = vec![span("2026-11-02T09:40+01:00/2026-11-02T10:10+01:00")];
    assert_eq!(local_starts(&scene, &scene.free()), "Mon 09:10, Mon 10:10, Mon 14:00, Mon 14:30");
}

#[test]
fn hours_past_midnight_are_one_stretch_counted_anew_from_midnight() {
    let mut scene = practice("mon 22:20-24:00; tue 00:00-01:00", (60, 40, 0, 30));
    scene.window = span("2026-11-02T12:00+01:00/2026-11-03T12:00+01:00");
    assert_eq!(local_starts(&scene, &scene.free()), "Mon 22:20, Mon 23:00, Mon 23:40, Tue 00:00");
}

#[test]
fn a_window_that_begins_anywhere_does_not_move_the_starts() {
    let mut scene = practice("mon 09:00-11:00", (30, 30, 0, 30));
    scene.window = span("2026-11-02T09:00:00.000000001+01:00/2026-11-02T10:59:59+01:00");
    assert_eq!(local_starts(&scene, &scene.free()), "Mon 09:30, Mon 10:00");
}

#[test]
fn every_refused_start_has_its_first_reason() {
    let mut scene = practice("mon-fri 09:00-12:00", (30, 15, 120, 7));
    scene.busy = vec![span("2026-11-02T11:00+01:00/2026-11-02T11:10+01:00")];
    let cases = [
        ("2026-11-02T07:59+01:00", Some(NotOffered::InThePast)),
        ("2026-11-02T09:45+01:00", Some(NotOffered::TooSoon)),
        ("2026-11-02T10:00+01:00", None),
        ("2026-11-02T10:10+01:00", Some(NotOffered::OffGrid)),
        ("2026-11-02T10:15:00.5+01:00", Some(NotOffered::OffGrid)),
        ("2026-11-02T10:30+01:00", None),
        ("2026-11-02T10:45+01:00", Some(NotOffered::Taken)),
        ("2026-11-02T11:15+01:00", None),
        ("2026-11-02T11:45+01:00", Some(NotOffered::Closed)),
        ("2026-11-07T10:00+01:00", Some(NotOffered::Closed)),
        ("2026-11-09T09:00+01:00", Some(NotOffered::TooFar)),
    ];
    for (start, reason) in cases {
        assert_eq!(scene.explain(at(start)).err(), reason, "{start}");
    }
}

#[test]
fn the_last_start_that_the_horizon_allows_is_on_offer() {
    let mut scene = practice("mon 08:00-10:00", (30, 30, 0, 7));
    scene.window = span("2026-11-03T00:00+01:00/2026-12-01T00:00+01:00");
    assert_eq!(local_starts(&scene, &scene.free()), "Mon 08:00");
}

#[test]
fn one_search_never_goes_past_its_longest_window() {
    let mut scene = practice("daily 00:00-24:00", (60, 60, 0, 730));
    scene.window = span("2020-01-01T00:00Z/2040-01-01T00:00Z");
    assert_eq!(scene.free().len(), usize::from(MAX_WINDOW_DAYS) * 24);
}

#[test]
fn the_edges_of_time_are_refused_without_a_panic() {
    let scene = practice("daily 00:00-24:00", (60, 60, 0, 730));
    assert_eq!(scene.explain(Timestamp::MIN), Err(NotOffered::InThePast));
    assert_eq!(scene.explain(Timestamp::MAX), Err(NotOffered::TooFar));
    let whole = Span::new(Timestamp::MIN, Timestamp::MAX).expect("forward");
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let found = free(&scene.calendar(), &scene.rules, whole, now);
        assert!(found.len() <= usize::from(MAX_WINDOW_DAYS) * 24);
    }
}

#[test]
fn slots_are_spread_over_parts_of_the_day_and_days() {
    let cases = [
        ("mon-wed 09:00-18:00", 3, "Mon 09:00, Mon 12:00, Tue 09:00"),
        ("mon-wed 09:00-11:00", 3, "Mon 09:00, Tue 09:00, Wed 09:00"),
        ("mon 09:00-18:00", 3, "Mon 09:00, Mon 12:00, Mon 17:00"),
        ("mon 09:00-12:00", 3, "Mon 09:00, Mon 10:00, Mon 11:30"),
        ("mon 09:00-10:00", 3, "Mon 09:00, Mon 09:30"),
        ("mon-wed 09:00-18:00", 1, "Mon 09:00"),
        ("mon-wed 09:00-18:00", 0, ""),
        ("closed", 3, ""),
    ];
    for (opening, most, expected) in cases {
        let mut scene = practice(opening, (30, 30, 0, 30));
        scene.window = span("2026-11-02T00:00+01:00/2026-11-05T00:00+01:00");
        let chosen = spread(&scene.free(), &scene.zone, most);
        assert_eq!(local_starts(&scene, &chosen), expected, "{most} of {opening}");
    }
}

#[test]
fn the_nearest_slots_lie_on_both_sides_of_the_wish() {
    let scene = practice("mon 09:00-12:00", (30, 30, 0, 30));
    let free = scene.free();
    let near = |to: &str, most| local_starts(&scene, &nearest(&free, at(to), most));
    assert_eq!(near("2026-11-02T10:00+01:00", 3), "Mon 09:30, Mon 10:00, Mon 10:30");
    assert_eq!(near("2026-11-02T10:15+01:00", 1), "Mon 10:00");
    assert_eq!(near("2026-11-09T10:00+01:00", 2), "Mon 11:00, Mon 11:30");
    assert_eq!(near("2026-11-02T10:00+01:00", 0), "");
}
