//! Background jobs from the command line: those that failed too often.
//!
//! Works beside a running server, which takes a job up within seconds.

use clap::Subcommand;
use serde::Serialize;

use super::{business, output};
use crate::config::Settings;
use crate::domain::ids::JobId;

/// What to do with jobs that failed too often.
#[derive(Subcommand)]
pub enum Command {
    /// List them, with the error of their last try.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Try one again, or all of them.
    Retry {
        /// Its id; all when not given.
        id: Option<i64>,
    },
    /// Give one up for good; the delivery that it was about stays.
    Discard {
        /// Its id.
        id: i64,
    },
}

#[derive(Serialize)]
struct JobView {
    id: i64,
    kind: String,
    attempts: u32,
    last_error: String,
    created_at: String,
}

/// `frontdesk jobs …`.
pub async fn jobs(settings: Settings, command: Command) -> anyhow::Result<()> {
    let app = business::open(settings)?;
    match command {
        Command::List { json } => {
            let dead = app.dead_jobs().await?;
            let views: Vec<JobView> = dead
                .into_iter()
                .map(|job| JobView {
                    id: job.id.0,
                    kind: job.kind,
                    attempts: job.attempts,
                    last_error: job.last_error,
                    created_at: job.created_at.to_string(),
                })
                .collect();
            if json {
                return output::json(&views);
            }
            let row = |job: &JobView| {
                let (id, tries) = (job.id.to_string(), job.attempts.to_string());
                vec![id, job.kind.clone(), tries, job.created_at.clone(), job.last_error.clone()]
            };
            let heading = ["ID", "KIND", "TRIES", "ADDED", "LAST ERROR"];
            output::table(&heading, &views.iter().map(row).collect::<Vec<_>>());
            if !views.is_empty() {
                output::note("Next: mend what is wrong, then frontdesk jobs retry");
            }
            Ok(())
        }
        Command::Retry { id } => {
            let revived = app.retry_jobs(id.map(JobId)).await?;
            output::line(format!("{revived} job(s) are due again."));
            Ok(())
        }
        Command::Discard { id } => {
            app.discard_job(JobId(id)).await?;
            output::line(format!("Job {id} is given up."));
            Ok(())
        }
    }
}
