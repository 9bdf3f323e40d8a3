//! Access tokens: JWT (RFC 7519) of one fixed algorithm and one type, good for minutes.
//!
//! The algorithm and the key are ours whatever a token's header says; a header that brings a key of
//! its own, or names one elsewhere, is refused (RFC 8725 sections 3.1 and 3.10). Says who it is for and
//! in which session, and nothing of what they may do.

use std::sync::OnceLock;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keyring::{Keyring, Purpose};

/// The type that the header must name (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";
/// Who makes the tokens, and whom they are for.
const ISSUER: &str = "frontdesk";
const AUDIENCE: &str = "frontdesk-api";
/// Most bytes of a token that is looked at.
pub const TOKEN_MAX_BYTES: usize = 1_024;
/// Seconds for which a token is good.
pub const LIFETIME_S: i64 = 600;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The user.
    pub user: Uuid,
    /// The session that it was given in.
    pub session: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes tokens and reads them.
pub struct TokenKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl TokenKey {
    /// The key of a ring.
    pub fn new(ring: &Keyring) -> Self {
        let secret = ring.derive_current(Purpose::AccessToken);
        let (encoding, decoding) =
            (EncodingKey::from_secret(&secret), DecodingKey::from_secret(&secret));
        Self { encoding, decoding }
    }

    /// A token of a session, good from `now_s` on.
    pub fn issue(&self, told: Told, now_s: i64, jti: Uuid) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: told.user,
            sid: told.session,
            jti,
            iat: now_s,
            nbf: now_s,
            exp: now_s + LIFETIME_S,
        };
        encode(&header, &claims, &self.encoding).expect("the claims are texts and numbers")
    }

    /// What a token says; `None` for whatever is not right about it.
    pub fn read(&self, token: &str, now_s: i64) -> Option<Told> {
        if token.len() > TOKEN_MAX_BYTES {
            return None;
        }
        let read = decode::<Claims>(token, &self.decoding, rules()).ok()?;
        let header = &read.header;
        let plain = header.typ.as_deref() == Some(TYPE)
            && header.kid.is_none()
            && header.jku.is_none()
            && header.jwk.is_none()
            && header.x5u.is_none()
            && header.x5c.is_none()
            && header.crit.is_none();
        let claims = read.claims;
        let in_time = claims.nbf <= now_s && now_s < claims.exp;
        let lasts = claims.exp - claims.nbf == LIFETIME_S;
        (plain && in_time && lasts).then_some(Told { user: claims.sub, session: claims.sid })
    }
}

/// What must hold of every token but its times, which are compared with our own clock.
fn rules() -> &'static Validation {
    static RULES: OnceLock<Validation> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules
    })
}
