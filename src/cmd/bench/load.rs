//! A load of requests that were made before: written to sockets as they are, so that the
//! generator costs as little as can be beside the server.
//!
//! Speaks just enough HTTP/1.1 to tell where an answer ends. Never retries.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::server::{ACCOUNT, AGENT, now_ms};
use crate::domain::transcript::{Role, Turn};
use crate::providers::VoiceAccount;
use crate::providers::voice::scene::{Act, Scene};

/// Turns of speech in a benchmark's call: about 1.5 KiB of body, as a short call has.
const TURNS: usize = 10;
/// Bytes that an answer has room for at first, and the most that one may have.
const ANSWER_BYTES: usize = 4 << 10;
const ANSWER_MAX_BYTES: usize = 256 << 10;

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Microseconds of each answer, sorted.
    pub micros: Vec<u32>,
    /// How often each status came.
    pub statuses: BTreeMap<u16, usize>,
    /// Bodies that hold the words looked for.
    pub matching: usize,
}

impl Outcome {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Milliseconds within which that share of the answers came.
    pub fn ms(&self, share: f64) -> f64 {
        let last = self.micros.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        f64::from(self.micros.get(at).copied().unwrap_or(0)) / 1_000.0
    }

    /// Answers whose status is not that one.
    pub fn others_than(&self, status: u16) -> usize {
        let others = self.statuses.iter().filter(|(known, _)| **known != status);
        others.map(|(_, count)| count).sum()
    }
}

/// A call of the benchmark that is over.
pub fn scene(number: usize) -> Scene {
    let turn = |n: usize| {
        let at = i64::try_from(n).unwrap_or(0) * 4_000;
        let role = if n.is_multiple_of(2) { Role::Agent } else { Role::Caller };
        let text = format!("Turn {n} of a call that somebody made about an appointment.");
        Turn { role, text, starts_ms: Some(at), ends_ms: Some(at + 4_000) }
    };
    let started_at = Timestamp::from_millisecond(now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
    Scene {
        call_id: format!("call_{number:032x}"),
        agent: AGENT.to_owned(),
        from_number: "+12025550142".to_owned(),
        to_number: "+12025550100".to_owned(),
        started_at,
        ended_at: started_at.checked_add(SignedDuration::from_secs(40)).ok(),
        turns: (0..TURNS).map(turn).collect(),
    }
}

/// The body of a call's end.
pub fn ended(account: &VoiceAccount, number: usize) -> Vec<u8> {
    account.voice.stage(&scene(number), &Act::Ended).to_vec()
}

/// What a provider would send at a point of a scene, whole and signed.
pub fn staged(account: &VoiceAccount, road: &str, scene: &Scene, act: &Act) -> Vec<u8> {
    let path = format!("/{road}/{}{}", account.name, account.voice.path(act));
    to(account, &path, &account.voice.stage(scene, act), false)
}

/// A whole signed request to the benchmark's account.
pub fn request(account: &VoiceAccount, road: &str, body: &[u8], forged: bool) -> Vec<u8> {
    to(account, &format!("/{road}/{ACCOUNT}"), body, forged)
}

fn to(account: &VoiceAccount, path: &str, body: &[u8], forged: bool) -> Vec<u8> {
    let signed = if forged { &body[1..] } else { body };
    let headers = account.voice.sign(signed, now_ms()).expect("the account signs");
    let signature = headers.iter().map(|(name, value)| {
        format!("{name}: {}\r\n", value.to_str().expect("signatures are ASCII"))
    });
    let signature = signature.collect::<String>();
    let mut bytes = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{signature}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Sends every request once over so many connections, each waiting for its answer. All from one
/// thread of its own, which costs the least beside the server.
pub async fn fire(
    address: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    looked_for: &'static str,
) -> anyhow::Result<Outcome> {
    let requests = Arc::clone(requests);
    let alone = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(fire_here(address, requests, connections, looked_for))
    };
    tokio::task::spawn_blocking(alone).await?
}

async fn fire_here(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    looked_for: &'static str,
) -> anyhow::Result<Outcome> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push((stream, vec![0; ANSWER_BYTES]));
    }
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut work = JoinSet::new();
    for (stream, buffer) in streams {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        work.spawn(async move { exchange((stream, buffer), &requests, &next, looked_for).await });
    }
    let mut all = Outcome::default();
    while let Some(part) = work.join_next().await {
        let part = part??;
        all.micros.extend(part.micros);
        all.matching += part.matching;
        for (status, count) in part.statuses {
            *all.statuses.entry(status).or_insert(0) += count;
        }
    }
    all.elapsed = begun.elapsed();
    all.micros.sort_unstable();
    Ok(all)
}

async fn exchange(
    (mut stream, mut buffer): (TcpStream, Vec<u8>),
    requests: &[Vec<u8>],
    next: &AtomicUsize,
    looked_for: &str,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let begun = Instant::now();
        stream.write_all(request).await?;
        let (status, body) = answer(&mut stream, &mut buffer).await?;
        outcome.micros.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
        *outcome.statuses.entry(status).or_insert(0) += 1;
        if !looked_for.is_empty() && String::from_utf8_lossy(body).contains(looked_for) {
            outcome.matching += 1;
        }
    }
    Ok(outcome)
}

/// Reads one answer: its status and its body.
pub async fn answer<'a>(
    stream: &mut TcpStream,
    buffer: &'a mut Vec<u8>,
) -> anyhow::Result<(u16, &'a [u8])> {
    let mut filled = 0;
    loop {
        filled = more(stream, buffer, filled).await?;
        let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end])?;
        let status = head.get(9..12).and_then(|text| text.parse().ok()).context("a status")?;
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .unwrap_or(0);
        let whole = end + 4 + length;
        while filled < whole {
            filled = more(stream, buffer, filled).await?;
        }
        return Ok((status, &buffer[end + 4..whole]));
    }
}

/// Reads on behind what is there; the room grows with the answer.
async fn more(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    filled: usize,
) -> anyhow::Result<usize> {
    if filled == buffer.len() {
        anyhow::ensure!(filled < ANSWER_MAX_BYTES, "an answer has more than {filled} bytes");
        buffer.resize(filled * 2, 0);
    }
    match stream.read(&mut buffer[filled..]).await? {
        0 => bail!("the server closed the connection"),
        read => Ok(filled + read),
    }
}
