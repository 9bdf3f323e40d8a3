//! Background work: one match from a job to its use case.
//!
//! Never decides what a job does; that is `app`.

pub mod runner;
pub mod timetable;

use crate::app::{App, AppError};
use jiff::Timestamp;

use crate::domain::job::Job;
use crate::domain::waiting::Freed;
use crate::store::jobs::Claimed;

/// Runs a job that was claimed. Its use case ends the job in the write that holds its effect.
async fn run(app: &App, claimed: &Claimed) -> Result<(), AppError> {
    match claimed.job {
        Some(Job::ApplyEvent { inbox }) => app.apply_event(claimed.id, inbox).await,
        Some(Job::ConfirmCall { call }) => app.confirm_call(claimed.id, call).await,
        Some(Job::PlaceCall { order }) => app.place_call(claimed.id, order).await,
        Some(Job::OfferFreed { business, service, branch, staff, start_ms }) => {
            let start = Timestamp::from_millisecond(start_ms).unwrap_or(Timestamp::MIN);
            let freed = Freed { service, branch, staff, start };
            app.offer_freed(claimed.id, business, freed).await
        }
        Some(Job::Erase { business, erasure }) => {
            app.carry_out_erasure(claimed.id, business, erasure).await
        }
        Some(Job::ArchiveRecording { recording }) => {
            app.archive_recording(claimed.id, recording).await
        }
        Some(Job::MailLink { user }) => app.mail_link(claimed.id, user).await,
        // A newer release wrote it: it waits for that release.
        None => Err(AppError::NotFound("kind of job in this release")),
    }
}
