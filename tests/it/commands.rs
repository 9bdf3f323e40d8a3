//! The program as people run it: arguments in, text and an exit code out.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Database, PROGRAM, Program, eventually};

/// The account's key, as the environment says it.
const KEYS: &str = "[\"key_frontdesk_test_example\"]";

/// A folder to run the program in, with nothing of this process's environment.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().expect("the system has room for a temporary folder"))
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn db(&self) -> Database {
        Database::in_folder(&self.data())
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("the folder can be written");
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().current_dir(self.0.path()).stdin(Stdio::null());
        command.env("FRONTDESK_DATA_DIR", self.data()).args(args);
        command
    }

    /// Runs the program to its end.
    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program can be run")
    }

    /// The same, with a voice account and on any free port.
    fn configured(&self, args: &[&str]) -> Command {
        let mut command = self.command(args);
        command.env("FRONTDESK_SERVER__LISTEN", "127.0.0.1:0");
        // Its calls were carried by nobody: there is no recording to be asked for.
        command.env("FRONTDESK_ARCHIVE__STORE", "none");
        command.env("FRONTDESK_VOICE__RETELL__API_KEYS", KEYS);
        command
    }

    /// A business that is always open, on the number that a simulated call dials.
    fn add_business(&self) {
        let added = self.run(&[
            "business",
            "add",
            "Example Practice",
            "--zone",
            "Europe/Berlin",
            "--hours",
            "daily 00:00-24:00",
            "--service",
            "Check-up:30",
            "--number",
            "+12025550100",
        ]);
        assert_eq!(code(&added), 0, "{}", told(&added));
    }
}

/// Starts a server and waits until it listens; returns it with its address.
fn serve(place: &Place) -> (Program, String) {
    let mut command = place.configured(&["serve"]);
    command.stderr(Stdio::null());
    Program::serve(command)
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

/// Its standard output.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Its standard error.
fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn json(output: &Output) -> Value {
    let said = said(output);
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{}", told(output)))
}

/// The statuses of every request of a simulated call.
fn statuses(played: &Value) -> Vec<i64> {
    let steps = played["steps"].as_array().expect("a call has steps");
    steps.iter().filter_map(|step| step["status"].as_i64()).collect()
}

#[test]
fn a_good_configuration_is_said_to_be_good() {
    let place = Place::new();
    let file = "[server]\nlisten = \"127.0.0.1:0\"\n\
                [voice.retell]\napi_keys = [\"key_of_a_test\"]\n";
    place.write("config.toml", file);
    let checked = place.run(&["check"]);
    assert_eq!(code(&checked), 0, "{}", told(&checked));
    assert!(said(&checked).contains("1 voice account"), "{}", said(&checked));
    assert!(!place.data().exists(), "looking changes nothing");
}

#[test]
fn every_fault_of_a_configuration_is_told_at_once_with_its_line_and_no_secret() {
    let place = Place::new();
    let secret = "secret-of-a-test-that-is-never-shown";
    let file = format!(
        "[server]\nlistn = \"127.0.0.1:0\"\n[limits]\nbody_max_bytes = 5\n\
         [voice.retell]\napi_keys = [\"{secret}\", \"\"]\n[voice.other]\nkind = \"nothing\"\n"
    );
    place.write("bad.toml", &file);
    let checked = place.run(&["check", "--config", "bad.toml"]);
    assert_eq!(code(&checked), 78);
    let faults = told(&checked);
    let begins: Vec<&str> = faults.lines().collect();
    let wanted = [
        "bad.toml:2: server.listn: unknown key; did you mean listen?",
        "bad.toml:4: limits.body_max_bytes: must be a whole number from 1024 to 67108864",
        "bad.toml:6: voice.retell.api_keys: entry 2: is empty",
        "bad.toml:8: voice.other.kind: is no voice provider",
    ];
    assert_eq!(begins.len(), wanted.len(), "{faults}");
    for (line, begin) in begins.iter().zip(wanted) {
        assert!(line.starts_with(begin), "{line}");
    }
    let listed = place.run(&["check", "--config", "bad.toml", "--json"]);
    assert_eq!(code(&listed), 78);
    let keys: Vec<Value> = json(&listed)
        .as_array()
        .expect("a list of faults")
        .iter()
        .map(|fault| fault["key"].clone())
        .collect();
    assert_eq!(
        keys,
        ["server.listn", "limits.body_max_bytes", "voice.retell.api_keys", "voice.other.kind"]
    );
    for output in [&checked, &listed, &place.run(&["serve", "--config", "bad.toml"])] {
        assert_eq!(code(output), 78);
        assert!(!format!("{}{}", said(output), told(output)).contains(secret));
    }
}

#[test]
fn a_configuration_that_is_no_toml_is_told_with_its_line_and_no_secret() {
    let place = Place::new();
    place.write("config.toml", "[voice.retell]\napi_keys = [\"secret-of-a-test\n");
    let checked = place.run(&["check"]);
    assert_eq!(code(&checked), 78);
    assert!(told(&checked).starts_with("config.toml:"), "{}", told(&checked));
    assert!(told(&checked).contains(": not TOML: "), "{}", told(&checked));
    assert!(!told(&checked).contains("secret-of"), "{}", told(&checked));
}

#[test]
fn an_account_without_a_secret_is_no_configuration_to_serve_with() {
    let place = Place::new();
    place.write("config.toml", "[voice.retell]\napi_keys = []\n");
    for command in ["check", "serve"] {
        let ended = place.run(&[command]);
        assert_eq!(code(&ended), 78, "{command}");
        assert!(told(&ended).contains("voice.retell.api_keys"), "{}", told(&ended));
    }
}

#[test]
fn one_command_sets_up_a_business_and_another_shows_it() {
    let place = Place::new();
    let added = place.run(&[
        "business",
        "add",
        "Example Practice",
        "--zone",
        "Europe/Berlin",
        "--hours",
        "mon-fri 9:00-12:00, 12:00-17:00",
        "--service",
        "Check-up:30",
        "--agent",
        "retell:agent_test",
        "--number",
        "+1 213 777 1235",
        "--json",
    ]);
    assert_eq!(code(&added), 0, "{}", told(&added));
    let shown = place.run(&["business", "show", "example practice", "--json"]);
    assert_eq!(code(&shown), 0, "{}", told(&shown));
    let business = json(&shown);
    assert_eq!(business, json(&added));
    assert_eq!(business["name"], "Example Practice");
    assert_eq!(business["zone"], "Europe/Berlin");
    assert_eq!(business["branches"][0]["hours"], "mon-fri 09:00-17:00");
    assert_eq!(business["services"][0]["name"], "Check-up");
    assert_eq!(business["services"][0]["minutes"], 30);
    assert_eq!(business["agents"][0], "retell:agent_test");
    assert_eq!(business["numbers"][0], "+12137771235");
    let again = place.run(&["business", "add", "EXAMPLE PRACTICE", "--zone", "UTC"]);
    assert_eq!(code(&again), 1, "{}", said(&again));
    assert!(told(&again).contains("of that name already"), "{}", told(&again));
    let missing = place.run(&["business", "show", "Nobody"]);
    assert_eq!((code(&missing), said(&missing).as_str()), (1, ""), "{}", told(&missing));
}

#[test]
fn a_new_key_stands_alone_on_standard_output_and_is_kept_nowhere() {
    let place = Place::new();
    place.add_business();
    let made = place.run(&["key", "create", "Example Practice", "--name", "test"]);
    assert_eq!(code(&made), 0, "{}", told(&made));
    let key = said(&made);
    assert!(key.starts_with("fdk_") && key.trim_end().len() == 53, "{key:?}");
    assert_eq!(key, format!("{}\n", key.trim()), "one line and nothing else");
    let listed = place.run(&["key", "list", "Example Practice", "--json"]);
    assert_eq!(json(&listed)[0]["hint"], key[..10]);
    let scopes = json(&listed)[0]["scopes"].as_str().expect("a text").to_owned();
    let reads = scopes.split(' ').filter(|scope| scope.ends_with(":read")).count();
    assert!(reads > 1, "{scopes}");
    assert_eq!(reads, scopes.split(' ').count(), "it changes nothing unless asked: {scopes}");
    let files = fs::read_dir(place.data()).expect("the folder is there").flatten();
    for file in files.filter(|entry| entry.path().is_file()) {
        let bytes = fs::read(file.path()).expect("the file can be read");
        let found = bytes.windows(40).any(|part| part == &key.as_bytes()[..40]);
        assert!(!found, "the key stands in {:?}", file.file_name());
    }
    let unknown = ["key", "create", "Example Practice", "--name", "x", "--scope", "all:write"];
    assert_eq!(code(&place.run(&unknown)), 2);
}

#[test]
fn the_steps_of_the_schema_are_pending_before_and_applied_after_the_first_use() {
    let place = Place::new();
    let status = ["migrate", "status", "--json"];
    let before = json(&place.run(&status));
    assert!(!place.data().exists(), "looking changes nothing");
    place.add_business();
    let after = json(&place.run(&status));
    for (steps, applied) in [(&before, false), (&after, true)] {
        let steps = steps.as_array().expect("a list of steps");
        assert!(!steps.is_empty());
        assert!(steps.iter().all(|step| step["applied"] == applied), "{steps:?}");
        let versions: Vec<_> = steps.iter().filter_map(|step| step["version"].as_i64()).collect();
        assert!(versions.windows(2).all(|two| two[0] < two[1]), "{versions:?}");
    }
}

#[test]
fn the_demonstration_books_an_appointment_and_ends() {
    let place = Place::new();
    let shown = place.run(&["demo", "--once", "--port", "0"]);
    let text = said(&shown);
    assert_eq!(code(&shown), 0, "{text}{}", told(&shown));
    for part in ["Serving on http://", "Booked: Check-up", "Booked appointment", "Transcript"] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!place.data().exists(), "it touches no other data");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_whose_terminal_is_closed_leaves_nothing_behind() {
    let place = Place::new();
    let temporary = place.0.path().join("tmp");
    fs::create_dir(&temporary).expect("the folder can be written");
    let folders = || fs::read_dir(&temporary).expect("it can be read").count();
    let mut command = place.command(&["demo", "--port", "0"]);
    command.env("TMPDIR", &temporary).stderr(Stdio::null());
    let (mut demo, line) = Program::start(command);
    assert!(line.starts_with("Serving on http://"), "{line}");
    assert_eq!(folders(), 1, "its data");
    demo.signal("HUP");
    assert_eq!(demo.ended().await.code(), Some(0));
    assert_eq!(folders(), 0);
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let place = Place::new();
    for args in [&["dance"][..], &["business", "add"], &["serve", "--fast"], &["simulate"]] {
        let ended = place.run(args);
        assert_eq!((code(&ended), said(&ended).as_str()), (2, ""), "{args:?}");
        assert!(told(&ended).contains("Usage:"), "{}", told(&ended));
    }
    let version = place.run(&["version"]);
    assert_eq!(said(&version).trim_end(), concat!("frontdesk ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_the_first_one_goes_on() {
    let place = Place::new();
    place.add_business();
    let (_serving, base) = serve(&place);
    let second = place.configured(&["serve"]).output().expect("the program can be run");
    assert_eq!(code(&second), 1);
    assert!(told(&second).contains("another frontdesk is serving"), "{}", told(&second));
    let simulate = ["simulate", "retell", "--to", &base, "--json"];
    let played = place.configured(&simulate).output().expect("the program can be run");
    assert_eq!(code(&played), 0, "{}", told(&played));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_call_that_is_doubled_and_out_of_order_is_kept_and_booked_once() {
    let place = Place::new();
    place.add_business();
    let (_serving, base) = serve(&place);
    let troubles = ["--duplicate", "2", "--reorder", "--json"];
    let simulate = [&["simulate", "retell", "--to", &base][..], &troubles].concat();
    let played = place.configured(&simulate).output().expect("the program can be run");
    assert_eq!(code(&played), 0, "{}", told(&played));
    let call = json(&played);
    let statuses = statuses(&call);
    let what = "who is calling, three events and three tools, three times each";
    assert_eq!(statuses.len(), 21, "{what}: {call}");
    assert!(statuses.iter().all(|status| (200..300).contains(status)), "{statuses:?}");
    assert!(call["booked"].as_str().is_some_and(|text| text.starts_with("Check-up")), "{call}");
    let db = place.db();
    eventually("the call is worked off", async || {
        db.cells("SELECT status, summary <> '' FROM calls") == [["ended", "1"]]
    })
    .await;
    eventually("no job is left", async || db.number("SELECT count(*) FROM jobs") == 0).await;
    for (table, rows) in [("inbox", 3), ("call_events", 3), ("appointments", 1), ("poison", 0)] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table}")), rows, "{table}");
    }
    let id = call["call_id"].as_str().expect("a call has an id");
    assert_eq!(db.cells("SELECT provider_call_id FROM calls"), [[id]]);
}

#[test]
fn a_forged_call_is_refused_from_beginning_to_end_and_leaves_nothing() {
    let place = Place::new();
    place.add_business();
    let (_serving, base) = serve(&place);
    let simulate = ["simulate", "retell", "--to", &base, "--forge", "--json"];
    let played = place.configured(&simulate).output().expect("the program can be run");
    assert_eq!(code(&played), 0, "{}", told(&played));
    let statuses = statuses(&json(&played));
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == 401), "{statuses:?}");
    for table in ["inbox", "jobs", "calls", "tool_calls", "offers", "appointments"] {
        assert_eq!(place.db().number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}
