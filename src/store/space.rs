//! How much room the disk of the data folder has left, and whether that is too little to take more in.
//!
//! What is reserved is for everything else: tools, administration, erasures, a stop in order.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Milliseconds for which an answer of the system is used again.
const LOOK_EVERY_MS: i64 = 1_000;

/// The disk of a folder.
pub struct Space {
    dir: PathBuf,
    reserve_bytes: u64,
    last: Mutex<Option<(i64, bool)>>,
}

impl Space {
    /// The disk of `dir`, of which `reserve_bytes` are kept free; 0: none are.
    pub fn new(dir: PathBuf, reserve_bytes: u64) -> Self {
        Self { dir, reserve_bytes, last: Mutex::default() }
    }

    /// Whether less is free than is reserved. What the system cannot tell is no reason to refuse.
    pub fn is_low(&self, now_ms: i64) -> bool {
        if self.reserve_bytes == 0 {
            return false;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, is_low)) = *last
            && (at..at + LOOK_EVERY_MS).contains(&now_ms)
        {
            return is_low;
        }
        let is_low = free_bytes(&self.dir).is_ok_and(|free| free < self.reserve_bytes);
        let was_low = last.replace((now_ms, is_low)).is_some_and(|(_, was_low)| was_low);
        if is_low && !was_low {
            tracing::error!("the disk is nearly full: deliveries are refused until there is room");
        } else if was_low && !is_low {
            tracing::info!("there is room on the disk again: deliveries are taken in");
        }
        is_low
    }

    /// Whether so many bytes may be taken for what can wait: half as much again as is reserved stays
    /// free, so that it never comes to what others need.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        let keep = self.reserve_bytes.saturating_add(self.reserve_bytes / 2);
        free_bytes(&self.dir).map_or(true, |free| free >= keep.saturating_add(bytes))
    }

    /// Bytes that are free for this process, where the system can tell.
    pub fn free_bytes(&self) -> Option<u64> {
        free_bytes(&self.dir).ok()
    }
}

fn free_bytes(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_when_less_is_free_than_reserved_and_is_looked_at_once_a_second() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let space = |reserve| Space::new(folder.path().to_owned(), reserve);
        let free = space(0).free_bytes().expect("the system tells");
        assert!(free > 0);
        assert!(!space(0).is_low(0), "nothing is reserved");
        assert!(!space(1).is_low(0));
        let mut all = space(u64::MAX);
        assert!(all.is_low(0));
        all.reserve_bytes = 1;
        assert!(all.is_low(LOOK_EVERY_MS - 1), "what was seen a moment ago");
        assert!(!all.is_low(LOOK_EVERY_MS), "it is looked at again");
        let gone = Space::new(folder.path().join("gone"), u64::MAX);
        assert!(!gone.is_low(0), "what cannot be told is no reason");
    }
}
