//! What guards the set-up of a business: names that are there, things that are in use, other
//! businesses, and requests that come more than once.

use std::collections::BTreeSet;

use frontdesk::domain::access::BusinessId;
use futures_util::future::join_all;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, NOBODY, id, invalid, with};
use crate::harness::Server;

/// A second business, which shares nothing with the first.
async fn other(server: &Server) -> BusinessId {
    server.business_named("Other Practice", "+12137771299", "agent_other").await
}

/// The id of the first row of a list.
async fn first(api: &Api<'_>, list: &str) -> String {
    id(&api.items(list).await[0]).to_owned()
}

/// A request for each list to which something of a set-up can be added.
fn requests() -> [(&'static str, Value); 4] {
    [
        ("/branches", json!({"name": "Uptown", "zone": "Europe/Berlin"})),
        ("/services", json!({"name": "Massage", "duration_min": 60})),
        ("/staff", json!({"name": "Kim Example"})),
        ("/hours/exceptions", json!({"first_day": "2026-12-24"})),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_there_already_is_told_so_whatever_its_case() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    for (path, sent) in &requests()[..3] {
        let own = |name: &str| with(sent, &json!({"name": name}));
        let one = api.made(path, &own("Zo\u{eb} Example")).await;
        let two = api.made(path, &own("Ada Example")).await;
        let (one, two) = (format!("{path}/{}", id(&one)), format!("{path}/{}", id(&two)));
        for name in ["Zo\u{eb} Example", "ZO\u{cb} EXAMPLE", " zo\u{eb} example "] {
            api.post(path, &own(name)).await.problem(409, "exists");
            api.patch(&two, &json!({"name": name})).await.problem(409, "exists");
        }
        let changed = api.changed(&one, &json!({"name": "ZO\u{cb} Example"})).await;
        assert_eq!(changed["name"], "ZO\u{cb} Example", "its own name is no other's");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_appointments_stays_and_so_does_the_only_branch() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let branch = format!("/branches/{}", first(&api, "/branches").await);
    let refused = api.delete(&branch).await.problem(409, "in_use");
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("only branch")));
    let kim = api.made("/staff", &json!({"name": "Kim Example"})).await;
    let sent = json!({"name": "Massage", "duration_min": 60, "staffed": true, "notice_min": 0});
    let service = api.made("/services", &sent).await;
    let sent = json!({"service_id": id(&service), "starts_at": "2026-01-06T09:00:00Z",
        "customer_name": "Robin Example"});
    let booked = api.made("/appointments", &sent).await;
    assert_eq!(booked["staff_id"], kim["id"]);
    api.made("/branches", &json!({"name": "Uptown", "zone": "Europe/Berlin"})).await;
    let in_use = [branch, format!("/services/{}", id(&service)), format!("/staff/{}", id(&kim))];
    for path in &in_use {
        api.delete(path).await.problem(409, "in_use");
    }
    let cancel = format!("/appointments/{}/cancel", id(&booked));
    assert_eq!(api.send(Method::POST, &cancel, &[], None).await.status, 200);
    for path in &in_use {
        api.delete(path).await.problem(409, "in_use");
        let off = api.changed(path, &json!({"active": false})).await;
        assert_eq!(off["active"], false, "but it can be switched off");
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_businesss_set_up_is_not_found_by_any_method() {
    let server = Server::start().await;
    let business = server.business().await;
    let api = Api::of(&server, business).await;
    let theirs = Api::of(&server, other(&server).await).await;
    let mut paths = vec![("/businesses", business.uuid().to_string())];
    for (list, sent) in requests() {
        paths.push((list, id(&api.made(list, &sent).await).to_owned()));
    }
    let lists = ["/businesses", "/branches", "/services", "/staff", "/hours"];
    let all = async || join_all(lists.iter().map(|list| api.shown(list))).await;
    let before = all().await;
    for (list, own) in paths {
        let methods = match list {
            "/businesses" => vec![Method::PATCH],
            "/hours/exceptions" => vec![Method::DELETE],
            _ => vec![Method::GET, Method::PATCH, Method::DELETE],
        };
        for method in methods {
            let body = (method == Method::PATCH).then(|| json!({}));
            let mut told = BTreeSet::new();
            for id in [own.as_str(), NOBODY, "x", "%20"] {
                let path = format!("{list}/{id}");
                let answer = theirs.send(method.clone(), &path, &[], body.as_ref()).await;
                let mut problem = answer.problem(404, "not_found");
                problem["request_id"] = Value::Null;
                told.insert(problem.to_string());
            }
            assert_eq!(told.len(), 1, "{method} {list} tells nothing of which there are: {told:?}");
        }
    }
    assert_eq!(all().await, before);
    for list in &lists[2..4] {
        let shown = theirs.items(list).await;
        assert!(shown.iter().all(|one| one["name"] == "Check-up"), "{list}: {shown:?}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_at_once_or_again_makes_one_thing_and_answers_its_id() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let theirs = Api::of(&server, other(&server).await).await;
    for (path, sent) in requests() {
        let at_once = join_all((0..10).map(|_| api.once(path, path, &sent))).await;
        let made: Vec<Value> = at_once.iter().map(|answer| answer.json()).collect();
        assert!(at_once.iter().all(|answer| answer.status == 201), "{path}: {made:?}");
        assert!(made.iter().all(|one| id(one) == id(&made[0])), "{path}: {made:?}");
        let again = api.once(path, path, &sent).await;
        assert_eq!((again.status, id(&again.json())), (201, id(&made[0])), "{path}");
        let another = with(&sent, &json!({"name": "Another"}));
        let refused = api.once(path, path, &another).await;
        refused.problem(422, "idempotency_key_reused");
        let elsewhere = api.once("/customers", path, &json!({"name": "Robin Example"})).await;
        elsewhere.problem(422, "idempotency_key_reused");
        api.post(path, &sent).await.problem(409, "exists");
        // The keys of two businesses have nothing to do with each other.
        let answer = theirs.once(path, path, &another).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text());
    }
    for table in ["services", "staff", "exceptions"] {
        let ours = format!(
            "SELECT count(*) FROM {table} t JOIN businesses b
            ON b.id = t.business_id AND b.name = 'Example Practice' AND t.name <> 'Check-up'"
        );
        assert_eq!(server.number(&ours), 1, "{table}");
    }
    assert_eq!(server.number("SELECT count(*) FROM customers"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_each_request_makes_another_and_a_bad_key_is_refused_by_name() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let sent = json!({"name": "Robin Example"});
    for _ in 0..2 {
        api.made("/customers", &sent).await;
    }
    assert_eq!(server.number("SELECT count(*) FROM customers"), 2);
    for key in ["", "a b", &"x".repeat(256)] {
        let answer = api.once("/customers", key, &sent).await;
        invalid(&answer, "Idempotency-Key", &json!(key));
    }
    for key in ["x".repeat(255).as_str(), "!", "550e8400-e29b-41d4-a716-446655440000"] {
        assert_eq!(api.once("/customers", key, &sent).await.status, 201, "{key}");
    }
    assert_eq!(server.number("SELECT count(*) FROM customers"), 5);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_request_is_remembered_for_a_day() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let sent = json!({"name": "Robin Example"});
    let made = api.once("/customers", "k", &sent).await.json();
    server.advance(SignedDuration::from_hours(24));
    server.app().forget_requests().await.expect("keys can be forgotten");
    let again = api.once("/customers", "k", &sent).await;
    assert_eq!(id(&again.json()), id(&made), "a day later to the millisecond");
    server.advance(SignedDuration::from_millis(1));
    server.app().forget_requests().await.expect("keys can be forgotten");
    let anew = api.once("/customers", "k", &sent).await;
    assert_eq!(anew.status, 201, "{}", anew.text());
    assert_ne!(id(&anew.json()), id(&made));
    assert_eq!(server.number("SELECT count(*) FROM idempotency_keys"), 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_made_is_answered_as_it_is_by_now() {
    let server = Server::start().await;
    let api = Api::of(&server, server.business().await).await;
    let sent = json!({"name": "Kim Example"});
    let made = api.once("/staff", "k", &sent).await.json();
    let path = format!("/staff/{}", id(&made));
    let changed = api.changed(&path, &json!({"name": "Kim Other"})).await;
    assert_eq!(api.once("/staff", "k", &sent).await.json(), changed);
    assert_eq!(api.delete(&path).await.status, 204);
    api.once("/staff", "k", &sent).await.problem(404, "not_found");
    assert!(api.items("/staff").await.is_empty(), "what was removed does not come back");
    server.finish().await;
}
