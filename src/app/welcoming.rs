//! Who is calling: what an agent is told before its first word, and who takes the call.
//!
//! Answered inside a short deadline, whatever happens: a caller hears ringing meanwhile. Never
//! tells of a caller what their number does not open, and never asks anybody outside.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::calls::{CallKey, join, whose};
use super::desk::caller;
use super::intake::Proven;
use super::{App, AppError};
use crate::domain::access::admit_call;
use crate::domain::business::Setup;
use crate::domain::call::{Facts, Moment, Report, Status, Version};
use crate::domain::customer::{Match, Told, who};
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;
use crate::domain::say::opening;
use crate::domain::speech::spoken_slot;
use crate::domain::welcome::{Welcome, date_table};
use crate::providers::voice::{Handover, Inbound, Reply, Taken};
use crate::store::{Lane, Read, StoreError, appointments, businesses, calls, customers};

/// Within what an agent is told: the shortest wait of any provider is a second.
const DEADLINE: Duration = Duration::from_millis(700);

/// A call that rings and is to be written down.
pub struct Ringing {
    key: CallKey,
    report: Report,
    version: Version,
}

impl App {
    /// Answers who is calling, in the provider's envelope; and what is to be written down of it
    /// behind the answer.
    pub async fn welcome(&self, proven: Proven) -> Result<(Reply, Option<Ringing>), AppError> {
        let Proven { account, payload } = proven;
        let inbound = account.voice.inbound(&payload)?;
        let version = Version::new(Moment::Tool, payload.sha256());
        let told = self.taken(&account.name, &inbound, version);
        let taken = match tokio::time::timeout(DEADLINE, told).await {
            Ok(Ok(taken)) => taken,
            Ok(Err(error)) => {
                tracing::error!(%error, "it could not be found out who is calling");
                Taken::default()
            }
            Err(_) => {
                tracing::warn!("finding out who is calling ran out of time");
                Taken::default()
            }
        };
        let reply = account.voice.welcome(&taken);
        let ringing = inbound.call.map(|names| Ringing {
            key: CallKey { account: account.name.clone(), names },
            report: inbound.report,
            version,
        });
        Ok((reply, ringing))
    }

    async fn taken(
        &self,
        account: &str,
        inbound: &Inbound,
        version: Version,
    ) -> Result<Taken, AppError> {
        let now = self.clock.now();
        let mut facts = Facts::default();
        facts.join(inbound.report.clone(), version);
        let (kept, name) = (Arc::clone(&self.kept), account.to_owned());
        let taken = self.store.read(move |read| {
            let Some(owner) = whose(read, &name, &facts)? else { return Ok(Taken::default()) };
            let id = admit_call(owner);
            let Some(setup) = kept.setup(read, id, now)? else { return Ok(Taken::default()) };
            let agents = businesses::agents(read, id)?;
            let agent = agents.into_iter().find(|agent| agent.account == name);
            let caller = facts.their_number().and_then(|number| caller(&setup, number));
            let welcome = told(read, &setup, caller.as_ref(), now)?;
            let agent = agent.map(|agent| agent.provider_agent_id);
            Ok(Taken { agent, welcome: Some(welcome) })
        });
        Ok(taken.await?)
    }

    /// Keeps that a call rings, so that one of which nothing more is heard is not lost.
    pub async fn note_ringing(&self, ringing: Ringing) {
        let Ringing { key, report, version } = ringing;
        let now = self.clock.now();
        let report = Report { status: Some(Status::Registered), ..report };
        let noted = self
            .store
            .write(Lane::Urgent, move |write| join(write, &key, (report, version), now).map(drop));
        if let Err(error) = noted.await {
            tracing::error!(%error, "a call that rings could not be noted");
        }
    }

    /// Says where a call is to be handed on to: the telephone of the business.
    pub async fn hand_over(&self, proven: Proven) -> Result<Reply, AppError> {
        let Proven { account, payload } = proven;
        let inbound = account.voice.inbound(&payload)?;
        let mut facts = Facts::default();
        facts.join(inbound.report, Version::new(Moment::Tool, payload.sha256()));
        let (kept, name, now) = (Arc::clone(&self.kept), account.name.clone(), self.clock.now());
        let names = inbound.call;
        let setup = self.store.read(move |read| {
            let known = match &names {
                Some(names) => calls::find(read, &name, &names.id)?,
                None => None,
            };
            let owner = match known.and_then(|call| call.business) {
                Some(owner) => Some(owner),
                None => whose(read, &name, &facts)?,
            };
            match owner {
                Some(owner) => kept.setup(read, admit_call(owner), now),
                None => Ok(None),
            }
        });
        let setup = setup.await?;
        let language = setup.as_ref().map_or(Language::default(), |s| s.business.language);
        let number = setup.as_ref().and_then(|setup| {
            setup.branches.iter().filter(|branch| branch.active).find_map(|b| b.phone.clone())
        });
        let say = crate::domain::say::handing_over(language, number.is_some()).to_owned();
        Ok(account.voice.hand_over(&Handover { number, say }))
    }
}

/// What an agent is told of a caller.
fn told(
    read: &Read<'_>,
    setup: &Setup,
    caller: Option<&PhoneNumber>,
    now: Timestamp,
) -> Result<Welcome, StoreError> {
    let business = &setup.business;
    let id = admit_call(business.id);
    let (zone, mut language) = (&business.zone, business.language);
    let (mut name, mut next, mut last) = (String::new(), String::new(), String::new());
    if let Some(phone) = caller {
        let told = Told { name: String::new(), phone: Some(phone.clone()), email: None };
        let alike = customers::alike(read, id, &told)?;
        if let Match::One(known) = who(&alike, &told)
            && let Some(person) = alike.into_iter().find(|one| one.id == known)
        {
            language = person.language.unwrap_or(language);
            name = person.name;
        }
        if let Some(ahead) = appointments::ahead_of_phone(read, id, phone, now)?.first() {
            let branch = setup.branch(ahead.seat.branch);
            let at = branch.map_or(zone, |branch| &branch.zone);
            let service = setup.service(ahead.seat.service).map_or("", |one| one.name.as_str());
            let when = spoken_slot(language, ahead.seat.span.start(), at, now);
            next = format!("{service}, {when}");
        }
        if let Some(before) = calls::last_from(read, id, phone, now)? {
            last = zone.to_datetime(before).date().to_string();
        }
    }
    let known = if name.is_empty() { "false" } else { "true" };
    let greeting = opening(language, &business.name, &name);
    let local = now.to_zoned(zone.clone());
    Ok(Welcome(vec![
        ("business_name", business.name.clone()),
        ("caller_known", known.to_owned()),
        ("caller_name", name),
        ("caller_number", caller.map_or_else(String::new, |phone| phone.as_str().to_owned())),
        ("next_appointment", next),
        ("last_call", last),
        ("language", language.code().to_owned()),
        ("opening", greeting),
        ("today", local.strftime("%A %Y-%m-%d").to_string()),
        ("now", local.strftime("%H:%M").to_string()),
        ("timezone", zone.iana_name().unwrap_or_default().to_owned()),
        ("date_table", date_table(now, zone)),
    ]))
}
