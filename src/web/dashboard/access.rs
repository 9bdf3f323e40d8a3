//! Who may do what, made of the one table by which it is decided.

use axum::response::Response;
use maud::html;

use super::frame::outside;
use crate::app::AppError;
use crate::domain::access::{Role, Scope};
use crate::web::Web;
use crate::web::route::{Admitted, Caller, TABLE};

/// `GET /access`.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    web.app.me(request.user()?.0).await?;
    let main = html! {
        h1 { "Who may do what" }
        p { "An operator may do everything in every business. Everybody else has a role in each business that they belong to; a key has the scopes that it was given." }
        div.table tabindex="0" role="region" aria-label="Who may do what" {
            table {
                thead { tr {
                    th scope="col" { "Scope" }
                    @for role in Role::ALL { th scope="col" { (role.word()) } }
                    th scope="col" { "key" }
                    th scope="col" { "Opens" }
                } }
                tbody {
                    @for scope in Scope::ALL {
                        tr {
                            th scope="row" { code { (scope.word()) } }
                            @for role in Role::ALL { td { (mark(role.may(scope))) } }
                            td { (mark(scope.is_for_keys())) }
                            td { @for path in opened(scope) { code.path { (path) } " " } }
                        }
                    }
                }
            }
        }
        p { a href="/" { "Back" } }
    };
    Ok(outside("Who may do what", &main))
}

fn mark(may: bool) -> &'static str {
    if may { "yes" } else { "–" }
}

fn opened(scope: Scope) -> Vec<String> {
    let routes = TABLE.iter().filter(|route| match route.policy.caller {
        Caller::Business(wanted) | Caller::Person(wanted) => wanted == scope,
        Caller::Anyone | Caller::Provider | Caller::Secret | Caller::User | Caller::Operator => {
            false
        }
    });
    routes.map(|route| format!("{} {}", route.method, route.path)).collect()
}
