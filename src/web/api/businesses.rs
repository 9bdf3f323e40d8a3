//! `/api/v1/businesses`: the business of the key.
//!
//! Never shows another one.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Items, language, region};
use crate::app::AppError;
use crate::domain::business::Business;
use crate::domain::contact::Region;
use crate::domain::ids::BusinessRef;
use crate::domain::language::Language;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct BusinessView {
    id: BusinessRef,
    name: String,
    zone: String,
    language: Language,
    region: Option<String>,
}

impl From<&Business> for BusinessView {
    fn from(business: &Business) -> Self {
        Self {
            id: business.id,
            name: business.name.clone(),
            zone: business.zone.iana_name().unwrap_or("UTC").to_owned(),
            language: business.language,
            region: business.region.as_ref().map(|region| Region::code(region).to_owned()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    name: Option<String>,
    zone: Option<String>,
    language: Option<String>,
    region: Option<String>,
}

/// `GET /api/v1/businesses`.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let setup = web.app.setup_of(request.permit()?.business()).await?;
    Ok(reply::json(&Items::all(vec![BusinessView::from(&setup.business)])))
}

/// `PATCH /api/v1/businesses/{id}`: what is not sent stays as it is.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let id: BusinessRef = request.id("business")?;
    if id != business.as_ref() {
        return Err(AppError::NotFound("business"));
    }
    let sent: Changes = request.json()?;
    let language = sent.language.as_deref().map(|code| language("language", code)).transpose()?;
    let region = sent.region.as_deref().map(|code| region("region", code)).transpose()?;
    let change = move |mut known: Business| {
        known.language = language.unwrap_or(known.language);
        known.region = region.unwrap_or(known.region);
        known.name = sent.name.unwrap_or(known.name);
        if let Some(zone) = sent.zone {
            known.zone = super::branches::zone("zone", &zone)?;
        }
        Ok(known)
    };
    let changed = web.app.change_business(business, change).await?;
    Ok(reply::json(&BusinessView::from(&changed)))
}
