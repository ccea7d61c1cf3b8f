//! Sites behind one name and failures of balancers, compared with the balancers that there are.

use super::document::{Document, Target, What};
use super::meant::ChangeKind;
use super::problem::ModelProblem;
use super::read_pair::{WrittenSites, of_fault};
use crate::faults::Sites;
use crate::notation::{At, Findings, Names, Problem};
use crate::units::BalancerId;

/// The sites as they are meant; nothing where a balancer is unknown.
pub(super) fn sites(written: &WrittenSites, document: &Document, balancers: &Names<'_>, findings: &Findings) -> Option<Sites> {
    let mut numbers = Vec::new();
    for name in &written.balancers {
        match balancers.number(&name.value).map(|number| (number, u16::try_from(number))) {
            Some((number, Ok(id))) => {
                if numbers.contains(&BalancerId(id)) {
                    findings.add(&Problem::NamedTwice { name: name.value.clone() }, name.place);
                }
                numbers.push(BalancerId(id));
                check_needed(written, number, document, findings);
            }
            _ => balancers.unknown("balancer", name, 0..document.balancers.items.len(), findings),
        }
    }
    let WrittenSites { ttl, detection, resolvers, stale, ref needed, .. } = *written;
    let complete = numbers.len() == written.balancers.len();
    complete.then_some(Sites { balancers: numbers, ttl, detection, resolvers, stale, needed: needed.value })
}

/// A site must have as many servers as it needs.
fn check_needed(written: &WrittenSites, balancer: usize, document: &Document, findings: &Findings) {
    let spec = &document.balancers.items[balancer];
    let sends = |pool: &&super::document::Pool| {
        spec.pools.as_ref().is_none_or(|pools| pools.iter().any(|name| name.value == pool.name.value))
    };
    let servers: u64 = document.servers.items.iter().filter(sends).map(|pool| u64::from(pool.count)).sum();
    if document.servers.counted && u64::from(written.needed.value) > servers {
        let problem = ModelProblem::OfServers { field: "site_needed", bound: "at most", servers, whose: "a site" };
        findings.add(&problem, written.needed.place);
    }
}

/// Says so if this cannot happen to a balancer.
pub(super) fn check_change(what: &What, target: &At<Target>, findings: &Findings) {
    let needed = match what {
        What::Change(ChangeKind::Fail { incident, .. }) => {
            if of_fault(&incident.fault).is_some() && incident.flapping.is_none() {
                return;
            }
            POSSIBLE_FOR_BALANCER
        }
        What::Change(ChangeKind::Repair) => return,
        _ => "only servers are removed, restored, reweighed and restarted",
    };
    let Target::Named(name) = &target.value else { return };
    findings.add(&ModelProblem::WrongKind { name: name.clone(), is: "a balancer", needed }, target.place);
}

const POSSIBLE_FOR_BALANCER: &str = "a balancer fails by `Crash` or `Silence`, without `work` or `flapping`";
