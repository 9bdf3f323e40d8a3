//! `frontdesk tools --for NAME`: the live tools as definitions to paste.
//!
//! Never sends them anywhere.

use anyhow::bail;
use serde_json::{Value, json};

use super::output;
use crate::config::Settings;
use crate::domain::tool::Tool;
use crate::providers::voice::{KINDS, description, parameters};

/// The names for definitions of providers that frontdesk does not answer itself yet: what is printed
/// is their form, for the addresses that their account will have.
const OPENAI: &str = "openai";
const VAPI: &str = "vapi";
const TELNYX: &str = "telnyx";

/// For whom the tools are defined.
#[derive(clap::Args)]
pub struct Options {
    /// retell, vapi, telnyx, or openai for plain function definitions.
    #[arg(long = "for", value_name = "NAME")]
    whom: String,
    /// The voice account whose address the tools are called at; the first of that provider when
    /// not given.
    #[arg(long)]
    account: Option<String>,
}

/// Prints a JSON list of all tools.
pub fn tools(settings: &Settings, options: &Options) -> anyhow::Result<()> {
    if options.whom == OPENAI {
        let all: Vec<Value> = Tool::ALL.into_iter().map(openai).collect();
        return output::json(&all);
    }
    let other: Option<fn(Tool, &str) -> Value> = match options.whom.as_str() {
        VAPI => Some(vapi),
        TELNYX => Some(telnyx),
        _ => None,
    };
    if let Some(definition) = other {
        let account = options.account.as_deref().unwrap_or(&options.whom);
        let url = format!("{}/tools/{account}", settings.server.base_url());
        output::note(format!("Note: frontdesk does not answer {} yet.", options.whom));
        let all: Vec<Value> = Tool::ALL.into_iter().map(|tool| definition(tool, &url)).collect();
        return output::json(&all);
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.name == options.whom) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let known = known.join(", ");
        let whom = &options.whom;
        bail!("{whom:?} is not known; known are {known}, {VAPI}, {TELNYX} and {OPENAI}");
    };
    let first = || {
        let mut accounts = settings.voice.values().filter(|section| section.kind() == kind.name);
        accounts.next().map(|section| section.name().to_owned())
    };
    let account = options.account.clone().or_else(first).unwrap_or_else(|| kind.name.to_owned());
    match settings.voice.get(&account) {
        Some(section) if section.kind() == kind.name => {}
        Some(_) => bail!("[voice.{account}] is not of {}", kind.name),
        None => output::note(format!("Note: config.toml has no [voice.{account}] yet.")),
    }
    let url = format!("{}/tools/{account}", settings.server.base_url());
    if !url.starts_with("https://") {
        output::note("Note: set [server] public_url: the provider calls the tools at its address.");
    }
    let all: Vec<Value> = Tool::ALL.into_iter().map(|tool| (kind.definition)(tool, &url)).collect();
    output::json(&all)
}

/// A function tool as Vapi's API takes it (CreateFunctionToolDTO), with the server that answers.
fn vapi(tool: Tool, url: &str) -> Value {
    json!({
        "type": "function",
        "async": false,
        "function": {
            "name": tool.name(),
            "description": description(tool),
            "parameters": parameters(tool),
        },
        "server": {"url": url, "timeoutSeconds": ANSWERS_WITHIN_S},
    })
}

/// A webhook tool as Telnyx's API takes it: one URL a tool, its arguments bare in the body. The call
/// is named by a header that Telnyx fills in.
fn telnyx(tool: Tool, url: &str) -> Value {
    json!({
        "type": "webhook",
        "webhook": {
            "name": tool.name(),
            "description": description(tool),
            "url": format!("{url}/{}", tool.name()),
            "method": "POST",
            "headers": [{"name": "x-call-control-id", "value": "{{call_control_id}}"}],
            "body_parameters": parameters(tool),
            "timeout_ms": ANSWERS_WITHIN_S * 1_000,
        },
    })
}

/// Seconds that a provider is told to wait for an answer, above every tool's own deadline.
const ANSWERS_WITHIN_S: u64 = 5;

/// A function as in the tools of a chat completion.
fn openai(tool: Tool) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name(),
            "description": description(tool),
            "parameters": parameters(tool),
        },
    })
}
