//! Offering times: finding them, writing down what was offered in this call, and saying it.
//!
//! An offer means something only in its call, and reserves nothing. Never books.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::availability::{Search, free_in_write};
use super::desk::{Arguments, Desk};
use super::times::{Clock, Wanted};
use super::tools::{Asked, answered, finish, note_answer, open};
use super::{App, AppError};
use crate::crypto::digest::sha256;
use crate::domain::answer::{
    Answer, Data, Next, Reason, Refused, SLOTS_MAX, SlotData, UnofferedData,
};
use crate::domain::business::{Branch, Service};
use crate::domain::ids::StaffId;
use crate::domain::say::{self, Choice, Line, Plain};
use crate::domain::scheduling::choice::{nearest, spread};
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::{NotOffered, Slot};
use crate::domain::speech::{Conjunction, spoken_list, spoken_slot, spoken_slots};
use crate::store::offers::{self, Offer};
use crate::store::tool_calls::Question;
use crate::store::{Lane, StoreError, Write, tool_calls};

/// Days looked through for something else when nothing is free.
const DAYS_ELSEWHERE: i64 = 14;
/// Most other branches that are looked at for alternatives.
const BRANCHES_ELSEWHERE: usize = 3;

/// Letters of a slot id: none that sounds or looks like another.
const SLOT_LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What times are looked for: one service, one place, and with whom.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// What for.
    pub service: &'a Service,
    /// Where.
    pub branch: &'a Branch,
    /// With whom, when somebody was named.
    pub staff: Option<StaffId>,
}

/// A slot and where it is.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    slot: Slot,
    branch: &'a Branch,
    staff: Option<StaffId>,
}

impl Desk {
    /// What the arguments look for.
    pub fn target(&self, arguments: &Arguments<'_>) -> Result<Target<'_>, Refused> {
        let service = self.service(arguments)?;
        let branch = self.branch(arguments, Some(service))?;
        let staff = self.staff(arguments, (service, branch))?.map(|staff| staff.id);
        Ok(Target { service, branch, staff })
    }
}

impl<'a> Target<'a> {
    /// A search of this within a window.
    pub fn within(self, window: Span) -> Search<'a> {
        let Self { service, branch, staff } = self;
        Search { service, branch, staff, window }
    }
}

impl App {
    /// Offers at most three free times. `Err` is a refusal that nothing was written for.
    pub async fn check(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let target = match desk.target(&arguments) {
            Ok(target) => target,
            Err(refused) => return Ok(Err(refused)),
        };
        let clock = Clock { desk, zone: &target.branch.zone, now: asked.now };
        let wanted = match clock.wanted(&arguments) {
            Ok(wanted) => wanted,
            Err(refused) => return Ok(Err(refused)),
        };
        let setup = (desk.id, &desk.setup);
        if let Some(exact) = wanted.exact {
            let verdict = self.judge(setup, target.within(wanted.span), exact).await?;
            return match verdict {
                Ok(slot) => {
                    let found = [target.found(slot)];
                    self.offer(asked, desk, target.service, (&found, None)).await.map(Ok)
                }
                Err(reason) => {
                    let why = Why::not_offered(reason);
                    self.offer_elsewhere(asked, desk, (target, exact), why).await.map(Ok)
                }
            };
        }
        let free = self.wanted(desk, target, (&wanted, asked.now)).await?;
        if free.is_empty() {
            let around = around(&wanted, &target.branch.zone);
            let why = nothing_free(target.service, around, asked.now);
            return self.offer_elsewhere(asked, desk, (target, around), why).await.map(Ok);
        }
        let chosen = spread(&free, &target.branch.zone, SLOTS_MAX).into_iter();
        let found: Vec<Found<'_>> = chosen.map(|slot| target.found(slot)).collect();
        self.offer(asked, desk, target.service, (&found, None)).await.map(Ok)
    }

    /// Offers what is free nearest to a time: before, after, with somebody else, elsewhere.
    pub async fn alternatives(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let wish = desk.target(&arguments).and_then(|target| {
            let clock = Clock { desk, zone: &target.branch.zone, now: asked.now };
            let around = match clock.start(&arguments)? {
                Some(start) => start,
                None => around(&clock.wanted(&arguments)?, &target.branch.zone),
            };
            Ok((target, around))
        });
        let (target, around) = match wish {
            Ok(wish) => wish,
            Err(refused) => return Ok(Err(refused)),
        };
        let mut found = self.near(desk, target, (around, asked.now)).await?;
        if target.staff.is_some() {
            let anybody = Target { staff: None, ..target };
            found.extend(closest(self.near(desk, anybody, (around, asked.now)).await?, around));
        }
        let elsewhere = desk.setup.branches_for(Some(target.service));
        let elsewhere = elsewhere.filter(|branch| branch.id != target.branch.id);
        for branch in elsewhere.take(BRANCHES_ELSEWHERE) {
            let other = Target { branch, staff: None, ..target };
            found.extend(closest(self.near(desk, other, (around, asked.now)).await?, around));
        }
        let chosen = alternatives(found, around, target.branch);
        if chosen.is_empty() {
            let why = nothing_free(target.service, around, asked.now);
            return self.offer(asked, desk, target.service, (&[], Some(why))).await.map(Ok);
        }
        self.offer(asked, desk, target.service, (&chosen, None)).await.map(Ok)
    }

    /// Refuses with `why` and offers what is free nearest to an instant.
    pub async fn offer_elsewhere(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
        (target, around): (Target<'_>, Timestamp),
        why: Why,
    ) -> Result<String, AppError> {
        let found = self.near(desk, target, (around, asked.now)).await?;
        let chosen: Vec<Found<'_>> = found.into_iter().take(SLOTS_MAX).collect();
        self.offer(asked, desk, target.service, (&chosen, Some(why))).await
    }

    /// Offers free times within what was wanted, for the first of some targets that has any.
    pub async fn offer_within(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
        targets: [Target<'_>; 2],
        wanted: Wanted,
    ) -> Result<String, AppError> {
        for target in targets {
            let free = self.wanted(desk, target, (&wanted, asked.now)).await?;
            if !free.is_empty() {
                let chosen = spread(&free, &target.branch.zone, SLOTS_MAX).into_iter();
                let found: Vec<Found<'_>> = chosen.map(|slot| target.found(slot)).collect();
                return self.offer(asked, desk, target.service, (&found, None)).await;
            }
        }
        let [_, last] = targets;
        let around = around(&wanted, &last.branch.zone);
        let why = nothing_free(last.service, around, asked.now);
        self.offer_elsewhere(asked, desk, (last, around), why).await
    }

    /// What is free of what was wanted: every start within it, however long the slot.
    async fn wanted(
        &self,
        desk: &Desk,
        target: Target<'_>,
        (wanted, now): (&Wanted, Timestamp),
    ) -> Result<Vec<Slot>, AppError> {
        let lasts = SignedDuration::from_mins(i64::from(target.service.rules.duration_min()));
        let end = wanted.span.end().checked_add(lasts).unwrap_or(Timestamp::MAX);
        let window = Span::new(wanted.span.start(), end).unwrap_or(wanted.span);
        let mut free = self.free((desk.id, &desk.setup), target.within(window), now).await?;
        free.retain(|slot| {
            let start = slot.span.start();
            start < wanted.span.end() && wanted.fits(start, &target.branch.zone)
        });
        Ok(free)
    }

    /// What is free nearest to an instant, in order of time.
    async fn near<'a>(
        &self,
        desk: &Desk,
        target: Target<'a>,
        (around, now): (Timestamp, Timestamp),
    ) -> Result<Vec<Found<'a>>, AppError> {
        let around = around.clamp(now, latest(target.service, now));
        let mut chosen = Vec::new();
        for window in windows_near(around, now) {
            let free = self.free((desk.id, &desk.setup), target.within(window), now).await?;
            chosen = nearest(&free, around, SLOTS_MAX);
            if chosen.len() == SLOTS_MAX {
                break;
            }
        }
        Ok(chosen.into_iter().map(|slot| target.found(slot)).collect())
    }

    /// Writes down what is offered in this call, then says it.
    pub async fn offer(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
        service: &Service,
        (found, why): (&[Found<'_>], Option<Why>),
    ) -> Result<String, AppError> {
        let offers: Vec<Offer> = found.iter().map(|one| offer_of(asked, service, one)).collect();
        let answer = offering(desk, asked.now, (found, &offers), why);
        self.keep_offers(asked, offers, answer).await
    }

    /// Writes down what is offered in this call, and says a line of its own.
    pub async fn offer_saying(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
        service: &Service,
        (found, line): (&[Found<'_>], Line),
    ) -> Result<String, AppError> {
        let offers: Vec<Offer> = found.iter().map(|one| offer_of(asked, service, one)).collect();
        let answer = offering(desk, asked.now, (found, &offers), None);
        let answer = Answer { say: say::line(desk.language, &line), ..answer };
        self.keep_offers(asked, offers, answer).await
    }

    async fn keep_offers(
        &self,
        asked: &Arc<Asked>,
        offers: Vec<Offer>,
        answer: Answer,
    ) -> Result<String, AppError> {
        let reason = answer.reason;
        let text = finish(asked, answer);
        let (kept, question) = (text.clone(), Arc::clone(asked));
        let noted = self.store.write(Lane::Urgent, move |write| {
            let asked = open(write, &question)?;
            offers::put(write, asked.call, &offers, question.now)?;
            tool_calls::note(write, &asked, &answered(&question, reason, kept))
        });
        noted.await.map_err(|error: StoreError| AppError::from(error))?;
        Ok(text)
    }
}

impl<'a> Target<'a> {
    /// A slot of this target.
    pub fn found(self, slot: Slot) -> Found<'a> {
        Found { slot, branch: self.branch, staff: self.staff }
    }
}

/// Refuses with `why` and offers what is free nearest to an instant, in the write that found out.
pub fn refuse_offering(
    write: &mut Write<'_>,
    (question, asked, desk): (&Question, &Asked, &Desk),
    (target, around): (Target<'_>, Timestamp),
    why: Why,
) -> Result<String, StoreError> {
    let around = around.clamp(asked.now, latest(target.service, asked.now));
    let mut chosen = Vec::new();
    for window in windows_near(around, asked.now) {
        let free = free_in_write(write, (desk.id, &desk.setup), target.within(window), asked.now)?;
        chosen = nearest(&free, around, SLOTS_MAX);
        if chosen.len() == SLOTS_MAX {
            break;
        }
    }
    let found: Vec<Found<'_>> = chosen.into_iter().map(|slot| target.found(slot)).collect();
    let offers: Vec<Offer> = found.iter().map(|one| offer_of(asked, target.service, one)).collect();
    let answer = offering(desk, asked.now, (&found, &offers), Some(why));
    offers::put(write, question.call, &offers, asked.now)?;
    note_answer(write, (question, asked), answer)
}

/// Where to look for what is near an instant. Near first: there is almost always something, and it
/// costs the least to find.
fn windows_near(around: Timestamp, now: Timestamp) -> impl Iterator<Item = Span> {
    [1, DAYS_ELSEWHERE].into_iter().map_while(move |days| {
        let before = around.checked_sub(SignedDuration::from_hours(24)).unwrap_or(around);
        let end = around.checked_add(SignedDuration::from_hours(24 * days));
        Span::new(before.max(now), end.unwrap_or(Timestamp::MAX))
    })
}

/// The one that begins nearest to an instant.
fn closest(found: Vec<Found<'_>>, around: Timestamp) -> Option<Found<'_>> {
    found.into_iter().min_by_key(|one| one.slot.span.start().duration_since(around).abs())
}

/// Nearest first by kind: one before, one after, then those elsewhere or with somebody else.
fn alternatives<'a>(mut found: Vec<Found<'a>>, around: Timestamp, home: &Branch) -> Vec<Found<'a>> {
    let start = |one: &Found<'_>| one.slot.span.start();
    found.sort_by_key(|one| (start(one).duration_since(around).abs(), one.branch.id != home.id));
    found.dedup_by_key(|one| (one.slot.span, one.branch.id));
    let at_home = |one: &&Found<'_>| one.branch.id == home.id;
    let before = found.iter().filter(at_home).find(|one| start(one) < around);
    let after = found.iter().filter(at_home).find(|one| start(one) >= around);
    let away = found.iter().find(|one| one.branch.id != home.id);
    let mut chosen: Vec<Found<'a>> = [before, after, away].into_iter().flatten().copied().collect();
    for one in &found {
        let is_new = chosen
            .iter()
            .all(|known| (known.slot.span, known.branch.id) != (one.slot.span, one.branch.id));
        if chosen.len() < SLOTS_MAX && is_new {
            chosen.push(*one);
        }
    }
    chosen.sort_by_key(start);
    chosen
}

/// Why what was asked for is not what is offered.
#[derive(Clone, Debug)]
pub struct Why {
    reason: Reason,
    lead: Line,
    unavailable: Vec<UnofferedData>,
}

impl Why {
    /// A time is not offered.
    pub fn not_offered(reason: NotOffered) -> Self {
        let lead = Line::NotOffered(reason);
        Self { reason: reason.into(), lead, unavailable: Vec::new() }
    }

    /// The same with the times that are not offered, as facts.
    pub fn with(self, unavailable: Vec<UnofferedData>) -> Self {
        Self { unavailable, ..self }
    }
}

fn nothing_free(service: &Service, around: Timestamp, now: Timestamp) -> Why {
    if around > latest(service, now) {
        return Why::not_offered(NotOffered::TooFar);
    }
    let (reason, lead) = (Reason::NoneFree, Line::Plain(Plain::NoneFree));
    Why { reason, lead, unavailable: Vec::new() }
}

/// The instant around which something else is looked for: the first that was asked for.
pub fn around(wanted: &Wanted, zone: &TimeZone) -> Timestamp {
    let first = zone.to_datetime(wanted.span.start()).date();
    let minutes = SignedDuration::from_mins(i64::from(wanted.minutes.0));
    let local = first.to_zoned(zone.clone()).ok().and_then(|day| day.checked_add(minutes).ok());
    wanted.exact.or(local.map(|local| local.timestamp())).unwrap_or(wanted.span.start())
}

/// The last moment at which an appointment may begin.
fn latest(service: &Service, now: Timestamp) -> Timestamp {
    let horizon = SignedDuration::from_hours(24 * i64::from(service.rules.horizon_days()));
    now.checked_add(horizon).unwrap_or(Timestamp::MAX)
}

fn offer_of(asked: &Asked, service: &Service, found: &Found<'_>) -> Offer {
    let span = found.slot.span;
    let staff = found.staff.map_or(uuid::Uuid::nil(), StaffId::uuid);
    let digest = sha256(&[
        asked.key.account.as_bytes(),
        &[0],
        asked.key.names.id.as_bytes(),
        &[0],
        service.id.uuid().as_bytes(),
        found.branch.id.uuid().as_bytes(),
        staff.as_bytes(),
        &span.start().as_millisecond().to_be_bytes(),
    ]);
    let letter = |byte: &u8| char::from(SLOT_LETTERS[usize::from(byte % 32)]);
    let slot = digest.iter().take(8).map(letter).collect();
    let (branch, staff) = (found.branch.id, found.staff);
    Offer { slot, service: service.id, branch, staff, span }
}

fn offering(
    desk: &Desk,
    now: Timestamp,
    (found, offers): (&[Found<'_>], &[Offer]),
    why: Option<Why>,
) -> Answer {
    let reason = why.as_ref().map(|why| why.reason);
    let lead = why.as_ref().map(|why| why.lead.clone());
    let unavailable = why.map_or_else(Vec::new, |why| why.unavailable);
    let slots = found.iter().zip(offers).map(|(one, offer)| slot_data(desk, now, (one, offer)));
    let slots = slots.collect();
    let data = Data { slots, unavailable, today: desk.today(now), ..Data::default() };
    let with_lead = |then: Line| {
        let all: Vec<Line> = lead.iter().cloned().chain([then]).collect();
        say::lines(desk.language, &all)
    };
    if found.is_empty() {
        let say = with_lead(Line::Plain(Plain::NothingNear));
        return Answer { say, data, next: Next::OfferOtherDay, reason, field: None };
    }
    // As many as fit into one breath; the data holds all.
    let say = say::fitting(found.len(), |count| {
        with_lead(Line::Choice(Choice::Times { times: times(desk, now, &found[..count]) }))
    });
    Answer { say, data, next: Next::OfferSlots, reason, field: None }
}

/// Times as a spoken choice, each by the clock of its branch.
fn times(desk: &Desk, now: Timestamp, found: &[Found<'_>]) -> String {
    let starts: Vec<Timestamp> = found.iter().map(|one| one.slot.span.start()).collect();
    let zone = found.first().map_or(&desk.setup.business.zone, |one| &one.branch.zone);
    let one_place = found.windows(2).all(|two| two[0].branch.id == two[1].branch.id);
    if one_place {
        return spoken_slots(desk.language, &starts, zone, now);
    }
    let each = found.iter().map(|one| {
        let when = spoken_slot(desk.language, one.slot.span.start(), &one.branch.zone, now);
        format!("{when}, {}", desk.said(&one.branch.name))
    });
    let each: Vec<String> = each.collect();
    spoken_list(desk.language, &each, Conjunction::Or)
}

fn slot_data(desk: &Desk, now: Timestamp, (one, offer): (&Found<'_>, &Offer)) -> SlotData {
    let zone = &one.branch.zone;
    let staff = one.staff.and_then(|staff| desk.setup.staff_member(staff));
    let several = desk.setup.branches.len() > 1;
    SlotData {
        slot: offer.slot.clone(),
        start: rfc3339(offer.span.start(), zone),
        spoken: spoken_slot(desk.language, offer.span.start(), zone, now),
        branch: if several { one.branch.name.clone() } else { String::new() },
        staff: staff.map_or_else(String::new, |staff| staff.name.clone()),
    }
}

/// An instant as in RFC 3339, with the offset of a zone.
pub fn rfc3339(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
