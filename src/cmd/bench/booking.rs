//! A thousand callers for one slot, a hundred calls that end at once, and questions for free times.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::load::{ended, fire, request, scene};
use super::server::{ACCOUNT, AGENT, Server, Setting, folder, now_ms};
use super::{median, verdict};
use crate::app::App;
use crate::app::businesses::SetUp;
use crate::clock::Clock;
use crate::cmd::output;
use crate::domain::access::{BusinessId, admit_operator};
use crate::domain::scheduling::rules::Rules;
use crate::providers::Registry;
use crate::providers::voice::scene::Act;
use crate::store::bench::{overlaps, rows, seed_appointments};
use crate::store::businesses::Agent;

/// Callers for the one slot.
const CALLERS: usize = 1_000;
/// Calls that end at once.
const ENDING: usize = 100;

/// Questions for free times, over so many connections, on a book with so many appointments.
const CHECKS: usize = 2_000;
const CHECKING: usize = 8;
const BOOKED: u32 = 1_000;
/// Milliseconds in an hour.
const HOUR_MS: i64 = 3_600_000;

/// Measures and prints.
pub async fn measure(rounds: usize) -> anyhow::Result<()> {
    let (mut slot_ms, mut end_ms, mut check_ms) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        output::note(format!("round {} of {rounds} …", round + 1));
        slot_ms.push(one_slot().await?);
        end_ms.push(ending_at_once().await?);
        check_ms.push(checks().await?);
    }
    let check = median(check_ms);
    let (slot, end) = (median(slot_ms), median(end_ms));
    let met = verdict(slot <= 150.0);
    output::line(format!(
        "P9  {CALLERS} callers, one slot: one booked, {} refused with alternatives, no overlap; \
         all answered in {slot:.0} ms, at most 150: {met}",
        CALLERS - 1
    ));
    let met = verdict(end <= 50.0);
    output::line(format!(
        "P9  {ENDING} calls ending at once: none doubled; all acknowledged in {end:.1} ms, at \
         most 50: {met}"
    ));
    let met = verdict(check < 300.0);
    output::line(format!(
        "Availability of a week beside {BOOKED} appointments, {CHECKING} at once: p95 {check:.1} \
         ms, below 300: {met}"
    ));
    Ok(())
}

/// Milliseconds within which 95 of 100 questions for free times were answered.
async fn checks() -> anyhow::Result<f64> {
    let folder = folder()?;
    let setting = Setting::new(folder.path(), &[])?;
    set_up(&setting).await?;
    let hour = Timestamp::from_millisecond(now_ms() / HOUR_MS * HOUR_MS)?;
    seed_appointments(folder.path(), BOOKED, hour)?;
    let account = setting.account()?;
    let ask = |n: usize| {
        let mut scene = scene(n % 100);
        scene.ended_at = None;
        let act = Act::Tool { name: "check_availability".to_owned(), arguments: Map::new() };
        request(account, "tools", &account.voice.stage(&scene, &act), false)
    };
    let requests: Arc<Vec<Vec<u8>>> = Arc::new((0..CHECKS).map(ask).collect());
    let server = Server::start(&setting)?;
    let outcome = fire(server.address, &requests, CHECKING, "\"slots\"").await?;
    anyhow::ensure!(outcome.matching == CHECKS, "{} got slots", outcome.matching);
    server.stop()?;
    Ok(outcome.ms(0.95))
}

/// Milliseconds until every caller for one slot was answered.
async fn one_slot() -> anyhow::Result<f64> {
    let folder = folder()?;
    let setting = Setting::new(folder.path(), &[])?;
    set_up(&setting).await?;
    let account = setting.account()?;
    let start = tomorrow_at_noon()?;
    let book = |n: usize| {
        let mut scene = scene(n);
        scene.ended_at = None;
        let mut arguments = Map::new();
        arguments.insert("start".to_owned(), Value::from(start.clone()));
        arguments.insert("name".to_owned(), Value::from(format!("Caller {n}")));
        let act = Act::Tool { name: "book_appointment".to_owned(), arguments };
        request(account, "tools", &account.voice.stage(&scene, &act), false)
    };
    let requests: Arc<Vec<Vec<u8>>> = Arc::new((0..CALLERS).map(book).collect());
    let server = Server::start(&setting)?;
    let outcome = fire(server.address, &requests, CALLERS, "\"status\":\"booked\"").await?;
    anyhow::ensure!(outcome.others_than(200) == 0, "answers: {:?}", outcome.statuses);
    anyhow::ensure!(outcome.matching == 1, "{} callers were told booked", outcome.matching);
    server.stop()?;
    anyhow::ensure!(overlaps(folder.path())? == 0, "appointments overlap");
    Ok(outcome.elapsed.as_secs_f64() * 1_000.0)
}

/// Milliseconds until every call's end was acknowledged.
async fn ending_at_once() -> anyhow::Result<f64> {
    let folder = folder()?;
    let setting = Setting::new(folder.path(), &[])?;
    let account = setting.account()?;
    let requests = (0..ENDING).map(|n| request(account, "hooks", &ended(account, n), false));
    let requests = Arc::new(requests.collect::<Vec<_>>());
    let server = Server::start(&setting)?;
    let outcome = fire(server.address, &requests, ENDING, "").await?;
    anyhow::ensure!(outcome.others_than(204) == 0, "answers: {:?}", outcome.statuses);
    server.stop()?;
    let [kept, ..] = rows(folder.path())?;
    anyhow::ensure!(usize::try_from(kept)? == ENDING, "{kept} of {ENDING} are kept");
    Ok(outcome.elapsed.as_secs_f64() * 1_000.0)
}

/// A business that is always open, with one service.
pub async fn set_up(setting: &Setting) -> anyhow::Result<()> {
    let (app, _) = open(setting).await?;
    tokio::task::spawn_blocking(move || drop(app)).await?;
    Ok(())
}

/// The same with its data still open.
pub async fn open(setting: &Setting) -> anyhow::Result<(App, BusinessId)> {
    let settings = setting.settings.clone();
    let registry = Registry::build(&settings)?;
    let app = App::open(settings, registry, Clock::System)?;
    let set_up = SetUp {
        hours: Some("daily 00:00-24:00".parse()?),
        services: vec![("Check-up".to_owned(), Rules::new(30, 30, 0, 60)?)],
        agents: vec![Agent { account: ACCOUNT.to_owned(), provider_agent_id: AGENT.to_owned() }],
        numbers: Vec::new(),
        ..SetUp::default()
    };
    let added = app.add_business("Benchmark", "Europe/Berlin", set_up).await?;
    Ok((app, admit_operator(added.id)))
}

fn tomorrow_at_noon() -> anyhow::Result<String> {
    let now = Timestamp::from_millisecond(now_ms())?;
    let tomorrow = now.checked_add(SignedDuration::from_hours(24))?;
    let day = tomorrow.to_zoned(TimeZone::get("Europe/Berlin")?).date();
    Ok(format!("{day}T12:00"))
}
