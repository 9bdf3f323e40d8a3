//! Connections: accepted up to a limit, served under time limits, and drained at the end.
//!
//! Never waits for a client longer than a named limit.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{ALLOW, HOST};
use http::{HeaderValue, Method, Request, Response, Version};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::problem::Problem;
use super::route::Peer;
use super::wire::{Progress, Waits, Wire};
use super::{Web, reply, route};
use crate::config::Limits;

/// Seconds between two pings on an HTTP/2 connection, and how long an answer may take.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that one HTTP/2 stream and a whole connection may send ahead of being read.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 256 << 10;
/// How long to pause when no connection can be accepted, such as without file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Listens on every address; fails when one cannot be had.
pub async fn bind(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await;
        listeners.push(listener.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?);
    }
    Ok(listeners)
}

/// Serves until `stop` turns true, then lets what is under way end within the drain time.
pub async fn serve(web: Arc<Web>, listeners: Vec<TcpListener>, stop: watch::Receiver<bool>) {
    let limits = web.app.settings().limits.clone();
    let router = route::router(&web);
    let shared = Arc::new(Shared {
        builder: builder(&limits),
        router,
        slots: Arc::new(Semaphore::new(limits.max_connections())),
        addresses: Mutex::default(),
        limits,
        stop: stop.clone(),
    });
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept(Arc::clone(&shared), listener, stop.clone()));
    }
    while accepting.join_next().await.is_some() {}
}

struct Shared {
    builder: auto::Builder<TokioExecutor>,
    router: Router,
    slots: Arc<Semaphore>,
    addresses: Mutex<HashMap<IpAddr, usize>>,
    limits: Limits,
    stop: watch::Receiver<bool>,
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Counts from the end of one answer to the end of the next head; a head that has begun
        // has its own, shorter limit on the wire.
        .header_read_timeout(limits.idle_timeout())
        .max_buf_size(limits.header_max_bytes())
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams())
        .max_header_list_size(u32::try_from(limits.header_max_bytes()).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

async fn accept(shared: Arc<Shared>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(place) = shared.place(peer.ip()) {
                    connections.spawn(connection(Arc::clone(&shared), stream, place));
                } else {
                    tracing::warn!("a connection was refused: there are too many");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                drop(tokio::time::timeout(ACCEPT_PAUSE, std::future::pending::<()>()).await);
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    // Connections are asked to end by the same signal; one that does not is cut.
    if tokio::time::timeout(shared.limits.drain_timeout(), drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections were cut at the end");
    }
}

/// A connection's place among those allowed; given back when dropped.
struct Place {
    shared: Arc<Shared>,
    address: IpAddr,
    _slot: OwnedSemaphorePermit,
}

impl Shared {
    fn place(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_insert(0);
        if *count >= self.limits.max_connections_per_address() {
            return None;
        }
        *count += 1;
        Some(Place { shared: Arc::clone(self), address, _slot: slot })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut addresses = self.shared.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

async fn connection(shared: Arc<Shared>, stream: TcpStream, place: Place) {
    // Answers are small and wanted at once; a socket that cannot do that still works.
    drop(stream.set_nodelay(true));
    let progress = Arc::new(Progress::default());
    let waits = Waits { first: shared.limits.idle_timeout(), head: shared.limits.header_timeout() };
    let wire = Wire::new(stream, Arc::clone(&progress), waits);
    let router = shared.router.clone();
    let peer = Peer(place.address);
    let service = service_fn(move |mut request: Request<Incoming>| {
        progress.begin();
        request.extensions_mut().insert(peer);
        let (router, progress) = (router.clone(), Arc::clone(&progress));
        // Boxed: an idle connection holds no room for it.
        Box::pin(async move {
            let answer = answer(router, request, &progress).await;
            progress.end();
            Ok::<_, Infallible>(answer)
        })
    });
    // Pinned where it is made: a name of its own would be room twice.
    let mut conn = pin!(shared.builder.serve_connection(wire, service));
    let mut stop = shared.stop.clone();
    let ended = tokio::select! {
        ended = conn.as_mut() => Some(ended),
        _ = stop.wait_for(|stop| *stop) => None,
        _ = tokio::time::timeout(shared.limits.connection_age(), std::future::pending::<()>()) => None,
    };
    let ended = match ended {
        Some(ended) => Ok(ended),
        None => {
            conn.as_mut().graceful_shutdown();
            tokio::time::timeout(shared.limits.drain_timeout(), conn).await
        }
    };
    if let Ok(Err(error)) = ended {
        // Clients that go away or break the protocol are no fault of ours.
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    progress: &Arc<Progress>,
) -> Response<Body> {
    if !names_one_host(&request) {
        return refuse(&Problem::bad_host());
    }
    if matches!(*request.method(), Method::TRACE | Method::CONNECT) {
        let mut response = refuse(&Problem::method_not_allowed());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
        return response;
    }
    let request = request.map(|body| Body::new(Earning { body, progress: Arc::clone(progress) }));
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn refuse(problem: &Problem) -> Response<Body> {
    reply::finish(reply::closing(reply::problem(problem)))
}

/// Exactly one host, and not two different ones: RFC 9112 section 3.2, RFC 9113 section 8.3.1.
fn names_one_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    match (first, second, authority) {
        (_, Some(_), _) => false,
        (None, None, authority) => request.version() == Version::HTTP_2 && authority.is_some(),
        (Some(host), None, None) => !host.is_empty(),
        (Some(host), None, Some(authority)) => {
            host.as_bytes().eq_ignore_ascii_case(authority.as_bytes())
        }
    }
}

/// A body that tells its connection's wire when a piece was read.
struct Earning {
    body: Incoming,
    progress: Arc<Progress>,
}

impl HttpBody for Earning {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.progress.earn();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
