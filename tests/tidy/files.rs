//! A file has one subject, a name that tells it, and a length one can read.

use crate::code::{bare, parts, tokens, word};
use crate::tree::{self, each, none, one};

const MOST_LINES: usize = 500;

/// Files that may be longer: path, reason.
const LONG: &[(&str, &str)] = &[];

/// Words that name no subject.
const EMPTY_WORDS: &[&str] = &["util", "utils", "helper", "helpers", "manager", "managers"];

fn length_faults(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if lines <= MOST_LINES || LONG.iter().any(|(long, _)| *long == path) {
        return Vec::new();
    }
    vec![format!(
        "{path}:{MOST_LINES}: has {lines} lines, {MOST_LINES} may be: split it by subject"
    )]
}

/// A file, folder or inline module whose name says nothing.
fn name_faults(path: &str, text: &str) -> Vec<String> {
    let empty = |name: &str| parts(name).iter().any(|part| EMPTY_WORDS.contains(&part.as_str()));
    let named = path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let files = named.filter(|name| empty(name)).map(|name| (1, name.to_owned()));
    let bare = bare(text);
    let tokens = tokens(&bare);
    let modules = tokens.iter().enumerate().filter(|(_, token)| token.text == "mod");
    let modules = modules.map(|(at, token)| (token.line, word(&tokens, at + 1).to_owned()));
    let modules = modules.filter(|(_, name)| empty(name));
    let told = files.chain(modules).map(|(line, name)| {
        format!("{path}:{line}: `{name}` names no subject: name it after what it is about")
    });
    told.collect()
}

#[test]
fn no_file_is_too_long_to_read() {
    let code = [".rs", ".py", ".sh"];
    for folder in ["src", "tests", "benches"] {
        none(&each(&tree::texts(folder, &code), length_faults));
    }
}

#[test]
fn every_module_is_named_after_its_subject() {
    none(&each(&tree::sources(), name_faults));
}

#[test]
fn planted_length_and_empty_names_are_found() {
    one(&length_faults("src/app/a.rs", &"\n".repeat(501)), "has 501 lines");
    none(&length_faults("src/app/a.rs", &"\n".repeat(500)));
    one(&name_faults("src/app/call_manager.rs", ""), "`call_manager`");
    one(&name_faults("src/helpers/a.rs", ""), "`helpers`");
    one(&name_faults("src/app/a.rs", "\nmod utils {}"), "src/app/a.rs:2: `utils`");
    none(&name_faults("src/app/managed.rs", "mod tests; // mod utils"));
}
