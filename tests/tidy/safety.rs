//! Comparisons that leak time and statements that are put together from text.

use crate::code::{bare, is_word, line_at, parts, tokens, uncommented, word};
use crate::layers::layer_of;
use crate::tree::{self, each, none, one};

/// Words for values that prove who sent something.
const PROOFS: &[&str] = &["mac", "hmac", "signature", "digest", "tag"];

/// Comparisons that may stand: path, part of the line, reason.
const COMPARED: &[(&str, &str, &str)] = &[(
    "src/providers/voice/payload.rs",
    "(sha256 == *digest)",
    "kept bytes against the digest kept with them: neither is a secret, no sender waits for it",
)];

/// Statements that may be put together: path, part of the statement, reason.
const COMPOSED: &[(&str, &str, &str)] = &[];

/// `==` and `!=` on a line that speaks of a proof. Lengths and literals are no secret.
fn comparison_faults(path: &str, text: &str) -> Vec<String> {
    if !matches!(layer_of(path), Some("crypto" | "providers")) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let bare = bare(text);
    for (at, (line, told)) in bare.lines().zip(text.lines()).enumerate() {
        let proof = tokens(line).iter().any(|token| {
            is_word(token.text)
                && parts(token.text).iter().any(|part| PROOFS.contains(&part.as_str()))
        });
        let exempt = COMPARED.iter().any(|(file, part, _)| *file == path && told.contains(part));
        if proof && !exempt && compares_bytes(line) {
            faults.push(format!(
                "{path}:{}: compare in constant time, with the verifying function of `crypto`",
                at + 1
            ));
        }
    }
    faults
}

fn compares_bytes(line: &str) -> bool {
    ["==", "!="].iter().any(|sign| {
        line.match_indices(sign).any(|(at, _)| {
            let (left, right) = (line[..at].trim_end(), line[at + 2..].trim_start());
            let length =
                left.ends_with(".len()") || right.starts_with(|c: char| c.is_ascii_digit());
            let literal = |side: &str| side.starts_with(['"', '\'']) || side.starts_with("b\"");
            !length && !literal(right) && !left.ends_with(['"', '\''])
        })
    })
}

/// `format!` whose text begins as a statement does.
fn statement_faults(path: &str, text: &str) -> Vec<String> {
    let (bare, told) = (bare(text), uncommented(text));
    let tokens = tokens(&bare);
    let mut faults = Vec::new();
    let formats = |at: &usize| word(&tokens, *at) == "format" && word(&tokens, at + 1) == "!";
    for at in (0..tokens.len()).filter(formats) {
        let Some(open) = tokens.get(at + 3).filter(|token| matches!(token.text, "\"" | "r")) else {
            continue;
        };
        let start = open.at + bare[open.at..].find('"').map_or(0, |quote| quote + 1);
        let end = bare[start..].find('"').map_or(bare.len(), |quote| start + quote);
        let literal = &told[start..end];
        let exempt = COMPOSED.iter().any(|(file, part, _)| *file == path && literal.contains(part));
        if begins_statement(literal) && !exempt {
            faults.push(format!(
                "{path}:{}: write the statement as a literal and bind what varies",
                line_at(text, start)
            ));
        }
    }
    faults
}

fn begins_statement(literal: &str) -> bool {
    let upper = literal.replace("\\n", " ").to_uppercase();
    let words: Vec<_> = upper.split_whitespace().take(2).collect();
    match words[..] {
        ["SELECT", _] | ["INSERT" | "REPLACE", "INTO" | "OR"] | ["DELETE", "FROM"] => true,
        ["UPDATE", _] => upper.contains(" SET "),
        _ => false,
    }
}

#[test]
fn proofs_are_compared_in_constant_time() {
    none(&each(&tree::sources(), comparison_faults));
}

#[test]
fn statements_are_literals() {
    none(&each(&tree::sources(), statement_faults));
}

#[test]
fn a_planted_comparison_of_macs_is_found() {
    let faults = |line| comparison_faults("src/providers/voice/retell.rs", line);
    one(
        &faults("\nif mac == expected {"),
        "src/providers/voice/retell.rs:2: compare in constant time",
    );
    one(&faults("if given != signing::Hmac(a) {"), "constant time");
    one(&faults("if body_digest[..] == *digest {"), "constant time");
    none(&faults("if signature.len() != LENGTH || tag == \"x\" || digest[0] == 4 {"));
    none(&faults("if stage == vantage { } // mac == mac"));
    none(&comparison_faults("src/web/hooks.rs", "if mac == expected {"));
}

#[test]
fn a_planted_statement_put_together_from_text_is_found() {
    let faults = |text| statement_faults("src/store/calls.rs", text);
    one(&faults("\nlet q = format!(\n    \"SELECT a FROM {t}\");"), "src/store/calls.rs:3: write");
    one(&faults("format!(r#\"\n  delete from {t}\"#)"), "src/store/calls.rs:1");
    one(&faults("format!(\"update {t} set a = 1\")"), "as a literal");
    one(&faults("format! {\"INSERT OR IGNORE INTO {t}\"}"), "as a literal");
    none(&faults(
        "let q = \"SELECT a FROM t\"; format!(\"update of {x} failed\"); format!(\"{a}\")",
    ));
}
