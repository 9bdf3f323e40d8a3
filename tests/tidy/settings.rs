//! The example settings: `## ` is prose, a single `# ` a setting switched off, the rest in force.

use crate::code::line_at;
use crate::tree::{self, none, one};

const EXAMPLE: &str = "config.toml.example";

/// Lines that are neither prose, nor a setting, nor a setting switched off.
fn comment_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let strange = match line.trim_start().strip_prefix('#') {
            None => false,
            Some(_) if line.starts_with(char::is_whitespace) => true,
            Some(rest) => {
                let prose = rest == "#" || rest.starts_with("# ");
                let switched_off = rest.strip_prefix(' ').is_some_and(|off| off.trim() != "");
                !prose && !switched_off
            }
        };
        if strange {
            faults.push(format!(
                "{path}:{}: begin prose with `## ` and a switched-off setting with `# `",
                at + 1
            ));
        }
    }
    faults
}

/// The same lines with every setting in force.
fn switched_on(text: &str) -> String {
    let lines = text.lines().map(|line| if line.starts_with("##") { "" } else { line });
    let lines = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Where the text is no TOML.
fn parse_faults(path: &str, text: &str) -> Vec<String> {
    let Err(error) = toml::from_str::<toml::Table>(text) else {
        return Vec::new();
    };
    let line = line_at(text, error.span().map_or(0, |span| span.start));
    vec![format!("{path}:{line}: {}: mend the line", error.message())]
}

fn example() -> String {
    tree::read(EXAMPLE).unwrap_or_else(|| panic!("{EXAMPLE}:1: is missing: write every setting"))
}

#[test]
fn the_example_settings_are_prose_settings_or_switched_off() {
    none(&comment_faults(EXAMPLE, &example()));
}

#[test]
fn the_example_settings_parse_as_they_stand() {
    none(&parse_faults(EXAMPLE, &example()));
}

#[test]
fn the_example_settings_parse_with_everything_switched_on() {
    none(&parse_faults(EXAMPLE, &switched_on(&example())));
}

#[test]
fn planted_faults_of_the_example_are_found() {
    let text =
        "## Where it listens.\n##\n[server]\n# listen = \"a\"\n\n# [voice.retell]\n# keys = [1]\n";
    none(&comment_faults("e", text));
    none(&parse_faults("e", &switched_on(text)));
    assert!(switched_on(text).contains("\n[voice.retell]\nkeys = [1]"));
    one(&comment_faults("e", "a = 1\n#b = 2\n"), "e:2: begin prose");
    one(&comment_faults("e", "###\n"), "e:1");
    one(&comment_faults("e", "  # b = 2\n"), "e:1");
    one(&parse_faults("e", &switched_on("a = 1\n# a = 2\n")), "e:2: duplicate key");
    one(&parse_faults("e", &switched_on("a = 1\n# prose by mistake\n")), "e:2");
}
