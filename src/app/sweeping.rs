//! The archive kept tidy: files that nobody names are taken away, what is too old is let go, files move
//! from one store to another, and all of it is read through and compared.
//!
//! Never takes away a file that a row names.

use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::SignedDuration;

use super::recordings::Recording;
use super::retaining::RECORDINGS;
use super::storing::NotStored;
use super::{App, AppError};
use crate::crypto::digest::Sha256;
use crate::domain::ids::RecordingId;
use crate::domain::recording::RecordingState;
use crate::providers::storage::{DISK, StorageError};
use crate::store::archive::{self, Removal};
use crate::store::recordings::File;
use crate::store::{Lane, StoreError};

/// Files dealt with in one go.
const BATCH: u32 = 100;
/// Seconds after which a file that could not be taken away is tried again, by tries.
const AGAIN_S: [i64; 5] = [60, 300, 1_800, 7_200, 21_600];
/// A file on the disk that no row names is nobody's after this time: a row is written right after it.
const NOBODYS_AFTER: Duration = Duration::from_secs(3_600);

impl App {
    /// Resolves when there may be files to be taken away.
    pub async fn removals_come(&self) {
        self.removals_wake.notified().await;
    }

    /// Takes away files that no row names any more. Returns how many went.
    pub async fn take_away(&self) -> Result<usize, AppError> {
        let mut gone = 0;
        loop {
            let now = self.clock.now();
            let due = self.store.read(move |read| archive::removals_due(read, now, BATCH)).await?;
            if due.is_empty() {
                return Ok(gone);
            }
            for removal in due {
                gone += usize::from(self.take_one_away(removal).await?);
            }
        }
    }

    async fn take_one_away(&self, removal: Removal) -> Result<bool, AppError> {
        let (store, key) = (removal.store.clone(), removal.key.clone());
        let named = self.store.read(move |read| archive::is_named(read, &store, &key)).await?;
        let went = if named && removal.upload.is_empty() {
            Ok(())
        } else {
            self.remove_file(&removal).await
        };
        let now = self.clock.now();
        let is_gone = went.is_ok();
        if let Err(error) = &went {
            tracing::warn!(store = removal.store, error = error.code(), "a file is not gone yet");
        }
        let noted = self.store.write(Lane::Background, move |write| {
            if is_gone {
                return archive::removed(write, removal.id);
            }
            let index = usize::try_from(removal.attempts).unwrap_or(usize::MAX);
            let wait_s = AGAIN_S.get(index.min(AGAIN_S.len() - 1)).copied().unwrap_or(60);
            let next = now.checked_add(SignedDuration::from_secs(wait_s)).unwrap_or(now);
            archive::removal_failed(write, removal.id, next)
        });
        let noted: Result<(), StoreError> = noted.await;
        noted?;
        Ok(is_gone)
    }

    async fn remove_file(&self, removal: &Removal) -> Result<(), StorageError> {
        let registry = self.registry();
        let store = registry.store(&removal.store);
        let store = store.ok_or(StorageError::Later("no_such_store", None))?;
        let net = self.net().map_err(|_| StorageError::Later("store_unavailable", None))?;
        if removal.upload.is_empty() {
            store.remove(net, &removal.key).await
        } else {
            store.call_off(net, &removal.key, &removal.upload).await
        }
    }

    /// Takes away what is on the disk without a row: left by a process that died between a file and
    /// its row. Returns how many went.
    pub async fn sweep(&self) -> Result<usize, AppError> {
        let disk = self.registry().disk().clone();
        let listed = tokio::task::spawn_blocking(move || disk.older_than(NOBODYS_AFTER)).await;
        let listed = listed.unwrap_or(Err(StorageError::Later("disk_error", None)));
        let mut gone = 0;
        for key in listed.map_err(AppError::Storage)? {
            let name = key.clone();
            let named = self.store.read(move |read| archive::is_named(read, DISK, &name)).await?;
            if named {
                continue;
            }
            let disk = self.registry().disk().clone();
            let deleted = tokio::task::spawn_blocking(move || disk.delete(&key)).await;
            deleted.unwrap_or(Ok(())).map_err(AppError::Storage)?;
            gone += 1;
        }
        if gone > 0 {
            tracing::info!(files = gone, "files that were nobody's are gone");
        }
        Ok(gone)
    }

    /// Lets go of recordings that are older than they are to be kept. Returns how many.
    pub async fn expire_recordings(&self) -> Result<u64, AppError> {
        let Some(before) = self.kept_since(self.settings().retention.days(RECORDINGS)) else {
            return Ok(0);
        };
        let mut gone = 0;
        loop {
            let now = self.clock.now();
            let expired = self
                .store
                .write(Lane::Background, move |write| archive::expire(write, before, BATCH, now));
            let expired: Result<usize, StoreError> = expired.await;
            let expired = expired?;
            gone += expired as u64;
            if expired == 0 {
                break;
            }
        }
        self.removals_wake.notify_one();
        Ok(gone)
    }

    /// How many recordings a store has.
    pub async fn stored_in(&self, store: &str) -> Result<u64, AppError> {
        let store = store.to_owned();
        Ok(self.store.read(move |read| archive::count_in_store(read, &store)).await?)
    }

    /// Recordings that a store has, after one, at most as many as are dealt with in one go.
    pub async fn in_store(
        &self,
        store: &str,
        after: Option<RecordingId>,
    ) -> Result<Vec<Recording>, AppError> {
        let store = store.to_owned();
        let listed = self.store.read(move |read| archive::in_store(read, &store, after, BATCH));
        Ok(listed.await?)
    }

    /// Moves one recording to another store: copied, noted, and only then taken away where it was.
    /// `false` when it is not there to be moved any more.
    pub async fn move_recording(&self, recording: &Recording, to: &str) -> Result<bool, AppError> {
        let Some(file) = &recording.file else { return Ok(false) };
        // One that is under way is a server's: it comes to where it belongs by itself.
        if file.store == to || recording.job.is_some() {
            return Ok(false);
        }
        if file.store != DISK {
            let key = file.key.clone();
            let going =
                self.store.read(move |read| archive::is_being_removed(read, DISK, &key)).await?;
            if going {
                return Err(AppError::Storage(StorageError::Later("being_removed", None)));
            }
            self.bring_to_disk(recording, file).await?;
        }
        if to != DISK {
            let brought = self.bring_to(recording, file, to).await;
            brought.map_err(|why| match why {
                NotStored::Storage(error) => AppError::Storage(error),
                NotStored::Fault(error) => error,
            })?;
        }
        let noted = self.note_archived(recording.job, recording, to).await?;
        self.take_away().await?;
        Ok(noted)
    }

    /// Brings a file from another store onto the disk and proves that it is what was kept.
    async fn bring_to_disk(&self, recording: &Recording, file: &File) -> Result<(), AppError> {
        let storage = |error| AppError::Storage(error);
        let mut pieces = self.kept_bytes(file, (0, file.kept_bytes)).await.map_err(storage)?;
        let dir = self.settings().data.dir.clone();
        let full = || AppError::Storage(StorageError::Later("disk_error", None));
        let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(dir)).await;
        let mut whole = tokio::fs::File::from_std(made.map_err(|_| full())?.map_err(|_| full())?);
        let mut digest = Sha256::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(storage)?;
            digest.add(&piece);
            tokio::io::AsyncWriteExt::write_all(&mut whole, &piece).await.map_err(|_| full())?;
        }
        if digest.finish() != file.kept_sha256 {
            return Err(AppError::Damaged(super::playing::Damage::Changed(recording.id)));
        }
        tokio::io::AsyncSeekExt::rewind(&mut whole).await.map_err(|_| full())?;
        let mut whole = whole.into_std().await;
        let (disk, key) = (self.registry().disk().clone(), file.key.clone());
        let written = tokio::task::spawn_blocking(move || disk.write(&key, &mut whole)).await;
        written.map_err(|_| full())?.map_err(storage)?;
        Ok(())
    }

    /// How many recordings stand in each state that somebody should know of, and how many files are
    /// still to be taken away.
    pub async fn archive_counts(&self) -> Result<(Vec<(RecordingState, i64)>, i64), AppError> {
        let counted = self.store.read(move |read| {
            let mut counts = Vec::new();
            // Those that are archived are many, and are counted with their store.
            let told = RecordingState::ALL.into_iter();
            for state in told.filter(|state| *state != RecordingState::Archived) {
                counts.push((state, archive::count(read, state)?));
            }
            Ok((counts, archive::removals(read)?))
        });
        Ok(counted.await?)
    }
}
