//! Logging, as configured.
//!
//! Never logs bodies, tokens, names, numbers or addresses: no field of a log line holds one.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Format, Log};

/// Starts logging to the standard error stream. `None` leaves a logger that is there already.
pub fn start(log: &Log) {
    let level = log.level.as_str();
    let filter = EnvFilter::try_new(format!("warn,frontdesk={level}"));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    // A line that cannot be written is lost; it must not end the task that wrote it.
    let base = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match log.format {
        Format::Json => base.json().flatten_event(true).try_init(),
        Format::Text => {
            base.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init()
        }
    };
    // A second start in one process, as in tests, keeps the first logger.
    drop(started);
}
