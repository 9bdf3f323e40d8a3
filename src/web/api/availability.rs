//! `/api/v1/availability`: free times of a service, and on request why others are not.
//!
//! Never reserves anything.

use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{id, instant};
use crate::app::AppError;
use crate::app::availability::Search;
use crate::domain::ids::{BranchId, ServiceId, StaffId};
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::{MAX_WINDOW_DAYS, NotOffered};
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// Days that are looked through when no end is asked for.
const DAYS_DEFAULT: i64 = 7;

#[derive(Serialize)]
struct View {
    slots: Vec<SlotView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailable: Option<Vec<UnofferedView>>,
}

#[derive(Serialize)]
struct SlotView {
    starts_at: Timestamp,
    ends_at: Timestamp,
    /// Who is free then; empty when the service takes the branch's own time.
    staff: Vec<StaffId>,
}

#[derive(Serialize)]
struct UnofferedView {
    from: Timestamp,
    until: Timestamp,
    reason: NotOffered,
}

/// `GET /api/v1/availability?service_id=&branch_id=&staff_id=&from=&to=&explain=`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let now = web.app.clock.now();
    let mut query = request.query()?;
    let service: Option<ServiceId> = id(&mut query, "service_id")?;
    let branch: Option<BranchId> = id(&mut query, "branch_id")?;
    let staff: Option<StaffId> = id(&mut query, "staff_id")?;
    let from = instant(&mut query, "from")?.unwrap_or(now);
    let to = instant(&mut query, "to")?;
    let explains = match query.take("explain").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(AppError::invalid("explain", "must be true or false")),
    };
    query.finish()?;
    let usual = || from.checked_add(SignedDuration::from_hours(24 * DAYS_DEFAULT));
    let to = to.map_or_else(usual, Ok).unwrap_or(Timestamp::MAX);
    let window =
        Span::new(from, to).ok_or_else(|| AppError::invalid("to", "must be after from"))?;
    if window.minutes() > i64::from(MAX_WINDOW_DAYS) * 24 * 60 {
        let why = format!("must be at most {MAX_WINDOW_DAYS} days after from");
        return Err(AppError::invalid("to", why));
    }
    let setup = web.app.setup_of(business).await?;
    let service = service.ok_or_else(|| AppError::invalid("service_id", "is missing"))?;
    let service = setup.service(service).filter(|service| service.active);
    let service = service.ok_or(AppError::NotFound("service"))?;
    let mut branches = setup.branches_for(Some(service));
    let branch = match branch {
        Some(id) => branches.find(|branch| branch.id == id).ok_or(AppError::NotFound("branch"))?,
        None => match (branches.next(), branches.next()) {
            (Some(only), None) => only,
            (_, _) => return Err(AppError::invalid("branch_id", "is missing")),
        },
    };
    let able = setup.staff_for(service, branch.id).into_iter().filter(|_| service.staffed);
    let able: Vec<StaffId> = able.map(|(staff, _)| staff.id).collect();
    if staff.is_some_and(|staff| !able.contains(&staff)) {
        return Err(AppError::NotFound("staff member"));
    }
    let search = Search { service, branch, staff, window };
    let found = web.app.free((business, &setup), search, now).await?;
    let looked_at = staff.map_or(able, |staff| vec![staff]);
    let slots = found.into_iter().map(|slot| SlotView {
        starts_at: slot.span.start(),
        ends_at: slot.span.end(),
        staff: slot.free.places().filter_map(|place| looked_at.get(place).copied()).collect(),
    });
    let slots = slots.collect();
    let unavailable = if explains {
        let told = web.app.explain((business, &setup), search, now).await?;
        let view = |one: crate::domain::scheduling::slots::Unoffered| UnofferedView {
            from: one.span.start(),
            until: one.span.end(),
            reason: one.reason,
        };
        Some(told.into_iter().map(view).collect())
    } else {
        None
    };
    Ok(reply::json(&View { slots, unavailable }))
}
