//! The pages, as a browser asks for them: forms, cookies, links, and what is refused.

use frontdesk::domain::access::{Role, Standing};
use frontdesk::domain::ids::BusinessRef;
use http::Method;
use serde_json::json;

use crate::harness::people::{LoggedIn, PASSWORD};
use crate::harness::{Answer, Server, Setup};

const TEXT: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const FORM: &str = "application/x-www-form-urlencoded";

/// A browser: it takes HTML, sends its cookie and says where it comes from.
struct Browser<'s> {
    server: &'s Server,
    origin: String,
    cookie: String,
}

impl<'s> Browser<'s> {
    fn new(server: &'s Server) -> Self {
        let origin = format!("http://{}", server.address());
        Self { server, origin, cookie: String::new() }
    }

    /// Somebody who is logged in by the form.
    async fn of(server: &'s Server, one: &LoggedIn) -> Self {
        let mut browser = Self::new(server);
        let sent = [("email", &one.email[..]), ("password", PASSWORD), ("next", "/"), ("code", "")];
        let answer = browser.send("/login", &sent).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text());
        browser
    }

    async fn get(&self, path: &str) -> Answer {
        let headers = [("accept", TEXT), ("cookie", &self.cookie), ("sec-fetch-site", "none")];
        self.server.request(Method::GET, path, &headers, Vec::new()).await
    }

    async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [
            ("accept", TEXT),
            ("content-type", FORM),
            ("cookie", &self.cookie[..]),
            ("origin", &self.origin),
            ("sec-fetch-site", "same-origin"),
        ];
        let answer = self.server.request(Method::POST, path, &headers, body.into_bytes()).await;
        if let Some(cookie) =
            answer.header("set-cookie").split(';').next().filter(|c| !c.is_empty())
        {
            cookie.clone_into(&mut self.cookie);
        }
        answer
    }
}

/// Fails unless it is a page that is whole, loads nothing from elsewhere and runs nothing.
#[track_caller]
fn page(answer: &Answer, status: u16) -> String {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let may_load = answer.header("content-security-policy");
    assert!(may_load.contains("default-src 'none'") && !may_load.contains("script-src"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "else forms come from nowhere");
    assert!(text.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{text}");
    assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains(" onclick"));
    assert_eq!(text.matches("<h1>").count(), 1, "one heading says what it is: {text}");
    for tag in text.split('<').filter_map(|rest| rest.split('>').next()) {
        let attributes = tag.split('"').step_by(2).filter_map(|part| part.trim().strip_suffix('='));
        let names: Vec<&str> =
            attributes.map(|part| part.rsplit(' ').next().unwrap_or(part)).collect();
        let mut known = names.clone();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), names.len(), "an attribute stands twice: <{tag}>");
    }
    text
}

fn with(path: &str, business: BusinessRef) -> String {
    format!("{path}?business={business}")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_logged_in_is_led_to_logging_in_and_back() {
    let server = Server::start().await;
    let business = server.business().await;
    let one = server.member(business, Role::Viewer, Standing::Active).await;
    let mut browser = Browser::new(&server);
    let asked = browser.get("/appointments?status=held").await;
    let to = asked.header("location").to_owned();
    assert_eq!((asked.status, &to[..]), (303, "/login?next=%2Fappointments%3Fstatus%3Dheld"));
    let form = page(&browser.get(&to).await, 200);
    assert!(form.contains("name=\"next\" value=\"/appointments?status=held\""), "{form}");
    let mut sent = [("email", &one.email[..]), ("password", "not this one"), ("next", "/audit")];
    let wrong = page(&browser.send("/login", &sent).await, 401);
    assert!(wrong.contains("role=\"alert\"") && wrong.contains("The log-in failed"), "{wrong}");
    assert_eq!(browser.cookie, "");
    sent[1] = ("password", PASSWORD);
    let right = browser.send("/login", &sent).await;
    assert_eq!((right.status, right.header("location")), (303, "/audit"));
    let cookie = right.header("set-cookie");
    for part in ["__Host-frontdesk=", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let id = business.as_ref().to_string();
    let home = browser.get("/").await;
    assert_eq!(home.header("location"), format!("/appointments?business={id}"));
    page(&browser.get("/appointments").await, 200);
    let out = browser.send("/logout", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    let over = Browser { cookie: right.header("set-cookie").to_owned(), ..Browser::new(&server) };
    assert_eq!(over.get("/appointments").await.status, 303, "the old cookie is worth nothing");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_does_nothing_and_leads_nowhere_else() {
    let server = Server::start().await;
    let business = server.business().await;
    let one = server.member(business, Role::Owner, Standing::Active).await;
    let mut browser = Browser::of(&server, &one).await;
    let sessions = "SELECT count(*) FROM sessions";
    let before = server.number(sessions);
    let own = browser.origin.clone();
    let sent = [("email", &one.email[..]), ("password", PASSWORD)];
    for origin in ["https://evil.example", "null", ""] {
        origin.clone_into(&mut browser.origin);
        for path in ["/login", "/logout", "/forgot", "/password"] {
            let told = page(&browser.send(path, &sent).await, 403);
            assert!(told.contains("sent from another site"), "{path} {origin}: {told}");
        }
    }
    assert_eq!(server.number(sessions), before, "nobody came and nobody left");
    browser.origin = own;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "evil"] {
        let mut stranger = Browser::new(&server);
        let sent = [sent[0], sent[1], ("next", next)];
        let answer = stranger.send("/login", &sent).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{next}");
    }
    let twice = [sent[0], sent[0], sent[1]];
    page(&Browser::new(&server).send("/login", &twice).await, 400);
    let more = [sent[0], sent[1], ("is_operator", "true")];
    let told = page(&Browser::new(&server).send("/login", &more).await, 400);
    assert!(told.contains("is_operator"), "a field that is none is named: {told}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_chosen_on_the_page_that_a_link_leads_to() {
    let server = Setup::plain().set("LIMITS__REGISTER_PER_MINUTE", "100").start().await;
    let token = server.app().setup_link().await.expect("made").expect("there is no user");
    let mut browser = Browser::new(&server);
    page(&browser.get("/password").await, 200);
    let first = page(&browser.get(&format!("/password?token={token}")).await, 200);
    assert!(first.contains("You become the operator") && first.contains("name=\"email\""));
    let good = "four words of my own";
    let mut sent = [("token", &token[..]), ("email", "op@example.com"), ("password", "short")];
    let weak = page(&browser.send("/password", &sent).await, 400);
    assert!(weak.contains("role=\"alert\"") && weak.contains(&token), "again: {weak}");
    sent[2] = ("password", good);
    page(&browser.send("/password", &sent).await, 200);
    let spent = page(&browser.send("/password", &sent).await, 400);
    assert!(spent.contains("This link is over"), "{spent}");
    let business = server.business().await;
    let one = server.member(business, Role::Viewer, Standing::Active).await;
    let token = server.app().password_link(one.id).await.expect("made");
    let reset = page(&browser.get(&format!("/password?token={token}")).await, 200);
    assert!(!reset.contains("name=\"email\"") && !reset.contains(&one.email), "not whose it is");
    let sent = [("token", &token[..]), ("password", good)];
    page(&browser.send("/password", &sent).await, 200);
    let sent = [("email", "op@example.com"), ("password", good)];
    assert_eq!(browser.send("/login", &sent).await.status, 303);
    let businesses = page(&browser.get("/businesses?next=/appointments").await, 200);
    let to = with("/appointments", business.as_ref());
    assert!(businesses.contains(&format!("href=\"{to}\"")), "{businesses}");
    page(&browser.get(&to).await, 200);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn appointments_and_their_history_are_shown_as_text_whatever_they_hold() {
    let server = Server::start().await;
    let business = server.business().await;
    let one = server.member(business, Role::Viewer, Standing::Active).await;
    let name = "<script>alert(1)</script>";
    let args = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    let booked = server.tool("book_appointment", args, "c1").await;
    let id = booked["data"]["appointment_id"].as_str().expect("booked").to_owned();
    let named = format!("UPDATE appointments SET customer_name = '{name}'");
    server.db().change(&named).expect("it can be changed");
    let args = json!({"appointment_id": id, "start": "2026-01-06T11:00"});
    let moved = server.tool("reschedule_appointment", args, "c1").await;
    assert_eq!(moved["data"]["success"], true, "{moved}");
    let browser = Browser::of(&server, &one).await;
    let list = page(&browser.get("/appointments").await, 200);
    assert!(list.contains("Tue 6 Jan 2026, 11:00") && list.contains("Booked"), "{list}");
    assert!(list.contains("&lt;script&gt;alert(1)"), "{list}");
    assert!(!list.contains("href=\"/audit"), "a viewer reads no audit log");
    let none = page(&browser.get("/appointments?from=2026-01-07").await, 200);
    assert!(none.contains("No appointment in that time."), "{none}");
    let cancelled = page(&browser.get("/appointments?status=cancelled&from=2026-01-01").await, 200);
    assert!(cancelled.contains("No appointment in that time."));
    let shown = page(&browser.get(&format!("/appointments/{id}")).await, 200);
    for part in ["moved", "booked", "caller", "Tue 6 Jan 2026, 10:00", "Tue 6 Jan 2026, 11:00"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for (path, status) in [
        ("/appointments/01900000-0000-7000-8000-000000000001", 404),
        ("/appointments/nonsense", 404),
        ("/appointments?from=yesterday", 400),
        ("/appointments?from=2026-02-01&to=2026-01-01", 400),
        ("/appointments?status=odd", 400),
        ("/appointments?colour=red", 400),
        ("/appointments?business=01900000-0000-7000-8000-0000000000ff", 404),
        ("/audit", 403),
        ("/nowhere", 404),
    ] {
        page(&browser.get(path).await, status);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_filtered_exported_and_for_those_who_may() {
    let server = Server::start().await;
    let business = server.business().await;
    let owner = server.member(business, Role::Owner, Standing::Active).await;
    let bearer = owner.bearer();
    for n in 0..103 {
        let body = json!({"name": format!("Customer {n}")}).to_string().into_bytes();
        let headers = [("authorization", &bearer[..]), ("content-type", "application/json")];
        let made = server.request(Method::POST, "/api/v1/customers", &headers, body).await;
        assert_eq!(made.status, 201);
    }
    let browser = Browser::of(&server, &owner).await;
    let all = page(&browser.get("/audit").await, 200);
    assert_eq!(all.matches("add_customer<").count(), 100, "a page of them");
    let next = all.split("href=\"").find(|part| part.contains("cursor=")).expect("there is more");
    let next = next.split('"').next().unwrap_or_default().replace("&amp;", "&");
    let rest = page(&browser.get(&next).await, 200);
    assert_eq!(rest.matches("add_customer<").count(), 3, "{rest}");
    let none = page(&browser.get("/audit?action=erase_person").await, 200);
    assert!(none.contains("No row fits."));
    let file = all.split("href=\"").find(|part| part.starts_with("/audit/export")).expect("a file");
    let file = browser.get(&file.split('"').next().unwrap_or_default().replace("&amp;", "&")).await;
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "text/csv; charset=utf-8; header=present")
    );
    assert_eq!(file.text().matches("add_customer").count(), 103);
    let access = page(&browser.get("/access").await, 200);
    assert!(access.contains("privacy:write") && access.contains("POST /api/v1/privacy/erasures"));
    let style =
        browser.get(all.split("href=\"").nth(1).and_then(|p| p.split('"').next()).expect("css"));
    let style = style.await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(style.header("cache-control").contains("immutable"));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_belongs_to_several_says_which_and_a_program_gets_no_page() {
    let server = Server::start().await;
    let business = server.business().await;
    let other = server.business_named("Other", "+12025550199", "agent_other").await;
    let one = server.member(business, Role::Manager, Standing::Active).await;
    let asked = server.app().invite(
        other,
        (&one.email, Role::Auditor, frontdesk::app::people::Link::Handed),
        None,
    );
    asked.await.expect("they are of both");
    let browser = Browser::of(&server, &one).await;
    let home = browser.get("/").await;
    assert_eq!(home.header("location"), "/businesses");
    let which = browser.get("/appointments").await;
    assert_eq!(which.header("location"), "/businesses?next=%2Fappointments");
    let list = page(&browser.get("/businesses").await, 200);
    assert!(list.contains(&with("/appointments", business.as_ref())), "{list}");
    assert!(list.contains(&with("/audit", other.as_ref())), "an auditor's first page: {list}");
    page(&browser.get(&with("/audit", other.as_ref())).await, 200);
    page(&browser.get(&with("/appointments", other.as_ref())).await, 403);
    let program = server.get("/appointments", None).await;
    program.problem(401, "key_missing");
    server.finish().await;
}
