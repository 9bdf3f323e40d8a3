//! `/api/v1/appointments`: the book of record, by time.
//!
//! Never lists across businesses: the key says whose appointments they are.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::{List, cursor, read_cursor};
use crate::app::AppError;
use crate::app::overview::{AppointmentFilter, AppointmentsAfter};
use crate::domain::appointment::{Appointment, Status};
use crate::domain::ids::{AppointmentId, CallId, ServiceId};
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// An appointment as it is shown.
#[derive(Serialize)]
pub struct AppointmentView {
    id: AppointmentId,
    service_id: ServiceId,
    call_id: Option<CallId>,
    status: Status,
    starts_at: Timestamp,
    ends_at: Timestamp,
    customer_name: String,
    customer_phone: Option<String>,
    customer_email: Option<String>,
    notes: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Appointment> for AppointmentView {
    fn from(appointment: Appointment) -> Self {
        let customer = appointment.customer;
        Self {
            id: appointment.id,
            service_id: appointment.service,
            call_id: appointment.call,
            status: appointment.status,
            starts_at: appointment.span.start(),
            ends_at: appointment.span.end(),
            customer_name: customer.name,
            customer_phone: customer.phone.map(|phone| phone.as_str().to_owned()),
            customer_email: customer.email,
            notes: customer.notes,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
        }
    }
}

/// `GET /api/v1/appointments?from=&to=&limit=&cursor=`: the earliest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    let from = instant("from", query.take("from"))?;
    let to = instant("to", query.take("to"))?;
    query.finish()?;
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        return Err(AppError::invalid("to", "must be after from"));
    }
    let after = after
        .map(|(starts_ms, id)| AppointmentsAfter { starts_ms, id: AppointmentId::from_uuid(id) });
    let filter = AppointmentFilter { from, to };
    let listing = web.app.appointments(business, filter, after, limit).await?;
    let last = listing.page.rows.last().filter(|_| listing.page.more);
    let next_cursor = last.map(|a| cursor(a.span.start().as_millisecond(), a.id.uuid()));
    let items = listing.page.rows.into_iter().map(AppointmentView::from).collect();
    Ok(reply::json(&List { items, next_cursor, total: listing.total }))
}

fn instant(field: &str, text: Option<String>) -> Result<Option<Timestamp>, AppError> {
    let read = |text: String| {
        let why = "must be an instant as in RFC 3339, such as 2026-01-06T09:00:00Z";
        text.parse::<Timestamp>().map_err(|_| AppError::invalid(field, why))
    };
    text.map(read).transpose()
}
