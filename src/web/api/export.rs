//! `/api/v1/appointments/export`: appointments as CSV (RFC 4180), for a spreadsheet; and how any table
//! becomes such a file.
//!
//! A cell that a spreadsheet would take for a formula is made text. Never exports more than a
//! year at once.

use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use jiff::tz::TimeZone;

use super::appointments::filter;
use crate::app::AppError;
use crate::domain::appointment::Appointment;
use crate::domain::business::Setup;
use crate::domain::phone::PhoneNumber;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// Most days of one export.
const DAYS_MAX: i64 = 366;

const HEAD: [&str; 13] = [
    "id",
    "status",
    "starts_at",
    "ends_at",
    "branch",
    "service",
    "staff",
    "customer_name",
    "customer_phone",
    "customer_email",
    "notes",
    "created_at",
    "updated_at",
];

/// `GET /api/v1/appointments/export?from=&to=` and the filters of the list.
pub async fn appointments(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let filter = filter(&mut query)?;
    query.finish()?;
    let from = filter.from.ok_or_else(|| AppError::invalid("from", "is missing"))?;
    let to = filter.to.ok_or_else(|| AppError::invalid("to", "is missing"))?;
    if to.duration_since(from).as_hours() > DAYS_MAX * 24 {
        let why = format!("must be at most {DAYS_MAX} days after from");
        return Err(AppError::invalid("to", why));
    }
    let (rows, setup) = web.app.export_appointments(business, filter).await?;
    let rows = rows.iter().map(|one| cells(one, &setup).to_vec()).collect();
    Ok(file("appointments.csv", table(&HEAD, rows)))
}

/// A table as a file to be kept.
pub(super) fn file(name: &'static str, table: Vec<u8>) -> Response {
    let text = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    let mut response = reply::bytes(text, table.into());
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.expect("names of exports are plain");
    response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    response
}

/// A table as CSV; its rows are as long as its head.
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>) -> Vec<u8> {
    let terminator = csv::Terminator::CRLF;
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    writer.write_record(head).expect("writing to memory does not fail");
    for row in rows {
        let cells = row.iter().map(|cell| guarded(cell));
        writer.write_record(cells).expect("every row is as long");
    }
    writer.into_inner().expect("flushing to memory does not fail")
}

fn cells(one: &Appointment, setup: &Setup) -> [String; 13] {
    let (seat, contact) = (&one.seat, &one.contact);
    let branch = setup.branch(seat.branch);
    let zone: &TimeZone = branch.map_or(&setup.business.zone, |branch| &branch.zone);
    let local = |at: jiff::Timestamp| {
        at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    let name = |found: Option<&str>| found.unwrap_or_default().to_owned();
    [
        one.id.to_string(),
        one.status.word().to_owned(),
        local(seat.span.start()),
        local(seat.span.end()),
        name(branch.map(|branch| branch.name.as_str())),
        name(setup.service(seat.service).map(|service| service.name.as_str())),
        name(seat.staff.and_then(|id| setup.staff_member(id)).map(|staff| staff.name.as_str())),
        contact.name.clone(),
        contact.phone.as_ref().map_or_else(String::new, |p| PhoneNumber::as_str(p).to_owned()),
        contact.email.clone().unwrap_or_default(),
        contact.notes.clone(),
        local(one.created_at),
        local(one.updated_at),
    ]
}

/// A cell that begins like a formula gets an apostrophe, which spreadsheets take for "this is
/// text". Telephone numbers begin with a plus and are no formulas, but a spreadsheet thinks so.
fn guarded(cell: &str) -> String {
    if cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) {
        return format!("'{cell}");
    }
    cell.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_becomes_text() {
        for cell in ["=1+1", "+49301234", "-2", "@SUM(A1)", "\t=1", "\r=1", "\u{ff1d}1"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "Robin", "a=b", "1-2", "'=1"] {
            assert_eq!(guarded(cell), cell);
        }
    }
}
