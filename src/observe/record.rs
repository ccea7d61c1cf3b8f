//! The record of one replication: what is kept of it when the cluster is gone.

use super::{BirthSeries, CacheUsage, ClassTally, Uptime};
use crate::stats::Imbalance;
use crate::units::{Span, Time};

/// The use of one server over the measured window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerUsage {
    /// Worker-nanoseconds in use.
    pub busy_ns: u128,
    /// Request-nanoseconds spent waiting at the server.
    pub queued_ns: u128,
    /// Requests completed.
    pub served: u64,
}

impl ServerUsage {
    /// Adds the use of another server.
    pub const fn add(&mut self, other: &Self) {
        self.busy_ns += other.busy_ns;
        self.queued_ns += other.queued_ns;
        self.served += other.served;
    }

    /// The fraction of the time of `workers` workers that was in use over a window of length `window`.
    #[must_use]
    pub fn utilization(&self, workers: u64, window: Span) -> f64 {
        self.busy_ns as f64 / (workers as f64 * window.as_nanos() as f64)
    }

    /// The mean number of requests waiting over a window of length `window`.
    #[must_use]
    pub fn mean_in_queue(&self, window: Span) -> f64 {
        self.queued_ns as f64 / window.as_nanos() as f64
    }
}

/// How the servers were used in one stretch of the measured window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// End of the stretch.
    pub to: Time,
    /// Mean utilization over the servers.
    pub utilization: f64,
    /// How unequal the utilizations were.
    pub imbalance: Imbalance,
}

/// All that is kept of one replication. It can be kept as bytes: [`crate::stats::codec::Codec`].
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number, from 0.
    pub replication: u32,
    /// Requests born, from time 0 on.
    pub born: u64,
    /// Measures by class.
    pub classes: Vec<ClassTally>,
    /// Sojourn times by birth number, from time 0 on.
    pub births: BirthSeries,
    /// What was up, where something can fail.
    pub uptime: Option<Uptime>,
    /// By pool, then kind of cache: what the caches of its servers were good for.
    pub caches: Vec<CacheUsage>,
    /// Calls that back ends have answered in the measured window.
    pub calls: u64,
    /// Use by pool, all its servers together; back ends last.
    pub pools: Vec<ServerUsage>,
    /// Use by server, back ends last; empty where there are more than [`Record::SERVERS_LISTED`].
    pub servers: Vec<ServerUsage>,
    /// Utilization averaged over the servers, and how unequal it was, over the whole measured window. Back ends do not count.
    pub use_of_servers: Window,
    /// The same over stretches of equal length, at most [`Record::MOST_WINDOWS`].
    pub windows: Vec<Window>,
    /// Utilization of each server in each of these stretches, stretch by stretch: of replication 0 only, for a picture, and only
    /// where there are at most [`Record::SERVERS_PICTURED`] servers. Back ends do not count.
    pub pictured: Vec<f32>,
}

impl Record {
    /// More servers than this are not listed one by one.
    pub const SERVERS_LISTED: usize = 1_000;
    /// More servers than this are not pictured over time.
    pub const SERVERS_PICTURED: usize = 64;
    /// The most stretches the measured window is divided into.
    pub const MOST_WINDOWS: u32 = 256;

    /// The measures of all classes together.
    #[must_use]
    pub fn total(&self) -> ClassTally {
        let mut total = ClassTally::default();
        self.classes.iter().for_each(|class| total.merge(class));
        total
    }
}
