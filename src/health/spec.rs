//! How a balancer finds out, as a model says it.

use crate::units::{Probability, Span};

/// How a balancer finds out which servers can be used.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// What it knows without asking.
    pub knowledge: Knowledge,
    /// Checks of its own; none = it sends none.
    pub checks: Option<CheckSpec>,
    /// What it makes of failed requests, as HAProxy's `observe`; none = nothing.
    pub observe: Option<ObserveSpec>,
    /// What it makes of failed requests, as Envoy's outlier detection; none = nothing.
    pub outliers: Option<OutlierSpec>,
    /// When it sends to servers believed dead after all; none = never.
    pub panic: Option<PanicSpec>,
    /// News of several servers of one level of priority within this time reach its choices together, as in Envoy; 0 = at once.
    pub merge_window: Span,
}

/// What a balancer knows without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Knowledge {
    /// Nothing: a dead server stays in rotation until a check or a failed request says otherwise.
    #[default]
    Nothing,
    /// The truth, at once: a server that goes down leaves the rotation in that instant.
    Perfect,
}

/// Active health checks of every server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckSpec {
    /// From the end of a check to the beginning of the next.
    pub interval: Span,
    /// The same while the server is between up and down (HAProxy's `fastinter`); none = as `interval`.
    pub transition_interval: Option<Span>,
    /// The same while it is down (HAProxy's `downinter`); none = as `interval`.
    pub down_interval: Option<Span>,
    /// How long a silent server is waited for; then the check has failed. 0: checks take no time.
    pub timeout: Span,
    /// Checks passed in a row until a server that is down is up; at least 1.
    pub rise: u32,
    /// Checks failed in a row until a server that is up is down; at least 1.
    pub fall: u32,
    /// Whether an answer that is an error counts as all `fall` failures at once, as a 503 does in Envoy.
    pub error_is_final: bool,
    /// When the first check of each server comes.
    pub phase: Phase,
    /// What it takes to pass.
    pub healthy: Healthy,
}

/// What a server must do to pass a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Healthy {
    /// Accept a connection, as for HAProxy's `check` without `option httpchk`: whoever fails checks only is up.
    Connects,
    /// Answer well on a path of its own (`option httpchk`, Envoy's `http_health_check`), which says nothing of the service.
    Answers,
    /// Answer a request of the service well: a check fails as often as requests are answered by errors or wrongly.
    Serves,
}

/// When the first check of each server comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// At a random time within the first interval, each server on its own.
    Random,
    /// One after the other, evenly over the first interval from a random beginning.
    Spread,
    /// All at the end of the first interval: at multiples of it, while checks take no time.
    Common,
}

/// How a check of a server went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// As it should.
    Passed,
    /// The connection was refused.
    Refused,
    /// It was answered by an error.
    Error,
    /// It was not answered in time.
    TimedOut,
}

/// How a try on a server ended, as its balancer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Answered.
    Answered,
    /// Answered by an error.
    Error,
    /// No connection, or none in time.
    NoConnection,
    /// The connection was cut.
    Cut,
    /// Not answered in time.
    TimedOut,
}

/// HAProxy's `observe`: failed requests count as failed checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObserveSpec {
    /// Whether answers count (`layer7`); else only connections do (`layer4`).
    pub answers: bool,
    /// Failures in a row until something is done; at least 1.
    pub error_limit: u32,
    /// What is done then.
    pub action: ErrorAction,
}

/// What HAProxy does at the error limit (`on-error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorAction {
    /// Checks come faster.
    FastInterval,
    /// It counts as one failed check (the default).
    FailCheck,
    /// It counts as all failed checks but one.
    SuddenDeath,
    /// The server is down.
    MarkDown,
}

/// Envoy's outlier detection.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlierSpec {
    /// Failures in a row (errors, cut connections, timeouts) until a server is ejected; 0 = never for that.
    pub consecutive_errors: u32,
    /// How often ejected servers are looked at, and rates of success.
    pub interval: Span,
    /// A server is ejected for this long times the number of its ejections in a row.
    pub base_ejection: Span,
    /// At most for this long.
    pub most_ejection: Span,
    /// The most servers that may be ejected, as a fraction of all.
    pub most_ejected: Probability,
    /// Whether one may always be ejected, whatever the fraction says.
    pub always_one: bool,
    /// Ejects servers whose rate of success is low among the others: by how many standard deviations below the mean; none = not.
    pub success_rate: Option<f64>,
    /// Ejects servers of which at least this fraction of requests fails; none = not.
    pub failure_fraction: Option<Probability>,
    /// The rates are looked at only where at least so many servers had enough requests in an interval.
    pub least_servers: u32,
    /// How many requests are enough.
    pub least_requests: u32,
}

/// When a balancer sends to servers that it believes dead, lest the others be overrun.
#[derive(Debug, Clone, PartialEq)]
pub struct PanicSpec {
    /// Below this fraction of healthy servers in a level of priority; 0 = never.
    pub threshold: Probability,
}
