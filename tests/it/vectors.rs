//! Recorded signatures of Vapi, Telnyx and Exotel through HTTP, judged as those who made them judge.
//! Retell's are in `hooks`.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::Deserialize;

use crate::harness::{Server, Setup};

#[derive(Deserialize)]
struct TelnyxVectors {
    cases: Vec<TelnyxCase>,
}

#[derive(Deserialize)]
struct TelnyxCase {
    name: String,
    body: String,
    timestamp: Option<String>,
    signature: Option<String>,
    now_s: i64,
    public_key: String,
    accepted: bool,
}

#[derive(Deserialize)]
struct VapiCase {
    name: String,
    config: String,
    body: String,
    headers: BTreeMap<String, String>,
    now_ms: i64,
}

async fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    server.request(Method::POST, path, headers, body.as_bytes().to_vec()).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn telnyx_s_are_judged_as_its_sdk_judges_them() {
    let vectors: TelnyxVectors =
        serde_json::from_str(include_str!("../fixtures/telnyx/signatures.json")).expect("JSON");
    let keys: BTreeSet<&str> = vectors.cases.iter().map(|case| case.public_key.as_str()).collect();
    assert_eq!(keys.len(), 2, "they are signed with one key and tried with another");
    for key in keys {
        let server = Setup::plain().set("VOICE__TELNYX__PUBLIC_KEYS", key).start().await;
        for case in vectors.cases.iter().filter(|case| case.public_key == key) {
            server.go_to_ms(case.now_s * 1_000);
            let headers = [
                ("telnyx-timestamp", case.timestamp.as_deref()),
                ("telnyx-signature-ed25519", case.signature.as_deref()),
            ];
            let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let mut headers: Vec<(&str, &str)> = headers.collect();
            // The arguments of a tool come bare: the address names it, a header the call.
            let is_event = case.body.contains("\"event_type\"");
            headers.push(("x-frontdesk-call", "v3:vector"));
            let path = if is_event { "/hooks/telnyx" } else { "/tools/telnyx/list_services" };
            let status = post(&server, path, &headers, &case.body).await;
            assert_eq!(status, if case.accepted { 200 } else { 401 }, "{}", case.name);
            server.settled().await;
        }
        server.finish().await;
    }
}

/// The settings of a table written as TOML, as they are named in the environment.
fn variables(config: &str) -> Vec<(String, String)> {
    let table: toml::Table = config.parse().expect("TOML");
    let inner = table.get("voice").and_then(|voice| voice.get("vapi")).cloned();
    let inner = inner.unwrap_or(toml::Value::Table(table));
    let mut all = Vec::new();
    for (name, value) in inner.as_table().expect("a table") {
        let text = |value: &toml::Value| value.as_str().expect("a text").to_owned();
        match value.as_table() {
            Some(more) => all.extend(more.iter().map(|(key, value)| {
                (format!("VOICE__VAPI__{name}__{key}").to_uppercase(), text(value))
            })),
            None => all.push((format!("VOICE__VAPI__{name}").to_uppercase(), text(value))),
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn vapi_s_are_taken_by_their_own_plan_and_no_other_body() {
    let cases: Vec<VapiCase> =
        serde_json::from_str(include_str!("../fixtures/vapi/signatures.json")).expect("JSON");
    for case in cases {
        let mut setup = Setup::plain();
        for (name, value) in variables(&case.config) {
            setup = setup.set(&name, &value);
        }
        let server = setup.start().await;
        server.go_to_ms(case.now_ms);
        let headers: Vec<(&str, &str)> =
            case.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let taken = post(&server, "/hooks/vapi", &headers, &case.body).await;
        assert!((200..300).contains(&taken), "{}: {taken}", case.name);
        let bare = post(&server, "/hooks/vapi", &[], &case.body).await;
        assert_eq!(bare, 401, "{}", case.name);
        if case.config.contains("hmac") {
            let changed = format!("{} ", case.body);
            let changed = post(&server, "/hooks/vapi", &headers, &changed).await;
            assert_eq!(changed, 401, "{}", case.name);
        }
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exotel_s_signature_of_a_gateway_is_checked() {
    let server = Setup::plain()
        .set("VOICE__EXOTEL__VERIFY", "hmac-sha1")
        .set("VOICE__EXOTEL__HMAC_SECRET", "exotel-secret")
        .start()
        .await;
    let body = r#"{"CallSid":"123","CallStatus":"completed"}"#;
    let cases = [
        ("e4a82fcb4a8e1cd1018c50003cf782be9fd00c41", 200),
        ("5Kgvy0qOHNEBjFAAPPeCvp/QDEE=", 200),
        ("e4a82fcb4a8e1cd1018c50003cf782be9fd00c42", 401),
        ("", 401),
    ];
    for (signature, status) in cases {
        let headers = [("x-exotel-signature", signature)];
        assert_eq!(post(&server, "/hooks/exotel", &headers, body).await, status, "{signature}");
    }
    assert_eq!(post(&server, "/hooks/exotel", &[], body).await, 401);
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 1, "kept once");
    server.finish().await;
}
