//! `/api/v1/keys`: the API keys of a business.
//!
//! Never shows a key a second time. Only users may: no key makes another.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Items;
use crate::app::AppError;
use crate::app::keys::Listed;
use crate::domain::access::Scope;
use crate::domain::ids::KeyId;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct KeyView {
    id: KeyId,
    name: String,
    hint: String,
    scopes: Vec<String>,
    /// Only once, in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl From<Listed> for KeyView {
    fn from(key: Listed) -> Self {
        Self {
            id: key.id,
            name: key.name,
            hint: key.hint,
            scopes: key.scopes.split_whitespace().map(str::to_owned).collect(),
            key: None,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    scopes: Vec<Scope>,
    /// It does not end when not sent.
    days: Option<u32>,
}

/// `GET /api/v1/keys`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let all = web.app.keys(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(all.into_iter().map(KeyView::from).collect())))
}

/// `POST /api/v1/keys`: the answer has the key, once.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let New { name, scopes, days } = request.json()?;
    if scopes.is_empty() {
        return Err(AppError::invalid("scopes", "must name at least one"));
    }
    let new = (name.as_str(), scopes, days);
    let (id, text) = web.app.create_key_once(business, new, request.once()?).await?;
    let all = web.app.keys(business).await?;
    let made = all.into_iter().find(|key| key.id == id).ok_or(AppError::NotFound("key"))?;
    Ok(reply::created(&KeyView { key: text, ..KeyView::from(made) }))
}

/// `DELETE /api/v1/keys/{id}`: it opens nothing any more, at once.
pub async fn revoke(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.revoke_key(request.permit()?.business(), request.id("key")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
