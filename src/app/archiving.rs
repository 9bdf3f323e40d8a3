//! A recording's road, step by step: fetched onto this machine's disk, then stored where it belongs.
//!
//! Each step is a try of one job, whose end is written with what it came to. What is away, be it a
//! provider, a store or room on the disk, costs no try. Never loses a file that was fetched: it stays
//! on the disk until another store has it.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::fetching::{Failed, Fetched, tries_to_fetch};
use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::admit_job;
use crate::domain::ids::{JobId, RecordingId};
use crate::domain::recording::{Next, RecordingState, Trouble, Window, after_fetch, is_late};
use crate::providers::storage::DISK;
use crate::store::notices::{self, Notice};
use crate::store::recordings::{self, Recording};
use crate::store::{Lane, StoreError, Write, archive, jobs};

/// The least time for which a step is put off, in milliseconds; up to as much again is added.
const REST_LEAST_MS: i64 = 5_000;
/// How often it is tried to write that a recording is on the disk, and how long between two tries.
const NOTE_TRIES: u32 = 20;
const NOTE_WAIT: Duration = Duration::from_secs(3);
/// After this time a person is told that a recording does not come to its store.
const STORING_LATE: SignedDuration = SignedDuration::from_hours(6);
/// The reason of a recording that is not wanted any more.
const NOT_KEPT: &str = "not_kept";
/// Reasons for which a recording is not there that are no loss.
const NO_LOSS: [&str; 2] = ["not_offered", NOT_KEPT];

impl App {
    /// Goes on with a recording, from where it is to where it belongs, or as far as it goes now.
    pub async fn archive_recording(&self, job: JobId, id: RecordingId) -> Result<(), AppError> {
        let found = self.store.read(move |read| recordings::find(read, id)).await?;
        // Another job has taken over, or the call is gone.
        let Some(recording) = found.filter(|found| found.job == Some(job)) else {
            let done = self.store.write(Lane::Background, move |write| jobs::done(write, job));
            return done.await.map_err(|error: StoreError| AppError::from(error));
        };
        let recording = if recording.file.is_some() {
            recording
        } else if self.settings().archive.store().is_none() {
            let next = Next::Rest(RecordingState::Expired);
            return self.note_failed_step(job, recording, (next, NOT_KEPT, 0), false).await;
        } else {
            match self.fetch_step(job, recording).await? {
                Some(fetched) => fetched,
                None => return Ok(()),
            }
        };
        self.store_step(job, &recording).await
    }

    /// Tries to fetch a recording. Returns it with its file when it is to go on to another store, or
    /// nothing when this was its last step, or one that is tried again; which is written then.
    async fn fetch_step(
        &self,
        job: JobId,
        recording: Recording,
    ) -> Result<Option<Recording>, AppError> {
        let (id, tries) = (recording.id, recording.attempts);
        let now = self.clock.now();
        let reason = recording.reason.clone();
        let begins = self.store.write(Lane::Background, move |write| {
            let stands = (RecordingState::Fetching, reason.as_str(), tries);
            recordings::stand(write, (id, job), stands, Some(job), now)
        });
        // The first write need not be waited for: those after it come after it. It is for people to
        // look at: when it fails, nothing is lost.
        let (begins, fetched) = tokio::join!(begins, self.fetch_recording(&recording));
        let begins: Result<bool, StoreError> = begins;
        if let Err(error) = begins {
            tracing::warn!(recording.id = %id, %error, "that it is fetched could not be noted");
        }
        match fetched {
            Ok(fetched) => {
                let (trace, bytes) = (recording.trace, fetched.file.bytes);
                let format = fetched.file.format.clone();
                tracing::info!(trace.id = trace, recording.id = %id, bytes, format, "fetched");
                self.note_fetched((job, recording), Arc::new(fetched)).await
            }
            Err(Failed::Rests { wait_ms, code, window }) => {
                let stands = (RecordingState::Waiting, code);
                self.put_step_off(job, &recording, stands, wait_ms).await?;
                if is_late(self.clock.now(), recording.call_ended_at, window) {
                    self.warn(&recording, "recording_expiring").await?;
                }
                Ok(None)
            }
            Err(Failed::Tried { trouble, asked_s, window }) => {
                let chance = u16::from_be_bytes(random());
                let at = (self.clock.now(), recording.call_ended_at);
                let waits = trouble == Trouble::NotOffered;
                let tries = 1 + if waits { tries } else { tries_to_fetch(&recording) };
                let next = after_fetch(trouble, tries, at, window, (asked_s, chance));
                let (reason, trace) = (trouble.code(), recording.trace);
                tracing::warn!(trace.id = trace, recording.id = %id, reason, tries, "not fetched");
                let late = is_late(at.0, recording.call_ended_at, window);
                self.note_failed_step(job, recording, (next, reason, tries), late).await?;
                Ok(None)
            }
            Err(Failed::Fault(error)) => Err(error),
        }
    }

    /// Writes that a recording is on the disk. The database may be away for a moment: what was fetched
    /// is not thrown away for that.
    async fn note_fetched(
        &self,
        (job, recording): (JobId, Recording),
        fetched: Arc<Fetched>,
    ) -> Result<Option<Recording>, AppError> {
        let stays = self.settings().archive.store().is_none_or(|store| store == DISK);
        let (id, trace) = (recording.id, recording.trace);
        let mut left = NOTE_TRIES;
        loop {
            let (now, fetched) = (self.clock.now(), Arc::clone(&fetched));
            let noted = self.store.write(Lane::Background, move |write| {
                let file = (&fetched.file, fetched.peaks.as_slice());
                if !recordings::fetched(write, (id, job), file, now)? {
                    // The call was erased meanwhile: the file is nobody's.
                    let file = (fetched.file.store.as_str(), fetched.file.key.as_str(), "");
                    archive::remove_later(write, file, now)?;
                    jobs::done(write, job)?;
                    return Ok(None);
                }
                if stays {
                    recordings::archived(write, id, (DISK, DISK), now)?;
                    tracing::info!(trace.id = trace, recording.id = %id, store = DISK, "archived");
                    jobs::done(write, job)?;
                    return Ok(None);
                }
                recordings::find(write, id)
            });
            let noted: Result<Option<Recording>, StoreError> = noted.await;
            left -= 1;
            match noted {
                Err(error) if error.is_transient() && left > 0 => {
                    drop(tokio::time::timeout(NOTE_WAIT, std::future::pending::<()>()).await);
                }
                other => return Ok(other?),
            }
        }
    }

    /// A step failed: when it is tried again, or that it is given up, and what a person is told.
    async fn note_failed_step(
        &self,
        job: JobId,
        recording: Recording,
        (next, reason, tries): (Next, &'static str, u32),
        late: bool,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let noted = self.store.write(Lane::Background, move |write| {
            let ids = (recording.id, job);
            let (state, again) = match next {
                Next::At(at) => (RecordingState::Waiting, Some(at)),
                Next::Rest(state) => (state, None),
            };
            let stands = (state, reason, tries);
            let is_its = recordings::stand(write, ids, stands, again.map(|_| job), now)?;
            match again.filter(|_| is_its) {
                Some(at) => jobs::put_off(write, job, at)?,
                None => jobs::done(write, job)?,
            }
            if !is_its {
                return Ok(());
            }
            if state == RecordingState::Failed {
                return notice(write, &recording, "recording_failed", now);
            }
            if state == RecordingState::Expired {
                let is_lost = !NO_LOSS.contains(&reason);
                return if is_lost {
                    notice(write, &recording, "recording_lost", now)
                } else {
                    Ok(())
                };
            }
            if late && recording.warned_at.is_none() {
                recordings::warned(write, recording.id, now)?;
                notice(write, &recording, "recording_expiring", now)?;
            }
            Ok(())
        });
        noted.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// What is needed is away: the step waits, and no try is spent.
    pub(super) async fn put_step_off(
        &self,
        job: JobId,
        recording: &Recording,
        (state, reason): (RecordingState, &'static str),
        wait_ms: i64,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        // Those who wait for the same thing do not all come back at the same moment.
        let spread = REST_LEAST_MS * i64::from(u16::from_be_bytes(random())) / i64::from(u16::MAX);
        let wait = SignedDuration::from_millis(wait_ms.max(REST_LEAST_MS) + spread);
        let next = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let (id, tries, trace) = (recording.id, recording.attempts, recording.trace);
        tracing::debug!(trace.id = trace, recording.id = %id, reason, "put off");
        let put = self.store.write(Lane::Background, move |write| {
            if recordings::stand(write, (id, job), (state, reason, tries), Some(job), now)? {
                return jobs::put_off(write, job, next);
            }
            jobs::done(write, job)
        });
        put.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Tells a person of a recording, once.
    async fn warn(&self, recording: &Recording, kind: &'static str) -> Result<(), AppError> {
        if recording.warned_at.is_some() {
            return Ok(());
        }
        let (now, recording) = (self.clock.now(), recording.clone());
        let told = self.store.write(Lane::Background, move |write| {
            recordings::warned(write, recording.id, now)?;
            notice(write, &recording, kind, now)
        });
        told.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// A file that is on the disk is given up for the other store until somebody asks again, or tried
    /// again at `next`.
    pub(super) async fn note_failed_store(
        &self,
        job: JobId,
        recording: &Recording,
        (reason, target): (&'static str, &str),
        next: Option<Timestamp>,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let fetched_at = recording.fetched_at.unwrap_or(now);
        let is_old = now.duration_since(fetched_at) > STORING_LATE;
        if next.is_some() && is_old {
            self.warn(recording, "recording_not_stored").await?;
        }
        let (recording, target) = (recording.clone(), target.to_owned());
        let noted = self.store.write(Lane::Background, move |write| {
            let (ids, tries) = ((recording.id, job), recording.attempts + 1);
            let (state, goes_on) = match next {
                Some(_) => (RecordingState::Storing, Some(job)),
                None => (RecordingState::Failed, None),
            };
            if !recordings::stand(write, ids, (state, reason, tries), goes_on, now)? {
                // Erased meanwhile, or another's: the store may have it all the same.
                if let Some(file) = &recording.file {
                    archive::remove_later(write, (&target, &file.key, ""), now)?;
                }
                return jobs::done(write, job);
            }
            match next {
                Some(at) => jobs::put_off(write, job, at),
                None => {
                    jobs::done(write, job)?;
                    notice(write, &recording, "recording_failed", now)
                }
            }
        });
        noted.await.map_err(|error: StoreError| AppError::from(error))
    }
}

fn notice(
    write: &mut Write<'_>,
    recording: &Recording,
    kind: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    // One that is nobody's yet is listed by its state alone.
    let Some(business) = recording.business else { return Ok(()) };
    let subject = recording.id.to_string();
    let notice = Notice { kind: kind.to_owned(), subject, noticed_at: now };
    notices::add(write, admit_job(business), &notice)
}

/// A window for a recording whose account is not configured any more.
pub(super) const NO_ACCOUNT: Window = Window { ready_s: 0, offered_s: 3_600, kept_s: 86_400 };
