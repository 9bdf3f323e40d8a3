//! `frontdesk check`: everything that is wrong with the configuration, at once.
//!
//! Changes nothing and opens no database.

use std::process::ExitCode;

use serde::Serialize;

use super::{BAD_CONFIGURATION, output};
use crate::config::{self, Fault, Faults, Settings, Sources};
use crate::providers::Registry;

/// How the result is printed.
#[derive(clap::Args)]
pub struct Options {
    /// Print the faults as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct FaultView {
    file: Option<String>,
    line: Option<usize>,
    key: String,
    message: String,
}

/// Says what is wrong, each with its line and key.
pub fn check(sources: &Sources, options: &Options) -> anyhow::Result<ExitCode> {
    let checked = read(sources);
    if options.json {
        let faults = checked.as_ref().err().map_or(&[][..], |faults| &faults.0[..]);
        output::json(&faults.iter().map(view).collect::<Vec<_>>())?;
    }
    match checked {
        Ok(settings) => {
            if !options.json {
                let accounts = settings.voice.len();
                output::line(format!("The configuration is good; {accounts} voice account(s)."));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            if !options.json {
                output::note(faults.to_string());
            }
            Ok(ExitCode::from(BAD_CONFIGURATION))
        }
    }
}

/// Reads the configuration and builds the providers of it, to learn of every fault at once.
pub fn read(sources: &Sources) -> Result<Settings, Faults> {
    let (settings, mut faults) = config::read(sources);
    if let Err(Faults(more)) = Registry::build(&settings) {
        faults.extend(more);
    }
    Faults::check(faults).map(|()| settings)
}

fn view(fault: &Fault) -> FaultView {
    FaultView {
        file: fault.file.as_ref().map(|file| file.display().to_string()),
        line: fault.line,
        key: fault.key.clone(),
        message: fault.message.clone(),
    }
}
