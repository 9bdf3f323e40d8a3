//! Messages that callers left: shown, and marked once somebody saw to them.
//!
//! Taking one is in `collecting`. Never removes one.

use super::{App, AppError};
use crate::domain::access::BusinessId;
use crate::domain::ids::MessageId;
use crate::domain::page::{Limit, Page};
use crate::store::Lane;
use crate::store::messages::{self, Message};
pub use crate::store::messages::{After as MessagesAfter, Message as MessageView};

impl App {
    /// A page of a business's messages, the newest first.
    pub async fn messages(
        &self,
        business: BusinessId,
        after: Option<MessagesAfter>,
        limit: Limit,
    ) -> Result<Page<Message>, AppError> {
        Ok(self.store.read(move |read| messages::list(read, business, after, limit)).await?)
    }

    /// Marks a message as seen to, or as not.
    pub async fn set_message_done(
        &self,
        business: BusinessId,
        id: MessageId,
        done: bool,
    ) -> Result<Message, AppError> {
        let done_at = done.then(|| self.clock.now());
        let changed = self.store.write(Lane::Urgent, move |write| {
            if !messages::set_done(write, business, id, done_at)? {
                return Err(AppError::NotFound("message"));
            }
            messages::find(write, business, id)?.ok_or(AppError::NotFound("message"))
        });
        changed.await
    }
}
