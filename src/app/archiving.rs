//! A recording's road, step by step: fetched onto this machine's disk, then stored where it belongs.
//!
//! Each step is a try of one job, whose end is written with what it came to. What is away, be it a
//! provider, a store or room on the disk, costs no try. Never loses a file that was fetched: it stays
//! on the disk until another store has it.

use jiff::{SignedDuration, Timestamp};

use super::fetching::Failed;
use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::admit_job;
use crate::domain::ids::{JobId, RecordingId};
use crate::domain::recording::{Next, RecordingState, Window, after_fetch, is_late};
use crate::providers::storage::DISK;
use crate::store::notices::{self, Notice};
use crate::store::recordings::{self, Recording};
use crate::store::{Lane, StoreError, Write, jobs};

/// The least time for which a step is put off, in milliseconds.
const REST_LEAST_MS: i64 = 1_000;

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
        let begun = (RecordingState::Fetching, recording.reason.clone());
        let begins = self.store.write(Lane::Background, move |write| {
            recordings::stand(write, id, (begun.0, &begun.1, tries), Some(job), now)
        });
        // The first write need not be waited for: those after it come after it.
        let (begins, fetched) = tokio::join!(begins, self.fetch_recording(&recording));
        let begins: Result<bool, StoreError> = begins;
        begins?;
        match fetched {
            Ok(fetched) => {
                let now = self.clock.now();
                let (trace, bytes) = (recording.trace, fetched.file.bytes);
                let format = fetched.file.format.clone();
                tracing::info!(trace.id = trace, recording.id = %id, bytes, format, "fetched");
                let stays = self.settings.archive.store().is_none_or(|store| store == DISK);
                let noted = self.store.write(Lane::Background, move |write| {
                    let file = (&fetched.file, fetched.peaks.as_slice());
                    if !recordings::fetched(write, id, file, now)? {
                        // The call was erased meanwhile: the file is nobody's.
                        let file = (fetched.file.store.as_str(), fetched.file.key.as_str(), "");
                        crate::store::archive::remove_later(write, file, now)?;
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
                Ok(noted?)
            }
            Err(Failed::Rests { wait_ms, code }) => {
                let stands = (RecordingState::Waiting, code);
                self.put_step_off(job, &recording, stands, wait_ms).await?;
                Ok(None)
            }
            Err(Failed::Tried { trouble, asked_s, window }) => {
                let chance = u16::from_be_bytes(random());
                let at = (self.clock.now(), recording.call_ended_at);
                let next = after_fetch(trouble, tries + 1, at, window, (asked_s, chance));
                let reason = trouble.code();
                let (trace, tries) = (recording.trace, tries + 1);
                tracing::warn!(trace.id = trace, recording.id = %id, reason, tries, "not fetched");
                let late = is_late(at.0, recording.call_ended_at, window);
                self.note_failed_step(job, recording, (next, reason), late).await?;
                Ok(None)
            }
            Err(Failed::Fault(error)) => Err(error),
        }
    }

    /// A step failed: when it is tried again, or that it is given up, and what a person is told.
    async fn note_failed_step(
        &self,
        job: JobId,
        recording: Recording,
        (next, reason): (Next, &'static str),
        late: bool,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let noted = self.store.write(Lane::Background, move |write| {
            let tries = recording.attempts + 1;
            let known = match next {
                Next::At(at) => {
                    let stands = (RecordingState::Waiting, reason, tries);
                    jobs::put_off(write, job, at)?;
                    recordings::stand(write, recording.id, stands, Some(job), now)?
                }
                Next::Rest(state) => {
                    jobs::done(write, job)?;
                    recordings::stand(write, recording.id, (state, reason, tries), None, now)?
                }
            };
            if !known {
                return jobs::done(write, job);
            }
            match next {
                Next::Rest(RecordingState::Failed) => {
                    notice(write, &recording, "recording_failed", now)
                }
                Next::At(_) if late && recording.warned_at.is_none() => {
                    recordings::warned(write, recording.id, now)?;
                    notice(write, &recording, "recording_expiring", now)
                }
                Next::At(_) | Next::Rest(_) => Ok(()),
            }
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
        let wait = SignedDuration::from_millis(wait_ms.max(REST_LEAST_MS));
        let next = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let (id, tries) = (recording.id, recording.attempts);
        let put = self.store.write(Lane::Background, move |write| {
            recordings::stand(write, id, (state, reason, tries), Some(job), now)?;
            jobs::put_off(write, job, next)
        });
        put.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// A file that is on the disk is given up for the other store until somebody asks again, or tried
    /// again at `next`.
    pub(super) async fn note_failed_store(
        &self,
        job: JobId,
        recording: &Recording,
        reason: &'static str,
        next: Option<Timestamp>,
    ) -> Result<(), AppError> {
        let (now, recording) = (self.clock.now(), recording.clone());
        let noted = self.store.write(Lane::Background, move |write| {
            let tries = recording.attempts + 1;
            match next {
                Some(at) => {
                    jobs::put_off(write, job, at)?;
                    let stands = (RecordingState::Storing, reason, tries);
                    recordings::stand(write, recording.id, stands, Some(job), now)?;
                    Ok(())
                }
                None => {
                    jobs::done(write, job)?;
                    let stands = (RecordingState::Failed, reason, tries);
                    recordings::stand(write, recording.id, stands, None, now)?;
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
