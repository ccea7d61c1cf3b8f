//! The store as the keeper of a sweep.

use crate::experiment::Keeper;
use crate::observe::Record;
use crate::results::{Store, StoreError, Writer};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// A store that is being filled.
pub struct Kept {
    store: Mutex<Store>,
    writer: Writer,
    /// What was there before, by point.
    known: Vec<HashSet<u32>>,
}

impl Kept {
    /// Looks up what is there.
    pub fn new(store: Store, writer: Writer) -> Result<Self, StoreError> {
        let points = 0..store.plan().points.len();
        let known = points.map(|point| Ok(store.known(point)?.into_iter().collect())).collect::<Result<_, StoreError>>()?;
        Ok(Self { store: Mutex::new(store), writer, known })
    }

    /// So many replications of the point count.
    pub fn decide(&self, point: usize, replications: u32) -> Result<(), StoreError> {
        self.writer.decide(point, replications)
    }

    /// Waits until everything is on the disk.
    pub fn finish(self) -> Result<Store, StoreError> {
        self.writer.finish()?;
        Ok(self.store.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Keeper for Kept {
    fn has(&self, point: usize, replication: u32) -> bool {
        self.known[point].contains(&replication)
    }

    fn recall(&self, point: usize, replication: u32) -> Result<Record, String> {
        let mut found = None;
        let range = replication..replication + 1;
        let read = self.store.lock().unwrap_or_else(PoisonError::into_inner).records(point, range, |record| found = Some(record));
        read.map_err(|error| error.to_string())?;
        found.ok_or_else(|| "a stored replication is not there any more".to_owned())
    }

    fn keep(&self, point: usize, record: &Record) -> Result<(), String> {
        self.writer.put(point, record).map_err(|error| error.to_string())
    }
}
