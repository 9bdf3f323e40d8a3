//! Calendars behind a secret address: told once, kept as a digest, read by any calendar program.

use std::fs;

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, NOBODY, id, invalid};
use crate::harness::{Answer, Server, Setup};

/// Under which address the world reaches the tests' server.
const WORLD: &str = "https://desk.example.com";
/// Most octets of a line, RFC 5545 section 3.1.
const LINE_MAX_OCTETS: usize = 75;

/// A server that knows its address.
async fn start() -> Server {
    Setup::plain().set("SERVER__PUBLIC_URL", WORLD).start().await
}

/// Makes a calendar; returns its id and the path of its address.
async fn feed(api: &Api<'_>, sent: &Value) -> (String, String) {
    let made = api.made("/feeds", sent).await;
    let url = made["url"].as_str().expect("the answer that makes it has its address");
    let path = url.strip_prefix(WORLD).expect("an address under which the world reaches it");
    (id(&made).to_owned(), path.to_owned())
}

/// The secret in the path of an address.
fn secret(path: &str) -> &str {
    let file = path.strip_prefix("/feeds/").expect("calendars have a folder");
    file.strip_suffix(".ics").expect("calendars have an ending")
}

/// The lines of a calendar, unfolded; fails unless they are as RFC 5545 section 3.1 wants them.
#[track_caller]
fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    let text = String::from_utf8(answer.body.clone()).expect("a calendar is UTF-8");
    let whole = text.strip_suffix("\r\n").expect("the last line ends too");
    for line in whole.split("\r\n") {
        assert!(line.len() <= LINE_MAX_OCTETS, "{} octets: {line:?}", line.len());
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    whole.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The lines of each event of a calendar.
fn events(lines: &[String]) -> Vec<&[String]> {
    let events = lines.split(|line| line == "BEGIN:VEVENT").skip(1);
    let end = |event: &[String]| event.iter().position(|line| line == "END:VEVENT");
    events.map(|event| &event[..end(event).expect("every event ends")]).collect()
}

/// The values of a property in all events, in order.
fn values(lines: &[String], name: &str) -> Vec<String> {
    let begin = format!("{name}:");
    let of = |event: &[String]| {
        event.iter().find_map(|line| line.strip_prefix(&begin)).map(str::to_owned)
    };
    events(lines).into_iter().filter_map(of).collect()
}

/// Books a service on Tuesday, at a time in UTC.
async fn book(api: &Api<'_>, service: &str, time: &str, whom: &str) -> Value {
    let start = format!("2026-01-06T{time}:00Z");
    let sent = json!({"service_id": service, "starts_at": start, "customer_name": whom,
        "customer_phone": "+49301234567", "customer_email": "robin@example.com",
        "notes": "Has a cat."});
    api.made("/appointments", &sent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_has_each_appointment_in_utc_and_with_its_texts_escaped() {
    let server = start().await;
    let api = Api::of(&server, server.business().await).await;
    let branch = format!("/branches/{}", id(&api.items("/branches").await[0]));
    let place = "Main Street 1\nBerlin, Mitte; 2nd \\ floor";
    api.changed(&branch, &json!({"address": place})).await;
    let sent = json!({"name": "Cut, wash; dry", "duration_min": 45, "notice_min": 0});
    let service = id(&api.made("/services", &sent).await).to_owned();
    let long = format!("{} Example", "\u{e4}\u{20ac}".repeat(90));
    let one = book(&api, &service, "08:00", "Example, Robin; Jr. \\n").await;
    let two = book(&api, &service, "08:45", &long).await;
    let (_, path) = feed(&api, &json!({})).await;
    let answer = server.get(&path, None).await;
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    let lines = lines(&answer);
    let (first, last) = (lines.first().map(String::as_str), lines.last().map(String::as_str));
    assert_eq!((first, last), (Some("BEGIN:VCALENDAR"), Some("END:VCALENDAR")));
    for line in ["VERSION:2.0", "CALSCALE:GREGORIAN", "X-WR-CALNAME:Example Practice"] {
        assert!(lines.iter().any(|one| one == line), "no {line} in {lines:?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("PRODID:")), "{lines:?}");
    let of = |name: &str| values(&lines, name);
    assert_eq!(of("UID"), [id(&one), id(&two)]);
    assert_eq!(of("DTSTART"), ["20260106T080000Z", "20260106T084500Z"]);
    assert_eq!(of("DTEND"), ["20260106T084500Z", "20260106T093000Z"]);
    assert_eq!(of("DTSTAMP"), ["20260105T080000Z", "20260105T080000Z"]);
    assert_eq!(of("STATUS"), ["CONFIRMED", "CONFIRMED"]);
    let escaped = "Cut\\, wash\\; dry: Example\\, Robin\\; Jr. \\\\n";
    assert_eq!(of("SUMMARY"), [escaped.to_owned(), format!("Cut\\, wash\\; dry: {long}")]);
    let place = "Main Street 1\\nBerlin\\, Mitte\\; 2nd \\\\ floor";
    assert_eq!(of("LOCATION"), [place, place]);
    for private in ["49301234567", "robin@example.com", "Has a cat."] {
        assert!(!answer.text().contains(private), "{private} is nobody's business");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_calendar_is_escaped_too() {
    let server = start().await;
    let business = server.business().await;
    let api = Api::of(&server, business).await;
    let name = json!({"name": "Smith, Jones; and \\n Co."});
    api.changed(&format!("/businesses/{}", business.uuid()), &name).await;
    let (_, path) = feed(&api, &json!({})).await;
    let lines = lines(&server.get(&path, None).await);
    let told = lines.iter().find_map(|line| line.strip_prefix("X-WR-CALNAME:"));
    assert_eq!(told, Some("Smith\\, Jones\\; and \\\\n Co."));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_any_characters_leaves_a_calendar_whole() {
    let server = start().await;
    let api = Api::of(&server, server.business().await).await;
    let branch = format!("/branches/{}", id(&api.items("/branches").await[0]));
    let service = id(&api.items("/services").await[0]).to_owned();
    book(&api, &service, "08:00", "Robin Example").await;
    let (_, path) = feed(&api, &json!({})).await;
    for address in ["Main Street 1\r\nBerlin", "Main Street 1\rBerlin", "Main\u{7} Street\u{0}"] {
        let answer = api.patch(&branch, &json!({"address": address})).await;
        // It may be refused, or kept and written as a line that is one.
        assert!(matches!(answer.status, 200 | 400), "{}", answer.text());
        let lines = lines(&server.get(&path, None).await);
        assert_eq!(values(&lines, "UID").len(), 1, "{address:?}: {lines:?}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staff_members_calendar_has_theirs_and_a_business_that_of_all() {
    let server = start().await;
    let api = Api::of(&server, server.business().await).await;
    let kim = id(&api.made("/staff", &json!({"name": "Kim Example"})).await).to_owned();
    let ada = id(&api.made("/staff", &json!({"name": "Ada Other"})).await).to_owned();
    let sent = json!({"name": "Consultation", "duration_min": 60, "notice_min": 0,
        "staffed": true});
    let service = id(&api.made("/services", &sent).await).to_owned();
    let (one, two) = (
        book(&api, &service, "08:00", "Robin Example").await,
        book(&api, &service, "08:00", "Robyn Example").await,
    );
    let checkup = id(&api.items("/services").await[0]).to_owned();
    let three = book(&api, &checkup, "09:00", "Robin Example").await;
    let of_kim = if one["staff_id"] == json!(kim) { &one } else { &two };
    let (_, all) = feed(&api, &json!({})).await;
    let (_, kims) = feed(&api, &json!({"staff_id": kim})).await;
    assert_ne!(all, kims);
    let lines_of = async |path: &str| lines(&server.get(path, None).await);
    let own = lines_of(&kims).await;
    assert_eq!(values(&own, "UID"), [id(of_kim)]);
    assert_eq!(values(&own, "DESCRIPTION"), ["Kim Example"]);
    let mut shown = values(&lines_of(&all).await, "UID");
    let mut wanted = [&one, &two, &three].map(|one| id(one).to_owned());
    shown.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(shown, wanted);
    // What was called off is shown as such, and what nobody came to is not.
    server.go_to("2026-01-06T09:00:00Z");
    for (one, what) in [(of_kim, "cancel"), (&three, "no-show")] {
        let path = format!("/appointments/{}/{what}", id(one));
        assert_eq!(api.send(Method::POST, &path, &[], None).await.status, 200, "{what}");
    }
    assert_eq!(values(&lines_of(&kims).await, "STATUS"), ["CANCELLED"]);
    assert_eq!(values(&lines_of(&all).await, "UID").len(), 2);
    // A calendar goes back a month.
    server.advance(SignedDuration::from_hours(24 * 31 + 1));
    assert!(values(&lines_of(&all).await, "UID").is_empty());
    invalid(&api.post("/feeds", &json!({"staff_id": NOBODY})).await, "staff_id", &json!(NOBODY));
    api.made("/feeds", &json!({"staff_id": ada})).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_told_once_and_shows_nothing_when_it_is_wrong_or_was_taken_back() {
    let server = start().await;
    let api = Api::of(&server, server.business().await).await;
    let (own, path) = feed(&api, &json!({})).await;
    let created = json!({"id": own, "staff_id": null, "created_at": "2026-01-05T08:00:00Z"});
    assert_eq!(api.shown("/feeds").await, json!({"items": [created]}), "without its address");
    let once = api.once("/feeds", "k", &json!({})).await.json();
    assert!(once["url"].is_string(), "{once}");
    let again = api.once("/feeds", "k", &json!({})).await;
    assert_eq!((again.status, id(&again.json())), (201, id(&once)));
    assert!(again.json().get("url").is_none(), "{}", again.text());
    invalid(&api.post("/feeds", &json!({"colour": "red"})).await, "colour", &json!("red"));
    assert_eq!(server.get(&path, None).await.status, 200);
    let key = secret(&path);
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    let wrong = [
        format!("/feeds/{}.ics", "0".repeat(32)),
        format!("/feeds/{}.ics", key.to_uppercase().replace(char::is_numeric, "A")),
        format!("/feeds/{}.ics", &key[1..]),
        format!("/feeds/{key}0.ics"),
        format!("/feeds/{key}"),
        format!("/feeds/{key}.ICS"),
        format!("/feeds/{own}.ics"),
        "/feeds/.ics".to_owned(),
        "/feeds/%00.ics".to_owned(),
    ];
    for path in &wrong {
        server.get(path, None).await.problem(404, "not_found");
    }
    assert_eq!(api.delete(&format!("/feeds/{own}")).await.status, 204);
    server.get(&path, None).await.problem(404, "not_found");
    api.delete(&format!("/feeds/{own}")).await.problem(404, "not_found");
    assert_eq!(api.items("/feeds").await.len(), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_an_address_stands_in_no_file() {
    let server = start().await;
    let api = Api::of(&server, server.business().await).await;
    let (_, path) = feed(&api, &json!({})).await;
    assert_eq!(server.get(&path, None).await.status, 200);
    let secret = secret(&path);
    let byte = |at: usize| u8::from_str_radix(&secret[at..at + 2], 16).expect("two digits");
    let raw: Vec<u8> = (0..secret.len()).step_by(2).map(byte).collect();
    let digest = server.db().blobs("SELECT token_sha256 FROM feeds").concat();
    let (mut files, mut has_digest) = (0, false);
    let folder = fs::read_dir(&server.app().settings().data.dir).expect("the folder is there");
    for entry in folder.flatten().filter(|entry| entry.path().is_file()) {
        let bytes = fs::read(entry.path()).expect("the file can be read");
        let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
        let name = entry.file_name();
        assert!(!holds(secret.as_bytes()), "the secret stands in {name:?}");
        assert!(!holds(&raw), "its bytes stand in {name:?}");
        has_digest |= holds(&digest);
        files += 1;
    }
    assert!(files > 0 && has_digest, "what was looked through is where calendars are kept");
    server.finish().await;
}
