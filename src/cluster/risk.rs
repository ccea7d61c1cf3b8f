//! What a model needs the cluster to look after: what can go wrong with which servers, whose tries must be followed.

use super::server::Risk;
use crate::faults::{Clock, FailureSpec, Fault, InFlight};
use crate::health::Health;
use crate::model::{BalancerSpec, ChangeKind, ClientClass, ModelParts};
use crate::recovery::{ClientRecovery, Recovery};
use crate::units::ServerId;

/// Whether anything can go wrong with a server or a balancer.
pub fn is_there(parts: &ModelParts) -> bool {
    let pool = |pool: &crate::model::PoolSpec| {
        !pool.failures.is_empty() || pool.overload.is_some() || pool.spares.is_some() || pool.scaling.is_some()
    };
    parts.pools.iter().any(pool)
        || parts.balancers.iter().any(|balancer| balancer.failures.is_some())
        || parts.zones.iter().any(|zone| !zone.failures.is_empty())
        || parts.script.iter().any(|change| matches!(change.kind, ChangeKind::Fail { .. }))
}

/// What can happen to the servers of pool number `index`, the first of which is server `first`.
pub fn of_pool(index: usize, first: u32, parts: &ModelParts) -> Risk {
    let pool = &parts.pools[index];
    let sends = |balancer: &&BalancerSpec| balancer.pools.iter().any(|listed| listed.index() == index);
    if parts.balancers.iter().filter(sends).any(|balancer| balancer.recovery.cancels) {
        return Risk::Any;
    }
    let overload = pool.overload.iter().map(|overload| if overload.work == InFlight::Lost { Risk::Crashes } else { Risk::Any });
    let worst = faults(index, first, parts).map(risk_of).chain(overload).max().unwrap_or(Risk::None);
    match worst {
        _ if is_heeded(index, first, parts) => Risk::Any,
        Risk::None if pool.spares.is_some() => Risk::Crashes,
        worst => worst,
    }
}

/// Whether somebody must hear of every request that comes to a server of a pool and leaves it: lifetimes that count only service, an
/// autoscaler.
pub fn is_heeded(index: usize, first: u32, parts: &ModelParts) -> bool {
    parts.pools[index].scaling.is_some() || failures(index, first, parts).any(|failure| failure.clock == Clock::WhileServing)
}

/// Whether a server is one of a pool.
fn is_of(index: usize, first: u32, parts: &ModelParts) -> impl Fn(&ServerId) -> bool + Clone {
    let servers = first..first + parts.pools[index].count;
    move |server| servers.contains(&server.0)
}

/// All processes of failures that can strike servers of a pool.
fn failures(index: usize, first: u32, parts: &ModelParts) -> impl Iterator<Item = &FailureSpec> {
    let holds = is_of(index, first, parts);
    let zones = parts.zones.iter().filter(move |zone| zone.servers.iter().any(&holds)).flat_map(|zone| &zone.failures);
    parts.pools[index].failures.iter().chain(zones)
}

/// All faults that can come upon servers of a pool.
fn faults(index: usize, first: u32, parts: &ModelParts) -> impl Iterator<Item = &Fault> {
    let holds = is_of(index, first, parts);
    let script = parts.script.iter().filter(move |change| change.servers.iter().any(&holds));
    let scripted = script.filter_map(|change| match &change.kind {
        ChangeKind::Fail { incident, .. } => Some(&incident.fault),
        _ => None,
    });
    failures(index, first, parts).map(|failure| &failure.incident.fault).chain(scripted)
}

const fn risk_of(fault: &Fault) -> Risk {
    match fault {
        Fault::Crash { work: InFlight::Lost } | Fault::FailingChecks | Fault::Partition { .. } => Risk::Crashes,
        _ => Risk::Any,
    }
}

/// Whether a balancer must form beliefs about its servers.
pub fn must_watch(spec: &BalancerSpec, levels: usize) -> bool {
    let Health { checks, observe, outliers, panic, .. } = &spec.health;
    levels > 1 || checks.is_some() || observe.is_some() || outliers.is_some() || panic.is_some()
}

/// Whether the tries of a class must be looked after: something is done about failures, or somebody wants to hear of them, or they
/// are of a kind that only a try can have.
pub fn must_look_after(class: &ClientClass, parts: &ModelParts) -> bool {
    let spec = &parts.balancers[class.balancer.index()];
    if class.sites.is_some() || parts.may_fail(class.balancer) {
        return true;
    }
    if class.recovery != ClientRecovery::default() || spec.recovery != Recovery::default() {
        return true;
    }
    if must_watch(spec, parts.priorities(spec).len()) {
        return true;
    }
    let mut first = 0;
    parts.pools.iter().enumerate().any(|(index, pool)| {
        let begins = first;
        first += pool.count;
        let sends = spec.pools.iter().any(|listed| listed.index() == index);
        let of_tries = |fault: &Fault| {
            let degrades = matches!(fault, Fault::Errors { .. } | Fault::WrongAnswers { .. } | Fault::Partition { .. });
            degrades || spec.product.is_some()
        };
        sends && faults(index, begins, parts).any(of_tries)
    })
}

/// Whether the tries of some class must be looked after.
pub fn must_look_after_some(parts: &ModelParts) -> bool {
    parts.classes.iter().any(|class| must_look_after(class, parts))
}
