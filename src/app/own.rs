//! Whose appointment it is: what a caller may see, move and call off.
//!
//! The number they call from shows it; without that, the number they name together with the
//! confirmation digits of the appointment. Wrong digits are counted, in the call and for the
//! appointment, and too many end it. Never tells of an appointment before.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::booking::{about, no_such_appointment};
use super::desk::{Arguments, Desk};
use super::times::{Clock, Wanted};
use super::tools::{Asked, answered, finish, open};
use super::{App, AppError};
use crate::domain::answer::{Answer, Data, ENTRIES_MAX, Next, Reason, Refused};
use crate::domain::appointment::{Appointment, CODE_MISSES_MAX, Status};
use crate::domain::contact::read_digits;
use crate::domain::ids::AppointmentId;
use crate::domain::phone::PhoneNumber;
use crate::domain::say::{self, Ask, Line, Plain};
use crate::domain::speech::{Conjunction, spoken_list};
use crate::store::tool_calls::Question;
use crate::store::{Lane, StoreError, Write, appointments, tool_calls};

/// Wrong digits after which a call gets no more tries.
const WRONG_PER_CALL_MAX: u32 = 3;

/// Which appointment a caller means, and how they show that it is theirs.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The id that a tool gave.
    id: Option<AppointmentId>,
    /// When it is, as they say.
    current: Option<String>,
    /// Another number than the one they call from.
    phone: Option<PhoneNumber>,
    /// The digits they were given.
    code: Option<String>,
}

impl Desk {
    /// What the arguments claim.
    pub fn claim(&self, arguments: &Arguments<'_>, now: Timestamp) -> Result<Claim, Refused> {
        let id = match arguments.text("appointment_id")? {
            None => None,
            Some(text) => Some(
                text.parse().map_err(|_| Refused::invalid("appointment_id", Ask::Appointment))?,
            ),
        };
        let current = arguments.text("current")?;
        if let Some(text) = &current {
            // Read again by the clock of each appointment's own branch; here only whether it can be.
            Clock { desk: self, zone: &self.setup.business.zone, now }.current(text)?;
        }
        let code = arguments.text("confirmation_digits")?;
        let code = code.map(|text| read_digits(self.language, &text));
        Ok(Claim { id, current, phone: self.phone(arguments)?, code })
    }

    /// What is said of several appointments: each with its service and time.
    fn list(
        &self,
        own: &[Appointment],
        (count, conjunction): (usize, Conjunction),
        now: Timestamp,
    ) -> String {
        let said = own.iter().take(count).map(|one| {
            let about = about(self, &self.setup, one, now);
            format!("{} {}", self.said(&about.service), about.spoken)
        });
        spoken_list(self.language, &said.collect::<Vec<_>>(), conjunction)
    }

    /// Appointments as data.
    fn facts(&self, own: &[Appointment], now: Timestamp) -> Data {
        let one = |one: &Appointment| {
            let mut about = about(self, &self.setup, one, now);
            about.status = "booked";
            about
        };
        let appointments = own.iter().take(ENTRIES_MAX).map(one).collect();
        Data { appointments, today: self.today(now), ..Data::default() }
    }
}

impl App {
    /// Tells the caller's own appointments ahead.
    pub async fn find_appointments(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let claim = match desk.claim(&Arguments(&asked.arguments), asked.now) {
            Ok(claim) => claim,
            Err(refused) => return Ok(Err(refused)),
        };
        let (question, desk) = (Arc::clone(asked), desk.clone());
        let found = self.store.write(Lane::Urgent, move |write| {
            let asked = open(write, &question)?;
            let mut own = match own(write, (&asked, &question, &desk), &claim)? {
                Ok(own) => own,
                Err(refused) => return Ok(Err(refused)),
            };
            own.retain(|one| {
                one.status == Status::Confirmed && question.now < one.seat.span.start()
            });
            let answer = ahead(&desk, &own, question.now);
            let reason = answer.reason;
            let text = finish(&question, answer);
            tool_calls::note(write, &asked, &answered(&question, reason, text.clone()))?;
            Ok::<_, StoreError>(Ok(text))
        });
        Ok(found.await?)
    }
}

fn ahead(desk: &Desk, own: &[Appointment], now: Timestamp) -> Answer {
    let line = |count: usize| {
        let appointment = match own {
            [only] => {
                let about = about(desk, &desk.setup, only, now);
                say::Appointment::One { service: desk.said(&about.service), when: about.spoken }
            }
            all => say::Appointment::Several {
                list: desk.list(all, (count, Conjunction::And), now),
                more: count < all.len(),
            },
        };
        say::line(desk.language, &Line::Appointment(appointment))
    };
    if own.is_empty() {
        let none = Line::Plain(Plain::NoAppointments);
        let data = Data { today: desk.today(now), ..Data::default() };
        return Answer::done(say::line(desk.language, &none), data, Next::GoOn);
    }
    Answer::done(say::fitting(own.len(), line), desk.facts(own, now), Next::GoOn)
}

/// The appointments ahead that are shown to be the caller's.
pub fn own(
    write: &mut Write<'_>,
    (question, asked, desk): (&Question, &Asked, &Desk),
    claim: &Claim,
) -> Result<Result<Vec<Appointment>, Refused>, StoreError> {
    let claimed = claim.phone.as_ref().or(desk.caller.as_ref());
    let by_id = match claim.id {
        Some(id) => appointments::find(write, desk.id, id)?,
        None => None,
    };
    if claim.id.is_some() && by_id.is_none() {
        return Ok(Err(no_such_appointment()));
    }
    let all = match (&by_id, claimed) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(phone)) => appointments::ahead_of_phone(write, desk.id, phone, asked.now)?,
        (None, None) => {
            let ask = Refused::missing("phone", Ask::Phone, Next::AskPhone);
            return Ok(Err(ask));
        }
    };
    // Another number than the one they call from shows nothing, not even that it has none.
    let is_known = desk.caller.is_some() && (by_id.is_some() || claimed == desk.caller.as_ref());
    let theirs = |one: &Appointment| one.contact.phone == desk.caller;
    if is_known && all.iter().all(theirs) {
        return Ok(Ok(all));
    }
    let Some(code) = &claim.code else {
        let refused = Refused::plain(Reason::NotVerified, Plain::NotVerified, Next::AskCode);
        return Ok(Err(refused.about("confirmation_digits")));
    };
    by_code(write, (question, desk), all, code)
}

/// Of claimed appointments those whose digits were given.
fn by_code(
    write: &mut Write<'_>,
    (question, desk): (&Question, &Desk),
    claimed: Vec<Appointment>,
    code: &str,
) -> Result<Result<Vec<Appointment>, Refused>, StoreError> {
    let over = Refused::plain(Reason::TooManyTries, Plain::TooManyTries, Next::HandOver);
    let wrong = tool_calls::count_reason(write, question.call, Reason::WrongCode.word())?;
    if wrong >= WRONG_PER_CALL_MAX {
        return Ok(Err(over));
    }
    let open = claimed.into_iter().filter(|one| one.code_misses < CODE_MISSES_MAX);
    let open: Vec<Appointment> = open.collect();
    let fits = |one: &Appointment| !one.code.is_empty() && one.code == code;
    let (right, missed): (Vec<Appointment>, Vec<Appointment>) = open.into_iter().partition(fits);
    if right.is_empty() {
        for one in missed {
            let misses = one.code_misses + 1;
            appointments::update(write, desk.id, &Appointment { code_misses: misses, ..one })?;
        }
        let refused = Refused::plain(Reason::WrongCode, Plain::WrongCode, Next::AskCode);
        return Ok(Err(refused.about("confirmation_digits")));
    }
    let mut shown = Vec::new();
    for one in right {
        if one.code_misses > 0 {
            appointments::update(write, desk.id, &Appointment { code_misses: 0, ..one.clone() })?;
        }
        shown.push(Appointment { code_misses: 0, ..one });
    }
    Ok(Ok(shown))
}

/// Whether a start is when somebody said.
fn is_at(said: &Wanted, start: Timestamp, zone: &TimeZone) -> bool {
    match said.exact {
        Some(exact) => start == exact,
        None => {
            let on_day = said.span.start() <= start && start < said.span.end();
            on_day && said.fits(start, zone)
        }
    }
}

/// The one appointment that is meant, or which of several?
pub fn which(
    desk: &Desk,
    own: Vec<Appointment>,
    claim: &Claim,
    now: Timestamp,
) -> Result<Appointment, Refused> {
    let meant = |one: &Appointment| {
        let Some(text) = &claim.current else { return true };
        let branch = desk.setup.branch(one.seat.branch);
        let zone = branch.map_or(&desk.setup.business.zone, |branch| &branch.zone);
        let current = Clock { desk, zone, now }.current(text);
        current.is_ok_and(|current| is_at(&current, one.seat.span.start(), zone))
    };
    if own.is_empty() {
        let refused =
            Refused::plain(Reason::UnknownAppointment, Plain::NoAppointments, Next::OfferSlots);
        return Err(refused);
    }
    let mut fitting: Vec<Appointment> = own.into_iter().filter(meant).collect();
    match fitting.len() {
        0 => Err(no_such_appointment().about("current")),
        1 if fitting[0].status == Status::Confirmed && fitting[0].seat.span.start() <= now => {
            Err(Refused::plain(Reason::Over, Plain::IsOver, Next::OfferSlots))
        }
        1 => Ok(fitting.remove(0)),
        all => {
            let data = desk.facts(&fitting, now);
            let list = |count| desk.list(&fitting, (count, Conjunction::Or), now);
            let said = |count| {
                let line = say::Appointment::Ambiguous { list: list(count) };
                say::line(desk.language, &Line::Appointment(line))
            };
            let count = (2..=all).rev().find(|n| say::words(&said(*n)) <= say::WORDS_MAX);
            let line = match count {
                Some(count) => Line::Appointment(say::Appointment::Ambiguous { list: list(count) }),
                // Even two are too long to be said: ask which.
                None => Line::Question(Ask::Appointment),
            };
            let refused = Refused::new(Reason::AmbiguousAppointment, line, Next::AskWhich);
            Err(refused.about("current").with(data))
        }
    }
}
