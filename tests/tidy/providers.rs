//! A provider is one file, listed by its family, shown in the example settings, and fed by recorded
//! payloads.

use crate::code::{bare, closed, named, tokens, word};
use crate::tree::{self, none, one};

struct Family {
    /// Folder below `src/providers`.
    folder: &'static str,
    table: Table,
    /// Whether `tests/fixtures/<name>/` holds what the service really sends.
    recorded: bool,
}

/// How the settings show a member of a family.
#[derive(Clone, Copy)]
enum Table {
    /// A table each: `[voice.retell]`.
    Each(&'static str),
    /// One table for the family that tells the member's name as its kind, or a table each.
    Shared(&'static str),
}

const FAMILIES: &[Family] = &[
    Family { folder: "voice", table: Table::Each("voice"), recorded: true },
    Family { folder: "calendar", table: Table::Each("calendar"), recorded: true },
    Family { folder: "crm", table: Table::Each("crm"), recorded: true },
    Family { folder: "storage", table: Table::Shared("archive"), recorded: false },
    Family { folder: "judge", table: Table::Shared("judge"), recorded: false },
    Family { folder: "mail", table: Table::Shared("mail"), recorded: false },
];

/// Files of a family that are no provider: path, reason.
const NO_PROVIDERS: &[(&str, &str)] = &[
    ("src/providers/storage/disk.rs", "the store that is always there, without a table"),
    ("src/providers/voice/json.rs", "reads fields for every provider of the family"),
    ("src/providers/voice/asking.rs", "what a provider can be asked for, the same for all"),
    ("src/providers/voice/family_tests.rs", "what holds for every member"),
    ("src/providers/voice/payload.rs", "what came, before and after its sender is proven"),
    ("src/providers/voice/proof_tests.rs", "what nobody has signed, against every member"),
    ("src/providers/voice/provision.rs", "what an agent should be set up to, the same for all"),
    ("src/providers/voice/rest.rs", "a request to a provider's API, the same for all"),
    ("src/providers/voice/said.rs", "what events and tools say, in words the same for all"),
    ("src/providers/voice/scene.rs", "holds a simulated call for every provider of the family"),
];

/// Names of the providers in a folder's paths.
fn members(folder: &str, paths: &[String]) -> Vec<String> {
    let prefix = format!("src/providers/{folder}/");
    let told = paths.iter().filter(|path| !NO_PROVIDERS.iter().any(|(known, _)| known == path));
    let inner = told.filter_map(|path| path.strip_prefix(&prefix));
    let files = inner.filter(|inner| inner.ends_with(".rs") && *inner != "mod.rs");
    let mut names: Vec<_> =
        files.map(|file| file.split(['/', '.']).next().unwrap_or(file).to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// What a family's `mod.rs` fails to say of one member.
fn listing_faults(path: &str, text: &str, member: &str) -> Vec<String> {
    let bare = bare(text);
    let tokens = tokens(&bare);
    let mut faults = Vec::new();
    let declares = |at| word(&tokens, at) == "mod" && word(&tokens, at + 1) == member;
    if !(0..tokens.len()).any(declares) {
        faults.push(format!("{path}:1: has no `mod {member};`: add it"));
    }
    let kinds = (0..tokens.len()).find(|at| {
        matches!(word(&tokens, *at), "const" | "static") && word(&tokens, at + 1) == "KINDS"
    });
    let Some(kinds) = kinds else {
        faults.push(format!("{path}:1: has no `const KINDS`: list the family's providers there"));
        return faults;
    };
    let mut end = kinds;
    while !matches!(word(&tokens, end), ";" | "") {
        end = if matches!(word(&tokens, end), "[" | "(" | "{") {
            closed(&tokens, end)
        } else {
            end + 1
        };
    }
    if !tokens[kinds..end.min(tokens.len())].iter().any(|token| token.text == member) {
        let line = tokens[kinds].line;
        faults.push(format!("{path}:{line}: KINDS has no line for `{member}`: add it"));
    }
    faults
}

/// A member that the example settings do not show.
fn shown_faults(path: &str, text: &str, (table, member): (Table, &str)) -> Vec<String> {
    let (Table::Each(family) | Table::Shared(family)) = table;
    let own = format!("[{family}.{member}]");
    let mut header = "";
    for line in text.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)) {
        header = if line.starts_with('[') { line } else { header };
        let shared = matches!(table, Table::Shared(_)) && header == format!("[{family}]");
        if header == own || (shared && line.contains(&format!("\"{member}\""))) {
            return Vec::new();
        }
    }
    let missing = match table {
        Table::Each(_) => format!("has no table `{own}`: add it, switched off by `# `"),
        Table::Shared(_) => format!("has no `{own}`, nor \"{member}\" in `[{family}]`: add it"),
    };
    vec![format!("{path}:1: {missing}")]
}

/// Providers that name one another: `others` are the family and name of each.
fn apart_faults(path: &str, text: &str, others: &[(&str, String)]) -> Vec<String> {
    let own: Vec<_> = path.trim_start_matches("src/").trim_end_matches(".rs").split('/').collect();
    let [_, family, member, ..] = own[..] else {
        return Vec::new();
    };
    if member == "mod" {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for named in named(text) {
        let climbs = named.path.iter().take_while(|part| *part == "super").count();
        let mut place: Vec<&str> = match named.path[0].as_str() {
            "crate" => Vec::new(),
            "super" => {
                own[..own.len().saturating_sub(climbs.saturating_sub(named.inside))].to_vec()
            }
            _ => continue,
        };
        place.extend(named.path.iter().skip(climbs.max(1)).map(String::as_str));
        let [_, other_family, other, ..] = place[..] else {
            continue;
        };
        let known = others.iter().any(|(f, m)| *f == other_family && m == other);
        if known && (other_family, other) != (family, member) {
            let (line, text) = (named.line, named.text());
            faults.push(format!(
                "{path}:{line}: `{text}` names another provider: move what both need to the family"
            ));
        }
    }
    faults
}

#[test]
fn every_provider_is_listed_shown_and_recorded() {
    let paths = tree::paths("src/providers");
    let example = tree::read("config.toml.example").unwrap_or_default();
    let mut faults = Vec::new();
    for family in FAMILIES {
        let listing = format!("src/providers/{}/mod.rs", family.folder);
        let text = tree::read(&listing).unwrap_or_default();
        for member in members(family.folder, &paths) {
            faults.extend(listing_faults(&listing, &text, &member));
            faults.extend(shown_faults("config.toml.example", &example, (family.table, &member)));
            let fixtures = format!("tests/fixtures/{member}");
            if family.recorded && tree::paths(&fixtures).is_empty() {
                faults
                    .push(format!("{fixtures}:1: is empty: add payloads, people's data replaced"));
            }
        }
    }
    none(&faults);
}

#[test]
fn providers_never_name_each_other() {
    let paths = tree::paths("src/providers");
    let named = |family: &Family| {
        let folder = family.folder;
        members(folder, &paths).into_iter().map(move |member| (folder, member))
    };
    let all: Vec<_> = FAMILIES.iter().flat_map(named).collect();
    let files = tree::texts("src/providers", &[".rs"]);
    none(&tree::each(&files, |path, text| apart_faults(path, text, &all)));
}

#[test]
fn a_planted_provider_that_nobody_lists_is_found() {
    let paths = ["voice/mod.rs", "voice/retell.rs", "voice/vapi/mod.rs", "crm/hubspot.rs"];
    let paths = paths.map(|path| format!("src/providers/{path}"));
    assert_eq!(members("voice", &paths), ["retell", "vapi"]);
    let family = "mod retell;\nmod vapi;\n\
                  pub const KINDS: [Kind; 1] = [\n    retell::KIND,\n];\nuse vapi::X;";
    none(&listing_faults("mod.rs", family, "retell"));
    one(&listing_faults("mod.rs", family, "vapi"), "mod.rs:3: KINDS has no line for `vapi`");
    one(
        &listing_faults("mod.rs", "pub const KINDS: &[Kind] = &[exotel::KIND];", "exotel"),
        "no `mod",
    );
    one(&listing_faults("mod.rs", "mod exotel;", "exotel"), "no `const KINDS`");
}

#[test]
fn a_planted_provider_that_the_example_does_not_show_is_found() {
    let example = "[server]\n# [voice.retell]\n# api_keys = []\n\
                   [archive]\nkind = \"disk\"\n# kind = \"s3\"\n";
    none(&shown_faults("e", example, (Table::Each("voice"), "retell")));
    none(&shown_faults("e", example, (Table::Shared("archive"), "s3")));
    one(&shown_faults("e", example, (Table::Each("voice"), "vapi")), "no table `[voice.vapi]`");
    one(&shown_faults("e", example, (Table::Shared("archive"), "tape")), "nor \"tape\"");
    one(&shown_faults("e", example, (Table::Shared("mail"), "disk")), "nor \"disk\"");
}

#[test]
fn a_planted_provider_that_names_another_is_found() {
    let all = [("voice", "vapi".into()), ("voice", "retell".into()), ("crm", "hubspot".into())];
    let faults = |text| apart_faults("src/providers/voice/retell.rs", text, &all);
    one(
        &faults("use super::vapi::Event;"),
        "src/providers/voice/retell.rs:1: `super::vapi::Event`",
    );
    one(&faults("mod tests { use super::super::vapi; }"), "names another");
    one(&faults("fn f() { crate::providers::crm::hubspot::f() }"), "names another");
    none(&faults("use super::{Voice, Verified}; use crate::providers::error::Error;"));
    none(&faults("mod tests { use super::*; use crate::providers::voice::retell::KIND; }"));
    none(&apart_faults(
        "src/providers/voice/mod.rs",
        "use self::vapi::X; use super::voice::vapi;",
        &all,
    ));
}
