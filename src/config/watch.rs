//! Whether the configuration file was saved.
//!
//! It is looked at now and then instead of waiting to be told by the system: a look costs microseconds,
//! and sees what notices miss: a file put in place of another, one that is mounted, one on another
//! machine. Never reads what it means, and never takes a half-written file for a saved one: what was
//! found must stay as it is until the next look.

use std::path::PathBuf;

/// The largest file that is looked at, in bytes.
const FILE_MAX_BYTES: u64 = 4 << 20;

/// A file that is looked at.
pub struct Watch {
    file: Option<PathBuf>,
    /// What it held when it was last taken for saved; `None` when it was not there.
    known: Option<Vec<u8>>,
    /// What the last look found, when that was something else.
    seen: Option<Vec<u8>>,
}

impl Watch {
    /// Watches a file from what it holds now; without one there is nothing to see.
    pub fn new(file: Option<PathBuf>) -> Self {
        let mut watch = Self { file, known: None, seen: None };
        watch.known = watch.read();
        watch
    }

    /// Looks once. `true` when the file holds something else than before, and did at the last look;
    /// a file that is away is waited for. Reads a file: not for a thread that others wait for.
    pub fn look(&mut self) -> bool {
        let found = self.read();
        if found.is_none() || found == self.known {
            self.seen = None;
            return false;
        }
        if found == self.seen {
            self.known = self.seen.take();
            return true;
        }
        self.seen = found;
        false
    }

    /// Takes what the file holds now for known: it is about to be read for another reason.
    pub fn adopt(&mut self) {
        self.known = self.read().or(self.known.take());
        self.seen = None;
    }

    fn read(&self) -> Option<Vec<u8>> {
        let file = self.file.as_deref()?;
        let is_readable = std::fs::metadata(file).is_ok_and(|about| about.len() <= FILE_MAX_BYTES);
        is_readable.then(|| std::fs::read(file).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_when_it_holds_something_else_twice() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "a").expect("writes");
        let mut watch = Watch::new(Some(file.clone()));
        assert!(!watch.look(), "it is as it was");
        std::fs::write(&file, "a").expect("writes");
        assert!(!watch.look() && !watch.look(), "the same again is nothing new");
        std::fs::write(&file, "b").expect("writes");
        assert!(!watch.look(), "it may still be written");
        std::fs::write(&file, "bc").expect("writes");
        assert!(!watch.look(), "it was");
        assert!(watch.look());
        assert!(!watch.look(), "once only");
        // As editors save: another file takes its place, and it is away for a moment.
        std::fs::remove_file(&file).expect("removes");
        assert!(!watch.look() && !watch.look());
        let other = dir.path().join("other");
        std::fs::write(&other, "d").expect("writes");
        std::fs::rename(&other, &file).expect("renames");
        assert!(!watch.look());
        assert!(watch.look());
        std::fs::write(&file, "e").expect("writes");
        watch.adopt();
        assert!(!watch.look() && !watch.look(), "it was read for another reason");
        let mut none = Watch::new(None);
        assert!(!none.look() && !none.look());
    }
}
