//! The one HTTP client.
//!
//! Every request has a deadline and follows no redirect. Never sends anything that was not given.

use std::time::Duration;

use http::HeaderMap;

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
    /// The address, the connection or the time.
    #[error("{0}")]
    Request(String),
    /// The answer is longer than is read.
    #[error("the answer is longer than {ANSWER_MAX_BYTES} bytes")]
    TooLarge,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: http::StatusCode,
    /// Its body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// The client. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Client(reqwest::Client);

impl Client {
    /// A client whose every request ends within `deadline`.
    pub fn new(deadline: Duration) -> Result<Self, NetError> {
        let client = reqwest::Client::builder()
            .timeout(deadline)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self).map_err(|error| NetError::Client(chain(&error)))
    }

    /// Posts bytes with the headers given.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, NetError> {
        let sent = self.0.post(url).headers(headers).body(body).send().await;
        self.read(sent).await
    }

    /// Asks for a URL with the headers given.
    pub async fn get(&self, url: &str, headers: HeaderMap) -> Result<Answer, NetError> {
        let sent = self.0.get(url).headers(headers).send().await;
        self.read(sent).await
    }

    async fn read(
        &self,
        sent: Result<reqwest::Response, reqwest::Error>,
    ) -> Result<Answer, NetError> {
        let fault = |error: reqwest::Error| NetError::Request(chain(&error));
        let mut response = sent.map_err(fault)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(fault)? {
            if body.len() + piece.len() > ANSWER_MAX_BYTES {
                return Err(NetError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, body })
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
