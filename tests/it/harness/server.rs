//! A server in this process, and what a test does with it.
//!
//! A test ends with [`Server::finish`], which fails when jobs are left, or with [`Server::stop`],
//! which keeps the data for another start. One that ends otherwise fails.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use frontdesk::app::App;
use frontdesk::app::businesses::SetUp;
use frontdesk::cmd::run::{self, Running, Start};
use frontdesk::config::{self, Settings, Sources};
use frontdesk::domain::access::{BusinessId, Scope, admit_operator};
use frontdesk::domain::phone::PhoneNumber;
use frontdesk::domain::scheduling::rules::Rules;
use frontdesk::store::businesses::Agent;
use frontdesk::store::{Lane, StoreError, jobs};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::{Answer, Data, Database, PATIENCE, at, eventually, retell};

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// The account that there is when a test names none.
const ACCOUNT: &str = "retell";
/// Members of a tool's answer.
const TOOL_MEMBERS: [&str; 5] = ["say", "data", "next", "reason", "field"];

/// How a server is to be started.
pub struct Setup {
    env: BTreeMap<String, String>,
    accounts: Vec<(String, String)>,
    data: Option<Data>,
    works_off_jobs: bool,
    may_leave_jobs: bool,
}

impl Setup {
    /// On a fresh folder, with one account and with jobs worked off.
    pub fn plain() -> Self {
        // Most tests have calls whose provider is nowhere: recordings are not asked for.
        let env = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("LIMITS__DRAIN_TIMEOUT_MS", "2000"),
            ("ARCHIVE__STORE", "none"),
        ];
        Self {
            env: env.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            accounts: Vec::new(),
            data: None,
            works_off_jobs: true,
            may_leave_jobs: false,
        }
    }

    /// With a setting, named as in the environment but without `FRONTDESK_`.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.env.insert(key.to_owned(), value.to_owned());
        self
    }

    /// With a Retell account of these keys; the first one named takes the place of the usual one.
    pub fn account(mut self, name: &str, keys: &[&str]) -> Self {
        self.accounts.push((name.to_uppercase(), format!("{keys:?}")));
        self
    }

    /// On what another server has left.
    pub fn on(mut self, data: Data) -> Self {
        self.data = Some(data);
        self
    }

    /// With jobs left waiting.
    pub fn without_jobs(mut self) -> Self {
        self.works_off_jobs = false;
        self
    }

    /// For a test that means to leave jobs, pending or dead.
    pub fn allow_jobs(mut self) -> Self {
        self.may_leave_jobs = true;
        self
    }

    /// The settings of a server on a folder.
    fn settings(&self, data: &Data) -> Settings {
        let mut env = self.env.clone();
        let usual = [(ACCOUNT.to_uppercase(), format!("{:?}", [retell::KEY]))];
        let accounts = if self.accounts.is_empty() { &usual[..] } else { &self.accounts };
        for (name, keys) in accounts {
            env.insert(format!("VOICE__{name}__KIND"), "retell".to_owned());
            env.insert(format!("VOICE__{name}__API_KEYS"), keys.clone());
        }
        let env = env.into_iter().map(|(key, value)| (format!("FRONTDESK_{key}"), value));
        let sources =
            Sources { file: None, data_dir: Some(data.dir().to_owned()), env: env.collect() };
        config::load(&sources).expect("the test's settings are valid")
    }

    /// Starts it.
    pub async fn start(mut self) -> Server {
        let data = self.data.take().unwrap_or_else(Data::fresh);
        let settings = self.settings(&data);
        let (stop, stopped) = watch::channel(false);
        let start = Start { settings, clock: data.clock().clone(), jobs: self.works_off_jobs };
        let running = run::start(start, stopped).await.expect("the server starts");
        let address = *running.addresses.first().expect("it listens on one address");
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(ANSWER_TIMEOUT)
            .no_proxy()
            .build()
            .expect("a client can be made");
        Server {
            address,
            running: Some(running),
            data: Some(data),
            stop,
            client,
            works_off_jobs: self.works_off_jobs,
            may_leave_jobs: self.may_leave_jobs,
        }
    }
}

/// A server that runs until [`Server::stop`] or [`Server::finish`].
pub struct Server {
    address: SocketAddr,
    running: Option<Running>,
    data: Option<Data>,
    stop: watch::Sender<bool>,
    client: reqwest::Client,
    works_off_jobs: bool,
    may_leave_jobs: bool,
}

impl Server {
    /// Takes another configuration over, as saving the file does. Returns what counts later.
    pub fn reload(&self, setup: &Setup) -> Vec<&'static str> {
        let settings = setup.settings(self.data.as_ref().expect("it runs"));
        self.app().reload(Ok(settings)).expect("the test's settings are valid")
    }

    /// One as [`Setup::plain`] makes it.
    pub async fn start() -> Self {
        Setup::plain().start().await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its use cases.
    pub fn app(&self) -> &Arc<App> {
        &self.running.as_ref().expect("it runs until it is stopped").app
    }

    /// Its database.
    pub fn db(&self) -> Database {
        self.data().db()
    }

    /// The one number that a question to its database asks for.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        self.db().number(sql)
    }

    /// Its present moment, in milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        self.data().clock().now_ms()
    }

    /// Moves its clock to an instant written as in RFC 3339.
    pub fn go_to(&self, text: &str) {
        self.set_clock(at(text));
    }

    /// Moves its clock to milliseconds since 1970 UTC.
    pub fn go_to_ms(&self, ms: i64) {
        self.set_clock(Timestamp::from_millisecond(ms).expect("within jiff's range"));
    }

    /// Moves its clock on.
    pub fn advance(&self, by: SignedDuration) {
        self.set_clock(self.data().clock().now() + by);
    }

    /// Sends a request and reads the answer.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read(request.send().await.expect("the server answers")).await
    }

    /// Asks for a path with a key, if any.
    pub async fn get(&self, path: &str, key: Option<&str>) -> Answer {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let headers: Vec<_> = bearer.iter().map(|text| ("authorization", text.as_str())).collect();
        self.request(Method::GET, path, &headers, Vec::new()).await
    }

    /// Posts bytes with a signature, if any.
    pub async fn post_raw(&self, path: &str, body: &[u8], signature: Option<&str>) -> Answer {
        let headers: Vec<_> = signature.iter().map(|text| (retell::SIGNATURE, *text)).collect();
        self.request(Method::POST, path, &headers, body.to_vec()).await
    }

    /// Delivers a signed event to an account.
    pub async fn deliver(&self, account: &str, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let signature = retell::signature(retell::KEY, body, self.now_ms());
        self.post_raw(&format!("/hooks/{account}"), body, Some(&signature)).await
    }

    /// Delivers a signed event to the usual account.
    pub async fn hook(&self, body: impl AsRef<[u8]>) -> Answer {
        self.deliver(ACCOUNT, body).await
    }

    /// Calls a tool in a call to the usual number and returns its answer.
    pub async fn tool(&self, name: &str, args: Value, call_id: &str) -> Value {
        self.tool_in(name, args, &retell::call(call_id)).await
    }

    /// Calls a tool in a call and returns its answer, which is of the form that all have.
    pub async fn tool_in(&self, name: &str, args: Value, call: &Value) -> Value {
        let body = json!({"name": name, "args": args, "call": call}).to_string();
        let signature = retell::signature(retell::KEY, body.as_bytes(), self.now_ms());
        let answer = self.post_raw("/tools/retell", body.as_bytes(), Some(&signature)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        let answer = answer.json();
        let say = answer["say"].as_str().expect("an answer says something");
        assert!(!say.is_empty() && !say.chars().any(char::is_numeric), "{answer}");
        assert!(answer["next"].is_string() && answer["data"].is_object(), "{answer}");
        let members = answer.as_object().expect("an answer is an object");
        assert!(members.keys().all(|key| TOOL_MEMBERS.contains(&key.as_str())), "{answer}");
        let slots = answer["data"]["slots"].as_array().map_or(0, Vec::len);
        assert!(slots <= 3, "{answer}");
        answer
    }

    /// The tests' business: open on working days from nine to five, with a check-up of half an
    /// hour.
    pub async fn business(&self) -> BusinessId {
        self.business_named("Example Practice", retell::NUMBER, retell::AGENT).await
    }

    /// Another such business, with a number and an agent of its own.
    pub async fn business_named(&self, name: &str, number: &str, agent: &str) -> BusinessId {
        let rules = Rules::new(30, 30, 0, 60).expect("within bounds");
        let set_up = SetUp {
            hours: Some("mon-fri 09:00-17:00".parse().expect("readable hours")),
            services: vec![("Check-up".to_owned(), rules)],
            agents: vec![Agent {
                account: ACCOUNT.to_owned(),
                provider_agent_id: agent.to_owned(),
            }],
            numbers: vec![PhoneNumber::parse(number).expect("a number with a country code")],
            ..SetUp::default()
        };
        let added = self.app().add_business(name, "Europe/Berlin", set_up).await;
        admit_operator(added.expect("the business can be added").id)
    }

    /// Gives a business one more service.
    pub async fn add_service(&self, business: BusinessId, name: &str, rules: Rules) {
        let set_up = SetUp { services: vec![(name.to_owned(), rules)], ..SetUp::default() };
        self.app().set_up(business, set_up).await.expect("the service can be added");
    }

    /// Replaces the hours of a business.
    pub async fn set_hours(&self, business: BusinessId, hours: &str) {
        let hours = Some(hours.parse().expect("readable hours"));
        let set_up = SetUp { hours, ..SetUp::default() };
        self.app().set_up(business, set_up).await.expect("the hours can be set");
    }

    /// A key of a business that does not end.
    pub async fn key(&self, business: BusinessId, scopes: &[Scope]) -> String {
        let made = self.app().create_key(business, "test", scopes.to_vec(), None).await;
        made.expect("the key can be made").1
    }

    /// Returns once no job is pending; fails when that takes too long.
    pub async fn settled(&self) {
        eventually("every job is done or dead", async || {
            let due = self.app().store.read(jobs::next_due).await;
            due.expect("the database can be read").is_none()
        })
        .await;
    }

    /// Returns once every delivery was applied.
    pub async fn settled_events(&self) {
        eventually("every delivery is applied", async || {
            self.number("SELECT count(*) FROM jobs WHERE kind = 'apply_event'") == 0
        })
        .await;
    }

    /// Keeps the writer busy until it is let go: whatever is written meanwhile waits.
    pub async fn hold_writer(&self) -> HeldWriter {
        let (begun, has_begun) = oneshot::channel::<()>();
        let (let_go, is_let_go) = mpsc::channel::<()>();
        let app = Arc::clone(self.app());
        let task = tokio::spawn(async move {
            let held = app.store.write(Lane::Urgent, move |_| {
                begun.send(()).expect("the test waits for it");
                is_let_go.recv().expect("the test lets it go");
                Ok::<_, StoreError>(())
            });
            held.await
        });
        has_begun.await.expect("the writer begins");
        HeldWriter { let_go, task }
    }

    /// Stops it in order and returns what it leaves.
    pub async fn stop(mut self) -> Data {
        let running = self.running.take().expect("it runs until now");
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(2 * PATIENCE, running.ended()).await;
        ended.expect("it stops in time").expect("it stops in order");
        self.data.take().expect("it has its data until now")
    }

    /// Ends the test: waits for the jobs, stops, and fails when a job is left.
    pub async fn finish(self) {
        let may_leave_jobs = self.may_leave_jobs;
        if self.works_off_jobs && !may_leave_jobs {
            self.settled().await;
        }
        let data = self.stop().await;
        let left = data.db().cells("SELECT kind, state, attempts, last_error FROM jobs");
        assert!(may_leave_jobs || left.is_empty(), "jobs are left: {left:?}");
    }

    fn data(&self) -> &Data {
        self.data.as_ref().expect("it has its data until it is stopped")
    }

    fn set_clock(&self, to: Timestamp) {
        self.data().clock().set(to);
        // The runner counts on time going by itself, so it is told to look again.
        self.app().store.jobs_wake().notify_one();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let is_over = self.running.is_none() || std::thread::panicking();
        assert!(is_over, "end the test with finish() or stop()");
    }
}

/// The writer, kept busy.
pub struct HeldWriter {
    let_go: mpsc::Sender<()>,
    task: JoinHandle<Result<(), StoreError>>,
}

impl HeldWriter {
    /// Lets the writer go on.
    pub async fn let_go(self) {
        self.let_go.send(()).expect("the writer waits");
        self.task.await.expect("no panic").expect("the write is kept");
    }
}
