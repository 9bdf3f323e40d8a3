//! Listening to a recording: the right part, for whoever may, proven where it is sealed.

use frontdesk::app::playing::Damage;
use frontdesk::domain::access::Scope;
use http::Method;
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::archive::Desk;
use crate::harness::fake_s3::{FakeS3, Trouble};
use crate::harness::recordings::{Served, wav};
use crate::harness::{Answer, eventually, retell};

async fn ask(desk: &Desk, key: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {key}");
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    desk.server.request(Method::GET, path, &all, Vec::new()).await
}

async fn archived(desk: &Desk, name: &str, audio: &[u8]) -> String {
    desk.call(name, [Served::Bytes(audio.to_vec(), "audio/wav")]).await;
    let (row, _) = desk.road(name).await;
    assert_eq!(row.state, "archived", "{row:?}");
    row.id
}

/// Plain and sealed, on the disk and in a store: the same bytes come out, whatever part is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn any_part_of_a_recording_can_be_heard() {
    let s3 = FakeS3::start().await;
    for (store, seal) in [("disk", "false"), ("disk", "true"), ("s3", "false"), ("s3", "true")] {
        let mut settings = s3.settings();
        settings.push(("ARCHIVE__STORE".to_owned(), store.to_owned()));
        settings.push(("ARCHIVE__SEAL".to_owned(), seal.to_owned()));
        let desk = Desk::new(&settings).await;
        // More than two chunks of 64 KiB.
        let audio = wav(10.0, 1);
        let id = archived(&desk, "one", &audio).await;
        let path = format!("/api/v1/recordings/{id}/audio");
        let whole = ask(&desk, &desk.key, &path, &[]).await;
        assert_eq!(
            (whole.status, whole.body.as_slice()),
            (200, audio.as_slice()),
            "{store} {seal}"
        );
        assert_eq!(whole.header("content-type"), "audio/wav");
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert_eq!(whole.header("content-length"), audio.len().to_string());
        let tag = whole.header("etag").to_owned();
        let total = audio.len();
        for (range, from, to) in [
            ("bytes=0-0", 0, 1),
            ("bytes=0-", 0, total),
            ("bytes=65535-65536", 65_535, 65_537),
            ("bytes=65536-131071", 65_536, 131_072),
            ("bytes=100000-150000", 100_000, 150_001),
            ("bytes=-7", total - 7, total),
            ("bytes=159999-999999999", 159_999, total),
        ] {
            let part = ask(&desk, &desk.key, &path, &[("range", range)]).await;
            assert_eq!(part.status, 206, "{range}");
            assert_eq!(part.body, audio[from..to], "{range}, {store} {seal}");
            let told = format!("bytes {from}-{}/{total}", to - 1);
            assert_eq!(part.header("content-range"), told);
        }
        let beyond = ask(&desk, &desk.key, &path, &[("range", "bytes=999999999-")]).await;
        assert_eq!(beyond.header("content-range"), format!("bytes */{total}"));
        beyond.problem(416, "range_not_there");
        for (known, status) in [(tag.as_str(), 206), ("\"other\"", 200)] {
            let headers = [("range", "bytes=1-2"), ("if-range", known)];
            assert_eq!(ask(&desk, &desk.key, &path, &headers).await.status, status, "{known}");
        }
        let kept = match store {
            "s3" => {
                s3.objects().remove(&desk.row("one").expect("there").key).expect("in the store")
            }
            _ => std::fs::read(desk.path(&desk.row("one").expect("there").key)).expect("there"),
        };
        assert_eq!(kept == audio, seal == "false", "{store} {seal}");
        desk.server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_hears_it_and_it_is_written_down() {
    let desk = Desk::new(&[]).await;
    let id = archived(&desk, "one", &wav(1.0, 1)).await;
    let path = format!("/api/v1/recordings/{id}/audio");
    let server = &desk.server;
    assert_eq!(ask(&desk, &desk.key, &path, &[]).await.status, 200);
    let played = "SELECT count(*) FROM audit_log WHERE action = 'play_recording'";
    eventually("it is written down", async || server.number(played) >= 1).await;
    let other = server.business_named("Other", "+12137770000", "agent_other").await;
    let foreign = server.key(other, &Scope::for_keys()).await;
    let blind = server.key(desk.business, &[Scope::CallsRead]).await;
    ask(&desk, &foreign, &path, &[]).await.problem(404, "not_found");
    ask(&desk, &blind, &path, &[]).await.problem(403, "scope_missing");
    server.get(&path, None).await.problem(401, "key_missing");
    // A link opens this recording for five minutes, and nothing else.
    let bearer = format!("Bearer {}", desk.key);
    let made = server
        .request(
            Method::POST,
            &format!("/api/v1/recordings/{id}/link"),
            &[("authorization", &bearer)],
            Vec::new(),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let url = made.json()["url"].as_str().expect("a link").to_owned();
    let at = url.find("/recordings/").expect("a path");
    let link = url[at..].to_owned();
    let heard = server.get(&link, None).await;
    assert_eq!((heard.status, heard.header("content-type")), (200, "audio/wav"));
    let by_link = "SELECT count(*) FROM audit_log WHERE action = 'play_recording_by_link'";
    assert_eq!(server.number(by_link), 1);
    for wrong in [
        format!("{link}A"),
        link[..link.len() - 2].to_owned(),
        link.replacen("/recordings/A", "/recordings/B", 1),
        "/recordings/x".to_owned(),
        "/recordings/%00".to_owned(),
    ] {
        if wrong != link {
            server.get(&wrong, None).await.problem(404, "not_found");
        }
    }
    server.advance(SignedDuration::from_secs(301));
    server.get(&link, None).await.problem(404, "not_found");
    desk.server.finish().await;
}

/// What was sealed opens nowhere else, and a bit that is another is found and named.
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_file_that_was_swapped_or_changed_is_found_on_reading() {
    let desk = Desk::new(&[("ARCHIVE__SEAL".to_owned(), "true".to_owned())]).await;
    let audio = [wav(10.0, 1), wav(10.0, 2)];
    let ids = [archived(&desk, "one", &audio[0]).await, archived(&desk, "two", &audio[1]).await];
    let paths = ["one", "two"].map(|name| desk.path(&desk.row(name).expect("there").key));
    let kept = paths.clone().map(|path| std::fs::read(path).expect("it reads"));
    let listen = async |id: &str, range: &str| {
        ask(&desk, &desk.key, &format!("/api/v1/recordings/{id}/audio"), &[("range", range)]).await
    };
    let app = desk.server.app();
    let verify = async |n: usize| {
        let id = ids[n].parse().expect("an id");
        let recording = app.recording(desk.business, id).await.expect("it is there");
        app.verify_recording(&recording).await
    };
    verify(0).await.expect("as it was kept");
    std::fs::write(&paths[0], &kept[1]).expect("it can be written");
    std::fs::write(&paths[1], &kept[0]).expect("it can be written");
    for (n, id) in ids.iter().enumerate() {
        let answer = listen(id, "bytes=0-").await;
        assert!(answer.text().contains(id), "it is named: {}", answer.text());
        answer.problem(502, "recording_damaged");
        let damage = verify(n).await.expect_err("it is another's");
        assert!(matches!(damage, Damage::Sealed(..)) && damage.code() == "changed", "{damage}");
    }
    for at in [0, 5, 23, 24, 70_000, kept[0].len() - 1] {
        let mut changed = kept[0].clone();
        changed[at] ^= 1;
        std::fs::write(&paths[0], &changed).expect("it can be written");
        verify(0).await.expect_err("one bit is another");
    }
    // The first chunk is whole: only who asks for the second finds it changed.
    let mut changed = kept[0].clone();
    changed[80_000] ^= 1;
    std::fs::write(&paths[0], &changed).expect("it can be written");
    assert_eq!(listen(&ids[0], "bytes=0-1000").await.body, audio[0][..1001]);
    listen(&ids[0], "bytes=70000-70001").await.problem(502, "recording_damaged");
    std::fs::write(&paths[0], &kept[0]).expect("it can be written");
    std::fs::write(&paths[1], &kept[1][..kept[1].len() - 70_000]).expect("it can be written");
    verify(0).await.expect("as it was kept");
    verify(1).await.expect_err("its end is missing");
    std::fs::remove_file(&paths[1]).expect("it can be taken away");
    listen(&ids[1], "bytes=0-").await.problem(502, "recording_damaged");
    desk.server.finish().await;
}

/// What is not sealed is compared as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_file_in_a_store_that_was_changed_is_found_by_verifying() {
    let s3 = FakeS3::start().await;
    let mut settings = s3.settings();
    settings.push(("ARCHIVE__STORE".to_owned(), "s3".to_owned()));
    let desk = Desk::new(&settings).await;
    let id = archived(&desk, "one", &wav(1.0, 1)).await;
    let app = desk.server.app();
    let recording =
        app.recording(desk.business, id.parse().expect("an id")).await.expect("it is there");
    app.verify_recording(&recording).await.expect("as it was kept");
    s3.fails_for(Method::GET, Trouble::Scrambles);
    assert!(matches!(app.verify_recording(&recording).await, Err(Damage::Changed(_))));
    s3.flip_byte(&desk.row("one").expect("there").key, 1_000);
    assert!(matches!(app.verify_recording(&recording).await, Err(Damage::Changed(_))));
    desk.server.finish().await;
}

/// Erased with its call, or older than it is kept: the file goes too.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_with_its_person_and_with_its_age() {
    let s3 = FakeS3::start().await;
    let mut settings = s3.settings();
    settings.push(("ARCHIVE__STORE".to_owned(), "s3".to_owned()));
    settings.push(("RETENTION__RECORDINGS_DAYS".to_owned(), "30".to_owned()));
    let desk = Desk::new(&settings).await;
    archived(&desk, "one", &wav(1.0, 1)).await;
    assert_eq!(s3.objects().len(), 1);
    let person = frontdesk::domain::privacy::Person {
        phone: Some(frontdesk::domain::phone::PhoneNumber::parse(retell::CALLER).expect("one")),
        ..Default::default()
    };
    let app = desk.server.app();
    let exported = app.export_person(desk.business, person.clone()).await.expect("exported");
    assert_eq!(exported["recordings"].as_array().map(Vec::len), Some(1));
    app.erase_person(desk.business, person, None).await.expect("begun");
    eventually("the file is gone", async || s3.objects().is_empty()).await;
    eventually("nothing is left to do", async || desk.number("SELECT count(*) FROM removals") == 0)
        .await;
    assert_eq!(desk.number("SELECT count(*) FROM recordings"), 0);
    // Another person's, which becomes too old.
    let mut call = retell::call("two");
    call["from_number"] = json!("+12137775555");
    call["recording_url"] = json!(desk.files.url("/two.wav"));
    call["call_status"] = json!("ended");
    desk.files.serves("/two.wav", Served::Bytes(wav(1.0, 2), "audio/wav"));
    desk.retell.carries(call.clone());
    let event = json!({"event": "call_ended", "call": call}).to_string();
    assert_eq!(desk.server.hook(event).await.status, 204);
    desk.server.settled_events().await;
    assert_eq!(desk.road("two").await.0.state, "archived");
    desk.server.advance(SignedDuration::from_hours(24 * 31));
    let app = desk.server.app();
    let due = app.retention_due().await.expect("counted");
    assert_eq!(due.iter().find(|due| due.what == "recordings").map(|due| due.rows), Some(1));
    app.retain().await.expect("done");
    let row = desk.row("two").expect("its row stays");
    assert_eq!((row.state.as_str(), row.reason.as_str()), ("expired", "retention"));
    eventually("its file goes too", async || s3.objects().is_empty()).await;
    desk.is_tidy();
    desk.server.finish().await;
}
