//! Who serves from a data folder: one process at a time, which others can find.
//!
//! Never trusts the number of a process whose lock is gone: numbers are given again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use super::{OpenError, make_private_file, make_private_folder};

/// Held locked by the process that serves, whose number is in it.
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
            |error: std::io::Error| OpenError::Folder { dir: dir.into(), why: error.to_string() };
        make_private_folder(dir).map_err(folder)?;
        let path = dir.join(LOCK_FILE);
        make_private_file(&path).map_err(folder)?;
        let mut file = OpenOptions::new().read(true).write(true).open(&path).map_err(folder)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => {
                    file.set_len(0).map_err(folder)?;
                    write!(file, "{}", std::process::id()).map_err(folder)?;
                    return Ok(Self { _file: file });
                }
                Err(TryLockError::WouldBlock) => pause(),
                Err(TryLockError::Error(error)) => return Err(folder(error)),
            }
        }
        Err(OpenError::InUse(dir.into()))
    }

    /// The number of the process that serves from a folder; `None` when none does.
    pub fn holder(dir: &Path) -> Option<u32> {
        let mut file = File::open(dir.join(LOCK_FILE)).ok()?;
        let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        let mut number = String::new();
        let is_read = is_held && file.read_to_string(&mut number).is_ok();
        is_read.then(|| number.trim().parse().ok()).flatten()
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
    fn whoever_serves_is_found_as_long_as_they_do() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(ServeLock::holder(dir.path()), None, "nobody ever served");
        let lock = ServeLock::take(dir.path()).expect("takes it");
        assert_eq!(ServeLock::holder(dir.path()), Some(std::process::id()));
        drop(lock);
        assert_eq!(ServeLock::holder(dir.path()), None, "its number is worth nothing now");
    }
}
