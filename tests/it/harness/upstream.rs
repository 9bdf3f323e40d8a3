//! A stand-in for an outside service: a real socket, and a rule for what is answered.
//!
//! Keeps every request that it was sent. Never answers what its rule does not say.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request that was sent to it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// By which method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Said {
    /// A status and a JSON body.
    Json(u16, Value),
    /// It is elsewhere.
    Moved(String),
    /// Nothing: the connection is closed, whatever was done.
    Lost,
}

type Rule = dyn Fn(&Seen) -> Said + Send + Sync;

/// The service.
pub struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Starts one that answers by a rule.
    pub async fn start(rule: impl Fn(&Seen) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (rule, seen): (Arc<Rule>, _) = (Arc::new(rule), Arc::new(Mutex::new(Vec::new())));
        let task = tokio::spawn(listen(listener, rule, Arc::clone(&seen)));
        Self { address, seen, task }
    }

    /// Its address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, rule: Arc<Rule>, seen: Arc<Mutex<Vec<Seen>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (rule, seen) = (Arc::clone(&rule), Arc::clone(&seen));
        tokio::spawn(async move {
            let service = service_fn(move |request: http::Request<Incoming>| {
                let (rule, seen) = (Arc::clone(&rule), Arc::clone(&seen));
                async move { answer(request, &*rule, &seen).await }
            });
            let builder = auto::Builder::new(TokioExecutor::new());
            // A connection that the rule closes ends with an error; that is what is wanted.
            drop(builder.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(
    request: http::Request<Incoming>,
    rule: &Rule,
    seen: &Mutex<Vec<Seen>>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let one = Seen { method: parts.method, path, headers: parts.headers, body };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(one.clone());
    let status = |code| StatusCode::from_u16(code).expect("rules name real statuses");
    let mut response = Response::builder().header("content-type", "application/json");
    let (code, body) = match rule(&one) {
        Said::Lost => return Err(io::Error::other("the answer is lost")),
        Said::Json(code, body) => (code, Bytes::from(body.to_string())),
        Said::Moved(to) => {
            response = response.header("location", to);
            (302, Bytes::new())
        }
    };
    let response = response.status(status(code));
    Ok::<_, Infallible>(response.body(Full::new(body)).expect("rules name real headers"))
        .map_err(|never| match never {})
}
