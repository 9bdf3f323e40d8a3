//! How SQLite means to answer each statement of the program: by walking an index, whatever the
//! number of rows. What looks at every row, or sorts, is named here with the reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::harness::Server;

/// Files whose statements no request and no job waits for.
const APART: [&str; 3] = ["bench", "migrate", "keyfile"];

/// How a statement begins, as a literal in the code.
const BEGINNINGS: [&str; 6] =
    ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"REPLACE ", "\"WITH "];

/// Steps that look at every row or sort: the file and function, the step, and why that may be.
const ALLOWED: [(&str, &str, &str, &str); 19] = [
    ("api_keys", "list", "USE TEMP B-TREE FOR ORDER BY", "a command shows a handful of keys"),
    ("privacy", "calls", "USE TEMP B-TREE FOR ORDER BY", OF_ONE),
    ("privacy", "anonymise", "USE TEMP B-TREE FOR ORDER BY", OF_ONE),
    ("privacy", "take_poison", "SCAN p", "what could not be read is little"),
    ("reconciled", "all", "SCAN reconciled", "one row a voice account"),
    ("audit", "verify", "SCAN audit_log", "a command looks at the whole trail"),
    ("audit", "checkpoints", "SCAN audit_checkpoints", "a command looks at the whole trail"),
    ("calls", "per_number", "USE TEMP B-TREE FOR GROUP BY", "the calls of one hour"),
    ("services", "skills", "USE TEMP B-TREE FOR ORDER BY", BY_NAME),
    ("staff", "skills", "USE TEMP B-TREE FOR ORDER BY", BY_NAME),
    (
        "businesses",
        "list",
        "SCAN businesses USING INDEX sqlite_autoindex_businesses_2",
        "a name is compared as people do, which no index of SQLite does; businesses are few",
    ),
    ("retention", "due", "SCAN inbox", "a command counts what would go"),
    ("retention", "purge_events", "SCAN jobs", "once a day; a job that is done is gone"),
    ("inbox", "old_fingerprints", "SCAN seen", "once an hour, and some at a time"),
    ("jobs", "release_leases", "SCAN jobs", "once, when the server starts"),
    ("jobs", "dead", "SCAN jobs USING INDEX jobs_dead", "the index holds only what is dead"),
    ("jobs", "retry", "SCAN jobs USING INDEX jobs_dead", "the index holds only what is dead"),
    ("jobs", "next_due", "SCAN jobs USING COVERING INDEX jobs_due", "the first of it and no more"),
    ("jobs", "next_due_of", "SCAN jobs USING INDEX jobs_due", "the first of it and no more"),
];
const OF_ONE: &str = "what is kept of one person is little, and is found in several ways";
const BY_NAME: &str = "a handful is put in the order of names when a set-up is loaded";

const ONE: &str = "PRIMARY KEY (id=?)";

/// By which index each statement of a function is answered, in the order of the code. Inserts are
/// left out: they look for nothing.
const WALKS: &[(&str, &str, &[&str])] = &[
    ("appointment_lists", "changes", &["appointment_changes_of_appointment (appointment_id=?)"]),
    ("appointment_lists", "rows", &["appointments_by_start (business_id=? AND (starts_at,id)>"]),
    (
        "appointments",
        "ahead_of_phone",
        &["appointments_by_phone (business_id=? AND customer_phone=? AND starts_at>?)"],
    ),
    ("appointments", "any_ahead", &["appointments_by_start (business_id=? AND starts_at>?)"]),
    (
        "appointments",
        "end_holds",
        &["appointments_held (held_until_at<?)", "appointments_held (held_until_at<?)"],
    ),
    ("appointments", "find", &[ONE]),
    ("appointments", "forget_holds", &["COVERING INDEX appointments_held (held_until_at<?)"]),
    ("appointments", "of_call", &["appointments_of_call (call_id=?)"]),
    ("appointments", "release_holds", &["appointments_of_call (call_id=?)"]),
    ("appointments", "remove_hold", &[ONE]),
    ("appointments", "update", &[ONE]),
    ("audit", "checkpoints", &["SCAN audit_checkpoints"]),
    ("audit", "end", &["PRIMARY KEY (which=?)"]),
    ("audit", "list", &["audit_of_business (business_id=? AND seq<?)"]),
    ("audit", "newest", &["INTEGER PRIMARY KEY (rowid>?)"]),
    (
        "audit",
        "purge",
        &[
            "INTEGER PRIMARY KEY (rowid>?)",
            "INTEGER PRIMARY KEY (rowid<?)",
            "INTEGER PRIMARY KEY (rowid<?)",
        ],
    ),
    ("audit", "sealed", &["PRIMARY KEY (which=?)"]),
    ("audit", "verify", &["SCAN audit_log"]),
    ("branches", "all", &["sqlite_autoindex_branches_2 (business_id=?)"]),
    ("branches", "remove", &[ONE]),
    ("branches", "update", &[ONE]),
    ("businesses", "agents", &["COVERING INDEX agents_of_business (business_id=?)"]),
    ("businesses", "list", &["INDEX sqlite_autoindex_businesses_2"]),
    ("businesses", "numbers", &["COVERING INDEX numbers_of_business (business_id=?)"]),
    (
        "businesses",
        "route",
        &["PRIMARY KEY (e164=?)", "PRIMARY KEY (account=? AND provider_agent_id=?)"],
    ),
    ("businesses", "show", &[ONE]),
    ("businesses", "update", &[ONE]),
    ("call_lists", "about", &["calls_of_property (property_id=? AND (created_at,id)<(?,?))"]),
    ("call_lists", "legs", &[ONE]),
    ("call_lists", "list", &["calls_recent (business_id=? AND (created_at,id)<(?,?))"]),
    ("call_lists", "show", &[ONE]),
    ("call_lists", "total", &["PRIMARY KEY (business_id=? AND noun=?)"]),
    (
        "call_lists",
        "with_outcome",
        &["calls_by_outcome (business_id=? AND outcome=? AND (created_at,id)<(?,?))"],
    ),
    ("call_names", "all", &["call_names_of_call (call_id=?)"]),
    (
        "call_names",
        "merge",
        &[
            "PRIMARY KEY (call_id=?)",
            "tool_calls_of_call (call_id=?)",
            "PRIMARY KEY (call_id=?)",
            "sqlite_autoindex_call_orders_2 (call_id=?)",
            "sqlite_autoindex_recordings_2 (call_id=?)",
            "sqlite_autoindex_recordings_2 (call_id=?)",
            "call_names_of_call (call_id=?)",
            "appointments_of_call (call_id=?)",
            "messages_of_call (call_id=?)",
            "waiting_of_call (call_id=?)",
            "PRIMARY KEY (call_id=?)",
            "PRIMARY KEY (call_id=?)",
            ONE,
            ONE,
        ],
    ),
    ("call_orders", "find", &[ONE]),
    ("call_orders", "set_state", &[ONE]),
    ("archive", "count", &["recordings_by_state (state=?)"]),
    ("archive", "count_in_store", &["recordings_by_store (store=?)"]),
    ("archive", "expirable", &["recordings_by_age (fetched_at<?)"]),
    ("archive", "expire", &["recordings_by_age (fetched_at<?)"]),
    ("archive", "in_state", &["recordings_by_state (state=? AND id>?)"]),
    ("archive", "in_store", &["recordings_by_store (store=? AND id>?)"]),
    (
        "archive",
        "list",
        &[
            "recordings_of_business_by_state (business_id=? AND state=? AND id<?)",
            "recordings_of_business (business_id=? AND id<?)",
        ],
    ),
    ("archive", "is_being_removed", &["removals_of_file (store=? AND key=?)"]),
    ("archive", "removal_failed", &["PRIMARY KEY (rowid=?)"]),
    ("archive", "removals", &["removals_due (due_at>?)"]),
    ("archive", "removals_due", &["removals_due (due_at<?)"]),
    ("archive", "removed", &["PRIMARY KEY (rowid=?)"]),
    ("calls", "announced_recording", &[ONE]),
    ("calls", "find", &["sqlite_autoindex_calls_2 (account=? AND provider_call_id=?)"]),
    ("calls", "claim_by_agent", &["calls_unclaimed (account=? AND provider_agent_id=?)"]),
    ("calls", "claim_by_number", &["calls_recent (business_id=?)"]),
    ("calls", "last_from", &["calls_from (business_id=? AND from_number=? AND created_at<?)"]),
    ("calls", "mark", &[ONE]),
    ("calls", "named", &[ONE]),
    ("calls", "note_recovered", &[ONE]),
    ("calls", "open_before", &["calls_by_account (account=? AND status=? AND created_at<?)"]),
    ("calls", "per_number", &["calls_recent (business_id=? AND created_at>? AND created_at<?)"]),
    ("calls", "put_turns", &["PRIMARY KEY (call_id=?)"]),
    ("calls", "turns", &["PRIMARY KEY (call_id=?)"]),
    (
        "customers",
        "alike",
        &[
            "customers_by_phone (business_id=? AND phone=?)",
            "customers_by_email (business_id=? AND email=?)",
        ],
    ),
    ("customers", "find", &[ONE]),
    ("customers", "list", &["customers_recent (business_id=? AND (created_at,id)<(?,?))"]),
    ("customers", "merge", &["appointments_of_customer (customer_id=?)", ONE]),
    ("customers", "update", &[ONE]),
    ("feeds", "all", &["feeds_of_business (business_id=?)"]),
    ("feeds", "find", &["sqlite_autoindex_feeds_2 (token_sha256=?)"]),
    ("feeds", "remove", &[ONE]),
    ("hours", "exception_ranges", &["exception_hours_of_business (business_id=?)"]),
    ("hours", "exceptions", &["exceptions_of_business (business_id=?)"]),
    ("hours", "of_branches", &["branch_hours_of_business (business_id=?)"]),
    ("hours", "of_staff", &["staff_hours_of_business (business_id=?)"]),
    ("hours", "remove_exception", &[ONE]),
    ("hours", "set_branch_hours", &["branch_hours_of_business (business_id=? AND branch_id=?)"]),
    ("idempotency", "find", &["PRIMARY KEY (business_id=? AND key=?)"]),
    ("idempotency", "forget", &["COVERING INDEX idempotency_keys_by_age (created_at<?)"]),
    ("messages", "count_of_call", &["messages_of_call (call_id=?)"]),
    ("messages", "find", &[ONE]),
    ("messages", "list", &["messages_recent (business_id=? AND (created_at,id)<(?,?))"]),
    ("messages", "set_done", &[ONE]),
    ("notices", "newest", &["notices_of_business (business_id=?)"]),
    ("offers", "find", &["PRIMARY KEY (call_id=? AND slot=?)"]),
    ("links", "find", &["PRIMARY KEY (sha256=?)"]),
    ("links", "forget", &["links_of_user (user_id=?)", "links_of_user (user_id=?)"]),
    ("links", "take_try", &["PRIMARY KEY (what=? AND who=?)"]),
    ("properties", "find", &[ONE]),
    ("properties", "list", &["properties_recent (business_id=? AND (created_at,id)<(?,?))"]),
    ("properties", "remove", &[ONE]),
    ("properties", "update", &[ONE]),
    ("services", "all", &["sqlite_autoindex_services_2 (business_id=?)"]),
    ("services", "branches", &["COVERING INDEX service_branches_of_business (business_id=?)"]),
    ("services", "remove", &[ONE]),
    ("services", "skills", &["COVERING INDEX service_skills_of_business (business_id=?)"]),
    ("services", "staff", &["COVERING INDEX service_staff_of_business (business_id=?)"]),
    (
        "services",
        "update",
        &[
            ONE,
            "service_skills_of_business (business_id=? AND service_id=?)",
            "service_staff_of_business (business_id=? AND service_id=?)",
            "service_branches_of_business (business_id=? AND service_id=?)",
        ],
    ),
    ("setups", "generation", &["PRIMARY KEY (business_id=?)"]),
    ("sessions", "add", &[ONE]),
    ("sessions", "end", &[ONE]),
    ("sessions", "end_all", &["sessions_of_user (user_id=?)"]),
    ("sessions", "end_own", &[ONE]),
    (
        "sessions",
        "forget",
        &[
            "sessions_end (idle_ends_at<?)",
            "links_expire (expires_at<?)",
            "tries_begun (begun_at<?)",
        ],
    ),
    ("sessions", "grant", &[ONE]),
    ("sessions", "grant_by_cookie", &["sqlite_autoindex_sessions_2 (secret_sha256=?)"]),
    ("sessions", "list", &["sessions_of_user (user_id=?)"]),
    (
        "sessions",
        "renew",
        &["PRIMARY KEY (sha256=?)", "sqlite_autoindex_sessions_2 (secret_sha256=?)", ONE],
    ),
    ("sessions", "used", &[ONE]),
    ("staff", "all", &["sqlite_autoindex_staff_2 (business_id=?)"]),
    ("staff", "given", &["sqlite_autoindex_staff_2 (business_id=?)"]),
    ("staff", "note_given", &[ONE]),
    ("staff", "places", &["staff_branches_of_business (business_id=?)"]),
    ("staff", "remove", &[ONE]),
    ("staff", "skills", &["COVERING INDEX staff_skills_of_business (business_id=?)"]),
    (
        "staff",
        "update",
        &[
            ONE,
            "staff_skills_of_business (business_id=? AND staff_id=?)",
            "staff_branches_of_business (business_id=? AND staff_id=?)",
        ],
    ),
    ("takings", "find", &[ONE]),
    ("takings", "takings_sql", &["PRIMARY KEY (business_id=? AND day>? AND day<?)"]),
    ("tool_calls", "deeds", &["tool_calls_of_call (call_id=?)"]),
    ("tool_calls", "count_reason", &["tool_calls_of_call (call_id=?)"]),
    ("tool_calls", "forget_replays", &["tool_calls_replayed (call_id=?)"]),
    ("tool_calls", "forget_replays_about", &["tool_calls_replayed (call_id=?)"]),
    ("tool_calls", "of_call", &["tool_calls_of_call (call_id=?)"]),
    (
        "tool_calls",
        "replay",
        &["tool_calls_replayed (call_id=? AND tool=? AND arguments_sha256=?)"],
    ),
    ("users", "accept_invitations", &["PRIMARY KEY (user_id=?)"]),
    ("users", "any", &["sqlite_autoindex_users_2 (email>?)"]),
    ("users", "by_email", &["sqlite_autoindex_users_2 (email=?)"]),
    ("users", "find", &[ONE]),
    ("users", "has_owner", &["memberships_of_business (business_id=?)"]),
    ("users", "leave", &["PRIMARY KEY (user_id=? AND business_id=?)"]),
    ("users", "list", &["sqlite_autoindex_users_2 (email>?)"]),
    ("users", "memberships", &["PRIMARY KEY (user_id=?)"]),
    ("users", "of_business", &["PRIMARY KEY (user_id=? AND business_id=?)"]),
    ("users", "people", &["memberships_of_business (business_id=?)"]),
    ("users", "set_disabled", &[ONE]),
    ("users", "set_password", &[ONE]),
    ("users", "set_recovery_codes", &["PRIMARY KEY (user_id=?)"]),
    ("users", "set_role", &["PRIMARY KEY (user_id=? AND business_id=?)"]),
    ("users", "set_totp", &[ONE]),
    ("users", "use_recovery_code", &["PRIMARY KEY (user_id=? AND sha256=?)"]),
    ("users", "use_totp", &[ONE]),
    ("waiting", "count", &["waiting_in_turn (business_id=? AND service_id=?)"]),
    ("waiting", "end_of_phone", &["waiting_in_turn (business_id=? AND service_id=?)"]),
    ("waiting", "find", &[ONE]),
    ("waiting", "in_turn", &["waiting_in_turn (business_id=? AND service_id=?)"]),
    ("waiting", "list", &["waiting_of_business (business_id=? AND (created_at,id)<(?,?))"]),
    ("waiting", "set_state", &[ONE]),
    ("waiting", "set_window", &[ONE]),
];

/// A statement, and where in `src/store` it stands.
struct Statement {
    file: String,
    function: String,
    at: usize,
    sql: String,
}

impl Statement {
    /// What has a plan: an insert looks for nothing. The scans that SQLite names for one are made
    /// only while a foreign key is broken, which no statement of the program leaves.
    fn looks(&self) -> bool {
        !self.sql.starts_with("INSERT")
    }

    /// The steps of its plan.
    fn plan(&self, server: &Server) -> Vec<String> {
        let rows = server.db().cells(&format!("EXPLAIN QUERY PLAN {}", self.sql));
        rows.into_iter().filter_map(|mut row| row.pop()).collect()
    }
}

/// Every statement of `src/store`, in the order of the code.
fn statements() -> Vec<Statement> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("the code is there").flatten() {
        let name = entry.file_name().into_string().expect("files have plain names");
        let Some(file) = name.strip_suffix(".rs").filter(|file| !APART.contains(file)) else {
            continue;
        };
        let source = fs::read_to_string(entry.path()).expect("the code can be read");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in BEGINNINGS.into_iter().flat_map(|begin| code.match_indices(begin)) {
            let sql = code[at + 1..].split('"').next().unwrap_or_default();
            let before = code[..at].rsplit("fn ").next().unwrap_or_default();
            let function = before.split(|c: char| c != '_' && !c.is_alphanumeric()).next();
            let (file, function) = (file.to_owned(), function.unwrap_or_default().to_owned());
            all.push(Statement { file, function, at, sql: sql.to_owned() });
        }
    }
    all.sort_by(|one, other| (&one.file, one.at).cmp(&(&other.file, other.at)));
    all
}

/// The plans of the statements of one function, in the order of the code.
fn plans(server: &Server, file: &str, function: &str) -> Vec<Vec<String>> {
    let all = statements();
    let own = all.iter().filter(|one| one.file == file && one.function == function);
    own.filter(|one| one.looks()).map(|one| one.plan(server)).collect()
}

/// Fails unless each statement of a function is answered by the index that is named for it.
#[track_caller]
fn walks(server: &Server, (file, function, indexes): (&str, &str, &[&str])) {
    let plans = plans(server, file, function);
    assert_eq!(plans.len(), indexes.len(), "{file}::{function} has other statements now");
    for (plan, index) in plans.iter().zip(indexes) {
        let walked = plan.iter().any(|step| step.contains(index));
        assert!(walked, "{file}::{function} does not walk {index}: {plan:?}");
    }
}

/// The line of [`WALKS`] for a function.
fn named(file: &str, function: &str) -> (&'static str, &'static str, &'static [&'static str]) {
    let found = WALKS.iter().find(|(f, name, _)| (*f, *name) == (file, function));
    *found.unwrap_or_else(|| panic!("{file}::{function} is not named"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_looks_at_every_row_or_sorts_but_those_that_are_named_with_a_reason() {
    let server = Server::start().await;
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for statement in statements().iter().filter(|one| one.looks()) {
        for step in statement.plan(&server) {
            if !step.starts_with("SCAN") && !step.contains("TEMP B-TREE") {
                continue;
            }
            let (file, function) = (statement.file.as_str(), statement.function.as_str());
            let place = ALLOWED.iter().position(|(f, name, allowed, _)| {
                (*f, *name, *allowed) == (file, function, &step[..])
            });
            match place {
                Some(place) => {
                    seen.insert(place);
                }
                None => faults.push(format!("{file}::{function}: {step}")),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let places = 0..ALLOWED.len();
    let stale: Vec<_> = places.filter(|place| !seen.contains(place)).map(|p| ALLOWED[p]).collect();
    assert!(stale.is_empty(), "take these out, they are mended: {stale:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_statement_is_answered_by_the_index_that_is_named_for_it() {
    let server = Server::start().await;
    // These two have tests of their own, below.
    let apart = [("takings", "takings_sql"), ("appointments", "of_call")];
    for walk in WALKS.iter().filter(|(file, name, _)| !apart.contains(&(*file, *name))) {
        walks(&server, *walk);
    }
    let files: BTreeSet<&str> = WALKS.iter().map(|(file, _, _)| *file).collect();
    let all = statements();
    let looks = all.iter().filter(|one| one.looks() && files.contains(one.file.as_str()));
    let found: BTreeSet<_> = looks.map(|one| (one.file.as_str(), one.function.as_str())).collect();
    let named: BTreeSet<_> = WALKS.iter().map(|(file, name, _)| (*file, *name)).collect();
    let unnamed: Vec<_> = found.difference(&named).collect();
    assert!(unnamed.is_empty(), "say by which index these are answered: {unnamed:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_for_free_times_reads_its_index_alone() {
    let server = Server::start().await;
    walks(&server, named("takings", "takings_sql"));
    let plans = plans(&server, "takings", "takings_sql");
    assert_eq!(plans.concat().len(), 1, "one step and no more: {plans:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_in_a_call_is_found_by_the_call_and_not_among_all_that_is_booked() {
    let server = Server::start().await;
    walks(&server, named("appointments", "of_call"));
    server.finish().await;
}
