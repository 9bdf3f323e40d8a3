//! `/api/v1/sessions`: where a user is logged in.
//!
//! Never shows another user's.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::Items;
use crate::app::AppError;
use crate::domain::ids::SessionId;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct SessionView {
    id: SessionId,
    kind: String,
    is_this: bool,
    address: Option<String>,
    agent: Option<String>,
    created_at: Timestamp,
    used_at: Timestamp,
    ends_at: Timestamp,
}

/// `GET /api/v1/sessions`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (user, session) = request.user()?;
    request.query()?.finish()?;
    let all = web.app.sessions(user).await?.into_iter().map(|one| SessionView {
        is_this: one.id == session,
        id: one.id,
        kind: one.kind,
        address: one.address,
        agent: one.agent,
        created_at: one.created_at,
        used_at: one.used_at,
        ends_at: one.ends_at,
    });
    Ok(reply::json(&Items::all(all.collect())))
}

/// `DELETE /api/v1/sessions/{id}`.
pub async fn end(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.end_session(request.user()?.0, request.id("session")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
