//! `/feeds/{secret}.ics`: appointments as a calendar (RFC 5545) that any calendar program reads.
//!
//! Who knows the address may read, nobody else. Never holds a number or an address of a customer.

use axum::response::Response;
use http::HeaderValue;
use http::header::REFERRER_POLICY;
use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus};
use jiff::Timestamp;

use super::route::Admitted;
use super::{Web, reply};
use crate::app::AppError;
use crate::app::feeds::Contents;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::business::Setup;

/// How often a calendar program should look again (RFC 7986 section 5.7).
const REFRESH: &str = "PT15M";

/// Shows the calendar of a secret address.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let file = request.segment("file");
    let secret = file.strip_suffix(".ics").ok_or(AppError::NotFound("calendar"))?;
    let contents = web.app.feed_contents(secret).await?;
    let text = calendar(&contents).to_string();
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    let mut response = reply::bytes(kind, text.into());
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn calendar(contents: &Contents) -> Calendar {
    let Contents { setup, staff, appointments } = contents;
    let whose = staff.and_then(|staff| setup.staff_member(staff)).map(|staff| &staff.name);
    let name = match whose {
        Some(staff) => format!("{staff}, {}", setup.business.name),
        None => setup.business.name.clone(),
    };
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//frontdesk//appointments//EN"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.append_property(("REFRESH-INTERVAL;VALUE=DURATION", REFRESH));
    calendar.append_property(("X-PUBLISHED-TTL", REFRESH));
    // What calendar programs show; the newer NAME (RFC 7986) would go out unescaped.
    calendar.append_property(("X-WR-CALNAME", name.as_str()));
    for appointment in appointments {
        calendar.push(event(appointment, setup));
    }
    calendar
}

fn event(appointment: &Appointment, setup: &Setup) -> Event {
    let seat = &appointment.seat;
    let service = setup.service(seat.service).map_or("", |service| service.name.as_str());
    let staff = seat.staff.and_then(|id| setup.staff_member(id));
    let branch = setup.branch(seat.branch);
    let mut event = Event::with_uid(&appointment.id.to_string());
    event.add_property("DTSTAMP", utc(appointment.updated_at));
    event.add_property("DTSTART", utc(seat.span.start()));
    event.add_property("DTEND", utc(seat.span.end()));
    event.summary(&format!("{service}: {}", appointment.contact.name));
    if let Some(branch) = branch {
        let place = if branch.address.is_empty() { &branch.name } else { &branch.address };
        event.location(place);
    }
    if let Some(staff) = staff {
        event.description(&staff.name);
    }
    event.status(match appointment.status {
        Status::Cancelled => EventStatus::Cancelled,
        Status::Held => EventStatus::Tentative,
        Status::Confirmed | Status::Completed | Status::NoShow => EventStatus::Confirmed,
    });
    event.done()
}

/// An instant in the form of RFC 5545 section 3.3.5, in UTC.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
