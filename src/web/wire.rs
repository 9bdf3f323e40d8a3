//! A connection's bytes, before the protocol sees them.
//!
//! Bounds what hyper does not: the time a request's head may take once it has begun, bare line
//! feeds in it (RFC 9112 section 2.2 lets a server refuse them; two readings of one head are how
//! requests are smuggled), and how much may be sent without asking for anything, as floods of
//! HTTP/2 frames do. Never changes a byte.

use std::io;
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
/// How every HTTP/2 connection begins (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";

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
    head_timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    /// Nothing of a head has come yet, or these many bytes of one.
    Reading { bytes: usize, last: [u8; 3] },
    /// A head is over: its body or its answer is under way.
    Over,
    /// HTTP/2: there are no heads of text.
    Frames,
}

const FRESH: Head = Head::Reading { bytes: 0, last: [0; 3] };

impl Wire {
    /// Puts a connection under bounds.
    pub fn new(stream: TcpStream, progress: Arc<Progress>, head_timeout: Duration) -> Self {
        let inner = TokioIo::new(stream);
        Self { inner, progress, head: FRESH, heads: 0, head_timeout, timer: None }
    }

    /// Looks at bytes that came. `Err` closes the connection.
    fn look(&mut self, came: &[u8]) -> io::Result<()> {
        let unearned = self.progress.unearned_bytes.fetch_add(came.len() as u64, Ordering::Relaxed);
        if unearned + came.len() as u64 > UNEARNED_BYTES_MAX {
            return Err(refused("too much was sent without a request"));
        }
        if self.head == Head::Over {
            let ended = self.progress.ended.load(Ordering::Relaxed);
            if ended == self.progress.begun.load(Ordering::Relaxed) && ended >= self.heads {
                self.head = FRESH;
            }
        }
        let Head::Reading { mut bytes, mut last } = self.head else { return Ok(()) };
        if bytes == 0 && came.starts_with(&HTTP2_PREFACE[..came.len().min(HTTP2_PREFACE.len())]) {
            self.head = Head::Frames;
            return Ok(());
        }
        for byte in came {
            // Empty lines before a request line are skipped by the parser, so they do not end one.
            if *byte == b'\n' {
                if last[2] != b'\r' {
                    return Err(refused("a line of the head ends without a carriage return"));
                }
                if bytes > 2 && last == *b"\r\n\r" {
                    self.head = Head::Over;
                    self.heads += 1;
                    self.timer = None;
                    return Ok(());
                }
            }
            bytes += 1;
            last = [last[1], last[2], *byte];
        }
        self.head = Head::Reading { bytes, last };
        Ok(())
    }

    /// Whether a head that has begun has taken too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let Head::Reading { bytes: 1.., .. } = self.head else { return false };
        let deadline = Instant::now() + self.head_timeout;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        timer.as_mut().poll(context).is_ready()
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
        // A safe middle buffer: hyper's cursor hands out uninitialised memory.
        let mut room = [0_u8; 8_192];
        let most = buffer.remaining().min(room.len());
        let mut read = ReadBuf::new(&mut room[..most]);
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
