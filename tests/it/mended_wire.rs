//! What once went wrong on the wire and around the process and must not again: connections that
//! ask for nothing, heads cut in two, standard error that nobody reads, secrets of two lines.

use std::fs;
use std::io::{ErrorKind, PipeWriter, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::{PATIENCE, PROGRAM, Program, Setup, Wire, eventually, retell};

/// How every HTTP/2 connection begins (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Settings that change nothing: no bytes, type 4, no flags, no stream.
const NO_SETTINGS: &[u8] = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";

#[tokio::test(flavor = "multi_thread")]
async fn an_http2_connection_on_which_nothing_is_asked_is_closed() {
    // The other waits are longer than any patience.
    let setup = Setup::plain()
        .set("LIMITS__IDLE_TIMEOUT_MS", "100")
        .set("LIMITS__HEADER_TIMEOUT_MS", "60000");
    let server = setup.start().await;
    let mut wire = Wire::to(&server).await;
    wire.send([PREFACE, NO_SETTINGS].concat()).await;
    let came = wire.rest().await;
    assert!(!came.is_empty(), "it was spoken with before it was closed");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http2_connection_that_stops_in_its_first_line_is_cut() {
    let setup = Setup::plain()
        .set("LIMITS__HEADER_TIMEOUT_MS", "100")
        .set("LIMITS__IDLE_TIMEOUT_MS", "60000");
    let server = setup.start().await;
    let mut wire = Wire::to(&server).await;
    wire.send(&PREFACE[..16]).await;
    assert_eq!(wire.rest().await, "");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_behind_a_body_is_answered_wherever_its_packets_are_split() {
    let server = Setup::plain().start().await;
    let next = "GET /healthz HTTP/1.1\r\nHost: desk.example.com\r\n\r\n";
    let splits = next.match_indices("\r\n").map(|(at, _)| at + 1);
    for (number, at) in splits.enumerate() {
        for waits in [true, false] {
            let body = retell::started(&format!("c_{number}_{waits}"));
            let signature = retell::signature(retell::KEY, body.as_bytes(), server.now_ms());
            let head = format!(
                "POST /hooks/retell HTTP/1.1\r\nHost: desk.example.com\r\n{}: {signature}\r\n\
                 Content-Length: {}\r\n\r\n",
                retell::SIGNATURE,
                body.len(),
            );
            let mut wire = Wire::to(&server).await;
            wire.send(format!("{head}{body}{}", &next[..at])).await;
            if waits {
                assert_eq!(wire.answer().await.status, 204, "split at {at}");
            }
            wire.send(&next[at..]).await;
            if !waits {
                assert_eq!(wire.answer().await.status, 204, "split at {at}");
            }
            assert_eq!(wire.answer().await.status, 200, "split at {at}");
        }
    }
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 6);
    server.finish().await;
}

/// A folder to run the program in.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().expect("the system has room for a temporary folder"))
    }

    /// Another program, with nothing of this process's environment.
    fn run_by(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.0.path()).stdin(Stdio::null()).args(args);
        command.env("FRONTDESK_DATA_DIR", self.0.path().join("data"));
        command
    }

    /// The program under test.
    fn command(&self, args: &[&str]) -> Command {
        self.run_by(PROGRAM, args)
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

/// All that was printed.
fn printed(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// A pipe that nobody reads from and nobody will.
fn unread() -> PipeWriter {
    let (reader, writer) = std::io::pipe().expect("the system has room for a pipe");
    drop(reader);
    writer
}

/// A connection whose reads end by themselves.
fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket can be told so");
    stream
}

/// The first line of the answer to a look at `/healthz`; empty when there is none.
fn health(address: &str) -> String {
    let mut stream = connect(address);
    let request = "GET /healthz HTTP/1.1\r\nHost: desk.example.com\r\nConnection: close\r\n\r\n";
    let mut answer = Vec::new();
    // One connection too many is closed without an answer, perhaps before it is written to.
    if stream.write_all(request.as_bytes()).is_err() || stream.read_to_end(&mut answer).is_err() {
        return String::new();
    }
    let answer = String::from_utf8_lossy(&answer);
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_standard_error_nobody_reads_goes_on_and_stops_in_order() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.env("FRONTDESK_SERVER__LISTEN", "127.0.0.1:0");
    command.env("FRONTDESK_LIMITS__MAX_CONNECTIONS", "2");
    command.stderr(unread());
    let (mut serving, base) = Program::serve(command);
    let address = base.strip_prefix("http://").expect("an address of HTTP");
    let mut open: Vec<TcpStream> = (0..5).map(|_| connect(address)).collect();
    // The first two are taken, the others refused: of each refusal a warning is logged.
    for refused in &mut open[2..] {
        // A connection that is cut is at its end too.
        let came = refused.read(&mut [0]).or_else(|error| {
            if error.kind() == ErrorKind::ConnectionReset { Ok(0) } else { Err(error) }
        });
        assert_eq!(came.expect("it is closed in time"), 0);
    }
    drop(open);
    eventually("it answers", async || health(address) == "HTTP/1.1 200 OK").await;
    serving.signal("TERM");
    assert_eq!(serving.ended().await.code(), Some(0));
}

#[test]
fn a_command_whose_standard_error_nobody_reads_does_what_it_was_asked_to() {
    let place = Place::new();
    // A business without hours, services and numbers: each is told of on standard error.
    let add = |name| ["business", "add", name, "--zone", "Europe/Berlin"];
    let one = place.command(&add("One")).stderr(unread()).output();
    let one = one.expect("the program can be run");
    assert_eq!(code(&one), 0, "{}", printed(&one));
    assert!(printed(&one).contains("Europe/Berlin"), "{}", printed(&one));
    let both = unread();
    let out = both.try_clone().expect("the system has room for a pipe");
    let two = place.command(&add("Two")).stdout(out).stderr(both).output();
    assert_eq!(code(&two.expect("the program can be run")), 0);
    let closed = [&["-c", "exec \"$0\" \"$@\" 2>&-", PROGRAM][..], &add("Three")].concat();
    let three = place.run_by("/bin/sh", &closed).output().expect("there is a shell");
    assert_eq!(code(&three), 0, "{}", printed(&three));
    let listed = place.command(&["business", "list"]).output().expect("the program can be run");
    let listed = printed(&listed);
    assert!(["One", "Two", "Three"].iter().all(|name| listed.contains(name)), "{listed}");
}

#[test]
fn a_secret_of_two_lines_is_a_fault_that_does_not_show_it() {
    const HALVES: [&str; 2] = ["former-half-of-a-test", "latter-half-of-a-test"];
    let place = Place::new();
    let mut in_variable = place.command(&["check"]);
    let keys = format!("[\"{}\\n{}\"]", HALVES[0], HALVES[1]);
    in_variable.env("FRONTDESK_VOICE__RETELL__API_KEYS", keys);
    let file = place.0.path().join("keys");
    fs::write(&file, HALVES.join("\n")).expect("the folder can be written");
    let config = format!("[voice.retell]\napi_keys_file = {file:?}\n");
    fs::write(place.0.path().join("two.toml"), config).expect("the folder can be written");
    let in_file = place.command(&["check", "--config", "two.toml"]);
    for (mut command, key) in [(in_variable, "API_KEYS"), (in_file, "api_keys")] {
        let checked = command.output().expect("the program can be run");
        let printed = printed(&checked);
        assert_eq!(code(&checked), 78, "{printed}");
        assert!(printed.contains(key) && printed.contains("line break"), "{printed}");
        assert!(!HALVES.iter().any(|half| printed.contains(half)), "{printed}");
    }
}
