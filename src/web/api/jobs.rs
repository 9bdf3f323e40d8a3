//! `/api/v1/jobs`: background jobs that failed too often, for whoever runs the installation.
//!
//! Never tells what a job is about, only where to find it.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::Items;
use crate::app::AppError;
use crate::app::jobs::Dead;
use crate::domain::ids::JobId;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct JobView {
    id: i64,
    kind: String,
    attempts: u32,
    last_error: String,
    created_at: Timestamp,
}

impl From<Dead> for JobView {
    fn from(job: Dead) -> Self {
        let Dead { id, kind, attempts, last_error, created_at } = job;
        Self { id: id.0, kind, attempts, last_error, created_at }
    }
}

/// `GET /api/v1/jobs`: the oldest first, at most a thousand.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let dead = web.app.dead_jobs().await?;
    Ok(reply::json(&Items::all(dead.into_iter().map(JobView::from).collect())))
}

/// `POST /api/v1/jobs/{id}/retry`: due again, with all its tries.
pub async fn retry(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let id: i64 = request.id("job")?;
    request.query()?.finish()?;
    let revived = web.app.retry_jobs(Some(JobId(id))).await?;
    Ok(reply::json(&serde_json::json!({ "retried": revived })))
}

/// `DELETE /api/v1/jobs/{id}`: given up for good; the delivery that it was about stays.
pub async fn discard(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let id: i64 = request.id("job")?;
    request.query()?.finish()?;
    web.app.discard_job(JobId(id)).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
