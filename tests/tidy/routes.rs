//! One route table: a router is built there and nowhere else, and no entry lacks a policy.

use crate::code::{bare, closed, is_word, named, tokens, word};
use crate::tree::{self, each, none, one};

const TABLE: &str = "src/web/route.rs";

/// Methods that add a route to a router.
const ADDING: &[&str] = &["route", "route_service", "nest_service"];

/// A router built outside the table.
fn router_faults(path: &str, text: &str) -> Vec<String> {
    if path == TABLE {
        return Vec::new();
    }
    let built = named(text)
        .into_iter()
        .filter(|named| named.path.ends_with(&["Router".into(), "new".into()]));
    let built = built.map(|named| (named.line, named.text()));
    let bare = bare(text);
    let tokens = tokens(&bare);
    let adds = |at: &usize| {
        word(&tokens, *at) == "."
            && ADDING.contains(&word(&tokens, at + 1))
            && word(&tokens, at + 2) == "("
    };
    let added = (0..tokens.len()).filter(adds);
    let added = added.map(|at| (tokens[at].line, format!(".{}(", tokens[at + 1].text)));
    let told = built.chain(added).map(|(line, what)| {
        format!("{path}:{line}: `{what}`: add an entry with its policy to {TABLE} instead")
    });
    told.collect()
}

/// A literal of `Route` without its policy.
fn policy_faults(path: &str, text: &str) -> Vec<String> {
    let bare = bare(text);
    let tokens = tokens(&bare);
    let mut faults = Vec::new();
    for at in (0..tokens.len()).filter(|at| word(&tokens, *at) == "Route") {
        let open = at + 1;
        let field =
            is_word(word(&tokens, open + 1)) && matches!(word(&tokens, open + 2), ":" | ",");
        let declares = at > 0 && matches!(word(&tokens, at - 1), "struct" | "enum" | "union");
        if word(&tokens, open) != "{" || !field || declares {
            continue;
        }
        let end = closed(&tokens, open) - 1;
        let (mut place, mut has_policy) = (open + 1, false);
        while place < end {
            has_policy |= word(&tokens, place) == "policy"
                && matches!(word(&tokens, place + 1), ":" | "," | "}");
            place = if matches!(word(&tokens, place), "(" | "[" | "{") {
                closed(&tokens, place)
            } else {
                place + 1
            };
        }
        let pattern = word(&tokens, end - 1) == "." && word(&tokens, end - 2) == ".";
        if !has_policy && !pattern {
            let line = tokens[at].line;
            faults
                .push(format!("{path}:{line}: this `Route` has no `policy:`: say who may call it"));
        }
    }
    faults
}

#[test]
fn a_router_is_built_in_the_route_table_alone() {
    none(&each(&tree::sources(), router_faults));
}

#[test]
fn every_route_has_a_policy() {
    let table = tree::texts("src/web", &["/route.rs", "/table.rs"]);
    none(&each(&table, policy_faults));
}

#[test]
fn a_planted_second_router_is_found() {
    let faults = |text| router_faults("src/web/mcp/mod.rs", text);
    one(&faults("\nlet r = axum::Router::new();"), "src/web/mcp/mod.rs:2: `axum::Router::new`");
    one(&faults("let r = r\n    .route(\"/x\", get(x));"), "mod.rs:2: `.route(`");
    none(&faults("// Router::new\nlet a = request.route; let b = route(c); let d = \".route(\";"));
    none(&router_faults(TABLE, "Router::new().route(\"/x\", x)"));
}

#[test]
fn a_planted_route_without_a_policy_is_found() {
    let table = "struct Route { method: Method, path: P }\n\
                 impl Route { fn f() {} }\nfn g() -> Route { todo(a, b) }\n\
                 const T: &[Route] = &[\n\
                 Route { method: GET, policy: Policy { who: ANY }, path: \"/a\" },\n\
                 Route { method: GET, path: \"/b\", handler: f(Policy { policy: 1 }) },\n\
                 Route { method, policy },\n];\n\
                 fn h(r: &Route) { let Route { method, .. } = r; }";
    one(&policy_faults(TABLE, table), "src/web/route.rs:6: this `Route` has no `policy:`");
}
