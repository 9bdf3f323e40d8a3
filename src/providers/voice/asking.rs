//! Asking a provider for something: placing a call, ending it, looking calls up.
//!
//! Every request has a deadline (`net`). Nothing is tried twice here: that is for whoever asked.

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;

use super::{CallNames, Verified};
use crate::domain::phone::PhoneNumber;
use crate::net::{Answer, NetError};

/// An answer that is on its way.
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// A call to be placed.
#[derive(Clone, Debug)]
pub struct Order {
    /// Our name for it, the same each time it is tried: `frontdesk-` and a UUID, 46 letters.
    pub id: String,
    /// The same in at most 40 letters of a-z, 0-9 and -.
    pub short_id: String,
    /// The provider's id of the agent that talks; empty where the provider has none.
    pub agent: String,
    /// The number that calls.
    pub from: PhoneNumber,
    /// The number that is called.
    pub to: PhoneNumber,
    /// What the agent is told, name and text.
    pub variables: Vec<(String, String)>,
    /// Where events are to be delivered, when the provider takes that with the order; may be empty.
    pub events_url: String,
    /// When it was ordered.
    pub ordered_at: Timestamp,
}

/// A call that the provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its names.
    pub call: CallNames,
}

/// A call as the provider tells it when asked, in the shape of a delivery.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The provider's id of the call.
    pub id: String,
    /// Whether it is over there.
    pub is_over: bool,
    /// What it tells, readable like any event.
    pub payload: Verified,
}

/// A page of calls that the provider lists.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The calls.
    pub calls: Vec<Fetched>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// Where a recording is to be got, and with what headers. Neither may be logged.
#[derive(Clone)]
pub struct Source {
    /// The address.
    pub url: String,
    /// What proves us there; never to be sent to another host.
    pub authorization: Option<http::HeaderValue>,
    /// Ends of the names of hosts that it may come from; any when empty.
    pub hosts: Vec<String>,
}

/// Why a provider did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The account lacks a key that this needs.
    #[error("{0} is not set for this voice account")]
    NotConfigured(&'static str),
    /// The provider has no such thing.
    #[error("this provider cannot do that: {0}")]
    Unsupported(&'static str),
    /// It does not know our key.
    #[error("the provider does not accept the account's key")]
    Unauthorised,
    /// It does not know the call or agent.
    #[error("the provider does not know it")]
    NotFound,
    /// It refuses: asking again is no use.
    #[error("the provider refuses with status {0}")]
    Refused(u16),
    /// It asks to come again later, after so many seconds when it says so.
    #[error("the provider asks to come again later")]
    Busy(Option<u64>),
    /// No answer or a fault there: it may have been done or not.
    #[error("the provider gave no answer: {0}")]
    Unavailable(String),
    /// It is left alone for so many milliseconds: nothing was asked.
    #[error("the provider is left alone for {0} ms")]
    Resting(i64),
    /// What it names lies with a host that it may not lie with.
    #[error("it lies with another host than it may")]
    Elsewhere,
    /// It answered what cannot be read: it may have been done or not.
    #[error("the provider's answer cannot be read: {0}")]
    Unreadable(&'static str),
}

impl ProviderError {
    /// Whether the same may go well later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) | Self::Unavailable(_) | Self::Unreadable(_) | Self::Resting(_) => true,
            Self::NotConfigured(_)
            | Self::Unsupported(_)
            | Self::Unauthorised
            | Self::NotFound
            | Self::Elsewhere
            | Self::Refused(_) => false,
        }
    }

    /// Whether it may have been done all the same.
    pub fn is_uncertain(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unreadable(_))
    }
}

impl From<NetError> for ProviderError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Resting { wait_ms } => Self::Resting(wait_ms),
            NetError::Client(_)
            | NetError::Address(_)
            | NetError::Request(_)
            | NetError::TooLarge => Self::Unavailable(error.to_string()),
        }
    }
}

/// An answer with a status of 2xx, or what its status means for most providers.
pub fn accepted(answer: Answer) -> Result<Answer, ProviderError> {
    let status = answer.status.as_u16();
    match status {
        200..=299 => Ok(answer),
        401 | 403 => Err(ProviderError::Unauthorised),
        404 => Err(ProviderError::NotFound),
        408 | 409 | 425 | 429 => Err(ProviderError::Busy(answer.retry_after_s)),
        500..=599 => Err(ProviderError::Unavailable(format!("status {status}"))),
        _ => Err(ProviderError::Refused(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_what_is_refused_is_not() {
        let asked = |status: u16| {
            let status = http::StatusCode::from_u16(status).expect("a status");
            accepted(Answer { status, retry_after_s: Some(7), location: None, body: Vec::new() })
        };
        for status in [200, 201, 204] {
            asked(status).expect("it is done");
        }
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 599] {
            assert!(asked(status).expect_err("not done").is_transient(), "{status}");
        }
        for status in [400, 401, 403, 404, 405, 410, 413, 415, 422, 451] {
            assert!(!asked(status).expect_err("not done").is_transient(), "{status}");
        }
        assert_eq!(asked(429).err(), Some(ProviderError::Busy(Some(7))));
        let late = ProviderError::from(NetError::Request("it took too long".to_owned()));
        assert!(late.is_transient() && late.is_uncertain());
        let rests = ProviderError::from(NetError::Resting { wait_ms: 9 });
        assert!(rests.is_transient() && !rests.is_uncertain(), "nothing was asked");
    }
}
