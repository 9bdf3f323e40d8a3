//! Logging, as configured.
//!
//! Never logs bodies, tokens, names, numbers or addresses: no field of a log line holds one.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;

use crate::config::{Format, Level, Log};

/// Sets the level of the logger that was started.
static TURN: OnceLock<Box<dyn Fn(Level) + Send + Sync>> = OnceLock::new();

/// Starts logging to the standard error stream. `None` leaves a logger that is there already.
pub fn start(log: &Log) {
    // A line that cannot be written is lost; it must not end the task that wrote it.
    let base = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_env_filter(filter(log.level))
        .with_writer(std::io::stderr);
    let (started, turn): (_, Box<dyn Fn(Level) + Send + Sync>) = match log.format {
        Format::Json => {
            let logger = base.json().flatten_event(true).with_filter_reloading();
            let handle = logger.reload_handle();
            (logger.try_init(), Box::new(move |level| drop(handle.reload(filter(level)))))
        }
        Format::Text => {
            let logger = base.with_ansi(std::io::stderr().is_terminal()).with_target(false);
            let logger = logger.with_filter_reloading();
            let handle = logger.reload_handle();
            (logger.try_init(), Box::new(move |level| drop(handle.reload(filter(level)))))
        }
    };
    // A second start in one process, as in tests, keeps the first logger.
    if started.is_ok() {
        drop(TURN.set(turn));
    }
}

/// Says more or less from now on.
pub fn turn(level: Level) {
    if let Some(turn) = TURN.get() {
        turn(level);
    }
}

fn filter(level: Level) -> EnvFilter {
    let level = level.as_str();
    let filter = EnvFilter::try_new(format!("warn,frontdesk={level}"));
    filter.unwrap_or_else(|_| EnvFilter::new("info"))
}
