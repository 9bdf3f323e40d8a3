//! Users from the command line: added, listed, locked out, given a link for a new password.
//!
//! Never takes a password as an argument: a link is printed, by which its owner chooses one.

use clap::Subcommand;
use serde::Serialize;

use super::{business, output};
use crate::app::App;
use crate::app::people::Link;
use crate::config::Settings;
use crate::domain::access::Role;

/// What to do with users.
#[derive(Subcommand)]
pub enum Command {
    /// Ask somebody to be one of a business's people, or to be an operator.
    Add {
        /// Their e-mail address.
        email: String,
        /// The business's name or id.
        #[arg(long, required_unless_present = "operator", requires = "role")]
        business: Option<String>,
        /// What they are to be: owner, manager, viewer or auditor.
        #[arg(long, requires = "business")]
        role: Option<Role>,
        /// Let them do everything in every business.
        #[arg(long, conflicts_with_all = ["business", "role"])]
        operator: bool,
    },
    /// List all users.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a link by which somebody chooses a password, good once: for fifteen minutes, or for a week
    /// until they have had one.
    Passwd {
        /// Their e-mail address.
        email: String,
    },
    /// Lock somebody out, at once.
    Disable {
        /// Their e-mail address.
        email: String,
        /// Let them in again.
        #[arg(long)]
        undo: bool,
    },
}

#[derive(Serialize)]
struct UserView {
    id: String,
    email: String,
    name: String,
    is_operator: bool,
    is_disabled: bool,
    second_factor: bool,
    has_password: bool,
    created_at: String,
}

/// `frontdesk user …`.
pub async fn user(settings: Settings, command: Command) -> anyhow::Result<()> {
    let base = settings.server.base_url();
    let app = business::open(settings)?;
    match command {
        Command::Add { email, operator: true, .. } => {
            let secret = app.add_user(&email, true).await?;
            tell(&base, &secret);
            Ok(())
        }
        Command::Add { email, business, role, .. } => {
            let of = app.find_business(&business.unwrap_or_default()).await?;
            let asked = (&email[..], role.unwrap_or(Role::Viewer), Link::Handed);
            let invited = app.invite(of, asked, None).await?;
            match invited.link {
                Some(secret) => tell(&base, &secret),
                None => output::line("They have an account and may log in as before."),
            }
            Ok(())
        }
        Command::List { json } => list(&app, json).await,
        Command::Passwd { email } => {
            let user = app.user_by_email(&email).await?;
            let secret = app.password_link(user.id).await?;
            tell(&base, &secret);
            Ok(())
        }
        Command::Disable { email, undo } => {
            let user = app.user_by_email(&email).await?;
            app.disable_user(user.id, !undo).await?;
            output::line(if undo { "They may log in again." } else { "They are locked out." });
            Ok(())
        }
    }
}

/// Says how a password is chosen.
pub fn tell(base: &str, secret: &str) {
    output::line(format!("Token, good once: {secret}"));
    output::note(format!("A password is chosen with it at\n  {base}/password?token={secret}"));
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let view = |user: crate::app::people::User| UserView {
        id: user.id.to_string(),
        email: user.email,
        name: user.name,
        is_operator: user.is_operator,
        is_disabled: user.is_disabled,
        second_factor: user.totp_is_on,
        has_password: !user.password.is_empty(),
        created_at: user.created_at.to_string(),
    };
    let users: Vec<UserView> = app.all_users().await?.into_iter().map(view).collect();
    if json {
        return output::json(&users);
    }
    let row = |user: &UserView| {
        let state = match (user.is_disabled, user.has_password) {
            (true, _) => "locked out",
            (false, false) => "asked",
            (false, true) => "active",
        };
        let kind = if user.is_operator { "operator" } else { "" };
        let factor = if user.second_factor { "yes" } else { "no" };
        [&user.email, &user.name, state, kind, factor].map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = users.iter().map(row).collect();
    output::table(&["EMAIL", "NAME", "STATE", "OPERATOR", "SECOND FACTOR"], &rows);
    Ok(())
}
