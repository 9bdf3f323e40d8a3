//! A recording's audio, whole or a part of it, out of whichever store has it.
//!
//! What is sealed is opened chunk by chunk on the way; a chunk that was changed, or belongs to another
//! recording, ends it with an error that names it. Never gives out a byte that was not proven, where
//! there is a proof.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use super::recordings::Recording;
use super::storing::media;
use super::{App, AppError};
use crate::crypto::digest::Sha256;
use crate::crypto::seal::NotOpened;
use crate::crypto::sealed_file::{CHUNK_BYTES, HEAD_BYTES, Opener, TAG_BYTES, span};
use crate::domain::ids::RecordingId;
use crate::providers::storage::{Reading, StorageError};
use crate::store::recordings::{self, File};

/// Audio on its way.
pub struct Playing {
    /// What it is, such as `audio/wav`.
    pub media_type: &'static str,
    /// How long the whole of it is.
    pub total: u64,
    /// The part that comes: from which byte, and how many.
    pub part: (u64, u64),
    /// Its pieces; an error ends them.
    pub pieces: Pieces,
}

/// Pieces of audio.
pub type Pieces = std::pin::Pin<Box<dyn stream::Stream<Item = Result<Bytes, Damage>> + Send>>;

/// Why audio does not come whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The store.
    #[error("recording {0}: {1}")]
    Store(RecordingId, StorageError),
    /// Its file was changed, or is another recording's.
    #[error("recording {0}: its file cannot be opened: {1}")]
    Sealed(RecordingId, NotOpened),
    /// Its file is not what it was when it was kept.
    #[error("recording {0}: its file is not what it was")]
    Changed(RecordingId),
}

impl Damage {
    /// Which recording.
    pub fn recording(&self) -> RecordingId {
        match self {
            Self::Store(id, _) | Self::Sealed(id, _) | Self::Changed(id) => *id,
        }
    }

    /// The stable code, for people and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_, error) => error.code(),
            Self::Sealed(_, NotOpened::KeyMissing(_)) => "key_missing",
            Self::Sealed(..) | Self::Changed(_) => "changed",
        }
    }
}

impl App {
    /// Reads a part of a recording's audio; `part` is checked against its length and says what is to
    /// come. The first piece is there, and proven, before this returns.
    pub async fn play(
        &self,
        recording: &Recording,
        part: impl FnOnce(u64) -> Option<(u64, u64)>,
    ) -> Result<Playing, AppError> {
        let file = recording.file.as_ref().ok_or(AppError::NotFound("audio of this recording"))?;
        let part = part(file.bytes).ok_or(AppError::RangeNotThere(file.bytes))?;
        let begun = match self.begin_playing(recording.id, file, part).await {
            // It may have moved to another store since its row was read.
            Err(Damage::Store(id, StorageError::Missing)) => {
                let again = self.store.read(move |read| recordings::find(read, id)).await?;
                let moved = again.and_then(|again| again.file);
                let moved = moved.filter(|moved| moved.store != file.store);
                let missing = AppError::Damaged(Damage::Store(id, StorageError::Missing));
                let moved = moved.ok_or(missing)?;
                self.begin_playing(id, &moved, part).await
            }
            begun => begun,
        };
        let (first, pieces) = begun.map_err(AppError::Damaged)?;
        Ok(Playing {
            media_type: media(file),
            total: file.bytes,
            part,
            pieces: Box::pin(stream::iter([Ok(first)]).chain(pieces)),
        })
    }

    /// The first piece of a part, proven, and the others.
    async fn begin_playing(
        &self,
        id: RecordingId,
        file: &File,
        part: (u64, u64),
    ) -> Result<(Bytes, Pieces), Damage> {
        let mut pieces = self.pieces(id, file, part).await?;
        let first = pieces.next().await.transpose()?.unwrap_or_default();
        Ok((first, pieces))
    }

    /// Reads the whole file of a recording and compares it with what was kept.
    pub async fn verify_recording(&self, recording: &Recording) -> Result<(), Damage> {
        let id = recording.id;
        let Some(file) = &recording.file else { return Ok(()) };
        let mut pieces = self.pieces(id, file, (0, file.bytes)).await?;
        let (mut digest, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            bytes += piece.len() as u64;
            digest.add(&piece);
        }
        if bytes == file.bytes && digest.finish() == file.sha256 {
            return Ok(());
        }
        Err(Damage::Changed(id))
    }

    /// The file of a recording as it is kept, byte for byte.
    pub(super) async fn kept_bytes(
        &self,
        file: &File,
        part: (u64, u64),
    ) -> Result<Reading, StorageError> {
        let registry = self.registry();
        let store = registry.store(&file.store);
        let store = store.ok_or(StorageError::Refused("no_such_store"))?;
        let net = self.net().map_err(|_| StorageError::Later("store_unavailable", None))?;
        store.read(net, &file.key, part).await
    }

    async fn pieces(
        &self,
        id: RecordingId,
        file: &File,
        (from, length): (u64, u64),
    ) -> Result<Pieces, Damage> {
        let store = move |error| Damage::Store(id, error);
        if !file.is_sealed {
            let reading = self.kept_bytes(file, (from, length)).await.map_err(store)?;
            return Ok(Box::pin(reading.map(move |piece| piece.map_err(store))));
        }
        let head = self.kept_bytes(file, (0, HEAD_BYTES as u64)).await.map_err(store)?;
        let head = gather(head).await.map_err(store)?;
        let sealed = move |error| Damage::Sealed(id, error);
        let opener = Opener::new(&self.keyring, id.uuid().as_bytes(), &head).map_err(sealed)?;
        let span = span(file.bytes, from, length);
        let range = (span.sealed_from, span.sealed_len);
        let reading = self.kept_bytes(file, range).await.map_err(store)?;
        let opening = Opening {
            id,
            opener,
            reading,
            waiting: Vec::new(),
            next: span.first_chunk,
            last: span.last_chunk,
            end: span.first_chunk.saturating_add(span.chunks),
            skip: span.skip,
            left: length,
        };
        Ok(Box::pin(stream::try_unfold(opening, |mut opening| async move {
            Ok(opening.piece().await?.map(|piece| (piece, opening)))
        })))
    }
}

async fn gather(mut reading: Reading) -> Result<Vec<u8>, StorageError> {
    let mut all = Vec::new();
    while let Some(piece) = reading.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all)
}

/// A sealed file that is opened on the way.
struct Opening {
    id: RecordingId,
    opener: Opener,
    reading: Reading,
    /// Sealed bytes that are no whole chunk yet.
    waiting: Vec<u8>,
    next: u32,
    last: u32,
    end: u32,
    skip: usize,
    left: u64,
}

impl Opening {
    async fn piece(&mut self) -> Result<Option<Bytes>, Damage> {
        if self.next >= self.end || self.left == 0 {
            return Ok(None);
        }
        let whole = CHUNK_BYTES + TAG_BYTES;
        let mut is_ended = false;
        while self.waiting.len() < whole && !is_ended {
            match self.reading.next().await {
                Some(piece) => {
                    let piece = piece.map_err(|error| Damage::Store(self.id, error))?;
                    self.waiting.extend_from_slice(&piece);
                }
                None => is_ended = true,
            }
        }
        let length = self.waiting.len().min(whole);
        let sealed: Vec<u8> = self.waiting.drain(..length).collect();
        let opened = self.opener.open(self.next, self.next == self.last, &sealed);
        let plain = opened.map_err(|error| Damage::Sealed(self.id, error))?;
        self.next += 1;
        let mut plain = Bytes::from(plain);
        plain = plain.slice(self.skip.min(plain.len())..);
        self.skip = 0;
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        plain.truncate(most);
        self.left -= plain.len() as u64;
        Ok(Some(plain))
    }
}
