//! `/api/v1/customers`: people who call.
//!
//! Never merges two by itself; that is asked for, or follows the rule when somebody books.

use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Items, cursor, email, language, phone, read_cursor};
use crate::app::AppError;
use crate::app::customers::CustomersAfter;
use crate::domain::appointment::NOTES_MAX_CHARS;
use crate::domain::business;
use crate::domain::customer::{Customer, Told};
use crate::domain::ids::CustomerId;
use crate::domain::language::Language;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct CustomerView {
    id: CustomerId,
    name: String,
    phone: Option<String>,
    email: Option<String>,
    language: Option<Language>,
    notes: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id,
            name: customer.name,
            phone: customer.phone.map(|phone| phone.as_str().to_owned()),
            email: customer.email,
            language: customer.language,
            notes: customer.notes,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        }
    }
}

/// What may be sent, all of it optional; a new customer needs a name, a number or an address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    language: Option<String>,
    notes: Option<String>,
}

impl Sent {
    fn onto(self, mut known: Customer) -> Result<Customer, AppError> {
        if let Some(text) = self.name {
            let why = "must be at most 200 characters";
            known.name = match text.trim() {
                "" => String::new(),
                text => business::name(text).ok_or_else(|| AppError::invalid("name", why))?,
            };
        }
        if let Some(text) = self.phone {
            known.phone = phone("phone", &text)?;
        }
        if let Some(text) = self.email {
            known.email = email("email", &text)?;
        }
        if let Some(code) = self.language {
            known.language = match code.as_str() {
                "" => None,
                code => Some(language("language", code)?),
            };
        }
        if let Some(text) = self.notes {
            if text.chars().count() > NOTES_MAX_CHARS || text.contains('\0') {
                let why = format!("must be at most {NOTES_MAX_CHARS} characters");
                return Err(AppError::invalid("notes", why));
            }
            known.notes = text;
        }
        if known.name.is_empty() && known.phone.is_none() && known.email.is_none() {
            return Err(AppError::invalid("name", "is needed without a phone or email"));
        }
        Ok(known)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    /// Who is gone afterwards.
    from: CustomerId,
}

/// `GET /api/v1/customers?phone=&email=&limit=&cursor=`: the newest first, or those that share a
/// number or an address.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    let number = query.take("phone").map(|text| phone("phone", &text)).transpose()?;
    let address = query.take("email").map(|text| email("email", &text)).transpose()?;
    query.finish()?;
    if matches!(number, Some(None)) || matches!(address, Some(None)) {
        let field = if number == Some(None) { "phone" } else { "email" };
        return Err(AppError::invalid(field, "must not be empty"));
    }
    let (number, address) = (number.flatten(), address.flatten());
    if number.is_some() || address.is_some() {
        let told = Told { name: String::new(), phone: number, email: address };
        let found = web.app.customers_alike(business, told).await?;
        let items = found.into_iter().map(CustomerView::from).collect();
        return Ok(reply::json(&Items::all(items)));
    }
    let after =
        after.map(|(created_ms, id)| CustomersAfter { created_ms, id: CustomerId::from_uuid(id) });
    let page = web.app.customers(business, after, limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|c| cursor(c.created_at.as_millisecond(), c.id.uuid()));
    let items = page.rows.into_iter().map(CustomerView::from).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}

/// `GET /api/v1/customers/{id}`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("customer")?);
    Ok(reply::json(&CustomerView::from(web.app.customer(business, id).await?)))
}

/// `POST /api/v1/customers`.
pub async fn add(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let sent: Sent = request.json()?;
    let blank = Customer {
        // Given where they are added.
        id: CustomerId::from_uuid(Uuid::nil()),
        name: String::new(),
        phone: None,
        email: None,
        language: None,
        notes: String::new(),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    let added = web.app.add_customer(business, sent.onto(blank)?, request.once()?).await?;
    Ok(reply::created(&CustomerView::from(added)))
}

/// `PATCH /api/v1/customers/{id}`: what is not sent stays as it is.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("customer")?);
    let sent: Sent = request.json()?;
    let changed = web.app.change_customer(business, id, move |known| sent.onto(known)).await?;
    Ok(reply::json(&CustomerView::from(changed)))
}

/// `POST /api/v1/customers/{id}/merge`: what the other one had goes over to this one.
pub async fn merge(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, into) = (request.permit()?.business(), request.id("customer")?);
    let Merge { from } = request.json()?;
    let merged = web.app.merge_customers(business, (into, from)).await?;
    Ok(reply::json(&CustomerView::from(merged)))
}
