//! A recorded workload. (Skeleton: to be replaced by the reader of access logs.)

use crate::units::{Span, Time};

/// One request of a recorded workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceArrival {
    /// When it arrived, from the start of the log.
    pub at: Time,
    /// Which client sent it, numbered from 0 in order of first appearance.
    pub client: u32,
}

/// A recorded workload in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The requests, sorted by time.
    pub arrivals: Vec<TraceArrival>,
    /// From the start of the first second to the end of the last.
    pub length: Span,
    /// How many different clients there are.
    pub clients: u32,
}
