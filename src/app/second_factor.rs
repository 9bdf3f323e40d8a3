//! The second factor: an authenticator app, and recovery codes for the day on which it is lost.
//!
//! The app's secret is kept sealed. Never takes a code twice.

use super::error::NotAdmitted;
use super::{App, AppError};
use crate::clock::random;
use crate::crypto::digest::sha256;
use crate::crypto::seal::{SealedPlace, open, seal};
use crate::crypto::totp;
use crate::domain::ids::UserId;
use crate::store::users::{self, User};
use crate::store::{Lane, StoreError};

/// Recovery codes that are given at a time.
const CODES: usize = 10;
/// Letters of a recovery code: none that is taken for another. 32 of them, five bits each.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789z";
/// Letters in a recovery code: 80 bits.
const CODE_CHARS: usize = 16;

/// What an app has to be told.
pub struct NewSecret {
    /// The secret as it is typed: base32.
    pub secret: String,
    /// The same as an address, for a code to be photographed.
    pub url: String,
}

impl App {
    /// Makes a secret for an app; it counts once a code of it was shown.
    pub async fn begin_totp(&self, id: UserId, password: String) -> Result<NewSecret, AppError> {
        let user = self.user_with_password(id, password).await?;
        if user.totp_is_on {
            return Err(AppError::Exists("A second factor is on already.".to_owned()));
        }
        let secret: [u8; 20] = random();
        let sealed = seal(&self.keyring, place(id.uuid().as_bytes()), &secret, random());
        let kept =
            self.store.write(Lane::Urgent, move |write| users::set_totp(write, id, Some(&sealed)));
        kept.await.map_err(|error: StoreError| AppError::from(error))?;
        let secret = totp::base32(&secret);
        let label: String = form_urlencoded::byte_serialize(user.email.as_bytes()).collect();
        let url = format!("otpauth://totp/frontdesk:{label}?secret={secret}&issuer=frontdesk");
        Ok(NewSecret { secret, url })
    }

    /// A code of the app is shown: from now on one is needed. Returns the recovery codes, shown once.
    pub async fn confirm_totp(&self, id: UserId, code: &str) -> Result<Vec<String>, AppError> {
        let user = self.store.read(move |read| users::find(read, id)).await?;
        let user = user.ok_or(AppError::from(NotAdmitted::SessionInvalid))?;
        if user.totp_is_on {
            return Err(AppError::Exists("A second factor is on already.".to_owned()));
        }
        let wrong = || AppError::invalid("code", "is not the one that the app shows now");
        let secret = self.totp_secret(&user)?.ok_or_else(wrong)?;
        let step = totp::step(&secret, code.trim(), self.clock.now().as_second(), user.totp_step);
        let step = step.ok_or_else(wrong)?;
        let codes: Vec<String> = (0..CODES).map(|_| recovery_code(random())).collect();
        let digests: Vec<[u8; 32]> = codes.iter().map(|code| code_digest(id, code)).collect();
        let confirmed = self.store.write(Lane::Urgent, move |write| {
            if !users::use_totp(write, id, step)? {
                return Err(AppError::invalid("code", "was used already"));
            }
            users::set_recovery_codes(write, id, &digests)?;
            Ok(())
        });
        confirmed.await?;
        Ok(codes)
    }

    /// Switches the second factor off.
    pub async fn end_totp(&self, id: UserId, password: String) -> Result<(), AppError> {
        self.user_with_password(id, password).await?;
        let ended = self.store.write(Lane::Urgent, move |write| {
            users::set_totp(write, id, None)?;
            users::set_recovery_codes(write, id, &[])
        });
        ended.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Uses up a code of the app, or a recovery code.
    pub(super) async fn use_code(&self, user: &User, code: &str) -> Result<(), AppError> {
        let (id, code) = (user.id, code.trim().to_lowercase());
        let secret = self.totp_secret(user)?;
        let now_s = self.clock.now().as_second();
        let step = secret.and_then(|secret| totp::step(&secret, &code, now_s, user.totp_step));
        let digest = code_digest(id, &code.replace(['-', ' '], ""));
        let used = self.store.write(Lane::Urgent, move |write| match step {
            Some(step) => users::use_totp(write, id, step),
            None => users::use_recovery_code(write, id, &digest),
        });
        if used.await.map_err(|error: StoreError| AppError::from(error))? {
            Ok(())
        } else {
            Err(AppError::from(NotAdmitted::LoginFailed))
        }
    }

    fn totp_secret(&self, user: &User) -> Result<Option<Vec<u8>>, AppError> {
        let Some(sealed) = &user.totp else { return Ok(None) };
        let opened = open(&self.keyring, place(user.id.uuid().as_bytes()), sealed);
        opened.map(Some).map_err(|error| {
            tracing::error!(%error, user.id = %user.id, "a second factor cannot be opened");
            StoreError::Unavailable("a sealed value cannot be opened".to_owned()).into()
        })
    }
}

fn place(row: &[u8]) -> SealedPlace<'_> {
    SealedPlace { table: "users", column: "totp", row, business: b"" }
}

fn recovery_code(random: [u8; CODE_CHARS]) -> String {
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte & 31)]);
    random.into_iter().map(letter).collect()
}

/// What is kept of a recovery code: its 80 random bits need no slow hash.
fn code_digest(user: UserId, code: &str) -> [u8; 32] {
    sha256(&[user.uuid().as_bytes(), code.as_bytes()])
}
