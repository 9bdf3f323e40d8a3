//! How `frontdesk reload` and a running server speak: by a question and an answer in the data folder.
//!
//! Whoever may write there may ask, in whatever container the server runs. Each question has a number
//! of its own: an answer to another one is never taken for its answer.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::clock::random;
use crate::crypto::digest::hex;

/// The question, until the server takes it.
const QUESTION_FILE: &str = "reload.ask";
/// The answer to the last question.
const ANSWER_FILE: &str = "reload.json";
/// The most that is read of either, in bytes.
const FILE_MAX_BYTES: u64 = 4 << 20;

/// The number of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nonce(String);

impl Nonce {
    /// One that nobody else has.
    pub fn new() -> Self {
        Self(hex(&random::<16>()))
    }
}

/// How a try to take the configuration over ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What was wrong, one line each; empty when it was taken over.
    pub faults: Vec<String>,
    /// The changed settings that count from the next start on.
    pub later: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    to: Nonce,
    outcome: Outcome,
}

/// The place in a data folder where is asked and answered.
#[derive(Clone, Debug)]
pub struct Asking {
    dir: PathBuf,
}

impl Asking {
    /// Of one data folder.
    pub fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Asks. `false` while another question waits to be taken.
    pub fn ask(&self, nonce: &Nonce) -> io::Result<bool> {
        let mut file = NamedTempFile::new_in(&self.dir)?;
        file.write_all(nonce.0.as_bytes())?;
        // Asked by root, read by the server's own user; it says nothing, and the folder is private.
        file.as_file().set_permissions(Permissions::from_mode(0o644))?;
        match file.persist_noclobber(self.dir.join(QUESTION_FILE)) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        }
    }

    /// Takes a question back that nobody took.
    pub fn take_back(&self, nonce: &Nonce) {
        if self.question().as_ref() == Some(nonce) {
            drop(fs::remove_file(self.dir.join(QUESTION_FILE)));
        }
    }

    /// The question that waits, once. One that cannot be removed is none: it would be asked forever.
    pub fn take(&self) -> Option<Nonce> {
        let nonce = self.question();
        // What cannot be read has no answer either: it goes, and does not hold up the next.
        let is_removed = fs::remove_file(self.dir.join(QUESTION_FILE)).is_ok();
        nonce.filter(|_| is_removed)
    }

    /// Answers a question.
    pub fn answer(&self, nonce: &Nonce, outcome: &Outcome) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.dir)?;
        let answer = Answer { to: nonce.clone(), outcome: outcome.clone() };
        serde_json::to_writer(&mut file, &answer)?;
        file.persist(self.dir.join(ANSWER_FILE)).map_err(|error| error.error)?;
        Ok(())
    }

    /// The answer to a question, once there is one.
    pub fn answer_to(&self, nonce: &Nonce) -> Option<Outcome> {
        let answer: Answer = serde_json::from_slice(&read(&self.dir.join(ANSWER_FILE))?).ok()?;
        (answer.to == *nonce).then_some(answer.outcome)
    }

    fn question(&self) -> Option<Nonce> {
        String::from_utf8(read(&self.dir.join(QUESTION_FILE))?).ok().map(Nonce)
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(FILE_MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_is_taken_once_and_gets_its_own_answer() {
        let dir = tempfile::tempdir().expect("a folder");
        let asking = Asking::of(dir.path());
        assert_eq!(asking.take(), None);
        let (first, second) = (Nonce::new(), Nonce::new());
        assert!(asking.ask(&first).expect("asks"));
        assert!(!asking.ask(&second).expect("waits"), "the first one is still there");
        assert_eq!(asking.answer_to(&first), None);
        assert_eq!(asking.take(), Some(first.clone()));
        assert_eq!(asking.take(), None, "it was taken");
        let outcome = Outcome { faults: vec!["one".to_owned()], later: Vec::new() };
        asking.answer(&first, &outcome).expect("answers");
        assert!(asking.ask(&second).expect("asks"));
        assert_eq!(asking.answer_to(&second), None, "that is the answer to the first");
        assert_eq!(asking.answer_to(&first), Some(outcome));
        asking.take_back(&first);
        assert_eq!(asking.question(), Some(second.clone()), "not its own");
        asking.take_back(&second);
        assert_eq!(asking.take(), None);
        fs::write(dir.path().join(QUESTION_FILE), [0xFF]).expect("writes");
        assert_eq!(asking.take(), None, "that is no question");
        assert!(asking.ask(&second).expect("asks"), "and it does not stand in the way");
    }
}
