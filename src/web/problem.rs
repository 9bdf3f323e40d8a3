//! The one error format: problem+json (RFC 9457) with a stable `code` and the `request_id`.
//!
//! This is the only place where an error becomes a status and words for a client. What went wrong
//! inside goes to the log; no text of the database or of a provider ever leaves.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::AppError;
use crate::app::error::{NotAdmitted, ProviderError, StorageError, Trouble, Unavailable};

/// Seconds after which a sender should come again when nothing can be kept now.
const RETRY_AFTER_S: u64 = 5;

/// An error as a client sees it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// Seconds after which to come again.
    pub retry_after_s: Option<u64>,
    /// Whether a bearer key would help.
    pub wants_key: bool,
    code: &'static str,
    title: &'static str,
    detail: String,
    field: Option<String>,
    more: Option<Box<Map<String, Value>>>,
}

/// The body of an error, RFC 9457 section 3.1 with our own members.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    request_id: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    more: Option<&'a Map<String, Value>>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        let (retry_after_s, wants_key) = (None, false);
        let (detail, field, more) = (String::new(), None, None);
        Self { status, retry_after_s, wants_key, code, title, detail, field, more }
    }

    fn told(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn later(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The path is known, the method is not.
    pub fn method_not_allowed() -> Self {
        let title = "This method is not allowed here";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title)
    }

    /// More was sent than may be.
    pub fn too_large(most_bytes: usize) -> Self {
        let title = "The body is too large";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", title)
            .told(format!("At most {most_bytes} bytes are read."))
    }

    /// The body did not come in time, or broke off.
    pub fn body_incomplete() -> Self {
        let title = "The body did not arrive whole in time";
        Self::new(StatusCode::REQUEST_TIMEOUT, "body_incomplete", title)
    }

    /// The request names no host, several, or two different ones.
    pub fn bad_host() -> Self {
        let title = "The request must name exactly one host";
        Self::new(StatusCode::BAD_REQUEST, "bad_host", title)
    }

    /// The answer took too long.
    pub fn timed_out() -> Self {
        let title = "The answer took too long";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", title).later(RETRY_AFTER_S)
    }

    /// A fault of the program.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here")
    }

    /// Jobs are not worked off.
    pub fn not_ready() -> Self {
        let title = "Work is waiting that is not being done";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", title).later(RETRY_AFTER_S)
    }

    /// A time cannot be had; with what stands in its way and what is free near by.
    fn not_offered(unavailable: &Unavailable) -> Self {
        let title = "That time cannot be had";
        let problem = Self::new(StatusCode::CONFLICT, "not_offered", title)
            .told(format!("Reason: {}.", unavailable.reason.word()));
        let mut more = Map::new();
        more.insert("reason".to_owned(), json!(unavailable.reason));
        more.insert("conflicts".to_owned(), json!(unavailable.conflicts));
        more.insert("alternatives".to_owned(), json!(unavailable.alternatives));
        Self { more: Some(Box::new(more)), ..problem }
    }

    fn not_admitted(why: NotAdmitted) -> Self {
        match why {
            NotAdmitted::KeyMissing => {
                let title = "An API key is needed";
                let problem = Self::new(StatusCode::UNAUTHORIZED, "key_missing", title)
                    .told("Send it as Authorization: Bearer fdk_…");
                Self { wants_key: true, ..problem }
            }
            NotAdmitted::KeyInvalid => {
                let title = "The API key is not valid";
                let problem = Self::new(StatusCode::UNAUTHORIZED, "key_invalid", title);
                Self { wants_key: true, ..problem }
            }
            NotAdmitted::SessionInvalid => {
                let title = "The session is not valid";
                let problem = Self::new(StatusCode::UNAUTHORIZED, "session_invalid", title)
                    .told("Log in again, or renew the token.");
                Self { wants_key: true, ..problem }
            }
            NotAdmitted::LoginFailed => {
                let title = "The log-in failed";
                Self::new(StatusCode::UNAUTHORIZED, "login_failed", title)
                    .told("Address, password or code are not right.")
            }
            NotAdmitted::CodeNeeded => {
                let title = "A one-time code is needed";
                Self::new(StatusCode::UNAUTHORIZED, "code_needed", title)
            }
            NotAdmitted::OperatorsOnly => {
                let title = "Only who runs the installation may do that";
                Self::new(StatusCode::FORBIDDEN, "operators_only", title)
            }
            NotAdmitted::UsersOnly => {
                let title = "Only a user who is logged in may do this";
                Self::new(StatusCode::FORBIDDEN, "users_only", title)
            }
            NotAdmitted::OtherSite => {
                let title = "The request was sent from another site";
                Self::new(StatusCode::FORBIDDEN, "other_site", title)
            }
            NotAdmitted::WhichBusiness => {
                let title = "The business must be named";
                let problem = Self::new(StatusCode::BAD_REQUEST, "which_business", title)
                    .told("Send its id in the header Frontdesk-Business.");
                Self { field: Some("Frontdesk-Business".to_owned()), ..problem }
            }
            NotAdmitted::ScopeMissing(scope) => {
                let title = "The key or the role is not for this";
                Self::new(StatusCode::FORBIDDEN, "scope_missing", title)
                    .told(format!("It lacks the scope {}.", scope.word()))
            }
        }
    }

    fn of_provider(error: &ProviderError) -> Self {
        let title = "The provider did not do what was asked";
        let problem = Self::new(StatusCode::BAD_GATEWAY, "provider_failed", title);
        let told = problem.told(format!("{error}."));
        if error.is_transient() { told.later(RETRY_AFTER_S) } else { told }
    }

    fn of_storage(error: &StorageError) -> Self {
        let title = "The store of recordings did not do what was asked";
        let problem = Self::new(StatusCode::BAD_GATEWAY, "store_failed", title);
        let told = problem.told(format!("{error}."));
        match error {
            StorageError::Later(..) | StorageError::Resting(_) => told.later(RETRY_AFTER_S),
            StorageError::Missing | StorageError::Refused(_) => told,
        }
    }

    fn of_trouble(trouble: Trouble) -> Self {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match trouble {
            Trouble::Busy => {
                Self::new(unavailable, "busy", "Too much is waiting; come again shortly")
                    .later(RETRY_AFTER_S)
            }
            Trouble::Full => Self::new(unavailable, "storage_full", "Nothing more can be kept now")
                .later(RETRY_AFTER_S),
            Trouble::Unavailable => {
                Self::new(unavailable, "storage_unavailable", "Nothing can be kept now")
                    .later(RETRY_AFTER_S)
            }
            Trouble::Internal => Self::internal(),
        }
    }

    /// What it is in a few words.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// What more there is to say; empty where there is nothing.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Which value it is about, where it is about one.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Seconds after which to come again, where that helps.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// Its stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The body of the answer to the request with that id.
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let body = Body {
            r#type: "about:blank",
            title: self.title,
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            field: self.field.as_deref(),
            request_id,
            more: self.more.as_deref(),
        };
        serde_json::to_vec(&body).expect("a problem holds only texts and numbers")
    }
}

impl From<&AppError> for Problem {
    fn from(error: &AppError) -> Self {
        match error {
            AppError::NotFound(noun) => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing here")
                    .told(format!("No {noun} was found."))
            }
            AppError::Refused(refusal) => {
                let title = "The sender is not proven";
                Self::new(StatusCode::UNAUTHORIZED, refusal.code(), title)
            }
            AppError::Unreadable(_) => {
                let title = "The request is proven, but cannot be read";
                Self::new(StatusCode::BAD_REQUEST, "unreadable", title)
            }
            AppError::NotAdmitted(why) => Self::not_admitted(*why),
            AppError::LinkInvalid => {
                let title = "The link was used, ran out, or never was one";
                let problem = Self::new(StatusCode::BAD_REQUEST, "link_invalid", title);
                Self { field: Some("token".to_owned()), ..problem }
            }
            AppError::TooOften { retry_after_s } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", "Too many requests")
                    .told(format!("Come again in {retry_after_s} seconds."))
                    .later(*retry_after_s)
            }
            AppError::Invalid { field, why } => {
                let title = "A value cannot be taken";
                let problem = Self::new(StatusCode::BAD_REQUEST, "invalid", title);
                Self { field: Some(field.clone()), ..problem.told(why) }
            }
            AppError::Exists(what) => {
                Self::new(StatusCode::CONFLICT, "exists", "It is there already").told(what)
            }
            AppError::InUse(what) => {
                let title = "It cannot be removed while it is in use";
                Self::new(StatusCode::CONFLICT, "in_use", title)
                    .told(format!("The {what} is still in use; switch it off instead."))
            }
            AppError::NotOffered(unavailable) => Self::not_offered(unavailable),
            AppError::Settled(how) => {
                let title = "The appointment cannot be changed any more";
                Self::new(StatusCode::CONFLICT, "settled", title).told(format!("It is {how}."))
            }
            AppError::KeyReused => {
                let title = "The Idempotency-Key came with another request before";
                let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
                Self::new(unprocessable, "idempotency_key_reused", title)
            }
            AppError::Changed => {
                let title = "It was changed since it was read";
                Self::new(StatusCode::PRECONDITION_FAILED, "changed", title)
            }
            AppError::Upstream(error) => Self::of_provider(error),
            AppError::Storage(error) => Self::of_storage(error),
            AppError::Mail(error) => {
                let title = "The mail server did not take the message";
                Self::new(StatusCode::BAD_GATEWAY, "mail_failed", title)
                    .told(format!("{error}: {}", error.dialogue()))
            }
            AppError::Damaged(damage) => {
                let title = "The recording's file cannot be read as it was kept";
                Self::new(StatusCode::BAD_GATEWAY, "recording_damaged", title)
                    .told(format!("{damage}."))
            }
            AppError::RangeNotThere(bytes) => {
                let title = "The part that was asked for is not there";
                Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_there", title)
                    .told(format!("There are only {bytes} bytes."))
            }
            AppError::Store(error) => Self::of_trouble(Trouble::of(error)),
        }
    }
}
