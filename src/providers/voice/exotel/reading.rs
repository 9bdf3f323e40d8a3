//! What Exotel's call-backs and its call details say.
//!
//! An end that a call-back tells of is only a hint where the provider can be asked: its report then
//! says nothing that a forger would want.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::fields::Fields;
use crate::domain::call::{Cost, Direction, EndFamily, Leg, Moment, Report, Status};
use crate::domain::phone::PhoneNumber;
use crate::providers::voice::json::micros;
use crate::providers::voice::{CallNames, Event, Inbound, Unreadable};

/// How call details that were asked for are wrapped.
pub const FETCHED: &str = "fetched";
/// How an order of ours begins.
const ORDER: &str = "frontdesk-";
/// Most characters of an id, and of an address.
const ID_MAX: usize = 200;
const URL_MAX: usize = 4_096;
/// How Exotel writes times.
const TIMES: &str = "%Y-%m-%d %H:%M:%S";
/// Times before 2000 stand for none.
const EARLIEST_S: i64 = 946_684_800;

/// How an account's call-backs are read.
pub struct Reading {
    /// The zone of times that are written without one.
    pub zone: TimeZone,
    /// What amounts are in.
    pub currency: String,
    /// Whether the provider can be asked how a call ended.
    pub confirms: bool,
}

impl Reading {
    /// Reads a call-back, or call details.
    pub fn event(&self, fields: &Fields) -> Result<Event, Unreadable> {
        if fields.has("fetched.") {
            return self.details(fields);
        }
        if fields.first(&["event_name"]).is_some() {
            return self.of_leg(fields);
        }
        let id = id(fields, &["CallSid"]).ok_or(Unreadable("there is no CallSid"))?;
        let word = fields.first(&["Status", "CallStatus", "DialCallStatus"]);
        let kind = fields.first(&["EventType", "CallType"]);
        let (status, family) = word.map_or((None, None), status);
        let is_over = matches!(status, Some(Status::Ended | Status::NotConnected));
        let needs_confirming = is_over && self.confirms;
        let moment = match status {
            Some(Status::Ended | Status::NotConnected | Status::Error) => Moment::Ended,
            Some(Status::Ongoing) => Moment::Progress,
            Some(Status::Initiated | Status::Registered) => Moment::Started,
            None => Moment::Other,
        };
        let ended_at = self.at(fields, &["EndTime"]).filter(|_| is_over);
        let report = Report {
            status,
            ended_at,
            ended_by: ended_by(word, family),
            duration_ms: seconds(fields, &["ConversationDuration", "DialCallDuration"]),
            recording: fields
                .first(&["RecordingUrl"])
                .filter(|u| u.len() <= URL_MAX)
                .map(str::to_owned),
            in_voicemail: kind.map(|kind| kind == "voicemail").filter(|is| *is),
            ..self.numbers(fields)
        };
        let name = kind.or(word).unwrap_or("callback").chars().take(ID_MAX).collect();
        Ok(Event { name, call: Some(names(fields, id)), moment, report, needs_confirming })
    }

    /// Reads who is calling.
    pub fn inbound(&self, fields: &Fields) -> Result<Inbound, Unreadable> {
        let call = id(fields, &["CallSid"]).map(|id| names(fields, id));
        let report = Report { direction: Some(Direction::Inbound), ..self.numbers(fields) };
        Ok(Inbound { call, report })
    }

    fn numbers(&self, fields: &Fields) -> Report {
        let direction = match fields.first(&["Direction"]) {
            Some("inbound" | "incoming" | "outbound-dial") => Some(Direction::Inbound),
            Some("outbound-api" | "outbound") => Some(Direction::Outbound),
            Some(_) | None => None,
        };
        let (mut from, mut to) = (&["CallFrom", "From"], &["CallTo", "To"]);
        let exophone = fields.first(&["PhoneNumberSid"]);
        // Of a call that was placed the person is rung first and stands as From.
        if direction == Some(Direction::Outbound) {
            (from, to) = (&["CallTo", "To"], &["CallFrom", "From"]);
        }
        let ours = exophone.filter(|_| direction == Some(Direction::Outbound));
        Report {
            direction,
            from_number: ours.or_else(|| fields.first(from)).map(number),
            to_number: fields.first(to).map(number),
            started_at: self.at(fields, &["StartTime", "Created", "DateCreated"]),
            ..Report::default()
        }
    }

    /// Call details: what the provider says when it is asked.
    fn details(&self, fields: &Fields) -> Result<Event, Unreadable> {
        let sid = id(fields, &["fetched.Call.Sid"]).ok_or(Unreadable("the call has no Sid"))?;
        let word = fields.first(&["fetched.Call.Status"]);
        let (status, family) = word.map_or((None, None), status);
        let is_over = matches!(status, Some(Status::Ended | Status::NotConnected));
        let direction = match fields.first(&["fetched.Call.Direction"]) {
            Some("inbound" | "incoming" | "outbound-dial") => Some(Direction::Inbound),
            Some("outbound-api" | "outbound") => Some(Direction::Outbound),
            Some(_) | None => None,
        };
        let (from, to) = (fields.first(&["fetched.Call.From"]), fields.first(&["fetched.Call.To"]));
        let exophone = fields.first(&["fetched.Call.PhoneNumberSid"]);
        let (from, to) = match direction {
            Some(Direction::Outbound) => (exophone.or(to), from),
            Some(Direction::Inbound | Direction::Web | Direction::Unknown) | None => {
                (from, exophone.or(to))
            }
        };
        let price = fields.first(&["fetched.Call.Price"]).and_then(micros);
        let order = fields.first(&["fetched.Call.CustomField"]).filter(|t| t.starts_with(ORDER));
        let url = fields.first(&["fetched.Call.RecordingUrl"]).filter(|url| url.len() <= URL_MAX);
        let report = Report {
            status,
            direction,
            from_number: from.map(number),
            to_number: to.map(number),
            started_at: self.at(fields, &["fetched.Call.StartTime", "fetched.Call.DateCreated"]),
            ended_at: self.at(fields, &["fetched.Call.EndTime"]).filter(|_| is_over),
            duration_ms: seconds(
                fields,
                &["fetched.Call.Duration", "fetched.Call.Details.ConversationDuration"],
            ),
            ended_by: ended_by(word, family),
            cost: price.map(|micros| Cost { micros, currency: self.currency.clone() }),
            recording: url.map(str::to_owned),
            ..Report::default()
        };
        let others = order.map(str::to_owned).into_iter().collect();
        let moment = if is_over { Moment::Analyzed } else { Moment::Progress };
        let call = Some(CallNames { id: sid, others });
        Ok(Event { name: FETCHED.to_owned(), call, moment, report, needs_confirming: false })
    }

    /// Events of the second generation tell of legs.
    fn of_leg(&self, fields: &Fields) -> Result<Event, Unreadable> {
        let leg_sid = id(fields, &["data.leg_sid", "event_data.leg_sid", "leg_sid"]);
        let leg_sid = leg_sid.ok_or(Unreadable("there is no leg"))?;
        let name: String =
            fields.first(&["event_name"]).unwrap_or("event").chars().take(ID_MAX).collect();
        let (moment, status) = match name.as_str() {
            "leg_ringing" => (Moment::Started, Some(Status::Registered)),
            "leg_answered" => (Moment::Progress, Some(Status::Ongoing)),
            "leg_terminated" => (Moment::Ended, Some(Status::Ended)),
            _ => (Moment::Other, None),
        };
        let at = self.at(fields, &["event_timestamp"]);
        let leg = Leg {
            id: leg_sid.clone(),
            status,
            from_number: fields.first(&["data.exophone"]).map(number),
            to_number: fields.first(&["data.contact_uri"]).map(number),
            started_at: self.at(fields, &["data.start_time"]),
            answered_at: at.filter(|_| status == Some(Status::Ongoing)),
            ended_at: self
                .at(fields, &["data.end_time"])
                .or(at)
                .filter(|_| moment == Moment::Ended),
            ..Leg::default()
        };
        let report = Report { legs: vec![leg], ..Report::default() };
        let call = Some(names(fields, id(fields, &["data.call_sid"]).unwrap_or(leg_sid)));
        Ok(Event { name, call, moment, report, needs_confirming: false })
    }

    /// A time with a zone of its own, or by the account's.
    fn at(&self, fields: &Fields, names: &[&str]) -> Option<Timestamp> {
        let text = fields.first(names)?;
        let zoned = || {
            let local =
                DateTime::strptime(TIMES, text).or_else(|_| text.parse::<DateTime>()).ok()?;
            local.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
        };
        let at = text.parse::<Timestamp>().ok().or_else(zoned)?;
        // Exotel writes the beginning of 1970 where it has no time.
        (at.as_second() >= EARLIEST_S).then_some(at)
    }
}

fn id(fields: &Fields, names: &[&str]) -> Option<String> {
    let id = fields.first(names)?;
    (id.chars().count() <= ID_MAX && !id.contains('\0')).then(|| id.to_owned())
}

/// The call's id, its leg where one is told, and the order that it was placed by.
fn names(fields: &Fields, call: String) -> CallNames {
    let leg = id(fields, &["data.leg_sid"]).filter(|leg| *leg != call);
    let order = fields.first(&["CustomField", "action_custom_parameter", "data.custom_param"]);
    let order = order.filter(|text| text.starts_with(ORDER) && text.len() <= ID_MAX);
    let others = leg.into_iter().chain(order.map(str::to_owned)).collect();
    CallNames { id: call, others }
}

fn ended_by(word: Option<&str>, family: Option<EndFamily>) -> Option<(String, EndFamily)> {
    word.zip(family).map(|(word, family)| (word.to_owned(), family))
}

fn status(word: &str) -> (Option<Status>, Option<EndFamily>) {
    match word.to_ascii_lowercase().as_str() {
        "queued" | "ringing" | "initiated" => (Some(Status::Registered), None),
        "in-progress" | "answered" => (Some(Status::Ongoing), None),
        "completed" => (Some(Status::Ended), Some(EndFamily::CallerHungUp)),
        "busy" | "no-answer" | "canceled" | "cancelled" => {
            (Some(Status::NotConnected), Some(EndFamily::NotReached))
        }
        "failed" => (Some(Status::NotConnected), Some(EndFamily::Failed)),
        _ => (None, None),
    }
}

fn seconds(fields: &Fields, names: &[&str]) -> Option<i64> {
    let seconds: i64 = fields.first(names)?.parse().ok()?;
    seconds.checked_mul(1_000).filter(|ms| *ms >= 0)
}

/// A number in E.164: Exotel writes Indian ones with a zero before them, or bare.
pub fn number(written: &str) -> String {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let plain = written.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')'));
    let national = match digits.len() {
        11 if plain => digits.strip_prefix('0'),
        10 if plain && !digits.starts_with('0') => Some(digits.as_str()),
        12 if plain => digits.strip_prefix("91"),
        _ => None,
    };
    if let Some(national) = national {
        return format!("+91{national}");
    }
    PhoneNumber::parse(written).map_or_else(|_| written.to_owned(), |one| one.as_str().to_owned())
}
