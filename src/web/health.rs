//! Probes: can the program do its work?
//!
//! Never says anything about anybody.

use axum::response::Response;
use serde::Serialize;

use super::problem::Problem;
use super::{Web, reply};
use crate::app::AppError;

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    write_ms: i64,
    job_age_s: i64,
}

/// Writes durably and looks at how long jobs wait.
pub async fn ready(web: &Web) -> Result<Response, AppError> {
    let readiness = web.app.readiness().await?;
    if !readiness.works_off_jobs() {
        return Ok(reply::problem(&Problem::not_ready()));
    }
    let (write_ms, job_age_s) = (readiness.write_ms, readiness.job_age_s);
    Ok(reply::json(&Ready { status: "ready", write_ms, job_age_s }))
}
