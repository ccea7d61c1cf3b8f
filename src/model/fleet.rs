//! Whom a name or a number in a list of targets means: a server, a pool of them, a back end, a balancer.

use super::check::Stations;
use super::document::{Document, Target};
use super::problem::ModelProblem;
use crate::notation::{At, Findings, Names, Problem, quoted};
use crate::units::BalancerId;
use std::ops::Range;

/// Most pools that a message describes.
const MOST_POOLS: usize = 8;

/// The servers, numbered over all pools.
pub(super) struct Fleet {
    /// By pool: its servers.
    pub(super) pools: Vec<Range<u32>>,
    pub(super) total: u32,
    /// Back ends are numbered after the servers.
    pub(super) back_ends: u32,
}

impl Fleet {
    pub(super) fn of(document: &Document) -> Self {
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
        Self { pools, total, back_ends: document.back_ends.items.len() as u32 }
    }

    /// The back end of that name.
    pub(super) fn back_end(&self, target: &At<Target>, stations: &Stations<'_>) -> Option<u32> {
        let Target::Named(name) = &target.value else { return None };
        stations.back_end_called(name).map(|number| self.total + number as u32)
    }

    /// The balancer of that name, unless a pool or a server has it.
    pub(super) fn balancer(&self, target: &At<Target>, stations: &Stations<'_>, names: &Names<'_>) -> Option<BalancerId> {
        let Target::Named(name) = &target.value else { return None };
        if stations.has(name) || self.server_called(name, stations).is_some() {
            return None;
        }
        names.number(name).and_then(|number| u16::try_from(number).ok()).map(BalancerId)
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
    fn unknown(
        &self,
        name: &At<String>,
        with_back_ends: bool,
        document: &Document,
        stations: &Stations<'_>,
        findings: &Findings,
    ) {
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
        let back_ends = || document.back_ends.items.iter().filter(|_| with_back_ends).map(|back_end| &*back_end.name.value);
        let candidates = near.iter().map(String::as_str).chain(pools().map(|(pool, _)| pool)).chain(back_ends());
        let closest = findings.closest(&name.value, candidates);
        let describe = |(pool, servers): (&str, &Range<u32>)| match servers.len() {
            1 => quoted(pool),
            most => format!("{} ({} to {})", quoted(pool), quoted(&format!("{pool} 1")), quoted(&format!("{pool} {most}"))),
        };
        let mut known: Vec<String> = pools().take(MOST_POOLS).map(describe).collect();
        if self.pools.len() > MOST_POOLS {
            known.push(format!("{} more", self.pools.len() - MOST_POOLS));
        }
        known.extend(back_ends().take(MOST_POOLS).map(quoted));
        let what = if back_ends().next().is_some() { "pool, server or back end" } else { "pool or server" };
        let known = known.join(", ");
        findings.add(&Problem::UnknownName { what, name: name.value.clone(), closest, known }, name.place);
    }

    /// The servers that a target means. `with_back_ends`: whether a back end could have been meant, so that an unknown name may be nearly one;
    /// `needed` says why it may not be the name of one.
    pub(super) fn servers(
        &self,
        target: &At<Target>,
        (needed, with_back_ends): (&'static str, bool),
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
                    self.unknown(&name, with_back_ends, document, stations, findings);
                    return None;
                }
                let pool = stations.pool(&name, needed, findings)?;
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
