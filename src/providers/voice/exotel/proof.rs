//! What proves that Exotel sent something: a secret in the path, or a signature that a gateway adds;
//! and the checks that can be added to either.
//!
//! The secret is held as its digest where the configuration gives only that. Never accepts by address
//! alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Reader;
use crate::crypto::digest::{hex, unhex, unhex32};
use crate::crypto::signature::{Algorithm, AnyHmacKey, Recognised};
use crate::domain::network::Network;
use crate::providers::voice::{Incoming, Refusal};

const SIGNATURE: HeaderName = HeaderName::from_static("x-exotel-signature");
/// Fewest characters of the secret in the path: a random one has 128 bits in 22 of base64.
const TOKEN_MIN: usize = 22;

/// The proofs of an account.
pub struct Proof {
    token: Option<Recognised>,
    /// The token itself, where the configuration holds it.
    written: Option<String>,
    hmac: Option<AnyHmacKey>,
    basic: Option<Recognised>,
    allow: Vec<Network>,
}

impl Proof {
    /// Reads them; without a token and a signature there is no proof, which is a fault.
    pub fn read(table: &mut Reader<'_>) -> Self {
        let written = table.secret("path_token").map(|token| token.expose().to_owned());
        let digest = table.text("path_token_sha256");
        let is_safe = |token: &String| {
            let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            token.len() >= TOKEN_MIN && token.bytes().all(safe)
        };
        if written.as_ref().is_some_and(|token| !is_safe(token)) {
            let why = "must have at least 22 characters out of A-Z, a-z, 0-9, - and _";
            table.refuse("path_token", why);
        }
        let digested = digest.as_ref().map(|text| unhex32(text.as_bytes()));
        if digested == Some(None) {
            table.refuse("path_token_sha256", "must be 64 lower-case hexadecimal digits");
        }
        if written.is_some() && digest.is_some() {
            table.refuse("path_token_sha256", "is set beside path_token; keep one of the two");
        }
        let by_text = written.as_ref().map(|token| Recognised::of(token.as_bytes()));
        let token = by_text.or(digested.flatten().map(Recognised::by_digest));
        let hmac = signature(table);
        if token.is_none() && digest.is_none() && hmac.is_none() {
            let why = "is required: Exotel signs nothing, so without a secret in the path no request \
                       can be verified";
            table.refuse("path_token", why);
        }
        Self { token, written, hmac, basic: basic(table), allow: allow(table) }
    }

    /// Accepts what every proof that is set up proves.
    pub fn verify(&self, request: &Incoming<'_>) -> Result<(), Refusal> {
        if let Some(token) = &self.token {
            let presented = request.token.ok_or(Refusal::SignatureMissing)?;
            if !token.fits(presented.as_bytes()) {
                return Err(Refusal::SignatureInvalid);
            }
        }
        if let Some(key) = &self.hmac {
            let mut values = request.headers.get_all(SIGNATURE).iter();
            let value = values.next().ok_or(Refusal::SignatureMissing)?;
            let code = decode(value.as_bytes()).filter(|_| values.next().is_none());
            let code = code.ok_or(Refusal::SignatureInvalid)?;
            if request.body.is_empty() || !key.verifies(&[request.body], &code) {
                return Err(Refusal::SignatureInvalid);
            }
        }
        if let Some(basic) = &self.basic {
            let value = request.headers.get(AUTHORIZATION).ok_or(Refusal::SignatureMissing)?;
            let code = value.as_bytes().strip_prefix(b"Basic ");
            let pair = code.and_then(|code| STANDARD.decode(code).ok());
            if !pair.is_some_and(|pair| basic.fits(&pair)) {
                return Err(Refusal::SignatureInvalid);
            }
        }
        let is_listed =
            |network: &Network| request.peer.is_some_and(|peer| network.holds(peer.to_canonical()));
        if !self.allow.is_empty() && !self.allow.iter().any(is_listed) {
            return Err(Refusal::AddressRefused);
        }
        Ok(())
    }

    /// What is added to the address of events, where the configuration holds it.
    pub fn path(&self) -> String {
        self.written.as_ref().map_or_else(String::new, |token| format!("/{token}"))
    }

    /// The same for calls that are placed; `None` when it cannot be told.
    pub fn events_path(&self) -> Option<String> {
        let known = self.token.is_none() || self.written.is_some();
        known.then(|| self.path())
    }

    /// The headers of a simulated call-back; `None` when only a digest of the token is known.
    pub fn sign(&self, body: &[u8]) -> Option<HeaderMap> {
        self.events_path()?;
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.hmac {
            headers.insert(SIGNATURE, HeaderValue::try_from(hex(&key.sign(&[body]))).ok()?);
        }
        Some(headers)
    }
}

fn signature(table: &mut Reader<'_>) -> Option<AnyHmacKey> {
    let verify = table.text("verify");
    let secret = table.secret("hmac_secret").map(|secret| secret.expose().to_owned());
    match (verify.as_deref(), secret) {
        (None, None) => None,
        (Some("hmac-sha1"), Some(secret)) => Some(Algorithm::Sha1.key(secret.as_bytes())),
        (Some("hmac-sha1"), None) => {
            table.refuse("hmac_secret", "is required by verify = \"hmac-sha1\"");
            None
        }
        (Some(_), _) => {
            table.refuse("verify", "must be hmac-sha1, or not set");
            None
        }
        (None, Some(_)) => {
            table.refuse("hmac_secret", "has no effect without verify = \"hmac-sha1\"");
            None
        }
    }
}

fn basic(table: &mut Reader<'_>) -> Option<Recognised> {
    let user = table.text("basic_user");
    let password = table.secret("basic_password").map(|password| password.expose().to_owned());
    match (user, password) {
        (Some(user), Some(password)) => {
            Some(Recognised::of(format!("{user}:{password}").as_bytes()))
        }
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            table.refuse("basic_user", "is set without basic_password, or the other way round");
            None
        }
    }
}

fn allow(table: &mut Reader<'_>) -> Vec<Network> {
    let written = table.texts("allow");
    let all: Vec<Network> = written.iter().filter_map(|text| Network::parse(text)).collect();
    if all.len() < written.len() {
        table.refuse("allow", "each must be an address or a network, such as 203.0.113.0/24");
    }
    all
}

/// A code in hexadecimal digits or base64.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let is_hex = text.len() == 40 && text.iter().all(u8::is_ascii_hexdigit);
    if !is_hex {
        return STANDARD.decode(text).ok();
    }
    unhex(text)
}
