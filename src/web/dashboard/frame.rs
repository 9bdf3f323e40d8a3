//! What is around a page: the head, the way to other pages, and how an address is put together.
//!
//! Never holds what a page is about.

use axum::response::Response;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, html};

use super::{assets, mine};
use crate::app::AppError;
use crate::domain::access::{BusinessId, Scope};
use crate::domain::business::Setup;
use crate::domain::ids::BusinessRef;
use crate::web::route::Admitted;
use crate::web::{Web, reply};

/// What a page may load: our style sheet, and nothing from elsewhere. No scripts.
const MAY_LOAD: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What every page of a business shows around itself.
pub struct Frame {
    /// The business as it is set up.
    pub setup: std::sync::Arc<Setup>,
    id: BusinessRef,
    email: String,
    several: bool,
    pages: Vec<(&'static str, &'static str)>,
}

/// Each page of a business: its path, what it is called, and what one must be allowed to.
const PAGES: [(&str, &str, Scope); 2] = [
    ("/appointments", "Appointments", Scope::AppointmentsRead),
    ("/audit", "Audit log", Scope::AuditRead),
];

impl Frame {
    /// For whoever asks, in the business that they mean.
    pub async fn of(web: &Web, request: &Admitted) -> Result<Self, AppError> {
        let user = request.user()?.0;
        let business: BusinessId = request.permit()?.business();
        let (setup, mine) = tokio::try_join!(web.app.setup_of(business), mine(web, user))?;
        let id = business.as_ref();
        let own = mine.iter().find(|one| one.id == id);
        let may = |scope| own.is_some_and(|one| (one.may)(scope));
        let pages = PAGES.into_iter().filter(|(_, _, scope)| may(*scope));
        let pages = pages.map(|(path, name, _)| (path, name)).collect();
        let email = web.app.me(user).await?.0.email;
        Ok(Self { setup, id, email, several: mine.len() > 1, pages })
    }

    /// The address of a page in the same business.
    pub fn address(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let id = self.id.to_string();
        let mut all = vec![("business", &id[..])];
        all.extend(pairs.iter().filter(|(_, value)| !value.is_empty()));
        address(path, &all)
    }

    /// The field of a form that keeps the business.
    pub fn hidden(&self) -> Markup {
        html! { input type="hidden" name="business" value=(self.id); }
    }

    /// A page.
    pub fn page(&self, path: &str, title: &str, main: &Markup) -> Response {
        let is_here = |of: &str| path == of || path.starts_with(&format!("{of}/"));
        whole(
            title,
            &html! {
                a.skip href="#main" { "Skip to the page" }
                div.shell {
                    header.side {
                        (brand())
                        p.business {
                            (self.setup.business.name)
                            small { (self.setup.business.zone.iana_name().unwrap_or("UTC")) }
                            @if self.several { a href="/businesses" { "Change" } }
                        }
                        nav aria-label="Pages" {
                            @for (of, name) in &self.pages {
                                @let here = is_here(of).then_some("page");
                                a href=(self.address(of, &[])) aria-current=[here] { (name) }
                            }
                            @let here = is_here("/access").then_some("page");
                            a href=(self.address("/access", &[])) aria-current=[here] { "Who may do what" }
                        }
                        div.who { span title="Logged in" { (self.email) } (log_out()) }
                    }
                    main #main tabindex="-1" { (main) }
                }
            },
        )
    }
}

/// A page without a business around it.
pub fn outside(title: &str, main: &Markup) -> Response {
    whole(title, &html! { main.alone #main { (brand()) section.card { (main) } } })
}

/// The way out.
pub fn log_out() -> Markup {
    html! { form method="post" action="/logout" { button.plain type="submit" { "Log out" } } }
}

fn brand() -> Markup {
    html! { p.brand { a href="/" { "frontdesk" } } }
}

fn whole(title: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · frontdesk" }
                link rel="stylesheet" href=(assets::stylesheet_address());
            }
            body { (body) }
        }
    };
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = reply::bytes(html, page.into_string().into());
    let may_load = HeaderValue::from_static(MAY_LOAD);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, may_load);
    // Without any referrer a browser says of our own forms that they come from nowhere (the Fetch
    // standard, "append a request Origin header").
    let own = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(REFERRER_POLICY, own);
    response
}

/// The same page with another status.
pub fn with(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

/// On to another address, by GET (RFC 9110 section 15.4.4).
pub fn redirect(to: &str) -> Response {
    let mut response = reply::status(StatusCode::SEE_OTHER);
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, to);
    response
}

/// A path with a query.
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("{path}?{}", query.finish())
}
