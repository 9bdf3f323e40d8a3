//! A practice with more than one branch and person, and short ways to ask and to read answers.
//!
//! Never a test by itself.

use frontdesk::app::exceptions::ExceptionOf;
use frontdesk::domain::access::BusinessId;
use frontdesk::domain::business::{Branch, Service, Staff, Workplace};
use frontdesk::domain::ids::{BranchId, ServiceId, StaffId};
use frontdesk::domain::scheduling::hours::read_ranges;
use frontdesk::domain::scheduling::opening::{Exception, Opening};
use frontdesk::domain::scheduling::rules::Rules;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::harness::{Server, retell};

/// Another caller than the usual one.
pub const OTHER: &str = "+12137771236";
/// One more.
pub const THIRD: &str = "+12137771237";

/// A service of half an hour that takes the branch's own time.
pub fn service(name: &str) -> Service {
    Service {
        id: ServiceId::new(Timestamp::UNIX_EPOCH, [0; 10]),
        name: name.to_owned(),
        rules: Rules::new(30, 30, 0, 60).expect("within bounds"),
        staffed: false,
        price: None,
        active: true,
        skills: Vec::new(),
        staff: Vec::new(),
        branches: Vec::new(),
    }
}

/// A service of half an hour that takes the time of who does it.
pub fn staffed(name: &str) -> Service {
    Service { staffed: true, ..service(name) }
}

/// Gives a business one more service.
pub async fn add_service(server: &Server, business: BusinessId, service: Service) {
    let added = server.app().add_service(business, service, None).await;
    added.expect("the service can be added");
}

/// The branch that a business begins with.
pub async fn first_branch(server: &Server, business: BusinessId) -> BranchId {
    let setup = server.app().setup_of(business).await.expect("the business is there");
    setup.branches.first().expect("a business begins with a branch").id
}

/// Gives a business one more branch, with the hours and the zone of another.
pub async fn add_branch(server: &Server, business: BusinessId, name: &str) -> BranchId {
    let setup = server.app().setup_of(business).await.expect("the business is there");
    let other = setup.branches.first().expect("a business begins with a branch").clone();
    let branch = Branch { name: name.to_owned(), ..other };
    server.app().add_branch(business, branch, None).await.expect("the branch can be added").id
}

/// Gives a business somebody who works at a branch: by weekly hours of their own, or whenever it is
/// open.
pub async fn add_person(
    server: &Server,
    business: BusinessId,
    name: &str,
    branch: BranchId,
    hours: Option<&str>,
) -> StaffId {
    let opening = hours.map_or_else(Opening::default, |hours| {
        Opening::new(hours.parse().expect("readable hours"), Vec::new())
    });
    let member = Staff {
        id: StaffId::new(Timestamp::UNIX_EPOCH, [0; 10]),
        name: name.to_owned(),
        active: true,
        skills: Vec::new(),
        places: vec![Workplace { branch, own_hours: hours.is_some(), opening }],
    };
    server.app().add_staff(business, member, None).await.expect("the person can be added").id
}

/// Gives a day other hours: the day, the hours or `closed`, and what it is called.
pub async fn except(
    server: &Server,
    business: BusinessId,
    of: ExceptionOf,
    (day, hours, name): (&str, &str, &str),
) {
    let first: Date = day.parse().expect("a day");
    let ranges = read_ranges(hours).expect("readable hours");
    let exception = Exception { first, last: first, ranges, name: name.to_owned() };
    let added = server.app().add_exception(business, of, exception, None).await;
    added.expect("the day can have other hours");
}

/// A call from a number.
pub fn call_from(number: &str, call_id: &str) -> Value {
    let mut call = retell::call(call_id);
    call["from_number"] = json!(number);
    call
}

/// A call from somebody who does not show their number.
pub fn call_without_number(call_id: &str) -> Value {
    let mut call = retell::call(call_id);
    call["from_number"] = Value::Null;
    call
}

/// Arguments with more of them, or others.
pub fn with(args: &Value, more: &Value) -> Value {
    let mut all = args.clone();
    for (name, value) in more.as_object().expect("arguments are an object") {
        all[name] = value.clone();
    }
    all
}

/// Books in a call, for Robin Example unless the arguments say otherwise, and returns the id of the
/// appointment.
pub async fn book(server: &Server, args: &Value, call: &Value) -> String {
    let args = with(&json!({"name": "Robin Example"}), args);
    let answer = server.tool_in("book_appointment", args, call).await;
    assert_eq!(answer["data"]["status"], "booked", "{answer}");
    answer["data"]["appointment_id"].as_str().expect("a booking has an id").to_owned()
}

/// The reason of a refusal, the argument it is about, and what to do now; empty where not told.
pub fn told(answer: &Value) -> (&str, &str, &str) {
    let word = |member: &str| answer[member].as_str().unwrap_or("");
    (word("reason"), word("field"), word("next"))
}

/// The starts that were offered, by the clock on the wall, such as `2026-01-06T10:00`.
#[track_caller]
pub fn starts(answer: &Value) -> Vec<String> {
    let slots = answer["data"]["slots"].as_array().map_or(&[][..], Vec::as_slice);
    let start = |slot: &Value| slot["start"].as_str().expect("a slot has a start")[..16].to_owned();
    slots.iter().map(start).collect()
}
