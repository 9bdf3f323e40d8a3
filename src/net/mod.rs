//! The one HTTP client.
//!
//! Every request has a deadline and follows no redirect. Never sends anything that was not given.

mod address;

use std::time::Duration;

pub use self::address::host_of;
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderMap, Method};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes read of an answer.
const ANSWER_MAX_BYTES: usize = 1 << 20;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The client could not be made, such as without root certificates.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
    /// The address is none that may be asked.
    #[error("the address may not be asked: {0}")]
    Address(&'static str),
    /// The address, the connection or the time.
    #[error("{0}")]
    Request(String),
    /// The answer is longer than is read.
    #[error("the answer is longer than {ANSWER_MAX_BYTES} bytes")]
    TooLarge,
}

/// A request, whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// By which method.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// With which headers.
    pub headers: HeaderMap,
    /// With which body; may be empty.
    pub body: Vec<u8>,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: http::StatusCode,
    /// In how many seconds to come again, when it says so (RFC 9110 section 10.2.3).
    pub retry_after_s: Option<u64>,
    /// Where it sends one on to, when it does.
    pub location: Option<String>,
    /// Its body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// The client. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    allow_insecure: bool,
}

impl Client {
    /// A client whose every request ends within `deadline`. Plain http and this machine's own
    /// addresses are asked only when `allow_insecure` says so.
    pub fn new(deadline: Duration, allow_insecure: bool) -> Result<Self, NetError> {
        let client = reqwest::Client::builder()
            .timeout(deadline)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
            .build();
        let inner = client.map_err(|error| NetError::Client(chain(&error)))?;
        Ok(Self { inner, allow_insecure })
    }

    /// Sends a request.
    pub async fn send(&self, request: Request) -> Result<Answer, NetError> {
        let Request { method, url, headers, body } = request;
        if !self.allow_insecure {
            address::check(&url).map_err(NetError::Address)?;
        }
        let sent = self.inner.request(method, url).headers(headers).body(body).send().await;
        self.read(sent).await
    }

    /// Posts bytes with the headers given.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, NetError> {
        self.send(Request { method: Method::POST, url: url.to_owned(), headers, body }).await
    }

    /// Asks for a URL with the headers given.
    pub async fn get(&self, url: &str, headers: HeaderMap) -> Result<Answer, NetError> {
        let body = Vec::new();
        self.send(Request { method: Method::GET, url: url.to_owned(), headers, body }).await
    }

    async fn read(
        &self,
        sent: Result<reqwest::Response, reqwest::Error>,
    ) -> Result<Answer, NetError> {
        let fault = |error: reqwest::Error| NetError::Request(chain(&error));
        let mut response = sent.map_err(fault)?;
        let status = response.status();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after_s = header(RETRY_AFTER).and_then(|text| text.trim().parse().ok());
        let location = header(LOCATION).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(fault)? {
            if body.len() + piece.len() > ANSWER_MAX_BYTES {
                return Err(NetError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, retry_after_s, location, body })
    }
}

/// An error with its causes, without the URL: it may hold a secret.
fn chain(error: &reqwest::Error) -> String {
    let mut text = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "it took too long".to_owned(),
        (false, true) => "no connection could be made".to_owned(),
        (false, false) => "the request failed".to_owned(),
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
