//! Recordings and their archive from the command line.
//!
//! Works beside a running server. What moves files says how far it is, and goes on where it was when
//! it is begun again.

use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::{business, output};
use crate::app::App;
use crate::app::recordings::{Recording, RecordingState};
use crate::config::Settings;
use crate::domain::ids::RecordingId;

/// After how many recordings it is said how far it is.
const TOLD_EVERY: u64 = 100;

/// What to do with recordings.
#[derive(Subcommand)]
pub enum Command {
    /// List those that stand in a state, with what stood in their way.
    List {
        /// Which state.
        #[arg(long, default_value = "failed")]
        state: Stand,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Try one again, or all that are given up.
    Retry {
        /// Its id; all that are given up when not given.
        id: Option<RecordingId>,
    },
}

/// What to do with the archive.
#[derive(Subcommand)]
pub enum ArchiveCommand {
    /// Read every recording through and compare it with what was kept.
    Verify,
    /// Move every recording to another store. Interrupted, it goes on where it was.
    Move {
        /// Where to: disk, or the name of a table `[archive.NAME]`.
        #[arg(long, value_name = "STORE")]
        to: String,
    },
    /// Take away files on the disk that no recording names.
    Sweep,
}

/// A state, as a word on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Stand(RecordingState);

impl ValueEnum for Stand {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Stand; RecordingState::ALL.len()] = {
            let mut all = [Stand(RecordingState::Expected); RecordingState::ALL.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = Stand(RecordingState::ALL[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()))
    }
}

#[derive(Serialize)]
struct RecordingView {
    id: String,
    call_id: String,
    state: &'static str,
    reason: String,
    attempts: u32,
    updated_at: String,
}

impl From<Recording> for RecordingView {
    fn from(recording: Recording) -> Self {
        Self {
            id: recording.id.to_string(),
            call_id: recording.call.to_string(),
            state: recording.state.word(),
            reason: recording.reason,
            attempts: recording.attempts,
            updated_at: recording.updated_at.to_string(),
        }
    }
}

/// `frontdesk recordings …`.
pub async fn recordings(settings: Settings, command: Command) -> anyhow::Result<()> {
    let app = business::open(settings)?;
    match command {
        Command::List { state, json } => {
            let mut views: Vec<RecordingView> = Vec::new();
            let mut after = None;
            loop {
                let batch = app.recordings_in(state.0, after).await?;
                let Some(last) = batch.last() else { break };
                after = Some(last.id);
                views.extend(batch.into_iter().map(RecordingView::from));
            }
            if json {
                return output::json(&views);
            }
            let row = |view: &RecordingView| {
                let tries = view.attempts.to_string();
                vec![view.id.clone(), view.reason.clone(), tries, view.updated_at.clone()]
            };
            let rows: Vec<_> = views.iter().map(row).collect();
            output::table(&["ID", "REASON", "TRIES", "CHANGED"], &rows);
            if !views.is_empty() && state.0 == RecordingState::Failed {
                output::note("Next: mend what is wrong, then frontdesk recordings retry");
            }
            Ok(())
        }
        Command::Retry { id } => {
            let tried = app.retry_recordings(id).await?;
            output::line(format!("{tried} recording(s) are tried again."));
            Ok(())
        }
    }
}

/// `frontdesk archive …`.
pub async fn archive(settings: Settings, command: ArchiveCommand) -> anyhow::Result<()> {
    let app = business::open(settings)?;
    match command {
        ArchiveCommand::Verify => verify(&app).await,
        ArchiveCommand::Move { to } => move_all(&app, &to).await,
        ArchiveCommand::Sweep => {
            let gone = app.take_away().await? + app.sweep().await?;
            output::line(format!("{gone} file(s) taken away."));
            Ok(())
        }
    }
}

async fn verify(app: &App) -> anyhow::Result<()> {
    let (mut done, mut wrong) = (0_u64, 0_u64);
    let stores: Vec<String> = app.registry().store_names().map(str::to_owned).collect();
    for store in stores {
        let total = app.stored_in(&store).await?;
        let mut after = None;
        loop {
            let batch = app.in_store(&store, after).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for recording in &batch {
                if let Err(damage) = app.verify_recording(recording).await {
                    wrong += 1;
                    output::line(format!("{store}: {damage}"));
                }
                done += 1;
                told(&store, "read", done, total);
            }
        }
    }
    output::line(format!("{done} recording(s) read, {wrong} not as they were kept."));
    if wrong > 0 {
        anyhow::bail!("{wrong} recording(s) are not as they were kept");
    }
    Ok(())
}

async fn move_all(app: &App, to: &str) -> anyhow::Result<()> {
    if app.registry().store(to).is_none() {
        let registry = app.registry();
        let known: Vec<&str> = registry.store_names().collect();
        anyhow::bail!("there is no store {to}; configured are {}", known.join(", "));
    }
    let (mut moved, mut failed) = (0_u64, 0_u64);
    let stores: Vec<String> = app.registry().store_names().map(str::to_owned).collect();
    for store in stores.iter().filter(|store| *store != to) {
        let total = app.stored_in(store).await?;
        let mut after = None;
        loop {
            let batch = app.in_store(store, after).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for recording in &batch {
                match app.move_recording(recording, to).await {
                    Ok(true) => moved += 1,
                    Ok(false) => {}
                    Err(error) => {
                        failed += 1;
                        output::line(format!("recording {}: {error}", recording.id));
                    }
                }
                told(to, "moved", moved, total);
            }
        }
    }
    app.take_away().await?;
    output::line(format!("{moved} recording(s) moved to {to}, {failed} not."));
    if failed > 0 {
        output::note("Next: mend what is wrong, then the same command again: it goes on.");
        anyhow::bail!("{failed} recording(s) could not be moved");
    }
    Ok(())
}

fn told(store: &str, what: &str, done: u64, total: u64) {
    if done > 0 && done.is_multiple_of(TOLD_EVERY) {
        output::note(format!("{store}: {done} of {total} {what}"));
    }
}
