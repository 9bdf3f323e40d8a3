//! Who may do what, in every combination: each route, role, state of a membership, own and another
//! business, and key. What is expected stands in `tests/fixtures/access.txt`, which nobody changes by
//! changing the program; nothing else is let in.

use frontdesk::domain::access::{Role, Scope, Standing};
use frontdesk::web::route::{Caller, Route, TABLE};

use crate::harness::people::LoggedIn;
use crate::harness::{Server, Setup};

/// A path with something in place of its segments.
fn path(route: &Route) -> String {
    route.path.replace("{id}", "01900000-0000-7000-8000-000000000001")
}

/// The lines of the record: method, path, scope, and who has it: roles, and keys.
const RECORD: &str = include_str!("../fixtures/access.txt");

/// What the record says of a route that is for whoever has a scope.
struct Line {
    route: &'static Route,
    scope: Scope,
    may: Vec<&'static str>,
}

impl Line {
    fn lets(&self, role: Role) -> bool {
        self.may.contains(&role.word())
    }
}

fn routes() -> impl Iterator<Item = Line> {
    RECORD.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (method, path, scope) = (words.next()?, words.next()?, words.next()?);
        let scope = scope.parse().ok()?;
        let route = TABLE.iter().find(|route| route.method == method && route.path == path)?;
        Some(Line { route, scope, may: words.collect() })
    })
}

/// The record as the program would write it.
fn rendered() -> String {
    let line = |route: &Route| {
        let who = match route.policy.caller {
            Caller::Anyone => "anyone".to_owned(),
            Caller::Provider => "provider".to_owned(),
            Caller::Secret => "secret".to_owned(),
            Caller::User => "user".to_owned(),
            Caller::Operator => "operator".to_owned(),
            Caller::Person(scope) => {
                let roles = Role::ALL.into_iter().filter(|role| role.may(scope)).map(Role::word);
                let may: Vec<_> = roles.collect();
                format!("{} {}", scope.word(), may.join(" "))
            }
            Caller::Business(scope) => {
                let roles = Role::ALL.into_iter().filter(|role| role.may(scope)).map(Role::word);
                let keys = scope.is_for_keys().then_some("key");
                let may: Vec<_> = roles.chain(keys).collect();
                format!("{} {}", scope.word(), may.join(" "))
            }
        };
        format!("{} {} {who}\n", route.method, route.path)
    };
    let mut lines: Vec<String> = TABLE.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

#[test]
fn the_record_of_who_may_do_what_is_what_the_program_says() {
    let (told, written) = (rendered(), RECORD);
    let differs = |one: &str, other: &str| -> Vec<String> {
        let gone = one.lines().filter(|line| !other.lines().any(|known| known == *line));
        gone.map(str::to_owned).collect()
    };
    let (new, old) = (differs(&told, written), differs(written, &told));
    assert!(
        new.is_empty() && old.is_empty(),
        "where it is meant, change the record: {old:#?} is now {new:#?}"
    );
    assert_eq!(routes().count(), TABLE.iter().filter(|route| is_of_a_business(route)).count());
}

fn is_of_a_business(route: &Route) -> bool {
    matches!(route.policy.caller, Caller::Business(_) | Caller::Person(_))
}

/// Whether a status says that the caller was let in: whatever the request then lacked.
fn is_in(status: u16) -> bool {
    matches!(status, 200 | 201 | 204 | 400 | 404 | 409 | 412 | 422)
}

async fn server() -> Server {
    let setup = Setup::plain().allow_jobs();
    let many =
        ["API_REQUESTS", "BOOKINGS", "DIAGNOSTICS", "OUTBOUND", "REFUSED", "LOGIN", "REGISTER"];
    let setup = many
        .into_iter()
        .fold(setup, |setup, what| setup.set(&format!("LIMITS__{what}_PER_MINUTE"), "1000"));
    let setup = setup.set("LIMITS__API_REQUESTS_PER_MINUTE", "1000000");
    setup.set("LIMITS__OUTBOUND_PER_MINUTE_PER_USER", "1000").start().await
}

async fn ask(server: &Server, route: &Route, headers: &[(&str, &str)]) -> crate::harness::Answer {
    server.request(route.method.clone(), &path(route), headers, Vec::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_in_every_state_may_do_what_its_line_says_and_nothing_else() {
    let server = server().await;
    let own = server.business().await;
    let other = server.business_named("Other", "+12025550199", "agent_other").await;
    let other = other.as_ref().to_string();
    let (mut tried, mut let_in) = (0, 0);
    for role in Role::ALL {
        for standing in Standing::ALL {
            let one = server.member(own, role, standing).await;
            let bearer = one.bearer();
            for line in routes() {
                let route = line.route;
                let what = format!("{} {} {role:?} {standing:?}", route.method, route.path);
                let answer = ask(&server, route, &[("authorization", &bearer)]).await;
                let may = standing == Standing::Active && line.lets(role);
                tried += 1;
                if may {
                    let_in += 1;
                    assert!(is_in(answer.status), "{what}: {}", answer.text());
                } else if standing == Standing::Active {
                    answer.problem(403, "scope_missing");
                } else {
                    let told = answer.problem(404, "not_found");
                    assert_eq!(told["detail"], "No business was found.", "{what}");
                }
                // Another's business is as if it were not there, whoever asks.
                let headers = [("authorization", bearer.as_str()), ("frontdesk-business", &other)];
                let told = ask(&server, route, &headers).await.problem(404, "not_found");
                assert_eq!(told["detail"], "No business was found.", "{what}");
            }
        }
    }
    assert!(tried > 500 && let_in > 100, "{let_in} of {tried}");
    let done = server.db().cells(
        "SELECT DISTINCT action FROM audit_log WHERE result = 'done' AND actor = 'user'
         ORDER BY action",
    );
    let wanted = [["add_feed"], ["audit_file"], ["export_audit"], ["login"], ["register"]];
    assert_eq!(done, wanted, "nothing was sent with the requests");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_opens_its_scopes_and_its_own_business() {
    let server = server().await;
    let own = server.business().await;
    let other = server.business_named("Other", "+12025550199", "agent_other").await;
    let other = other.as_ref().to_string();
    for held in Scope::for_keys() {
        let bearer = format!("Bearer {}", server.key(own, &[held]).await);
        for Line { route, scope, may } in routes() {
            let answer = ask(&server, route, &[("authorization", &bearer)]).await;
            let what = format!("{} {} with {}", route.method, route.path, held.word());
            if held == scope && may.contains(&"key") {
                assert!(is_in(answer.status), "{what}: {}", answer.text());
                let headers = [("authorization", bearer.as_str()), ("frontdesk-business", &other)];
                ask(&server, route, &headers).await.problem(404, "not_found");
            } else {
                answer.problem(403, "scope_missing");
            }
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_do_everything_in_the_business_that_is_named() {
    let server = server().await;
    let own = server.business().await.as_ref().to_string();
    let operator = server.operator().await.bearer();
    for Line { route, .. } in routes() {
        let what = format!("{} {}", route.method, route.path);
        let headers = [("authorization", operator.as_str()), ("frontdesk-business", &own)];
        let answer = ask(&server, route, &headers).await;
        assert!(is_in(answer.status), "{what}: {}", answer.text());
        let unnamed = ask(&server, route, &headers[..1]).await;
        unnamed.problem(400, "which_business");
        for odd in ["01900000-0000-7000-8000-0000000000ff", "nonsense", ""] {
            let headers = [headers[0], ("frontdesk-business", odd)];
            ask(&server, route, &headers).await.problem(404, "not_found");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_do_changes_at_once_in_every_session() {
    let server = server().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let other = server.member(business, Role::Manager, Standing::Active).await;
    let second = server.logged_in(&other.email).await;
    let path = format!("/api/v1/users/{}", other.id);
    let reads = async |one: &LoggedIn| {
        let bearer = one.bearer();
        let headers = [("authorization", bearer.as_str())];
        server.request(http::Method::GET, "/api/v1/customers", &headers, vec![]).await.status
    };
    let change = async |body: &str| {
        let bearer = owner.bearer();
        let headers = [("authorization", bearer.as_str())];
        let sent = body.as_bytes().to_vec();
        server.request(http::Method::PATCH, &path, &headers, sent).await
    };
    assert_eq!((reads(&other).await, reads(&second).await), (200, 200));
    assert_eq!(change(r#"{"role": "auditor"}"#).await.status, 200);
    assert_eq!((reads(&other).await, reads(&second).await), (403, 403));
    assert_eq!(change(r#"{"role": "viewer", "state": "suspended"}"#).await.status, 200);
    assert_eq!((reads(&other).await, reads(&second).await), (404, 404));
    assert_eq!(change(r#"{"state": "active"}"#).await.status, 200);
    assert_eq!((reads(&other).await, reads(&second).await), (200, 200));
    server.app().disable_user(other.id, true).await.expect("done");
    assert_eq!((reads(&other).await, reads(&second).await), (401, 401));
    // The last owner stays one.
    let own = format!("/api/v1/users/{}", owner.id);
    let bearer = owner.bearer();
    let headers = [("authorization", bearer.as_str())];
    for body in [r#"{"role": "viewer"}"#, r#"{"state": "suspended"}"#] {
        let sent = body.as_bytes().to_vec();
        let answer = server.request(http::Method::PATCH, &own, &headers, sent).await;
        answer.problem(409, "in_use");
    }
    let answer = server.request(http::Method::DELETE, &own, &headers, vec![]).await;
    answer.problem(409, "in_use");
    server.finish().await;
}

/// What concerns the whole installation is for who runs it; not even an owner may.
#[tokio::test(flavor = "multi_thread")]
async fn only_an_operator_sees_to_background_jobs() {
    let server = server().await;
    let own = server.business().await;
    let operator = server.operator().await.bearer();
    let dead = "INSERT INTO jobs (kind, payload, state, run_at, attempts, last_error, created_at)
        VALUES ('dance', '{}', 'dead', 1, 8, 'no music', 1)";
    for _ in 0..2 {
        server.db().change(dead).expect("planted");
    }
    let ids: Vec<String> = server
        .db()
        .cells("SELECT id FROM jobs WHERE state = 'dead'")
        .into_iter()
        .flatten()
        .collect();
    let ask = async |method: http::Method, path: &str, bearer: &str| {
        let headers = [("authorization", bearer)];
        server.request(method, &format!("/api/v1/jobs{path}"), &headers, Vec::new()).await
    };
    for role in Role::ALL {
        let one = server.member(own, role, Standing::Active).await.bearer();
        let all = [
            (http::Method::GET, String::new()),
            (http::Method::POST, format!("/{}/retry", ids[0])),
            (http::Method::DELETE, format!("/{}", ids[0])),
        ];
        for (method, path) in all {
            ask(method, &path, &one).await.problem(403, "operators_only");
        }
    }
    let listed = ask(http::Method::GET, "", &operator).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["items"][0]["last_error"], "no music");
    let retried = ask(http::Method::POST, &format!("/{}/retry", ids[0]), &operator).await;
    assert_eq!((retried.status, &retried.json()["retried"]), (200, &serde_json::json!(1)));
    assert_eq!(ask(http::Method::DELETE, &format!("/{}", ids[1]), &operator).await.status, 204);
    for gone in [&ids[1], "999999", "x"] {
        let path = format!("/{gone}");
        ask(http::Method::DELETE, &path, &operator).await.problem(404, "not_found");
    }
    let left = server.db().cells("SELECT id, state FROM jobs WHERE kind = 'dance'");
    assert_eq!(left, [[ids[0].clone(), "pending".to_owned()]]);
    server.finish().await;
}
