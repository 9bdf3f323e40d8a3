//! Providers deliver events here, and some of them everything else.
//!
//! What is kept is acknowledged after the commit, without a body, for a repetition too. A question
//! that came on this road is answered like on its own.

use std::sync::Arc;

use axum::response::Response;

use super::route::Admitted;
use super::{Web, reply, tools};
use crate::app::AppError;
use crate::app::intake::{Proven, Reply, Wish};

/// Keeps an event, or answers a question.
pub async fn take_in(web: &Web, request: Admitted) -> Result<Response, AppError> {
    let (proven, road) = request.proven()?;
    match proven.wish() {
        Wish::Event => {
            let acknowledged = proven.acknowledgement();
            web.app.take_in(proven).await?;
            Ok(reply::status(acknowledged))
        }
        Wish::Tools => tools::answer(web, proven, &road).await,
        Wish::Inbound => told(web, proven).await,
        Wish::Transfer => said(web.app.hand_over(proven).await?),
    }
}

/// Says who is calling.
pub async fn welcome(web: &Web, request: Admitted) -> Result<Response, AppError> {
    let (proven, _) = request.proven()?;
    told(web, proven).await
}

/// Answers first; that it rings is written down behind the answer.
async fn told(web: &Web, proven: Proven) -> Result<Response, AppError> {
    let (reply, ringing) = web.app.welcome(proven).await?;
    if let Some(ringing) = ringing {
        let app = Arc::clone(&web.app);
        tokio::spawn(async move { app.note_ringing(ringing).await });
    }
    said(reply)
}

fn said(answer: Reply) -> Result<Response, AppError> {
    Ok(reply::bytes(answer.content_type, answer.body))
}
