//! `frontdesk tools --for NAME`: the live tools as definitions to paste.
//!
//! Never sends them anywhere.

use anyhow::bail;
use serde_json::{Value, json};

use super::output;
use crate::config::Settings;
use crate::domain::tool::Tool;
use crate::providers::voice::{KINDS, description, parameters};

/// The name for plain function definitions, which belong to no provider of calls.
const OPENAI: &str = "openai";

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
    let Some(kind) = KINDS.iter().find(|kind| kind.name == options.whom) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let known = known.join(", ");
        let whom = &options.whom;
        bail!("{whom:?} is not known; known are {known} and {OPENAI}");
    };
    let Some(definition) = kind.definition else {
        bail!(
            "agents at {} call no tools; take the one that their calls are connected to",
            kind.name
        );
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
    let all: Vec<Value> = Tool::ALL.into_iter().map(|tool| definition(tool, &url)).collect();
    output::json(&all)
}

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
