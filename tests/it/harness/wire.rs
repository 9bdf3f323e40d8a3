//! A connection of bytes, for what no decent client sends.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PATIENCE, Server};

/// An open connection and what came on it that nobody has looked at yet.
pub struct Wire {
    stream: TcpStream,
    came: Vec<u8>,
}

/// An HTTP/1.1 answer as it came.
#[derive(Debug)]
pub struct RawAnswer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// The code of the error that the body tells of.
    #[track_caller]
    pub fn code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).expect("a problem is JSON");
        problem["code"].as_str().expect("a problem has a code").to_owned()
    }
}

impl Wire {
    /// A new connection to a server.
    pub async fn to(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket can be told so");
        Self { stream, came: Vec::new() }
    }

    /// Sends bytes; fails when the connection is closed.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        assert!(self.sends(bytes).await, "the connection is closed");
    }

    /// Sends bytes; false when the connection is closed.
    pub async fn sends(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let sent = timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await;
        sent.expect("the server reads in time").is_ok()
    }

    /// The next answer; fails when the connection is closed before it is whole.
    pub async fn answer(&mut self) -> RawAnswer {
        let answer = self.answer_or_end().await;
        answer.unwrap_or_else(|| panic!("closed after {:?}", String::from_utf8_lossy(&self.came)))
    }

    /// The next answer, or `None` when the connection is closed before it is whole.
    pub async fn answer_or_end(&mut self) -> Option<RawAnswer> {
        loop {
            if let Some(answer) = self.whole_answer() {
                return Some(answer);
            }
            if self.read().await.expect("an answer comes in time") == 0 {
                return None;
            }
        }
    }

    /// Everything that still comes until the server closes the connection; fails when it does not.
    pub async fn rest(mut self) -> String {
        let open = "the server closes the connection in time";
        while self.read().await.expect(open) > 0 {}
        String::from_utf8_lossy(&self.came).into_owned()
    }

    /// True when nothing comes and the connection stays open for `wait`.
    pub async fn is_quiet_for(&mut self, wait: std::time::Duration) -> bool {
        timeout(wait, self.stream.read_buf(&mut self.came)).await.is_err()
    }

    /// How many bytes came, 0 at the end; `None` when nothing happened in time.
    async fn read(&mut self) -> Option<usize> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.came)).await.ok()?;
        // A connection that is cut is at its end too.
        Some(read.unwrap_or(0))
    }

    fn whole_answer(&mut self) -> Option<RawAnswer> {
        let end = self.came.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&self.came[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|word| word.parse::<u16>().ok());
        let status = status.expect("an answer begins with a status line");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = match status {
            100..200 | 204 | 304 => 0,
            _ => length.map_or(0, |text| text.trim().parse().expect("a length is a number")),
        };
        if self.came.len() < end + length {
            return None;
        }
        let rest = self.came.split_off(end + length);
        let body = self.came.split_off(end);
        self.came = rest;
        Some(RawAnswer { status, body })
    }
}

/// Sends bytes on a new connection and returns all that comes until the server closes it.
pub async fn raw(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    let mut wire = Wire::to(server).await;
    wire.send(bytes).await;
    wire.rest().await
}
