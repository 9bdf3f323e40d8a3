//! The audit trail: what is done has its row, what is refused is counted, and whoever changes the file
//! is found out.

use std::process::Command;

use frontdesk::domain::access::{Role, Scope, Standing};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Database, Server, Setup, retell};

const UNGUARDED: &str = "DROP TRIGGER audit_log_is_never_changed;
    DROP TRIGGER audit_log_goes_from_its_beginning;";

/// What `audit verify` says of a data folder: the row that is broken, if any is.
fn verdict(dir: &std::path::Path) -> (bool, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.args(["audit", "verify", "--json", "--data-dir"]).arg(dir).env_clear();
    let output = command.current_dir(dir).output().expect("the program can be run");
    let told = serde_json::from_slice(&output.stdout);
    let told: Value =
        told.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(output.status.success(), told["whole"] == true);
    (output.status.success(), told["broken_at"].clone())
}

/// A server with some rows in its trail, of several kinds.
async fn server() -> Server {
    let server = Server::start().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let headers = [("authorization", bearer.as_str())];
    for n in 0..5 {
        let body = json!({"reference": format!("r{n}"), "title": "A flat"}).to_string();
        let made =
            server.request(Method::POST, "/api/v1/properties", &headers, body.into_bytes()).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_stands_in_the_trail_with_who_what_which_where_and_when() {
    let server = server().await;
    let business = server.business_named("Other", "+12025550199", "b").await;
    let key = server.key(business, &Scope::for_keys()).await;
    let rows = server.db().cells(
        "SELECT actor, action, address, result, length(object_id), at > 0, length(business_id)
         FROM audit_log WHERE action = 'add_property'",
    );
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0], ["user", "add_property", "127.0.0.1", "done", "36", "1", "16"]);
    let ids = "SELECT count(*) FROM audit_log a JOIN properties p
        ON replace(a.object_id, '-', '') = lower(hex(p.id)) WHERE a.action = 'add_property'";
    assert_eq!(server.number(ids), 5, "each row names what was made");
    // A tool's booking has one too, by its call.
    let answer = server.tool("check_availability", json!({"service": "Check-up"}), "c1").await;
    let slot = answer["data"]["slots"][0]["slot"].clone();
    let booked = server
        .tool("book_appointment", json!({"slot": slot, "service": "Check-up", "name": "R E"}), "c1")
        .await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let rows = server.db().cells("SELECT actor, action FROM audit_log WHERE actor = 'call'");
    assert_eq!(rows, [["call", "tool_booked"]]);
    // What is only looked at has none, and what is refused by its form changes nothing.
    let before = server.number("SELECT count(*) FROM audit_log");
    assert_eq!(server.get("/api/v1/calls", Some(&key)).await.status, 200);
    let headers = [("authorization", &*format!("Bearer {key}"))].map(|(a, b)| (a, b.to_owned()));
    let headers: Vec<(&str, &str)> = headers.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let sent = b"{\"nonsense\": 1}".to_vec();
    server
        .request(Method::POST, "/api/v1/properties", &headers, sent)
        .await
        .problem(400, "invalid");
    assert_eq!(server.number("SELECT count(*) FROM audit_log"), before);
    // Reading in bulk has.
    let path = "/api/v1/appointments/export?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z";
    assert_eq!(server.get(path, Some(&key)).await.status, 200);
    assert_eq!(server.number("SELECT count(*) FROM audit_log"), before + 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refused_delivery_and_request_is_counted_with_its_address() {
    let server = Server::start().await;
    let business = server.business().await;
    for _ in 0..3 {
        let body = retell::ended("c1");
        server
            .post_raw("/hooks/retell", body.as_bytes(), Some("v=1,d=00"))
            .await
            .problem(401, "signature_invalid");
    }
    server.post_raw("/tools/retell", b"{}", None).await.problem(401, "signature_missing");
    server.get("/api/v1/calls", None).await.problem(401, "key_missing");
    let key = server.key(business, &[Scope::CallsRead]).await;
    server.get("/api/v1/customers", Some(&key)).await.problem(403, "scope_missing");
    assert_eq!(server.number("SELECT count(*) FROM audit_log WHERE result = 'refused'"), 0);
    server.app().note_refusals().await.expect("noted");
    server.app().note_refusals().await.expect("nothing is left to note");
    let rows = server.db().cells(
        "SELECT action, actor, object_id, reason, many, address FROM audit_log
         WHERE result = 'refused' ORDER BY action, reason",
    );
    let wanted = [
        ["hook", "nobody", "retell", "signature_invalid", "3", "127.0.0.1"],
        ["list_calls", "nobody", "", "key_missing", "1", "127.0.0.1"],
        ["list_customers", "key", "", "scope_missing", "1", "127.0.0.1"],
        ["tool", "nobody", "retell", "signature_missing", "1", "127.0.0.1"],
    ];
    assert_eq!(rows, wanted);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_shown_filtered_page_by_page_and_as_a_file() {
    let server = server().await;
    let other = server.business_named("Other", "+12025550199", "b").await;
    let theirs = server.member(other, Role::Auditor, Standing::Active).await;
    let own = server
        .db()
        .text("SELECT lower(hex(business_id)) FROM audit_log WHERE action = 'add_property'");
    assert_eq!(own.len(), 32);
    let auditor = {
        let id = server.app().find_business("Example Practice").await.expect("there");
        server.member(id, Role::Auditor, Standing::Active).await
    };
    let path = "/api/v1/audit?action=add_property&result=done&limit=2";
    let first = server.get(path, Some(&auditor.access)).await.json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    let cursor = first["next_cursor"].as_str().expect("there are more");
    let more = server.get(&format!("{path}&cursor={cursor}"), Some(&auditor.access)).await.json();
    let seq = |page: &Value, n: usize| page["items"][n]["seq"].as_i64().expect("a number");
    assert_eq!(seq(&first, 1) - 1, seq(&more, 0));
    assert_eq!(server.get(path, Some(&theirs.access)).await.json()["items"], json!([]));
    let file = server.get("/api/v1/audit/export?action=add_property", Some(&auditor.access)).await;
    assert_eq!(file.text().lines().count(), 6, "{}", file.text());
    for (odd, field) in [("result=maybe", "result"), ("from=soon", "from"), ("cursor=-1", "cursor")]
    {
        let refused = server.get(&format!("/api/v1/audit?{odd}"), Some(&auditor.access)).await;
        assert_eq!(refused.problem(400, "invalid")["field"], field);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_a_row_in_the_file_is_found_out_and_where() {
    let server = server().await;
    server.app().tend_trail().await.expect("signed");
    let rows = server.number("SELECT max(seq) FROM audit_log");
    assert!(rows >= 7, "{rows}");
    let data = server.stop().await;
    let (whole, _) = verdict(data.dir());
    assert!(whole);
    let copy = tempfile::tempdir().expect("a folder");
    let tampered = |sql: &str| {
        for name in ["frontdesk.db", "master.key"] {
            std::fs::copy(data.dir().join(name), copy.path().join(name)).expect("copied");
        }
        Database::in_folder(copy.path()).change(&format!("{UNGUARDED}{sql}")).expect("changed");
        verdict(copy.path())
    };
    for seq in 1..=rows {
        let edits = [
            ("at", "at + 1"),
            ("business_id", "CASE WHEN business_id IS NULL THEN zeroblob(16) END"),
            ("actor", "'nobody'"),
            ("actor_id", "actor_id || '1'"),
            ("action", "'show_call'"),
            ("object_id", "object_id || '1'"),
            ("address", "'192.0.2.1'"),
            ("result", "'failed'"),
            ("reason", "'none'"),
            ("many", "many + 1"),
            ("hash", "zeroblob(32)"),
        ];
        for (column, value) in edits {
            let told =
                tampered(&format!("UPDATE audit_log SET {column} = {value} WHERE seq = {seq}"));
            assert_eq!(told, (false, json!(seq)), "{column} of {seq}");
        }
        let told = tampered(&format!("DELETE FROM audit_log WHERE seq = {seq}"));
        let shows = if seq == rows { seq - 1 } else { seq + 1 };
        assert_eq!(told, (false, json!(shows)), "{seq} is gone");
        let insert = format!("UPDATE audit_log SET seq = seq + 100000 WHERE seq > {seq};
            UPDATE audit_log SET seq = seq - 99999 WHERE seq > {seq};
            INSERT INTO audit_log SELECT seq + 1, at, business_id, actor, actor_id, action, object_id,
                address, result, reason, many, hash FROM audit_log WHERE seq = {seq}");
        assert_eq!(tampered(&insert), (false, json!(seq + 1)), "one more after {seq}");
        if seq < rows {
            let swap = format!(
                "UPDATE audit_log SET seq = -1 WHERE seq = {seq};
                UPDATE audit_log SET seq = {seq} WHERE seq = {seq} + 1;
                UPDATE audit_log SET seq = {seq} + 1 WHERE seq = -1"
            );
            let told = tampered(&format!("PRAGMA ignore_check_constraints = 1; {swap}"));
            assert_eq!(told, (false, json!(seq)), "{seq} and the next have changed places");
        }
    }
    let ends = [
        "UPDATE audit_ends SET seq = seq - 1",
        "DELETE FROM audit_ends",
        "UPDATE audit_checkpoints SET hash = zeroblob(32)",
    ];
    for sql in ends {
        assert!(!tampered(sql).0, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_too_old_go_from_the_beginning_and_the_rest_is_whole() {
    let server = Setup::plain().set("RETENTION__AUDIT_DAYS", "30").start().await;
    let business = server.business().await;
    for _ in 0..3 {
        server.member(business, Role::Viewer, Standing::Active).await;
    }
    server.app().tend_trail().await.expect("signed");
    let old = server.number("SELECT max(seq) FROM audit_log");
    server.advance(SignedDuration::from_hours(24 * 29));
    server.member(business, Role::Viewer, Standing::Active).await;
    let all = server.number("SELECT count(*) FROM audit_log");
    server.app().tend_trail().await.expect("nothing is too old");
    assert_eq!(server.number("SELECT count(*) FROM audit_log"), all);
    server.advance(SignedDuration::from_hours(25));
    server.app().tend_trail().await.expect("some are");
    assert_eq!(server.number("SELECT min(seq) FROM audit_log"), old + 1);
    let refused =
        server.db().change("DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)");
    assert!(refused.expect_err("the trail is append-only").to_string().contains("append-only"));
    let refused = server.db().change("UPDATE audit_log SET reason = 'x'");
    assert!(refused.expect_err("the trail is append-only").to_string().contains("append-only"));
    let data = server.stop().await;
    assert!(verdict(data.dir()).0);
}
