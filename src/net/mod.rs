//! The one HTTP client.
//!
//! Every request has a deadline, goes through its host's gate and follows no redirect. Never sends
//! anything that was not given.

mod download;
mod gate;
mod guard;
#[cfg(test)]
mod guard_tests;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use self::download::{Fetch, FetchError, Pieces};
use self::gate::Gates;
pub use self::gate::Standing;
use self::guard::{Guard, Lookup, Names, system, upstream_of};
pub use self::guard::{NotAsked, host_of};
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderMap, Method};

use crate::clock::Clock;
use crate::domain::bucket::Rate;

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
    Address(NotAsked),
    /// The host is left alone for a while: it failed too often, asked for it, or was asked enough.
    #[error("the host is left alone for {wait_ms} ms")]
    Resting {
        /// Milliseconds after which to come again, at least 1.
        wait_ms: i64,
    },
    /// The connection or the time.
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

/// How the client is to be.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Within which every request ends that names no other time.
    pub deadline: Duration,
    /// Whether plain http and this machine's own addresses may be asked.
    pub allow_insecure: bool,
    /// How often one host may be asked.
    pub rate: Rate,
    /// The present moment.
    pub clock: Clock,
}

/// Requests a minute that a command may send to this program itself.
const TRYING_PER_MINUTE: u32 = 10_000_000;

impl Manner {
    /// For a command that tries this program, or an upstream, by hand.
    pub fn trying(deadline: Duration, allow_insecure: bool) -> Self {
        let rate = Rate { per_minute: TRYING_PER_MINUTE };
        Self { deadline, allow_insecure, rate, clock: Clock::System }
    }
}

/// The client. Cloning shares its connections and its gates.
#[derive(Clone)]
pub struct Client {
    guarded: reqwest::Client,
    /// For hosts that the configuration itself names, which may be on a network inside; made when it
    /// is first needed.
    trusting: Arc<OnceLock<reqwest::Client>>,
    guard: Guard,
    gates: Arc<Gates>,
}

impl Client {
    /// A client.
    pub fn new(manner: Manner) -> Result<Self, NetError> {
        Self::with_names(manner, Arc::new(system))
    }

    /// A client that looks names up in its own way.
    fn with_names(manner: Manner, lookup: Arc<Lookup>) -> Result<Self, NetError> {
        let guard = Guard { allow_insecure: manner.allow_insecure };
        let names = Names { guard, lookup };
        let guarded = builder().timeout(manner.deadline).dns_resolver(names).build();
        Ok(Self {
            guarded: guarded.map_err(|error| NetError::Client(chain(&error)))?,
            trusting: Arc::default(),
            guard,
            gates: Arc::new(Gates::new(manner.clock, manner.rate)),
        })
    }

    /// How every host is doing that was asked.
    pub fn standing(&self) -> Vec<Standing> {
        self.gates.standing()
    }

    /// Sends a request.
    pub async fn send(&self, request: Request) -> Result<Answer, NetError> {
        let Request { method, url, headers, body } = request;
        let url = self.guard.check(&url).map_err(NetError::Address)?;
        let pass = self.gates.enter(&upstream_of(&url))?;
        let sent = self.guarded.request(method, url).headers(headers).body(body).send().await;
        let read = self.read(sent).await;
        match &read {
            Ok(answer) => pass.answered(answer.status.as_u16(), answer.retry_after_s),
            Err(NetError::TooLarge) => pass.succeeded(),
            Err(_) => pass.failed(),
        }
        read
    }

    /// Carries a request to a host that the configuration names, and its answer back as it comes. The
    /// beginning of the answer must come within `deadline`; reading the rest is the caller's to limit.
    pub async fn carry<B>(
        &self,
        request: http::Request<B>,
        deadline: Duration,
    ) -> Result<http::Response<reqwest::Body>, NetError>
    where
        B: http_body::Body + Send + Sync + 'static,
        B::Data: Into<bytes::Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request = request.map(reqwest::Body::wrap);
        let request =
            reqwest::Request::try_from(request).map_err(|_| NetError::Address(NotAsked::NoUrl))?;
        if request.url().scheme() != "https" && !self.guard.allow_insecure {
            return Err(NetError::Address(NotAsked::NotHttps));
        }
        let pass = self.gates.enter(&upstream_of(request.url()))?;
        let sent = tokio::time::timeout(deadline, self.trusting()?.execute(request)).await;
        match sent {
            Ok(Ok(response)) => {
                pass.answered(response.status().as_u16(), retry_after_s(response.headers()));
                Ok(response.into())
            }
            Ok(Err(error)) => {
                pass.failed();
                Err(NetError::Request(chain(&error)))
            }
            Err(_) => {
                pass.failed();
                Err(NetError::Request("it took too long".to_owned()))
            }
        }
    }

    fn trusting(&self) -> Result<&reqwest::Client, NetError> {
        if let Some(client) = self.trusting.get() {
            return Ok(client);
        }
        let made = builder().build();
        let made = made.map_err(|error| NetError::Client(chain(&error)))?;
        Ok(self.trusting.get_or_init(|| made))
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
        let retry_after_s = retry_after_s(response.headers());
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|value| value.to_str().ok()).map(str::to_owned);
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

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
}

fn retry_after_s(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
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
