//! The route table, walked: what each entry's policy says is what happens, and every refusal is
//! told in the one format.

use std::collections::BTreeSet;

use frontdesk::domain::access::{Role, Scope, Standing};
use frontdesk::web::route::{BodyLimit, Caller, Face, Idempotency, RateClass, Route, TABLE};
use http::Method;

use crate::harness::{Answer, Server, Setup};

/// Paths that anyone may ask for.
const OPEN: [&str; 9] = [
    "/healthz",
    "/readyz",
    "/.well-known/security.txt",
    "/metrics",
    "/openapi.json",
    "/assets/app.css",
    "/login",
    "/forgot",
    "/password",
];
/// Where anyone may try to prove who they are.
const TRIED: [&str; 5] = ["register", "login", "refresh", "password/forgot", "password/reset"];
/// What no entry of the table answers to.
const OTHER_METHODS: [Method; 4] = [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];

/// The path of an entry with something in place of its segments.
fn path(route: &Route) -> String {
    let path = route.path.replace("{account}", "retell").replace("{file}", "guess.ics");
    let path = path.replace("{token}", "guess");
    path.replace("{id}", "01900000-0000-7000-8000-000000000001")
}

/// Asks as an entry is meant to be asked, with these headers and nothing else.
async fn ask(server: &Server, route: &Route, headers: &[(&str, &str)]) -> Answer {
    let own = format!("http://{}", server.address());
    let mut headers = headers.to_vec();
    headers.extend((route.policy.face == Face::Page).then_some(("origin", &own[..])));
    server.request(route.method.clone(), &path(route), &headers, Vec::new()).await
}

/// Whether a key can open it.
fn is_for_keys(route: &Route) -> bool {
    matches!(route.policy.caller, Caller::Business(scope) if scope.is_for_keys())
}

/// The methods that a path answers to, as `Allow` names them.
fn allowed(path: &str) -> Vec<&'static str> {
    let routes = TABLE.iter().filter(|route| route.path == path);
    let methods = routes.flat_map(|route| match route.method.as_str() {
        "GET" => vec!["GET", "HEAD"],
        method => vec![method],
    });
    methods.collect()
}

#[test]
fn what_a_provider_sends_is_proven_and_what_is_open_is_open_on_purpose() {
    for route in TABLE {
        let is_signed =
            ["/hooks/", "/tools/", "/inbound/"].iter().any(|begin| route.path.starts_with(begin));
        assert_eq!(route.policy.caller == Caller::Provider, is_signed, "{}", route.path);
        let is_page = route.policy.face == Face::Page;
        let is_form = is_page && route.method == Method::POST && route.path != "/logout";
        let is_tried =
            is_form || route.path.strip_prefix("/api/v1/auth/").is_some_and(|p| TRIED.contains(&p));
        assert_eq!(route.policy.rate == RateClass::Tries, is_tried, "{}", route.path);
        let is_open = is_tried || OPEN.contains(&route.path);
        assert_eq!(route.policy.caller == Caller::Anyone, is_open, "{}", route.path);
        let is_secret = route.path.starts_with("/feeds/") || route.path.starts_with("/recordings/");
        assert_eq!(route.policy.caller == Caller::Secret, is_secret, "{}", route.path);
        let is_api = route.path.starts_with("/api/") || is_page;
        let is_proven = matches!(
            route.policy.caller,
            Caller::Business(_) | Caller::Person(_) | Caller::User | Caller::Operator
        );
        assert_eq!(is_proven, is_api && !is_open, "{}", route.path);
        let is_for_people = matches!(route.policy.caller, Caller::Person(_));
        assert!(!is_for_people || is_page, "{}: a program has no role", route.path);
    }
}

#[test]
fn no_two_entries_answer_to_the_same_method_and_path() {
    let entries: BTreeSet<_> =
        TABLE.iter().map(|route| (route.path, route.method.as_str())).collect();
    assert_eq!(entries.len(), TABLE.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_whom_its_policy_does_not_name() {
    let setup = Setup::plain()
        .set("LIMITS__REFUSED_PER_MINUTE", "100000")
        .set("SERVER__SECURITY_CONTACT", "mailto:security@example.com")
        .set("METRICS__ALLOW", "[\"127.0.0.1\"]");
    let server = setup.start().await;
    let business = server.business().await;
    for route in TABLE {
        match route.policy.caller {
            Caller::Anyone if route.policy.rate == RateClass::Tries => {
                ask(&server, route, &[]).await.problem(400, "invalid");
            }
            Caller::Anyone => {
                assert_eq!(ask(&server, route, &[]).await.status, 200, "{}", route.path);
            }
            Caller::User | Caller::Operator => {
                let key = server.key(business, &Scope::for_keys()).await;
                let key = format!("Bearer {key}");
                ask(&server, route, &[]).await.problem(401, "key_missing");
                ask(&server, route, &[("authorization", &key)]).await.problem(403, "users_only");
                let forged = [("authorization", "Bearer a.b.c")];
                ask(&server, route, &forged).await.problem(401, "session_invalid");
            }
            Caller::Secret => {
                ask(&server, route, &[]).await.problem(404, "not_found");
            }
            Caller::Provider => {
                ask(&server, route, &[]).await.problem(401, "signature_missing");
                let guess = [("x-retell-signature", "v=1,d=2"), ("authorization", "Bearer x")];
                ask(&server, route, &guess).await.problem(401, "signature_invalid");
            }
            Caller::Business(_) | Caller::Person(_) if !is_for_keys(route) => {
                let key = format!("Bearer {}", server.key(business, &Scope::for_keys()).await);
                ask(&server, route, &[]).await.problem(401, "key_missing");
                let refused = ask(&server, route, &[("authorization", &key)]).await;
                refused.problem(403, "scope_missing");
            }
            Caller::Business(scope) | Caller::Person(scope) => {
                let others: Vec<Scope> =
                    Scope::for_keys().into_iter().filter(|s| *s != scope).collect();
                let wrong = format!("Bearer {}", server.key(business, &others).await);
                let right = format!("Bearer {}", server.key(business, &[scope]).await);
                ask(&server, route, &[]).await.problem(401, "key_missing");
                let cases = [
                    ("Bearer fdk_test", 401, "key_invalid"),
                    (wrong.as_str(), 403, "scope_missing"),
                ];
                for (bearer, status, code) in cases {
                    let refused = ask(&server, route, &[("authorization", bearer)]).await;
                    refused.problem(status, code);
                }
                // Nothing is sent with it: what needs something says so, and what names something
                // finds nothing.
                let admitted = ask(&server, route, &[("authorization", right.as_str())]).await;
                let is_made = route.policy.idempotency == Idempotency::ByKey;
                let fits = match admitted.status {
                    200 | 404 => true,
                    201 => is_made && route.path == "/api/v1/feeds",
                    400 => admitted.json()["code"] == "invalid",
                    _ => false,
                };
                assert!(fits, "{} {}: {}", route.method, route.path, admitted.text());
            }
        }
    }
    for table in ["inbox", "jobs", "calls", "tool_calls", "offers", "appointments"] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_reads_a_body_reads_no_more_than_is_allowed() {
    let server = Setup::plain().set("LIMITS__BODY_MAX_BYTES", "1024").start().await;
    let business = server.business().await;
    let key = server.key(business, &Scope::for_keys()).await;
    let bearer = format!("Bearer {key}");
    let one = server.member(business, Role::Owner, Standing::Active).await.bearer();
    let mut tried = 0;
    for route in TABLE.iter().filter(|route| route.policy.body == BodyLimit::Standard) {
        // A guess is read; what carries no proof at all is refused before.
        let bearer = match route.policy.caller {
            Caller::Business(_) if is_for_keys(route) => &bearer,
            Caller::Business(_) | Caller::Person(_) | Caller::User | Caller::Operator => &one,
            Caller::Anyone | Caller::Provider | Caller::Secret => "x",
        };
        let own = format!("http://{}", server.address());
        let headers =
            [("authorization", bearer), ("x-retell-signature", "v=1,d=2"), ("origin", &own[..])];
        let path = path(route);
        let body = vec![b'x'; 1_025];
        let answer = server.request(route.method.clone(), &path, &headers, body).await;
        let problem = answer.problem(413, "body_too_large");
        assert!(problem["detail"].as_str().is_some_and(|why| why.contains("1024")), "{problem}");
        let body = vec![b'x'; 1_024];
        let answer = server.request(route.method.clone(), &path, &headers, body).await;
        assert_ne!(answer.status, 413, "{path}");
        tried += 1;
    }
    assert!(tried > 0, "the table has such a route");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_names_its_methods_when_asked_by_another() {
    let server = Server::start().await;
    for route in TABLE {
        let (path, allowed) = (path(route), allowed(route.path));
        let reading = [Method::GET, Method::POST];
        for method in OTHER_METHODS.into_iter().chain(reading) {
            if allowed.contains(&method.as_str()) {
                continue;
            }
            let answer = server.request(method, &path, &[], Vec::new()).await;
            answer.problem(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), allowed.join(", "), "{path}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_answered_as_get_is_but_without_a_body() {
    let server = Setup::plain().set("LIMITS__REFUSED_PER_MINUTE", "100000").start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let bearer = format!("Bearer {key}");
    for route in TABLE.iter().filter(|route| route.method == Method::GET) {
        let path = path(route);
        for headers in [&[("authorization", bearer.as_str())][..], &[]] {
            let got = server.request(Method::GET, &path, headers, Vec::new()).await;
            let head = server.request(Method::HEAD, &path, headers, Vec::new()).await;
            assert_eq!(head.status, got.status, "{path}");
            assert_eq!(head.header("content-type"), got.header("content-type"), "{path}");
            assert!(head.body.is_empty(), "{path}");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_not_in_the_table_is_not_found() {
    let server = Server::start().await;
    let paths = [
        "//",
        "/hooks",
        "/hooks/",
        "/hooks/retell/",
        "/hooks/retell/more/yet",
        "/tools",
        "/api/v1",
        "/api/v1/calls/",
        "/api/v2/calls",
        "/healthz/",
        "/HEALTHZ",
        "/.env",
        "/hooks/%ff",
    ];
    for path in paths {
        for method in [Method::GET, Method::POST] {
            if (method.as_str(), path) == ("GET", "/hooks/%ff") {
                continue;
            }
            let answer = server.request(method, path, &[], Vec::new()).await;
            answer.problem(404, "not_found");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id_of_its_own_and_is_kept_by_no_cache() {
    let server = Server::start().await;
    let mut ids = BTreeSet::new();
    let paths = ["/healthz", "/healthz", "/readyz", "/nowhere", "/api/v1/calls"];
    for path in paths {
        let answer = server.get(path, None).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(ids.insert(answer.header("x-request-id").to_owned()), "{path}");
    }
    assert!(ids.iter().all(|id| id.len() == 36), "{ids:?}");
    server.finish().await;
}
