//! Mail to users: a link for their password, and a trial.
//!
//! A link is made when it is sent and stands in no job: what is kept of it is a digest.

use super::passwords::email_of;
use super::{App, AppError};
use crate::clock::random;
use crate::domain::ids::{JobId, UserId};
use crate::providers::mail::{Dialogue, MailError, Message};
use crate::store::{Lane, StoreError, jobs, users};

impl App {
    /// Whether there is a way of sending mail.
    pub fn has_mail(&self) -> bool {
        self.registry().mail().is_some()
    }

    /// Sends a user a link by which they choose a password. What the server refuses for good is
    /// noted and not tried again.
    pub async fn mail_link(&self, job: JobId, id: UserId) -> Result<(), AppError> {
        let user = self.store.read(move |read| users::find(read, id)).await?;
        if let Some(user) = user.filter(|user| !user.is_disabled)
            && let Some(mailer) = self.registry().mail()
        {
            let secret = self.password_link(id).await?;
            let base = self.settings().server.base_url();
            let lasts = if user.password.is_empty() { "a week" } else { "fifteen minutes" };
            let text = format!(
                "Somebody asked for a password for your account at {base}\n\n\
                 Choose one here; the link is good once, for {lasts}:\n\n  \
                 {base}/password?token={secret}\n\n\
                 If it was not you, do nothing: without the link nothing changes.\n"
            );
            let subject = "Your password for frontdesk".to_owned();
            let message = Message { id: random(), to: user.email, subject, text };
            match mailer.send(&message).await {
                Ok(_) => tracing::info!(user.id = %id, "a link was mailed"),
                Err(error @ (MailError::Refused(_) | MailError::Malformed)) => {
                    tracing::warn!(%error, user.id = %id, "a link could not be mailed");
                }
                Err(error @ MailError::Later(_)) => return Err(AppError::Mail(error)),
            }
        }
        let done = self.store.write(Lane::Background, move |write| jobs::done(write, job));
        done.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Sends a trial message. Returns what the server answered.
    pub async fn try_mail(&self, to: &str) -> Result<Dialogue, AppError> {
        let to = email_of(to)?;
        let registry = self.registry();
        let mailer = registry.mail().ok_or(AppError::NotFound("[mail] in the settings"))?;
        let subject = "A trial message of frontdesk".to_owned();
        let text = "This is a trial: mail is set up.\n".to_owned();
        let message = Message { id: random(), to, subject, text };
        mailer.send(&message).await.map_err(AppError::Mail)
    }
}
