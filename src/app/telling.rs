//! What anybody may know: what is offered and where, when it is open, and why a time is not free.
//!
//! Never tells of anybody's appointment.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _};

use super::desk::{Arguments, Desk};
use super::offering::{Why, around, rfc3339};
use super::times::Clock;
use super::tools::Asked;
use super::{App, AppError};
use crate::domain::answer::{
    Answer, BranchData, Data, ENTRIES_MAX, NAMES_SPOKEN_MAX, Next, Refused, ServiceData,
    UnofferedData,
};
use crate::domain::business::{Branch, Named as _, Service};
use crate::domain::say::{self, Appointment, Choice, Hours, Line, Plain};
use crate::domain::scheduling::hours::ranges_text;
use crate::domain::scheduling::slots::{NotOffered, Unoffered};
use crate::domain::speech::{
    Conjunction, spoken_day, spoken_price, spoken_ranges, spoken_slot, spoken_text, spoken_week,
};

/// Most words of an address said aloud.
const ADDRESS_WORDS_MAX: usize = 14;

impl Desk {
    /// What can be booked.
    pub fn list_services(&self, asked: &Asked) -> Result<Answer, Refused> {
        let branch = match Arguments(&asked.arguments).text("branch")? {
            None => None,
            Some(_) => Some(self.branch(&Arguments(&asked.arguments), None)?.id),
        };
        let there = |one: &&Service| {
            branch.is_none_or(|branch| one.branches.is_empty() || one.branches.contains(&branch))
        };
        let offered: Vec<&Service> = self.setup.offered().filter(there).collect();
        if offered.is_empty() {
            let reason = crate::domain::answer::Reason::NoneFree;
            return Err(Refused::plain(reason, Plain::NothingOffered, Next::HandOver));
        }
        let data = |one: &&Service| ServiceData {
            name: one.name.clone(),
            minutes: one.rules.duration_min(),
            price: one.price.as_ref().map_or_else(String::new, |price| {
                spoken_price(self.language, price.micros, &price.currency)
            }),
        };
        let said = say::fitting(offered.len().min(NAMES_SPOKEN_MAX), |count| {
            let names = offered.iter().take(count).map(|one| one.name());
            let (names, _) = self.names(names, Conjunction::And);
            let line = Choice::Services { names, more: count < offered.len() };
            say::line(self.language, &Line::Choice(line))
        });
        let services = offered.iter().take(ENTRIES_MAX).map(data).collect();
        let data = Data { services, today: self.today(asked.now), ..Data::default() };
        Ok(Answer::done(said, data, Next::AskService))
    }

    /// Where the business serves.
    pub fn list_branches(&self, asked: &Asked) -> Result<Answer, Refused> {
        let arguments = Arguments(&asked.arguments);
        let service = match arguments.text("service")? {
            None => None,
            Some(_) => Some(self.service(&arguments)?),
        };
        let branches: Vec<&Branch> = self.setup.branches_for(service).collect();
        if branches.is_empty() {
            let reason = crate::domain::answer::Reason::NoneFree;
            return Err(Refused::plain(reason, Plain::NothingOffered, Next::HandOver));
        }
        let data = |one: &&Branch| BranchData {
            name: one.name.clone(),
            address: one.address.clone(),
            hours: one.opening.weekly().to_string(),
            zone: one.zone.iana_name().unwrap_or("UTC").to_owned(),
        };
        let said = if let [only] = branches.as_slice() {
            let place = if only.address.is_empty() { &only.name } else { &only.address };
            let place = spoken_text(self.language, place, ADDRESS_WORDS_MAX);
            say::line(self.language, &Line::Choice(Choice::OneBranch { place }))
        } else {
            say::fitting(branches.len().min(NAMES_SPOKEN_MAX), |count| {
                let names = branches.iter().take(count).map(|one| one.name());
                let (names, _) = self.names(names, Conjunction::And);
                let line = Choice::Branches { names, more: count < branches.len() };
                say::line(self.language, &Line::Choice(line))
            })
        };
        let next = if branches.len() == 1 { Next::GoOn } else { Next::AskBranch };
        let branches = branches.iter().take(ENTRIES_MAX).map(data).collect();
        let data = Data { branches, today: self.today(asked.now), ..Data::default() };
        Ok(Answer::done(said, data, next))
    }

    /// When the business is open: on the day that was named, or in a usual week.
    pub fn business_hours(&self, asked: &Asked) -> Result<Answer, Refused> {
        let arguments = Arguments(&asked.arguments);
        let branch = self.branch(&arguments, None)?;
        let names_day = arguments.text("when")?.is_some() || arguments.text("date")?.is_some();
        if names_day {
            let clock = Clock { desk: self, zone: &branch.zone, now: asked.now };
            let wanted = clock.wanted(&arguments)?;
            let first = branch.zone.to_datetime(wanted.span.start()).date();
            let next_day = first.saturating_add(1.day());
            let until = branch.zone.to_datetime(wanted.span.end()).date();
            if until <= next_day {
                return Ok(self.hours_on(branch, first, asked.now));
            }
        }
        let weekly = branch.opening.weekly();
        let hours = spoken_week(self.language, weekly);
        let line = if hours.is_empty() {
            Line::Plain(Plain::NoHours)
        } else {
            Line::Hours(Hours::Weekly { hours })
        };
        let said = say::line(self.language, &line);
        // A week of many different days does not fit into one breath: today's hours do.
        if say::words(&said) > say::WORDS_MAX {
            let today = branch.zone.to_datetime(asked.now).date();
            let answer = self.hours_on(branch, today, asked.now);
            let data = Data { hours: weekly.to_string(), ..answer.data };
            return Ok(Answer { data, ..answer });
        }
        let hours = weekly.to_string();
        let data = Data { hours, today: self.today(asked.now), ..Data::default() };
        Ok(Answer::done(said, data, Next::GoOn))
    }

    fn hours_on(&self, branch: &Branch, day: jiff::civil::Date, now: Timestamp) -> Answer {
        let today = branch.zone.to_datetime(now).date();
        let ranges = branch.opening.ranges_on(day);
        let exception = branch.opening.exception_on(day).filter(|one| !one.name.is_empty());
        let day = spoken_day(self.language, day, today);
        let hours = match (ranges, exception) {
            ([], Some(holiday)) => Hours::HolidayOn { day, name: self.said(&holiday.name) },
            ([], None) => Hours::ClosedOn { day },
            _ => Hours::OpenOn { day, hours: spoken_ranges(self.language, ranges) },
        };
        let said = say::line(self.language, &Line::Hours(hours));
        let hours = ranges_text(ranges);
        let data = Data { hours, today: self.today(now), ..Data::default() };
        Answer::done(said, data, Next::GoOn)
    }
}

impl App {
    /// Says why a time, or most of a day, is not offered, and what is free instead.
    pub async fn explain_unavailable(
        &self,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let arguments = Arguments(&asked.arguments);
        let wish = desk.target(&arguments).and_then(|target| {
            let clock = Clock { desk, zone: &target.branch.zone, now: asked.now };
            let start = clock.start(&arguments)?;
            Ok((
                target,
                start,
                if start.is_some() { None } else { Some(clock.wanted(&arguments)?) },
            ))
        });
        let (target, start, wanted) = match wish {
            Ok(wish) => wish,
            Err(refused) => return Ok(Err(refused)),
        };
        let zone = &target.branch.zone;
        if let Some(start) = start {
            let day = crate::domain::scheduling::interval::Span::new(
                start,
                start.checked_add(1.hour()).unwrap_or(Timestamp::MAX),
            );
            let Some(window) = day else { return Ok(Err(Refused::late())) };
            let found = self.judge((desk.id, &desk.setup), target.within(window), start).await?;
            return match found {
                Err(reason) => {
                    let why = Why::not_offered(reason);
                    self.offer_elsewhere(asked, desk, (target, start), why).await.map(Ok)
                }
                Ok(slot) => {
                    let when = spoken_slot(desk.language, slot.span.start(), zone, asked.now);
                    let line = Line::Appointment(Appointment::Free { when });
                    let found = [target.found(slot)];
                    self.offer_saying(asked, desk, target.service, (&found, line)).await.map(Ok)
                }
            };
        }
        let Some(wanted) = wanted else { return Ok(Err(Refused::late())) };
        let search = target.within(wanted.span);
        let mut told = self.explain((desk.id, &desk.setup), search, asked.now).await?;
        told.retain(|one| overlaps_minutes(one, wanted.minutes, zone));
        let free = self.free((desk.id, &desk.setup), search, asked.now).await?;
        let any_free = free.iter().any(|slot| wanted.fits(slot.span.start(), zone));
        let Some(reason) = main_reason(&told, any_free) else {
            return self.check(asked, desk).await;
        };
        let unavailable = told.iter().take(ENTRIES_MAX).map(|one| UnofferedData {
            from: rfc3339(one.span.start(), zone),
            until: rfc3339(one.span.end(), zone),
            reason: one.reason,
        });
        let why = Why::not_offered(reason).with(unavailable.collect());
        let around = around(&wanted, zone).max(asked.now);
        self.offer_elsewhere(asked, desk, (target, around), why).await.map(Ok)
    }
}

/// Whether a stretch reaches into the time of day that was asked for.
fn overlaps_minutes(one: &Unoffered, (from, until): (u16, u16), zone: &jiff::tz::TimeZone) -> bool {
    let minute = |at| super::times::minute_of(zone.to_datetime(at).time());
    let whole_day = one.span.minutes() >= 24 * 60;
    let (begin, end) = (minute(one.span.start()), minute(one.span.end()));
    let end = if end <= begin { 24 * 60 } else { end };
    whole_day || (begin < until && from < end)
}

/// The reason that stands for most of the time, the past and the grid apart; none when what lies
/// within the hours is all offered.
fn main_reason(told: &[Unoffered], any_free: bool) -> Option<NotOffered> {
    let counts =
        |one: &&Unoffered| !matches!(one.reason, NotOffered::InThePast | NotOffered::OffGrid);
    let mut sums: Vec<(NotOffered, i64)> = Vec::new();
    for one in told.iter().filter(counts) {
        match sums.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, minutes)) => *minutes += one.span.minutes(),
            None => sums.push((one.reason, one.span.minutes())),
        }
    }
    // Hours outside the opening are no answer while anything within them is not free.
    let inside = |(reason, _): &&(NotOffered, i64)| {
        !matches!(reason, NotOffered::Closed | NotOffered::Holiday)
    };
    let most = |sums: &[&(NotOffered, i64)]| {
        sums.iter().max_by_key(|(_, minutes)| *minutes).map(|(reason, _)| *reason)
    };
    let within: Vec<&(NotOffered, i64)> = sums.iter().filter(inside).collect();
    let outside = || most(&sums.iter().collect::<Vec<_>>()).filter(|_| !any_free);
    most(&within).or_else(outside)
}
