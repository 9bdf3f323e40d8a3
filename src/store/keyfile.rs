//! The file of the master keys: beside the database, for its owner alone.
//!
//! Never made anew where the database holds anything sealed: a lost key is told, not replaced.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::{DATABASE_FILE, OpenError, make_private_folder};
use crate::crypto::keyring::Keyring;

/// Name of the file in the data folder.
pub const KEY_FILE: &str = "master.key";
/// Permissions of others than the owner.
const OTHERS: u32 = 0o077;

/// Reads the master keys of a data folder, or makes the first one out of `random` where there is no
/// database yet, or one from before there were master keys.
pub fn load(dir: &Path, random: [u8; 32]) -> Result<Keyring, OpenError> {
    let path = dir.join(KEY_FILE);
    let fault = |why: String| OpenError::Key { file: path.clone(), why };
    let told = |error: std::io::Error| fault(error.to_string());
    make_private_folder(dir).map_err(told)?;
    match fs::read_to_string(&path) {
        Ok(text) => {
            let mode = fs::metadata(&path).map_err(told)?.permissions().mode();
            if mode & OTHERS != 0 {
                return Err(fault("others may read it; run chmod 600 on it".to_owned()));
            }
            Keyring::parse(&text).map_err(|error| fault(error.to_string()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if needs_key(dir) {
                let why = "it is missing, and the database holds what it sealed; put it back from \
                           where you keep a copy";
                return Err(fault(why.to_owned()));
            }
            make(&path, random).map_err(told)
        }
        Err(error) => Err(told(error)),
    }
}

/// Writes the first key whole or not at all. Of two processes that do it at once, one wins.
fn make(path: &Path, random: [u8; 32]) -> std::io::Result<Keyring> {
    let ring = Keyring::new(random);
    let fresh = path.with_extension(format!("key.{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(ring.text().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    match linked {
        Ok(()) => {
            if let Some(folder) = path.parent() {
                fs::File::open(folder)?.sync_all()?;
            }
            Ok(ring)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(path)?;
            Keyring::parse(&text).map_err(|error| std::io::Error::other(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

/// Whether the database holds anything that a master key sealed.
fn needs_key(dir: &Path) -> bool {
    let file = dir.join(DATABASE_FILE);
    if !file.exists() {
        return false;
    }
    let sealed = |conn: rusqlite::Connection| -> rusqlite::Result<bool> {
        let known = "SELECT count(*) FROM sqlite_schema WHERE name = 'audit_ends'";
        if conn.query_row(known, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(false);
        }
        let any = "SELECT EXISTS (SELECT 1 FROM audit_ends)
                       OR EXISTS (SELECT 1 FROM users WHERE totp IS NOT NULL)";
        conn.query_row(any, [], |row| row.get(0))
    };
    // A file that cannot be read says so when it is opened for good.
    super::pool::open_reader(&file).ok().and_then(|conn| sealed(conn).ok()).unwrap_or(false)
}
