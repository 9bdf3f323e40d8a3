//! This machine's disk: a folder in the folder of the data, readable by nobody else.
//!
//! A file is written under another name, brought to the disk (fsync), renamed, and its folder brought
//! to the disk too: it is there whole or not at all. Never follows a name out of its folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::{Doing, Object, Reading, Storage, StorageError};
use crate::net::Client;

/// The word in `[archive] store`.
pub const NAME: &str = "disk";
/// What a file's name ends with while it is written.
const PART: &str = ".part";
/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// A folder of files.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The folder below that of the data; made when something is put in.
    pub fn new(data_dir: &Path) -> Self {
        Self { root: data_dir.join("archive") }
    }

    /// Where a file of this name lies.
    pub fn path(&self, key: &str) -> Result<PathBuf, StorageError> {
        let relative = Path::new(key);
        let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if key.is_empty() || !plain {
            return Err(StorageError::Refused("bad_name"));
        }
        Ok(self.root.join(relative))
    }

    /// Writes all that `content` gives under a name, durably. Blocks. Returns how long it is.
    pub fn write(&self, key: &str, content: &mut dyn Read) -> Result<u64, StorageError> {
        let path = self.path(key)?;
        let folder = path.parent().unwrap_or(&self.root);
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder).map_err(|error| trouble(&error))?;
        let mut part = path.clone().into_os_string();
        part.push(PART);
        let part = PathBuf::from(part);
        let written = write_part(&part, content).and_then(|bytes| {
            fs::rename(&part, &path)?;
            sync_folders(folder, &self.root)?;
            Ok(bytes)
        });
        written.map_err(|error| {
            // What is left of it is of no use; the sweep would find it too.
            drop(fs::remove_file(&part));
            trouble(&error)
        })
    }

    /// Opens a file for reading. Blocks.
    pub fn open(&self, key: &str) -> Result<File, StorageError> {
        File::open(self.path(key)?).map_err(|error| trouble(&error))
    }

    /// Takes a file away, and the folders that are empty by that. Blocks.
    pub fn delete(&self, key: &str) -> Result<(), StorageError> {
        let path = self.path(key)?;
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(trouble(&error)),
        }
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.root) {
            // One that is not empty stays.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The names of all files that were last written at least `age` ago; what was left half written
    /// is among them. Blocks.
    pub fn older_than(&self, age: Duration) -> Result<Vec<String>, StorageError> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(trouble(&error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| trouble(&error))?;
                let kind = entry.file_type().map_err(|error| trouble(&error))?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() && is_older(&entry, age) {
                    let path = entry.path();
                    let relative = path.strip_prefix(&self.root).ok().and_then(Path::to_str);
                    found.extend(relative.map(str::to_owned));
                }
            }
        }
        Ok(found)
    }
}

fn write_part(part: &Path, content: &mut dyn Read) -> io::Result<u64> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(part)?;
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        let read = content.read(&mut piece)?;
        let Some(some) = piece.get(..read).filter(|some| !some.is_empty()) else { break };
        file.write_all(some)?;
        bytes += some.len() as u64;
    }
    file.sync_all()?;
    Ok(bytes)
}

/// A new name, and new folders, are on the disk once their folders are.
fn sync_folders(folder: &Path, root: &Path) -> io::Result<()> {
    for folder in folder.ancestors() {
        File::open(folder)?.sync_all()?;
        if folder == root {
            break;
        }
    }
    Ok(())
}

/// By the file system's own time; one of tomorrow is not old.
fn is_older(entry: &fs::DirEntry, age: Duration) -> bool {
    let changed = entry.metadata().and_then(|about| about.modified());
    changed.is_ok_and(|changed| {
        age.is_zero() || now().duration_since(changed).is_ok_and(|since| since >= age)
    })
}

#[expect(clippy::disallowed_methods, reason = "compared with times that the file system wrote")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn trouble(error: &io::Error) -> StorageError {
    let kind = error.kind();
    if kind == io::ErrorKind::NotFound {
        StorageError::Missing
    } else if [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded].contains(&kind) {
        StorageError::Later("disk_full", None)
    } else if kind == io::ErrorKind::PermissionDenied {
        StorageError::Refused("disk_denied")
    } else {
        StorageError::Later("disk_error", None)
    }
}

impl Storage for Disk {
    fn needs_parts(&self, _: &Object) -> bool {
        false
    }

    fn begin<'a>(&'a self, _: &'a Client, _: &'a Object) -> Doing<'a, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    fn put<'a>(&'a self, _: &'a Client, object: &'a Object, _: Option<&'a str>) -> Doing<'a, ()> {
        let (disk, object) = (self.clone(), object.clone());
        Box::pin(blocking(move || {
            let mut from = File::open(&object.path).map_err(|error| trouble(&error))?;
            disk.write(&object.key, &mut from).map(drop)
        }))
    }

    fn call_off<'a>(&'a self, _: &'a Client, _: &'a str, _: &'a str) -> Doing<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn size<'a>(&'a self, _: &'a Client, key: &'a str) -> Doing<'a, Option<u64>> {
        let path = self.path(key);
        Box::pin(blocking(move || match fs::metadata(path?) {
            Ok(about) => Ok(Some(about.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(trouble(&error)),
        }))
    }

    fn read<'a>(
        &'a self,
        _: &'a Client,
        key: &'a str,
        (from, length): (u64, u64),
    ) -> Doing<'a, Reading> {
        let path = self.path(key);
        Box::pin(async move {
            let mut file = tokio::fs::File::open(path?).await.map_err(|error| trouble(&error))?;
            file.seek(io::SeekFrom::Start(from)).await.map_err(|error| trouble(&error))?;
            let pieces = stream::try_unfold((file, length), |(mut file, left)| async move {
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
                let mut piece = vec![0; most];
                let read = file.read(&mut piece).await.map_err(|error| trouble(&error))?;
                piece.truncate(read);
                if most == 0 {
                    return Ok(None);
                }
                if read == 0 {
                    // It is shorter than it was when it was put in.
                    return Err(StorageError::Missing);
                }
                let left = left.saturating_sub(read as u64);
                Ok(Some((Bytes::from(piece), (file, left))))
            });
            let pieces: Reading = Box::pin(pieces);
            Ok(pieces)
        })
    }

    fn remove<'a>(&'a self, _: &'a Client, key: &'a str) -> Doing<'a, ()> {
        let (disk, key) = (self.clone(), key.to_owned());
        Box::pin(blocking(move || disk.delete(&key)))
    }
}

/// On a thread that may block. One that ends by a fault has done nothing that counts.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    let done = tokio::task::spawn_blocking(act).await;
    done.unwrap_or(Err(StorageError::Later("disk_error", None)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_there_whole_for_its_owner_only_and_goes_with_its_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(folder.path());
        let key = "recordings/ab/cd/abcd-1.wav";
        assert_eq!(disk.write(key, &mut [7; 100_000].as_slice()), Ok(100_000));
        let path = disk.path(key).expect("a plain name");
        assert_eq!(fs::read(&path).expect("it is there"), vec![7; 100_000]);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("a folder")), 0o700);
        assert_eq!(disk.older_than(Duration::ZERO), Ok(vec![key.to_owned()]));
        assert_eq!(disk.older_than(Duration::from_secs(3_600)), Ok(Vec::new()));
        assert_eq!((disk.delete(key), disk.delete(key)), (Ok(()), Ok(())));
        assert!(!path.ancestors().nth(3).expect("a folder").exists(), "empty folders go too");
        assert_eq!(disk.open(key).err(), Some(StorageError::Missing));
    }

    #[test]
    fn what_breaks_off_leaves_nothing() {
        struct Breaks(usize);
        impl Read for Breaks {
            fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 > 3 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(piece.len()) }
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(folder.path());
        let full = StorageError::Later("disk_full", None);
        assert_eq!(disk.write("a/b.wav", &mut Breaks(0)), Err(full));
        assert_eq!(disk.older_than(Duration::ZERO), Ok(Vec::new()));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let disk = Disk::new(Path::new("/nowhere"));
        for key in ["", "/etc/passwd", "../x", "a/../../x", "./x", "a/.."] {
            assert_eq!(disk.path(key), Err(StorageError::Refused("bad_name")), "{key}");
        }
    }
}
