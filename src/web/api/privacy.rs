//! `/api/v1/privacy`: a person exported and erased.
//!
//! Only users may, and each time is noted.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::phone;
use crate::app::AppError;
use crate::app::privacy::{Erasure, Person};
use crate::domain::ids::{CustomerId, ErasureId};
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// A person, by what they can be found by.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    customer_id: Option<CustomerId>,
    phone: Option<String>,
    email: Option<String>,
}

impl Sent {
    fn person(self) -> Result<Person, AppError> {
        let email = self.email.map(|email| email.trim().to_lowercase());
        Ok(Person {
            customer: self.customer_id,
            phone: self.phone.map(|text| phone("phone", &text)).transpose()?.flatten(),
            email: email.filter(|email| !email.is_empty()),
        })
    }
}

#[derive(Serialize)]
struct Exported {
    exported_at: Timestamp,
    tables: Map<String, Value>,
}

#[derive(Serialize)]
struct ErasureView {
    id: ErasureId,
    state: &'static str,
    calls: u64,
    deliveries: u64,
    appointments: u64,
    messages: u64,
    customers: u64,
    created_at: Timestamp,
    done_at: Option<Timestamp>,
}

impl From<Erasure> for ErasureView {
    fn from(erasure: Erasure) -> Self {
        let counts = erasure.counts;
        Self {
            id: erasure.id,
            state: if erasure.done_at.is_some() { "done" } else { "running" },
            calls: counts.calls,
            deliveries: counts.deliveries,
            appointments: counts.appointments,
            messages: counts.messages,
            customers: counts.customers,
            created_at: erasure.created_at,
            done_at: erasure.done_at,
        }
    }
}

/// `POST /api/v1/privacy/export`: everything that is kept of a person.
pub async fn export(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let person = request.json::<Sent>()?.person()?;
    let tables = web.app.export_person(business, person).await?;
    Ok(reply::json(&Exported { exported_at: web.app.clock.now(), tables }))
}

/// `POST /api/v1/privacy/erasures`: a person is forgotten, behind the answer.
pub async fn erase(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let person = request.json::<Sent>()?.person()?;
    let erasure = web.app.erase_person(business, person, request.once()?).await?;
    let mut response = reply::json(&ErasureView::from(erasure));
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// `GET /api/v1/privacy/erasures/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("erasure")?);
    request.query()?.finish()?;
    Ok(reply::json(&ErasureView::from(web.app.erasure(business, id).await?)))
}
