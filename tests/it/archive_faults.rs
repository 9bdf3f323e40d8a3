//! Whatever a recording's source serves: either it is archived with the right digest, or it is listed as
//! failed with its reason, and nothing else is left.

use std::time::Duration;

use crate::harness::archive::Desk;
use crate::harness::recordings::{Served, wav, wav_of};

fn bytes(content: &[u8]) -> Served {
    Served::Bytes(content.to_vec(), "audio/wav")
}

/// What is served for ever, and where that ends.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_recording_is_refused_with_its_reason() {
    let desk = Desk::new(&[]).await;
    let audio = wav(1.0, 1);
    let page = b"\n <!DOCTYPE html><html><body>Please log in</body></html>";
    let cases: [(&str, Served, &str, &str, usize); 12] = [
        ("page", bytes(page), "failed", "html", 3),
        ("empty", bytes(b""), "failed", "empty", 3),
        ("magic", bytes(b"PK\x03\x04 this is a zip file and no sound"), "failed", "not_audio", 3),
        ("header", bytes(&audio[..44]), "failed", "cut_short", 3),
        ("short", bytes(&audio[..audio.len() / 2]), "failed", "cut_short", 3),
        ("large", bytes(&wav_of((1 << 20) + 2, 1)), "failed", "too_large", 1),
        ("endless", Served::Endless, "failed", "too_large", 1),
        (
            "metadata",
            Served::Redirect("http://169.254.169.254/latest/meta-data/".to_owned()),
            "failed",
            "address_refused",
            1,
        ),
        (
            "inside",
            Served::Redirect("http://10.0.0.7/a.wav".to_owned()),
            "failed",
            "address_refused",
            1,
        ),
        ("file", Served::Redirect("file:///etc/passwd".to_owned()), "failed", "address_refused", 1),
        ("nowhere", Served::Redirect("http://[".to_owned()), "failed", "address_refused", 1),
        ("round", Served::Redirect(desk.files.url("/round.wav")), "failed", "leads_on", 3),
    ];
    for (name, served, state, reason, tries) in cases {
        desk.call(name, [served]).await;
        let (row, _) = desk.road(name).await;
        assert_eq!((row.state.as_str(), row.reason.as_str()), (state, reason), "{name}");
        assert_eq!(row.attempts, tries as i64, "{name}");
        assert_eq!((row.store.as_str(), row.key.as_str()), ("", ""), "{name}");
    }
    let failed = desk.shown("/recordings?state=failed&limit=100").await;
    assert_eq!(failed["items"].as_array().map(Vec::len), Some(12));
    assert!(desk.on_disk().is_empty());
    desk.is_tidy();
    // They are all mended, and one command has them tried again.
    for name in ["page", "empty", "magic", "header", "short", "large", "endless"] {
        desk.files.serves(&format!("/{name}.wav"), bytes(&audio));
    }
    assert_eq!(desk.server.app().retry_recordings(None).await.expect("it can"), 12);
    for name in ["page", "empty", "magic", "header", "short", "large", "endless"] {
        assert_eq!(desk.road(name).await.0.state, "archived", "{name}");
    }
    desk.is_tidy();
    desk.server.finish().await;
}

/// What goes wrong once is mended by the next try.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_or_is_slow_is_fetched_whole_the_next_time() {
    let desk = Desk::new(&[("ARCHIVE__FETCH_TIMEOUT_S".into(), "2".into())]).await;
    let audio = wav(1.0, 2);
    let mut cases = vec![
        ("hangs".to_owned(), Served::Hangs, "too_slow"),
        ("drips".to_owned(), Served::Drips(audio.clone(), Duration::from_millis(400)), "too_slow"),
        ("longer".to_owned(), Served::WrongLength(audio.clone(), audio.len() + 10), "broke_off"),
        ("shorter".to_owned(), Served::WrongLength(audio.clone(), audio.len() - 10), "cut_short"),
    ];
    for tenth in 0..10 {
        let cut = Served::CutAt(audio.clone(), audio.len() * tenth / 10);
        cases.push((format!("cut-{tenth}"), cut, "broke_off"));
    }
    for (name, served, reason) in cases {
        desk.call(&name, [served, bytes(&audio)]).await;
        crate::harness::eventually("it was tried", async || {
            desk.row(&name).is_some_and(|row| row.attempts == 1 || row.state == "archived")
        })
        .await;
        let row = desk.row(&name).expect("it is there");
        assert_eq!((row.state.as_str(), row.reason.as_str()), ("waiting", reason), "{name}");
        let (row, _) = desk.road(&name).await;
        assert_eq!((row.state.as_str(), row.attempts), ("archived", 0), "{name}");
        assert_eq!(std::fs::read(desk.path(&row.key)).expect("it reads"), audio, "{name}");
    }
    desk.is_tidy();
    desk.server.finish().await;
}

/// Recordings of a host that fails wait for it together, and then all come.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_fails_is_left_alone_and_costs_the_others_no_try() {
    let desk = Desk::new(&[]).await;
    let audio = wav(1.0, 3);
    for n in 0..20 {
        let served = [Served::Status(500), bytes(&audio)];
        desk.call(&format!("call-{n}"), served).await;
    }
    for n in 0..20 {
        let (row, _) = desk.road(&format!("call-{n}")).await;
        assert_eq!(row.state, "archived", "{n}");
    }
    let diagnostics = desk.shown("/diagnostics").await;
    let files = desk.files.url("");
    let host = files.trim_start_matches("http://").trim_end_matches('/');
    let upstreams = diagnostics["upstreams"].as_array().expect("a list").clone();
    let of_files = upstreams.iter().find(|one| one["host"] == host).expect("it was asked");
    assert_eq!(of_files["breaker"], "closed", "{of_files}");
    assert!(of_files["opened"].as_u64().expect("a count") >= 1, "{of_files}");
    desk.is_tidy();
    desk.server.finish().await;
}
