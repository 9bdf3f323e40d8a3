//! Recordings go on to a store that speaks S3, whatever it does, and none is lost on the way.

use std::time::Duration;

use frontdesk::providers::storage::UNNAMED;
use http::Method;
use jiff::SignedDuration;

use crate::harness::archive::{Desk, Row};
use crate::harness::eventually;
use crate::harness::fake_s3::{FakeS3, Trouble};
use crate::harness::recordings::{Served, wav, wav_of};

/// A desk whose recordings go to a store.
async fn desk(s3: &FakeS3, more: &[(&str, &str)]) -> Desk {
    let mut settings = s3.settings();
    settings.push(("ARCHIVE__STORE".to_owned(), "s3".to_owned()));
    settings.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Desk::new(&settings).await
}

fn bytes(content: &[u8]) -> Served {
    Served::Bytes(content.to_vec(), "audio/wav")
}

/// The file is in the store as it should be, and nowhere else.
async fn is_stored(desk: &Desk, s3: &FakeS3, row: &Row, audio: &[u8]) {
    assert_eq!((row.state.as_str(), row.store.as_str()), ("archived", "s3"), "{row:?}");
    assert_eq!(s3.objects().get(&row.key).map(Vec::as_slice), Some(audio), "{row:?}");
    eventually("the copy on the disk is gone", async || {
        desk.number("SELECT count(*) FROM removals") == 0
    })
    .await;
    assert_eq!(s3.open_uploads(), 0);
    desk.is_tidy();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_on_to_the_store_and_leaves_the_disk() {
    let s3 = FakeS3::start().await;
    let desk = desk(&s3, &[]).await;
    let audio = wav(2.0, 1);
    desk.call("one", [bytes(&audio)]).await;
    let (row, _) = desk.road("one").await;
    is_stored(&desk, &s3, &row, &audio).await;
    let methods: Vec<_> = s3.seen().into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, [Method::HEAD, Method::PUT], "looked for, then put, once");
    desk.server.finish().await;
}

/// A long one goes in parts; one that breaks off in the middle leaves no part behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_recording_goes_in_parts() {
    let s3 = FakeS3::start().await;
    let desk = desk(&s3, &[("ARCHIVE__RECORDING_MAX_MB", "40")]).await;
    let audio = wav_of(20 << 20, 2);
    desk.call("long", [bytes(&audio)]).await;
    let (row, _) = desk.road("long").await;
    is_stored(&desk, &s3, &row, &audio).await;
    let seen = s3.seen();
    let parts = seen.iter().filter(|(_, path)| path.contains("partNumber=")).count();
    assert_eq!(parts, 3, "{seen:?}");
    // The second part fails.
    s3.fails_for(Method::PUT, Trouble::Waits(Duration::from_millis(1)));
    s3.fails_for(Method::PUT, Trouble::Answers(500, "InternalError"));
    let audio = wav_of(20 << 20, 3);
    desk.call("broken", [bytes(&audio)]).await;
    let (row, waits) = desk.road("broken").await;
    assert_eq!(waits.len(), 1, "one try failed");
    is_stored(&desk, &s3, &row, &audio).await;
    desk.server.finish().await;
}

/// What may pass is tried again; what somebody must mend is listed, with the recording safe on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_or_fails_loses_nothing() {
    let s3 = FakeS3::start().await;
    let desk = desk(&s3, &[("ARCHIVE__STORE_TIMEOUT_S", "4")]).await;
    let passing = [
        ("slow-down", Trouble::Answers(503, "SlowDown"), "store_slow_down"),
        ("internal", Trouble::Answers(500, "InternalError"), "store_unavailable"),
        ("cut", Trouble::Cuts, "store_unavailable"),
        ("lost", Trouble::LosesAnswer, "store_unavailable"),
        ("hangs", Trouble::Hangs, "store_unavailable"),
        ("late", Trouble::Waits(Duration::from_millis(300)), ""),
    ];
    for (seed, (name, trouble, reason)) in (10..).zip(passing) {
        let audio = wav(1.0, seed);
        s3.fails_for(Method::PUT, trouble);
        desk.call(name, [bytes(&audio)]).await;
        if !reason.is_empty() {
            eventually("it was tried", async || {
                desk.row(name).is_some_and(|row| row.attempts == 1)
            })
            .await;
            let row = desk.row(name).expect("it is there");
            assert_eq!((row.state.as_str(), row.reason.as_str()), ("storing", reason), "{name}");
            assert_eq!(row.store, "disk", "{name}: it is safe meanwhile");
        }
        let (row, _) = desk.road(name).await;
        is_stored(&desk, &s3, &row, &audio).await;
        let puts = format!("/{}/{}", FakeS3::BUCKET, row.key);
        let puts = s3.seen().iter().filter(|(m, path)| *m == Method::PUT && *path == puts).count();
        let once = ["lost", "late"].contains(&name);
        assert_eq!(puts == 1, once, "{name}: what is there is not put again: {puts}");
    }
    let refusing = [
        ("denied", Trouble::Answers(403, "AccessDenied"), "store_denied"),
        ("key", Trouble::Answers(403, "InvalidAccessKeyId"), "store_key_refused"),
        ("bucket", Trouble::Answers(404, "NoSuchBucket"), "no_such_bucket"),
    ];
    for (seed, (name, trouble, reason)) in (20..).zip(refusing) {
        let audio = wav(1.0, seed);
        s3.fails_for(Method::PUT, trouble);
        desk.call(name, [bytes(&audio)]).await;
        let (row, _) = desk.road(name).await;
        assert_eq!((row.state.as_str(), row.reason.as_str()), ("failed", reason), "{name}");
        assert_eq!(std::fs::read(desk.path(&row.key)).expect("on the disk"), audio, "{name}");
        desk.server.app().retry_recordings(None).await.expect("it can be asked for");
        let (row, _) = desk.road(name).await;
        is_stored(&desk, &s3, &row, &audio).await;
    }
    desk.server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_region_and_a_wrong_clock_are_told_apart() {
    let s3 = FakeS3::start().await;
    let desk = desk(&s3, &[]).await;
    s3.region_is("us-east-1");
    desk.call("region", [bytes(&wav(1.0, 1))]).await;
    let (row, _) = desk.road("region").await;
    assert_eq!(row.state, "failed");
    assert!(row.reason.starts_with("store_") || row.reason == "wrong_region", "{row:?}");
    s3.region_is(FakeS3::REGION);
    s3.clock_is_off(true);
    desk.call("clock", [bytes(&wav(1.0, 2))]).await;
    eventually("it was tried", async || {
        desk.row("clock").is_some_and(|row| row.attempts > 0 || row.state == "failed")
    })
    .await;
    let row = desk.row("clock").expect("it is there");
    assert_eq!(row.store, "disk", "{row:?}");
    s3.clock_is_off(false);
    desk.server.app().retry_recordings(None).await.expect("it can be asked for");
    for name in ["region", "clock"] {
        assert_eq!(desk.road(name).await.0.store, "s3", "{name}");
    }
    desk.is_tidy();
    desk.server.finish().await;
}

/// The store is down for a day of the clock: calls come in as ever, its gate opens after five failures,
/// nothing is tried while it is open, one probe looks at a time, and in the end everything is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_for_a_day_gets_everything_afterwards() {
    let s3 = FakeS3::start().await;
    let desk = desk(&s3, &[("ARCHIVE__CONCURRENCY", "1")]).await;
    s3.always(Some(Trouble::Answers(503, "ServiceUnavailable")));
    let host = s3.url().trim_start_matches("http://").to_owned();
    let standing = || {
        let all = desk.server.app().upstreams();
        let own = all.into_iter().find(|one| one.host == host).expect("it was asked");
        (own.state.word(), own.opened, own.failures)
    };
    for n in 0..12_u8 {
        desk.call(&format!("call-{n}"), [bytes(&wav(0.5, n))]).await;
    }
    eventually("all are on the disk", async || {
        desk.number("SELECT count(*) FROM recordings WHERE state = 'storing' AND store = 'disk'")
            == 12
            && desk.busy() == 0
    })
    .await;
    assert_eq!(standing(), ("open", 1, 5), "it opened after five, by twelve recordings");
    assert_eq!(s3.seen().len(), 5, "and was not asked again");
    let tries = || desk.number("SELECT sum(attempts) FROM recordings");
    assert_eq!(tries(), 5, "what found it open spent no try");
    // While it is open, whoever comes is put off.
    desk.server.advance(SignedDuration::from_secs(1));
    desk.server.settled_events().await;
    assert_eq!((s3.seen().len(), tries()), (5, 5));
    let mut probes = Vec::new();
    let began = desk.server.now_ms();
    while desk.server.now_ms() - began < 24 * 3_600_000 {
        let (seen, opened) = (s3.seen().len(), standing().1);
        let wait = desk.server.app().upstreams();
        let wait = wait.iter().find(|one| one.host == host).map_or(0, |one| one.wait_ms);
        desk.server.go_to_ms((desk.server.now_ms() + wait.max(1_000)).max(desk.due().unwrap_or(0)));
        eventually("those due were tried or put off", async || desk.busy() == 0).await;
        let (asked, more) = (s3.seen().len() - seen, standing().1 - opened);
        assert!(asked <= 1 && more <= 1, "one probe and no more: {asked}, {more}");
        probes.push(asked);
    }
    assert!(probes.iter().sum::<usize>() >= 5, "{probes:?}");
    s3.always(None);
    for n in 0..12 {
        let (row, _) = desk.road(&format!("call-{n}")).await;
        assert_eq!((row.state.as_str(), row.store.as_str()), ("archived", "s3"), "{n}");
    }
    assert_eq!(standing().0, "closed");
    assert_eq!(s3.objects().len(), 12);
    desk.is_tidy();
    desk.server.finish().await;
}

/// Moving the archive to another store and back: everything is there, and only there.
#[tokio::test(flavor = "multi_thread")]
async fn the_archive_moves_between_stores() {
    let s3 = FakeS3::start().await;
    let settings = s3.settings();
    let desk = Desk::new(&settings).await;
    let mut all = Vec::new();
    for n in 0..5_u8 {
        let (name, audio) = (format!("call-{n}"), wav(0.5, n));
        desk.call(&name, [bytes(&audio)]).await;
        let (row, _) = desk.road(&name).await;
        assert_eq!(row.store, "disk");
        all.push((name, audio));
    }
    let app = desk.server.app();
    for (from, to) in [("disk", "s3"), ("s3", "disk")] {
        for recording in app.in_store(from, None).await.expect("listed") {
            assert!(app.move_recording(&recording, to).await.expect("moved"));
            app.verify_recording(&recording).await.expect_err("it is not there any more");
        }
        for (name, audio) in &all {
            let row = desk.row(name).expect("it is there");
            assert_eq!(row.store, to);
            let kept = match to {
                "s3" => s3.objects().remove(&row.key).expect("in the store"),
                _ => std::fs::read(desk.path(&row.key)).expect("on the disk"),
            };
            assert_eq!(&kept, audio);
        }
        for recording in app.in_store(to, None).await.expect("listed") {
            app.verify_recording(&recording).await.expect("as it was kept");
        }
        desk.is_tidy();
    }
    assert!(s3.objects().is_empty());
    desk.server.finish().await;
}

/// Uploads whose names nobody knows are asked for, signed as everything else; this store cannot list
/// them and says so only to whoever may ask.
#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nobody_ended_are_asked_for() {
    let s3 = FakeS3::start().await;
    let desk = desk(&s3, &[]).await;
    let app = desk.server.app();
    let registry = app.registry();
    let store = registry.store("s3").expect("it is configured");
    let net = app.net().expect("a client can be made");
    store.call_off(net, "recordings/ab/cd/x.wav", UNNAMED).await.expect("there are none");
    let asked = format!("/{}?prefix=recordings%2Fab%2Fcd%2Fx.wav&uploads=", FakeS3::BUCKET);
    assert_eq!(s3.seen(), [(Method::GET, asked)]);
    let mut wrong = s3.settings();
    wrong.retain(|(key, _)| !key.ends_with("SECRET_KEY"));
    wrong.push(("ARCHIVE__S3__SECRET_KEY".to_owned(), "another".to_owned()));
    let other = Desk::new(&wrong).await;
    let app = other.server.app();
    let registry = app.registry();
    let store = registry.store("s3").expect("it is configured");
    let net = app.net().expect("a client can be made");
    let refused = store.call_off(net, "recordings/ab/cd/x.wav", UNNAMED).await;
    assert_eq!(refused.expect_err("it is not signed right").code(), "store_key_refused");
    desk.server.finish().await;
    other.server.finish().await;
}
