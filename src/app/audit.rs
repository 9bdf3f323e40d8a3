//! The audit trail: what is done on somebody's behalf, what is refused, and whether it is whole.
//!
//! What is done is noted in the write that does it. What is refused is counted by the minute, so that
//! a flood of forged requests writes a few rows and not a million.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{App, AppError};
use crate::domain::access::BusinessId;
use crate::domain::appointment::{Actor, ChangeKind};
pub use crate::domain::audit::{Ended, Entry, Who};
use crate::domain::ids::{AppointmentId, BusinessRef};
use crate::domain::page::{Limit, Page};
pub use crate::store::audit::{Filter, Kept, Verdict};
pub use crate::store::on_behalf;
use crate::store::{Lane, StoreError, Write, audit};

/// Most kinds of refusals counted at a time; more are counted as one kind.
const KINDS_MAX: usize = 256;
/// Rows taken away in one write.
const PURGE_BATCH: u32 = 500;

/// Refusals counted since they were last written down.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<Refused, u32>>);

/// Requests of one kind that were refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// Whose hand, as far as it is proven.
    pub who: Who,
    /// Whose data it would have been about.
    pub business: Option<BusinessRef>,
    /// What was asked for.
    pub action: String,
    /// About which thing; for a provider's request its account.
    pub object: String,
    /// From where.
    pub address: Option<IpAddr>,
    /// The stable code of the refusal.
    pub reason: &'static str,
}

/// Notes what a caller did to an appointment by a tool, in the write that did it. What comes over REST or
/// from a command has its row by whoever asked for it, and a hold is nothing yet.
pub fn note_change(
    write: &mut Write<'_>,
    business: BusinessRef,
    (actor, kind, id): (Actor, ChangeKind, AppointmentId),
    now: Timestamp,
) -> Result<(), StoreError> {
    if !matches!(actor, Actor::Call(_)) || kind == ChangeKind::Held {
        return Ok(());
    }
    let entry = Entry::done(actor.into(), format!("tool_{}", kind.word()), now);
    audit::append(write, &entry.about(id).of(business))
}

impl App {
    /// Counts a refused request.
    pub fn count_refusal(&self, refused: Refused) {
        let mut counts = self.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if counts.len() < KINDS_MAX || counts.contains_key(&refused) {
            refused
        } else {
            Refused {
                who: Who::Nobody,
                business: None,
                action: "many".to_owned(),
                object: String::new(),
                address: None,
                reason: "many",
            }
        };
        let count = counts.entry(kind).or_insert(0);
        *count = count.saturating_add(1);
    }

    /// Writes down what was refused since the last time, a row a kind.
    pub async fn note_refusals(&self) -> Result<(), AppError> {
        let counts: HashMap<Refused, u32> = {
            let mut counts = self.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *counts)
        };
        if counts.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let entry = |(kind, many): (Refused, u32)| {
            let entry = Entry::done(kind.who, kind.action, now).about(kind.object);
            let entry = Entry { business: kind.business, many, ..entry };
            entry.from(kind.address).refused(kind.reason)
        };
        let entries: Vec<Entry> = counts.clone().into_iter().map(entry).collect();
        let noted = self.store.write(Lane::Background, move |write| {
            entries.iter().try_for_each(|entry| audit::append(write, entry))
        });
        if let Err(error) = noted.await {
            // They are counted with those of the next minute.
            let mut later = self.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (kind, many) in counts {
                let count = later.entry(kind).or_insert(0);
                *count = count.saturating_add(many);
            }
            let error: StoreError = error;
            return Err(error.into());
        }
        Ok(())
    }

    /// Writes a row of its own, for what is done without a write: reading in bulk.
    pub async fn note_done(&self, entry: Entry) -> Result<(), AppError> {
        let noted = self.store.write(Lane::Urgent, move |write| audit::append(write, &entry));
        noted.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// A page of a business's rows, the newest first.
    pub async fn audit_trail(
        &self,
        business: BusinessId,
        filter: Filter,
        limit: Limit,
    ) -> Result<Page<Kept>, AppError> {
        Ok(self.store.read(move |read| audit::list(read, business, &filter, limit)).await?)
    }

    /// The newest rows of the whole installation.
    pub async fn newest_of_trail(&self, most: u32) -> Result<Vec<Kept>, AppError> {
        Ok(self.store.read(move |read| audit::newest(read, most)).await?)
    }

    /// Looks at the whole trail.
    pub async fn verify_trail(&self) -> Result<Verdict, AppError> {
        let keys = std::sync::Arc::clone(self.store.keys());
        Ok(self.store.read(move |read| audit::verify(read, &keys)).await?)
    }

    /// The public key that recognises the trail's checkpoints.
    pub fn trail_key(&self) -> [u8; 32] {
        audit::public_key(self.store.keys())
    }

    /// Signs where the trail stands, and takes away what is older than it is kept.
    pub async fn tend_trail(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let signed = self.store.write(Lane::Background, move |w| audit::checkpoint(w, now));
        signed.await.map_err(|error: StoreError| AppError::from(error))?;
        let days = self.settings().retention.audit_days();
        let before = now.checked_sub(SignedDuration::from_hours(24 * days));
        let before = before.unwrap_or(Timestamp::UNIX_EPOCH);
        loop {
            let purged = self
                .store
                .write(Lane::Background, move |write| audit::purge(write, before, PURGE_BATCH));
            let purged: Result<usize, StoreError> = purged.await;
            if purged? < usize::try_from(PURGE_BATCH).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }
}
