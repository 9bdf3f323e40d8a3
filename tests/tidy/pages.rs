//! The pages that people read first are there, say how to begin, and link to what exists.

use crate::tree::{self, File, none, one};

const PAGES: &[&str] =
    &["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"];

/// What the first lines of the README show.
const FIRST_STEPS: &[&str] = &["cargo run --release -- demo", "tests/run"];

const FIRST_LINES: usize = 40;

fn first_steps_faults(path: &str, text: &str) -> Vec<String> {
    let beginning: Vec<_> = text.lines().take(FIRST_LINES).collect();
    let missing =
        FIRST_STEPS.iter().filter(|step| !beginning.iter().any(|line| line.contains(*step)));
    let told = missing.map(|step| format!("{path}:1: show `{step}` within {FIRST_LINES} lines"));
    told.collect()
}

/// Relative links of a page to files that `exists` does not know.
fn link_faults(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let (mut faults, mut fenced) = (Vec::new(), false);
    for (at, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for target in targets(line) {
            let file = target.split(['#', '?']).next().unwrap_or_default();
            let outside = target.contains("://") || target.starts_with("mailto:");
            if !file.is_empty() && !outside && !exists(&beside(path, file)) {
                faults.push(format!("{path}:{}: links to `{target}`, which is not there", at + 1));
            }
        }
    }
    faults
}

/// Targets of the links on a line, inline code left out.
fn targets(line: &str) -> Vec<String> {
    let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
    let links = text.match_indices("](").map(|(at, _)| &text[at + 2..]);
    let inline = links.filter_map(|rest| rest.split([')', ' ']).next());
    let reference = text.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let reference = reference.and_then(|(_, rest)| rest.split_whitespace().next());
    inline.chain(reference).map(|target| target.trim_matches(['<', '>']).to_owned()).collect()
}

/// The path that `target` means on the page at `path`.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<_> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn the_pages_are_there() {
    let there = |page: &&&str| tree::root().join(page).is_file();
    let missing: Vec<_> = PAGES.iter().filter(|page| !there(page)).collect();
    let told: Vec<_> =
        missing.iter().map(|page| format!("{page}:1: is missing: write it")).collect();
    none(&told);
}

#[test]
fn the_readme_begins_with_the_first_steps() {
    none(&first_steps_faults("README.md", &tree::read("README.md").unwrap_or_default()));
}

#[test]
fn pages_link_to_what_exists() {
    let exists = |path: &str| tree::root().join(path).exists();
    let faults = |page: &File| link_faults(&page.path, &page.text, exists);
    none(&tree::texts("", &[".md"]).iter().flat_map(faults).collect::<Vec<_>>());
}

#[test]
fn planted_faults_of_pages_are_found() {
    one(&first_steps_faults("README.md", "# x\ntests/run\n"), "show `cargo run --release -- demo`");
    let late = format!("cargo run --release -- demo\n{}tests/run\n", "\n".repeat(40));
    one(&first_steps_faults("README.md", &late), "show `tests/run`");
    let exists = |path: &str| matches!(path, "docs/a.md" | "src/main.rs");
    let good = "[a](a.md#part) [b](../src/main.rs) [c](https://x.test/) [d](#here) `[e](f)`\n\
                ```\n[g](h)\n```\n[i]: a.md";
    none(&link_faults("docs/b.md", good, exists));
    one(
        &link_faults("docs/b.md", "x\n[a](b.md \"title\")", exists),
        "docs/b.md:2: links to `b.md`",
    );
    one(&link_faults("docs/b.md", "[i]: ../a.md", exists), "`../a.md`");
}
