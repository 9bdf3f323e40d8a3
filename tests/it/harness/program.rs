//! The program as a process of its own: its first line, the signals it is sent, how it ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::time::{interval, timeout};

use super::PATIENCE;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_frontdesk");

/// A program that is ended at the latest when this is dropped.
pub struct Program(Child);

impl Program {
    /// Starts a program and returns it with the first line that it prints.
    pub fn start(mut command: Command) -> (Self, String) {
        command.stdout(Stdio::piped());
        let mut program = Self(command.spawn().expect("the program can be run"));
        let out = program.0.stdout.take().expect("its output is piped");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Only the first line is waited for; the rest is read so that nothing is held up.
                drop(tell.send(line));
            }
        });
        let line = told.recv_timeout(PATIENCE).expect("it prints a line");
        (program, line)
    }

    /// Starts a server and returns it with the address that it listens on, such as
    /// `http://127.0.0.1:8080`.
    pub fn serve(command: Command) -> (Self, String) {
        let (program, line) = Self::start(command);
        let rest = line.strip_prefix("Listening on ").expect("the first line says where");
        (program, rest.split(',').next().unwrap_or(rest).to_owned())
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("/bin/sh").args(["-c", "kill -\"$0\" \"$1\"", name, &id]).status();
        assert!(sent.expect("there is a shell").success(), "it runs until now");
    }

    /// Waits for its end and returns how it ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = async {
            let mut every = interval(Duration::from_millis(10));
            loop {
                every.tick().await;
                if let Some(status) = self.0.try_wait().expect("it can be waited for") {
                    return status;
                }
            }
        };
        timeout(2 * PATIENCE, ended).await.expect("it stops in time")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
