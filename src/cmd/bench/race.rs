//! A hundred thousand tries for a thousand times over HTTP: every time is given once, whatever
//! happens to the process meanwhile.
//!
//! Checks what was promised against the database afterwards. Never counts a try that was not
//! answered.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::RaceOptions;
use super::booking::set_up;
use super::load::{answer, request, scene};
use super::server::{Server, Setting, folder, now_ms};
use crate::cmd::output;
use crate::providers::voice::scene::Act;
use crate::store::bench::{booked, overlaps};

/// Minutes between two times, and how long an appointment takes.
const STEP_MIN: i64 = 30;
/// How long a try waits for the process to be there again.
const COMES_BACK: Duration = Duration::from_secs(30);

/// Waits a moment for what another task or process does.
async fn pause() {
    // Nothing comes: it is only the time that passes.
    drop(tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>()).await);
}

/// What all tries share.
struct Race {
    tries: usize,
    slots: usize,
    setting: Setting,
    begins: Timestamp,
    next: AtomicUsize,
    address: Mutex<SocketAddr>,
    /// Times that a caller was told are theirs.
    promised: Mutex<Vec<usize>>,
}

/// Runs and checks.
pub async fn measure(options: &RaceOptions) -> anyhow::Result<()> {
    let folder = folder()?;
    let more = [("LIMITS__TOOL_DEADLINE_MS", "29000"), ("LIMITS__HOLD_MINUTES", "1")];
    let setting = Setting::new(folder.path(), &more)?;
    set_up(&setting).await?;
    let mut server = Server::start(&setting)?;
    let tomorrow = Timestamp::from_millisecond(now_ms())? + SignedDuration::from_hours(24);
    let day = tomorrow.to_zoned(TimeZone::get("Europe/Berlin")?).date();
    let race = Arc::new(Race {
        tries: options.tries,
        slots: options.slots,
        begins: day.to_zoned(TimeZone::get("Europe/Berlin")?)?.timestamp(),
        next: AtomicUsize::new(0),
        address: Mutex::new(server.address),
        promised: Mutex::default(),
        setting,
    });
    let begun = Instant::now();
    let mut hands = JoinSet::new();
    for _ in 0..options.connections.max(1) {
        let race = Arc::clone(&race);
        hands.spawn(async move { race.run().await });
    }
    for kill in 1..=options.kills {
        let at = options.tries * kill / (options.kills + 1);
        while race.next.load(Ordering::Relaxed) < at && !hands.is_empty() {
            pause().await;
        }
        server.kill()?;
        server = Server::start(&race.setting)?;
        *race.address.lock().unwrap_or_else(PoisonError::into_inner) = server.address;
        output::note(format!("killed at {at} tries, and back"));
    }
    while let Some(hand) = hands.join_next().await {
        hand??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    server.stop()?;
    race.check(folder.path())?;
    output::line(format!(
        "{} tries for {} times over {} connections with {} kill -9: every time given once, no \
         overlap, every promise kept ({seconds:.0} s, {:.0} tries/s)",
        options.tries,
        options.slots,
        options.connections,
        options.kills,
        options.tries as f64 / seconds
    ));
    Ok(())
}

impl Race {
    /// Tries one after the other; one that was not answered is sent again.
    async fn run(&self) -> anyhow::Result<()> {
        let mut stream = None;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.tries {
                return Ok(());
            }
            let begun = Instant::now();
            while self.once(number, &mut stream, &mut buffer).await.is_err() {
                stream = None;
                ensure!(begun.elapsed() < COMES_BACK, "the server does not come back");
                pause().await;
            }
        }
    }

    async fn once(
        &self,
        number: usize,
        stream: &mut Option<TcpStream>,
        buffer: &mut Vec<u8>,
    ) -> anyhow::Result<()> {
        let stream = match stream {
            Some(stream) => stream,
            None => {
                let address = *self.address.lock().unwrap_or_else(PoisonError::into_inner);
                stream.insert(TcpStream::connect(address).await?)
            }
        };
        // Scattered, so that neighbours are asked for at the same moment.
        let slot = (number * 7_919) % self.slots;
        stream.write_all(&self.request(number, slot)?).await?;
        let (status, body) = answer(stream, buffer).await?;
        ensure!(status == 200, "answered {status}");
        let body = String::from_utf8_lossy(body);
        ensure!(!body.contains("\"reason\":\"late\""), "came too late");
        if body.contains("\"status\":\"booked\"") {
            self.promised.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
        }
        Ok(())
    }

    fn request(&self, number: usize, slot: usize) -> anyhow::Result<Vec<u8>> {
        let account = self.setting.account()?;
        let mut scene = scene(number);
        scene.ended_at = None;
        scene.turns.clear();
        let minutes = i64::try_from(slot)? * STEP_MIN;
        let start = self.begins.checked_add(SignedDuration::from_mins(minutes))?;
        let mut arguments = Map::new();
        arguments.insert("start".to_owned(), Value::from(start.to_string()));
        arguments.insert("name".to_owned(), Value::from(format!("Caller {number}")));
        let act = Act::Tool { name: "book_appointment".to_owned(), arguments };
        Ok(request(account, "tools", &account.voice.stage(&scene, &act), false))
    }

    /// Every time is in the book once, and each promise is one of them.
    fn check(&self, dir: &std::path::Path) -> anyhow::Result<()> {
        let in_book = booked(dir)?;
        let distinct: HashSet<i64> = in_book.iter().copied().collect();
        ensure!(in_book.len() == self.slots, "{} of {} are booked", in_book.len(), self.slots);
        ensure!(distinct.len() == in_book.len(), "a time was given twice");
        ensure!(overlaps(dir)? == 0, "appointments overlap");
        let promised = self.promised.lock().unwrap_or_else(PoisonError::into_inner);
        let told: HashSet<usize> = promised.iter().copied().collect();
        ensure!(told.len() == promised.len(), "two callers were told the same time is theirs");
        for slot in told {
            let minutes = i64::try_from(slot)? * STEP_MIN;
            let start = self.begins.checked_add(SignedDuration::from_mins(minutes))?;
            ensure!(distinct.contains(&start.as_millisecond()), "a promised time is not booked");
        }
        Ok(())
    }
}
