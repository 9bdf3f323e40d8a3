//! Any store that speaks S3: Wasabi, Backblaze B2, Cloudflare R2, MinIO, AWS.
//!
//! Requests are signed with Signature Version 4 over the digest of a plain body, never in signed
//! chunks, which several stores refuse. They go through the one HTTP client, so that the store has a
//! gate like every other upstream. Never tries twice by itself.

mod strays;

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Limited, StreamBody};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path as Name;
use object_store::{
    Attribute, Attributes, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _,
    PutMultipartOptions, PutOptions, RetryConfig,
};

use super::{Doing, Kind, Object, Reading, Storage, StorageError, UNNAMED};
use crate::config::{Fault, Section};
use crate::net::{Client, NetError, host_of};

/// This kind of store.
pub(super) const KIND: Kind =
    Kind { name: "s3", build: |section, deadline| Ok(Box::new(S3::new(section, deadline)?)) };

/// Most bytes that go in one request; also the size of a part. At least 5 MiB by S3's rules.
const PART_BYTES: u64 = 8 << 20;
/// Most parts of an upload, by S3's rules.
const PARTS_MAX: u64 = 10_000;
/// A body that goes out slower than this takes too long.
const SLOWEST_BYTES_A_SECOND: u32 = 64 << 10;
/// How long the next piece of an answer may take.
const IDLE: Duration = Duration::from_secs(20);
/// What the library calls the setting for encryption by the store.
const SSE_KEY: &str = "aws_server_side_encryption";
/// Most bytes read of an answer that refuses.
const REFUSAL_MAX_BYTES: usize = 64 << 10;

/// A bucket of a store.
struct S3 {
    endpoint: String,
    region: String,
    bucket: String,
    access_key: String,
    secret_key: String,
    prefix: String,
    path_style: bool,
    encryption: Option<String>,
    deadline: Duration,
}

impl S3 {
    /// The bucket that `[archive.s3]` describes.
    fn new(section: &Section, deadline: Duration) -> Result<Self, Vec<Fault>> {
        let mut table = section.reader();
        let endpoint = table.text("endpoint").unwrap_or_default();
        let region = table.text("region").unwrap_or_default();
        let bucket = table.text("bucket").unwrap_or_default();
        let access_key = table.secret("access_key").map(|key| key.expose().to_owned());
        let secret_key = table.secret("secret_key").map(|key| key.expose().to_owned());
        let prefix = table.text("prefix").unwrap_or_default();
        let addressing = table.text("addressing");
        let encryption = table.text("encryption");
        let is_url = endpoint.starts_with("https://") || endpoint.starts_with("http://");
        if !is_url || host_of(&endpoint).is_none() {
            table.refuse("endpoint", "must be the store's address, such as https://s3.example.com");
        }
        let plain = |text: &str, more: &[u8]| {
            text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
        };
        if region.is_empty() || !plain(&region, b"-") {
            table.refuse("region", "must be the bucket's region, such as eu-central-1");
        }
        if bucket.is_empty() || !plain(&bucket, b"-.") {
            table.refuse("bucket", "must be the name of a bucket");
        }
        if !plain(&prefix, b"/_.-") || prefix.starts_with('/') || prefix.ends_with('/') {
            table.refuse("prefix", "must be letters, digits and /_.- without a slash at its ends");
        }
        if access_key.is_none() {
            table.refuse("access_key", "is required");
        }
        if secret_key.is_none() {
            table.refuse("secret_key", "is required");
        }
        let path_style = match addressing.as_deref() {
            None | Some("path") => true,
            Some("virtual") => false,
            Some(_) => {
                table.refuse("addressing", "must be path or virtual");
                true
            }
        };
        if encryption.as_deref().is_some_and(|kind| kind != "AES256") {
            table.refuse("encryption", "must be AES256, or not be there");
        }
        table.finish()?;
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            region,
            bucket,
            access_key: access_key.unwrap_or_default(),
            secret_key: secret_key.unwrap_or_default(),
            prefix,
            path_style,
            encryption,
            deadline,
        })
    }

    fn store(&self, net: &Client) -> Result<AmazonS3, StorageError> {
        let endpoint =
            if self.path_style { self.endpoint.clone() } else { self.virtual_endpoint() };
        let mut builder = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_region(&self.region)
            .with_bucket_name(&self.bucket)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_virtual_hosted_style_request(!self.path_style)
            .with_allow_http(true)
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(Carrier { net: net.clone(), deadline: self.deadline });
        if let Some(kind) = &self.encryption {
            let key: AmazonS3ConfigKey =
                SSE_KEY.parse().map_err(|error: object_store::Error| trouble(&error))?;
            builder = builder.with_config(key, kind);
        }
        builder.build().map_err(|error| trouble(&error))
    }

    /// Where the bucket itself is.
    fn bucket_url(&self) -> String {
        if self.path_style {
            format!("{}/{}", self.endpoint, self.bucket)
        } else {
            format!("{}/", self.virtual_endpoint())
        }
    }

    fn virtual_endpoint(&self) -> String {
        self.endpoint.replacen("://", &format!("://{}.", self.bucket), 1)
    }

    fn name(&self, key: &str) -> Name {
        if self.prefix.is_empty() {
            Name::from(key)
        } else {
            Name::from(format!("{}/{key}", self.prefix))
        }
    }

    async fn put_parts(
        &self,
        store: &AmazonS3,
        object: &Object,
        upload: &str,
    ) -> Result<(), StorageError> {
        let (name, upload) = (self.name(&object.key), upload.to_owned());
        let mut parts: Vec<PartId> = Vec::new();
        let mut from = 0;
        while from < object.bytes {
            let length = PART_BYTES.min(object.bytes - from);
            let part = piece(object, from, length).await?;
            let put = store.put_part(&name, &upload, parts.len(), part.into());
            parts.push(put.await.map_err(|error| trouble(&error))?);
            from += length;
        }
        let whole = store.complete_multipart(&name, &upload, parts).await;
        whole.map(drop).map_err(|error| trouble(&error))
    }
}

fn about(object: &Object) -> Attributes {
    Attributes::from_iter([
        (Attribute::ContentType, object.media_type.to_owned()),
        (Attribute::Metadata("sha256".into()), object.sha256.clone()),
    ])
}

/// A piece of a file on this machine.
async fn piece(object: &Object, from: u64, length: u64) -> Result<Bytes, StorageError> {
    let path = object.path.clone();
    let read = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut piece = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(length).read_to_end(&mut piece)?;
        Ok::<_, std::io::Error>(piece)
    });
    match read.await {
        Ok(Ok(piece)) if piece.len() as u64 == length => Ok(Bytes::from(piece)),
        // What was to be put is gone, or shorter than it was: trying again does not bring it back.
        Ok(Ok(_)) => Err(StorageError::Refused("file_missing")),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(StorageError::Refused("file_missing"))
        }
        Ok(Err(_)) | Err(_) => Err(StorageError::Later("disk_error", None)),
    }
}

impl Storage for S3 {
    fn needs_parts(&self, object: &Object) -> bool {
        object.bytes > PART_BYTES
    }

    fn begin<'a>(&'a self, net: &'a Client, object: &'a Object) -> Doing<'a, Option<String>> {
        Box::pin(async move {
            if !self.needs_parts(object) {
                return Ok(None);
            }
            if object.bytes.div_ceil(PART_BYTES) > PARTS_MAX {
                return Err(StorageError::Refused("too_large"));
            }
            let options =
                PutMultipartOptions { attributes: about(object), ..PutMultipartOptions::default() };
            let begun =
                self.store(net)?.create_multipart_opts(&self.name(&object.key), options).await;
            begun.map(Some).map_err(|error| trouble(&error))
        })
    }

    fn put<'a>(
        &'a self,
        net: &'a Client,
        object: &'a Object,
        upload: Option<&'a str>,
    ) -> Doing<'a, ()> {
        Box::pin(async move {
            let store = self.store(net)?;
            if let Some(upload) = upload {
                return self.put_parts(&store, object, upload).await;
            }
            let whole = piece(object, 0, object.bytes).await?;
            let options = PutOptions { attributes: about(object), ..PutOptions::default() };
            let put = store.put_opts(&self.name(&object.key), whole.into(), options).await;
            put.map(drop).map_err(|error| trouble(&error))
        })
    }

    fn call_off<'a>(&'a self, net: &'a Client, key: &'a str, upload: &'a str) -> Doing<'a, ()> {
        Box::pin(async move {
            let uploads = match upload {
                UNNAMED => strays::of(self, net, key).await?,
                named => vec![named.to_owned()],
            };
            let (store, name) = (self.store(net)?, self.name(key));
            for upload in uploads {
                match store.abort_multipart(&name, &upload).await.map_err(|error| trouble(&error)) {
                    Ok(()) | Err(StorageError::Missing) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
    }

    fn size<'a>(&'a self, net: &'a Client, key: &'a str) -> Doing<'a, Option<u64>> {
        Box::pin(async move {
            match self.store(net)?.head(&self.name(key)).await {
                Ok(about) => Ok(Some(about.size)),
                Err(error) if trouble(&error) == StorageError::Missing => Ok(None),
                Err(error) => Err(trouble(&error)),
            }
        })
    }

    fn read<'a>(
        &'a self,
        net: &'a Client,
        key: &'a str,
        (from, length): (u64, u64),
    ) -> Doing<'a, Reading> {
        Box::pin(async move {
            let range = Some(GetRange::Bounded(from..from.saturating_add(length)));
            let options = GetOptions { range, ..GetOptions::default() };
            let got = self.store(net)?.get_opts(&self.name(key), options).await;
            let pieces = got.map_err(|error| trouble(&error))?.into_stream();
            let pieces: Reading = pieces.map_err(|error| trouble(&error)).boxed();
            Ok(pieces)
        })
    }

    fn remove<'a>(&'a self, net: &'a Client, key: &'a str) -> Doing<'a, ()> {
        Box::pin(async move {
            match self.store(net)?.delete(&self.name(key)).await {
                Ok(()) => Ok(()),
                Err(error) if trouble(&error) == StorageError::Missing => Ok(()),
                Err(error) => Err(trouble(&error)),
            }
        })
    }
}

/// Carries the store's requests through the one client.
#[derive(Clone)]
struct Carrier {
    net: Client,
    deadline: Duration,
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carrier")
    }
}

impl HttpConnector for Carrier {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// What a request came to, held in the error of the library.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(StorageError);

impl Told {
    fn error(told: StorageError) -> HttpError {
        // Of an unknown kind: the library tries none of these again.
        HttpError::new(HttpErrorKind::Unknown, Self(told))
    }
}

impl HttpService for Carrier {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(self.carry(request))
    }
}

impl Carrier {
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_head = request.method() == Method::HEAD;
        let length = u32::try_from(request.body().content_length()).unwrap_or(u32::MAX);
        let deadline = self.deadline + Duration::from_secs(1) * (length / SLOWEST_BYTES_A_SECOND);
        let carried = self.net.carry(request, deadline).await;
        let response = carried.map_err(|error: NetError| Told::error(error.into()))?;
        let (parts, body) = response.into_parts();
        if parts.status.is_success() {
            let frames = stream::try_unfold(body, move |mut body| async move {
                let broke = || Told::error(StorageError::Later("store_broke_off", None));
                match tokio::time::timeout(IDLE, body.frame()).await {
                    Ok(Some(Ok(frame))) => Ok(Some((frame, body))),
                    Ok(None) => Ok(None),
                    Ok(Some(Err(_))) | Err(_) => Err(broke()),
                }
            });
            let body = HttpResponseBody::new(StreamBody::new(frames));
            return Ok(HttpResponse::from_parts(parts, body));
        }
        let said = if is_head {
            String::new()
        } else {
            let read = Limited::new(body, REFUSAL_MAX_BYTES).collect().await;
            let read = read.map(|all| all.to_bytes()).unwrap_or_default();
            String::from_utf8_lossy(&read).into_owned()
        };
        let asked = parts.headers.get(http::header::RETRY_AFTER);
        let asked_s = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Err(Told::error(refusal(parts.status, &said, asked_s)))
    }
}

/// What a refusal means: by the store's own code where it gives one, else by the status
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
fn refusal(status: StatusCode, said: &str, asked_s: Option<u64>) -> StorageError {
    let code = said.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map_or("", |(code, _)| code);
    match (code, status.as_u16()) {
        ("SlowDown" | "ServiceUnavailable" | "TooManyRequests" | "RequestLimitExceeded", _) => {
            StorageError::Later("store_slow_down", asked_s)
        }
        ("RequestTimeTooSkewed", _) => StorageError::Later("clock_skew", None),
        ("RequestTimeout" | "InternalError" | "OperationAborted", _) => {
            StorageError::Later("store_unavailable", asked_s)
        }
        ("NoSuchBucket", _) => StorageError::Refused("no_such_bucket"),
        (
            "AuthorizationHeaderMalformed"
            | "PermanentRedirect"
            | "TemporaryRedirect"
            | "IllegalLocationConstraintException",
            _,
        )
        | (_, 301 | 307 | 308) => StorageError::Refused("wrong_region"),
        ("InvalidAccessKeyId" | "SignatureDoesNotMatch", _) | (_, 401) => {
            StorageError::Refused("store_key_refused")
        }
        ("NoSuchKey" | "NoSuchUpload" | "NotFound", _) | ("", 404) => StorageError::Missing,
        ("EntityTooLarge", _) | (_, 413) => StorageError::Refused("too_large"),
        (_, 403) => StorageError::Refused("store_denied"),
        (_, 429) => StorageError::Later("store_slow_down", asked_s),
        (_, 408 | 409 | 425 | 500..=599) => StorageError::Later("store_unavailable", asked_s),
        _ => StorageError::Refused("store_refused"),
    }
}

/// What an error of the library stands for: what our own carrier put into it, where it did.
fn trouble(error: &object_store::Error) -> StorageError {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(Told(told)) = inner.downcast_ref() {
            return told.clone();
        }
        cause = inner.source();
    }
    if matches!(error, object_store::Error::NotFound { .. }) {
        return StorageError::Missing;
    }
    StorageError::Later("store_unreadable", None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_whether_to_come_again() {
        let xml = |code: &str| format!("<?xml?><Error><Code>{code}</Code></Error>");
        for (status, code, meant) in [
            (503, "SlowDown", StorageError::Later("store_slow_down", Some(9))),
            (500, "InternalError", StorageError::Later("store_unavailable", Some(9))),
            (403, "RequestTimeTooSkewed", StorageError::Later("clock_skew", None)),
            (403, "AccessDenied", StorageError::Refused("store_denied")),
            (403, "SignatureDoesNotMatch", StorageError::Refused("store_key_refused")),
            (400, "AuthorizationHeaderMalformed", StorageError::Refused("wrong_region")),
            (404, "NoSuchBucket", StorageError::Refused("no_such_bucket")),
            (404, "NoSuchKey", StorageError::Missing),
            (404, "", StorageError::Missing),
            (301, "", StorageError::Refused("wrong_region")),
            (502, "", StorageError::Later("store_unavailable", Some(9))),
            (400, "Whatever", StorageError::Refused("store_refused")),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(refusal(status, &xml(code), Some(9)), meant, "{status} {code}");
        }
    }
}
