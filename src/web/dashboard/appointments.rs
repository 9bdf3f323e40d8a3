//! The book of record by time, and one appointment with its history.
//!
//! Times are those of the clock on the wall of the branch.

use axum::response::Response;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::Frame;
use super::days::{Days, clock, moment};
use super::entrance::alert;
use crate::app::AppError;
use crate::app::appointments::{AppointmentFilter, AppointmentsAfter};
use crate::domain::appointment::{Appointment, Change, ChangeKind, Standing, Status};
use crate::domain::business::Setup;
use crate::domain::ids::{AppointmentId, StaffId};
use crate::domain::page::Limit;
use crate::web::Web;
use crate::web::api::{cursor, read_cursor};
use crate::web::route::Admitted;

/// Rows on one page.
const ROWS: &str = "50";

/// `GET /appointments?from=&to=&status=&cursor=`: from today on, when no day is named.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let frame = Frame::of(web, request).await?;
    let zone = &frame.setup.business.zone;
    let mut query = request.query()?;
    let today = web.app.clock.now().to_zoned(zone.clone()).date();
    let days = Days::read(&mut query, zone, Some(today))?;
    let word = query.take("status").filter(|word| !word.is_empty());
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    query.finish()?;
    let status = word.as_deref().map(|word| {
        let found = Status::ALL.into_iter().find(|status| status.word() == word);
        found.ok_or_else(|| AppError::invalid("status", "is none that an appointment has"))
    });
    let filter = AppointmentFilter {
        from: days.from.map(|(_, at)| at),
        to: days.to.map(|(_, at)| at),
        status: status.transpose()?,
        ..AppointmentFilter::default()
    };
    let after = after
        .map(|(starts_ms, id)| AppointmentsAfter { starts_ms, id: AppointmentId::from_uuid(id) });
    let limit = Limit::parse(Some(ROWS)).expect("it is within bounds");
    let listing = web.app.appointments(business, filter, after, limit).await?;
    let last = listing.page.rows.last().filter(|_| listing.page.more);
    let later = last.map(|a| {
        let at = cursor(a.seat.span.start().as_millisecond(), a.id.uuid());
        let (from, to) = (days.first_day(), days.last_day());
        let status = word.as_deref().unwrap_or_default();
        let pairs = [("from", &from[..]), ("to", &to), ("status", status), ("cursor", &at)];
        frame.address("/appointments", &pairs)
    });
    let main = html! {
        h1 { "Appointments" }
        form.filters method="get" action="/appointments" {
            (frame.hidden())
            (days.fields())
            label for="status" { "State" }
            select id="status" name="status" {
                option value="" { "Any" }
                @for status in Status::ALL {
                    option value=(status.word()) selected[Some(status.word()) == word.as_deref()] {
                        (said(status))
                    }
                }
            }
            button type="submit" { "Show" }
        }
        @if listing.page.rows.is_empty() {
            p.empty { "No appointment in that time." }
        } @else {
            div.table tabindex="0" role="region" aria-label="Appointments" {
                table {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "Customer" }
                        th scope="col" { "Service" } th scope="col" { "With" }
                        th scope="col" { "State" }
                    } }
                    tbody {
                        @for one in &listing.page.rows { (row(&frame, one)) }
                    }
                }
            }
        }
        @if let Some(later) = later { p { a.button href=(later) { "Later" } } }
    };
    Ok(frame.page("/appointments", "Appointments", &main))
}

fn row(frame: &Frame, one: &Appointment) -> Markup {
    let setup = &frame.setup;
    let path = format!("/appointments/{}", one.id);
    html! {
        tr {
            td { a href=(frame.address(&path, &[])) { (when(setup, one)) } }
            td {
                (name_of(&one.contact.name))
                @if let Some(phone) = &one.contact.phone { small { (phone.as_str()) } }
            }
            td { (service(setup, one)) }
            td { (staff(setup, one.seat.staff)) }
            td { (chip(one.status)) }
        }
    }
}

/// `GET /appointments/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let business = request.permit()?.business();
    let id = request.id("appointment")?;
    let frame = Frame::of(web, request).await?;
    let one = web.app.appointment(business, id).await?;
    let history = web.app.appointment_history(business, id).await?;
    let setup = &frame.setup;
    let branch = setup.branch(one.seat.branch);
    let zone = branch.map_or(&setup.business.zone, |branch| &branch.zone);
    let main = html! {
        p { a href=(frame.address("/appointments", &[])) { "Appointments" } }
        h1 { (service(setup, &one)) ", " (when(setup, &one)) }
        p { (chip(one.status)) }
        @if one.status == Status::Held {
            (alert("Only set aside.", "It is free again unless the caller agrees."))
        }
        dl {
            dt { "Customer" } dd { (name_of(&one.contact.name)) }
            @if let Some(phone) = &one.contact.phone { dt { "Number" } dd { (phone.as_str()) } }
            @if let Some(email) = &one.contact.email { dt { "E-mail" } dd { (email) } }
            @if !one.contact.notes.is_empty() { dt { "Notes" } dd { (one.contact.notes) } }
            dt { "With" } dd { (staff(setup, one.seat.staff)) }
            @if let Some(branch) = branch { dt { "Where" } dd { (branch.name) } }
            dt { "Ends" } dd { (clock(zone, one.seat.span.end())) }
            @if let Some(call) = one.call { dt { "From call" } dd { code { (call) } } }
        }
        h2 { "History" }
        div.table tabindex="0" role="region" aria-label="History" {
            table {
                thead { tr {
                    th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "By" }
                    th scope="col" { "From" } th scope="col" { "To" }
                } }
                tbody {
                    @for change in &history {
                        tr {
                            td { (moment(zone, change.changed_at)) }
                            td { (kind(change.kind)) }
                            td { (by(change)) }
                            td { @if let Some(before) = change.before { (standing(setup, zone, before)) } }
                            td { (standing(setup, zone, change.after)) }
                        }
                    }
                }
            }
        }
    };
    Ok(frame.page("/appointments/", "Appointment", &main))
}

fn standing(setup: &Setup, zone: &TimeZone, standing: Standing) -> Markup {
    html! {
        (clock(zone, standing.starts_at))
        small {
            (said(standing.status))
            @if standing.staff.is_some() { ", with " (staff(setup, standing.staff)) }
        }
    }
}

fn by(change: &Change) -> &'static str {
    match change.actor.word() {
        "call" => "caller",
        other => other,
    }
}

fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Held => "set aside",
        ChangeKind::Booked => "booked",
        ChangeKind::Confirmed => "agreed on",
        ChangeKind::Moved => "moved",
        ChangeKind::Corrected => "corrected",
        ChangeKind::Cancelled => "cancelled",
        ChangeKind::Completed => "took place",
        ChangeKind::NoShow => "did not come",
    }
}

fn said(status: Status) -> &'static str {
    match status {
        Status::Held => "Set aside",
        Status::Confirmed => "Booked",
        Status::Completed => "Took place",
        Status::Cancelled => "Cancelled",
        Status::NoShow => "Did not come",
    }
}

fn chip(status: Status) -> Markup {
    let colour = match status {
        Status::Confirmed | Status::Completed => "ok",
        Status::Held => "warn",
        Status::NoShow => "bad",
        Status::Cancelled => "none",
    };
    html! { span class=(format!("chip {colour}")) { (said(status)) } }
}

fn service(setup: &Setup, one: &Appointment) -> String {
    setup.service(one.seat.service).map_or_else(|| "–".to_owned(), |service| service.name.clone())
}

fn staff(setup: &Setup, id: Option<StaffId>) -> String {
    let found = id.and_then(|id| setup.staff.iter().find(|one| one.id == id));
    found.map_or_else(|| "–".to_owned(), |one| one.name.clone())
}

fn name_of(name: &str) -> &str {
    if name.is_empty() { "–" } else { name }
}

fn when(setup: &Setup, one: &Appointment) -> String {
    let zone = setup.branch(one.seat.branch).map_or(&setup.business.zone, |branch| &branch.zone);
    clock(zone, one.seat.span.start())
}
