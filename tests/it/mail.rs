//! Links go by mail: asked for, sent again when the server wants that, and good once.

use frontdesk::domain::access::{Role, Standing};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::fake_smtp::FakeSmtp;
use crate::harness::{Answer, Server, Setup, eventually};

async fn post(server: &Server, path: &str, bearer: Option<&str>, body: Value) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.map(|bearer| ("authorization", bearer)));
    server.request(Method::POST, path, &headers, body.to_string().into_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_chosen_anew_by_a_link_that_was_mailed() {
    let mail = FakeSmtp::start(0).await;
    let server = mail.on(Setup::plain()).start().await;
    let business = server.business().await;
    let one = server.member(business, Role::Viewer, Standing::Active).await;
    for email in ["nobody@example.com", &one.email.to_uppercase()] {
        let forgot = post(&server, "/api/v1/auth/password/forgot", None, json!({"email": email}));
        let forgot = forgot.await;
        assert_eq!((forgot.status, forgot.text()), (202, String::new()), "{email}");
    }
    server.settled().await;
    let letters = mail.letters();
    assert_eq!(letters.len(), 1, "nothing to whoever is not known: {letters:?}");
    let letter = &letters[0];
    assert_eq!(letter.to, one.email);
    for header in ["From: Desk <desk@desk.example>", "Auto-Submitted: auto-generated"] {
        assert!(letter.data.contains(&format!("{header}\r\n")), "{}", letter.data);
    }
    assert!(letter.data.contains("@desk.example>\r\n"), "a name of its own: {}", letter.data);
    let kept = server.db().cells("SELECT payload FROM jobs").concat().concat();
    assert!(!kept.contains(&letter.token()), "a link stands in no job");
    let chosen = json!({"token": letter.token(), "password": "a new one that is long enough"});
    for status in [204, 400] {
        let reset = post(&server, "/api/v1/auth/password/reset", None, chosen.clone()).await;
        assert_eq!(reset.status, status, "{}", reset.text());
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_gets_the_link_and_whoever_asks_does_not() {
    let mail = FakeSmtp::start(1).await;
    let server = mail.on(Setup::plain()).start().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let asked = json!({"email": "new@example.com", "role": "manager"});
    let invited = post(&server, "/api/v1/users", Some(&owner.bearer()), asked).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    assert_eq!(invited.json()["token"], Value::Null, "it goes by mail");
    let failed = "SELECT count(*) FROM jobs WHERE last_error LIKE '%with 451%'";
    eventually("the server put it off", async || server.number(failed) == 1).await;
    assert!(mail.letters().is_empty());
    server.advance(SignedDuration::from_hours(1));
    server.app().store.jobs_wake().notify_one();
    server.settled().await;
    let letters = mail.letters();
    let [letter] = &letters[..] else { panic!("one letter: {letters:?}") };
    assert_eq!(letter.to, "new@example.com");
    let chosen = json!({"token": letter.token(), "password": "a first one that is long enough"});
    let registered = post(&server, "/api/v1/auth/register", None, chosen).await;
    assert_eq!(registered.status, 201, "{}", registered.text());
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_for_good_is_not_tried_again() {
    let mail = FakeSmtp::start(0).await;
    let server = mail.on(Setup::plain()).start().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let asked = json!({"email": "new@gone.example", "role": "viewer"});
    let invited = post(&server, "/api/v1/users", Some(&owner.bearer()), asked).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    server.settled().await;
    assert!(mail.letters().is_empty());
    assert_eq!(server.number("SELECT count(*) FROM jobs"), 0, "nor is it dead");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_the_server_said_and_goes_to_nobody_else() {
    let mail = FakeSmtp::start(1).await;
    let server = mail.on(Setup::plain()).start().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let trial = async || {
        let bearer = owner.bearer();
        let headers = [("authorization", &bearer[..])];
        server.request(Method::POST, "/api/v1/mail/test", &headers, Vec::new()).await
    };
    let told = trial().await.problem(502, "mail_failed");
    assert!(told["detail"].as_str().is_some_and(|told| told.contains("come again")), "{told}");
    let taken = trial().await;
    assert_eq!(taken.json(), json!({"code": 250, "answer": "2.0.0 queued as 4711"}));
    assert_eq!(mail.letters().len(), 1);
    assert_eq!(mail.letters()[0].to, owner.email);
    server.finish().await;
    let without = Server::start().await;
    let business = without.business().await;
    let owner = without.member(business, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    let headers = [("authorization", &bearer[..])];
    let told = without.request(Method::POST, "/api/v1/mail/test", &headers, Vec::new()).await;
    told.problem(404, "not_found");
    without.finish().await;
}
