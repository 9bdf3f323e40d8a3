//! A thousand recordings that wait at once: alone, beside the same bytes by `curl` and `cp`; and again
//! beside agents that call tools, who go first.
//!
//! The provider is a stand-in of this process: its API, and the files. Every recording must be kept
//! with the right digest.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Map, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::booking::set_up;
use super::forged::stream;
use super::load::{fire, scene, staged};
use super::server::{Server, Setting, folder};
use super::{median, verdict};
use crate::cmd::output;
use crate::crypto::digest::sha256;
use crate::providers::voice::scene::Act;
use crate::store::bench::recordings;

/// Most tool calls made meanwhile, at 50 a second.
const TOOLS_MAX: usize = 20_000;
/// How long all recordings may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often it is looked how far they are.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Bytes before the first sample of a WAV file.
const WAV_HEAD: usize = 44;
/// Connections of `curl`, as many as recordings are fetched at once.
const AT_ONCE: &str = "4";

/// What a round comes to.
struct Round {
    mib_s: f64,
    baseline_mib_s: f64,
    beside_mib_s: f64,
    peak_mib: f64,
    tool_ms: f64,
}

/// Measures and prints.
pub async fn measure(rounds: usize, count: usize, bytes: usize) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for round in 0..rounds {
        output::note(format!("round {} of {rounds} …", round + 1));
        let (mib_s, baseline_mib_s, ..) = at_once(count, bytes, false).await?;
        let (beside_mib_s, _, peak_mib, tool_ms) = at_once(count, bytes, true).await?;
        all.push(Round { mib_s, baseline_mib_s, beside_mib_s, peak_mib, tool_ms });
    }
    let of = |pick: fn(&Round) -> f64| median(all.iter().map(pick));
    let (mib_s, baseline) = (of(|one| one.mib_s), of(|one| one.baseline_mib_s));
    let ratio = of(|one| one.mib_s / one.baseline_mib_s);
    output::line(format!(
        "{count} recordings of {bytes} bytes at once: all archived, digests right; {mib_s:.0} MiB/s, \
         curl and cp of the same {baseline:.0} MiB/s: ratio {ratio:.2}"
    ));
    let beside = of(|one| one.beside_mib_s);
    output::line(format!("Again beside tool calls at 50/s, which go first: {beside:.0} MiB/s"));
    let peak = of(|one| one.peak_mib);
    let met = verdict(peak < 150.0);
    output::line(format!("Most memory of the process meanwhile {peak:.0} MiB, below 150: {met}"));
    let tools = of(|one| one.tool_ms);
    let met = verdict(tools < 100.0);
    output::line(format!("Tool calls at 50/s meanwhile: p99 {tools:.1} ms, below 100: {met}"));
    Ok(())
}

/// MiB a second, the same by hand, the most memory in MiB, and within how many milliseconds 99 of 100
/// tools were answered.
async fn at_once(
    count: usize,
    bytes: usize,
    with_tools: bool,
) -> anyhow::Result<(f64, f64, f64, f64)> {
    let folder = folder()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let file = Arc::new(wav(bytes));
    let digest = sha256(&[&file]);
    let provider = tokio::spawn(provide(listener, Arc::clone(&file), base.clone()));
    let setting = Setting::new(
        folder.path(),
        &[
            ("ARCHIVE__STORE", "disk"),
            ("VOICE__RETELL__BASE_URL", &base),
            ("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true"),
            ("LIMITS__UPSTREAM_REQUESTS_PER_MINUTE", "1000000"),
        ],
    )?;
    set_up(&setting).await?;
    let account = setting.account()?;
    let end = |n: usize| staged(account, "hooks", &scene(n), &Act::Ended);
    let ends: Vec<Vec<u8>> = (0..count).map(end).collect();
    let ask = |n: usize| {
        let mut scene = scene(count + n % 400);
        scene.ended_at = None;
        let act = Act::Tool { name: "check_availability".to_owned(), arguments: Map::new() };
        staged(account, "tools", &scene, &act)
    };
    let asked = if with_tools { TOOLS_MAX } else { 0 };
    let tools: Vec<Vec<u8>> = (0..asked).map(ask).collect();
    let server = Server::start(&setting)?;
    let stop = Arc::new(AtomicBool::new(false));
    let beside = tokio::spawn(stream(server.address, tools, Arc::clone(&stop)));
    let begun = Instant::now();
    let outcome = fire(server.address, &Arc::new(ends), 64, "").await?;
    let fine = outcome.statuses.keys().all(|status| (200..300).contains(status));
    anyhow::ensure!(fine, "answers: {:?}", outcome.statuses);
    while recordings(folder.path(), &digest)? < i64::try_from(count)? {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "not archived within {PATIENCE:?}");
        drop(tokio::time::timeout(LOOK_EVERY, std::future::pending::<()>()).await);
    }
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    let tools = beside.await??;
    anyhow::ensure!(tools.others_than(200) == 0, "tools: {:?}", tools.statuses);
    let peak_mib = kib(server.memory_peak_kib()?) / 1_024.0;
    server.stop()?;
    let baseline = if with_tools { Duration::MAX } else { by_hand(folder.path(), &base, count)? };
    provider.abort();
    let mib = (count * bytes) as f64 / f64::from(1 << 20);
    let tool_ms = if with_tools { tools.ms(0.99) } else { 0.0 };
    Ok((mib / took.as_secs_f64(), mib / baseline.as_secs_f64(), peak_mib, tool_ms))
}

#[expect(clippy::cast_precision_loss, reason = "memory of a process is far below 2^52 KiB")]
fn kib(kib: u64) -> f64 {
    kib as f64
}

/// The same files fetched by `curl`, as many at once, and copied to where they would be kept.
fn by_hand(folder: &Path, base: &str, count: usize) -> anyhow::Result<Duration> {
    let (got, kept) = (folder.join("got"), folder.join("kept"));
    std::fs::create_dir_all(&got)?;
    let begun = Instant::now();
    let fetched = Command::new("curl")
        .args(["--silent", "--fail", "--parallel", "--parallel-max", AT_ONCE, "--output"])
        .arg(got.join("#1.wav"))
        .arg(format!("{base}/files/[1-{count}]"))
        .status()
        .context("curl is needed for the baseline")?;
    anyhow::ensure!(fetched.success(), "curl failed");
    let copied = Command::new("cp").arg("-r").args([&got, &kept]).status()?;
    anyhow::ensure!(copied.success(), "cp failed");
    // What is archived is on the disk too.
    anyhow::ensure!(Command::new("sync").arg("-f").arg(&kept).status()?.success(), "sync failed");
    Ok(begun.elapsed())
}

/// A mono WAV file of so many bytes.
fn wav(bytes: usize) -> Vec<u8> {
    let samples = bytes.saturating_sub(WAV_HEAD) & !1;
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut file = Vec::with_capacity(bytes);
    file.extend(b"RIFF");
    file.extend(size(samples + WAV_HEAD - 8));
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8_000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(size(samples));
    let mut noise = 1_u32;
    while file.len() < samples + WAV_HEAD {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        file.extend(&noise.to_be_bytes()[..2]);
    }
    file
}

/// The provider: `GET /v2/get-call/{id}` names the file, any other path is it.
async fn provide(listener: TcpListener, file: Arc<Vec<u8>>, base: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (file, base) = (Arc::clone(&file), base.clone());
        tokio::spawn(async move {
            // A client that goes away ends its connection.
            drop(serve(stream, &file, &base).await);
        });
    }
}

async fn serve(mut stream: TcpStream, file: &[u8], base: &str) -> std::io::Result<()> {
    // As servers do; else the body waits for the head to be acknowledged.
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    loop {
        let Some(first) = lines.next_line().await? else { return Ok(()) };
        while lines.next_line().await?.is_some_and(|line| !line.is_empty()) {}
        let path = first.split(' ').nth(1).unwrap_or_default();
        let told = path.strip_prefix("/v2/get-call/").map(|id| {
            let url = format!("{base}/files/{id}");
            json!({"call_id": id, "call_status": "ended", "recording_url": url}).to_string()
        });
        let (kind, body) = match &told {
            Some(told) => ("application/json", told.as_bytes()),
            None => ("audio/wav", file),
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        write.write_all(head.as_bytes()).await?;
        write.write_all(body).await?;
    }
}
