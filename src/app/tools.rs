//! A live tool call: proven, answered inside its deadline, and kept in the ledger.
//!
//! Whatever goes wrong after the sender is proven, the agent gets a sentence that it can say.
//! Never promises what is not committed.

use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::calls::{CallKey, join, whose};
use super::intake::Proven;
use super::{App, AppError};
use crate::crypto::digest::sha256;
use crate::domain::access::{BusinessId, admit_call};
use crate::domain::appointment::NOTES_MAX_CHARS;
use crate::domain::business::{Business, Service, find_service};
use crate::domain::call::{Facts, Moment, Report, Version};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::speech;
use crate::domain::tool::{Answer, Data, Next, Reason, SERVICES_SPOKEN_MAX, ServiceData, Tool};
use crate::providers::voice::Reply;
use crate::store::tool_calls::{Answered, Question};
use crate::store::{Lane, Read, StoreError, Write, businesses, calls, tool_calls};

/// Most characters of one argument: the longest are notes.
const ARGUMENT_MAX_CHARS: usize = NOTES_MAX_CHARS;

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
}

/// What a tool call is answered from, loaded once.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The right to the business's data.
    pub id: BusinessId,
    /// The business.
    pub business: Business,
    /// What it offers.
    pub services: Vec<Service>,
    /// When it is open.
    pub hours: WeeklyHours,
    /// The number of the person on the line.
    pub caller: Option<PhoneNumber>,
}

impl App {
    /// Answers a tool call in its provider's envelope.
    pub async fn call_tool(&self, proven: Proven) -> Result<Reply, AppError> {
        let began = Instant::now();
        let Proven { account, payload } = proven;
        let call = account.voice.tool_call(&payload)?;
        let canonical = Value::Object(call.arguments.clone()).to_string();
        let asked = Asked {
            key: CallKey { account: account.name.clone(), provider_call_id: call.call_id },
            report: call.report,
            version: Version::new(Moment::Tool, payload.sha256()),
            tool: call.tool,
            arguments: call.arguments,
            arguments_sha256: sha256(&[canonical.as_bytes()]),
            now: self.clock.now(),
            began,
        };
        let deadline = self.settings.limits.tool_deadline();
        let answer = match tokio::time::timeout(deadline, self.answer(&asked)).await {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                tracing::error!(%error, "a tool call could not be decided");
                json(&Answer::late())
            }
            Err(_) => {
                tracing::warn!(deadline_ms = deadline.as_millis(), "a tool call ran out of time");
                json(&Answer::late())
            }
        };
        Ok(account.voice.answer(&answer))
    }

    async fn answer(&self, asked: &Asked) -> Result<String, AppError> {
        let (report, version, key) = (asked.report.clone(), asked.version, asked.key.clone());
        let desk = self.store.read(move |read| desk(read, &key, report, version)).await?;
        let Some(desk) = desk else {
            let say = "I am sorry, this line is not set up for bookings yet.";
            let refused = Answer::refused(Reason::UnknownAgent, say, Next::HandOver);
            return self.note(asked, refused).await;
        };
        match Tool::named(&asked.tool) {
            None => {
                let say = "I am sorry, I cannot do that.";
                self.note(asked, Answer::refused(Reason::UnknownTool, say, Next::HandOver)).await
            }
            Some(Tool::ListServices) => self.note(asked, list_services(&desk, asked.now)).await,
            Some(Tool::CheckAvailability) => match self.check(asked, &desk).await? {
                Ok(text) => Ok(text),
                Err(refused) => self.note(asked, refused).await,
            },
            Some(Tool::BookAppointment) => match self.book(asked, &desk).await? {
                Ok(text) => Ok(text),
                Err(refused) => self.note(asked, refused).await,
            },
        }
    }

    /// Keeps an answer that changed nothing. When it cannot be kept it is given all the same.
    async fn note(&self, asked: &Asked, answer: Answer) -> Result<String, AppError> {
        let text = json(&answer);
        let (kept, asked) = (text.clone(), asked.clone());
        let reason = answer.reason;
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

/// Finds the call that a tool is asked in, or makes it, and names the question.
pub fn open(write: &mut Write<'_>, asked: &Asked) -> Result<Question, StoreError> {
    let said = (asked.report.clone(), asked.version);
    let (call, _) = join(write, &asked.key, said, asked.now)?;
    let tool = asked.tool.chars().take(TOOL_NAME_MAX_CHARS).collect();
    let arguments_sha256 = asked.arguments_sha256;
    Ok(Question { call: call.id, tool, arguments_sha256 })
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

/// The JSON text of an answer.
pub fn json(answer: &Answer) -> String {
    serde_json::to_string(answer).expect("an answer holds only texts and numbers")
}

/// The service that the arguments name, or the only one there is.
pub fn service<'a>(desk: &'a Desk, arguments: &Arguments<'_>) -> Result<&'a Service, Answer> {
    let named = arguments.text("service")?;
    let Some(named) = named else {
        if let [only] = desk.services.as_slice() {
            return Ok(only);
        }
        let ask = offered(desk);
        return Err(
            Answer::refused(Reason::MissingArgument, ask, Next::AskService).about("service")
        );
    };
    if desk.services.is_empty() {
        return Err(Answer::refused(Reason::NoneFree, offered(desk), Next::HandOver));
    }
    find_service(&desk.services, &named).map_err(|close| {
        let (reason, say) = if close.is_empty() {
            (Reason::UnknownService, format!("We do not offer that, but {}", choice(desk)))
        } else {
            let names: Vec<String> = close.into_iter().map(str::to_owned).collect();
            let choice = speech::spoken_list(&names, "or");
            (Reason::AmbiguousService, format!("Several services fit. Do you mean {choice}?"))
        };
        Answer::refused(reason, say, Next::AskService).about("service")
    })
}

/// The arguments of a tool call, read leniently: `null` and empty texts count as not given.
pub struct Arguments<'a>(pub &'a Map<String, Value>);

impl Arguments<'_> {
    /// A text, or a number as a text.
    pub fn text(&self, field: &'static str) -> Result<Option<String>, Answer> {
        let text = match self.0.get(field) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(Answer::invalid(field, "Could you say that again?"));
            }
        };
        if text.chars().count() > ARGUMENT_MAX_CHARS || text.contains('\0') {
            return Err(Answer::invalid(field, "Could you say that more shortly?"));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// Today in a business's zone, such as `Tuesday 2026-01-06`.
pub fn today(desk: &Desk, now: Timestamp) -> Box<str> {
    now.to_zoned(desk.business.zone.clone()).strftime("%A %Y-%m-%d").to_string().into()
}

fn desk(
    read: &Read<'_>,
    key: &CallKey,
    report: Report,
    version: Version,
) -> Result<Option<Desk>, StoreError> {
    let known = calls::find(read, &key.account, &key.provider_call_id)?;
    let mut facts = known.as_ref().map_or_else(Facts::default, |call| call.facts.clone());
    facts.join(report, version);
    let owner = match known.and_then(|call| call.business) {
        Some(owner) => Some(owner),
        None => whose(read, &key.account, &facts)?,
    };
    let Some(id) = owner.map(admit_call) else { return Ok(None) };
    let Some(business) = businesses::show(read, id)? else { return Ok(None) };
    let (services, hours) = (businesses::services(read, id)?, businesses::hours(read, id)?);
    let caller = facts.their_number().and_then(|number| PhoneNumber::parse(number).ok());
    Ok(Some(Desk { id, business, services, hours, caller }))
}

fn list_services(desk: &Desk, now: Timestamp) -> Answer {
    let data = Data {
        services: desk
            .services
            .iter()
            .map(|s| ServiceData { name: s.name.clone(), minutes: s.rules.duration_min() })
            .collect(),
        today: today(desk, now),
        ..Data::default()
    };
    if desk.services.is_empty() {
        let say = "There is nothing to book here yet.";
        return Answer { data, ..Answer::refused(Reason::NoneFree, say, Next::HandOver) };
    }
    Answer::done(offered(desk), data, Next::AskService)
}

/// At most two sentences: what is offered, and a question.
fn offered(desk: &Desk) -> String {
    if desk.services.is_empty() {
        return "There is nothing to book here yet.".to_owned();
    }
    let mut text = choice(desk);
    text[..1].make_ascii_uppercase();
    text
}

fn choice(desk: &Desk) -> String {
    let names = desk.services.iter().take(SERVICES_SPOKEN_MAX).map(|s| s.name.clone());
    let names: Vec<String> = names.collect();
    let more = if desk.services.len() > names.len() { ", among others" } else { "" };
    format!("we offer {}{more}. Which would you like?", speech::spoken_list(&names, "and"))
}
