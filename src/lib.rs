//! frontdesk: the self-hosted back office for AI phone agents.
//!
//! The crate is ordered layers; each names only layers above it in this list:
//!
//! | layer | what it is | names |
//! |---|---|---|
//! | `clock` | time and chance | nothing |
//! | `domain` | values, rules, state machines; pure | nothing |
//! | `config` | the configuration | domain |
//! | `crypto` | digests, signatures, keys | domain |
//! | `audio` | what a recording holds | nothing |
//! | `store` | the database, all SQL | domain, crypto |
//! | `net` | the one HTTP client | clock, domain, config |
//! | `providers` | the outside services | domain, config, crypto, net |
//! | `app` | the use cases | clock, domain, config, crypto, audio, store, net, providers |
//! | `jobs` | background work | clock, domain, config, store, app |
//! | `web` | HTTP in | clock, domain, config, app |
//! | `telemetry` | logging | config |
//! | `cmd` | the commands | everything |
//!
//! `tests/tidy.rs` holds the order.

pub mod clock;
pub mod domain;
pub mod config;
pub mod crypto;
pub mod audio;
pub mod store;
pub mod net;
pub mod providers;
pub mod app;
pub mod jobs;
pub mod web;
pub mod telemetry;
pub mod cmd;
