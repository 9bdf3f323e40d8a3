//! Stores of files: one trait for this machine's disk and for what speaks S3.
//!
//! A store keeps bytes under names and knows nothing of what they are. Nothing is tried twice here;
//! that is for whoever asked.

pub mod disk;
mod s3;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;

pub use self::disk::Disk;
use crate::config::{Fault, Section};
use crate::net::{Client, NetError};

/// The word of the store that is always there.
pub const DISK: &str = disk::NAME;

/// What a store is doing.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// Bytes on their way out of a store.
pub type Reading = Pin<Box<dyn Stream<Item = Result<Bytes, StorageError>> + Send>>;

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// It has no such file.
    #[error("the store has no such file")]
    Missing,
    /// It does not, and asking again is no use until somebody changes something. The code is stable.
    #[error("the store refuses: {0}")]
    Refused(&'static str),
    /// It may do it later. The code is stable; it may say after how many seconds.
    #[error("the store cannot do it now: {0}")]
    Later(&'static str, Option<u64>),
    /// It is left alone for so many milliseconds: nothing was asked.
    #[error("the store is left alone for {0} ms")]
    Resting(i64),
}

impl StorageError {
    /// The stable code, for people and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing_in_store",
            Self::Refused(code) | Self::Later(code, _) => code,
            Self::Resting(_) => "store_resting",
        }
    }
}

impl From<NetError> for StorageError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Resting { wait_ms } => Self::Resting(wait_ms),
            NetError::Address(_) => Self::Refused("store_address"),
            NetError::Client(_) | NetError::Request(_) | NetError::TooLarge => {
                Self::Later("store_unavailable", None)
            }
        }
    }
}

/// The upload of a name that was about to be begun: how the store calls it, if it ever did, is not known.
pub const UNNAMED: &str = "?";

/// A file that is to be put into a store.
#[derive(Clone, Debug)]
pub struct Object {
    /// Under which name: letters, digits and `/_.-` only.
    pub key: String,
    /// Where it lies on this machine.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal, kept beside it where a store can.
    pub sha256: String,
    /// What it is, such as `audio/wav`.
    pub media_type: &'static str,
}

/// A store.
pub trait Storage: Send + Sync {
    /// Whether a file is too long for one request and goes by an upload in parts.
    fn needs_parts(&self, object: &Object) -> bool;

    /// Begins an upload in parts where the file needs one. That it begins is to be written down before
    /// ([`UNNAMED`]), and its name after, so that it can be called off whatever happens.
    fn begin<'a>(&'a self, net: &'a Client, object: &'a Object) -> Doing<'a, Option<String>>;

    /// Puts a file in, whole or by the parts of an upload that was begun.
    fn put<'a>(
        &'a self,
        net: &'a Client,
        object: &'a Object,
        upload: Option<&'a str>,
    ) -> Doing<'a, ()>;

    /// Calls an upload in parts off, or for [`UNNAMED`] every one of that name. One that is not there is
    /// called off already.
    fn call_off<'a>(&'a self, net: &'a Client, key: &'a str, upload: &'a str) -> Doing<'a, ()>;

    /// How long a file is that is there.
    fn size<'a>(&'a self, net: &'a Client, key: &'a str) -> Doing<'a, Option<u64>>;

    /// Reads a part of a file: from which byte on, and how many.
    fn read<'a>(&'a self, net: &'a Client, key: &'a str, part: (u64, u64)) -> Doing<'a, Reading>;

    /// Takes a file away. One that is not there is taken away already.
    fn remove<'a>(&'a self, net: &'a Client, key: &'a str) -> Doing<'a, ()>;
}

/// A kind of store besides the disk: its word, and how it is made of its table.
pub struct Kind {
    /// The word in `[archive] store` and the name of its table `[archive.NAME]`.
    pub name: &'static str,
    build: fn(&Section, Duration) -> Built,
}

/// A store, or what is wrong with its table.
pub type Built = Result<Box<dyn Storage>, Vec<Fault>>;

/// Every kind besides the disk.
pub const KINDS: [Kind; 1] = [s3::KIND];

/// The store that a table `[archive.NAME]` describes. No request to it takes longer than `deadline`.
pub fn build(section: &Section, deadline: Duration) -> Built {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == section.name()) else {
        let all: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let message = format!("is no kind of store; known are: {}", all.join(", "));
        return Err(vec![section.fault("", &message)]);
    };
    (kind.build)(section, deadline)
}
