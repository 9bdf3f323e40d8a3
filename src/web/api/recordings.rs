//! `/api/v1/recordings`: recordings of calls, their audio, and trying again.
//!
//! Never shows where a provider or a store has a file.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::{Items, cursor, read_cursor};
use crate::app::AppError;
use crate::app::recordings::{Recording, RecordingState};
use crate::domain::ids::{CallId, RecordingId};
use crate::web::route::Admitted;
use crate::web::{Web, audio, reply};

/// A recording.
#[derive(Serialize)]
pub(super) struct RecordingView {
    id: RecordingId,
    call_id: CallId,
    state: &'static str,
    reason: Option<String>,
    attempts: u32,
    format: Option<String>,
    bytes: Option<u64>,
    sha256: Option<String>,
    duration_ms: Option<u64>,
    channels: Option<u8>,
    sample_rate_hz: Option<u32>,
    store: Option<String>,
    is_sealed: bool,
    call_ended_at: Timestamp,
    fetched_at: Option<Timestamp>,
    archived_at: Option<Timestamp>,
    updated_at: Timestamp,
}

impl From<Recording> for RecordingView {
    fn from(recording: Recording) -> Self {
        let Recording { file, .. } = recording;
        Self {
            id: recording.id,
            call_id: recording.call,
            state: recording.state.word(),
            reason: Some(recording.reason).filter(|reason| !reason.is_empty()),
            attempts: recording.attempts,
            format: file.as_ref().map(|file| file.format.clone()),
            bytes: file.as_ref().map(|file| file.bytes),
            sha256: file.as_ref().map(|file| file.digest()),
            duration_ms: file.as_ref().map(|file| file.duration_ms),
            channels: file.as_ref().map(|file| file.channels),
            sample_rate_hz: file.as_ref().map(|file| file.sample_rate_hz),
            store: file.as_ref().map(|file| file.store.clone()),
            is_sealed: file.as_ref().is_some_and(|file| file.is_sealed),
            call_ended_at: recording.call_ended_at,
            fetched_at: recording.fetched_at,
            archived_at: recording.archived_at,
            updated_at: recording.updated_at,
        }
    }
}

/// A recording with the loudness of its parts.
#[derive(Serialize)]
struct WholeView {
    #[serde(flatten)]
    recording: RecordingView,
    /// 0 to 255, channel after channel, each the loudest of an equal part.
    peaks: Vec<u8>,
}

/// A link for a browser.
#[derive(Serialize)]
struct LinkView {
    url: String,
    expires_at: Timestamp,
}

/// `GET /api/v1/recordings?state=&limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    let state = query.take("state").map(|word| state(&word)).transpose()?;
    query.finish()?;
    let after = after.map(|(_, id)| RecordingId::from_uuid(id));
    let page = web.app.recordings(business, state, after, limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|last| cursor(0, last.id.uuid()));
    let items = page.rows.into_iter().map(RecordingView::from).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}

fn state(word: &str) -> Result<RecordingState, AppError> {
    RecordingState::parse(word).ok_or_else(|| {
        let known = RecordingState::ALL.map(RecordingState::word).join(", ");
        AppError::invalid("state", format!("must be one of {known}"))
    })
}

/// `GET /api/v1/recordings/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("recording")?);
    request.query()?.finish()?;
    let recording = web.app.recording(business, id).await?;
    let peaks = web.app.peaks(business, id).await?;
    let changed_at = recording.updated_at;
    let whole = WholeView { recording: RecordingView::from(recording), peaks };
    Ok(reply::tagged(reply::json(&whole), changed_at))
}

/// `GET /api/v1/recordings/{id}/audio`, whole or a part of it.
pub async fn play(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("recording")?);
    request.query()?.finish()?;
    let recording = web.app.recording(business, id).await?;
    audio::answer(web, request, &recording).await
}

/// `POST /api/v1/recordings/{id}/retry`: the next step is tried at once.
pub async fn retry(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("recording")?);
    request.query()?.finish()?;
    let tried = web.app.retry_recording(business, id).await?;
    Ok(reply::json(&RecordingView::from(tried)))
}

/// `POST /api/v1/recordings/{id}/link`: an address that a browser may play for some minutes.
pub async fn link(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("recording")?);
    request.query()?.finish()?;
    let link = web.app.link_recording(business, id).await?;
    let base = web.app.settings().server.base_url();
    let url = format!("{base}/recordings/{}", link.token);
    Ok(reply::json(&LinkView { url, expires_at: link.expires_at }))
}
