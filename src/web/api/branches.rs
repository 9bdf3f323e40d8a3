//! `/api/v1/branches`: where a business serves.
//!
//! Never shows another business's.

use axum::response::Response;
use http::StatusCode;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Items, phone, weekly};
use crate::app::AppError;
use crate::domain::business::Branch;
use crate::domain::ids::BranchId;
use crate::domain::scheduling::opening::Opening;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct BranchView {
    id: BranchId,
    name: String,
    zone: String,
    address: String,
    phone: Option<String>,
    hours: String,
    active: bool,
}

impl From<&Branch> for BranchView {
    fn from(branch: &Branch) -> Self {
        Self {
            id: branch.id,
            name: branch.name.clone(),
            zone: branch.zone.iana_name().unwrap_or("UTC").to_owned(),
            address: branch.address.clone(),
            phone: branch.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            hours: branch.opening.weekly().to_string(),
            active: branch.active,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    zone: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    phone: String,
    #[serde(default = "closed")]
    hours: String,
}

fn closed() -> String {
    "closed".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    name: Option<String>,
    zone: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    hours: Option<String>,
    active: Option<bool>,
}

/// `GET /api/v1/branches`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(setup.branches.iter().map(BranchView::from).collect())))
}

/// `GET /api/v1/branches/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let id = request.id("branch")?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    let branch = setup.branch(id).ok_or(AppError::NotFound("branch"))?;
    Ok(reply::json(&BranchView::from(branch)))
}

/// `POST /api/v1/branches`.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: New = request.json()?;
    let branch = Branch {
        // Given where it is added.
        id: BranchId::from_uuid(Uuid::nil()),
        name: sent.name.trim().to_owned(),
        zone: zone("zone", &sent.zone)?,
        address: sent.address.trim().to_owned(),
        phone: phone("phone", &sent.phone)?,
        active: true,
        opening: Opening::new(weekly("hours", &sent.hours)?, Vec::new()),
    };
    let added = web.app.add_branch(business, branch, request.once()?).await?;
    Ok(reply::created(&BranchView::from(&added)))
}

/// `PATCH /api/v1/branches/{id}`: what is not sent stays as it is.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("branch")?);
    let sent: Changes = request.json()?;
    let change = move |mut known: Branch| {
        if let Some(name) = sent.name {
            known.name = name.trim().to_owned();
        }
        if let Some(text) = sent.zone {
            known.zone = zone("zone", &text)?;
        }
        if let Some(address) = sent.address {
            known.address = address.trim().to_owned();
        }
        if let Some(text) = sent.phone {
            known.phone = phone("phone", &text)?;
        }
        if let Some(text) = sent.hours {
            known.opening = Opening::new(weekly("hours", &text)?, Vec::new());
        }
        known.active = sent.active.unwrap_or(known.active);
        Ok(known)
    };
    let changed = web.app.change_branch(business, id, change).await?;
    Ok(reply::json(&BranchView::from(&changed)))
}

/// `DELETE /api/v1/branches/{id}`: only when no appointment hangs on it.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.remove_branch(request.permit()?.business(), request.id("branch")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}

/// A zone by its name.
pub fn zone(field: &'static str, name: &str) -> Result<TimeZone, AppError> {
    let zone = TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some());
    let why = "must be an IANA time zone, such as Europe/Berlin";
    zone.ok_or_else(|| AppError::invalid(field, why))
}
