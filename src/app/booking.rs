//! Booking by a caller: a time that was offered, or an exact start.
//!
//! Decided and written in one write. The same question gets the same answer, the same wish in
//! other words the appointment that is there. Never confirms before the commit.

use std::sync::Arc;

use jiff::Timestamp;

use super::availability::Kept;
use super::book::{Hand, Wish, same_place, setup};
use super::desk::{Arguments, Desk};
use super::offering::{Target, Why, refuse_offering, rfc3339};
use super::times::Clock;
use super::tools::{Asked, note_answer, note_change, open};
use super::{App, AppError};
use crate::domain::answer::{Answer, AppointmentData, Data, Next, Reason, Refused};
use crate::domain::appointment::{Actor, Appointment, Contact, Status};
use crate::domain::business::Setup;
use crate::domain::contact::{may_be_misheard, read_email, read_name, read_phone};
use crate::domain::ids::CallId;
use crate::domain::phone::PhoneNumber;
use crate::domain::say::{self, Ask, Line, Plain};
use crate::domain::scheduling::book::Refusal;
use crate::domain::scheduling::slots::NotOffered;
use crate::domain::speech::{spoken_digits, spoken_slot};
use crate::store::tool_calls::Question;
use crate::store::{Lane, StoreError, Write, appointments, offers, tool_calls};

/// Most appointments made in one call.
pub const BOOKED_PER_CALL_MAX: usize = 10;

/// When a caller wants to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// A slot that was offered.
    Offered(String),
    /// An exact start.
    Exact(Wish),
}

/// What the write decided.
pub enum Decision {
    /// It is done, and the answer is in the ledger.
    Done(String),
    /// The time cannot be had.
    NotOffered(NotOffered, Wish),
    /// It is refused.
    Refused(Refused),
}

impl App {
    /// Books a time. `Err` is a refusal that nothing was written for.
    pub async fn book(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let wish = desk.time(&arguments, asked.now).and_then(|time| {
            let time = time.ok_or_else(|| Refused::missing("slot", Ask::Time, Next::OfferSlots))?;
            Ok((time, desk.contact(&arguments, true)?))
        });
        let (time, contact) = match wish {
            Ok(wish) => wish,
            Err(refused) => return Ok(Err(refused)),
        };
        let (question, desk_now, kept) = (Arc::clone(asked), desk.clone(), Arc::clone(&self.kept));
        let decided = self.store.write(Lane::Urgent, move |write| {
            let given = open(write, &question)?;
            let decision = decide(write, (&given, &question, &desk_now, &kept), &time, &contact)?;
            settle(write, (&given, &question, &desk_now), decision)
        });
        Ok(Ok(decided.await?))
    }
}

/// Keeps what a write decided and says it; a time that cannot be had comes with others.
pub fn settle(
    write: &mut Write<'_>,
    (question, asked, desk): (&Question, &Asked, &Desk),
    decision: Decision,
) -> Result<String, StoreError> {
    let refused = match decision {
        Decision::Done(text) => return Ok(text),
        Decision::Refused(refused) => refused,
        Decision::NotOffered(reason, wish) => {
            let found = desk.setup.service(wish.service).zip(desk.setup.branch(wish.branch));
            if let Some((service, branch)) = found {
                let target = Target { service, branch, staff: wish.staff };
                let why = Why::not_offered(reason);
                let around = (target, wish.start);
                return refuse_offering(write, (question, asked, desk), around, why);
            }
            unknown_slot()
        }
    };
    note_answer(write, (question, asked), refused.answer(desk.language))
}

impl Desk {
    /// When the arguments want to come: a slot, or a start with its service and place.
    pub fn time(&self, arguments: &Arguments<'_>, now: Timestamp) -> Result<Option<Time>, Refused> {
        if let Some(slot) = arguments.text("slot")? {
            return Ok(Some(Time::Offered(slot.to_lowercase())));
        }
        let names_one = ["start", "time", "when"].into_iter();
        let given = names_one.map(|field| arguments.text(field)).collect::<Result<Vec<_>, _>>()?;
        if given.iter().all(Option::is_none) {
            return Ok(None);
        }
        let target = self.target(arguments)?;
        let clock = Clock { desk: self, zone: &target.branch.zone, now };
        let Some(start) = clock.start(arguments)? else { return Ok(None) };
        let (service, branch) = (target.service.id, target.branch.id);
        let wish = Wish { service, branch, staff: target.staff, rather: None, start };
        Ok(Some(Time::Exact(wish)))
    }

    /// Whom an appointment is for. Without a number it is the caller's own.
    pub fn contact(&self, arguments: &Arguments<'_>, needs_name: bool) -> Result<Contact, Refused> {
        let name = match arguments.text("name")? {
            None if needs_name => return Err(Refused::missing("name", Ask::Name, Next::AskName)),
            None => String::new(),
            Some(text) => {
                read_name(self.language, &text).map_err(|_| Refused::invalid("name", Ask::Name))?
            }
        };
        let phone = self.phone(arguments)?.or_else(|| self.caller.clone());
        let email = match arguments.text("email")? {
            None => None,
            Some(text) => {
                let read = read_email(self.language, &text);
                Some(read.map_err(|_| Refused::invalid("email", Ask::Email))?.address)
            }
        };
        let notes = arguments.text("notes")?.unwrap_or_default();
        Ok(Contact { name, phone, email, notes })
    }

    /// The number that the arguments name.
    pub fn phone(&self, arguments: &Arguments<'_>) -> Result<Option<PhoneNumber>, Refused> {
        let Some(text) = arguments.text("phone")? else { return Ok(None) };
        // What the provider tells of the caller is taken as it is.
        if let Some(caller) = &self.caller
            && PhoneNumber::parse(&text).as_ref() == Ok(caller)
        {
            return Ok(Some(caller.clone()));
        }
        let read = read_phone(self.language, &text, self.setup.region);
        read.map(Some).map_err(|_| Refused::invalid("phone", Ask::Phone))
    }
}

/// Decides a booking and writes it, in one write.
fn decide(
    write: &mut Write<'_>,
    (question, asked, desk, kept): (&Question, &Asked, &Desk, &Kept),
    time: &Time,
    contact: &Contact,
) -> Result<Decision, StoreError> {
    if let Some(decision) = before_change(write, (question, asked))? {
        return Ok(decision);
    }
    let Some(setup) = setup(write, kept, desk.id, asked.now)? else {
        return Ok(Decision::Refused(Refused::late()));
    };
    let Some(wish) = wish_of(write, question, time, &setup)? else {
        return Ok(Decision::Refused(unknown_slot()));
    };
    let made = appointments::of_call(write, desk.id, question.call)?;
    let hand = Hand {
        business: desk.id,
        setup: &setup,
        actor: Actor::Call(question.call),
        now: asked.now,
    };
    // The same wish in other words is booked already, and what was corrected is kept. The same time
    // for somebody else is another wish.
    let same = |a: &&Appointment| {
        let same_person = may_be_misheard(&a.contact.name, &contact.name);
        same_place(&wish, &a.seat) && a.status == Status::Confirmed && same_person
    };
    let appointment = match made.iter().find(same) {
        Some(known) => {
            let contact = corrected(&known.contact, contact, &Arguments(&asked.arguments));
            if contact == known.contact {
                known.clone()
            } else {
                hand.correct(write, known, &contact)?
            }
        }
        None => {
            if made.iter().filter(|one| one.status != Status::Held).count() >= BOOKED_PER_CALL_MAX {
                let refused = Refused::plain(Reason::TooMany, Plain::TooMany, Next::HandOver);
                return Ok(Decision::Refused(refused));
            }
            let hold = made.iter().find(|one| one.status == Status::Held);
            match hand.book(write, &wish, contact, hold)? {
                Ok(made) => made,
                Err(refusal) => return Ok(refused(refusal, wish)),
            }
        }
    };
    let answer = booked(desk, &setup, &appointment, asked.now);
    note_change(write, (question, asked), answer).map(Decision::Done)
}

/// What needs no deciding: the same question again, which gets its answer, and one more of a call
/// that has changed too much in this minute.
pub fn before_change(
    write: &Write<'_>,
    (question, asked): (&Question, &Asked),
) -> Result<Option<Decision>, StoreError> {
    if let Some(saved) = tool_calls::replay(write, question)? {
        return Ok(Some(Decision::Done(saved)));
    }
    let too_many = Refused::plain(Reason::TooMany, Plain::TooMany, Next::HandOver);
    Ok((!asked.may_change()).then_some(Decision::Refused(too_many)))
}

/// What a time means: an offer of this call, or what was wished for.
pub fn wish_of(
    write: &Write<'_>,
    question: &Question,
    time: &Time,
    setup: &Setup,
) -> Result<Option<Wish>, StoreError> {
    match time {
        Time::Exact(wish) => Ok(Some(*wish)),
        Time::Offered(slot) => offered(write, question.call, slot, setup),
    }
}

/// What an offer of a call stands for. `None` for one that was not made there, and for one whose
/// service, branch or person is gone since.
pub fn offered(
    write: &Write<'_>,
    call: CallId,
    slot: &str,
    setup: &Setup,
) -> Result<Option<Wish>, StoreError> {
    let offer = offers::find(write, call, slot)?.filter(|offer| {
        let is_there = |staff| setup.staff_member(staff).is_some();
        setup.service(offer.service).is_some()
            && setup.branch(offer.branch).is_some()
            && offer.staff.is_none_or(is_there)
    });
    Ok(offer.map(|offer| Wish {
        service: offer.service,
        branch: offer.branch,
        staff: offer.staff,
        rather: None,
        start: offer.span.start(),
    }))
}

/// A refused change of the book, as a decision.
pub fn refused(refusal: Refusal, wish: Wish) -> Decision {
    match refusal {
        Refusal::NotOffered(reason) => Decision::NotOffered(reason, wish),
        Refusal::Gone => Decision::Refused(no_such_appointment()),
        Refusal::Cancelled => Decision::Refused(Refused::plain(
            Reason::AlreadyCancelled,
            Plain::WasCancelled,
            Next::OfferSlots,
        )),
        Refusal::Over | Refusal::Ahead => {
            Decision::Refused(Refused::plain(Reason::Over, Plain::IsOver, Next::OfferSlots))
        }
    }
}

/// There is no such appointment of the caller.
pub fn no_such_appointment() -> Refused {
    Refused::plain(Reason::UnknownAppointment, Plain::NoSuchAppointment, Next::AskWhich)
}

/// The slot was not offered in this call.
pub fn unknown_slot() -> Refused {
    Refused::plain(Reason::UnknownSlot, Plain::UnknownSlot, Next::OfferSlots).about("slot")
}

/// What is known of somebody with what was said anew; what was not said stays.
fn corrected(known: &Contact, said: &Contact, arguments: &Arguments<'_>) -> Contact {
    let says = |field| matches!(arguments.text(field), Ok(Some(_)));
    let (phone, email) = (says("phone"), says("email"));
    Contact {
        name: said.name.clone(),
        phone: if phone { said.phone.clone() } else { known.phone.clone() },
        email: if email { said.email.clone() } else { known.email.clone() },
        notes: if says("notes") { said.notes.clone() } else { known.notes.clone() },
    }
}

fn booked(desk: &Desk, setup: &Setup, made: &Appointment, now: Timestamp) -> Answer {
    let mut about = about(desk, setup, made, now);
    about.status = "booked";
    // Whoever calls from a number is known by it; the others need the digits to come back.
    let is_known = desk.caller.is_some() && desk.caller == made.contact.phone;
    if !is_known {
        about.confirmation = spoken_digits(desk.language, &made.code);
    }
    let line = |staff: String, code: String| {
        let (service, when) = (desk.said(&about.service), about.spoken.clone());
        let booked = say::Appointment::Booked { service, when, staff, code };
        say::line(desk.language, &Line::Appointment(booked))
    };
    let staff = desk.said(&about.staff);
    let all = [
        line(staff, about.confirmation.clone()),
        line(String::new(), about.confirmation.clone()),
        line(String::new(), String::new()),
    ];
    let [full, shorter, shortest] = all;
    let fits = |text: &String| say::words(text) <= say::WORDS_MAX;
    let said = [full, shorter].into_iter().find(fits).unwrap_or(shortest);
    let data = Data { appointment: Some(Box::new(about)), ..Data::default() };
    Answer::done(said, data, Next::Confirm)
}

/// An appointment as data, without a status.
pub fn about(desk: &Desk, setup: &Setup, made: &Appointment, now: Timestamp) -> AppointmentData {
    let seat = &made.seat;
    let branch = setup.branch(seat.branch);
    let zone = branch.map_or(&setup.business.zone, |branch| &branch.zone);
    let staff = seat.staff.and_then(|staff| setup.staff_member(staff));
    let several = setup.branches.len() > 1;
    AppointmentData {
        status: "",
        appointment_id: made.id.to_string(),
        service: setup.service(seat.service).map_or_else(String::new, |s| s.name.clone()),
        start: rfc3339(seat.span.start(), zone),
        end: rfc3339(seat.span.end(), zone),
        spoken: spoken_slot(desk.language, seat.span.start(), zone, now),
        name: made.contact.name.clone(),
        staff: staff.map_or_else(String::new, |staff| staff.name.clone()),
        branch: branch.filter(|_| several).map_or_else(String::new, |one| one.name.clone()),
        confirmation: String::new(),
    }
}
