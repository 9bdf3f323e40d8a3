//! `/api/v1/appointments`: the book of record, by time, and the history of each entry.
//!
//! Never lists across businesses: the key says whose appointments they are.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::{Items, List, cursor, id, instant, read_cursor};
use crate::app::AppError;
use crate::app::appointments::{AppointmentFilter, AppointmentsAfter};
use crate::domain::appointment::{Actor, Appointment, Change, ChangeKind, Standing, Status};
use crate::domain::ids::{
    AppointmentId, BranchId, CallId, CustomerId, KeyId, ServiceId, StaffId, UserId,
};
use crate::domain::scheduling::slots::NotOffered;
use crate::web::query::Query;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// An appointment as it is shown.
#[derive(Serialize)]
pub struct AppointmentView {
    id: AppointmentId,
    branch_id: BranchId,
    service_id: ServiceId,
    staff_id: Option<StaffId>,
    customer_id: Option<CustomerId>,
    call_id: Option<CallId>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<Timestamp>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    customer_name: String,
    customer_phone: Option<String>,
    customer_email: Option<String>,
    notes: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// What it was booked against, when the business did so knowingly.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<NotOffered>,
}

impl AppointmentView {
    /// The same with what it was booked against.
    pub fn warned(self, warning: Option<NotOffered>) -> Self {
        Self { warning, ..self }
    }
}

impl From<Appointment> for AppointmentView {
    fn from(appointment: Appointment) -> Self {
        let (seat, contact) = (appointment.seat, appointment.contact);
        Self {
            id: appointment.id,
            branch_id: seat.branch,
            service_id: seat.service,
            staff_id: seat.staff,
            customer_id: appointment.customer,
            call_id: appointment.call,
            status: appointment.status,
            held_until: appointment.held_until,
            starts_at: seat.span.start(),
            ends_at: seat.span.end(),
            customer_name: contact.name,
            customer_phone: contact.phone.map(|phone| phone.as_str().to_owned()),
            customer_email: contact.email,
            notes: contact.notes,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
            warning: None,
        }
    }
}

#[derive(Serialize)]
struct ChangeView {
    kind: ChangeKind,
    actor: &'static str,
    call_id: Option<CallId>,
    key_id: Option<KeyId>,
    user_id: Option<UserId>,
    before: Option<StandingView>,
    after: StandingView,
    changed_at: Timestamp,
}

#[derive(Serialize)]
struct StandingView {
    status: Status,
    starts_at: Timestamp,
    staff_id: Option<StaffId>,
}

impl From<Standing> for StandingView {
    fn from(standing: Standing) -> Self {
        let Standing { status, starts_at, staff } = standing;
        Self { status, starts_at, staff_id: staff }
    }
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let (call_id, key_id, user_id) = match change.actor {
            Actor::Call(call) => (Some(call), None, None),
            Actor::Key(key) => (None, Some(key), None),
            Actor::User(user) => (None, None, Some(user)),
            Actor::Operator => (None, None, None),
        };
        Self {
            kind: change.kind,
            actor: change.actor.word(),
            call_id,
            key_id,
            user_id,
            before: change.before.map(StandingView::from),
            after: change.after.into(),
            changed_at: change.changed_at,
        }
    }
}

/// `GET /api/v1/appointments?from=&to=&status=&service_id=&branch_id=&staff_id=&customer_id=
/// &limit=&cursor=`: the earliest first; holds only with `status=held`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    let filter = filter(&mut query)?;
    query.finish()?;
    let after = after
        .map(|(starts_ms, id)| AppointmentsAfter { starts_ms, id: AppointmentId::from_uuid(id) });
    let listing = web.app.appointments(business, filter, after, limit).await?;
    let last = listing.page.rows.last().filter(|_| listing.page.more);
    let next_cursor = last.map(|a| cursor(a.seat.span.start().as_millisecond(), a.id.uuid()));
    let items = listing.page.rows.into_iter().map(AppointmentView::from).collect();
    Ok(reply::json(&List { items, next_cursor, total: listing.total }))
}

/// Which appointments a query asks for.
pub fn filter(query: &mut Query) -> Result<AppointmentFilter, AppError> {
    let (from, to) = (instant(query, "from")?, instant(query, "to")?);
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        return Err(AppError::invalid("to", "must be after from"));
    }
    let status = query.take("status").map(|text| {
        let found = Status::ALL.into_iter().find(|status| status.word() == text);
        let known = Status::ALL.map(Status::word).join(", ");
        found.ok_or_else(|| AppError::invalid("status", format!("must be one of {known}")))
    });
    Ok(AppointmentFilter {
        from,
        to,
        status: status.transpose()?,
        service: id(query, "service_id")?,
        branch: id(query, "branch_id")?,
        staff: id(query, "staff_id")?,
        customer: id(query, "customer_id")?,
    })
}

/// `GET /api/v1/appointments/{id}`, with its entity tag.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("appointment")?);
    Ok(shown(web.app.appointment(business, id).await?))
}

/// One appointment with its entity tag.
pub fn shown(appointment: Appointment) -> Response {
    let changed_at = appointment.updated_at;
    reply::tagged(reply::json(&AppointmentView::from(appointment)), changed_at)
}

/// `GET /api/v1/appointments/{id}/history`: every change, first to last.
pub async fn history(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("appointment")?);
    let changes = web.app.appointment_history(business, id).await?;
    let items = changes.into_iter().map(ChangeView::from).collect();
    Ok(reply::json(&Items::all(items)))
}
