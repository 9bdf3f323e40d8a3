//! A connection's bytes, before the protocol sees them.
//!
//! Bounds what hyper does not: how long nothing may be asked at all, the time a request's head may
//! take once it has begun, bare line feeds in it (RFC 9112 section 2.2 lets a server refuse them;
//! two readings of one head are how requests are smuggled), and how much may be sent without asking
//! for anything, as floods of HTTP/2 frames do. Never changes a byte.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Most bytes a connection may send without asking for anything or sending a body that is read.
const UNEARNED_BYTES_MAX: u64 = 1 << 20;
/// Most bytes read at once.
const READ_BYTES: usize = 8 << 10;
/// How every HTTP/2 connection begins (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection's service tells its wire.
#[derive(Debug, Default)]
pub struct Progress {
    unearned_bytes: AtomicU64,
    begun: AtomicU32,
    ended: AtomicU32,
}

impl Progress {
    /// A request was understood.
    pub fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.earn();
    }

    /// Its answer is decided.
    pub fn end(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// A piece of a body was read.
    pub fn earn(&self) {
        self.unearned_bytes.store(0, Ordering::Relaxed);
    }
}

/// A TCP connection under these bounds.
pub struct Wire {
    inner: TokioIo<TcpStream>,
    progress: Arc<Progress>,
    head: Head,
    heads: u32,
    limits: Waits,
    timer: Option<Pin<Box<Sleep>>>,
}

/// How long a connection may keep silent.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// Until the first byte of the first head.
    pub first: Duration,
    /// From the first byte of a head to its last.
    pub head: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    /// Nothing of a head has come yet, or a part of one.
    Reading(Part),
    /// A head is over and so many bytes of a body follow it.
    Body(u64),
    /// A head is over and a body whose end only its pieces tell follows it.
    Chunks,
    /// HTTP/2: there are no heads of text.
    Frames,
}

/// What has come of a head.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Part {
    bytes: usize,
    last: [u8; 3],
    /// The first letters of the line, in lower case, and how many there are.
    line: ([u8; LETTERS], usize),
    /// Whether the line is the length of the body.
    counts: bool,
    /// The length of the body that follows, as far as it was read.
    length: u64,
    /// Whether a field says that the body comes in pieces.
    chunked: bool,
    /// Whether it may still be how an HTTP/2 connection begins.
    preface: bool,
}

/// Letters of a line that are looked at: as many as `transfer-encoding:` has.
const LETTERS: usize = 18;

const FRESH: Head = Head::Reading(Part {
    bytes: 0,
    last: [0; 3],
    line: ([0; LETTERS], 0),
    counts: false,
    length: 0,
    chunked: false,
    preface: true,
});

impl Wire {
    /// Puts a connection under bounds.
    pub fn new(stream: TcpStream, progress: Arc<Progress>, limits: Waits) -> Self {
        let inner = TokioIo::new(stream);
        Self { inner, progress, head: FRESH, heads: 0, limits, timer: None }
    }

    /// Looks at bytes that came. `Err` closes the connection.
    fn look(&mut self, came: &[u8]) -> io::Result<()> {
        let unearned = self.progress.unearned_bytes.fetch_add(came.len() as u64, Ordering::Relaxed);
        if unearned + came.len() as u64 > UNEARNED_BYTES_MAX {
            return Err(refused("too much was sent without a request"));
        }
        if self.head == Head::Chunks {
            // The next head begins once this request was answered. One that came before that, in
            // the packet of a last piece, is not looked at.
            let ended = self.progress.ended.load(Ordering::Relaxed);
            if ended == self.progress.begun.load(Ordering::Relaxed) && ended >= self.heads {
                self.head = FRESH;
            }
        }
        let mut rest = came;
        while let [byte, behind @ ..] = rest {
            match &mut self.head {
                Head::Reading(part) => {
                    if let Some(next) = part.skip(rest) {
                        rest = next;
                        continue;
                    }
                    rest = behind;
                    if let Some(next) = part.take(*byte)? {
                        self.heads += u32::from(next != Head::Frames);
                        self.timer = None;
                        self.head = next;
                    }
                }
                Head::Body(left) => {
                    let here = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    rest = &rest[here..];
                    *left -= here as u64;
                    if *left == 0 {
                        self.head = FRESH;
                    }
                }
                Head::Chunks | Head::Frames => break,
            }
        }
        if let Head::Reading(Part { bytes: 1.., .. }) = self.head
            && self.timer.as_ref().is_some_and(|timer| timer.deadline() > self.head_deadline())
        {
            // The wait for the first byte is over; the wait for the last one begins.
            self.timer = None;
        }
        Ok(())
    }

    fn head_deadline(&self) -> Instant {
        Instant::now() + self.limits.head
    }

    /// Whether the first head has not begun, or one that has begun has not ended, for too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let wait = match self.head {
            Head::Reading(Part { bytes: 0, .. }) if self.heads == 0 => self.limits.first,
            Head::Reading(Part { bytes: 1.., .. }) => self.limits.head,
            Head::Frames => {
                let begun = self.progress.begun.load(Ordering::Relaxed);
                let busy = begun != self.progress.ended.load(Ordering::Relaxed);
                if busy || begun != self.heads {
                    // Something was asked: the wait begins anew.
                    self.heads = begun;
                    self.timer = None;
                }
                if busy {
                    return false;
                }
                self.limits.first
            }
            // Between two requests hyper counts.
            Head::Reading(_) | Head::Body(_) | Head::Chunks => return false,
        };
        let deadline = Instant::now() + wait;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        timer.as_mut().poll(context).is_ready()
    }
}

impl Part {
    /// What is behind a line that has come whole and says nothing of the body: it begins with another
    /// letter than the two fields that do.
    fn skip<'a>(&mut self, came: &'a [u8]) -> Option<&'a [u8]> {
        let at_line = self.line.1 == 0 && !self.counts && self.last[2] == b'\n';
        let first = came.first()?.to_ascii_lowercase();
        if !at_line || !first.is_ascii_alphabetic() || matches!(first, b'c' | b't') {
            return None;
        }
        let end = came.iter().position(|byte| *byte == b'\n')?;
        let (line, behind) = came.split_at_checked(end + 1)?;
        let [.., before, b'\r', b'\n'] = line else { return None };
        self.bytes += line.len();
        self.last = [*before, b'\r', b'\n'];
        Some(behind)
    }

    /// One more byte, and what follows the head when it ends it. `Err` for a line that ends
    /// without a carriage return.
    fn take(&mut self, byte: u8) -> io::Result<Option<Head>> {
        if self.bytes == 0 && matches!(byte, b'\r' | b'\n') {
            // Empty lines before a request line are skipped by the parser too.
            return Ok(None);
        }
        let last = self.last;
        self.preface = self.preface && HTTP2_PREFACE.get(self.bytes) == Some(&byte);
        self.bytes += 1;
        self.last = [last[1], last[2], byte];
        if self.preface && self.bytes > 1 {
            return Ok((self.bytes == HTTP2_PREFACE.len()).then_some(Head::Frames));
        }
        if byte == b'\n' {
            if last[2] != b'\r' {
                return Err(refused("a line of the head ends without a carriage return"));
            }
            if last == *b"\r\n\r" {
                return Ok(Some(self.what_follows()));
            }
            self.line.1 = 0;
            self.counts = false;
        } else if self.counts && byte.is_ascii_digit() {
            // A length beyond 64 bits is refused by the parser.
            self.length = self.length.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
        } else if let Some(letter) = self.line.0.get_mut(self.line.1) {
            *letter = byte.to_ascii_lowercase();
            self.line.1 += 1;
            if byte == b':' {
                let name = &self.line.0[..self.line.1];
                self.chunked |= name == b"transfer-encoding:";
                if name == b"content-length:" {
                    // The same length said twice is one length.
                    (self.counts, self.length) = (true, 0);
                }
            }
        }
        Ok(None)
    }

    fn what_follows(&self) -> Head {
        match (self.chunked, self.length) {
            (true, _) => Head::Chunks,
            // Without a body, what follows is the next head.
            (false, 0) => FRESH,
            (false, length) => Head::Body(length),
        }
    }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // A middle buffer that nobody fills in vain: hyper's cursor hands out its own only to unsafe
        // code.
        let mut room = [const { MaybeUninit::uninit() }; READ_BYTES];
        let most = buffer.remaining().min(room.len());
        let mut read = ReadBuf::uninit(&mut room[..most]);
        let this = &mut *self;
        match Pin::new(this.inner.inner_mut()).poll_read(context, &mut read) {
            Poll::Ready(Ok(())) => {
                this.look(read.filled())?;
                buffer.put_slice(read.filled());
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if this.is_late(context) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head took too long")))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, pieces)
    }
}
