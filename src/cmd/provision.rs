//! `frontdesk provision NAME`: sets an account's agents up at their provider: where events go, which
//! tools there are, who is asked who is calling.
//!
//! Shows what would change before anything does. Never touches what is not ours.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{business, output};
use crate::config::Settings;
use crate::net::{Client, Manner};
use crate::providers::Registry;
use crate::providers::voice::provision::{Change, Plan, name};

/// How long one answer of the provider may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Which agents, and whether only to look.
#[derive(clap::Args)]
pub struct Options {
    /// The voice account, such as retell.
    account: String,
    /// The provider's id of an agent; may be repeated. When not given: all that belong to a business.
    #[arg(long = "agent", value_name = "AGENT_ID")]
    agents: Vec<String>,
    /// A number whose settings at the provider are to ask who is calling, E.164.
    #[arg(long)]
    number: Option<String>,
    /// Only show what would change.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    about: &'a str,
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
    applied: bool,
}

/// Shows what differs and, unless it is a trial, changes it.
pub async fn provision(settings: Settings, options: Options) -> anyhow::Result<()> {
    let registry = Registry::build(&settings)?;
    let account = registry.voice(&options.account);
    let account =
        account.with_context(|| format!("config.toml has no [voice.{}]", options.account))?;
    let base = settings.server.base_url();
    let insecure = settings.limits.allow_insecure_upstreams();
    if !base.starts_with("https://") && !insecure {
        bail!("set [server] public_url: the provider calls this server at its address");
    }
    let agents = if options.agents.is_empty() {
        business::agents_of(settings, &options.account).await?
    } else {
        options.agents
    };
    if agents.is_empty() {
        bail!(
            "no business has an agent at {0}; name one with --agent, or add it: frontdesk agent \
               add BUSINESS {0}:AGENT_ID",
            options.account
        );
    }
    let net = Client::new(Manner::trying(DEADLINE, insecure))?;
    let mut number = options.number;
    let mut changed = 0;
    for agent in agents {
        let plan = Plan {
            agent: agent.clone(),
            number: number.take(),
            hooks_url: format!("{base}/hooks/{}", options.account),
            tools_url: format!("{base}/tools/{}", options.account),
            inbound_url: format!("{base}/inbound/{}", options.account),
        };
        let changes = account.voice.plan(&net, &plan).await;
        let changes = changes.with_context(|| format!("agent {agent} cannot be looked at"))?;
        if changes.is_empty() && !options.json {
            output::line(format!("{agent}: everything is as it should be."));
        }
        for change in &changes {
            if !options.dry_run {
                let applied = account.voice.apply(&net, change).await;
                applied.with_context(|| format!("{} was not changed", change.about))?;
            }
            changed += 1;
            if options.json {
                let (about, before, after) = (&change.about, &change.before, &change.after);
                output::json(&View { about, before, after, applied: !options.dry_run })?;
            } else {
                tell(change);
            }
        }
    }
    let what = if options.dry_run { "would be changed; nothing was." } else { "changed." };
    output::note(format!("{changed} {what}"));
    Ok(())
}

/// Says field by field what differs; tools by their names.
fn tell(change: &Change) {
    output::line(&change.about);
    for (field, after) in &change.after {
        let before = change.before.get(field).unwrap_or(&Value::Null);
        let tools = |value: &Value| {
            let list = value.as_array().or_else(|| value.get("tools")?.as_array());
            list.filter(|list| list.iter().any(Value::is_object)).cloned()
        };
        let Some(wanted) = tools(after) else {
            output::line(format!("  {field}: {before} \u{2192} {after}"));
            continue;
        };
        let known = tools(before).unwrap_or_default();
        output::line(format!("  {field}:"));
        for tool in &wanted {
            let same = known.iter().find(|known| name(known) == name(tool));
            let mark = match same {
                None => '+',
                Some(same) if same == tool => '=',
                Some(_) => '~',
            };
            output::line(format!("    {mark} {}", name(tool).unwrap_or("unnamed")));
        }
        for gone in known.iter().filter(|known| !wanted.iter().any(|t| name(t) == name(known))) {
            output::line(format!("    - {}", name(gone).unwrap_or("unnamed")));
        }
    }
}
