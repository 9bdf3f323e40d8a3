//! What each entry of the route table means, and the one router that is built from it.
//!
//! The router is built from the table and nowhere else, so a route without a policy cannot exist.
//! A request meets its policy first and its handler afterwards.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use futures_util::FutureExt as _;
use http::header::{ALLOW, IF_MATCH};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::caller::{self, Admission, Principal};
use super::limits::Told;
use super::problem::Problem;
use super::query::Query;
pub use super::table::{Endpoint, TABLE};
use super::{Web, body, cors, dashboard, json, reply, trail};
use crate::app::AppError;
use crate::app::error::NotAdmitted;
use crate::app::intake::{Incoming, Proven, Road};
use crate::app::once::{self, Once};
use crate::app::signing_in::Client;
use crate::domain::access::{Permit, Scope};
use crate::domain::appointment::Actor;
use crate::domain::ids::{SessionId, UserId};

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anyone; the answer holds nothing about anybody.
    Anyone,
    /// The provider of the account in the path, proven by its signature over the raw body.
    Provider,
    /// Whoever may do this with the business's data: a key that has the scope, or a user whose role has.
    Business(Scope),
    /// Whoever has a role that may do this with the business's data; no key.
    Person(Scope),
    /// Whoever is logged in; no key.
    User,
    /// Whoever is logged in and runs the installation; no key.
    Operator,
    /// Whoever knows the path: a part of it is a secret.
    Secret,
}

/// How often one caller may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// As often as it likes: the answer costs nothing or is given again.
    Free,
    /// As often as it likes: a proven provider is never turned away, only asked to come again
    /// when nothing more can be kept.
    Signed,
    /// A few tries for each address, counted in the database by the use case.
    Tries,
    /// `[limits] api_requests_per_minute` for each key and user.
    Api,
    /// The same, and `[limits] bookings_per_minute` of these.
    Booking,
    /// The same, and `[limits] diagnostics_per_minute` of these.
    Diagnostics,
    /// The same, and `[limits] outbound_per_minute` of these, for users
    /// `outbound_per_minute_per_user`: each costs money.
    Outbound,
}

/// How much may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLimit {
    /// Nothing is read.
    Empty,
    /// `[limits] body_max_bytes`.
    Standard,
}

/// What the same request twice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It changes nothing.
    Safe,
    /// The same bytes are kept once.
    ByBody,
    /// The same question in the same call changes something once.
    ByQuestion,
    /// With the same `Idempotency-Key` it makes one thing; without one it makes another.
    ByKey,
    /// It leaves things as they are after the first time.
    Settles,
    /// Each time begins something anew, on purpose.
    Renews,
}

/// What a request must meet before its handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who may call.
    pub caller: Caller,
    /// How often.
    pub rate: RateClass,
    /// How much may be sent.
    pub body: BodyLimit,
    /// What a repetition does.
    pub idempotency: Idempotency,
    /// Whom it is made for.
    pub face: Face,
}

/// Whom an answer is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Programs. What goes wrong is told in JSON.
    Data,
    /// People with a browser. What goes wrong is a page, or leads to logging in, for whoever takes
    /// HTML; what is sent must come from our own pages.
    Page,
}

/// An entry of the table.
#[derive(Clone, Debug)]
pub struct Route {
    /// What is asked for.
    pub endpoint: Endpoint,
    /// By which method; GET answers HEAD too.
    pub method: Method,
    /// Under which path; `{name}` is one segment.
    pub path: &'static str,
    /// What must be met.
    pub policy: Policy,
}

/// A request that met its policy.
pub struct Admitted {
    parts: http::request::Parts,
    path: Vec<(String, String)>,
    body: bytes::Bytes,
    right: Right,
    client: Client,
    face: Face,
}

/// What the policy found of the caller.
pub(super) enum Right {
    /// Nothing was asked for.
    None,
    /// The provider proved itself.
    Proven(Proven),
    /// Somebody proved who they are, and has a right to a business's data where one is asked for.
    Admitted(Admission),
}

impl Admitted {
    /// The segment of that name; the table says which there are.
    pub fn segment(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The right that the caller has.
    pub fn permit(&self) -> Result<Permit, AppError> {
        match &self.right {
            Right::Admitted(admission) => {
                admission.permit.ok_or(AppError::from(NotAdmitted::KeyMissing))
            }
            Right::None | Right::Proven(_) => Err(AppError::from(NotAdmitted::KeyMissing)),
        }
    }

    /// The hand that the caller stands for.
    pub fn actor(&self) -> Result<Actor, AppError> {
        Ok(self.permit()?.actor())
    }

    /// Whoever is logged in, and in which session.
    pub fn user(&self) -> Result<(UserId, SessionId), AppError> {
        match &self.right {
            Right::Admitted(Admission { who: Principal::User(user, session), .. }) => {
                Ok((*user, *session))
            }
            Right::Admitted(_) | Right::None | Right::Proven(_) => {
                Err(AppError::from(NotAdmitted::UsersOnly))
            }
        }
    }

    /// Whether it came through a proxy, trusted or not.
    pub fn is_forwarded(&self) -> bool {
        ["x-forwarded-for", "forwarded"].iter().any(|name| self.parts.headers.contains_key(*name))
    }

    /// What was sent with the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// From where and with what they come.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The id in the path; anything else names nothing that there is.
    pub fn id<T: FromStr>(&self, noun: &'static str) -> Result<T, AppError> {
        self.segment("id").parse().map_err(|_| AppError::NotFound(noun))
    }

    /// What was sent, as JSON of exactly the fields that `T` has.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, AppError> {
        json::read(&self.body)
    }

    /// The request by its `Idempotency-Key`, when it has one.
    pub fn once(&self) -> Result<Option<Once>, AppError> {
        let Some(key) = self.parts.headers.get("idempotency-key") else { return Ok(None) };
        let key = key.to_str().unwrap_or_default();
        let (method, path) = (self.parts.method.as_str(), self.parts.uri.path());
        once::request(key, &[method.as_bytes(), path.as_bytes(), &self.body]).map(Some)
    }

    /// When the thing must have changed last for this to be done: the entity tag in `If-Match`
    /// (RFC 9110 section 13.1.1); `*` and no header ask for nothing.
    pub fn unchanged_since(&self) -> Result<Option<Timestamp>, AppError> {
        let Some(tag) = self.parts.headers.get(IF_MATCH) else { return Ok(None) };
        let tag = tag.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Ok(None);
        }
        let ms = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let ms = ms.and_then(|text| text.parse().ok());
        let at = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        at.map(Some).ok_or(AppError::Changed)
    }

    /// What the provider sent and proved, and what its request says besides.
    pub fn proven(self) -> Result<(Proven, Asked), AppError> {
        let tool = self.path.iter().find(|(key, _)| key == "tool").map(|(_, tool)| tool.clone());
        let query = self.parts.uri.query().unwrap_or_default().to_owned();
        let asked = Asked { tool, headers: self.parts.headers, query };
        match self.right {
            Right::Proven(proven) => Ok((proven, asked)),
            Right::None | Right::Admitted(_) => Err(AppError::NotFound("voice account")),
        }
    }

    /// The query, to be taken apart.
    pub fn query(&self) -> Result<Query, AppError> {
        let mut query = Query::parse(self.parts.uri.query().unwrap_or_default())?;
        if self.face == Face::Page {
            // Whose data it is was read with the policy.
            query.take(caller::BUSINESS_KEY);
        }
        Ok(query)
    }

    /// What a form sent: every field is known and stands once.
    pub fn form(&self) -> Result<Query, AppError> {
        let text = std::str::from_utf8(&self.body);
        Query::parse(text.map_err(|_| AppError::invalid("body", "must be UTF-8 text"))?)
    }
}

/// What a proven request says besides its body.
pub struct Asked {
    tool: Option<String>,
    headers: HeaderMap,
    query: String,
}

impl Asked {
    /// The same for whoever reads tool calls.
    pub fn road(&self) -> Road<'_> {
        Road { tool: self.tool.as_deref(), headers: &self.headers, query: &self.query }
    }
}

/// The other end of a connection, put beside its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The one router.
pub fn router(web: &Arc<Web>) -> Router {
    let mut paths: Vec<&'static str> = TABLE.iter().map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let router = paths
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, methods(web, path)));
    router.fallback(|request: Request| async move {
        let missing = Problem::from(&AppError::NotFound("page"));
        reply::finish(dashboard::Reader::of_nothing(request.headers()).told(&missing))
    })
}

fn methods(web: &Arc<Web>, path: &'static str) -> MethodRouter {
    let mut allowed = Vec::new();
    let mut methods = MethodRouter::new();
    for route in TABLE.iter().filter(|route| route.path == path) {
        let filter = if route.method == Method::GET {
            allowed.extend(["GET", "HEAD"]);
            MethodFilter::GET.or(MethodFilter::HEAD)
        } else {
            allowed.push(route.method.as_str());
            MethodFilter::try_from(route.method.clone()).expect("the table has known methods")
        };
        let web = Arc::clone(web);
        methods = methods.on(filter, move |request: Request| serve(web, route, request));
    }
    let allow = HeaderValue::try_from(allowed.join(", ")).expect("methods are a header value");
    let web = Arc::clone(web);
    methods.fallback(move |request: Request| async move {
        let asked = (request.method(), path, request.headers());
        let response = cors::preflight(&web, asked, &allow).unwrap_or_else(|| {
            let mut response = reply::problem(&Problem::method_not_allowed());
            response.headers_mut().insert(ALLOW, allow);
            cors::mark(&web, cors::admitted(&web, path, request.headers()), &mut response);
            response
        });
        reply::finish(response)
    })
}

/// One request: policy, then handler, within the time there is.
async fn serve(web: Arc<Web>, route: &'static Route, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mark = reply::Mark::new();
    let begun = Instant::now();
    let limit = web.app.settings().limits.request_timeout();
    let address = caller::address(&web, &parts);
    let reader = dashboard::Reader::of(route, &parts);
    let site = cors::admitted(&web, route.path, &parts.headers);
    let quota = Told::default();
    // Boxed: what wraps it moves a pointer, and a connection that waits holds none of its room.
    let work = Box::pin(answer(&web, route, (parts, body), &quota));
    let work = AssertUnwindSafe(work).catch_unwind();
    let mut response = match tokio::time::timeout(limit, work).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(error))) => {
            let problem = Problem::from(&trail::refused(&web, route, address, error));
            if problem.status.is_server_error() {
                let code = problem.code();
                tracing::error!(code, request.id = %mark.id(), path = route.path, "request failed");
            }
            reader.told(&problem)
        }
        Ok(Err(_)) => {
            tracing::error!(request.id = %mark.id(), path = route.path, "a handler ended by a panic");
            reply::problem(&Problem::internal())
        }
        Err(_) => {
            tracing::warn!(request.id = %mark.id(), path = route.path, "request ran out of time");
            reply::problem(&Problem::timed_out())
        }
    };
    web.metrics.answered(route.endpoint, response.status().as_u16(), begun.elapsed());
    quota.mark(&mut response);
    if route.path.starts_with("/api/") {
        cors::mark(&web, site, &mut response);
    }
    mark.finish(response)
}

async fn answer(
    web: &Web,
    route: &Route,
    (mut parts, sent): (http::request::Parts, axum::body::Body),
    quota: &Told,
) -> Result<Response, trail::Ended> {
    let mut ended = trail::Ended::new();
    let admission = match route.policy.caller {
        // A provider is proven by its signature over the body, below; a secret by its use case.
        Caller::Anyone | Caller::Provider | Caller::Secret => None,
        Caller::Business(_) | Caller::Person(_) | Caller::User | Caller::Operator => {
            // Boxed: what providers send has no use for its room.
            let admission = Box::pin(caller::admit(web, route, &parts, quota)).await;
            Some(admission.map_err(trail::Ended::turned)?)
        }
    };
    ended.of(admission.as_ref());
    let segments = RawPathParams::from_request_parts(&mut parts, &()).await;
    let segments = segments.map_err(|_| ended.with(AppError::NotFound("page")))?;
    let path: Vec<(String, String)> =
        segments.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    if route.policy.caller == Caller::Provider {
        // What carries no proof at all is refused before it is read.
        let (account, nothing) = (segment(&path, "account"), bytes::Bytes::new());
        ended.about(account);
        let presented = web.app.presents_proof(account, &incoming(web, &parts, &path, &nothing));
        if let Err(error) = presented {
            let error = trail::refused(web, route, caller::address(web, &parts), ended.with(error));
            return Ok(reply::closing(reply::problem(&Problem::from(&error))));
        }
    }
    if route.policy.face == Face::Page
        && route.policy.idempotency != Idempotency::Safe
        && !caller::is_from_here(&parts, web.app.settings().server.public_url.as_deref(), route)
    {
        return Err(ended.with(AppError::from(NotAdmitted::OtherSite)));
    }
    let body = match route.policy.body {
        BodyLimit::Empty => bytes::Bytes::new(),
        BodyLimit::Standard => match body::read(&web.app.settings().limits, &parts, sent).await {
            Ok(body) => body,
            Err(problem) => return Ok(reply::closing(reply::problem(&problem))),
        },
    };
    let right = match (route.policy.caller, admission) {
        (Caller::Provider, _) => {
            let request = incoming(web, &parts, &path, &body);
            let proven = web.app.verify(segment(&path, "account"), &request);
            Right::Proven(proven.map_err(|error| ended.with(error))?)
        }
        (_, Some(admission)) => Right::Admitted(admission),
        (_, None) => Right::None,
    };
    let client = caller::client(web, &parts);
    let entry = trail::entry(web, route, (&right, segment(&path, "id")), client.address);
    let face = route.policy.face;
    let request = Admitted { parts, path, body, right, client, face };
    let answered = trail::watch(web, (route, entry), request).await;
    answered.map_err(|error| ended.with(error))
}

fn segment<'a>(path: &'a [(String, String)], name: &str) -> &'a str {
    path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

fn incoming<'a>(
    web: &Web,
    parts: &'a http::request::Parts,
    path: &'a [(String, String)],
    body: &'a bytes::Bytes,
) -> Incoming<'a> {
    Incoming {
        headers: &parts.headers,
        query: parts.uri.query().unwrap_or_default(),
        token: Some(segment(path, "token")).filter(|token| !token.is_empty()),
        peer: caller::address(web, parts),
        body,
        now_ms: web.app.clock.now_ms(),
    }
}
