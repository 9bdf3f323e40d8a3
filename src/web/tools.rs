//! Agents call tools here while they talk.
//!
//! A proven call that can be read is always answered with something to say and status 200.

use axum::response::Response;

use super::route::{Admitted, Asked};
use super::{Web, reply};
use crate::app::AppError;
use crate::app::intake::Proven;

/// Answers a tool call.
pub async fn call(web: &Web, request: Admitted) -> Result<Response, AppError> {
    let (proven, asked) = request.proven()?;
    answer(web, proven, &asked).await
}

/// Answers the tool calls of a proven payload.
pub async fn answer(web: &Web, proven: Proven, asked: &Asked) -> Result<Response, AppError> {
    let answer = web.app.call_tools(proven, &asked.road()).await?;
    Ok(reply::bytes(answer.content_type, answer.body))
}
