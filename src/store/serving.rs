//! Who serves from a data folder: one process at a time, and others can see that one does.
//!
//! Never goes by the number of a process: numbers are given again, and mean another one elsewhere.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use super::{OpenError, make_private_file, make_private_folder};

/// Held locked by the process that serves; empty.
const LOCK_FILE: &str = "frontdesk.lock";
/// Times a serving lock is tried, 50 ms apart.
const LOCK_TRIES: u32 = 20;

/// The right to serve from a data folder; it ends with the process, however that ends.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl ServeLock {
    /// Takes the lock of a folder, waiting a little for a server that is just ending.
    pub fn take(dir: &Path) -> Result<Self, OpenError> {
        let folder =
            |error: io::Error| OpenError::Folder { dir: dir.into(), why: error.to_string() };
        make_private_folder(dir).map_err(folder)?;
        let path = dir.join(LOCK_FILE);
        make_private_file(&path).map_err(folder)?;
        let file = OpenOptions::new().write(true).open(&path).map_err(folder)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => pause(),
                Err(TryLockError::Error(error)) => return Err(folder(error)),
            }
        }
        Err(OpenError::InUse(dir.into()))
    }

    /// Whether a process serves from a folder. Errs where that cannot be seen: without the right to
    /// read the lock.
    pub fn is_held(dir: &Path) -> io::Result<bool> {
        let file = match File::open(dir.join(LOCK_FILE)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "before the server runs there is nothing to hold up")]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_serves_is_seen_as_long_as_they_do() {
        let dir = tempfile::tempdir().expect("a folder");
        let is_held = || ServeLock::is_held(dir.path()).expect("the folder can be read");
        assert!(!is_held(), "nobody ever served");
        let lock = ServeLock::take(dir.path()).expect("takes it");
        assert!(is_held());
        assert!(is_held(), "looking takes nothing");
        drop(lock);
        assert!(!is_held());
    }
}
