//! What the days, times and parts of a phrase say together: "from nine to eleven", "Monday or
//! Tuesday", "after two on Wednesday".
//!
//! Gives up where a phrase says two things that cannot both be meant. Knows the day it was said
//! on, but not the time.

use std::mem;

use jiff::civil::Date;

use super::clock::Clock;
use super::days::{Bound, Day, Join};
use super::items::{Item, Link};
use super::parts::{Lean, Part};

/// What a phrase says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its day or days.
    pub day: Option<Day>,
    /// One time.
    pub at: Option<Clock>,
    /// Another time that will also do.
    pub or_at: Option<Clock>,
    /// No earlier than this.
    pub after: Option<Clock>,
    /// No later than this.
    pub before: Option<Clock>,
    /// Its part of the day, in minutes.
    pub part: Option<(u16, u16)>,
    /// Where the part of the day makes an hour lean.
    pub lean: Option<Lean>,
    /// A day and a minute of it.
    pub moment: Option<(Date, u16)>,
    /// Any time will do.
    pub any: bool,
}

/// What all the items say together; none when it cannot be told.
pub fn gather(items: &[Item], today: Date) -> Option<Said> {
    let items = certain(items);
    let mut hearing = Hearing::new(today);
    let mut rest = items.as_slice();
    while let [item, after @ ..] = rest {
        let used = hearing.take(*item, after)?;
        rest = after.get(used..).unwrap_or_default();
    }
    hearing.finished()
}

/// Drops numbers that may count something, if there are others that are surely times. A number
/// that is joined to such a time is one.
fn certain(items: &[Item]) -> Vec<Item> {
    let mut items = items.to_vec();
    let places: Vec<usize> = (0..items.len()).filter(|at| is_clock(items.get(*at))).collect();
    for pair in places.windows(2) {
        let [one, other] = *pair else {
            continue;
        };
        let between = items.get(one + 1..other).unwrap_or_default();
        let joined = !between.is_empty() && between.iter().all(|item| joins(*item));
        if joined && (is_sure(items.get(one)) || is_sure(items.get(other))) {
            make_sure(&mut items, one);
            make_sure(&mut items, other);
        }
    }
    if items.iter().any(|item| is_sure(Some(item))) {
        items.retain(|item| !is_clock(Some(item)) || is_sure(Some(item)));
    }
    items
}

fn is_clock(item: Option<&Item>) -> bool {
    matches!(item, Some(Item::Clock(_)))
}

fn is_sure(item: Option<&Item>) -> bool {
    matches!(item, Some(Item::Clock(clock)) if clock.sure)
}

fn make_sure(items: &mut [Item], at: usize) {
    if let Some(Item::Clock(clock)) = items.get_mut(at) {
        clock.sure = true;
    }
}

fn joins(item: Item) -> bool {
    matches!(item, Item::Link(link) if link_joins(link) || link == Link::At)
}

fn link_joins(link: Link) -> bool {
    matches!(link, Link::To | Link::Until | Link::Dash | Link::And | Link::Or)
}

/// What was heard so far.
struct Hearing {
    today: Date,
    said: Said,
    /// The day that the present one is joined to.
    left: Option<(Day, Join)>,
    day: Option<Day>,
    bound: Option<Bound>,
    /// The link before the first day.
    opening: Option<Link>,
    /// The link before the next item.
    pending: Option<Link>,
    /// The last item was a day.
    after_day: bool,
    of_week: bool,
    early: bool,
    late: bool,
    parts: Vec<Part>,
}

impl Hearing {
    fn new(today: Date) -> Self {
        Self {
            today,
            said: Said::default(),
            left: None,
            day: None,
            bound: None,
            opening: None,
            pending: None,
            after_day: false,
            of_week: false,
            early: false,
            late: false,
            parts: Vec::new(),
        }
    }

    /// Takes an item, and answers how many of those after it it took as well.
    fn take(&mut self, item: Item, rest: &[Item]) -> Option<usize> {
        let pending = self.pending.take();
        let after_day = mem::take(&mut self.after_day);
        match item {
            Item::Link(link) if after_day && joins(item) && is_day(rest) => self.join(link)?,
            Item::Link(link) => self.pending = Some(link),
            Item::Day(day) => self.day(day, pending)?,
            Item::Clock(clock) => return self.clock(clock, pending, rest),
            Item::Part(part) => self.part(part, pending)?,
            Item::Moment(date, minute) => {
                let other = self.said.moment.replace((date, minute));
                if other.is_some() {
                    return None;
                }
            }
            Item::Any => self.said.any = true,
            Item::Early => self.early = true,
            Item::Late => self.late = true,
            Item::WeekOf => self.of_week = true,
            Item::Other => {}
            Item::Past | Item::Bad => return None,
        }
        Some(0)
    }

    fn join(&mut self, link: Link) -> Option<()> {
        let between = matches!(self.opening, Some(Link::Between | Link::In));
        let join = match link {
            Link::Or => Join::Or,
            Link::And if !between => Join::Or,
            Link::And | Link::To | Link::Until | Link::Dash | Link::At => Join::Range,
            Link::From | Link::Between | Link::In | Link::After | Link::Before => return None,
        };
        if self.left.is_some() {
            return None;
        }
        self.left = Some((self.day.take()?, join));
        Some(())
    }

    fn day(&mut self, day: Day, pending: Option<Link>) -> Option<()> {
        self.after_day = true;
        let bound = pending.and_then(bound);
        let Some(held) = self.day else {
            self.day = Some(day);
            if self.left.is_none() {
                (self.bound, self.opening) = (bound, pending);
            }
            return Some(());
        };
        // "The Tuesday after the 20th" is more than is read.
        if matches!(bound, Some(Bound::After | Bound::Before)) {
            return None;
        }
        self.day = Some(held.with(day, self.today)?);
        Some(())
    }

    fn clock(&mut self, clock: Clock, pending: Option<Link>, rest: &[Item]) -> Option<usize> {
        let joined = match rest {
            [Item::Link(link), Item::Clock(other), ..] => Some((*link, *other, 2)),
            [Item::Link(link), Item::Link(Link::At), Item::Clock(other), ..] => {
                Some((*link, *other, 3))
            }
            _ => None,
        };
        let between = matches!(pending, Some(Link::Between | Link::In));
        if let Some((link, other, used)) = joined.filter(|(link, _, _)| is_joint(*link)) {
            let choice = link == Link::Or || (link == Link::And && !between);
            if choice {
                self.at(clock)?;
                self.said.or_at = Some(other);
            } else {
                self.after(clock)?;
                self.before(other)?;
            }
            return Some(used);
        }
        // "Between two and", and then nothing.
        if pending == Some(Link::Between) {
            return None;
        }
        match pending.and_then(bound) {
            Some(Bound::After | Bound::From) => self.after(clock)?,
            Some(Bound::Before | Bound::Until) => self.before(clock)?,
            None => self.at(clock)?,
        }
        Some(0)
    }

    fn part(&mut self, part: Part, pending: Option<Link>) -> Option<()> {
        match pending.and_then(bound) {
            Some(Bound::After) => self.after(Clock::fixed(part.after())),
            Some(Bound::Before | Bound::Until) => self.before(Clock::fixed(part.before())),
            Some(Bound::From) | None => {
                self.parts.push(part);
                Some(())
            }
        }
    }

    fn at(&mut self, clock: Clock) -> Option<()> {
        let other = self.said.at.replace(clock);
        other.is_none_or(|other| other.minutes == clock.minutes).then_some(())
    }

    fn after(&mut self, clock: Clock) -> Option<()> {
        self.said.after.replace(clock).is_none().then_some(())
    }

    fn before(&mut self, clock: Clock) -> Option<()> {
        self.said.before.replace(clock).is_none().then_some(())
    }

    fn finished(mut self) -> Option<Said> {
        self.shade();
        let timed = self.said.at.is_some();
        let ranged = self.said.after.is_some() || self.said.before.is_some();
        let day = match (self.left, self.day) {
            (Some((left, join)), Some(day)) => Some(left.join(join, day, self.today)?),
            (Some(_), None) => return None,
            (None, day) => day,
        };
        let day = match day {
            Some(day) if self.of_week => Some(day.week(self.today)?),
            day => day,
        };
        let bound = match self.bound {
            // "From tomorrow, nine to eleven" is about tomorrow.
            Some(Bound::From) if timed || ranged => None,
            _ if self.left.is_some() => None,
            Some(_) if timed => return None,
            bound => bound,
        };
        self.said.day = match (day, bound) {
            (Some(day), Some(bound)) => Some(day.bounded(bound, self.today)?),
            (day, _) => day,
        };
        Some(self.said)
    }

    /// Settles the part of the day out of all that were said.
    fn shade(&mut self) {
        if self.parts.is_empty() && self.early {
            self.parts.push(Part::Morning);
        } else if self.early || self.late {
            let early = self.early;
            for part in &mut self.parts {
                *part = if early { part.early() } else { part.late() };
            }
        }
        let from = self.parts.iter().map(|part| part.window().0).min();
        let until = self.parts.iter().map(|part| part.window().1).max();
        self.said.part = from.zip(until);
        let lean = self.parts.first().map(|part| part.lean());
        self.said.lean = lean.filter(|lean| self.parts.iter().all(|part| part.lean() == *lean));
    }
}

fn is_day(rest: &[Item]) -> bool {
    matches!(rest, [Item::Day(_), ..])
}

/// Whether a link between two times makes them one thing.
fn is_joint(link: Link) -> bool {
    link_joins(link) || link == Link::At
}

fn bound(link: Link) -> Option<Bound> {
    match link {
        Link::After => Some(Bound::After),
        Link::Before => Some(Bound::Before),
        Link::From => Some(Bound::From),
        Link::Until => Some(Bound::Until),
        Link::At | Link::To | Link::Dash | Link::Between | Link::In | Link::And | Link::Or => None,
    }
}
