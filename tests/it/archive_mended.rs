//! What once went wrong with recordings, or would have.

use frontdesk::domain::phone::PhoneNumber;
use frontdesk::domain::privacy::Person;
use http::Method;
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::archive::Desk;
use crate::harness::fake_s3::{FakeS3, Trouble};
use crate::harness::recordings::{Served, wav};
use crate::harness::{Setup, eventually, retell};

fn bytes(content: &[u8]) -> Served {
    Served::Bytes(content.to_vec(), "audio/wav")
}

fn caller() -> Person {
    let phone = PhoneNumber::parse(retell::CALLER).expect("a number");
    Person { phone: Some(phone), ..Person::default() }
}

async fn on_s3(s3: &FakeS3, more: &[(&str, &str)]) -> Desk {
    let mut settings = s3.settings();
    settings.push(("ARCHIVE__STORE".to_owned(), "s3".to_owned()));
    settings.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Desk::new(&settings).await
}

/// Asking before the provider has it is no try of the download: that has its own three.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_recording_spends_no_try_of_fetching_it() {
    let desk = Desk::new(&[]).await;
    desk.retell.carries(retell::call("slow"));
    assert_eq!(desk.server.hook(retell::ended("slow")).await.status, 204);
    for asked in 1..=4 {
        eventually("it was asked for", async || {
            desk.row("slow").is_some_and(|row| row.attempts == asked) && desk.busy() == 0
        })
        .await;
        if asked < 4 {
            desk.server.go_to_ms(desk.due().expect("it is asked for again"));
        }
    }
    let page = bytes(b"<html>not yet</html>");
    desk.files.serves("/slow.wav", page.clone());
    desk.files.serves("/slow.wav", page);
    desk.files.serves("/slow.wav", bytes(&wav(1.0, 1)));
    desk.retell.records("slow", Some(&desk.files.url("/slow.wav")));
    assert_eq!(desk.road("slow").await.0.state, "archived");
    assert_eq!(desk.files.asked().len(), 3);
    desk.server.finish().await;
}

/// The store has the file, but its answer was lost; then the person is erased. Nothing is left there.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_has_without_our_knowing_goes_with_its_person() {
    let s3 = FakeS3::start().await;
    let desk = on_s3(&s3, &[]).await;
    s3.fails_for(Method::PUT, Trouble::LosesAnswer);
    desk.call("one", [bytes(&wav(1.0, 1))]).await;
    eventually("it was tried", async || {
        desk.row("one").is_some_and(|row| row.attempts == 1) && desk.busy() == 0
    })
    .await;
    assert_eq!((s3.objects().len(), desk.row("one").expect("there").store.as_str()), (1, "disk"));
    let app = desk.server.app();
    app.erase_person(desk.business, caller(), None).await.expect("begun");
    eventually("nothing is left in the store", async || s3.objects().is_empty()).await;
    eventually("nothing is left to do", async || desk.number("SELECT count(*) FROM removals") == 0)
        .await;
    desk.is_tidy();
    desk.server.finish().await;
}

/// What was let go of by its age does not come back, by no way.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_let_go_of_stays_gone() {
    let s3 = FakeS3::start().await;
    let desk = on_s3(&s3, &[("RETENTION__RECORDINGS_DAYS", "1")]).await;
    s3.always(Some(Trouble::Answers(503, "SlowDown")));
    desk.call("one", [bytes(&wav(1.0, 1))]).await;
    eventually("it is on the disk", async || {
        desk.row("one").is_some_and(|row| row.store == "disk") && desk.busy() == 0
    })
    .await;
    desk.server.advance(SignedDuration::from_hours(25));
    desk.server.app().retain().await.expect("done");
    s3.always(None);
    let gone = |what: &str| {
        let row = desk.row("one").expect("its row stays");
        assert_eq!((row.state.as_str(), row.reason.as_str()), ("expired", "retention"), "{what}");
    };
    gone("at first");
    let id = desk.row("one").expect("there").id;
    let bearer = format!("Bearer {}", desk.key);
    let path = format!("/api/v1/recordings/{id}/retry");
    let headers = [("authorization", bearer.as_str())];
    let answer = desk.server.request(Method::POST, &path, &headers, Vec::new()).await;
    answer.problem(409, "settled");
    desk.server.app().retry_recordings(Some(id.parse().expect("an id"))).await.expect("asked");
    let mut late: serde_json::Value = serde_json::from_str(&retell::analyzed("one")).expect("JSON");
    late["call"]["recording_url"] = json!(desk.files.url("/one.wav"));
    assert_eq!(desk.server.hook(late.to_string()).await.status, 204);
    desk.server.settled_events().await;
    desk.server.advance(SignedDuration::from_hours(1));
    eventually("nobody is at it", async || desk.busy() == 0).await;
    gone("after all that");
    assert!(desk.on_disk().is_empty() || desk.number("SELECT count(*) FROM removals") > 0);
    desk.server.finish().await;
}

/// Switched off, what was waited for is not waited for any more.
#[tokio::test(flavor = "multi_thread")]
async fn switched_off_nothing_more_is_fetched() {
    let desk = Desk::new(&[]).await;
    desk.call("one", [Served::Status(500), bytes(&wav(1.0, 1))]).await;
    eventually("it waits", async || {
        desk.row("one").is_some_and(|row| row.state == "waiting") && desk.busy() == 0
    })
    .await;
    let asked = desk.files.asked().len();
    let data = desk.server.stop().await;
    let server = Setup::plain().on(data).start().await;
    server.advance(SignedDuration::from_mins(5));
    server.settled().await;
    let rows = server.db().cells("SELECT state, reason FROM recordings");
    assert_eq!(rows, [["expired", "not_kept"]]);
    assert_eq!(desk.files.asked().len(), asked);
    server.finish().await;
}

/// A download that goes on for minutes does not hold up a stop, and costs no try.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_a_download_where_it_is() {
    let desk = Desk::new(&[("ARCHIVE__FETCH_TIMEOUT_S".to_owned(), "600".to_owned())]).await;
    desk.call("one", [Served::Hangs, bytes(&wav(1.0, 1))]).await;
    eventually("it is asked for", async || desk.files.asked().len() == 1).await;
    let url = desk.retell.url();
    let began = std::time::Instant::now();
    let data = desk.server.stop().await;
    assert!(began.elapsed().as_secs() < 10, "a stop does not wait for it");
    let left = data.db().cells("SELECT attempts, leased FROM jobs");
    assert_eq!(left, [["0", "0"]]);
    let setup = Setup::plain()
        .set("ARCHIVE__STORE", "disk")
        .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true")
        .set("VOICE__RETELL__BASE_URL", &url);
    let server = setup.on(data).start().await;
    eventually("it is archived", async || {
        server.number("SELECT count(*) FROM recordings WHERE state = 'archived'") == 1
    })
    .await;
    server.finish().await;
}

/// Two rows that turn out to be one call: the recording whose audio is here stays, and is its
/// business's.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_recordings_of_one_call_the_one_with_audio_stays() {
    use frontdesk::domain::ids::CallId;
    use frontdesk::store::{Lane, StoreError, call_names};
    let desk = Desk::new(&[]).await;
    desk.call("kept", [Served::Status(500)]).await;
    desk.call("given-up", [bytes(&wav(1.0, 1))]).await;
    assert_eq!(desk.road("given-up").await.0.state, "archived");
    let of = |name: &str| {
        let sql = format!("SELECT id FROM calls WHERE provider_call_id = '{name}'");
        let id = desk.server.db().blobs(&sql).remove(0);
        CallId::from_uuid(uuid::Uuid::from_slice(&id).expect("an id"))
    };
    let (into, from) = (of("kept"), of("given-up"));
    desk.server.db().change("UPDATE recordings SET business_id = NULL").expect("it can");
    let merged = desk
        .server
        .app()
        .store
        .write(Lane::Urgent, move |write| call_names::merge(write, (into, from), false));
    let merged: Result<(), StoreError> = merged.await;
    merged.expect("they can be one");
    let row = desk.row("kept").expect("it has a recording");
    assert_eq!((row.state.as_str(), row.store.as_str()), ("archived", "disk"));
    assert_eq!(desk.number("SELECT count(*) FROM recordings WHERE business_id IS NOT NULL"), 1);
    assert_eq!(desk.number("SELECT count(*) FROM removals"), 0);
    assert_eq!(desk.on_disk(), [row.key]);
    desk.server.finish().await;
}

/// Two jobs for one recording: one of them is its own, the other ends without a word.
#[tokio::test(flavor = "multi_thread")]
async fn two_jobs_for_one_recording_fetch_it_once() {
    let desk = Desk::new(&[]).await;
    desk.call("one", [Served::Status(500), bytes(&wav(1.0, 1))]).await;
    eventually("it waits", async || {
        desk.row("one").is_some_and(|row| row.state == "waiting") && desk.busy() == 0
    })
    .await;
    let again = "INSERT INTO jobs (kind, payload, state, run_at, created_at)
        SELECT kind, payload, 'pending', run_at, created_at FROM jobs WHERE kind = 'archive_recording'";
    for _ in 0..3 {
        desk.server.db().change(again).expect("planted");
    }
    assert_eq!(desk.road("one").await.0.state, "archived");
    eventually("no job is left", async || desk.number("SELECT count(*) FROM jobs") == 0).await;
    assert_eq!(desk.files.asked().len(), 2, "once in vain and once whole");
    assert_eq!(desk.on_disk().len(), 1);
    desk.server.finish().await;
}
