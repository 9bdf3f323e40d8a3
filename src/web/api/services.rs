//! `/api/v1/services`: what a business offers.
//!
//! Never shows another business's.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Items;
use crate::app::AppError;
use crate::domain::business::{Price, Service};
use crate::domain::ids::{BranchId, ServiceId, StaffId};
use crate::domain::scheduling::rules::{Rules, RulesError};
use crate::web::json::nullable;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// Minutes of notice when none are sent.
const NOTICE_MIN: u32 = 60;
/// Days ahead when none are sent.
const HORIZON_DAYS: u16 = 60;

#[derive(Serialize)]
struct ServiceView {
    id: ServiceId,
    name: String,
    duration_min: u16,
    step_min: u16,
    notice_min: u32,
    horizon_days: u16,
    before_min: u16,
    after_min: u16,
    capacity: u16,
    day_cap: Option<u16>,
    staffed: bool,
    price_micros: Option<i64>,
    currency: Option<String>,
    skills: Vec<String>,
    staff: Vec<StaffId>,
    branches: Vec<BranchId>,
    active: bool,
}

impl From<&Service> for ServiceView {
    fn from(service: &Service) -> Self {
        let rules = &service.rules;
        Self {
            id: service.id,
            name: service.name.clone(),
            duration_min: rules.duration_min(),
            step_min: rules.step_min(),
            notice_min: rules.notice_min(),
            horizon_days: rules.horizon_days(),
            before_min: rules.before_min(),
            after_min: rules.after_min(),
            capacity: rules.capacity(),
            day_cap: rules.day_cap(),
            staffed: service.staffed,
            price_micros: service.price.as_ref().map(|price| price.micros),
            currency: service.price.as_ref().map(|price| price.currency.clone()),
            skills: service.skills.clone(),
            staff: service.staff.clone(),
            branches: service.branches.clone(),
            active: service.active,
        }
    }
}

/// What may be sent, all of it optional; a new service needs a name and a duration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    name: Option<String>,
    duration_min: Option<u16>,
    step_min: Option<u16>,
    notice_min: Option<u32>,
    horizon_days: Option<u16>,
    before_min: Option<u16>,
    after_min: Option<u16>,
    capacity: Option<u16>,
    #[serde(default, deserialize_with = "nullable")]
    day_cap: Option<Option<u16>>,
    staffed: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    price_micros: Option<Option<i64>>,
    currency: Option<String>,
    skills: Option<Vec<String>>,
    staff: Option<Vec<StaffId>>,
    branches: Option<Vec<BranchId>>,
    active: Option<bool>,
}

impl Sent {
    /// A service as it is with what was sent.
    fn onto(self, known: Service) -> Result<Service, AppError> {
        let rules = &known.rules;
        let rules = Rules::new(
            self.duration_min.unwrap_or(rules.duration_min()),
            self.step_min.unwrap_or(rules.step_min()),
            self.notice_min.unwrap_or(rules.notice_min()),
            self.horizon_days.unwrap_or(rules.horizon_days()),
        )
        .and_then(|new| {
            let before = self.before_min.unwrap_or(rules.before_min());
            new.with_buffers(before, self.after_min.unwrap_or(rules.after_min()))
        })
        .and_then(|new| new.with_capacity(self.capacity.unwrap_or(rules.capacity())))
        .and_then(|new| new.with_day_cap(self.day_cap.unwrap_or(rules.day_cap())))
        .map_err(out_of_bounds)?;
        let micros = self.price_micros.unwrap_or(known.price.as_ref().map(|price| price.micros));
        let currency = self.currency.or(known.price.as_ref().map(|price| price.currency.clone()));
        let price = match micros {
            None => None,
            Some(micros) => {
                let currency = currency
                    .ok_or_else(|| AppError::invalid("currency", "is needed with a price"))?;
                Some(Price { micros, currency })
            }
        };
        let name = self.name.map_or(known.name, |name| name.trim().to_owned());
        Ok(Service {
            id: known.id,
            name,
            rules,
            staffed: self.staffed.unwrap_or(known.staffed),
            price,
            active: self.active.unwrap_or(known.active),
            skills: self.skills.unwrap_or(known.skills),
            staff: distinct(self.staff.unwrap_or(known.staff)),
            branches: distinct(self.branches.unwrap_or(known.branches)),
        })
    }
}

fn out_of_bounds(error: RulesError) -> AppError {
    AppError::invalid(error.field, format!("must be from {} to {}", error.least, error.most))
}

fn distinct<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}

/// `GET /api/v1/services`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(setup.services.iter().map(ServiceView::from).collect())))
}

/// `GET /api/v1/services/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let id = request.id("service")?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    let service = setup.service(id).ok_or(AppError::NotFound("service"))?;
    Ok(reply::json(&ServiceView::from(service)))
}

/// `POST /api/v1/services`: with `name` and `duration_min` at least.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: Sent = request.json()?;
    let missing = |field: &str| AppError::invalid(field, "is missing");
    let name = sent.name.clone().ok_or_else(|| missing("name"))?;
    let minutes = sent.duration_min.ok_or_else(|| missing("duration_min"))?;
    let step = sent.step_min.unwrap_or(minutes);
    let blank = Service {
        // Given where it is added.
        id: ServiceId::from_uuid(Uuid::nil()),
        name,
        rules: Rules::new(minutes, step, NOTICE_MIN, HORIZON_DAYS).map_err(out_of_bounds)?,
        staffed: false,
        price: None,
        active: true,
        skills: Vec::new(),
        staff: Vec::new(),
        branches: Vec::new(),
    };
    let added = web.app.add_service(business, sent.onto(blank)?, request.once()?).await?;
    Ok(reply::created(&ServiceView::from(&added)))
}

/// `PATCH /api/v1/services/{id}`: what is not sent stays as it is.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("service")?);
    let sent: Sent = request.json()?;
    let changed = web.app.change_service(business, id, move |known| sent.onto(known)).await?;
    Ok(reply::json(&ServiceView::from(&changed)))
}

/// `DELETE /api/v1/services/{id}`: only when no appointment hangs on it.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    web.app.remove_service(request.permit()?.business(), request.id("service")?).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}
