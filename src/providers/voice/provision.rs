//! Setting up an agent at its provider: what is there, what should be, and the request between.
//!
//! What is not ours stays: other tools, other settings. Never sends anything by itself.

use http::Method;
use serde_json::{Map, Value};

use crate::domain::tool::Tool;

/// What an agent is to be set up for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The provider's id of the agent.
    pub agent: String,
    /// A number of the agent, where its provider has settings for numbers.
    pub number: Option<String>,
    /// Where events are delivered.
    pub hooks_url: String,
    /// Where tools are called.
    pub tools_url: String,
    /// Where it is asked who is calling.
    pub inbound_url: String,
}

/// A change to one thing at a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What is changed, for people.
    pub about: String,
    /// By which method.
    pub method: Method,
    /// Under which path of its API.
    pub path: String,
    /// The fields as they are; `null` where there is nothing.
    pub before: Map<String, Value>,
    /// The same fields as they should be.
    pub after: Map<String, Value>,
}

impl Change {
    /// A change that leaves everything else of `current` as it is: only what differs is in it.
    /// `None` when nothing does.
    pub fn of(
        about: String,
        (method, path): (Method, String),
        current: &Value,
        wanted: Vec<(&str, Value)>,
    ) -> Option<Self> {
        let (mut before, mut after) = (Map::new(), Map::new());
        for (field, value) in wanted {
            let known = current.get(field).unwrap_or(&Value::Null);
            if !covers(known, &value) {
                before.insert(field.to_owned(), known.clone());
                after.insert(field.to_owned(), value);
            }
        }
        (!after.is_empty()).then_some(Self { about, method, path, before, after })
    }
}

/// The tools of an agent with ours as they should be: others stay, and so do ours where they hold all
/// that is wanted.
pub fn with_tools(current: Option<&Value>, ours: Vec<Value>) -> Value {
    let known = current.and_then(Value::as_array).cloned().unwrap_or_default();
    let is_ours = |tool: &Value| name(tool).is_some_and(|name| Tool::named(name).is_some());
    let mut all: Vec<Value> = known.iter().filter(|tool| !is_ours(tool)).cloned().collect();
    for tool in ours {
        let same = known.iter().find(|known| name(known) == name(&tool));
        all.push(same.filter(|same| covers(same, &tool)).cloned().unwrap_or(tool));
    }
    Value::Array(all)
}

/// The name of a tool, wherever its provider keeps it.
pub fn name(tool: &Value) -> Option<&str> {
    let inside = ["function", "webhook"].into_iter().filter_map(|key| tool.get(key));
    inside.chain([tool]).find_map(|place| place.get("name")?.as_str())
}

/// Whether what is there holds all that is wanted; what a provider adds does not matter.
fn covers(known: &Value, wanted: &Value) -> bool {
    match (known, wanted) {
        (Value::Object(known), Value::Object(wanted)) => wanted
            .iter()
            .all(|(field, value)| known.get(field).is_some_and(|known| covers(known, value))),
        (Value::Array(known), Value::Array(wanted)) => {
            known.len() == wanted.len()
                && known.iter().zip(wanted).all(|(known, wanted)| covers(known, wanted))
        }
        (known, wanted) => known == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn other_tools_stay_and_what_a_provider_adds_is_no_change() {
        let ours = json!({"type": "custom", "name": "list_services", "url": "https://a"});
        let end = json!({"type": "end_call", "name": "end_call"});
        let kept = json!({"type": "custom", "name": "list_services", "url": "https://a", "id": 7});
        let same = with_tools(Some(&json!([end, kept])), vec![ours.clone()]);
        assert_eq!(same, json!([end, kept]));
        let moved = json!({"type": "custom", "name": "list_services", "url": "https://old"});
        let new = with_tools(Some(&json!([moved, end])), vec![ours.clone()]);
        assert_eq!(new, json!([end, ours]));
        assert_eq!(with_tools(None, vec![ours.clone()]), json!([ours]));
        // A tool of ours that there is no more goes.
        let gone = json!({"type": "custom", "name": "take_message"});
        assert_eq!(with_tools(Some(&json!([gone, end])), vec![]), json!([end]));
    }

    #[test]
    fn only_what_differs_is_changed() {
        let current =
            json!({"webhook_url": "https://a", "voice": "x", "server": {"url": "u", "id": 1}});
        let wanted = vec![("webhook_url", json!("https://a")), ("server", json!({"url": "u"}))];
        let to = || (Method::PATCH, "/x".to_owned());
        assert_eq!(Change::of("agent".to_owned(), to(), &current, wanted), None);
        let wanted = vec![("webhook_url", json!("https://b")), ("number", json!(1))];
        let change = Change::of("agent".to_owned(), to(), &current, wanted).expect("a change");
        assert_eq!(
            Value::Object(change.before),
            json!({"webhook_url": "https://a", "number": null})
        );
        assert_eq!(Value::Object(change.after), json!({"webhook_url": "https://b", "number": 1}));
    }
}
