//! `/api/v1/feeds`: calendars that any calendar program can read by a secret address.
//!
//! Never shows an address a second time.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Items;
use crate::app::AppError;
use crate::app::feeds::FeedView as Feed;
use crate::domain::ids::{FeedId, StaffId};
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct FeedView {
    id: FeedId,
    staff_id: Option<StaffId>,
    /// Only once, in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    created_at: Timestamp,
}

impl From<Feed> for FeedView {
    fn from(feed: Feed) -> Self {
        Self { id: feed.id, staff_id: feed.staff, url: None, created_at: feed.created_at }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// The whole business when it is not sent.
    staff_id: Option<StaffId>,
}

/// `GET /api/v1/feeds`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let all = web.app.feeds(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(all.into_iter().map(FeedView::from).collect())))
}

/// `POST /api/v1/feeds`: the answer has the secret address, once.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let New { staff_id } = request.json()?;
    let (feed, secret) = web.app.add_feed(business, staff_id, request.once()?).await?;
    let base = web.app.settings().server.base_url();
    let url = secret.map(|secret| format!("{base}/feeds/{secret}.ics"));
    Ok(reply::created(&FeedView { url, ..FeedView::from(feed) }))
}

/// `DELETE /api/v1/feeds/{id}`: its address shows nothing any more.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.remove_feed(request.permit()?.business(), request.id("feed")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
