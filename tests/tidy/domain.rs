//! The domain decides and waits for nothing: no `async`, no clock of its own.

use crate::code::{bare, named, tokens};
use crate::layers::layer_of;
use crate::tree::{self, each, none, one};

const CLOCKS: &[&str] = &["SystemTime", "Timestamp", "Zoned", "Instant"];

/// Waiting, and reading of a clock, in a file of `domain`.
fn purity_faults(path: &str, text: &str) -> Vec<String> {
    if layer_of(path) != Some("domain") {
        return Vec::new();
    }
    let bare = bare(text);
    let waits = tokens(&bare).into_iter().filter(|token| matches!(token.text, "async" | "await"));
    let waits = waits.map(|token| {
        format!("{path}:{}: `{}`: a rule waits for nothing: wait in `app`", token.line, token.text)
    });
    let reads = named(text).into_iter().filter(|named| {
        named.path.windows(2).any(|pair| CLOCKS.contains(&pair[0].as_str()) && pair[1] == "now")
    });
    let reads = reads.map(|named| {
        format!("{path}:{}: `{}`: take `now` as an argument", named.line, named.text())
    });
    waits.chain(reads).collect()
}

#[test]
fn the_domain_waits_for_nothing_and_reads_no_clock() {
    none(&each(&tree::sources(), purity_faults));
}

#[test]
fn planted_waiting_and_clocks_in_the_domain_are_found() {
    one(&purity_faults("src/domain/a.rs", "\nasync fn f() {}"), "src/domain/a.rs:2: `async`");
    one(&purity_faults("src/domain/a.rs", "fn f() { g().await }"), "`await`");
    one(&purity_faults("src/domain/a.rs", "let t = jiff::Timestamp::now();"), "take `now`");
    one(&purity_faults("src/domain/a.rs", "let t = std::time::Instant::now;"), "take `now`");
    none(&purity_faults(
        "src/domain/a.rs",
        "// async\nlet awaited = \"await\"; let t = clock.now();",
    ));
    none(&purity_faults("src/app/a.rs", "async fn f() { jiff::Zoned::now() }"));
}
