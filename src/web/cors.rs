//! Which other web sites may use the API from a browser (the Fetch standard's CORS protocol).
//!
//! Only those that are configured, only below `/api/v1/`, and never with a cookie: they bring a key or a
//! token of their own.

use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::{Web, reply};

/// What may be sent beside what every site may send.
const HEADERS: &str = "authorization, content-type, frontdesk-business, idempotency-key, if-match";
/// What may be read of an answer beside what every site may read.
const EXPOSED: &str = "etag, location, ratelimit, ratelimit-policy, retry-after, x-request-id";
/// Seconds for which a browser need not ask again.
const MAX_AGE: &str = "600";

/// The site that asks, where it may.
pub fn admitted(web: &Web, path: &str, headers: &HeaderMap) -> Option<HeaderValue> {
    if !path.starts_with("/api/v1/") {
        return None;
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    let (origin, more) = (origins.next()?, origins.next());
    let settings = web.app.settings();
    let is_known =
        settings.server.cors_origins.iter().any(|one| one.as_bytes() == origin.as_bytes());
    (is_known && more.is_none()).then(|| origin.clone())
}

/// Lets a site read an answer. Where any may, each answer depends on who asks.
pub fn mark(web: &Web, admitted: Option<HeaderValue>, response: &mut Response) {
    if web.app.settings().server.cors_origins.is_empty() {
        return;
    }
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = admitted {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

/// The answer to a browser that asks first whether it may; `None` for any other request, and for a
/// site that may not.
pub fn preflight(
    web: &Web,
    (method, path, headers): (&Method, &str, &HeaderMap),
    allowed: &HeaderValue,
) -> Option<Response> {
    let origin = admitted(web, path, headers)?;
    if *method != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut response = reply::status(StatusCode::NO_CONTENT);
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, allowed.clone());
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    mark(web, Some(origin), &mut response);
    Some(response)
}
