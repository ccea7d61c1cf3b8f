//! What the cluster knows of a server, in one cache line, and what it shares with the others of its pool.

use super::arena::Queue;
use crate::faults::OverloadCrash;
use crate::model::{Call, Discipline, PoolKind, PoolSpec};
use crate::random::SpanDistribution;
use crate::units::{ServerId, Time};

/// One server. A single worker that serves first come first served has its request in the record itself; any other
/// server has a station beside it.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct Server {
    /// Of the request in service: when its service began, its birth, its tag.
    pub start: u64,
    pub birth: u64,
    pub tag: u64,
    /// Worker-nanoseconds in service since measuring began, up to the last completion.
    pub busy: u64,
    /// Request-nanoseconds spent waiting here since measuring began, up to the last start of service; at most 2^64 - 1.
    pub queued: u64,
    /// Requests completed since measuring began, and the pool in the low bits: see [`Server::pool`].
    served_and_pool: u64,
    /// Of the request in service: its client; of a server with a station: which.
    pub client_or_station: u32,
    /// Requests present, in service and waiting.
    pub present: u32,
    /// Those that wait.
    pub queue: Queue,
}

const _: () = assert!(size_of::<Server>() == 64, "one cache line a server");

impl Server {
    pub const fn new(pool: u16, station: u32) -> Self {
        Self {
            start: 0,
            birth: 0,
            tag: 0,
            busy: 0,
            queued: 0,
            served_and_pool: pool as u64,
            client_or_station: station,
            present: 0,
            queue: Queue::EMPTY,
        }
    }

    /// The pool it belongs to.
    #[inline]
    pub const fn pool(&self) -> usize {
        (self.served_and_pool % POOLS) as usize
    }

    /// Requests completed since measuring began.
    pub const fn served(&self) -> u64 {
        self.served_and_pool / POOLS
    }

    /// Counts a completed request, if it counts.
    #[inline]
    pub const fn count_served(&mut self, counts: bool) {
        self.served_and_pool += POOLS * counts as u64;
    }

    #[inline]
    pub const fn station(&self) -> usize {
        self.client_or_station as usize
    }

    /// Adds the waiting time from `since` to `start`, as far as it lies after `from`.
    #[inline]
    pub fn add_queued(&mut self, from: u64, since: u64, start: u64) {
        self.queued = self.queued.saturating_add(start.saturating_sub(since.max(from)));
    }
}

/// More pools than there can be: where the count of requests begins in the field that holds both.
const POOLS: u64 = 1 << 16;

/// What the servers of a pool have in common.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a branch of its own that most models never take")]
pub struct Pool {
    pub service: Service,
    pub is_back_end: bool,
    pub capacity: u32,
    pub workers: u32,
    /// Time per unit of demand; none at speed 1.
    slowness: Option<f64>,
    /// What each request calls.
    pub call: Option<BackEndCall>,
    /// Whether its requests may call back ends.
    pub calls: bool,
    /// Whether its servers have caches.
    pub remembers: bool,
    /// Whether it matters to some balancer how many requests are at a server: it passes over full ones, or limits connections.
    pub is_watched: bool,
    /// Most requests that a balancer has in flight at each server.
    pub max_connections: Option<u32>,
    pub servers: std::ops::Range<u32>,
    /// Whether its servers can go down, so that completions may be void and requests turned away.
    pub can_fail: bool,
    /// Whether they crash under too much load.
    pub overload: Option<OverloadCrash>,
    /// Whether somebody must hear of every request that comes and goes ([`super::risk::is_heeded`]).
    pub is_heeded: bool,
}

/// What can happen to the servers of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    None,
    /// They crash and lose their work: a single worker's record can bear that.
    Crashes,
    /// Anything, service that stops and goes on included: that takes a station.
    Any,
}

/// How a server works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// One worker, first come first served, no calls: the record says all.
    Single,
    /// Several workers or workers that make calls, first come first served.
    Workers,
    /// Processor sharing.
    Sharing,
}

#[derive(Debug, Clone)]
pub struct BackEndCall {
    pub to: ServerId,
    pub demand: SpanDistribution,
}

impl BackEndCall {
    /// `firsts`: the first server of each pool.
    pub fn new(call: &Call, firsts: &[u32]) -> Self {
        Self { to: ServerId(firsts[call.to.index()]), demand: call.demand.clone() }
    }
}

impl Pool {
    pub fn new(
        spec: &PoolSpec,
        first: u32,
        call: Option<BackEndCall>,
        skipped_when_full: bool,
        (risk, is_heeded): (Risk, bool),
    ) -> Self {
        let is_simple = call.is_none() && spec.caches.is_empty();
        let service = match spec.discipline {
            Discipline::ProcessorSharing => Service::Sharing,
            Discipline::Fcfs if spec.workers == 1 && is_simple && spec.kind == PoolKind::Servers && risk < Risk::Any => {
                Service::Single
            }
            Discipline::Fcfs => Service::Workers,
        };
        Self {
            service,
            is_back_end: spec.kind == PoolKind::BackEnd,
            capacity: spec.capacity.unwrap_or(u32::MAX),
            workers: spec.workers,
            slowness: (spec.speed != 1.0).then_some(1.0 / spec.speed),
            calls: spec.calls().next().is_some(),
            remembers: !spec.caches.is_empty(),
            call,
            is_watched: skipped_when_full && spec.capacity.is_some() || spec.max_connections.is_some(),
            max_connections: spec.max_connections,
            servers: first..first + spec.count,
            can_fail: risk > Risk::None,
            overload: spec.overload.clone(),
            is_heeded,
        }
    }

    /// How long a worker takes for `demand`.
    #[inline]
    pub fn service_time(&self, demand: u64) -> u64 {
        match self.slowness {
            None => demand,
            Some(slowness) => crate::units::Span::from_nanos_f64(demand as f64 * slowness).as_nanos(),
        }
    }
}

/// `span` nanoseconds after `time`.
#[inline]
pub const fn after(time: Time, span: u64) -> Time {
    Time::from_nanos(time.as_nanos().saturating_add(span))
}
