//! Work after the answer: tried again, given up at last, taken over from a process that died.

use frontdesk::crypto::digest::sha256;
use frontdesk::domain::job::Job;
use frontdesk::store::inbox::{self, Delivery, Received};
use frontdesk::store::jobs::Room;
use frontdesk::store::{Lane, StoreError, jobs};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::harness::{Data, Server, Setup, eventually, retell};

/// Longer than a job's lease.
const LEASE_AND_MORE: SignedDuration = SignedDuration::from_mins(6);

/// What a server leaves that took in these events and worked off none.
async fn taken_in(events: &[String]) -> Data {
    let server = Setup::plain().without_jobs().start().await;
    server.business().await;
    for event in events {
        assert_eq!(server.hook(event).await.status, 204);
    }
    server.stop().await
}

/// What is known of the jobs that are left.
fn left(server: &Server) -> Vec<Vec<String>> {
    server.db().cells("SELECT state, attempts, last_error FROM jobs ORDER BY id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_is_tried_again_and_rests_as_dead_after_the_last_try() {
    let data = taken_in(&[retell::started("c1")]).await;
    // Whose delivery it was is not in the configuration any more.
    let setup = Setup::plain().account("other", &[retell::KEY]).set("LIMITS__JOB_ATTEMPTS", "3");
    let server = setup.on(data).allow_jobs().start().await;
    let why = "there is no such voice account";
    eventually("the job has failed", async || left(&server) == [["pending", "1", why]]).await;
    let wait_ms = server.number("SELECT run_at FROM jobs") - server.now_ms();
    assert!((750..=1_250).contains(&wait_ms), "{wait_ms} ms until the second try");
    eventually("the job is dead after the third try", async || {
        server.advance(SignedDuration::from_mins(1));
        left(&server) == [["dead", "3", why]]
    })
    .await;
    server.advance(SignedDuration::from_hours(24 * 7));
    // Jobs that come later are worked off; the dead one rests.
    assert_eq!(server.deliver("other", retell::started("c2")).await.status, 204);
    server.settled().await;
    assert_eq!(left(&server), [["dead", "3", why]]);
    assert_eq!(server.db().cells("SELECT provider_call_id FROM calls"), [["c2"]]);
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 2, "the delivery is kept");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_failed_is_done_once_its_cause_is_mended() {
    let data = taken_in(&[retell::started("c1")]).await;
    let setup = Setup::plain().account("other", &[retell::KEY]);
    let server = setup.on(data).allow_jobs().start().await;
    eventually("the job has failed", async || {
        left(&server).iter().any(|job| job[1] == "1" && !job[2].is_empty())
    })
    .await;
    let server = Setup::plain().on(server.stop().await).start().await;
    server.advance(SignedDuration::from_mins(1));
    server.settled().await;
    assert_eq!(server.db().cells("SELECT provider_call_id FROM calls"), [["c1"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_whose_bytes_changed_on_the_disk_is_set_aside_and_not_applied() {
    let data = taken_in(&[retell::started("c1"), retell::started("c2")]).await;
    let forged = retell::started("c9").replace('\'', "''");
    let change = format!("UPDATE inbox SET body = CAST('{forged}' AS BLOB) WHERE id = 1");
    data.db().change(&change).expect("the file can be changed");
    let server = Setup::plain().on(data).start().await;
    server.settled().await;
    let poison = server.db().cells("SELECT inbox_id, reason FROM poison");
    assert_eq!(poison, [["1", "its bytes changed on the disk"]]);
    assert_eq!(server.db().cells("SELECT provider_call_id FROM calls"), [["c2"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_newer_release_waits_for_it() {
    let data = taken_in(&[retell::started("c1")]).await;
    let change = "UPDATE jobs SET kind = 'dance', payload = '{\"kind\":\"dance\",\"inbox\":1}'";
    data.db().change(change).expect("the file can be changed");
    let server = Setup::plain().on(data).allow_jobs().start().await;
    assert_eq!(server.hook(retell::started("c2")).await.status, 204);
    let known = "SELECT provider_call_id FROM calls ORDER BY provider_call_id";
    eventually("the other job is done", async || server.db().cells(known) == [["c2"]]).await;
    assert_eq!(left(&server), [["pending", "0", ""]], "it is not even tried");
    let restored = "UPDATE jobs SET kind = 'apply_event',
        payload = '{\"kind\":\"apply_event\",\"inbox\":1}'";
    server.db().change(restored).expect("the file can be changed");
    server.advance(SignedDuration::from_mins(1));
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 2);
    server.finish().await;
}

/// Room for events that are to be applied.
fn room(lease_ends: Timestamp) -> Room {
    Room { kind: "apply_event", most: 8, lease_ends }
}

/// A process that takes a job and ends in the middle of it; returns what it leaves.
async fn dies_in_the_middle(setup: Setup) -> Data {
    let server = setup.without_jobs().start().await;
    let now = server.app().clock.now();
    let lease_ends = now + SignedDuration::from_mins(5);
    let claim = server
        .app()
        .store
        .write(Lane::Background, move |write| jobs::claim(write, now, &[room(lease_ends)]));
    assert_eq!(claim.await.expect("the jobs can be claimed").len(), 1);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_under_way_when_its_process_died_runs_at_the_next_start() {
    let data = taken_in(&[retell::started("c1")]).await;
    let data = dies_in_the_middle(Setup::plain().on(data)).await;
    let server = Setup::plain().on(data).start().await;
    server.settled().await;
    assert_eq!(server.db().cells("SELECT provider_call_id FROM calls"), [["c1"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_its_process_every_time_is_set_aside() {
    let mut data = taken_in(&[retell::started("c1")]).await;
    for _ in 0..2 {
        data = dies_in_the_middle(Setup::plain().on(data)).await;
        // Who starts next makes the job due again; here that is the clock.
        data.clock().set(data.clock().now() + LEASE_AND_MORE);
    }
    let setup = Setup::plain().set("LIMITS__JOB_ATTEMPTS", "2").on(data).allow_jobs();
    let server = setup.start().await;
    eventually("the job is dead", async || {
        left(&server).iter().any(|job| job[0] == "dead" && job[2].contains("the process ended"))
    })
    .await;
    assert_eq!(server.number("SELECT count(*) FROM calls"), 0, "it is not begun once more");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_never_ends_runs_again_when_its_lease_has_ended() {
    let server = Server::start().await;
    // Once a job is done, the runner has begun and holds leases of its own only.
    assert_eq!(server.hook(retell::started("c0")).await.status, 204);
    server.settled().await;
    let now = server.app().clock.now();
    let lease_ends = now + SignedDuration::from_mins(5);
    let body = retell::started("c1").into_bytes();
    // Taken in and claimed in one write, so that the runner cannot be first.
    let taken = server.app().store.write(Lane::Urgent, move |write| {
        let (account, digest) = ("retell".to_owned(), sha256(&[&body]));
        let delivery = Delivery { account, body, sha256: digest, received_at: now };
        let Received::New(inbox) = inbox::receive(write, &delivery)? else {
            return Ok(0);
        };
        jobs::add(write, Job::ApplyEvent { inbox }, now, now)?;
        Ok::<_, StoreError>(jobs::claim(write, now, &[room(lease_ends)])?.len())
    });
    assert_eq!(taken.await.expect("it can be taken in"), 1);
    assert_eq!(server.hook(retell::started("c2")).await.status, 204);
    let known = "SELECT provider_call_id FROM calls ORDER BY provider_call_id";
    eventually("the job without a lease is done", async || server.db().cells(known).len() == 2)
        .await;
    assert_eq!(server.db().cells(known), [["c0"], ["c2"]], "the lease holds");
    assert_eq!(left(&server), [["pending", "1", ""]]);
    server.advance(LEASE_AND_MORE);
    server.settled().await;
    assert_eq!(server.db().cells(known), [["c0"], ["c1"], ["c2"]]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_twice_has_one_effect() {
    let data = taken_in(&[retell::analyzed("c1")]).await;
    let twice = "INSERT INTO jobs (kind, payload, state, run_at, created_at)
        SELECT kind, payload, state, run_at, created_at FROM jobs";
    data.db().change(twice).expect("the file can be changed");
    let server = Setup::plain().on(data).start().await;
    server.settled().await;
    for (table, rows) in [("calls", 1), ("call_events", 1), ("transcript_turns", 2)] {
        assert_eq!(server.number(&format!("SELECT count(*) FROM {table}")), rows, "{table}");
    }
    assert_eq!(server.number("SELECT total FROM totals WHERE noun = 'calls'"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_fails_when_due_jobs_are_not_worked_off() {
    let server = Setup::plain().without_jobs().allow_jobs().start().await;
    let event = json!({"event": "call_started", "call": retell::call("c1")}).to_string();
    assert_eq!(server.hook(event).await.status, 204);
    let ready = server.get("/readyz", None).await;
    assert_eq!((ready.status, &ready.json()["job_age_s"]), (200, &json!(0)));
    server.advance(SignedDuration::from_secs(900));
    assert_eq!(server.get("/readyz", None).await.status, 200);
    server.advance(SignedDuration::from_secs(1));
    let ready = server.get("/readyz", None).await;
    ready.problem(503, "not_ready");
    server.finish().await;
}
