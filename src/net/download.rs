//! Files from outside, piece by piece: where they may come from, how long they may take and how large
//! they may be.
//!
//! Redirects are followed a few times; each is looked at like the first address, and what proves us
//! goes to the first host only. Never holds more than a piece.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{AUTHORIZATION, LOCATION};
use reqwest::Url;

use super::gate::Pass;
use super::guard::upstream_of;
use super::{Client, NetError, NotAsked, chain, retry_after_s};

/// Most redirects that are followed.
const HOPS_MAX: u32 = 3;

/// What is to be fetched, and within what.
#[derive(Clone)]
pub struct Fetch {
    /// Where it is.
    pub url: String,
    /// What proves us there.
    pub authorization: Option<HeaderValue>,
    /// Ends of the host names that it may come from, such as `.example.com`; any when empty.
    pub hosts: Vec<String>,
    /// Within which all of it must have come.
    pub total: Duration,
    /// How long to wait for the next piece.
    pub idle: Duration,
    /// Most bytes.
    pub max_bytes: u64,
}

/// Why a file did not come whole.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No connection, no answer in time, or the host is left alone.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The answer is no file.
    #[error("the answer has status {status}")]
    Status {
        /// Its status.
        status: u16,
        /// In how many seconds to come again, when it says so.
        retry_after_s: Option<u64>,
    },
    /// It would come from a host that it may not come from.
    #[error("it lies with another host than it may")]
    Elsewhere,
    /// It leads on and on.
    #[error("it leads on more than {HOPS_MAX} times")]
    LeadsOn,
    /// It is longer than it may be.
    #[error("it is longer than {0} bytes")]
    TooLarge(u64),
    /// The next piece, or the whole, did not come in time.
    #[error("it did not come in time")]
    TooSlow,
    /// It broke off.
    #[error("it broke off: {0}")]
    Cut(String),
}

impl Client {
    /// Asks for a file. Its pieces come by [`Pieces::next`].
    pub async fn fetch(&self, fetch: &Fetch) -> Result<Pieces, FetchError> {
        let mut url = self.guard.check(&fetch.url).map_err(NetError::Address)?;
        let first = upstream_of(&url);
        for _ in 0..=HOPS_MAX {
            let host = url.host_str().unwrap_or_default();
            if !fetch.hosts.is_empty() && !fetch.hosts.iter().any(|end| is_within(host, end)) {
                return Err(FetchError::Elsewhere);
            }
            let upstream = upstream_of(&url);
            let pass = self.gates.enter(&upstream)?;
            let mut request = self.guarded.get(url.clone()).timeout(fetch.total);
            if let Some(proof) = fetch.authorization.as_ref().filter(|_| upstream == first) {
                request = request.header(AUTHORIZATION, proof);
            }
            let waited = tokio::time::timeout(fetch.idle, request.send()).await;
            let response = match waited {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => {
                    pass.failed();
                    return Err(NetError::Request(chain(&error)).into());
                }
                Err(_) => {
                    pass.failed();
                    return Err(FetchError::TooSlow);
                }
            };
            let status = response.status();
            if status.is_redirection() {
                pass.succeeded();
                url = self.led_to(&url, &response)?;
                continue;
            }
            if status != http::StatusCode::OK {
                let retry_after_s = retry_after_s(response.headers());
                pass.answered(status.as_u16(), retry_after_s);
                return Err(FetchError::Status { status: status.as_u16(), retry_after_s });
            }
            if response.content_length().is_some_and(|length| length > fetch.max_bytes) {
                pass.succeeded();
                return Err(FetchError::TooLarge(fetch.max_bytes));
            }
            let (idle, left) = (fetch.idle, fetch.max_bytes);
            let pass = Some(pass);
            return Ok(Pieces { response, pass, idle, left, max_bytes: fetch.max_bytes });
        }
        Err(FetchError::LeadsOn)
    }

    fn led_to(&self, from: &Url, response: &reqwest::Response) -> Result<Url, FetchError> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let to = location.and_then(|location| from.join(location).ok());
        let to = to.ok_or(NetError::Address(NotAsked::NoUrl))?;
        Ok(self.guard.check(to.as_str()).map_err(NetError::Address)?)
    }
}

fn is_within(host: &str, end: &str) -> bool {
    let bare = end.trim_start_matches('.');
    host == bare || host.strip_suffix(bare).is_some_and(|before| before.ends_with('.'))
}

/// A file on its way.
pub struct Pieces {
    response: reqwest::Response,
    pass: Option<Pass>,
    idle: Duration,
    left: u64,
    max_bytes: u64,
}

impl Pieces {
    /// The next piece; `None` at the end of a file that came whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        let piece = match tokio::time::timeout(self.idle, self.response.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) if !error.is_timeout() => {
                self.failed();
                return Err(FetchError::Cut(chain(&error)));
            }
            Ok(Err(_)) | Err(_) => {
                self.failed();
                return Err(FetchError::TooSlow);
            }
        };
        let Some(piece) = piece else {
            if let Some(pass) = self.pass.take() {
                pass.succeeded();
            }
            return Ok(None);
        };
        let left = self.left.checked_sub(piece.len() as u64);
        self.left = left.ok_or(FetchError::TooLarge(self.max_bytes))?;
        Ok(Some(piece))
    }

    fn failed(&mut self) {
        if let Some(pass) = self.pass.take() {
            pass.failed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_whole_name_or_what_is_below_it() {
        for (host, end) in [("a.example.com", ".example.com"), ("example.com", "example.com")] {
            assert!(is_within(host, end), "{host} {end}");
        }
        for (host, end) in [
            ("badexample.com", ".example.com"),
            ("badexample.com", "example.com"),
            ("example.com.evil.net", ".example.com"),
            ("", "example.com"),
        ] {
            assert!(!is_within(host, end), "{host} {end}");
        }
    }
}
