//! Who is asking: a key, a user by a token or by a browser's cookie, and from which address.
//!
//! An address is the other end of the connection, unless that is a proxy of the configuration: then it
//! is the one that the proxy tells. Never a reason to trust anybody.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::limits::Told;
use super::query::Query;
use super::route::{Caller, Face, Peer, Route};
use super::{Web, reply};
use crate::app::AppError;
use crate::app::error::NotAdmitted;
use crate::app::signing_in::Client;
use crate::domain::access::{
    KeyRefusal, Permit, Scope, UserGrant, UserRefusal, admit_key, admit_user,
};
use crate::domain::ids::{BusinessRef, KeyId, SessionId, UserId};

/// The cookie of a browser's session. Its prefix makes browsers send it to this host only, over TLS only
/// (RFC 6265bis section 4.1.3.2).
pub const COOKIE_NAME: &str = "__Host-frontdesk";
/// The header that names the business, for users who belong to several.
const BUSINESS: &str = "frontdesk-business";
/// The same in the address of a page.
pub const BUSINESS_KEY: &str = "business";

/// Whoever proved something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A program with a key.
    Key(KeyId),
    /// Somebody who is logged in, in a session.
    User(UserId, SessionId),
}

impl Principal {
    /// The same for counting: a user is one, in however many sessions.
    pub fn counted(self) -> Self {
        match self {
            Self::Key(_) => self,
            Self::User(user, _) => Self::User(user, SessionId::from_uuid(uuid::Uuid::nil())),
        }
    }
}

/// What a caller may do here.
pub struct Admission {
    /// Who.
    pub who: Principal,
    /// The right to a business's data, where the route asks for one.
    pub permit: Option<Permit>,
}

/// A caller who may not, as far as it is proven who it is.
pub struct Turned {
    /// Who.
    pub who: Option<Principal>,
    /// Whose data a key is for.
    pub business: Option<BusinessRef>,
    /// Why.
    pub error: AppError,
}

impl From<AppError> for Turned {
    fn from(error: AppError) -> Self {
        Self { who: None, business: None, error }
    }
}

/// Proves a caller and what they may do, counts the request, and notes that they were here.
pub async fn admit(
    web: &Web,
    route: &Route,
    parts: &Parts,
    quota: &Told,
) -> Result<Admission, Turned> {
    let admission = match route.policy.caller {
        Caller::Business(scope) => of_business(web, route, parts, scope).await?,
        Caller::Person(scope) => {
            let admission = of_business(web, route, parts, scope).await?;
            if let Principal::Key(_) = admission.who {
                let business = admission.permit.map(|permit| permit.business().as_ref());
                let error = AppError::from(NotAdmitted::ScopeMissing(scope));
                return Err(Turned { who: Some(admission.who), business, error });
            }
            admission
        }
        Caller::User => {
            let grant = session(web, route, parts).await?;
            Admission { who: Principal::User(grant.user, grant.session), permit: None }
        }
        Caller::Operator => {
            let grant = session(web, route, parts).await?;
            let who = Principal::User(grant.user, grant.session);
            if !grant.is_operator {
                let error = AppError::from(NotAdmitted::OperatorsOnly);
                return Err(Turned { who: Some(who), business: None, error });
            }
            Admission { who, permit: None }
        }
        Caller::Anyone | Caller::Provider | Caller::Secret => {
            return Err(AppError::from(NotAdmitted::KeyMissing).into());
        }
    };
    let now_ms = web.app.clock.now_ms();
    let limits = &web.app.settings().limits;
    let what = (route.policy.rate, admission.who);
    let taken = web.limits.take(limits, what, (now_ms, quota));
    taken.map_err(|error| Turned {
        who: Some(admission.who),
        business: admission.permit.map(|permit| permit.business().as_ref()),
        error,
    })?;
    if web.limits.is_to_be_noted(admission.who, now_ms) {
        note(web, admission.who);
    }
    Ok(admission)
}

async fn of_business(
    web: &Web,
    route: &Route,
    parts: &Parts,
    scope: Scope,
) -> Result<Admission, Turned> {
    let named = match (named_business(&parts.headers)?, route.policy.face) {
        (None, Face::Page) => in_address(parts)?,
        (named, Face::Page | Face::Data) => named,
    };
    let bearer = reply::bearer(&parts.headers);
    if bearer.is_some_and(|text| !is_token(text)) || !is_session(&parts.headers) {
        return of_key(web, bearer, (named, scope)).await;
    }
    let grant = session(web, route, parts).await?;
    let who = Principal::User(grant.user, grant.session);
    let turned = |error| Turned { who: Some(who), business: named, error };
    let permit = admit_user(&grant, named, scope).map_err(|refusal| match refusal {
        UserRefusal::NoSuchBusiness => turned(AppError::NotFound("business")),
        UserRefusal::WhichBusiness => turned(AppError::from(NotAdmitted::WhichBusiness)),
        UserRefusal::MissingScope(scope) => {
            turned(AppError::from(NotAdmitted::ScopeMissing(scope)))
        }
    })?;
    if grant.is_operator {
        // A member's business is there by its membership; an operator may name anything.
        web.app.business_exists(permit.business()).await?;
    }
    Ok(Admission { who, permit: Some(permit) })
}

async fn of_key(
    web: &Web,
    presented: Option<&str>,
    (named, scope): (Option<BusinessRef>, Scope),
) -> Result<Admission, Turned> {
    let grant = web.app.key_grant(presented).await?;
    let (who, business) = (Some(Principal::Key(grant.key)), Some(grant.business));
    let permit = match admit_key(&grant, scope, web.app.clock.now()) {
        Ok(permit) => permit,
        Err(KeyRefusal::NotValid) => {
            return Err(Turned {
                who: None,
                business,
                error: AppError::from(NotAdmitted::KeyInvalid),
            });
        }
        Err(KeyRefusal::MissingScope(scope)) => {
            return Err(Turned {
                who,
                business,
                error: AppError::from(NotAdmitted::ScopeMissing(scope)),
            });
        }
    };
    if named.is_some_and(|named| named != grant.business) {
        return Err(Turned { who, business, error: AppError::NotFound("business") });
    }
    Ok(Admission { who: Principal::Key(grant.key), permit: Some(permit) })
}

/// Whoever is logged in. What a browser sends by itself must come from our own pages.
async fn session(web: &Web, route: &Route, parts: &Parts) -> Result<UserGrant, AppError> {
    if let Some(token) = reply::bearer(&parts.headers) {
        if !is_token(token) {
            return Err(AppError::from(NotAdmitted::UsersOnly));
        }
        return web.app.by_access_token(token).await;
    }
    let Some(cookie) = cookie(&parts.headers) else {
        return Err(AppError::from(NotAdmitted::KeyMissing));
    };
    if !is_from_here(parts, web.app.settings().server.public_url.as_deref(), route) {
        return Err(AppError::from(NotAdmitted::OtherSite));
    }
    web.app.by_cookie(cookie).await
}

/// Whether a bearer is an access token, not a key.
fn is_token(text: &str) -> bool {
    text.contains('.')
}

fn is_session(headers: &HeaderMap) -> bool {
    reply::bearer(headers).is_some()
        || (!headers.contains_key(AUTHORIZATION) && cookie(headers).is_some())
}

/// The cookie of a session, if exactly one is sent.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    let mut ours = pairs.filter(|(name, _)| name.trim() == COOKIE_NAME);
    let (_, value) = ours.next()?;
    ours.next().is_none().then(|| value.trim())
}

/// Whether a request that carries a cookie was sent by one of our own pages, or changes nothing. The
/// browser says where it comes from (Fetch Metadata; the Fetch standard's `Origin`).
/// A page may be come to from anywhere: by a link in a message, say.
pub fn is_from_here(parts: &Parts, public_url: Option<&str>, route: &Route) -> bool {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let site = header("sec-fetch-site");
    if matches!(parts.method, Method::GET | Method::HEAD) {
        let comes = header("sec-fetch-mode") == Some("navigate");
        let is_visit = comes && route.policy.face == Face::Page;
        return is_visit || matches!(site, None | Some("same-origin" | "none"));
    }
    let host = header(HOST.as_str()).unwrap_or_default();
    let is_own = |origin: &str| {
        Some(origin) == public_url
            || origin.strip_prefix("https://").or(origin.strip_prefix("http://")) == Some(host)
    };
    let origin = header(ORIGIN.as_str());
    matches!(site, None | Some("same-origin")) && origin.is_some_and(is_own)
}

fn named_business(headers: &HeaderMap) -> Result<Option<BusinessRef>, AppError> {
    let mut all = headers.get_all(BUSINESS).iter();
    let Some(value) = all.next() else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    match (id, all.next()) {
        (Some(id), None) => Ok(Some(id)),
        (_, _) => Err(AppError::NotFound("business")),
    }
}

fn in_address(parts: &Parts) -> Result<Option<BusinessRef>, AppError> {
    let mut query = Query::parse(parts.uri.query().unwrap_or_default())?;
    let named = query.take(BUSINESS_KEY).map(|text| text.parse());
    named.transpose().map_err(|_| AppError::NotFound("business"))
}

/// Writes down behind the answer that a key or a session was used.
fn note(web: &Web, who: Principal) {
    let app = Arc::clone(&web.app);
    tokio::spawn(async move {
        let noted = match who {
            Principal::Key(key) => app.note_key_used(key).await,
            Principal::User(_, session) => app.note_session_used(session).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "a last use could not be noted");
        }
    });
}

/// From where and with what somebody comes.
pub fn client(web: &Web, parts: &Parts) -> Client {
    let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Client { address: address(web, parts), agent: agent.unwrap_or_default().to_owned() }
}

/// The address of a client.
pub fn address(web: &Web, parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0)?;
    let told = parts.headers.get_all("x-forwarded-for").iter();
    let told: Vec<&str> = told.filter_map(|value| value.to_str().ok()).collect();
    Some(web.app.settings().server.trusted_proxies.client(peer, &told))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri("/api/v1/keys");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_cookie_counts_only_from_our_own_pages() {
        let own = Some("https://desk.example.com");
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);
        let cases: [Case<'_>; 11] = [
            (
                "POST",
                &[("origin", "https://desk.example.com"), ("sec-fetch-site", "same-origin")],
                true,
            ),
            ("POST", &[("origin", "https://desk.example.com")], true),
            ("POST", &[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")], true),
            ("POST", &[("sec-fetch-site", "same-origin")], false),
            ("POST", &[], false),
            ("POST", &[("origin", "null")], false),
            ("POST", &[("origin", "https://evil.example")], false),
            (
                "DELETE",
                &[("origin", "https://desk.example.com"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            ("GET", &[], true),
            ("GET", &[("sec-fetch-site", "none")], true),
            ("GET", &[("sec-fetch-site", "same-site")], false),
        ];
        for (method, headers, fits) in cases {
            let api = crate::web::route::TABLE.iter().find(|r| r.path == "/api/v1/keys");
            let api = api.expect("there is such a route");
            let seen = is_from_here(&parts(method, headers), own, api);
            assert_eq!(seen, fits, "{method} {headers:?}");
        }
        // A page may be come to by a link of another site; nothing else of ours may.
        let visit = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        for (path, fits) in [("/audit", true), ("/api/v1/keys", false)] {
            let route = crate::web::route::TABLE.iter().find(|route| route.path == path);
            let route = route.expect("there is such a route");
            assert_eq!(is_from_here(&parts("GET", &visit), own, route), fits, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_reading_who_asks_fail(bytes in proptest::collection::vec(0x20_u8..0xff, 0..80)) {
            let Ok(value) = http::HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, value.clone());
            headers.insert(AUTHORIZATION, value.clone());
            headers.insert(BUSINESS, value);
            // Whatever comes of it: it is read without a fault.
            let read = (cookie(&headers), reply::bearer(&headers), named_business(&headers).is_ok());
            proptest::prop_assert!(read.0.is_none_or(|cookie| cookie.len() <= bytes.len()));
        }
    }

    #[test]
    fn exactly_one_cookie_of_ours_is_read() {
        let read = |text| cookie(&parts("GET", &[("cookie", text)]).headers).map(str::to_owned);
        assert_eq!(read("a=1; __Host-frontdesk=fdc_x; b=2").as_deref(), Some("fdc_x"));
        assert_eq!(read("__Host-frontdesk=a; __Host-frontdesk=b"), None);
        assert_eq!(read("frontdesk=a"), None);
        assert_eq!(read(""), None);
    }
}
