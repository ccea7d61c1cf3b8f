//! Servers with more to them than one worker: several workers, calls that block them, processor sharing.

use super::server::after;
use crate::units::{Span, Time};
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
    /// Since when nobody is served, while the server is down.
    frozen: Option<Time>,
    /// How many times as long service takes: above 1 while something slows it.
    slowness: f64,
    /// Jobs whose back end has answered while the server was down.
    pub returned: Vec<u32>,
}

#[derive(Debug)]
enum Work {
    /// Each job has a worker to itself until it ends. Jobs by end, then tag, each with its whole service time at full speed.
    Workers { ends: BinaryHeap<Reverse<(Time, u64, u32, u64)>> },
    /// All jobs share the workers. Each gets min(1, workers / jobs) of one.
    Sharing {
        workers: u32,
        /// What a job present since the last idle moment has got, in 2^-32 ns: attained service in fixed point.
        attained: u128,
        updated: Time,
        /// Jobs by what `attained` will be when they end, then tag.
        ends: BinaryHeap<Reverse<(u128, u64, u32, u64)>>,
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

    fn new(work: Work) -> Self {
        Self {
            work,
            occupied: 0,
            busy: 0,
            changed: Time::ZERO,
            wakes: Time::NEVER,
            stamp: 0,
            frozen: None,
            slowness: 1.0,
            returned: Vec::new(),
        }
    }

    /// Workers in use.
    pub const fn occupied(&self) -> u32 {
        self.occupied
    }

    /// Worker-nanoseconds in use from `from` to `now`.
    pub fn busy_at(&self, from: Time, now: Time) -> u128 {
        let using = match self.work {
            _ if self.frozen.is_some() => 0,
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
            Work::Workers { ends } => ends.push(Reverse((after(now, stretched(service, self.slowness)), tag, job, service))),
            Work::Sharing { attained, ends, .. } => {
                ends.push(Reverse((*attained + (u128::from(service) << FRACTION), tag, job, service)));
            }
        }
    }

    /// Takes out all jobs whose own service ends by `now`, in order. With `release`, their workers are free again;
    /// without, those of a first come first served station go on waiting for a back end.
    pub fn end(&mut self, from: Time, now: Time, release: bool, ended: &mut Vec<u32>) {
        self.share(now);
        let before = ended.len();
        match &mut self.work {
            Work::Workers { ends } => {
                while let Some(&Reverse((end, _, job, _))) = ends.peek()
                    && end <= now
                {
                    ends.pop();
                    ended.push(job);
                }
            }
            Work::Sharing { attained, ends, .. } => {
                while let Some(&Reverse((end, _, job, _))) = ends.peek()
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
            _ if self.frozen.is_some() => Time::NEVER,
            Work::Workers { ends } => ends.peek().map_or(Time::NEVER, |Reverse((end, ..))| *end),
            Work::Sharing { workers, attained, updated, ends } => ends.peek().map_or(Time::NEVER, |Reverse((end, ..))| {
                let jobs = ends.len() as u128;
                let parallel = jobs.min(u128::from(*workers));
                // A job that is due at this very instant may have got a fraction of a nanosecond more than it asked for.
                let wait = (end.saturating_sub(*attained) * jobs).div_ceil(parallel << FRACTION);
                after(*updated, stretched_up(u64::try_from(wait).unwrap_or(u64::MAX), self.slowness))
            }),
        }
    }

    /// The jobs in service, those that wait for a back end excluded.
    pub fn jobs(&self) -> Vec<u32> {
        match &self.work {
            Work::Workers { ends } => ends.iter().map(|Reverse((_, _, job, _))| *job).collect(),
            Work::Sharing { ends, .. } => ends.iter().map(|Reverse((_, _, job, _))| *job).collect(),
        }
    }

    /// Brings attained service up to `now`. Rounding it down and completions up keeps every job at least as long as
    /// its demand asks, and at most a nanosecond longer.
    fn share(&mut self, now: Time) {
        if let Work::Sharing { workers, attained, updated, ends } = &mut self.work {
            let jobs = ends.len() as u128;
            let passed = if self.frozen.is_some() { 0 } else { shrunk((now - *updated).as_nanos(), self.slowness) };
            if let Some(share) = (passed * jobs.min(u128::from(*workers))).checked_div(jobs) {
                *attained += share;
            }
            *updated = now;
        }
    }

    /// Nobody is served from now on.
    pub fn freeze(&mut self, from: Time, now: Time) {
        if self.frozen.is_some() {
            return;
        }
        self.share(now);
        self.occupy(from, now, self.occupied);
        self.frozen = Some(now);
    }

    /// Service goes on where it stopped or, with `restart`, each job in service begins again.
    pub fn thaw(&mut self, from: Time, now: Time, restart: bool) {
        let Some(since) = self.frozen else { return };
        self.share(now);
        self.occupy(from, now, self.occupied);
        self.frozen = None;
        let slowness = self.slowness;
        match &mut self.work {
            Work::Workers { ends } => {
                let stood = (now - since).as_nanos();
                let moved = |Reverse((end, tag, job, service)): Reverse<(Time, u64, u32, u64)>| {
                    let end = if restart { after(now, stretched(service, slowness)) } else { after(end, stood) };
                    Reverse((end, tag, job, service))
                };
                *ends = std::mem::take(ends).into_iter().map(moved).collect();
            }
            Work::Sharing { attained, ends, .. } if restart => {
                let again = |Reverse((_, tag, job, service)): Reverse<(u128, u64, u32, u64)>| {
                    Reverse((*attained + (u128::from(service) << FRACTION), tag, job, service))
                };
                *ends = std::mem::take(ends).into_iter().map(again).collect();
            }
            Work::Sharing { .. } => {}
        }
    }

    pub const fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Service takes `slowness` times as long from now on.
    pub fn slow_down(&mut self, now: Time, slowness: f64) {
        self.share(now);
        let ratio = slowness / self.slowness;
        self.slowness = slowness;
        // Of a server that is down, what was left when it stopped.
        let now = self.frozen.unwrap_or(now);
        if let Work::Workers { ends } = &mut self.work {
            let moved = |Reverse((end, tag, job, service)): Reverse<(Time, u64, u32, u64)>| {
                Reverse((after(now, stretched(end.since(now).as_nanos(), ratio)), tag, job, service))
            };
            *ends = std::mem::take(ends).into_iter().map(moved).collect();
        }
    }

    /// Takes out the job at place `job`, if it is in service, and frees its worker.
    pub fn drop_job(&mut self, from: Time, now: Time, job: u32) -> bool {
        self.share(now);
        let before = self.in_service();
        match &mut self.work {
            Work::Workers { ends } => ends.retain(|Reverse((_, _, place, _))| *place != job),
            Work::Sharing { ends, .. } => ends.retain(|Reverse((_, _, place, _))| *place != job),
        }
        let found = self.in_service() < before;
        if found {
            self.occupy(from, now, self.occupied - 1);
        }
        found
    }

    /// Takes all jobs out; those that wait for a back end count as gone too.
    pub fn clear(&mut self, from: Time, now: Time, gone: &mut Vec<u32>) {
        self.share(now);
        gone.extend(self.jobs());
        match &mut self.work {
            Work::Workers { ends } => ends.clear(),
            Work::Sharing { ends, attained, .. } => {
                ends.clear();
                *attained = 0;
            }
        }
        self.occupy(from, now, 0);
    }

    fn in_service(&self) -> usize {
        match &self.work {
            Work::Workers { ends } => ends.len(),
            Work::Sharing { ends, .. } => ends.len(),
        }
    }
}

/// A time `slowness` times as long, to the nearest nanosecond.
#[inline]
fn stretched(nanos: u64, slowness: f64) -> u64 {
    if slowness == 1.0 { nanos } else { Span::from_nanos_f64(nanos as f64 * slowness).as_nanos() }
}

/// The same, at least as long as it must be.
#[inline]
fn stretched_up(nanos: u64, slowness: f64) -> u64 {
    if slowness == 1.0 || nanos == u64::MAX {
        nanos
    } else {
        Span::from_nanos_f64((nanos as f64 * slowness).ceil()).as_nanos() + 1
    }
}

/// The service that fits into `nanos` of time, in 2^-32 ns.
#[inline]
fn shrunk(nanos: u64, slowness: f64) -> u128 {
    if slowness == 1.0 { u128::from(nanos) << FRACTION } else { (nanos as f64 / slowness * (1_u64 << FRACTION) as f64) as u128 }
}
