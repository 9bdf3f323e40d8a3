//! The style sheet, compiled in.
//!
//! Its address changes with its content, so that a browser keeps it for a year.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;

use crate::web::reply;

const STYLESHEET: &str = include_str!("app.css");

/// `GET /assets/app.css`.
pub fn stylesheet() -> Response {
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    let mut response = reply::bytes(css, STYLESHEET.into());
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    response
}

/// Where pages find it.
pub fn stylesheet_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        // Not against anybody: another content is to have another address, and no more.
        let mut hasher = DefaultHasher::new();
        STYLESHEET.hash(&mut hasher);
        format!("/assets/app.css?{:016x}", hasher.finish())
    })
}
