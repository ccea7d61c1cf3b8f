//! One thread that writes what many simulate.

use super::{StoreError, schema};
use crate::observe::Record;
use crate::stats::codec::Codec;
use rusqlite::{Connection, Transaction};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What came within this time is written at once: the most that a killed process loses.
const GATHER: Duration = Duration::from_millis(50);
/// No more than this is written at once, nor waits in memory to be gathered.
const MOST_AT_ONCE: usize = 128;
/// Typical records are shorter.
const TYPICAL_BYTES: usize = 24 << 10;

/// Takes records from any number of threads and writes them, a few at a time. Whatever ends it, what was written is whole;
/// what was put in the last twentieth of a second is lost where the process is killed.
#[derive(Debug)]
pub struct Writer {
    targets: Vec<Target>,
    path: PathBuf,
    /// Taken by the end.
    sender: Option<SyncSender<Item>>,
    thread: Option<JoinHandle<()>>,
    failure: Arc<OnceLock<StoreError>>,
    /// Holds the folder as long as something is written to it.
    _lock: Arc<File>,
}

/// Where the records of a point go.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) model: u32,
    pub(super) fingerprint: String,
    /// The point in words.
    pub(super) label: String,
}

/// What is to be written.
enum Item {
    Record { point: usize, id: i64, crc: u32, data: Vec<u8> },
    Decision { point: usize, replications: u32 },
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, path: &Path, targets: Vec<Target>, lock: Arc<File>) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(MOST_AT_ONCE);
        let failure = Arc::new(OnceLock::new());
        let work = {
            let (failure, path) = (Arc::clone(&failure), path.to_path_buf());
            let labels = targets.iter().map(|target| target.label.clone()).collect();
            move || Work { connection, path, labels }.run(&receiver, &failure)
        };
        let thread = thread::Builder::new().name("results".into()).spawn(work);
        let thread = Some(thread.map_err(|error| StoreError::of_io(path, &error))?);
        Ok(Self { targets, path: path.to_path_buf(), sender: Some(sender), thread, failure, _lock: lock })
    }

    /// Puts the record of a replication of a point, named by its place in the plan; one that is not in it panics. Waits where the
    /// disk is slower than the simulation. A record that is stored already is left, where it is equal.
    ///
    /// # Errors
    /// Where something put before, by any thread, could not be written: then nothing more can. An error of the very last
    /// records is told by [`Writer::finish`].
    pub fn put(&self, point: usize, record: &Record) -> Result<(), StoreError> {
        let mut data = Vec::with_capacity(TYPICAL_BYTES);
        record.encode(&mut data);
        self.put_bytes(point, record.replication, data)
    }

    /// Puts the bytes of a record.
    pub(super) fn put_bytes(&self, point: usize, replication: u32, data: Vec<u8>) -> Result<(), StoreError> {
        let Target { model, fingerprint, .. } = &self.targets[point];
        self.send(Item::Record { point, id: schema::id(*model, replication), crc: schema::crc(fingerprint, &data), data })
    }

    /// Puts how many replications of a point count, from number 0 on. It is written after the records put before.
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn decide(&self, point: usize, replications: u32) -> Result<(), StoreError> {
        self.send(Item::Decision { point, replications })
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// Where something could not be written.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.end();
        self.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    fn send(&self, item: Item) -> Result<(), StoreError> {
        match &self.sender {
            Some(sender) if self.failure.get().is_none() && sender.send(item).is_ok() => Ok(()),
            _ => Err(self.failure.get().cloned().unwrap_or_else(|| stopped(&self.path))),
        }
    }

    fn end(&mut self) {
        drop(self.sender.take());
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            let _ = self.failure.set(stopped(&self.path));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

fn stopped(path: &Path) -> StoreError {
    StoreError::Failed { path: path.to_path_buf(), detail: "the thread that writes has stopped".into() }
}

/// What the thread holds.
struct Work {
    connection: Connection,
    path: PathBuf,
    labels: Vec<String>,
}

impl Work {
    fn run(mut self, receiver: &Receiver<Item>, failure: &OnceLock<StoreError>) {
        while let Ok(first) = receiver.recv() {
            if let Err(error) = self.write(&gather(first, receiver)) {
                let _ = failure.set(error);
                return;
            }
        }
        // All of it into the one file, so that it can be copied; where a reader holds it up, the next to open the file does it.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Writes all of it or nothing.
    fn write(&mut self, items: &[Item]) -> Result<(), StoreError> {
        let failed = |error: &rusqlite::Error| StoreError::of_database(&self.path, error);
        let whole = self.connection.transaction().map_err(|error| failed(&error))?;
        for item in items {
            match item {
                Item::Record { point, id, crc, data } => {
                    if !insert(&whole, *id, *crc, data).map_err(|error| failed(&error))? {
                        let (path, point) = (self.path.clone(), self.labels[*point].clone());
                        return Err(StoreError::Contradiction { path, point, replication: *id as u32 });
                    }
                }
                Item::Decision { point, replications } => {
                    decide(&whole, *point, *replications).map_err(|error| failed(&error))?;
                }
            }
        }
        whole.commit().map_err(|error| failed(&error))
    }
}

/// The first item and those that come soon after.
fn gather(first: Item, receiver: &Receiver<Item>) -> Vec<Item> {
    let until = Instant::now() + GATHER;
    let mut items = vec![first];
    while items.len() < MOST_AT_ONCE
        && let Ok(item) = receiver.recv_timeout(until.saturating_duration_since(Instant::now()))
    {
        items.push(item);
    }
    items
}

/// Inserts a record, or finds an equal one; false where the one there is different.
fn insert(whole: &Transaction<'_>, id: i64, crc: u32, data: &[u8]) -> Result<bool, rusqlite::Error> {
    let insert = "INSERT INTO records (id, crc, data) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
    if whole.prepare_cached(insert)?.execute((id, crc, data))? == 1 {
        return Ok(true);
    }
    whole.prepare_cached("SELECT crc = ?2 AND data = ?3 FROM records WHERE id = ?1")?.query_row((id, crc, data), |row| row.get(0))
}

fn decide(whole: &Transaction<'_>, point: usize, replications: u32) -> Result<(), rusqlite::Error> {
    let insert = "INSERT OR REPLACE INTO decisions (point, replications, crc) VALUES (?1, ?2, ?3)";
    let row = (point as i64, replications, schema::crc_of_decision(point, replications));
    whole.prepare_cached(insert)?.execute(row).map(|_| ())
}
