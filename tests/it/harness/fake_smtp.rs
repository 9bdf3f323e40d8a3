//! A mail server on this machine: takes messages over a real socket, refuses some for good and some once.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::Setup;

/// A message that was taken.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To whom, as the envelope says.
    pub to: String,
    /// Headers and text.
    pub data: String,
}

impl Letter {
    /// The token in it.
    pub fn token(&self) -> String {
        // Quoted-printable, where lines are long (RFC 2045 section 6.7).
        let text = self.data.replace("=\r\n", "").replace("=3D", "=");
        let at = text.find("/password?token=").expect("there is a link in it");
        let token = text[at..].split_whitespace().next().and_then(|link| link.split('=').nth(1));
        token.expect("there is a token in it").to_owned()
    }
}

#[derive(Default)]
struct Book {
    letters: Vec<Letter>,
    put_off: u32,
}

/// The server. Whoever is at `gone.example` is refused for good.
pub struct FakeSmtp {
    port: u16,
    book: Arc<Mutex<Book>>,
    serving: JoinHandle<()>,
}

impl FakeSmtp {
    /// Listens. The first `put_off` messages are not taken yet.
    pub async fn start(put_off: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let book = Arc::new(Mutex::new(Book { put_off, ..Book::default() }));
        let kept = Arc::clone(&book);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&kept)));
            }
        });
        Self { port, book, serving }
    }

    /// `[mail]` for it.
    pub fn on(&self, setup: Setup) -> Setup {
        let setup = setup.set("MAIL__HOST", "127.0.0.1").set("MAIL__TLS", "none");
        setup
            .set("MAIL__PORT", &self.port.to_string())
            .set("MAIL__FROM", "Desk <desk@desk.example>")
    }

    /// What was taken so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).letters.clone()
    }
}

impl Drop for FakeSmtp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn talk(stream: TcpStream, book: Arc<Mutex<Book>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut to = String::new();
    stream.write_all(b"220 stand-in.example\r\n").await.ok()?;
    loop {
        let line = read(&mut stream).await?;
        let upper = line.to_uppercase();
        let answer = if upper.starts_with("EHLO") {
            "250-stand-in.example\r\n250 8BITMIME"
        } else if upper.starts_with("RCPT TO:") {
            line["RCPT TO:".len()..].trim_matches(['<', '>']).clone_into(&mut to);
            if to.ends_with("@gone.example") { "550 5.1.1 nobody of that name" } else { "250 ok" }
        } else if upper.starts_with("MAIL FROM:") || upper == "RSET" || upper == "NOOP" {
            "250 ok"
        } else if upper == "DATA" {
            stream.write_all(b"354 go on\r\n").await.ok()?;
            let mut data = String::new();
            loop {
                match read(&mut stream).await? {
                    line if line == "." => break,
                    line => data.extend([&line[..], "\r\n"]),
                }
            }
            let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
            if book.put_off > 0 {
                book.put_off -= 1;
                "451 4.7.1 come again"
            } else {
                book.letters.push(Letter { to: to.clone(), data });
                "250 2.0.0 queued as 4711"
            }
        } else if upper == "QUIT" {
            stream.write_all(b"221 bye\r\n").await.ok()?;
            return None;
        } else {
            "502 5.5.1 what?"
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
