//! `/api/v1/auth`: registering, logging in and out, passwords, and the second factor.
//!
//! Never says whether somebody has an account.

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::app::passwords::Chosen;
use crate::app::signing_in::{Begun, LogIn, SessionKind};
use crate::domain::access::{Role, Standing};
use crate::domain::ids::{BusinessRef, SessionId, UserId};
use crate::web::caller::COOKIE_NAME;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    token: String,
    /// For the first user only: whoever was asked has one already.
    email: Option<String>,
    #[serde(default)]
    name: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
    code: Option<String>,
    /// Whether a browser's cookie is wanted in place of tokens.
    #[serde(default)]
    cookie: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forgot {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    token: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    current_password: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Password {
    current_password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

/// A session, and what proves it: shown once.
#[derive(Serialize)]
struct Tokens {
    session_id: SessionId,
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Seconds.
    expires_in: i64,
}

#[derive(Serialize)]
struct Registered {
    user_id: UserId,
}

#[derive(Serialize)]
struct Me {
    id: UserId,
    session_id: SessionId,
    email: String,
    name: String,
    is_operator: bool,
    second_factor: bool,
    memberships: Vec<MembershipView>,
}

#[derive(Serialize)]
struct MembershipView {
    business_id: BusinessRef,
    role: Role,
    state: Standing,
}

#[derive(Serialize)]
struct Secret {
    secret: String,
    url: String,
}

#[derive(Serialize)]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// `POST /api/v1/auth/register`: a password for whoever was asked, or for the first user.
pub async fn register(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Registration { token, email, name, password } = request.json()?;
    let chosen = Chosen { token, email, name, password };
    let user_id = web.app.register(chosen, request.client()).await?;
    Ok(reply::created(&Registered { user_id }))
}

/// `POST /api/v1/auth/login`.
pub async fn log_in(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Credentials { email, password, code, cookie } = request.json()?;
    let kind = if cookie { SessionKind::Browser } else { SessionKind::Api };
    let begun = web.app.log_in(LogIn { email, password, code, kind }, request.client()).await?;
    Ok(told(begun))
}

/// `POST /api/v1/auth/refresh`: the old token is spent.
pub async fn refresh(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Refresh { refresh_token } = request.json()?;
    Ok(told(web.app.renew(&refresh_token, request.client()).await?))
}

/// Tokens in the answer, or a cookie beside it.
fn told(begun: Begun) -> Response {
    let Begun { session, user, secret, access, lasts_s } = begun;
    let is_api = access.is_some();
    let cookie = (!is_api).then(|| cookie(&secret, lasts_s));
    let mut response = reply::json(&Tokens {
        session_id: session,
        user_id: user,
        token_type: is_api.then_some("Bearer"),
        access_token: access,
        refresh_token: is_api.then_some(secret),
        expires_in: lasts_s,
    });
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// For our own pages only, over TLS only, out of reach of scripts.
pub fn cookie(secret: &str, lasts_s: i64) -> HeaderValue {
    let text = format!(
        "{COOKIE_NAME}={secret}; Path=/; Max-Age={lasts_s}; Secure; HttpOnly; SameSite=Lax"
    );
    HeaderValue::try_from(text).expect("an opaque token is a header value")
}

/// `POST /api/v1/auth/logout`: the session is over, its tokens and its cookie with it.
pub async fn log_out(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (user, session) = request.user()?;
    web.app.end_session(user, session).await?;
    let mut response = reply::status(StatusCode::NO_CONTENT);
    response.headers_mut().insert(SET_COOKIE, cookie("", 0));
    let all = HeaderValue::from_static("\"cookies\", \"storage\"");
    response.headers_mut().insert("clear-site-data", all);
    Ok(response)
}

/// `POST /api/v1/auth/password/forgot`: the same answer whoever is asked for.
pub async fn forgot(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Forgot { email } = request.json()?;
    web.app.forgot_password(&email, request.client()).await?;
    Ok(reply::status(StatusCode::ACCEPTED))
}

/// `POST /api/v1/auth/password/reset`: all sessions of the user end.
pub async fn reset(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Reset { token, password } = request.json()?;
    web.app.reset_password(&token, password, request.client()).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}

/// `POST /api/v1/auth/password/change`: all other sessions of the user end.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Change { current_password, password } = request.json()?;
    web.app.change_password(request.user()?, (current_password, password)).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}

/// `POST /api/v1/auth/totp`: a secret for an authenticator app; nothing is needed yet.
pub async fn begin_totp(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Password { current_password } = request.json()?;
    let made = web.app.begin_totp(request.user()?.0, current_password).await?;
    Ok(reply::json(&Secret { secret: made.secret, url: made.url }))
}

/// `POST /api/v1/auth/totp/confirm`: from now on a code is needed. The recovery codes are shown once.
pub async fn confirm_totp(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Code { code } = request.json()?;
    let recovery_codes = web.app.confirm_totp(request.user()?.0, &code).await?;
    Ok(reply::json(&RecoveryCodes { recovery_codes }))
}

/// `POST /api/v1/auth/totp/off`.
pub async fn end_totp(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let Password { current_password } = request.json()?;
    web.app.end_totp(request.user()?.0, current_password).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}

/// `GET /api/v1/auth/me`: who is logged in, and what they are where.
pub async fn me(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (id, session_id) = request.user()?;
    request.query()?.finish()?;
    let (user, memberships) = web.app.me(id).await?;
    let view = |(business_id, role, state)| MembershipView { business_id, role, state };
    Ok(reply::json(&Me {
        id,
        session_id,
        email: user.email,
        name: user.name,
        is_operator: user.is_operator,
        second_factor: user.totp_is_on,
        memberships: memberships.into_iter().map(view).collect(),
    }))
}
