//! A recording fetched: asked for afresh, brought in piece by piece, looked at, and kept on the disk.
//!
//! While it comes it is a file without a name, so that nothing is left of it whatever happens. Never
//! trusts what a file says it is.

use std::fs::File as StdFile;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use super::archiving::NO_ACCOUNT;
use super::sealing::{Hashed, SealedRead};
use super::{App, AppError};
use crate::audio::{self, Audio};
use crate::clock::random;
use crate::config::PATIENT;
use crate::crypto::digest::{Sha256, hex};
use crate::crypto::sealed_file::Sealer;
use crate::domain::recording::{QUICK_TRIES, Trouble, Window, key};
use crate::net::{Fetch, FetchError, NetError, Pieces};
use crate::providers::storage::{DISK, StorageError};
use crate::providers::voice::{CallNames, ProviderError, Source};
use crate::store::StoreError;
use crate::store::calls;
use crate::store::recordings::{File, Recording};

/// The longest wait for the next piece.
const IDLE_MOST: Duration = Duration::from_secs(15);
/// After how many bytes it is looked whether there is still room.
const LOOK_EVERY_BYTES: usize = 4 << 20;
/// How long to wait for room on the disk, in milliseconds.
const NO_ROOM_MS: i64 = 60_000;

/// A recording that is on the disk now.
pub(super) struct Fetched {
    pub file: File,
    pub peaks: Vec<u8>,
}

/// Why a recording is not on the disk.
pub(super) enum Failed {
    /// What is needed is away for so long; nothing was tried.
    Rests { wait_ms: i64, code: &'static str, window: Window },
    /// It was tried.
    Tried { trouble: Trouble, asked_s: Option<u64>, window: Window },
    /// A fault of our own.
    Fault(AppError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// What a step came to, before it is known how long the provider has the recording.
enum Ended {
    Rests { wait_ms: i64, code: &'static str },
    Tried(Trouble, Option<u64>),
}

impl From<StorageError> for Ended {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Later("disk_full", _) => {
                Self::Rests { wait_ms: NO_ROOM_MS, code: "disk_full" }
            }
            StorageError::Resting(wait_ms) => Self::Rests { wait_ms, code: "store_resting" },
            other
            @ (StorageError::Missing | StorageError::Refused(_) | StorageError::Later(..)) => {
                Self::Tried(Trouble::Later(other.code()), None)
            }
        }
    }
}

impl App {
    /// Fetches a recording onto the disk.
    pub(super) async fn fetch_recording(&self, recording: &Recording) -> Result<Fetched, Failed> {
        let call = recording.call;
        let found = self.store.read(move |read| calls::named(read, call)).await?;
        let Some((name, id, others)) = found else {
            return Err(Failed::Fault(AppError::NotFound("call")));
        };
        let registry = self.registry();
        let Some(account) = registry.voice(&name) else {
            let trouble = Trouble::Never("no_account");
            return Err(Failed::Tried { trouble, asked_s: None, window: NO_ACCOUNT });
        };
        let window = account.voice.recording_window();
        if !self.store.space().has_room_for(0) {
            return Err(Failed::Rests { wait_ms: NO_ROOM_MS, code: "disk_full", window });
        }
        let net = self.net().map_err(Failed::Fault)?;
        let asked = account.voice.recording(net, &CallNames { id, others }).await;
        let announced = self.store.read(move |read| calls::announced_recording(read, call)).await?;
        let brought = match source(asked, announced) {
            Ok(source) => self.bring(recording, source).await,
            Err(ended) => Err(ended),
        };
        brought.map_err(|ended| match ended {
            Ended::Rests { wait_ms, code } => Failed::Rests { wait_ms, code, window },
            Ended::Tried(trouble, asked_s) => Failed::Tried { trouble, asked_s, window },
        })
    }

    async fn bring(&self, recording: &Recording, source: Source) -> Result<Fetched, Ended> {
        let quick = self.settings().archive.fetch_timeout();
        let total = if tries_to_fetch(recording) < QUICK_TRIES { quick } else { quick * PATIENT };
        let fetch = Fetch {
            url: source.url,
            authorization: source.authorization,
            hosts: source.hosts,
            total,
            // The wait for a piece ends before the whole does: then it is known which it was.
            idle: (quick / 2).min(IDLE_MOST),
            max_bytes: self.settings().archive.recording_max_bytes(),
        };
        let fault = |_| Ended::Tried(Trouble::Later("internal"), None);
        let net = self.net().map_err(fault)?;
        let pieces = net.fetch(&fetch).await.map_err(|error| fetch_ended(&error))?;
        let (file, bytes, sha256) = self.receive(pieces).await?;
        let looked = tokio::task::spawn_blocking(move || {
            let mut file = file;
            let audio = audio::inspect(&mut file);
            (file, audio)
        });
        let (file, audio) = looked.await.map_err(|_| {
            // Reading it ended by a panic: whatever it is, it is not to be kept.
            Ended::Tried(Trouble::Unusable("broken_audio"), None)
        })?;
        let audio =
            audio.map_err(|not_audio| Ended::Tried(Trouble::Unusable(not_audio.code()), None))?;
        self.keep(recording, file, (bytes, sha256), audio).await
    }

    /// Writes what comes into a file without a name. Returns it, its length and its digest.
    async fn receive(&self, mut pieces: Pieces) -> Result<(StdFile, u64, [u8; 32]), Ended> {
        let dir = self.settings().data.dir.clone();
        let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(dir)).await;
        let disk = || Ended::Tried(Trouble::Later("disk_error"), None);
        let file = made.map_err(|_| disk())?.map_err(|_| disk())?;
        let mut file = tokio::fs::File::from_std(file);
        let (mut bytes, mut digest, mut looked) = (0, Sha256::new(), 0);
        loop {
            let piece = pieces.next().await.map_err(|error| fetch_ended(&error))?;
            let Some(piece) = piece else { break };
            digest.add(&piece);
            bytes += piece.len() as u64;
            looked += piece.len();
            if looked >= LOOK_EVERY_BYTES {
                looked = 0;
                // It is written a second time when it is kept.
                if !self.store.space().has_room_for(bytes) {
                    return Err(Ended::Rests { wait_ms: NO_ROOM_MS, code: "disk_full" });
                }
            }
            file.write_all(&piece).await.map_err(|error| wrote(&error))?;
        }
        file.flush().await.map_err(|error| wrote(&error))?;
        Ok((file.into_std().await, bytes, digest.finish()))
    }

    async fn keep(
        &self,
        recording: &Recording,
        file: StdFile,
        (bytes, sha256): (u64, [u8; 32]),
        audio: Audio,
    ) -> Result<Fetched, Ended> {
        let key = key(&hex(&sha256), recording.id, audio.format.word());
        let is_sealed = self.settings().archive.seal;
        let sealer =
            is_sealed.then(|| Sealer::new(&self.keyring, recording.id.uuid().as_bytes(), random()));
        let (disk, name) = (self.registry().disk().clone(), key.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let mut content = Hashed::new(SealedRead::new(file, bytes, sealer)?);
            let kept_bytes = disk.write(&name, &mut content)?;
            Ok::<_, StorageError>((kept_bytes, content.finish()))
        });
        let (kept_bytes, kept_sha256) =
            kept.await.map_err(|_| Ended::Tried(Trouble::Later("internal"), None))??;
        let file = File {
            store: DISK.to_owned(),
            key,
            is_sealed,
            format: audio.format.word().to_owned(),
            sha256,
            bytes,
            kept_sha256,
            kept_bytes,
            duration_ms: audio.duration_ms,
            channels: audio.channels,
            sample_rate_hz: audio.sample_rate_hz,
        };
        Ok(Fetched { file, peaks: audio.peaks })
    }
}

/// Tries to fetch it that failed. That the provider did not have it yet was none.
pub(super) fn tries_to_fetch(recording: &Recording) -> u32 {
    if recording.reason == Trouble::NotOffered.code() { 0 } else { recording.attempts }
}

fn wrote(error: &std::io::Error) -> Ended {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Ended::Rests { wait_ms: NO_ROOM_MS, code: "disk_full" };
    }
    Ended::Tried(Trouble::Later("disk_error"), None)
}

/// Where the recording is: what the provider answers, or, where it cannot be asked, what it said in an
/// event that was proven.
fn source(
    asked: Result<Option<Source>, ProviderError>,
    announced: Option<String>,
) -> Result<Source, Ended> {
    let tried = |trouble| Err(Ended::Tried(trouble, None));
    match asked {
        Ok(Some(source)) => Ok(source),
        Ok(None) => tried(Trouble::NotOffered),
        Err(ProviderError::NotConfigured(_)) => match announced {
            Some(url) => Ok(Source { url, authorization: None, hosts: Vec::new() }),
            None => tried(Trouble::Never("no_api_key")),
        },
        Err(ProviderError::Resting(wait_ms)) => {
            Err(Ended::Rests { wait_ms, code: "provider_resting" })
        }
        Err(ProviderError::Busy(asked_s)) => {
            Err(Ended::Tried(Trouble::Later("provider_busy"), asked_s))
        }
        Err(ProviderError::NotFound) => tried(Trouble::NotOffered),
        Err(ProviderError::Unauthorised) => tried(Trouble::Later("provider_key_refused")),
        Err(ProviderError::Unavailable(_)) => tried(Trouble::Later("provider_unavailable")),
        Err(ProviderError::Unreadable(_)) => tried(Trouble::Later("provider_unreadable")),
        Err(ProviderError::Refused(_)) => tried(Trouble::Later("provider_refused")),
        Err(ProviderError::Unsupported(_)) => tried(Trouble::Never("unsupported")),
        Err(ProviderError::Elsewhere) => tried(Trouble::Never("other_host")),
    }
}

/// What came of fetching a file. A link that is no longer good (401, 403, 404, 410) is asked for
/// afresh with the next try.
fn fetch_ended(error: &FetchError) -> Ended {
    let tried = |trouble| Ended::Tried(trouble, None);
    match error {
        FetchError::Net(NetError::Resting { wait_ms }) => {
            Ended::Rests { wait_ms: *wait_ms, code: "source_resting" }
        }
        FetchError::Net(NetError::Address(_)) => tried(Trouble::Never("address_refused")),
        FetchError::Net(NetError::Client(_) | NetError::Request(_) | NetError::TooLarge) => {
            tried(Trouble::Later("source_unavailable"))
        }
        FetchError::Status { status, retry_after_s } => {
            let trouble = match status {
                401 | 403 | 404 | 410 => Trouble::Later("link_refused"),
                429 => Trouble::Later("source_busy"),
                500..=599 => Trouble::Later("source_unavailable"),
                _ => Trouble::Later("source_refused"),
            };
            Ended::Tried(trouble, *retry_after_s)
        }
        FetchError::Elsewhere => tried(Trouble::Never("other_host")),
        FetchError::LeadsOn => tried(Trouble::Unusable("leads_on")),
        FetchError::TooLarge(_) => tried(Trouble::Never("too_large")),
        FetchError::TooSlow => tried(Trouble::Later("too_slow")),
        FetchError::Cut(_) => tried(Trouble::Later("broke_off")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(error: &FetchError) -> (&'static str, bool) {
        match fetch_ended(error) {
            Ended::Rests { code, .. } => (code, true),
            Ended::Tried(trouble, _) => (trouble.code(), !matches!(trouble, Trouble::Never(_))),
        }
    }

    #[test]
    fn each_way_in_which_a_file_does_not_come_has_a_code_and_may_pass_or_not() {
        let status = |status| FetchError::Status { status, retry_after_s: None };
        for (error, code, may_pass) in [
            (FetchError::Net(NetError::Resting { wait_ms: 1 }), "source_resting", true),
            (FetchError::Net(NetError::Request(String::new())), "source_unavailable", true),
            (FetchError::TooSlow, "too_slow", true),
            (FetchError::Cut(String::new()), "broke_off", true),
            (FetchError::LeadsOn, "leads_on", true),
            (status(401), "link_refused", true),
            (status(404), "link_refused", true),
            (status(429), "source_busy", true),
            (status(503), "source_unavailable", true),
            (status(418), "source_refused", true),
            (FetchError::Elsewhere, "other_host", false),
            (FetchError::TooLarge(1), "too_large", false),
        ] {
            assert_eq!(trouble(&error), (code, may_pass), "{error}");
        }
    }
}
