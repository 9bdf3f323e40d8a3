//! Limits by class and caller, whose address counts, and what every answer carries.

use frontdesk::domain::access::{Role, Scope, Standing};
use http::Method;
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::{Server, Setup, retell};

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_bookings_and_placed_calls_have_limits_of_their_own() {
    let server =
        Setup::plain().set("LIMITS__OUTBOUND_PREFIXES", "[\"+1\"]").allow_jobs().start().await;
    let business = server.business().await;
    let key = server.key(business, &Scope::for_keys()).await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    for _ in 0..10 {
        assert_eq!(server.get("/api/v1/diagnostics", Some(&key)).await.status, 200);
    }
    let eleventh = server.get("/api/v1/diagnostics", Some(&key)).await;
    assert!(eleventh.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    eleventh.problem(429, "too_often");
    assert_eq!(server.get("/api/v1/diagnostics", Some(&owner.access)).await.status, 200);
    let post = async |path: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let body = json!({"to_number": "+12025550142"}).to_string().into_bytes();
        server.request(Method::POST, path, &[("authorization", &bearer)], body).await
    };
    for _ in 0..30 {
        post("/api/v1/appointments", &key).await.problem(400, "invalid");
    }
    post("/api/v1/appointments", &key).await.problem(429, "too_often");
    for (token, most) in [(&key, 10), (&owner.access, 5)] {
        for n in 0..most {
            let placed = post("/api/v1/calls", token).await;
            assert_eq!(placed.status, 201, "{n}: {}", placed.text());
        }
        post("/api/v1/calls", token).await.problem(429, "too_often");
    }
    server.advance(SignedDuration::from_mins(1));
    assert_eq!(post("/api/v1/calls", &owner.access).await.status, 201);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_proves_nothing_is_turned_away_and_what_is_signed_never_is() {
    let server = Setup::plain().set("LIMITS__REFUSED_PER_MINUTE", "100").start().await;
    let key = server.key(server.business().await, &[Scope::CallsRead]).await;
    for _ in 0..100 {
        server.post_raw("/hooks/retell", b"{}", None).await.problem(401, "signature_missing");
    }
    let turned = server.post_raw("/hooks/retell", b"{}", None).await;
    assert!(turned.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    turned.problem(429, "too_often");
    server.get("/api/v1/calls", Some("fdk_x")).await.problem(429, "too_often");
    // From the same address: a signed event, and a key that is good.
    assert_eq!(server.hook(retell::started("c1")).await.status, 204);
    assert_eq!(server.get("/api/v1/calls", Some(&key)).await.status, 200);
    server.advance(SignedDuration::from_mins(2));
    server.post_raw("/hooks/retell", b"{}", None).await.problem(401, "signature_missing");
    for _ in 0..300 {
        assert_eq!(server.hook(retell::started("c1")).await.status, 204);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_configured_proxy_tells_a_clients_address() {
    let addresses = "SELECT DISTINCT address FROM audit_log WHERE action = 'list_calls'";
    for (trusted, wanted) in [("[]", "127.0.0.1"), ("[\"127.0.0.1\"]", "203.0.113.9")] {
        let server = Setup::plain().set("SERVER__TRUSTED_PROXIES", trusted).start().await;
        let forwarded = [("x-forwarded-for", "6.6.6.6, 203.0.113.9")];
        let answer = server.request(Method::GET, "/api/v1/calls", &forwarded, vec![]).await;
        answer.problem(401, "key_missing");
        server.app().note_refusals().await.expect("noted");
        assert_eq!(server.db().cells(addresses), [[wanted]], "{trusted}");
        server.finish().await;
    }
    // Behind a proxy each client has tries of its own; without one a spoofed header gives none.
    for (trusted, last) in [("[]", 429), ("[\"127.0.0.1\"]", 401)] {
        let server = Setup::plain().set("SERVER__TRUSTED_PROXIES", trusted).start().await;
        let body = json!({"email": "a@example.com", "password": "x"}).to_string();
        let mut statuses = Vec::new();
        for n in 0..6 {
            let forwarded = format!("203.0.113.{n}");
            let headers = [("x-forwarded-for", forwarded.as_str())];
            let sent = body.clone().into_bytes();
            let path = "/api/v1/auth/login";
            statuses.push(server.request(Method::POST, path, &headers, sent).await.status);
        }
        assert_eq!(statuses, [401, 401, 401, 401, 401, last], "{trusted}");
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_never_takes_the_place_of_a_proof() {
    let server = Setup::plain().set("SERVER__TRUSTED_PROXIES", "[\"127.0.0.1\"]").start().await;
    for path in ["/hooks/retell", "/tools/retell", "/inbound/retell"] {
        for address in ["100.20.5.228", "127.0.0.1"] {
            let headers = [("x-forwarded-for", address)];
            let answer = server.request(Method::POST, path, &headers, b"{}".to_vec()).await;
            answer.problem(401, "signature_missing");
        }
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_what_keeps_a_browser_from_harm() {
    let server = Server::start().await;
    let wanted = [
        ("strict-transport-security", "max-age=63072000"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    let origin = [("origin", "https://evil.example")];
    for path in ["/healthz", "/readyz", "/nowhere", "/api/v1/calls", "/feeds/x.ics"] {
        let answer = server.request(Method::GET, path, &origin, vec![]).await;
        for (header, value) in wanted {
            assert_eq!(answer.header(header), value, "{path}: {header}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_to_tell_of_a_hole_is_said_where_it_is_configured() {
    let server = Server::start().await;
    let path = "/.well-known/security.txt";
    server.get(path, None).await.problem(404, "not_found");
    server.finish().await;
    let contact = "mailto:security@example.com";
    let server = Setup::plain().set("SERVER__SECURITY_CONTACT", contact).start().await;
    let text = server.get(path, None).await.text();
    assert!(text.contains("Contact: mailto:security@example.com\n"), "{text}");
    assert!(text.contains("Expires: 2026-"), "{text}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_runs_in_circles_is_stopped_in_words_and_others_are_not() {
    let server = Setup::plain().set("LIMITS__CALL_BOOKINGS_PER_MINUTE", "3").start().await;
    server.business().await;
    let book = async |call: &str, hour: u32| {
        let args = json!({"start": format!("2026-01-06T{hour:02}:00"), "name": "R E"});
        server.tool("book_appointment", args, call).await
    };
    for refused in 0..4 {
        assert_eq!(book("c1", 20).await["reason"], "closed", "{refused}: does not count");
    }
    let first = book("c1", 9).await;
    for repeated in 0..4 {
        assert_eq!(book("c1", 9).await, first, "{repeated}: does not count");
    }
    for hour in [10, 11] {
        assert_eq!(book("c1", hour).await["next"], "confirm", "{hour}");
    }
    let stopped = book("c1", 12).await;
    assert_eq!((&stopped["reason"], &stopped["next"]), (&json!("too_many"), &json!("hand_over")));
    assert_eq!(book("c1", 11).await["next"], "confirm", "what was done is told again all the same");
    assert_eq!(book("c2", 13).await["next"], "confirm");
    for n in 0..87 {
        let listed = server.tool("list_services", json!({"n": n}), "c1").await;
        assert_ne!(listed["reason"], "too_many", "{n}");
    }
    let listed = server.tool("list_services", json!({"n": 100}), "c1").await;
    assert_eq!(listed["reason"], "too_many");
    server.advance(SignedDuration::from_mins(1));
    assert_ne!(server.tool("list_services", json!({"n": 7}), "c1").await["reason"], "too_many");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_to_the_networks_that_are_named_and_nobody_else() {
    let server = Server::start().await;
    server.get("/metrics", None).await.problem(404, "not_found");
    server.finish().await;
    let server = Setup::plain().set("METRICS__ALLOW", "[\"127.0.0.0/8\"]").start().await;
    let key = server.key(server.business().await, &[Scope::ScheduleRead]).await;
    server.post_raw("/hooks/retell", b"{}", None).await.problem(401, "signature_missing");
    server.tool("check_availability", json!({}), "c1").await;
    server.tool("check_availability", json!({}), "c2").await;
    assert_eq!(server.get("/api/v1/services", Some(&key)).await.status, 200);
    let forwarded = [("x-forwarded-for", "127.0.0.1")];
    let refused = server.request(Method::GET, "/metrics", &forwarded, vec![]).await;
    refused.problem(404, "not_found");
    let answer = server.get("/metrics", None).await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    for line in [
        "frontdesk_requests_total{endpoint=\"hook\",status=\"401\"} 1",
        "frontdesk_refusals_total{endpoint=\"hook\",reason=\"signature_missing\"} 1",
        "frontdesk_requests_total{endpoint=\"tool\",status=\"200\"} 2",
        "frontdesk_request_duration_seconds_count{endpoint=\"list_services\"} 1",
        "frontdesk_availability_cache_hits_total 1",
        "frontdesk_availability_cache_misses_total 1",
        "frontdesk_jobs_dead 0",
        "frontdesk_config_last_reload_successful 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_is_left_of_its_callers_limits() {
    let server = Setup::plain().set("LIMITS__DIAGNOSTICS_PER_MINUTE", "2").start().await;
    let business = server.business().await;
    let key = server.key(business, &Scope::for_keys()).await;
    let told = async |path: &str| {
        let answer = server.get(path, Some(&key)).await;
        let headers = (answer.header("ratelimit").to_owned(), answer.header("ratelimit-policy"));
        (answer.status, headers.0, headers.1.to_owned())
    };
    let requests = "\"requests\";q=600;w=60".to_owned();
    let both = format!("{requests}, \"diagnostics\";q=2;w=60");
    let wanted = (200, "\"requests\";r=599;t=1".to_owned(), requests);
    assert_eq!(told("/api/v1/calls").await, wanted);
    for (status, left) in [(200, "r=1;t=30"), (200, "r=0;t=60"), (429, "r=0;t=60")] {
        let (seen, state, policy) = told("/api/v1/diagnostics").await;
        assert_eq!((seen, &policy), (status, &both));
        assert!(state.ends_with(&format!("\"diagnostics\";{left}")), "{state}");
    }
    assert_eq!(server.get("/healthz", None).await.header("ratelimit"), "", "nothing is counted");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_may_use_the_api_only_where_they_are_named() {
    const SITE: &str = "https://app.example.com";
    let asks = |origin: &'static str, wants: &'static str| {
        [("origin", origin), ("access-control-request-method", wants)]
    };
    let plain = Server::start().await;
    let business = plain.business().await;
    let key = format!("Bearer {}", plain.key(business, &[Scope::CallsRead]).await);
    let read = [("origin", SITE), ("authorization", &key[..])];
    let answer = plain.request(Method::GET, "/api/v1/calls", &read, vec![]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""));
    let first = plain.request(Method::OPTIONS, "/api/v1/calls", &asks(SITE, "GET"), vec![]).await;
    first.problem(405, "method_not_allowed");
    assert_eq!(first.header("access-control-allow-origin"), "");
    let sites = format!("[\"{SITE}\"]");
    let setup = Setup::plain().set("SERVER__CORS_ORIGINS", &sites).on(plain.stop().await);
    let server = setup.start().await;
    let answer = server.request(Method::GET, "/api/v1/calls", &read, vec![]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, SITE));
    assert_eq!(answer.header("vary"), "origin");
    assert!(answer.header("access-control-expose-headers").contains("retry-after"));
    let refused = server.request(Method::GET, "/api/v1/calls", &read[..1], vec![]).await;
    refused.problem(401, "key_missing");
    assert_eq!(refused.header("access-control-allow-origin"), SITE, "a refusal can be read too");
    let path = "/api/v1/appointments";
    let first = server.request(Method::OPTIONS, path, &asks(SITE, "POST"), vec![]).await;
    assert_eq!((first.status, first.text()), (204, String::new()));
    assert_eq!(first.header("access-control-allow-methods"), "GET, HEAD, POST");
    assert!(first.header("access-control-allow-headers").contains("idempotency-key"));
    assert_eq!(first.header("access-control-allow-credentials"), "", "never with a cookie");
    for other in ["https://evil.example", "null", "https://app.example.com.evil.example"] {
        let first = server.request(Method::OPTIONS, path, &asks(other, "POST"), vec![]).await;
        first.problem(405, "method_not_allowed");
        let answer = server.request(Method::GET, path, &[("origin", other)], vec![]).await;
        for answer in [first, answer] {
            assert_eq!(answer.header("access-control-allow-origin"), "", "{other}");
            assert_eq!(answer.header("vary"), "origin", "{other}");
        }
    }
    let probe = server.request(Method::GET, "/healthz", &[("origin", SITE)], vec![]).await;
    assert_eq!(probe.header("access-control-allow-origin"), "", "only the API");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_nearly_full_deliveries_wait_and_everything_else_goes_on() {
    // More than any disk has: it is nearly full.
    let setup = Setup::plain().set("LIMITS__DISK_RESERVE_MB", "16777216");
    let server = setup.start().await;
    let business = server.business().await;
    let key = server.key(business, &Scope::for_keys()).await;
    let refused = server.hook(retell::started("c1")).await;
    refused.problem(503, "storage_full");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    server.get("/readyz", None).await.problem(503, "storage_full");
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    assert_eq!(server.tool("book_appointment", args, "c1").await["next"], "confirm");
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", &bearer[..]), ("content-type", "application/json")];
    let body = json!({"name": "Robin Example"}).to_string().into_bytes();
    let made = server.request(Method::POST, "/api/v1/customers", &headers, body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let server = Setup::plain().on(server.stop().await).start().await;
    assert_eq!(server.hook(retell::started("c1")).await.status, 204, "there is room again");
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 1);
    server.finish().await;
}
