//! What reaches a member before anything is proven: whatever is sent, it is refused and nothing breaks.
//!
//! `PROPTEST_CASES=1000000 cargo test --release proof_tests` tries as many.

use std::cell::RefCell;

use http::{HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;

use super::family_tests::member;
use super::*;

/// Headers that members look at.
const NAMES: [&str; 8] = [
    "x-retell-signature",
    "telnyx-signature-ed25519",
    "telnyx-timestamp",
    "authorization",
    "x-vapi-secret",
    "x-exotel-signature",
    "content-type",
    "content-length",
];

/// Pieces that signatures are made of, so that more than the first byte is read.
const PIECES: [&str; 14] = [
    "v=",
    "d=",
    ",",
    "t=",
    "1767600000000",
    "1767600000",
    "Basic ",
    "Bearer ",
    "=",
    "AAAA",
    ":",
    ";",
    "multipart/form-data; boundary=x",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];

thread_local! {
    static MEMBERS: RefCell<Vec<Box<dyn Voice>>> = const { RefCell::new(Vec::new()) };
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(PIECES.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    let bytes = vec(any::<u8>(), 0..12);
    vec(prop_oneof![piece, bytes], 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn nothing_unproven_is_taken_and_nothing_breaks(
        sent in vec((0..NAMES.len(), value()), 0..4),
        body in vec(any::<u8>(), 0..64),
        query in "[ -~]{0,40}",
        token in proptest::option::of("[ -~]{0,40}"),
        now_ms in 0_i64..4_000_000_000_000,
    ) {
        let mut headers = HeaderMap::new();
        for (name, bytes) in sent {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(HeaderName::from_static(NAMES[name]), value);
            }
        }
        let body = Bytes::from(body);
        let request = Incoming {
            headers: &headers,
            query: &query,
            token: token.as_deref(),
            peer: None,
            body: &body,
            now_ms,
        };
        MEMBERS.with_borrow_mut(|members| {
            if members.is_empty() {
                members.extend(KINDS.iter().map(|kind| member(kind.name).0));
            }
            for (voice, kind) in members.iter().zip(KINDS) {
                prop_assert!(voice.verify(&request).is_err(), "{}", kind.name);
            }
            Ok(())
        })?;
    }
}
