//! The one way the book of record is changed: inside a write that looks again.
//!
//! Everything that books, holds, moves or calls off comes through here, whoever asked. Each change
//! is decided on the entry as it is now and on what is free now (`domain/scheduling/book`), noted
//! in the appointment's history, and told to who waits. Never relies on an earlier look.

use jiff::{SignedDuration, Timestamp};

use super::audit::note_change;
use super::availability::{Kept, Search, takings_in_write, with_plan};
use super::customers::link;
use crate::clock::random;
use crate::domain::access::BusinessId;
use crate::domain::appointment::{
    Actor, Appointment, Change as Noted, ChangeKind, Contact, Seat, Status,
};
use crate::domain::business::Setup;
use crate::domain::customer::Told;
use crate::domain::event::EventKind;
use crate::domain::ids::{AppointmentId, BranchId, CallId, ServiceId, StaffId};
use crate::domain::job::Job;
use crate::domain::scheduling::book::{Change, Effect, Entry, Refusal, decide};
use crate::domain::scheduling::choice::{Load, fairest};
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::{NotOffered, Resource, Slot, Taken, judge, whole_days};
use crate::domain::scheduling::takings::Takings;
use crate::store::{
    StoreError, Write, appointment_lists, appointments, events, jobs, staff, takings, tool_calls,
    waiting,
};

/// A place that somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What for.
    pub service: ServiceId,
    /// Where.
    pub branch: BranchId,
    /// With whom; anybody when `None`.
    pub staff: Option<StaffId>,
    /// With whom rather than with anybody, when they are free: who had it before.
    pub rather: Option<StaffId>,
    /// When it begins.
    pub start: Timestamp,
}

/// Whose book is changed, by whom, and when.
#[derive(Clone, Copy, Debug)]
pub struct Hand<'a> {
    /// The right to the business's data.
    pub business: BusinessId,
    /// The business whole, as it is in this write.
    pub setup: &'a Setup,
    /// Who changes it.
    pub actor: Actor,
    /// The present moment.
    pub now: Timestamp,
}

/// The business whole as it is in a write; `None` when it is gone.
pub fn setup(
    write: &Write<'_>,
    kept: &Kept,
    business: BusinessId,
    now: Timestamp,
) -> Result<Option<std::sync::Arc<Setup>>, StoreError> {
    kept.setup_in_write(write, business, now)
}

impl Hand<'_> {
    /// Agrees on a place for somebody; a hold of the same call becomes the appointment.
    pub fn book(
        &self,
        write: &mut Write<'_>,
        wish: &Wish,
        contact: &Contact,
        hold: Option<&Appointment>,
    ) -> Result<Result<Appointment, Refusal>, StoreError> {
        let seat = match self.seat(write, wish, hold)? {
            Ok(seat) => seat,
            Err(reason) => return Ok(Err(Refusal::NotOffered(reason))),
        };
        let entry = hold.map(entry_of);
        let effect = match decide(entry.as_ref(), Change::Book(seat), self.now, |_| Ok(())) {
            Ok(effect) => effect,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let customer = link(write, self.business, &told(contact), self.now)?;
        let made = match (effect, hold) {
            (Effect::Become(entry), Some(hold)) => Appointment {
                seat: entry.place,
                status: entry.status,
                held_until: None,
                contact: contact.clone(),
                customer,
                code: code(),
                updated_at: self.now,
                ..hold.clone()
            },
            (Effect::Add(_) | Effect::Become(_) | Effect::Remove | Effect::Nothing, _) => {
                Appointment { customer, contact: contact.clone(), ..self.fresh(seat) }
            }
        };
        if hold.is_some() {
            appointments::update(write, self.business, &made)?;
            self.note(write, (ChangeKind::Confirmed, hold), &made)?;
        } else {
            appointments::add(write, self.business, &made)?;
            self.note(write, (ChangeKind::Booked, None), &made)?;
        }
        self.give_turn(write, wish, &made)?;
        self.tell(write, EventKind::AppointmentBooked, &made)?;
        // Whoever has an appointment for it waits no more.
        let (service, phone) = (made.seat.service, made.contact.phone.as_ref());
        waiting::end_of_phone(write, self.business, (service, phone))?;
        Ok(Ok(made))
    }

    /// Books against the rules, as only the business itself may: with whoever was wished for, or
    /// else the first who can do it and has nothing else then, or else the first who can do it.
    /// Returns whether somebody's time is taken twice.
    pub fn book_anyway(
        &self,
        write: &mut Write<'_>,
        wish: &Wish,
        contact: &Contact,
    ) -> Result<(Appointment, bool), StoreError> {
        let service = self.setup.service(wish.service);
        let service =
            service.ok_or_else(|| StoreError::Constraint("no such service".to_owned()))?;
        let minutes = i64::from(service.rules.duration_min());
        let end = wish.start.checked_add(SignedDuration::from_mins(minutes));
        let span = Span::new(wish.start, end.unwrap_or(Timestamp::MAX));
        let span = span.ok_or_else(|| StoreError::Constraint("no such time".to_owned()))?;
        let takings = takings::takings(write, self.business, span, None)?;
        let (from_ms, until_ms) = (span.start().as_millisecond(), span.end().as_millisecond());
        let resources = takings.resources(self.setup, service, wish.branch, wish.staff);
        let is_idle = |one: &&Resource<'_>| {
            let meets = |taken: &Taken| {
                taken.start_ms < until_ms
                    && from_ms < taken.end_ms
                    && self.now.as_millisecond() < taken.held_until_ms
            };
            !one.taken.iter().any(meets)
        };
        let idle = resources.iter().find(is_idle);
        let twice = idle.is_none();
        let seat = Seat {
            service: service.id,
            branch: wish.branch,
            staff: idle.or(resources.first()).and_then(|one| one.staff),
            span,
            before_min: service.rules.before_min(),
            after_min: service.rules.after_min(),
        };
        let customer = link(write, self.business, &told(contact), self.now)?;
        let made = Appointment { customer, contact: contact.clone(), ..self.fresh(seat) };
        appointments::add(write, self.business, &made)?;
        self.note(write, (ChangeKind::Booked, None), &made)?;
        self.tell(write, EventKind::AppointmentBooked, &made)?;
        Ok((made, twice))
    }

    /// Sets a place aside until a moment; a hold of the same call goes over to it.
    pub fn hold(
        &self,
        write: &mut Write<'_>,
        wish: &Wish,
        hold: Option<&Appointment>,
        lasts: SignedDuration,
    ) -> Result<Result<Appointment, Refusal>, StoreError> {
        let seat = match self.seat(write, wish, hold)? {
            Ok(seat) => seat,
            Err(reason) => return Ok(Err(Refusal::NotOffered(reason))),
        };
        let until = self.now.checked_add(lasts).unwrap_or(Timestamp::MAX);
        let entry = hold.map(entry_of);
        let change = Change::Hold(seat, until);
        let effect = match decide(entry.as_ref(), change, self.now, |_| Ok(())) {
            Ok(effect) => effect,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let made = match (effect, hold) {
            (Effect::Become(entry), Some(hold)) => Appointment {
                seat: entry.place,
                held_until: entry.held_until,
                updated_at: self.now,
                ..hold.clone()
            },
            (Effect::Add(_) | Effect::Become(_) | Effect::Remove | Effect::Nothing, _) => {
                Appointment {
                    status: Status::Held,
                    held_until: Some(until),
                    code: String::new(),
                    ..self.fresh(seat)
                }
            }
        };
        if hold.is_some() {
            appointments::update(write, self.business, &made)?;
        } else {
            appointments::add(write, self.business, &made)?;
        }
        self.note(write, (ChangeKind::Held, hold), &made)?;
        Ok(Ok(made))
    }

    /// Moves an appointment in one write: the old time is free and the new one taken at once.
    pub fn move_to(
        &self,
        write: &mut Write<'_>,
        own: &Appointment,
        wish: &Wish,
    ) -> Result<Result<Appointment, Refusal>, StoreError> {
        let target = self.target(write, own, wish)?;
        let place = target.unwrap_or(own.seat);
        let verdict = target.map(|_| ());
        let effect = decide(Some(&entry_of(own)), Change::Move(place), self.now, |_| verdict);
        let entry = match effect {
            Ok(Effect::Become(entry)) => entry,
            Ok(Effect::Add(_) | Effect::Remove | Effect::Nothing) => {
                return Ok(match verdict {
                    Ok(()) => Ok(own.clone()),
                    Err(reason) => Err(Refusal::NotOffered(reason)),
                });
            }
            Err(refusal) => return Ok(Err(refusal)),
        };
        let moved = Appointment { seat: entry.place, updated_at: self.now, ..own.clone() };
        appointments::update(write, self.business, &moved)?;
        self.note(write, (ChangeKind::Moved, Some(own)), &moved)?;
        self.give_turn(write, wish, &moved)?;
        self.tell(write, EventKind::AppointmentMoved, &moved)?;
        self.offer_freed(write, own)?;
        Ok(Ok(moved))
    }

    /// Calls off, completes, or notes that nobody came.
    pub fn end(
        &self,
        write: &mut Write<'_>,
        own: &Appointment,
        change: Change<Seat>,
    ) -> Result<Result<Appointment, Refusal>, StoreError> {
        let is_ahead = self.now < own.seat.span.start();
        if is_ahead && matches!(change, Change::Complete | Change::MissOut) {
            return Ok(Err(Refusal::Ahead));
        }
        let effect = decide(Some(&entry_of(own)), change, self.now, |_| Ok(()));
        let status = match effect {
            Ok(Effect::Become(entry)) => entry.status,
            Ok(Effect::Add(_) | Effect::Remove | Effect::Nothing) => return Ok(Ok(own.clone())),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let ended = Appointment { status, updated_at: self.now, ..own.clone() };
        appointments::update(write, self.business, &ended)?;
        let kind = match status {
            Status::Completed => ChangeKind::Completed,
            Status::NoShow => ChangeKind::NoShow,
            Status::Cancelled | Status::Held | Status::Confirmed => ChangeKind::Cancelled,
        };
        self.note(write, (kind, Some(own)), &ended)?;
        if status == Status::Cancelled {
            self.tell(write, EventKind::AppointmentCancelled, &ended)?;
            self.offer_freed(write, own)?;
        }
        Ok(Ok(ended))
    }

    /// Corrects whom an appointment is for.
    pub fn correct(
        &self,
        write: &mut Write<'_>,
        own: &Appointment,
        contact: &Contact,
    ) -> Result<Appointment, StoreError> {
        // Who is meant may be somebody else now.
        let customer = link(write, self.business, &told(contact), self.now)?;
        let (contact, updated_at) = (contact.clone(), self.now);
        let corrected = Appointment { contact, customer, updated_at, ..own.clone() };
        appointments::update(write, self.business, &corrected)?;
        self.note(write, (ChangeKind::Corrected, Some(own)), &corrected)?;
        Ok(corrected)
    }

    /// The seat for a wish by a look made now, or why it cannot be had. A hold of the same hand
    /// that still holds and is what is wished for keeps its seat without a look.
    fn seat(
        &self,
        write: &mut Write<'_>,
        wish: &Wish,
        hold: Option<&Appointment>,
    ) -> Result<Result<Seat, NotOffered>, StoreError> {
        if let Some(hold) = hold
            && entry_of(hold).takes_time(self.now)
            && same_place(wish, &hold.seat)
        {
            return Ok(Ok(hold.seat));
        }
        self.look(write, wish, hold.map(|hold| hold.id))
    }

    /// The seat that a move leads to. To wish for what one has is no move.
    fn target(
        &self,
        write: &mut Write<'_>,
        own: &Appointment,
        wish: &Wish,
    ) -> Result<Result<Seat, NotOffered>, StoreError> {
        if same_place(wish, &own.seat) {
            return Ok(Ok(own.seat));
        }
        self.look(write, wish, Some(own.id))
    }

    /// Looks now whether a wish can be had, and with whom. Holds that have run out by now are gone
    /// first: whoever is written later with an earlier moment in mind finds none to rely on.
    fn look(
        &self,
        write: &mut Write<'_>,
        wish: &Wish,
        apart_from: Option<AppointmentId>,
    ) -> Result<Result<Seat, NotOffered>, StoreError> {
        appointments::end_holds(write, self.business, self.now, apart_from)?;
        let found = self.setup.service(wish.service).zip(self.setup.branch(wish.branch));
        let offered = found.filter(|(service, branch)| {
            let is_there = service.branches.is_empty() || service.branches.contains(&branch.id);
            service.active && branch.active && is_there
        });
        let Some((service, branch)) = offered else { return Ok(Err(NotOffered::Closed)) };
        let minutes = i64::from(service.rules.duration_min());
        let end = wish.start.checked_add(SignedDuration::from_mins(minutes)).ok();
        let Some(window) = end.and_then(|end| Span::new(wish.start, end)) else {
            return Ok(Err(NotOffered::TooFar));
        };
        let search = Search { service, branch, staff: wish.staff, window };
        let takings = takings_in_write(write, self.business, search, apart_from)?;
        let verdict = with_plan(self.setup, &takings, search, self.now, |plan| {
            let slot = judge(plan, wish.start, self.now)?;
            let free: Vec<Option<StaffId>> =
                slot.free.places().map(|place| plan.resources[place].staff).collect();
            Ok::<_, NotOffered>((slot, free))
        });
        let (slot, free) = match verdict {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        let staff = self.choose(write, wish, (&takings, &branch.zone), (slot, free))?;
        Ok(Ok(Seat {
            service: service.id,
            branch: branch.id,
            staff,
            span: slot.span,
            before_min: service.rules.before_min(),
            after_min: service.rules.after_min(),
        }))
    }

    /// Who of those that are free gets it.
    fn choose(
        &self,
        write: &Write<'_>,
        wish: &Wish,
        (takings, zone): (&Takings, &jiff::tz::TimeZone),
        (slot, free): (Slot, Vec<Option<StaffId>>),
    ) -> Result<Option<StaffId>, StoreError> {
        let free: Vec<StaffId> = free.into_iter().flatten().collect();
        if let [only] = free.as_slice() {
            return Ok(Some(*only));
        }
        if let Some(rather) = wish.rather.filter(|rather| free.contains(rather)) {
            return Ok(Some(rather));
        }
        if free.is_empty() {
            return Ok(None);
        }
        let given = staff::given(write, self.business)?;
        let day =
            whole_days(zone, Span::new(slot.span.start(), slot.span.end()).unwrap_or(slot.span));
        let day_ms = (day.start().as_millisecond(), day.end().as_millisecond());
        let loads: Vec<Load> = free
            .into_iter()
            .map(|staff| Load {
                staff,
                that_day: takings.count_of(staff, day_ms),
                given_ms: given.get(&staff).copied().unwrap_or(0),
            })
            .collect();
        Ok(fairest(&loads))
    }

    /// A new appointment in a seat, without anybody's name yet.
    fn fresh(&self, seat: Seat) -> Appointment {
        Appointment {
            id: AppointmentId::new(self.now, random()),
            seat,
            call: self.call(),
            customer: None,
            status: Status::Confirmed,
            held_until: None,
            contact: Contact::default(),
            code: code(),
            code_misses: 0,
            created_at: self.now,
            updated_at: self.now,
        }
    }

    fn call(&self) -> Option<CallId> {
        match self.actor {
            Actor::Call(call) => Some(call),
            Actor::Key(_) | Actor::User(_) | Actor::Operator => None,
        }
    }

    /// Notes whose turn it was, when anybody could have had the appointment.
    fn give_turn(
        &self,
        write: &mut Write<'_>,
        wish: &Wish,
        made: &Appointment,
    ) -> Result<(), StoreError> {
        match made.seat.staff.filter(|_| wish.staff.is_none()) {
            Some(staff) => staff::note_given(write, self.business, staff, self.now),
            None => Ok(()),
        }
    }

    fn note(
        &self,
        write: &mut Write<'_>,
        (kind, before): (ChangeKind, Option<&Appointment>),
        after: &Appointment,
    ) -> Result<(), StoreError> {
        let change = Noted {
            kind,
            actor: self.actor,
            before: before.map(Appointment::standing),
            after: after.standing(),
            changed_at: self.now,
        };
        // What was answered of it before is not told again, in whichever call.
        tool_calls::forget_replays_about(write, self.business, after.id)?;
        appointment_lists::note_change(write, self.business, after.id, &change)?;
        note_change(write, self.business.as_ref(), (self.actor, kind, after.id), self.now)
    }

    fn tell(
        &self,
        write: &mut Write<'_>,
        kind: EventKind,
        about: &Appointment,
    ) -> Result<(), StoreError> {
        events::note(write, self.business, (kind, about.id.uuid()), self.now)
    }

    /// Lets whoever waits hear of a time that became free.
    fn offer_freed(&self, write: &mut Write<'_>, left: &Appointment) -> Result<(), StoreError> {
        let start = left.seat.span.start();
        let (service, branch, staff) = (left.seat.service, left.seat.branch, left.seat.staff);
        let waits = waiting::in_turn(write, self.business, service, (self.now, 1))?;
        if waits.is_empty() || start <= self.now {
            return Ok(());
        }
        let business = self.business.as_ref();
        let start_ms = start.as_millisecond();
        let job = Job::OfferFreed { business, service, branch, staff, start_ms };
        jobs::add(write, job, self.now, self.now).map(drop)
    }
}

/// What a contact tells of a person.
fn told(contact: &Contact) -> Told {
    let Contact { name, phone, email, .. } = contact.clone();
    Told { name, phone, email }
}

/// Whether a seat is what is wished for.
pub fn same_place(wish: &Wish, seat: &Seat) -> bool {
    wish.service == seat.service
        && wish.branch == seat.branch
        && wish.start == seat.span.start()
        && wish.staff.is_none_or(|staff| seat.staff == Some(staff))
}

/// An appointment as the rules see it.
fn entry_of(appointment: &Appointment) -> Entry<Seat> {
    let Appointment { status, held_until, seat, .. } = appointment;
    Entry { status: *status, held_until: *held_until, place: *seat }
}

/// Four digits by which a caller without a number shows that an appointment is theirs.
fn code() -> String {
    let [one, other] = random::<2>();
    let number = u16::from_be_bytes([one, other]) % 10_000;
    format!("{number:04}")
}
