//! Every kind of problem a model file can have, and the words for it: all sentences of this room stand here.

use super::diagnostic::Severity;
use std::fmt::Write;

/// A kind of problem, with what one needs to know to describe it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Problem {
    // How it is written.
    Syntax {
        sentence: String,
        label: String,
        help: Option<&'static str>,
    },
    // Values and fields.
    Expected {
        field: String,
        expected: String,
        found: String,
        help: Option<String>,
    },
    MissingField {
        owner: String,
        field: &'static str,
        example: &'static str,
    },
    UnknownField {
        owner: String,
        field: String,
        closest: Option<String>,
        known: Vec<&'static str>,
    },
    DuplicateField {
        owner: String,
        field: String,
    },
    FieldNames {
        owner: String,
    },
    UnknownKind {
        what: &'static str,
        name: String,
        closest: Option<String>,
        known: Known,
    },
    TooMany {
        field: String,
        what: &'static str,
        found: u64,
        most: u64,
    },
    TooFew {
        field: String,
        what: &'static str,
    },
    BothFields {
        one: &'static str,
        other: &'static str,
        advice: &'static str,
    },
    NeitherField {
        owner: String,
        one: &'static str,
        other: &'static str,
        example: &'static str,
    },
    Distribution {
        name: &'static str,
        parameter: &'static str,
        expected: String,
    },
    // Overrides.
    OverrideWithoutValue,
    OverridePath {
        expected: &'static str,
    },
    NoSuchEntry {
        list: String,
        entry: String,
        closest: Option<String>,
        has: String,
    },
    NoFieldsIn {
        path: String,
        found: String,
    },
    NoListIn {
        path: String,
        found: String,
    },
    // Names and references.
    SameName {
        what: &'static str,
        name: String,
    },
    UnknownName {
        what: &'static str,
        name: String,
        closest: Option<String>,
        known: String,
    },
    WrongKind {
        name: String,
        is: &'static str,
        needed: &'static str,
    },
    NamedTwice {
        name: String,
    },
    BalancerNeeded {
        class: String,
        balancers: Vec<String>,
    },
    CallTargetNeeded {
        back_ends: Vec<String>,
    },
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
        back_end: bool,
    },
}

/// Where a person finds the names that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Few enough to name them.
    Names(Vec<&'static str>),
    /// `lbsim list` shows them.
    Listed {
        /// What to list.
        list: &'static str,
        /// How many there are.
        count: usize,
    },
}

impl Problem {
    /// Whether a model can be run in spite of it.
    pub(super) const fn severity(&self) -> Severity {
        match self {
            Self::Unreached { .. }
            | Self::UnusedBalancer { .. }
            | Self::UncalledBackEnd { .. }
            | Self::LogLines { .. }
            | Self::ChangesNothing { .. }
            | Self::Overload { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What is wrong, in one sentence.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Syntax { sentence, .. } => sentence.clone(),
            Self::Expected { field, expected, .. } => format!("{field} must be {expected}"),
            Self::MissingField { owner, field, .. } => format!("{owner} needs a field `{field}`"),
            Self::UnknownField { owner, field, .. } => format!("{owner} has no field {}", quoted(field)),
            Self::DuplicateField { owner, field } => format!("{} is given twice in {owner}", quoted(field)),
            Self::FieldNames { owner, .. } => format!("the values of {owner} need names, as in `name: value`"),
            Self::UnknownKind { what, name, .. } => format!("there is no {what} {}", quoted(name)),
            Self::TooMany { field, what, found, most } => {
                format!("`{field}` has {} {what}, but at most {} are allowed", grouped(*found), grouped(*most))
            }
            Self::TooFew { field, what } => format!("`{field}` needs at least one {what}"),
            Self::BothFields { one, other, .. } => format!("`{one}` and `{other}` exclude each other"),
            Self::NeitherField { owner, one, other, .. } => format!("{owner} needs `{one}` or `{other}`"),
            Self::Distribution { name, parameter, expected } => format!("`{parameter}` of `{name}` must be {expected}"),
            Self::OverrideWithoutValue => "an override has the form `path=value`".into(),
            Self::OverridePath { expected } => format!("this path cannot be followed: expected {expected}"),
            Self::NoSuchEntry { list, entry, .. } => format!("{} has no {}", place_name(list), quoted(entry)),
            Self::NoFieldsIn { path, found } => format!("{} is {found}: it has no fields", place_name(path)),
            Self::NoListIn { path, found } => format!("{} is {found}: it has no entries", place_name(path)),
            Self::SameName { what, name } => format!("two {what} are called {}", quoted(name)),
            Self::UnknownName { what, name, .. } => format!("there is no {what} called {}", quoted(name)),
            Self::WrongKind { name, is, needed } => format!("{} is {is}, but {needed}", quoted(name)),
            Self::NamedTwice { name } => format!("{} is named twice", quoted(name)),
            Self::BalancerNeeded { class, .. } => {
                format!("there are several balancers: {} must say to which one it sends", quoted(class))
            }
            Self::CallTargetNeeded { back_ends } if back_ends.is_empty() => "there is no back end to call".into(),
            Self::CallTargetNeeded { .. } => "there are several back ends: the call must say which one".into(),
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
            Self::LogLines { path, bad, .. } => {
                let lines = if *bad == 1 { "1 line".into() } else { format!("{} lines", grouped(*bad)) };
                format!("{lines} of the log \"{}\" cannot be read and will be left out", shortened(path))
            }
            Self::NoSuchServer { server, .. } => format!("there is no server {server}"),
            Self::AfterTheEnd { at, end } => format!("this change at {at} comes after the end of the run at {end}"),
            Self::ChangesNothing { server, state } => format!("this changes nothing: {server} is {state} already"),
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

    /// What stands beside the caret.
    pub(super) fn label(&self) -> Option<String> {
        let label = match self {
            Self::Syntax { label, .. } => label.clone(),
            Self::Expected { found, .. } if found.is_empty() => return None,
            Self::Expected { found, .. } => format!("this is {found}"),
            Self::MissingField { field, example, .. } => format!("add `{field}: {example}`"),
            Self::UnknownField { closest, .. } | Self::UnknownKind { closest, .. } | Self::UnknownName { closest, .. } => {
                match closest {
                    Some(closest) => format!("did you mean `{closest}`?"),
                    None => "unknown".into(),
                }
            }
            Self::NoSuchEntry { closest: Some(closest), .. } => format!("did you mean `{closest}`?"),
            Self::NoSuchEntry { has, .. } => has.clone(),
            Self::DuplicateField { .. } | Self::NamedTwice { .. } => "again here".into(),
            Self::FieldNames { .. } => "without a name".into(),
            Self::TooMany { most, .. } => format!("more than {}", grouped(*most)),
            Self::TooFew { .. } => "add one".into(),
            Self::BothFields { advice, .. } => (*advice).into(),
            Self::NeitherField { example, .. } => format!("such as `{example}`"),
            Self::OverrideWithoutValue => "there is no `=`".into(),
            Self::SameName { .. } => "second use of this name".into(),
            Self::BalancerNeeded { .. } => "add `balancer: \"...\"`".into(),
            Self::CallTargetNeeded { back_ends } if back_ends.is_empty() => {
                "add `back_ends: [BackEnd(name: \"...\")]` to the model".into()
            }
            Self::CallTargetNeeded { .. } => "add `to: \"...\"`".into(),
            Self::Unreached { .. } => "its servers will stay idle".into(),
            Self::UnusedBalancer { .. } => "it will do nothing".into(),
            Self::UncalledBackEnd { .. } => "it will stay idle".into(),
            Self::CapacityBelowWorkers { capacity, workers } => format!("{capacity} is less than its {workers} workers"),
            Self::ZeroGap => "this is shorter".into(),
            Self::ZeroCycle { .. } => "with the service, this is shorter".into(),
            Self::MostlyZeroGap | Self::MostlyZeroCycle { .. } => "far too many requests at one instant".into(),
            Self::EndlessRefusals { .. } => "always or nearly always zero".into(),
            Self::Log { reason, .. } => reason.clone(),
            Self::LogLines { lines, .. } => lines.first().cloned().unwrap_or_default(),
            Self::NoSuchServer { servers: 1, .. } => "the only server is 0".into(),
            Self::NoSuchServer { servers, .. } => {
                format!("there are {servers}, numbered from 0 to {}", servers.saturating_sub(1))
            }
            Self::AfterTheEnd { .. } => "never happens".into(),
            Self::Distribution { .. }
            | Self::OverridePath { .. }
            | Self::NoFieldsIn { .. }
            | Self::NoListIn { .. }
            | Self::WrongKind { .. } => return None,
            Self::ChangesNothing { .. } => "without effect".into(),
            Self::WarmUpTooLong { length, .. } => format!("must be shorter than {length}"),
            Self::FieldOfOtherRun { other, .. } => format!("this belongs to a {other} run"),
            Self::SteadyReplay => "write `Terminating()`".into(),
            Self::ReplayReplications { replications } => format!("{} times the same history", grouped(u64::from(*replications))),
            Self::TooManyEvents { .. } => "too much work".into(),
            Self::Overload { load, stations, .. } if *load > 1.0 => format!("more work than {stations} can do"),
            Self::Overload { stations, .. } => format!("all the work that {stations} can do"),
        };
        (!label.is_empty()).then_some(label)
    }

    /// What to do about it, where that is more than the sentence and the label say.
    pub(super) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { help, .. } => (*help)?.into(),
            Self::Expected { help, .. } => help.clone()?,
            Self::UnknownField { owner, known, .. } if known.is_empty() => format!("{owner} has no fields"),
            Self::UnknownField { known, .. } => format!("the fields are {}", names(known)),
            Self::UnknownKind { known: Known::Names(known), .. } => format!("there is {}", names(known)),
            Self::UnknownKind { known: Known::Listed { list, count }, .. } => format!("`lbsim list {list}` shows all {count}"),
            Self::UnknownName { known, .. } if known.is_empty() => "the model names none".into(),
            Self::UnknownName { known, .. } => format!("there is {known}"),
            Self::BalancerNeeded { balancers: known, .. } | Self::CallTargetNeeded { back_ends: known } if !known.is_empty() => {
                format!("there is {}", names(known))
            }
            Self::NoSuchEntry { closest: Some(_), has, .. } => has.clone(),
            Self::OverrideWithoutValue => "for example `--set 'servers[0].count=8'`".into(),
            Self::OverridePath { .. } => "for example `servers[0].count` or `servers[old].speed` or `balancer.algorithm`".into(),
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
                "give them a think time, or let every server take all: no `capacity`, no `queue_capacity`, nothing removed".into()
            }
            Self::LogLines { bad, lines, .. } if lines.len() > 1 => {
                let more = bad.saturating_sub(lines.len() as u64);
                let rest = if more > 0 { format!("\nand {} more", grouped(more)) } else { String::new() };
                format!("what is wrong with them:\n{}{rest}", lines.join("\n"))
            }
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

/// Text of the person in back quotes, cut and made printable.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

/// Text of the person, at most 40 characters of it, with no control characters.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let mut short = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == MOST {
            short.push_str("...");
            break;
        }
        if c.is_control() { short.extend(c.escape_debug()) } else { short.push(c) }
    }
    short
}

/// `a`, `b` and `c`; at most ten of them.
pub(super) fn names<T: AsRef<str>>(list: &[T]) -> String {
    const MOST: usize = 10;
    let mut text = String::new();
    let shown = list.len().min(MOST);
    for (index, name) in list.iter().take(shown).enumerate() {
        let last = index + 1 == shown && list.len() <= MOST;
        text.push_str(if index == 0 {
            ""
        } else if last {
            " and "
        } else {
            ", "
        });
        text.push_str(&quoted(name.as_ref()));
    }
    if list.len() > MOST {
        let _ = write!(text, " and {} more", list.len() - MOST);
    }
    text
}

/// A whole number with commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A load to two digits, but never rounded across 1.
fn two_digits(load: f64) -> String {
    let text = if load < 10.0 { format!("{load:.2}") } else { format!("{load:.0}") };
    let text = if text == "1.00" && load > 1.0 { format!("{load:.4}") } else { text };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

fn place_name(path: &str) -> String {
    if path.is_empty() { "the model".into() } else { quoted(path) }
}
