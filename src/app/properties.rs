//! What calls can be about: added, changed, removed, and the calls about each.
//!
//! Never touches another business's.

use super::once::{self, Once};
use super::overview::CallView;
use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::BusinessId;
use crate::domain::ids::{CallId, PropertyId};
use crate::domain::page::{Limit, Page};
use crate::domain::property::Property;
use crate::store::call_lists::After;
pub use crate::store::properties::After as PropertiesAfter;
use crate::store::{Lane, call_lists, calls, properties};

/// What is written of a property; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PropertyFields {
    /// The business's own number for it.
    pub reference: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Free words.
    pub notes: Option<String>,
}

impl PropertyFields {
    fn onto(self, mut property: Property) -> Result<Property, AppError> {
        let set = |old: &mut String, new: Option<String>| {
            if let Some(new) = new {
                new.trim().clone_into(old);
            }
        };
        set(&mut property.reference, self.reference);
        set(&mut property.title, self.title);
        set(&mut property.address, self.address);
        set(&mut property.notes, self.notes);
        match property.fault() {
            None => Ok(property),
            Some((field, why)) => Err(AppError::invalid(field, why)),
        }
    }
}

impl App {
    /// A page of a business's properties, the newest first.
    pub async fn properties(
        &self,
        business: BusinessId,
        after: Option<PropertiesAfter>,
        limit: Limit,
    ) -> Result<Page<Property>, AppError> {
        Ok(self.store.read(move |read| properties::list(read, business, after, limit)).await?)
    }

    /// One property of a business.
    pub async fn property(
        &self,
        business: BusinessId,
        id: PropertyId,
    ) -> Result<Property, AppError> {
        let found = self.store.read(move |read| properties::find(read, business, id)).await?;
        found.ok_or(AppError::NotFound("property"))
    }

    /// Adds a property.
    pub async fn add_property(
        &self,
        business: BusinessId,
        fields: PropertyFields,
        request: Option<Once>,
    ) -> Result<Property, AppError> {
        let now = self.clock.now();
        let blank = Property {
            id: PropertyId::new(now, random()),
            reference: String::new(),
            title: String::new(),
            address: String::new(),
            notes: String::new(),
            created_at: now,
            updated_at: now,
        };
        let property = fields.onto(blank)?;
        let added = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let known = properties::find(write, business, PropertyId::from_uuid(made))?;
                return known.ok_or(AppError::NotFound("property"));
            }
            if !properties::add(write, business, &property)? {
                return Err(exists());
            }
            once::note(write, business, (request.as_ref(), property.id.uuid()), now)?;
            Ok(property)
        });
        added.await
    }

    /// Changes a property.
    pub async fn change_property(
        &self,
        business: BusinessId,
        id: PropertyId,
        fields: PropertyFields,
    ) -> Result<Property, AppError> {
        let now = self.clock.now();
        let changed = self.store.write(Lane::Urgent, move |write| {
            let known = properties::find(write, business, id)?;
            let known = known.ok_or(AppError::NotFound("property"))?;
            let property = Property { updated_at: now, ..fields.onto(known)? };
            if !properties::update(write, business, &property)? {
                return Err(exists());
            }
            Ok(property)
        });
        changed.await
    }

    /// Removes a property; the calls about it stay.
    pub async fn remove_property(
        &self,
        business: BusinessId,
        id: PropertyId,
    ) -> Result<(), AppError> {
        let removed = self.store.write(Lane::Urgent, move |write| {
            let found = properties::remove(write, business, id)?;
            if found { Ok(()) } else { Err(AppError::NotFound("property")) }
        });
        removed.await
    }

    /// A page of the calls about a property, the newest first.
    pub async fn calls_about(
        &self,
        business: BusinessId,
        id: PropertyId,
        after: Option<After>,
        limit: Limit,
    ) -> Result<Page<CallView>, AppError> {
        let found = self.store.read(move |read| {
            let Some(property) = properties::find(read, business, id)? else { return Ok(None) };
            call_lists::about(read, business, property.id, after, limit).map(Some)
        });
        found.await?.ok_or(AppError::NotFound("property"))
    }

    /// Says what a call is about, or that it is about nothing known.
    pub async fn link_call(
        &self,
        business: BusinessId,
        call: CallId,
        property: Option<PropertyId>,
    ) -> Result<CallView, AppError> {
        let linked = self.store.write(Lane::Urgent, move |write| {
            let shown = call_lists::show(write, business, call)?;
            let shown = shown.ok_or(AppError::NotFound("call"))?;
            if let Some(id) = property
                && properties::find(write, business, id)?.is_none()
            {
                return Err(AppError::invalid("property_id", "is none of the business's"));
            }
            calls::mark(write, business, call, (property, shown.is_test))?;
            call_lists::show(write, business, call)?.ok_or(AppError::NotFound("call"))
        });
        linked.await
    }
}

fn exists() -> AppError {
    AppError::Exists("A property with that reference is there already.".to_owned())
}
