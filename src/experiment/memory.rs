//! The records of a sweep in memory, as compact as a store has them.

use super::{Keeper, Plan};
use crate::observe::{Fold, Record};
use crate::stats::codec::Codec;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Keeps records for as long as the program runs.
#[derive(Debug, Default)]
pub struct Memory {
    /// By point and replication.
    records: Mutex<BTreeMap<(usize, u32), Vec<u8>>>,
}

impl Memory {
    /// What is kept of each point of the plan, of as many replications as count: nothing of those that are not decided.
    #[must_use]
    pub fn folds(&self, plan: &Plan, replications: &[Option<u32>]) -> Vec<Fold> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let serves = |point: usize| {
            let twin = plan.points.iter().position(|other| other.fingerprint == plan.points[point].fingerprint);
            // The point itself, or an earlier one that is the same.
            if records.contains_key(&(point, 0)) { point } else { twin.unwrap_or(point) }
        };
        let fold = |(point, planned): (usize, &super::PlannedPoint)| {
            let mut fold = Fold::of(planned.shape.clone());
            let (from, to) = ((serves(point), 0), (serves(point), replications[point].unwrap_or(0)));
            for data in records.range(from..to).map(|(_, data)| data) {
                if let Some(record) = Record::decode(&mut data.as_slice()) {
                    fold.add(&record);
                }
            }
            fold
        };
        plan.points.iter().enumerate().map(fold).collect()
    }
}

impl Keeper for Memory {
    fn has(&self, point: usize, replication: u32) -> bool {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(point, replication))
    }

    fn recall(&self, point: usize, replication: u32) -> Result<Record, String> {
        let data = self.records.lock().unwrap_or_else(PoisonError::into_inner).get(&(point, replication)).cloned();
        let data = data.ok_or("the record is not there")?;
        Record::decode(&mut data.as_slice()).ok_or_else(|| "the record cannot be read".to_owned())
    }

    fn keep(&self, point: usize, record: &Record) -> Result<(), String> {
        let mut data = Vec::new();
        record.encode(&mut data);
        self.records.lock().unwrap_or_else(PoisonError::into_inner).insert((point, record.replication), data);
        Ok(())
    }
}
