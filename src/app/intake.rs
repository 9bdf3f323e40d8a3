//! Taking in what providers deliver: verify, keep, then answer.
//!
//! A delivery is acknowledged after its raw bytes and the job that applies it are committed in one
//! write. Never reads a delivery here, so that an odd one can neither be lost nor refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use jiff::Timestamp;

use super::{App, AppError};
use crate::domain::job::Job;
use crate::providers::VoiceAccount;
pub use crate::providers::voice::{Delivery as Wish, Incoming, Reply, Road};
use crate::providers::voice::{Refusal, Verified};
use crate::store::inbox::{self, Delivery, Received, RefusedKind};
use crate::store::{Lane, Read, StoreError, jobs};

/// Most kinds of refusals counted at a time; more are counted as one kind.
const REFUSED_KINDS_MAX: usize = 256;
/// Milliseconds in a minute.
const MINUTE_MS: i64 = 60_000;
/// Fingerprints forgotten in one write.
const FORGET_BATCH: u32 = 500;

/// Refusals counted since they were last written down.
#[derive(Default)]
pub struct RefusedCounts(Mutex<HashMap<RefusedKind, u64>>);

/// A payload whose sender is proven, and the voice account that proved it. Only [`App::verify`]
/// makes one, and what takes in or answers a provider takes nothing else.
pub struct Proven {
    pub(super) account: Arc<VoiceAccount>,
    pub(super) payload: Verified,
}

impl Proven {
    /// What it asks for.
    pub fn wish(&self) -> Wish {
        self.account.voice.sort(&self.payload)
    }

    /// How its provider wants an event acknowledged.
    pub fn acknowledgement(&self) -> StatusCode {
        self.account.voice.acknowledgement()
    }
}

impl App {
    /// Proves who sent a request to a voice account.
    pub fn verify(&self, account: &str, request: &Incoming<'_>) -> Result<Proven, AppError> {
        let registry = self.registry();
        let account = registry.voice(account).ok_or(AppError::NotFound("voice account"))?;
        match account.voice.verify(request) {
            Ok(payload) => Ok(Proven { account: Arc::clone(account), payload }),
            Err(refusal) => {
                self.count_refused(&account.name, refusal);
                Err(AppError::Refused(refusal))
            }
        }
    }

    /// Whether a request carries a proof at all: what does not is refused before it is read.
    pub fn presents_proof(&self, account: &str, request: &Incoming<'_>) -> Result<(), AppError> {
        let registry = self.registry();
        let account = registry.voice(account).ok_or(AppError::NotFound("voice account"))?;
        account.voice.presents(request).map_err(|refusal| {
            self.count_refused(&account.name, refusal);
            AppError::Refused(refusal)
        })
    }

    /// Keeps an event. Returning `Ok` means that it is on the disk, now or since before. Refused while
    /// the disk is nearly full: it comes again.
    pub async fn take_in(&self, proven: Proven) -> Result<Received, AppError> {
        if self.store.space().is_low(self.clock.now_ms()) {
            return Err(StoreError::Full("the room kept free on the disk".to_owned()).into());
        }
        let Proven { account, payload } = proven;
        let now = self.clock.now();
        let delivery = Delivery {
            account: account.name.clone(),
            body: payload.body().to_vec(),
            sha256: *payload.sha256(),
            received_at: now,
        };
        let kept = self.store.write(Lane::Urgent, move |write| {
            let received = inbox::receive(write, &delivery)?;
            if let Received::New(inbox) = received {
                jobs::add(write, Job::ApplyEvent { inbox }, now, now)?;
            }
            Ok::<_, StoreError>(received)
        });
        let received = kept.await?;
        if let Received::New(inbox) = received {
            tracing::debug!(trace.id = inbox.0, "a delivery is kept");
        }
        Ok(received)
    }

    fn count_refused(&self, account: &str, refusal: Refusal) {
        let minute_at = self.clock.now_ms().div_euclid(MINUTE_MS) * MINUTE_MS;
        let mut counts = self.refused.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = counts.len() >= REFUSED_KINDS_MAX;
        let mut kind =
            RefusedKind { account: account.to_owned(), reason: refusal.code(), minute_at };
        if full && !counts.contains_key(&kind) {
            kind = RefusedKind { account: String::new(), reason: "other", minute_at: 0 };
        }
        *counts.entry(kind).or_insert(0) += 1;
    }

    /// Writes down how many deliveries were refused since the last time.
    pub async fn note_refused(&self) -> Result<(), AppError> {
        let counts: HashMap<RefusedKind, u64> = {
            let mut counts = self.refused.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *counts)
        };
        if counts.is_empty() {
            return Ok(());
        }
        let written = counts.clone();
        let noted = self.store.write(Lane::Background, move |write| {
            for (kind, refused) in &written {
                inbox::count_refused(write, kind, *refused)?;
            }
            Ok::<_, StoreError>(())
        });
        if let Err(error) = noted.await {
            // They are counted with those of the next minute.
            let mut later = self.refused.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (kind, refused) in counts {
                *later.entry(kind).or_insert(0) += refused;
            }
            return Err(error.into());
        }
        Ok(())
    }

    /// Forgets the fingerprints of deliveries that are too old to be repeated.
    pub async fn forget_fingerprints(&self) -> Result<(), AppError> {
        let before = self.clock.now().checked_sub(self.settings().retention.seen());
        let before = before.unwrap_or(Timestamp::UNIX_EPOCH);
        loop {
            let question =
                move |read: &Read<'_>| inbox::old_fingerprints(read, before, FORGET_BATCH);
            let old = self.store.read(question).await?;
            if old.is_empty() {
                return Ok(());
            }
            let forgotten =
                self.store.write(Lane::Background, move |write| inbox::forget(write, &old));
            forgotten.await?;
        }
    }
}
