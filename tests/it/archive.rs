//! Recordings are fetched as soon as their calls are over, whichever provider has them, and kept once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use frontdesk::crypto::digest::{hex, sha256};
use frontdesk::domain::ids::RecordingId;
use serde_json::{Value, json};

use crate::harness::archive::Desk;
use crate::harness::fake_retell::Fault;
use crate::harness::fake_voice::FakeVoice;
use crate::harness::recordings::{Files, Served, wav};
use crate::harness::{Setup, eventually, retell};

/// A file as it is kept: its bytes, and that only its owner may read it.
fn kept(desk: &Desk, key: &str) -> Vec<u8> {
    let path = desk.path(key);
    let mode = fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{key}");
    fs::read(path).expect("it reads")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_kept_with_its_digest_and_all_that_is_read_from_it() {
    let desk = Desk::new(&[]).await;
    let audio = wav(2.0, 1);
    desk.call("one", [Served::Bytes(audio.clone(), "text/html")]).await;
    let (row, waits) = desk.road("one").await;
    assert_eq!((row.state.as_str(), row.reason.as_str(), row.attempts), ("archived", "", 0));
    assert!(waits.is_empty(), "it is there at once: {waits:?}");
    let digest = hex(&sha256(&[&audio]));
    let (one, two) = (&digest[..2], &digest[2..4]);
    assert_eq!(row.key, format!("recordings/{one}/{two}/{digest}-{}.wav", row.id));
    assert_eq!(kept(&desk, &row.key), audio);
    let shown = desk.shown(&format!("/recordings/{}", row.id)).await;
    for (field, wanted) in [
        ("state", json!("archived")),
        ("format", json!("wav")),
        ("bytes", json!(audio.len())),
        ("sha256", json!(digest)),
        ("duration_ms", json!(2_000)),
        ("channels", json!(1)),
        ("sample_rate_hz", json!(8_000)),
        ("store", json!("disk")),
        ("is_sealed", json!(false)),
        ("reason", Value::Null),
    ] {
        assert_eq!(shown[field], wanted, "{field}: {shown}");
    }
    let peaks = shown["peaks"].as_array().expect("a list");
    assert!((100..=400).contains(&peaks.len()) && peaks.iter().any(|peak| *peak != json!(0)));
    desk.is_tidy();
    desk.server.finish().await;
}

/// Both triggers, in either order and again and again: one recording, one file.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_five_times_is_fetched_once() {
    let desk = Desk::new(&[]).await;
    let audio = wav(1.0, 2);
    for (name, ended_first) in [("late", true), ("early", false)] {
        desk.files.serves(&format!("/{name}.wav"), Served::Bytes(audio.clone(), "audio/wav"));
        let url = desk.files.url(&format!("/{name}.wav"));
        let mut call = retell::call(name);
        call["recording_url"] = json!(url);
        desk.retell.carries(call);
        let mut analyzed: Value = serde_json::from_str(&retell::analyzed(name)).expect("JSON");
        analyzed["call"]["recording_url"] = json!(url);
        let mut events = vec![retell::ended(name), analyzed.to_string()];
        for tag in ["a", "b", "c"] {
            analyzed["call"]["metadata"] = json!({ "again": tag });
            events.push(analyzed.to_string());
        }
        if !ended_first {
            events.reverse();
        }
        for event in events {
            assert_eq!(desk.server.hook(event).await.status, 204);
        }
        desk.server.settled().await;
        assert_eq!(desk.road(name).await.0.state, "archived");
        let asked = desk.files.asked();
        let of_it = asked.iter().filter(|one| one.path == format!("/{name}.wav")).count();
        assert_eq!(of_it, 1, "{name}");
    }
    assert_eq!(desk.number("SELECT count(*) FROM recordings"), 2);
    assert_eq!(desk.on_disk().len(), 2, "the same bytes of two calls are two files");
    desk.is_tidy();
    desk.server.finish().await;
}

/// The first tries come after about 2 and 10 seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_twice_is_asked_three_times() {
    let desk = Desk::new(&[]).await;
    let audio = wav(1.0, 3);
    let served = [Served::Status(500), Served::Status(503), Served::Bytes(audio, "audio/wav")];
    desk.call("shaky", served).await;
    let (row, waits) = desk.road("shaky").await;
    assert_eq!(row.state, "archived");
    assert_eq!(desk.files.asked().len(), 3);
    let [first, second] = waits[..] else { panic!("two waits: {waits:?}") };
    assert!((1_500..=2_500).contains(&first), "{waits:?}");
    assert!((7_500..=12_500).contains(&(second - first)), "{waits:?}");
    desk.is_tidy();
    desk.server.finish().await;
}

/// A link that is no longer good is asked for afresh with each try.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_link_is_asked_for_afresh() {
    let desk = Desk::new(&[]).await;
    for status in [401, 403, 404, 410] {
        let name = format!("old-{status}");
        desk.call(&name, [Served::Status(status)]).await;
        eventually("it was tried", async || desk.row(&name).is_some_and(|row| row.attempts == 1))
            .await;
        let row = desk.row(&name).expect("it is there");
        assert_eq!((row.state.as_str(), row.reason.as_str()), ("waiting", "link_refused"));
        let fresh = format!("/fresh-{status}.wav");
        desk.files.serves(&fresh, Served::Bytes(wav(1.0, 4), "audio/wav"));
        desk.retell.records(&name, Some(&desk.files.url(&fresh)));
        assert_eq!(desk.road(&name).await.0.state, "archived", "{status}");
    }
    desk.is_tidy();
    desk.server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_not_there_yet_is_waited_for_and_one_that_never_comes_is_not() {
    let desk = Desk::new(&[]).await;
    desk.retell.carries(retell::call("slow"));
    assert_eq!(desk.server.hook(retell::ended("slow")).await.status, 204);
    eventually("it was asked for", async || desk.row("slow").is_some_and(|row| row.attempts == 1))
        .await;
    let row = desk.row("slow").expect("it is there");
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("waiting", "not_offered"));
    desk.files.serves("/slow.wav", Served::Bytes(wav(1.0, 5), "audio/wav"));
    desk.retell.records("slow", Some(&desk.files.url("/slow.wav")));
    assert_eq!(desk.road("slow").await.0.state, "archived");
    desk.retell.carries(retell::call("mute"));
    assert_eq!(desk.server.hook(retell::ended("mute")).await.status, 204);
    desk.server.settled_events().await;
    let (row, waits) = desk.road("mute").await;
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("expired", "not_offered"));
    assert!(waits.len() >= 8 && *waits.last().expect("some") >= 3_000_000, "{waits:?}");
    desk.is_tidy();
    desk.server.finish().await;
}

/// The provider is down for longer than it keeps the recording: a person is told while there is time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_reach_until_it_is_gone_is_told_of_before() {
    let desk = Desk::new(&[]).await;
    desk.call("gone", [Served::Status(500)]).await;
    let (row, waits) = desk.road("gone").await;
    assert_eq!(row.state, "expired");
    assert!(row.reason == "source_unavailable" || row.reason == "source_resting", "{row:?}");
    let last = *waits.last().expect("tried often");
    assert!(last > 23 * 3_600_000, "tried to the end of its day: {waits:?}");
    let notices = desk.server.db().cells("SELECT kind, subject FROM notices");
    let told =
        ["recording_expiring", "recording_lost"].map(|kind| [kind.to_owned(), row.id.clone()]);
    assert_eq!(notices, told);
    // The provider has it again, and somebody asks: it is not too late by our book alone.
    desk.files.serves("/gone.wav", Served::Bytes(wav(1.0, 6), "audio/wav"));
    let path = format!("/api/v1/recordings/{}/retry", row.id);
    let bearer = format!("Bearer {}", desk.key);
    let headers = [("authorization", bearer.as_str())];
    let answer = desk.server.request(http::Method::POST, &path, &headers, Vec::new()).await;
    assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("expected")));
    assert_eq!(desk.road("gone").await.0.state, "archived");
    let answer = desk.server.request(http::Method::POST, &path, &headers, Vec::new()).await;
    answer.problem(409, "settled");
    desk.is_tidy();
    desk.server.finish().await;
}

/// An upstream that asks for time gets it, and no try is spent meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_busy_or_refuses_our_key_is_asked_again() {
    let desk = Desk::new(&[]).await;
    for (status, reason) in
        [(429, "provider_busy"), (401, "provider_key_refused"), (500, "provider_unavailable")]
    {
        let name = format!("api-{status}");
        desk.retell.fails(Fault::Answers(status));
        desk.call(&name, [Served::Bytes(wav(1.0, 7), "audio/wav")]).await;
        eventually("it was tried", async || desk.row(&name).is_some_and(|row| row.attempts == 1))
            .await;
        assert_eq!(desk.row(&name).expect("it is there").reason, reason);
        assert_eq!(desk.road(&name).await.0.state, "archived");
    }
    desk.server.finish().await;
}

/// Vapi sends one on with no key of ours; Telnyx and Exotel say where it is; Exotel wants the key there.
#[tokio::test(flavor = "multi_thread")]
async fn each_provider_s_recording_is_archived_by_its_own_rules() {
    for (provider, table, call) in [
        (
            "vapi",
            vec![("BEARER", "0123456789abcdef0123456789abcdef"), ("API_KEY", "vapi_key")],
            json!({"id": "call-1", "status": "ended"}),
        ),
        (
            "telnyx",
            vec![
                ("PUBLIC_KEYS", "[\"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=\"]"),
                ("API_KEY", "telnyx_key"),
            ],
            json!({"call_session_id": "call-1", "call_control_id": "v3:1"}),
        ),
        (
            "exotel",
            vec![
                ("PATH_TOKEN", "0123456789abcdef0123456789abcdef"),
                ("ACCOUNT_SID", "sid1"),
                ("API_KEY", "key"),
                ("API_TOKEN", "token"),
            ],
            json!({"Sid": "call-1", "Status": "completed"}),
        ),
    ] {
        let (fake, files) = (FakeVoice::start(provider).await, Files::start().await);
        let name = provider.to_uppercase();
        let mut setup = Setup::plain()
            .set("ARCHIVE__STORE", "disk")
            .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true")
            .set(&format!("VOICE__{name}__BASE_URL"), &fake.url());
        for (key, value) in table {
            setup = setup.set(&format!("VOICE__{name}__{key}"), value);
        }
        let server = setup.allow_jobs().start().await;
        server.go_to_ms(retell::STARTED_MS);
        let audio = wav(1.5, 9);
        files.serves("/r", Served::Bytes(audio.clone(), "audio/x-wav"));
        let mut call = call;
        call["recordedAt"] = json!(files.url("/r"));
        call["RecordingUrl"] = json!(files.url("/r"));
        fake.state().calls.push(call);
        // Known here as any call is; how its events are read is tried elsewhere.
        let id = plant(&server, provider).await;
        eventually("it is archived", async || {
            let sql = "SELECT count(*) FROM recordings WHERE state = 'archived'";
            server.number(sql) == 1
        })
        .await;
        let file = server.db().cells("SELECT lower(hex(sha256)), key FROM recordings");
        assert_eq!(file[0][0], hex(&sha256(&[&audio])), "{provider}");
        assert!(file[0][1].contains(&id.to_string()), "{provider}");
        let [asked] = &files.asked()[..] else { panic!("asked once: {:?}", files.asked()) };
        let proof = if provider == "exotel" { "Basic a2V5OnRva2Vu" } else { "" };
        assert_eq!(asked.authorization, proof, "{provider}");
        server.finish().await;
    }
}

/// A call of an account that is over, with a recording to be fetched.
async fn plant(server: &crate::harness::Server, account: &'static str) -> RecordingId {
    use frontdesk::domain::call::{Facts, Moment, Report, Status, Version};
    use frontdesk::domain::ids::CallId;
    use frontdesk::store::calls::{self, Kept};
    use frontdesk::store::recordings::Heard;
    use frontdesk::store::{Lane, StoreError, recordings};
    let now = server.app().clock.now();
    let (call, id) = (CallId::new(now, [1; 10]), RecordingId::new(now, [2; 10]));
    let planted = server.app().store.write(Lane::Urgent, move |write| {
        let mut facts = Facts::default();
        let report =
            Report { status: Some(Status::Ended), ended_at: Some(now), ..Report::default() };
        facts.join(report, Version::new(Moment::Ended, &[0; 32]));
        let kept = Kept {
            id: call,
            account: account.to_owned(),
            provider_call_id: "call-1".to_owned(),
            business: None,
            facts,
            created_at: now,
        };
        calls::add(write, &kept, None)?;
        recordings::expect(write, id, (call, None), (now, now, now), Heard::default())
    });
    let planted: Result<(), StoreError> = planted.await;
    planted.expect("it can be kept");
    id
}

/// What Exotel names must lie with Exotel, for our key goes there.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_would_take_our_key_elsewhere_is_not_fetched() {
    let fake = FakeVoice::start("exotel").await;
    let setup = Setup::plain()
        .set("ARCHIVE__STORE", "disk")
        .set("VOICE__EXOTEL__BASE_URL", &fake.url())
        .set("VOICE__EXOTEL__PATH_TOKEN", "0123456789abcdef0123456789abcdef")
        .set("VOICE__EXOTEL__ACCOUNT_SID", "sid1")
        .set("VOICE__EXOTEL__API_KEY", "key")
        .set("VOICE__EXOTEL__API_TOKEN", "token")
        .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true");
    let server = setup.allow_jobs().start().await;
    server.go_to_ms(retell::STARTED_MS);
    fake.state().calls.push(json!({"Sid": "call-1", "Status": "completed",
        "RecordingUrl": "https://recordings.exotel.com.example.net/a.wav"}));
    plant(&server, "exotel").await;
    eventually("it is given up", async || {
        server.number("SELECT count(*) FROM recordings WHERE reason = 'other_host'") == 1
    })
    .await;
    server.finish().await;
}
