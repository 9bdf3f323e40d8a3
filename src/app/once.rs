//! A request that makes something, made once however often it comes.
//!
//! The key is looked up and noted in the write that makes the thing; the answer to a repetition
//! shows the thing as it is by then. Never gives one client's thing to another: keys belong to a
//! business.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{App, AppError};
use crate::crypto::digest::sha256;
use crate::domain::access::BusinessId;
pub use crate::store::idempotency::Once;
use crate::store::idempotency::{self, Known};
use crate::store::{Lane, StoreError, Write};

/// How long a key is remembered.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// Most keys forgotten in one write.
const FORGOTTEN_MAX: u32 = 500;

/// Most characters of a request's key.
const KEY_MAX_CHARS: usize = 255;

/// A request by the key that its client chose, in the header `Idempotency-Key`: 1 to 255 visible
/// ASCII characters. The parts are what makes it the same request.
pub fn request(key: &str, parts: &[&[u8]]) -> Result<Once, AppError> {
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > KEY_MAX_CHARS || !visible {
        let why = format!("must be 1 to {KEY_MAX_CHARS} visible ASCII characters");
        return Err(AppError::invalid("Idempotency-Key", why));
    }
    let mut framed = Vec::new();
    for part in parts {
        framed.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        framed.extend_from_slice(part);
    }
    Ok(Once { key: key.to_owned(), fingerprint: sha256(&[&framed]) })
}

/// What the same request made before, if it came before.
pub fn made(
    write: &mut Write<'_>,
    business: BusinessId,
    request: Option<&Once>,
) -> Result<Option<Uuid>, AppError> {
    let Some(once) = request else { return Ok(None) };
    match idempotency::find(write, business, once)? {
        Known::Fresh => Ok(None),
        Known::Made(id) => {
            write.repeats();
            Ok(Some(id))
        }
        Known::Other => Err(AppError::KeyReused),
    }
}

/// Notes what a request made, in the write that made it.
pub fn note(
    write: &mut Write<'_>,
    business: BusinessId,
    (request, made): (Option<&Once>, Uuid),
    now: Timestamp,
) -> Result<(), StoreError> {
    write.makes(made);
    match request {
        Some(once) => idempotency::note(write, business, (once, made), now),
        None => Ok(()),
    }
}

impl App {
    /// Forgets keys that are no longer remembered.
    pub async fn forget_requests(&self) -> Result<(), AppError> {
        let before = self.clock.now().checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        loop {
            let forgotten: Result<usize, StoreError> = self
                .store
                .write(Lane::Background, move |write| {
                    idempotency::forget(write, before, FORGOTTEN_MAX)
                })
                .await;
            if forgotten? < usize::try_from(FORGOTTEN_MAX).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }
}
