//! `/api/v1/appointments`: booking, moving and ending by the business itself.
//!
//! Never books without the look inside the write that callers get, unless it is asked to warn
//! instead of refusing.

use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::appointments::{AppointmentView, shown};
use super::{email, phone};
use crate::app::AppError;
use crate::app::appointments::{Policy, Request};
use crate::app::book::Wish;
use crate::domain::appointment::{Contact, NOTES_MAX_CHARS, Seat};
use crate::domain::business;
use crate::domain::ids::{BranchId, ServiceId, StaffId};
use crate::domain::scheduling::book::Change;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    service_id: ServiceId,
    /// The only branch when it is not sent.
    branch_id: Option<BranchId>,
    /// Anybody who is free when it is not sent.
    staff_id: Option<StaffId>,
    starts_at: Timestamp,
    customer_name: String,
    #[serde(default)]
    customer_phone: String,
    #[serde(default)]
    customer_email: String,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    policy: PolicyWord,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PolicyWord {
    #[default]
    Refuse,
    Warn,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    customer_name: Option<String>,
    customer_phone: Option<String>,
    customer_email: Option<String>,
    notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goal {
    starts_at: Timestamp,
    /// Who it was with, when they are free; else anybody.
    staff_id: Option<StaffId>,
}

/// `POST /api/v1/appointments`: 409 with what stands in the way and what is free near by, unless
/// `policy` is `warn`.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: New = request.json()?;
    let contact = Contact {
        name: name(&sent.customer_name)?,
        phone: phone("customer_phone", &sent.customer_phone)?,
        email: email("customer_email", &sent.customer_email)?,
        notes: notes(sent.notes)?,
    };
    let branch = match sent.branch_id {
        Some(id) => id,
        None => {
            let setup = web.app.setup_of(business).await?;
            let mut open = setup.branches_for(setup.service(sent.service_id));
            let (first, second) = (open.next(), open.next());
            let only = first.filter(|_| second.is_none());
            only.ok_or_else(|| AppError::invalid("branch_id", "is missing"))?.id
        }
    };
    let (service, staff, start) = (sent.service_id, sent.staff_id, sent.starts_at);
    let wish = Wish { service, branch, staff, rather: None, start };
    let policy = match sent.policy {
        PolicyWord::Refuse => Policy::Refuse,
        PolicyWord::Warn => Policy::Warn,
    };
    let asked = asked(request)?;
    let made = web.app.add_appointment(business, (wish, contact), policy, asked).await?;
    let changed_at = made.appointment.updated_at;
    let view = AppointmentView::from(made.appointment).warned(made.warning);
    Ok(reply::tagged(reply::created(&view), changed_at))
}

/// `PATCH /api/v1/appointments/{id}`: whom it is for; what is not sent stays as it is.
pub async fn correct(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("appointment")?);
    let sent: Changes = request.json()?;
    let change = move |mut known: Contact| {
        if let Some(text) = sent.customer_name {
            known.name = name(&text)?;
        }
        if let Some(text) = sent.customer_phone {
            known.phone = phone("customer_phone", &text)?;
        }
        if let Some(text) = sent.customer_email {
            known.email = email("customer_email", &text)?;
        }
        if let Some(text) = sent.notes {
            known.notes = notes(text)?;
        }
        Ok(known)
    };
    let corrected = web.app.correct_appointment(business, id, change, asked(request)?).await?;
    Ok(shown(corrected))
}

/// `POST /api/v1/appointments/{id}/move`: in one step, or not at all.
pub async fn move_to(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("appointment")?);
    let sent: Goal = request.json()?;
    let goal = (sent.starts_at, sent.staff_id);
    let moved = web.app.move_appointment(business, id, goal, asked(request)?).await?;
    Ok(shown(moved))
}

/// `POST /api/v1/appointments/{id}/cancel`, `/complete` and `/no-show`.
pub async fn end(
    web: &Web,
    request: &Admitted,
    change: Change<Seat>,
) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("appointment")?);
    let ended = web.app.end_appointment(business, id, change, asked(request)?).await?;
    Ok(shown(ended))
}

fn asked(request: &Admitted) -> Result<Request, AppError> {
    Ok(Request {
        actor: request.actor()?,
        once: request.once()?,
        unchanged_since: request.unchanged_since()?,
    })
}

fn name(text: &str) -> Result<String, AppError> {
    let why = "must be 1 to 200 characters";
    business::name(text).ok_or_else(|| AppError::invalid("customer_name", why))
}

fn notes(text: String) -> Result<String, AppError> {
    if text.chars().count() > NOTES_MAX_CHARS || text.contains('\0') {
        let why = format!("must be at most {NOTES_MAX_CHARS} characters");
        return Err(AppError::invalid("notes", why));
    }
    Ok(text)
}
