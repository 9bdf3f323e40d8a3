//! API keys from the command line.
//!
//! A key is printed once, alone on standard output; it cannot be shown again.

use clap::Subcommand;
use serde::Serialize;

use super::{business, output};
use crate::config::Settings;
use crate::domain::access::Scope;
use crate::domain::ids::KeyId;

/// What to do with keys.
#[derive(Subcommand)]
pub enum Command {
    /// Make a key for a business's data.
    Create {
        /// The business's name or id.
        business: String,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// What it may be used for, such as appointments:read or appointments:write; may be
        /// repeated. When not given: everything that reads, and nothing that changes.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// Days until it ends; it does not end when not given.
        #[arg(long)]
        days: Option<u32>,
    },
    /// List the keys of a business.
    List {
        /// The business's name or id.
        business: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a key back, at once.
    Revoke {
        /// The business's name or id.
        business: String,
        /// The key's id.
        key: KeyId,
    },
}

#[derive(Serialize)]
struct KeyView {
    id: String,
    name: String,
    hint: String,
    scopes: String,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
}

/// `frontdesk key …`.
pub async fn key(settings: Settings, command: Command) -> anyhow::Result<()> {
    let app = business::open(settings)?;
    match command {
        Command::Create { business, name, scopes, days } => {
            let id = app.find_business(&business).await?;
            let reading = || Scope::for_keys().into_iter().filter(|scope| scope.reads()).collect();
            let scopes = if scopes.is_empty() { reading() } else { scopes };
            let (key, text) = app.create_key(id, &name, scopes, days).await?;
            output::note(format!("Key {key}. It is shown this once:"));
            output::line(text);
            Ok(())
        }
        Command::List { business, json } => {
            let id = app.find_business(&business).await?;
            let keys: Vec<KeyView> = app
                .keys(id)
                .await?
                .into_iter()
                .map(|key| KeyView {
                    id: key.id.to_string(),
                    name: key.name,
                    hint: key.hint,
                    scopes: key.scopes,
                    created_at: key.created_at.to_string(),
                    expires_at: key.expires_at.map(|at| at.to_string()),
                    revoked_at: key.revoked_at.map(|at| at.to_string()),
                    last_used_at: key.last_used_at.map(|at| at.to_string()),
                })
                .collect();
            if json {
                return output::json(&keys);
            }
            let row = |key: &KeyView| {
                let state = match (&key.revoked_at, &key.expires_at) {
                    (Some(_), _) => "revoked".to_owned(),
                    (None, Some(end)) => format!("until {end}"),
                    (None, None) => "valid".to_owned(),
                };
                let used = key.last_used_at.clone().unwrap_or_else(|| "never".to_owned());
                let name = key.name.clone();
                vec![name, key.hint.clone(), key.scopes.clone(), state, used, key.id.clone()]
            };
            let heading = ["NAME", "BEGINS", "SCOPES", "STATE", "LAST USED", "ID"];
            output::table(&heading, &keys.iter().map(row).collect::<Vec<_>>());
            Ok(())
        }
        Command::Revoke { business, key } => {
            let id = app.find_business(&business).await?;
            app.revoke_key(id, key).await?;
            output::line(format!("Key {key} is taken back."));
            Ok(())
        }
    }
}
