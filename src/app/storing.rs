//! A recording that is on the disk, brought to the store where it belongs.
//!
//! A name is never used for two files, so what is there already under it is the file. The file on the
//! disk goes only after the write that says that the other store has it. Never waits for a store
//! longer than a named time.

use super::{App, AppError};
use crate::clock::random;
use crate::config::PATIENT;
use crate::crypto::digest::hex;
use crate::domain::ids::JobId;
use crate::domain::recording::{QUICK_TRIES, RecordingState, after_store};
use crate::providers::storage::{DISK, Object, Storage, StorageError, UNNAMED};
use crate::store::recordings::{self, File, Recording};
use crate::store::{Lane, StoreError, archive, jobs};

impl App {
    /// Brings a recording from the disk to the chosen store, and ends its job, or says when to try
    /// again.
    pub(super) async fn store_step(
        &self,
        job: JobId,
        recording: &Recording,
    ) -> Result<(), AppError> {
        let Some(file) = &recording.file else { return Ok(()) };
        let target = self.settings().archive.store().unwrap_or(DISK).to_owned();
        if target == file.store || file.store != DISK {
            let to = file.store.clone();
            return self.note_archived(Some(job), recording, &to).await.map(drop);
        }
        match self.bring_to(recording, file, &target).await {
            Ok(()) => {
                self.note_archived(Some(job), recording, &target).await?;
                self.removals_wake.notify_one();
                Ok(())
            }
            Err(NotStored::Fault(error)) => Err(error),
            Err(NotStored::Storage(StorageError::Resting(wait_ms))) => {
                let stands = (RecordingState::Storing, "store_resting");
                self.put_step_off(job, recording, stands, wait_ms).await
            }
            Err(NotStored::Storage(error)) => {
                let tries = recording.attempts + 1;
                let (id, reason) = (recording.id, error.code());
                let trace = recording.trace;
                tracing::warn!(trace.id = trace, recording.id = %id, reason, tries, "not stored");
                let next = match error {
                    StorageError::Later(_, asked_s) => {
                        let chance = u16::from_be_bytes(random());
                        Some(after_store(self.clock.now(), tries, asked_s, chance))
                    }
                    StorageError::Missing | StorageError::Refused(_) | StorageError::Resting(_) => {
                        None
                    }
                };
                self.note_failed_store(job, recording, (reason, &target), next).await
            }
        }
    }

    /// Puts a recording's file, which is on the disk, into a store.
    pub(super) async fn bring_to(
        &self,
        recording: &Recording,
        file: &File,
        target: &str,
    ) -> Result<(), NotStored> {
        let registry = self.registry();
        let store = registry.store(target);
        let store = store.ok_or(StorageError::Refused("no_such_store"))?;
        let net = self.net().map_err(NotStored::Fault)?;
        let object = Object {
            key: file.key.clone(),
            path: self.registry().disk().path(&file.key)?,
            bytes: file.kept_bytes,
            sha256: hex(&file.kept_sha256),
            media_type: if file.is_sealed { "application/octet-stream" } else { media(file) },
        };
        if let Some((of, upload)) = &recording.upload {
            // Somebody began and did not end it.
            if let Some(begun_in) = self.registry().store(of) {
                match begun_in.call_off(net, &file.key, upload).await {
                    // Some stores refuse what they do not know; what they refuse all of shows next.
                    Ok(()) | Err(StorageError::Refused(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            self.note_upload(recording, (of, "")).await?;
        }
        let quick = self.settings().archive.store_timeout();
        let total = if recording.attempts < QUICK_TRIES { quick } else { quick * PATIENT };
        let put = self.put_object(recording, store, &object, target);
        let late = StorageError::Later("too_slow", None);
        tokio::time::timeout(total, put).await.unwrap_or(Err(NotStored::Storage(late)))
    }

    async fn put_object(
        &self,
        recording: &Recording,
        store: &dyn Storage,
        object: &Object,
        target: &str,
    ) -> Result<(), NotStored> {
        let net = self.net().map_err(NotStored::Fault)?;
        let (to, key) = (target.to_owned(), object.key.clone());
        let going = self.store.read(move |read| archive::is_being_removed(read, &to, &key)).await;
        if going.map_err(|error| NotStored::Fault(error.into()))? {
            self.removals_wake.notify_one();
            return Err(StorageError::Later("being_removed", None).into());
        }
        if store.size(net, &object.key).await? == Some(object.bytes) {
            return Ok(());
        }
        // From here on the store may have it, whatever is heard of it.
        let unnamed = if store.needs_parts(object) { UNNAMED } else { "" };
        self.note_upload(recording, (target, unnamed)).await?;
        let upload = store.begin(net, object).await?;
        if let Some(upload) = &upload {
            self.note_upload(recording, (target, upload)).await?;
        }
        if let Err(error) = store.put(net, object, upload.as_deref()).await {
            // What cannot be called off now is when it is tried again.
            if let Some(upload) = &upload
                && store.call_off(net, &object.key, upload).await.is_ok()
            {
                self.note_upload(recording, (target, "")).await?;
            }
            return Err(error.into());
        }
        Ok(())
    }

    async fn note_upload(
        &self,
        recording: &Recording,
        (store, upload): (&str, &str),
    ) -> Result<(), NotStored> {
        let (id, store, upload) = (recording.id, store.to_owned(), upload.to_owned());
        let noted = self.store.write(Lane::Background, move |write| {
            recordings::note_upload(write, id, (&store, &upload))
        });
        let noted: Result<bool, StoreError> = noted.await;
        noted.map(drop).map_err(|error| NotStored::Fault(error.into()))
    }

    /// Writes that a store has a recording now. `false` when its call was erased meanwhile: then the
    /// file is put down for removal.
    pub(super) async fn note_archived(
        &self,
        job: Option<JobId>,
        recording: &Recording,
        target: &str,
    ) -> Result<bool, AppError> {
        let Some(file) = recording.file.clone() else { return Ok(false) };
        let (now, id, trace) = (self.clock.now(), recording.id, recording.trace);
        let (store, target) = (target, target.to_owned());
        let noted = self.store.write(Lane::Background, move |write| {
            let known = recordings::archived(write, id, (&file.store, &target), now)?;
            if !known && target != file.store {
                archive::remove_later(write, (&target, &file.key, ""), now)?;
            }
            if let Some(job) = job {
                jobs::done(write, job)?;
            }
            Ok(known)
        });
        let noted: Result<bool, StoreError> = noted.await;
        let known = noted?;
        if known {
            tracing::info!(trace.id = trace, recording.id = %id, store, "archived");
        }
        Ok(known)
    }
}

/// What the audio of a recording is, such as `audio/wav`.
pub(super) fn media(file: &File) -> &'static str {
    crate::audio::Format::parse(&file.format)
        .map_or("application/octet-stream", crate::audio::Format::media_type)
}

/// Why a file was not brought to a store.
pub(super) enum NotStored {
    /// The store.
    Storage(StorageError),
    /// A fault of our own.
    Fault(AppError),
}

impl From<StorageError> for NotStored {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}
