//! The schema, brought up to date at start, step by step.
//!
//! Each step and the note of it are one transaction. A database of a newer release is refused.
//! Before a database that holds data is changed, a copy of it is made. Never skips a step, never
//! goes back.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use refinery::{Migration, Runner, Target};
use rusqlite::Connection;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Folder in the data folder that holds the copies made before a change.
const SNAPSHOT_FOLDER: &str = "snapshots";

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database is of a newer release.
    #[error(
        "the database was last changed by frontdesk {release} (schema {found}); this is frontdesk \
         {own} (schema {known}). Use release {release} or a later one, or restore a backup"
    )]
    Newer {
        /// The release that changed it last.
        release: String,
        /// Its schema.
        found: i32,
        /// This release.
        own: &'static str,
        /// The newest schema known here.
        known: i32,
    },
    /// A step that was applied is not the one that this release has.
    #[error("the database's history does not fit this release: {0}")]
    Divergent(String),
    /// The copy could not be made; nothing was changed.
    #[error("no copy of the database could be made at {path}, so it was not changed: {why}")]
    Snapshot {
        /// Where it was to be.
        path: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// A step failed and was undone.
    #[error("step {step} of the schema failed and was undone: {why}")]
    Step {
        /// Which.
        step: String,
        /// What went wrong.
        why: String,
    },
    /// A step failed, and undoing it failed as well.
    #[error(
        "step {step} of the schema failed: {why}; undoing it failed as well: {rollback}. The file \
         is as it was before once no process holds it"
    )]
    StepAndRollback {
        /// Which.
        step: String,
        /// What went wrong first.
        why: String,
        /// What went wrong then.
        rollback: String,
    },
    /// A step left a reference to nothing; the copy made before it is whole.
    #[error("after step {step} of the schema rows of {table} refer to what is not there")]
    Reference {
        /// Which.
        step: i32,
        /// Where.
        table: String,
    },
    /// The history cannot be read or written.
    #[error("the schema's history cannot be used: {0}")]
    History(String),
}

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub version: i32,
    /// Its subject.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Brings the schema of the database in `dir` up to this release.
pub fn bring_up_to_date(conn: &mut Connection, dir: &Path) -> Result<(), MigrateError> {
    advance(conn, dir, embedded::migrations::runner().get_migrations())
}

/// Every step known here, and whether the database has it. Changes nothing.
pub fn status(conn: &Connection) -> Result<Vec<Step>, MigrateError> {
    let applied = applied_version(conn)?;
    refuse_newer(conn, applied)?;
    Ok(steps_up_to(applied))
}

/// Every step known here, for a database that does not exist yet.
pub fn all_pending() -> Vec<Step> {
    steps_up_to(0)
}

fn steps_up_to(applied: i32) -> Vec<Step> {
    let runner = embedded::migrations::runner();
    let steps = runner.get_migrations().iter().map(|step| Step {
        version: step.version(),
        name: step.name().to_owned(),
        applied: step.version() <= applied,
    });
    let mut steps: Vec<Step> = steps.collect();
    steps.sort_by_key(|step| step.version);
    steps
}

fn advance(conn: &mut Connection, dir: &Path, known: &[Migration]) -> Result<(), MigrateError> {
    let mut versions: Vec<i32> = known.iter().map(Migration::version).collect();
    versions.sort_unstable();
    let newest = versions.last().copied().unwrap_or(0);
    let applied = applied_version(conn)?;
    refuse(conn, applied, newest)?;
    if applied == newest {
        // Even with nothing to do, the steps that were applied must be the ones known here.
        let runner = Runner::new(known).set_grouped(true);
        runner.run(conn).map_err(|error| MigrateError::Divergent(error.to_string()))?;
        // A process that died right after a step may not have noted its release.
        return note_release(conn, newest);
    }
    if applied > 0 {
        snapshot(conn, dir, applied)?;
    }
    // A table that others refer to is built anew without its rows taking theirs along (SQLite,
    // lang_altertable section 7).
    references(conn, false)?;
    let stepped =
        versions.into_iter().filter(|version| *version > applied).try_for_each(|version| {
            step(conn, known, version)?;
            check_references(conn, version)?;
            note_release(conn, version)?;
            tracing::info!(step = version, "schema changed");
            Ok(())
        });
    references(conn, true)?;
    stepped
}

/// Switches the keeping of references on or off; only outside of a transaction.
fn references(conn: &Connection, on: bool) -> Result<(), MigrateError> {
    let switched = conn.pragma_update(None, "foreign_keys", on);
    switched.map_err(|error| MigrateError::History(error.to_string()))
}

/// Fails when a step left a reference to nothing.
fn check_references(conn: &Connection, version: i32) -> Result<(), MigrateError> {
    let broken =
        conn.query_row("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", [], |row| {
            row.get::<_, String>(0)
        });
    match broken {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
        Ok(table) => Err(MigrateError::Reference { step: version, table }),
        Err(error) => Err(MigrateError::History(error.to_string())),
    }
}

fn refuse_newer(conn: &Connection, applied: i32) -> Result<(), MigrateError> {
    let newest = steps_up_to(0).last().map_or(0, |step| step.version);
    refuse(conn, applied, newest)
}

fn refuse(conn: &Connection, found: i32, known: i32) -> Result<(), MigrateError> {
    if found <= known {
        return Ok(());
    }
    let release = last_release(conn).unwrap_or_else(|| "unknown".to_owned());
    Err(MigrateError::Newer { release, found, own: env!("CARGO_PKG_VERSION"), known })
}

/// One step and the note of it in one transaction: a group that holds only this step.
fn step(conn: &mut Connection, known: &[Migration], version: i32) -> Result<(), MigrateError> {
    let runner = Runner::new(known).set_grouped(true).set_target(Target::Version(version));
    let Err(error) = runner.run(conn) else { return Ok(()) };
    let why = match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    let step = version.to_string();
    match roll_back(conn) {
        Ok(()) => Err(MigrateError::Step { step, why }),
        Err(rollback) => {
            tracing::error!(step, why, %rollback, "a step and its undoing both failed");
            Err(MigrateError::StepAndRollback { step, why, rollback: rollback.to_string() })
        }
    }
}

/// Ends a transaction that a failed step left open.
fn roll_back(conn: &Connection) -> Result<(), rusqlite::Error> {
    if conn.is_autocommit() {
        return Ok(());
    }
    conn.execute_batch("ROLLBACK")
}

fn applied_version(conn: &Connection) -> Result<i32, MigrateError> {
    let history = |error: rusqlite::Error| MigrateError::History(error.to_string());
    let exists: bool = conn
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'",
            [],
            |row| row.get(0),
        )
        .map_err(history)?;
    if !exists {
        return Ok(0);
    }
    conn.query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| {
        row.get(0)
    })
    .map_err(history)
}

fn last_release(conn: &Connection) -> Option<String> {
    let newest = "SELECT release FROM releases ORDER BY schema_version DESC LIMIT 1";
    conn.query_row(newest, [], |row| row.get(0)).ok()
}

fn note_release(conn: &Connection, version: i32) -> Result<(), MigrateError> {
    conn.execute(
        "INSERT INTO releases (schema_version, release, migrated_at)
         VALUES (?1, ?2, CAST(unixepoch('subsec') * 1000 AS INTEGER))
         ON CONFLICT (schema_version) DO NOTHING",
        (version, env!("CARGO_PKG_VERSION")),
    )
    .map(drop)
    .map_err(|error| MigrateError::History(error.to_string()))
}

/// A compact, consistent copy of the database as it is before the change.
fn snapshot(conn: &Connection, dir: &Path, version: i32) -> Result<(), MigrateError> {
    let folder = dir.join(SNAPSHOT_FOLDER);
    let taken = now_text(conn);
    let path = folder.join(format!("schema-{version}-{taken}.db"));
    let fault =
        |why: &dyn ToString| MigrateError::Snapshot { path: path.clone(), why: why.to_string() };
    super::make_private_folder(&folder).map_err(|error| fault(&error))?;
    let name = path.to_str().ok_or_else(|| fault(&"the path is not UTF-8"))?;
    // SQLite writes into an empty file that is there: it keeps its rights.
    super::make_private_file(&path).map_err(|error| fault(&error))?;
    conn.execute("VACUUM INTO ?1", [name]).map_err(|error| fault(&error))?;
    tracing::info!(path = name, "copy of the database made before changing its schema");
    Ok(())
}

fn now_text(conn: &Connection) -> String {
    let ms = conn.query_row("SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)", [], |row| {
        row.get::<_, i64>(0)
    });
    let now = ms.ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    now.map_or_else(|| "undated".to_owned(), |now| now.strftime("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

    use super::*;
    use crate::store::pool::open_writer;

    const ONE: &str = "CREATE TABLE one (a INTEGER NOT NULL) STRICT;";
    const TWO: &str = "CREATE TABLE two (a INTEGER NOT NULL) STRICT;";
    const THREE: &str = "CREATE TABLE three (a INTEGER NOT NULL) STRICT;";

    fn steps(texts: &[&str]) -> Vec<Migration> {
        let releases = "CREATE TABLE releases (schema_version INTEGER PRIMARY KEY, release TEXT, \
                        migrated_at INTEGER) STRICT;";
        let named = |(i, text): (usize, &&str)| {
            let text = if i == 0 { format!("{releases}{text}") } else { (*text).to_owned() };
            Migration::unapplied(&format!("V{}__step", i + 1), &text).expect("a valid name")
        };
        texts.iter().enumerate().map(named).collect()
    }

    fn database() -> (tempfile::TempDir, Connection) {
        let dir = tempfile::tempdir().expect("a folder");
        let conn = open_writer(&dir.path().join("t.db"), None).expect("opens");
        (dir, conn)
    }

    fn tables(conn: &Connection) -> Vec<String> {
        let mut found = conn
            .prepare(
                "SELECT name FROM sqlite_schema WHERE name IN ('one', 'two', 'three') ORDER BY 1",
            )
            .expect("prepares");
        let rows = found.query_map([], |row| row.get(0)).expect("runs");
        rows.map(|row| row.expect("reads")).collect()
    }

    #[test]
    fn a_broken_step_leaves_the_state_after_the_one_before_and_can_be_mended() {
        let (dir, mut conn) = database();
        let broken = "CREATE TABLE two (a INTEGER) STRICT; CREATE TABLE nonsense (;";
        let failed = advance(&mut conn, dir.path(), &steps(&[ONE, broken, THREE]));
        assert!(matches!(failed, Err(MigrateError::Step { step, .. }) if step == "2"));
        assert_eq!(tables(&conn), ["one"]);
        assert_eq!(applied_version(&conn).expect("reads"), 1);
        advance(&mut conn, dir.path(), &steps(&[ONE, TWO, THREE])).expect("mended");
        assert_eq!(tables(&conn), ["one", "three", "two"]);
    }

    #[test]
    fn running_twice_changes_nothing() {
        let (dir, mut conn) = database();
        bring_up_to_date(&mut conn, dir.path()).expect("first");
        let schema = |conn: &Connection| -> String {
            let all = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
            conn.query_row(all, [], |row| row.get(0)).expect("reads")
        };
        let first = schema(&conn);
        bring_up_to_date(&mut conn, dir.path()).expect("second");
        assert_eq!(schema(&conn), first);
        assert!(!dir.path().join(SNAPSHOT_FOLDER).exists());
        assert!(status(&conn).expect("reads").iter().all(|step| step.applied));
    }

    #[test]
    fn the_steps_make_the_schema_that_is_declared() {
        let (dir, mut conn) = database();
        bring_up_to_date(&mut conn, dir.path()).expect("migrates");
        let mut made = conn
            .prepare(
                "SELECT sql || ';'
                 FROM sqlite_schema
                 WHERE sql IS NOT NULL
                   AND name NOT LIKE 'sqlite_%'
                   AND name <> 'refinery_schema_history'
                 ORDER BY type DESC, name",
            )
            .expect("prepares");
        let made = made.query_map([], |row| row.get::<_, String>(0)).expect("runs");
        let made: Vec<String> = made.map(|row| row.expect("reads")).collect();
        let declared = include_str!("../../tests/fixtures/schema.sql");
        assert_eq!(format!("{}\n", made.join("\n\n")), declared);
    }

    #[test]
    fn an_existing_database_is_copied_before_it_is_changed() {
        let (dir, mut conn) = database();
        advance(&mut conn, dir.path(), &steps(&[ONE])).expect("first");
        conn.execute("INSERT INTO one (a) VALUES (7)", []).expect("writes");
        advance(&mut conn, dir.path(), &steps(&[ONE, TWO])).expect("second");
        let mut copies = std::fs::read_dir(dir.path().join(SNAPSHOT_FOLDER)).expect("folder");
        let copy = copies.next().expect("one copy").expect("readable").path();
        let old = open_writer(&copy, None).expect("opens");
        let kept: i64 = old.query_row("SELECT a FROM one", [], |row| row.get(0)).expect("reads");
        assert_eq!((kept, tables(&old)), (7, vec!["one".to_owned()]));
    }

    #[test]
    fn a_newer_database_is_refused_with_the_release_to_use() {
        let (dir, mut conn) = database();
        advance(&mut conn, dir.path(), &steps(&[ONE, TWO])).expect("newer release");
        conn.execute("UPDATE releases SET release = '9.8.7'", []).expect("writes");
        let error = advance(&mut conn, dir.path(), &steps(&[ONE])).expect_err("refused");
        assert!(error.to_string().contains("Use release 9.8.7 or a later one"), "{error}");
    }

    #[test]
    fn a_changed_step_is_refused() {
        let (dir, mut conn) = database();
        advance(&mut conn, dir.path(), &steps(&[ONE])).expect("first");
        let error = advance(&mut conn, dir.path(), &steps(&[TWO])).expect_err("refused");
        assert!(matches!(error, MigrateError::Divergent(_)), "{error}");
    }

    #[test]
    fn a_failing_rollback_is_reported_beside_the_failure() {
        let (dir, mut conn) = database();
        advance(&mut conn, dir.path(), &steps(&[ONE])).expect("first");
        let no_rollback = |context: AuthContext<'_>| {
            let rollback = AuthAction::Transaction { operation: TransactionOperation::Rollback };
            if context.action == rollback { Authorization::Deny } else { Authorization::Allow }
        };
        conn.authorizer(Some(no_rollback)).expect("sets");
        let error = advance(&mut conn, dir.path(), &steps(&[ONE, "nonsense"])).expect_err("fails");
        let MigrateError::StepAndRollback { why, rollback, .. } = &error else {
            panic!("{error}");
        };
        assert!(why.contains("syntax error"), "{why}");
        assert!(rollback.contains("not authorized"), "{rollback}");
    }
}
