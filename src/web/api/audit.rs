//! `/api/v1/audit`: who did what with a business's data, as a list and as CSV.
//!
//! Never changes a row.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::{Items, export, instant};
use crate::app::AppError;
use crate::app::audit::{Ended, Filter, Kept};
use crate::domain::page::{LIMIT_MAX, Limit};
use crate::web::query::Query;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// Most rows of one export.
const EXPORT_MAX: usize = 50_000;

const HEAD: [&str; 10] = [
    "seq",
    "at",
    "actor",
    "actor_id",
    "action",
    "object_id",
    "address",
    "result",
    "reason",
    "count",
];

#[derive(Serialize)]
struct RowView {
    seq: i64,
    at: Timestamp,
    actor: String,
    actor_id: String,
    action: String,
    object_id: String,
    address: String,
    result: Ended,
    reason: String,
    count: i64,
}

impl From<Kept> for RowView {
    fn from(row: Kept) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            actor_id: row.actor_id,
            action: row.action,
            object_id: row.object_id,
            address: row.address,
            result: row.ended,
            reason: row.reason,
            count: row.many,
        }
    }
}

/// `GET /api/v1/audit?action=&actor_id=&result=&from=&to=&limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let before = query.take("cursor").map(|text| {
        let seq = text.parse().ok().filter(|seq: &i64| *seq > 0);
        seq.ok_or_else(|| AppError::invalid("cursor", "is none that was given here"))
    });
    let filter = Filter { before: before.transpose()?, ..filter(&mut query)? };
    query.finish()?;
    let page = web.app.audit_trail(business, filter, limit).await?;
    let next_cursor = page.rows.last().filter(|_| page.more).map(|row| row.seq.to_string());
    let items = page.rows.into_iter().map(RowView::from).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}

/// `GET /api/v1/audit/export` and the filters of the list, as CSV.
pub async fn export(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let mut filter = filter(&mut query)?;
    query.finish()?;
    let limit = Limit::parse(Some(&LIMIT_MAX.to_string())).expect("the most is within bounds");
    let mut rows: Vec<Vec<String>> = Vec::new();
    loop {
        let page = web.app.audit_trail(business, filter.clone(), limit).await?;
        filter.before = page.rows.last().map(|row| row.seq);
        rows.extend(page.rows.into_iter().map(cells));
        if !page.more {
            break;
        }
        if rows.len() >= EXPORT_MAX {
            let why = format!("more than {EXPORT_MAX} rows lie in that time; take a shorter one");
            return Err(AppError::invalid("from", why));
        }
    }
    Ok(export::file("audit.csv", export::table(&HEAD, rows)))
}

fn cells(row: Kept) -> Vec<String> {
    vec![
        row.seq.to_string(),
        row.at.to_string(),
        row.actor,
        row.actor_id,
        row.action,
        row.object_id,
        row.address,
        row.ended.word().to_owned(),
        row.reason,
        row.many.to_string(),
    ]
}

fn filter(query: &mut Query) -> Result<Filter, AppError> {
    let ended = query.take("result").map(|word| {
        let found = Ended::ALL.into_iter().find(|ended| ended.word() == word);
        let known = Ended::ALL.map(Ended::word).join(", ");
        found.ok_or_else(|| AppError::invalid("result", format!("must be one of {known}")))
    });
    Ok(Filter {
        action: query.take("action").unwrap_or_default(),
        actor_id: query.take("actor_id").unwrap_or_default(),
        ended: ended.transpose()?,
        from_ms: instant(query, "from")?.map(Timestamp::as_millisecond),
        until_ms: instant(query, "to")?.map(Timestamp::as_millisecond),
        before: None,
    })
}
