//! What was sent, whole: within its size and its time, or not at all.
//!
//! Never reads a body whose announced length is over the limit.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body_util::BodyExt as _;

use super::problem::Problem;
use crate::config::Limits;

/// Reads a body of at most `body_max_bytes` within `body_timeout_ms`.
pub async fn read(limits: &Limits, parts: &Parts, body: Body) -> Result<Bytes, Problem> {
    let most = limits.body_max_bytes();
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|text| text.parse::<u64>().ok()).is_some_and(|n| n > most as u64) {
        return Err(Problem::too_large(most));
    }
    let whole = tokio::time::timeout(limits.body_timeout(), collect(body, most));
    whole.await.unwrap_or_else(|_| Err(Problem::body_incomplete()))
}

async fn collect(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    let mut only = Bytes::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::body_incomplete())?;
        let Ok(data) = frame.into_data() else { continue };
        if only.len() + whole.len() + data.len() > most {
            return Err(Problem::too_large(most));
        }
        if only.is_empty() && whole.is_empty() {
            // Most bodies are one piece: it is not copied.
            only = data;
            continue;
        }
        if !only.is_empty() {
            whole.extend_from_slice(&std::mem::take(&mut only));
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { only } else { whole.freeze() })
}
