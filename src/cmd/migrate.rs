//! `frontdesk migrate status`: which steps of the schema the database has.
//!
//! Changes nothing: the steps are applied when the database is opened.

use serde::Serialize;

use super::output;
use crate::config::Settings;
use crate::store;

/// What to do with the schema.
#[derive(clap::Subcommand)]
pub enum Command {
    /// List the steps and whether the database has them.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct StepView {
    version: i32,
    name: String,
    applied: bool,
}

/// Runs the command.
pub fn migrate(settings: &Settings, command: Command) -> anyhow::Result<()> {
    let Command::Status { json } = command;
    let steps: Vec<StepView> = store::schema_status(&settings.data.dir)?
        .into_iter()
        .map(|step| StepView { version: step.version, name: step.name, applied: step.applied })
        .collect();
    if json {
        return output::json(&steps);
    }
    let row = |step: &StepView| {
        let state = if step.applied { "applied" } else { "pending" };
        vec![step.version.to_string(), step.name.clone(), state.to_owned()]
    };
    output::table(&["STEP", "SUBJECT", "STATE"], &steps.iter().map(row).collect::<Vec<_>>());
    if steps.iter().any(|step| !step.applied) {
        output::line("Pending steps are applied when the server starts.");
    }
    Ok(())
}
