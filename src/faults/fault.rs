//! The kinds of faults.

use crate::random::SpanDistribution;
use crate::units::Probability;

/// What goes wrong with a server.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It is gone: connections are refused at once.
    Crash {
        /// What becomes of the requests it holds.
        work: InFlight,
    },
    /// It accepts and never answers, health checks included, until somebody's patience ends. With work that is resumed or
    /// restarted it hangs: what it holds and what comes meanwhile is served afterwards.
    Silence {
        /// What becomes of the requests it holds and gets.
        work: InFlight,
    },
    /// Service takes `factor` times as long; health checks pass.
    Slow {
        /// Above 0, usually above 1.
        factor: f64,
    },
    /// Requests are answered by an error with this probability; health checks pass unless they ask for the service.
    Errors {
        /// Of each request on its own.
        probability: Probability,
        /// How long an error takes, in place of the service; none = as long as the service.
        after: Option<SpanDistribution>,
    },
    /// Requests get an answer that is wrong though it looks right, with this probability; health checks pass unless they ask for the service.
    WrongAnswers {
        /// Of each request on its own.
        probability: Probability,
    },
    /// Health checks are answered by an error, requests are served.
    FailingChecks,
    /// The server works, but balancers cannot reach it.
    Partition {
        /// Whether attempts fail at once; else they are met with silence.
        refused: bool,
    },
}

/// What becomes of the requests at a server that goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// They are lost: those in service, those waiting, and their connections.
    Lost,
    /// They stay, and service goes on after the repair where it stopped (preemptive resume).
    Resumed,
    /// They stay, and service in progress begins again after the repair with the same demand (preemptive repeat identical).
    Restarted,
}
