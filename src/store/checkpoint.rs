//! Moving what is committed from the log into the database file, beside the writer.
//!
//! A thread of its own does it while the writer goes on, so that no request waits for it. Under a
//! load without a pause the log would never be empty: above a size the writer itself moves the few
//! pages that are left, and the log begins anew. Never writes anything of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, bounded};
use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::error::StoreError;
use super::pool;

/// Pages added to the log after which the thread is woken: 8 MiB of 4 KiB pages.
const WAKE_PAGES: i32 = 2_000;
/// Pages in the log above which the writer moves what is left: 64 MiB.
const WRITER_PAGES: i32 = 16_000;

/// The thread that moves pages. Dropping it waits until it has ended.
pub struct Checkpointer {
    log_pages: Arc<AtomicI32>,
    /// Pages in the log when the thread was last woken.
    woken_at: i32,
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread and lets `writer` count the pages of its log.
    pub fn start(file: &Path, writer: &mut Connection) -> Result<Self, StoreError> {
        let log_pages = Arc::new(AtomicI32::new(0));
        let noted = Arc::clone(&log_pages);
        writer.wal_hook(Some(move |_: &mut Wal, pages| {
            noted.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let conn = pool::open_writer(file, None)?;
        let (wake, woken) = bounded::<()>(1);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || woken.iter().for_each(|()| move_pages(&conn)))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { log_pages, woken_at: 0, wake: Some(wake), thread: Some(thread) })
    }

    /// Called by the writer after each commit.
    pub fn after_commit(&mut self, writer: &Connection) {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.woken_at {
            // The log began anew.
            self.woken_at = 0;
        }
        if pages >= WRITER_PAGES {
            move_pages(writer);
        } else if pages >= self.woken_at + WAKE_PAGES
            && let Some(wake) = &self.wake
        {
            self.woken_at = pages;
            // Full means that it is woken already.
            wake.try_send(()).unwrap_or(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread ended by a panic");
        }
    }
}

fn move_pages(conn: &Connection) {
    let moved = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = moved {
        // The log keeps everything; it is tried again after a later commit.
        tracing::warn!(%error, "the log could not be moved into the database");
    }
}
