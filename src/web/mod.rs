//! HTTP in: connections, the route table with its policies, and the handlers behind it.
//!
//! Knows the use cases and neither the database nor the providers. Nothing is served that is not
//! an entry of the route table.

mod api;
mod audio;
mod body;
mod caller;
mod cors;
mod dashboard;
mod dispatch;
mod endpoint;
mod feeds;
mod health;
mod hooks;
mod json;
mod limits;
pub mod listen;
mod metrics;
mod openapi;
mod problem;
mod query;
mod reply;
pub mod route;
mod table;
mod tools;
mod trail;
mod wire;

pub use self::api::cursor;

use std::sync::Arc;

use crate::app::App;

/// What every handler shares.
pub struct Web {
    /// The use cases.
    pub app: Arc<App>,
    limits: limits::Limits,
    metrics: metrics::Metrics,
}

impl Web {
    /// Makes the shared part.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, limits: limits::Limits::default(), metrics: metrics::Metrics::default() }
    }
}
