//! The waiting list: joined, shown, and served in turn when a time becomes free.
//!
//! A freed time is offered first to whoever waits longest and whom it fits, and after a while to the
//! next. It stays free for everybody: an offer reserves nothing. Never books for anybody, and never
//! tells anybody: the event says whom to tell.

use jiff::{SignedDuration, Timestamp};

use super::availability::{Search, takings_in_write, with_plan};
use super::schedule::setup_in;
use super::{App, AppError, once};
use crate::clock::random;
use crate::domain::access::{BusinessId, admit_job};
use crate::domain::event::EventKind;
use crate::domain::ids::{BusinessRef, JobId, WaitingId};
use crate::domain::job::Job;
use crate::domain::page::{Limit, Page};
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::judge;
use crate::domain::waiting::{
    Freed, OFFER_LASTS, WAITING_MAX, Waiting, WaitingState, next_in_turn,
};
use crate::store::idempotency::Once;
pub use crate::store::waiting::After as WaitingAfter;
use crate::store::{Lane, StoreError, Write, appointments, events, jobs, waiting};

impl App {
    /// A page of a business's waiting list, the newest first.
    pub async fn waiting_list(
        &self,
        business: BusinessId,
        after: Option<WaitingAfter>,
        limit: Limit,
    ) -> Result<Page<Waiting>, AppError> {
        Ok(self.store.read(move |read| waiting::list(read, business, after, limit)).await?)
    }

    /// One entry of a business's waiting list.
    pub async fn waiting_entry(
        &self,
        business: BusinessId,
        id: WaitingId,
    ) -> Result<Waiting, AppError> {
        let found = self.store.read(move |read| waiting::find(read, business, id)).await?;
        found.ok_or(AppError::NotFound("waiting entry"))
    }

    /// Adds somebody to the waiting list.
    pub async fn add_waiting(
        &self,
        business: BusinessId,
        entry: Waiting,
        request: Option<Once>,
    ) -> Result<Waiting, AppError> {
        let now = self.clock.now();
        let added = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let found = waiting::find(write, business, WaitingId::from_uuid(made))?;
                return found.ok_or(AppError::NotFound("waiting entry"));
            }
            let setup = setup_in(write, business, now)?;
            let none = "names one that there is not";
            setup.service(entry.service).ok_or_else(|| AppError::invalid("service_id", none))?;
            let branch_is_there = entry.branch.is_none_or(|id| setup.branch(id).is_some());
            let staff_is_there = entry.staff.is_none_or(|id| setup.staff_member(id).is_some());
            if !branch_is_there {
                return Err(AppError::invalid("branch_id", none));
            }
            if !staff_is_there {
                return Err(AppError::invalid("staff_id", none));
            }
            if waiting::count(write, business, entry.service, now)? >= WAITING_MAX {
                let why = format!("{WAITING_MAX} wait already, more cannot be kept");
                return Err(AppError::Exists(why));
            }
            let id = WaitingId::new(now, random());
            let entry = Waiting { id, created_at: now, updated_at: now, ..entry };
            waiting::add(write, business, &entry)?;
            once::note(write, business, (request.as_ref(), id.uuid()), now)?;
            Ok(entry)
        });
        added.await
    }

    /// Changes where an entry stands: booked by now, or waiting no more.
    pub async fn end_waiting(
        &self,
        business: BusinessId,
        id: WaitingId,
        state: WaitingState,
    ) -> Result<Waiting, AppError> {
        let changed = self.store.write(Lane::Urgent, move |write| {
            let known = waiting::find(write, business, id)?;
            let known = known.ok_or(AppError::NotFound("waiting entry"))?;
            waiting::set_state(write, business, id, (state, known.offer))?;
            let changed = waiting::find(write, business, id)?;
            changed.ok_or(AppError::NotFound("waiting entry"))
        });
        changed.await
    }

    /// Offers a time that became free to the next in turn, and ends the job. When they let it pass
    /// the next is asked.
    pub async fn offer_freed(
        &self,
        job: JobId,
        business: BusinessRef,
        freed: Freed,
    ) -> Result<(), AppError> {
        // The job was added in a write on this business's own book.
        let business = admit_job(business);
        let now = self.clock.now();
        let offered = self.store.write(Lane::Background, move |write| {
            let again = offer_next(write, business, &freed, now)?;
            jobs::done(write, job)?;
            if let Some(at) = again {
                let (business, start_ms) = (business.as_ref(), freed.start.as_millisecond());
                let Freed { service, branch, staff, .. } = freed;
                let next = Job::OfferFreed { business, service, branch, staff, start_ms };
                jobs::add(write, next, at, now)?;
            }
            Ok::<_, AppError>(())
        });
        offered.await
    }

    /// Removes holds that ran out long ago; they take no time any more.
    pub async fn forget_holds(&self) -> Result<(), AppError> {
        let day = SignedDuration::from_hours(24);
        let before = self.clock.now().checked_sub(day).unwrap_or(Timestamp::MIN);
        loop {
            let forgotten: Result<usize, StoreError> = self
                .store
                .write(Lane::Background, move |write| {
                    appointments::forget_holds(write, before, FORGOTTEN_MAX)
                })
                .await;
            if forgotten? < usize::try_from(FORGOTTEN_MAX).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }
}

/// Most holds removed in one write.
const FORGOTTEN_MAX: u32 = 500;

/// Offers a freed time to the next in turn. Returns when to look again: once they let it pass.
fn offer_next(
    write: &mut Write<'_>,
    business: BusinessId,
    freed: &Freed,
    now: Timestamp,
) -> Result<Option<Timestamp>, AppError> {
    let start = freed.start;
    if start <= now || !is_free(write, business, freed, now)? {
        return Ok(None);
    }
    let entries = waiting::in_turn(write, business, freed.service, (now, WAITING_MAX))?;
    let Some(next) = next_in_turn(&entries, freed, now) else { return Ok(None) };
    let until = now.checked_add(OFFER_LASTS).unwrap_or(Timestamp::MAX).min(start);
    let offer = (WaitingState::Offered, Some((start, until)));
    waiting::set_state(write, business, next.id, offer)?;
    events::note(write, business, (EventKind::WaitingOffered, next.id.uuid()), now)?;
    Ok(Some(until))
}

fn is_free(
    write: &Write<'_>,
    business: BusinessId,
    freed: &Freed,
    now: Timestamp,
) -> Result<bool, AppError> {
    let setup = setup_in(write, business, now)?;
    let found = setup.service(freed.service).zip(setup.branch(freed.branch));
    let Some((service, branch)) = found else { return Ok(false) };
    let minutes = i64::from(service.rules.duration_min());
    let end = freed.start.checked_add(SignedDuration::from_mins(minutes));
    let window = Span::new(freed.start, end.unwrap_or(Timestamp::MAX));
    let Some(window) = window else { return Ok(false) };
    let search = Search { service, branch, staff: freed.staff, window };
    let takings = takings_in_write(write, business, search, None)?;
    let verdict = with_plan(&setup, &takings, search, now, |plan| judge(plan, freed.start, now));
    Ok(verdict.is_ok())
}
