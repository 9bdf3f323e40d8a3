//! Free times of thirty days with ten staff and two thousand bookings, over a clock change: from
//! the database and from what is kept in memory; and what the look-up costs as the past grows.
//!
//! Drives the use case itself, without HTTP, so that the figure is that of the question alone.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::AvailabilityOptions;
use super::server::{ACCOUNT, AGENT, Setting, folder};
use crate::app::App;
use crate::app::appointments::{Policy, Request};
use crate::app::availability::{KeptStats, Search};
use crate::app::book::Wish;
use crate::app::businesses::SetUp;
use crate::clock::Clock;
use crate::cmd::output;
use crate::domain::access::{BusinessId, admit_operator};
use crate::domain::appointment::{Actor, Contact};
use crate::domain::business::{Service, Setup, Staff, Workplace};
use crate::domain::ids::{ServiceId, StaffId};
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::opening::Opening;
use crate::domain::scheduling::rules::Rules;
use crate::providers::Registry;
use crate::store::bench::{Seed, seed_book, takings_steps};
use crate::store::businesses::Agent;

/// The moment of the question: thirty days from then hold the end of summer time in Berlin.
const NOW: &str = "2026-10-05T06:00:00Z";
/// Days that are looked through.
const DAYS: i64 = 30;
/// Staff of the business.
const STAFF: usize = 10;
/// Bookings within those days.
const BOOKED: u32 = 2_000;
/// Questions and bookings of a simulated hour: one in ten books.
const SIMULATED: usize = 500;
/// Past bookings between which the cost of the look-up is compared.
const PAST: [u32; 2] = [10_000, 1_000_000];

/// Measures and prints.
pub async fn measure(options: &AvailabilityOptions) -> anyhow::Result<()> {
    let questions = options.questions.max(1);
    let folder = folder()?;
    let kept = Bench::new(folder.path(), true).await?;
    if !options.only_database {
        let cached = kept.ask(questions).await?;
        let met = super::verdict(cached.p99_us < 1_000.0);
        output::line(format!("kept in memory   {cached}; p99 below 1 ms: {met}"));
    }
    kept.close().await?;
    if !options.only_memory {
        let read = Bench::open(folder.path(), false).await?;
        let uncached = read.ask(questions).await?;
        let met = super::verdict(uncached.p99_us < 5_000.0);
        output::line(format!("P8  database     {uncached}; p99 below 5 ms: {met}"));
        read.close().await?;
    }
    if options.only_database || options.only_memory {
        return Ok(());
    }
    let simulated = Bench::open(folder.path(), true).await?;
    let KeptStats { hits, misses } = simulated.simulate().await?;
    let share = 100.0 * hits as f64 / (hits + misses).max(1) as f64;
    let met = super::verdict(share >= 80.0);
    output::line(format!(
        "one booking to nine questions: {share:.0} % of questions from memory, at least 80: {met}"
    ));
    simulated.close().await?;
    growth(options.past).await
}

/// What the look-up of a day costs beside a short and a long past.
async fn growth(most: u32) -> anyhow::Result<()> {
    let mut steps = Vec::new();
    let long = PAST[1].min(most);
    for past in [PAST[0].min(long), long] {
        let folder = folder()?;
        let bench = Bench::new(folder.path(), true).await?;
        let (business, now) = (bench.business, bench.now);
        bench.close().await?;
        output::note(format!("{past} past bookings …"));
        let from = now.checked_sub(SignedDuration::from_mins(i64::from(past) * 5 + 60))?;
        let seed = Seed { many: past, from, apart: SignedDuration::from_mins(5) };
        seed_book(folder.path(), business, seed)?;
        let window = Span::new(now, now.checked_add(SignedDuration::from_hours(24))?);
        let window = window.ok_or_else(|| anyhow::anyhow!("a day is a span"))?;
        steps.push((past, takings_steps(folder.path(), business, window)?));
    }
    let [(few, before), (many, after)] = steps[..] else { anyhow::bail!("two are compared") };
    let ratio = after as f64 / (before as f64).max(1.0);
    let met = super::verdict((0.9..=1.1).contains(&ratio));
    output::line(format!(
        "P13 a day's look-up takes {before} VM steps beside {few} past bookings, {after} beside \
         {many}: {ratio:.3}, within 10 %: {met}"
    ));
    Ok(())
}

/// Times of many questions.
struct Times {
    p50_us: f64,
    p99_us: f64,
    slots: usize,
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p50, p99) = (self.p50_us / 1_000.0, self.p99_us / 1_000.0);
        write!(f, "{} free times: p50 {p50:.3} ms, p99 {p99:.3} ms", self.slots)
    }
}

/// A business as it is measured.
struct Bench {
    app: App,
    business: BusinessId,
    setup: Arc<Setup>,
    now: Timestamp,
}

impl Bench {
    /// Sets a business up and fills its book.
    async fn new(dir: &std::path::Path, keeps: bool) -> anyhow::Result<Self> {
        let bench = Self::open(dir, keeps).await?;
        let (business, now) = (bench.business, bench.now);
        bench.close().await?;
        let day = SignedDuration::from_hours(24 * DAYS);
        let many = i64::from(BOOKED);
        let apart = SignedDuration::from_secs(day.as_secs() / many);
        seed_book(dir, business, Seed { many: BOOKED, from: now, apart })?;
        Self::open(dir, keeps).await
    }

    async fn open(dir: &std::path::Path, keeps: bool) -> anyhow::Result<Self> {
        let keeps = if keeps { "true" } else { "false" };
        let setting = Setting::new(dir, &[("LIMITS__AVAILABILITY_CACHE", keeps)])?;
        let now: Timestamp = NOW.parse()?;
        let registry = Registry::build(&setting.settings)?;
        let app = App::open(setting.settings.clone(), registry, Clock::manual(now))?;
        let known = app.businesses().await?;
        let business = match known.first() {
            Some(business) => admit_operator(business.id),
            None => set_up(&app).await?,
        };
        let setup = app.setup_of(business).await?;
        Ok(Self { app, business, setup, now })
    }

    fn search(&self) -> anyhow::Result<Search<'_>> {
        let end = self.now.checked_add(SignedDuration::from_hours(24 * DAYS))?;
        let window = Span::new(self.now, end).ok_or_else(|| anyhow::anyhow!("a span"))?;
        let (service, branch) = (&self.setup.services[0], &self.setup.branches[0]);
        Ok(Search { service, branch, staff: None, window })
    }

    async fn ask(&self, questions: usize) -> anyhow::Result<Times> {
        let search = self.search()?;
        let mut micros = Vec::with_capacity(questions);
        let mut slots = 0;
        for _ in 0..questions {
            let begun = Instant::now();
            let free = self.app.free((self.business, &self.setup), search, self.now).await?;
            micros.push(begun.elapsed().as_secs_f64() * 1e6);
            slots = free.len();
        }
        micros.sort_by(f64::total_cmp);
        let at = |share: f64| micros[((micros.len() - 1) as f64 * share).round() as usize];
        Ok(Times { p50_us: at(0.5), p99_us: at(0.99), slots })
    }

    /// Questions with a booking after every ninth.
    async fn simulate(&self) -> anyhow::Result<KeptStats> {
        let search = self.search()?;
        for number in 0..SIMULATED {
            let free = self.app.free((self.business, &self.setup), search, self.now).await?;
            if number % 9 != 8 {
                continue;
            }
            let slot = free.get(number % free.len().max(1));
            let slot = slot.ok_or_else(|| anyhow::anyhow!("nothing is free"))?;
            let (service, branch) = (search.service.id, search.branch.id);
            let start = slot.span.start();
            let wish = Wish { service, branch, staff: None, rather: None, start };
            let contact = Contact { name: "Somebody".to_owned(), ..Contact::default() };
            let request = Request { actor: Actor::Operator, once: None, unchanged_since: None };
            let booked =
                self.app.add_appointment(self.business, (wish, contact), Policy::Refuse, request);
            booked.await?;
        }
        Ok(self.app.kept.stats())
    }

    async fn close(self) -> anyhow::Result<()> {
        // The writer waits for its queue when it ends, which is no work for a runtime's thread.
        Ok(tokio::task::spawn_blocking(move || drop(self.app)).await?)
    }
}

/// A business with staff and a service that keeps time free around it.
async fn set_up(app: &App) -> anyhow::Result<BusinessId> {
    let set_up = SetUp {
        hours: Some("mon-sat 08:00-18:00".parse()?),
        agents: vec![Agent { account: ACCOUNT.to_owned(), provider_agent_id: AGENT.to_owned() }],
        ..SetUp::default()
    };
    let business = app.add_business("Benchmark", "Europe/Berlin", set_up).await?;
    let id = admit_operator(business.id);
    let branch = app.setup_of(id).await?.branches[0].id;
    let own: WeeklyHours = "mon-fri 08:30-12:30 13:15-17:45; sat 09:00-14:00".parse()?;
    for number in 0..STAFF {
        let opening = Opening::new(own.clone(), Vec::new());
        let places = vec![Workplace { branch, own_hours: true, opening }];
        let name = format!("Person {number}");
        let nobody = StaffId::from_uuid(uuid::Uuid::nil());
        let staff = Staff { id: nobody, name, active: true, skills: Vec::new(), places };
        app.add_staff(id, staff, None).await?;
    }
    let service = Service {
        id: ServiceId::from_uuid(uuid::Uuid::nil()),
        name: "Check-up".to_owned(),
        rules: Rules::new(30, 15, 60, 60)?.with_buffers(5, 10)?,
        staffed: true,
        price: None,
        active: true,
        skills: Vec::new(),
        staff: Vec::new(),
        branches: Vec::new(),
    };
    app.add_service(id, service, None).await?;
    Ok(id)
}
