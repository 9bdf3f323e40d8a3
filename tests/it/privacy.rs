//! A person exported and erased: nothing of theirs is left anywhere, nothing of others is touched, and a
//! late delivery does not bring them back.

use std::collections::BTreeSet;
use std::path::Path;

use frontdesk::app::privacy::{Fate, LINES, Person};
use frontdesk::domain::access::{BusinessId, Role, Scope, Standing};
use frontdesk::domain::phone::PhoneNumber;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Server, eventually, retell};

const PHONE: &str = "+12025550177";
const EMAIL: &str = "wanda.quisling@example.net";
const NAME: &str = "Wanda Quisling";
const WORDS: &str = "my left knee hurts since the zeppelin race";

/// A call of a person as its provider tells it at the end.
fn whole(server: &Server, id: &str, phone: &str, words: &str) -> String {
    let mut told: Value = serde_json::from_str(&retell::analyzed(id)).expect("JSON");
    told["call"]["from_number"] = json!(phone);
    told["call"]["start_timestamp"] = json!(server.now_ms());
    told["call"]["end_timestamp"] = json!(server.now_ms() + 9_000);
    told["call"]["transcript_object"] = json!([{"role": "user", "content": words, "words": []}]);
    told["call"]["call_analysis"]["call_summary"] = json!(words);
    told.to_string()
}

/// Somebody calls, books, leaves a message, waits, and is told of by the provider.
async fn lives(server: &Server, call: &str, (phone, name, email, words): (&str, &str, &str, &str)) {
    let mut live = retell::call(call);
    live["from_number"] = json!(phone);
    live["start_timestamp"] = json!(server.now_ms());
    let args = json!({"service": "Check-up"});
    let answer = server.tool_in("check_availability", args, &live).await;
    let slot = answer["data"]["slots"][0]["slot"].clone();
    let args =
        json!({"slot": slot, "service": "Check-up", "name": name, "email": email, "notes": words});
    let booked = server.tool_in("book_appointment", args, &live).await;
    assert_eq!(booked["data"]["status"], "booked", "{booked}");
    let args = json!({"message": words, "name": name});
    server.tool_in("take_message", args, &live).await;
    assert_eq!(server.hook(whole(server, call, phone, words)).await.status, 204);
    server.settled().await;
}

async fn somebody(server: &Server) -> BusinessId {
    let business = server.business().await;
    lives(server, "call_hers", (PHONE, NAME, EMAIL, WORDS)).await;
    let waits = format!(
        "INSERT INTO waiting_entries (id, business_id, service_id, customer_name, customer_phone,
           customer_email, from_at, until_at, state, created_at, updated_at)
         SELECT randomblob(16), business_id, id, '{NAME}', '{PHONE}', '{EMAIL}', 1, 2, 'waiting', 1, 1
         FROM services LIMIT 1"
    );
    server.db().change(&waits).expect("she waits");
    let other = ("+12025550188", "Otto Normal", "otto@example.org", "a new crown please");
    lives(server, "call_his", other).await;
    business
}

/// The words of a person that are somewhere in the files of a data folder.
fn left(dir: &Path) -> Vec<String> {
    let wanted = [PHONE, EMAIL, NAME, WORDS, "Quisling", "zeppelin", "call_hers"];
    let mut found = Vec::new();
    for file in std::fs::read_dir(dir).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        for word in wanted {
            if bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes())) {
                found.push(format!("{word} in {:?}", file.file_name()));
            }
        }
    }
    found
}

fn by_phone() -> Person {
    let phone = Some(PhoneNumber::parse(PHONE).expect("a number"));
    Person { phone, ..Person::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_a_line_that_says_what_becomes_of_a_person() {
    let server = Server::start().await;
    let tables = "SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'refinery_schema_history'";
    let there: BTreeSet<String> = server.db().cells(tables).into_iter().flatten().collect();
    let named: BTreeSet<String> = LINES.iter().map(|line| line.0.to_owned()).collect();
    assert_eq!(there, named, "a table without a line, or a line without a table");
    assert_eq!(named.len(), LINES.len(), "a table has two lines");
    assert!(LINES.iter().all(|(_, _, why)| !why.is_empty()));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_person_is_exported_whole_and_nothing_of_others() {
    let server = Server::start().await;
    let business = somebody(&server).await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let headers = [("authorization", bearer.as_str())];
    let ask = async |body: Value| {
        let sent = body.to_string().into_bytes();
        server.request(Method::POST, "/api/v1/privacy/export", &headers, sent).await
    };
    let told = ask(json!({"phone": PHONE})).await;
    let tables = told.json()["tables"].as_object().expect("tables").clone();
    for (table, fate, _) in LINES {
        // These hold something of hers; the others of that fate hold nothing here.
        // Recordings are tried where they are made.
        let quiet = ["poison", "call_orders", "call_names", "erasures", "recordings"];
        if fate != Fate::Kept && !quiet.contains(&table) {
            let rows = tables[table].as_array().expect("rows").len();
            assert!(rows > 0, "{table}: {}", told.text());
        }
    }
    let text = told.text();
    for word in [PHONE, NAME, EMAIL, WORDS] {
        assert!(text.contains(word), "{word}");
    }
    for word in ["+12025550188", "Otto", "crown"] {
        assert!(!text.contains(word), "{word}");
    }
    let customer =
        server.db().text("SELECT lower(hex(id)) FROM customers WHERE email LIKE 'wanda%'");
    let by_customer = ask(json!({"customer_id": customer})).await.json();
    assert_eq!(
        by_customer["tables"]["calls"],
        Value::Array(tables["calls"].as_array().expect("rows").clone())
    );
    assert_eq!(server.number("SELECT count(*) FROM audit_log WHERE action = 'export_person'"), 2);
    ask(json!({})).await.problem(400, "invalid");
    assert_eq!(ask(json!({"phone": "12"})).await.problem(400, "invalid")["field"], "phone");
    let nobody = json!({"customer_id": "01900000-0000-7000-8000-000000000001"});
    ask(nobody).await.problem(404, "not_found");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_nowhere_and_no_late_delivery_brings_them_back() {
    let server = Server::start().await;
    let business = somebody(&server).await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let late = whole(&server, "call_hers", PHONE, WORDS).replace("call_analyzed", "call_ended");
    let unheard = whole(&server, "call_unheard_of", PHONE, WORDS);
    server.advance(SignedDuration::from_mins(3));
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "once")];
    let path = "/api/v1/privacy/erasures";
    let sent = json!({"phone": PHONE, "email": EMAIL}).to_string().into_bytes();
    let asked = server.request(Method::POST, path, &headers, sent.clone()).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let again = server.request(Method::POST, path, &headers, sent).await;
    assert_eq!(again.json()["id"], asked.json()["id"], "once");
    server.settled().await;
    let shown = format!("{path}/{}", asked.json()["id"].as_str().expect("an id"));
    let shown = server.get(&shown, Some(&owner.access)).await.json();
    assert_eq!((&shown["state"], &shown["calls"]), (&json!("done"), &json!(1)), "{shown}");
    assert_eq!((&shown["appointments"], &shown["customers"]), (&json!(1), &json!(1)), "{shown}");
    // Late deliveries of a call that was known, and of one that never was.
    for body in [&late, &unheard] {
        assert_eq!(server.hook(body).await.status, 204);
    }
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 1);
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 1);
    // Others are untouched, and the book still says what took place.
    assert_eq!(server.number("SELECT count(*) FROM customers"), 1);
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 2);
    let his = "SELECT count(*) FROM transcript_turns WHERE text LIKE '%crown%'";
    assert_eq!(server.number(his), 1);
    // Who calls again afterwards is somebody new.
    server.advance(SignedDuration::from_hours(1));
    let told = whole(&server, "call_new", PHONE, "hello again");
    assert_eq!(server.hook(told).await.status, 204);
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 2);
    server.app().erase_person(business, by_phone(), None).await.expect("noted");
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 1);
    server.app().compact().await.expect("written anew");
    let data = server.stop().await;
    assert_eq!(left(data.dir()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_broken_off_anywhere_goes_on_and_ends() {
    let server = Server::start().await;
    let business = somebody(&server).await;
    for n in 0..50 {
        let call = whole(&server, &format!("call_more_{n}"), PHONE, WORDS);
        assert_eq!(server.hook(call).await.status, 204);
    }
    server.settled().await;
    let data = server.stop().await;
    let server = crate::harness::Setup::plain().on(data).without_jobs().allow_jobs().start().await;
    let erasure = server.app().erase_person(business, by_phone(), None).await.expect("noted");
    let store = &server.app().store;
    let mut steps = 0;
    loop {
        let (id, now) = (erasure.id, server.app().clock.now());
        let step = store.write(frontdesk::store::Lane::Background, move |write| {
            frontdesk::store::privacy::go_on(write, business, id, now)
        });
        let is_done: Result<bool, frontdesk::store::StoreError> = step.await;
        steps += 1;
        if is_done.expect("a step") {
            break;
        }
        // Another process that died here would go on from what is written.
        let open = server.number("SELECT count(*) FROM erasures WHERE done_at IS NULL");
        assert_eq!(open, 1, "{steps}");
    }
    assert!(steps > 4, "{steps}");
    assert_eq!(server.number("SELECT count(*) FROM calls"), 1);
    assert_eq!(server.app().resume_erasures().await.expect("nothing is left"), 0);
    server.app().compact().await.expect("written anew");
    let data = server.stop().await;
    assert_eq!(left(data.dir()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_businesss_people_of_the_same_number_stay() {
    let server = Server::start().await;
    let business = somebody(&server).await;
    let other = server.business_named("Other", "+12025550199", "agent_other").await;
    let mut told: Value =
        serde_json::from_str(&whole(&server, "call_there", PHONE, WORDS)).expect("JSON");
    told["call"]["to_number"] = json!("+12025550199");
    told["call"]["agent_id"] = json!("agent_other");
    assert_eq!(server.hook(told.to_string()).await.status, 204);
    server.settled().await;
    server.app().erase_person(business, by_phone(), None).await.expect("noted");
    eventually("it is carried out", async || {
        server.number("SELECT count(*) FROM erasures WHERE done_at IS NULL") == 0
    })
    .await;
    let key = server.key(other, &[Scope::CallsRead]).await;
    let calls = server.get("/api/v1/calls", Some(&key)).await.json();
    assert_eq!(calls["items"][0]["from_number"], PHONE);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_goes_each_kind_by_its_own_age_and_calls_stay() {
    let data = Server::start().await;
    somebody(&data).await;
    data.advance(SignedDuration::from_hours(24 * 40));
    let told = whole(&data, "call_young", "+12025550166", "still new");
    assert_eq!(data.hook(told).await.status, 204);
    data.settled().await;
    assert_eq!(data.app().retain().await.expect("nothing is limited"), 0);
    let data = data.stop().await;
    let setup = crate::harness::Setup::plain()
        .set("RETENTION__EVENTS_DAYS", "30")
        .set("RETENTION__TRANSCRIPTS_DAYS", "30");
    let server = setup.on(data).without_jobs().allow_jobs().start().await;
    let late = whole(&server, "call_waiting", "+12025550155", "waits");
    assert_eq!(server.hook(late).await.status, 204);
    let due = server.app().retention_due().await.expect("counted");
    assert_eq!(due.iter().map(|due| due.rows).collect::<Vec<_>>(), [2, 2, 0]);
    assert!(server.app().retain().await.expect("done") >= 4);
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 2);
    assert_eq!(server.number("SELECT count(*) FROM calls"), 3);
    let words = "SELECT count(*) FROM calls WHERE summary <> '' OR facts LIKE '%zeppelin%'";
    assert_eq!(server.number(words), 1, "only the young one says anything");
    assert_eq!(server.number("SELECT count(DISTINCT call_id) FROM transcript_turns"), 1);
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 2);
    assert_eq!(server.app().retain().await.expect("done"), 0);
    // A delivery that is still to be applied stays, however old, and keeps nothing else.
    server.advance(SignedDuration::from_hours(24 * 40));
    assert_eq!(server.app().retain().await.expect("done"), 2, "the young one is old now");
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 1);
    assert_eq!(server.number("SELECT count(*) FROM jobs WHERE kind = 'apply_event'"), 1);
    let data = server.stop().await;
    let server = crate::harness::Setup::plain().on(data).start().await;
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 4, "it is applied when jobs run");
    server.finish().await;
}
