//! Daily: what is older than it is to be kept goes.
//!
//! Never decides how long; that is `[retention]`.

use jiff::{SignedDuration, Timestamp};

use super::{App, AppError};
pub use crate::store::retention::Aged;
use crate::store::{Lane, StoreError, archive, retention};

/// The word of recordings in `[retention]`.
pub(super) const RECORDINGS: &str = "recordings";
/// Rows dealt with in one write.
const BATCH: u32 = 200;

/// What is too old of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which kind, as in `[retention]`.
    pub what: &'static str,
    /// How many days it is kept; `None` for ever.
    pub days: Option<i64>,
    /// How many rows are older.
    pub rows: u64,
}

impl App {
    /// What would go now; nothing does.
    pub async fn retention_due(&self) -> Result<Vec<Due>, AppError> {
        let mut all = Vec::new();
        for what in Aged::ALL {
            let days = self.settings().retention.days(what.word());
            let rows = match self.kept_since(days) {
                Some(before) => {
                    self.store.read(move |read| retention::due(read, what, before)).await?
                }
                None => 0,
            };
            all.push(Due { what: what.word(), days, rows });
        }
        let days = self.settings().retention.days(RECORDINGS);
        let rows = match self.kept_since(days) {
            Some(before) => self.store.read(move |read| archive::expirable(read, before)).await?,
            None => 0,
        };
        all.push(Due { what: RECORDINGS, days, rows });
        Ok(all)
    }

    /// Takes away what is too old. Returns how many rows went.
    pub async fn retain(&self) -> Result<u64, AppError> {
        let mut gone = 0;
        for what in Aged::ALL {
            let Some(before) = self.kept_since(self.settings().retention.days(what.word())) else {
                continue;
            };
            loop {
                let purged = self
                    .store
                    .write(Lane::Background, move |w| retention::purge(w, what, before, BATCH));
                let purged: Result<(u64, bool), StoreError> = purged.await;
                let (removed, more) = purged?;
                gone += removed;
                if !more {
                    break;
                }
            }
        }
        gone += self.expire_recordings().await?;
        if gone > 0 {
            tracing::info!(rows = gone, "what was too old is gone");
        }
        Ok(gone)
    }

    pub(super) fn kept_since(&self, days: Option<i64>) -> Option<Timestamp> {
        let days = days?;
        let before = self.clock.now().checked_sub(SignedDuration::from_hours(24 * days));
        Some(before.unwrap_or(Timestamp::UNIX_EPOCH))
    }
}
