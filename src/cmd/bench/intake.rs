//! Durable signed webhooks a second, beside two baselines in the same rounds: the same server
//! with one transaction a request, and the database alone with the same rows in groups.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::load::{Outcome, ended, fire, request};
use super::server::{Server, Setting, flushes, folder, now_ms};
use super::{IntakeOptions, median, verdict};
use crate::cmd::output;
use crate::crypto::digest::sha256;
use crate::store::bench::{raw_group_commit, rows};
use crate::store::inbox::Delivery;
use jiff::Timestamp;

/// How many times fewer webhooks one connection gets, or one transaction each.
const FEWER: usize = 50;

/// One measurement of a server.
#[derive(Clone, Debug)]
struct Measured {
    outcome: Outcome,
    cpu_micros: f64,
    flushes: Option<f64>,
}

/// One round at one number of connections.
struct Round {
    server: Measured,
    singly: Measured,
    raw_rate: f64,
}

/// What is printed for one number of connections.
#[derive(Serialize)]
struct Row {
    connections: usize,
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    cpu_micros: f64,
    flushes: Option<f64>,
    singly_rate: f64,
    times_singly: f64,
    raw_batch: usize,
    raw_rate: f64,
    share_of_raw: f64,
    p99_bound_ms: f64,
}

/// Measures and prints.
pub async fn measure(options: &IntakeOptions) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let rounds = options.rounds.max(1);
    let mut all: Vec<Vec<Round>> = options.connections.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for (known, &connections) in all.iter_mut().zip(&options.connections) {
            output::note(format!("round {} of {rounds}, {connections} connection(s) …", round + 1));
            let many = if connections == 1 { options.requests / FEWER } else { options.requests };
            known.push(one_round(connections, many.max(1)).await?);
        }
    }
    for (rounds, &connections) in all.iter().zip(&options.connections) {
        rows.push(summary(connections, rounds));
    }
    if options.json {
        return output::json(&rows);
    }
    print(&rows);
    Ok(())
}

async fn one_round(connections: usize, many: usize) -> anyhow::Result<Round> {
    let few = (many / FEWER).max(connections).min(many);
    let server = serve(connections, many, &[]).await?;
    let singly = serve(connections, few.max(200), &[("LIMITS__WRITE_BATCH", "1")]).await?;
    let raw_rate = raw(batch(connections), many)?;
    Ok(Round { server, singly, raw_rate })
}

/// How many rows a group has in the baseline beside so many connections.
fn batch(connections: usize) -> usize {
    match connections {
        0..=1 => 1,
        2..=64 => 16,
        _ => 512,
    }
}

async fn serve(connections: usize, many: usize, more: &[(&str, &str)]) -> anyhow::Result<Measured> {
    let folder = folder()?;
    let setting = Setting::new(folder.path(), more)?;
    let account = setting.account()?;
    let requests = (0..many).map(|n| request(account, "hooks", &ended(account, n), false));
    let requests = Arc::new(requests.collect::<Vec<_>>());
    let server = Server::start(&setting)?;
    let (cpu, flushed) = (server.cpu_seconds()?, flushes(folder.path()));
    let outcome = fire(server.address, &requests, connections, "").await?;
    let cpu = server.cpu_seconds()? - cpu;
    let flushed = flushes(folder.path()).zip(flushed).map(|(after, before)| after - before);
    anyhow::ensure!(outcome.others_than(204) == 0, "answers: {:?}", outcome.statuses);
    server.stop()?;
    let [kept, ..] = rows(folder.path())?;
    anyhow::ensure!(usize::try_from(kept)? == many, "{many} were acknowledged, {kept} are kept");
    Ok(Measured {
        cpu_micros: cpu * 1e6 / many as f64,
        flushes: flushed.map(|flushed| flushed as f64 / many as f64),
        outcome,
    })
}

fn raw(batch: usize, many: usize) -> anyhow::Result<f64> {
    let folder = folder()?;
    let setting = Setting::new(Path::new(folder.path()), &[])?;
    let account = setting.account()?;
    let received_at = Timestamp::from_millisecond(now_ms())?;
    let delivery = |n| {
        let body = ended(account, n);
        let sha256 = sha256(&[&body]);
        Delivery { account: account.name.clone(), body, sha256, received_at }
    };
    let deliveries: Vec<Delivery> = (0..many).map(delivery).collect();
    let took = raw_group_commit(folder.path(), &deliveries, batch)?;
    Ok(many as f64 / took.as_secs_f64())
}

fn summary(connections: usize, rounds: &[Round]) -> Row {
    let of = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure));
    let rate = of(&|round| round.server.outcome.rate());
    let has_flushes = rounds.iter().all(|round| round.server.flushes.is_some());
    Row {
        connections,
        rate,
        p50_ms: of(&|round| round.server.outcome.ms(0.5)),
        p99_ms: of(&|round| round.server.outcome.ms(0.99)),
        cpu_micros: of(&|round| round.server.cpu_micros),
        flushes: has_flushes.then(|| of(&|round| round.server.flushes.unwrap_or(0.0))),
        singly_rate: of(&|round| round.singly.outcome.rate()),
        times_singly: of(&|round| round.server.outcome.rate() / round.singly.outcome.rate()),
        raw_batch: batch(connections),
        raw_rate: of(&|round| round.raw_rate),
        share_of_raw: of(&|round| round.server.outcome.rate() / round.raw_rate),
        p99_bound_ms: 4_000.0 * connections as f64 / rate,
    }
}

fn print(rows: &[Row]) {
    let cell = |row: &Row| {
        vec![
            row.connections.to_string(),
            format!("{:.0}", row.rate),
            format!("{:.2}", row.p50_ms),
            format!("{:.2}", row.p99_ms),
            format!("{:.1}", row.cpu_micros),
            row.flushes.map_or_else(|| "not counted".to_owned(), |n| format!("{n:.3}")),
            format!("{:.0}", row.singly_rate),
            format!("{:.1}", row.times_singly),
            format!("{:.0} ({})", row.raw_rate, row.raw_batch),
            format!("{:.2}", row.share_of_raw),
        ]
    };
    let heading = [
        "CONNECTIONS",
        "WEBHOOKS/S",
        "P50 MS",
        "P99 MS",
        "CPU \u{b5}S",
        "FLUSHES",
        "SINGLY/S",
        "TIMES",
        "RAW/S (GROUP)",
        "SHARE",
    ];
    output::table(&heading, &rows.iter().map(cell).collect::<Vec<_>>());
    output::line("Singly: one transaction a request. Raw: the same rows in groups, without HTTP.");
    for row in rows {
        goals(row);
    }
}

fn goals(row: &Row) {
    let n = row.connections;
    if n == 32 {
        let met = verdict(row.times_singly >= 10.0);
        output::line(format!(
            "P1  at {n}: {:.1} times singly, at least 10: {met}",
            row.times_singly
        ));
    }
    let share = match n {
        32 => Some(0.8),
        256 => Some(0.65),
        _ => None,
    };
    if let Some(least) = share {
        let met = verdict(row.share_of_raw >= least);
        let got = row.share_of_raw;
        output::line(format!("P3  at {n}: {got:.2} of raw, at least {least}: {met}"));
    }
    if let Some(flushes) = row.flushes {
        let (least, most) = match n {
            1 => (0.98, 1.05),
            32 => (0.0, 0.25),
            _ => (0.0, 0.05),
        };
        let met = verdict((least..=most).contains(&flushes));
        output::line(format!("P4  at {n}: {flushes:.3} flushes, {least} to {most}: {met}"));
    }
    if n == 256 {
        let most = row.p99_bound_ms.min(40.0);
        let met = verdict(row.p99_ms <= most);
        output::line(format!("P6  at {n}: p99 {:.1} ms, at most {most:.1}: {met}", row.p99_ms));
    }
}
