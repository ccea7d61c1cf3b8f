//! What goes wrong with servers, compared with the servers that there are.

use super::check::Stations;
use super::document::{Document, Pool, Target};
use super::fleet::Fleet;
use super::problem::ModelProblem;
use super::read_faults::{WrittenFailures, WrittenZone};
use crate::faults::{FailureSpec, Zone};
use crate::notation::{Findings, Names, Place, Problem};
use crate::units::ServerId;
use std::collections::BTreeSet;

/// Looks at what goes wrong with the servers of a pool or with a back end, `whose`, when their number is known.
pub(super) fn check_pool(pool: &Pool, whose: &'static str, findings: &Findings) {
    let count = u64::from(pool.count);
    check_crews(&pool.faults.failures, count, whose, findings);
    if let Some(spares) = pool.faults.spares.as_ref().filter(|spares| spares.value.count >= pool.count) {
        add(findings, "spares", "below", count, whose, spares.place);
    }
    if let Some(maintenance) = &pool.faults.maintenance {
        let takes = maintenance.restart.takes(count);
        if takes > maintenance.every.value {
            let (takes, every) = (takes.to_string(), maintenance.every.value.to_string());
            findings.add(&ModelProblem::MaintenanceTooLong { takes, every }, maintenance.every.place);
        }
    }
}

fn check_crews(failures: &[WrittenFailures], servers: u64, whose: &'static str, findings: &Findings) {
    for failures in failures.iter().filter(|failures| failures.spec.crews.is_some_and(|crews| u64::from(crews) > servers)) {
        add(findings, "crews", "at most", servers, whose, failures.crews);
    }
}

fn add(findings: &Findings, field: &'static str, bound: &'static str, servers: u64, whose: &'static str, place: Place) {
    findings.add(&ModelProblem::OfServers { field, bound, servers, whose }, place);
}

/// The failures as they are meant.
pub(super) fn specs(failures: &[WrittenFailures]) -> Vec<FailureSpec> {
    failures.iter().map(|failures| failures.spec.clone()).collect()
}

/// How many servers must be up.
pub(super) fn needed(document: &Document, findings: &Findings) -> u32 {
    let Some(needed) = &document.needed else { return 1 };
    let servers: u64 = document.servers.items.iter().map(|pool| u64::from(pool.count)).sum();
    if document.servers.counted && u64::from(needed.value) > servers {
        add(findings, "needed", "at most", servers, "the model", needed.place);
    }
    needed.value
}

/// The zones as they are meant.
pub(super) fn zones(document: &Document, stations: &Stations<'_>, findings: &Findings) -> Vec<Zone> {
    let zones = &document.zones;
    if zones.items.is_empty() {
        return Vec::new();
    }
    let _ = Names::new("zones", zones.items.iter().map(|zone| &zone.name), zones.complete, findings);
    let fleet = Fleet::of(document);
    zones.items.iter().map(|written| zone(written, &fleet, document, stations, findings)).collect()
}

fn zone(written: &WrittenZone, fleet: &Fleet, document: &Document, stations: &Stations<'_>, findings: &Findings) -> Zone {
    let mut servers = BTreeSet::new();
    let mut complete = document.servers.counted && !written.servers.is_empty();
    for target in &written.servers {
        let range = fleet.servers(target, ("a zone holds servers", false), document, stations, findings);
        complete &= range.is_some();
        let known = servers.len();
        let range = range.unwrap_or_default();
        servers.extend(range.clone());
        if document.servers.counted && servers.len() - known < range.len() {
            let name = match &target.value {
                Target::Server(number) => format!("server {number}"),
                Target::Named(name) => name.clone(),
            };
            findings.add(&Problem::NamedTwice { name }, target.place);
        }
    }
    if complete {
        check_crews(&written.failures, servers.len() as u64, "the zone", findings);
    }
    Zone {
        name: written.name.value.clone(),
        servers: servers.into_iter().map(ServerId).collect(),
        failures: specs(&written.failures),
    }
}
