//! `/api/v1/properties`: what calls can be about, and the calls about each.
//!
//! Never removes a call.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::calls::view;
use super::{Items, cursor, read_cursor};
use crate::app::AppError;
use crate::app::overview::After;
use crate::app::properties::{PropertiesAfter, PropertyFields};
use crate::domain::ids::{CallId, PropertyId};
use crate::domain::property::Property;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct PropertyView {
    id: PropertyId,
    reference: String,
    title: String,
    address: String,
    notes: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Property> for PropertyView {
    fn from(property: Property) -> Self {
        let Property { id, reference, title, address, notes, created_at, updated_at } = property;
        Self { id, reference, title, address, notes, created_at, updated_at }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    reference: Option<String>,
    title: Option<String>,
    address: Option<String>,
    notes: Option<String>,
}

impl From<Fields> for PropertyFields {
    fn from(sent: Fields) -> Self {
        let Fields { reference, title, address, notes } = sent;
        Self { reference, title, address, notes }
    }
}

/// `GET /api/v1/properties?limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    query.finish()?;
    let after =
        after.map(|(created_ms, id)| PropertiesAfter { created_ms, id: PropertyId::from_uuid(id) });
    let page = web.app.properties(business, after, limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|one| cursor(one.created_at.as_millisecond(), one.id.uuid()));
    let items = page.rows.into_iter().map(PropertyView::from).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}

/// `POST /api/v1/properties`.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: Fields = request.json()?;
    let added = web.app.add_property(business, sent.into(), request.once()?).await?;
    Ok(reply::created(&PropertyView::from(added)))
}

/// `GET /api/v1/properties/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("property")?);
    request.query()?.finish()?;
    Ok(reply::json(&PropertyView::from(web.app.property(business, id).await?)))
}

/// `PATCH /api/v1/properties/{id}`: what is not sent stays as it is.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("property")?);
    let sent: Fields = request.json()?;
    let changed = web.app.change_property(business, id, sent.into()).await?;
    Ok(reply::json(&PropertyView::from(changed)))
}

/// `DELETE /api/v1/properties/{id}`: the calls about it stay.
pub async fn remove(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("property")?);
    web.app.remove_property(business, id).await?;
    Ok(reply::status(StatusCode::NO_CONTENT))
}

/// `GET /api/v1/properties/{id}/calls?limit=&cursor=`: the newest first.
pub async fn calls(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("property")?);
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    query.finish()?;
    let after = after.map(|(created_ms, id)| After { created_ms, id: CallId::from_uuid(id) });
    let page = web.app.calls_about(business, id, after, limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|call| cursor(call.created_at.as_millisecond(), call.id.uuid()));
    let items = page.rows.into_iter().map(view).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}
