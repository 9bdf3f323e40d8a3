//! `frontdesk bench`: measures this program on this machine.
//!
//! Every measurement drives this very binary, as a process of its own on a data folder of its own.
//! Speeds are told as ratios against a baseline of the same round: on a shared machine nothing
//! else means anything. Never touches data that was there before.

mod archive;
mod availability;
mod booking;
mod calls;
mod footprint;
mod forged;
mod intake;
mod lists;
mod load;
mod race;
mod server;

use clap::{Args, Subcommand};

/// What to measure.
#[derive(Subcommand)]
pub enum Command {
    /// Durable signed webhooks: rate, latency, CPU and flushes, beside two baselines.
    Intake(IntakeOptions),
    /// Many callers for one slot, and many calls that end at once.
    Booking(RoundOptions),
    /// A thousand calls of four providers that end at once, beside live tool calls.
    Calls(RoundOptions),
    /// Free times of thirty days with ten staff and two thousand bookings.
    Availability(AvailabilityOptions),
    /// Many tries for few times over HTTP, with the process killed meanwhile.
    Race(RaceOptions),
    /// Memory when idle and a connection, and the time to the first answer on a large archive.
    Footprint(FootprintOptions),
    /// Pages of a long list of calls, of all and of those about one property.
    Lists(ListsOptions),
    /// A thousand recordings that wait at once, beside live tool calls, curl and cp.
    Archive(ArchiveOptions),
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

/// How the archive is measured.
#[derive(Args)]
pub struct ArchiveOptions {
    /// Rounds; the medians are printed.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Recordings a round.
    #[arg(long, default_value_t = 1_000)]
    recordings: usize,
    /// Bytes of each.
    #[arg(long, default_value_t = 1_000_000)]
    bytes: usize,
}

/// How free times are measured.
#[derive(Args)]
pub struct AvailabilityOptions {
    /// Questions of each kind.
    #[arg(long, default_value_t = 1_000)]
    questions: usize,
    /// Past bookings beside which the look-up is counted.
    #[arg(long, default_value_t = 1_000_000)]
    past: u32,
    /// Only from what is kept in memory: for a count of instructions.
    #[arg(long, conflicts_with = "only_database")]
    only_memory: bool,
    /// Only from the database: for a count of instructions.
    #[arg(long)]
    only_database: bool,
}

/// How the race is run.
#[derive(Args)]
pub struct RaceOptions {
    /// Tries in all.
    #[arg(long, default_value_t = 100_000)]
    tries: usize,
    /// Times to be had.
    #[arg(long, default_value_t = 1_000)]
    slots: usize,
    /// Connections that they come over.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// How often the process is killed meanwhile.
    #[arg(long, default_value_t = 0)]
    kills: usize,
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

/// How lists are measured.
#[derive(Args)]
pub struct ListsOptions {
    /// Calls stored.
    #[arg(long, default_value_t = 1_000_000)]
    calls: u32,
    /// Pages of each kind.
    #[arg(long, default_value_t = 500)]
    pages: usize,
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
        Command::Calls(options) => calls::measure(options.rounds.max(1)).await,
        Command::Availability(options) => availability::measure(&options).await,
        Command::Race(options) => race::measure(&options).await,
        Command::Footprint(options) => footprint::measure(&options).await,
        Command::Lists(options) => lists::measure(&options).await,
        Command::Archive(options) => {
            archive::measure(options.rounds.max(1), options.recordings, options.bytes).await
        }
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
