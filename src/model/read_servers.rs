//! Reads balancers, pools of servers and back ends.

use super::document::{Balancer, Call, Entries, Pool};
use super::meant::{Discipline, WhenFull};
use super::{distribution, lists};
use crate::balancing::Algorithm;
use crate::notation::{At, Fields, Group, Known, Problem, Slot, Value, quoted, values};
use crate::units::ParameterList;

/// Most balancers.
const MOST_BALANCERS: usize = 16;
/// Most pools of servers.
const MOST_POOLS: usize = 10_000;
/// Most back ends.
const MOST_BACK_ENDS: usize = 1_000;
/// Most servers, over all pools, and most workers of one.
pub(super) const MOST_SERVERS: u32 = 1_000_000;
const MOST_WORKERS: u32 = 1_000_000;
/// Most requests that a capacity may allow.
const MOST_HELD: u32 = 1_000_000_000;

/// What the balancer is called if its name is not written.
const BALANCER: &str = "balancer";
/// What it does if nothing is written: the servers in turn.
const DEFAULT_ALGORITHM: &str = "RoundRobin";

/// The balancers: the fields `balancer` or `balancers` of the model, or the default.
pub(super) fn balancers(fields: &mut Fields<'_>) -> Entries<Balancer> {
    let (one, several) = (fields.slot("balancer"), fields.slot("balancers"));
    match (one, several) {
        (Some(one), Some(_)) => {
            let advice = "move it into the list, or leave the list out";
            let problem = Problem::BothFields { one: "balancer", other: "balancers", advice };
            fields.findings().add(&problem, one.node.head());
            Entries::default()
        }
        (Some(one), None) => Entries::of(balancer(one, BALANCER.into()).into_iter().collect(), 1),
        (None, Some(several)) => {
            let nodes = values::some_entries(several, "balancers", "balancer", MOST_BALANCERS).unwrap_or_default();
            let read = |(index, node)| balancer(several.entry(node), values::default_name(BALANCER, index, nodes.len()));
            let items: Vec<Balancer> = nodes.iter().enumerate().filter_map(read).collect();
            if nodes.is_empty() { Entries::default() } else { Entries::of(items, nodes.len()) }
        }
        (None, None) => {
            let place = fields.head();
            let balancer = Balancer {
                name: At::new(BALANCER.into(), place),
                algorithm: default_algorithm(),
                pools: None,
                when_full: WhenFull::Reject,
                queue_capacity: None,
                place,
            };
            Entries::of(vec![balancer], 1)
        }
    }
}

fn default_algorithm() -> Option<Algorithm> {
    Algorithm::named(DEFAULT_ALGORITHM, &mut ParameterList::default())
}

fn balancer(slot: Slot<'_>, default_name: String) -> Option<Balancer> {
    let mut fields = Fields::open(slot, "Balancer")?;
    let name = values::name_or(&mut fields, default_name);
    let algorithm = match fields.slot("algorithm") {
        Some(slot) => algorithm(slot),
        None => default_algorithm(),
    };
    let pools = fields.optional("pools", values::list("names of pools", MOST_POOLS, values::placed(values::name)));
    let when_full = fields.or("when_full", 0, values::choice("answer to full servers", &["Reject", "Skip"]));
    let when_full = if when_full == 0 { WhenFull::Reject } else { WhenFull::Skip };
    let queue_capacity = fields.or("queue_capacity", None, values::or_none(values::count(0..=MOST_HELD)));
    fields.finish();
    Some(Balancer { name, algorithm, pools, when_full, queue_capacity, place: slot.node.head() })
}

/// A balancing algorithm: its name, alone or with its parameters.
fn algorithm(slot: Slot<'_>) -> Option<Algorithm> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        let help = match &slot.node.value {
            Value::Text(text) if Algorithm::NAMES.contains(&&**text) => Some(format!("write it without quotes: {text}")),
            _ => None,
        };
        slot.expected_with("the name of a balancing algorithm", help);
        return None;
    };
    if !Algorithm::NAMES.contains(&word.text) {
        let known = Known::Listed { list: "algorithms", count: Algorithm::NAMES.len() };
        values::unknown_kind(slot, "balancing algorithm", Algorithm::NAMES, known);
        return None;
    }
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let algorithm = Algorithm::named(word.text, &mut fields);
    fields.finish();
    algorithm
}

/// The pools of servers: the field `servers` of the model.
pub(super) fn pools(slot: Slot<'_>) -> Option<Entries<Pool>> {
    let nodes = values::some_entries(slot, "pools of servers", "pool of servers", MOST_POOLS)?;
    let mut counted = true;
    let read = |(index, node)| {
        let slot = slot.entry(node);
        let mut fields = Fields::open(slot, "Pool")?;
        let name = values::name_or(&mut fields, values::default_name("servers", index, nodes.len()));
        let count = match fields.slot("count") {
            Some(slot) => values::count(1..=MOST_SERVERS)(slot),
            None => Some(1),
        };
        counted &= count.is_some();
        let count = count.unwrap_or(1);
        let pool = Pool { count, ..station(&mut fields, name) };
        let pool = Pool { weight: fields.or("weight", 1.0, values::real(1e-6..=1e6)), ..pool };
        let pool = Pool { call: fields.optional("call", values::or_none(call)).flatten(), ..pool };
        fields.finish();
        Some(pool)
    };
    let items: Vec<Pool> = nodes.iter().enumerate().filter_map(read).collect();
    let total: u64 = items.iter().map(|pool| u64::from(pool.count)).sum();
    if total > u64::from(MOST_SERVERS) {
        let (field, most) = (slot.field.to_string(), u64::from(MOST_SERVERS));
        slot.findings.add(&Problem::TooMany { field, what: "servers", found: total, most }, slot.node.head());
    }
    let entries = Entries::of(items, nodes.len());
    Some(Entries { counted: counted && entries.items.len() == nodes.len(), ..entries })
}

/// The back ends: the field `back_ends` of the model.
pub(super) fn back_ends(slot: Slot<'_>) -> Option<Entries<Pool>> {
    let nodes = values::entries(slot, "back ends", MOST_BACK_ENDS)?;
    let read = |node| {
        let mut fields = Fields::open(slot.entry(node), "BackEnd")?;
        let name = fields.required("name", "\"db\"", values::placed(values::name));
        let name = name.unwrap_or_else(|| At::new(String::new(), fields.head()));
        let pool = station(&mut fields, name);
        fields.finish();
        Some(pool)
    };
    let items = nodes.iter().filter_map(read).collect();
    Some(Entries::of(items, nodes.len()))
}

/// What servers and back ends have in common.
fn station(fields: &mut Fields<'_>, name: At<String>) -> Pool {
    let workers = fields.or("workers", 1, values::count(1..=MOST_WORKERS));
    let speed = fields.or("speed", 1.0, values::real(1e-6..=1e6));
    let discipline = fields.or("discipline", 0, values::choice("discipline", lists::DISCIPLINE_NAMES));
    let discipline = if discipline == 0 { Discipline::Fcfs } else { Discipline::ProcessorSharing };
    let capacity = fields.or("capacity", None, values::or_none(values::placed(values::count(1..=MOST_HELD))));
    Pool { name, count: 1, workers, speed, discipline, capacity, weight: 1.0, call: None, place: fields.head() }
}

fn call(slot: Slot<'_>) -> Option<Call> {
    let mut fields = Fields::open(slot, "Call")?;
    let to = fields.optional("to", values::placed(values::name));
    let demand = fields.required("demand", "Exponential(mean: \"5ms\")", distribution::spans);
    fields.finish();
    Some(Call { to, demand, place: slot.node.head() })
}

/// One server with one worker: what there is if nothing is written.
pub(super) fn default_pools(place: crate::notation::Place) -> Entries<Pool> {
    let name = At::new("servers".into(), place);
    let pool = Pool {
        name,
        count: 1,
        workers: 1,
        speed: 1.0,
        discipline: Discipline::Fcfs,
        capacity: None,
        weight: 1.0,
        call: None,
        place,
    };
    Entries::of(vec![pool], 1)
}
