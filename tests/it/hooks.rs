//! Deliveries: proven before anything else, kept byte for byte, each once, applied in any order.

use std::collections::BTreeSet;

use frontdesk::domain::access::Scope;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::wire::raw;
use crate::harness::{Server, Setup, retell};

/// What the provider's own SDK signed, and where it draws the line.
const VECTORS: &str = include_str!("../fixtures/retell/signatures.json");
/// A small event.
const SMALL: &[u8] = br#"{"event":"call_ended","call":{"call_id":"c1"}}"#;

#[derive(Deserialize)]
struct Vectors {
    key: String,
    timestamp_ms: i64,
    accepted: Vec<Signed>,
    boundaries: Vec<Trial>,
}

#[derive(Deserialize)]
struct Signed {
    name: String,
    body: String,
    signature: String,
}

#[derive(Deserialize)]
struct Trial {
    name: String,
    body: String,
    key: String,
    signature: String,
    now_ms: i64,
    accepted: bool,
}

/// Every vector as a trial.
fn trials() -> Vec<Trial> {
    let vectors: Vectors = serde_json::from_str(VECTORS).expect("the fixture is readable");
    let (key, now_ms) = (vectors.key, vectors.timestamp_ms);
    let accepted = vectors.accepted.into_iter().map(|signed| Trial {
        name: signed.name,
        body: signed.body,
        key: key.clone(),
        signature: signed.signature,
        now_ms,
        accepted: true,
    });
    accepted.chain(vectors.boundaries).collect()
}

/// Checks that nothing was kept and nothing is to be done.
#[track_caller]
fn nothing_is_kept(server: &Server) {
    for table in ["inbox", "seen", "jobs", "calls", "poison"] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_signature_is_judged_as_the_providers_sdk_judges_it() {
    let trials = trials();
    let keys: BTreeSet<&str> = trials.iter().map(|trial| trial.key.as_str()).collect();
    assert_eq!(keys.len(), 2, "the vectors are signed with one key and tried with another");
    for key in keys {
        let server = Setup::plain().account("retell", &[key]).start().await;
        let mut kept = BTreeSet::new();
        for trial in trials.iter().filter(|trial| trial.key == key) {
            server.go_to_ms(trial.now_ms);
            let signature = Some(trial.signature.as_str());
            let answer = server.post_raw("/hooks/retell", trial.body.as_bytes(), signature).await;
            // Who is calling is a question: it is answered on this road too, and not kept.
            let is_question = trial.body.contains("\"call_inbound\"");
            let wanted = match (trial.accepted, is_question) {
                (true, true) => 200,
                (true, false) => 204,
                (false, _) => 401,
            };
            assert_eq!(answer.status, wanted, "{}: {}", trial.name, answer.text());
            if trial.accepted && !is_question {
                kept.insert(trial.body.as_bytes().to_vec());
            }
            server.settled().await;
        }
        let inbox: BTreeSet<_> = server.db().blobs("SELECT body FROM inbox").into_iter().collect();
        assert_eq!(inbox, kept);
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_body_and_a_function_that_are_signed_are_kept_as_unreadable_events() {
    let server = Server::start().await;
    let function = json!({"name": "list_services", "args": {}, "call": retell::call("c1")});
    for body in [String::new(), function.to_string()] {
        assert_eq!(server.hook(&body).await.status, 204, "{body}");
    }
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM poison"), 2);
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_an_invalid_and_an_expired_signature_are_told_apart_and_nothing_is_kept() {
    let server = Server::start().await;
    let now = server.now_ms();
    let missing = server.post_raw("/hooks/retell", SMALL, None).await;
    missing.problem(401, "signature_missing");
    let good = retell::signature(retell::KEY, SMALL, now);
    let other = retell::signature("another_test_key", SMALL, now);
    let upper = good.to_uppercase();
    for wrong in ["", "v=", "garbage", "v=1,d=2", &good[2..], &upper, &other] {
        let answer = server.post_raw("/hooks/retell", SMALL, Some(wrong)).await;
        answer.problem(401, "signature_invalid");
    }
    let twice = [(retell::SIGNATURE, good.as_str()), (retell::SIGNATURE, good.as_str())];
    let answer = server.request(http::Method::POST, "/hooks/retell", &twice, SMALL.to_vec()).await;
    answer.problem(401, "signature_invalid");
    let old = retell::signature(retell::KEY, SMALL, now - 600_000);
    let answer = server.post_raw("/hooks/retell", SMALL, Some(&old)).await;
    answer.problem(401, "signature_expired");
    nothing_is_kept(&server);
    let data = server.stop().await;
    let counted = data.db().cells(
        "SELECT account, reason, sum(refused) FROM refused_deliveries GROUP BY 1, 2 ORDER BY 2",
    );
    let wanted = [("signature_expired", 1), ("signature_invalid", 8), ("signature_missing", 1)];
    let wanted: Vec<_> = wanted
        .map(|(reason, count)| vec!["retell".to_owned(), reason.to_owned(), count.to_string()])
        .into();
    assert_eq!(counted, wanted, "every refusal is counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_holds_for_five_minutes_before_and_after() {
    let server = Server::start().await;
    let signed_at = server.now_ms();
    let cases = [(299_000, 204), (301_000, 401), (-299_000, 204), (-301_000, 401)];
    for (number, (later_ms, status)) in (0..).zip(cases) {
        let body = retell::started(&format!("call_{number}"));
        let signature = retell::signature(retell::KEY, body.as_bytes(), signed_at);
        server.go_to_ms(signed_at + later_ms);
        let answer = server.post_raw("/hooks/retell", body.as_bytes(), Some(&signature)).await;
        assert_eq!(answer.status, status, "{later_ms} ms later");
        server.settled().await;
    }
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_or_a_signature_that_differs_in_any_place_is_refused() {
    let server = Setup::plain().set("LIMITS__REFUSED_PER_MINUTE", "100000").start().await;
    let signature = retell::signature(retell::KEY, SMALL, server.now_ms());
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for at in 0..SMALL.len() {
        let mut altered = SMALL.to_vec();
        altered[at] ^= 1;
        bodies.push(altered);
    }
    bodies.push(SMALL[..SMALL.len() - 1].to_vec());
    bodies.push([SMALL, b" "].concat());
    bodies.push(Vec::new());
    for body in &bodies {
        let answer = server.post_raw("/hooks/retell", body, Some(&signature)).await;
        answer.problem(401, "signature_invalid");
    }
    let code_begins = signature.find("d=").expect("there is a code") + 2;
    for at in code_begins..signature.len() {
        let digit = if &signature[at..=at] == "0" { "1" } else { "0" };
        let altered = format!("{}{digit}{}", &signature[..at], &signature[at + 1..]);
        let answer = server.post_raw("/hooks/retell", SMALL, Some(&altered)).await;
        answer.problem(401, "signature_invalid");
    }
    nothing_is_kept(&server);
    let answer = server.post_raw("/hooks/retell", SMALL, Some(&signature)).await;
    assert_eq!(answer.status, 204, "unaltered it is taken");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_of_an_accounts_keys_verifies_and_no_other() {
    let keys = ["new_key_of_a_test", "old_key_of_a_test"];
    let server = Setup::plain().account("retell", &keys).start().await;
    for (key, status) in [(keys[0], 204), (keys[1], 204), ("third_key_of_a_test", 401)] {
        let body = retell::started(key);
        let signature = retell::signature(key, body.as_bytes(), server.now_ms());
        let answer = server.post_raw("/hooks/retell", body.as_bytes(), Some(&signature)).await;
        assert_eq!(answer.status, status, "{key}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_delivery_fifty_times_at_once_has_one_effect() {
    let server = Server::start().await;
    server.business().await;
    let body = retell::analyzed("call_fifty");
    let answers = join_all((0..50).map(|_| server.hook(&body))).await;
    assert!(answers.iter().all(|answer| answer.status == 204 && answer.body.is_empty()));
    server.settled().await;
    assert_eq!(server.hook(&body).await.status, 204, "and once it is applied");
    server.settled().await;
    for table in ["inbox", "seen", "calls", "call_events"] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), 1, "{table}");
    }
    assert_eq!(server.number("SELECT total FROM totals WHERE noun = 'calls'"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_to_two_accounts_are_two_deliveries() {
    let keys = [retell::KEY];
    let server = Setup::plain().account("retell", &keys).account("berlin", &keys).start().await;
    let body = retell::started("call_both");
    for account in ["retell", "berlin", "retell", "berlin"] {
        assert_eq!(server.deliver(account, &body).await.status, 204);
    }
    server.settled().await;
    for table in ["inbox", "calls"] {
        let question = format!("SELECT account FROM {table} ORDER BY account");
        assert_eq!(server.db().cells(&question), [["berlin"], ["retell"]], "{table}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proven_but_unreadable_is_acknowledged_kept_whole_and_set_aside() {
    let deep = format!(
        "{{\"event\":\"call_ended\",\"call\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let long_id = json!({"event": "call_ended", "call": {"call_id": "x".repeat(201)}}).to_string();
    let bodies: [&[u8]; 15] = [
        b"\xff\xfe\x00\x80",
        b"",
        b"not JSON",
        b"null",
        b"[1, 2]",
        b"\"text\"",
        b"{}",
        b"{\"event\":5,\"call\":{\"call_id\":\"c\"}}",
        b"{\"event\":\"call_ended\"}",
        b"{\"event\":\"call_ended\",\"call\":[]}",
        b"{\"event\":\"call_ended\",\"call\":{}}",
        b"{\"event\":\"call_ended\",\"call\":{\"call_id\":\"a\\u0000b\"}}",
        b"{\"event\":\"call_ended\",\"call\":{\"call_id\":\"c\"}} and more",
        long_id.as_bytes(),
        deep.as_bytes(),
    ];
    let server = Server::start().await;
    for body in &bodies {
        let answer = server.hook(body).await;
        assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&body[..body.len().min(60)]));
    }
    server.settled().await;
    assert_eq!(server.db().blobs("SELECT body FROM inbox ORDER BY id"), bodies);
    let poison = server.number("SELECT count(*) FROM poison JOIN inbox ON inbox.id = inbox_id");
    assert_eq!(usize::try_from(poison), Ok(bodies.len()));
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_white_space_and_escapes_are_verified_and_kept_byte_for_byte() {
    let body = "  {\n\t\"call\" : {\r\n \"call_id\":\"caf\\u00e9\\u0031\" , \"x\":1.0e0 }\t,\
                \"event\"  :\"call_\\u0073tarted\"}\r\n\n ";
    let server = Server::start().await;
    assert_eq!(server.hook(body).await.status, 204);
    server.settled().await;
    assert_eq!(server.db().blobs("SELECT body FROM inbox"), [body.as_bytes()]);
    let read = server.db().cells("SELECT provider_call_id, event FROM calls JOIN call_events");
    assert_eq!(read, [["caf\u{e9}1", "call_started"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_whether_its_length_is_announced_or_not() {
    let server = Setup::plain().set("LIMITS__BODY_MAX_BYTES", "1024").start().await;
    for (length, status) in [(1_024, 204), (1_025, 413)] {
        let answer = server.hook("x".repeat(length)).await;
        assert_eq!(answer.status, status, "{length} bytes announced");
        if status == 413 {
            answer.problem(413, "body_too_large");
        }
        // Other bytes, so that it is another delivery.
        let body = "y".repeat(length);
        let signature = retell::signature(retell::KEY, body.as_bytes(), server.now_ms());
        let (one, other) = body.split_at(700);
        let request = format!(
            "POST /hooks/retell HTTP/1.1\r\nHost: desk.example.com\r\nConnection: close\r\n\
             Transfer-Encoding: chunked\r\n{}: {signature}\r\n\r\n\
             {:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n",
            retell::SIGNATURE,
            one.len(),
            other.len(),
        );
        let answer = raw(&server, request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length} in pieces: {answer}");
    }
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_to_an_account_that_is_not_configured_is_not_found() {
    let server = Server::start().await;
    for account in ["nobody", "Retell", "retell%20", "..%2Fretell"] {
        server.deliver(account, SMALL).await.problem(404, "not_found");
    }
    nothing_is_kept(&server);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_and_any_repetition_of_the_events_end_in_the_same_call() {
    const ORDERS: [(&str, [usize; 3]); 6] = [
        ("a", [0, 1, 2]),
        ("b", [0, 2, 1]),
        ("c", [1, 0, 2]),
        ("d", [1, 2, 0]),
        ("e", [2, 0, 1]),
        ("f", [2, 1, 0]),
    ];
    // The same bytes to an account each: the call's facts remember which bytes told them.
    let setup = ORDERS.iter().fold(Setup::plain(), |s, (name, _)| s.account(name, &[retell::KEY]));
    let server = setup.start().await;
    server.business().await;
    let events = [retell::started("c1"), retell::ended("c1"), retell::analyzed("c1")];
    for (account, order) in ORDERS {
        for event in order {
            for body in
                [events[event].clone(), events[event].clone(), format!("{} ", events[event])]
            {
                assert_eq!(server.deliver(account, body).await.status, 204);
                server.settled().await;
            }
        }
        for event in &events {
            assert_eq!(server.deliver(account, event).await.status, 204);
        }
        server.settled().await;
    }
    let calls = server.db().cells(
        "SELECT business_id, provider_call_id, provider_agent_id, direction, from_number,
                to_number, started_at, ended_at, disconnection_reason, sentiment, successful,
                in_voicemail, cost_currency, facts, status, duration_ms, end_family, summary,
                cost_micros
         FROM calls ORDER BY account",
    );
    assert_eq!(calls.len(), ORDERS.len());
    assert!(calls.iter().all(|call| *call == calls[0]), "{calls:#?}");
    assert_ne!(calls[0][0], "NULL", "the number says whose call it is");
    assert_eq!(calls[0][14..], ["ended", "90000", "caller_hung_up", "Short.", "123450"]);
    let turns = |account: &str| {
        server.db().cells(&format!(
            "SELECT t.role, t.text, t.starts_ms, t.ends_ms
             FROM transcript_turns t JOIN calls c ON c.id = t.call_id
             WHERE c.account = '{account}' ORDER BY t.position"
        ))
    };
    let hello = ["agent", "Hello.", "500", "900"];
    let tuesday = ["caller", "I\u{2019}d like Tuesday.", "NULL", "NULL"];
    for (account, _) in ORDERS {
        assert_eq!(turns(account), [hello, tuesday], "{account}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_known_is_kept_under_its_own_name() {
    let server = Server::start().await;
    let event = json!({"event": "call_frozen", "call": retell::call("c1")}).to_string();
    assert_eq!(server.hook(event).await.status, 204);
    server.settled().await;
    let kept =
        server.db().cells("SELECT event, status FROM call_events JOIN calls ON id = call_id");
    assert_eq!(kept, [["call_frozen", "ongoing"]]);
    assert_eq!(server.number("SELECT count(*) FROM poison"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_claims_is_kept_and_shown_to_nobody() {
    let server = Server::start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let mut call = retell::call("c_strange");
    call["agent_id"] = json!("agent_of_nobody");
    call["to_number"] = json!("+12137770000");
    let event = json!({"event": "call_started", "call": call}).to_string();
    assert_eq!(server.hook(event).await.status, 204);
    assert_eq!(server.hook(retell::started("c_ours")).await.status, 204);
    server.settled().await;
    let owners = server
        .db()
        .cells("SELECT provider_call_id, business_id IS NULL FROM calls ORDER BY provider_call_id");
    assert_eq!(owners, [["c_ours", "0"], ["c_strange", "1"]]);
    let list = server.get("/api/v1/calls", Some(&key)).await.json();
    let shown: Vec<&Value> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|call| &call["provider_call_id"])
        .collect();
    assert_eq!(shown, ["c_ours"]);
    assert_eq!(list["total"], 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_there_is_no_room_what_is_acknowledged_is_kept_and_the_rest_is_refused_cleanly() {
    let setup = Setup::plain().set("LIMITS__DATABASE_MAX_MB", "1").without_jobs().allow_jobs();
    let server = setup.start().await;
    let key = server.key(server.business().await, &Scope::for_keys()).await;
    let (mut kept, mut refused) = (Vec::new(), 0);
    for number in 0..400 {
        let padding = "x".repeat(20_000);
        let event = json!({"event": "call_started", "padding": padding,
            "call": retell::call(&format!("call_{number}"))});
        let body = event.to_string();
        let answer = server.hook(&body).await;
        if answer.status == 204 {
            kept.push(body.into_bytes());
            continue;
        }
        answer.problem(503, "storage_full");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        refused += 1;
        if refused == 5 {
            break;
        }
    }
    assert!(!kept.is_empty() && refused == 5, "{} kept, {refused} refused", kept.len());
    assert_eq!(server.db().blobs("SELECT body FROM inbox ORDER BY id"), kept);
    for table in ["seen", "jobs"] {
        let rows = server.number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(usize::try_from(rows), Ok(kept.len()), "{table}");
    }
    let list = server.get("/api/v1/calls", Some(&key)).await;
    assert_eq!(list.status, 200, "reading goes on");
    server.advance(SignedDuration::from_secs(2));
    server.get("/readyz", None).await.problem(503, "storage_full");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_cannot_be_written_deliveries_and_readiness_answer_503() {
    let server = Server::start().await;
    let lock = server.db().lock();
    let (delivered, ready) = tokio::join!(server.hook(SMALL), server.get("/readyz", None));
    delivered.problem(503, "storage_unavailable");
    assert!(!delivered.header("retry-after").is_empty());
    ready.problem(503, "storage_unavailable");
    assert_eq!(server.get("/healthz", None).await.status, 200, "the process is alive");
    nothing_is_kept(&server);
    drop(lock);
    server.advance(SignedDuration::from_secs(2));
    assert_eq!(server.get("/readyz", None).await.status, 200);
    assert_eq!(server.hook(SMALL).await.status, 204);
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_acknowledged_while_no_job_runs_and_applied_later() {
    let server = Setup::plain().without_jobs().start().await;
    server.business().await;
    for body in [retell::started("c1"), retell::ended("c1"), retell::analyzed("c1")] {
        assert_eq!(server.hook(body).await.status, 204);
    }
    assert_eq!(server.number("SELECT count(*) FROM jobs WHERE state = 'pending'"), 3);
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0);
    let server = Setup::plain().on(server.stop().await).start().await;
    server.settled().await;
    assert_eq!(server.db().cells("SELECT status, summary FROM calls"), [["ended", "Short."]]);
    assert_eq!(server.number("SELECT count(*) FROM call_events"), 3);
    server.finish().await;
}
