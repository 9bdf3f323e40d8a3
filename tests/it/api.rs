//! The REST interface as a program uses it: one key of one business, JSON in and JSON out.

use frontdesk::domain::access::{BusinessId, Scope};
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server};

/// Where the interface begins.
const BASE: &str = "/api/v1";

/// An id that nothing has.
pub const NOBODY: &str = "01900000-0000-7000-8000-000000000001";

/// A key in use.
pub struct Api<'a> {
    server: &'a Server,
    bearer: String,
}

impl<'a> Api<'a> {
    /// With a key of a business that opens everything.
    pub async fn of(server: &'a Server, business: BusinessId) -> Self {
        let key = server.key(business, &Scope::for_keys()).await;
        Self { server, bearer: format!("Bearer {key}") }
    }

    /// Sends a request, with more headers.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut all = vec![("authorization", self.bearer.as_str())];
        all.extend_from_slice(headers);
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        self.server.request(method, &format!("{BASE}{path}"), &all, body).await
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Posts JSON with an `Idempotency-Key`.
    pub async fn once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, &[], Some(body)).await
    }

    /// Removes something.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Makes something and returns it.
    pub async fn made(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 201, "{path} {body}: {}", answer.text());
        answer.json()
    }

    /// Changes something and returns it.
    pub async fn changed(&self, path: &str, body: &Value) -> Value {
        let answer = self.patch(path, body).await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        answer.json()
    }

    /// Something that is there.
    pub async fn shown(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The rows of a list.
    pub async fn items(&self, path: &str) -> Vec<Value> {
        let list = self.shown(path).await;
        list["items"].as_array().expect("a list has items").clone()
    }
}

/// The id of something.
#[track_caller]
pub fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_else(|| panic!("it has no id: {thing}"))
}

/// The same with other values of some fields.
pub fn with(known: &Value, more: &Value) -> Value {
    let mut all = known.clone();
    for (field, value) in more.as_object().expect("fields with their values") {
        all[field.as_str()] = value.clone();
    }
    all
}

/// Checks that a value was refused and that its field is named.
#[track_caller]
pub fn invalid(answer: &Answer, field: &str, sent: &Value) {
    let text = answer.text();
    assert_eq!(answer.status, 400, "{sent}: {text}");
    let problem = answer.problem(400, "invalid");
    assert_eq!(problem["field"], field, "{sent}: {text}");
    assert!(problem["detail"].as_str().is_some_and(|why| !why.is_empty()), "{sent}: {text}");
}

/// Checks that a time was refused for a reason, with what stands in its way and what is free near
/// by, and returns that.
#[track_caller]
pub fn not_offered(answer: &Answer, reason: &str) -> Value {
    let text = answer.text();
    assert_eq!(answer.status, 409, "{text}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{text}");
    let problem = answer.json();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("not_offered"), &json!(409)));
    assert_eq!(problem["reason"], reason, "{text}");
    assert!(problem["conflicts"].is_array() && problem["alternatives"].is_array(), "{text}");
    assert_eq!(problem["request_id"], answer.header("x-request-id"), "{text}");
    problem
}
