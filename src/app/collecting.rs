//! What a caller tells piece by piece: what a booking needs, who they are, a message.
//!
//! Understands what it can, asks for what is missing, and sets the time aside for the call once
//! all is there. Never books.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::availability::Kept;
use super::book::{Hand, setup};
use super::booking::{Decision, Time, about, refused, settle, unknown_slot, wish_of};
use super::desk::{Arguments, Desk};
use super::times::{Clock, Wanted};
use super::tools::{Asked, note_answer, note_change, open};
use super::{App, AppError};
use crate::clock::random;
use crate::domain::answer::{Answer, AppointmentData, CallerData, Data, Next, Reason, Refused};
use crate::domain::appointment::{Actor, Contact, Status};
use crate::domain::customer::{Match, Told, who};
use crate::domain::event::EventKind;
use crate::domain::ids::{MessageId, WaitingId};
use crate::domain::say::{self, Ask, Caller, Line, Plain};
use crate::domain::scheduling::interval::Span;
use crate::domain::speech::{Conjunction, spoken_email, spoken_phone};
use crate::domain::waiting::{Waiting, WaitingState};
use crate::store::messages::Message;
use crate::store::tool_calls::Question;
use crate::store::{
    Lane, StoreError, Write, appointments, customers, events, messages, tool_calls, waiting,
};

/// Most messages taken in one call.
const MESSAGES_PER_CALL_MAX: u32 = 5;
/// How long somebody waits when they named no days.
const WAITS: SignedDuration = SignedDuration::from_hours(24 * 30);

impl App {
    /// Takes what was told for a booking: asks for what is missing, or sets the time aside.
    pub async fn collect_appointment(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let told = desk.told(&arguments, asked.now);
        let told = match told {
            Ok(told) => told,
            Err(refused) => return Ok(Err(refused)),
        };
        if told.waits {
            return self.wait(asked, desk, told.contact).await;
        }
        let Some(time) = told.time else {
            // A wish that is no single time yet: the free ones are offered.
            let service = desk.service(&arguments);
            return match service {
                Ok(_) if told.names_days => self.check(asked, desk).await,
                Ok(_) => Ok(Err(missing("when", Ask::DayAndTime, Next::AskTime, &told.contact))),
                Err(refused) => Ok(Err(refused)),
            };
        };
        if told.contact.name.is_empty() {
            return Ok(Err(missing("name", Ask::Name, Next::AskName, &told.contact)));
        }
        if told.contact.phone.is_none() {
            return Ok(Err(missing("phone", Ask::Phone, Next::AskPhone, &told.contact)));
        }
        let lasts = self.settings().limits.hold();
        let (question, desk_now, kept) = (Arc::clone(asked), desk.clone(), Arc::clone(&self.kept));
        let contact = told.contact;
        let decided = self.store.write(Lane::Urgent, move |write| {
            let given = open(write, &question)?;
            let asked: (_, &Asked, _, &Kept) = (&given, &question, &desk_now, &kept);
            let decision = propose(write, asked, (&time, &contact), lasts)?;
            settle(write, (&given, &question, &desk_now), decision)
        });
        Ok(Ok(decided.await?))
    }

    /// Puts a caller on the waiting list.
    async fn wait(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
        contact: Contact,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let wish = desk.target(&arguments).and_then(|target| {
            let clock = Clock { desk, zone: &target.branch.zone, now: asked.now };
            let named = ["when", "date"].map(|field| arguments.text(field));
            let names_days = named.iter().any(|one| matches!(one, Ok(Some(_))));
            let window = if names_days {
                Some(hours_of(&clock.wanted(&arguments)?, &target.branch.zone))
            } else {
                None
            };
            Ok((target, window))
        });
        let (target, window) = match wish {
            Ok(wish) => wish,
            Err(refused) => return Ok(Err(refused)),
        };
        if contact.name.is_empty() {
            return Ok(Err(missing("name", Ask::Name, Next::AskName, &contact)));
        }
        if contact.phone.is_none() {
            return Ok(Err(missing("phone", Ask::Phone, Next::AskPhone, &contact)));
        }
        let later = asked.now.checked_add(WAITS).unwrap_or(Timestamp::MAX);
        let window = window.or(Span::new(asked.now, later));
        let Some(window) = window else { return Ok(Err(Refused::late())) };
        let entry = Waiting {
            id: WaitingId::new(asked.now, random()),
            service: target.service.id,
            branch: Some(target.branch.id),
            staff: target.staff,
            call: None,
            contact,
            window,
            state: WaitingState::Waiting,
            offer: None,
            created_at: asked.now,
            updated_at: asked.now,
        };
        let name = target.service.name.clone();
        let (question, desk_now) = (Arc::clone(asked), desk.clone());
        let written = self.store.write(Lane::Urgent, move |write| {
            join_list(write, (&question, &desk_now), &entry, &name)
        });
        Ok(written.await?)
    }

    /// Notes who the caller is, as heard, and how to read it back.
    pub async fn collect_customer(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let heard = desk.contact(&arguments, false).and_then(|contact| {
            let given = ["name", "phone", "email"].map(|field| arguments.text(field));
            let nothing = given.iter().all(|one| matches!(one, Ok(None)));
            if nothing && contact.phone.is_none() {
                return Err(Refused::missing("name", Ask::Name, Next::AskName));
            }
            Ok((contact, matches!(given[1], Ok(Some(_))), matches!(given[2], Ok(Some(_)))))
        });
        let (contact, says_phone, says_email) = match heard {
            Ok(heard) => heard,
            Err(refused) => return Ok(Err(refused)),
        };
        // Only the number that they call from shows who they may be: another one, or an address,
        // would let anybody ask whose it is.
        let own = contact.phone.clone().filter(|phone| Some(phone) == desk.caller.as_ref());
        let told = Told { name: contact.name.clone(), phone: own, email: None };
        let business = desk.id;
        let known = self.store.read(move |read| {
            let alike = customers::alike(read, business, &told)?;
            Ok((who(&alike, &told), alike))
        });
        let (found, alike) = known.await?;
        if let Match::Several(ids) = &found
            && contact.name.is_empty()
        {
            let people = alike.iter().filter(|one| ids.contains(&one.id));
            let names = people.map(|one| one.name.as_str()).filter(|name| !name.is_empty());
            let (names, _) = desk.names(names, Conjunction::Or);
            let line = Line::Caller(Caller::WhichPerson { names });
            let refused = Refused::new(Reason::AmbiguousCustomer, line, Next::AskName);
            return Ok(Err(refused.about("name")));
        }
        let name = match found {
            Match::One(id) if contact.name.is_empty() => {
                alike.iter().find(|one| one.id == id).map_or_else(String::new, |c| c.name.clone())
            }
            Match::One(_) | Match::Nobody | Match::Several(_) => contact.name.clone(),
        };
        let caller = caller_data(desk, &contact, name);
        let (line, next) = if says_phone {
            let phone = caller.spoken_phone.clone();
            (Caller::PhoneBack { phone }, Next::Confirm)
        } else if says_email {
            let email = caller.spoken_email.clone();
            (Caller::EmailBack { email }, Next::Confirm)
        } else {
            (Caller::Noted { name: desk.said(&caller.name) }, Next::GoOn)
        };
        let said = say::line(desk.language, &Line::Caller(line));
        let data = Data {
            caller: Some(Box::new(caller)),
            today: desk.today(asked.now),
            ..Data::default()
        };
        self.note(asked, Answer::done(said, data, next)).await.map(Ok)
    }

    /// Takes a message for the business.
    pub async fn take_message(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let message = arguments.text("message").and_then(|text| {
            let text =
                text.ok_or_else(|| Refused::missing("message", Ask::Message, Next::AskAgain))?;
            Ok((text, desk.contact(&arguments, false)?))
        });
        let (text, contact) = match message {
            Ok(message) => message,
            Err(refused) => return Ok(Err(refused)),
        };
        let (question, desk) = (Arc::clone(asked), desk.clone());
        let written = self.store.write(Lane::Urgent, move |write| {
            keep_message(write, (&question, &desk), text, contact)
        });
        Ok(written.await?)
    }
}

/// What was told for a booking.
struct ToldSoFar {
    time: Option<Time>,
    names_days: bool,
    contact: Contact,
    waits: bool,
}

impl Desk {
    fn told(&self, arguments: &Arguments<'_>, now: Timestamp) -> Result<ToldSoFar, Refused> {
        let waits = arguments.flag("waiting_list")?;
        let contact = self.contact(arguments, false)?;
        let names_days = arguments.text("when")?.is_some() || arguments.text("date")?.is_some();
        let time = if waits { None } else { self.time(arguments, now)? };
        Ok(ToldSoFar { time, names_days, contact, waits })
    }
}

/// Sets a time aside and says what would be booked.
fn propose(
    write: &mut Write<'_>,
    (question, asked, desk, kept): (&Question, &Asked, &Desk, &Kept),
    (time, contact): (&Time, &Contact),
    lasts: SignedDuration,
) -> Result<Decision, StoreError> {
    let Some(setup) = setup(write, kept, desk.id, asked.now)? else {
        return Ok(Decision::Refused(Refused::late()));
    };
    let Some(wish) = wish_of(write, question, time, &setup)? else {
        return Ok(Decision::Refused(unknown_slot()));
    };
    let hand = Hand {
        business: desk.id,
        setup: &setup,
        actor: Actor::Call(question.call),
        now: asked.now,
    };
    let made = appointments::of_call(write, desk.id, question.call)?;
    let hold = made.iter().find(|one| one.status == Status::Held);
    let held = match hand.hold(write, &wish, hold, lasts)? {
        Ok(held) => held,
        Err(refusal) => return Ok(refused(refusal, wish)),
    };
    let about = AppointmentData {
        status: "proposed",
        appointment_id: String::new(),
        name: contact.name.clone(),
        ..about(desk, &setup, &held, asked.now)
    };
    let proposal = say::Appointment::Proposal {
        service: desk.said(&about.service),
        when: about.spoken.clone(),
        name: desk.said(&about.name),
    };
    let said = say::line(desk.language, &Line::Appointment(proposal));
    let data = Data {
        appointment: Some(Box::new(about)),
        today: desk.today(asked.now),
        ..Data::default()
    };
    let answer = Answer::done(said, data, Next::Confirm);
    note_answer(write, (question, asked), answer).map(Decision::Done)
}

/// The days that were wanted; of a single day only the time of day that was said.
fn hours_of(wanted: &Wanted, zone: &TimeZone) -> Span {
    let first = zone.to_datetime(wanted.span.start()).date();
    let is_one_day = wanted.span.minutes() <= 25 * 60;
    let at = |minute: u16| {
        let by = SignedDuration::from_mins(i64::from(minute));
        first.to_zoned(zone.clone()).ok().and_then(|day| day.checked_add(by).ok())
    };
    let (from, until) = wanted.minutes;
    let hours = at(from).zip(at(until)).filter(|_| is_one_day);
    let hours = hours.and_then(|(from, until)| Span::new(from.timestamp(), until.timestamp()));
    hours.unwrap_or(wanted.span)
}

/// Adds an entry to the waiting list, once for the same question.
fn join_list(
    write: &mut Write<'_>,
    (asked, desk): (&Asked, &Desk),
    entry: &Waiting,
    service: &str,
) -> Result<Result<String, Refused>, StoreError> {
    let question = open(write, asked)?;
    if let Some(saved) = tool_calls::replay(write, &question)? {
        return Ok(Ok(saved));
    }
    let most = crate::domain::waiting::WAITING_MAX;
    let waiting_now = waiting::in_turn(write, desk.id, entry.service, (asked.now, most))?;
    let same = |one: &Waiting| {
        let person = |one: &Waiting| (one.contact.phone.clone(), one.contact.name.clone());
        let place = |one: &Waiting| (one.branch, one.staff);
        person(one) == person(entry) && place(one) == place(entry)
    };
    if waiting_now.len() >= most {
        return Ok(Err(Refused::plain(Reason::TooMany, Plain::TooMany, Next::HandOver)));
    }
    match waiting_now.iter().find(|one| same(one)) {
        // They keep their turn and wait for the days they said last.
        Some(known) => waiting::set_window(write, desk.id, known.id, entry.window)?,
        None => {
            let entry = Waiting { call: Some(question.call), ..entry.clone() };
            waiting::add(write, desk.id, &entry)?;
        }
    }
    let waits = say::Appointment::Waiting { service: desk.said(service) };
    let said = say::line(desk.language, &Line::Appointment(waits));
    let about = AppointmentData {
        status: "waiting",
        service: service.to_owned(),
        name: entry.contact.name.clone(),
        ..AppointmentData::default()
    };
    let data = Data {
        appointment: Some(Box::new(about)),
        today: desk.today(asked.now),
        ..Data::default()
    };
    note_change(write, (&question, asked), Answer::done(said, data, Next::GoOn)).map(Ok)
}

fn keep_message(
    write: &mut Write<'_>,
    (asked, desk): (&Asked, &Desk),
    text: String,
    contact: Contact,
) -> Result<Result<String, Refused>, StoreError> {
    let question = open(write, asked)?;
    if let Some(saved) = tool_calls::replay(write, &question)? {
        return Ok(Ok(saved));
    }
    if messages::count_of_call(write, desk.id, question.call)? >= MESSAGES_PER_CALL_MAX {
        return Ok(Err(Refused::plain(Reason::TooMany, Plain::TooMany, Next::HandOver)));
    }
    let message = Message {
        id: MessageId::new(asked.now, random()),
        call: Some(question.call),
        name: contact.name,
        phone: contact.phone,
        text,
        done_at: None,
        created_at: asked.now,
    };
    messages::add(write, desk.id, &message)?;
    let kind = EventKind::MessageTaken;
    events::note(write, desk.id, (kind, message.id.uuid()), asked.now)?;
    let said = say::line(desk.language, &Line::Plain(Plain::MessageTaken));
    let data = Data { today: desk.today(asked.now), ..Data::default() };
    note_change(write, (&question, asked), Answer::done(said, data, Next::GoOn)).map(Ok)
}

/// A booking needs one more thing; all that it still needs is in the data.
fn missing(field: &'static str, ask: Ask, next: Next, contact: &Contact) -> Refused {
    let needs = [
        ("when", field == "when"),
        ("name", contact.name.is_empty()),
        ("phone", contact.phone.is_none()),
    ];
    let missing = needs.into_iter().filter(|(_, needed)| *needed).map(|(name, _)| name).collect();
    Refused::missing(field, ask, next).with(Data { missing, ..Data::default() })
}

fn caller_data(desk: &Desk, contact: &Contact, name: String) -> CallerData {
    let phone = contact.phone.as_ref();
    let email = contact.email.as_deref();
    CallerData {
        name,
        phone: phone.map_or_else(String::new, |phone| phone.as_str().to_owned()),
        spoken_phone: phone.map_or_else(String::new, |one| spoken_phone(desk.language, one)),
        email: email.unwrap_or_default().to_owned(),
        spoken_email: email.map_or_else(String::new, |one| spoken_email(desk.language, one)),
    }
}
