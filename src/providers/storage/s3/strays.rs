//! Uploads in parts that nobody ended: begun by a process that died before it could write down how the
//! store calls them.
//!
//! The library has no request for it, so the request is made here and signed by the library
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>).

use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::HttpRequestBody;

use super::{S3, refusal};
use crate::net::Client;
use crate::providers::storage::StorageError;

/// Most bytes read of a list; a store gives at most a thousand at once.
const LIST_MAX_BYTES: usize = 1 << 20;

/// The uploads under a name that were begun and not ended, as the store calls them. A store that has no
/// such list says that there are none.
pub(super) async fn of(s3: &S3, net: &Client, key: &str) -> Result<Vec<String>, StorageError> {
    let name = s3.name(key);
    let base = s3.bucket_url();
    let prefix: String = form_urlencoded::byte_serialize(name.as_ref().as_bytes()).collect();
    let request = Request::builder()
        .method(Method::GET)
        .uri(format!("{base}?prefix={prefix}&uploads="))
        .body(HttpRequestBody::empty());
    let mut request = request.map_err(|_| StorageError::Refused("store_address"))?;
    let credential = AwsCredential {
        key_id: s3.access_key.clone(),
        secret_key: s3.secret_key.clone(),
        token: None,
    };
    let signed =
        AwsAuthorizer::new(&credential, "s3", &s3.region).try_authorize(&mut request, None);
    signed.map_err(|_| StorageError::Refused("store_key_refused"))?;
    let response = net.carry(request, s3.deadline).await?;
    let status = response.status();
    let read = Limited::new(response.into_body(), LIST_MAX_BYTES).collect().await;
    let read = read.map_err(|_| StorageError::Later("store_broke_off", None))?.to_bytes();
    let said = String::from_utf8_lossy(&read);
    match status {
        StatusCode::OK => Ok(uploads(&said, name.as_ref())),
        StatusCode::NOT_IMPLEMENTED | StatusCode::METHOD_NOT_ALLOWED => Ok(Vec::new()),
        _ => Err(refusal(status, &said, None)),
    }
}

/// The ids of the uploads of exactly this name. Names and ids have no letter that XML writes otherwise,
/// or they are none of ours.
fn uploads(list: &str, name: &str) -> Vec<String> {
    let between = |text: &str, tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once(&format!("</{tag}>"))?.0.to_owned())
    };
    list.split("<Upload>")
        .skip(1)
        .filter(|upload| between(upload, "Key").as_deref() == Some(name))
        .filter_map(|upload| between(upload, "UploadId"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_uploads_of_the_name_are_taken() {
        let list = "<ListMultipartUploadsResult><Bucket>b</Bucket><KeyMarker/>\
            <Upload><Key>a/b.wav</Key><UploadId>one</UploadId></Upload>\
            <Upload>\n<Key>a/b.wav2</Key><UploadId>other</UploadId></Upload>\
            <Upload><Key>a/b.wav</Key><UploadId>two</UploadId></Upload>\
            <Upload><Key>a/b.wav</Key></Upload></ListMultipartUploadsResult>";
        assert_eq!(uploads(list, "a/b.wav"), ["one", "two"]);
        assert!(uploads("", "a").is_empty() && uploads("<Upload><Key>", "a").is_empty());
    }
}
