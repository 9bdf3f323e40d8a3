//! Each request that changes something has its row of the audit trail, and so has each that is refused.
//!
//! Never decides what is refused.

use std::net::IpAddr;

use axum::response::Response;

use super::caller::{Admission, Principal, Turned};
use super::problem::Problem;
use super::route::{Admitted, Idempotency, Right, Route};
use super::{Web, dispatch};
use crate::app::AppError;
use crate::app::audit::{Entry, Refused, Who, on_behalf};
use crate::domain::ids::BusinessRef;

/// A request that ended without an answer: by whom it was, about what, and why.
pub struct Ended {
    who: Who,
    business: Option<BusinessRef>,
    object: String,
    error: AppError,
}

impl Ended {
    /// By nobody, so far.
    pub fn new() -> Self {
        let error = AppError::NotFound("page");
        Self { who: Who::Nobody, business: None, object: String::new(), error }
    }

    /// By whoever was admitted.
    pub fn of(&mut self, admission: Option<&Admission>) {
        let Some(admission) = admission else { return };
        self.who = who(admission.who);
        self.business = admission.permit.map(|permit| permit.business().as_ref());
    }

    /// By somebody who may not.
    pub fn turned(turned: Turned) -> Self {
        let Turned { who: principal, business, error } = turned;
        let who = principal.map_or(Who::Nobody, who);
        Self { who, business, object: String::new(), error }
    }

    /// About a thing.
    pub fn about(&mut self, object: &str) {
        object.clone_into(&mut self.object);
    }

    /// For this reason.
    pub fn with(&mut self, error: AppError) -> Self {
        let object = std::mem::take(&mut self.object);
        Self { who: self.who.clone(), business: self.business, object, error }
    }
}

fn who(principal: Principal) -> Who {
    match principal {
        Principal::Key(key) => Who::Key(key),
        Principal::User(user, _) => Who::User(user),
    }
}

/// The row of a request that changes something, or reads in bulk; `None` for others, and for what has
/// a record of its own: what providers deliver and ask.
pub fn entry(
    web: &Web,
    route: &Route,
    (right, id): (&Right, &str),
    address: Option<IpAddr>,
) -> Option<Entry> {
    let Right::Admitted(admission) = right else { return None };
    if route.policy.idempotency == Idempotency::Safe && !route.endpoint.reads_in_bulk() {
        return None;
    }
    let entry = Entry::done(who(admission.who), route.endpoint.word(), web.app.clock.now());
    let business = admission.permit.map(|permit| permit.business().as_ref());
    Some(Entry { business, ..entry.about(id).from(address) })
}

/// Answers a request; its first write notes the row, or the answer itself where nothing is written.
pub async fn watch(
    web: &Web,
    (route, entry): (&Route, Option<Entry>),
    request: Admitted,
) -> Result<Response, AppError> {
    // Boxed: it has room for the largest of all handlers.
    let answering = Box::pin(dispatch::answer(web, route.endpoint, request));
    let Some(entry) = entry else { return answering.await };
    let (answered, left) = on_behalf(entry, answering).await;
    let response = answered?;
    if let Some(entry) = left
        && route.endpoint.reads_in_bulk()
    {
        web.app.note_done(entry).await?;
    }
    Ok(response)
}

/// Counts a request that was refused, and turns an address away that proved nothing too often.
pub fn refused(web: &Web, route: &Route, address: Option<IpAddr>, ended: Ended) -> AppError {
    let Ended { who, business, object, error } = ended;
    let problem = Problem::from(&error);
    if !matches!(problem.status.as_u16(), 401 | 403 | 429) {
        return error;
    }
    let proved_nothing = problem.status == http::StatusCode::UNAUTHORIZED && who == Who::Nobody;
    let (action, reason) = (route.endpoint.word(), problem.code());
    web.metrics.refused(route.endpoint, reason);
    web.app.count_refusal(Refused { who, business, action, object, address, reason });
    if proved_nothing {
        let (settings, now_ms) = (web.app.settings(), web.app.clock.now_ms());
        if let Err(too_often) = web.limits.refuse(&settings.limits, address, now_ms) {
            return too_often;
        }
    }
    error
}
