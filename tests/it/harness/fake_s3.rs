//! A real S3 server on this machine, in a folder of its own, with faults in front of it that the
//! test orders.
//!
//! Checks every signature, as S3 does. Never fails without an order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Something that goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// It does nothing and answers with a status and a code of S3.
    Answers(u16, &'static str),
    /// It does what is asked, and the answer comes late.
    Waits(Duration),
    /// It does what is asked, and the connection is closed without an answer.
    LosesAnswer,
    /// It takes the request and never answers.
    Hangs,
    /// The connection is closed before the body is read.
    Cuts,
    /// What is read from it has one wrong byte, in the middle.
    Scrambles,
}

struct State {
    /// What goes wrong next, with the method that it waits for, if any.
    ordered: VecDeque<(Option<Method>, Trouble)>,
    always: Option<Trouble>,
    region: String,
    clock_is_off: bool,
    seen: Vec<(Method, String)>,
}

struct Store {
    s3: S3Service,
    state: Mutex<State>,
}

/// The server, with one bucket.
pub struct FakeS3 {
    address: SocketAddr,
    folder: TempDir,
    store: Arc<Store>,
    task: JoinHandle<()>,
}

impl FakeS3 {
    /// The id of the one key that it knows.
    pub const ACCESS_KEY: &str = "archive-test";
    /// The secret of that key.
    pub const SECRET_KEY: &str = "archive-test-secret";
    /// The bucket that there is.
    pub const BUCKET: &str = "recordings";
    /// The region that it is in until [`FakeS3::region_is`].
    pub const REGION: &str = "eu-central-1";

    /// Starts one whose bucket is empty.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("the system has room for a temporary folder");
        fs::create_dir(folder.path().join(Self::BUCKET)).expect("the folder is empty");
        let files = FileSystem::new(folder.path()).expect("the folder is there");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(Self::ACCESS_KEY, Self::SECRET_KEY));
        let state = State {
            ordered: VecDeque::new(),
            always: None,
            region: Self::REGION.to_owned(),
            clock_is_off: false,
            seen: Vec::new(),
        };
        let store = Arc::new(Store { s3: builder.build(), state: Mutex::new(state) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let task = tokio::spawn(listen(listener, Arc::clone(&store)));
        Self { address, folder, store, task }
    }

    /// Its address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings that lead to it, named as in the environment but without `FRONTDESK_`.
    pub fn settings(&self) -> Vec<(String, String)> {
        let url = self.url();
        let pairs = [
            ("ENDPOINT", url.as_str()),
            ("REGION", Self::REGION),
            ("BUCKET", Self::BUCKET),
            ("ACCESS_KEY", Self::ACCESS_KEY),
            ("SECRET_KEY", Self::SECRET_KEY),
            ("ADDRESSING", "path"),
        ];
        pairs.map(|(key, value)| (format!("ARCHIVE__S3__{key}"), value.to_owned())).into()
    }

    /// Orders what goes wrong with the next request of a method.
    pub fn fails_for(&self, method: Method, trouble: Trouble) {
        self.store.state().ordered.push_back((Some(method), trouble));
    }

    /// Orders what goes wrong with each request that has no order of its own, until told otherwise.
    pub fn always(&self, trouble: Option<Trouble>) {
        self.store.state().always = trouble;
    }

    /// Moves it: requests that are signed for another region are refused.
    pub fn region_is(&self, region: &str) {
        region.clone_into(&mut self.store.state().region);
    }

    /// Has it find the clock of every sender wrong, or not.
    pub fn clock_is_off(&self, off: bool) {
        self.store.state().clock_is_off = off;
    }

    /// The method and the path with its query of every request so far.
    pub fn seen(&self) -> Vec<(Method, String)> {
        self.store.state().seen.clone()
    }

    /// What the bucket holds: the bytes of each key.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        // What the server notes of an object is a file beside the bucket.
        let bucket = self.folder.path().join(Self::BUCKET);
        let (mut folders, mut found) = (vec![bucket.clone()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for path in entries(&folder) {
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = fs::read(&path) {
                    let key = path.strip_prefix(&bucket).expect("it lies in the bucket");
                    found.insert(key.to_str().expect("keys are text").to_owned(), bytes);
                }
            }
        }
        found
    }

    /// Spoils the byte of an object at a place.
    #[track_caller]
    pub fn flip_byte(&self, key: &str, at: usize) {
        let path = self.path(key);
        let mut bytes = fs::read(&path).expect("the object is there");
        *bytes.get_mut(at).expect("the object is that long") ^= 0xFF;
        fs::write(&path, bytes).expect("the object can be changed");
    }

    /// How many uploads in parts were begun and not ended, or have left parts behind.
    pub fn open_uploads(&self) -> usize {
        // An upload is `.upload-ID.json`, a part of it is `.upload_id-ID.part-NUMBER`.
        let mut ids = BTreeSet::new();
        for path in entries(self.folder.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let upload = name.strip_prefix(".upload-").and_then(|name| name.strip_suffix(".json"));
            let part = name.strip_prefix(".upload_id-").and_then(|name| name.split_once(".part-"));
            ids.extend(upload.or(part.map(|(id, _)| id)).map(str::to_owned));
        }
        ids.len()
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(Self::BUCKET).join(key)
    }
}

impl Drop for FakeS3 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What lies in a folder; nothing when it was removed meanwhile.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

impl Store {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request and says what goes wrong with it.
    fn arrives(&self, request: &Request<Incoming>) -> Option<Trouble> {
        let (method, uri) = (request.method(), request.uri());
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let mut state = self.state();
        state.seen.push((method.clone(), path));
        let meant =
            |(only, _): &(Option<Method>, Trouble)| only.as_ref().is_none_or(|only| only == method);
        let next = state.ordered.iter().position(meant);
        let ordered = next.and_then(|next| state.ordered.remove(next));
        ordered.map(|(_, trouble)| trouble).or(state.always)
    }

    /// Why a request is refused before anything is done, as XML with its status.
    fn refusal(&self, request: &Request<Incoming>) -> Option<(u16, String)> {
        let state = self.state();
        if state.clock_is_off {
            let limit = "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>";
            return Some((403, error("RequestTimeTooSkewed", limit)));
        }
        let header = request.headers().get(AUTHORIZATION)?;
        let region = header.to_str().ok().and_then(signed_region)?;
        let right = format!("<Region>{}</Region>", state.region);
        (region != state.region).then(|| (400, error("AuthorizationHeaderMalformed", &right)))
    }

    /// Does what is asked.
    async fn carry_out(&self, request: Request<Incoming>) -> io::Result<Response<Body>> {
        if let Some((status, xml)) = self.refusal(&request) {
            return refuse(request, status, xml).await;
        }
        self.s3.call(request.map(Body::from)).await.map_err(io::Error::other)
    }
}

/// The region in `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/s3/aws4_request, …`.
fn signed_region(header: &str) -> Option<&str> {
    let (_, scope) = header.split_once("Credential=")?;
    scope.split(',').next()?.split('/').nth(2)
}

/// An error as S3 tells it.
fn error(code: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>The test has ordered this.</Message>{more}\
         <RequestId>TEST</RequestId></Error>"
    )
}

async fn listen(listener: TcpListener, store: Arc<Store>) {
    while let Ok((stream, _)) = listener.accept().await {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let store = Arc::clone(&store);
                async move { answer(request, &store).await }
            });
            // A connection that is to be closed ends with an error; that is what is wanted.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(request: Request<Incoming>, store: &Store) -> io::Result<Response<Body>> {
    let Some(trouble) = store.arrives(&request) else {
        return store.carry_out(request).await;
    };
    let reads = request.method() == Method::GET;
    match trouble {
        Trouble::Answers(status, code) => refuse(request, status, error(code, "")).await,
        Trouble::Waits(wait) => {
            let done = store.carry_out(request).await;
            drop(timeout(wait, std::future::pending::<()>()).await);
            done
        }
        Trouble::LosesAnswer => {
            let done = store.carry_out(request).await?;
            done.into_body().collect().await.map_err(io::Error::other)?;
            Err(io::Error::other("the answer is lost"))
        }
        Trouble::Hangs => {
            request.into_body().collect().await.map_err(io::Error::other)?;
            std::future::pending().await
        }
        Trouble::Cuts => Err(io::Error::other("the connection is cut")),
        Trouble::Scrambles => {
            let done = store.carry_out(request).await?;
            if reads && done.status().is_success() { scrambled(done).await } else { Ok(done) }
        }
    }
}

/// Reads the body, as S3 does, and answers with an error; to HEAD without a body.
async fn refuse(
    request: Request<Incoming>,
    status: u16,
    xml: String,
) -> io::Result<Response<Body>> {
    let body = if request.method() == Method::HEAD { Body::empty() } else { Body::from(xml) };
    request.into_body().collect().await.map_err(io::Error::other)?;
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/xml");
    Ok(response.body(body).expect("tests name real statuses"))
}

async fn scrambled(answer: Response<Body>) -> io::Result<Response<Body>> {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let mut bytes = body.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0xFF;
    }
    Ok(Response::from_parts(head, Body::from(bytes)))
}
