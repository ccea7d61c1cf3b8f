//! A sweep: every replication of every point, on all cores, the longest first.
//!
//! What counts is decided on prefixes of the replications of a point, at checkpoints fixed beforehand, so that the outcome
//! depends neither on the number of threads nor on the order in which replications end. Where nothing else is left to do,
//! threads simulate ahead of a decision; what they find enters only if the decision asks for it.

mod board;
mod rule;
#[cfg(test)]
mod tests;

use super::{Experiment, Plan, replicate};
use crate::observe::Record;
use board::{Board, Task};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Whoever keeps the records of a sweep: a store, or the memory.
pub trait Keeper: Sync {
    /// Whether the record of this replication of this point is kept already.
    fn has(&self, point: usize, replication: u32) -> bool;

    /// A record that is kept.
    ///
    /// # Errors
    /// Why it cannot be had, for a person.
    fn recall(&self, point: usize, replication: u32) -> Result<Record, String>;

    /// Keeps a record. Called from the thread that simulated it, in no order.
    ///
    /// # Errors
    /// Why it cannot be kept, for a person: the sweep ends.
    fn keep(&self, point: usize, record: &Record) -> Result<(), String>;
}

/// One part of a sweep that several machines share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 0.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// What a sweep tells while it runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Replications that are done, those known before included.
    pub done: u64,
    /// Replications asked for so far; grows where precision decides.
    pub asked: u64,
    /// Requests of the replications that were simulated now, as expected.
    pub requests: f64,
    /// Requests of the replications that are still to be simulated, as expected.
    pub requests_left: f64,
}

/// How a sweep is run.
#[derive(Clone, Copy)]
pub struct Sweep<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Who keeps the records.
    pub keeper: &'a dyn Keeper,
    /// The part of it to be done here; nothing means all.
    pub shard: Option<Shard>,
    /// Once this is set, replications that have begun are finished, and no more begun.
    pub stop: &'a AtomicBool,
    /// Told after each replication.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// What a sweep of the plan would have to do, where some replications are known: the first look only, where records decide.
pub fn ahead(plan: &Plan, shard: Option<Shard>, is_known: impl Fn(usize, u32) -> bool) -> Progress {
    Board::new(plan, shard, is_known).progress()
}

/// How a sweep ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// By point: how many replications count, from number 0 on; nothing where that is not decided, because the sweep was
    /// stopped or the point belongs to another shard.
    pub replications: Vec<Option<u32>>,
    /// Whether somebody said stop.
    pub is_stopped: bool,
}

impl Sweep<'_> {
    /// Simulates on the threads of the current rayon pool what is not kept yet.
    ///
    /// # Errors
    /// What the keeper says; what was kept until then stays kept.
    pub fn run(&self) -> Result<Outcome, String> {
        let board = Board::new(&self.experiment.plan, self.shard, |point, replication| self.keeper.has(point, replication));
        let hall = Hall { board: Mutex::new(board), changed: Condvar::new(), failure: Mutex::new(None) };
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| self.work(&hall));
            }
        });
        if let Some(failure) = hall.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(failure);
        }
        let board = hall.board.into_inner().unwrap_or_else(PoisonError::into_inner);
        let replications = board.decided();
        Ok(Outcome { replications, is_stopped: self.stop.load(Ordering::Relaxed) })
    }

    /// Takes tasks until there are none, or somebody says stop.
    fn work(&self, hall: &Hall) {
        let _leave = Leave(hall);
        while let Some(task) = hall.take(self.stop) {
            match self.record_of(task) {
                Ok(record) => hall.deliver(task, record, self.progress),
                Err(failure) => return hall.fail(failure),
            }
        }
    }

    fn record_of(&self, task: Task) -> Result<Record, String> {
        let Task { point, replication } = task;
        if self.keeper.has(point, replication) {
            return self.keeper.recall(point, replication);
        }
        let record = replicate(&self.experiment.models[point], replication);
        self.keeper.keep(point, &record)?;
        Ok(record)
    }
}

/// Where the threads meet.
struct Hall {
    board: Mutex<Board>,
    /// There may be a task now, or never again.
    changed: Condvar,
    failure: Mutex<Option<String>>,
}

impl Hall {
    /// The next task; waits while others may bring one.
    fn take(&self, stop: &AtomicBool) -> Option<Task> {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if stop.load(Ordering::Relaxed) || board.is_abandoned() {
                return None;
            }
            if let Some(task) = board.next() {
                return Some(task);
            }
            if board.is_idle() {
                return None;
            }
            board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn deliver(&self, task: Task, record: Record, progress: &(dyn Fn(Progress) + Sync)) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.deliver(task, record);
        let now = board.progress();
        drop(board);
        self.changed.notify_all();
        progress(now);
    }

    fn fail(&self, failure: String) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
        self.board.lock().unwrap_or_else(PoisonError::into_inner).abandon();
        self.changed.notify_all();
    }
}

/// Wakes the others when a thread leaves, even by a panic: nobody shall wait for it.
struct Leave<'a>(&'a Hall);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail("a replication failed; please report this with the model".into());
        }
        self.0.changed.notify_all();
    }
}
