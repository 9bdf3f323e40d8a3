//! Which change of the book of record is allowed, and what it does to it.
//!
//! A change is decided on the entry as it is now and on a fresh look at what is free, made inside
//! the same write; nothing is carried over from an earlier look. So whatever order changes come in,
//! no time is given twice. Never looks anything up itself.

use jiff::Timestamp;

use super::slots::NotOffered;
use crate::domain::appointment::Status;

/// An entry of the book as it is now. A place says when, where and whose time; two are the same when
/// all of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<P> {
    /// Where it stands.
    pub status: Status,
    /// Until when a hold holds.
    pub held_until: Option<Timestamp>,
    /// Which place it has.
    pub place: P,
}

impl<P> Entry<P> {
    /// Whether it takes its place at `now`: agreed, or held by a hold that has not run out.
    pub fn takes_time(&self, now: Timestamp) -> bool {
        match self.status {
            Status::Held => self.held_until.is_some_and(|until| now < until),
            Status::Confirmed => true,
            Status::Completed | Status::Cancelled | Status::NoShow => false,
        }
    }
}

/// A change that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<P> {
    /// Set a place aside until a moment; a hold of the same hand that is there goes over to it.
    Hold(P, Timestamp),
    /// Agree on a place; a hold of the same hand that is there becomes the appointment.
    Book(P),
    /// Give a hold back.
    Release,
    /// Go over to another place.
    Move(P),
    /// Call off.
    Cancel,
    /// It took place.
    Complete,
    /// The customer did not come.
    MissOut,
}

/// What an allowed change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<P> {
    /// A new entry.
    Add(Entry<P>),
    /// The entry becomes this.
    Become(Entry<P>),
    /// The entry is gone.
    Remove,
    /// It is so already.
    Nothing,
}

/// Why a change is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The place cannot be had.
    NotOffered(NotOffered),
    /// There is no such entry, or not any more.
    Gone,
    /// It was called off.
    Cancelled,
    /// It is over.
    Over,
    /// It is still ahead.
    Ahead,
}

/// Decides a change. `own` is the entry that is to change, or a hold of the same hand; `is_free`
/// looks whether a place is free apart from `own`, now.
pub fn decide<P: Clone + PartialEq>(
    own: Option<&Entry<P>>,
    change: Change<P>,
    now: Timestamp,
    is_free: impl FnOnce(&P) -> Result<(), NotOffered>,
) -> Result<Effect<P>, Refusal> {
    let holds = own.filter(|entry| entry.status == Status::Held);
    match change {
        Change::Hold(place, until) => {
            is_free(&place).map_err(Refusal::NotOffered)?;
            let entry = Entry { status: Status::Held, held_until: Some(until), place };
            Ok(if holds.is_some() { Effect::Become(entry) } else { Effect::Add(entry) })
        }
        Change::Book(place) => {
            // A hold keeps its place for its own hand only while it holds.
            let kept = holds.is_some_and(|hold| hold.place == place && hold.takes_time(now));
            if !kept {
                is_free(&place).map_err(Refusal::NotOffered)?;
            }
            let entry = Entry { status: Status::Confirmed, held_until: None, place };
            Ok(if holds.is_some() { Effect::Become(entry) } else { Effect::Add(entry) })
        }
        Change::Release => Ok(holds.map_or(Effect::Nothing, |_| Effect::Remove)),
        Change::Move(place) => {
            let entry = agreed(own)?;
            if entry.place == place {
                return Ok(Effect::Nothing);
            }
            is_free(&place).map_err(Refusal::NotOffered)?;
            Ok(Effect::Become(Entry { place, ..entry.clone() }))
        }
        Change::Cancel => end(own, Status::Cancelled),
        Change::Complete => end(own, Status::Completed),
        Change::MissOut => end(own, Status::NoShow),
    }
}

/// Ends an appointment in a state; in which it may be already.
fn end<P: Clone>(own: Option<&Entry<P>>, status: Status) -> Result<Effect<P>, Refusal> {
    if own.is_some_and(|entry| entry.status == status) {
        return Ok(Effect::Nothing);
    }
    Ok(Effect::Become(Entry { status, ..agreed(own)?.clone() }))
}

/// The entry, if it is agreed on.
fn agreed<P>(own: Option<&Entry<P>>) -> Result<&Entry<P>, Refusal> {
    let Some(entry) = own else { return Err(Refusal::Gone) };
    match entry.status {
        Status::Confirmed => Ok(entry),
        Status::Held => Err(Refusal::Gone),
        Status::Cancelled => Err(Refusal::Cancelled),
        Status::Completed | Status::NoShow => Err(Refusal::Over),
    }
}
