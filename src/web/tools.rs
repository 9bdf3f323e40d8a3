//! Agents call tools here while they talk.
//!
//! A proven call that can be read is always answered with something to say and status 200.

use axum::response::Response;

use super::route::Admitted;
use super::{Web, reply};
use crate::app::AppError;

/// Answers a tool call.
pub async fn call(web: &Web, request: Admitted) -> Result<Response, AppError> {
    let answer = web.app.call_tool(request.proven()?).await?;
    Ok(reply::bytes(answer.content_type, answer.body))
}
