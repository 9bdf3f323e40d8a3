//! `frontdesk bench`: measures this program on this machine.
//!
//! Every measurement drives this very binary, as a process of its own on a data folder of its own.
//! Speeds are told as ratios against a baseline of the same round: on a shared machine nothing
//! else means anything. Never touches data that was there before.

mod booking;
mod footprint;
mod forged;
mod intake;
mod load;
mod server;

use clap::{Args, Subcommand};

/// What to measure.
#[derive(Subcommand)]
pub enum Command {
    /// Durable signed webhooks: rate, latency, CPU and flushes, beside two baselines.
    Intake(IntakeOptions),
    /// Many callers for one slot, and many calls that end at once.
    Booking(RoundOptions),
    /// Memory when idle and a connection, and the time to the first answer on a large archive.
    Footprint(FootprintOptions),
    /// A flood of forged webhooks beside a genuine stream.
    Forged(ForgedOptions),
}

/// How intake is measured.
#[derive(Args)]
pub struct IntakeOptions {
    /// Rounds; the medians are printed.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Webhooks a round with many connections; a fiftieth of that with one.
    #[arg(long, default_value_t = 30_000)]
    requests: usize,
    /// How many connections.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32, 256])]
    connections: Vec<usize>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// How often something is measured.
#[derive(Args)]
pub struct RoundOptions {
    /// Rounds; the medians are printed.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// How the footprint is measured.
#[derive(Args)]
pub struct FootprintOptions {
    /// Calls stored before the start.
    #[arg(long, default_value_t = 1_000_000)]
    calls: u32,
    /// Idle connections.
    #[arg(long, default_value_t = 1_000)]
    connections: usize,
}

/// How the flood is measured.
#[derive(Args)]
pub struct ForgedOptions {
    /// Forged webhooks.
    #[arg(long, default_value_t = 1_000_000)]
    requests: usize,
    /// Connections that they come over.
    #[arg(long, default_value_t = 32)]
    connections: usize,
}

/// Runs the measurement.
pub async fn bench(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Intake(options) => intake::measure(&options).await,
        Command::Booking(options) => booking::measure(options.rounds.max(1)).await,
        Command::Footprint(options) => footprint::measure(&options).await,
        Command::Forged(options) => forged::measure(&options).await,
    }
}

/// The middle of some figures; 0 of none.
fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Whether a goal is met, in a word.
fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
