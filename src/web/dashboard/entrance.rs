//! Logging in and out by a page, and asking for a new password.
//!
//! Never says whether somebody has an account, and leads to no page but our own.

use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use maud::{Markup, html};

use super::frame::{outside, redirect, with};
use crate::app::AppError;
use crate::app::signing_in::{LogIn, SessionKind};
use crate::web::Web;
use crate::web::api::auth::cookie;
use crate::web::problem::Problem;
use crate::web::route::Admitted;

/// Whether a text is the path of one of our pages.
pub fn is_of_ours(next: &str) -> bool {
    next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n'])
}

/// `GET /login?next=`.
pub fn login_page(request: &Admitted) -> Result<Response, AppError> {
    let mut query = request.query()?;
    let next = query.take("next").filter(|next| is_of_ours(next));
    query.finish()?;
    Ok(login(next.as_deref().unwrap_or("/"), None))
}

/// The form, with what went wrong.
pub fn login(next: &str, problem: Option<&Problem>) -> Response {
    outside(
        "Log in",
        &html! {
            h1 { "Log in" }
            @if let Some(problem) = problem { (alert(problem.title(), problem.detail())) }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(next);
                (field("email", "E-mail", "email", "username", true))
                (field("password", "Password", "password", "current-password", true))
                (field("code", "One-time code, if you have one", "text", "one-time-code", false))
                button type="submit" { "Log in" }
            }
            p { a href="/forgot" { "Forgot your password?" } }
        },
    )
}

/// `POST /login`.
pub async fn log_in(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let mut form = request.form()?;
    let mut take = |name: &str| form.take(name).unwrap_or_default();
    let (email, password, code) = (take("email"), take("password"), take("code"));
    let next = take("next");
    form.finish()?;
    let code = Some(code.trim().to_owned()).filter(|code| !code.is_empty());
    let wish = LogIn { email, password, code, kind: SessionKind::Browser };
    if wish.email.is_empty() || wish.password.is_empty() {
        let field = if wish.email.is_empty() { "email" } else { "password" };
        return Err(AppError::invalid(field, "is required"));
    }
    let begun = web.app.log_in(wish, request.client()).await?;
    let mut response = redirect(if is_of_ours(&next) { &next } else { "/" });
    response.headers_mut().insert(SET_COOKIE, cookie(&begun.secret, begun.lasts_s));
    Ok(response)
}

/// `POST /logout`.
pub async fn log_out(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (user, session) = request.user()?;
    web.app.end_session(user, session).await?;
    let mut response = redirect("/login");
    response.headers_mut().insert(SET_COOKIE, cookie("", 0));
    Ok(response)
}

/// `GET /forgot`.
pub fn forgot_page(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let has_mail = web.app.has_mail();
    Ok(outside(
        "A new password",
        &html! {
            h1 { "A new password" }
            @if has_mail {
                p { "We send you a link by which you choose one." }
                form method="post" action="/forgot" {
                    (field("email", "E-mail", "email", "username", true))
                    button type="submit" { "Send the link" }
                }
            } @else {
                p { "No mail is set up here. Ask whoever runs this server for a link." }
            }
            p { a href="/login" { "Back to logging in" } }
        },
    ))
}

/// `POST /forgot`: the same page whoever is asked for.
pub async fn forgot(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let mut form = request.form()?;
    let email = form.take("email").unwrap_or_default();
    form.finish()?;
    if email.is_empty() {
        return Err(AppError::invalid("email", "is required"));
    }
    web.app.forgot_password(&email, request.client()).await?;
    Ok(with(
        StatusCode::ACCEPTED,
        outside(
            "A new password",
            &html! {
                h1 { "Look into your mail" }
                p { "If there is an account of that address, a link is on its way. It is good for fifteen minutes." }
                p { a href="/login" { "Back to logging in" } }
            },
        ),
    ))
}

/// A labelled field.
pub fn field(name: &str, label: &str, kind: &str, fills: &str, needed: bool) -> Markup {
    html! {
        label for=(name) { (label) }
        input id=(name) name=(name) type=(kind) autocomplete=(fills) required[needed];
    }
}

/// What went wrong, read out at once by whoever has pages read.
pub fn alert(title: &str, detail: &str) -> Markup {
    html! {
        p.alert role="alert" { strong { (title) } @if !detail.is_empty() { " " (detail) } }
    }
}
