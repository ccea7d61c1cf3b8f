//! What failures do to a model as a whole: how much of its servers they leave, whether requests may be refused, how many events they are.

use super::document::Document;
use super::meant::{ChangeKind, ModelParts};
use crate::faults::{FailureSpec, Fault, Flapping, Incident, Scope};
use crate::notation::Place;
use crate::random::SpanDistribution;
use crate::units::{BalancerId, PoolId, ServerId};

/// By pool, the fraction of its work that its servers can do in the long run: the availability MTTF / (MTTF + MTTR) of an alternating renewal
/// process (Barlow and Proschan, Statistical Theory of Reliability and Life Testing, 1975), of independent causes the product. A fault
/// that slows leaves a part. Failures that are never repaired have no long run and are left aside, and so are waits for a crew.
pub(super) fn availability(parts: &ModelParts) -> Vec<f64> {
    let left = |failures: &[FailureSpec]| failures.iter().map(available).product::<f64>();
    let pools = Pools::of(parts);
    let mut sums: Vec<f64> = parts.pools.iter().map(|pool| f64::from(pool.count)).collect();
    if !parts.zones.is_empty() {
        let mut each = vec![1.0; pools.total()];
        for zone in &parts.zones {
            let left = left(&zone.failures);
            zone.servers.iter().for_each(|server| each[server.index()] *= left);
        }
        let mut rest = &each[..];
        for (sum, pool) in sums.iter_mut().zip(&parts.pools) {
            let (own, others) = rest.split_at((pool.count as usize).min(rest.len()));
            *sum = own.iter().sum();
            rest = others;
        }
    }
    let fraction = |(pool, sum): (&super::PoolSpec, f64)| {
        let spares = pool.spares.as_ref().map_or(0, |spares| spares.count);
        let working = f64::from(pool.count.saturating_sub(spares));
        (sum * left(&pool.failures)).min(working) / f64::from(pool.count)
    };
    parts.pools.iter().zip(sums).map(fraction).collect()
}

/// The fraction of its work that a server with these failures can do.
fn available(failures: &FailureSpec) -> f64 {
    let Some(repair) = &failures.time_to_repair else { return 1.0 };
    let left = match failures.incident.fault {
        Fault::Crash { .. } | Fault::Silence { .. } | Fault::Partition { .. } => 0.0,
        Fault::Slow { factor } => 1.0 / factor,
        Fault::Errors { .. } | Fault::WrongAnswers { .. } | Fault::FailingChecks => 1.0,
    };
    let present = failures.incident.flapping.map_or(1.0, |Flapping { on, off }| on.as_secs() / (on + off).as_secs());
    let (up, down) = (failures.time_to_failure.mean_secs(), repair.mean_secs());
    (1.0 - (1.0 - left) * present).mul_add(down, up) / (up + down)
}

/// By balancer, whether requests may be refused or answered by an error in no time because of what goes wrong with servers.
pub(super) fn may_refuse(parts: &ModelParts) -> Vec<bool> {
    let any = |failures: &[FailureSpec]| failures.iter().any(|failures| refuses(&failures.incident));
    let pools = Pools::of(parts);
    let mut faulty: Vec<bool> = parts.pools.iter().map(|pool| any(&pool.failures) || pool.overload.is_some()).collect();
    let zones = parts.zones.iter().filter(|zone| any(&zone.failures)).map(|zone| &zone.servers);
    let fails = |kind: &ChangeKind| matches!(kind, ChangeKind::Fail { incident, .. } if refuses(incident));
    let script = parts.script.iter().filter(|change| fails(&change.kind)).map(|change| &change.servers);
    for server in zones.chain(script).flatten() {
        faulty[pools.pool(*server)] = true;
    }
    // Whose back end fails refuses too.
    let calls_faulty = |pool: &super::PoolSpec| pool.calls().any(|call| faulty[call.to.index()]);
    let refuses = |pool: &PoolId| faulty[pool.index()] || calls_faulty(&parts.pools[pool.index()]);
    let balancers = (0..).map(BalancerId).zip(&parts.balancers);
    balancers.map(|(number, balancer)| parts.may_fail(number) || balancer.pools.iter().any(refuses)).collect()
}

fn refuses(incident: &Incident) -> bool {
    !matches!(incident.fault, Fault::Slow { .. } | Fault::WrongAnswers { .. } | Fault::Errors { after: None, .. })
}

/// How many events the failures of a replication of `secs` are about, and where those are written that are the most.
pub(super) fn events(parts: &ModelParts, document: &Document, secs: f64) -> (f64, Option<Place>) {
    let of_pools = document.servers.items.iter().chain(&document.back_ends.items).flat_map(|pool| {
        let count = f64::from(pool.count);
        pool.faults.failures.iter().map(move |failures| (count, failures))
    });
    let of_zones = document.zones.items.iter().zip(&parts.zones).flat_map(|(written, zone)| {
        let count = zone.servers.len() as f64;
        written.failures.iter().map(move |failures| (count, failures))
    });
    let mut total = 0.0;
    let mut most = (0.0, None);
    for (spec, written) in parts.balancers.iter().zip(&document.balancers.items) {
        let Some(failures) = &spec.failures else { continue };
        let (units, down) = (if spec.pair.is_some() { 2.0 } else { 1.0 }, failures.time_to_repair.as_ref());
        let cycle = failures.time_to_failure.mean_secs() + down.map_or(secs, SpanDistribution::mean_secs);
        // A failure, a repair, and a takeover there and back.
        let events = 4.0 * units * secs / cycle;
        total += events;
        if events > most.0 {
            most = (events, Some(written.place));
        }
    }
    for (count, failures) in of_pools.chain(of_zones) {
        let processes = if failures.spec.scope == Scope::Each { count } else { 1.0 };
        let events =
            processes * cycle_events(&failures.spec, secs) * if failures.spec.scope == Scope::AllAtOnce { count } else { 1.0 };
        total += events;
        if events > most.0 {
            most = (events, Some(failures.place));
        }
    }
    (total, most.1)
}

/// The events of one server with these failures: comings and goings of the fault.
fn cycle_events(failures: &FailureSpec, secs: f64) -> f64 {
    let up = failures.time_to_failure.mean_secs();
    let (cycles, down) = match &failures.time_to_repair {
        Some(repair) => (secs / (up + repair.mean_secs()), repair.mean_secs()),
        None => (1.0, secs),
    };
    let flaps = failures.incident.flapping.map_or(0.0, |Flapping { on, off }| down / (on + off).as_secs());
    2.0 * cycles * (1.0 + flaps)
}

/// The servers of each pool, and of each back end: by pool, the number of the first server after it.
struct Pools(Vec<u32>);

impl Pools {
    fn of(parts: &ModelParts) -> Self {
        Self(
            parts
                .pools
                .iter()
                .scan(0_u32, |end, pool| {
                    *end = end.saturating_add(pool.count);
                    Some(*end)
                })
                .collect(),
        )
    }

    fn total(&self) -> usize {
        self.0.last().map_or(0, |end| *end as usize)
    }

    fn pool(&self, server: ServerId) -> usize {
        self.0.partition_point(|end| *end <= server.0)
    }
}
