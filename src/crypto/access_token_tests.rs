//! Tokens that are not ours, or not ours any more: none is read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access_token::{LIFETIME_S, TokenKey, Told};
use super::keyring::{Keyring, Purpose};
use super::signature::Algorithm;

const NOW: i64 = 1_767_600_000;

fn told() -> Told {
    Told { user: Uuid::from_bytes([1; 16]), session: Uuid::from_bytes([2; 16]) }
}

/// A token with any header and claims, signed as HS256 with any secret.
fn forged(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let part = |value: &Value| BASE64.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let code = Algorithm::Sha256.key(secret).sign(&[signed.as_bytes()]);
    format!("{signed}.{}", BASE64.encode(code))
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "at+jwt"})
}

fn claims() -> Value {
    json!({"iss": "frontdesk", "aud": "frontdesk-api", "sub": told().user, "sid": told().session,
        "jti": Uuid::nil(), "iat": NOW, "nbf": NOW, "exp": NOW + LIFETIME_S})
}

fn with(mut value: Value, field: &str, other: Value) -> Value {
    value[field] = other;
    value
}

#[test]
fn a_token_says_what_was_put_in_while_it_is_good() {
    let key = TokenKey::new(&Keyring::new([5; 32]));
    let token = key.issue(told(), NOW, Uuid::nil());
    for at in [NOW, NOW + LIFETIME_S - 1] {
        assert_eq!(key.read(&token, at), Some(told()), "{at}");
    }
    for at in [NOW - 1, NOW + LIFETIME_S, NOW + 1_000_000] {
        assert_eq!(key.read(&token, at), None, "{at}");
    }
}

#[test]
fn no_forged_token_is_read() {
    let ring = Keyring::new([5; 32]);
    let key = TokenKey::new(&ring);
    let secret = ring.derive_current(Purpose::AccessToken);
    assert_eq!(key.read(&forged(&header(), &claims(), &secret), NOW), Some(told()), "the form");
    let headers = [
        with(header(), "alg", json!("none")),
        with(header(), "alg", json!("None")),
        with(header(), "alg", json!("HS384")),
        with(header(), "alg", json!("RS256")),
        with(header(), "alg", json!("EdDSA")),
        with(header(), "alg", json!("")),
        with(header(), "alg", Value::Null),
        with(header(), "typ", json!("JWT")),
        with(header(), "typ", Value::Null),
        with(header(), "jwk", json!({"kty": "oct", "k": "AAAA"})),
        with(header(), "jku", json!("https://evil.example/keys")),
        with(header(), "x5u", json!("https://evil.example/cert")),
        with(header(), "x5c", json!(["AAAA"])),
        with(header(), "kid", json!("../../../../dev/null")),
        with(header(), "kid", json!("' OR 1=1 --")),
        with(header(), "crit", json!(["exp"])),
    ];
    for header in headers {
        assert_eq!(key.read(&forged(&header, &claims(), &secret), NOW), None, "{header}");
    }
    let others = [
        with(claims(), "iss", json!("someone")),
        with(claims(), "aud", json!("another-api")),
        with(claims(), "aud", Value::Null),
        with(claims(), "sub", json!("")),
        with(claims(), "sub", Value::Null),
        with(claims(), "sid", Value::Null),
        with(claims(), "exp", json!(NOW + 1_000_000)),
        with(claims(), "exp", json!("never")),
        with(claims(), "nbf", json!(NOW - 1_000_000)),
        json!({}),
        json!([]),
    ];
    for claims in others {
        assert_eq!(key.read(&forged(&header(), &claims, &secret), NOW), None, "{claims}");
    }
    for secret in [&b""[..], b"secret", &[0; 32]] {
        assert_eq!(key.read(&forged(&header(), &claims(), secret), NOW), None);
    }
    let good = key.issue(told(), NOW, Uuid::nil());
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    let odd = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        signed.to_owned(),
        format!("{signed}."),
        format!("{good}."),
        format!("{good}A"),
        format!(" {good}"),
        "a".repeat(1_000_000),
        format!("{}.{}.{}", "A".repeat(300), "B".repeat(300), "C".repeat(43)),
    ];
    for token in odd {
        assert_eq!(key.read(&token, NOW), None);
    }
    assert_eq!(TokenKey::new(&Keyring::new([6; 32])).read(&good, NOW), None, "another ring");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_fail(text in "\\PC{0,200}", at in 0_usize..100) {
        let key = TokenKey::new(&Keyring::new([5; 32]));
        let mut good = key.issue(told(), NOW, Uuid::nil());
        proptest::prop_assert_eq!(key.read(&text, NOW), None);
        if !text.is_empty() {
            good.insert_str(at, &text);
            proptest::prop_assert_eq!(key.read(&good, NOW), None);
        }
    }
}
