//! `/api/v1/users`: the people of a business and what they may do.
//!
//! Never shows who else has an account here.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Items;
use crate::app::AppError;
use crate::app::people::{Link, Person};
use crate::domain::access::{Role, Standing};
use crate::domain::ids::UserId;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct UserView {
    id: UserId,
    email: String,
    name: String,
    role: Role,
    state: Standing,
    second_factor: bool,
    /// Only once, in the answer that asked them: the secret by which they choose a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Person> for UserView {
    fn from(person: Person) -> Self {
        Self {
            id: person.user,
            email: person.email,
            name: person.name,
            role: person.role,
            state: person.standing,
            second_factor: person.totp_is_on,
            token: None,
            created_at: person.created_at,
            updated_at: person.updated_at,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    email: String,
    role: Role,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    role: Option<Role>,
    state: Option<Standing>,
}

/// `GET /api/v1/users`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let all = web.app.people(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(all.into_iter().map(UserView::from).collect())))
}

/// `POST /api/v1/users`: asks somebody. The link goes to them by mail, or its secret is in the answer,
/// once.
pub async fn invite(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let Invitation { email, role } = request.json()?;
    let invited = web.app.invite(business, (&email, role, Link::Mailed), request.once()?).await?;
    let token = invited.link;
    Ok(reply::created(&UserView { token, ..UserView::from(invited.person) }))
}

/// `GET /api/v1/users/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("user")?);
    request.query()?.finish()?;
    let person = web.app.person(business, id).await?;
    let changed_at = person.updated_at;
    Ok(reply::tagged(reply::json(&UserView::from(person)), changed_at))
}

/// `PATCH /api/v1/users/{id}`: counts at once, in every session of theirs.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("user")?);
    let Changes { role, state } = request.json()?;
    let unchanged_since = request.unchanged_since()?;
    let changed = web.app.change_person(business, id, (role, state), unchanged_since).await?;
    let changed_at = changed.updated_at;
    Ok(reply::tagged(reply::json(&UserView::from(changed)), changed_at))
}

/// `DELETE /api/v1/users/{id}`.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.remove_person(request.permit()?.business(), request.id("user")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
