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
/// The question, while the server reads it.
const TAKEN_FILE: &str = "reload.taken";
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
        let question = self.dir.join(QUESTION_FILE);
        if nonce_in(&question).as_ref() == Some(nonce) {
            drop(fs::remove_file(question));
        }
    }

    /// The question that waits, once. One that cannot be taken away is none: it would be asked forever.
    pub fn take(&self) -> Option<Nonce> {
        let taken = self.dir.join(TAKEN_FILE);
        // Away in one go, and then read: one that is asked this very moment is left for the next look.
        // What cannot be read has no answer, and does not hold up the next either.
        fs::rename(self.dir.join(QUESTION_FILE), &taken).ok()?;
        let nonce = nonce_in(&taken);
        drop(fs::remove_file(&taken));
        nonce
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
}

fn nonce_in(file: &Path) -> Option<Nonce> {
    String::from_utf8(read(file)?).ok().map(Nonce)
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(FILE_MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_question_that_is_asked_while_the_server_looks_is_not_lost() {
        let dir = tempfile::tempdir().expect("a folder");
        let (server, asker) = (Asking::of(dir.path()), Asking::of(dir.path()));
        let (tell, told) = std::sync::mpsc::channel();
        // Looks all the time, until nobody listens any more.
        let looking =
            std::thread::spawn(
                move || {
                    while server.take().is_none_or(|nonce| tell.send(nonce).is_ok()) {}
                },
            );
        for _ in 0..500 {
            let nonce = Nonce::new();
            assert!(asker.ask(&nonce).expect("asks"), "the one before was taken");
            let taken = told.recv_timeout(Duration::from_secs(5));
            assert_eq!(taken.expect("it is taken"), nonce);
        }
        drop(told);
        asker.ask(&Nonce::new()).expect("asks");
        looking.join().expect("it ends");
    }

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
        let waits = nonce_in(&dir.path().join(QUESTION_FILE));
        assert_eq!(waits, Some(second.clone()), "not its own");
        asking.take_back(&second);
        assert_eq!(asking.take(), None);
        fs::write(dir.path().join(QUESTION_FILE), [0xFF]).expect("writes");
        assert_eq!(asking.take(), None, "that is no question");
        assert!(asking.ask(&second).expect("asks"), "and it does not stand in the way");
    }
}
