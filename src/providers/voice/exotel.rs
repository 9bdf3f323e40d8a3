//! Exotel: a carrier that signs nothing, so a secret in the address proves it, and more besides.
//!
//! Its call-backs come as forms of two kinds, JSON or a query. What tells of an end counts only once
//! the provider was asked for it, where the account has a key to ask with. It carries calls and
//! records them; agents, transcripts and tools are elsewhere. Never follows an address that a
//! call-back names.

mod asking;
mod fields;
mod proof;
mod reading;
mod scenes;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use self::asking::Desk;
use self::fields::Fields;
use self::proof::Proof;
use self::reading::Reading;
use super::provision::{Change, Plan};
use super::scene::{Act, Scene};
use super::{
    Asking, Built, CallNames, Delivery, Event, Fetched, Handover, Inbound, Incoming, Kind, Listed,
    Order, Placed, Refusal, Reply, Road, Source, Taken, ToolAnswer, ToolCall, Unreadable, Verified,
    Voice,
};
use crate::config::Section;
use crate::domain::phone::PhoneNumber;
use crate::domain::recording::Window;
use crate::net::Client;

/// How this provider is named and built. Agents at Exotel call no tools.
pub const KIND: Kind = Kind { name: "exotel", build, definition: None };

/// The zone of the times that Exotel writes without one.
const ZONE: &str = "Asia/Kolkata";
/// What it charges in.
const CURRENCY: &str = "INR";

struct Exotel {
    proof: Proof,
    reading: Reading,
    desk: Desk,
}

fn build(section: &Section) -> Built {
    let mut table = section.reader();
    let proof = Proof::read(&mut table);
    let zone = table.text("zone");
    let zone = TimeZone::get(zone.as_deref().unwrap_or(ZONE)).unwrap_or_else(|_| {
        table.refuse("zone", "is no time zone, such as Asia/Kolkata");
        TimeZone::UTC
    });
    let currency = table.text("currency").unwrap_or_else(|| CURRENCY.to_owned());
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        table.refuse("currency", "must be three capital letters, such as INR");
    }
    let desk = Desk::read(&mut table, zone.clone());
    table.finish()?;
    let confirms = desk.can_ask();
    Ok(Box::new(Exotel { proof, reading: Reading { zone, currency, confirms }, desk }))
}

impl Voice for Exotel {
    fn verify(&self, request: &Incoming<'_>) -> Result<Verified, Refusal> {
        self.proof.verify(request)?;
        // What comes by GET is in the query: that is kept as it is.
        let body = if request.body.is_empty() {
            Bytes::copy_from_slice(request.query.as_bytes())
        } else {
            request.body.clone()
        };
        Ok(Verified::new(body))
    }

    fn sort(&self, _: &Verified) -> Delivery {
        Delivery::Event
    }

    fn event(&self, payload: &Verified) -> Result<Event, Unreadable> {
        self.reading.event(&Fields::read(payload.body())?)
    }

    fn tool_calls(&self, _: &Verified, _: &Road<'_>) -> Result<Vec<ToolCall>, Unreadable> {
        Err(Unreadable("Exotel's calls have no tools"))
    }

    fn answer(&self, answers: &[ToolAnswer<'_>]) -> Reply {
        let content_type = HeaderValue::from_static("application/json");
        let body = answers.first().map_or("{}", |one| one.answer);
        Reply { content_type, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn inbound(&self, payload: &Verified) -> Result<Inbound, Unreadable> {
        self.reading.inbound(&Fields::read(payload.body())?)
    }

    fn welcome(&self, taken: &Taken) -> Reply {
        let mut told = Map::new();
        if let Some(welcome) = &taken.welcome {
            told.extend(welcome.0.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
        }
        Reply::json(&Value::Object(told))
    }

    fn hand_over(&self, to: &Handover) -> Reply {
        let number = to.number.as_ref().map(PhoneNumber::as_str);
        Reply::json(
            &json!({ "destination": { "numbers": number.into_iter().collect::<Vec<_>>() } }),
        )
    }

    /// A call-back that waits takes its first branch on 200.
    fn acknowledgement(&self) -> StatusCode {
        StatusCode::OK
    }

    fn place<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Placed> {
        Box::pin(self.desk.place(net, order, self.proof.events_path()))
    }

    /// Exotel has no idempotency key: what may have been placed is looked up.
    fn remembers_orders(&self) -> u32 {
        0
    }

    fn find_placed<'a>(&'a self, net: &'a Client, order: &'a Order) -> Asking<'a, Option<Placed>> {
        Box::pin(self.desk.find_placed(net, order))
    }

    fn hang_up<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, ()> {
        Box::pin(self.desk.hang_up(net, call))
    }

    fn fetch<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Fetched>> {
        Box::pin(self.desk.fetch(net, call))
    }

    fn list<'a>(
        &'a self,
        net: &'a Client,
        window_ms: (i64, i64),
        next: Option<&'a str>,
    ) -> Asking<'a, Listed> {
        Box::pin(self.desk.list(net, window_ms, next))
    }

    fn recording<'a>(&'a self, net: &'a Client, call: &'a CallNames) -> Asking<'a, Option<Source>> {
        Box::pin(self.desk.recording(net, call))
    }

    fn recording_window(&self) -> Window {
        // It appears one to five, at most fifteen minutes after the end; plans keep it for a month.
        Window { ready_s: 60, offered_s: 1_800, kept_s: 30 * 86_400 }
    }

    fn plan<'a>(&'a self, net: &'a Client, plan: &'a Plan) -> Asking<'a, Vec<Change>> {
        Box::pin(self.desk.plan(net, plan))
    }

    fn apply<'a>(&'a self, net: &'a Client, change: &'a Change) -> Asking<'a, ()> {
        Box::pin(self.desk.apply(net, change))
    }

    fn stage(&self, scene: &Scene, act: &Act) -> Bytes {
        scenes::stage(scene, act, &self.reading.zone)
    }

    fn path(&self, _: &Act) -> String {
        self.proof.path()
    }

    fn sign(&self, body: &[u8], _: i64) -> Option<HeaderMap> {
        self.proof.sign(body)
    }
}

#[cfg(test)]
mod tests;
