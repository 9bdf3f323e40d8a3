//! A choice among free slots: a few unlike each other, or those nearest to a wish; and who of
//! several that are free gets an appointment.
//!
//! Never finds out what is free.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::slots::{PartOfDay, Slot};
use crate::domain::ids::StaffId;

/// At most `most` of the slots, unlike each other: the earliest, one in another part of the day,
/// one on another day and so on in turn; when every day and part is named, whichever lies furthest
/// from those named. In order and distinct. Meant for a handful.
pub fn spread(free: &[Slot], zone: &TimeZone, most: usize) -> Vec<Slot> {
    let mut rest: Vec<Offer> =
        in_order(free).into_iter().map(|slot| Offer::new(slot, zone)).collect();
    let mut chosen: Vec<Offer> = Vec::new();
    while chosen.len() < most && !rest.is_empty() {
        chosen.push(rest.remove(most_unlike(&rest, &chosen)));
    }
    in_order(&chosen.iter().map(|offer| offer.slot).collect::<Vec<_>>())
}

/// The `most` slots that begin nearest to `to`, of two as near the earlier. In order and distinct.
pub fn nearest(free: &[Slot], to: Timestamp, most: usize) -> Vec<Slot> {
    let to_ms = to.as_millisecond();
    let rank = |slot: &Slot| (slot.span.start().as_millisecond().abs_diff(to_ms), slot.span);
    let mut chosen: Vec<Slot> = Vec::with_capacity(most + 1);
    for slot in free {
        match chosen.binary_search_by_key(&rank(slot), rank) {
            Ok(same) => chosen[same] = chosen[same].min(*slot),
            Err(place) if place < most => {
                chosen.insert(place, *slot);
                chosen.truncate(most);
            }
            Err(_) => {}
        }
    }
    chosen.sort_unstable();
    chosen
}

/// What is known of a staff member who is free for an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub staff: StaffId,
    /// Appointments of theirs on the slot's local day.
    pub that_day: usize,
    /// When they were last given an appointment that anybody could have had, ms since 1970 UTC; 0
    /// when never.
    pub given_ms: i64,
}

/// Who of those that are free gets an appointment for which nobody was named: whoever has the
/// fewest on that day; of these, whoever was given one longest ago; of these, the first by id. So
/// work is shared by the day, and turns go round.
pub fn fairest(free: &[Load]) -> Option<StaffId> {
    free.iter().min_by_key(|load| (load.that_day, load.given_ms, load.staff)).map(|load| load.staff)
}

/// A slot as its customer sees it.
struct Offer {
    slot: Slot,
    day: Date,
    part: PartOfDay,
}

impl Offer {
    fn new(slot: Slot, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(slot.span.start());
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
        let start = offer.slot.span.start();
        chosen.iter().map(|c| c.slot.span.start().duration_since(start).abs()).min()
    };
    // The last of equals wins, so the earliest is asked last.
    let backwards = rest.iter().enumerate().rev();
    backwards.max_by_key(|(_, offer)| distance(offer)).map_or(0, |(index, _)| index)
}

fn in_order(slots: &[Slot]) -> Vec<Slot> {
    let mut slots = slots.to_vec();
    slots.sort_unstable();
    slots.dedup_by_key(|slot| slot.span);
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(id: u8, that_day: usize, given_ms: i64) -> Load {
        let staff = StaffId::new(Timestamp::UNIX_EPOCH, [id; 10]);
        Load { staff, that_day, given_ms }
    }

    #[test]
    fn an_appointment_goes_to_the_least_busy_then_to_whose_turn_is_longest_ago() {
        let cases: [(&[Load], Option<u8>); 5] = [
            (&[], None),
            (&[load(1, 3, 0), load(2, 2, 900), load(3, 4, 0)], Some(2)),
            (&[load(1, 2, 500), load(2, 2, 400), load(3, 3, 0)], Some(2)),
            (&[load(2, 0, 0), load(1, 0, 0)], Some(1)),
            (&[load(1, 1, 10), load(2, 0, 20)], Some(2)),
        ];
        for (free, wanted) in cases {
            assert_eq!(fairest(free), wanted.map(|id| load(id, 0, 0).staff), "{free:?}");
        }
    }

    #[test]
    fn turns_go_round_when_all_are_free_alike() {
        let mut given = [0_i64; 3];
        let mut order = Vec::new();
        for turn in 1..=6 {
            let loads: Vec<Load> =
                (0..3).map(|n| load(u8::try_from(n).expect("small"), 0, given[n])).collect();
            let chosen = fairest(&loads).expect("somebody is free");
            let who = loads.iter().position(|load| load.staff == chosen).expect("one of them");
            given[who] = turn;
            order.push(who);
        }
        assert_eq!(order, [0, 1, 2, 0, 1, 2]);
    }
}
