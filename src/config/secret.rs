//! A secret, and the three ways to hand one over: as text, as a file, as a systemd credential.
//!
//! Never here: showing one. A [`Secret`] has no readable `Debug`, no `Serialize` and no equality
//! (comparing one takes constant time, in `crypto`); what is said of one that cannot be read names
//! the place, never the content.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

/// Longest secret that is read from a file, in bytes.
const FILE_MAX_BYTES: usize = 64 * 1024;

/// What stands before the name of a systemd credential.
const CREDENTIAL: &str = "credential:";

/// A text nobody may see; wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a text in.
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing in it but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.expose().trim().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("«secret»")
    }
}

/// Why a secret cannot be used. None of these holds its content.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text cannot be what a provider or a person was given.
    #[error("has a line break, blanks around it, or begins like a list that does not end")]
    Unprintable,
    /// `credential:` with something that is not a file name after it.
    #[error("the name of a credential must be a plain file name")]
    CredentialName,
    /// `credential:` outside systemd.
    #[error("asks for a credential, but there are none: the unit has no LoadCredential=")]
    NoCredentials,
    /// The file cannot be opened or read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The path is a folder, a pipe or a device.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The file holds more than a secret can be.
    #[error("{} is over {} bytes long", .0.display(), FILE_MAX_BYTES)]
    FileTooLong(PathBuf),
    /// The file is not UTF-8.
    #[error("{} is not text", .0.display())]
    FileNotText(PathBuf),
    /// The file holds nothing.
    #[error("{} is empty", .0.display())]
    FileEmpty(PathBuf),
}

/// The secret that a setting's text stands for: itself, or the credential it names in the folder
/// `credentials`.
pub(super) fn resolve(text: &Secret, credentials: Option<&Path>) -> Result<Secret, Unusable> {
    let Some(name) = text.expose().strip_prefix(CREDENTIAL) else {
        return if text.is_blank() { Err(Unusable::Empty) } else { printable(text.clone()) };
    };
    if Path::new(name).file_name() != Some(OsStr::new(name)) {
        return Err(Unusable::CredentialName);
    }
    from_file(&credentials.ok_or(Unusable::NoCredentials)?.join(name))
}

/// The secret in a file, without the line ends after it.
pub(super) fn from_file(path: &Path) -> Result<Secret, Unusable> {
    let unreadable = |cause| Unusable::Unreadable { path: path.to_owned(), cause };
    // Opening a pipe would wait for its other end, perhaps for ever.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Unusable::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(unreadable)?;
    // Room for all of it from the start: a buffer that moves leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_MAX_BYTES + 1));
    let limit = u64::try_from(FILE_MAX_BYTES + 1).expect("64 KiB fit in 64 bits");
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > FILE_MAX_BYTES {
        return Err(Unusable::FileTooLong(path.to_owned()));
    }
    let Ok(text) = str::from_utf8(&bytes) else {
        return Err(Unusable::FileNotText(path.to_owned()));
    };
    let secret = Secret::new(text.trim_end_matches(['\r', '\n']));
    if secret.is_blank() {
        return Err(Unusable::FileEmpty(path.to_owned()));
    }
    printable(secret)
}

/// A secret that was cut from a longer text, or two in one, would only ever fail in silence.
fn printable(secret: Secret) -> Result<Secret, Unusable> {
    let text = secret.expose();
    let plain =
        text.trim() == text && !text.starts_with(['[', '"']) && !text.chars().any(char::is_control);
    if plain { Ok(secret) } else { Err(Unusable::Unprintable) }
}
