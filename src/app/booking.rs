//! Offering times and booking them.
//!
//! A booking is decided and written in one write: rules, hours and appointments are read again
//! there, so two callers can never have the same time. Never confirms before the commit.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::tools::{Arguments, Asked, Desk, answered, json, open, service, today};
use super::{App, AppError};
use crate::clock::random;
use crate::crypto::digest::sha256;
use crate::domain::access::BusinessId;
use crate::domain::appointment::{Appointment, Customer, Status};
use crate::domain::business::{self, Business, Service};
use crate::domain::ids::{AppointmentId, ServiceId};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::{self, Calendar, NotOffered, PartOfDay};
use crate::domain::speech::{self, Language};
use crate::domain::tool::{
    Answer, BookedData, Data, Next, Reason, SAY_WORDS_MAX, SLOTS_MAX, SlotData, sentences,
};
use crate::store::appointments::Offer;
use crate::store::tool_calls::Answered;
use crate::store::{Lane, StoreError, Write, appointments, businesses, tool_calls};

/// The language that answers are spoken in.
const SPOKEN: Language = Language::English;
/// Days looked through when no date is given.
const DAYS_DEFAULT: i64 = 7;
/// Most days between `date` and `until`.
const DAYS_MAX: i64 = 31;
/// Days looked through for something else when nothing is free.
const DAYS_ELSEWHERE: i64 = 14;

/// Letters of a slot id: none that sounds or looks like another.
const SLOT_LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What is looked for.
struct Search<'a> {
    service: &'a Service,
    window: Span,
    /// A part of the day; any when `None`.
    part: Option<PartOfDay>,
}

/// When a caller wants to come.
#[derive(Clone, Debug)]
enum Time {
    Offered(String),
    Exact(ServiceId, Timestamp),
}

/// What the write decided.
enum Decision {
    Booked(String),
    NotOffered(NotOffered, ServiceId, Timestamp),
    Refused(Answer),
}

impl App {
    /// Offers at most three free times. `Err` is a refusal that nothing was written for.
    pub async fn check(
        &self,
        asked: &Asked,
        desk: &Desk,
    ) -> Result<Result<String, Answer>, AppError> {
        let search = match search(desk, asked) {
            Ok(search) => search,
            Err(refused) => return Ok(Err(refused)),
        };
        let free = self.free(desk, &search, asked.now).await?;
        if free.is_empty() {
            let (service, around) = (search.service, search.window.start());
            let why = if around > latest(service, asked.now) {
                (Reason::TooFar, not_offered(NotOffered::TooFar))
            } else {
                (Reason::NoneFree, "Nothing is free then.")
            };
            return self.offer_elsewhere(asked, desk, (service, around), why).await.map(Ok);
        }
        let chosen = slots::spread(&free, &desk.business.zone, SLOTS_MAX);
        self.offer(asked, desk, search.service, (&chosen, None, "")).await.map(Ok)
    }

    /// Books a time. `Err` is a refusal that nothing was written for.
    pub async fn book(
        &self,
        asked: &Asked,
        desk: &Desk,
    ) -> Result<Result<String, Answer>, AppError> {
        let (time, customer) = match wish(desk, asked) {
            Ok(wish) => wish,
            Err(refused) => return Ok(Err(refused)),
        };
        let (question, business) = (asked.clone(), desk.id);
        let decided = self
            .store
            .write(Lane::Urgent, move |write| decide(write, &question, business, (time, customer)));
        let (reason, service, start) = match decided.await? {
            Decision::Booked(text) => return Ok(Ok(text)),
            Decision::Refused(refused) => return Ok(Err(refused)),
            Decision::NotOffered(reason, service, start) => (reason, service, start),
        };
        let Some(service) = desk.services.iter().find(|known| known.id == service) else {
            return Ok(Err(Answer::late()));
        };
        let why = (Reason::from(reason), not_offered(reason));
        self.offer_elsewhere(asked, desk, (service, start), why).await.map(Ok)
    }

    async fn free(
        &self,
        desk: &Desk,
        search: &Search<'_>,
        now: Timestamp,
    ) -> Result<Vec<Span>, AppError> {
        let (business, window) = (desk.id, search.window);
        let busy =
            self.store.read(move |read| appointments::taking_time(read, business, window)).await?;
        let zone = &desk.business.zone;
        let calendar = Calendar { zone, hours: &desk.hours, busy: &busy };
        let mut free = slots::free(&calendar, &search.service.rules, window, now);
        if let Some(part) = search.part {
            free.retain(|slot| PartOfDay::of(zone.to_datetime(slot.start()).hour()) == part);
        }
        Ok(free)
    }

    /// Refuses with `why` and offers what is free nearest to an instant.
    async fn offer_elsewhere(
        &self,
        asked: &Asked,
        desk: &Desk,
        (service, around): (&Service, Timestamp),
        (reason, lead): (Reason, &str),
    ) -> Result<String, AppError> {
        let around = around.clamp(asked.now, latest(service, asked.now));
        let mut chosen = Vec::new();
        // Near first: there is almost always something, and it costs the least to find.
        for days in [1, DAYS_ELSEWHERE] {
            let before = around.checked_sub(SignedDuration::from_hours(24)).unwrap_or(around);
            let end = around.checked_add(SignedDuration::from_hours(24 * days));
            let window = Span::new(before.max(asked.now), end.unwrap_or(Timestamp::MAX));
            let Some(window) = window else { break };
            let search = Search { service, window, part: None };
            let found = self.free(desk, &search, asked.now).await?;
            chosen = slots::nearest(&found, around, SLOTS_MAX);
            if chosen.len() == SLOTS_MAX {
                break;
            }
        }
        self.offer(asked, desk, service, (&chosen, Some(reason), lead)).await
    }

    /// Writes down what is offered in this call, then says it.
    async fn offer(
        &self,
        asked: &Asked,
        desk: &Desk,
        service: &Service,
        (chosen, reason, lead): (&[Span], Option<Reason>, &str),
    ) -> Result<String, AppError> {
        let offers: Vec<Offer> = chosen
            .iter()
            .map(|span| Offer {
                slot: slot_id(asked, service.id, *span),
                service: service.id,
                span: *span,
            })
            .collect();
        let answer = offering(desk, asked.now, &offers, (reason, lead));
        let text = json(&answer);
        let (kept, question) = (text.clone(), asked.clone());
        let noted = self.store.write(Lane::Urgent, move |write| {
            let asked = open(write, &question)?;
            appointments::put_offers(write, asked.call, &offers, question.now)?;
            tool_calls::note(write, &asked, &answered(&question, reason, kept))
        });
        noted.await.map_err(|error: StoreError| AppError::from(error))?;
        Ok(text)
    }
}

/// Decides a booking and writes it, in one write.
fn decide(
    write: &mut Write<'_>,
    asked: &Asked,
    business_id: BusinessId,
    (time, customer): (Time, Customer),
) -> Result<Decision, StoreError> {
    let question = open(write, asked)?;
    if let Some(saved) = tool_calls::replay(write, &question)? {
        return Ok(Decision::Booked(saved));
    }
    let (wanted, start) = match time {
        Time::Exact(service, start) => (service, start),
        Time::Offered(slot) => match appointments::find_offer(write, question.call, &slot)? {
            Some(offer) => (offer.service, offer.span.start()),
            None => return Ok(Decision::Refused(unknown_slot())),
        },
    };
    let Some(business) = businesses::show(write, business_id)? else {
        return Ok(Decision::Refused(Answer::late()));
    };
    let services = businesses::services(write, business_id)?;
    let Some(service) = services.iter().find(|known| known.id == wanted) else {
        return Ok(Decision::Refused(unknown_slot()));
    };
    let made = appointments::of_call(write, business_id, question.call)?;
    let same = |a: &&Appointment| {
        a.service == wanted && a.span.start() == start && a.status == Status::Confirmed
    };
    let appointment = match made.into_iter().find(|made| same(&made)) {
        // The same wish in other words: it is booked already; what was corrected is kept.
        Some(mut made) => {
            if made.customer != customer {
                appointments::set_customer(write, business_id, made.id, &customer)?;
                tool_calls::forget_replays(write, &question)?;
                made.customer = customer;
            }
            made
        }
        None => match find_free(write, business_id, (&business, service), start, asked.now)? {
            Ok(span) => {
                let made = Appointment {
                    id: AppointmentId::new(asked.now, random()),
                    service: wanted,
                    call: Some(question.call),
                    status: Status::Confirmed,
                    span,
                    customer,
                    created_at: asked.now,
                    updated_at: asked.now,
                };
                appointments::add(write, business_id, &made)?;
                made
            }
            Err(reason) => return Ok(Decision::NotOffered(reason, wanted, start)),
        },
    };
    let text = json(&booked(&business, service, &appointment, asked.now));
    let line = Answered { replayed: true, ..answered(asked, None, text.clone()) };
    tool_calls::note(write, &question, &line)?;
    Ok(Decision::Booked(text))
}

/// Whether a start can be booked, by what the database holds now.
fn find_free(
    write: &Write<'_>,
    business: BusinessId,
    (desk, service): (&Business, &Service),
    start: Timestamp,
    now: Timestamp,
) -> Result<Result<Span, NotOffered>, StoreError> {
    let length = SignedDuration::from_mins(i64::from(service.rules.duration_min()));
    let window = start.checked_add(length).ok().and_then(|end| Span::new(start, end));
    let Some(window) = window else { return Ok(Err(NotOffered::TooFar)) };
    let busy = appointments::taking_time(write, business, window)?;
    let hours = businesses::hours(write, business)?;
    let calendar = Calendar { zone: &desk.zone, hours: &hours, busy: &busy };
    Ok(slots::explain(&calendar, &service.rules, start, now))
}

fn search<'a>(desk: &'a Desk, asked: &Asked) -> Result<Search<'a>, Answer> {
    let arguments = Arguments(&asked.arguments);
    let service = service(desk, &arguments)?;
    let zone = &desk.business.zone;
    let now_day = asked.now.to_zoned(zone.clone()).date();
    let date = day(&arguments, "date")?;
    let until = day(&arguments, "until")?;
    let part = match arguments.text("part_of_day")? {
        None => None,
        Some(text) => PartOfDay::parse(&text).ok_or_else(|| {
            Answer::invalid("part_of_day", "Would you like the morning, afternoon or evening?")
        })?,
    };
    let first = date.unwrap_or(now_day);
    let last = match (date, until) {
        (_, Some(until)) => until,
        (Some(date), None) => date,
        (None, None) => now_day.saturating_add(DAYS_DEFAULT.days()),
    };
    if last < now_day {
        let say = "That day has passed. Which day would you like instead?";
        return Err(Answer::refused(Reason::InThePast, say, Next::OfferOtherDay).about("date"));
    }
    if last < first {
        let ask = "The last day comes before the first. Which days do you mean?";
        return Err(Answer::invalid("until", ask));
    }
    // Days that have passed are not looked through.
    let first = first.max(now_day);
    let last = last.min(first.saturating_add((DAYS_MAX - 1).days()));
    let window = Span::new(midnight(first, zone)?, midnight(last.saturating_add(1.day()), zone)?);
    let window = window.ok_or_else(|| Answer::invalid("date", "Which day would you like?"))?;
    Ok(Search { service, window, part })
}

fn day(arguments: &Arguments<'_>, field: &'static str) -> Result<Option<Date>, Answer> {
    let Some(text) = arguments.text(field)? else { return Ok(None) };
    let date = text.parse::<Date>().ok().filter(|_| text.len() >= "2026-01-01".len());
    date.map(Some).ok_or_else(|| Answer::invalid(field, "Which day would you like?"))
}

fn midnight(day: Date, zone: &TimeZone) -> Result<Timestamp, Answer> {
    let zoned = day.to_zoned(zone.clone());
    zoned
        .map(|zoned| zoned.timestamp())
        .map_err(|_| Answer::invalid("date", "Which day would you like?"))
}

fn wish(desk: &Desk, asked: &Asked) -> Result<(Time, Customer), Answer> {
    let arguments = Arguments(&asked.arguments);
    let slot = arguments.text("slot")?;
    let time = match (slot, arguments.text("start")?) {
        (Some(slot), _) => Time::Offered(slot.to_lowercase()),
        (None, Some(start)) => {
            let service = service(desk, &arguments)?;
            Time::Exact(service.id, instant(&start, &desk.business.zone)?)
        }
        (None, None) => {
            return Err(Answer::missing("slot", "Which time would you like?", Next::OfferSlots));
        }
    };
    let name = arguments.text("name")?;
    let name =
        name.ok_or_else(|| Answer::missing("name", "What name may I put down?", Next::AskName))?;
    let name = business::name(&name)
        .ok_or_else(|| Answer::invalid("name", "What name may I put down?"))?;
    let phone = match arguments.text("phone")? {
        None => desk.caller.clone(),
        Some(text) => Some(PhoneNumber::parse(&text).map_err(|_| {
            Answer::invalid("phone", "Could you give the number with its country code?")
        })?),
    };
    let email = arguments.text("email")?;
    if email.as_deref().is_some_and(|text| !is_address(text)) {
        return Err(Answer::invalid("email", "Could you spell the e-mail address?"));
    }
    let notes = arguments.text("notes")?.unwrap_or_default();
    Ok((time, Customer { name, phone, email, notes }))
}

/// Whether a text is a bare address (RFC 5321 section 4.1.2) at a host that has a name.
fn is_address(text: &str) -> bool {
    let options = email_address::Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    email_address::EmailAddress::parse_with_options(text, options).is_ok()
}

/// Reads RFC 3339, or a date and time without offset in the business's zone.
fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, Answer> {
    if let Ok(instant) = text.parse::<Timestamp>()
        && !text.contains('[')
    {
        return Ok(instant);
    }
    let ask = "Which day and time would you like?";
    let plain = text.contains(':') && !text.contains('[');
    let local = text.parse::<DateTime>().ok().filter(|_| plain);
    let local = local.ok_or_else(|| Answer::invalid("start", ask))?;
    let zoned = zone.to_timestamp(local);
    zoned.map_err(|_| Answer::invalid("start", ask))
}

fn slot_id(asked: &Asked, service: ServiceId, span: Span) -> String {
    let digest = sha256(&[
        asked.key.account.as_bytes(),
        &[0],
        asked.key.provider_call_id.as_bytes(),
        &[0],
        service.uuid().as_bytes(),
        &span.start().as_millisecond().to_be_bytes(),
    ]);
    let letter = |byte: &u8| char::from(SLOT_LETTERS[usize::from(byte % 32)]);
    digest.iter().take(8).map(letter).collect()
}

fn offering(
    desk: &Desk,
    now: Timestamp,
    offers: &[Offer],
    (reason, lead): (Option<Reason>, &str),
) -> Answer {
    let zone = &desk.business.zone;
    let slots = offers.iter().map(|offer| SlotData {
        slot: offer.slot.clone(),
        start: rfc3339(offer.span.start(), zone),
        spoken: speech::spoken_slot(SPOKEN, offer.span.start(), zone, now),
    });
    let data = Data { slots: slots.collect(), today: today(desk, now), ..Data::default() };
    let spans: Vec<Span> = offers.iter().map(|offer| offer.span).collect();
    let spoken = |count: usize| {
        let times = speech::spoken_slots(SPOKEN, &spans[..count], zone, now);
        sentences(&[lead, &format!("I can offer {times}.")])
    };
    // As many as fit into one breath; the data holds all.
    let fitting = (1..=spans.len()).rev().map(spoken);
    let mut fitting = fitting.filter(|say| say.split_whitespace().count() <= SAY_WORDS_MAX);
    let (say, next) = match (spans.is_empty(), fitting.next()) {
        (true, _) => {
            let nothing = "I have nothing else near that day.";
            (sentences(&[lead, nothing]), Next::OfferOtherDay)
        }
        (false, Some(say)) => (say, Next::OfferSlots),
        (false, None) => (spoken(1), Next::OfferSlots),
    };
    Answer { say, data, next, reason, field: None }
}

fn booked(
    business: &Business,
    service: &Service,
    appointment: &Appointment,
    now: Timestamp,
) -> Answer {
    let (zone, span) = (&business.zone, appointment.span);
    let spoken = speech::spoken_slot(SPOKEN, span.start(), zone, now);
    let data = Data {
        booked: Some(Box::new(BookedData {
            status: "booked",
            appointment_id: appointment.id.to_string(),
            service: service.name.clone(),
            start: rfc3339(span.start(), zone),
            end: rfc3339(span.end(), zone),
            spoken: spoken.clone(),
            name: appointment.customer.name.clone(),
        })),
        ..Data::default()
    };
    let say = format!("You are booked for {}, {spoken}.", service.name);
    Answer::done(say, data, Next::Confirm)
}

fn not_offered(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::InThePast => "That time has passed.",
        NotOffered::TooSoon => "That is too soon to book.",
        NotOffered::TooFar => "That is too far ahead to book.",
        NotOffered::Closed => "We are closed then.",
        NotOffered::OffGrid => "Appointments do not begin at that time.",
        NotOffered::Taken => "That time is taken.",
    }
}

fn unknown_slot() -> Answer {
    let say = "I did not offer that time. Shall I look for free times again?";
    Answer::refused(Reason::UnknownSlot, say, Next::OfferSlots).about("slot")
}

/// The last moment at which an appointment may begin.
fn latest(service: &Service, now: Timestamp) -> Timestamp {
    let horizon = SignedDuration::from_hours(24 * i64::from(service.rules.horizon_days()));
    now.checked_add(horizon).unwrap_or(Timestamp::MAX)
}

fn rfc3339(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
