//! Writes on behalf of somebody: the first one that is kept has its row of the audit trail in the same
//! transaction.
//!
//! A use case need not know of it, so none can forget it.

use std::sync::{Arc, Mutex, PoisonError};

use super::{StoreError, Write, audit};
use crate::domain::audit::Entry;

type Slot = Arc<Mutex<Option<Entry>>>;

tokio::task_local! {
    static SLOT: Slot;
}

/// Runs `work`; its first write that is kept notes `entry`. Returns the entry when nothing was written.
pub async fn on_behalf<F: Future>(entry: Entry, work: F) -> (F::Output, Option<Entry>) {
    let slot: Slot = Arc::new(Mutex::new(Some(entry)));
    let done = SLOT.scope(Arc::clone(&slot), work).await;
    let left = take(&slot);
    (done, left)
}

/// The entry that the next write of this task is to note, put back unless it is kept.
pub(super) fn pending() -> Option<Pending> {
    SLOT.try_with(Arc::clone).ok().map(Pending)
}

/// An entry that waits for a write to be kept.
pub(super) struct Pending(Slot);

impl Pending {
    /// Writes the entry down, about the thing that the write made where it is about none yet. Returns
    /// it as it was written.
    pub(super) fn note(&self, write: &mut Write<'_>) -> Option<Result<Entry, StoreError>> {
        let entry = take(&self.0)?;
        if write.is_repetition {
            return None;
        }
        let object = match write.made {
            Some(made) if entry.object.is_empty() => made.to_string(),
            _ => entry.object.clone(),
        };
        let entry = Entry { object, ..entry };
        match audit::append(write, &entry) {
            Ok(()) => Some(Ok(entry)),
            Err(error) => {
                self.put_back(entry);
                Some(Err(error))
            }
        }
    }

    /// Puts it back: the write was undone.
    pub(super) fn put_back(&self, entry: Entry) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(entry);
    }
}

fn take(slot: &Slot) -> Option<Entry> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
