//! Setting up a business with all that it needs to begin: a branch with its hours, services, agents
//! and numbers.
//!
//! Calls that came before their agent or number was claimed are claimed with it. Never gives an
//! agent or a number of one business to another.

use jiff::tz::TimeZone;

use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::{BusinessId, admit_operator};
use crate::domain::business::{self, Branch, Business, Service, Setup};
use crate::domain::contact::Region;
use crate::domain::ids::{BranchId, BusinessRef, ServiceId};
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::scheduling::opening::Opening;
use crate::domain::scheduling::rules::Rules;
use crate::store::businesses::{self, Agent};
use crate::store::{Lane, Read, StoreError, branches, calls, hours, services, setups};

/// A business and what hangs on it, as one step of set-up.
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    /// When its only branch is open; `None` leaves it as it is.
    pub hours: Option<WeeklyHours>,
    /// What callers are answered in; `None` leaves it as it is.
    pub language: Option<Language>,
    /// Where numbers without a country code are read; `None` leaves it as it is.
    pub region: Option<Region>,
    /// What it offers, to be added.
    pub services: Vec<(String, Rules)>,
    /// Its agents, to be added.
    pub agents: Vec<Agent>,
    /// Its numbers, to be added.
    pub numbers: Vec<PhoneNumber>,
}

/// A business with what hangs on it.
pub struct WholeBusiness {
    /// The business, its branches, services and staff.
    pub setup: Setup,
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
        let (id, language) = (BusinessRef::new(now, random()), set_up.language.unwrap_or_default());
        let business = Business { id, name, zone, language, region: set_up.region };
        let added = business.clone();
        let work = self.store.write(Lane::Urgent, move |write| {
            let alike = |known: &Business| known.name.to_lowercase() == added.name.to_lowercase();
            if businesses::list(write)?.iter().any(alike) {
                return Err(taken("business"));
            }
            businesses::add(write, &added, now).map_err(|error| exists(error, "business"))?;
            let owner = admit_operator(added.id);
            branches::add(write, owner, &first_branch(&added, now), now)?;
            put(write, owner, &set_up, now)
        });
        work.await?;
        Ok(business)
    }

    /// Adds to a business, all or nothing.
    pub async fn set_up(&self, business: BusinessId, set_up: SetUp) -> Result<(), AppError> {
        let now = self.clock.now();
        self.store.write(Lane::Urgent, move |write| put(write, business, &set_up, now)).await
    }

    /// Changes a business by a function of what is known now.
    pub async fn change_business(
        &self,
        id: BusinessId,
        change: impl FnOnce(Business) -> Result<Business, AppError> + Send + 'static,
    ) -> Result<Business, AppError> {
        let changed = self.store.write(Lane::Urgent, move |write| {
            let known = businesses::show(write, id)?.ok_or(AppError::NotFound("business"))?;
            let changed = change(known)?;
            let name = business::name(&changed.name)
                .ok_or_else(|| AppError::invalid("name", "must be 1 to 200 characters"))?;
            let alike = |known: &Business| {
                known.id != changed.id && known.name.to_lowercase() == name.to_lowercase()
            };
            if businesses::list(write)?.iter().any(alike) {
                return Err(taken("business"));
            }
            let changed = Business { name, ..changed };
            businesses::update(write, id, &changed)?;
            Ok(changed)
        });
        changed.await
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
    pub async fn business_exists(&self, id: BusinessId) -> Result<(), AppError> {
        let found = self.store.read(move |read| businesses::show(read, id)).await?;
        found.map(drop).ok_or(AppError::NotFound("business"))
    }

    /// A business with its agents and numbers.
    pub async fn business(&self, id: BusinessId) -> Result<WholeBusiness, AppError> {
        let now = self.clock.now();
        let question = move |read: &Read<'_>| {
            let Some(setup) = setups::load(read, id, now)? else { return Ok(None) };
            Ok(Some(WholeBusiness {
                setup,
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
    if set_up.language.is_some() || set_up.region.is_some() {
        let known = businesses::show(write, business)?.ok_or(AppError::NotFound("business"))?;
        let language = set_up.language.unwrap_or(known.language);
        let region = set_up.region.or(known.region);
        businesses::update(write, business, &Business { language, region, ..known })?;
    }
    if let Some(weekly) = &set_up.hours {
        let [branch] = branches::all(write, business)?.try_into().map_err(|_| {
            AppError::invalid("branch", "there are several branches; say whose hours these are")
        })?;
        let branch: Branch = branch;
        hours::set_branch_hours(write, business, branch.id, weekly)?;
    }
    for (name, rules) in &set_up.services {
        let name = business::name(name)
            .ok_or_else(|| AppError::invalid("service", "must be 1 to 200 characters"))?;
        let alike = |known: &Service| known.name.to_lowercase() == name.to_lowercase();
        if services::all(write, business)?.iter().any(alike) {
            return Err(taken("service"));
        }
        services::add(write, business, &plain_service(name, *rules, now), now)
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

/// A business begins with one branch of its own name.
fn first_branch(business: &Business, now: jiff::Timestamp) -> Branch {
    Branch {
        id: BranchId::new(now, random()),
        name: business.name.clone(),
        zone: business.zone.clone(),
        address: String::new(),
        phone: None,
        active: true,
        opening: Opening::default(),
    }
}

/// A service that takes the branch's own time and asks for nobody.
fn plain_service(name: String, rules: Rules, now: jiff::Timestamp) -> Service {
    Service {
        id: ServiceId::new(now, random()),
        name,
        rules,
        staffed: false,
        price: None,
        active: true,
        skills: Vec::new(),
        staff: Vec::new(),
        branches: Vec::new(),
    }
}

pub(super) fn exists(error: StoreError, noun: &str) -> AppError {
    if let StoreError::Constraint(_) = error {
        return taken(noun);
    }
    error.into()
}

/// The database compares letters beyond ASCII by case; people do not.
pub(super) fn taken(noun: &str) -> AppError {
    AppError::Exists(format!("there is a {noun} of that name already"))
}
