//! Recordings for people and programs: lists, one of them, trying again, and how the outside is doing.
//!
//! Never shows where a provider or a store has a file.

use super::{App, AppError};
use crate::domain::access::BusinessId;
use crate::domain::ids::RecordingId;
use crate::domain::page::{Limit, Page};
pub use crate::domain::recording::RecordingState;
pub use crate::net::Standing;
pub use crate::store::recordings::Recording;
use crate::store::{Lane, StoreError, archive, recordings};

/// Recordings dealt with in one write.
const BATCH: u32 = 200;

impl App {
    /// A page of a business's recordings, the newest first.
    pub async fn recordings(
        &self,
        business: BusinessId,
        state: Option<RecordingState>,
        after: Option<RecordingId>,
        limit: Limit,
    ) -> Result<Page<Recording>, AppError> {
        let listed =
            self.store.read(move |read| archive::list(read, business, state, after, limit));
        Ok(listed.await?)
    }

    /// One recording of a business.
    pub async fn recording(
        &self,
        business: BusinessId,
        id: RecordingId,
    ) -> Result<Recording, AppError> {
        let own = self.store.read(move |read| recordings::own(read, business, id)).await?;
        own.ok_or(AppError::NotFound("recording"))
    }

    /// The loudest of each part of a recording, 0 to 255, channel after channel.
    pub async fn peaks(&self, business: BusinessId, id: RecordingId) -> Result<Vec<u8>, AppError> {
        Ok(self.store.read(move |read| recordings::peaks(read, business, id)).await?)
    }

    /// Has a recording that is not where it belongs tried again at once. Returns it as it is then.
    pub async fn retry_recording(
        &self,
        business: BusinessId,
        id: RecordingId,
    ) -> Result<Recording, AppError> {
        let (now, keeps) = (self.clock.now(), self.settings().archive.store().is_some());
        let tried = self.store.write(Lane::Urgent, move |write| {
            let found =
                recordings::own(write, business, id)?.ok_or(AppError::NotFound("recording"))?;
            if found.state == RecordingState::Archived || found.is_let_go() {
                return Err(AppError::Settled(found.state.word()));
            }
            if !keeps {
                return Err(AppError::invalid("archive.store", "is none: they are not kept"));
            }
            recordings::again(write, &found, now)?;
            recordings::find(write, id)?.ok_or(AppError::NotFound("recording"))
        });
        tried.await
    }

    /// Recordings of every business in a state, at most as many as are dealt with in one go; for
    /// whoever runs the machine.
    pub async fn recordings_in(
        &self,
        state: RecordingState,
        after: Option<RecordingId>,
    ) -> Result<Vec<Recording>, AppError> {
        let listed = self.store.read(move |read| archive::in_state(read, state, after, BATCH));
        Ok(listed.await?)
    }

    /// Has one recording, or every one that is given up, tried again. Returns how many.
    pub async fn retry_recordings(&self, id: Option<RecordingId>) -> Result<usize, AppError> {
        let now = self.clock.now();
        if let Some(id) = id {
            let tried = self.store.write(Lane::Background, move |write| {
                let found = recordings::find(write, id)?;
                let found = found
                    .filter(|found| found.state != RecordingState::Archived && !found.is_let_go());
                found.map_or(Ok(0), |found| recordings::again(write, &found, now).map(|()| 1))
            });
            let tried: Result<usize, StoreError> = tried.await;
            return Ok(tried?);
        }
        let mut tried = 0;
        loop {
            let batch = self.store.write(Lane::Background, move |write| {
                let failed = archive::in_state(write, RecordingState::Failed, None, BATCH)?;
                for one in &failed {
                    recordings::again(write, one, now)?;
                }
                Ok(failed.len())
            });
            let batch: Result<usize, StoreError> = batch.await;
            let batch = batch?;
            tried += batch;
            if batch == 0 {
                return Ok(tried);
            }
        }
    }

    /// How each upstream is doing that was asked since this process began.
    pub fn upstreams(&self) -> Vec<Standing> {
        self.asked_net().map(crate::net::Client::standing).unwrap_or_default()
    }
}
