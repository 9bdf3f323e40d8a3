//! A configuration that is saved while the server runs: taken over whole or not at all, and nobody waits.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::harness::{Answer, PATIENCE, PROGRAM, Program, eventually};

/// A server with a configuration file that is the test's to write.
struct Desk {
    dir: tempfile::TempDir,
    program: Program,
    base: String,
    log: PathBuf,
    client: reqwest::Client,
}

impl Desk {
    /// Starts a server with these lines besides where it listens.
    fn start(lines: &str) -> Self {
        let dir = tempfile::TempDir::new().expect("the system has room for a temporary folder");
        let log = dir.path().join("log");
        save(&dir, lines);
        let errors = std::fs::File::create(&log).expect("the folder can be written");
        let mut command = command(&dir, &["serve"]);
        command.stderr(errors);
        let (program, base) = Program::serve(command);
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build();
        let client = client.expect("a client can be made");
        Self { dir, program, base, log, client }
    }

    fn run(&self, args: &[&str]) -> Output {
        command(&self.dir, args).output().expect("the program can be run")
    }

    fn save(&self, lines: &str) {
        save(&self.dir, lines);
    }

    /// The status of a delivery with a secret: 404 where the account is not switched on.
    async fn hook(&self, account: &str, secret: &str) -> u16 {
        let request = self.client.post(format!("{}/hooks/{account}", self.base));
        let request = request.header("x-vapi-secret", secret).body("{}");
        request.send().await.expect("the server answers").status().as_u16()
    }

    async fn figures(&self) -> String {
        let answer = self.client.get(format!("{}/metrics", self.base)).send().await;
        Answer::read(answer.expect("the server answers")).await.text()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("it was made")
    }
}

fn command(dir: &tempfile::TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().current_dir(dir.path()).stdin(Stdio::null()).args(args);
    command
}

/// Saves as editors do: another file takes the place of the one that was there.
fn save(dir: &tempfile::TempDir, lines: &str) {
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[data]\ndir = \"data\"\n[archive]\nstore = \"none\"\n\
         [metrics]\nallow = [\"127.0.0.0/8\"]\n{lines}"
    );
    let new = dir.path().join("config.toml.new");
    std::fs::write(&new, text).expect("the folder can be written");
    std::fs::rename(&new, dir.path().join("config.toml")).expect("it can be renamed");
}

fn text(output: &Output) -> String {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

const VAPI: &str = "[voice.vapi]\nsecret = \"secret_of_a_test\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_taken_over_by_itself() {
    let desk = Desk::start("");
    assert_eq!(desk.hook("vapi", "secret_of_a_test").await, 404, "it is not switched on");
    desk.save(VAPI);
    eventually("it is on", async || desk.hook("vapi", "secret_of_a_test").await == 204).await;
    assert_eq!(desk.hook("vapi", "another").await, 401);
    desk.save("");
    eventually("it is off", async || desk.hook("vapi", "secret_of_a_test").await == 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_file_is_refused_whole_and_what_was_there_holds() {
    let desk = Desk::start(VAPI);
    let good = "frontdesk_config_last_reload_successful 1";
    assert!(desk.figures().await.contains(good));
    // The second account is right, the limit is not: neither is taken.
    let second = "[voice.second]\nkind = \"vapi\"\nsecret = \"another_of_a_test\"\n";
    desk.save(&format!("{VAPI}{second}[limits]\nhold_minutes = 0\n"));
    let fault = "config.toml:15: limits.hold_minutes: must be a whole number from 1 to 60";
    eventually("it is told", async || desk.log().contains(fault)).await;
    assert_eq!(desk.hook("vapi", "secret_of_a_test").await, 204);
    assert_eq!(desk.hook("second", "another_of_a_test").await, 404);
    assert!(desk.figures().await.contains("frontdesk_config_last_reload_successful 0"));
    assert!(!desk.log().contains("another_of_a_test"), "{}", desk.log());
    // A command that asks for it is told the same, before the server is asked at all.
    let refused = desk.run(&["reload"]);
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    desk.save(&format!("{VAPI}{second}"));
    eventually("it is on", async || desk.hook("second", "another_of_a_test").await == 204).await;
    assert!(desk.figures().await.contains(good));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_has_secrets_read_again_and_says_what_waits_for_the_next_start() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "the_old_one").expect("writes");
    let account = format!("[voice.vapi]\nsecret_file = {secret:?}\n");
    let desk = Desk::start(&account);
    std::fs::write(&secret, "the_new_one").expect("writes");
    assert_eq!(desk.hook("vapi", "the_new_one").await, 401, "nobody asked to read it again");
    let read = desk.run(&["reload"]);
    assert_eq!(read.status.code(), Some(0), "{}", text(&read));
    assert_eq!(text(&read), "The configuration was taken over.\n");
    assert_eq!(desk.hook("vapi", "the_new_one").await, 204);
    assert_eq!(desk.hook("vapi", "the_old_one").await, 401);
    desk.save(&format!("{account}[limits]\nreaders = 3\navailability_cache = false\n"));
    let read = desk.run(&["reload"]);
    assert_eq!(read.status.code(), Some(0), "{}", text(&read));
    let wanted = "limits.readers counts from the next start on.";
    assert!(text(&read).contains(wanted), "{}", text(&read));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_has_it_read_and_what_was_read_is_not_read_again() {
    let desk = Desk::start("");
    desk.save(VAPI);
    desk.program.signal("HUP");
    eventually("it is on", async || desk.hook("vapi", "secret_of_a_test").await == 204).await;
    // Two looks would see the file as saved, and have it read once more.
    drop(tokio::time::timeout(Duration::from_secs(3), std::future::pending::<()>()).await);
    let log = desk.log();
    assert_eq!(log.matches("the configuration was taken over").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_who_asks_is_told_and_a_question_left_behind_is_in_nobodys_way() {
    let desk = Desk::start("");
    // As of a command that was killed, asked of a server that is gone.
    std::fs::write(desk.dir.path().join("data/reload.ask"), "0123").expect("the folder is there");
    let asked: Vec<_> = (0..3)
        .map(|_| command(&desk.dir, &["reload"]).stdout(Stdio::piped()).spawn().expect("it runs"))
        .collect();
    for one in asked {
        let told = one.wait_with_output().expect("it ends");
        assert_eq!(told.status.code(), Some(0));
        assert_eq!(text(&told), "The configuration was taken over.\n");
    }
    assert!(!desk.dir.path().join("data/reload.ask").exists(), "nothing is left to be asked");
}

#[test]
fn where_no_server_runs_there_is_nobody_to_ask() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let asked = Command::new(PROGRAM)
        .env_clear()
        .current_dir(dir.path())
        .args(["reload", "--data-dir", "data"])
        .output()
        .expect("the program can be run");
    assert_eq!(asked.status.code(), Some(1));
    assert!(text(&asked).contains("no server runs on the data in data"), "{}", text(&asked));
    assert!(!dir.path().join("data").exists(), "looking makes nothing");
}
