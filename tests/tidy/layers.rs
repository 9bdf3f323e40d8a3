//! Who may name whom: the layers of `src`, in the order of `lib.rs`.

use crate::code::{self, named};
use crate::tree::{self, each, none, one};

/// Each layer, in order, and the layers it may name. Each names only layers above its own line.
pub const LAYERS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("domain", &[]),
    ("config", &["domain"]),
    ("crypto", &["domain"]),
    ("audio", &[]),
    ("store", &["domain", "crypto"]),
    ("net", &["clock", "domain", "config"]),
    ("providers", &["domain", "config", "crypto", "net"]),
    ("app", &["clock", "domain", "config", "crypto", "audio", "store", "net", "providers"]),
    ("jobs", &["clock", "domain", "config", "store", "app"]),
    ("tls", &["clock", "domain", "config", "store", "net"]),
    ("web", &["clock", "domain", "config", "app", "tls"]),
    ("telemetry", &["config"]),
    (
        "cmd",
        &[
            "clock",
            "domain",
            "config",
            "crypto",
            "audio",
            "store",
            "net",
            "providers",
            "app",
            "jobs",
            "tls",
            "web",
            "telemetry",
        ],
    ),
];

/// What is in `src` without being in a layer, and may name all of them.
const ABOVE_ALL: &[&str] = &["src/main.rs", "src/lib.rs"];

/// The layer a source file is in; none for `main.rs` and `lib.rs`.
pub fn layer_of(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/").filter(|_| !ABOVE_ALL.contains(&path))?;
    let first = inner.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// Names of other layers that the file's own layer may not know, and paths that climb out of it.
fn layer_faults(path: &str, text: &str) -> Vec<String> {
    let Some(layer) = layer_of(path) else {
        return Vec::new();
    };
    let Some((_, may_name)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        let known: Vec<_> = LAYERS.iter().map(|(name, _)| *name).collect();
        let known = known.join(" ");
        return vec![format!("{path}:1: is in no layer: put it into one of {known}")];
    };
    let mut faults = Vec::new();
    for named in named(text) {
        let place = format!("{path}:{}: `{}`", named.line, named.text());
        let from_crate = named.path[0] == "crate" && (named.import || named.path.len() > 1);
        let target = named.path.get(1).map_or("", String::as_str);
        if from_crate && !LAYERS.iter().any(|(name, _)| *name == target) {
            faults.push(format!("{place} names no layer: name the layer that has what is needed"));
        } else if from_crate && target != layer && !may_name.contains(&target) {
            let may = if may_name.is_empty() { "no other".into() } else { may_name.join(", ") };
            faults.push(format!(
                "{place}: `{layer}` may name {may}: move what both need into a lower layer"
            ));
        }
        let climbs = named.path.iter().filter(|part| *part == "super").count();
        if climbs > 0 && module_depth(path) + named.inside < climbs + 1 {
            faults.push(format!(
                "{place} climbs out of `{layer}`: write `crate::…` so that the layer can be seen"
            ));
        }
    }
    faults
}

/// Modules from the crate's root down to the file's own.
fn module_depth(path: &str) -> usize {
    let inner = path.trim_start_matches("src/");
    inner.split('/').count() - usize::from(inner.ends_with("/mod.rs"))
}

/// `mod` lines of `lib.rs` that are no layer or stand in another order than the table.
fn order_faults(path: &str, text: &str) -> Vec<String> {
    let bare = code::bare(text);
    let tokens = code::tokens(&bare);
    let (mut faults, mut reached) = (Vec::new(), 0);
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == "mod") {
        let module = code::word(&tokens, at + 1);
        match LAYERS.iter().position(|(layer, _)| *layer == module) {
            None => faults.push(format!(
                "{path}:{}: `{module}` is no layer: put it into one, or add its line to LAYERS in \
                 tests/tidy/layers.rs with a reason",
                token.line
            )),
            Some(place) if place < reached => faults.push(format!(
                "{path}:{}: `{module}` comes after `{}`: keep the order of LAYERS",
                token.line,
                LAYERS[reached - 1].0
            )),
            Some(place) => reached = place + 1,
        }
    }
    faults
}

/// What `main.rs` names of the library that is no layer.
fn main_faults(path: &str, text: &str) -> Vec<String> {
    let names = named(text).into_iter().filter(|named| named.path[0] == "frontdesk");
    let strange = names.filter(|named| {
        !LAYERS.iter().any(|(layer, _)| named.path.get(1).is_some_and(|part| part == layer))
    });
    let told = strange
        .map(|named| format!("{path}:{}: `{}` names no layer: name one", named.line, named.text()));
    told.collect()
}

#[test]
fn each_layer_names_only_layers_before_it() {
    for (place, (layer, may_name)) in LAYERS.iter().enumerate() {
        let before = &LAYERS[..place];
        let late: Vec<_> =
            may_name.iter().filter(|name| !before.iter().any(|(l, _)| l == *name)).collect();
        assert!(late.is_empty(), "tests/tidy/layers.rs: `{layer}` may name {late:?}, which follow");
    }
}

#[test]
fn no_layer_names_another_that_it_may_not_know() {
    none(&each(&tree::sources(), layer_faults));
}

#[test]
fn the_modules_of_the_library_stand_in_the_order_of_the_layers() {
    let library = tree::read("src/lib.rs").expect("src/lib.rs is text");
    none(&order_faults("src/lib.rs", &library));
}

#[test]
fn the_binary_names_layers_of_the_library() {
    let binary = tree::read("src/main.rs").expect("src/main.rs is text");
    none(&main_faults("src/main.rs", &binary));
}

#[test]
fn a_planted_name_of_a_forbidden_layer_is_found() {
    let web = "use crate::{app, store::calls};\n";
    one(&layer_faults("src/web/hooks.rs", web), "src/web/hooks.rs:1: `crate::store::calls`");
    one(&layer_faults("src/domain/call.rs", "fn f() { crate::clock::now() }"), "may name no other");
    one(&layer_faults("src/store/mod.rs", "use crate::*;"), "names no layer");
    one(&layer_faults("src/store/mod.rs", "use crate as all;"), "names no layer");
    one(&layer_faults("src/utils.rs", ""), "is in no layer");
    let own =
        "pub(crate) fn f(a: crate::app::A) {} // crate::store\nuse crate::domain::{ids, page};";
    none(&layer_faults("src/web/hooks.rs", own));
    none(&layer_faults("src/main.rs", "use crate::anything;"));
}

#[test]
fn a_planted_path_that_climbs_out_of_its_layer_is_found() {
    one(&layer_faults("src/web/hooks.rs", "use super::super::store;"), "climbs out of `web`");
    one(&layer_faults("src/clock.rs", "use super::store;"), "climbs out of `clock`");
    one(&layer_faults("src/web/mod.rs", "use super::{store};"), "climbs out of `web`");
    let within =
        "use super::body; mod tests { use super::super::body; } mod more { use super::*; }";
    none(&layer_faults("src/web/hooks.rs", within));
    none(&layer_faults("src/web/api/calls.rs", "use super::super::body;"));
    let after = "mod tests { }\nuse super::super::store;";
    one(&layer_faults("src/web/hooks.rs", after), "src/web/hooks.rs:2");
}

#[test]
fn a_planted_disorder_of_modules_is_found() {
    none(&order_faults("src/lib.rs", "pub mod clock;\npub mod store;\nmod cmd;"));
    one(&order_faults("src/lib.rs", "pub mod store;\npub mod clock;"), "src/lib.rs:2: `clock`");
    one(&order_faults("src/lib.rs", "pub mod utils;"), "is no layer");
    one(&main_faults("src/main.rs", "use frontdesk::{cmd, inner};"), "`frontdesk::inner`");
}
