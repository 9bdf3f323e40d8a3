//! Choosing a password by a link: of the first user, of whoever was invited, of whoever forgot it.
//!
//! Never shows whose link it is.

use axum::response::Response;
use http::StatusCode;
use maud::html;

use super::entrance::{alert, field};
use super::frame::{outside, with};
use crate::app::AppError;
use crate::app::passwords::{Chosen, Purpose};
use crate::domain::password::{MIN_CHARS, MIN_CHARS_WITH_CODE};
use crate::web::Web;
use crate::web::route::Admitted;

/// `GET /password?token=`.
pub async fn page(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let mut query = request.query()?;
    let token = query.take("token").unwrap_or_default();
    query.finish()?;
    if token.is_empty() {
        return Ok(unnamed());
    }
    match web.app.link_purpose(&token).await {
        Ok(purpose) => Ok(asked(&token, purpose, None)),
        Err(AppError::LinkInvalid) => Ok(spent()),
        Err(error) => Err(error),
    }
}

/// `POST /password`.
pub async fn choose(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let mut form = request.form()?;
    let mut take = |name: &str| form.take(name).unwrap_or_default();
    let (token, password, name, email) =
        (take("token"), take("password"), take("name"), take("email"));
    form.finish()?;
    if token.is_empty() {
        return Err(AppError::invalid("token", "is required"));
    }
    let purpose = match web.app.link_purpose(&token).await {
        Ok(purpose) => purpose,
        Err(AppError::LinkInvalid) => return Ok(spent()),
        Err(error) => return Err(error),
    };
    let client = request.client();
    let done = match purpose {
        Purpose::Reset => web.app.reset_password(&token, password, client).await,
        Purpose::First | Purpose::Invited => {
            let email = Some(email).filter(|_| purpose == Purpose::First);
            let chosen = Chosen { token: token.clone(), email, name, password };
            web.app.register(chosen, client).await.map(drop)
        }
    };
    match done {
        Ok(()) => Ok(outside(
            "Your password",
            &html! {
                h1 { "That is your password now" }
                p { a.button href="/login" { "Log in" } }
            },
        )),
        Err(AppError::LinkInvalid) => Ok(spent()),
        Err(AppError::Invalid { field, why }) => {
            let said = format!("{}: {why}", label(&field));
            Ok(with(StatusCode::BAD_REQUEST, asked(&token, purpose, Some(&said))))
        }
        Err(error) => Err(error),
    }
}

fn label(field: &str) -> &str {
    match field {
        "email" => "E-mail",
        "name" => "Name",
        "password" => "Password",
        other => other,
    }
}

fn asked(token: &str, purpose: Purpose, wrong: Option<&str>) -> Response {
    let title = match purpose {
        Purpose::First => "The first user",
        Purpose::Invited => "Welcome",
        Purpose::Reset => "A new password",
    };
    outside(
        title,
        &html! {
            h1 { (title) }
            @if purpose == Purpose::First {
                p { "You become the operator: you may do everything, in every business." }
            }
            @if let Some(wrong) = wrong { (alert("That cannot be taken.", wrong)) }
            form method="post" action="/password" {
                input type="hidden" name="token" value=(token);
                @if purpose == Purpose::First {
                    (field("email", "E-mail", "email", "username", true))
                }
                @if purpose != Purpose::Reset { (field("name", "Name", "text", "name", false)) }
                (field("password", "Password", "password", "new-password", true))
                p.muted {
                    "At least " (MIN_CHARS) " characters, " (MIN_CHARS_WITH_CODE)
                    " with a second factor. A few words that only you would put together are good."
                }
                button type="submit" { "Choose this password" }
            }
        },
    )
}

/// For whoever was given a token and no link.
fn unnamed() -> Response {
    outside(
        "Your token",
        &html! {
            h1 { "Your token" }
            form method="get" action="/password" {
                (field("token", "Token, as it was shown or sent to you", "text", "off", true))
                button type="submit" { "Go on" }
            }
        },
    )
}

fn spent() -> Response {
    let page = outside(
        "This link is over",
        &html! {
            h1 { "This link is over" }
            p { "It was used, ran out, or never was one. A link is good once." }
            p { a href="/forgot" { "Ask for another" } }
        },
    );
    with(StatusCode::BAD_REQUEST, page)
}
