//! A flood of forged webhooks beside a genuine stream: nothing of it is kept, and the genuine
//! ones are still answered in time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

use super::load::{Outcome, answer, ended, fire, request};
use super::server::{Server, Setting, flushes, folder};
use super::{ForgedOptions, verdict};
use crate::cmd::output;
use crate::providers::VoiceAccount;
use crate::store::bench::rows;

/// Time between two genuine webhooks: fifty a second.
const EVERY: Duration = Duration::from_millis(20);
/// Forged requests made before and sent again and again.
const SAMPLES: usize = 1_000;
/// Most genuine webhooks made before.
const GENUINE_MAX: usize = 10_000;

/// Measures and prints: first the flood alone, for its cost, then with a genuine stream.
pub async fn measure(options: &ForgedOptions) -> anyhow::Result<()> {
    let folder = folder()?;
    let setting = Setting::new(folder.path(), &[])?;
    let account = setting.account()?;
    let server = Server::start(&setting)?;
    let (cpu, flushed) = (server.cpu_seconds()?, flushes(folder.path()));
    output::note(format!("{} forged webhooks …", options.requests));
    let alone = flood(server.address, account, options).await?;
    let cpu_micros = (server.cpu_seconds()? - cpu) * 1e6 / options.requests.max(1) as f64;
    let flushed = flushes(folder.path()).zip(flushed).map(|(after, before)| after - before);
    anyhow::ensure!(alone.others_than(401) == 0, "answers: {:?}", alone.statuses);
    output::note("the same beside a genuine stream …");
    let stop = Arc::new(AtomicBool::new(false));
    let shots: Vec<Vec<u8>> =
        (0..GENUINE_MAX).map(|n| request(account, "hooks", &ended(account, n), false)).collect();
    let genuine = tokio::spawn(stream(server.address, shots, Arc::clone(&stop)));
    let beside = flood(server.address, account, options).await?;
    stop.store(true, Ordering::Relaxed);
    let genuine = genuine.await??;
    server.stop()?;
    let [kept, ..] = rows(folder.path())?;
    let sent = genuine.micros.len();
    anyhow::ensure!(genuine.others_than(204) == 0, "answers: {:?}", genuine.statuses);
    let strange = usize::try_from(kept)? - sent;
    let rate = alone.rate();
    output::line(format!("{} forged: {rate:.0} a second, all answered 401", options.requests));
    output::line(format!("P12 rows kept of them: {strange}, exactly 0: {}", verdict(strange == 0)));
    if let Some(flushed) = flushed {
        // The whole disk's flushes: other programs add to them, and once a minute the count of
        // refusals is written down.
        output::line(format!("P12 flushes of the disk meanwhile: {flushed}"));
    }
    let met = verdict(cpu_micros <= 35.0);
    output::line(format!("P12 CPU of each: {cpu_micros:.1} \u{b5}s, at most 35: {met}"));
    let p99 = genuine.ms(0.99);
    let met = verdict(p99 <= 25.0);
    output::line(format!(
        "P12 {sent} genuine at 50/s beside {:.0} forged/s: p99 {p99:.1} ms, at most 25: {met}",
        beside.rate()
    ));
    Ok(())
}

async fn flood(
    address: SocketAddr,
    account: &VoiceAccount,
    options: &ForgedOptions,
) -> anyhow::Result<Outcome> {
    let sample: Vec<Vec<u8>> =
        (0..SAMPLES).map(|n| request(account, "hooks", &ended(account, n), true)).collect();
    let sample = Arc::new(sample);
    let mut all = Outcome::default();
    let rounds = options.requests.div_ceil(SAMPLES);
    let begun = Instant::now();
    let mut repeated = Vec::with_capacity(SAMPLES * 50);
    for _ in 0..50.min(rounds) {
        repeated.extend(sample.iter().cloned());
    }
    let repeated = Arc::new(repeated);
    let mut left = options.requests;
    while left > 0 {
        let part = fire(address, &repeated, options.connections, "").await?;
        left = left.saturating_sub(repeated.len());
        all.micros.extend(part.micros);
        for (status, count) in part.statuses {
            *all.statuses.entry(status).or_insert(0) += count;
        }
    }
    all.elapsed = begun.elapsed();
    all.micros.sort_unstable();
    Ok(all)
}

/// Sends requests by the clock, fifty a second; a late answer does not delay the count of the next.
pub async fn stream(
    address: SocketAddr,
    shots: Vec<Vec<u8>>,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut connection = TcpStream::connect(address).await?;
    let mut buffer = vec![0; 16 << 10];
    let mut clock = interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for shot in shots {
        let due = clock.tick().await;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        connection.write_all(&shot).await?;
        let (status, _) = answer(&mut connection, &mut buffer).await?;
        outcome.micros.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
        *outcome.statuses.entry(status).or_insert(0) += 1;
    }
    outcome.micros.sort_unstable();
    Ok(outcome)
}
