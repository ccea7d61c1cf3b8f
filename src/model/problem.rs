//! The problems that only a model can have, and the words for them.

use crate::notation::{Describe, Severity, grouped, names, quoted, shortened};

/// The kind of the warning that more work is offered than can be done, so that means depend on the length of the run.
pub const OVERLOAD: &str = "Overload";

/// The kind of the mistake that a replication would take too long.
pub const TOO_MANY_EVENTS: &str = "TooManyEvents";

/// A kind of problem, with what one needs to know to describe it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ModelProblem {
    Distribution {
        name: &'static str,
        parameter: &'static str,
        expected: String,
    },
    WrongKind {
        name: String,
        is: &'static str,
        needed: &'static str,
    },
    BalancerNeeded {
        class: String,
        balancers: Vec<String>,
    },
    CallTargetNeeded {
        back_ends: Vec<String>,
    },
    WeightsIgnored {
        algorithm: &'static str,
        what: &'static str,
    },
    NothingToHash {
        class: String,
        algorithm: &'static str,
    },
    NotInProduct {
        product: String,
        what: &'static str,
    },
    // Caches.
    NothingToCache {
        class: String,
    },
    NothingToCoalesce,
    Unreached {
        pool: String,
    },
    UnusedBalancer {
        balancer: String,
    },
    UncalledBackEnd {
        back_end: String,
    },
    // Servers and clients.
    CapacityBelowWorkers {
        capacity: u32,
        workers: u32,
    },
    ZeroGap,
    MostlyZeroGap,
    ZeroCycle {
        class: String,
    },
    MostlyZeroCycle {
        class: String,
    },
    EndlessRefusals {
        class: String,
    },
    Log {
        path: String,
        reason: String,
    },
    DemandTwice {
        path: String,
    },
    /// `lines`: the first of them, each with its number and what is wrong.
    LogLines {
        path: String,
        bad: u64,
        lines: Vec<String>,
    },
    // The script.
    NoSuchServer {
        server: u64,
        servers: u64,
        pools: Vec<String>,
    },
    AfterTheEnd {
        at: String,
        end: String,
    },
    ChangesNothing {
        server: String,
        state: &'static str,
    },
    // What goes wrong with servers.
    NotOfBackEnd {
        field: &'static str,
    },
    FaultOfBackEnd,
    CommonWhileServing,
    OfServers {
        field: &'static str,
        bound: &'static str,
        servers: u64,
        whose: &'static str,
    },
    ScalingLimits {
        least: u32,
        begin: u32,
        most: u32,
    },
    MaintenanceTooLong {
        takes: String,
        every: String,
    },
    // The run.
    WarmUpTooLong {
        warm_up: String,
        length: String,
    },
    FieldOfOtherRun {
        field: &'static str,
        kind: &'static str,
        other: &'static str,
    },
    SteadyReplay,
    ReplayReplications {
        replications: u32,
    },
    TooManyEvents {
        events: f64,
    },
    // Load.
    Overload {
        load: f64,
        stations: String,
        /// The fraction of them that failures leave.
        up: f64,
        back_end: bool,
    },
}

impl Describe for ModelProblem {
    fn severity(&self) -> Severity {
        match self {
            Self::Unreached { .. }
            | Self::UnusedBalancer { .. }
            | Self::UncalledBackEnd { .. }
            | Self::LogLines { .. }
            | Self::ChangesNothing { .. }
            | Self::WeightsIgnored { .. }
            | Self::NothingToHash { .. }
            | Self::NothingToCache { .. }
            | Self::Overload { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Distribution { name, parameter, expected } => format!("`{parameter}` of `{name}` must be {expected}"),
            Self::WrongKind { name, is, needed } => format!("{} is {is}, but {needed}", quoted(name)),
            Self::BalancerNeeded { class, .. } => {
                format!("there are several balancers: {} must say to which one it sends", quoted(class))
            }
            Self::CallTargetNeeded { back_ends } if back_ends.is_empty() => "there is no back end to call".into(),
            Self::CallTargetNeeded { .. } => "there are several back ends: the call must say which one".into(),
            Self::WeightsIgnored { algorithm, what } => {
                format!("{what} changes nothing: {algorithm} takes no notice of weights that change")
            }
            Self::NothingToHash { class, algorithm } => {
                format!("requests of {} ask for nothing: {algorithm} sends all of them to one server", quoted(class))
            }
            Self::NothingToCache { class } => {
                format!("requests of {} ask for nothing: all of them find the same item in the caches of items", quoted(class))
            }
            Self::NothingToCoalesce => "only calls to a back end can be shared by requests that miss the same".into(),
            Self::NotInProduct { product, what } => format!("{product} has no {what}"),
            Self::Unreached { pool } => format!("no balancer sends to the pool {}", quoted(pool)),
            Self::UnusedBalancer { balancer } => format!("no client uses the balancer {}", quoted(balancer)),
            Self::UncalledBackEnd { back_end } => format!("no server calls the back end {}", quoted(back_end)),
            Self::CapacityBelowWorkers { .. } => "a server cannot hold fewer requests than it serves at once".into(),
            Self::ZeroGap => "the gap between two requests must be at least 100 ns on average".into(),
            Self::MostlyZeroGap => "the gap between two requests is 0 with a probability above 99%".into(),
            Self::ZeroCycle { class } => {
                format!("users of {} must take at least 100 ns on average from one request to the next", quoted(class))
            }
            Self::MostlyZeroCycle { class } => {
                format!("users of {} take no time from one request to the next with a probability above 99%", quoted(class))
            }
            Self::EndlessRefusals { class } => {
                format!("users of {} who hardly ever think and are refused would ask again at once, over and over", quoted(class))
            }
            Self::Log { path, .. } => format!("the log \"{}\" cannot be replayed", shortened(path)),
            Self::DemandTwice { path } => format!("the log \"{}\" brings the demand of each request", shortened(path)),
            Self::LogLines { path, bad, .. } => {
                let lines = if *bad == 1 { "1 line".into() } else { format!("{} lines", grouped(*bad)) };
                format!("{lines} of the log \"{}\" cannot be read and will be left out", shortened(path))
            }
            Self::NoSuchServer { server, .. } => format!("there is no server {server}"),
            Self::AfterTheEnd { at, end } => format!("this change at {at} comes after the end of the run at {end}"),
            Self::ChangesNothing { server, state } => format!("this changes nothing: {server} {state}"),
            Self::NotOfBackEnd { field } => format!("a back end has no `{field}`: only servers behind balancers have"),
            Self::FaultOfBackEnd => "a back end fails by `Crash`, `Silence` or `Slow`".into(),
            Self::CommonWhileServing => "a common cause of several servers counts calendar time".into(),
            Self::OfServers { field, bound, .. } => format!("`{field}` must be {bound} the number of servers"),
            Self::ScalingLimits { .. } => "a pool that scales begins with `least` to `most` servers".into(),
            Self::MaintenanceTooLong { takes, every } => {
                format!("one round of maintenance takes {takes}, but the next begins after {every}")
            }
            Self::WarmUpTooLong { warm_up, length } => {
                format!("a warm-up of {warm_up} leaves nothing of a run of {length} to measure")
            }
            Self::FieldOfOtherRun { field, kind, .. } => format!("a {kind} run has no `{field}`"),
            Self::SteadyReplay => "a replayed log has no steady state: it runs from its first request to its last".into(),
            Self::ReplayReplications { .. } => "a log happened once: it can be replayed only in one replication".into(),
            Self::TooManyEvents { events } => {
                format!("one replication would have about 10^{:.0} events; at most 10^12 are allowed", events.log10())
            }
            Self::Overload { load, back_end, .. } => {
                let what = if *back_end { "load on back ends" } else { "load" };
                let verb = if *load > 1.0 { "exceeds" } else { "equals" };
                format!(
                    "offered {what} {} {verb} capacity: the queue grows without bound; means depend on the run length",
                    two_digits(*load)
                )
            }
        }
    }

    fn label(&self) -> Option<String> {
        let label = match self {
            Self::BalancerNeeded { .. } => "add `balancer: \"...\"`".into(),
            Self::CallTargetNeeded { back_ends } if back_ends.is_empty() => {
                "add `back_ends: [BackEnd(name: \"...\")]` to the model".into()
            }
            Self::CallTargetNeeded { .. } => "add `to: \"...\"`".into(),
            Self::NotInProduct { .. } => "not in this product".into(),
            Self::NothingToHash { .. } => "its key is the item: add `items: 1000`, or hash another key".into(),
            Self::NothingToCache { .. } => "add `items: 1000`".into(),
            Self::NothingToCoalesce => "leave this out, or add `call`".into(),
            Self::Unreached { .. } => "its servers will stay idle".into(),
            Self::UnusedBalancer { .. } => "it will do nothing".into(),
            Self::UncalledBackEnd { .. } => "it will stay idle".into(),
            Self::CapacityBelowWorkers { capacity, workers } => format!("{capacity} is less than its {workers} workers"),
            Self::ZeroGap => "this is shorter".into(),
            Self::ZeroCycle { .. } => "with the service, this is shorter".into(),
            Self::MostlyZeroGap | Self::MostlyZeroCycle { .. } => "far too many requests at one instant".into(),
            Self::EndlessRefusals { .. } => "always or nearly always zero".into(),
            Self::Log { reason, .. } => reason.clone(),
            Self::DemandTwice { .. } | Self::NotOfBackEnd { .. } => "leave this out".into(),
            Self::FaultOfBackEnd => "its clients are servers: they are refused, they wait, or they wait longer".into(),
            Self::LogLines { lines, .. } => lines.first().cloned().unwrap_or_default(),
            Self::NoSuchServer { servers: 1, .. } => "the only server is 0".into(),
            Self::NoSuchServer { servers, .. } => {
                format!("there are {servers}, numbered from 0 to {}", servers.saturating_sub(1))
            }
            Self::AfterTheEnd { .. } => "never happens".into(),
            Self::Distribution { .. } | Self::WrongKind { .. } => return None,
            Self::ChangesNothing { .. } | Self::WeightsIgnored { .. } => "without effect".into(),
            Self::CommonWhileServing => "only a server on its own has a time in which it serves".into(),
            Self::OfServers { servers, whose, .. } => format!("{whose} has {}", grouped(*servers)),
            Self::ScalingLimits { least, begin, most } => {
                format!(
                    "it begins with {}, its `count`; here it has {} to {}",
                    grouped((*begin).into()),
                    grouped((*least).into()),
                    grouped((*most).into())
                )
            }
            Self::MaintenanceTooLong { .. } => "too often".into(),
            Self::WarmUpTooLong { length, .. } => format!("must be shorter than {length}"),
            Self::FieldOfOtherRun { other, .. } => format!("this belongs to a {other} run"),
            Self::SteadyReplay => "write `Terminating()`".into(),
            Self::ReplayReplications { replications } => format!("{} times the same history", grouped(u64::from(*replications))),
            Self::TooManyEvents { .. } => "too much work".into(),
            Self::Overload { load, stations, up, .. } => {
                let work = if *load > 1.0 { "more work than" } else { "all the work that" };
                let left = if *up < 1.0 { format!(" with {:.0} % of it there on average", up * 100.0) } else { String::new() };
                format!("{work} {stations} can do{left}")
            }
        };
        (!label.is_empty()).then_some(label)
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::BalancerNeeded { balancers: known, .. } | Self::CallTargetNeeded { back_ends: known } if !known.is_empty() => {
                format!("there is {}", names(known))
            }
            Self::NoSuchServer { pools, .. } => pools.join(", "),
            Self::AfterTheEnd { .. } => {
                "`run: Terminating(horizon: \"...\")` or `run: Steady(length: \"...\")` makes the run longer".into()
            }
            Self::ZeroGap => "more than 10,000,000 requests per second cannot be told apart".into(),
            Self::ZeroCycle { .. } => {
                "give the users a longer think time or demand: what counts is think time + demand / speed of the fastest server"
                    .into()
            }
            Self::MostlyZeroGap => "what is shorter than 0.5 ns counts as 0; make gaps above that more likely".into(),
            Self::MostlyZeroCycle { .. } => {
                "what is shorter than 0.5 ns counts as 0; make a think time or a service above that more likely".into()
            }
            Self::EndlessRefusals { .. } => {
                "give them a think time, or let every server take all: no `capacity`, no `queue_capacity`, nothing that is removed or fails".into()
            }
            Self::LogLines { bad, lines, .. } if lines.len() > 1 => {
                let more = bad.saturating_sub(lines.len() as u64);
                let rest = if more > 0 { format!("\nand {} more", grouped(more)) } else { String::new() };
                format!("what is wrong with them:\n{}{rest}", lines.join("\n"))
            }
            Self::CommonWhileServing => "write `clock: Calendar` or `scope: Each`".into(),
            Self::MaintenanceTooLong { .. } => "make `every` longer, `drain` or `down` shorter, or raise `at_a_time`".into(),
            Self::SteadyReplay => "only what happened can be replayed: no warm-up, no replications".into(),
            Self::ReplayReplications { .. } => {
                "an interval needs independent replications, and more copies of one history are none; leave `replications` out"
                    .into()
            }
            Self::TooManyEvents { .. } => "shorten the run, or lower the rate".into(),
            Self::Overload { back_end: true, .. } => "add workers, lower the rate, or bound the queues by `capacity`".into(),
            Self::Overload { .. } => {
                "add servers, lower the rate, or bound the queues by `capacity` (or the balancer's by `queue_capacity`)".into()
            }
            _ => return None,
        })
    }
}

/// A load to two digits, but never rounded across 1.
fn two_digits(load: f64) -> String {
    let text = if load < 10.0 { format!("{load:.2}") } else { format!("{load:.0}") };
    let text = if text == "1.00" && load > 1.0 { format!("{load:.4}") } else { text };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}
