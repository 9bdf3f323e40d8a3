//! The tests that CONTRIBUTING.md names against the known risks are there.

use crate::tree::{self, none, one};

/// Where they are named.
const NAMED_IN: &str = "CONTRIBUTING.md";
/// How a row of a risk begins.
const ROW: &str = "| A";
/// Rows that there must be: the OWASP Top 10.
const ROWS: usize = 10;

/// Rows that are missing, and tests that no file has.
fn risk_faults(text: &str, sources: &[&str]) -> Vec<String> {
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with(ROW)).collect();
    let mut faults = Vec::new();
    if rows.len() != ROWS {
        faults.push(format!("{NAMED_IN}: {} risks are told of, not {ROWS}", rows.len()));
    }
    for row in rows {
        let tests: Vec<&str> =
            row.rsplit('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2).collect();
        if tests.is_empty() {
            faults.push(format!("{NAMED_IN}: no test is named in {row}"));
        }
        for test in tests {
            let begins = format!("fn {test}(");
            if !sources.iter().any(|source| source.contains(&begins)) {
                faults.push(format!("{NAMED_IN}: there is no test {test}"));
            }
        }
    }
    faults
}

#[test]
fn every_risk_has_tests_that_are_there() {
    let text = tree::read(NAMED_IN).expect("it is there");
    let (src, tests) = (tree::texts("src", &[".rs"]), tree::texts("tests", &[".rs"]));
    let sources: Vec<&str> = src.iter().chain(&tests).map(|file| file.text.as_str()).collect();
    none(&risk_faults(&text, &sources));
}

#[test]
fn planted_gaps_among_risks_are_found() {
    let row = |test: &str| format!("| A01 x | y | {test} |\n");
    let all = row("`holds`").repeat(ROWS);
    none(&risk_faults(&all, &["fn holds() {}"]));
    one(&risk_faults(&row("`holds`"), &["fn holds() {}"]), "1 risks");
    let gone = row("`holds`").repeat(ROWS - 1) + &row("`gone`");
    one(&risk_faults(&gone, &["fn holds() {}"]), "no test gone");
    let bare = row("`holds`").repeat(ROWS - 1) + &row("none");
    one(&risk_faults(&bare, &["fn holds() {}"]), "no test is named");
}
