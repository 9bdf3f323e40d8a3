//! What a tool call is answered from: whose call it is, the business whole, and who is on the line.
//!
//! Loaded once a request. Never trusts a field that the caller controls for whose call it is.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::calls::whose;
use super::tools::Asked;
use super::{App, AppError};
use crate::domain::access::{BusinessId, admit_call};
use crate::domain::answer::{NAMES_SPOKEN_MAX, Next, Reason, Refused};
use crate::domain::appointment::NOTES_MAX_CHARS;
use crate::domain::business::{Branch, Named, Service, Setup, Staff, find_named};
use crate::domain::call::Facts;
use crate::domain::contact::is_assigned;
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;
use crate::domain::say::{Ask, Choice, Line, Plain};
use crate::domain::speech::{Conjunction, spoken_list, spoken_text};
use crate::store::calls;

/// Most characters of one argument: the longest are notes.
const ARGUMENT_MAX_CHARS: usize = NOTES_MAX_CHARS;
/// Most words of one name said aloud.
pub const NAME_WORDS_MAX: usize = 4;

/// What a tool call is answered from, loaded once.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The right to the business's data.
    pub id: BusinessId,
    /// The business whole.
    pub setup: Arc<Setup>,
    /// The number of the person on the line, as the provider told it.
    pub caller: Option<PhoneNumber>,
    /// What they are answered in.
    pub language: Language,
}

impl App {
    /// Finds whose call a tool is asked in; `None` when nobody claims it.
    pub async fn desk(&self, asked: &Arc<Asked>) -> Result<Option<Desk>, AppError> {
        let (report, version, key) = (asked.report.clone(), asked.version, asked.key.clone());
        let (kept, now) = (Arc::clone(&self.kept), asked.now);
        let language = asked.arguments.get("language").and_then(Value::as_str);
        let language = language.and_then(Language::parse);
        let found = self.store.read(move |read| {
            let known = calls::find(read, &key.account, &key.names.id)?;
            let mut facts = known.as_ref().map_or_else(Facts::default, |call| call.facts.clone());
            facts.join(report, version);
            let owner = match known.and_then(|call| call.business) {
                Some(owner) => Some(owner),
                None => whose(read, &key.account, &facts)?,
            };
            let Some(id) = owner.map(admit_call) else { return Ok(None) };
            let Some(setup) = kept.setup(read, id, now)? else { return Ok(None) };
            let caller = facts.their_number().and_then(|number| caller(&setup, number));
            let language = language.unwrap_or(setup.business.language);
            Ok(Some(Desk { id, setup, caller, language }))
        });
        Ok(found.await?)
    }
}

/// Who is on the line, when their number says so: a number of nobody (which carriers put in place
/// of one that is withheld) or of the business itself (which a forwarded line shows) does not.
pub fn caller(setup: &Setup, number: &str) -> Option<PhoneNumber> {
    let number = PhoneNumber::parse(number).ok()?;
    let is_ours = setup.numbers.iter().any(|own| own == number.as_str())
        || setup.branches.iter().any(|branch| branch.phone.as_ref() == Some(&number));
    (is_assigned(&number) && !is_ours).then_some(number)
}

impl Desk {
    /// Today in the business's zone, such as `Tuesday 2026-01-06`.
    pub fn today(&self, now: Timestamp) -> Box<str> {
        let zone = self.setup.business.zone.clone();
        now.to_zoned(zone).strftime("%A %Y-%m-%d").to_string().into()
    }

    /// A name as it is said.
    pub fn said(&self, name: &str) -> String {
        spoken_text(self.language, name, NAME_WORDS_MAX)
    }

    /// Names as they are said, joined, and whether some were left out.
    pub fn names<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        conjunction: Conjunction,
    ) -> (String, bool) {
        let mut all: Vec<String> = names.into_iter().map(|name| self.said(name)).collect();
        let more = all.len() > NAMES_SPOKEN_MAX;
        all.truncate(NAMES_SPOKEN_MAX);
        (spoken_list(self.language, &all, conjunction), more)
    }

    /// The service that the arguments name, or the only one there is.
    pub fn service(&self, arguments: &Arguments<'_>) -> Result<&Service, Refused> {
        let offered: Vec<&Service> = self.setup.offered().collect();
        if offered.is_empty() {
            return Err(Refused::plain(Reason::NoneFree, Plain::NothingOffered, Next::HandOver));
        }
        let all = || self.names(offered.iter().map(|one| one.name()), Conjunction::And);
        let Some(named) = arguments.text("service")? else {
            if let [only] = offered.as_slice() {
                return Ok(only);
            }
            let (names, more) = all();
            let line = Line::Choice(Choice::Services { names, more });
            let refused = Refused::new(Reason::MissingArgument, line, Next::AskService);
            return Err(refused.about("service"));
        };
        find_named(offered.iter().copied(), &named).map_err(|close| {
            let refused = if close.is_empty() {
                let (names, more) = all();
                let line = Line::Choice(Choice::UnknownService { names, more });
                Refused::new(Reason::UnknownService, line, Next::AskService)
            } else {
                let (names, _) = self.names(close, Conjunction::Or);
                let line = Line::Choice(Choice::AmbiguousService { names });
                Refused::new(Reason::AmbiguousService, line, Next::AskService)
            };
            refused.about("service")
        })
    }

    /// The branch that the arguments name, or the only one where the service is offered.
    pub fn branch(
        &self,
        arguments: &Arguments<'_>,
        service: Option<&Service>,
    ) -> Result<&Branch, Refused> {
        let open: Vec<&Branch> = self.setup.branches_for(service).collect();
        let all = || self.names(open.iter().map(|one| one.name()), Conjunction::And);
        let Some(named) = arguments.text("branch")? else {
            let refused = match open.as_slice() {
                [only] => return Ok(only),
                [] => Refused::plain(Reason::NoneFree, Plain::NothingOffered, Next::HandOver),
                _ => {
                    let (names, more) = all();
                    let line = Line::Choice(Choice::Branches { names, more });
                    Refused::new(Reason::AmbiguousBranch, line, Next::AskBranch)
                }
            };
            return Err(refused.about("branch"));
        };
        find_named(open.iter().copied(), &named).map_err(|close| {
            let refused = if close.is_empty() {
                let (names, more) = all();
                let line = Line::Choice(Choice::UnknownBranch { names, more });
                Refused::new(Reason::UnknownBranch, line, Next::AskBranch)
            } else {
                let (names, _) = self.names(close, Conjunction::Or);
                let line = Line::Choice(Choice::AmbiguousBranch { names });
                Refused::new(Reason::AmbiguousBranch, line, Next::AskBranch)
            };
            refused.about("branch")
        })
    }

    /// The person that the arguments name, among those who do the service at the branch.
    pub fn staff(
        &self,
        arguments: &Arguments<'_>,
        (service, branch): (&Service, &Branch),
    ) -> Result<Option<&Staff>, Refused> {
        let able = self.setup.staff_for(service, branch.id);
        if service.staffed && able.is_empty() {
            let refused =
                Refused::plain(Reason::NobodyForService, Plain::NobodyForService, Next::AskService);
            return Err(refused.about("service"));
        }
        // A service that takes the branch's own time has nobody to choose.
        let Some(named) = arguments.text("staff")?.filter(|_| service.staffed) else {
            return Ok(None);
        };
        let able: Vec<&Staff> = able.into_iter().map(|(staff, _)| staff).collect();
        let found = find_named(able.iter().copied(), &named);
        found.map(Some).map_err(|close| {
            let refused = if close.is_empty() {
                let (names, more) = self.names(able.iter().map(|one| one.name()), Conjunction::And);
                let line = Line::Choice(Choice::UnknownStaff { names, more });
                Refused::new(Reason::UnknownStaff, line, Next::AskStaff)
            } else {
                let (names, _) = self.names(close, Conjunction::Or);
                let line = Line::Choice(Choice::AmbiguousStaff { names });
                Refused::new(Reason::AmbiguousStaff, line, Next::AskStaff)
            };
            refused.about("staff")
        })
    }
}

/// The arguments of a tool call, read leniently: `null` and empty texts count as not given.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(pub &'a Map<String, Value>);

impl Arguments<'_> {
    /// A text, or a number as a text.
    pub fn text(&self, field: &'static str) -> Result<Option<String>, Refused> {
        let text = match self.0.get(field) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(Refused::invalid(field, Ask::Again));
            }
        };
        if text.chars().count() > ARGUMENT_MAX_CHARS || text.contains('\0') {
            return Err(Refused::invalid(field, Ask::Shorter));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A yes or no, `true` or a text that means it.
    pub fn flag(&self, field: &'static str) -> Result<bool, Refused> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" => Ok(true),
                "" | "false" | "no" => Ok(false),
                _ => Err(Refused::invalid(field, Ask::Again)),
            },
            Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(Refused::invalid(field, Ask::Again))
            }
        }
    }
}
