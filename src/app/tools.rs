//! A live tool call: proven, answered inside its deadline, and kept in the ledger.
//!
//! Whatever goes wrong after the sender is proven, the agent gets a sentence that it can say.
//! Never promises what is not committed.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::calls::{CallKey, join, save};
use super::desk::Desk;
use super::intake::Proven;
use super::pace::Pace;
use super::{App, AppError};
use crate::crypto::digest::sha256;
use crate::domain::answer::{Answer, Next, Reason, Refused};
use crate::domain::call::{Moment, Report, Version};
use crate::domain::language::Language;
use crate::domain::say::Plain;
use crate::domain::tool::{DEADLINE_LONGEST_MS, Tool};
use crate::providers::voice::{Reply, Road, ToolAnswer, ToolCall};
use crate::store::tool_calls::{Answered, Question};
use crate::store::{Lane, StoreError, Write, calls, tool_calls};

/// Most tool calls answered of one request.
const CALLS_AT_ONCE_MAX: usize = 16;
/// Most characters kept of a tool's name that is not known.
const TOOL_NAME_MAX_CHARS: usize = 100;

/// A tool call that was proven.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The call it is asked in.
    pub key: CallKey,
    /// What it says of the call.
    pub report: Report,
    /// Orders that against what events say.
    pub version: Version,
    /// Name of the tool, as asked.
    pub tool: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// Digest of the canonical arguments.
    pub arguments_sha256: [u8; 32],
    /// When it was asked.
    pub now: Timestamp,
    began: Instant,
    pace: Arc<Pace>,
}

impl Asked {
    fn new(
        account: &str,
        call: &ToolCall,
        (version, now): (Version, Timestamp),
        (began, pace): (Instant, &Arc<Pace>),
    ) -> Arc<Self> {
        let canonical = serde_json::to_vec(&call.arguments);
        let canonical = canonical.expect("a map of JSON values is JSON");
        Arc::new(Self {
            key: CallKey { account: account.to_owned(), names: call.call.clone() },
            report: call.report.clone(),
            version,
            tool: call.tool.clone(),
            arguments: call.arguments.clone(),
            arguments_sha256: sha256(&[&canonical]),
            now,
            began,
            pace: Arc::clone(pace),
        })
    }

    /// Whether its call may make, move or cancel one more appointment in this minute.
    pub fn may_change(&self) -> bool {
        self.pace.may_change(&self.key, self.now)
    }
}

impl App {
    /// Answers tool calls in their provider's envelope, one after the other.
    pub async fn call_tools(&self, proven: Proven, road: &Road<'_>) -> Result<Reply, AppError> {
        let began = Instant::now();
        let Proven { account, payload } = proven;
        let mut calls = match account.voice.tool_calls(&payload, road) {
            Ok(calls) => calls,
            Err(unreadable) if account.voice.answers_always() => {
                tracing::warn!(reason = unreadable.0, "tool calls cannot be read");
                return Ok(account.voice.answer(&[]));
            }
            Err(unreadable) => return Err(unreadable.into()),
        };
        calls.truncate(CALLS_AT_ONCE_MAX);
        let mut answers = Vec::with_capacity(calls.len());
        for call in &calls {
            let version = Version::new(Moment::Tool, payload.sha256());
            let then = (version, self.clock.now());
            let asked = Asked::new(&account.name, call, then, (began, &self.pace));
            answers.push(self.in_time(&asked).await);
        }
        let answers = calls.iter().zip(&answers);
        let answers: Vec<ToolAnswer<'_>> =
            answers.map(|(call, answer)| ToolAnswer { call, answer }).collect();
        Ok(account.voice.answer(&answers))
    }

    /// An answer inside the deadline, whatever happens.
    async fn in_time(&self, asked: &Arc<Asked>) -> String {
        if !self.pace.takes(&asked.key, asked.now) {
            let refused = Refused::plain(Reason::TooMany, Plain::TooMany, Next::HandOver);
            return finish(asked, refused.answer(spoken(asked)));
        }
        let own_ms = Tool::named(&asked.tool).map_or(DEADLINE_LONGEST_MS, Tool::deadline_ms);
        let deadline = self.settings().limits.tool_deadline() * own_ms / DEADLINE_LONGEST_MS;
        match tokio::time::timeout(deadline, self.answer(asked)).await {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                tracing::error!(%error, "a tool call could not be decided");
                late(asked)
            }
            Err(_) => {
                tracing::warn!(deadline_ms = deadline.as_millis(), "a tool call ran out of time");
                late(asked)
            }
        }
    }

    async fn answer(&self, asked: &Arc<Asked>) -> Result<String, AppError> {
        let Some(desk) = self.desk(asked).await? else {
            let refused = Refused::plain(Reason::UnknownAgent, Plain::NotSetUp, Next::HandOver);
            return self.note(asked, refused.answer(spoken(asked))).await;
        };
        let answered = match Tool::named(&asked.tool) {
            Some(tool) => self.dispatch(tool, asked, &desk).await?,
            None => Err(Refused::plain(Reason::UnknownTool, Plain::CannotDoThat, Next::HandOver)),
        };
        match answered {
            Ok(text) => Ok(text),
            Err(refused) => self.note(asked, refused.answer(desk.language)).await,
        }
    }

    /// Runs a tool. `Ok` is an answer that is in the ledger, `Err` a refusal that is not yet.
    async fn dispatch(
        &self,
        tool: Tool,
        asked: &Arc<Asked>,
        desk: &Desk,
    ) -> Result<Result<String, Refused>, AppError> {
        let told = match tool {
            Tool::ListServices => desk.list_services(asked),
            Tool::ListBranches => desk.list_branches(asked),
            Tool::BusinessHours => desk.business_hours(asked),
            Tool::CheckAvailability => return self.check(asked, desk).await,
            Tool::GetAlternatives => return self.alternatives(asked, desk).await,
            Tool::ExplainUnavailable => return self.explain_unavailable(asked, desk).await,
            Tool::CollectAppointmentData => return self.collect_appointment(asked, desk).await,
            Tool::BookAppointment => return self.book(asked, desk).await,
            Tool::RescheduleAppointment => return self.reschedule(asked, desk).await,
            Tool::CancelAppointment => return self.cancel(asked, desk).await,
            Tool::FindMyAppointments => return self.find_appointments(asked, desk).await,
            Tool::CollectCustomerInfo => return self.collect_customer(asked, desk).await,
            Tool::TakeMessage => return self.take_message(asked, desk).await,
        };
        match told {
            Ok(answer) => self.note(asked, answer).await.map(Ok),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Keeps an answer that changed nothing. When it cannot be kept it is given all the same.
    pub async fn note(&self, asked: &Arc<Asked>, answer: Answer) -> Result<String, AppError> {
        let reason = answer.reason;
        let text = finish(asked, answer);
        let (kept, asked) = (text.clone(), Arc::clone(asked));
        let noted = self.store.write(Lane::Urgent, move |write| {
            let question = open(write, &asked)?;
            tool_calls::note(write, &question, &answered(&asked, reason, kept))
        });
        if let Err(error) = noted.await {
            tracing::error!(%error, "a tool call is missing from the ledger");
        }
        Ok(text)
    }
}

/// Keeps an answer that changed something, in the write that changed it: it is given again to the
/// same question. What was answered before of this call's appointments is not, once they change.
pub fn note_change(
    write: &mut Write<'_>,
    (question, asked): (&Question, &Asked),
    answer: Answer,
) -> Result<String, StoreError> {
    let reason = answer.reason;
    let text = finish(asked, answer);
    if Tool::named(&asked.tool).is_some_and(Tool::changes) {
        tool_calls::forget_replays(write, question.call)?;
        asked.pace.changed(&asked.key, asked.now);
    }
    let line = Answered { replayed: true, ..answered(asked, reason, text.clone()) };
    tool_calls::note(write, question, &line)?;
    if question.is_late
        && let Some(call) = calls::find(write, &asked.key.account, &asked.key.names.id)?
    {
        // The end of the call was told before what it came to.
        save(write, &call)?;
    }
    Ok(text)
}

/// Keeps an answer that changed nothing, in the write that decided it.
pub fn note_answer(
    write: &mut Write<'_>,
    (question, asked): (&Question, &Asked),
    answer: Answer,
) -> Result<String, StoreError> {
    let reason = answer.reason;
    let text = finish(asked, answer);
    tool_calls::note(write, question, &answered(asked, reason, text.clone()))?;
    Ok(text)
}

/// Finds the call that a tool is asked in, or makes it, and names the question.
pub fn open(write: &mut Write<'_>, asked: &Asked) -> Result<Question, StoreError> {
    let said = (asked.report.clone(), asked.version);
    let (call, _) = join(write, &asked.key, said, asked.now)?;
    let tool = asked.tool.chars().take(TOOL_NAME_MAX_CHARS).collect();
    let arguments_sha256 = asked.arguments_sha256;
    let is_late = call.facts.is_over();
    Ok(Question { call: call.id, tool, arguments_sha256, is_late })
}

/// A line for the ledger. Only what changed something is given again to the same question.
pub fn answered(asked: &Asked, reason: Option<Reason>, answer: String) -> Answered {
    Answered {
        replayed: false,
        reason: reason.map_or("", Reason::word),
        answer,
        called_at: asked.now,
        duration_ms: i64::try_from(asked.began.elapsed().as_millis()).unwrap_or(i64::MAX),
    }
}

/// The JSON text of an answer. Of a tool that changes an appointment it says plainly whether it
/// did.
pub fn finish(asked: &Asked, mut answer: Answer) -> String {
    if Tool::named(&asked.tool).is_some_and(Tool::changes) {
        // What ran out of time may have been done all the same.
        answer.data.success = match answer.reason {
            Some(Reason::Late) => None,
            reason => Some(reason.is_none() && answer.data.appointment.is_some()),
        };
    }
    serde_json::to_string(&answer).expect("an answer holds only texts and numbers")
}

fn late(asked: &Asked) -> String {
    finish(asked, Refused::late().answer(spoken(asked)))
}

/// What is spoken when the business is not known.
fn spoken(asked: &Asked) -> Language {
    let told = asked.arguments.get("language").and_then(Value::as_str);
    told.and_then(Language::parse).unwrap_or_default()
}
