//! Servers with more to them than one worker: several workers, calls that block them, processor sharing.

use super::server::after;
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The part of a server that its record has no room for.
#[derive(Debug)]
pub struct Station {
    work: Work,
    /// Workers in use, those included that wait for a back end.
    occupied: u32,
    /// Worker-nanoseconds in use since measuring began, up to `changed`.
    busy: u128,
    changed: Time,
    /// When the calendar wakes the station; [`Time::NEVER`] if it does not.
    pub wakes: Time,
    /// The generation of that event.
    pub stamp: u32,
}

#[derive(Debug)]
enum Work {
    /// Each job has a worker to itself until it ends. Jobs by end, then tag.
    Workers { ends: BinaryHeap<Reverse<(Time, u64, u32)>> },
    /// All jobs share the workers. Each gets min(1, workers / jobs) of one.
    Sharing {
        workers: u32,
        /// What a job present since the last idle moment has got, in 2^-32 ns: attained service in fixed point.
        attained: u128,
        updated: Time,
        /// Jobs by what `attained` will be when they end, then tag.
        ends: BinaryHeap<Reverse<(u128, u64, u32)>>,
    },
}

/// Bits of attained service below the nanosecond.
const FRACTION: u32 = 32;

impl Station {
    pub fn workers() -> Self {
        Self::new(Work::Workers { ends: BinaryHeap::new() })
    }

    pub fn sharing(workers: u32) -> Self {
        Self::new(Work::Sharing { workers, attained: 0, updated: Time::ZERO, ends: BinaryHeap::new() })
    }

    const fn new(work: Work) -> Self {
        Self { work, occupied: 0, busy: 0, changed: Time::ZERO, wakes: Time::NEVER, stamp: 0 }
    }

    /// Workers in use.
    pub const fn occupied(&self) -> u32 {
        self.occupied
    }

    /// Worker-nanoseconds in use from `from` to `now`.
    pub fn busy_at(&self, from: Time, now: Time) -> u128 {
        let using = match self.work {
            Work::Workers { .. } => self.occupied,
            Work::Sharing { workers, .. } => self.occupied.min(workers),
        };
        self.busy + u128::from(now.since(self.changed.max(from)).as_nanos()) * u128::from(using)
    }

    fn occupy(&mut self, from: Time, now: Time, occupied: u32) {
        self.busy = self.busy_at(from, now);
        self.changed = now;
        self.occupied = occupied;
    }

    /// A job begins that needs a worker for `service` nanoseconds.
    pub fn begin(&mut self, from: Time, now: Time, job: u32, tag: u64, service: u64) {
        self.share(now);
        self.occupy(from, now, self.occupied + 1);
        match &mut self.work {
            Work::Workers { ends } => ends.push(Reverse((after(now, service), tag, job))),
            Work::Sharing { attained, ends, .. } => ends.push(Reverse((*attained + (u128::from(service) << FRACTION), tag, job))),
        }
    }

    /// Takes out all jobs whose own service ends by `now`, in order. With `release`, their workers are free again;
    /// without, those of a first come first served station go on waiting for a back end.
    pub fn end(&mut self, from: Time, now: Time, release: bool, ended: &mut Vec<u32>) {
        self.share(now);
        let before = ended.len();
        match &mut self.work {
            Work::Workers { ends } => {
                while let Some(&Reverse((end, _, job))) = ends.peek()
                    && end <= now
                {
                    ends.pop();
                    ended.push(job);
                }
            }
            Work::Sharing { attained, ends, .. } => {
                while let Some(&Reverse((end, _, job))) = ends.peek()
                    && end <= *attained
                {
                    ends.pop();
                    ended.push(job);
                }
                if ends.is_empty() {
                    *attained = 0;
                }
            }
        }
        if release || matches!(self.work, Work::Sharing { .. }) {
            let freed = (ended.len() - before) as u32;
            self.occupy(from, now, self.occupied - freed);
        }
    }

    /// The worker of a job that waited for a back end is free again.
    pub fn unblock(&mut self, from: Time, now: Time) {
        if matches!(self.work, Work::Workers { .. }) {
            self.occupy(from, now, self.occupied - 1);
        }
    }

    /// When the next job's own service ends.
    pub fn next_end(&self) -> Time {
        match &self.work {
            Work::Workers { ends } => ends.peek().map_or(Time::NEVER, |Reverse((end, ..))| *end),
            Work::Sharing { workers, attained, updated, ends } => ends.peek().map_or(Time::NEVER, |Reverse((end, ..))| {
                let jobs = ends.len() as u128;
                let parallel = jobs.min(u128::from(*workers));
                // A job that is due at this very instant may have got a fraction of a nanosecond more than it asked for.
                let wait = (end.saturating_sub(*attained) * jobs).div_ceil(parallel << FRACTION);
                after(*updated, u64::try_from(wait).unwrap_or(u64::MAX))
            }),
        }
    }

    /// The jobs in service, those that wait for a back end excluded.
    pub fn jobs(&self) -> Vec<u32> {
        match &self.work {
            Work::Workers { ends } => ends.iter().map(|Reverse((.., job))| *job).collect(),
            Work::Sharing { ends, .. } => ends.iter().map(|Reverse((.., job))| *job).collect(),
        }
    }

    /// Brings attained service up to `now`. Rounding it down and completions up keeps every job at least as long as
    /// its demand asks, and at most a nanosecond longer.
    fn share(&mut self, now: Time) {
        if let Work::Sharing { workers, attained, updated, ends } = &mut self.work {
            let jobs = ends.len() as u128;
            let passed = u128::from((now - *updated).as_nanos()) << FRACTION;
            if let Some(share) = (passed * jobs.min(u128::from(*workers))).checked_div(jobs) {
                *attained += share;
            }
            *updated = now;
        }
    }
}
