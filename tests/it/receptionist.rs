//! What the receptionist is asked about: services, branches, people and hours. Whatever is missing
//! or not clear is asked for, by every tool that needs it.

use frontdesk::app::exceptions::ExceptionOf;
use frontdesk::domain::business::{Branch, Price, Service};
use serde_json::{Value, json};

use crate::harness::Server;
use crate::practice::{
    add_branch, add_person, add_service, except, first_branch, service, staffed, told, with,
};

/// Tools that look for a time or take one.
const LOOKING: [&str; 5] = [
    "check_availability",
    "get_alternatives",
    "explain_unavailable",
    "collect_appointment_data",
    "book_appointment",
];
/// Those of them that take one.
const TAKING: [&str; 4] =
    ["get_alternatives", "explain_unavailable", "collect_appointment_data", "book_appointment"];

/// A wish that lacks nothing where there is one service, one branch and anybody.
fn wish() -> Value {
    json!({"start": "2026-01-06T10:00", "name": "Robin Example"})
}

#[track_caller]
fn says_all(answer: &Value, names: &[&str]) {
    let say = answer["say"].as_str().expect("an answer says something");
    assert!(names.iter().all(|name| say.contains(*name)), "{say}");
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_listed_with_their_price_and_for_the_branch_that_was_named() {
    let server = Server::start().await;
    let business = server.business().await;
    let north = add_branch(&server, business, "North Practice").await;
    let price = Some(Price { micros: 45_000_000, currency: "EUR".to_owned() });
    let massage = Service { price, branches: vec![north], ..service("Massage") };
    add_service(&server, business, massage).await;
    let check_up = json!({"name": "Check-up", "minutes": 30});
    let massage = json!({"name": "Massage", "minutes": 30, "price": "forty-five euros"});
    let cases = [
        (json!({}), json!([check_up, massage])),
        (json!({"branch": " NORTH practice "}), json!([check_up, massage])),
        (json!({"branch": "example"}), json!([check_up])),
    ];
    for (args, services) in cases {
        let answer = server.tool("list_services", args.clone(), "c1").await;
        assert_eq!(told(&answer), ("", "", "ask_service"), "{args}: {answer}");
        assert_eq!(answer["data"]["services"], services, "{args}");
    }
    let refused = [
        (json!({"branch": "Moon"}), ("unknown_branch", "branch", "ask_branch")),
        (json!({"branch": "practice"}), ("ambiguous_branch", "branch", "ask_branch")),
        (json!({"branch": ["north"]}), ("invalid_argument", "branch", "ask_again")),
    ];
    for (args, wanted) in refused {
        let answer = server.tool("list_services", args.clone(), "c1").await;
        assert_eq!(told(&answer), wanted, "{args}: {answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_are_listed_with_their_hours_and_where_a_service_is_offered() {
    let server = Server::start().await;
    let business = server.business().await;
    let answer = server.tool("list_branches", json!({}), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "the only one need not be chosen");
    let (hours, zone) = ("mon-fri 09:00-17:00", "Europe/Berlin");
    let entry = |name: &str| json!({"name": name, "hours": hours, "zone": zone});
    assert_eq!(answer["data"]["branches"], json!([entry("Example Practice")]));
    assert_eq!(answer["data"]["today"], "Monday 2026-01-05");
    let north = add_branch(&server, business, "North Practice").await;
    for name in ["Short visit", "Long visit"] {
        let visit = Service { branches: vec![north], ..service(name) };
        add_service(&server, business, visit).await;
    }
    let answer = server.tool("list_branches", json!({}), "c1").await;
    assert_eq!(told(&answer), ("", "", "ask_branch"));
    let both = json!([entry("Example Practice"), entry("North Practice")]);
    assert_eq!(answer["data"]["branches"], both);
    let answer = server.tool("list_branches", json!({"service": "short"}), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"));
    assert_eq!(answer["data"]["branches"], json!([entry("North Practice")]));
    for (asked, reason) in [("Surgery", "unknown_service"), ("visit", "ambiguous_service")] {
        let answer = server.tool("list_branches", json!({"service": asked}), "c1").await;
        assert_eq!(told(&answer), (reason, "service", "ask_service"), "{answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_open_branch_or_a_service_the_call_is_handed_over() {
    let server = Server::start().await;
    let business = server.business().await;
    let setup = server.app().setup_of(business).await.expect("the business is there");
    let off = |branch: Branch| Ok(Branch { active: false, ..branch });
    let changed = server.app().change_branch(business, setup.branches[0].id, off).await;
    changed.expect("a branch can be switched off");
    for tool in LOOKING.into_iter().chain(["business_hours"]) {
        let answer = server.tool(tool, wish(), "c1").await;
        assert_eq!(told(&answer), ("none_free", "branch", "hand_over"), "{tool}: {answer}");
    }
    let answer = server.tool("list_branches", json!({}), "c1").await;
    assert_eq!(told(&answer), ("none_free", "", "hand_over"), "{answer}");
    let off = |service: Service| Ok(Service { active: false, ..service });
    let changed = server.app().change_service(business, setup.services[0].id, off).await;
    changed.expect("a service can be switched off");
    for tool in LOOKING.into_iter().chain(["list_services"]) {
        let answer = server.tool(tool, wish(), "c1").await;
        assert_eq!(told(&answer), ("none_free", "", "hand_over"), "{tool}: {answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_clear_is_asked_for_by_every_tool_that_needs_one() {
    let server = Server::start().await;
    let business = server.business().await;
    for name in ["Short visit", "Long visit"] {
        add_service(&server, business, service(name)).await;
    }
    let cases = [
        (json!({"service": "Surgery"}), "unknown_service"),
        (json!({"service": "visit"}), "ambiguous_service"),
        (json!({}), "missing_argument"),
    ];
    for tool in LOOKING {
        for (args, reason) in &cases {
            let answer = server.tool(tool, with(&wish(), args), "c1").await;
            assert_eq!(told(&answer), (*reason, "service", "ask_service"), "{tool}: {answer}");
            says_all(&answer, &["Short visit", "Long visit"]);
        }
        let answer = server.tool(tool, with(&wish(), &json!({"service": true})), "c1").await;
        assert_eq!(told(&answer), ("invalid_argument", "service", "ask_again"), "{tool}");
    }
    let answer = server.tool("collect_appointment_data", json!({}), "c1").await;
    assert_eq!(told(&answer), ("missing_argument", "service", "ask_service"), "{answer}");
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_is_not_clear_is_asked_for_by_every_tool_that_needs_one() {
    let server = Server::start().await;
    let business = server.business().await;
    for name in ["North Practice", "South Practice"] {
        add_branch(&server, business, name).await;
    }
    let cases = [
        (json!({}), "ambiguous_branch"),
        (json!({"branch": "practice"}), "ambiguous_branch"),
        (json!({"branch": "Moon"}), "unknown_branch"),
    ];
    for tool in LOOKING.into_iter().chain(["business_hours"]) {
        for (args, reason) in &cases {
            let answer = server.tool(tool, with(&wish(), args), "c1").await;
            assert_eq!(told(&answer), (*reason, "branch", "ask_branch"), "{tool}: {answer}");
            says_all(&answer, &["Example Practice", "North Practice", "South Practice"]);
        }
    }
    let waits = with(&wish(), &json!({"waiting_list": true}));
    let answer = server.tool("collect_appointment_data", waits, "c1").await;
    assert_eq!(told(&answer), ("ambiguous_branch", "branch", "ask_branch"), "{answer}");
    let answer = server.tool("check_availability", json!({"branch": "north"}), "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "{answer}");
    let slots = answer["data"]["slots"].as_array().expect("slots are offered");
    assert!(slots.iter().all(|slot| slot["branch"] == "North Practice"), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_not_clear_is_asked_for_by_every_tool_that_needs_one() {
    let server = Server::start().await;
    let business = server.business().await;
    let branch = first_branch(&server, business).await;
    for name in ["Anna North", "Anna South"] {
        add_person(&server, business, name, branch, None).await;
    }
    let ben = add_person(&server, business, "Ben West", branch, None).await;
    let peeling = Service { staff: vec![ben], ..staffed("Peeling") };
    let laser = Service { skills: vec!["laser".to_owned()], ..staffed("Laser") };
    for one in [staffed("Massage"), peeling, laser] {
        add_service(&server, business, one).await;
    }
    let cases: [(&str, &str, &str, &[&str]); 3] = [
        ("Massage", "Zoe", "unknown_staff", &["Anna North", "Anna South", "Ben West"]),
        ("Massage", "anna", "ambiguous_staff", &["Anna North", "Anna South"]),
        ("Peeling", "Anna North", "unknown_staff", &["Ben West"]),
    ];
    for tool in LOOKING {
        for (service, staff, reason, names) in cases {
            let args = with(&wish(), &json!({"service": service, "staff": staff}));
            let answer = server.tool(tool, args, "c1").await;
            assert_eq!(told(&answer), (reason, "staff", "ask_staff"), "{tool}: {answer}");
            says_all(&answer, names);
        }
        let answer = server.tool(tool, with(&wish(), &json!({"service": "Laser"})), "c1").await;
        let wanted = ("nobody_for_service", "service", "ask_service");
        assert_eq!(told(&answer), wanted, "{tool}: {answer}");
    }
    let args = json!({"service": "Check-up", "staff": "Zoe"});
    let answer = server.tool("check_availability", args, "c1").await;
    assert_eq!(told(&answer), ("", "", "offer_slots"), "a check-up is the branch's: {answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_cannot_be_understood_is_asked_for_by_every_tool_that_takes_one() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        (json!({"start": "soon"}), ("invalid_argument", "start", "ask_again")),
        (json!({"start": "2026-01-06"}), ("invalid_argument", "start", "ask_again")),
        // The clocks go from two to three that night.
        (json!({"start": "2026-03-29T02:30"}), ("invalid_argument", "start", "ask_again")),
        (json!({"date": "2026-01-06", "time": "ten"}), ("invalid_argument", "time", "ask_again")),
        (json!({"date": "06.01.2026", "time": "10:00"}), ("invalid_argument", "date", "ask_again")),
        (json!({"time": "10:00"}), ("missing_argument", "date", "ask_time")),
        (json!({"when": "hello there"}), ("invalid_argument", "when", "ask_again")),
        (json!({"when": "next friday"}), ("ambiguous_time", "when", "ask_again")),
        (json!({"when": "yesterday"}), ("in_the_past", "when", "offer_other_day")),
    ];
    for tool in TAKING {
        for (args, wanted) in &cases {
            let args = with(&json!({"name": "Robin Example"}), args);
            let answer = server.tool(tool, args.clone(), "c1").await;
            assert_eq!(told(&answer), *wanted, "{tool} {args}: {answer}");
        }
    }
    assert_eq!(server.number("SELECT count(*) FROM appointments"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_cannot_be_understood_are_asked_for_by_every_tool_that_searches_them() {
    let server = Server::start().await;
    server.business().await;
    let cases = [
        (json!({"when": "hello there"}), ("invalid_argument", "when", "ask_again")),
        (json!({"when": "next friday"}), ("ambiguous_time", "when", "ask_again")),
        (json!({"when": "yesterday"}), ("in_the_past", "when", "offer_other_day")),
        (json!({"date": "tomorrow"}), ("invalid_argument", "date", "ask_again")),
        (json!({"date": "2026-01-04"}), ("in_the_past", "date", "offer_other_day")),
        (
            json!({"date": "2026-01-08", "until": "2026-01-07"}),
            ("invalid_argument", "until", "ask_again"),
        ),
        (json!({"after": "two"}), ("invalid_argument", "after", "ask_again")),
        (json!({"before": "25:00"}), ("invalid_argument", "before", "ask_again")),
        (json!({"after": "15:00", "before": "14:00"}), ("invalid_argument", "before", "ask_again")),
    ];
    let tools = ["check_availability", "get_alternatives", "explain_unavailable"];
    for tool in tools {
        for (args, wanted) in &cases {
            let answer = server.tool(tool, args.clone(), "c1").await;
            assert_eq!(told(&answer), *wanted, "{tool} {args}: {answer}");
        }
    }
    let answer = server.tool("check_availability", json!({"when": "next friday"}), "c1").await;
    says_all(&answer, &["ninth", "sixteenth"]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hours_are_told_of_a_usual_week_or_of_the_day_that_was_asked_for() {
    let server = Server::start().await;
    let business = server.business().await;
    let all = ExceptionOf::Business;
    except(&server, business, all, ("2026-01-07", "closed", "Founding day")).await;
    except(&server, business, all, ("2026-01-08", "10:00-12:00", "")).await;
    let week = "mon-fri 09:00-17:00";
    let cases = [
        (json!({}), week),
        (json!({"when": "next week"}), week),
        (json!({"date": "2026-01-05", "until": "2026-01-06"}), week),
        (json!({"date": "2026-01-06"}), "09:00-17:00"),
        (json!({"when": "tomorrow afternoon"}), "09:00-17:00"),
        (json!({"when": "saturday"}), "closed"),
        (json!({"date": "2026-01-07"}), "closed"),
        (json!({"date": "2026-01-08"}), "10:00-12:00"),
    ];
    for (args, hours) in cases {
        let answer = server.tool("business_hours", args.clone(), "c1").await;
        assert_eq!(told(&answer), ("", "", "go_on"), "{args}: {answer}");
        let data = json!({"hours": hours, "today": "Monday 2026-01-05"});
        assert_eq!(answer["data"], data, "{args}");
    }
    let answer = server.tool("business_hours", json!({"date": "2026-01-07"}), "c1").await;
    says_all(&answer, &["Founding day"]);
    let refused = [
        (json!({"date": "tomorrow"}), ("invalid_argument", "date", "ask_again")),
        (json!({"date": "2026-01-04"}), ("in_the_past", "date", "offer_other_day")),
        (json!({"when": "hello there"}), ("invalid_argument", "when", "ask_again")),
        (json!({"when": "yesterday"}), ("in_the_past", "when", "offer_other_day")),
        (json!({"when": "next friday"}), ("ambiguous_time", "when", "ask_again")),
    ];
    for (args, wanted) in refused {
        let answer = server.tool("business_hours", args.clone(), "c1").await;
        assert_eq!(told(&answer), wanted, "{args}: {answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_many_different_days_is_said_as_today_and_whole_in_the_data() {
    let server = Server::start().await;
    let business = server.business().await;
    let week = "mon 09:00-12:00; tue 10:00-13:00; wed 11:00-14:00; thu 12:00-15:00; \
                fri 13:00-16:00";
    server.set_hours(business, week).await;
    let answer = server.tool("business_hours", json!({}), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    assert_eq!(answer["data"]["hours"], week);
    says_all(&answer, &["today", "nine"]);
    server.set_hours(business, "closed").await;
    let answer = server.tool("business_hours", json!({}), "c1").await;
    assert_eq!(told(&answer), ("", "", "go_on"), "{answer}");
    assert_eq!(answer["data"]["hours"], "closed");
    server.finish().await;
}
