//! The database: every statement of the program, one file an aggregate.
//!
//! One connection writes, in group commits; a few read. A function that writes takes a
//! [`Write`], one that reads a [`Read`], and every one on a business's data takes a `BusinessId`.
//! Never waits for anything but the disk while a transaction is open.

pub mod api_keys;
pub mod appointment_lists;
pub mod appointments;
pub mod archive;
pub mod audit;
pub mod bench;
pub mod branches;
pub mod businesses;
pub mod call_lists;
pub mod call_names;
pub mod call_orders;
pub mod calls;
mod checkpoint;
mod columns;
pub mod customers;
pub mod error;
pub mod events;
pub mod feeds;
pub mod hours;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
pub mod keyfile;
pub mod links;
pub mod messages;
pub mod migrate;
pub mod notices;
pub mod offers;
mod on_behalf;
mod pool;
pub mod privacy;
pub mod privacy_export;
pub mod probe;
pub mod properties;
pub mod reconciled;
pub mod recordings;
pub mod retention;
pub mod services;
mod serving;
pub mod sessions;
pub mod setups;
pub mod space;
pub mod staff;
pub mod takings;
pub mod tombstones;
pub mod tool_calls;
pub mod users;
pub mod waiting;
mod writer;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::Notify;
use uuid::Uuid;

use audit::Seals;
use tombstones::Graves;

use crate::crypto::keyring::Keyring;

pub use error::StoreError;
pub use on_behalf::on_behalf;
pub use serving::ServeLock;
pub use writer::{Lane, WriterStats};

/// Name of the database in the data folder.
pub const DATABASE_FILE: &str = "frontdesk.db";
/// Bytes in a page of the database.
const PAGE_BYTES: u64 = 4_096;

/// How the database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; made when missing.
    pub dir: PathBuf,
    /// Tasks that may wait for the writer, in each lane.
    pub write_queue: usize,
    /// Tasks that share a commit at most.
    pub write_batch: usize,
    /// Reading connections.
    pub readers: usize,
    /// Questions that may wait for a reader.
    pub read_queue: usize,
    /// Size in bytes at which writing stops; `None` for no limit.
    pub database_max_bytes: Option<u64>,
    /// Bytes that are kept free on the disk; 0: none.
    pub disk_reserve_bytes: u64,
    /// The master keys.
    pub keyring: Arc<Keyring>,
}

/// Why the data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file in it cannot be made or used.
    #[error("the data folder {dir} cannot be used: {why}")]
    Folder {
        /// Which folder.
        dir: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The file of the master keys cannot be made or used.
    #[error("the master keys in {file} cannot be used: {why}")]
    Key {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another server has it.
    #[error("another frontdesk is serving from {0}; stop it first or choose another --data-dir")]
    InUse(PathBuf),
    /// The database itself.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] migrate::MigrateError),
}

/// The open database. Cloning is not needed: it is shared behind an `Arc`.
pub struct Store {
    // Dropped first: the writer closes the file last and leaves no log behind.
    readers: pool::Readers,
    writer: writer::Writer,
    jobs_wake: Arc<Notify>,
    keys: Arc<Keys>,
    space: space::Space,
}

impl Store {
    /// Opens the database, bringing its schema up to date first.
    pub fn open(options: &Options) -> Result<Self, OpenError> {
        let folder = |error: std::io::Error| OpenError::Folder {
            dir: options.dir.clone(),
            why: error.to_string(),
        };
        make_private_folder(&options.dir).map_err(folder)?;
        let file = options.dir.join(DATABASE_FILE);
        make_private_file(&file).map_err(folder)?;
        let most = options.database_max_bytes.map(|bytes| (bytes / PAGE_BYTES).max(1));
        let max_pages = most.map(|pages| u32::try_from(pages).unwrap_or(u32::MAX - 1));
        let mut conn = pool::open_writer(&file, max_pages)?;
        migrate::bring_up_to_date(&mut conn, &options.dir)?;
        let jobs_wake = Arc::new(Notify::new());
        let (queue, batch) = (options.write_queue, options.write_batch);
        let checkpointer = checkpoint::Checkpointer::start(&file, &mut conn)?;
        let keys = Arc::new(Keys::new(&options.keyring));
        let shared = (Arc::clone(&jobs_wake), Arc::clone(&keys));
        let writer = writer::Writer::start((conn, checkpointer), (queue, batch), shared)?;
        let readers = pool::Readers::start(&file, options.readers, options.read_queue)?;
        let space = space::Space::new(options.dir.clone(), options.disk_reserve_bytes);
        Ok(Self { readers, writer, jobs_wake, keys, space })
    }

    /// Runs `task` in the next group commit and returns once it is on the disk.
    pub async fn write<T, E, F>(&self, lane: Lane, task: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    {
        self.writer.write(lane, task).await
    }

    /// Asks one question of a consistent snapshot.
    pub async fn read<T, F>(&self, question: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Read<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.readers.read(question).await
    }

    /// How many questions readers were asked so far, each of one snapshot.
    pub fn reads(&self) -> u64 {
        self.readers.asked()
    }

    /// The disk it is on.
    pub fn space(&self) -> &space::Space {
        &self.space
    }

    /// What writing needs of the master keys.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Counts of the writer since the start.
    pub fn writer_stats(&self) -> &WriterStats {
        self.writer.stats()
    }

    /// Returns once the writing thread has ended, which it does by itself only after a panic.
    pub async fn writer_ended(&self) {
        self.writer.ended().await;
    }

    /// Told after each commit that added jobs.
    pub fn jobs_wake(&self) -> &Notify {
        &self.jobs_wake
    }
}

/// Reading within one consistent snapshot.
pub struct Read<'a> {
    conn: &'a Connection,
}

/// What writing needs of the master keys.
pub struct Keys {
    seals: Seals,
    graves: Graves,
}

impl Keys {
    /// The keys of a ring.
    pub fn new(ring: &Keyring) -> Self {
        Self { seals: Seals::new(ring), graves: Graves::new(ring) }
    }
}

/// Writing within the writer's transaction; reads its own writes.
pub struct Write<'a> {
    read: Read<'a>,
    keys: &'a Keys,
    wakes_jobs: bool,
    made: Option<Uuid>,
    is_repetition: bool,
}

impl<'a> Write<'a> {
    fn new(conn: &'a Connection, keys: &'a Keys) -> Self {
        let (read, wakes_jobs, made) = (Read { conn }, false, None);
        Self { read, keys, wakes_jobs, made, is_repetition: false }
    }

    /// Says that this write finds what was made before: there is nothing for the audit trail.
    pub fn repeats(&mut self) {
        self.is_repetition = true;
    }

    /// Says which thing this write made, for the audit trail.
    pub fn makes(&mut self, id: Uuid) {
        self.made = Some(id);
    }
}

impl<'a> Deref for Write<'a> {
    type Target = Read<'a>;

    fn deref(&self) -> &Read<'a> {
        &self.read
    }
}

fn make_private_folder(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn make_private_file(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file).map(drop)
}

/// Which steps of the schema the database in a data folder has. Changes nothing.
pub fn schema_status(dir: &Path) -> Result<Vec<migrate::Step>, OpenError> {
    let file = dir.join(DATABASE_FILE);
    if !file.exists() {
        return Ok(migrate::all_pending());
    }
    Ok(migrate::status(&pool::open_reader(&file)?)?)
}

/// Writes the database in a data folder anew and empties its log: what was taken away before is then
/// nowhere in the files. Waits for a server that writes; takes as long as copying the file.
pub fn compact(dir: &Path) -> Result<(), StoreError> {
    let conn = pool::open_writer(&dir.join(DATABASE_FILE), None)?;
    conn.execute_batch("VACUUM")?;
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}
