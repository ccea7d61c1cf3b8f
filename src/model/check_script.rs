//! The script: whom each line means, when, and whether it changes anything.

use super::check::Stations;
use super::document::{Document, ScriptLine, Target};
use super::meant::{BalancerSpec, Change, ChangeKind, RunPlan};
use super::problem::ModelProblem;
use crate::notation::{At, Findings, Problem, quoted};
use crate::units::{PoolId, ServerId, Span, Time};
use std::ops::Range;

/// Most changes of single servers, over all lines.
const MOST_CHANGES: u64 = 4_000_000;

/// Most pools that a message describes.
const MOST_POOLS: usize = 8;

/// The script as meant.
pub(super) struct Script {
    pub(super) changes: Vec<Change>,
    /// By balancer: whether there is a time without any server.
    pub(super) emptied: Vec<bool>,
}

/// The changes in order of time, each reduced to the servers that it changes.
pub(super) fn changes(
    document: &Document,
    stations: &Stations<'_>,
    balancers: &[BalancerSpec],
    run: RunPlan,
    findings: &Findings,
) -> Script {
    if document.script.is_empty() {
        return Script { changes: Vec::new(), emptied: vec![false; balancers.len()] };
    }
    let fleet = Fleet::of(document);
    let mut lines: Vec<&ScriptLine> = document.script.iter().collect();
    lines.sort_by_key(|line| line.at.value);
    let mut watch = Watch::new(&fleet, balancers);
    let mut changes = Vec::new();
    let mut total = 0;
    for line in lines {
        let at = Time::ZERO + line.at.value;
        if at >= run.ends_at() {
            let problem = ModelProblem::AfterTheEnd { at: at.to_string(), end: run.ends_at().to_string() };
            findings.add(&problem, line.at.place);
        }
        let heeded = balancers.iter().find(|balancer| balancer.algorithm.heeds_weights());
        if let (ChangeKind::Reweigh(_), None, Some(balancer)) = (&line.kind, heeded, balancers.first()) {
            let problem = ModelProblem::WeightsIgnored { algorithm: balancer.algorithm.name(), what: "a change of weight" };
            findings.add(&problem, line.at.place);
        }
        let mut servers = Vec::new();
        for target in &line.targets {
            let Some(range) = fleet.servers(target, document, stations, findings) else { continue };
            total += range.len() as u64;
            if total > MOST_CHANGES {
                let (field, what) = ("script".to_string(), "changes of single servers");
                findings.add(&Problem::TooMany { field, what, found: total, most: MOST_CHANGES }, target.place);
                return Script { changes: Vec::new(), emptied: watch.emptied };
            }
            let before = servers.len();
            servers.extend(range.clone().filter(|server| watch.change(*server, &line.kind)).map(ServerId));
            if servers.len() == before && document.servers.counted {
                let server = match &target.value {
                    Target::Server(number) => format!("server {number}"),
                    Target::Named(name) => quoted(name),
                };
                let state = if line.kind == ChangeKind::Remove { "out of rotation" } else { "in rotation" };
                findings.add(&ModelProblem::ChangesNothing { server, state }, target.place);
            }
        }
        watch.look();
        if !servers.is_empty() {
            changes.push(Change { at, spread: Span::ZERO, kind: line.kind.clone(), servers });
        }
    }
    Script { changes, emptied: watch.emptied }
}

/// The servers, numbered over all pools.
struct Fleet {
    /// By pool: its servers.
    pools: Vec<Range<u32>>,
    total: u32,
}

impl Fleet {
    fn of(document: &Document) -> Self {
        let mut total = 0_u32;
        let mut number = |count: u32| {
            let first = total;
            total = total.saturating_add(count);
            first..total
        };
        // Too many servers are a mistake that has been noted; their numbers then do not matter.
        let most = super::read_servers::MOST_SERVERS;
        let within = document.servers.items.iter().scan(0_u64, |sum, pool| {
            *sum += u64::from(pool.count);
            Some(if *sum <= u64::from(most) { pool.count } else { 0 })
        });
        let pools = within.map(&mut number).collect();
        Self { pools, total }
    }

    /// The server that tables call so: the name of a pool of several and a number from 1. A pool or a back end of that very
    /// name comes first.
    fn server_called(&self, name: &str, stations: &Stations<'_>) -> Option<u32> {
        let (pool, number) = split_number(name).filter(|_| !stations.has(name))?;
        let servers = self.pools.get(stations.server_pool(pool.strip_suffix(' ')?)?)?;
        let within = servers.len() > 1 && (1..=servers.len()).contains(&(number as usize));
        // Not "web 02".
        (within && name.len() == pool.len() + number.to_string().len()).then(|| servers.start + number - 1)
    }

    /// Says that neither a pool nor a server has that name, unless it may be among those that could not be read.
    fn unknown(&self, name: &At<String>, document: &Document, stations: &Stations<'_>, findings: &Findings) {
        let pool = split_number(&name.value).and_then(|(pool, _)| stations.server_pool(pool.trim_end()));
        if !stations.are_complete() || (pool.is_some() && !document.servers.counted) {
            return;
        }
        let pools = || document.servers.items.iter().map(|pool| &*pool.name.value).zip(&self.pools);
        let number = split_number(&name.value).map(|(_, number)| number as usize);
        let several = pools().filter(|(_, servers)| servers.len() > 1);
        // Of each pool, the server whose number is nearest.
        let near = several.filter_map(|(pool, servers)| Some(format!("{pool} {}", number?.clamp(1, servers.len()))));
        let near: Vec<String> = near.collect();
        let closest = findings.closest(&name.value, near.iter().map(String::as_str).chain(pools().map(|(pool, _)| pool)));
        let describe = |(pool, servers): (&str, &Range<u32>)| match servers.len() {
            1 => quoted(pool),
            most => format!("{} ({} to {})", quoted(pool), quoted(&format!("{pool} 1")), quoted(&format!("{pool} {most}"))),
        };
        let mut known: Vec<String> = pools().take(MOST_POOLS).map(describe).collect();
        if self.pools.len() > MOST_POOLS {
            known.push(format!("{} more", self.pools.len() - MOST_POOLS));
        }
        let (what, known) = ("pool or server", known.join(", "));
        findings.add(&Problem::UnknownName { what, name: name.value.clone(), closest, known }, name.place);
    }

    fn servers(
        &self,
        target: &At<Target>,
        document: &Document,
        stations: &Stations<'_>,
        findings: &Findings,
    ) -> Option<Range<u32>> {
        match &target.value {
            Target::Named(name) => {
                if let Some(server) = self.server_called(name, stations) {
                    return Some(server..server + 1);
                }
                let name = At::new(name.clone(), target.place);
                if !stations.has(&name.value) {
                    self.unknown(&name, document, stations, findings);
                    return None;
                }
                let pool = stations.pool(&name, "the script removes and restores servers", findings)?;
                self.pools.get(pool.index()).cloned()
            }
            Target::Server(number) => {
                let server = u32::try_from(*number).ok().filter(|server| *server < self.total);
                if server.is_none() && document.servers.counted {
                    let describe = |(pool, servers): (&super::document::Pool, &Range<u32>)| match servers.len() {
                        1 => format!("`{}` is {}", pool.name.value, servers.start),
                        _ => format!("`{}` is {} to {}", pool.name.value, servers.start, servers.end.saturating_sub(1)),
                    };
                    let pools = document.servers.items.iter().zip(&self.pools).take(MOST_POOLS).map(describe).collect();
                    let problem = ModelProblem::NoSuchServer { server: *number, servers: u64::from(self.total), pools };
                    findings.add(&problem, target.place);
                }
                server.map(|server| server..server + 1)
            }
        }
    }
}

/// Splits the name of a server into that of its pool and the number in the pool, from 1.
/// Whatever stands between them stays with the first.
fn split_number(name: &str) -> Option<(&str, u32)> {
    let pool = name.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((pool, name[pool.len()..].parse().ok()?))
}

/// Which servers are in rotation while the script goes on, and whether a balancer ever has none.
struct Watch {
    out: Vec<bool>,
    /// By server: its pool.
    pool_of: Vec<u16>,
    /// By pool: the balancers that send to it.
    balancers_of: Vec<Vec<u16>>,
    /// By balancer: its servers in rotation.
    present: Vec<u64>,
    emptied: Vec<bool>,
}

impl Watch {
    fn new(fleet: &Fleet, balancers: &[BalancerSpec]) -> Self {
        let mut balancers_of = vec![Vec::new(); fleet.pools.len()];
        let mut present = vec![0; balancers.len()];
        for (number, balancer) in (0..).zip(balancers) {
            for PoolId(pool) in &balancer.pools {
                let Some(servers) = fleet.pools.get(usize::from(*pool)) else { continue };
                balancers_of[usize::from(*pool)].push(number);
                present[usize::from(number)] += servers.len() as u64;
            }
        }
        let pool_of = (0..).zip(&fleet.pools).flat_map(|(pool, servers)| std::iter::repeat_n(pool, servers.len())).collect();
        Self { out: vec![false; fleet.total as usize], pool_of, balancers_of, present, emptied: vec![false; balancers.len()] }
    }

    /// Removes, restores or reweighs a server; whether that changed anything, as far as it can be told.
    fn change(&mut self, server: u32, kind: &ChangeKind) -> bool {
        if !matches!(kind, ChangeKind::Remove | ChangeKind::Return) {
            return true;
        }
        let out = *kind == ChangeKind::Remove;
        let server = server as usize;
        if std::mem::replace(&mut self.out[server], out) == out {
            return false;
        }
        for balancer in &self.balancers_of[usize::from(self.pool_of[server])] {
            let present = &mut self.present[usize::from(*balancer)];
            if out { *present -= 1 } else { *present += 1 }
        }
        true
    }

    /// Notes the balancers that have no server now.
    fn look(&mut self) {
        for (emptied, present) in self.emptied.iter_mut().zip(&self.present) {
            *emptied |= *present == 0;
        }
    }
}
