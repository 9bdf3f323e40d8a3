//! `/metrics`: the figures of the program in the OpenMetrics text format, for those networks that the
//! configuration names.
//!
//! Never tells of anybody: counts by endpoint, status and reason, and how much waits.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::response::Response;
use http::HeaderValue;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::route::{Admitted, Endpoint};
use super::{Web, reply};
use crate::app::AppError;
use crate::domain::breaker::State;

/// Upper bounds of the durations that are counted, in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 10.0];
/// The type of the text (OpenMetrics 1.0 section 7).
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What was asked for, and how it was answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    endpoint: Named,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    endpoint: Named,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    endpoint: Named,
    reason: &'static str,
}

/// An endpoint as a label.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
struct Named(Endpoint);

impl EncodeLabelValue for Named {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.0.word().encode(encoder)
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Upstream {
    host: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Stands {
    state: &'static str,
}

/// The figures that are counted, and those that are looked up when they are read.
pub struct Metrics {
    answered: Family<Answered, Counter>,
    took: Family<Asked, Histogram, fn() -> Histogram>,
    refused: Family<Refused, Counter>,
    commits: Counter,
    writes: Counter,
    reads: Counter,
    cache_hits: Counter,
    cache_misses: Counter,
    jobs_pending: Gauge,
    jobs_dead: Gauge,
    job_age: Gauge,
    disk_free: Gauge,
    breakers: Family<Upstream, Gauge>,
    openings: Family<Upstream, Gauge>,
    recordings: Family<Stands, Gauge>,
    removals: Gauge,
    config_good: Gauge,
    config_taken: Gauge,
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BOUNDS);
        let mut all = Self {
            answered: Family::default(),
            took: Family::new_with_constructor(histogram),
            refused: Family::default(),
            commits: Counter::default(),
            writes: Counter::default(),
            reads: Counter::default(),
            cache_hits: Counter::default(),
            cache_misses: Counter::default(),
            jobs_pending: Gauge::default(),
            jobs_dead: Gauge::default(),
            job_age: Gauge::default(),
            disk_free: Gauge::default(),
            breakers: Family::default(),
            openings: Family::default(),
            recordings: Family::default(),
            removals: Gauge::default(),
            config_good: Gauge::default(),
            config_taken: Gauge::default(),
            registry: Registry::with_prefix("frontdesk"),
        };
        let registry = &mut all.registry;
        registry.register("requests", "Requests answered", all.answered.clone());
        let took = "Seconds until a request was answered";
        registry.register("request_duration_seconds", took, all.took.clone());
        registry.register("refusals", "Requests refused, by reason", all.refused.clone());
        registry.register("commits", "Transactions committed", all.commits.clone());
        registry.register("writes", "Tasks that were part of them", all.writes.clone());
        registry.register("reads", "Questions asked of readers", all.reads.clone());
        let (hits, misses) = ("answered from memory", "answered from the database");
        let (hits, misses) = (format!("Free times {hits}"), format!("Free times {misses}"));
        registry.register("availability_cache_hits", hits, all.cache_hits.clone());
        registry.register("availability_cache_misses", misses, all.cache_misses.clone());
        registry.register("jobs_pending", "Jobs that wait or run", all.jobs_pending.clone());
        registry.register("jobs_dead", "Jobs that failed too often", all.jobs_dead.clone());
        let age = "Seconds that the oldest due job has waited";
        registry.register("job_age_seconds", age, all.job_age.clone());
        let free = "Bytes free on the disk of the data folder";
        registry.register("disk_free_bytes", free, all.disk_free.clone());
        let breaker = "What an upstream's breaker lets through: 0 all, 1 one probe, 2 nothing";
        registry.register("upstream_breaker", breaker, all.breakers.clone());
        let opened = "How often an upstream's breaker opened";
        registry.register("upstream_breaker_openings", opened, all.openings.clone());
        registry.register("recordings", "Recordings, by state", all.recordings.clone());
        let removals = "Files that are still to be taken away";
        registry.register("recording_removals", removals, all.removals.clone());
        let good =
            "1 when the configuration was taken over as it was last read, 0 when it was refused";
        registry.register("config_last_reload_successful", good, all.config_good.clone());
        let taken = "When the configuration that holds was taken over, seconds since 1970";
        let name = "config_last_reload_success_timestamp_seconds";
        registry.register(name, taken, all.config_taken.clone());
        all
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, endpoint: Endpoint, status: u16, took: Duration) {
        let endpoint = Named(endpoint);
        self.answered.get_or_create(&Answered { endpoint, status }).inc();
        self.took.get_or_create(&Asked { endpoint }).observe(took.as_secs_f64());
    }

    /// Counts a refusal.
    pub fn refused(&self, endpoint: Endpoint, reason: &'static str) {
        self.refused.get_or_create(&Refused { endpoint: Named(endpoint), reason }).inc();
    }
}

/// The hosts outside and the archive, as they are now.
async fn show_outside(web: &Web, metrics: &Metrics) -> Result<(), AppError> {
    for standing in web.app.upstreams() {
        let level = match standing.state {
            State::Closed => 0,
            State::HalfOpen => 1,
            State::Open => 2,
        };
        let host = Upstream { host: standing.host };
        metrics.breakers.get_or_create(&host).set(level);
        let opened = i64::try_from(standing.opened).unwrap_or(i64::MAX);
        metrics.openings.get_or_create(&host).set(opened);
    }
    let (counts, removals) = web.app.archive_counts().await?;
    for (state, count) in counts {
        metrics.recordings.get_or_create(&Stands { state: state.word() }).set(count);
    }
    metrics.removals.set(removals);
    Ok(())
}

/// `GET /metrics`, as if it were not there for whoever is not named.
pub async fn show(web: &Web, request: &Admitted) -> Result<Response, AppError> {
    let address = request.client().address;
    let is_named = |address: IpAddr| {
        web.app.settings().metrics.allow.iter().any(|network| network.holds(address))
    };
    if request.is_forwarded() || !address.is_some_and(is_named) {
        return Err(AppError::NotFound("page"));
    }
    let now = web.app.figures().await?;
    let metrics = &web.metrics;
    rise(&metrics.commits, now.commits);
    rise(&metrics.writes, now.writes);
    rise(&metrics.reads, now.reads);
    rise(&metrics.cache_hits, now.cache_hits);
    rise(&metrics.cache_misses, now.cache_misses);
    metrics.jobs_pending.set(now.jobs_pending);
    metrics.jobs_dead.set(now.jobs_dead);
    metrics.job_age.set(now.job_age_s);
    if let Some(free) = now.disk_free_bytes {
        metrics.disk_free.set(i64::try_from(free).unwrap_or(i64::MAX));
    }
    let configured = web.app.configured();
    metrics.config_good.set(i64::from(configured.is_taken));
    metrics.config_taken.set(configured.taken_at_ms / 1_000);
    show_outside(web, metrics).await?;
    let mut text = String::new();
    encode(&mut text, &metrics.registry).expect("writing to a String does not fail");
    Ok(reply::bytes(HeaderValue::from_static(TYPE), text.into()))
}

/// Lets a counter stand where it was counted elsewhere.
fn rise(counter: &Counter, to: u64) {
    let inner: &AtomicU64 = counter.inner();
    inner.store(to, Ordering::Relaxed);
}
