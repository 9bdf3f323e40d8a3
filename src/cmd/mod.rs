//! The commands.
//!
//! Data goes to standard output, messages to standard error. Exit codes: 0 done, 1 failed, 2 wrong
//! usage, 78 bad configuration. A secret is never an argument.

mod asking;
mod audit;
mod bench;
mod business;
mod check;
mod demo;
mod jobs;
mod key;
pub mod lifecycle;
mod migrate;
mod output;
mod provision;
mod privacy;
mod recordings;
mod reload;
pub mod run;
mod simulate;
mod test;
mod tools;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::audit::{Entry, Who, on_behalf};
use crate::clock::Clock;
use crate::config::{Faults, Settings, Sources};

/// The self-hosted back office for AI phone agents.
#[derive(Parser)]
#[command(name = "frontdesk", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the configuration and the data are.
#[derive(Args, Clone, Debug)]
struct Place {
    /// The configuration; ./config.toml when it exists.
    #[arg(long, value_name = "FILE", global = true, env = "FRONTDESK_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder, in place of the configured one.
    #[arg(long, value_name = "DIR", global = true, env = "FRONTDESK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (what happens without a command).
    Serve,
    /// Play a call against a server of its own and show what happened.
    Demo(demo::Options),
    /// Have the running server read its configuration anew.
    Reload,
    /// Say everything that is wrong with the configuration.
    Check(check::Options),
    /// Add, list and show businesses.
    #[command(subcommand)]
    Business(business::Command),
    /// Add what a business offers.
    #[command(subcommand)]
    Service(business::ServiceCommand),
    /// Set or show when a business is open.
    #[command(subcommand)]
    Hours(business::HoursCommand),
    /// Give a voice agent to a business.
    #[command(subcommand)]
    Agent(business::AgentCommand),
    /// Give a telephone number to a business.
    #[command(subcommand)]
    Number(business::NumberCommand),
    /// Add, list and lock out users, and let them choose a password.
    #[command(subcommand)]
    User(user::Command),
    /// Make, list and take back API keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Export or erase what is kept of a person.
    #[command(subcommand)]
    Privacy(privacy::Command),
    /// Check and show who did what.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Try what is configured against the real service.
    #[command(subcommand)]
    Test(test::Command),
    /// Show, retry and discard background jobs that failed too often.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// List recordings, and have those that are given up tried again.
    #[command(subcommand)]
    Recordings(recordings::Command),
    /// Move the archive of recordings to another store, and check it.
    #[command(subcommand)]
    Archive(recordings::ArchiveCommand),
    /// Play a signed call against a running instance.
    Simulate(simulate::Options),
    /// Set the agents of a voice account up at their provider.
    Provision(provision::Options),
    /// Print the live tools as definitions to paste.
    Tools(tools::Options),
    /// Measure this program on this machine.
    #[command(subcommand)]
    Bench(bench::Command),
    /// The steps of the database's schema.
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Print the version.
    Version,
}

/// Exit code for a configuration that cannot be used (sysexits.h `EX_CONFIG`).
const BAD_CONFIGURATION: u8 = 78;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => match error.downcast_ref::<Faults>() {
            Some(faults) => {
                output::note(format!("The configuration cannot be used:\n{faults}"));
                ExitCode::from(BAD_CONFIGURATION)
            }
            None => {
                output::note(format!("frontdesk: {error:#}"));
                ExitCode::FAILURE
            }
        },
    }
}

/// Runs a command; what it writes is noted as done by whoever may run commands on the machine.
async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { place, command } = cli;
    let command = command.unwrap_or(Command::Serve);
    match command.audited() {
        None => execute(place, command).await,
        Some(word) => {
            let entry = Entry::done(Who::Operator, format!("command_{word}"), Clock::System.now());
            on_behalf(entry, execute(place, command)).await.0
        }
    }
}

impl Command {
    /// Its word in the audit trail; `None` where nothing of a business is changed, or by others only.
    fn audited(&self) -> Option<&'static str> {
        match self {
            Self::Business(_) => Some("business"),
            Self::Service(_) => Some("service"),
            Self::Hours(_) => Some("hours"),
            Self::Agent(_) => Some("agent"),
            Self::Number(_) => Some("number"),
            Self::Key(_) => Some("key"),
            Self::User(_) => Some("user"),
            Self::Jobs(_) => Some("jobs"),
            Self::Privacy(_) => Some("privacy"),
            Self::Recordings(_) => Some("recordings"),
            Self::Archive(_) => Some("archive"),
            Self::Serve
            | Self::Reload
            | Self::Demo(_)
            | Self::Check(_)
            | Self::Audit(_)
            | Self::Simulate(_)
            | Self::Provision(_)
            | Self::Test(_)
            | Self::Tools(_)
            | Self::Bench(_)
            | Self::Migrate(_)
            | Self::Version => None,
        }
    }
}

async fn execute(place: Place, command: Command) -> anyhow::Result<ExitCode> {
    let place = &place;
    match command {
        Command::Serve => {
            let reloading = reload::Reloading::new(place.sources())?;
            run::serve(place.load()?, reloading).await?;
        }
        Command::Reload => return reload::reload(&place.load()?).await,
        Command::Demo(options) => demo::demo(options).await?,
        Command::Check(options) => return check::check(&place.sources(), &options),
        Command::Business(command) => business::business(place.load()?, command).await?,
        Command::Service(command) => business::service(place.load()?, command).await?,
        Command::Hours(command) => business::hours(place.load()?, command).await?,
        Command::Agent(command) => business::agent(place.load()?, command).await?,
        Command::Number(command) => business::number(place.load()?, command).await?,
        Command::Key(command) => key::key(place.load()?, command).await?,
        Command::User(command) => user::user(place.load()?, command).await?,
        Command::Privacy(command) => privacy::privacy(place.load()?, command).await?,
        Command::Audit(command) => return audit::audit(place.load()?, command).await,
        Command::Test(command) => test::test(place.load()?, command).await?,
        Command::Jobs(command) => jobs::jobs(place.load()?, command).await?,
        Command::Recordings(command) => recordings::recordings(place.load()?, command).await?,
        Command::Archive(command) => recordings::archive(place.load()?, command).await?,
        Command::Simulate(options) => simulate::simulate(place.load()?, options).await?,
        Command::Provision(options) => provision::provision(place.load()?, options).await?,
        Command::Tools(options) => tools::tools(&place.load()?, &options)?,
        Command::Bench(command) => bench::bench(command).await?,
        Command::Migrate(command) => migrate::migrate(&place.load()?, command)?,
        Command::Version => output::line(concat!("frontdesk ", env!("CARGO_PKG_VERSION"))),
    }
    Ok(ExitCode::SUCCESS)
}

impl Place {
    fn sources(&self) -> Sources {
        Sources::from_process(self.config.clone(), self.data_dir.clone())
    }

    /// The configuration, or everything that is wrong with it, the providers' tables included.
    fn load(&self) -> Result<Settings, Faults> {
        check::read(&self.sources())
    }
}
