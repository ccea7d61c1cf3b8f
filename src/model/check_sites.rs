//! Sites behind one name and failures of balancers, compared with the balancers that there are.

use super::document::{Document, Pool, Target, What};
use super::meant::ChangeKind;
use super::problem::ModelProblem;
use super::read_pair::{WrittenSites, of_fault};
use crate::faults::Sites;
use crate::notation::{At, Findings, Names, Problem};
use crate::units::BalancerId;

/// The sites as they are meant; nothing where a balancer is unknown.
pub(super) fn sites(written: &WrittenSites, document: &Document, balancers: &Names<'_>, findings: &Findings) -> Option<Sites> {
    let (mut numbers, mut fewest) = (Vec::new(), u64::MAX);
    for name in &written.balancers {
        match balancers.number(&name.value).map(|number| (number, u16::try_from(number))) {
            Some((number, Ok(id))) => {
                if numbers.contains(&BalancerId(id)) {
                    findings.add(&Problem::NamedTwice { name: name.value.clone() }, name.place);
                }
                numbers.push(BalancerId(id));
                fewest = fewest.min(servers_of(number, document));
            }
            _ => balancers.unknown("balancer", name, 0..document.balancers.items.len(), findings),
        }
    }
    if document.servers.counted && u64::from(written.needed.value) > fewest {
        let problem = ModelProblem::OfServers { field: "site_needed", bound: "at most", servers: fewest, whose: "a site" };
        findings.add(&problem, written.needed.place);
    }
    let WrittenSites { ttl, detection, resolvers, stale, ref needed, .. } = *written;
    let complete = numbers.len() == written.balancers.len();
    complete.then_some(Sites { balancers: numbers, ttl, detection, resolvers, stale, needed: needed.value })
}

/// How many servers a balancer sends to.
fn servers_of(balancer: usize, document: &Document) -> u64 {
    let spec = &document.balancers.items[balancer];
    let named = |pool: &Pool| spec.pools.as_ref().is_none_or(|pools| pools.iter().any(|name| name.value == pool.name.value));
    document.servers.items.iter().filter(|pool| named(pool)).map(|pool| u64::from(pool.count)).sum()
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
