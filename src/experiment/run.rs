//! Many replications on all cores, handed on in the order of their numbers.

use super::replicate;
use crate::model::Model;
use crate::observe::Record;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// Simulates the replications numbered `replications` on the threads of the current rayon pool and hands each record to
/// `sink`, always in the order of the numbers: whoever adds them up gets the same bits on any number of threads.
pub fn run(model: &Model, replications: Range<u32>, sink: impl FnMut(Record) + Send) {
    let next = AtomicU32::new(replications.start);
    let queue = Mutex::new(InOrder { next: replications.start, early: BTreeMap::new(), sink });
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= replications.end {
                return;
            }
            let record = replicate(model, number);
            if let Ok(mut queue) = queue.lock() {
                queue.push(record);
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
}

impl<F: FnMut(Record)> InOrder<F> {
    fn push(&mut self, record: Record) {
        self.early.insert(record.replication, record);
        while let Some(record) = self.early.remove(&self.next) {
            self.next += 1;
            (self.sink)(record);
        }
    }
}
