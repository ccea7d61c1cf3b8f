//! The record of one replication: what is kept of it when the cluster is gone.

use super::ClassTally;
use crate::stats::BatchSeries;
use crate::units::Time;

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

/// How unequally the servers were used in one stretch of the measured window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// End of the stretch.
    pub to: Time,
    /// Mean utilization over the servers.
    pub utilization: f64,
    /// Population standard deviation over the mean.
    pub cv: f64,
    /// Largest over mean.
    pub max_over_mean: f64,
    /// Jain's index of fairness.
    pub jain: f64,
}

/// All that is kept of one replication.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its number, from 0.
    pub replication: u32,
    /// Requests born, from time 0 on.
    pub born: u64,
    /// Measures by class.
    pub classes: Vec<ClassTally>,
    /// Sojourn times by birth number, from time 0 on.
    pub batches: BatchSeries,
    /// Use by server, back ends last.
    pub servers: Vec<ServerUsage>,
    /// Imbalance over time, at most 256 stretches of equal length.
    pub windows: Vec<Window>,
}
