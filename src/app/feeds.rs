//! Calendars that any calendar program can read by a secret address.
//!
//! Only the digest of the secret is kept. Never shows a secret a second time.

use jiff::{SignedDuration, Timestamp};

use super::schedule::setup_in;
use super::{App, AppError, once};
use crate::clock::random;
use crate::crypto::digest::{hex, sha256};
use crate::domain::access::{BusinessId, admit_feed};
use crate::domain::appointment::{Appointment, Status};
use crate::domain::business::Setup;
use crate::domain::ids::{FeedId, StaffId};
use crate::store::appointment_lists::{self, Filter};
pub use crate::store::feeds::Feed as FeedView;
use crate::store::feeds::{self, Feed};
use crate::store::idempotency::Once;
use crate::store::{Lane, Read, setups};

/// Most calendars of one business.
const FEEDS_MAX: usize = 200;
/// Most appointments in one calendar.
const ROWS_MAX: u32 = 10_000;
/// How far back a calendar goes.
const BEHIND: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Digits of a secret: 128 bits.
const SECRET_DIGITS: usize = 32;

/// What a calendar holds.
pub struct Contents {
    /// The business whole, for names and places.
    pub setup: Setup,
    /// Of whom it is, when of one staff member.
    pub staff: Option<StaffId>,
    /// The appointments, by start.
    pub appointments: Vec<Appointment>,
}

impl App {
    /// Makes a calendar of a business or of one of its staff. The returned secret is shown once.
    pub async fn add_feed(
        &self,
        business: BusinessId,
        staff: Option<StaffId>,
        request: Option<Once>,
    ) -> Result<(Feed, Option<String>), AppError> {
        let now = self.clock.now();
        let secret = hex(&random::<16>());
        let digest = sha256(&[secret.as_bytes()]);
        let added = self.store.write(Lane::Urgent, move |write| {
            let all = feeds::all(write, business, FEEDS_MAX)?;
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let found = all.into_iter().find(|feed| feed.id.uuid() == made);
                return Ok((found.ok_or(AppError::NotFound("feed"))?, false));
            }
            if all.len() >= FEEDS_MAX {
                let why = format!("there are {FEEDS_MAX} already, more cannot be kept");
                return Err(AppError::Exists(why));
            }
            let setup = setup_in(write, business, now)?;
            if staff.is_some_and(|staff| setup.staff_member(staff).is_none()) {
                return Err(AppError::invalid("staff_id", "names one that there is not"));
            }
            let feed = Feed { id: FeedId::new(now, random()), staff, created_at: now };
            feeds::add(write, business, &feed, &digest)?;
            once::note(write, business, (request.as_ref(), feed.id.uuid()), now)?;
            Ok((feed, true))
        });
        let (feed, is_new) = added.await?;
        Ok((feed, is_new.then_some(secret)))
    }

    /// The calendars of a business.
    pub async fn feeds(&self, business: BusinessId) -> Result<Vec<Feed>, AppError> {
        Ok(self.store.read(move |read| feeds::all(read, business, FEEDS_MAX)).await?)
    }

    /// Takes a calendar back: its address shows nothing any more.
    pub async fn remove_feed(&self, business: BusinessId, id: FeedId) -> Result<(), AppError> {
        let removed = self.store.write(Lane::Urgent, move |write| {
            let found = feeds::remove(write, business, id)?;
            if found { Ok(()) } else { Err(AppError::NotFound("feed")) }
        });
        removed.await
    }

    /// What the calendar of a secret holds.
    pub async fn feed_contents(&self, secret: &str) -> Result<Contents, AppError> {
        let missing = || AppError::NotFound("calendar");
        if secret.len() != SECRET_DIGITS {
            return Err(missing());
        }
        let (digest, now) = (sha256(&[secret.as_bytes()]), self.clock.now());
        let question = move |read: &Read<'_>| {
            let Some((business, staff)) = feeds::find(read, &digest)? else { return Ok(None) };
            // The secret is the right: it names this business and nothing else.
            let business = admit_feed(business);
            let from = now.checked_sub(BEHIND).unwrap_or(Timestamp::MIN);
            let filter = Filter { from: Some(from), staff, ..Filter::default() };
            let rows = appointment_lists::rows(read, business, filter, (None, ROWS_MAX))?;
            let Some(setup) = setups::load(read, business, now)? else { return Ok(None) };
            let appointments = rows.into_iter().filter(|one| one.status != Status::NoShow);
            Ok(Some(Contents { setup, staff, appointments: appointments.collect() }))
        };
        self.store.read(question).await?.ok_or_else(missing)
    }
}
