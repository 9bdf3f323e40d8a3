//! Exotel's REST API: placing, fetching and listing calls, and finding recordings.
//!
//! `https://api.exotel.com` or its Indian twin, HTTP Basic with key and token. There is no idempotency
//! key: an order is found again by its numbers, its time and its custom field. A call is ended by a leg
//! of it, in the second generation of the API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::reading::FETCHED;
use crate::config::Reader;
use crate::net::{Answer, Client, host_of};
use crate::providers::voice::json::text;
use crate::providers::voice::provision::{Change, Plan};
use crate::providers::voice::rest::{Rest, read, segment};
use crate::providers::voice::{
    CallNames, Fetched, Listed, Order, Placed, ProviderError, Source, Verified, accepted,
};

const BASE: &str = "https://api.exotel.com";
const LEGS_BASE: &str = "https://cpaas-api.exotel.com";
/// Where recordings may lie.
const DOMAINS: [&str; 2] = [".exotel.com", ".exotel.in"];
/// How Exotel writes times.
const TIMES: &str = "%Y-%m-%d %H:%M:%S";
/// Seconds around an order within which its call is looked for.
const EARLIER_S: i64 = 60;
const LATER_S: i64 = 900;
/// How a leg's id is told from a call's: only legs are named so by events.
const PAGE: u32 = 100;
/// Most characters of the field that holds our order.
const CUSTOM_MAX: usize = 128;

/// The API of one account.
pub struct Desk {
    rest: Rest,
    legs_base: String,
    sid: String,
    app: Option<String>,
    zone: TimeZone,
}

impl Desk {
    /// Reads the account's keys for the API; none of them means that it cannot be asked.
    pub fn read(table: &mut Reader<'_>, zone: TimeZone) -> Self {
        let sid = table.text("account_sid");
        let key = table.secret("api_key").map(|key| key.expose().to_owned());
        let token = table.secret("api_token").map(|token| token.expose().to_owned());
        let (base, legs) = (table.text("base_url"), table.text("hangup_base_url"));
        let app = table.text("app_id");
        let given = [sid.is_some(), key.is_some(), token.is_some()];
        if given.contains(&true) && given.contains(&false) {
            table.refuse("account_sid", "account_sid, api_key and api_token go together");
        }
        let pair = key.zip(token).map(|(key, token)| STANDARD.encode(format!("{key}:{token}")));
        let rest = Rest::new(base, BASE, pair.map(|pair| format!("Basic {pair}")), "api_key");
        let trim = |url: String| url.trim_end_matches('/').to_owned();
        let legs_base = legs.map_or_else(|| LEGS_BASE.to_owned(), trim);
        Self { rest, legs_base, sid: sid.unwrap_or_default(), app, zone }
    }

    /// Whether there is a key to ask with.
    pub fn can_ask(&self) -> bool {
        self.rest.can_ask()
    }

    /// Places a call: the person is rung, then connected to the flow of the account.
    pub async fn place(
        &self,
        net: &Client,
        order: &Order,
        events_path: Option<String>,
    ) -> Result<Placed, ProviderError> {
        let app = self.app.as_ref().ok_or(ProviderError::NotConfigured("app_id"))?;
        let flow = format!("http://my.exotel.com/{}/exoml/start_voice/{app}", self.sid);
        let mut pairs = vec![
            ("From", order.to.as_str().to_owned()),
            ("CallerId", order.from.as_str().to_owned()),
            ("Url", flow),
            ("CallType", "trans".to_owned()),
            ("Record", "true".to_owned()),
            ("CustomField", order.id.chars().take(CUSTOM_MAX).collect()),
        ];
        if let Some(path) = events_path
            && !order.events_url.is_empty()
        {
            pairs.push(("StatusCallback", format!("{}{path}", order.events_url)));
            pairs.push(("StatusCallbackEvents[0]", "terminal".to_owned()));
            pairs.push(("StatusCallbackContentType", "application/json".to_owned()));
        }
        let form: String =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let path = "/Calls/connect.json";
        let answer = accepted(self.ask(net, Method::POST, path, Some(form)).await?)?;
        let sid = read(&answer)?.get("Call").and_then(|call| text(call, "Sid"));
        let id = sid.ok_or(ProviderError::Unreadable("it names no call"))?;
        Ok(Placed { call: CallNames { id, others: vec![order.id.clone()] } })
    }

    /// Looks for the call of an order: by its custom field where it is told, else the only one
    /// between the two numbers at that time.
    pub async fn find_placed(
        &self,
        net: &Client,
        order: &Order,
    ) -> Result<Option<Placed>, ProviderError> {
        let second = order.ordered_at.as_second();
        let window = (second - EARLIER_S, second + LATER_S);
        let more = [("From", order.to.as_str()), ("To", order.from.as_str())];
        let page = self.page(net, window, &more).await?;
        let custom = |call: &&Value| text(call, "CustomField").as_ref() == Some(&order.id);
        let calls = page.get("Calls").and_then(Value::as_array).cloned().unwrap_or_default();
        let unmarked: Vec<&Value> =
            calls.iter().filter(|call| text(call, "CustomField").is_none()).collect();
        let only = if let [only] = unmarked.as_slice() { Some(*only) } else { None };
        let found = calls.iter().find(custom).or(only);
        let id = found.and_then(|call| text(call, "Sid"));
        Ok(id.map(|id| Placed { call: CallNames { id, others: vec![order.id.clone()] } }))
    }

    /// Ends a call by a leg that an event has named.
    pub async fn hang_up(&self, net: &Client, call: &CallNames) -> Result<(), ProviderError> {
        let leg = call
            .others
            .iter()
            .find(|name| !name.starts_with("frontdesk-") && !name.starts_with("fd-"));
        let leg = leg.ok_or(ProviderError::Unsupported("no leg of the call is known"))?;
        let url = format!(
            "{}/v2/accounts/{}/legs/{}/actions/hangup",
            self.legs_base,
            segment(&self.sid),
            segment(leg)
        );
        accepted(self.rest.send(net, Method::POST, url, None).await?).map(drop)
    }

    /// Asks what became of a call.
    pub async fn fetch(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Fetched>, ProviderError> {
        self.call(net, &call.id).await?.map(|body| fetched(&body)).transpose()
    }

    /// A page of the calls that were made within a time.
    pub async fn list(
        &self,
        net: &Client,
        (from, until): (i64, i64),
        next: Option<&str>,
    ) -> Result<Listed, ProviderError> {
        let window = (from.div_euclid(1_000), until.div_euclid(1_000));
        let after: Vec<(&str, &str)> = next.map(|next| ("After", next)).into_iter().collect();
        let page = self.page(net, window, &after).await?;
        let calls = page.get("Calls").and_then(Value::as_array);
        let calls = calls.ok_or(ProviderError::Unreadable("it lists no calls"))?;
        let told = |call: &Value| fetched(&json!({ "Call": call }));
        let calls = calls.iter().map(told).collect::<Result<Vec<_>, _>>()?;
        let next = page.get("Metadata").and_then(|data| text(data, "NextPageUri"));
        let after = next.and_then(|uri| {
            let query = uri.split_once('?')?.1.to_owned();
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "After").map(|(_, value)| value.into_owned())
        });
        Ok(Listed { calls, next: after })
    }

    /// Where the recording is now: an address that is good for an hour, or one that wants our key.
    pub async fn recording(
        &self,
        net: &Client,
        call: &CallNames,
    ) -> Result<Option<Source>, ProviderError> {
        let body = self.call(net, &call.id).await?.ok_or(ProviderError::NotFound)?;
        let call = body.get("Call").unwrap_or(&Value::Null);
        if let Some(url) = text(call, "PreSignedRecordingUrl") {
            return Ok(Some(Source { url, authorization: None, hosts: Vec::new() }));
        }
        let Some(url) = text(call, "RecordingUrl") else { return Ok(None) };
        let host = host_of(&url).unwrap_or_default();
        let is_theirs = DOMAINS.iter().any(|domain| host.ends_with(domain));
        if !is_theirs && Some(&host) != self.rest.host().as_ref() {
            return Err(ProviderError::Elsewhere);
        }
        let mut hosts: Vec<String> = DOMAINS.iter().map(|domain| (*domain).to_owned()).collect();
        hosts.extend(self.rest.host());
        Ok(Some(Source { url, authorization: self.rest.authorization(), hosts }))
    }

    /// Exotel's flows are set up by hand.
    pub async fn plan(&self, _: &Client, _: &Plan) -> Result<Vec<Change>, ProviderError> {
        Err(ProviderError::Unsupported("its flows are set up by hand"))
    }

    /// Exotel's flows are set up by hand.
    pub async fn apply(&self, _: &Client, _: &Change) -> Result<(), ProviderError> {
        Err(ProviderError::Unsupported("its flows are set up by hand"))
    }

    async fn call(&self, net: &Client, sid: &str) -> Result<Option<Value>, ProviderError> {
        let path = format!("/Calls/{}.json?details=true&RecordingUrlValidity=60", segment(sid));
        match accepted(self.ask(net, Method::GET, &path, None).await?) {
            Ok(answer) => read(&answer).map(Some),
            Err(ProviderError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn page(
        &self,
        net: &Client,
        (from, until): (i64, i64),
        more: &[(&str, &str)],
    ) -> Result<Value, ProviderError> {
        let at = |second| {
            let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
            at.to_zoned(self.zone.clone()).strftime(TIMES).to_string()
        };
        let created = format!("gte:{};lte:{}", at(from), at(until));
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("DateCreated", &created)
            .append_pair("PageSize", &PAGE.to_string())
            .extend_pairs(more)
            .finish();
        let path = format!("/Calls.json?{query}");
        read(&accepted(self.ask(net, Method::GET, &path, None).await?)?)
    }

    async fn ask(
        &self,
        net: &Client,
        method: Method,
        path: &str,
        form: Option<String>,
    ) -> Result<Answer, ProviderError> {
        let path = format!("/v1/Accounts/{}{path}", segment(&self.sid));
        self.rest.ask_form(net, method, &path, form).await
    }
}

/// Call details in the shape of a delivery.
fn fetched(body: &Value) -> Result<Fetched, ProviderError> {
    let call = body.get("Call").unwrap_or(&Value::Null);
    let id = text(call, "Sid").ok_or(ProviderError::Unreadable("a call has no Sid"))?;
    let status = text(call, "Status").unwrap_or_default();
    let is_over = matches!(
        status.as_str(),
        "completed" | "failed" | "busy" | "no-answer" | "canceled" | "cancelled"
    );
    let payload = json!({ FETCHED: body }).to_string();
    Ok(Fetched { id, is_over, payload: Verified::new(payload.into()) })
}
