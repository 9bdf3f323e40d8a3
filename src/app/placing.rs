//! Placing a call and ending one.
//!
//! The order is written first, with the job that carries it out; then it is dialled. Whoever dies in
//! between leaves an order that says what may have happened. Never dials without an order, and never
//! says that a call was placed before the provider has named it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::calls::{CallKey, join};
use super::once::{self, Once};
use super::overview::CallView;
use super::{App, AppError};
use crate::clock::random;
use crate::domain::access::BusinessId;
use crate::domain::call::{Direction, EndFamily, Moment, Report, Status, Version};
use crate::domain::ids::{CallId, JobId, OrderId, PropertyId};
use crate::domain::job::Job;
use crate::domain::order::{
    CallOrder, GIVE_UP_S, OrderState, Step, VARIABLE_NAME_MAX, VARIABLE_TEXT_MAX, VARIABLES_MAX,
    may_call,
};
use crate::domain::phone::PhoneNumber;
use crate::providers::VoiceAccount;
use crate::providers::voice::{CallNames, Order, Placed, ProviderError};
use crate::store::{
    Lane, StoreError, Write, businesses, call_lists, call_names, call_orders, calls, jobs,
    properties,
};

/// How long an order waits that could not be carried out.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// What a call is to be.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// Name of the voice account; that of the agent when `None`.
    pub account: Option<String>,
    /// The provider's id of the agent; the only one there is when `None`.
    pub agent: Option<String>,
    /// The number that calls; the first of the business when `None`.
    pub from: Option<PhoneNumber>,
    /// The number that is called.
    pub to: PhoneNumber,
    /// What it is about.
    pub property: Option<PropertyId>,
    /// What the agent is told.
    pub variables: BTreeMap<String, String>,
    /// Whether it is placed to try things out.
    pub is_test: bool,
}

impl App {
    /// Takes an order for a call. It is dialled at once, behind the answer.
    pub async fn order_call(
        &self,
        business: BusinessId,
        new: NewCall,
        request: Option<Once>,
    ) -> Result<CallView, AppError> {
        self.may_order(&new)?;
        let accounts: Vec<String> = self.registry().voice_accounts().map(str::to_owned).collect();
        let now = self.clock.now();
        let ordered = self.store.write(Lane::Urgent, move |write| {
            if let Some(made) = once::made(write, business, request.as_ref())? {
                return Ok(CallId::from_uuid(made));
            }
            let order = order(write, business, (&new, &accounts), now)?;
            add(write, business, (&order, &new), now)?;
            once::note(write, business, (request.as_ref(), order.call.uuid()), now)?;
            Ok::<_, AppError>(order.call)
        });
        let call = ordered.await?;
        let found = self.store.read(move |read| call_lists::show(read, business, call)).await?;
        found.ok_or(AppError::NotFound("call"))
    }

    fn may_order(&self, new: &NewCall) -> Result<(), AppError> {
        if !may_call(self.settings().limits.outbound_prefixes(), &new.to) {
            let why = "begins with none of [limits] outbound_prefixes";
            return Err(AppError::invalid("to_number", why));
        }
        let long = |(name, text): (&String, &String)| {
            name.is_empty()
                || name.chars().count() > VARIABLE_NAME_MAX
                || text.chars().count() > VARIABLE_TEXT_MAX
        };
        if new.variables.len() > VARIABLES_MAX || new.variables.iter().any(long) {
            let why = format!(
                "must be at most {VARIABLES_MAX}, with names of 1 to {VARIABLE_NAME_MAX} and texts \
                 of at most {VARIABLE_TEXT_MAX} characters"
            );
            return Err(AppError::invalid("variables", why));
        }
        Ok(())
    }

    /// Carries an order out, as far as it can be by now.
    pub async fn place_call(&self, job: JobId, id: OrderId) -> Result<(), AppError> {
        let order = self.store.read(move |read| call_orders::find(read, id)).await?;
        let Some(order) = order else { return self.job_done(job).await };
        let Some(account) = self.registry().voice(&order.account).map(Arc::clone) else {
            return self.order_failed(job, &order, "account_missing").await;
        };
        match order.step(self.clock.now(), account.voice.remembers_orders()) {
            Step::Done => self.job_done(job).await,
            Step::GiveUp => self.order_failed(job, &order, "unknown").await,
            Step::Dial => self.dial(job, &order, &account).await,
            Step::LookUp => {
                let wanted = self.wanted_call(&order);
                match account.voice.find_placed(self.net()?, &wanted).await {
                    Ok(Some(placed)) => self.order_placed(job, &order, placed).await,
                    // It may still show up there, or an event of it come: ask again later.
                    Ok(None) => self.later(job, None).await,
                    Err(error) => self.later(job, Some(&error)).await,
                }
            }
        }
    }

    async fn dial(
        &self,
        job: JobId,
        order: &CallOrder,
        account: &VoiceAccount,
    ) -> Result<(), AppError> {
        let (id, now) = (order.id, self.clock.now());
        let net = self.net()?;
        // Committed before the provider hears of it: from now on it may have it.
        let dialling = self.store.write(Lane::Urgent, move |write| {
            call_orders::set_state(write, id, (OrderState::Dialling, ""), Some(now))
        });
        dialling.await.map_err(|error: StoreError| AppError::from(error))?;
        let wanted = self.wanted_call(order);
        match account.voice.place(net, &wanted).await {
            Ok(placed) => self.order_placed(job, order, placed).await,
            Err(error) if error.is_uncertain() => self.later(job, Some(&error)).await,
            Err(error) if error.is_transient() => {
                // It was turned away: nothing was placed.
                let back = self.store.write(Lane::Urgent, move |write| {
                    call_orders::set_state(write, id, (OrderState::Initiated, ""), None)
                });
                back.await.map_err(|error: StoreError| AppError::from(error))?;
                self.later(job, Some(&error)).await
            }
            Err(error) => {
                tracing::warn!(%error, account = account.name, "a call could not be placed");
                self.order_failed(job, order, "refused").await
            }
        }
    }

    fn wanted_call(&self, order: &CallOrder) -> Order {
        let base = self.settings().server.base_url();
        Order {
            id: order.name(),
            short_id: order.short_name(),
            agent: order.agent.clone(),
            from: order.from.clone(),
            to: order.to.clone(),
            variables: order.variables.clone().into_iter().collect(),
            events_url: format!("{base}/hooks/{}", order.account),
            ordered_at: order.created_at,
        }
    }

    async fn order_placed(
        &self,
        job: JobId,
        order: &CallOrder,
        placed: Placed,
    ) -> Result<(), AppError> {
        let mut names = placed.call;
        names.others.push(order.name());
        let key = CallKey { account: order.account.clone(), names };
        let (id, now) = (order.id, self.clock.now());
        let report = Report { status: Some(Status::Registered), ..Report::default() };
        let saved = self.store.write(Lane::Urgent, move |write| {
            join(write, &key, (report, answered()), now)?;
            call_orders::set_state(write, id, (OrderState::Placed, ""), None)?;
            jobs::done(write, job)
        });
        Ok(saved.await?)
    }

    async fn order_failed(
        &self,
        job: JobId,
        order: &CallOrder,
        failure: &'static str,
    ) -> Result<(), AppError> {
        let key = CallKey { account: order.account.clone(), names: CallNames::one(order.name()) };
        let (id, now) = (order.id, self.clock.now());
        let report = Report {
            status: Some(Status::Error),
            ended_by: Some((format!("order_{failure}"), EndFamily::Failed)),
            ..Report::default()
        };
        let saved = self.store.write(Lane::Urgent, move |write| {
            join(write, &key, (report, ours()), now)?;
            call_orders::set_state(write, id, (OrderState::Failed, failure), None)?;
            jobs::done(write, job)
        });
        Ok(saved.await?)
    }

    /// Looks at the order again in a while; how long at all is up to the order.
    async fn later(&self, job: JobId, error: Option<&ProviderError>) -> Result<(), AppError> {
        let mut wait = AGAIN;
        if let Some(error) = error {
            tracing::warn!(%error, "a call is not placed yet");
            if let ProviderError::Busy(Some(seconds)) = error {
                let seconds = i64::try_from(*seconds).unwrap_or(GIVE_UP_S).min(GIVE_UP_S);
                wait = wait.max(SignedDuration::from_secs(seconds));
            }
        }
        let next = self.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX);
        let put = self.store.write(Lane::Background, move |w| jobs::put_off(w, job, next));
        put.await.map_err(|error: StoreError| AppError::from(error))
    }

    async fn job_done(&self, job: JobId) -> Result<(), AppError> {
        let done = self.store.write(Lane::Background, move |write| jobs::done(write, job));
        done.await.map_err(|error: StoreError| AppError::from(error))
    }

    /// Ends a call that goes on.
    pub async fn hang_up(&self, business: BusinessId, call: CallId) -> Result<CallView, AppError> {
        let found = self.store.read(move |read| {
            let shown = call_lists::show(read, business, call)?;
            let names = call_names::all(read, business, call)?;
            Ok(shown.map(|shown| (shown, names)))
        });
        let (shown, others) = found.await?.ok_or(AppError::NotFound("call"))?;
        if shown.ended_at.is_some() || shown.outcome.is_some() {
            return Ok(shown);
        }
        let account = self.registry().voice(&shown.account).map(Arc::clone);
        let account = account.ok_or(AppError::NotFound("voice account"))?;
        let names = CallNames { id: shown.provider_call_id.clone(), others };
        account.voice.hang_up(self.net()?, &names).await.map_err(AppError::Upstream)?;
        Ok(shown)
    }
}

/// The version of what we know ourselves: older than any event, newer than what a tool call shows.
fn ours() -> Version {
    Version::new(Moment::Started, &[0; 32])
}

/// The version of what the provider's answer to an order tells: newer than ours. Whatever events tell
/// of how a call goes on is of a later stage.
fn answered() -> Version {
    Version::new(Moment::Progress, &[0; 32])
}

/// An order out of what was asked for, and what the business has.
fn order(
    write: &Write<'_>,
    business: BusinessId,
    (new, accounts): (&NewCall, &[String]),
    now: Timestamp,
) -> Result<CallOrder, AppError> {
    let numbers = businesses::numbers(write, business)?;
    let from = match &new.from {
        Some(from) if numbers.iter().any(|own| own == from.as_str()) => from.clone(),
        Some(_) => return Err(AppError::invalid("from_number", "is none of the business's own")),
        None => {
            let first = numbers.first().and_then(|number| PhoneNumber::parse(number).ok());
            let why = "is required: the business has no number of its own";
            first.ok_or_else(|| AppError::invalid("from_number", why))?
        }
    };
    let agents = businesses::agents(write, business)?;
    let fits = |agent: &&businesses::Agent| {
        accounts.contains(&agent.account)
            && new.account.as_ref().is_none_or(|account| *account == agent.account)
            && new.agent.as_ref().is_none_or(|id| *id == agent.provider_agent_id)
    };
    let mut fitting = agents.iter().filter(fits);
    let agent = fitting.next().ok_or_else(|| {
        AppError::invalid("agent_id", "is none of the business's at a voice account that is on")
    })?;
    if fitting.next().is_some() {
        return Err(AppError::invalid("agent_id", "is required: there is more than one agent"));
    }
    if let Some(property) = new.property
        && properties::find(write, business, property)?.is_none()
    {
        return Err(AppError::invalid("property_id", "is none of the business's"));
    }
    Ok(CallOrder {
        id: OrderId::new(now, random()),
        business: business.as_ref(),
        call: CallId::new(now, random()),
        account: agent.account.clone(),
        agent: agent.provider_agent_id.clone(),
        from,
        to: new.to.clone(),
        variables: new.variables.clone(),
        state: OrderState::Initiated,
        dialled_at: None,
        created_at: now,
    })
}

/// Writes an order down, its call and the job that dials.
fn add(
    write: &mut Write<'_>,
    business: BusinessId,
    (order, new): (&CallOrder, &NewCall),
    now: Timestamp,
) -> Result<(), AppError> {
    let report = Report {
        status: Some(Status::Initiated),
        agent: Some(order.agent.clone()),
        direction: Some(Direction::Outbound),
        from_number: Some(order.from.as_str().to_owned()),
        to_number: Some(order.to.as_str().to_owned()),
        ..Report::default()
    };
    let mut facts = crate::domain::call::Facts::default();
    facts.join(report, ours());
    let call = calls::Kept {
        id: order.call,
        account: order.account.clone(),
        provider_call_id: order.name(),
        business: Some(business.as_ref()),
        facts,
        created_at: now,
    };
    calls::add(write, &call, None)?;
    calls::mark(write, business, order.call, (new.property, new.is_test))?;
    call_names::add(write, &order.account, &order.short_name(), order.call)?;
    call_orders::add(write, order)?;
    jobs::add(write, Job::PlaceCall { order: order.id }, now, now)?;
    Ok(())
}
