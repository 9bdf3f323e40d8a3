//! `/api/v1/mail`: whether mail is set up.
//!
//! Never sends to anybody but whoever asks.

use axum::response::Response;
use serde::Serialize;

use crate::app::AppError;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct Answered {
    code: Option<u16>,
    answer: String,
}

/// `POST /api/v1/mail/test`: a trial message to the address of whoever asks; what the mail server said.
pub async fn test(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (user, _) = web.app.me(request.user()?.0).await?;
    let said = web.app.try_mail(&user.email).await?;
    Ok(reply::json(&Answered { code: said.code, answer: said.text }))
}
