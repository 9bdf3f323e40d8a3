//! Recordings, and the place where a voice provider keeps them.
//!
//! Every request has a connection of its own. Never answers what the test has not set.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Samples in a second.
const RATE: u32 = 8_000;
/// Bytes of a sample.
const SAMPLE: u32 = 2;
/// Bytes before the first sample.
const WAV_HEAD: usize = 44;
/// The content type of a WAV file.
const WAV: &str = "audio/wav";
/// Bytes that drip at once.
const DROP: usize = 1024;
/// Bytes of a piece of what never ends.
const PIECE: usize = 64 * 1024;

/// A WAV file, mono with 16 bits and 8 kHz, of so many seconds; each seed sounds different.
pub fn wav(seconds: f64, seed: u8) -> Vec<u8> {
    let samples = (seconds * f64::from(RATE)).round() as usize;
    wav_of(WAV_HEAD + samples * SAMPLE as usize, seed)
}

/// Such a file of so many bytes in all, which is an even number.
#[track_caller]
pub fn wav_of(bytes: usize, seed: u8) -> Vec<u8> {
    assert!(bytes >= WAV_HEAD && bytes.is_multiple_of(2), "no WAV file has {bytes} bytes");
    let size = |bytes: usize| u32::try_from(bytes).expect("a WAV file is below 4 GiB");
    let mut file = Vec::with_capacity(bytes);
    file.extend(b"RIFF");
    file.extend(size(bytes - 8).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * SAMPLE).to_le_bytes());
    // Bytes and bits of a sample.
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(size(bytes - WAV_HEAD).to_le_bytes());
    // A tone whose height the seed gives, below a noise that begins with the seed.
    let (rise, mut tone, mut noise) = (400 + 16 * i16::from(seed), 0_i16, u32::from(seed));
    while file.len() < bytes {
        tone = tone.wrapping_add(rise);
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let sample = tone / 4 + i16::from(noise.to_be_bytes()[0]) + i16::from(seed);
        file.extend(sample.to_le_bytes());
    }
    file
}

/// What is served.
#[derive(Clone, Debug)]
pub enum Served {
    /// A file and its content type.
    Bytes(Vec<u8>, &'static str),
    /// A status without a body.
    Status(u16),
    /// The address where it is instead.
    Redirect(String),
    /// A file whose connection is closed after so many of its bytes.
    CutAt(Vec<u8>, usize),
    /// A file that comes in pieces of 1 KiB, with such a wait after each.
    Drips(Vec<u8>, Duration),
    /// Nothing, on a connection that stays open.
    Hangs,
    /// A file of no told length that never ends.
    Endless,
    /// A file that is said to have so many bytes.
    WrongLength(Vec<u8>, usize),
}

/// A request that was sent to it.
#[derive(Clone, Debug)]
pub struct AskedFor {
    /// The path with its query.
    pub path: String,
    /// The header that says who asks; empty when there is none.
    pub authorization: String,
}

/// What is served at a path.
#[derive(Default)]
struct Shelf {
    /// What was set and not yet asked for.
    next: VecDeque<Arc<Served>>,
    /// What was served last.
    last: Option<Arc<Served>>,
}

#[derive(Default)]
struct State {
    shelves: BTreeMap<String, Shelf>,
    asked: Vec<AskedFor>,
}

/// The server.
pub struct Files {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Files {
    /// Starts one that has nothing.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(Mutex::new(State::default()));
        let kept = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&kept)));
            }
        });
        Self { address, state, task }
    }

    /// The address of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets what a path serves next. All are served in order, the last one again and again.
    pub fn serves(&self, path: &str, what: Served) {
        let mut state = lock(&self.state);
        state.shelves.entry(path.to_owned()).or_default().next.push_back(Arc::new(what));
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<AskedFor> {
        lock(&self.state).asked.clone()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a request is answered with. A path with a query is served as the one without, unless it was
/// set itself.
fn serve(state: &mut State, asked: AskedFor) -> Arc<Served> {
    let bare = asked.path.split('?').next().unwrap_or_default();
    let path = if state.shelves.contains_key(&asked.path) { &asked.path } else { bare };
    let served = state.shelves.get_mut(path).and_then(|shelf| {
        shelf.last = shelf.next.pop_front().or(shelf.last.take());
        shelf.last.clone()
    });
    state.asked.push(asked);
    served.unwrap_or_else(|| Arc::new(Served::Status(404)))
}

async fn answer(stream: TcpStream, state: Arc<Mutex<State>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let Some(asked) = read(&mut stream).await? else { return Ok(()) };
    let served = serve(&mut lock(&state), asked);
    let head = head(&served);
    stream.write_all(head.as_bytes()).await?;
    match &*served {
        Served::Bytes(bytes, _) | Served::WrongLength(bytes, _) => stream.write_all(bytes).await?,
        Served::Status(_) | Served::Redirect(_) => {}
        Served::CutAt(bytes, at) => stream.write_all(bytes.get(..*at).unwrap_or(bytes)).await?,
        Served::Drips(bytes, wait) => {
            for piece in bytes.chunks(DROP) {
                stream.write_all(piece).await?;
                drop(timeout(*wait, std::future::pending::<()>()).await);
            }
        }
        // Until the other side has enough.
        Served::Hangs => while stream.read(&mut [0; 64]).await? > 0 {},
        Served::Endless => {
            let piece = wav_of(PIECE, 0);
            loop {
                stream.write_all(format!("{PIECE:x}\r\n").as_bytes()).await?;
                stream.write_all(&piece).await?;
                stream.write_all(b"\r\n").await?;
            }
        }
    }
    stream.shutdown().await
}

/// The head of an answer; empty when nothing is answered.
fn head(served: &Served) -> String {
    let file = |length: usize, kind: &str| {
        (200, format!("content-type: {kind}\r\ncontent-length: {length}\r\n"))
    };
    let (status, fields) = match served {
        Served::Bytes(bytes, kind) => file(bytes.len(), kind),
        Served::CutAt(bytes, _) | Served::Drips(bytes, _) => file(bytes.len(), WAV),
        Served::WrongLength(_, length) => file(*length, WAV),
        Served::Endless => (200, format!("content-type: {WAV}\r\ntransfer-encoding: chunked\r\n")),
        Served::Status(status) => (*status, "content-length: 0\r\n".to_owned()),
        Served::Redirect(to) => (302, format!("location: {to}\r\ncontent-length: 0\r\n")),
        Served::Hangs => return String::new(),
    };
    let status = StatusCode::from_u16(status).expect("tests name real statuses");
    format!("HTTP/1.1 {status}\r\n{fields}connection: close\r\n\r\n")
}

/// The request; `None` when the connection ends before it is whole.
async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<AskedFor>> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut authorization = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let field = line.trim_end();
        match field.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                value.trim().clone_into(&mut authorization);
            }
            Some(_) => {}
            None if field.is_empty() => return Ok(Some(AskedFor { path, authorization })),
            None => return Ok(None),
        }
    }
}
