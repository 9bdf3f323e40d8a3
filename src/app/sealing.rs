//! A file read for keeping: sealed on the way where it is to be, and its digest taken.
//!
//! Blocks; for threads that may.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};

use crate::crypto::digest::Sha256;
use crate::crypto::sealed_file::{CHUNK_BYTES, Sealer};
use crate::providers::storage::StorageError;

/// Reads a file from its beginning, as it is or sealed.
pub(super) struct SealedRead {
    file: File,
    left: u64,
    sealer: Option<Sealer>,
    /// What is sealed and not read yet.
    ready: Vec<u8>,
    at: usize,
    is_ended: bool,
}

impl SealedRead {
    /// Of a file of so many bytes.
    pub fn new(mut file: File, bytes: u64, sealer: Option<Sealer>) -> Result<Self, StorageError> {
        let back = file.seek(SeekFrom::Start(0));
        back.map_err(|_| StorageError::Later("disk_error", None))?;
        let ready = sealer.as_ref().map(|sealer| sealer.head().to_vec()).unwrap_or_default();
        Ok(Self { file, left: bytes, sealer, ready, at: 0, is_ended: false })
    }

    fn seal_next(&mut self) -> io::Result<()> {
        let Some(sealer) = &mut self.sealer else { return Ok(()) };
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        let mut plain = vec![0; most];
        self.file.read_exact(&mut plain)?;
        self.left -= most as u64;
        self.is_ended = self.left == 0;
        self.ready = sealer.seal(&plain, self.is_ended).map_err(io::Error::other)?;
        self.at = 0;
        Ok(())
    }
}

impl Read for SealedRead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.sealer.is_none() {
            return self.file.read(into);
        }
        if self.at == self.ready.len() && !self.is_ended {
            self.seal_next()?;
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let some = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += some;
        Ok(some)
    }
}

/// Takes the digest of what is read through it.
pub(super) struct Hashed<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> Hashed<R> {
    /// Of nothing yet.
    pub fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new() }
    }

    /// The digest of all that was read.
    pub fn finish(self) -> [u8; 32] {
        self.digest.finish()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.digest.add(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}
