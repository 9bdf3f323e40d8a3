//! Background jobs that failed too often: shown, tried again, or given up.
//!
//! Never removes the delivery that a job was about.

use super::{App, AppError};
use crate::domain::ids::JobId;
use crate::store::Lane;
use crate::store::jobs;
pub use crate::store::jobs::Dead;

/// Most dead jobs shown at a time.
pub const DEAD_MAX: u32 = 1_000;

impl App {
    /// Jobs that failed too often, oldest first.
    pub async fn dead_jobs(&self) -> Result<Vec<Dead>, AppError> {
        Ok(self.store.read(|read| jobs::dead(read, DEAD_MAX)).await?)
    }

    /// Makes one dead job, or all of them, due again. Returns how many.
    pub async fn retry_jobs(&self, id: Option<JobId>) -> Result<usize, AppError> {
        let now = self.clock.now();
        let revived =
            self.store.write(Lane::Urgent, move |write| match (jobs::retry(write, id, now)?, id) {
                (0, Some(_)) => Err(AppError::NotFound("dead job of that id")),
                (revived, _) => Ok(revived),
            });
        revived.await
    }

    /// Gives a dead job up.
    pub async fn discard_job(&self, id: JobId) -> Result<(), AppError> {
        let removed = self.store.write(Lane::Urgent, move |write| {
            let found = jobs::discard(write, id)?;
            if found { Ok(()) } else { Err(AppError::NotFound("dead job of that id")) }
        });
        removed.await
    }
}
