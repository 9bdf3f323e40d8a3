//! Links to a recording for a browser: good for minutes, and for this recording only.
//!
//! A link holds who it is for, until when, and a code over both that only the master key makes; nothing
//! of it is kept. Never logged.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use uuid::Uuid;

use super::recordings::Recording;
use super::{App, AppError};
use crate::crypto::keyring::Purpose;
use crate::crypto::signature::{Algorithm, AnyHmacKey};
use crate::domain::access::BusinessId;
use crate::domain::audit::{Entry, Who};
use crate::domain::ids::RecordingId;
use crate::store::{Lane, StoreError, audit, recordings};

/// Bytes of a link before its code: the recording, the business, and until when.
const BODY_BYTES: usize = 16 + 16 + 8;
/// Bytes of its code: HMAC-SHA-256.
const CODE_BYTES: usize = 32;

/// A link to a recording.
pub struct Link {
    /// What stands in the address.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl App {
    /// Makes a link to a recording that has audio.
    pub async fn link_recording(
        &self,
        business: BusinessId,
        id: RecordingId,
    ) -> Result<Link, AppError> {
        let recording = self.recording(business, id).await?;
        if recording.file.is_none() {
            return Err(AppError::NotFound("audio of this recording"));
        }
        let expires_at = self.clock.now().checked_add(self.settings().archive.link_life());
        let expires_at = expires_at.unwrap_or(Timestamp::MAX);
        let mut link = Vec::with_capacity(BODY_BYTES + CODE_BYTES);
        link.extend(id.uuid().as_bytes());
        link.extend(business.uuid().as_bytes());
        link.extend(expires_at.as_millisecond().to_be_bytes());
        let code = self.link_key(self.keyring.current()).map(|key| key.sign(&[&link]));
        link.extend(code.ok_or(AppError::NotFound("master key"))?);
        Ok(Link { token: URL_SAFE_NO_PAD.encode(link), expires_at })
    }

    /// The recording of a link that is good, for as long as the recording is the business's. That it
    /// was asked for is noted in the audit trail, where `is_noted` says so.
    pub async fn linked_recording(
        &self,
        token: &str,
        is_noted: bool,
    ) -> Result<Recording, AppError> {
        let missing = || AppError::NotFound("recording");
        let link = URL_SAFE_NO_PAD.decode(token).map_err(|_| missing())?;
        let (body, code) = link.split_at_checked(BODY_BYTES).ok_or_else(missing)?;
        let is_ours = self
            .keyring
            .ids()
            .any(|key| self.link_key(key).is_some_and(|key| key.verifies(&[body], code)));
        let (id, rest) = body.split_at(16);
        let (business, until) = rest.split_at(16);
        let until: [u8; 8] = until.try_into().map_err(|_| missing())?;
        let now = self.clock.now();
        if !is_ours || now.as_millisecond() >= i64::from_be_bytes(until) {
            return Err(missing());
        }
        let uuid = |bytes: &[u8]| Uuid::from_slice(bytes).map_err(|_| missing());
        let (id, business) = (RecordingId::from_uuid(uuid(id)?), uuid(business)?);
        let found = self.store.read(move |read| recordings::find(read, id)).await?;
        let own = found.filter(|found| found.business.map(|one| one.uuid()) == Some(business));
        let own = own.ok_or_else(missing)?;
        if !is_noted {
            return Ok(own);
        }
        let entry = Entry::done(Who::Nobody, "play_recording_by_link".to_owned(), now).about(id);
        let entry = own.business.map_or(entry.clone(), |business| entry.of(business));
        let noted = self.store.write(Lane::Urgent, move |write| audit::append(write, &entry));
        let noted: Result<(), StoreError> = noted.await;
        noted?;
        Ok(own)
    }

    fn link_key(&self, id: u32) -> Option<AnyHmacKey> {
        let secret = self.keyring.derive(id, Purpose::RecordingLink)?;
        Some(Algorithm::Sha256.key(&secret))
    }
}
