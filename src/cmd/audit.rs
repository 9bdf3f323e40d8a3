//! The audit trail from the command line: whether it is whole, and its newest rows.
//!
//! Never changes it.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::{business, output};
use crate::config::Settings;
use crate::crypto::digest::hex;

/// What to do with the trail.
#[derive(Subcommand)]
pub enum Command {
    /// Look at every row, at both ends and at every signed checkpoint; fails when anything is wrong.
    Verify {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the newest rows of all businesses.
    List {
        /// How many rows at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct VerdictView {
    whole: bool,
    rows: u64,
    begins_after: i64,
    checkpoints: u64,
    last_hash: String,
    public_key: String,
    broken_at: Option<i64>,
    what: Option<&'static str>,
}

#[derive(Serialize)]
struct RowView {
    seq: i64,
    at: String,
    actor: String,
    actor_id: String,
    action: String,
    object_id: String,
    address: String,
    result: &'static str,
    reason: String,
    count: i64,
}

/// `frontdesk audit …`.
pub async fn audit(settings: Settings, command: Command) -> anyhow::Result<ExitCode> {
    let app = business::open(settings)?;
    match command {
        Command::Verify { json } => {
            let verdict = app.verify_trail().await?;
            let view = VerdictView {
                whole: verdict.broken.is_none(),
                rows: verdict.rows,
                begins_after: verdict.begins_after,
                checkpoints: verdict.checkpoints,
                last_hash: hex(&verdict.last_hash),
                public_key: hex(&app.trail_key()),
                broken_at: verdict.broken.as_ref().map(|broken| broken.seq),
                what: verdict.broken.as_ref().map(|broken| broken.what),
            };
            if json {
                output::json(&view)?;
            } else {
                tell(&view);
            }
            Ok(if view.whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::List { limit, json } => {
            let rows = app.newest_of_trail(limit).await?.into_iter().map(|row| RowView {
                seq: row.seq,
                at: row.at.to_string(),
                actor: row.actor,
                actor_id: row.actor_id,
                action: row.action,
                object_id: row.object_id,
                address: row.address,
                result: row.ended.word(),
                reason: row.reason,
                count: row.many,
            });
            let rows: Vec<RowView> = rows.collect();
            if json {
                output::json(&rows)?;
                return Ok(ExitCode::SUCCESS);
            }
            let cells = |row: &RowView| {
                let RowView { seq, at, actor, actor_id, action, object_id, address, .. } = row;
                let result = format!("{} {}", row.result, row.reason);
                let (seq, count) = (seq.to_string(), row.count.to_string());
                [&seq, at, actor, actor_id, action, object_id, address, result.trim(), &count]
                    .map(str::to_owned)
                    .to_vec()
            };
            let heading = ["ROW", "AT", "WHO", "WHICH", "DID", "TO", "FROM", "RESULT", "TIMES"];
            output::table(&heading, &rows.iter().map(cells).collect::<Vec<_>>());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn tell(view: &VerdictView) {
    let VerdictView { rows, checkpoints, last_hash, public_key, begins_after, .. } = view;
    match (view.broken_at, view.what) {
        (Some(seq), Some(what)) => {
            output::line(format!("The trail is broken at row {seq}: {what}."))
        }
        _ => output::line(format!("The trail is whole: {rows} rows, {checkpoints} checkpoints.")),
    }
    if *begins_after > 0 {
        output::line(format!("Rows up to {begins_after} were taken away by their age."));
    }
    output::line(format!("Digest of the last good row: {last_hash}"));
    output::line(format!("Public key of the checkpoints: {public_key}"));
}
