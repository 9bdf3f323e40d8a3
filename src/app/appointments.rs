//! Appointments as the business itself changes and reads them, by the interface for programs.
//!
//! The same book and the same look inside the write as for callers. Only the business may book
//! against its own rules, knowingly, and is warned.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::availability::{Kept, Search};
use super::book::{Hand, Wish, setup};
use super::error::Unavailable;
use super::overview::Listing;
use super::{App, AppError, once};
use crate::domain::access::BusinessId;
use crate::domain::appointment::{Actor, Appointment, Change as Noted, Contact, Seat, Status};
use crate::domain::business::Setup;
use crate::domain::ids::AppointmentId;
use crate::domain::page::Limit;
use crate::domain::scheduling::book::{Change, Refusal};
use crate::domain::scheduling::choice::nearest;
use crate::domain::scheduling::interval::Span;
use crate::domain::scheduling::slots::NotOffered;
use crate::store::appointment_lists::{self, Filter};
pub use crate::store::appointment_lists::{
    After as AppointmentsAfter, Filter as AppointmentFilter,
};
use crate::store::idempotency::Once;
use crate::store::{Lane, Read, StoreError, Write, appointments, call_lists};

/// Most rows of one export.
pub const EXPORT_MAX: u32 = 50_000;
/// Most free starts told when a time cannot be had.
const ALTERNATIVES_MAX: usize = 5;
/// Days looked through for them.
const DAYS_ELSEWHERE: i64 = 14;

/// What happens when a time cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// It is refused.
    #[default]
    Refuse,
    /// It is booked all the same, with a warning.
    Warn,
}

/// Who asks, and whether it was asked before.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who.
    pub actor: Actor,
    /// The request's own key, when it has one.
    pub once: Option<Once>,
    /// When the appointment must have changed last for this to be done, if that is asked for.
    pub unchanged_since: Option<Timestamp>,
}

/// An appointment as it is now, and what stood in its way.
#[derive(Clone, Debug)]
pub struct Made {
    /// The appointment.
    pub appointment: Appointment,
    /// What it was booked against.
    pub warning: Option<NotOffered>,
}

impl App {
    /// A page of a business's appointments, the earliest first.
    pub async fn appointments(
        &self,
        business: BusinessId,
        filter: Filter,
        after: Option<AppointmentsAfter>,
        limit: Limit,
    ) -> Result<Listing<Appointment>, AppError> {
        let question = move |read: &Read<'_>| {
            let page = appointment_lists::list(read, business, filter, after, limit)?;
            Ok(Listing { page, total: call_lists::total(read, business, "appointments")? })
        };
        Ok(self.store.read(question).await?)
    }

    /// A business's appointments for a file, at most [`EXPORT_MAX`], with the business whole for
    /// their names.
    pub async fn export_appointments(
        &self,
        business: BusinessId,
        filter: Filter,
    ) -> Result<(Vec<Appointment>, Setup), AppError> {
        let now = self.clock.now();
        let question = move |read: &Read<'_>| {
            let rows = appointment_lists::rows(read, business, filter, (None, EXPORT_MAX + 1))?;
            Ok((rows, crate::store::setups::load(read, business, now)?))
        };
        let (rows, setup) = self.store.read(question).await?;
        if rows.len() > usize::try_from(EXPORT_MAX).unwrap_or(usize::MAX) {
            let why = format!("leaves more than {EXPORT_MAX} appointments; ask for less");
            return Err(AppError::invalid("to", why));
        }
        Ok((rows, setup.ok_or(AppError::NotFound("business"))?))
    }

    /// One appointment of a business.
    pub async fn appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
    ) -> Result<Appointment, AppError> {
        let found = self.store.read(move |read| appointments::find(read, business, id)).await?;
        found.ok_or(AppError::NotFound("appointment"))
    }

    /// The history of an appointment, first to last.
    pub async fn appointment_history(
        &self,
        business: BusinessId,
        id: AppointmentId,
    ) -> Result<Vec<Noted>, AppError> {
        let question = move |read: &Read<'_>| {
            let Some(_) = appointments::find(read, business, id)? else { return Ok(None) };
            appointment_lists::changes(read, business, id).map(Some)
        };
        self.store.read(question).await?.ok_or(AppError::NotFound("appointment"))
    }

    /// Books for somebody.
    pub async fn add_appointment(
        &self,
        business: BusinessId,
        (wish, contact): (Wish, Contact),
        policy: Policy,
        request: Request,
    ) -> Result<Made, AppError> {
        let (now, kept) = (self.clock.now(), Arc::clone(&self.kept));
        let written = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.once.as_ref())? {
                let found = appointments::find(write, business, AppointmentId::from_uuid(made))?;
                let appointment = found.ok_or(AppError::NotFound("appointment"))?;
                return Ok(Ok(Made { appointment, warning: None }));
            }
            let setup = known_setup(write, &kept, business, now)?;
            check_wish(&setup, &wish)?;
            let hand = Hand { business, setup: &setup, actor: request.actor, now };
            let made = match (hand.book(write, &wish, &contact, None)?, policy) {
                (Ok(appointment), _) => Made { appointment, warning: None },
                (Err(Refusal::NotOffered(reason)), Policy::Warn)
                    if reason != NotOffered::InThePast =>
                {
                    let (appointment, twice) = hand.book_anyway(write, &wish, &contact)?;
                    // That somebody is booked twice is what matters most.
                    let reason = if twice { NotOffered::Taken } else { reason };
                    Made { appointment, warning: Some(reason) }
                }
                (Err(refusal), _) => return Ok(Err(refusal)),
            };
            let id = made.appointment.id.uuid();
            once::note(write, business, (request.once.as_ref(), id), now)?;
            Ok(Ok(made))
        });
        let made: Result<_, AppError> = written.await;
        match made? {
            Ok(made) => Ok(made),
            Err(refusal) => Err(self.refusal(business, &wish, refusal).await?),
        }
    }

    /// Moves an appointment to another time, and to somebody else when that is wished for.
    pub async fn move_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
        (start, staff): (Timestamp, Option<crate::domain::ids::StaffId>),
        request: Request,
    ) -> Result<Appointment, AppError> {
        let (now, kept) = (self.clock.now(), Arc::clone(&self.kept));
        let written = self.store.write(Lane::Urgent, move |write| {
            let own = own(write, business, id, &request)?;
            let setup = known_setup(write, &kept, business, now)?;
            let (service, branch) = (own.seat.service, own.seat.branch);
            let wish = Wish { service, branch, staff, rather: own.seat.staff, start };
            check_staff(&setup, &wish)?;
            let hand = Hand { business, setup: &setup, actor: request.actor, now };
            Ok((hand.move_to(write, &own, &wish)?, wish))
        });
        let moved: Result<_, AppError> = written.await;
        match moved? {
            (Ok(moved), _) => Ok(moved),
            (Err(refusal), wish) => Err(self.refusal(business, &wish, refusal).await?),
        }
    }

    /// Calls off, completes, or notes that nobody came.
    pub async fn end_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
        change: Change<Seat>,
        request: Request,
    ) -> Result<Appointment, AppError> {
        let (now, kept) = (self.clock.now(), Arc::clone(&self.kept));
        let written = self.store.write(Lane::Urgent, move |write| {
            let own = own(write, business, id, &request)?;
            let setup = known_setup(write, &kept, business, now)?;
            let hand = Hand { business, setup: &setup, actor: request.actor, now };
            hand.end(write, &own, change)?.map_err(settled)
        });
        written.await
    }

    /// Corrects whom an appointment is for.
    pub async fn correct_appointment(
        &self,
        business: BusinessId,
        id: AppointmentId,
        change: impl FnOnce(Contact) -> Result<Contact, AppError> + Send + 'static,
        request: Request,
    ) -> Result<Appointment, AppError> {
        let (now, kept) = (self.clock.now(), Arc::clone(&self.kept));
        let written = self.store.write(Lane::Urgent, move |write| {
            let own = own(write, business, id, &request)?;
            let setup = known_setup(write, &kept, business, now)?;
            let hand = Hand { business, setup: &setup, actor: request.actor, now };
            let contact = change(own.contact.clone())?;
            if contact == own.contact {
                return Ok(own);
            }
            Ok(hand.correct(write, &own, &contact)?)
        });
        written.await
    }

    /// A refused change with what stands in its way and what is free near by.
    async fn refusal(
        &self,
        business: BusinessId,
        wish: &Wish,
        refusal: Refusal,
    ) -> Result<AppError, AppError> {
        let Refusal::NotOffered(reason) = refusal else { return Ok(settled(refusal)) };
        let setup = self.setup_of(business).await?;
        let found = setup.service(wish.service).zip(setup.branch(wish.branch));
        let Some((service, branch)) = found else { return Err(AppError::NotFound("service")) };
        let now = self.clock.now();
        let before = wish.start.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
        let after = wish.start.checked_add(SignedDuration::from_hours(24 * DAYS_ELSEWHERE));
        let window = Span::new(before.max(now), after.unwrap_or(Timestamp::MAX));
        let mut alternatives = Vec::new();
        if let Some(window) = window {
            let search = Search { service, branch, staff: wish.staff, window };
            let free = self.free((business, &setup), search, now).await?;
            let near = nearest(&free, wish.start, ALTERNATIVES_MAX);
            alternatives = near.into_iter().map(|slot| slot.span.start()).collect();
        }
        let lasts = SignedDuration::from_mins(i64::from(service.rules.duration_min()));
        let (wish, staffed) = (*wish, service.staffed);
        let conflicts =
            self.store.read(move |read| conflicts(read, business, &wish, (lasts, staffed))).await?;
        Ok(AppError::NotOffered(Box::new(Unavailable { reason, conflicts, alternatives })))
    }
}

/// Appointments that share time with a wish and whose time it could take.
fn conflicts(
    read: &Read<'_>,
    business: BusinessId,
    wish: &Wish,
    (lasts, staffed): (SignedDuration, bool),
) -> Result<Vec<AppointmentId>, StoreError> {
    let end = wish.start.checked_add(lasts).unwrap_or(Timestamp::MAX);
    let from = wish.start.checked_sub(SignedDuration::from_hours(25)).ok();
    let filter = Filter {
        from,
        to: Some(end),
        status: Some(Status::Confirmed),
        branch: Some(wish.branch),
        ..Filter::default()
    };
    let near = appointment_lists::rows(read, business, filter, (None, 1_000))?;
    let meets = |one: &&Appointment| {
        wish.start < one.seat.span.end()
            && one.seat.staff.is_some() == staffed
            && wish.staff.is_none_or(|staff| one.seat.staff == Some(staff))
    };
    Ok(near.iter().filter(meets).map(|one| one.id).take(10).collect())
}

/// The appointment that is to be changed, unchanged since it was read if that is asked for.
fn own(
    write: &Write<'_>,
    business: BusinessId,
    id: AppointmentId,
    request: &Request,
) -> Result<Appointment, AppError> {
    let own = appointments::find(write, business, id)?;
    let own = own.ok_or(AppError::NotFound("appointment"))?;
    match request.unchanged_since {
        Some(read_at) if read_at != own.updated_at => Err(AppError::Changed),
        Some(_) | None => Ok(own),
    }
}

fn known_setup(
    write: &Write<'_>,
    kept: &Kept,
    business: BusinessId,
    now: Timestamp,
) -> Result<Arc<Setup>, AppError> {
    setup(write, kept, business, now)?.ok_or(AppError::NotFound("business"))
}

fn check_wish(setup: &Setup, wish: &Wish) -> Result<(), AppError> {
    let none = "names one that there is not";
    let service = setup.service(wish.service).filter(|service| service.active);
    let service = service.ok_or_else(|| AppError::invalid("service_id", none))?;
    let branch = setup.branches_for(Some(service)).find(|branch| branch.id == wish.branch);
    branch.ok_or_else(|| AppError::invalid("branch_id", none))?;
    check_staff(setup, wish)
}

/// Whoever is named does the service at the branch.
fn check_staff(setup: &Setup, wish: &Wish) -> Result<(), AppError> {
    let Some(staff) = wish.staff else { return Ok(()) };
    let does = setup.service(wish.service).is_some_and(|service| {
        let able = setup.staff_for(service, wish.branch);
        service.staffed && able.iter().any(|(one, _)| one.id == staff)
    });
    if does {
        return Ok(());
    }
    Err(AppError::invalid("staff_id", "does not do this service there"))
}

fn settled(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::NotOffered(reason) => AppError::NotOffered(Box::new(Unavailable {
            reason,
            conflicts: Vec::new(),
            alternatives: Vec::new(),
        })),
        Refusal::Gone => AppError::NotFound("appointment"),
        Refusal::Cancelled => AppError::Settled("cancelled"),
        Refusal::Over => AppError::Settled("over"),
        Refusal::Ahead => AppError::Settled("still ahead"),
    }
}
