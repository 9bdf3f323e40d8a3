//! Customers: found or made when somebody books, shown and corrected by the business.
//!
//! Two are made one only by the rule of `domain/customer`, or when the business says so.

use jiff::Timestamp;

use super::{App, AppError, once};
use crate::clock::random;
use crate::domain::access::BusinessId;
use crate::domain::appointment::NOTES_MAX_CHARS;
use crate::domain::customer::{Customer, Match, Told, learn, who};
use crate::domain::ids::CustomerId;
use crate::domain::page::{Limit, Page};
pub use crate::store::customers::After as CustomersAfter;
use crate::store::idempotency::Once;
use crate::store::{Lane, StoreError, Write, customers};

/// Finds who is meant, or makes them when nobody is known, and notes what was told. `None` when
/// nothing was told to know somebody by, or when several could be meant.
pub fn link(
    write: &mut Write<'_>,
    business: BusinessId,
    told: &Told,
    now: Timestamp,
) -> Result<Option<CustomerId>, StoreError> {
    if told.phone.is_none() && told.email.is_none() {
        return Ok(None);
    }
    let known = customers::alike(write, business, told)?;
    match who(&known, told) {
        Match::Several(_) => Ok(None),
        Match::One(id) => {
            let one = known.iter().find(|one| one.id == id);
            let learnt = one.map(|one| Customer { updated_at: now, ..learn(one, told) });
            if let (Some(learnt), Some(one)) = (learnt, one) {
                let news = Customer { updated_at: one.updated_at, ..learnt.clone() } != *one;
                if news {
                    customers::update(write, business, &learnt)?;
                }
            }
            Ok(Some(id))
        }
        Match::Nobody => {
            let made = new_customer(told, now);
            customers::add(write, business, &made)?;
            Ok(Some(made.id))
        }
    }
}

/// The words of two, as far as there is room.
fn joined(one: &str, other: &str) -> String {
    let gap = if one.is_empty() || other.is_empty() { "" } else { "\n" };
    format!("{one}{gap}{other}").chars().take(NOTES_MAX_CHARS).collect()
}

fn new_customer(told: &Told, now: Timestamp) -> Customer {
    Customer {
        id: CustomerId::new(now, random()),
        name: told.name.clone(),
        phone: told.phone.clone(),
        email: told.email.clone(),
        language: None,
        notes: String::new(),
        created_at: now,
        updated_at: now,
    }
}

impl App {
    /// A page of a business's customers, the newest first.
    pub async fn customers(
        &self,
        business: BusinessId,
        after: Option<CustomersAfter>,
        limit: Limit,
    ) -> Result<Page<Customer>, AppError> {
        let found = self.store.read(move |read| customers::list(read, business, after, limit));
        Ok(found.await?)
    }

    /// Those known under a number or an address, as far as a caller would be matched.
    pub async fn customers_alike(
        &self,
        business: BusinessId,
        told: Told,
    ) -> Result<Vec<Customer>, AppError> {
        Ok(self.store.read(move |read| customers::alike(read, business, &told)).await?)
    }

    /// One customer of a business.
    pub async fn customer(
        &self,
        business: BusinessId,
        id: CustomerId,
    ) -> Result<Customer, AppError> {
        let found = self.store.read(move |read| customers::find(read, business, id)).await?;
        found.ok_or(AppError::NotFound("customer"))
    }

    /// Adds a customer as the business says; nobody is looked for.
    pub async fn add_customer(
        &self,
        business: BusinessId,
        customer: Customer,
        request: Option<Once>,
    ) -> Result<Customer, AppError> {
        let now = self.clock.now();
        let made = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let found = customers::find(write, business, CustomerId::from_uuid(made))?;
                return found.ok_or(AppError::NotFound("customer"));
            }
            let made = Customer { id: CustomerId::new(now, random()), created_at: now, ..customer };
            let made = Customer { updated_at: now, ..made };
            customers::add(write, business, &made)?;
            once::note(write, business, (request.as_ref(), made.id.uuid()), now)?;
            Ok(made)
        });
        made.await
    }

    /// Changes a customer by a function of what is known now.
    pub async fn change_customer(
        &self,
        business: BusinessId,
        id: CustomerId,
        change: impl FnOnce(Customer) -> Result<Customer, AppError> + Send + 'static,
    ) -> Result<Customer, AppError> {
        let now = self.clock.now();
        let changed = self.store.write(Lane::Urgent, move |write| {
            let known = customers::find(write, business, id)?;
            let known = known.ok_or(AppError::NotFound("customer"))?;
            let changed = Customer { updated_at: now, ..change(known)? };
            customers::update(write, business, &changed)?;
            Ok(changed)
        });
        changed.await
    }

    /// Makes one customer of two, as the business says.
    pub async fn merge_customers(
        &self,
        business: BusinessId,
        (into, from): (CustomerId, CustomerId),
    ) -> Result<Customer, AppError> {
        if into == from {
            return Err(AppError::invalid("from", "must be another customer"));
        }
        let now = self.clock.now();
        let merged = self.store.write(Lane::Urgent, move |write| {
            let missing = AppError::NotFound("customer");
            let kept = customers::find(write, business, into)?;
            let gone = customers::find(write, business, from)?;
            let Some((kept, gone)) = kept.zip(gone) else { return Err(missing) };
            let language = kept.language.or(gone.language);
            let notes = joined(&kept.notes, &gone.notes);
            let told = Told { name: gone.name, phone: gone.phone, email: gone.email };
            let merged = Customer { language, notes, updated_at: now, ..learn(&kept, &told) };
            customers::merge(write, business, (into, from))?;
            customers::update(write, business, &merged)?;
            Ok(merged)
        });
        merged.await
    }
}
