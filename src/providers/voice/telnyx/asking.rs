//! Telnyx's REST API: placing, ending and looking up calls, and finding recordings.
//!
//! `https://api.telnyx.com/v2` with the API key as bearer. A `command_id` is recognised for a minute.
//! There is no list of calls.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::reading::FETCHED;
use crate::net::{Answer, Client};
use crate::providers::voice::json::{object, text};
use crate::providers::voice::provision::{Change, Plan, with_tools};
use crate::providers::voice::rest::{Rest, read, segment};
use crate::providers::voice::{
    CallNames, Fetched, Order, Placed, ProviderError, Source, Verified, accepted, definitions,
};

/// Seconds for which a `command_id` is recognised, less a little for the way there.
pub const ORDERS_REMEMBERED_S: u32 = 55;

const BASE: &str = "https://api.telnyx.com/v2";
/// How a token for commands begins.
const TOKENS: [&str; 2] = ["v2:", "v3:"];
/// The fault that a call is over already.
const OVER: &str = "90018";

/// There is no list of calls at Telnyx.
pub async fn lists_no_calls<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Unsupported("it lists no calls"))
}

/// The API of one account.
pub struct Desk {
    rest: Rest,
    connection: Option<String>,
}

impl Desk {
    /// The API at `base`, or at Telnyx's own address.
    pub fn new(base: Option<String>, key: Option<&str>, connection: Option<String>) -> Self {
        Self { rest: Rest::bearer(base, BASE, key, "api_key"), connection }
    }

    /// Places a call.
    pub async fn place(&self, net: &Client, order: &Order) -> Result<Placed, ProviderError> {
        let connection = self.connection.as_ref();
        let connection = connection.ok_or(ProviderError::NotConfigured("connection_id"))?;
        let mut body = json!({
            "connection_id": connection,
            "from": order.from.as_str(),
            "to": order.to.as_str(),
            "client_state": STANDARD.encode(&order.id),
            "command_id": order.id,
        });
        if !order.events_url.is_empty() {
            body["webhook_url"] = json!(order.events_url);
        }
        if !order.agent.is_empty() {
            let told = order.variables.iter().map(|(name, text)| (name.clone(), json!(text)));
            let told: Map<String, Value> = told.collect();
            body["assistant"] = json!({ "id": order.agent, "dynamic_variables": told });
        }
        let answer = accepted(self.rest.ask(net, Method::POST, "/calls", Some(&body)).await?)?;
        let data = data(&answer)?;
        let session = text(&data, "call_session_id");
        let others = [text(&data, "call_control_id"), text(&data, "call_leg_id")];
        let mut names = session.into_iter().chain(others.into_iter().flatten());
        let id = names.next().ok_or(ProviderError::Unreadable("it names no call"))?;
        let others = names.chain([order.id.clone()]).collect();
        Ok(Placed { call: CallNames { id, others } })
    }

    /// Ends a call that goes on; one that is over is ended.
    pub async fn hang_up(&self, net: &Client, call: &CallNames) -> Result<(), ProviderError> {
        let path = format!("/calls/{}/actions/hangup", token(call));
        let answer = self.rest.ask(net, Method::POST, &path, Some(&json!({}))).await?;
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            let told = object(&answer.body, &[]).unwrap_or(Value::Null);
            let errors = told.get("errors").and_then(Value::as_array);
            let over = errors.into_iter().flatten().any(|error| {
                let code = &error["code"];
                code.as_str() == Some(OVER) || code.as_u64() == OVER.parse().ok()
            });
            return if over { Ok(()) } else { Err(ProviderError::Refused(422)) };
        }
        accepted(answer).map(drop)
    }

    /// Asks whether a call lives.
    pub async fn fetch(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Fetched>, ProviderError> {
        let path = format!("/calls/{}", token(call));
        let answer = self.rest.ask(net, Method::GET, &path, None).await?;
        let answer = match accepted(answer) {
            Ok(answer) => answer,
            Err(ProviderError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let told = data(&answer)?;
        let is_over = told.get("is_alive").and_then(Value::as_bool) == Some(false);
        let body = json!({ "data": { "event_type": FETCHED, "payload": told } }).to_string();
        Ok(Some(Fetched { id: call.id.clone(), is_over, payload: Verified::new(body.into()) }))
    }

    /// Where the newest recording of a call is now: the address is made anew each time.
    pub async fn recording(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Source>, ProviderError> {
        let id = segment(&call.id);
        let path = format!("/recordings?filter%5Bcall_session_id%5D={id}");
        let answer = accepted(self.rest.ask(net, Method::GET, &path, None).await?)?;
        let list = data(&answer)?;
        let all = list.as_array().ok_or(ProviderError::Unreadable("it lists no recordings"))?;
        let done = all.iter().filter(|one| text(one, "status").as_deref() == Some("completed"));
        let newest = done.max_by_key(|one| text(one, "created_at"));
        let urls = newest.and_then(|one| one.get("download_urls"));
        let url = urls.and_then(|urls| text(urls, "mp3").or_else(|| text(urls, "wav")));
        Ok(url.map(|url| Source { url, authorization: None, hosts: Vec::new() }))
    }

    /// What would have to change: the assistant's tools and where it asks who is calling. Where its
    /// events go is set up at its application.
    pub async fn plan(&self, net: &Client, plan: &Plan) -> Result<Vec<Change>, ProviderError> {
        let id = segment(&plan.agent);
        let path = format!("/ai/assistants/{id}");
        let answer = accepted(self.rest.ask(net, Method::GET, &path, None).await?)?;
        let body = read(&answer)?;
        let current = body.get("data").cloned().unwrap_or(body);
        let tools = definitions(super::definition, &plan.tools_url);
        let wanted = vec![
            ("tools", with_tools(current.get("tools"), tools)),
            ("dynamic_variables_webhook_url", json!(plan.inbound_url)),
        ];
        let about = format!("assistant {}", plan.agent);
        let change = Change::of(about, (Method::POST, path), &current, wanted);
        Ok(change.into_iter().collect())
    }

    /// Makes a change that was planned.
    pub async fn apply(&self, net: &Client, change: &Change) -> Result<(), ProviderError> {
        self.rest.apply(net, change).await
    }
}

fn data(answer: &Answer) -> Result<Value, ProviderError> {
    let body = read(answer)?;
    body.get("data").cloned().ok_or(ProviderError::Unreadable("it holds no data"))
}

/// The token that commands take, out of a call's names; its colon stays as it is.
fn token(call: &CallNames) -> String {
    let all = || call.others.iter().chain([&call.id]);
    let is_token = |name: &&String| TOKENS.iter().any(|begin| name.starts_with(begin));
    let name = all().find(is_token).unwrap_or(&call.id);
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    name.chars().filter(|c| safe(*c)).collect()
}
