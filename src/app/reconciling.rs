//! Comparing our calls with what the providers know: events get lost, calls do not.
//!
//! What a provider tells when it is asked is kept and joined like a delivery, so that it makes no
//! difference how a call became known. Never takes a call for over because nothing is heard of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::calls::{CallKey, expect_recording, join};
use super::{App, AppError};
use crate::domain::call::Version;
use crate::domain::ids::{CallId, JobId};
use crate::domain::recording::Window;
use crate::providers::VoiceAccount;
use crate::providers::voice::{CallNames, Fetched, ProviderError};
use crate::store::inbox::{self, Delivery, Received};
pub use crate::store::reconciled::Mark;
use crate::store::recordings::Heard;
use crate::store::{Lane, StoreError, Write, calls, jobs, reconciled};

/// How young a call may be to be left alone: its events are still on their way.
const GAP: SignedDuration = SignedDuration::from_mins(5);
/// How far back each look reaches behind the last: calls that were going on then are over now.
const OVERLAP: SignedDuration = SignedDuration::from_hours(6);
/// How far back the first look reaches.
const FIRST: SignedDuration = SignedDuration::from_hours(24);
/// Pages of a list read in one look.
const PAGES_MAX: usize = 20;
/// Calls asked for one by one in one look.
const OPEN_MAX: u32 = 50;
/// How long a confirmation waits that the provider cannot give yet.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// What a look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Calls listed or asked for.
    pub listed: u32,
    /// Those of which the whole, the end or anything else had been missed.
    pub recovered: u32,
}

impl App {
    /// Looks at every account that can be asked. One that fails does not keep the others waiting.
    pub async fn reconcile(&self) -> Result<(), AppError> {
        let accounts: Vec<Arc<VoiceAccount>> = self.registry().all_voice().cloned().collect();
        for account in accounts {
            let found = self.reconcile_account(&account).await?;
            if found.recovered > 0 {
                let (listed, recovered) = (found.listed, found.recovered);
                tracing::warn!(account = account.name, listed, recovered, "missed calls recovered");
            }
        }
        Ok(())
    }

    /// Looks at one account; what its provider cannot answer is noted and left for the next time.
    pub async fn reconcile_account(&self, account: &VoiceAccount) -> Result<Found, AppError> {
        let now = self.clock.now();
        let until = now.checked_sub(GAP).unwrap_or(now);
        let marks = self.store.read(reconciled::all).await?;
        let mark = marks.into_iter().find(|mark| mark.account == account.name);
        let from = match &mark {
            Some(mark) => mark.until.checked_sub(OVERLAP),
            None => now.checked_sub(FIRST),
        };
        let from = from.unwrap_or(Timestamp::UNIX_EPOCH);
        let mut found = Found::default();
        let window = (from.as_millisecond(), until.as_millisecond());
        let listed = self.look_through(account, window, &mut found).await;
        let asked = self.ask_for_open(account, until, &mut found).await;
        let reached = match &listed {
            Ok(()) | Err(AppError::Upstream(ProviderError::Unsupported(_))) => until,
            Err(_) => mark.map_or(from, |mark| mark.until),
        };
        let mut last_error = String::new();
        for result in [listed, asked] {
            match result {
                Ok(()) | Err(AppError::Upstream(ProviderError::Unsupported(_))) => {}
                Err(AppError::Upstream(error)) => last_error = error.to_string(),
                Err(error) => return Err(error),
            }
        }
        let look = Mark {
            account: account.name.clone(),
            until: reached,
            looked_at: now,
            listed: i64::from(found.listed),
            recovered: i64::from(found.recovered),
            last_error,
        };
        let noted = self.store.write(Lane::Background, move |w| reconciled::note(w, &look));
        noted.await.map_err(|error: StoreError| AppError::from(error))?;
        Ok(found)
    }

    async fn look_through(
        &self,
        account: &VoiceAccount,
        window: (i64, i64),
        found: &mut Found,
    ) -> Result<(), AppError> {
        let mut next: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = account.voice.list(self.net()?, window, next.as_deref()).await;
            let page = page.map_err(AppError::Upstream)?;
            found.listed += u32::try_from(page.calls.len()).unwrap_or(u32::MAX);
            for missed in self.missed(account, page.calls).await? {
                found.recovered += u32::from(self.take_over(account, missed).await?);
            }
            next = page.next;
            if next.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn ask_for_open(
        &self,
        account: &VoiceAccount,
        before: Timestamp,
        found: &mut Found,
    ) -> Result<(), AppError> {
        let name = account.name.clone();
        let open = move |read: &crate::store::Read<'_>| {
            let open = calls::open_before(read, &name, before, OPEN_MAX)?;
            open.into_iter().map(|call| calls::named(read, call)).collect::<Result<Vec<_>, _>>()
        };
        for (_, id, others) in self.store.read(open).await?.into_iter().flatten() {
            let names = CallNames { id, others };
            let fetched = account.voice.fetch(self.net()?, &names).await;
            let Some(fetched) = fetched.map_err(AppError::Upstream)? else { continue };
            found.listed += 1;
            if fetched.is_over {
                found.recovered += u32::from(self.take_over(account, fetched).await?);
            }
        }
        Ok(())
    }

    /// Of calls that a provider tells of, those that are over and of which something is not known here.
    async fn missed(
        &self,
        account: &VoiceAccount,
        listed: Vec<Fetched>,
    ) -> Result<Vec<Fetched>, AppError> {
        let mut over = Vec::new();
        for told in listed.into_iter().filter(|told| told.is_over) {
            let report = account.voice.event(&told.payload)?.report;
            over.push((told, report));
        }
        let name = account.name.clone();
        let missed = self.store.read(move |read| {
            let mut missed = Vec::new();
            for (told, report) in over {
                let known = calls::find(read, &name, &told.id)?;
                if known.is_none_or(|call| !call.facts.is_over() || call.facts.lacks(&report)) {
                    missed.push(told);
                }
            }
            Ok(missed)
        });
        missed.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Keeps what a provider told and joins it into its call, in one write; not of somebody who was
    /// erased.
    async fn take_over(&self, account: &VoiceAccount, told: Fetched) -> Result<bool, AppError> {
        let now = self.clock.now();
        let (name, kept) = (account.name.clone(), self.told(account, &told)?);
        let taken = self.store.write(Lane::Background, move |write| {
            let call = kept.keep(write, name, now)?;
            calls::note_recovered(write, call, now)
        });
        match taken.await {
            Err(StoreError::Erased) => Ok(false),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(true),
        }
    }

    fn told(&self, account: &VoiceAccount, told: &Fetched) -> Result<Told, AppError> {
        let event = account.voice.event(&told.payload)?;
        let delivery = Delivery {
            account: account.name.clone(),
            body: told.payload.body().to_vec(),
            sha256: *told.payload.sha256(),
            received_at: self.clock.now(),
        };
        let version = Version::new(event.moment, told.payload.sha256());
        let window = self.recording_window(&account.name);
        let names = event.call.unwrap_or_else(|| CallNames::one(told.id.clone()));
        Ok(Told { delivery, name: event.name, names, report: event.report, version, window })
    }

    /// Asks the provider how a call ended, for whoever told of it could not prove itself.
    pub async fn confirm_call(&self, job: JobId, call: CallId) -> Result<(), AppError> {
        let found = self.store.read(move |read| calls::named(read, call)).await?;
        let Some((name, id, others)) = found else {
            let done = self.store.write(Lane::Background, move |write| jobs::done(write, job));
            return done.await.map_err(|error: StoreError| AppError::from(error));
        };
        let account = self.registry().voice(&name).map(Arc::clone);
        let account = account.ok_or(AppError::NotFound("voice account"))?;
        let fetched = account.voice.fetch(self.net()?, &CallNames { id, others }).await;
        let now = self.clock.now();
        let fetched = match fetched {
            Ok(Some(fetched)) if fetched.is_over => fetched,
            // It knows of the end a little later, or forgets what never was.
            Ok(Some(_)) => return self.confirm_later(job, now).await,
            Ok(None) => return Err(AppError::Upstream(ProviderError::NotFound)),
            Err(error) => return Err(AppError::Upstream(error)),
        };
        let kept = self.told(&account, &fetched)?;
        let confirmed = self.store.write(Lane::Background, move |write| {
            kept.keep(write, name, now)?;
            jobs::done(write, job)
        });
        confirmed.await.map_err(|error: StoreError| AppError::from(error))
    }

    async fn confirm_later(&self, job: JobId, now: Timestamp) -> Result<(), AppError> {
        let next = now.checked_add(AGAIN).unwrap_or(Timestamp::MAX);
        let put = self.store.write(Lane::Background, move |write| jobs::put_off(write, job, next));
        put.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// How far each account was compared.
    pub async fn reconciled(&self) -> Result<Vec<Mark>, AppError> {
        Ok(self.store.read(reconciled::all).await?)
    }
}

/// What a provider told, ready to be kept.
struct Told {
    delivery: Delivery,
    name: String,
    names: CallNames,
    report: crate::domain::call::Report,
    version: Version,
    window: Option<Window>,
}

impl Told {
    fn keep(
        self,
        write: &mut Write<'_>,
        account: String,
        now: Timestamp,
    ) -> Result<CallId, StoreError> {
        let received = inbox::receive(write, &self.delivery)?;
        let key = CallKey { account, names: self.names };
        let announced = self.report.recording.is_some();
        let (call, turns) = join(write, &key, (self.report, self.version), now)?;
        let by = if let Received::New(inbox) = received { Some(inbox) } else { None };
        let heard = Heard { is_announced: announced, by };
        expect_recording(write, &call, (self.window, heard), now)?;
        if let Some(turns) = turns {
            calls::put_turns(write, call.id, &turns)?;
        }
        if let Received::New(inbox) = received {
            calls::note_event(write, call.id, inbox, &self.name, now)?;
        }
        Ok(call.id)
    }
}
