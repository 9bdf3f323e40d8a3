//! Recordings: how far each is, where its file lies, and what is known of its audio.
//!
//! A file that no row names any more is put down for removal by a trigger, in the same write. Never
//! touches a file.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row};

use super::columns::{Place, instant, maybe_instant, value, word};
use super::{Read, StoreError, Write, jobs};
use crate::crypto::digest::hex;
use crate::domain::access::BusinessId;
use crate::domain::ids::{BusinessRef, CallId, InboxId, JobId, RecordingId};
use crate::domain::job::Job;
use crate::domain::recording::RecordingState;

/// The reason of recordings that are older than they are to be kept.
pub const LET_GO: &str = "retention";

/// A recording, without its peaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Which.
    pub id: RecordingId,
    /// Its call.
    pub call: CallId,
    /// Whose it is, once that is known.
    pub business: Option<BusinessRef>,
    /// How far it is.
    pub state: RecordingState,
    /// Stable code of what stood in its way last; empty when nothing does.
    pub reason: String,
    /// Tries of this step that failed.
    pub attempts: u32,
    /// The end of its call.
    pub call_ended_at: Timestamp,
    /// When a person was told that time runs out.
    pub warned_at: Option<Timestamp>,
    /// Where its file is, once there is one.
    pub file: Option<File>,
    /// The store and the name of an upload in parts that is under way.
    pub upload: Option<(String, String)>,
    /// When it came onto this machine.
    pub fetched_at: Option<Timestamp>,
    /// When it was where it belongs.
    pub archived_at: Option<Timestamp>,
    /// When anything of it changed last.
    pub updated_at: Timestamp,
    /// The job that goes on with it.
    pub job: Option<JobId>,
    /// Number of the delivery that told of it first, for the log.
    pub trace: Option<i64>,
}

/// The file of a recording and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Which store has it.
    pub store: String,
    /// Its name there.
    pub key: String,
    /// Whether it is sealed with the master key.
    pub is_sealed: bool,
    /// `wav`, `mp3` or `ogg`.
    pub format: String,
    /// Of the audio.
    pub sha256: [u8; 32],
    /// Of the audio.
    pub bytes: u64,
    /// Of the file as it is kept.
    pub kept_sha256: [u8; 32],
    /// Of the file as it is kept.
    pub kept_bytes: u64,
    /// Read from the audio.
    pub duration_ms: u64,
    /// Read from the audio.
    pub channels: u8,
    /// Read from the audio.
    pub sample_rate_hz: u32,
}

impl File {
    /// The digest of the audio, in hexadecimal.
    pub fn digest(&self) -> String {
        hex(&self.sha256)
    }
}

impl Recording {
    /// Whether it was let go of by its age: it does not come back.
    pub fn is_let_go(&self) -> bool {
        self.state == RecordingState::Expired && self.reason == LET_GO
    }
}

/// Reads a row of all columns but the peaks, in the order of [`find`].
pub(super) fn recording(row: &Row<'_>) -> Result<Recording, StoreError> {
    let at = |column| Place("recordings", column);
    let key: String = value(row, 9)?;
    let file = if key.is_empty() {
        None
    } else {
        Some(File {
            store: value(row, 8)?,
            key,
            is_sealed: value(row, 10)?,
            format: value(row, 13)?,
            sha256: value(row, 14)?,
            bytes: unsigned(row, 15, at("bytes"))?,
            kept_sha256: value(row, 16)?,
            kept_bytes: unsigned(row, 17, at("kept_bytes"))?,
            duration_ms: unsigned(row, 18, at("duration_ms"))?,
            channels: value(row, 19)?,
            sample_rate_hz: value(row, 20)?,
        })
    };
    let upload: String = value(row, 12)?;
    let upload_store: String = value(row, 11)?;
    Ok(Recording {
        id: RecordingId::from_uuid(value(row, 0)?),
        call: CallId::from_uuid(value(row, 1)?),
        business: value::<Option<_>>(row, 2)?.map(BusinessRef::from_uuid),
        state: word(row, 3, (&RecordingState::ALL, RecordingState::word), at("state"))?,
        reason: value(row, 4)?,
        attempts: value(row, 5)?,
        call_ended_at: instant(row, 6, at("call_ended_at"))?,
        warned_at: maybe_instant(row, 7, at("warned_at"))?,
        file,
        upload: (!upload.is_empty()).then_some((upload_store, upload)),
        fetched_at: maybe_instant(row, 21, at("fetched_at"))?,
        archived_at: maybe_instant(row, 22, at("archived_at"))?,
        updated_at: instant(row, 23, at("updated_at"))?,
        job: value::<Option<i64>>(row, 24)?.map(JobId),
        trace: value(row, 25)?,
    })
}

fn unsigned(row: &Row<'_>, index: usize, at: Place) -> Result<u64, StoreError> {
    u64::try_from(value::<i64>(row, index)?).map_err(|_| at.fault("is below nothing"))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// One recording, whosever it is; for jobs and for whoever runs the machine.
pub fn find(read: &Read<'_>, id: RecordingId) -> Result<Option<Recording>, StoreError> {
    let mut statement = read.conn.prepare_cached(
        "SELECT id, call_id, business_id, state, reason, attempts, call_ended_at, warned_at, store,
                key, is_sealed, upload_store, upload_id, format, sha256, bytes, kept_sha256,
                kept_bytes, duration_ms, channels, sample_rate_hz, fetched_at, archived_at,
                updated_at, job_id, trace_id
         FROM recordings
         WHERE id = ?1",
    )?;
    let mut rows = statement.query([id.uuid()])?;
    rows.next()?.map(recording).transpose()
}

/// One recording of a business.
pub fn own(
    read: &Read<'_>,
    business: BusinessId,
    id: RecordingId,
) -> Result<Option<Recording>, StoreError> {
    Ok(find(read, id)?.filter(|found| found.business == Some(business.as_ref())))
}

/// The recording of a call, for whoever moves it.
pub fn of_call(read: &Read<'_>, call: CallId) -> Result<Option<Recording>, StoreError> {
    let mut statement = read.conn.prepare_cached("SELECT id FROM recordings WHERE call_id = ?1")?;
    let id: Option<uuid::Uuid> = statement.query_row([call.uuid()], |row| row.get(0)).optional()?;
    id.map_or(Ok(None), |id| find(read, RecordingId::from_uuid(id)))
}

/// The loudest of each part, channel after channel.
pub fn peaks(
    read: &Read<'_>,
    business: BusinessId,
    id: RecordingId,
) -> Result<Vec<u8>, StoreError> {
    let mut statement = read
        .conn
        .prepare_cached("SELECT peaks FROM recordings WHERE id = ?1 AND business_id = ?2")?;
    let found: Option<Option<Vec<u8>>> =
        statement.query_row((id.uuid(), business.uuid()), |row| row.get(0)).optional()?;
    Ok(found.flatten().unwrap_or_default())
}

/// How a recording was heard of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard {
    /// Whether the provider itself named it; else its call is over.
    pub is_announced: bool,
    /// The delivery that told of it.
    pub by: Option<InboxId>,
}

/// Takes note that a call has, or soon will have, a recording. Heard of again, it is asked for at
/// once when it was waited for or given up. `first` is when it is worth asking.
pub fn expect(
    write: &mut Write<'_>,
    id: RecordingId,
    (call, business): (CallId, Option<BusinessRef>),
    (ended_at, first, now): (Timestamp, Timestamp, Timestamp),
    heard: Heard,
) -> Result<(), StoreError> {
    let Some(known) = of_call(write, call)? else {
        let job = jobs::add(write, Job::ArchiveRecording { recording: id }, first, now)?;
        write
            .conn
            .prepare_cached(
                "INSERT INTO recordings
                   (id, call_id, business_id, job_id, call_ended_at, updated_at, trace_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute((
                id.uuid(),
                call.uuid(),
                business.map(BusinessRef::uuid),
                job.0,
                ended_at.as_millisecond(),
                now.as_millisecond(),
                heard.by.map(|inbox| inbox.0),
            ))?;
        return Ok(());
    };
    if heard.is_announced && known.file.is_none() && known.state != RecordingState::Fetching {
        again(write, &known, now)?;
    }
    Ok(())
}

/// Has a recording that is not where it belongs tried again at once, from the step where it is. One
/// that was let go of by its age stays so.
pub fn again(write: &mut Write<'_>, known: &Recording, now: Timestamp) -> Result<(), StoreError> {
    if known.is_let_go() {
        return Ok(());
    }
    let under_way = known.job.filter(|_| known.state.is_under_way());
    let job = match under_way {
        Some(job) if jobs::hasten(write, job, now)? => job,
        Some(_) | None => {
            jobs::add(write, Job::ArchiveRecording { recording: known.id }, now, now)?
        }
    };
    let state = match &known.file {
        Some(_) => RecordingState::Storing,
        None => RecordingState::Expected,
    };
    let attempts = if known.state.is_under_way() { known.attempts } else { 0 };
    write
        .conn
        .prepare_cached(
            "UPDATE recordings
             SET state = ?2, job_id = ?3, attempts = ?4, updated_at = ?5,
                 reason = CASE ?4 WHEN 0 THEN '' ELSE reason END
             WHERE id = ?1",
        )?
        .execute((known.id.uuid(), state.word(), job.0, attempts, now.as_millisecond()))?;
    Ok(())
}

/// Where a recording stands now, as its job found it: its state, what stood in its way, the tries that
/// failed, and the job that goes on with it. `false` when the row is gone or another job's: then nothing
/// is written.
pub fn stand(
    write: &mut Write<'_>,
    (id, job): (RecordingId, JobId),
    (state, reason, attempts): (RecordingState, &str, u32),
    next: Option<JobId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE recordings
             SET state = ?3, reason = ?4, attempts = ?5, job_id = ?6, updated_at = ?7
             WHERE id = ?1 AND job_id = ?2",
        )?
        .execute((
            id.uuid(),
            job.0,
            state.word(),
            reason,
            attempts,
            next.map(|job| job.0),
            now.as_millisecond(),
        ))?;
    Ok(changed > 0)
}

/// A person was told that time runs out.
pub fn warned(write: &mut Write<'_>, id: RecordingId, now: Timestamp) -> Result<(), StoreError> {
    write
        .conn
        .prepare_cached("UPDATE recordings SET warned_at = ?2 WHERE id = ?1")?
        .execute((id.uuid(), now.as_millisecond()))?;
    Ok(())
}

/// A recording came onto this machine. `false` when there is no such row any more, or it is another
/// job's: its file is nobody's.
pub fn fetched(
    write: &mut Write<'_>,
    (id, job): (RecordingId, JobId),
    (file, peaks): (&File, &[u8]),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE recordings
             SET state = 'storing', reason = '', attempts = 0, store = ?2, key = ?3,
                 is_sealed = ?4, format = ?5, sha256 = ?6, bytes = ?7, kept_sha256 = ?8,
                 kept_bytes = ?9, duration_ms = ?10, channels = ?11, sample_rate_hz = ?12,
                 peaks = ?13, fetched_at = ?14, updated_at = ?14, warned_at = NULL
             WHERE id = ?1 AND job_id = ?15",
        )?
        .execute(rusqlite::params![
            id.uuid(),
            file.store,
            file.key,
            file.is_sealed,
            file.format,
            file.sha256,
            signed(file.bytes),
            file.kept_sha256,
            signed(file.kept_bytes),
            signed(file.duration_ms),
            file.channels,
            file.sample_rate_hz,
            peaks,
            now.as_millisecond(),
            job.0,
        ])?;
    Ok(changed > 0)
}

/// A store may have the file from now on, or a part of it by an upload that it calls so; no upload when
/// the name is empty.
pub fn note_upload(
    write: &mut Write<'_>,
    id: RecordingId,
    (store, upload): (&str, &str),
) -> Result<bool, StoreError> {
    let changed = write
        .conn
        .prepare_cached("UPDATE recordings SET upload_store = ?2, upload_id = ?3 WHERE id = ?1")?
        .execute((id.uuid(), store, upload))?;
    Ok(changed > 0)
}

/// A recording's file is in the store where it belongs, when it was in `from` until now. `false` when
/// it was not.
pub fn archived(
    write: &mut Write<'_>,
    id: RecordingId,
    (from, to): (&str, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = write
        .conn
        .prepare_cached(
            "UPDATE recordings
             SET state = 'archived', reason = '', attempts = 0, job_id = NULL, store = ?3,
                 upload_store = '', upload_id = '', updated_at = ?4,
                 archived_at = coalesce(archived_at, ?4)
             WHERE id = ?1 AND store = ?2 AND key <> ''",
        )?
        .execute((id.uuid(), from, to, now.as_millisecond()))?;
    Ok(changed > 0)
}
