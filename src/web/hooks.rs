//! Providers deliver events here, and some of them everything else.
//!
//! What is kept is acknowledged after the commit, without a body, for a repetition too. A question
//! that came on this road is answered like on its own.

use axum::response::Response;

use super::route::Admitted;
use super::{Web, reply, tools};
use crate::app::AppError;
use crate::app::intake::{Reply, Wish};

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
        Wish::Inbound => said(web.app.welcome(proven).await?),
        Wish::Transfer => said(web.app.hand_over(proven).await?),
    }
}

/// Says who is calling.
pub async fn welcome(web: &Web, request: Admitted) -> Result<Response, AppError> {
    let (proven, _) = request.proven()?;
    said(web.app.welcome(proven).await?)
}

fn said(answer: Reply) -> Result<Response, AppError> {
    Ok(reply::bytes(answer.content_type, answer.body))
}
