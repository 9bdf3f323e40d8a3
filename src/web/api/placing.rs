//! `POST /api/v1/calls` and what can be done to a call.
//!
//! The answer tells that the order is written down; whether it came to a call, the call tells.

use std::collections::BTreeMap;

use axum::response::Response;
use serde::Deserialize;

use super::calls::view;
use super::phone;
use crate::app::AppError;
use crate::app::placing::NewCall;
use crate::domain::ids::PropertyId;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    to_number: String,
    #[serde(default)]
    from_number: String,
    account: Option<String>,
    agent_id: Option<String>,
    property_id: Option<PropertyId>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    test: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    property_id: Option<PropertyId>,
}

/// `POST /api/v1/calls`: has somebody called.
pub async fn place(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: New = request.json()?;
    let to = phone("to_number", &sent.to_number)?;
    let new = NewCall {
        account: sent.account,
        agent: sent.agent_id,
        from: phone("from_number", &sent.from_number)?,
        to: to.ok_or_else(|| AppError::invalid("to_number", "is required"))?,
        property: sent.property_id,
        variables: sent.variables,
        is_test: sent.test,
    };
    let call = web.app.order_call(business, new, request.once()?).await?;
    Ok(reply::created(&view(call)))
}

/// `POST /api/v1/calls/{id}/hang-up`: ends a call; one that is over stays so.
pub async fn hang_up(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("call")?);
    Ok(reply::json(&view(web.app.hang_up(business, id).await?)))
}

/// `PATCH /api/v1/calls/{id}`: says what a call is about.
pub async fn link(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("call")?);
    let Link { property_id } = request.json()?;
    Ok(reply::json(&view(web.app.link_call(business, id, property_id).await?)))
}
