//! Migrations: numbered without a gap, STRICT, every column explained, instants as whole numbers,
//! the same bytes everywhere.

use crate::code::{Token, closed, line_at, tokens, word};
use crate::tree::{self, each, none, one};

/// Words that begin a clause of a table, and no column.
const CLAUSES: &[&str] = &["PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "CONSTRAINT"];

/// Types of a column that SQLite knows nothing of: it would keep whatever is written.
const DATES: &[&str] = &["DATE", "TIME", "DATETIME", "TIMESTAMP"];

/// Names that are not `V<n>__subject.sql`, and numbers that are missing or given twice.
fn number_faults(paths: &[String]) -> Vec<String> {
    let (mut faults, mut numbers) = (Vec::new(), Vec::new());
    for path in paths {
        match number(path) {
            Some(number) => numbers.push((number, path)),
            None => {
                faults.push(format!("{path}:1: name it V<n>__subject.sql, lower case, n from 1"))
            }
        }
    }
    numbers.sort();
    for (wanted, (number, path)) in (1..).zip(&numbers) {
        if *number != wanted {
            faults.push(format!(
                "{path}:1: is number {number}, {wanted} is due: number without a gap"
            ));
            break;
        }
    }
    faults
}

fn number(path: &str) -> Option<u32> {
    let name = path.strip_prefix("migrations/V")?.strip_suffix(".sql")?;
    let (number, subject) = name.split_once("__")?;
    let plain =
        |letter: char| letter == '_' || letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let known =
        !subject.is_empty() && subject.chars().all(plain) && !number.starts_with(['0', '+']);
    number.parse().ok().filter(|_| known)
}

/// Line ends that git or an editor would change. A database remembers a migration by its bytes.
fn ending_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(at) = text.find('\r') {
        faults.push(format!("{path}:{}: has CR: end lines with LF alone", line_at(text, at)));
    }
    if !text.ends_with('\n') {
        faults.push(format!("{path}:{}: end the last line with LF", text.lines().count()));
    }
    faults
}

/// Tables that are not STRICT, columns that nobody explained, and instants that are no numbers.
fn table_faults(path: &str, text: &str) -> Vec<String> {
    let sql = Sql::read(text);
    let tokens = tokens(&sql.bare);
    let is = |at: usize, wanted: &str| word(&tokens, at).eq_ignore_ascii_case(wanted);
    let mut faults = Vec::new();
    for at in (0..tokens.len()).filter(|at| is(*at, "CREATE")) {
        let temporary = is(at + 1, "TEMP") || is(at + 1, "TEMPORARY");
        let table = at + 1 + usize::from(temporary);
        if !is(table, "TABLE") {
            continue;
        }
        let end = (at..tokens.len()).find(|at| is(*at, ";")).unwrap_or(tokens.len());
        let open = (at..end).find(|at| is(*at, "(")).unwrap_or(end);
        let close = closed(&tokens, open).min(end);
        if !(close..end).any(|at| is(at, "STRICT")) {
            let line = tokens[at].line;
            faults.push(format!("{path}:{line}: the table is not STRICT: write `) STRICT;`"));
        }
        let mut first = open + 1;
        while first + 1 < close {
            let mut last = first;
            while last + 1 < close && !is(last, ",") {
                last = if is(last, "(") { closed(&tokens, last) } else { last + 1 };
            }
            let (from, to) = (tokens[first].line, tokens[last.min(close - 1)].line);
            let clause = CLAUSES.iter().any(|clause| is(first, clause));
            if !clause && !(from..=to).any(|line| sql.commented.contains(&line)) {
                let name = text.lines().nth(from - 1).unwrap_or_default().trim();
                faults
                    .push(format!("{path}:{from}: `{name}`: add `-- ` and what the column means"));
            }
            if !clause {
                faults.extend(instant_fault(path, &tokens, first));
            }
            first = last + 1;
        }
    }
    faults
}

/// An instant that is not milliseconds as a whole number. The column's name is the token at `name`.
fn instant_fault(path: &str, tokens: &[Token<'_>], name: usize) -> Option<String> {
    let (column, kind) = (word(tokens, name), word(tokens, name + 1).to_uppercase());
    let instant = column.to_lowercase().ends_with("_at");
    let wrong = DATES.contains(&kind.as_str()) || (instant && kind != "INTEGER");
    wrong.then(|| {
        let line = tokens[name].line;
        format!("{path}:{line}: `{column} {kind}`: an instant is INTEGER, milliseconds UTC")
    })
}

/// SQL apart from its comments and literals.
struct Sql {
    /// Every byte and line keeps its place.
    bare: String,
    /// Lines with a `--` comment, from 1.
    commented: Vec<usize>,
}

impl Sql {
    fn read(text: &str) -> Self {
        let (mut bare, mut commented, mut at) = (String::new(), Vec::new(), 0);
        while let Some(first) = text[at..].chars().next() {
            let rest = &text[at..];
            let length = if rest.starts_with("--") {
                commented.push(line_at(text, at));
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if matches!(first, '\'' | '"') {
                rest[1..].find(first).map_or(rest.len(), |end| end + 2)
            } else {
                bare.push(first);
                at += first.len_utf8();
                continue;
            };
            // What is left out is still a place where a word could stand, on the same line.
            let left_out = rest[..length].bytes();
            bare.extend(left_out.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            at += length;
        }
        Self { bare, commented }
    }
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    none(&number_faults(&tree::paths("migrations")));
}

#[test]
fn every_table_is_strict_and_every_column_is_explained() {
    none(&each(&tree::texts("migrations", &[".sql"]), table_faults));
}

#[test]
fn migrations_are_the_same_bytes_on_every_machine() {
    none(&each(&tree::texts("migrations", &[".sql"]), ending_faults));
    let attributes = tree::read(".gitattributes").unwrap_or_default();
    let pinned = attributes
        .lines()
        .any(|line| line.starts_with("migrations/*.sql") && line.contains("eol=lf"));
    assert!(pinned, ".gitattributes:1: add `migrations/*.sql text eol=lf`");
}

#[test]
fn planted_gaps_and_names_are_found() {
    let paths =
        |names: &[&str]| names.iter().map(|name| format!("migrations/{name}")).collect::<Vec<_>>();
    none(&number_faults(&paths(&["V1__a.sql", "V10__j.sql", "V2__b.sql"])[..1]));
    one(&number_faults(&paths(&["V1__a.sql", "V3__b.sql"])), "V3__b.sql:1: is number 3, 2 is due");
    one(&number_faults(&paths(&["V1__a.sql", "V1__b.sql"])), "is number 1, 2 is due");
    one(&number_faults(&paths(&["V01__a.sql"])), "name it");
    one(&number_faults(&paths(&["V1_a.sql"])), "name it");
    one(&ending_faults("m", "a\nb\r\n"), "m:2: has CR");
    one(&ending_faults("m", "a"), "m:1: end the last line");
}

#[test]
fn planted_loose_tables_and_bare_columns_are_found() {
    let good = "CREATE TABLE a ( -- one\n  id INTEGER NOT NULL\n\
                CHECK (id IN (1, 2)), -- key\n  b TEXT, -- b; (\n\
                PRIMARY KEY (id, b)\n) STRICT, WITHOUT ROWID;\nCREATE INDEX i ON a (b);\n";
    none(&table_faults("m", good));
    one(
        &table_faults("m", "CREATE TABLE a (\n  id TEXT -- STRICT\n);"),
        "m:1: the table is not STRICT",
    );
    one(
        &table_faults("m", "CREATE TABLE a (\n  b TEXT, -- b\n  c TEXT\n) STRICT;"),
        "m:3: `c TEXT`",
    );
    one(&table_faults("m", "create temp table a (b TEXT DEFAULT '--, x'\n) strict;"), "m:1:");
    none(&table_faults("m", "CREATE VIRTUAL TABLE f USING fts5(a, b);"));
}

#[test]
fn planted_instants_that_are_no_numbers_are_found() {
    let table = |column: &str| {
        format!("CREATE TABLE a (\n  id TEXT, -- key\n  {column} -- when\n) STRICT;\n")
    };
    none(&table_faults("m", &table("made_at INTEGER NOT NULL")));
    none(&table_faults("m", &table("at_date TEXT NOT NULL CHECK (at_date <> '')")));
    for column in ["made_at TEXT NOT NULL", "Made_At int", "made_at REAL", "made_at BLOB"] {
        one(&table_faults("m", &table(column)), "m:3: `");
    }
    for kind in DATES {
        one(&table_faults("m", &table(&format!("day {kind}"))), kind);
        one(&table_faults("m", &table(&format!("day {} NOT NULL", kind.to_lowercase()))), "m:3: ");
    }
}
