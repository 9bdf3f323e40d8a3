//! What a provider's API takes, as its OpenAPI document says: the schema of each body, the names of
//! each query.
//!
//! The fixtures are derived by tests/specs/derive.py. Never knows what the API would do.

use serde_json::Value;

use super::upstream::Seen;

/// The operations of one API.
pub struct Contract(Vec<Operation>);

struct Operation {
    method: String,
    /// The parts of its path; one in braces stands for anything.
    path: Vec<String>,
    query: Vec<String>,
    body: Option<jsonschema::Validator>,
}

impl Contract {
    /// Reads a fixture.
    pub fn read(fixture: &str) -> Self {
        let all: Value = serde_json::from_str(fixture).expect("the fixture is JSON");
        let all = all.as_object().expect("the fixture is an object");
        Self(all.iter().map(|(name, told)| Operation::read(name, told)).collect())
    }

    /// What is wrong with a request; `None` when the API takes it.
    pub fn fault(&self, seen: &Seen) -> Option<String> {
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let called = |one: &&Operation| one.method == seen.method.as_str() && one.fits(path);
        let Some(operation) = self.0.iter().find(called) else {
            return Some(format!("{} {path} does not exist", seen.method));
        };
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            let name = name.split('[').next().unwrap_or_default();
            if !operation.query.iter().any(|known| known == name) {
                return Some(format!("query: {name} is not known"));
            }
        }
        let validator = operation.body.as_ref()?;
        let first = validator.iter_errors(&seen.json()).next()?.to_string();
        Some(first)
    }
}

impl Operation {
    fn read(name: &str, told: &Value) -> Self {
        let (method, path) = name.split_once(' ').expect("a method and a path");
        let query = told["query"].as_array().into_iter().flatten();
        let body = Some(&told["body"]).filter(|body| !body.is_null());
        Self {
            method: method.to_owned(),
            path: path.split('/').map(str::to_owned).collect(),
            query: query.filter_map(Value::as_str).map(str::to_owned).collect(),
            body: body.map(|schema| jsonschema::validator_for(schema).expect("a schema")),
        }
    }

    fn fits(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let same = |(known, part): (&String, &&str)| {
            known == part || (known.starts_with('{') && !part.is_empty())
        };
        parts.len() == self.path.len() && self.path.iter().zip(&parts).all(same)
    }
}
