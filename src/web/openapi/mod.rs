//! `/openapi.json`: the REST interface as an OpenAPI 3.1 document, made of the route table.
//!
//! What may be sent stands in `bodies` and `queries`; a test sends every field of theirs, and one more.
//! Never names a route that is not served, nor leaves one of the interface out.

mod bodies;
mod queries;
mod shape;

use std::sync::OnceLock;

use axum::response::Response;
use http::{HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::reply;
use super::route::{BodyLimit, Caller, Endpoint, Idempotency, Route, TABLE};

/// What the document is for, in it.
const ABOUT: &str = "The back office of AI phone agents. A key opens one business; a user who belongs \
    to several names one in the header Frontdesk-Business. Single things carry an ETag, and a change \
    with If-Match is refused when they changed meanwhile. Lists go on by cursor.";

/// `GET /openapi.json`.
pub fn show() -> Response {
    static DOCUMENT: OnceLock<bytes::Bytes> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| document().to_string().into());
    reply::bytes(HeaderValue::from_static("application/json"), document.clone())
}

/// The routes that are told of: the REST interface and the probes. What providers send and ask is
/// theirs to say.
fn told() -> impl Iterator<Item = &'static Route> {
    let is_told = |route: &&Route| {
        route.path.starts_with("/api/v1/") || ["/healthz", "/readyz"].contains(&route.path)
    };
    TABLE.iter().filter(is_told)
}

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in told() {
        let item = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        item[route.method.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "frontdesk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key (fdk_…) or an access token of a user.",
            }},
            "schemas": {"Problem": problem()},
        },
    })
}

fn operation(route: &Route) -> Value {
    let noun = route.path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default();
    let security = match route.policy.caller {
        Caller::Business(_) | Caller::Person(_) | Caller::User | Caller::Operator => {
            json!([{"bearer": []}])
        }
        Caller::Anyone | Caller::Provider | Caller::Secret => json!([]),
    };
    let needs = match route.policy.caller {
        Caller::Business(scope) | Caller::Person(scope) => {
            format!("Needs the scope {}.", scope.word())
        }
        Caller::User => "Needs a user who is logged in.".to_owned(),
        Caller::Operator => "Needs an operator who is logged in.".to_owned(),
        Caller::Anyone | Caller::Provider | Caller::Secret => "Open to anybody.".to_owned(),
    };
    let mut operation = json!({
        "operationId": route.endpoint.word(),
        "tags": [noun],
        "description": needs,
        "security": security,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if route.policy.body == BodyLimit::Standard {
        let schema = bodies::of(route.endpoint);
        // No body is an object without fields.
        let required = schema["required"].as_array().is_some_and(|all| !all.is_empty());
        operation["requestBody"] =
            json!({"required": required, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let mut all = Vec::new();
    if route.path.contains("{id}") {
        // Jobs alone are counted.
        let counted = matches!(route.endpoint, Endpoint::RetryJob | Endpoint::DiscardJob);
        let schema = if counted { shape::whole(1, i64::MAX) } else { shape::id() };
        all.push(json!({"name": "id", "in": "path", "required": true, "schema": schema}));
    }
    for (name, required, schema) in queries::of(route.endpoint) {
        all.push(json!({"name": name, "in": "query", "required": required, "schema": schema}));
    }
    if route.policy.idempotency == Idempotency::ByKey {
        let schema = json!({"type": "string", "pattern": "^[!-~]{1,255}$"});
        let key = "Idempotency-Key";
        all.push(json!({"name": key, "in": "header", "required": false, "schema": schema}));
    }
    all
}

fn responses(route: &Route) -> Value {
    let object = json!({"type": "object"});
    let json =
        || json!({"description": "Done.", "content": {"application/json": {"schema": object}}});
    let csv = || json!({"description": "A table.", "content": {"text/csv": {"schema": {"type": "string"}}}});
    let audio = || json!({"description": "Audio.", "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}});
    let nothing = || json!({"description": "Done."});
    let wrong = json!({
        "description": "It was refused, or could not be done.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    let mut all = Map::new();
    let ends_with = |end: &str| route.path.ends_with(end);
    let (status, answer) = if ends_with("/export") && route.method == Method::GET {
        ("200", csv())
    } else if ends_with("/audio") {
        all.insert("206".to_owned(), audio());
        ("200", audio())
    } else if route.path == "/healthz" {
        ("200", nothing())
    } else if ends_with("/register") || (is_made(route) && !ends_with("/erasures")) {
        ("201", json())
    } else if ends_with("/erasures") {
        ("202", json())
    } else if ends_with("/forgot") {
        ("202", nothing())
    } else if route.method == Method::DELETE
        || ["/logout", "/reset", "/change", "/off"].iter().any(|end| ends_with(end))
    {
        ("204", nothing())
    } else {
        ("200", json())
    };
    all.insert(status.to_owned(), answer);
    if !matches!(route.policy.caller, Caller::Anyone | Caller::Provider | Caller::Secret) {
        all.insert("401".to_owned(), wrong.clone());
        all.insert("403".to_owned(), wrong.clone());
    }
    all.insert("default".to_owned(), wrong);
    Value::Object(all)
}

fn is_made(route: &Route) -> bool {
    route.policy.idempotency == Idempotency::ByKey
}

/// The one format of errors (RFC 9457).
fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "request_id"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "field": {"type": "string"},
            "request_id": {"type": "string", "format": "uuid"},
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_of_the_interface_is_told_of_once_with_what_it_takes() {
        let document = document();
        let mut names = BTreeSet::new();
        for route in told() {
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            let takes = route.policy.body == BodyLimit::Standard;
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(schema["additionalProperties"] == false, takes, "{name}");
        }
        assert!(names.len() > 70, "{}", names.len());
    }

    #[test]
    fn what_is_said_of_bodies_and_queries_is_of_routes_that_there_are() {
        let told: Vec<_> = told().map(|route| route.endpoint).collect();
        for endpoint in bodies::all().chain(queries::all()) {
            assert!(told.contains(&endpoint), "{endpoint:?}");
        }
    }
}
