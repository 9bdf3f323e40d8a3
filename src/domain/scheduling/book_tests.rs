//! The booking core against every order of events: three hands, two places, a clock that moves.
//!
//! The model explores all states that can be reached when each hand looks first and acts later,
//! with the real decisions and the real engine behind the look. It finds no time given twice; with
//! the look inside the change taken out, it does.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::book::{Change, Effect, Entry, decide};
use super::hours::tests::hours;
use super::interval::Span;
use super::opening::Opening;
use super::rules::Rules;
use super::slots::{NotOffered, Plan, Resource, Taken, judge};
use crate::domain::appointment::Status;
use crate::domain::ids::{BranchId, ServiceId};

/// Hands that change the book.
const HANDS: usize = 3;
/// Moments that the clock goes through.
const MOMENTS: u8 = 2;
/// Moments that a hold lasts.
const HOLD: u8 = 1;

/// Open for the two places alone.
static DESK: LazyLock<(Opening, Rules)> = LazyLock::new(|| {
    let opening = Opening::new(hours("mon 09:00-10:00"), Vec::new());
    (opening, Rules::new(30, 30, 0, 30).expect("within bounds"))
});

/// What a hand knows and has. At most one entry each, as a call has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Hand {
    /// What it saw as free when it looked.
    seen: [bool; 2],
    /// When it looked: the moment that its change has in mind, however late it is written.
    asked: u8,
    /// Its entry: where it stands, until which moment, at which place.
    entry: Option<(Word, u8, usize)>,
}

/// A status as the model keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Word {
    Held,
    Confirmed,
    Cancelled,
}

/// Everything there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct World {
    moment: u8,
    hands: [Hand; HANDS],
}

/// What the engine said of both places: by the entries, the hand that asked and its moment.
type Looks = HashMap<([Option<(Word, u8, usize)>; HANDS], usize, u8), [Result<(), NotOffered>; 2]>;

/// Whether a change looks again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Again,
    Earlier,
}

fn opens() -> Timestamp {
    "2026-11-02T09:00:00Z".parse().expect("an instant")
}

fn at(moment: u8) -> Timestamp {
    opens() - SignedDuration::from_hours(24) + SignedDuration::from_mins(i64::from(moment))
}

fn place_span(place: usize) -> Span {
    let start = opens() + SignedDuration::from_mins(30 * i64::try_from(place).expect("two places"));
    Span::new(start, start + SignedDuration::from_mins(30)).expect("forward")
}

fn service() -> ServiceId {
    ServiceId::new(Timestamp::UNIX_EPOCH, [1; 10])
}

impl World {
    fn entry(&self, hand: usize) -> Option<Entry<usize>> {
        let (word, until, place) = self.hands[hand].entry?;
        let status = match word {
            Word::Held => Status::Held,
            Word::Confirmed => Status::Confirmed,
            Word::Cancelled => Status::Cancelled,
        };
        let held_until = (word == Word::Held).then(|| at(until));
        Some(Entry { status, held_until, place })
    }

    /// What the real engine says at a moment of both places, apart from a hand's own entry.
    fn looks(&self, known: &mut Looks, hand: usize, moment: u8) -> [Result<(), NotOffered>; 2] {
        let key = (self.hands.clone().map(|hand| hand.entry), hand, moment);
        let ask = || [0, 1].map(|place| self.is_free(place, (hand, moment)));
        *known.entry(key).or_insert_with(ask)
    }

    /// Asks the real engine at a moment whether a place is free apart from a hand's own entry.
    fn is_free(&self, place: usize, (apart_from, moment): (usize, u8)) -> Result<(), NotOffered> {
        let now = at(moment);
        let others = (0..HANDS).filter(|hand| *hand != apart_from);
        let taking = others.filter_map(|hand| self.entry(hand)).filter(|e| e.takes_time(now));
        let mut taken: Vec<Taken> = taking
            .map(|entry| Taken::appointment(service(), place_span(entry.place), (0, 0)))
            .collect();
        taken.sort_unstable_by_key(|taken| taken.from_ms);
        let resources = [Resource { staff: None, opening: None, taken: &taken }];
        let plan = Plan {
            zone: &TimeZone::UTC,
            opening: &DESK.0,
            branch: BranchId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            service: service(),
            rules: &DESK.1,
            resources: &resources,
            begun_ms: &[],
        };
        judge(&plan, place_span(place).start(), now).map(|_| ())
    }

    /// Every world that one step leads to.
    fn next(&self, known: &mut Looks, look: Look) -> Vec<Self> {
        let mut worlds = Vec::new();
        if self.moment < MOMENTS {
            worlds.push(Self { moment: self.moment + 1, ..self.clone() });
        }
        for hand in 0..HANDS {
            let mut looked = self.clone();
            let now = self.looks(known, hand, self.moment);
            // What was seen only matters to who relies on it.
            if look == Look::Earlier {
                looked.hands[hand].seen = now.map(|verdict| verdict.is_ok());
            }
            looked.hands[hand].asked = self.moment;
            worlds.push(looked);
            // What the engine says inside the change; nothing changes within one step.
            let asked = self.hands[hand].asked;
            let now = self.looks(known, hand, asked);
            for change in self.changes() {
                worlds.extend(self.change((hand, now), change, look));
            }
        }
        worlds
    }

    fn changes(&self) -> Vec<Change<usize>> {
        let until = at(self.moment + HOLD);
        let mut all = vec![Change::Release, Change::Cancel];
        for place in [0, 1] {
            all.extend([Change::Hold(place, until), Change::Book(place), Change::Move(place)]);
        }
        all
    }

    fn change(
        &self,
        (hand, now): (usize, [Result<(), NotOffered>; 2]),
        change: Change<usize>,
        look: Look,
    ) -> Option<Self> {
        let seen = self.hands[hand].seen;
        let is_free = |place: &usize| match look {
            Look::Again => now[*place],
            Look::Earlier if seen[*place] => Ok(()),
            Look::Earlier => Err(NotOffered::Taken),
        };
        let own = self.entry(hand);
        let asked = self.hands[hand].asked;
        let effect = decide(own.as_ref(), change, at(asked), is_free).ok()?;
        let mut world = self.clone();
        if look == Look::Again {
            world.end_holds(hand, asked);
        }
        let entry = &mut world.hands[hand].entry;
        match effect {
            // A hand with an agreed entry would begin another; the model keeps one each.
            Effect::Add(_) if entry.is_some_and(|(word, ..)| word == Word::Confirmed) => {
                return None;
            }
            Effect::Add(new) | Effect::Become(new) => *entry = Some(self.kept(&new)),
            Effect::Remove => *entry = None,
            Effect::Nothing => return None,
        }
        Some(world)
    }

    /// Holds of others that have run out at a moment are gone, as the look inside a change does.
    fn end_holds(&mut self, apart_from: usize, moment: u8) {
        for (other, hand) in self.hands.iter_mut().enumerate() {
            let is_over =
                matches!(hand.entry, Some((Word::Held, until, _)) if at(until) <= at(moment));
            if other != apart_from && is_over {
                hand.entry = None;
            }
        }
    }

    fn kept(&self, entry: &Entry<usize>) -> (Word, u8, usize) {
        let word = match entry.status {
            Status::Held => Word::Held,
            Status::Confirmed => Word::Confirmed,
            Status::Cancelled | Status::Completed | Status::NoShow => Word::Cancelled,
        };
        let until = if word == Word::Held { self.moment + HOLD } else { 0 };
        (word, until, entry.place)
    }

    /// Whether a place is taken by two hands at once.
    fn is_double(&self) -> bool {
        let now = at(self.moment);
        (0..2).any(|place| {
            let takes = |hand: &usize| {
                self.entry(*hand).is_some_and(|e| e.place == place && e.takes_time(now))
            };
            (0..HANDS).filter(takes).count() > 1
        })
    }
}

/// Every world that can be reached, and whether one of them has a time given twice.
fn explore(look: Look) -> (usize, bool) {
    let mut known = HashSet::from([World::default()]);
    let mut ahead = vec![World::default()];
    let mut looks = Looks::new();
    while let Some(world) = ahead.pop() {
        if world.is_double() {
            return (known.len(), true);
        }
        for next in world.next(&mut looks, look) {
            if known.insert(next.clone()) {
                ahead.push(next);
            }
        }
    }
    (known.len(), false)
}

#[test]
fn no_order_of_changes_gives_a_time_twice() {
    let (worlds, double) = explore(Look::Again);
    assert!(worlds > 2_000, "only {worlds} worlds were looked at");
    assert!(!double, "a time was given twice");
}

#[test]
fn without_the_look_inside_the_change_a_time_is_given_twice() {
    let (_, double) = explore(Look::Earlier);
    assert!(double, "the model does not notice a double booking");
}

#[test]
fn what_cannot_be_changed_is_refused_with_the_reason() {
    use super::book::Refusal;
    let now = at(0);
    let entry = |status| Entry { status, held_until: None, place: 0_usize };
    let ask = |own: Option<Entry<usize>>, change| decide(own.as_ref(), change, now, |_| Ok(()));
    assert_eq!(ask(None, Change::Move(1)), Err(Refusal::Gone));
    assert_eq!(ask(None, Change::Cancel), Err(Refusal::Gone));
    assert_eq!(ask(Some(entry(Status::Cancelled)), Change::Move(1)), Err(Refusal::Cancelled));
    assert_eq!(ask(Some(entry(Status::Cancelled)), Change::Cancel), Ok(Effect::Nothing));
    assert_eq!(ask(Some(entry(Status::Completed)), Change::Cancel), Err(Refusal::Over));
    assert_eq!(ask(Some(entry(Status::NoShow)), Change::Move(1)), Err(Refusal::Over));
    assert_eq!(ask(Some(entry(Status::Held)), Change::Cancel), Err(Refusal::Gone));
    assert_eq!(ask(Some(entry(Status::Confirmed)), Change::Move(0)), Ok(Effect::Nothing));
    let taken =
        decide(Some(&entry(Status::Confirmed)), Change::Move(1), now, |_| Err(NotOffered::Taken));
    assert_eq!(taken, Err(Refusal::NotOffered(NotOffered::Taken)));
    let over = Entry { status: Status::Held, held_until: Some(now), place: 0_usize };
    let stolen = decide(Some(&over), Change::Book(0), now, |_| Err(NotOffered::Taken));
    assert_eq!(stolen, Err(Refusal::NotOffered(NotOffered::Taken)), "a hold that ran out");
}
