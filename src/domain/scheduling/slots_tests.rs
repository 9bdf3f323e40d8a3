//! Tests of the slot engine and of opening hours in every zone, against the oracle of `scene`.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::choice::{nearest, spread};
use super::hours::tests::{hours, zone};
use super::interval::Span;
use super::opening::Opening;
use super::rules::Rules;
use super::scene::{
    Person, Scene, YEARS_MIN, ZONES, any_scene, length, minute, minutes, open_for, service,
};
use super::slots::{MAX_WINDOW_DAYS, NotOffered, Slot, Taken};

/// Cases of the comparison with the oracle in every run of the suite.
const CASES: u32 = 10_000;
/// Cases of the long comparison.
const CASES_LONG: u32 = 1_000_000;
/// What the long comparison is made from.
const SEED: [u8; 32] = *b"frontdesk: a million calendars..";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an RFC 3339 instant")
}

fn span(text: &str) -> Span {
    let (start, end) = text.split_once('/').expect("start/end");
    Span::new(at(start), at(end)).expect("forward")
}

/// When something is open within a window, joined.
fn open_spans(opening: &Opening, zone: &TimeZone, window: Span) -> Vec<Span> {
    let (from, until) = (window.start().as_millisecond(), window.end().as_millisecond());
    let stretches = opening.stretches(zone, from, until).into_iter();
    let instant = |ms| Timestamp::from_millisecond(ms).expect("in range");
    let span = |from_ms, until_ms| Span::new(instant(from_ms), instant(until_ms));
    let spans = stretches.map(|s| span(s.from_ms, s.until_ms).expect("forward"));
    super::interval::join(spans.collect())
}

fn holds(spans: &[Span], at: Timestamp) -> bool {
    spans.iter().any(|span| span.start() <= at && at < span.end())
}

fn is_tidy(spans: &[Span], window: &Span) -> bool {
    spans.windows(2).all(|two| two[0].end() < two[1].start())
        && spans.iter().all(|span| window.contains(span))
}

/// Everything that must hold of what the engine says of a scene.
fn check(scene: &Scene) -> Result<(), TestCaseError> {
    let free = scene.free();
    let counted: Vec<(Span, usize)> =
        free.iter().map(|slot| (slot.span, slot.free.places().count())).collect();
    prop_assert_eq!(&counted, &scene.slots_by_the_clock());
    for slot in &free {
        prop_assert!(scene.window.contains(&slot.span));
        // What is on offer can be booked: the look inside the write says the same.
        prop_assert_eq!(scene.judge(slot.span.start()), Ok(*slot));
    }
    let starts: HashSet<Timestamp> = free.iter().map(|slot| slot.span.start()).collect();
    for one in scene.explain() {
        let first = one.span.start();
        prop_assert!(!starts.contains(&first), "{first} is offered and explained away");
        if one.reason != NotOffered::OffGrid {
            prop_assert_eq!(scene.judge(first).err(), Some(one.reason), "{}", first);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_engine_agrees_with_a_search_by_the_wall_clock(scene in any_scene()) {
        check(&scene)?;
    }
}

#[test]
#[ignore = "takes many minutes: cargo test --release -- --ignored a_million_calendars"]
fn a_million_calendars_agree_with_a_search_by_the_wall_clock() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let config =
        ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES_LONG) };
    let ran = TestRunner::new_with_rng(config, rng).run(&any_scene(), |scene| check(&scene));
    ran.expect("the engine agrees with the oracle");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn open_spans_hold_exactly_while_the_wall_clock_is_inside_the_hours(scene in any_scene()) {
        let open = open_spans(&scene.opening, &scene.zone, scene.window);
        prop_assert!(is_tidy(&open, &scene.window), "{open:?}");
        for start in scene.starts() {
            let expected = open_for(&scene.opening, &scene.zone, start).is_some();
            prop_assert_eq!(holds(&open, start), expected, "at {}", start);
        }
    }

    #[test]
    fn what_is_not_explained_away_is_offered_at_every_start_of_the_grid(scene in any_scene()) {
        let free: HashSet<Timestamp> = scene.free().iter().map(|slot| slot.span.start()).collect();
        let explained = scene.explain();
        for start in scene.starts() {
            let whole = length(start, i64::from(scene.rules.duration_min()));
            let told = explained.iter().any(|one| one.span.start() <= start && start < one.span.end());
            if scene.judge(start).is_ok() && scene.window.contains(&whole) {
                prop_assert!(free.contains(&start) && !told, "{start}");
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
    let week = "daily 00:00-00:40 01:15-02:30 02:45-04:00 10:00-13:20 22:30-24:00";
    let opening = Opening::new(hours(week), Vec::new());
    let rules = Rules::new(20, 10, 0, 30).expect("within bounds");
    let changes = clock_changes();
    assert!(changes.len() > 500, "{} changes", changes.len());
    for (zone, change) in changes {
        let window = length(change - minutes(900), 1_800);
        let open = open_spans(&opening, zone, window);
        assert!(is_tidy(&open, &window), "{zone:?} {change}");
        for count in 0..360 {
            let at = window.start() + minutes(count * 5);
            let expected = open_for(&opening, zone, at).is_some();
            assert_eq!(holds(&open, at), expected, "{zone:?} at {at}");
        }
        let scene = Scene {
            zone: zone.clone(),
            opening: opening.clone(),
            people: vec![Person { opening: None, taken: Vec::new() }],
            staffed: false,
            rules,
            window,
            now: window.start(),
        };
        let slots = scene.free();
        assert!(!slots.is_empty(), "{zone:?} {change}");
        for slot in slots {
            let start = slot.span.start();
            let readings =
                [0, 5, 10, 15, 19].map(|part| open_for(&opening, zone, start + minutes(part)));
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
        let opening = Opening::new(hours(text), Vec::new());
        let spans = open_spans(&opening, &zone(place), window);
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
        opening: Opening::new(hours(opening), Vec::new()),
        people: vec![Person { opening: None, taken: Vec::new() }],
        staffed: false,
        rules: Rules::new(duration, step, notice, horizon).expect("within bounds"),
        window: span("2026-11-02T00:00+01:00/2026-11-03T00:00+01:00"),
        now: at("2026-11-02T08:00+01:00"),
    }
}

/// The time of a practice is taken.
fn book(scene: &mut Scene, spans: &[&str]) {
    let taken = |text: &&str| Taken::appointment(service(2), span(text), (0, 0));
    scene.people[0].taken = spans.iter().map(taken).collect();
}

fn local_starts(scene: &Scene, slots: &[Slot]) -> String {
    let local = |slot: &Slot| scene.zone.to_datetime(slot.span.start());
    let shown = slots.iter().map(|slot| local(slot).strftime("%a %H:%M").to_string());
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn starts_are_counted_from_each_opening_and_bookings_do_not_shift_them() {
    let mut scene = practice("mon 09:10-11:00 14:00-15:00", (30, 30, 0, 30));
    let all = "Mon 09:10, Mon 09:40, Mon 10:10, Mon 14:00, Mon 14:30";
    assert_eq!(local_starts(&scene, &scene.free()), all);
    book(&mut scene, &["2026-11-02T09:45+01:00/2026-11-02T10:00+01:00"]);
    assert_eq!(local_starts(&scene, &scene.free()), "Mon 09:10, Mon 10:10, Mon 14:00, Mon 14:30");
    book(&mut scene, &["2026-11-02T09:40+01:00/2026-11-02T10:10+01:00"]);
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
    book(&mut scene, &["2026-11-02T11:00+01:00/2026-11-02T11:10+01:00"]);
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
        assert_eq!(scene.judge(at(start)).err(), reason, "{start}");
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
    assert_eq!(scene.judge(Timestamp::MIN), Err(NotOffered::InThePast));
    assert_eq!(scene.judge(Timestamp::MAX), Err(NotOffered::TooFar));
    let whole = Span::new(Timestamp::MIN, Timestamp::MAX).expect("forward");
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let scene = Scene { window: whole, now, ..scene.clone() };
        assert!(scene.free().len() <= usize::from(MAX_WINDOW_DAYS) * 24);
        assert!(!scene.explain().is_empty());
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
