//! The balancer of the neutral model.

use super::Skip;
use super::fields::Fields;
use super::servers::Servers;
use crate::balancing::Algorithm;
use crate::model::WhenFull;
use crate::units::{Parameters, Span};
use serde_json::Value;
use std::ops::RangeInclusive;

/// How requests find their server.
#[derive(Debug)]
pub(super) struct Routing {
    pub algorithm: Algorithm,
    pub when_full: WhenFull,
    /// A weight per server, where there are weights.
    pub weights: Option<Vec<f64>>,
}

impl Routing {
    pub fn read(value: &Value, servers: &Servers) -> Result<Self, Skip> {
        let mut fields = Fields::of("the balancer", value)?;
        let policy = fields.text("policy")?;
        let mut given = Given::default();
        let name = match policy {
            "none" if servers.count() == 1 => "Random",
            "none" => return Err(Skip::new("several servers and no balancer")),
            "random" => "Random",
            "weighted_random" => "WeightedRandom",
            "round_robin" => "RoundRobin",
            "jsq" => "JoinShortestQueue",
            "least_connections" => "LeastConnections",
            "least_work_left" => "LeastWorkLeft",
            "central_queue" => "CentralQueue",
            "power_of_d" => "PowerOfD",
            "jiq" => "JoinIdleQueue",
            "shortest_expected_delay" => "ShortestExpectedDelay",
            other => return Err(not_built(other)),
        };
        if name == "PowerOfD" {
            given = choices(&mut fields)?;
        }
        if name == "JoinIdleQueue" {
            check_idle_queue(&mut fields)?;
        }
        let weights = if name == "WeightedRandom" { Some(weights(&mut fields, servers)?) } else { None };
        if name == "ShortestExpectedDelay" {
            given = expected_delay(&mut fields)?;
        } else {
            check_ties(&mut fields)?;
        }
        let when_full = when_full(&mut fields, policy, servers)?;
        fields.nothing_else()?;
        check_servers(policy, servers)?;
        let algorithm = Algorithm::named(name, &mut given).ok_or_else(|| not_built(policy))?;
        Ok(Self { algorithm, when_full, weights })
    }
}

fn not_built(policy: &str) -> Skip {
    Skip::new(format!("balancer `{policy}` is not built yet"))
}

/// How many servers a choice looks at, and whether it may draw the same one twice.
fn choices(fields: &mut Fields<'_>) -> Result<Given, Skip> {
    let d = fields.count("d", 64)?.ok_or_else(|| Skip::new("the balancer has no `d`"))?;
    let replacement = match fields.text_if_any("sampling")? {
        None | Some("with_replacement") => true,
        Some("without_replacement") => false,
        Some(other) => return Err(Skip::new(format!("sampling `{other}`"))),
    };
    Ok(Given { integers: vec![("d", u64::from(d))], flags: vec![("replacement", replacement)], ..Given::default() })
}

/// One dispatcher that knows all idle servers.
fn check_idle_queue(fields: &mut Fields<'_>) -> Result<(), Skip> {
    for (name, known) in [("idle_choice", "uniform"), ("fallback", "random")] {
        if let Some(other) = fields.text_if_any(name)?.filter(|text| *text != known) {
            return Err(Skip::new(format!("{name} `{other}`")));
        }
    }
    match fields.count("dispatchers", u32::MAX)? {
        None | Some(1) => Ok(()),
        Some(number) => Err(Skip::new(format!("{number} dispatchers"))),
    }
}

/// What the delay is estimated by, and whom ties go to.
fn expected_delay(fields: &mut Fields<'_>) -> Result<Given, Skip> {
    match fields.text_if_any("criterion")? {
        None | Some("(queue+1)/speed") => {}
        Some(other) => return Err(Skip::new(format!("criterion `{other}`"))),
    }
    let ties = match fields.text_if_any("ties")? {
        Some("to the faster server") => 0,
        None | Some("uniform" | "random" | "uniform at random") => 1,
        Some(other) => return Err(Skip::new(format!("ties {other}"))),
    };
    Ok(Given { options: vec![("by", 1), ("ties", ties)], ..Given::default() })
}

/// A weight for each server. One weight for several servers could be meant for each or for all of them.
fn weights(fields: &mut Fields<'_>, servers: &Servers) -> Result<Vec<f64>, Skip> {
    let weights = fields.numbers("weights")?;
    if weights.len() as u64 != servers.count() {
        return Err(Skip::new(format!("{} weights for {} servers", weights.len(), servers.count())));
    }
    if weights.iter().any(|&weight| weight < 0.0) || weights.iter().sum::<f64>() <= 0.0 {
        return Err(Skip::new("weights that are no shares"));
    }
    Ok(weights)
}

/// Ours are broken uniformly at random, which is the rule unless the case says otherwise.
fn check_ties(fields: &mut Fields<'_>) -> Result<(), Skip> {
    match fields.text_if_any("ties")? {
        None | Some("uniform" | "random" | "uniform at random") => Ok(()),
        Some(text) if text.starts_with("uniform at random (ties do not matter") => Ok(()),
        Some(other) => Err(Skip::new(format!("ties {other}"))),
    }
}

/// What happens to a request whose server would be full. A policy that does not look at the servers just meets a full one;
/// what another one does must be said, unless it finds a full server only where all are.
fn when_full(fields: &mut Fields<'_>, policy: &str, servers: &Servers) -> Result<WhenFull, Skip> {
    match fields.text_if_any("when_all_full")? {
        Some("reject") => return Ok(WhenFull::Skip),
        Some(other) => return Err(Skip::new(format!("when_all_full `{other}`"))),
        None if !servers.can_be_full() => return Ok(WhenFull::Reject),
        None => {}
    }
    match policy {
        "none" | "random" | "weighted_random" | "round_robin" => Ok(WhenFull::Reject),
        "jsq" | "least_connections" if servers.agree_on(|entry| entry.capacity) => Ok(WhenFull::Skip),
        _ => Err(Skip::new("it is not said what the balancer does about a full server")),
    }
}

/// What is ambiguous in the neutral model is not translated.
fn check_servers(policy: &str, servers: &Servers) -> Result<(), Skip> {
    if policy == "least_work_left" && !servers.agree_on(|entry| entry.speed) {
        return Err(Skip::new("least work left over unequal speeds could mean work or time"));
    }
    if ["jiq", "shortest_expected_delay"].contains(&policy) && servers.entries.iter().any(|entry| entry.slots > 1) {
        return Err(Skip::new("idle, or a queue, of servers with several slots could mean the slots or the whole"));
    }
    if policy == "central_queue" && servers.can_be_full() {
        return Err(Skip::new("a capacity of servers behind a central queue"));
    }
    Ok(())
}

/// Answers what is given, and else the default.
#[derive(Debug, Default)]
struct Given {
    integers: Vec<(&'static str, u64)>,
    /// Positions in lists of choices.
    options: Vec<(&'static str, usize)>,
    flags: Vec<(&'static str, bool)>,
}

fn find<T: Copy>(given: &[(&'static str, T)], name: &str) -> Option<T> {
    given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
}

impl Parameters for Given {
    fn integer(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        find(&self.integers, name).filter(|value| range.contains(value)).unwrap_or(default)
    }

    fn real(&mut self, _: &'static str, _: &'static str, _: RangeInclusive<f64>, default: f64) -> f64 {
        default
    }

    fn span(&mut self, _: &'static str, _: &'static str, _: RangeInclusive<Span>, default: Span) -> Span {
        default
    }

    fn flag(&mut self, name: &'static str, _: &'static str, default: bool) -> bool {
        find(&self.flags, name).unwrap_or(default)
    }

    fn choice(&mut self, name: &'static str, _: &'static str, _: &'static [&'static str], default: usize) -> usize {
        find(&self.options, name).unwrap_or(default)
    }
}
