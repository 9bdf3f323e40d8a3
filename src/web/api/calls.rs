//! `/api/v1/calls`: calls, and one call with all that belongs to it.
//!
//! Never lists across businesses: the key says whose calls they are.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::appointments::AppointmentView;
use super::{List, cursor, read_cursor};
use crate::app::AppError;
use crate::app::overview::{After, CallView as Shown, WholeCall};
use crate::domain::call::{Cost, Direction, EndFamily, Status};
use crate::domain::ids::CallId;
use crate::domain::transcript::Turn;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// A call as it is listed.
#[derive(Serialize)]
struct CallView {
    id: CallId,
    account: String,
    provider_call_id: String,
    provider_agent_id: String,
    direction: Direction,
    status: Status,
    from_number: String,
    to_number: String,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    duration_ms: Option<i64>,
    disconnection_reason: String,
    end_family: EndFamily,
    summary: String,
    sentiment: String,
    successful: Option<bool>,
    in_voicemail: Option<bool>,
    cost: Option<Cost>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A call with all that belongs to it.
#[derive(Serialize)]
struct WholeCallView {
    #[serde(flatten)]
    call: CallView,
    transcript: Vec<Turn>,
    tool_calls: Vec<ToolCallView>,
    appointments: Vec<AppointmentView>,
}

/// A line of the tools' ledger.
#[derive(Serialize)]
struct ToolCallView {
    tool: String,
    reason: Option<String>,
    answer: Box<RawValue>,
    called_at: Timestamp,
    duration_ms: i64,
}

/// `GET /api/v1/calls?limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    query.finish()?;
    let after = after.map(|(created_ms, id)| After { created_ms, id: CallId::from_uuid(id) });
    let listing = web.app.calls(business, after, limit).await?;
    let last = listing.page.rows.last().filter(|_| listing.page.more);
    let next_cursor = last.map(|call| cursor(call.created_at.as_millisecond(), call.id.uuid()));
    let items = listing.page.rows.into_iter().map(view).collect();
    Ok(reply::json(&List { items, next_cursor, total: listing.total }))
}

/// `GET /api/v1/calls/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    request.query()?.finish()?;
    let id: CallId = request.segment("id").parse().map_err(|_| AppError::NotFound("call"))?;
    Ok(reply::json(&whole(web.app.call(business, id).await?)))
}

fn view(call: Shown) -> CallView {
    CallView {
        id: call.id,
        account: call.account,
        provider_call_id: call.provider_call_id,
        provider_agent_id: call.provider_agent_id,
        direction: call.direction,
        status: call.status,
        from_number: call.from_number,
        to_number: call.to_number,
        started_at: call.started_at,
        ended_at: call.ended_at,
        duration_ms: call.duration_ms,
        disconnection_reason: call.disconnection_reason,
        end_family: call.end_family,
        summary: call.summary,
        sentiment: call.sentiment,
        successful: call.successful,
        in_voicemail: call.in_voicemail,
        cost: call.cost,
        created_at: call.created_at,
        updated_at: call.updated_at,
    }
}

fn whole(whole: WholeCall) -> WholeCallView {
    let lines = whole.tool_calls.into_iter().map(|line| ToolCallView {
        tool: line.tool,
        reason: Some(line.reason).filter(|reason| !reason.is_empty()),
        answer: RawValue::from_string(line.answer).expect("the schema holds valid JSON"),
        called_at: line.called_at,
        duration_ms: line.duration_ms,
    });
    WholeCallView {
        call: view(whole.call),
        transcript: whole.turns,
        tool_calls: lines.collect(),
        appointments: whole.appointments.into_iter().map(AppointmentView::from).collect(),
    }
}
