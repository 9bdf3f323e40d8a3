//! What the tests stand on: a server in this process, a look into its database, a socket of bytes,
//! and the voice provider's side.
//!
//! Never waits without an end and never reads the machine's clock.

pub mod answer;
pub mod archive;
pub mod contract;
pub mod database;
pub mod fake_retell;
pub mod fake_s3;
pub mod fake_smtp;
pub mod fake_voice;
pub mod people;
mod program;
pub mod recordings;
pub mod retell;
pub mod server;
pub mod upstream;
pub mod wire;

use std::time::Duration;

use jiff::Timestamp;

pub use self::answer::Answer;
pub use self::database::{Data, Database};
pub use self::program::{PROGRAM, Program};
pub use self::server::{Server, Setup};
pub use self::wire::Wire;

/// How long anything may take before its test gives up.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether something is so by now.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks until it is so; fails when that takes too long.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let look = async {
        let mut every = tokio::time::interval(LOOK_EVERY);
        while !is_so().await {
            every.tick().await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, look).await;
    assert!(seen.is_ok(), "not within {PATIENCE:?}: {what}");
}

/// An instant written as in RFC 3339.
#[track_caller]
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant as in RFC 3339")
}

/// An instant written as in RFC 3339, in milliseconds since 1970 UTC.
#[track_caller]
pub fn at_ms(text: &str) -> i64 {
    at(text).as_millisecond()
}
