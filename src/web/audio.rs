//! Audio of a recording as an answer: whole, or the part that a player asks for (RFC 9110 section 14).
//!
//! Never says that a file is anything but audio, and never holds more than a piece of it.

use axum::body::Body;
use axum::response::Response;
use futures_util::TryStreamExt as _;
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_RANGE, RANGE,
};
use http::{HeaderValue, StatusCode};

use super::route::Admitted;
use super::{Web, problem, reply};
use crate::app::AppError;
use crate::app::recordings::Recording;
use crate::domain::byte_range::Wanted;

/// `GET /recordings/{token}`: by a link that is good for some minutes.
pub async fn by_link(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    // A player asks for part after part: the first is written down.
    let range = request.headers().get(RANGE).and_then(|value| value.to_str().ok());
    let begins = range.map(Wanted::parse).is_none_or(Wanted::begins);
    let recording = web.app.linked_recording(request.segment("token"), begins).await?;
    answer(web, request, &recording).await
}

/// The audio of a recording, as the request asks for it.
pub async fn answer(
    web: &Web,
    request: &Admitted,
    recording: &Recording,
) -> Result<Response, AppError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let tag = recording.file.as_ref().map(|file| format!("\"{}\"", file.digest()));
    // A part of something else than the client has is of no use to it.
    let same = header(IF_RANGE).is_none_or(|known| Some(known) == tag.as_deref());
    let wanted = header(RANGE).filter(|_| same).map_or(Wanted::Whole, Wanted::parse);
    let playing = match web.app.play(recording, |total| wanted.within(total)).await {
        Ok(playing) => playing,
        Err(AppError::RangeNotThere(total)) => return Ok(not_there(total)),
        Err(error) => return Err(error),
    };
    let (from, length) = playing.part;
    let pieces = playing.pieces.inspect_err(|damage| {
        let (recording, error) = (damage.recording(), damage.code());
        tracing::error!(recording.id = %recording, error, "playing broke off");
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(playing.media_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        headers.insert(ETAG, tag);
    }
    if wanted != Wanted::Whole {
        let last = (from + length).saturating_sub(1);
        let range = format!("bytes {from}-{last}/{}", playing.total);
        if let Ok(range) = HeaderValue::try_from(range) {
            headers.insert(CONTENT_RANGE, range);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn not_there(total: u64) -> Response {
    let told = problem::Problem::from(&AppError::RangeNotThere(total));
    let mut response = reply::problem(&told);
    if let Ok(range) = HeaderValue::try_from(format!("bytes */{total}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}
