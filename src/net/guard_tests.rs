//! The client against names that lead inside, and addresses that do.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

fn client(lookup: impl Fn(&str) -> std::io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Client {
    let manner = Manner {
        deadline: Duration::from_secs(5),
        allow_insecure: false,
        rate: Rate { per_minute: 600 },
        clock: Clock::System,
    };
    Client::with_names(manner, Arc::new(lookup)).expect("a client can be made")
}

async fn refusal(client: &Client, url: &str) -> String {
    let fetch = Fetch {
        url: url.to_owned(),
        authorization: None,
        hosts: Vec::new(),
        total: Duration::from_secs(5),
        idle: Duration::from_secs(5),
        max_bytes: 1_000,
    };
    let fetched = client.fetch(&fetch).await.err().map(|error| error.to_string());
    let got = client.get(url, HeaderMap::new()).await.err().map(|error| error.to_string());
    let (fetched, got) = (fetched.expect("refused"), got.expect("refused"));
    assert_eq!(fetched, got);
    got
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to() {
    for inside in
        ["127.0.0.1", "10.0.0.7", "169.254.169.254", "100.64.1.1", "::1", "::ffff:10.0.0.1"]
    {
        let address: IpAddr = inside.parse().expect("an address");
        let client = client(move |_| Ok(vec![address]));
        let said = refusal(&client, "https://recordings.example.com/a.wav").await;
        assert!(
            said.contains("this machine") || said.contains("network inside"),
            "{inside}: {said}"
        );
    }
}

#[tokio::test]
async fn one_address_inside_spoils_the_others() {
    let client =
        client(|_| Ok(vec!["8.8.8.8".parse().expect("v4"), "10.0.0.1".parse().expect("v4")]));
    let said = refusal(&client, "https://recordings.example.com/a.wav").await;
    assert!(said.contains("network inside"), "{said}");
}

/// The classic attack: the first answer is harmless, so that a check passes; the next leads inside.
#[tokio::test]
async fn a_name_that_changes_after_it_was_looked_at_leads_nowhere() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // Nobody listens at the first: only that it is tried matters.
    let client = client(move |_| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first { "192.88.99.1" } else { "127.0.0.1" };
        Ok(vec![address.parse().expect("v4")])
    });
    let url = "https://recordings.example.com:1/a.wav";
    let first = client.get(url, HeaderMap::new()).await.expect_err("nobody is there").to_string();
    assert!(!first.contains("this machine"), "{first}");
    let second = refusal(&client, url).await;
    assert!(second.contains("this machine"), "{second}");
    assert!(asked.load(Ordering::SeqCst) >= 2, "each connection is looked up anew");
}
