//! What free times follow from, kept in memory as long as it is true, and the search for them.
//!
//! Everything kept is keyed by counters that the database itself raises with every change, so that
//! one look-up tells whether it still holds; a command beside the server counts like the server's
//! own writes. A booking never relies on it: it looks again inside its write.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{App, AppError};
use crate::domain::access::BusinessId;
use crate::domain::business::{Branch, Service, Setup};
use crate::domain::ids::{AppointmentId, BusinessRef, StaffId};
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::{self, NotOffered, Plan, Slot, Unoffered};
use crate::domain::scheduling::takings::Takings;
use crate::store::setups::{self, Generation};
use crate::store::{Read, StoreError, takings};

/// Most businesses whose set-up and book are kept at once.
const BUSINESSES_MAX: usize = 256;
/// Most appointments of a business that are kept.
const TAKINGS_MAX: usize = 20_000;
/// How long something is kept at most.
const LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How far ahead the book is kept.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 70);
/// How far back the book is kept.
const BEHIND: SignedDuration = SignedDuration::from_hours(48);

/// What is kept, and how often it served.
#[derive(Debug, Default)]
pub struct Kept {
    /// `false`: nothing is kept.
    is_on: AtomicBool,
    businesses: Mutex<HashMap<BusinessRef, Entry>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone, Debug)]
struct Entry {
    generation: Generation,
    kept_at: Timestamp,
    setup: Arc<Setup>,
    /// The book within a window; `None`: not looked at yet.
    book: Option<Book>,
}

/// What is kept of a book.
#[derive(Clone, Debug)]
enum Book {
    /// What takes time within a window.
    Whole(Span, Arc<Takings>),
    /// It holds more than is kept: each question reads what it needs.
    TooLarge,
}

/// How often free times were found from what was kept, and how often from the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptStats {
    /// From what was kept.
    pub hits: u64,
    /// From the database.
    pub misses: u64,
}

impl Kept {
    /// Keeps things, or nothing at all.
    pub fn new(is_on: bool) -> Self {
        Self { is_on: AtomicBool::new(is_on), ..Self::default() }
    }

    /// Switches keeping on or off; off, nothing stays.
    pub fn switch(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::Relaxed);
        if !is_on {
            self.businesses.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// How often it served.
    pub fn stats(&self) -> KeptStats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KeptStats { hits: count(&self.hits), misses: count(&self.misses) }
    }

    /// A business's set-up, from memory if it holds, else from the database. For a reader: what it
    /// sees is committed, so it is kept.
    pub fn setup(
        &self,
        read: &Read<'_>,
        business: BusinessId,
        now: Timestamp,
    ) -> Result<Option<Arc<Setup>>, StoreError> {
        let Some(generation) = setups::generation(read, business)? else { return Ok(None) };
        if let Some(entry) = self.entry(business, generation, now) {
            return Ok(Some(entry.setup));
        }
        let Some(setup) = setups::load(read, business, now)? else { return Ok(None) };
        let setup = Arc::new(setup);
        self.keep(
            business,
            Entry { generation, kept_at: now, setup: Arc::clone(&setup), book: None },
        );
        Ok(Some(setup))
    }

    /// The same inside a write: nothing is kept, for what a write sees may never be committed.
    pub fn setup_in_write(
        &self,
        read: &Read<'_>,
        business: BusinessId,
        now: Timestamp,
    ) -> Result<Option<Arc<Setup>>, StoreError> {
        let Some(generation) = setups::generation(read, business)? else { return Ok(None) };
        if let Some(entry) = self.entry(business, generation, now) {
            return Ok(Some(entry.setup));
        }
        Ok(setups::load(read, business, now)?.map(Arc::new))
    }

    /// What takes a business's time within a window, from memory if it holds.
    pub fn takings(
        &self,
        read: &Read<'_>,
        business: BusinessId,
        window: Span,
        now: Timestamp,
    ) -> Result<Arc<Takings>, StoreError> {
        let load = |window| takings::takings(read, business, window, None).map(Arc::new);
        if !self.is_on() {
            return load(window);
        }
        let Some(generation) = setups::generation(read, business)? else { return load(window) };
        // The set-up goes with the book: without it nothing would be kept.
        let entry = match self.entry(business, generation, now) {
            Some(entry) => entry,
            None => {
                let Some(setup) = self.setup(read, business, now)? else { return load(window) };
                Entry { generation, kept_at: now, setup, book: None }
            }
        };
        let holds = entry.generation.book == generation.book;
        match &entry.book {
            Some(Book::Whole(kept, takings)) if holds && kept.contains(&window) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(Arc::clone(takings));
            }
            Some(Book::TooLarge) => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                return load(window);
            }
            Some(Book::Whole(..)) | None => {
                self.misses.fetch_add(1, Ordering::Relaxed);
            }
        }
        let behind = now.checked_sub(BEHIND).unwrap_or(Timestamp::MIN);
        let wide = Span::new(behind, now.checked_add(AHEAD).unwrap_or(Timestamp::MAX));
        let Some(wide) = wide.filter(|wide| wide.contains(&window)) else { return load(window) };
        let takings = load(wide)?;
        let fits = takings.count() <= TAKINGS_MAX;
        let book = if fits { Book::Whole(wide, Arc::clone(&takings)) } else { Book::TooLarge };
        self.keep(business, Entry { generation, book: Some(book), ..entry });
        Ok(takings)
    }

    /// What is kept of a business, if its set-up still holds.
    fn entry(&self, business: BusinessId, now: Generation, at: Timestamp) -> Option<Entry> {
        let businesses = self.businesses.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = businesses.get(&business.as_ref())?;
        let fresh = at.duration_since(entry.kept_at).abs() < LASTS;
        (fresh && entry.generation.setup == now.setup).then(|| entry.clone())
    }

    fn keep(&self, business: BusinessId, entry: Entry) {
        let mut businesses = self.businesses.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at under the lock: what is switched off is empty and stays so.
        if !self.is_on() {
            return;
        }
        if businesses.len() >= BUSINESSES_MAX && !businesses.contains_key(&business.as_ref()) {
            let oldest = businesses.iter().min_by_key(|(_, entry)| entry.kept_at);
            if let Some(oldest) = oldest.map(|(business, _)| *business) {
                businesses.remove(&oldest);
            }
        }
        businesses.insert(business.as_ref(), entry);
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The service.
    pub service: &'a Service,
    /// Where.
    pub branch: &'a Branch,
    /// With whom; anybody when `None`.
    pub staff: Option<StaffId>,
    /// Within what.
    pub window: Span,
}

impl App {
    /// Every free time of a search, in order.
    pub async fn free(
        &self,
        (business, setup): (BusinessId, &Arc<Setup>),
        search: Search<'_>,
        now: Timestamp,
    ) -> Result<Vec<Slot>, AppError> {
        let takings = self.takings(business, search, now).await?;
        Ok(with_plan(setup, &takings, search, now, |plan| slots::free(plan, search.window, now)))
    }

    /// Every time of a search that is not offered, with the reason.
    pub async fn explain(
        &self,
        (business, setup): (BusinessId, &Arc<Setup>),
        search: Search<'_>,
        now: Timestamp,
    ) -> Result<Vec<Unoffered>, AppError> {
        let takings = self.takings(business, search, now).await?;
        Ok(with_plan(setup, &takings, search, now, |plan| slots::explain(plan, search.window, now)))
    }

    /// Whether a start is free, or why not.
    pub async fn judge(
        &self,
        (business, setup): (BusinessId, &Arc<Setup>),
        search: Search<'_>,
        start: Timestamp,
    ) -> Result<Result<Slot, NotOffered>, AppError> {
        let now = self.clock.now();
        let takings = self.takings(business, search, now).await?;
        Ok(with_plan(setup, &takings, search, now, |plan| slots::judge(plan, start, now)))
    }

    async fn takings(
        &self,
        business: BusinessId,
        search: Search<'_>,
        now: Timestamp,
    ) -> Result<Arc<Takings>, AppError> {
        let (kept, window) = (Arc::clone(&self.kept), wide(search));
        let found = self.store.read(move |read| kept.takings(read, business, window, now));
        Ok(found.await?)
    }
}

/// Every free time of a search, in order, by what a write sees.
pub fn free_in_write(
    read: &Read<'_>,
    (business, setup): (BusinessId, &Setup),
    search: Search<'_>,
    now: Timestamp,
) -> Result<Vec<Slot>, StoreError> {
    let takings = takings_in_write(read, business, search, None)?;
    Ok(with_plan(setup, &takings, search, now, |plan| slots::free(plan, search.window, now)))
}

/// What takes time within a search's window, read inside a write.
pub fn takings_in_write(
    read: &Read<'_>,
    business: BusinessId,
    search: Search<'_>,
    apart_from: Option<AppointmentId>,
) -> Result<Takings, StoreError> {
    takings::takings(read, business, wide(search), apart_from)
}

/// Lays a search out and asks the engine.
pub fn with_plan<T>(
    setup: &Setup,
    takings: &Takings,
    search: Search<'_>,
    now: Timestamp,
    ask: impl FnOnce(&Plan<'_>) -> T,
) -> T {
    let Search { service, branch, staff, .. } = search;
    let resources = takings.resources(setup, service, branch.id, staff);
    let is_capped = service.rules.day_cap().is_some();
    let begun_ms =
        if is_capped { takings.begun_ms(service.id, branch.id, now) } else { Vec::new() };
    ask(&Plan {
        zone: &branch.zone,
        opening: &branch.opening,
        branch: branch.id,
        service: service.id,
        rules: &service.rules,
        resources: &resources,
        begun_ms: &begun_ms,
    })
}

/// The window of a search with what is kept free around its slots, over whole days where a cap or
/// a fair choice counts by the day.
fn wide(search: Search<'_>) -> Span {
    let rules = &search.service.rules;
    let by = |minutes: u16| SignedDuration::from_mins(i64::from(minutes));
    let start = search.window.start().checked_sub(by(rules.before_min())).unwrap_or(Timestamp::MIN);
    let end = search.window.end().checked_add(by(rules.after_min())).unwrap_or(Timestamp::MAX);
    let window = Span::new(start, end).unwrap_or(search.window);
    slots::whole_days(&search.branch.zone, window)
}
