//! `/api/v1/waiting-list`: who waits for a time to become free.
//!
//! Never books for anybody.

use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Items, cursor, email, phone, read_cursor};
use crate::app::AppError;
use crate::app::waiting::WaitingAfter;
use crate::domain::appointment::Contact;
use crate::domain::business;
use crate::domain::ids::{BranchId, ServiceId, StaffId, WaitingId};
use crate::domain::scheduling::interval::Span;
use crate::domain::waiting::{Waiting, WaitingState};
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct WaitingView {
    id: WaitingId,
    service_id: ServiceId,
    branch_id: Option<BranchId>,
    staff_id: Option<StaffId>,
    customer_name: String,
    customer_phone: Option<String>,
    customer_email: Option<String>,
    from: Timestamp,
    to: Timestamp,
    state: WaitingState,
    offered_start: Option<Timestamp>,
    offered_until: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Waiting> for WaitingView {
    fn from(entry: Waiting) -> Self {
        let (is_offered, contact) = (entry.state == WaitingState::Offered, entry.contact);
        Self {
            id: entry.id,
            service_id: entry.service,
            branch_id: entry.branch,
            staff_id: entry.staff,
            customer_name: contact.name,
            customer_phone: contact.phone.map(|phone| phone.as_str().to_owned()),
            customer_email: contact.email,
            from: entry.window.start(),
            to: entry.window.end(),
            state: entry.state,
            offered_start: entry.offer.map(|(start, _)| start),
            offered_until: entry.offer.filter(|_| is_offered).map(|(_, until)| until),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    service_id: ServiceId,
    branch_id: Option<BranchId>,
    staff_id: Option<StaffId>,
    customer_name: String,
    #[serde(default)]
    customer_phone: String,
    #[serde(default)]
    customer_email: String,
    from: Timestamp,
    to: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    state: EndState,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndState {
    Booked,
    Cancelled,
}

/// `GET /api/v1/waiting-list?limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    query.finish()?;
    let after =
        after.map(|(created_ms, id)| WaitingAfter { created_ms, id: WaitingId::from_uuid(id) });
    let page = web.app.waiting_list(business, after, limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|w| cursor(w.created_at.as_millisecond(), w.id.uuid()));
    let items = page.rows.into_iter().map(WaitingView::from).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}

/// `POST /api/v1/waiting-list`.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: New = request.json()?;
    let name = business::name(&sent.customer_name);
    let why = "must be 1 to 200 characters";
    let contact = Contact {
        name: name.ok_or_else(|| AppError::invalid("customer_name", why))?,
        phone: phone("customer_phone", &sent.customer_phone)?,
        email: email("customer_email", &sent.customer_email)?,
        notes: String::new(),
    };
    if contact.phone.is_none() && contact.email.is_none() {
        let why = "is needed without a customer_email";
        return Err(AppError::invalid("customer_phone", why));
    }
    let window = Span::new(sent.from, sent.to);
    let entry = Waiting {
        // Given where it is added.
        id: WaitingId::from_uuid(Uuid::nil()),
        service: sent.service_id,
        branch: sent.branch_id,
        staff: sent.staff_id,
        call: None,
        contact,
        window: window.ok_or_else(|| AppError::invalid("to", "must be after from"))?,
        state: WaitingState::Waiting,
        offer: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    let added = web.app.add_waiting(business, entry, request.once()?).await?;
    Ok(reply::created(&WaitingView::from(added)))
}

/// `PATCH /api/v1/waiting-list/{id}`: booked by now, or waiting no more.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("waiting entry")?);
    let Changes { state } = request.json()?;
    let state = match state {
        EndState::Booked => WaitingState::Booked,
        EndState::Cancelled => WaitingState::Cancelled,
    };
    Ok(reply::json(&WaitingView::from(web.app.end_waiting(business, id, state).await?)))
}
