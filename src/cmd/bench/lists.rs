//! Pages of calls over HTTP beside a million of them: the newest, those further back, and those about
//! one property.

use std::sync::Arc;

use super::booking::open;
use super::load::fire;
use super::server::{Server, Setting, folder, now_ms};
use super::{ListsOptions, verdict};
use crate::app::properties::PropertyFields;
use crate::cmd::output;
use crate::domain::access::Scope;
use crate::store::bench::seed_calls;
use crate::web::cursor;

/// Milliseconds within which 95 of 100 pages must be there.
const P95_MS: f64 = 20.0;

/// Measures and prints.
pub async fn measure(options: &ListsOptions) -> anyhow::Result<()> {
    let folder = folder()?;
    let setting = Setting::new(folder.path(), &[("LIMITS__API_REQUESTS_PER_MINUTE", "1000000")])?;
    let (app, business) = open(&setting).await?;
    let (_, key) = app.create_key(business, "bench", vec![Scope::CallsRead], None).await?;
    let reference = Some("bench".to_owned());
    let title = Some("A flat".to_owned());
    let fields = PropertyFields { reference, title, ..PropertyFields::default() };
    let property = app.add_property(business, fields, None).await?;
    tokio::task::spawn_blocking(move || drop(app)).await?;
    output::note(format!("storing {} calls …", options.calls));
    let now = jiff::Timestamp::from_millisecond(now_ms())?;
    seed_calls(folder.path(), options.calls, now)?;
    let server = Server::start(&setting)?;
    // The calls are a second apart.
    let half = now.as_millisecond() - i64::from(options.calls) / 2 * 1_000;
    let back = cursor(half, uuid::Uuid::nil());
    let kinds = [
        ("the newest", "/api/v1/calls?limit=50".to_owned()),
        ("half-way back", format!("/api/v1/calls?limit=50&cursor={back}")),
        ("about a property", format!("/api/v1/properties/{}/calls?limit=50", property.id)),
    ];
    for (what, path) in kinds {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n"
        );
        let requests = Arc::new(vec![request.into_bytes(); options.pages.max(1)]);
        let outcome = fire(server.address, &requests, 1, "\"provider_call_id\"").await?;
        anyhow::ensure!(outcome.matching == requests.len(), "{what}: {:?}", outcome.statuses);
        let (p50, p95) = (outcome.ms(0.5), outcome.ms(0.95));
        let met = verdict(p95 < P95_MS);
        output::line(format!(
            "Fifty calls of {}, {what}: p50 {p50:.2} ms, p95 {p95:.2} ms, below {P95_MS}: {met}",
            options.calls
        ));
    }
    server.stop()
}
