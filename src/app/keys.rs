//! Keys for the REST interface: made, listed, taken back, and what a presented one opens.
//!
//! Never shows a key a second time.

use jiff::{SignedDuration, Timestamp};

use super::error::NotAdmitted;
use super::once::{self, Once};
use super::{App, AppError};
use crate::clock::random;
use crate::crypto::token::ApiKey;
use crate::domain::access::{BusinessId, KeyGrant, Scope};
use crate::domain::business;
use crate::domain::ids::KeyId;
pub use crate::store::api_keys::Listed;
use crate::store::api_keys::{self, NewKey};
use crate::store::{Lane, StoreError};

/// Milliseconds in an hour: how exactly the last use of a key is kept.
const HOUR_MS: i64 = 3_600_000;
/// Most days a key may be valid.
pub const DAYS_MAX: u32 = 3_650;

impl App {
    /// Makes a key. The returned text is shown once and kept nowhere.
    pub async fn create_key(
        &self,
        business: BusinessId,
        name: &str,
        scopes: Vec<Scope>,
        days: Option<u32>,
    ) -> Result<(KeyId, String), AppError> {
        let (id, text) = self.create_key_once(business, (name, scopes, days), None).await?;
        Ok((id, text.unwrap_or_default()))
    }

    /// The same once for each `Idempotency-Key`: a repetition is told of the key, without its text.
    pub async fn create_key_once(
        &self,
        business: BusinessId,
        (name, scopes, days): (&str, Vec<Scope>, Option<u32>),
        request: Option<Once>,
    ) -> Result<(KeyId, Option<String>), AppError> {
        let name = business::name(name)
            .ok_or_else(|| AppError::invalid("name", "must be 1 to 200 characters"))?;
        if let Some(scope) = scopes.iter().find(|scope| !scope.is_for_keys()) {
            let why = format!("{} is for users, not for keys", scope.word());
            return Err(AppError::invalid("scopes", why));
        }
        if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
            return Err(AppError::invalid("days", format!("must be 1 to {DAYS_MAX}")));
        }
        let now = self.clock.now();
        let key = ApiKey::new(random());
        let lasts = |days: u32| now.checked_add(SignedDuration::from_hours(24 * i64::from(days)));
        let new = NewKey {
            id: KeyId::new(now, random()),
            name,
            sha256: key.sha256(),
            hint: key.hint().to_owned(),
            scopes,
            expires_at: days.and_then(|days| lasts(days).ok()),
        };
        let made = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                return Ok((KeyId::from_uuid(made), false));
            }
            api_keys::add(write, business, &new, now)?;
            once::note(write, business, (request.as_ref(), new.id.uuid()), now)?;
            Ok::<_, AppError>((new.id, true))
        });
        let (id, is_new) = made.await?;
        Ok((id, is_new.then(|| key.expose().to_owned())))
    }

    /// The keys of a business.
    pub async fn keys(&self, business: BusinessId) -> Result<Vec<Listed>, AppError> {
        Ok(self.store.read(move |read| api_keys::list(read, business)).await?)
    }

    /// Takes a key back.
    pub async fn revoke_key(&self, business: BusinessId, key: KeyId) -> Result<(), AppError> {
        let now = self.clock.now();
        let revoked = self.store.write(Lane::Urgent, move |write| {
            write.makes(key.uuid());
            api_keys::revoke(write, business, key, now)?.ok_or(AppError::NotFound("key"))
        });
        revoked.await
    }

    /// What is known of a presented key.
    pub async fn key_grant(&self, presented: Option<&str>) -> Result<KeyGrant, AppError> {
        let text = presented.ok_or(AppError::from(NotAdmitted::KeyMissing))?;
        let key = ApiKey::parse(text).ok_or(AppError::from(NotAdmitted::KeyInvalid))?;
        let digest = key.sha256();
        let grant = self.store.read(move |read| api_keys::grant(read, &digest)).await?;
        grant.ok_or(AppError::from(NotAdmitted::KeyInvalid))
    }

    /// Notes the hour in which a key was last used.
    pub async fn note_key_used(&self, key: KeyId) -> Result<(), StoreError> {
        let hour = self.clock.now_ms().div_euclid(HOUR_MS) * HOUR_MS;
        let hour = Timestamp::from_millisecond(hour).unwrap_or(Timestamp::UNIX_EPOCH);
        self.store.write(Lane::Background, move |write| api_keys::used(write, key, hour)).await
    }
}
