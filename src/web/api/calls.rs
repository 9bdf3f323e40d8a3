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
use crate::domain::call::{Cost, Direction, EndFamily, LegFacts, Outcome, Status};
use crate::domain::ids::{CallId, PropertyId};
use crate::domain::transcript::Turn;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// A call as it is listed.
#[derive(Serialize)]
pub(super) struct CallView {
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
    outcome: Option<Outcome>,
    handed_to: Option<String>,
    cost: Option<CostView>,
    property_id: Option<PropertyId>,
    is_test: bool,
    recovered_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What a call costs, and who says so.
#[derive(Serialize)]
struct CostView {
    micros: i64,
    currency: String,
    source: &'static str,
}

/// A stretch of a call.
#[derive(Serialize)]
struct LegView {
    id: String,
    direction: Option<Direction>,
    status: Option<Status>,
    from_number: Option<String>,
    to_number: Option<String>,
    started_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    disconnection_reason: Option<String>,
}

impl LegView {
    fn new((id, leg): (String, LegFacts)) -> Self {
        Self {
            id,
            direction: leg.direction.map(|told| told.0),
            status: leg.status.map(|told| told.0),
            from_number: leg.from_number.map(|told| told.0),
            to_number: leg.to_number.map(|told| told.0),
            started_at: leg.started_at.map(|told| told.0),
            answered_at: leg.answered_at.map(|told| told.0),
            ended_at: leg.ended_at.map(|told| told.0),
            disconnection_reason: leg.ended_by.map(|told| told.0.0),
        }
    }
}

/// A call with all that belongs to it.
#[derive(Serialize)]
struct WholeCallView {
    #[serde(flatten)]
    call: CallView,
    legs: Vec<LegView>,
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

/// `GET /api/v1/calls?outcome=&limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    let outcome = query.take("outcome").map(|word| outcome(&word)).transpose()?;
    query.finish()?;
    let after = after.map(|(created_ms, id)| After { created_ms, id: CallId::from_uuid(id) });
    let listing = web.app.calls(business, (outcome, after), limit).await?;
    let last = listing.page.rows.last().filter(|_| listing.page.more);
    let next_cursor = last.map(|call| cursor(call.created_at.as_millisecond(), call.id.uuid()));
    let items = listing.page.rows.into_iter().map(view).collect();
    Ok(reply::json(&List { items, next_cursor, total: listing.total }))
}

fn outcome(word: &str) -> Result<Outcome, AppError> {
    let found = Outcome::ALL.into_iter().find(|outcome| outcome.word() == word);
    found.ok_or_else(|| {
        let known = Outcome::ALL.map(Outcome::word).join(", ");
        AppError::invalid("outcome", format!("must be one of {known}"))
    })
}

/// `GET /api/v1/calls/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    request.query()?.finish()?;
    let id: CallId = request.segment("id").parse().map_err(|_| AppError::NotFound("call"))?;
    Ok(reply::json(&whole(web.app.call(business, id).await?)))
}

pub(super) fn view(call: Shown) -> CallView {
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
        outcome: call.outcome,
        handed_to: Some(call.handed_to).filter(|to| !to.is_empty()),
        // No price list of our own: what a call costs is what its provider says.
        cost: call.cost.map(|Cost { micros, currency }| CostView {
            micros,
            currency,
            source: "provider",
        }),
        property_id: call.property,
        is_test: call.is_test,
        recovered_at: call.recovered_at,
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
        legs: whole.legs.into_iter().map(LegView::new).collect(),
        transcript: whole.turns,
        tool_calls: lines.collect(),
        appointments: whole.appointments.into_iter().map(AppointmentView::from).collect(),
    }
}
