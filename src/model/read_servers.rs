//! Reads pools of servers and back ends.

use super::document::{Call, Entries, Pool};
use super::meant::Discipline;
use super::read_faults::{self, PoolFaults};
use super::read_scaling;
use super::{distribution, lists, read_caches};
use crate::notation::{At, Fields, Problem, Slot, values};

/// Most pools of servers.
pub(super) const MOST_POOLS: usize = 10_000;
/// Most back ends.
const MOST_BACK_ENDS: usize = 1_000;
/// Most servers, over all pools, and most workers of one.
pub(super) const MOST_SERVERS: u32 = 1_000_000;
const MOST_WORKERS: u32 = 1_000_000;
/// Most requests that a capacity may allow.
pub(super) const MOST_HELD: u32 = 1_000_000_000;

/// The highest number of a level of priority, as in Envoy.
const LOWEST_PRIORITY: u32 = 127;

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
        let begin = count;
        let count = count.unwrap_or(1);
        let pool = Pool { count, ..station(&mut fields, name) };
        let limit = values::or_none(values::placed(values::count(1..=MOST_HELD)));
        let pool = Pool { max_connections: fields.or("max_connections", None, limit), ..pool };
        let pool = Pool { weight: fields.or("weight", 1.0, values::real(1e-6..=1e6)), ..pool };
        let pool = Pool { priority: priority(&mut fields), ..pool };
        let pool = Pool { call: fields.optional("call", values::or_none(call)).flatten(), ..pool };
        let pool = Pool { caches: read_caches::of_pool(&mut fields), ..pool };
        let pool = Pool { faults: read_faults::of_pool(&mut fields), ..pool };
        let scaling = read_scaling::of_pool(&mut fields, &pool, begin);
        let pool = Pool { count: scaling.as_ref().map_or(count, |scaling| scaling.most), scaling, ..pool };
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
        let pool = Pool { faults: read_faults::of_back_end(&mut fields), ..pool };
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
    Pool {
        name,
        count: 1,
        workers,
        speed,
        discipline,
        capacity,
        max_connections: None,
        weight: 1.0,
        priority: At::new(0, fields.head()),
        call: None,
        caches: Vec::new(),
        faults: PoolFaults::default(),
        scaling: None,
        place: fields.head(),
    }
}

/// The level of priority: its number, or `backup: true` for the second level.
fn priority(fields: &mut Fields<'_>) -> At<u32> {
    let level = fields.optional("priority", values::count(0..=LOWEST_PRIORITY));
    let backup = fields.optional("backup", values::flag);
    if level.is_some() && backup.is_some() {
        let advice = "leave it out: `backup: true` is short for `priority: 1`";
        fields.findings().add(&Problem::BothFields { one: "priority", other: "backup", advice }, fields.place("backup"));
    }
    let place = fields.place(if level.is_some() { "priority" } else { "backup" });
    At::new(level.unwrap_or_else(|| u32::from(backup == Some(true))), place)
}

pub(super) fn call(slot: Slot<'_>) -> Option<Call> {
    let mut fields = Fields::open(slot, "Call(demand: Exponential(mean: \"5ms\"))")?;
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
        max_connections: None,
        weight: 1.0,
        priority: At::new(0, place),
        call: None,
        caches: Vec::new(),
        faults: PoolFaults::default(),
        scaling: None,
        place,
    };
    Entries::of(vec![pool], 1)
}
