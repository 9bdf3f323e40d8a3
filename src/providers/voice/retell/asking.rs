//! Retell's REST API: placing, ending, fetching and listing calls.
//!
//! `https://api.retellai.com` with the API key as bearer. A call that is not known is answered with
//! 422, not 404. The same `idempotency_key` within an hour places no second call.

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::net::Client;
use crate::providers::voice::json::text;
use crate::providers::voice::provision::{Change, Plan, with_tools};
use crate::providers::voice::rest::{Rest, read, segment};
use crate::providers::voice::{
    CallNames, Fetched, Listed, Order, Placed, ProviderError, Source, Verified, accepted,
    definitions,
};

/// The name under which a call that was asked for is kept, as events have one.
pub const FETCHED: &str = "call_fetched";
/// Where a call that we placed holds our order.
pub const ORDER: &str = "frontdesk_order";
/// Seconds for which an `idempotency_key` is remembered, less a minute for the way there.
pub const ORDERS_REMEMBERED_S: u32 = 3_540;

const BASE: &str = "https://api.retellai.com";
/// Calls on one page of a list.
const PAGE: u32 = 100;
/// Milliseconds before an order from which on its call is looked for.
const EARLIER_MS: i64 = 60_000;
/// Pages looked through for one call.
const PAGES_MAX: usize = 5;

/// The API of one account.
pub struct Desk {
    rest: Rest,
}

impl Desk {
    /// The API at `base`, or at Retell's own address.
    pub fn new(base: Option<String>, key: Option<&str>) -> Self {
        Self { rest: Rest::bearer(base, BASE, key, "api_keys") }
    }

    /// Places a call.
    pub async fn place(&self, net: &Client, order: &Order) -> Result<Placed, ProviderError> {
        let told = order.variables.iter().map(|(name, text)| (name.clone(), json!(text)));
        let told: Map<String, Value> = told.collect();
        let mut body = json!({
            "from_number": order.from.as_str(),
            "to_number": order.to.as_str(),
            "idempotency_key": order.id,
            "metadata": { ORDER: order.id },
            "retell_llm_dynamic_variables": told,
        });
        if !order.agent.is_empty() {
            body["override_agent_id"] = json!(order.agent);
        }
        let answer = self.rest.ask(net, Method::POST, "/v2/create-phone-call", Some(&body)).await?;
        let call = read(&accepted(answer)?)?;
        let id = text(&call, "call_id").ok_or(ProviderError::Unreadable("it names no call"))?;
        Ok(Placed { call: CallNames { id, others: vec![order.id.clone()] } })
    }

    /// Looks through the calls since an order for the one that it made.
    pub async fn find_placed(
        &self,
        net: &Client,
        order: &Order,
    ) -> Result<Option<Placed>, ProviderError> {
        let from = order.ordered_at.as_millisecond() - EARLIER_MS;
        let mut next: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = self.page(net, (from, None), next.as_deref()).await?;
            let calls = page.get("items").and_then(Value::as_array);
            let ours = calls.into_iter().flatten().find(|call| {
                let metadata = call.get("metadata");
                metadata.and_then(|data| text(data, ORDER)).as_ref() == Some(&order.id)
            });
            if let Some(id) = ours.and_then(|call| text(call, "call_id")) {
                let others = vec![order.id.clone()];
                return Ok(Some(Placed { call: CallNames { id, others } }));
            }
            next = further(&page);
            if next.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// Ends a call that goes on.
    pub async fn hang_up(&self, net: &Client, call: &CallNames) -> Result<(), ProviderError> {
        let path = format!("/v2/stop-call/{}", segment(&call.id));
        match self.rest.ask(net, Method::POST, &path, None).await? {
            answer if answer.status == StatusCode::UNPROCESSABLE_ENTITY => {
                Err(ProviderError::NotFound)
            }
            answer => accepted(answer).map(drop),
        }
    }

    /// Asks what became of a call.
    pub async fn fetch(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Fetched>, ProviderError> {
        self.call(net, &call.id).await?.map(|call| fetched(&call)).transpose()
    }

    /// A page of the calls that began within a time.
    pub async fn list(
        &self,
        net: &Client,
        (from, until): (i64, i64),
        next: Option<&str>,
    ) -> Result<Listed, ProviderError> {
        let page = self.page(net, (from, Some(until)), next).await?;
        let calls = page.get("items").and_then(Value::as_array);
        let calls = calls.ok_or(ProviderError::Unreadable("it lists no calls"))?;
        let calls = calls.iter().map(fetched).collect::<Result<Vec<_>, _>>()?;
        Ok(Listed { calls, next: further(&page) })
    }

    /// Where the recording is now: the address is made anew each time it is asked for.
    pub async fn recording(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Source>, ProviderError> {
        let call = self.call(net, &call.id).await?.ok_or(ProviderError::NotFound)?;
        let url = text(&call, "recording_url");
        Ok(url.map(|url| Source { url, authorization: None, hosts: Vec::new() }))
    }

    /// What would have to change: the agent's webhook, its tools, and the number's inbound webhook.
    pub async fn plan(&self, net: &Client, plan: &Plan) -> Result<Vec<Change>, ProviderError> {
        let id = segment(&plan.agent);
        let agent = self.thing(net, &format!("/get-agent/{id}")).await?;
        let engine = agent.get("response_engine").unwrap_or(&Value::Null);
        let unsupported = "its agent is no Retell LLM; add the tools by hand";
        let llm = text(engine, "llm_id").ok_or(ProviderError::Unsupported(unsupported))?;
        let current = self.thing(net, &format!("/get-retell-llm/{}", segment(&llm))).await?;
        let tools = definitions(super::definition, &plan.tools_url);
        let tools = with_tools(current.get("general_tools"), tools);
        let mut changes = vec![
            Change::of(
                format!("agent {}", plan.agent),
                (Method::PATCH, format!("/update-agent/{id}")),
                &agent,
                vec![("webhook_url", json!(plan.hooks_url))],
            ),
            Change::of(
                format!("Retell LLM {llm}"),
                (Method::PATCH, format!("/update-retell-llm/{}", segment(&llm))),
                &current,
                vec![("general_tools", tools)],
            ),
        ];
        if let Some(number) = &plan.number {
            let id = segment(number);
            let current = self.thing(net, &format!("/get-phone-number/{id}")).await?;
            changes.push(Change::of(
                format!("number {number}"),
                (Method::PATCH, format!("/update-phone-number/{id}")),
                &current,
                vec![("inbound_webhook_url", json!(plan.inbound_url))],
            ));
        }
        Ok(changes.into_iter().flatten().collect())
    }

    /// Makes a change that was planned.
    pub async fn apply(&self, net: &Client, change: &Change) -> Result<(), ProviderError> {
        self.rest.apply(net, change).await
    }

    async fn thing(&self, net: &Client, path: &str) -> Result<Value, ProviderError> {
        let answer = self.rest.ask(net, Method::GET, path, None).await?;
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            return Err(ProviderError::NotFound);
        }
        read(&accepted(answer)?)
    }

    async fn call(&self, net: &Client, id: &str) -> Result<Option<Value>, ProviderError> {
        let path = format!("/v2/get-call/{}", segment(id));
        let answer = self.rest.ask(net, Method::GET, &path, None).await?;
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            return Ok(None);
        }
        match accepted(answer) {
            Ok(answer) => read(&answer).map(Some),
            Err(ProviderError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn page(
        &self,
        net: &Client,
        (from, until): (i64, Option<i64>),
        next: Option<&str>,
    ) -> Result<Value, ProviderError> {
        let mut within = json!({ "lower_threshold": from });
        if let Some(until) = until {
            within["upper_threshold"] = json!(until - 1);
        }
        let mut body = json!({
            "filter_criteria": { "start_timestamp": within },
            "limit": PAGE,
            "sort_order": "ascending",
        });
        if let Some(next) = next {
            body["pagination_key"] = json!(next);
        }
        let answer = self.rest.ask(net, Method::POST, "/v3/list-calls", Some(&body)).await?;
        read(&accepted(answer)?)
    }
}

/// A call object in the shape of a delivery.
fn fetched(call: &Value) -> Result<Fetched, ProviderError> {
    let id = text(call, "call_id").ok_or(ProviderError::Unreadable("a call has no id"))?;
    let status = text(call, "call_status");
    let is_over = matches!(status.as_deref(), Some("ended" | "not_connected" | "error"));
    let body = json!({ "event": FETCHED, "call": call }).to_string();
    Ok(Fetched { id, is_over, payload: Verified::new(body.into()) })
}

fn further(page: &Value) -> Option<String> {
    let more = page.get("has_more").and_then(Value::as_bool).unwrap_or(false);
    text(page, "pagination_key").filter(|_| more)
}
