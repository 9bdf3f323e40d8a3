//! A business's own set-up: its branches, services and staff.
//!
//! Every change is checked against the business whole, in the write that makes it. Never removes
//! what appointments hang on; such a thing is switched off.

use std::sync::Arc;

use jiff::Timestamp;

use super::businesses::taken;
use super::{App, AppError, once};
use crate::clock::random;
use crate::domain::access::BusinessId;
use crate::domain::business::{
    self, ADDRESS_MAX_CHARS, BRANCHES_MAX, Branch, Named, PRICE_MICROS_MAX, SERVICES_MAX,
    SKILL_MAX_CHARS, SKILLS_MAX, STAFF_MAX, Service, Setup, Staff,
};
use crate::domain::ids::{BranchId, ServiceId, StaffId};
use crate::store::idempotency::Once;
use crate::store::{
    Lane, Read, StoreError, appointments, branches, hours, services, setups, staff,
};

impl App {
    /// A business whole.
    pub async fn setup_of(&self, business: BusinessId) -> Result<Arc<Setup>, AppError> {
        let (now, kept) = (self.clock.now(), Arc::clone(&self.kept));
        self.store.read(move |read| kept.setup(read, business, now)).await?.ok_or(MISSING)
    }

    /// Adds a branch.
    pub async fn add_branch(
        &self,
        business: BusinessId,
        branch: Branch,
        request: Option<Once>,
    ) -> Result<Branch, AppError> {
        let now = self.clock.now();
        let added = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            if let Some(made) = once::made(write, business, request.as_ref())? {
                return found(setup.branch(BranchId::from_uuid(made)), "branch");
            }
            full(setup.branches.len(), BRANCHES_MAX, "branches")?;
            let branch = Branch { id: BranchId::new(now, random()), ..branch };
            check_branch(&setup, &branch)?;
            branches::add(write, business, &branch, now)?;
            hours::set_branch_hours(write, business, branch.id, branch.opening.weekly())?;
            once::note(write, business, (request.as_ref(), branch.id.uuid()), now)?;
            Ok(branch)
        });
        added.await
    }

    /// Changes a branch by a function of what is known now.
    pub async fn change_branch(
        &self,
        business: BusinessId,
        id: BranchId,
        change: impl FnOnce(Branch) -> Result<Branch, AppError> + Send + 'static,
    ) -> Result<Branch, AppError> {
        let now = self.clock.now();
        let changed = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            let changed = change(found(setup.branch(id), "branch")?)?;
            check_branch(&setup, &changed)?;
            branches::update(write, business, &changed)?;
            hours::set_branch_hours(write, business, id, changed.opening.weekly())?;
            Ok(changed)
        });
        changed.await
    }

    /// Removes a branch that nothing hangs on. The last one stays.
    pub async fn remove_branch(&self, business: BusinessId, id: BranchId) -> Result<(), AppError> {
        let now = self.clock.now();
        let removed = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            if setup.branches.len() == 1 && setup.branch(id).is_some() {
                return Err(AppError::InUse("only branch"));
            }
            // Without its last branch a service would be offered everywhere.
            if setup.services.iter().any(|service| service.branches == [id]) {
                return Err(AppError::InUse("only branch of a service"));
            }
            gone(branches::remove(write, business, id), "branch")
        });
        removed.await
    }

    /// Adds a service.
    pub async fn add_service(
        &self,
        business: BusinessId,
        service: Service,
        request: Option<Once>,
    ) -> Result<Service, AppError> {
        let now = self.clock.now();
        let added = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            if let Some(made) = once::made(write, business, request.as_ref())? {
                return found(setup.service(ServiceId::from_uuid(made)), "service");
            }
            full(setup.services.len(), SERVICES_MAX, "services")?;
            let service = Service { id: ServiceId::new(now, random()), ..service };
            check_service(&setup, &service)?;
            services::add(write, business, &service, now)?;
            once::note(write, business, (request.as_ref(), service.id.uuid()), now)?;
            Ok(service)
        });
        added.await
    }

    /// Changes a service by a function of what is known now.
    pub async fn change_service(
        &self,
        business: BusinessId,
        id: ServiceId,
        change: impl FnOnce(Service) -> Result<Service, AppError> + Send + 'static,
    ) -> Result<Service, AppError> {
        let now = self.clock.now();
        let changed = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            let known = found(setup.service(id), "service")?;
            let was_staffed = known.staffed;
            let changed = change(known)?;
            check_service(&setup, &changed)?;
            // What is booked takes the time of whom it was booked with, and of nobody else.
            let switches = was_staffed != changed.staffed;
            if switches && appointments::any_ahead(write, business, id, now)? {
                let why = "cannot change while appointments of the service are ahead";
                return Err(AppError::invalid("staffed", why));
            }
            services::update(write, business, &changed)?;
            Ok(changed)
        });
        changed.await
    }

    /// Removes a service that nothing hangs on.
    pub async fn remove_service(
        &self,
        business: BusinessId,
        id: ServiceId,
    ) -> Result<(), AppError> {
        let removed = self.store.write(Lane::Urgent, move |write| {
            gone(services::remove(write, business, id), "service")
        });
        removed.await
    }

    /// Adds a staff member.
    pub async fn add_staff(
        &self,
        business: BusinessId,
        member: Staff,
        request: Option<Once>,
    ) -> Result<Staff, AppError> {
        let now = self.clock.now();
        let added = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            if let Some(made) = once::made(write, business, request.as_ref())? {
                return found(setup.staff_member(StaffId::from_uuid(made)), "staff member");
            }
            full(setup.staff.len(), STAFF_MAX, "staff")?;
            let member = Staff { id: StaffId::new(now, random()), ..member };
            check_staff(&setup, &member)?;
            staff::add(write, business, &member, now)?;
            once::note(write, business, (request.as_ref(), member.id.uuid()), now)?;
            Ok(member)
        });
        added.await
    }

    /// Changes a staff member by a function of what is known now.
    pub async fn change_staff(
        &self,
        business: BusinessId,
        id: StaffId,
        change: impl FnOnce(Staff) -> Result<Staff, AppError> + Send + 'static,
    ) -> Result<Staff, AppError> {
        let now = self.clock.now();
        let changed = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            let changed = change(found(setup.staff_member(id), "staff member")?)?;
            check_staff(&setup, &changed)?;
            staff::update(write, business, &changed)?;
            Ok(changed)
        });
        changed.await
    }

    /// Removes a staff member that nothing hangs on.
    pub async fn remove_staff(&self, business: BusinessId, id: StaffId) -> Result<(), AppError> {
        let now = self.clock.now();
        let removed = self.store.write(Lane::Urgent, move |write| {
            let setup = setup_in(write, business, now)?;
            // Without the last who may do it a service would be done by anybody.
            if setup.services.iter().any(|service| service.staff == [id]) {
                return Err(AppError::InUse("only one who does a service"));
            }
            gone(staff::remove(write, business, id), "staff member")
        });
        removed.await
    }
}

const MISSING: AppError = AppError::NotFound("business");

/// The business whole, as a write sees it.
pub(super) fn setup_in(
    read: &Read<'_>,
    business: BusinessId,
    now: Timestamp,
) -> Result<Setup, AppError> {
    setups::load(read, business, now)?.ok_or(MISSING)
}

fn check_branch(setup: &Setup, branch: &Branch) -> Result<(), AppError> {
    unique(&setup.branches, (&branch.name, branch.id.to_string()), "branch")?;
    let is_plain = !branch.address.chars().any(|c| c.is_control() && c != '\n');
    if branch.address.chars().count() > ADDRESS_MAX_CHARS || !is_plain {
        let why = format!("must be text of at most {ADDRESS_MAX_CHARS} characters");
        return Err(AppError::invalid("address", why));
    }
    Ok(())
}

fn check_service(setup: &Setup, service: &Service) -> Result<(), AppError> {
    unique(&setup.services, (&service.name, service.id.to_string()), "service")?;
    skills("skills", &service.skills)?;
    for id in &service.staff {
        known(setup.staff_member(*id), "staff")?;
    }
    for id in &service.branches {
        known(setup.branch(*id), "branches")?;
    }
    let asks_for_people = !service.skills.is_empty() || !service.staff.is_empty();
    if !service.staffed && asks_for_people {
        let why = "must be true for a service that asks for skills or staff";
        return Err(AppError::invalid("staffed", why));
    }
    if let Some(price) = &service.price {
        let code = price.currency.as_bytes();
        let is_code = code.len() == 3 && code.iter().all(u8::is_ascii_uppercase);
        if !is_code {
            return Err(AppError::invalid("currency", "must be three letters as in ISO 4217"));
        }
        if !(0..=PRICE_MICROS_MAX).contains(&price.micros) {
            let why = format!("must be from 0 to {PRICE_MICROS_MAX}");
            return Err(AppError::invalid("price_micros", why));
        }
    }
    Ok(())
}

fn check_staff(setup: &Setup, member: &Staff) -> Result<(), AppError> {
    unique(&setup.staff, (&member.name, member.id.to_string()), "staff member")?;
    skills("skills", &member.skills)?;
    for (place, one) in member.places.iter().enumerate() {
        known(setup.branch(one.branch), "branches")?;
        if member.places[..place].iter().any(|other| other.branch == one.branch) {
            return Err(AppError::invalid("branches", "names a branch twice"));
        }
    }
    Ok(())
}

fn skills(field: &'static str, all: &[String]) -> Result<(), AppError> {
    let fits = |one: &String| {
        business::name(one).as_ref() == Some(one) && one.chars().count() <= SKILL_MAX_CHARS
    };
    if all.len() > SKILLS_MAX || !all.iter().all(fits) {
        let why = format!("must be at most {SKILLS_MAX}, each 1 to {SKILL_MAX_CHARS} characters");
        return Err(AppError::invalid(field, why));
    }
    for (place, one) in all.iter().enumerate() {
        if all[..place].iter().any(|other| other.to_lowercase() == one.to_lowercase()) {
            return Err(AppError::invalid(field, "names one twice"));
        }
    }
    Ok(())
}

/// The database compares letters beyond ASCII by case; people do not.
fn unique<T: Named>(
    all: &[T],
    (name, own): (&str, String),
    noun: &'static str,
) -> Result<(), AppError> {
    if business::name(name).as_deref() != Some(name) {
        return Err(AppError::invalid("name", "must be 1 to 200 characters"));
    }
    let alike = |one: &T| one.name().to_lowercase() == name.to_lowercase() && one.id_text() != own;
    if all.iter().any(alike) { Err(taken(noun)) } else { Ok(()) }
}

fn known<T>(found: Option<T>, field: &'static str) -> Result<(), AppError> {
    found.map(|_| ()).ok_or_else(|| AppError::invalid(field, "names one that there is not"))
}

fn full(count: usize, most: usize, noun: &'static str) -> Result<(), AppError> {
    if count < most {
        return Ok(());
    }
    Err(AppError::Exists(format!("there are {most} {noun} already, more cannot be kept")))
}

fn found<T: Clone>(one: Option<&T>, noun: &'static str) -> Result<T, AppError> {
    one.cloned().ok_or(AppError::NotFound(noun))
}

/// The schema keeps what appointments hang on.
fn gone(removed: Result<bool, StoreError>, noun: &'static str) -> Result<(), AppError> {
    match removed {
        Ok(true) => Ok(()),
        Ok(false) => Err(AppError::NotFound(noun)),
        Err(StoreError::Constraint(_)) => Err(AppError::InUse(noun)),
        Err(error) => Err(error.into()),
    }
}
