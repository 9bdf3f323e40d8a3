//! Trials of what is configured, against the real service.
//!
//! Never changes anything.

use clap::Subcommand;

use super::{business, output};
use crate::app::AppError;
use crate::config::Settings;

/// What to try.
#[derive(Subcommand)]
pub enum Command {
    /// Send a trial message by `[mail]` and show what the mail server said.
    Email {
        /// To whom.
        to: String,
    },
}

/// `frontdesk test …`.
pub async fn test(settings: Settings, command: Command) -> anyhow::Result<()> {
    let app = business::open(settings)?;
    let Command::Email { to } = command;
    if !app.has_mail() {
        anyhow::bail!(
            "there is no [mail] table in the settings: add one as in config.toml.example"
        );
    }
    match app.try_mail(&to).await {
        Ok(said) => {
            let code = said.code.map_or_else(String::new, |code| format!("{code} "));
            output::line(format!("The mail server took it: {code}{}", said.text));
            Ok(())
        }
        Err(AppError::Mail(error)) => anyhow::bail!("{error}: {}", error.dialogue()),
        Err(error) => Err(error.into()),
    }
}
