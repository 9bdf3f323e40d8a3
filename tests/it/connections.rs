//! Connections, byte by byte: what is ambiguous is refused, what is slow is cut, what is under way
//! at the end is finished.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use crate::harness::wire::raw;
use crate::harness::{Data, PATIENCE, Server, Setup, Wire, eventually, retell};

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: desk.example.com\r\n\r\n";
/// How every HTTP/2 connection begins, with settings that change nothing.
const HTTP2_BEGIN: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
/// A ping: eight bytes, type 6, no flags, no stream.
const HTTP2_PING: &[u8] = b"\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678";

/// A signed delivery as bytes, with more lines in its head.
fn delivery(server: &Server, body: &str, lines: &str) -> (String, String) {
    let signature = retell::signature(retell::KEY, body.as_bytes(), server.now_ms());
    let head = format!(
        "POST /hooks/retell HTTP/1.1\r\nHost: desk.example.com\r\n{}: {signature}\r\n\
         Content-Length: {}\r\n{lines}\r\n",
        retell::SIGNATURE,
        body.len(),
    );
    (head, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_exactly_one_host() {
    let server = Server::start().await;
    let cases = [
        ("GET /healthz HTTP/1.1", "", 400),
        ("GET /healthz HTTP/1.1", "Host: \r\n", 400),
        ("GET /healthz HTTP/1.1", "Host: a.example\r\nHost: a.example\r\n", 400),
        ("GET /healthz HTTP/1.1", "Host: a.example\r\nHost: b.example\r\n", 400),
        ("GET http://b.example/healthz HTTP/1.1", "Host: a.example\r\n", 400),
        ("GET http://a.example/healthz HTTP/1.1", "Host: A.example\r\n", 200),
        ("GET /healthz HTTP/1.1", "Host: a.example\r\n", 200),
    ];
    for (line, hosts, status) in cases {
        let answer = raw(&server, format!("{line}\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line} {hosts}: {answer}");
        assert_eq!(answer.contains("\"code\":\"bad_host\""), status == 400, "{answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_echo_or_tunnel_are_refused() {
    let server = Server::start().await;
    let trace = "TRACE /healthz HTTP/1.1\r\nHost: a.example\r\n\r\n";
    let answer = raw(&server, trace).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 405 ") && answer.contains("\r\nallow: get"), "{answer}");
    assert!(answer.contains("\"code\":\"method_not_allowed\""), "{answer}");
    let connect = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n";
    let answer = raw(&server, connect).await;
    let is_refused = ["400", "405"].iter().any(|s| answer.starts_with(&format!("HTTP/1.1 {s} ")));
    assert!(is_refused, "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_with_bare_line_feeds_gets_no_answer_but_a_refusal() {
    let server = Server::start().await;
    let heads = [
        "GET /healthz HTTP/1.1\nHost: a.example\n\n",
        "GET /healthz HTTP/1.1\r\nHost: a.example\nX-A: b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a.example\r\n\n",
        "POST /healthz HTTP/1.1\nHost: a.example\n\n",
    ];
    for head in heads {
        let answer = raw(&server, head).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{head:?}: {answer}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bare_line_feeds_are_refused_too_behind_a_first_letter_that_comes_alone() {
    let server = Server::start().await;
    let mut wire = Wire::to(&server).await;
    // The letter with which HTTP/2 begins as well.
    wire.send("P").await;
    assert!(wire.is_quiet_for(Duration::from_millis(200)).await);
    wire.send("OST /healthz HTTP/1.1\nHost: a.example\nConnection: close\n\n").await;
    let answer = wire.rest().await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bare_line_feeds_are_refused_too_in_a_second_head_that_comes_with_the_first() {
    let server = Server::start().await;
    let second = "GET /healthz HTTP/1.1\nHost: a.example\nConnection: close\n\n";
    let answers = raw(&server, format!("{GET}{second}")).await;
    assert!(answers.matches("HTTP/1.1 200 ").count() <= 1, "{answers}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_stops_or_drips_is_cut() {
    let server = Setup::plain().set("LIMITS__HEADER_TIMEOUT_MS", "100").start().await;
    let answer = raw(&server, "GET /healthz HTTP/1.1\r\nHost: a.example\r\nX").await;
    assert!(!answer.contains(" 200 "), "{answer}");
    let mut wire = Wire::to(&server).await;
    wire.send("GET /healthz HTTP/1.1\r\nHost: a.example\r\nX-Long: ").await;
    let drip = async {
        let mut every = interval(Duration::from_millis(20));
        while wire.sends("x").await {
            every.tick().await;
        }
    };
    assert!(timeout(PATIENCE, drip).await.is_ok(), "the connection is still open");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_cut_too_behind_a_first_letter_that_comes_alone() {
    let server = Setup::plain().set("LIMITS__HEADER_TIMEOUT_MS", "100").start().await;
    let mut wire = Wire::to(&server).await;
    wire.send("P").await;
    let answer = wire.rest().await;
    assert!(answer.is_empty(), "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nothing_more_is_asked_is_closed() {
    let server = Setup::plain().set("LIMITS__IDLE_TIMEOUT_MS", "100").start().await;
    let mut wire = Wire::to(&server).await;
    wire.send(GET).await;
    assert_eq!(wire.answer().await.status, 200);
    assert_eq!(wire.rest().await, "");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nothing_is_ever_asked_is_closed() {
    let server = Setup::plain().set("LIMITS__IDLE_TIMEOUT_MS", "100").start().await;
    assert_eq!(Wire::to(&server).await.rest().await, "");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_in_time_is_told_so_and_kept_nowhere() {
    let server = Setup::plain().set("LIMITS__BODY_TIMEOUT_MS", "100").start().await;
    let (head, body) = delivery(&server, &retell::started("c1"), "");
    let mut wire = Wire::to(&server).await;
    wire.send(head + &body[..10]).await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "body_incomplete"));
    assert_eq!(wire.rest().await, "");
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_closed_until_another_one_ends() {
    for limit in ["LIMITS__MAX_CONNECTIONS", "LIMITS__MAX_CONNECTIONS_PER_ADDRESS"] {
        let server = Setup::plain().set(limit, "2").start().await;
        let (mut one, mut other) = (Wire::to(&server).await, Wire::to(&server).await);
        for wire in [&mut one, &mut other] {
            wire.send(GET).await;
            assert_eq!(wire.answer().await.status, 200);
        }
        assert_eq!(Wire::to(&server).await.rest().await, "", "{limit}");
        other.send(GET).await;
        assert_eq!(other.answer().await.status, 200, "those that are open are served");
        drop(one);
        eventually("there is room for another connection", async || {
            let mut next = Wire::to(&server).await;
            next.sends(GET).await && next.answer_or_end().await.is_some()
        })
        .await;
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_serves_one_request_after_the_other() {
    let server = Server::start().await;
    let mut wire = Wire::to(&server).await;
    for number in 0..3 {
        let (head, body) = delivery(&server, &retell::started(&format!("c{number}")), "");
        wire.send(head + &body).await;
        assert_eq!(wire.answer().await.status, 204);
        wire.send(GET).await;
        assert_eq!(wire.answer().await.status, 200);
        // Head and body in pieces of their own.
        let (head, body) = delivery(&server, &retell::ended(&format!("c{number}")), "");
        for piece in [&head[..20], &head[20..], &body[..9], &body[9..]] {
            wire.send(piece).await;
        }
        assert_eq!(wire.answer().await.status, 204);
    }
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM calls WHERE status = 'ended'"), 3);
    drop(wire);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_sent_ahead_are_all_answered_in_order() {
    let server = Server::start().await;
    let signed = |call_id: &str| {
        let (head, body) = delivery(&server, &retell::started(call_id), "");
        head + &body
    };
    let nowhere = "GET /nowhere HTTP/1.1\r\nHost: desk.example.com\r\n\r\n".to_owned();
    let (first, second) = (signed("c1"), signed("c2"));
    let all = [GET.to_owned(), first, nowhere, second, GET.to_owned()].concat();
    let mut wire = Wire::to(&server).await;
    for _ in 0..2 {
        wire.send(&all).await;
        for status in [200, 204, 404, 204, 200] {
            assert_eq!(wire.answer().await.status, status);
        }
    }
    drop(wire);
    server.settled().await;
    assert_eq!(server.number("SELECT count(*) FROM inbox"), 2);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_spoken_by_whoever_knows_it() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address()).await.expect("the server listens");
    // GET, http, and the path and the authority as literals (RFC 7541).
    let block = [b"\x82\x86\x44\x08/healthz\x41\x09".as_slice(), b"localhost"].concat();
    let length = u8::try_from(block.len()).expect("a short block");
    let head = [0, 0, length, 1, 5, 0, 0, 0, 1];
    let request = [HTTP2_BEGIN, &head, &block].concat();
    stream.write_all(&request).await.expect("the connection is open");
    let answered = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.expect("frames come whole");
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; usize::try_from(length).expect("it fits")];
            stream.read_exact(&mut payload).await.expect("frames come whole");
            if (head[3], head[8]) == (1, 1) {
                return payload[0];
            }
        }
    };
    let status = timeout(PATIENCE, answered).await.expect("headers come in time");
    assert_eq!(status, 0x88, "the status 200 in the static table");
    drop(stream);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_http2_pings_is_cut_before_all_are_answered() {
    const PINGS: usize = 1_000;
    const ROUNDS: usize = 186;
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address()).await.expect("the server listens");
    let (mut read, mut write) = stream.into_split();
    let reading = tokio::spawn(async move {
        let (mut came, mut room) = (0, vec![0; 65_536]);
        while let Ok(bytes @ 1..) = read.read(&mut room).await {
            came += bytes;
        }
        came
    });
    write.write_all(HTTP2_BEGIN).await.expect("the connection is open");
    let pings = HTTP2_PING.repeat(PINGS);
    for _ in 0..ROUNDS {
        let sent = timeout(PATIENCE, write.write_all(&pings)).await;
        if sent.expect("the server reads or closes").is_err() {
            break;
        }
    }
    // Our side stays open: the end that is read is the server's doing.
    let came = timeout(PATIENCE, reading).await.expect("the server closes the connection");
    let came = came.expect("no panic");
    assert!(came < PINGS * ROUNDS * HTTP2_PING.len(), "{came} bytes were answered");
    drop(write);
    assert_eq!(server.get("/healthz", None).await.status, 200, "others are served");
    server.finish().await;
}

/// Begins a delivery, stops the server in the middle of it, and hands on what is left to be sent.
async fn stop_in_the_middle(setup: Setup, then: impl AsyncFnOnce(Wire, String)) -> Data {
    let server = setup.without_jobs().start().await;
    let lines = "Expect: 100-continue\r\n";
    let (head, body) = delivery(&server, &retell::started("c1"), lines);
    let mut wire = Wire::to(&server).await;
    wire.send(head).await;
    assert_eq!(wire.answer().await.status, 100, "the body is awaited");
    wire.send(&body[..20]).await;
    let address = server.address();
    let finishing = async {
        eventually("no connection is accepted any more", async || {
            TcpStream::connect(address).await.is_err()
        })
        .await;
        then(wire, body[20..].to_owned()).await;
    };
    let (data, ()) = tokio::join!(server.stop(), finishing);
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_under_way_when_the_server_stops_is_finished() {
    let setup = Setup::plain().set("LIMITS__DRAIN_TIMEOUT_MS", "10000");
    let data = stop_in_the_middle(setup, async |mut wire: Wire, rest: String| {
        wire.send(rest).await;
        assert_eq!(wire.answer().await.status, 204);
        assert_eq!(wire.rest().await, "");
    })
    .await;
    let kept = data.db().blobs("SELECT body FROM inbox");
    assert_eq!(kept, [retell::started("c1").into_bytes()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_does_not_end_does_not_hold_up_the_stop() {
    let setup = Setup::plain().set("LIMITS__DRAIN_TIMEOUT_MS", "100");
    let data = stop_in_the_middle(setup, async |wire: Wire, _: String| {
        let answer = wire.rest().await;
        assert!(!answer.contains(" 204 "), "{answer}");
    })
    .await;
    assert_eq!(data.db().number("SELECT count(*) FROM inbox"), 0);
}
