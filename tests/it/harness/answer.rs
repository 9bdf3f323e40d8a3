//! An answer as a client sees it, and what every error must look like.

use http::HeaderMap;
use serde_json::Value;

/// Every member that an error may have.
const MEMBERS: [&str; 7] = ["type", "title", "status", "code", "detail", "field", "request_id"];
/// Those that it always has.
const ALWAYS: [&str; 5] = ["type", "title", "status", "code", "request_id"];
/// Words that would tell of the inside.
const INNER_WORDS: [&str; 5] = ["sql", "constraint", "database", "insert into", "panicked"];

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads an answer to its end.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("the answer comes whole");
        Self { status, headers, body: body.to_vec() }
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("the server's headers are text"))
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_slice(&self.body);
        parsed.unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Checks that it is an error in the one format, with this status and code, and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let text = self.text();
        assert_eq!(self.status, status, "{text}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{text}");
        let problem = self.json();
        let members = problem.as_object().expect("a problem is an object");
        let strange: Vec<_> =
            members.keys().filter(|key| !MEMBERS.contains(&key.as_str())).collect();
        assert!(strange.is_empty(), "{strange:?} in {text}");
        assert!(ALWAYS.iter().all(|member| members.contains_key(*member)), "{text}");
        assert_eq!(problem["code"], code, "{text}");
        assert_eq!(problem["status"], status, "{text}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{text}");
        assert!(!self.header("x-request-id").is_empty(), "{text}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{text}");
        let lower = text.to_lowercase();
        assert!(!INNER_WORDS.iter().any(|word| lower.contains(word)), "{text}");
        problem
    }
}
