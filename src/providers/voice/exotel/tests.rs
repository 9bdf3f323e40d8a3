//! Exotel's shapes, by what its documentation says.

use super::*;
use crate::config::load_tests::{Folder, account, settings_of};
use crate::crypto::digest::{hex, sha256};
use crate::domain::call::{Cost, Direction, EndFamily, Moment, Status};

const TOKEN: &str = "4f9vQm1s8Zk2Lr7Xb0TnYw";

fn built(config: &str) -> Box<dyn Voice> {
    let folder = Folder::with(&format!("[voice.exotel]\n{config}\n"));
    let settings = settings_of(&folder.sources());
    build(account(&settings, "exotel")).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn refused(config: &str) -> String {
    let folder = Folder::with(&format!("[voice.exotel]\n{config}\n"));
    let settings = settings_of(&folder.sources());
    match build(account(&settings, "exotel")) {
        Ok(_) => panic!("{config} is taken"),
        Err(faults) => format!("{faults:?}"),
    }
}

fn plain() -> Box<dyn Voice> {
    built(&format!("path_token = '{TOKEN}'"))
}

fn asking() -> Box<dyn Voice> {
    built(&format!("path_token = '{TOKEN}'\naccount_sid = 's'\napi_key = 'k'\napi_token = 't'"))
}

fn ask(
    exotel: &dyn Voice,
    (token, peer): (Option<&str>, Option<&str>),
    headers: &HeaderMap,
    (query, body): (&str, &str),
) -> Result<Verified, Refusal> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let peer = peer.map(|peer| peer.parse().expect("an address"));
    exotel.verify(&Incoming { headers, query, token, peer, body: &body, now_ms: 0 })
}

fn event(exotel: &dyn Voice, body: &str) -> Event {
    exotel.event(&Verified::new(Bytes::copy_from_slice(body.as_bytes()))).expect("readable")
}

#[test]
fn the_secret_in_the_path_proves_and_its_digest_is_enough_to_know_it() {
    let none = HeaderMap::new();
    let by_digest = built(&format!("path_token_sha256 = '{}'", hex(&sha256(&[TOKEN.as_bytes()]))));
    for exotel in [&plain(), &by_digest] {
        assert!(ask(&**exotel, (Some(TOKEN), None), &none, ("", "CallSid=1")).is_ok());
        let missing = ask(&**exotel, (None, None), &none, ("", "CallSid=1"));
        assert_eq!(missing.err(), Some(Refusal::SignatureMissing));
        for bad in ["", "x", &TOKEN[1..], &TOKEN.to_lowercase()] {
            let judged = ask(&**exotel, (Some(bad), None), &none, ("", "CallSid=1"));
            assert_eq!(judged.err(), Some(Refusal::SignatureInvalid), "{bad}");
        }
    }
    assert_eq!(by_digest.sign(b"", 0), None, "what is not known cannot be simulated");
    assert_eq!(plain().path(&Act::Started), format!("/{TOKEN}"));
    let by_get = ask(&*plain(), (Some(TOKEN), None), &none, ("CallSid=1&Direction=incoming", ""));
    assert_eq!(&by_get.expect("proven").body()[..], b"CallSid=1&Direction=incoming");
}

#[test]
fn more_checks_can_only_refuse_more() {
    let config = format!(
        "path_token = '{TOKEN}'\nbasic_user = 'u'\nbasic_password = 'p'\n\
         allow = ['203.0.113.0/24']"
    );
    let exotel = built(&config);
    let basic = HeaderMap::from_iter([(
        http::header::AUTHORIZATION,
        HeaderValue::from_static("Basic dTpw"),
    )]);
    let from = Some("203.0.113.9");
    assert!(ask(&*exotel, (Some(TOKEN), from), &basic, ("", "a=1")).is_ok());
    let judged =
        |token, peer, headers: &HeaderMap| ask(&*exotel, (token, peer), headers, ("", "a=1")).err();
    assert_eq!(judged(Some(TOKEN), from, &HeaderMap::new()), Some(Refusal::SignatureMissing));
    assert_eq!(judged(Some(TOKEN), Some("198.51.100.1"), &basic), Some(Refusal::AddressRefused));
    assert_eq!(judged(Some(TOKEN), None, &basic), Some(Refusal::AddressRefused));
    assert_eq!(judged(None, from, &basic), Some(Refusal::SignatureMissing));
}

#[test]
fn a_gateways_signature_is_checked_where_it_is_switched_on() {
    let exotel = built("verify = 'hmac-sha1'\nhmac_secret = 'exotel-secret'");
    let body = r#"{"CallSid":"123","CallStatus":"completed"}"#;
    let with = |value: &'static str| {
        let name = http::HeaderName::from_static("x-exotel-signature");
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        ask(&*exotel, (None, None), &headers, ("", body)).map(drop)
    };
    assert_eq!(with("e4a82fcb4a8e1cd1018c50003cf782be9fd00c41"), Ok(()));
    assert_eq!(with("5Kgvy0qOHNEBjFAAPPeCvp/QDEE="), Ok(()));
    assert_eq!(with("f4a82fcb4a8e1cd1018c50003cf782be9fd00c41"), Err(Refusal::SignatureInvalid));
    let none = ask(&*exotel, (None, None), &HeaderMap::new(), ("", body)).map(drop);
    assert_eq!(none, Err(Refusal::SignatureMissing));
}

#[test]
fn an_account_without_a_proof_or_with_half_a_key_is_refused() {
    assert!(refused("currency = 'INR'").contains("path_token"));
    assert!(refused("path_token = 'short'").contains("at least 22"));
    assert!(refused("path_token_sha256 = 'AB'").contains("64 lower-case"));
    assert!(refused("verify = 'md5'\nhmac_secret = 's'").contains("hmac-sha1"));
    let half = format!("path_token = '{TOKEN}'\napi_key = 'k'");
    assert!(refused(&half).contains("go together"));
    let zone = format!("path_token = '{TOKEN}'\nzone = 'Mars/Olympus'");
    assert!(refused(&zone).contains("time zone"));
    assert!(refused(&format!("path_token = '{TOKEN}'\nallow = ['x']")).contains("network"));
}

#[test]
fn one_end_is_read_the_same_as_a_form_of_either_kind_a_query_and_json() {
    let form = "CallSid=c1&Status=no-answer&From=09876543210&To=%2B912248942000&Direction=inbound\
                &StartTime=2026-01-01+05%3A30%3A00&EndTime=1970-01-01+05%3A30%3A00&EventType=terminal";
    let json = r#"{"CallSid":"c1","Status":"no-answer","From":"09876543210","To":"+912248942000",
        "Direction":"inbound","StartTime":"2026-01-01 05:30:00","EndTime":"1970-01-01 05:30:00",
        "EventType":"terminal"}"#;
    let pairs = [
        ("CallSid", "c1"),
        ("Status", "no-answer"),
        ("From", "09876543210"),
        ("To", "+912248942000"),
        ("Direction", "inbound"),
        ("StartTime", "2026-01-01 05:30:00"),
        ("EndTime", "1970-01-01 05:30:00"),
        ("EventType", "terminal"),
    ];
    let mut multipart = String::new();
    for (name, text) in pairs {
        multipart +=
            &format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    }
    multipart += "--xyz--\r\n";
    let told: Vec<Event> =
        [form, json, &multipart].iter().map(|body| event(&*plain(), body)).collect();
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    let report = &told[0].report;
    assert_eq!(told[0].moment, Moment::Ended);
    assert_eq!(report.status, Some(Status::NotConnected));
    assert_eq!(report.ended_by, Some(("no-answer".to_owned(), EndFamily::NotReached)));
    assert_eq!(report.from_number.as_deref(), Some("+919876543210"));
    assert_eq!(report.to_number.as_deref(), Some("+912248942000"));
    assert_eq!(report.direction, Some(Direction::Inbound));
    let started = report.started_at.expect("told").to_string();
    assert_eq!(started, "2026-01-01T00:00:00Z", "Indian time");
    assert_eq!(report.ended_at, None, "the beginning of 1970 is no time");
    assert!(!told[0].needs_confirming, "nobody can be asked");
    assert!(event(&*asking(), form).needs_confirming);
}

#[test]
fn details_that_were_asked_for_count_by_themselves() {
    let body = r#"{"fetched":{"Call":{"Sid":"c1","Status":"completed","From":"09876543210",
        "To":"02248942000","PhoneNumberSid":"02248942000","Direction":"outbound-api",
        "StartTime":"2026-01-01 05:30:00","EndTime":"2026-01-01 05:30:32","Duration":"32",
        "Price":"1.23456","CustomField":"frontdesk-7","RecordingUrl":"https://r.exotel.com/a"}}}"#;
    let told = event(&*asking(), body);
    assert!(!told.needs_confirming);
    assert_eq!(
        told.call,
        Some(CallNames { id: "c1".to_owned(), others: vec!["frontdesk-7".into()] })
    );
    let report = told.report;
    assert_eq!((report.status, report.direction), (Some(Status::Ended), Some(Direction::Outbound)));
    assert_eq!(report.from_number.as_deref(), Some("+912248942000"), "ours");
    assert_eq!(report.to_number.as_deref(), Some("+919876543210"), "the person, who is rung first");
    assert_eq!(report.duration_ms, Some(32_000));
    assert_eq!(report.cost, Some(Cost { micros: 1_234_560, currency: "INR".to_owned() }));
}

#[test]
fn numbers_in_ten_notations_are_one() {
    for written in [
        "09876543210",
        "9876543210",
        "919876543210",
        "+919876543210",
        "+91 98765 43210",
        "098765-43210",
        "00919876543210",
        "+91-9876543210",
        "(0)9876543210",
        "+91 (0)9876543210",
    ] {
        assert_eq!(reading::number(written), "+919876543210", "{written}");
    }
    assert_eq!(reading::number("anonymous"), "anonymous");
    assert_eq!(reading::number("+12025550142"), "+12025550142");
}

#[test]
fn legs_and_unknown_kinds_are_kept() {
    let leg = event(
        &*plain(),
        r#"{"event_name":"leg_answered","event_timestamp":"2026-01-01T00:00:05Z",
        "data":{"leg_sid":"l1","call_sid":"c1","contact_uri":"+919876543210"}}"#,
    );
    assert_eq!((leg.name.as_str(), leg.moment), ("leg_answered", Moment::Progress));
    assert_eq!(leg.report.legs[0].status, Some(Status::Ongoing));
    assert_eq!(leg.call, Some(CallNames { id: "c1".to_owned(), others: vec!["l1".to_owned()] }));
    let odd = event(&*plain(), "CallSid=c1&Status=vanished");
    assert_eq!((odd.report.status, odd.moment), (None, Moment::Other));
    for (body, why) in
        [("", "it is empty"), ("a=b", "there is no CallSid"), ("--x", "it is no form")]
    {
        let payload = Verified::new(Bytes::copy_from_slice(body.as_bytes()));
        assert_eq!(plain().event(&payload).err(), Some(Unreadable(why)), "{body}");
    }
    let many: String = (0..200).map(|n| format!("f{n}=1&")).collect();
    let payload = Verified::new(Bytes::from(many));
    assert_eq!(plain().event(&payload).err(), Some(Unreadable("it holds too much")));
}
