//! Setting up a business: its hours, services, agents and numbers.
//!
//! Calls that came before their agent or number was claimed are claimed with it. Never gives an
//! agent or a number of one business to another.

use jiff::tz::TimeZone;

use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::{BusinessId, admit_operator};
use crate::domain::business::{self, Business, Service};
use crate::domain::ids::{BusinessRef, ServiceId};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::scheduling::rules::Rules;
use crate::store::businesses::{self, Agent};
use crate::store::calls;
use crate::store::{Lane, Read, StoreError};

/// A business and what hangs on it, as one step of set-up.
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    /// When it is open; `None` leaves it as it is.
    pub hours: Option<WeeklyHours>,
    /// What it offers, to be added.
    pub services: Vec<(String, Rules)>,
    /// Its agents, to be added.
    pub agents: Vec<Agent>,
    /// Its numbers, to be added.
    pub numbers: Vec<PhoneNumber>,
}

/// A business with what hangs on it.
pub struct WholeBusiness {
    /// The business.
    pub business: Business,
    /// When it is open.
    pub hours: WeeklyHours,
    /// What it offers.
    pub services: Vec<Service>,
    /// Its agents.
    pub agents: Vec<Agent>,
    /// Its numbers, E.164.
    pub numbers: Vec<String>,
}

impl App {
    /// Adds a business with what hangs on it, all or nothing.
    pub async fn add_business(
        &self,
        name: &str,
        zone: &str,
        set_up: SetUp,
    ) -> Result<Business, AppError> {
        let now = self.clock.now();
        let name = business::name(name)
            .ok_or_else(|| AppError::invalid("name", "must be 1 to 200 characters"))?;
        let zone = TimeZone::get(zone).ok().filter(|zone| zone.iana_name().is_some());
        let zone = zone.ok_or_else(|| {
            AppError::invalid("zone", "must be an IANA time zone, such as Europe/Berlin")
        })?;
        let business = Business { id: BusinessRef::new(now, random()), name, zone };
        let added = business.clone();
        let work = self.store.write(Lane::Urgent, move |write| {
            let alike = |known: &Business| known.name.to_lowercase() == added.name.to_lowercase();
            if businesses::list(write)?.iter().any(alike) {
                return Err(taken("business"));
            }
            businesses::add(write, &added, now).map_err(|error| exists(error, "business"))?;
            put(write, admit_operator(added.id), &set_up, now)
        });
        work.await?;
        Ok(business)
    }

    /// Adds to a business, all or nothing.
    pub async fn set_up(&self, business: BusinessId, set_up: SetUp) -> Result<(), AppError> {
        let now = self.clock.now();
        self.store.write(Lane::Urgent, move |write| put(write, business, &set_up, now)).await
    }

    /// Every business, for the operator.
    pub async fn businesses(&self) -> Result<Vec<Business>, AppError> {
        Ok(self.store.read(businesses::list).await?)
    }

    /// The business that the operator named, by id or name.
    pub async fn find_business(&self, named: &str) -> Result<BusinessId, AppError> {
        let all = self.businesses().await?;
        let wanted = named.trim().to_lowercase();
        let fits = |b: &&Business| b.id.to_string() == wanted || b.name.to_lowercase() == wanted;
        let mut found = all.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(admit_operator(only.id)),
            (Some(_), Some(_)) => {
                Err(AppError::invalid("business", "several have that name; say which by its id"))
            }
            (None, _) => Err(AppError::NotFound("business")),
        }
    }

    /// A business with what hangs on it.
    pub async fn business(&self, id: BusinessId) -> Result<WholeBusiness, AppError> {
        let question = move |read: &Read<'_>| {
            let Some(business) = businesses::show(read, id)? else { return Ok(None) };
            Ok(Some(WholeBusiness {
                business,
                hours: businesses::hours(read, id)?,
                services: businesses::services(read, id)?,
                agents: businesses::agents(read, id)?,
                numbers: businesses::numbers(read, id)?,
            }))
        };
        self.store.read(question).await?.ok_or(AppError::NotFound("business"))
    }
}

fn put(
    write: &mut crate::store::Write<'_>,
    business: BusinessId,
    set_up: &SetUp,
    now: jiff::Timestamp,
) -> Result<(), AppError> {
    if let Some(hours) = &set_up.hours {
        businesses::set_hours(write, business, hours)?;
    }
    for (name, rules) in &set_up.services {
        let name = business::name(name)
            .ok_or_else(|| AppError::invalid("service", "must be 1 to 200 characters"))?;
        let alike = |known: &Service| known.name.to_lowercase() == name.to_lowercase();
        if businesses::services(write, business)?.iter().any(alike) {
            return Err(taken("service"));
        }
        let id = ServiceId::new(now, random());
        let service = Service { id, name, rules: *rules };
        businesses::add_service(write, business, &service, now)
            .map_err(|error| exists(error, "service"))?;
    }
    for agent in &set_up.agents {
        if !businesses::add_agent(write, business, agent, now)? {
            return Err(AppError::Exists("the agent belongs to another business".to_owned()));
        }
        let id = &agent.provider_agent_id;
        calls::claim_by_agent(write, business, &agent.account, id)?;
    }
    for number in &set_up.numbers {
        if !businesses::add_number(write, business, number, now)? {
            return Err(AppError::Exists("the number belongs to another business".to_owned()));
        }
        calls::claim_by_number(write, business, number)?;
    }
    Ok(())
}

fn exists(error: StoreError, noun: &str) -> AppError {
    if let StoreError::Constraint(_) = error {
        return taken(noun);
    }
    error.into()
}

/// The database compares letters beyond ASCII by case; people do not.
fn taken(noun: &str) -> AppError {
    AppError::Exists(format!("there is a {noun} of that name already"))
}
