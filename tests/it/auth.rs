//! Users: from the set-up link to logging out, and everything that somebody else might try.

use frontdesk::app::people::Link;
use frontdesk::crypto::totp;
use frontdesk::domain::access::{Role, Standing};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::people::PASSWORD;
use crate::harness::{Answer, Server, Setup};

const NEW: &str = "eleven herons in the fog";

async fn post(server: &Server, path: &str, bearer: Option<&str>, body: Value) -> Answer {
    let bearer = bearer.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> =
        bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let path = format!("/api/v1/auth/{path}");
    server.request(Method::POST, &path, &headers, body.to_string().into_bytes()).await
}

async fn log_in(server: &Server, email: &str, password: &str) -> Answer {
    post(server, "login", None, json!({"email": email, "password": password})).await
}

async fn me(server: &Server, token: &str) -> Answer {
    server.get("/api/v1/auth/me", Some(token)).await
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().expect("a text").to_owned()
}

/// So many tries begin anew.
fn later(server: &Server) {
    server.advance(SignedDuration::from_mins(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_user_comes_by_a_link_that_works_once() {
    let server = Server::start().await;
    let token = server.app().setup_link().await.expect("asked").expect("nobody is there yet");
    let whole =
        json!({"token": token, "email": "Op@Example.com", "name": "Op", "password": PASSWORD});
    for (field, odd) in [("email", json!("nobody")), ("password", json!("too short"))] {
        let mut sent = whole.clone();
        sent[field] = odd;
        assert_eq!(
            post(&server, "register", None, sent).await.problem(400, "invalid")["field"],
            field
        );
    }
    later(&server);
    let without = json!({"token": token, "password": PASSWORD});
    post(&server, "register", None, without).await.problem(400, "invalid");
    assert_eq!(post(&server, "register", None, whole.clone()).await.status, 201);
    post(&server, "register", None, whole).await.problem(400, "link_invalid");
    assert_eq!(server.app().setup_link().await.expect("asked"), None);
    let begun = log_in(&server, "op@example.com", PASSWORD).await;
    let shown = me(&server, &text(&begun, "access_token")).await.json();
    assert_eq!(shown["is_operator"], true);
    assert_eq!(shown["email"], "op@example.com");
    assert!(!server.db().text("SELECT group_concat(password) FROM users").contains(PASSWORD));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_link_runs_out_after_a_day() {
    let server = Server::start().await;
    let token = server.app().setup_link().await.expect("asked").expect("nobody is there yet");
    server.advance(SignedDuration::from_hours(24));
    let body = json!({"token": token, "email": "op@example.com", "password": PASSWORD});
    post(&server, "register", None, body).await.problem(400, "link_invalid");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_locked_out_are_told_alike() {
    let server = Server::start().await;
    let business = server.business().await;
    let one = server.member(business, Role::Owner, Standing::Active).await;
    let invited =
        server.app().invite(business, ("new@example.com", Role::Viewer, Link::Handed), None).await;
    invited.expect("asked");
    let mut told = Vec::new();
    for (email, password) in [
        (one.email.as_str(), "wrong horse battery staple"),
        ("nobody@example.com", PASSWORD),
        ("new@example.com", ""),
        ("", ""),
    ] {
        let mut body = log_in(&server, email, password).await.problem(401, "login_failed");
        body["request_id"] = Value::Null;
        told.push(body);
    }
    server.app().disable_user(one.id, true).await.expect("done");
    later(&server);
    let mut body = log_in(&server, &one.email, PASSWORD).await.problem(401, "login_failed");
    body["request_id"] = Value::Null;
    told.push(body);
    assert!(told.windows(2).all(|two| two[0] == two[1]), "{told:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_a_second_time_ends_the_session() {
    let server = Server::start().await;
    let business = server.business().await;
    let one = server.member(business, Role::Owner, Standing::Active).await;
    let other = server.logged_in(&one.email).await;
    let renew =
        async |token: &str| post(&server, "refresh", None, json!({"refresh_token": token})).await;
    let renewed = renew(&one.refresh).await;
    let (access, refresh) = (text(&renewed, "access_token"), text(&renewed, "refresh_token"));
    assert_eq!(me(&server, &access).await.status, 200);
    renew(&one.refresh).await.problem(401, "session_invalid");
    renew(&refresh).await.problem(401, "session_invalid");
    me(&server, &access).await.problem(401, "session_invalid");
    assert_eq!(me(&server, &other.access).await.status, 200, "another session is not touched");
    let noted = "SELECT reason FROM audit_log WHERE action = 'refresh'";
    assert_eq!(server.db().cells(noted), [["refresh_reused"]]);
    for odd in ["", "fdr_", "fdc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        renew(odd).await.problem(401, "session_invalid");
    }
    server.advance(SignedDuration::from_hours(24 * 7));
    renew(&other.refresh).await.problem(401, "session_invalid");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_ends_the_tokens_and_the_cookie() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    assert_eq!(post(&server, "logout", Some(&one.access), json!({})).await.status, 204);
    me(&server, &one.access).await.problem(401, "session_invalid");
    let body = json!({"refresh_token": one.refresh});
    post(&server, "refresh", None, body).await.problem(401, "session_invalid");
    // An access token alone ends after ten minutes.
    let again = server.logged_in(&one.email).await;
    server.advance(SignedDuration::from_secs(599));
    assert_eq!(me(&server, &again.access).await.status, 200);
    server.advance(SignedDuration::from_secs(1));
    me(&server, &again.access).await.problem(401, "session_invalid");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_cookie_counts_from_our_own_pages_only() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    later(&server);
    let body = json!({"email": one.email, "password": PASSWORD, "cookie": true});
    let begun = post(&server, "login", None, body).await;
    assert_eq!(begun.json().get("access_token"), None, "{}", begun.text());
    let set = begun.header("set-cookie").to_owned();
    for part in ["__Host-frontdesk=fdc_", "; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    let cookie = set.split(';').next().expect("a pair").to_owned();
    let own = format!("http://{}", server.address());
    let ask = async |method: Method, path: &str, more: &[(&str, &str)]| {
        let headers: Vec<(&str, &str)> =
            [("cookie", cookie.as_str())].into_iter().chain(more.iter().copied()).collect();
        server.request(method, path, &headers, b"{}".to_vec()).await
    };
    let (me, keys) = ("/api/v1/auth/me", "/api/v1/keys");
    assert_eq!(ask(Method::GET, me, &[]).await.status, 200);
    ask(Method::GET, me, &[("sec-fetch-site", "cross-site")]).await.problem(403, "other_site");
    let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for more in [&[][..], &evil, &[("sec-fetch-site", "same-origin")], &[("origin", "null")]] {
        ask(Method::POST, keys, more).await.problem(403, "other_site");
    }
    ask(Method::POST, keys, &[("origin", &own)]).await.problem(400, "invalid");
    server.advance(SignedDuration::from_mins(59));
    assert_eq!(ask(Method::GET, me, &[]).await.status, 200);
    let used = "SELECT count(*) FROM sessions WHERE kind = 'browser' AND used_at > created_at";
    crate::harness::eventually("its use is noted", async || server.number(used) == 1).await;
    server.advance(SignedDuration::from_mins(59));
    assert_eq!(ask(Method::GET, me, &[]).await.status, 200, "each use moves the end");
    let ended = ask(Method::POST, "/api/v1/auth/logout", &[("origin", &own)]).await;
    assert!(ended.header("set-cookie").contains("Max-Age=0"), "{:?}", ended.headers);
    ask(Method::GET, me, &[]).await.problem(401, "session_invalid");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_is_good_for_fifteen_minutes_once_and_ends_every_session() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    let reset = async |token: &str, password: &str| {
        post(&server, "password/reset", None, json!({"token": token, "password": password})).await
    };
    let late = server.app().password_link(one.id).await.expect("made");
    server.advance(SignedDuration::from_secs(15 * 60));
    reset(&late, NEW).await.problem(400, "link_invalid");
    let token = server.app().password_link(one.id).await.expect("made");
    server.advance(SignedDuration::from_secs(15 * 60 - 1));
    let weak = reset(&token, "passwordpassword1").await.problem(400, "invalid");
    assert_eq!(weak["field"], "password");
    reset("fdl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NEW)
        .await
        .problem(400, "link_invalid");
    let again = server.logged_in(&one.email).await;
    assert_eq!(reset(&token, NEW).await.status, 204);
    reset(&token, NEW).await.problem(400, "link_invalid");
    me(&server, &again.access).await.problem(401, "session_invalid");
    log_in(&server, &one.email, PASSWORD).await.problem(401, "login_failed");
    assert_eq!(log_in(&server, &one.email, NEW).await.status, 200);
    // A link of another kind resets nothing.
    let invited = server.app().add_user("new@example.com", false).await.expect("added");
    reset(&invited, NEW).await.problem(400, "link_invalid");
    for secret in [&token, &invited] {
        let kept = server.db().blobs("SELECT sha256 FROM links");
        assert!(kept.iter().all(|digest| digest != secret.as_bytes()), "only digests are kept");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_a_password_tells_nothing_and_is_limited() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    later(&server);
    for email in [one.email.as_str(), "nobody@example.com", "nonsense"] {
        let answer = post(&server, "password/forgot", None, json!({"email": email})).await;
        assert_eq!((answer.status, answer.text().as_str()), (202, ""), "{email}");
    }
    let fourth = post(&server, "password/forgot", None, json!({"email": one.email})).await;
    fourth.problem(429, "too_often");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_once_it_is_on_and_no_code_counts_twice() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    later(&server);
    let one = server.logged_in(&one.email).await;
    let access = Some(one.access.as_str());
    let wrong = post(&server, "totp", access, json!({"current_password": "wrong"})).await;
    assert_eq!(wrong.problem(400, "invalid")["field"], "current_password");
    let begun = post(&server, "totp", access, json!({"current_password": PASSWORD})).await;
    assert!(text(&begun, "url").starts_with("otpauth://totp/frontdesk:owner"), "{}", begun.text());
    let secret = unbase32(&text(&begun, "secret"));
    let kept = server.db().blobs("SELECT totp FROM users WHERE totp IS NOT NULL");
    assert!(kept.iter().all(|sealed| !sealed.windows(20).any(|part| part == secret)), "sealed");
    assert_eq!(log_in(&server, &one.email, PASSWORD).await.status, 200, "it is not on yet");
    let step = |server: &Server| server.now_ms() / 30_000;
    let bad = post(&server, "totp/confirm", access, json!({"code": "000000"})).await;
    assert_eq!(bad.problem(400, "invalid")["field"], "code");
    let code = totp::code(&secret, step(&server));
    let confirmed = post(&server, "totp/confirm", access, json!({"code": code})).await;
    let codes = confirmed.json()["recovery_codes"].as_array().expect("codes").clone();
    assert_eq!(codes.len(), 10);
    later(&server);
    let with = async |code: &str| {
        let body = json!({"email": one.email, "password": PASSWORD, "code": code});
        post(&server, "login", None, body).await
    };
    log_in(&server, &one.email, PASSWORD).await.problem(401, "code_needed");
    log_in(&server, &one.email, "wrong").await.problem(401, "login_failed");
    let code = totp::code(&secret, step(&server));
    assert_eq!(with(&code).await.status, 200);
    with(&code).await.problem(401, "login_failed");
    later(&server);
    let recovery = codes[0].as_str().expect("a code");
    assert_eq!(with(recovery).await.status, 200);
    with(recovery).await.problem(401, "login_failed");
    with("").await.problem(401, "login_failed");
    let one = server.app().user_by_email(&one.email).await.expect("there");
    server.app().end_totp(one.id, PASSWORD.to_owned()).await.expect("off");
    later(&server);
    assert_eq!(log_in(&server, &one.email, PASSWORD).await.status, 200);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_password_wants_the_old_one_and_ends_the_other_sessions() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    let other = server.logged_in(&one.email).await;
    let change = async |current: &str, new: &str| {
        let body = json!({"current_password": current, "password": new});
        post(&server, "password/change", Some(&one.access), body).await
    };
    assert_eq!(change("wrong", NEW).await.problem(400, "invalid")["field"], "current_password");
    assert_eq!(change(PASSWORD, "short").await.problem(400, "invalid")["field"], "password");
    assert_eq!(change(PASSWORD, NEW).await.status, 204);
    assert_eq!(me(&server, &one.access).await.status, 200);
    me(&server, &other.access).await.problem(401, "session_invalid");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_ended_and_at_most_ten() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    let someone = server
        .member(
            server.business_named("B", "+12025550199", "b").await,
            Role::Owner,
            Standing::Active,
        )
        .await;
    for _ in 0..12 {
        server.advance(SignedDuration::from_secs(61));
        server.logged_in(&one.email).await;
    }
    let last = server.logged_in(&one.email).await;
    let listed = server.get("/api/v1/sessions", Some(&last.access)).await.json();
    let items = listed["items"].as_array().expect("a list");
    assert_eq!(items.len(), 10);
    assert_eq!(items.iter().filter(|item| item["is_this"] == true).count(), 1);
    me(&server, &one.access).await.problem(401, "session_invalid");
    let ended = items[0]["id"].as_str().expect("an id");
    let path = format!("/api/v1/sessions/{ended}");
    let end = async |token: &str| {
        let bearer = format!("Bearer {token}");
        server.request(Method::DELETE, &path, &[("authorization", &bearer)], vec![]).await
    };
    let theirs = server.logged_in(&someone.email).await;
    end(&theirs.access).await.problem(404, "not_found");
    assert_eq!(end(&last.access).await.status, 204);
    end(&last.access).await.problem(404, "not_found");
    server.advance(SignedDuration::from_hours(24 * 31));
    server.app().forget_sessions().await.expect("done");
    assert_eq!(server.number("SELECT count(*) FROM sessions"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_of_logging_in_are_counted_across_a_restart() {
    let server = Server::start().await;
    let one = server.member(server.business().await, Role::Owner, Standing::Active).await;
    later(&server);
    for _ in 0..5 {
        log_in(&server, &one.email, "wrong").await.problem(401, "login_failed");
    }
    let sixth = log_in(&server, &one.email, PASSWORD).await;
    let seconds: u64 = sixth.header("retry-after").parse().expect("seconds");
    assert!((1..=61).contains(&seconds), "{seconds}");
    sixth.problem(429, "too_often");
    let data = server.stop().await;
    let server = Setup::plain().on(data).start().await;
    log_in(&server, &one.email, PASSWORD).await.problem(429, "too_often");
    server.advance(SignedDuration::from_mins(1));
    assert_eq!(log_in(&server, &one.email, PASSWORD).await.status, 200);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_by_people_shown_once_and_taken_back() {
    let server = Server::start().await;
    let owner = server.member(server.business().await, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let ask = async |method: Method, path: &str, body: Value, once: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", once)];
        server.request(method, path, &headers, body.to_string().into_bytes()).await
    };
    let new = json!({"name": "website", "scopes": ["appointments:read"], "days": 30});
    let made = ask(Method::POST, "/api/v1/keys", new.clone(), "k1").await;
    let key = text(&made, "key");
    assert_eq!(server.get("/api/v1/appointments", Some(&key)).await.status, 200);
    let again = ask(Method::POST, "/api/v1/keys", new, "k1").await.json();
    assert_eq!((&again["id"], again.get("key")), (&made.json()["id"], None));
    for (odd, field) in [
        (json!({"name": "x", "scopes": ["users:write"]}), "scopes"),
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "", "scopes": ["calls:read"]}), "name"),
        (json!({"name": "x", "scopes": ["calls:read"], "days": 0}), "days"),
        (json!({"name": "x", "scopes": ["calls:read"], "business_id": "1"}), "business_id"),
    ] {
        let refused = ask(Method::POST, "/api/v1/keys", odd, "k2").await;
        assert_eq!(refused.problem(400, "invalid")["field"], field);
    }
    let listed = server.get("/api/v1/keys", Some(&owner.access)).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["items"][0].get("key"), None);
    let path = format!("/api/v1/keys/{}", text(&made, "id"));
    assert_eq!(ask(Method::DELETE, &path, json!({}), "k3").await.status, 204);
    server.get("/api/v1/appointments", Some(&key)).await.problem(401, "key_invalid");
    // Who did it stands in the trail.
    let rows =
        "SELECT action, replace(object_id, '-', '') = lower(hex(k.id)) FROM audit_log, api_keys k
        WHERE actor = 'user' AND action IN ('add_key', 'revoke_key') ORDER BY seq";
    let noted = server.db().cells(rows);
    assert_eq!(noted, [["add_key", "1"], ["revoke_key", "1"]], "a repetition made nothing");
    server.finish().await;
}

/// The bytes of a base32 text (RFC 4648 section 6) without padding.
fn unbase32(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::new());
    for letter in text.bytes() {
        let value = letters.iter().position(|known| *known == letter).expect("a letter");
        held = held << 5 | u32::try_from(value).expect("below 32");
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 255).expect("a byte"));
        }
    }
    bytes
}
