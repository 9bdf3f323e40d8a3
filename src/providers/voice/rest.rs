//! A provider's REST API of JSON: where it is, what proves us there, and a request to it.
//!
//! Never follows where an answer leads, and never tries again.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::json::object;
use super::provision::Change;
use super::{ProviderError, accepted};
use crate::net::{Answer, Client, Request, host_of};

/// The API of one account.
pub struct Rest {
    base: String,
    authorization: Option<HeaderValue>,
    /// The key of the configuration that is missing when nothing proves us.
    key: &'static str,
}

impl Rest {
    /// The API at `base`, or at the provider's own address, with a bearer token (RFC 6750). `key` is
    /// where the configuration holds the token.
    pub fn bearer(
        base: Option<String>,
        usual: &str,
        token: Option<&str>,
        key: &'static str,
    ) -> Self {
        Self::new(base, usual, token.map(|token| format!("Bearer {token}")), key)
    }

    /// The same with any `Authorization`.
    pub fn new(
        base: Option<String>,
        usual: &str,
        authorization: Option<String>,
        key: &'static str,
    ) -> Self {
        let base = base.unwrap_or_else(|| usual.to_owned()).trim_end_matches('/').to_owned();
        let value = authorization.and_then(|text| HeaderValue::try_from(text).ok());
        let authorization = value.map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Self { base, authorization, key }
    }

    /// Whether there is anything that proves us.
    pub fn can_ask(&self) -> bool {
        self.authorization.is_some()
    }

    /// What proves us, for addresses that want it too.
    pub fn authorization(&self) -> Option<HeaderValue> {
        self.authorization.clone()
    }

    /// The host that is asked.
    pub fn host(&self) -> Option<String> {
        host_of(&self.base)
    }

    /// Sends a request with a JSON body, if any; `path` begins with a slash.
    pub async fn ask(
        &self,
        net: &Client,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, ProviderError> {
        let json = body.map(|body| ("application/json", body.to_string().into_bytes()));
        self.send(net, method, format!("{}{path}", self.base), json).await
    }

    /// Sends a request with a form, if any.
    pub async fn ask_form(
        &self,
        net: &Client,
        method: Method,
        path: &str,
        form: Option<String>,
    ) -> Result<Answer, ProviderError> {
        let form = form.map(|form| ("application/x-www-form-urlencoded", form.into_bytes()));
        self.send(net, method, format!("{}{path}", self.base), form).await
    }

    /// Sends a request to a whole address with a body of a type.
    pub async fn send(
        &self,
        net: &Client,
        method: Method,
        url: String,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Answer, ProviderError> {
        let proof = self.authorization.clone().ok_or(ProviderError::NotConfigured(self.key))?;
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, proof)]);
        let body = match body {
            None => Vec::new(),
            Some((kind, bytes)) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                bytes
            }
        };
        Ok(net.send(Request { method, url, headers, body }).await?)
    }

    /// Makes a change that was planned.
    pub async fn apply(&self, net: &Client, change: &Change) -> Result<(), ProviderError> {
        let body = Value::Object(change.after.clone());
        let answer = self.ask(net, change.method.clone(), &change.path, Some(&body)).await?;
        accepted(answer).map(drop)
    }
}

/// An answer's JSON object.
pub fn read(answer: &Answer) -> Result<Value, ProviderError> {
    object(&answer.body, &[]).map_err(|unreadable| ProviderError::Unreadable(unreadable.0))
}

/// An id as a segment of a path.
pub fn segment(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}
