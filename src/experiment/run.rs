//! Many replications on all cores, handed on in the order of their numbers.

use super::replicate;
use crate::model::Model;
use crate::observe::Record;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// Simulates the replications numbered `replications` on the threads of the current rayon pool and hands each record to
/// `sink`, always in the order of the numbers: whoever adds them up gets the same bits on any number of threads.
pub fn run(model: &Model, replications: Range<u32>, mut sink: impl FnMut(Record) + Send) {
    run_while(model, replications, |record| {
        sink(record);
        ControlFlow::Continue(())
    });
}

/// The same, until `sink` breaks. It sees nothing beyond that: what other threads have simulated ahead of time is dropped.
pub fn run_while(model: &Model, replications: Range<u32>, sink: impl FnMut(Record) -> ControlFlow<()> + Send) {
    let next = AtomicU32::new(replications.start);
    let queue = Mutex::new(InOrder { next: replications.start, early: BTreeMap::new(), sink, broken: false });
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= replications.end {
                return;
            }
            let record = replicate(model, number);
            if queue.lock().is_ok_and(|mut queue| queue.push(record).is_break()) {
                return;
            }
        }
    };
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(replications.len()) {
            scope.spawn(|_| work());
        }
    });
}

/// Holds back the records that came before their turn.
struct InOrder<F> {
    next: u32,
    early: BTreeMap<u32, Record>,
    sink: F,
    /// Whether the sink wants no more.
    broken: bool,
}

impl<F: FnMut(Record) -> ControlFlow<()>> InOrder<F> {
    fn push(&mut self, record: Record) -> ControlFlow<()> {
        self.early.insert(record.replication, record);
        while !self.broken
            && let Some(record) = self.early.remove(&self.next)
        {
            self.next += 1;
            self.broken = (self.sink)(record).is_break();
        }
        if self.broken { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
