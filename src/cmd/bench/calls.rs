//! A thousand calls of all providers that end at once, beside agents that call tools.
//!
//! Every end must be kept once, and the tools must hardly notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;

use super::booking::set_up;
use super::forged::stream;
use super::load::{fire, scene, staged};
use super::server::{Server, Setting, folder};
use super::{median, verdict};
use crate::clock::random;
use crate::cmd::output;
use crate::crypto::digest::hex;
use crate::crypto::ed25519::SigningKey;
use crate::providers::voice::scene::Act;
use crate::store::bench::{ended, rows};

/// Calls that end at once, shared by the providers in turn.
const ENDING: usize = 1_000;
/// The providers.
const ACCOUNTS: [&str; 4] = ["retell", "vapi", "telnyx", "exotel"];
/// Most tool calls made before.
const TOOLS_MAX: usize = 500;
/// How long the tools are called before and after the ends.
const BESIDE: Duration = Duration::from_secs(1);
/// How long the jobs may take that apply what was kept.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures and prints.
pub async fn measure(rounds: usize) -> anyhow::Result<()> {
    let (mut all_ms, mut tool_ms) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        output::note(format!("round {} of {rounds} …", round + 1));
        let (all, tools) = at_once().await?;
        all_ms.push(all);
        tool_ms.push(tools);
    }
    let (all, tools) = (median(all_ms), median(tool_ms));
    let met = verdict(all <= 1_000.0);
    output::line(format!(
        "{ENDING} calls of {} providers ending at once: none lost, none doubled; all acknowledged \
         in {all:.0} ms, at most 1000: {met}",
        ACCOUNTS.len()
    ));
    let met = verdict(tools < 100.0);
    output::line(format!("Tool calls at 50/s meanwhile: p99 {tools:.1} ms, below 100: {met}"));
    Ok(())
}

/// Milliseconds until every end was acknowledged, and within which 99 of 100 tools were answered.
async fn at_once() -> anyhow::Result<(f64, f64)> {
    let folder = folder()?;
    let seed: [u8; 32] = random();
    let key = SigningKey::from_seed(&seed).ok_or_else(|| anyhow::anyhow!("no key"))?;
    let (public, seed) = (STANDARD.encode(key.verifying_key().bytes()), STANDARD.encode(seed));
    let secret = hex(&random::<16>());
    let setting = Setting::new(
        folder.path(),
        &[
            ("VOICE__VAPI__SECRET", &secret),
            ("VOICE__TELNYX__PUBLIC_KEYS", &public),
            ("VOICE__TELNYX__SIMULATION_SEED", &seed),
            ("VOICE__EXOTEL__PATH_TOKEN", &secret),
        ],
    )?;
    set_up(&setting).await?;
    let end = |n: usize| -> anyhow::Result<Vec<u8>> {
        let account = setting.account_named(ACCOUNTS[n % ACCOUNTS.len()])?;
        Ok(staged(account, "hooks", &scene(n), &Act::Ended))
    };
    let ends = (0..ENDING).map(end).collect::<anyhow::Result<Vec<_>>>()?;
    let account = setting.account()?;
    let ask = |n: usize| {
        let mut scene = scene(ENDING + n % 20);
        scene.ended_at = None;
        let act = Act::Tool { name: "check_availability".to_owned(), arguments: Map::new() };
        staged(account, "tools", &scene, &act)
    };
    let tools: Vec<Vec<u8>> = (0..TOOLS_MAX).map(ask).collect();
    let server = Server::start(&setting)?;
    let stop = Arc::new(AtomicBool::new(false));
    let beside = tokio::spawn(stream(server.address, tools, Arc::clone(&stop)));
    pause().await;
    let outcome = fire(server.address, &Arc::new(ends), ENDING, "").await?;
    pause().await;
    stop.store(true, Ordering::Relaxed);
    let tools = beside.await??;
    anyhow::ensure!(tools.others_than(200) == 0, "tools: {:?}", tools.statuses);
    let fine = outcome.statuses.keys().all(|status| (200..300).contains(status));
    anyhow::ensure!(fine, "answers: {:?}", outcome.statuses);
    let until = Instant::now() + PATIENCE;
    let over = loop {
        let [over, waiting] = ended(folder.path())?;
        if waiting == 0 || Instant::now() > until {
            break over;
        }
        pause().await;
    };
    server.stop()?;
    let [kept, ..] = rows(folder.path())?;
    anyhow::ensure!(usize::try_from(kept)? == ENDING, "{kept} of {ENDING} are kept");
    anyhow::ensure!(usize::try_from(over)? == ENDING, "{over} of {ENDING} calls are over");
    Ok((outcome.elapsed.as_secs_f64() * 1_000.0, tools.ms(0.99)))
}

async fn pause() {
    drop(tokio::time::timeout(BESIDE, std::future::pending::<()>()).await);
}
