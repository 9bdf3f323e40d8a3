//! What may be sent is closed: each body takes the fields that the document names and no others, and
//! nobody reaches another business's things. All of it is made of the document and of the types in
//! `src/web/api`, so that a new route is tried without being named here.

use std::collections::BTreeSet;
use std::path::Path;

use frontdesk::domain::access::{Role, Standing};
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Server, Setup};

/// What nobody may set from outside.
const DERIVED: [&str; 18] = [
    "id",
    "business_id",
    "company_id",
    "owner_id",
    "user_id",
    "call_id",
    "cost",
    "cost_micros",
    "transcript",
    "outcome",
    "created_at",
    "updated_at",
    "started_at",
    "duration_ms",
    "is_operator",
    "is_test",
    "recovered_at",
    "__proto__",
];

/// A value that fits a schema, as far as the schema says.
fn sample(schema: &Value) -> Value {
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let field = |name: &Value| {
                let name = name.as_str().unwrap_or_default();
                (name.to_owned(), sample(&schema["properties"][name]))
            };
            Value::Object(required.iter().map(field).collect())
        }
        Some("array") => json!([sample(&schema["items"])]),
        Some("boolean") => json!(true),
        Some("integer") => schema["minimum"].clone(),
        _ => match (schema["format"].as_str(), schema["pattern"].as_str()) {
            (Some("uuid"), _) => json!("01900000-0000-7000-8000-000000000001"),
            (Some("date-time"), _) => json!("2026-01-06T09:00:00Z"),
            (Some("date"), _) => json!("2026-01-06"),
            (_, Some(pattern)) if pattern.contains("\\+") => json!("+12025550142"),
            (_, Some(_)) => json!("EUR"),
            _ => json!("seven lanterns under a bridge"),
        },
    }
}

struct Operation {
    method: Method,
    path: String,
    schema: Value,
    is_open: bool,
}

async fn operations(server: &Server) -> Vec<Operation> {
    let document = server.get("/openapi.json", None).await.json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, told) in item.as_object().expect("operations") {
            all.push(Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                schema: told["requestBody"]["content"]["application/json"]["schema"].clone(),
                is_open: told["security"] == json!([]),
            });
        }
    }
    all
}

async fn server() -> Server {
    let many = ["API_REQUESTS", "BOOKINGS", "DIAGNOSTICS", "REFUSED", "LOGIN", "REGISTER"];
    let setup = Setup::plain().allow_jobs().set("LIMITS__OUTBOUND_PREFIXES", "[\"+1\"]");
    let setup = setup.set("LIMITS__OUTBOUND_PER_MINUTE_PER_USER", "1000");
    let set = |setup: Setup, what: &str| setup.set(&format!("LIMITS__{what}_PER_MINUTE"), "1000");
    many.into_iter().fold(setup, set).set("LIMITS__API_REQUESTS_PER_MINUTE", "100000").start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_body_takes_its_own_fields_and_refuses_every_other_by_name() {
    let server = server().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let (mut refused, mut taken) = (0, 0);
    for Operation { method, path, schema, is_open } in operations(&server).await {
        if schema.is_null() {
            continue;
        }
        let nothing = "01900000-0000-7000-8000-0000000000ff".to_owned();
        let own = path.contains("/businesses/").then(|| business.as_ref().to_string());
        let path = path.replace("{id}", &own.unwrap_or(nothing));
        let headers = [("authorization", bearer.as_str())];
        let headers = if is_open { &[][..] } else { &headers };
        let ask = async |body: &Value| {
            let sent = body.to_string().into_bytes();
            server.request(method.clone(), &path, headers, sent).await
        };
        let known = schema["properties"].as_object().expect("fields");
        for derived in DERIVED.into_iter().filter(|name| !known.contains_key(*name)) {
            let mut body = sample(&schema);
            body[derived] = json!("7");
            let answer = ask(&body).await;
            let what = format!("{method} {path} with {derived}: {}", answer.text());
            assert_eq!(answer.status, 400, "{what}");
            let told = answer.json();
            assert_eq!(
                (&told["field"], &told["detail"]),
                (&json!(derived), &json!("is not known here")),
                "{what}"
            );
            refused += 1;
        }
        for (name, field) in known {
            // A value of no type that there is: the field is read, and that is said of it.
            let mut body = sample(&schema);
            body[name] = json!({"of": {"no": "type"}});
            let answer = ask(&body).await;
            let what = format!("{method} {path} with {name}: {}", answer.text());
            if field["type"] != "object" {
                assert_eq!(answer.status, 400, "{what}");
            }
            assert_ne!(answer.json()["detail"], "is not known here", "{what}");
            taken += 1;
        }
    }
    assert!(refused > 500 && taken > 100, "{refused} {taken}");
    server.finish().await;
}

/// The fields of every type in `src/web/api` that is read from a body.
fn fields_of_types() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/api");
    let mut all = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("it is text");
        for part in text.split("#[serde(deny_unknown_fields)]").skip(1) {
            let body = part.split_once('{').map_or("", |(_, rest)| rest);
            for line in body.lines().take_while(|line| !line.starts_with('}')) {
                let line = line.trim();
                if let Some((name, _)) = line.split_once(": ")
                    && !line.starts_with(['/', '#'])
                {
                    all.insert(name.to_owned());
                }
            }
        }
    }
    all
}

fn fields_of_schema(schema: &Value, all: &mut BTreeSet<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        all.insert(name.clone());
        fields_of_schema(&field["items"], all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_type_has_a_field_that_the_document_does_not_name() {
    let server = Server::start().await;
    let mut told = BTreeSet::new();
    for operation in operations(&server).await {
        fields_of_schema(&operation.schema, &mut told);
    }
    let types = fields_of_types();
    assert!(types.len() > 40, "{types:?}");
    assert_eq!(told, types);
    server.finish().await;
}

/// One thing of each noun, of the business of that number.
const THINGS: [(&str, &str, &str); 16] = [
    ("businesses", "businesses", "id"),
    ("calls", "calls", "business_id"),
    ("recordings", "recordings", "business_id"),
    ("properties", "properties", "business_id"),
    ("branches", "branches", "business_id"),
    ("services", "services", "business_id"),
    ("staff", "staff", "business_id"),
    ("hours", "exceptions", "business_id"),
    ("appointments", "appointments", "business_id"),
    ("customers", "customers", "business_id"),
    ("waiting-list", "waiting_entries", "business_id"),
    ("messages", "messages", "business_id"),
    ("feeds", "feeds", "business_id"),
    ("keys", "api_keys", "business_id"),
    ("privacy", "erasures", "business_id"),
    ("users", "memberships", "business_id"),
];

/// Fills another business with one thing of each kind, past all use cases.
const FILL: &str = "
    INSERT INTO properties SELECT randomblob(16), id, 'r', 't', '', '', 1, 1 FROM businesses WHERE name = 'Other';
    INSERT INTO staff (id, business_id, name, active, given_at, created_at, updated_at)
      SELECT randomblob(16), id, 'Kim', 1, 1, 1, 1 FROM businesses WHERE name = 'Other';
    INSERT INTO exceptions (id, business_id, first_day, last_day, name, created_at)
      SELECT randomblob(16), id, '2026-01-06', '2026-01-06', '', 1 FROM businesses WHERE name = 'Other';
    INSERT INTO customers SELECT randomblob(16), id, 'C', '', '', '', '', 1, 1 FROM businesses WHERE name = 'Other';
    INSERT INTO messages (id, business_id, customer_name, customer_phone, text, created_at)
      SELECT randomblob(16), id, '', '', 'm', 1 FROM businesses WHERE name = 'Other';
    INSERT INTO feeds (id, business_id, token_sha256, created_at)
      SELECT randomblob(16), id, randomblob(32), 1 FROM businesses WHERE name = 'Other';
    INSERT INTO erasures (id, business_id, phone, email, created_at)
      SELECT randomblob(16), id, '', '', 1 FROM businesses WHERE name = 'Other';
    INSERT INTO waiting_entries (id, business_id, service_id, customer_name, customer_phone,
        customer_email, from_at, until_at, state, created_at, updated_at)
      SELECT randomblob(16), business_id, id, 'W', '', '', 1, 2, 'waiting', 1, 1 FROM services
      WHERE business_id = (SELECT id FROM businesses WHERE name = 'Other');
    INSERT INTO calls (id, business_id, account, provider_call_id, provider_agent_id, direction,
        from_number, to_number, disconnection_reason, end_family, summary, sentiment, cost_currency,
        facts, created_at, updated_at)
      SELECT randomblob(16), id, 'retell', 'theirs', '', 'inbound', '', '', '', 'unknown', '', '', '',
        '{}', 1, 1 FROM businesses WHERE name = 'Other';
    INSERT INTO recordings (id, call_id, business_id, call_ended_at, updated_at)
      SELECT randomblob(16), id, business_id, 1, 1 FROM calls WHERE provider_call_id = 'theirs';
    INSERT INTO appointments (id, business_id, branch_id, service_id, status, starts_at, ends_at,
        before_min, after_min, customer_name, customer_phone, customer_email, notes, code,
        code_misses, created_at, updated_at)
      SELECT randomblob(16), s.business_id, b.id, s.id, 'confirmed', 1, 2, 0, 0, 'A', '', '', '', '', 0, 1, 1
      FROM services s JOIN branches b ON b.business_id = s.business_id
      WHERE s.business_id = (SELECT id FROM businesses WHERE name = 'Other');";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_business_is_reached_by_its_id() {
    let server = server().await;
    let own = server.business().await;
    let other = server.business_named("Other", "+12025550199", "agent_other").await;
    server.member(other, Role::Viewer, Standing::Active).await;
    server.key(other, &[frontdesk::domain::access::Scope::CallsRead]).await;
    server.db().change(FILL).expect("filled");
    let owner = server.member(own, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let mut tried = BTreeSet::new();
    for Operation { method, path, schema, .. } in operations(&server).await {
        let Some(noun) = path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next())
        else {
            continue;
        };
        if !path.contains("{id}") || ["sessions", "jobs"].contains(&noun) {
            continue;
        }
        let (_, table, owned_by) = THINGS
            .iter()
            .find(|(known, _, _)| *known == noun)
            .unwrap_or_else(|| panic!("{noun} is not named here"));
        let column = if *table == "memberships" { "user_id" } else { "id" };
        let theirs = server.db().text(&format!(
            "SELECT lower(hex({column})) FROM {table}
             WHERE {owned_by} = (SELECT id FROM businesses WHERE name = 'Other') LIMIT 1"
        ));
        let path = path.replace("{id}", &theirs);
        let before =
            server.db().text(&format!("SELECT group_concat(quote({column})) FROM {table}"));
        let body =
            if schema.is_null() { Vec::new() } else { sample(&schema).to_string().into_bytes() };
        let headers = [("authorization", bearer.as_str())];
        let answer = server.request(method.clone(), &path, &headers, body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
        let after = server.db().text(&format!("SELECT group_concat(quote({column})) FROM {table}"));
        assert_eq!(before, after, "{method} {path}");
        tried.insert(noun.to_owned());
    }
    assert_eq!(tried.len(), THINGS.len(), "{tried:?}");
    server.finish().await;
}
