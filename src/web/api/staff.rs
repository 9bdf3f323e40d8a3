//! `/api/v1/staff`: who serves, where and when.
//!
//! Never shows another business's.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Items, weekly};
use crate::app::AppError;
use crate::domain::business::{Staff, Workplace};
use crate::domain::ids::{BranchId, StaffId};
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::scheduling::opening::Opening;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct StaffView {
    id: StaffId,
    name: String,
    skills: Vec<String>,
    branches: Vec<WorkplaceView>,
    active: bool,
}

/// Where somebody works; without hours of their own they work whenever the branch is open.
#[derive(Serialize)]
struct WorkplaceView {
    branch_id: BranchId,
    hours: Option<String>,
}

impl From<&Staff> for StaffView {
    fn from(staff: &Staff) -> Self {
        let place = |one: &Workplace| WorkplaceView {
            branch_id: one.branch,
            hours: one.own_hours.then(|| one.opening.weekly().to_string()),
        };
        Self {
            id: staff.id,
            name: staff.name.clone(),
            skills: staff.skills.clone(),
            branches: staff.places.iter().map(place).collect(),
            active: staff.active,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    branch_id: BranchId,
    hours: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    #[serde(default)]
    skills: Vec<String>,
    /// Without it they work at every branch.
    branches: Option<Vec<Place>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    name: Option<String>,
    skills: Option<Vec<String>>,
    branches: Option<Vec<Place>>,
    active: Option<bool>,
}

fn places(sent: Vec<Place>) -> Result<Vec<Workplace>, AppError> {
    let place = |one: Place| {
        let hours = one.hours.as_deref().map(|text| weekly("hours", text)).transpose()?;
        let own_hours = hours.is_some();
        let opening = Opening::new(hours.unwrap_or_else(WeeklyHours::always), Vec::new());
        Ok(Workplace { branch: one.branch_id, own_hours, opening })
    };
    sent.into_iter().map(place).collect()
}

/// `GET /api/v1/staff`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(setup.staff.iter().map(StaffView::from).collect())))
}

/// `GET /api/v1/staff/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let id = request.id("staff member")?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    let staff = setup.staff_member(id).ok_or(AppError::NotFound("staff member"))?;
    Ok(reply::json(&StaffView::from(staff)))
}

/// `POST /api/v1/staff`.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: New = request.json()?;
    let everywhere = match &sent.branches {
        Some(_) => Vec::new(),
        None => web.app.setup_of(business).await?.branches.clone(),
    };
    let everywhere = everywhere.iter().map(|one| Place { branch_id: one.id, hours: None });
    let member = Staff {
        // Given where they are added.
        id: StaffId::from_uuid(Uuid::nil()),
        name: sent.name.trim().to_owned(),
        active: true,
        skills: sent.skills,
        places: places(sent.branches.unwrap_or_else(|| everywhere.collect()))?,
    };
    let added = web.app.add_staff(business, member, request.once()?).await?;
    Ok(reply::created(&StaffView::from(&added)))
}

/// `PATCH /api/v1/staff/{id}`: what is not sent stays as it is.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("staff member")?);
    let sent: Changes = request.json()?;
    let change = move |mut known: Staff| {
        if let Some(name) = sent.name {
            known.name = name.trim().to_owned();
        }
        known.skills = sent.skills.unwrap_or(known.skills);
        if let Some(sent) = sent.branches {
            known.places = places(sent)?;
        }
        known.active = sent.active.unwrap_or(known.active);
        Ok(known)
    };
    let changed = web.app.change_staff(business, id, change).await?;
    Ok(reply::json(&StaffView::from(&changed)))
}

/// `DELETE /api/v1/staff/{id}`: only when no appointment hangs on them.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.remove_staff(request.permit()?.business(), request.id("staff member")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
