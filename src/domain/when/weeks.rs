//! Rules for weeks, months and years, their beginnings and ends, and weekends.
//!
//! A week begins on Monday. Never cuts off the days that are over; that is done when a phrase is
//! laid onto the calendar.

use jiff::civil::Date;

use super::days::{Day, Days, monday, month_start, plus};
use super::items::{Found, Item, Phrase};
use super::of_month::{Month, counted_month, named_month};
use super::vocabulary::{Unit, Word};

/// A part of a week, month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Begin,
    Middle,
    Finish,
}

/// A week or year, counted from this one, or a month.
#[derive(Clone, Copy, Debug)]
enum Period {
    Week(i64),
    Month(Month),
    Year(i64),
}

/// A period as it is said.
#[derive(Clone, Copy, Debug)]
struct Named {
    period: Period,
    /// Nothing says which: "the week".
    is_bare: bool,
    /// How many words name it.
    used: usize,
}

/// "Next week", "early next week", "the end of the month", "December".
pub fn period(phrase: &Phrase, at: usize) -> Option<Found> {
    let first = edge(phrase.word(at));
    let skipped = if first.is_some() { 1 + phrase.has(at + 1, Word::In) } else { 0 };
    let named = period_at(phrase, at + skipped)?;
    let used = skipped + named.used;
    let last = if first.is_none() { edge_behind(phrase.word(at + used)) } else { None };
    let edge = first.or(last);
    if named.is_bare && edge.is_none() {
        return None;
    }
    let item = days(phrase, named, edge).map_or(Item::Bad, |days| Item::Day(Day::Days(days)));
    Some((item, used + usize::from(last.is_some())))
}

/// "This weekend", "next weekend".
pub fn weekend(phrase: &Phrase, at: usize) -> Option<Found> {
    let (steps, used) = steps_at_word(phrase, at, Word::Weekend)?;
    let steps = steps.unwrap_or(0);
    let today = phrase.today();
    let of_week = |weeks: i64| Days::from(plus(monday(today, weeks)?, 5)?, 2);
    let (this, then) = (of_week(0)?, of_week(steps)?);
    let day =
        if steps == 1 && this.first > today { Day::Either(this, then) } else { Day::Days(then) };
    Some((Item::Day(day), used))
}

/// "The week of December 7": the word before the date.
pub fn week_of(phrase: &Phrase, at: usize) -> Option<Found> {
    let used = 1 + phrase.has(at + 1, Word::From);
    let (next, then) = (phrase.word(at + used), phrase.word(at + used + 1));
    let number = matches!(next, Word::Number(_) | Word::Digits(_));
    let dated = matches!(next, Word::Ordinal(_) | Word::The | Word::Written(..) | Word::Iso(..))
        || (number && matches!(then, Word::Month(_)))
        || (matches!(next, Word::Month(_)) && !matches!(then, Word::End))
        || matches!(next, Word::Digits(digits) if digits.dot)
        || (next == Word::Unit(Unit::Day) && matches!(then, Word::Digits(_) | Word::Number(_)));
    (phrase.word(at) == Word::Unit(Unit::Week) && dated).then_some((Item::WeekOf, used))
}

/// A unit of time, and how many of them from this one it is: "next week". None for the steps when
/// nothing says so.
pub fn steps_at(phrase: &Phrase, at: usize, unit: Unit) -> Option<(Option<i64>, usize)> {
    steps_at_word(phrase, at, Word::Unit(unit))
}

fn steps_at_word(phrase: &Phrase, at: usize, word: Word) -> Option<(Option<i64>, usize)> {
    if phrase.word(at + 1) == word
        && let Some(steps) = steps(phrase.word(at))
    {
        return Some((Some(steps), 2));
    }
    if phrase.word(at) != word {
        return None;
    }
    let next = phrase.word(at + 1);
    let may_follow = phrase.joins() || next == Word::AfterNext;
    let steps = steps(next).filter(|_| may_follow);
    Some((steps, 1 + usize::from(steps.is_some())))
}

fn steps(word: Word) -> Option<i64> {
    let known = [
        (Word::Last, -1),
        (Word::This, 0),
        (Word::Next, 1),
        (Word::Coming, 1),
        (Word::AfterNext, 2),
    ];
    known.into_iter().find_map(|(known, steps)| (known == word).then_some(steps))
}

fn period_at(phrase: &Phrase, at: usize) -> Option<Named> {
    if let Some((steps, used)) = steps_at(phrase, at, Unit::Week) {
        let period = Period::Week(steps.unwrap_or(0));
        return Some(Named { period, is_bare: steps.is_none(), used });
    }
    if let Some((month, used)) = counted_month(phrase, at) {
        let is_bare = used == 1;
        return Some(Named { period: Period::Month(month), is_bare, used });
    }
    if let Some((steps, used)) = steps_at(phrase, at, Unit::Year) {
        let period = Period::Year(steps.unwrap_or(0));
        return Some(Named { period, is_bare: steps.is_none(), used });
    }
    let (month, used) = named_month(phrase, at)?;
    Some(Named { period: Period::Month(month), is_bare: false, used })
}

fn edge(word: Word) -> Option<Edge> {
    let known = [(Word::Early, Edge::Begin), (Word::Late, Edge::Finish)];
    let known = known.into_iter().find_map(|(known, edge)| (known == word).then_some(edge));
    known.or_else(|| edge_behind(word))
}

/// An edge that may also follow: "Monatsende".
fn edge_behind(word: Word) -> Option<Edge> {
    let known =
        [(Word::Begin, Edge::Begin), (Word::Middle, Edge::Middle), (Word::Finish, Edge::Finish)];
    known.into_iter().find_map(|(known, edge)| (known == word).then_some(edge))
}

/// The days of a period, or of the one after it if it is over and nothing says which is meant.
fn days(phrase: &Phrase, named: Named, edge: Option<Edge>) -> Option<Days> {
    let today = phrase.today();
    let days = laid(named.period, edge, today)?;
    if days.last >= today {
        return Some(days);
    }
    let next = match named.period {
        Period::Month(month) => month.following().map(Period::Month),
        Period::Week(weeks) if named.is_bare => weeks.checked_add(1).map(Period::Week),
        Period::Year(years) if named.is_bare => years.checked_add(1).map(Period::Year),
        Period::Week(_) | Period::Year(_) => None,
    };
    next.map_or(Some(days), |next| laid(next, edge, today))
}

fn laid(period: Period, edge: Option<Edge>, today: Date) -> Option<Days> {
    match period {
        Period::Week(weeks) => {
            let (skipped, count) = match edge {
                None => (0, 7),
                Some(Edge::Begin) => (0, 3),
                Some(Edge::Middle) => (1, 3),
                Some(Edge::Finish) => (3, 2),
            };
            Days::from(plus(monday(today, weeks)?, skipped)?, count)
        }
        Period::Month(month) => {
            let whole = Days::month(month.first);
            match edge {
                None => Some(whole),
                Some(Edge::Begin) => Days::from(whole.first, 7),
                Some(Edge::Middle) => Days::from(plus(whole.first, 10)?, 10),
                Some(Edge::Finish) => Some(Days { first: plus(whole.last, -6)?, last: whole.last }),
            }
        }
        Period::Year(years) => {
            let months = years.checked_mul(12)?.checked_sub(i64::from(today.month()) - 1)?;
            let (skipped, count) = match edge {
                None => (0, 12),
                Some(Edge::Begin) => (0, 1),
                Some(Edge::Middle) => (5, 2),
                Some(Edge::Finish) => (11, 1),
            };
            let first = month_start(today, months.checked_add(skipped)?)?;
            let last = month_start(first, count - 1)?.last_of_month();
            Some(Days { first, last })
        }
    }
}
