//! Who reads an answer: a person with a browser, or a program.
//!
//! Decides only how what went wrong is told, never what went wrong.

use axum::response::Response;
use http::header::ACCEPT;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::html;

use super::entrance;
use super::frame::{address, outside, redirect, with};
use crate::web::problem::Problem;
use crate::web::reply;
use crate::web::route::{Face, Route};

/// Whoever asked.
pub struct Reader {
    /// The page they asked for, when a browser asked for one.
    page: Option<Asked>,
}

struct Asked {
    path: &'static str,
    /// Where to come back to: only what changes nothing.
    back: String,
}

impl Reader {
    /// Whoever sent a request.
    pub fn of(route: &Route, parts: &Parts) -> Self {
        let is_page = route.policy.face == Face::Page && takes_html(&parts.headers);
        let whole = parts.uri.path_and_query().map_or("/", |whole| whole.as_str());
        let back =
            if parts.method == http::Method::GET { whole.to_owned() } else { "/".to_owned() };
        Self { page: is_page.then_some(Asked { path: route.path, back }) }
    }

    /// Whoever asked for something that is not there.
    pub fn of_nothing(headers: &HeaderMap) -> Self {
        let page = takes_html(headers).then(|| Asked { path: "", back: "/".to_owned() });
        Self { page }
    }

    /// What went wrong, as they can read it.
    pub fn told(&self, problem: &Problem) -> Response {
        let Some(Asked { path, back }) = &self.page else { return reply::problem(problem) };
        match (problem.code(), *path) {
            ("login_failed" | "code_needed", "/login") => {
                with(problem.status, entrance::login("/", Some(problem)))
            }
            ("key_missing" | "session_invalid", _) => {
                let next: &[_] = if back == "/" { &[] } else { &[("next", &back[..])] };
                redirect(&if next.is_empty() { "/login".into() } else { address("/login", next) })
            }
            ("which_business", _) => redirect(&address("/businesses", &[("next", &back[..])])),
            (_, _) => page(problem),
        }
    }
}

fn takes_html(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accept.flat_map(|text| text.split(',')).any(|one| {
        one.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
    })
}

fn page(problem: &Problem) -> Response {
    let is_missing = problem.status == StatusCode::NOT_FOUND;
    let mut response = with(
        problem.status,
        outside(
            problem.title(),
            &html! {
                h1 { (problem.title()) }
                @if !problem.detail().is_empty() {
                p { @if let Some(field) = problem.field() { code { (field) } " " } (problem.detail()) }
            }
                @if is_missing { p.muted { "It may have been taken away, or be another business's." } }
                p { a href="/" { "To the first page" } }
            },
        ),
    );
    if let Some(seconds) = problem.retry_after_s() {
        response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
