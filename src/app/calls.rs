//! From deliveries to calls.
//!
//! A delivery is read, and what it says is joined into its call in one write with the end of the
//! job. Any order and any repetition end in the same call. Never trusts a field that the caller
//! controls for whose call it is.

use jiff::{SignedDuration, Timestamp};

use super::{App, AppError};
use crate::clock::random;
use crate::domain::call::{Facts, Report, Status, Version, outcome};
use crate::domain::ids::{CallId, InboxId, JobId, RecordingId};
use crate::domain::job::Job;
use crate::domain::phone::PhoneNumber;
use crate::domain::recording::Window;
use crate::domain::transcript::Turn;
use crate::providers::voice::{CallNames, Event, Unreadable, Verified};
use crate::store::calls::Kept;
use crate::store::recordings::Heard;
use crate::store::{
    Lane, Read, StoreError, Write, appointments, businesses, call_names, calls, inbox, jobs,
    recordings, tombstones, tool_calls,
};

/// Most other names taken of one event.
const NAMES_MAX: usize = 8;

/// Which call, at whose provider.
#[derive(Clone, Debug)]
pub struct CallKey {
    /// Name of the voice account.
    pub account: String,
    /// The provider's names of the call.
    pub names: CallNames,
}

impl App {
    /// Reads a delivery, moves the call that it tells of, and ends the job.
    pub async fn apply_event(&self, job: JobId, inbox: InboxId) -> Result<(), AppError> {
        let found = self.store.read(move |read| inbox::find(read, inbox)).await?;
        let Some(delivery) = found else {
            return self.end_as_poison(job, inbox, "the delivery is gone").await;
        };
        let Some(payload) = Verified::kept(delivery.body, &delivery.sha256) else {
            tracing::error!(inbox.id = inbox.0, "a delivery changed on the disk");
            return self.end_as_poison(job, inbox, "its bytes changed on the disk").await;
        };
        let registry = self.registry();
        let account = registry.voice(&delivery.account);
        let account = account.ok_or(AppError::NotFound("voice account"))?;
        match account.voice.event(&payload) {
            Ok(event) => {
                let version = Version::new(event.moment, payload.sha256());
                let from = Source { job, inbox, version, received_at: delivery.received_at };
                self.join_event(from, delivery.account, event).await
            }
            Err(Unreadable(reason)) => {
                tracing::warn!(inbox.id = inbox.0, reason, "a delivery cannot be read; kept");
                self.end_as_poison(job, inbox, reason).await
            }
        }
    }

    /// How long the provider of an account has recordings; `None` when they are not kept.
    pub fn recording_window(&self, account: &str) -> Option<Window> {
        self.settings().archive.store()?;
        self.registry().voice(account).map(|account| account.voice.recording_window())
    }

    async fn join_event(
        &self,
        from: Source,
        account: String,
        event: Event,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let window = self.recording_window(&account);
        let joined = self.store.write(Lane::Background, move |write| {
            if let Some(names) = event.call {
                let key = CallKey { account, names };
                let report = if event.needs_confirming { Report::default() } else { event.report };
                let announced = report.recording.is_some();
                let (call, turns) = join(write, &key, (report, from.version), now)?;
                let heard = Heard { is_announced: announced, by: Some(from.inbox) };
                expect_recording(write, &call, (window, heard), now)?;
                if let Some(turns) = turns {
                    calls::put_turns(write, call.id, &turns)?;
                }
                calls::note_event(write, call.id, from.inbox, &event.name, from.received_at)?;
                if event.needs_confirming {
                    jobs::add(write, Job::ConfirmCall { call: call.id }, now, now)?;
                }
            }
            jobs::done(write, from.job)
        });
        match joined.await {
            Err(StoreError::Erased) => self.forget_delivery(from).await,
            other => Ok(other?),
        }
    }

    /// A late delivery about somebody who was erased goes the way of the rest.
    async fn forget_delivery(&self, from: Source) -> Result<(), AppError> {
        let forgotten = self.store.write(Lane::Background, move |write| {
            inbox::remove(write, from.inbox)?;
            jobs::done(write, from.job)
        });
        forgotten.await.map_err(|error: StoreError| AppError::from(error))
    }

    async fn end_as_poison(
        &self,
        job: JobId,
        inbox: InboxId,
        reason: &'static str,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let ended = self.store.write(Lane::Background, move |write| {
            inbox::poison(write, inbox, reason, now)?;
            jobs::done(write, job)
        });
        match ended.await {
            // The delivery itself is gone: there is nothing to mark.
            Err(StoreError::Constraint(_)) => {
                Ok(self.store.write(Lane::Background, move |write| jobs::done(write, job)).await?)
            }
            other => Ok(other?),
        }
    }
}

/// Where an event came from.
#[derive(Clone, Copy)]
struct Source {
    job: JobId,
    inbox: InboxId,
    version: Version,
    received_at: Timestamp,
}

/// Joins what is said of a call into what is known, making the call when it is new. Returns it and
/// the turns to keep when they are better than those known.
pub fn join(
    write: &mut Write<'_>,
    key: &CallKey,
    (report, version): (Report, Version),
    now: Timestamp,
) -> Result<(Kept, Option<Vec<Turn>>), StoreError> {
    let found = known(write, key)?;
    let is_new = found.is_none();
    // Most installations never erased anybody and look no further.
    let graves = is_new && tombstones::any(write)?;
    if graves {
        let names = key.names.others.iter().chain([&key.names.id]).map(String::as_str);
        if tombstones::call_was_erased(write, &key.account, names)? {
            return Err(StoreError::Erased);
        }
    }
    let mut call = found.unwrap_or_else(|| Kept {
        id: CallId::new(now, random()),
        account: key.account.clone(),
        provider_call_id: key.names.id.clone(),
        business: None,
        facts: Facts::default(),
        created_at: now,
    });
    let before = call.facts.clone();
    let turns = call.facts.join(report, version);
    let routes_anew = call.business.is_none() || routing(&before) != routing(&call.facts);
    let business = if routes_anew { whose(write, &key.account, &call.facts)? } else { None };
    let assigned = business.is_some() && business != call.business;
    if assigned {
        call.business = business;
    }
    if graves
        && let (Some(business), Some(number), Some(began)) =
            (call.business, call.facts.their_number(), call.facts.started_at())
        && tombstones::caller_was_erased(write, (business, number), began)?
    {
        return Err(StoreError::Erased);
    }
    // One of our own names is in the row until the provider's is known.
    let renamed =
        call.provider_call_id != key.names.id && key.names.others.contains(&call.provider_call_id);
    let former = renamed.then(|| call.provider_call_id.clone());
    if renamed {
        call.provider_call_id.clone_from(&key.names.id);
    }
    if is_new || assigned || renamed || before != call.facts {
        keep(write, &call, is_new)?;
    }
    let others = key.names.others.iter().take(NAMES_MAX).chain(&former);
    for name in others.filter(|name| **name != call.provider_call_id) {
        call_names::add(write, &key.account, name, call.id)?;
    }
    // A hold ends with its call.
    if call.facts.is_over() && !before.is_over() {
        appointments::release_holds(write, call.id)?;
    }
    Ok((call, turns))
}

/// Takes note that a call has a recording to be fetched: once it is over and people spoke, or as soon
/// as the provider says so.
pub fn expect_recording(
    write: &mut Write<'_>,
    call: &Kept,
    (window, heard): (Option<Window>, Heard),
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(window) = window else { return Ok(()) };
    if !heard.is_announced && call.facts.status() != Status::Ended {
        return Ok(());
    }
    let ended_at = call.facts.ended_at().unwrap_or(now).min(now);
    let ready = ended_at.checked_add(SignedDuration::from_secs(window.ready_s));
    let first = if heard.is_announced { now } else { ready.unwrap_or(now).max(now) };
    let id = RecordingId::new(now, random());
    recordings::expect(write, id, (call.id, call.business), (ended_at, first, now), heard)
}

/// The call that goes by any of the names. Two rows that turn out to be one call become one.
fn known(write: &mut Write<'_>, key: &CallKey) -> Result<Option<Kept>, StoreError> {
    let mut found = calls::find(write, &key.account, &key.names.id)?;
    for name in key.names.others.iter().take(NAMES_MAX) {
        let Some(other) = calls::find(write, &key.account, name)? else { continue };
        let Some(mut first) = found.take() else {
            found = Some(other);
            continue;
        };
        if first.id != other.id {
            let takes_turns = first.facts.absorb(other.facts);
            first.business = first.business.or(other.business);
            first.created_at = first.created_at.min(other.created_at);
            call_names::merge(write, (first.id, other.id), takes_turns)?;
            save(write, &first)?;
        }
        found = Some(first);
    }
    Ok(found)
}

/// Keeps a call that is there, and what came of it by what is known now.
pub fn save(write: &mut Write<'_>, call: &Kept) -> Result<(), StoreError> {
    keep(write, call, false)
}

fn keep(write: &mut Write<'_>, call: &Kept, is_new: bool) -> Result<(), StoreError> {
    if is_new {
        // No tool was called in it yet.
        return calls::add(write, call, outcome(&call.facts, &[]));
    }
    let deeds = if call.facts.is_over() { tool_calls::deeds(write, call.id)? } else { Vec::new() };
    calls::save(write, call, outcome(&call.facts, &deeds))
}

/// Whom a call belongs to: by the number of ours in it, else by its agent.
pub fn whose(
    read: &Read<'_>,
    account: &str,
    facts: &Facts,
) -> Result<Option<crate::domain::ids::BusinessRef>, StoreError> {
    let (number, agent) = routing(facts);
    let number = number.and_then(|number| PhoneNumber::parse(number).ok());
    businesses::route(read, account, number.as_ref().map(PhoneNumber::as_str), agent)
}

fn routing(facts: &Facts) -> (Option<&str>, Option<&str>) {
    (facts.our_number(), facts.agent.as_ref().map(|told| told.0.as_str()))
}
