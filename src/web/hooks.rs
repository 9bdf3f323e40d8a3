//! Providers deliver events here.
//!
//! The answer is given after the commit; it has no body, for a repetition too.

use axum::response::Response;
use http::StatusCode;

use super::route::Admitted;
use super::{Web, reply};
use crate::app::AppError;

/// Keeps an event.
pub async fn take_in(web: &Web, request: Admitted) -> Result<Response, AppError> {
    web.app.take_in(request.proven()?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
