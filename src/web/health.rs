//! Probes: can the program do its work?
//!
//! Never says anything about anybody.

use axum::response::Response;
use http::HeaderValue;
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

/// How long, in hours, the word on whom to tell is good: half a year.
const CONTACT_LASTS_HOURS: i64 = 24 * 182;

/// Whom to tell of a hole (RFC 9116), where that is configured.
pub fn security_text(web: &Web) -> Result<Response, AppError> {
    let settings = web.app.settings();
    let contact = settings.server.security_contact.as_ref();
    let contact = contact.ok_or(AppError::NotFound("page"))?;
    let lasts = jiff::SignedDuration::from_hours(CONTACT_LASTS_HOURS);
    let expires = web.app.clock.now().checked_add(lasts).unwrap_or(jiff::Timestamp::MAX);
    let text = format!("Contact: {contact}\nExpires: {expires}\n");
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(reply::bytes(plain, text.into()))
}
