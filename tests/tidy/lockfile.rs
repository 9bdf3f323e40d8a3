//! What the build stands on: crates that are refused, crates that must not be there twice, and how
//! many there are.

use crate::tree::{self, none, one};

const MOST_PACKAGES: usize = 430;

/// Name, beginning of the version, reason.
const REFUSED: &[(&str, &str, &str)] = &[
    ("openssl", "", "one TLS stack, rustls"),
    ("openssl-sys", "", "one TLS stack, rustls"),
    ("native-tls", "", "one TLS stack, rustls"),
    ("time", "0.1.", "RUSTSEC-2020-0071"),
    ("atomic-polyfill", "", "RUSTSEC-2023-0089"),
    ("acme-lib", "", "needs OpenSSL and time 0.1"),
];

/// Two of one would be two TLS stacks, two crypto libraries or two copies of SQLite in a process.
const SINGLE: &[&str] = &["rustls", "aws-lc-rs", "rusqlite", "libsqlite3-sys"];

struct Package<'a> {
    name: &'a str,
    version: &'a str,
    line: usize,
}

fn packages(lock: &str) -> Vec<Package<'_>> {
    let mut packages: Vec<Package<'_>> = Vec::new();
    for (at, line) in lock.lines().enumerate() {
        let value =
            |key: &str| line.strip_prefix(key).map(|rest| rest.trim_matches(['"', ' ', '=']));
        if line == "[[package]]" {
            packages.push(Package { name: "", version: "", line: at + 2 });
        } else if let Some(package) = packages.last_mut() {
            package.name = value("name = ").unwrap_or(package.name);
            package.version = value("version = ").unwrap_or(package.version);
        }
    }
    packages
}

fn lock_faults(path: &str, lock: &str) -> Vec<String> {
    let packages = packages(lock);
    let mut faults = Vec::new();
    for Package { name, version, line } in &packages {
        let refused = REFUSED.iter().find(|(n, v, _)| n == name && version.starts_with(v));
        if let Some((.., reason)) = refused {
            faults.push(format!(
                "{path}:{line}: {name} {version} is refused ({reason}): find out with \
                 `cargo tree -i {name}` who wants it, and leave that out"
            ));
        }
    }
    for single in SINGLE {
        let found: Vec<_> = packages.iter().filter(|package| package.name == *single).collect();
        if found.len() != 1 {
            let line = found.last().map_or(1, |package| package.line);
            let versions: Vec<_> = found.iter().map(|package| package.version).collect();
            let versions = versions.join(", ");
            faults.push(format!(
                "{path}:{line}: {single} must be there once, versions: {versions}: \
                 move its users together"
            ));
        }
    }
    if packages.len() > MOST_PACKAGES {
        let count = packages.len();
        faults.push(format!("{path}:1: {count} packages, {MOST_PACKAGES} may be: leave one out"));
    }
    faults
}

#[test]
fn the_build_stands_on_few_crates_and_on_none_that_is_refused() {
    none(&lock_faults("Cargo.lock", &tree::read("Cargo.lock").expect("Cargo.lock is text")));
}

#[test]
fn planted_crates_are_found() {
    let package = |name: &str, version: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n")
    };
    let sound: String = SINGLE.iter().map(|name| package(name, "1.0.0")).collect();
    let with =
        |name: &str, version: &str| lock_faults("l", &format!("{sound}{}", package(name, version)));
    none(&with("time", "0.3.47"));
    none(&with("ring", "0.17.14"));
    one(&with("time", "0.1.45"), "l:18: time 0.1.45 is refused (RUSTSEC-2020-0071)");
    one(&with("openssl-sys", "0.9.1"), "is refused");
    one(&with("rustls", "0.24.0"), "rustls must be there once, versions: 1.0.0, 0.24.0");
    one(&lock_faults("l", &sound.replace("rusqlite", "else")), "rusqlite must be there once");
    let many: String = (0..430).map(|n| package(&format!("crate-{n}"), "1.0.0")).collect();
    one(&lock_faults("l", &format!("{sound}{many}")), "l:1: 434 packages");
}
