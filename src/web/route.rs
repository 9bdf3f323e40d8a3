//! The route table: every URL that is served, with its method and its policy.
//!
//! The router is built from this table and nowhere else, so a route without a policy cannot exist.
//! A request meets its policy first and its handler afterwards.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use futures_util::FutureExt as _;
use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};

use super::problem::Problem;
use super::query::Query;
use super::{Web, api, body, health, hooks, reply, tools};
use crate::app::AppError;
use crate::app::intake::Proven;
use crate::domain::access::{Permit, Scope};

/// Everything that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A provider delivers an event.
    Hook,
    /// An agent calls a tool.
    Tool,
    /// Is the process alive?
    Health,
    /// Can it do its work?
    Readiness,
    /// A page of calls.
    ListCalls,
    /// One call with all that belongs to it.
    ShowCall,
    /// A page of appointments.
    ListAppointments,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anyone; the answer holds nothing about anybody.
    Anyone,
    /// The provider of the account in the path, proven by its signature over the raw body.
    Provider,
    /// Whoever holds an API key with this scope.
    Key(Scope),
}

/// How often one caller may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// As often as it likes: the answer costs nothing or is given again.
    Free,
    /// As often as it likes: a proven provider is never turned away, only asked to come again
    /// when nothing more can be kept.
    Signed,
    /// `[limits] api_requests_per_minute` for each key.
    Api,
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

const PROBE: Policy = Policy {
    caller: Caller::Anyone,
    rate: RateClass::Free,
    body: BodyLimit::Empty,
    idempotency: Idempotency::Safe,
};

const fn provider(idempotency: Idempotency) -> Policy {
    Policy {
        caller: Caller::Provider,
        rate: RateClass::Signed,
        body: BodyLimit::Standard,
        idempotency,
    }
}

const fn reads(scope: Scope) -> Policy {
    Policy {
        caller: Caller::Key(scope),
        rate: RateClass::Api,
        body: BodyLimit::Empty,
        idempotency: Idempotency::Safe,
    }
}

/// Every route there is.
pub const TABLE: &[Route] = &[
    Route {
        endpoint: Endpoint::Hook,
        method: Method::POST,
        path: "/hooks/{account}",
        policy: provider(Idempotency::ByBody),
    },
    Route {
        endpoint: Endpoint::Tool,
        method: Method::POST,
        path: "/tools/{account}",
        policy: provider(Idempotency::ByQuestion),
    },
    Route { endpoint: Endpoint::Health, method: Method::GET, path: "/healthz", policy: PROBE },
    Route { endpoint: Endpoint::Readiness, method: Method::GET, path: "/readyz", policy: PROBE },
    Route {
        endpoint: Endpoint::ListCalls,
        method: Method::GET,
        path: "/api/v1/calls",
        policy: reads(Scope::CallsRead),
    },
    Route {
        endpoint: Endpoint::ShowCall,
        method: Method::GET,
        path: "/api/v1/calls/{id}",
        policy: reads(Scope::CallsRead),
    },
    Route {
        endpoint: Endpoint::ListAppointments,
        method: Method::GET,
        path: "/api/v1/appointments",
        policy: reads(Scope::AppointmentsRead),
    },
];

/// A request that met its policy.
pub struct Admitted {
    parts: http::request::Parts,
    path: Vec<(String, String)>,
    right: Right,
}

/// What the policy found of the caller.
enum Right {
    /// Nothing was asked for.
    None,
    /// The provider proved itself.
    Proven(Proven),
    /// The key gave a right to a business's data.
    Permit(Permit),
}

impl Admitted {
    /// The segment of that name; the table says which there are.
    pub fn segment(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The right that the caller's key gave.
    pub fn permit(&self) -> Result<Permit, AppError> {
        match self.right {
            Right::Permit(permit) => Ok(permit),
            Right::None | Right::Proven(_) => Err(AppError::KeyMissing),
        }
    }

    /// What the provider sent and proved.
    pub fn proven(self) -> Result<Proven, AppError> {
        match self.right {
            Right::Proven(proven) => Ok(proven),
            Right::None | Right::Permit(_) => Err(AppError::NotFound("voice account")),
        }
    }

    /// The query, to be taken apart.
    pub fn query(&self) -> Result<Query, AppError> {
        Query::parse(self.parts.uri.query().unwrap_or_default())
    }
}

/// The one router.
pub fn router(web: &Arc<Web>) -> Router {
    let mut paths: Vec<&'static str> = TABLE.iter().map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let router = paths
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, methods(web, path)));
    router.fallback(|| async move {
        let missing = Problem::from(&AppError::NotFound("page"));
        reply::finish(reply::problem(&missing))
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
    methods.fallback(move || async move {
        let mut response = reply::problem(&Problem::method_not_allowed());
        response.headers_mut().insert(ALLOW, allow);
        reply::finish(response)
    })
}

/// One request: policy, then handler, within the time there is.
async fn serve(web: Arc<Web>, route: &'static Route, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mark = reply::Mark::new();
    let limit = web.app.settings.limits.request_timeout();
    let work = AssertUnwindSafe(answer(&web, route, parts, body)).catch_unwind();
    let response = match tokio::time::timeout(limit, work).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(error))) => {
            let problem = Problem::from(&error);
            if problem.status.is_server_error() {
                tracing::error!(%error, request.id = %mark.id(), path = route.path, "request failed");
            }
            reply::problem(&problem)
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
    mark.finish(response)
}

async fn answer(
    web: &Web,
    route: &Route,
    mut parts: http::request::Parts,
    sent: axum::body::Body,
) -> Result<Response, AppError> {
    let permit = match route.policy.caller {
        // A provider is proven by its signature over the body, below.
        Caller::Anyone | Caller::Provider => None,
        Caller::Key(scope) => Some(admit(web, route, &parts, scope).await?),
    };
    let body = match route.policy.body {
        BodyLimit::Empty => bytes::Bytes::new(),
        BodyLimit::Standard => match body::read(&web.app.settings.limits, &parts, sent).await {
            Ok(body) => body,
            Err(problem) => return Ok(reply::closing(reply::problem(&problem))),
        },
    };
    let segments = RawPathParams::from_request_parts(&mut parts, &()).await;
    let segments = segments.map_err(|_| AppError::NotFound("page"))?;
    let path: Vec<(String, String)> =
        segments.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let right = match (route.policy.caller, permit) {
        (Caller::Provider, _) => {
            let account = path.iter().find(|(key, _)| key == "account");
            let account = account.map_or("", |(_, account)| account.as_str());
            Right::Proven(web.app.verify(account, &parts.headers, body)?)
        }
        (Caller::Anyone | Caller::Key(_), Some(permit)) => Right::Permit(permit),
        (Caller::Anyone | Caller::Key(_), None) => Right::None,
    };
    let request = Admitted { parts, path, right };
    match route.endpoint {
        Endpoint::Hook => hooks::take_in(web, request).await,
        Endpoint::Tool => tools::call(web, request).await,
        Endpoint::Health => Ok(reply::status(StatusCode::OK)),
        Endpoint::Readiness => health::ready(web).await,
        Endpoint::ListCalls => api::calls::list(web, &request).await,
        Endpoint::ShowCall => api::calls::show(web, &request).await,
        Endpoint::ListAppointments => api::appointments::list(web, &request).await,
    }
}

async fn admit(
    web: &Web,
    route: &Route,
    parts: &http::request::Parts,
    scope: Scope,
) -> Result<Permit, AppError> {
    let presented = reply::bearer(&parts.headers);
    let (key, permit) = web.app.admit(presented, scope).await?;
    match route.policy.rate {
        RateClass::Free | RateClass::Signed => {}
        RateClass::Api => web.keys.take(key, web.app.clock.now_ms())?,
    }
    if web.keys.is_new_hour(key, web.app.clock.now_ms()) {
        let app = Arc::clone(&web.app);
        tokio::spawn(async move {
            if let Err(error) = app.note_key_used(key).await {
                tracing::warn!(%error, "the last use of a key could not be noted");
            }
        });
    }
    Ok(permit)
}
