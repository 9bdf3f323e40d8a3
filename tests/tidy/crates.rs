//! One owner an outside crate: what a file may name of what it did not write.

use crate::code::named;
use crate::tree::{self, each, none, one};

/// Where a crate may be named, or may not. An area is a folder or a file of `src`, without `.rs`.
enum Rule {
    Only(&'static [&'static str]),
    Never(&'static [&'static str]),
}

const OWNERS: &[(&str, Rule)] = &[
    ("rusqlite", Rule::Only(&["store"])),
    ("refinery", Rule::Only(&["store"])),
    ("reqwest", Rule::Only(&["net"])),
    ("axum", Rule::Only(&["web"])),
    ("hyper", Rule::Only(&["web", "tls"])),
    ("hyper_util", Rule::Only(&["web", "tls"])),
    ("maud", Rule::Only(&["web/dashboard"])),
    ("object_store", Rule::Only(&["providers/storage"])),
    ("symphonia", Rule::Only(&["audio"])),
    ("lettre", Rule::Only(&["providers/mail"])),
    ("rustix", Rule::Only(&["store/space"])),
    ("rustls", Rule::Only(&["tls"])),
    ("tokio_rustls", Rule::Only(&["tls"])),
    ("instant_acme", Rule::Only(&["tls"])),
    ("figment", Rule::Only(&["config"])),
    ("toml_edit", Rule::Only(&["config"])),
    ("notify", Rule::Only(&["config"])),
    ("aes_gcm", Rule::Only(&["crypto"])),
    ("argon2", Rule::Only(&["crypto"])),
    ("jsonwebtoken", Rule::Only(&["crypto"])),
    ("aws_lc_rs", Rule::Only(&["crypto"])),
    ("getrandom", Rule::Only(&["clock"])),
    ("rlibphonenumber", Rule::Only(&["domain/contact"])),
    ("email_address", Rule::Only(&["domain/contact"])),
    ("icalendar", Rule::Only(&["web/feeds"])),
    ("csv", Rule::Only(&["web/api/export"])),
    ("multer", Rule::Only(&["providers/voice/exotel"])),
    ("prometheus_client", Rule::Only(&["web/metrics"])),
    ("serde_path_to_error", Rule::Only(&["web/json"])),
    ("clap", Rule::Only(&["cmd", "main"])),
    ("anyhow", Rule::Only(&["cmd", "main"])),
    ("serde_json", Rule::Never(&["domain"])),
    ("http", Rule::Never(&["domain", "store"])),
    ("tokio", Rule::Never(&["domain", "config", "crypto"])),
];

/// What `domain` may name of other people's work. All it does is a function of its inputs.
const DOMAIN: &[&str] = &["serde", "thiserror", "jiff", "uuid", "rlibphonenumber", "email_address"];

/// Crates named where another area owns them.
fn owner_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for named in named(text) {
        let Some((krate, rule)) = OWNERS.iter().find(|(krate, _)| named.path[0] == *krate) else {
            continue;
        };
        let at = |areas: &[&str]| areas.iter().any(|area| within(path, area));
        let told = match rule {
            Rule::Only(areas) if !at(areas) => format!("belongs to {}", areas.join(", ")),
            Rule::Never(areas) if at(areas) => format!("is kept out of {}", areas.join(", ")),
            Rule::Only(_) | Rule::Never(_) => continue,
        };
        faults.push(format!(
            "{path}:{}: `{krate}` {told}: call a function of the layer that owns the work",
            named.line
        ));
    }
    faults
}

/// Crates other than the few that `domain` may name.
fn domain_faults(path: &str, text: &str, dependencies: &[String]) -> Vec<String> {
    if !within(path, "domain") {
        return Vec::new();
    }
    let outside = named(text).into_iter().filter(|named| {
        let head = named.path[0].as_str();
        dependencies.iter().any(|name| name == head) && !DOMAIN.contains(&head)
    });
    let told = outside.map(|named| {
        let (line, krate, may) = (named.line, &named.path[0], DOMAIN.join(", "));
        format!("{path}:{line}: `{krate}`: `domain` may name {may}: pass in what it should know")
    });
    told.collect()
}

fn within(path: &str, area: &str) -> bool {
    let rest = path.strip_prefix("src/").and_then(|inner| inner.strip_prefix(area));
    rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Names under `[dependencies]` of the manifest, as code writes them.
fn dependencies(manifest: &str) -> Vec<String> {
    let (mut names, mut inside) = (Vec::new(), false);
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            inside = table.trim_end_matches(']').ends_with("dependencies")
                && !table.contains("dev-dependencies");
        } else if inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.push(name.trim().trim_matches('"').replace('-', "_"));
        }
    }
    names.retain(|name| !name.starts_with('#'));
    names
}

#[test]
fn outside_crates_are_named_only_by_their_owners() {
    none(&each(&tree::sources(), owner_faults));
}

#[test]
fn the_domain_names_few_outside_crates() {
    let dependencies = dependencies(&tree::read("Cargo.toml").expect("Cargo.toml is text"));
    assert!(dependencies.iter().any(|name| name == "serde"), "Cargo.toml: no [dependencies] found");
    none(&each(&tree::sources(), |path, text| domain_faults(path, text, &dependencies)));
}

#[test]
fn a_planted_runtime_in_the_domain_is_found() {
    let file = "//! A rule.\nuse tokio::time::sleep;\n";
    one(&owner_faults("src/domain/retry.rs", file), "src/domain/retry.rs:2: `tokio` is kept out");
    let dependencies = dependencies(
        "[dependencies]\nfutures-util = \"1\"\nserde = \"1\"\n[dev-dependencies]\nproptest = \"1\"",
    );
    assert_eq!(dependencies, ["futures_util", "serde"]);
    let file = "use serde::Serialize;\nuse proptest::prop;\nfn f() { futures_util::x() }";
    one(&domain_faults("src/domain/retry.rs", file, &dependencies), "retry.rs:3: `futures_util`");
    none(&domain_faults("src/app/calls.rs", file, &dependencies));
}

#[test]
fn a_planted_query_in_a_handler_is_found() {
    let file = "use axum::Json;\nfn f(c: &rusqlite::Connection) { self.rusqlite(); }\n";
    one(&owner_faults("src/web/api/calls.rs", file), "src/web/api/calls.rs:2: `rusqlite` belongs");
    none(&owner_faults("src/store/calls.rs", "use rusqlite::{Connection, params};"));
    one(&owner_faults("src/storefront.rs", "use rusqlite;"), "belongs to store");
    one(&owner_faults("src/web/pages.rs", "use maud::html;"), "belongs to web/dashboard");
    none(&owner_faults("src/web/dashboard/pages.rs", "use maud::html;"));
    none(&owner_faults("src/clock.rs", "getrandom::fill(&mut bytes);"));
    none(&owner_faults("src/main.rs", "fn main() -> anyhow::Result<()> {}"));
    none(&owner_faults(
        "src/app/calls.rs",
        "// rusqlite::x\nlet a = \"rusqlite::x\"; sd::notify::x();",
    ));
}
