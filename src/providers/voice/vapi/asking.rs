//! Vapi's REST API: placing, ending, fetching and listing calls, and finding recordings.
//!
//! `https://api.vapi.ai` with the private key as bearer. There is no idempotency key: an order is
//! found again by the name that its call was given. A call is ended at an address of its own, which
//! is asked only at Vapi.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::reading::FETCHED;
use crate::net::{Client, host_of};
use crate::providers::voice::json::text;
use crate::providers::voice::provision::{Change, Plan, with_tools};
use crate::providers::voice::rest::{Rest, read, segment};
use crate::providers::voice::{
    CallNames, Fetched, Listed, Order, Placed, ProviderError, Source, Verified, accepted,
    definitions,
};

const BASE: &str = "https://api.vapi.ai";
/// Where every address of a call at Vapi lies.
const DOMAIN: &str = ".vapi.ai";
/// The messages that are needed; the others are large and frequent.
const MESSAGES: [&str; 5] = [
    "status-update",
    "end-of-call-report",
    "tool-calls",
    "assistant-request",
    "transfer-destination-request",
];
/// Calls on one page of a list.
const PAGE: usize = 100;
/// Milliseconds before an order from which on its call is looked for.
const EARLIER_MS: i64 = 60_000;
/// Pages looked through for one call.
const PAGES_MAX: usize = 5;

/// The API of one account.
pub struct Desk {
    rest: Rest,
    number_id: Option<String>,
}

impl Desk {
    /// The API at `base`, or at Vapi's own address.
    pub fn new(base: Option<String>, key: Option<&str>, number_id: Option<String>) -> Self {
        Self { rest: Rest::bearer(base, BASE, key, "api_key"), number_id }
    }

    /// Places a call from the Vapi number of the account.
    pub async fn place(&self, net: &Client, order: &Order) -> Result<Placed, ProviderError> {
        let number = self.number_id.as_ref();
        let number = number.ok_or(ProviderError::NotConfigured("phone_number_id"))?;
        let told = order.variables.iter().map(|(name, text)| (name.clone(), json!(text)));
        let told: Map<String, Value> = told.collect();
        let body = json!({
            "assistantId": order.agent,
            "phoneNumberId": number,
            "customer": {"number": order.to.as_str(), "externalId": order.short_id},
            "name": order.short_id,
            "assistantOverrides": {"variableValues": told},
        });
        let answer = accepted(self.rest.ask(net, Method::POST, "/call", Some(&body)).await?)?;
        let call = read(&answer)?;
        let id = text(&call, "id").ok_or(ProviderError::Unreadable("it names no call"))?;
        Ok(Placed { call: CallNames { id, others: vec![order.short_id.clone()] } })
    }

    /// Looks through the calls since an order for the one that it made.
    pub async fn find_placed(
        &self,
        net: &Client,
        order: &Order,
    ) -> Result<Option<Placed>, ProviderError> {
        let from = order.ordered_at.as_millisecond() - EARLIER_MS;
        let mut before: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = self.page(net, (from, None), before.as_deref()).await?;
            let ours = page.iter().find(|call| {
                let customer = call.get("customer").unwrap_or(&Value::Null);
                let told = [text(call, "name"), text(customer, "externalId")];
                told.iter().flatten().any(|name| *name == order.short_id)
            });
            if let Some(id) = ours.and_then(|call| text(call, "id")) {
                let others = vec![order.short_id.clone()];
                return Ok(Some(Placed { call: CallNames { id, others } }));
            }
            before = further(&page, before.as_deref());
            if before.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// Ends a call that goes on, at the address that it has for that.
    pub async fn hang_up(&self, net: &Client, call: &CallNames) -> Result<(), ProviderError> {
        let told = self.call(net, &call.id).await?.ok_or(ProviderError::NotFound)?;
        let url = told.get("monitor").and_then(|monitor| text(monitor, "controlUrl"));
        let url = url.ok_or(ProviderError::Unsupported("the call has no address to end it at"))?;
        let host = host_of(&url).unwrap_or_default();
        if !host.ends_with(DOMAIN) && Some(&host) != self.rest.host().as_ref() {
            return Err(ProviderError::Unreadable("the address to end the call at is elsewhere"));
        }
        // The address itself is the secret: our key is not for it.
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
        let body = json!({ "type": "end-call" }).to_string().into_bytes();
        accepted(net.post(&url, headers, body).await?).map(drop)
    }

    /// Asks what became of a call.
    pub async fn fetch(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Fetched>, ProviderError> {
        self.call(net, &call.id).await?.map(|call| fetched(&call)).transpose()
    }

    /// A page of the calls that were made within a time, the newest first.
    pub async fn list(
        &self,
        net: &Client,
        (from, until): (i64, i64),
        next: Option<&str>,
    ) -> Result<Listed, ProviderError> {
        let page = self.page(net, (from, Some(until)), next).await?;
        let next = further(&page, next);
        let calls = page.iter().map(fetched).collect::<Result<Vec<_>, _>>()?;
        Ok(Listed { calls, next })
    }

    /// Where the recording is now: Vapi sends one on to an address that is good for a short time.
    pub async fn recording(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Source>, ProviderError> {
        let path = format!("/call/{}/mono-recording", segment(&call.id));
        let answer = self.rest.ask(net, Method::GET, &path, None).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if answer.status.is_redirection() {
            let url = answer.location.ok_or(ProviderError::Unreadable("it leads nowhere"))?;
            return Ok(Some(Source { url, authorization: None, hosts: Vec::new() }));
        }
        accepted(answer)?;
        Err(ProviderError::Unreadable("it leads nowhere"))
    }

    /// What would have to change: the assistant's server, its messages and its tools.
    pub async fn plan(&self, net: &Client, plan: &Plan) -> Result<Vec<Change>, ProviderError> {
        let path = format!("/assistant/{}", segment(&plan.agent));
        let answer = accepted(self.rest.ask(net, Method::GET, &path, None).await?)?;
        let current = read(&answer)?;
        // A credential that the server has stays: it is how Vapi proves itself.
        let mut server = current.get("server").filter(|s| s.is_object()).cloned();
        let server = server.get_or_insert_with(|| json!({}));
        server["url"] = json!(plan.hooks_url);
        let mut model = current.get("model").filter(|m| m.is_object()).cloned();
        let model =
            model.as_mut().ok_or(ProviderError::Unreadable("its assistant has no model"))?;
        let tools = definitions(super::definition, &plan.hooks_url);
        model["tools"] = with_tools(model.get("tools"), tools);
        let wanted = vec![
            ("server", server.clone()),
            ("serverMessages", json!(MESSAGES)),
            ("model", model.clone()),
        ];
        let about = format!("assistant {}", plan.agent);
        let change = Change::of(about, (Method::PATCH, path), &current, wanted);
        Ok(change.into_iter().collect())
    }

    /// Makes a change that was planned.
    pub async fn apply(&self, net: &Client, change: &Change) -> Result<(), ProviderError> {
        self.rest.apply(net, change).await
    }

    async fn call(&self, net: &Client, id: &str) -> Result<Option<Value>, ProviderError> {
        let path = format!("/call/{}", segment(id));
        match accepted(self.rest.ask(net, Method::GET, &path, None).await?) {
            Ok(answer) => read(&answer).map(Some),
            Err(ProviderError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn page(
        &self,
        net: &Client,
        (from, until): (i64, Option<i64>),
        before: Option<&str>,
    ) -> Result<Vec<Value>, ProviderError> {
        let path = format!("/call?{}", within((from, until), before));
        let answer = accepted(self.rest.ask(net, Method::GET, &path, None).await?)?;
        let all = serde_json::from_slice::<Vec<Value>>(&answer.body);
        all.map_err(|_| ProviderError::Unreadable("it lists no calls"))
    }
}

/// The query for calls that were made within a time, no later than one that is known.
fn within((from, until): (i64, Option<i64>), before: Option<&str>) -> String {
    let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &PAGE.to_string()).append_pair("createdAtGe", &at(from));
    // Calls that were made in the same instant as the oldest of a page are told again.
    match before {
        Some(before) => query.append_pair("createdAtLe", before),
        None => query.extend_pairs(until.map(|until| ("createdAtLt", at(until)))),
    };
    query.finish()
}

/// A call in the shape of a message.
fn fetched(call: &Value) -> Result<Fetched, ProviderError> {
    let id = text(call, "id").ok_or(ProviderError::Unreadable("a call has no id"))?;
    let ended = text(call, "status").as_deref() == Some("ended");
    let is_over = ended || text(call, "endedAt").is_some();
    let body = json!({ "message": { "type": FETCHED, "call": call } }).to_string();
    Ok(Fetched { id, is_over, payload: Verified::new(body.into()) })
}

/// Where the page after a full one begins: with its oldest, unless this one began there already.
fn further(page: &[Value], began: Option<&str>) -> Option<String> {
    let oldest = page.iter().filter_map(|call| text(call, "createdAt")).min();
    oldest.filter(|oldest| page.len() >= PAGE && began != Some(oldest))
}
