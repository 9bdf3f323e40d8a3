//! What proves that Vapi sent something: any of the credentials that are switched on.
//!
//! The HMAC can be put together as Vapi's `HMACAuthenticationPlan` can; its time may be in seconds or
//! milliseconds. Never accepts what no credential is set up for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Reader;
use crate::crypto::digest::{hex, unhex};
use crate::crypto::signature::{Algorithm, AnyHmacKey, Recognised};
use crate::providers::voice::{Incoming, Refusal};

const SECRET: HeaderName = HeaderName::from_static("x-vapi-secret");
/// Milliseconds that a signature's time may be from ours, either way.
const WINDOW_MS: u64 = 300_000;
/// Numbers from here on are milliseconds: as seconds they would be in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// A secret that is sent as it is.
struct Plain {
    known: Recognised,
    sent: String,
}

impl Plain {
    fn new(secret: &str) -> Self {
        Self { known: Recognised::of(secret.as_bytes()), sent: secret.to_owned() }
    }
}

/// A signature and how it is put together.
struct Hmac {
    key: AnyHmacKey,
    header: HeaderName,
    /// `None`: the signature holds no time.
    time_header: Option<HeaderName>,
    id_header: HeaderName,
    format: Vec<Piece>,
    prefix: String,
    base64: bool,
}

/// A piece of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Body,
    Time,
    Method,
    Id,
}

/// The credentials of an account.
pub struct Proofs {
    bearer: Option<Plain>,
    secret: Option<Plain>,
    hmac: Option<Hmac>,
}

impl Proofs {
    /// Reads them; none at all is a fault.
    pub fn read(table: &mut Reader<'_>) -> Self {
        let bearer = table.secret("bearer").map(|secret| Plain::new(secret.expose()));
        let secret = table.secret("secret").map(|secret| Plain::new(secret.expose()));
        let hmac = hmac(table);
        if bearer.is_none() && secret.is_none() && hmac.is_none() {
            let why = "one of bearer, secret or hmac is required: without it no request can be \
                       verified";
            table.refuse("bearer", why);
        }
        Self { bearer, secret, hmac }
    }

    /// Accepts what any of them proves.
    pub fn verify(&self, request: &Incoming<'_>) -> Result<(), Refusal> {
        let bearer = only(request.headers, &AUTHORIZATION).map(|value| {
            let token = value.strip_prefix(b"Bearer ").or_else(|| value.strip_prefix(b"bearer "));
            token.unwrap_or_default()
        });
        let tries = [
            self.bearer.as_ref().map(|plain| plain.judge(bearer)),
            self.secret.as_ref().map(|plain| plain.judge(only(request.headers, &SECRET))),
            self.hmac.as_ref().map(|hmac| hmac.judge(request)),
        ];
        let mut refusal = Refusal::SignatureMissing;
        for judged in tries.into_iter().flatten() {
            match judged {
                Ok(()) => return Ok(()),
                Err(Refusal::SignatureMissing) => {}
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }

    /// The headers of the first credential that is set up.
    pub fn sign(&self, body: &[u8], now_ms: i64) -> Option<HeaderMap> {
        let value = |text: String| HeaderValue::try_from(text).ok();
        if let Some(plain) = &self.bearer {
            let header = value(format!("Bearer {}", plain.sent))?;
            return Some(HeaderMap::from_iter([(AUTHORIZATION, header)]));
        }
        if let Some(plain) = &self.secret {
            return Some(HeaderMap::from_iter([(SECRET, value(plain.sent.clone())?)]));
        }
        let hmac = self.hmac.as_ref()?;
        let time = now_ms.to_string();
        let id = "msg_simulated";
        let code = hmac.key.sign(&hmac.message(body, time.as_bytes(), id.as_bytes()));
        let code = if hmac.base64 { STANDARD.encode(code) } else { hex(&code) };
        let signature = value(format!("{}{code}", hmac.prefix))?;
        let mut headers = HeaderMap::from_iter([(hmac.header.clone(), signature)]);
        if let Some(name) = &hmac.time_header {
            headers.insert(name.clone(), value(time)?);
        }
        if hmac.format.contains(&Piece::Id) {
            headers.insert(hmac.id_header.clone(), HeaderValue::from_static(id));
        }
        Some(headers)
    }
}

impl Plain {
    fn judge(&self, presented: Option<&[u8]>) -> Result<(), Refusal> {
        let presented = presented.ok_or(Refusal::SignatureMissing)?;
        if self.known.fits(presented) { Ok(()) } else { Err(Refusal::SignatureInvalid) }
    }
}

impl Hmac {
    fn judge(&self, request: &Incoming<'_>) -> Result<(), Refusal> {
        let signature = only(request.headers, &self.header).ok_or(Refusal::SignatureMissing)?;
        let mut time: &[u8] = b"";
        if let Some(name) = &self.time_header {
            time = only(request.headers, name).ok_or(Refusal::SignatureMissing)?;
            let number = std::str::from_utf8(time).ok().and_then(|text| text.parse::<i64>().ok());
            let number = number.filter(|n| *n >= 0).ok_or(Refusal::SignatureInvalid)?;
            let is_ms = number >= MILLISECONDS_FROM;
            let ms = if is_ms { number } else { number.saturating_mul(1_000) };
            if request.now_ms.abs_diff(ms) > WINDOW_MS {
                return Err(Refusal::SignatureExpired);
            }
        }
        let id = only(request.headers, &self.id_header).unwrap_or_default();
        let text = signature.strip_prefix(self.prefix.as_bytes());
        let code = text.and_then(|text| self.decode(text)).ok_or(Refusal::SignatureInvalid)?;
        let fits = self.key.verifies(&self.message(request.body, time, id), &code);
        if fits { Ok(()) } else { Err(Refusal::SignatureInvalid) }
    }

    fn decode(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.base64 {
            return STANDARD.decode(text).ok();
        }
        unhex(text)
    }

    fn message<'a>(&'a self, body: &'a [u8], time: &'a [u8], id: &'a [u8]) -> Vec<&'a [u8]> {
        let piece = |piece: &'a Piece| match piece {
            Piece::Text(text) => text.as_bytes(),
            Piece::Body => body,
            Piece::Time => time,
            Piece::Method => b"POST",
            Piece::Id => id,
        };
        self.format.iter().map(piece).collect()
    }
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value.as_bytes()) }
}

fn hmac(table: &mut Reader<'_>) -> Option<Hmac> {
    let secret = table.secret("hmac.secret").map(|secret| secret.expose().to_owned());
    let algorithm = one_of(table, "hmac.algorithm", &["sha256", "sha512", "sha1"]);
    let base64 = one_of(table, "hmac.encoding", &["hex", "base64"]) == 1;
    let is_base64 = one_of(table, "hmac.secret_is_base64", &["false", "true"]) == 1;
    let has_time = one_of(table, "hmac.include_timestamp", &["true", "false"]) == 0;
    let header = header_of(table, "hmac.header", "x-signature");
    let time_header = header_of(table, "hmac.timestamp_header", "x-timestamp");
    let id_header = header_of(table, "hmac.message_id_header", "svix-id");
    let prefix = table.text("hmac.prefix").unwrap_or_default();
    let written = table.text("hmac.payload_format");
    let usual = if has_time { "{timestamp}.{body}" } else { "{body}" };
    let format = match pieces(written.as_deref().unwrap_or(usual)) {
        Some(format) if format.contains(&Piece::Body) => format,
        Some(_) | None => {
            let why = "must hold {body}, and of braces only {timestamp}, {method} and {svix-id} \
                       besides";
            table.refuse("hmac.payload_format", why);
            return None;
        }
    };
    let secret = secret?;
    let bytes = if is_base64 { STANDARD.decode(&secret).ok() } else { Some(secret.into_bytes()) };
    let Some(bytes) = bytes else {
        table.refuse("hmac.secret", "is no base64 text, as hmac.secret_is_base64 says");
        return None;
    };
    let algorithm = match algorithm {
        1 => Algorithm::Sha512,
        2 => Algorithm::Sha1,
        _ => Algorithm::Sha256,
    };
    let key = algorithm.key(&bytes);
    let time_header = has_time.then_some(time_header);
    Some(Hmac { key, header, time_header, id_header, format, prefix, base64 })
}

/// Which of some words a key holds; the first when it is not set.
fn one_of(table: &mut Reader<'_>, key: &str, words: &[&str]) -> usize {
    let Some(text) = table.text(key) else { return 0 };
    words.iter().position(|word| *word == text).unwrap_or_else(|| {
        table.refuse(key, &format!("must be one of {}", words.join(", ")));
        0
    })
}

fn header_of(table: &mut Reader<'_>, key: &str, usual: &'static str) -> HeaderName {
    let Some(text) = table.text(key) else { return HeaderName::from_static(usual) };
    HeaderName::try_from(text).unwrap_or_else(|_| {
        table.refuse(key, "must be the name of a header");
        HeaderName::from_static(usual)
    })
}

/// Takes a format apart; `None` when it holds something in braces that is not known.
fn pieces(format: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(match name {
            "body" => Piece::Body,
            "timestamp" => Piece::Time,
            "method" => Piece::Method,
            "svix-id" => Piece::Id,
            _ => return None,
        });
        rest = after;
    }
    if rest.contains('}') {
        return None;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(pieces)
}
