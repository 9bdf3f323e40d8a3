//! `/api/v1/diagnostics`: how the voice accounts and the hosts outside are doing.
//!
//! Never tells of anybody's calls, only of how many.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::AppError;
use crate::app::reconciling::Mark;
use crate::app::recordings::Standing;
use crate::app::watching::Notice;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct Diagnostics {
    voice: Vec<AccountView>,
    upstreams: Vec<UpstreamView>,
    jobs: JobsView,
    notices: Vec<NoticeView>,
}

/// What waits to be done, of every business.
#[derive(Serialize)]
struct JobsView {
    pending: i64,
    dead: i64,
    oldest_s: i64,
}

/// How a host outside is doing.
#[derive(Serialize)]
struct UpstreamView {
    host: String,
    breaker: &'static str,
    failures: u32,
    opened: u64,
    wait_ms: i64,
}

impl From<Standing> for UpstreamView {
    fn from(standing: Standing) -> Self {
        let Standing { host, state, failures, opened, wait_ms } = standing;
        Self { host, breaker: state.word(), failures, opened, wait_ms }
    }
}

/// What a person should look at.
#[derive(Serialize)]
struct NoticeView {
    kind: String,
    subject: String,
    noticed_at: Timestamp,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        let Notice { kind, subject, noticed_at } = notice;
        Self { kind, subject, noticed_at }
    }
}

/// How far the calls of an account were compared with what its provider lists.
#[derive(Serialize)]
struct AccountView {
    account: String,
    compared_until: Timestamp,
    looked_at: Timestamp,
    listed: i64,
    recovered: i64,
    last_error: Option<String>,
}

impl From<Mark> for AccountView {
    fn from(mark: Mark) -> Self {
        Self {
            account: mark.account,
            compared_until: mark.until,
            looked_at: mark.looked_at,
            listed: mark.listed,
            recovered: mark.recovered,
            last_error: Some(mark.last_error).filter(|error| !error.is_empty()),
        }
    }
}

/// `GET /api/v1/diagnostics`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    request.query()?.finish()?;
    let voice = web.app.reconciled().await?.into_iter().map(AccountView::from).collect();
    let notices = web.app.notices(business).await?.into_iter().map(NoticeView::from).collect();
    let upstreams = web.app.upstreams().into_iter().map(UpstreamView::from).collect();
    let now = web.app.figures().await?;
    let jobs = JobsView { pending: now.jobs_pending, dead: now.jobs_dead, oldest_s: now.job_age_s };
    Ok(reply::json(&Diagnostics { voice, upstreams, jobs, notices }))
}
