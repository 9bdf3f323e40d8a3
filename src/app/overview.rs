//! What people and programs read: calls with all that belongs to them.
//!
//! Never reads across businesses.

use super::{App, AppError};
use crate::domain::access::BusinessId;
use crate::domain::appointment::Appointment;
use crate::domain::call::{LegFacts, Outcome};
use crate::domain::ids::CallId;
use crate::domain::page::{Limit, Page};
use crate::domain::transcript::Turn;
pub use crate::store::call_lists::{After, Shown as CallView};
use crate::store::tool_calls::Line;
use crate::store::{Read, appointments, call_lists, calls, tool_calls};

/// Most turns of speech shown of one call.
pub const TURNS_MAX: u32 = 5_000;
/// Most tool calls shown of one call.
pub const TOOL_CALLS_MAX: u32 = 500;

/// A page of a list and how long the whole list is.
pub struct Listing<T> {
    /// The rows.
    pub page: Page<T>,
    /// Rows of the business in all, without any filter.
    pub total: i64,
}

/// A call with all that belongs to it.
pub struct WholeCall {
    /// The call.
    pub call: CallView,
    /// Its legs by the provider's id.
    pub legs: Vec<(String, LegFacts)>,
    /// What was said.
    pub turns: Vec<Turn>,
    /// What its tools answered.
    pub tool_calls: Vec<Line>,
    /// What was booked in it.
    pub appointments: Vec<Appointment>,
}

impl App {
    /// A page of a business's calls, of one outcome or of any, the newest first.
    pub async fn calls(
        &self,
        business: BusinessId,
        (outcome, after): (Option<Outcome>, Option<After>),
        limit: Limit,
    ) -> Result<Listing<CallView>, AppError> {
        let question = move |read: &Read<'_>| {
            let page = match outcome {
                Some(outcome) => call_lists::with_outcome(read, business, (outcome, after), limit)?,
                None => call_lists::list(read, business, after, limit)?,
            };
            Ok(Listing { page, total: call_lists::total(read, business, "calls")? })
        };
        Ok(self.store.read(question).await?)
    }

    /// One call of a business.
    pub async fn call(&self, business: BusinessId, id: CallId) -> Result<WholeCall, AppError> {
        let question = move |read: &Read<'_>| {
            let Some(call) = call_lists::show(read, business, id)? else { return Ok(None) };
            Ok(Some(WholeCall {
                call,
                legs: call_lists::legs(read, business, id)?,
                turns: calls::turns(read, business, id, TURNS_MAX)?,
                tool_calls: tool_calls::of_call(read, business, id, TOOL_CALLS_MAX)?,
                appointments: appointments::of_call(read, business, id)?,
            }))
        };
        self.store.read(question).await?.ok_or(AppError::NotFound("call"))
    }
}
