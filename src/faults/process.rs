//! When faults come and go.

use super::{Fault, InFlight};
use crate::random::SpanDistribution;
use crate::units::{ServerId, Span};

/// A fault that comes upon servers again and again: an alternating renewal process.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureSpec {
    /// From the end of a repair (or the beginning) to the next fault.
    pub time_to_failure: SpanDistribution,
    /// From the beginning of a repair to its end; none = never repaired.
    pub time_to_repair: Option<SpanDistribution>,
    /// Which time counts as lifetime.
    pub clock: Clock,
    /// Who fails at once.
    pub scope: Scope,
    /// How many repairs go on at a time, the longest waiting first; none = as many as are needed.
    pub crews: Option<u32>,
    /// What happens.
    pub incident: Incident,
}

/// What happens at a fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// What goes wrong.
    pub fault: Fault,
    /// Whether it comes and goes while it lasts.
    pub flapping: Option<Flapping>,
}

/// A fault that comes and goes: present for `on`, absent for `off`, present again, until the incident is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flapping {
    /// Above 0.
    pub on: Span,
    /// Above 0.
    pub off: Span,
}

/// Which time counts as lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// All time in which the server is up.
    Calendar,
    /// Only time in which it serves a request.
    WhileServing,
}

/// Who fails at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each server on its own.
    Each,
    /// All that are up, by a common cause; each is repaired on its own.
    AllAtOnce,
    /// All that are up, by a common cause that ends for all of them at once, such as a loss of power.
    Together,
}

/// Servers that share a cause of failure: a rack, a zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Unique among the zones.
    pub name: String,
    /// Whom it holds; none of them a back end.
    pub servers: Vec<ServerId>,
    /// What happens to them; `Each` where it says so, otherwise by a common cause.
    pub failures: Vec<FailureSpec>,
}

/// A server that crashes when too many requests are present, as when its memory runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct OverloadCrash {
    /// It crashes when more requests than this are present, in service and waiting.
    pub most_present: u32,
    /// How long it is down.
    pub time_to_repair: SpanDistribution,
    /// What becomes of the requests it holds.
    pub work: InFlight,
}

/// Servers of a pool that wait until another one fails: the last `count` of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Spares {
    /// Below the number of servers of the pool.
    pub count: u32,
    /// In what state they wait.
    pub kind: SpareKind,
    /// From the failure of a server until a spare takes its place in the rotation.
    pub start_up: SpanDistribution,
}

/// In what state a spare waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpareKind {
    /// Switched off: it does not fail while it waits.
    Cold,
    /// Running idle: it fails while it waits, at this fraction of the rate of a working one.
    Warm(f64),
    /// Running like the others: it fails like them.
    Hot,
}
