//! A desk whose calls have recordings: the server, Retell's API, and the place where recordings lie.
//!
//! Its clock stands still; a recording's road is gone by moving it from try to try.

use std::fs;
use std::path::Path;

use frontdesk::domain::access::{BusinessId, Scope};
use serde_json::Value;

use super::fake_retell::FakeRetell;
use super::recordings::{Files, Served};
use super::{Server, Setup, eventually, retell};

/// Where recordings lie on the disk, in the folder of the data.
pub const FOLDER: &str = "archive";

/// A recording as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: String,
    /// What stood in its way last.
    pub reason: String,
    /// Tries of its step that failed.
    pub attempts: i64,
    /// Which store has its file.
    pub store: String,
    /// Under which name.
    pub key: String,
}

/// The desk.
pub struct Desk {
    /// The server.
    pub server: Server,
    /// Retell's API.
    pub retell: FakeRetell,
    /// Where recordings lie at Retell.
    pub files: Files,
    /// Whose calls they are.
    pub business: BusinessId,
    /// A key that may read and retry recordings.
    pub key: String,
}

impl Desk {
    /// One that keeps recordings, with more settings.
    pub async fn new(more: &[(String, String)]) -> Self {
        let retell = FakeRetell::start().await;
        let mut setup = Setup::plain()
            .set("ARCHIVE__STORE", "disk")
            .set("ARCHIVE__FETCH_TIMEOUT_S", "10")
            .set("ARCHIVE__STORE_TIMEOUT_S", "20")
            .set("ARCHIVE__RECORDING_MAX_MB", "1")
            .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true")
            .set("VOICE__RETELL__BASE_URL", &retell.url());
        for (key, value) in more {
            setup = setup.set(key, value);
        }
        let server = setup.allow_jobs().start().await;
        server.go_to_ms(retell::STARTED_MS + 91_000);
        let business = server.business().await;
        let scopes = [Scope::RecordingsRead, Scope::RecordingsWrite, Scope::CallsRead];
        let key = server.key(business, &scopes).await;
        Self { server, retell, files: Files::start().await, business, key }
    }

    /// A call is over whose recording is served so, once after the other. Its end is told.
    pub async fn call(&self, id: &str, served: impl IntoIterator<Item = Served>) {
        let path = format!("/{id}.wav");
        for what in served {
            self.files.serves(&path, what);
        }
        let mut call = retell::call(id);
        call["call_status"] = "ended".into();
        call["recording_url"] = self.files.url(&path).into();
        self.retell.carries(call);
        assert_eq!(self.server.hook(retell::ended(id)).await.status, 204);
    }

    /// The recording of a call, once there is one.
    pub fn row(&self, call: &str) -> Option<Row> {
        let sql = format!(
            "SELECT lower(hex(r.id)), r.state, r.reason, r.attempts, r.store, r.key
             FROM recordings r JOIN calls c ON c.id = r.call_id
             WHERE c.provider_call_id = '{call}'"
        );
        let cells = self.server.db().cells(&sql);
        let row = cells.first()?;
        Some(Row {
            id: uuid(&row[0]),
            state: row[1].clone(),
            reason: row[2].clone(),
            attempts: row[3].parse().expect("a number"),
            store: row[4].clone(),
            key: row[5].clone(),
        })
    }

    /// Goes the road of a call's recording to where it rests, moving the clock from try to try.
    /// Returns where that is, and when each wait ended, in milliseconds after the beginning.
    pub async fn road(&self, call: &str) -> (Row, Vec<i64>) {
        let began = self.server.now_ms();
        let mut waits = Vec::new();
        for _ in 0..400 {
            let rests = ["archived", "failed", "expired"];
            eventually("the recording rests or waits", async || {
                let row = self.row(call);
                row.is_some_and(|row| rests.contains(&row.state.as_str())) || self.due().is_some()
            })
            .await;
            let row = self.row(call).expect("it has a recording");
            if rests.contains(&row.state.as_str()) {
                return (row, waits);
            }
            let Some(due) = self.due() else { continue };
            if due > self.server.now_ms() {
                waits.push(due - began);
                self.server.go_to_ms(due);
            }
            let tries = || self.number("SELECT coalesce(sum(attempts), 0) FROM recordings");
            let before = (tries(), due);
            eventually("the try has ended", async || {
                let row = self.row(call).expect("it has a recording");
                let moved = (tries(), self.due().unwrap_or(i64::MAX)) != before;
                rests.contains(&row.state.as_str()) || (moved && self.due().is_some())
            })
            .await;
        }
        panic!("{call} never rests: {:?}", self.row(call));
    }

    /// When the next step of a recording is due that nobody is at.
    pub fn due(&self) -> Option<i64> {
        let sql = "SELECT run_at FROM jobs
                   WHERE kind = 'archive_recording' AND state = 'pending' AND leased = 0
                   ORDER BY run_at";
        self.server.db().cells(sql).first().map(|row| row[0].parse().expect("a number"))
    }

    /// Recordings that somebody is at, or that are due.
    pub fn busy(&self) -> i64 {
        let now = self.server.now_ms();
        self.number(&format!(
            "SELECT count(*) FROM jobs
             WHERE kind = 'archive_recording' AND (leased = 1 OR run_at <= {now})"
        ))
    }

    /// The one number that a question asks for.
    pub fn number(&self, sql: &str) -> i64 {
        self.server.number(sql)
    }

    /// Every file of the archive on the disk, by its name.
    pub fn on_disk(&self) -> Vec<String> {
        let root = self.server.app().settings().data.dir.join(FOLDER);
        let mut found = Vec::new();
        walk(&root, &root, &mut found);
        found.sort();
        found
    }

    /// The path of a file of the archive on the disk.
    pub fn path(&self, key: &str) -> std::path::PathBuf {
        self.server.app().settings().data.dir.join(FOLDER).join(key)
    }

    /// Fails when anything is on the disk that no recording names, in the archive or beside it.
    #[track_caller]
    pub fn is_tidy(&self) {
        let named = self.server.db().cells("SELECT key FROM recordings WHERE store = 'disk'");
        let mut named: Vec<String> = named.into_iter().map(|row| row[0].clone()).collect();
        named.sort();
        assert_eq!(self.on_disk(), named);
        let mut beside = Vec::new();
        let root = self.server.app().settings().data.dir.clone();
        walk(&root, &root, &mut beside);
        beside.retain(|name| !name.starts_with(FOLDER) && !name.starts_with("frontdesk."));
        beside.retain(|name| name != "master.key");
        assert!(beside.is_empty(), "{beside:?}");
    }

    /// What the interface shows at a path.
    pub async fn shown(&self, path: &str) -> Value {
        let answer = self.server.get(&format!("/api/v1{path}"), Some(&self.key)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder reads").path();
        if path.is_dir() {
            walk(root, &path, found);
        } else {
            let name = path.strip_prefix(root).expect("below it").to_str().expect("text");
            found.push(name.to_owned());
        }
    }
}

fn uuid(hex: &str) -> String {
    let part = |from: usize, to: usize| &hex[from..to];
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
