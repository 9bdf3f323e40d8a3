//! Moving and calling off by a caller, once it is shown that the appointment is theirs.
//!
//! A move is one write: the old time is free and the new one taken at once, or nothing changes.
//! The same question gets the same answer. Never confirms before the commit.

use std::sync::Arc;

use jiff::Timestamp;

use super::availability::Kept;
use super::book::{Hand, Wish, same_place, setup};
use super::booking::{Decision, about, before_change, offered, refused, settle, unknown_slot};
use super::desk::{Arguments, Desk};
use super::offering::Target;
use super::own::{Claim, own, which};
use super::times::{Clock, Wanted};
use super::tools::{Asked, note_change, open};
use super::{App, AppError};
use crate::domain::answer::{Answer, AppointmentData, Data, Next, Refused};
use crate::domain::appointment::{Actor, Appointment, Status};
use crate::domain::business::Setup;
use crate::domain::ids::StaffId;
use crate::domain::say::{self, Ask, Line};
use crate::domain::scheduling::book::Change;
use crate::store::tool_calls::Question;
use crate::store::{Lane, StoreError, Write, appointments};

/// What a write came to.
enum Outcome {
    /// It is decided.
    Decided(Decision),
    /// Only days were named: free times on them are to be offered.
    Days(Box<Appointment>, Wanted),
}

/// Where an appointment is to go.
enum Goal {
    Wish(Wish),
    Days(Wanted),
}

impl App {
    /// Moves an appointment of the caller.
    pub async fn reschedule(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let claim = match desk.claim(&Arguments(&asked.arguments), asked.now) {
            Ok(claim) => claim,
            Err(refused) => return Ok(Err(refused)),
        };
        let (question, desk_now, kept) = (Arc::clone(asked), desk.clone(), Arc::clone(&self.kept));
        let moved = self.store.write(Lane::Urgent, move |write| {
            let given = open(write, &question)?;
            match move_own(write, (&given, &question, &desk_now, &kept), &claim)? {
                Outcome::Days(appointment, wanted) => Ok(Err((appointment, wanted))),
                Outcome::Decided(decision) => {
                    settle(write, (&given, &question, &desk_now), decision).map(Ok)
                }
            }
        });
        let (appointment, wanted) = match moved.await? {
            Ok(text) => return Ok(Ok(text)),
            Err(days) => days,
        };
        let seat = appointment.seat;
        let found = desk.setup.service(seat.service).zip(desk.setup.branch(seat.branch));
        let found = found.filter(|(service, branch)| service.active && branch.active);
        let Some((service, branch)) = found else { return Ok(Err(unknown_slot())) };
        // Those with the same person first; when there are none, with anybody.
        let same = Target { service, branch, staff: seat.staff };
        let anybody = Target { staff: None, ..same };
        self.offer_within(asked, desk, [same, anybody], wanted).await.map(Ok)
    }

    /// Calls off an appointment of the caller.
    pub async fn cancel(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let claim = match desk.claim(&Arguments(&asked.arguments), asked.now) {
            Ok(claim) => claim,
            Err(refused) => return Ok(Err(refused)),
        };
        let (question, desk_now, kept) = (Arc::clone(asked), desk.clone(), Arc::clone(&self.kept));
        let decided = self.store.write(Lane::Urgent, move |write| {
            let given = open(write, &question)?;
            let decision = cancel_own(write, (&given, &question, &desk_now, &kept), &claim)?;
            settle(write, (&given, &question, &desk_now), decision)
        });
        Ok(Ok(decided.await?))
    }
}

fn move_own(
    write: &mut Write<'_>,
    (question, asked, desk, kept): (&Question, &Asked, &Desk, &Kept),
    claim: &Claim,
) -> Result<Outcome, StoreError> {
    let decided = |decision| Ok(Outcome::Decided(decision));
    if let Some(decision) = before_change(write, (question, asked))? {
        return decided(decision);
    }
    let found = meant(write, (question, asked, desk), claim)?;
    let appointment = match found {
        Ok(appointment) => appointment,
        Err(refused) => return decided(Decision::Refused(refused)),
    };
    let Some(setup) = setup(write, kept, desk.id, asked.now)? else {
        return decided(Decision::Refused(Refused::late()));
    };
    let desk = &Desk { setup: Arc::clone(&setup), ..desk.clone() };
    let wish = match goal(write, (question, asked, desk), &appointment)? {
        Ok(Goal::Wish(wish)) => wish,
        Ok(Goal::Days(wanted)) => return Ok(Outcome::Days(Box::new(appointment), wanted)),
        Err(refused) => return decided(Decision::Refused(refused)),
    };
    let hand = Hand {
        business: desk.id,
        setup: &setup,
        actor: Actor::Call(question.call),
        now: asked.now,
    };
    // What this call set aside may be just where it goes.
    let made = appointments::of_call(write, desk.id, question.call)?;
    let hold = made.iter().find(|one| one.status == Status::Held);
    if let Some(hold) = hold.filter(|hold| same_place(&wish, &hold.seat)) {
        appointments::remove_hold(write, desk.id, hold.id)?;
    }
    let moved = match hand.move_to(write, &appointment, &wish)? {
        Ok(moved) => moved,
        Err(refusal) => return decided(refused(refusal, wish)),
    };
    let answer = moved_to(desk, &setup, (&appointment, &moved), (asked.now, wish.staff));
    let text = note_change(write, (question, asked), answer)?;
    decided(Decision::Done(text))
}

fn cancel_own(
    write: &mut Write<'_>,
    (question, asked, desk, kept): (&Question, &Asked, &Desk, &Kept),
    claim: &Claim,
) -> Result<Decision, StoreError> {
    if let Some(decision) = before_change(write, (question, asked))? {
        return Ok(decision);
    }
    let appointment = match meant(write, (question, asked, desk), claim)? {
        Ok(appointment) => appointment,
        Err(refused) => return Ok(Decision::Refused(refused)),
    };
    let Some(setup) = setup(write, kept, desk.id, asked.now)? else {
        return Ok(Decision::Refused(Refused::late()));
    };
    let hand = Hand {
        business: desk.id,
        setup: &setup,
        actor: Actor::Call(question.call),
        now: asked.now,
    };
    let seat = appointment.seat;
    let (service, branch, start) = (seat.service, seat.branch, seat.span.start());
    let wish = Wish { service, branch, staff: seat.staff, rather: None, start };
    let ended = match hand.end(write, &appointment, Change::Cancel)? {
        Ok(ended) => ended,
        Err(refusal) => return Ok(refused(refusal, wish)),
    };
    let about = AppointmentData { status: "cancelled", ..about(desk, &setup, &ended, asked.now) };
    let cancelled = say::Appointment::Cancelled {
        service: desk.said(&about.service),
        when: about.spoken.clone(),
    };
    let said = say::line(desk.language, &Line::Appointment(cancelled));
    let data = Data { appointment: Some(Box::new(about)), ..Data::default() };
    let answer = Answer::done(said, data, Next::Confirm);
    note_change(write, (question, asked), answer).map(Decision::Done)
}

/// The one appointment that is meant and shown to be the caller's.
fn meant(
    write: &mut Write<'_>,
    (question, asked, desk): (&Question, &Asked, &Desk),
    claim: &Claim,
) -> Result<Result<Appointment, Refused>, StoreError> {
    let own = own(write, (question, asked, desk), claim)?;
    Ok(own.and_then(|own| which(desk, own, claim, asked.now)))
}

/// Where the arguments want an appointment to go.
fn goal(
    write: &Write<'_>,
    (question, asked, desk): (&Question, &Asked, &Desk),
    appointment: &Appointment,
) -> Result<Result<Goal, Refused>, StoreError> {
    let arguments = Arguments(&asked.arguments);
    let seat = appointment.seat;
    let rather = seat.staff;
    let slot = match arguments.text("slot") {
        Ok(slot) => slot,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Some(slot) = slot {
        let wish = offered(write, question.call, &slot.to_lowercase(), &desk.setup)?;
        let wish = wish.filter(|wish| wish.service == seat.service);
        return Ok(wish.ok_or_else(unknown_slot).map(|wish| Goal::Wish(Wish { rather, ..wish })));
    }
    Ok(goal_by_time(desk, &arguments, appointment, asked.now))
}

fn goal_by_time(
    desk: &Desk,
    arguments: &Arguments<'_>,
    appointment: &Appointment,
    now: Timestamp,
) -> Result<Goal, Refused> {
    let seat = appointment.seat;
    let found = desk.setup.service(seat.service).zip(desk.setup.branch(seat.branch));
    let (service, branch) = found.ok_or_else(unknown_slot)?;
    let named = desk.staff(arguments, (service, branch))?.map(|staff| staff.id);
    let clock = Clock { desk, zone: &branch.zone, now };
    if let Some(start) = clock.start(arguments)? {
        let (service, branch) = (service.id, branch.id);
        let wish = Wish { service, branch, staff: named, rather: seat.staff, start };
        return Ok(Goal::Wish(wish));
    }
    let names_days = arguments.text("when")?.is_some() || arguments.text("date")?.is_some();
    if names_days {
        return Ok(Goal::Days(clock.wanted(arguments)?));
    }
    Err(Refused::missing("slot", Ask::DayAndTime, Next::AskTime))
}

fn moved_to(
    desk: &Desk,
    setup: &Setup,
    (before, after): (&Appointment, &Appointment),
    (now, named): (Timestamp, Option<StaffId>),
) -> Answer {
    let about = AppointmentData { status: "moved", ..about(desk, setup, after, now) };
    // With whom is worth saying when it was asked for or is somebody else now.
    let says_staff = named.is_some() || before.seat.staff != after.seat.staff;
    let line = |staff: String| {
        let (service, when) = (desk.said(&about.service), about.spoken.clone());
        let moved = say::Appointment::Moved { service, when, staff };
        say::line(desk.language, &Line::Appointment(moved))
    };
    let full = line(if says_staff { desk.said(&about.staff) } else { String::new() });
    let said = if say::words(&full) <= say::WORDS_MAX { full } else { line(String::new()) };
    let data = Data { appointment: Some(Box::new(about)), ..Data::default() };
    Answer::done(said, data, Next::Confirm)
}
