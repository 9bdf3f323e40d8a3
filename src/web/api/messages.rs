//! `/api/v1/messages`: what callers left to be passed on.
//!
//! Never removes one.

use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Items, cursor, read_cursor};
use crate::app::AppError;
use crate::app::messages::{MessageView as Message, MessagesAfter};
use crate::domain::ids::{CallId, MessageId};
use crate::web::route::Admitted;
use crate::web::{Web, reply};

#[derive(Serialize)]
struct MessageView {
    id: MessageId,
    call_id: Option<CallId>,
    customer_name: String,
    customer_phone: Option<String>,
    text: String,
    done_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            call_id: message.call,
            customer_name: message.name,
            customer_phone: message.phone.map(|phone| phone.as_str().to_owned()),
            text: message.text,
            done_at: message.done_at,
            created_at: message.created_at,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    done: bool,
}

/// `GET /api/v1/messages?limit=&cursor=`: the newest first.
pub async fn list(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let business = request.permit()?.business();
    let mut query = request.query()?;
    let limit = query.limit()?;
    let after = query.take("cursor").map(|text| read_cursor(&text)).transpose()?;
    query.finish()?;
    let after =
        after.map(|(created_ms, id)| MessagesAfter { created_ms, id: MessageId::from_uuid(id) });
    let page = web.app.messages(business, after, limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|m| cursor(m.created_at.as_millisecond(), m.id.uuid()));
    let items = page.rows.into_iter().map(MessageView::from).collect();
    Ok(reply::json(&Items { items, next_cursor }))
}

/// `PATCH /api/v1/messages/{id}`: seen to, or not.
pub async fn change(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let (business, id) = (request.permit()?.business(), request.id("message")?);
    let Changes { done } = request.json()?;
    let changed = web.app.set_message_done(business, id, done).await?;
    Ok(reply::json(&MessageView::from(changed)))
}
