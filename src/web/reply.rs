//! Answers: JSON, problems, and what every answer carries.
//!
//! Never holds a secret in a header or a body that a cache may keep.

use std::sync::LazyLock;

use axum::body::Body;
use axum::response::Response;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::problem::Problem;
use crate::clock::random;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What keeps a browser from harm: no scripts, no frames, no guessing of types, TLS from now on for two
/// years, nothing told to other sites. Answers are data; a page of ours would say more.
static SAFE: LazyLock<HeaderMap> = LazyLock::new(|| {
    let all = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    all.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
});

/// A problem waits in the answer's extensions until its request id is known.
#[derive(Clone)]
struct Waiting(Problem);

/// What marks the answers to one request.
pub struct Mark {
    id: Uuid,
}

impl Mark {
    /// A mark for a new request.
    pub fn new() -> Self {
        Self { id: uuid::Builder::from_random_bytes(random()).into_uuid() }
    }

    /// The request's id, in the answer and in the log.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Puts on an answer what every answer carries.
    pub fn finish(&self, mut response: Response) -> Response {
        let mut buffer = Uuid::encode_buffer();
        let id = self.id.hyphenated().encode_lower(&mut buffer);
        if let Some(Waiting(problem)) = response.extensions_mut().remove::<Waiting>() {
            *response.body_mut() = Body::from(problem.body(id));
        }
        let headers = response.headers_mut();
        let id = HeaderValue::from_str(id).expect("a UUID is a header value");
        // What an answer says for itself goes first: a page knows what it may load.
        let own = std::mem::replace(headers, SAFE.clone());
        headers.extend(own);
        headers.insert(REQUEST_ID, id);
        response
    }
}

/// Puts on an answer to a request that met no entry of the table what every answer carries.
pub fn finish(response: Response) -> Response {
    Mark::new().finish(response)
}

/// An answer without a body.
pub fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// An answer of JSON.
pub fn json(value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("answers hold only texts, numbers and lists");
    bytes(HeaderValue::from_static("application/json"), body.into())
}

/// An answer of JSON about something that was made.
pub fn created(value: &impl Serialize) -> Response {
    let mut response = json(value);
    *response.status_mut() = StatusCode::CREATED;
    response
}

/// The same answer with the entity tag of something that changed last at a moment (RFC 9110
/// section 8.8.3).
pub fn tagged(mut response: Response, changed_at: Timestamp) -> Response {
    let tag = format!("\"{}\"", changed_at.as_millisecond());
    let tag = HeaderValue::try_from(tag).expect("digits in quotes are a header value");
    response.headers_mut().insert(ETAG, tag);
    response
}

/// An answer of any type.
pub fn bytes(content_type: HeaderValue, body: bytes::Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// An answer that tells of a problem.
pub fn problem(problem: &Problem) -> Response {
    let mut response = status(problem.status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.wants_key {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response.extensions_mut().insert(Waiting(problem.clone()));
    response
}

/// The same answer, after which the connection is closed: the rest of what was sent is not read.
pub fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The key in `Authorization: Bearer …` (RFC 6750 section 2.1), if there is exactly one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
