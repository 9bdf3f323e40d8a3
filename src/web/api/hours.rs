//! `/api/v1/hours`: weekly hours of the branches, and the days on which others hold.
//!
//! Weekly hours are changed with their branch or person. Never moves what is booked.

use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::app::exceptions::{ExceptionOf, KeptException};
use crate::domain::ids::{BranchId, ExceptionId, StaffId};
use crate::domain::scheduling::hours::{ranges_text, read_ranges};
use crate::domain::scheduling::opening::Exception;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct HoursView {
    branches: Vec<BranchHours>,
    exceptions: Vec<ExceptionView>,
}

#[derive(Serialize)]
struct BranchHours {
    branch_id: BranchId,
    hours: String,
}

#[derive(Serialize)]
struct ExceptionView {
    id: ExceptionId,
    branch_id: Option<BranchId>,
    staff_id: Option<StaffId>,
    first_day: Date,
    last_day: Date,
    hours: String,
    name: String,
}

impl From<&KeptException> for ExceptionView {
    fn from(kept: &KeptException) -> Self {
        let (branch_id, staff_id) = match kept.of {
            ExceptionOf::Business => (None, None),
            ExceptionOf::Branch(id) => (Some(id), None),
            ExceptionOf::Staff(id) => (None, Some(id)),
        };
        Self {
            id: kept.id,
            branch_id,
            staff_id,
            first_day: kept.exception.first,
            last_day: kept.exception.last,
            hours: ranges_text(&kept.exception.ranges),
            name: kept.exception.name.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    branch_id: Option<BranchId>,
    staff_id: Option<StaffId>,
    first_day: Date,
    /// The first day again when it is not sent.
    last_day: Option<Date>,
    /// Such as `09:00-12:00 13:00-15:00`; closed when it is not sent.
    hours: Option<String>,
    #[serde(default)]
    name: String,
}

/// `GET /api/v1/hours`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let business = request.permit()?.business();
    let setup = web.app.setup_of(business).await?;
    let exceptions = web.app.exceptions(business).await?;
    let branches = setup.branches.iter().map(|branch| BranchHours {
        branch_id: branch.id,
        hours: branch.opening.weekly().to_string(),
    });
    let view = HoursView {
        branches: branches.collect(),
        exceptions: exceptions.iter().map(ExceptionView::from).collect(),
    };
    Ok(reply::json(&view))
}

/// `POST /api/v1/hours/exceptions`: of one branch, of one staff member, or of the whole business.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: New = request.json()?;
    let of = match (sent.branch_id, sent.staff_id) {
        (None, None) => ExceptionOf::Business,
        (Some(id), None) => ExceptionOf::Branch(id),
        (None, Some(id)) => ExceptionOf::Staff(id),
        (Some(_), Some(_)) => {
            return Err(AppError::invalid("staff_id", "must not come with branch_id"));
        }
    };
    let ranges = sent.hours.as_deref().map(read_ranges).transpose();
    let ranges = ranges.map_err(|error| AppError::invalid("hours", error))?.unwrap_or_default();
    let (first, last) = (sent.first_day, sent.last_day.unwrap_or(sent.first_day));
    let exception = Exception { first, last, ranges, name: sent.name.trim().to_owned() };
    let added = web.app.add_exception(business, of, exception, request.once()?).await?;
    Ok(reply::created(&ExceptionView::from(&added)))
}

/// `DELETE /api/v1/hours/exceptions/{id}`.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.remove_exception(request.permit()?.business(), request.id("exception")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
