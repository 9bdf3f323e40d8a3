//! Pages for people: logging in, the book of record, who did what, and who may do what.
//!
//! HTML made on the server, one style sheet, no scripts. Pages hold no rule of their own: what they
//! show is what the use cases answer, and who may see them stands in the route table.

pub mod access;
pub mod appointments;
pub mod assets;
pub mod audit;
mod days;
pub mod entrance;
mod frame;
pub mod password;
mod reader;

use axum::response::Response;
use maud::html;

use self::frame::{Frame, address, outside, redirect};
pub use self::reader::Reader;
use super::Web;
use super::route::Admitted;
use crate::app::AppError;
use crate::domain::access::{Scope, Standing};
use crate::domain::ids::{BusinessRef, UserId};

/// `GET /`: to the first page that one may see.
pub async fn home(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    request.query()?.finish()?;
    let mine = mine(web, request.user()?.0).await?;
    let [only] = &mine[..] else { return Ok(redirect("/businesses")) };
    let first = if (only.may)(Scope::AppointmentsRead) { "/appointments" } else { "/audit" };
    Ok(redirect(&address(first, &[("business", &only.id.to_string())])))
}

/// `GET /businesses?next=`: which business one means, for whoever belongs to several.
pub async fn businesses(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let mut query = request.query()?;
    let next = query.take("next").filter(|next| entrance::is_of_ours(next));
    query.finish()?;
    let next = next.map(|next| next.split('?').next().unwrap_or_default().to_owned());
    let mine = mine(web, request.user()?.0).await?;
    let to = |one: &Mine| {
        let first = if (one.may)(Scope::AppointmentsRead) { "/appointments" } else { "/audit" };
        let path = next.as_deref().filter(|next| *next != "/").unwrap_or(first);
        address(path, &[("business", &one.id.to_string())])
    };
    Ok(outside(
        "Businesses",
        &html! {
            h1 { "Which business?" }
            @if mine.is_empty() {
                p.muted { "You belong to none. Ask whoever runs one to invite you." }
            }
            ul.choices {
                @for one in &mine { li { a href=(to(one)) { (one.name) } } }
            }
            (frame::log_out())
        },
    ))
}

/// A business that a user has to do with.
struct Mine {
    id: BusinessRef,
    name: String,
    may: Box<dyn Fn(Scope) -> bool + Send + Sync>,
}

/// The businesses of a user by name: all of them for an operator.
async fn mine(web: &Web, user: UserId) -> Result<Vec<Mine>, AppError> {
    let (user, memberships) = web.app.me(user).await?;
    let all = web.app.businesses().await?.into_iter().filter_map(|business| {
        let of = memberships
            .iter()
            .find(|(id, _, standing)| *id == business.id && *standing == Standing::Active);
        let may: Box<dyn Fn(Scope) -> bool + Send + Sync> = match of {
            _ if user.is_operator => Box::new(|_| true),
            Some((_, role, _)) => {
                let role = *role;
                Box::new(move |scope| role.may(scope))
            }
            None => return None,
        };
        Some(Mine { id: business.id, name: business.name, may })
    });
    Ok(all.collect())
}
