//! A person exported and erased, across every table.
//!
//! An erasure is noted first and carried out in small writes; whoever dies in between leaves a job that
//! goes on. What becomes of each table stands in `domain/privacy`.

use serde_json::{Map, Value};

use super::once::{self, Once};
use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::{BusinessId, admit_job};
use crate::domain::ids::{BusinessRef, ErasureId, JobId};
use crate::domain::job::Job;
pub use crate::domain::privacy::{Fate, LINES, Person};
pub use crate::store::privacy::{Counts, Erasure};
use crate::store::{self, Lane, StoreError, jobs, privacy, privacy_export};

impl App {
    /// Everything that is kept of a person, table by table.
    pub async fn export_person(
        &self,
        business: BusinessId,
        person: Person,
    ) -> Result<Map<String, Value>, AppError> {
        check(&person)?;
        let exported = self.store.read(move |read| {
            let Some(person) = privacy::widened(read, business, person)? else { return Ok(None) };
            privacy_export::export(read, business, &person).map(Some)
        });
        exported.await?.ok_or(AppError::NotFound("customer"))
    }

    /// Notes that a person is to be forgotten, and that there is something to do.
    pub async fn erase_person(
        &self,
        business: BusinessId,
        person: Person,
        request: Option<Once>,
    ) -> Result<Erasure, AppError> {
        check(&person)?;
        let now = self.clock.now();
        let id = ErasureId::new(now, random());
        let begun = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                let known = privacy::find(write, business, ErasureId::from_uuid(made))?;
                return known.ok_or(AppError::NotFound("erasure"));
            }
            let person = privacy::widened(write, business, person)?;
            let person = person.ok_or(AppError::NotFound("customer"))?;
            privacy::begin(write, (business, id), &person, now)?;
            jobs::add(write, Job::Erase { business: business.as_ref(), erasure: id }, now, now)?;
            once::note(write, business, (request.as_ref(), id.uuid()), now)?;
            privacy::find(write, business, id)?.ok_or(AppError::NotFound("erasure"))
        });
        begun.await
    }

    /// A request to forget a person.
    pub async fn erasure(&self, business: BusinessId, id: ErasureId) -> Result<Erasure, AppError> {
        let found = self.store.read(move |read| privacy::find(read, business, id)).await?;
        found.ok_or(AppError::NotFound("erasure"))
    }

    /// Goes on until nothing of the person is left.
    pub async fn go_on_erasing(&self, business: BusinessId, id: ErasureId) -> Result<(), AppError> {
        loop {
            let now = self.clock.now();
            let gone_on = self
                .store
                .write(Lane::Background, move |write| privacy::go_on(write, business, id, now));
            let is_done: Result<bool, StoreError> = gone_on.await;
            if is_done? {
                break;
            }
        }
        // Their recordings' files go behind it.
        self.removals_wake.notify_one();
        Ok(())
    }

    /// The job of an erasure.
    pub async fn carry_out_erasure(
        &self,
        job: JobId,
        business: BusinessRef,
        id: ErasureId,
    ) -> Result<(), AppError> {
        self.go_on_erasing(admit_job(business), id).await?;
        let done = self.store.write(Lane::Background, move |write| jobs::done(write, job));
        done.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Carries out every erasure that was broken off. Returns how many.
    pub async fn resume_erasures(&self) -> Result<usize, AppError> {
        let open = self.store.read(privacy::open).await?;
        for (business, id) in &open {
            self.go_on_erasing(admit_job(*business), *id).await?;
        }
        Ok(open.len())
    }

    /// Writes the database anew, so that nothing of what was taken away is left between its rows.
    pub async fn compact(&self) -> Result<(), AppError> {
        let dir = self.settings().data.dir.clone();
        let compacted = tokio::task::spawn_blocking(move || store::compact(&dir)).await;
        let failed = |_| StoreError::Unavailable("it could not be written anew".to_owned());
        Ok(compacted.map_err(failed)??)
    }
}

fn check(person: &Person) -> Result<(), AppError> {
    if person.is_known() {
        return Ok(());
    }
    Err(AppError::invalid("customer_id", "or phone or email must be sent"))
}
