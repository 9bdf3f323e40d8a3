//! The files of the tree, and how faults are told.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file: its path from the root of the tree, with `/`, and what it holds.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Where the tree begins.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of one file, if it is there and is text.
pub fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// Every text file below `folder` whose name ends in one of `endings`, in the order of their paths.
pub fn texts(folder: &str, endings: &[&str]) -> Vec<File> {
    paths(folder)
        .into_iter()
        .filter(|path| endings.iter().any(|ending| path.ends_with(ending)))
        .filter_map(|path| read(&path).map(|text| File { path, text }))
        .collect()
}

/// Every Rust file below `src`.
pub fn sources() -> Vec<File> {
    let files = texts("src", &[".rs"]);
    assert!(!files.is_empty(), "src:1: no Rust file was found, so no rule was tried");
    files
}

/// Every path below `folder` (the root when empty) that the tree does not ignore, sorted.
pub fn paths(folder: &str) -> Vec<String> {
    let ignored = ignored(&read(".gitignore").unwrap_or_default());
    let mut found = Vec::new();
    walk(&root().join(folder), folder, &ignored, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, prefix: &str, ignored: &[String], found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if skips(ignored, &path, &name) {
            continue;
        }
        // A link is not followed: what it points to is elsewhere in the tree, or not ours.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), &path, ignored, found),
            Ok(kind) if kind.is_file() => found.push(path),
            Ok(_) | Err(_) => {}
        }
    }
}

/// The plain patterns of `.gitignore`: a name, a path that begins with `/`, or `*.ending`.
fn ignored(gitignore: &str) -> Vec<String> {
    let patterns = gitignore.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let mut ignored = vec![String::from(".git"), String::from("/target")];
    ignored.extend(patterns.map(|line| line.trim_end_matches('/').to_owned()));
    ignored.retain(|pattern| !pattern.is_empty());
    ignored
}

fn skips(ignored: &[String], path: &str, name: &str) -> bool {
    ignored.iter().any(|pattern| {
        if let Some(anchored) = pattern.strip_prefix('/') {
            anchored == path
        } else if let Some(ending) = pattern.strip_prefix('*') {
            name.ends_with(ending)
        } else {
            pattern == name
        }
    })
}

/// Applies a rule to every file and joins what it found.
pub fn each(files: &[File], rule: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    files.iter().flat_map(|file| rule(&file.path, &file.text)).collect()
}

/// Fails with one line a fault.
#[track_caller]
pub fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} fault(s)\n{}\n", faults.len(), faults.join("\n"));
}

/// Fails unless exactly one fault was found and it tells `words`.
#[track_caller]
pub fn one(faults: &[String], words: &str) {
    assert_eq!(faults.len(), 1, "one fault was planted, found: {faults:?}");
    assert!(faults[0].contains(words), "{:?} does not tell {words:?}", faults[0]);
}

#[test]
fn what_git_ignores_is_not_walked() {
    let ignored = ignored("/scratch\n__pycache__/\n*.pyc\n# a note\n");
    assert!(skips(&ignored, "scratch", "scratch"));
    assert!(!skips(&ignored, "src/scratch", "scratch"));
    assert!(skips(&ignored, "tests/__pycache__", "__pycache__"));
    assert!(skips(&ignored, "tests/kill9.pyc", "kill9.pyc"));
    assert!(skips(&ignored, "target", "target"));
    assert!(!skips(&ignored, "src/main.rs", "main.rs"));
}
