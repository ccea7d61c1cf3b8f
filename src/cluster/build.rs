//! Builds the cluster of one replication from a model.

use super::balancer::Balancer;
use super::births::Births;
use super::server::{BackEndCall, Pool, Server, Service};
use super::station::Station;
use super::users::Users;
use super::{Class, Cluster};
use crate::balancing::{Policy, ServerTraits};
use crate::engine::{Calendar, Event, EventClass};
use crate::model::{Arrivals, BalancerSpec, ClientClass, Discipline, Model, ModelParts, PoolKind, PoolSpec, WhenFull};
use crate::observe::{Observer, first_instant};
use crate::random::{Role, Stream};
use crate::units::{Address, ServerId, Time};

/// The calendar is made with room for no more events than this.
const MOST_ROOM: usize = 1 << 18;

impl<O: Observer> Cluster<O> {
    /// The cluster that `model` describes, empty, at time 0 of replication number `replication`.
    pub fn new(model: &Model, replication: u32, observer: O) -> Self {
        let algorithms = model.parts().balancers.iter().map(|balancer| balancer.algorithm.clone()).collect();
        Self::with_algorithms(model, replication, observer, algorithms)
    }
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// The same with an algorithm for each balancer of the model in place of its own: of one type known at compile time,
    /// whose choices then become part of the event loop.
    pub fn with_algorithms(model: &Model, replication: u32, observer: O, algorithms: Vec<P>) -> Self {
        let parts = model.parts();
        let pools = pools(&parts.pools, &parts.balancers.iter().map(|b| (b.when_full, &b.pools[..])).collect::<Vec<_>>());
        let balancers = balancers(parts, replication, algorithms);
        let (servers, stations) = servers(&pools);
        let count = servers.len();
        let mut cluster = Self {
            now: Time::ZERO,
            from: parts.run.measured_from(),
            first: first_instant(parts.run.measured_from()),
            seed: parts.seed,
            replication,
            calendar: Calendar::with_room(count.min(MOST_ROOM)),
            births: Births::new(&parts.classes, parts.seed, replication),
            users: Users::new(&parts.classes, parts.seed, replication),
            born: 0,
            classes: parts.classes.iter().map(|class| self::class(class, parts)).collect(),
            items: parts.classes.iter().map(|class| class.items.clone()).collect(),
            balancers,
            pools,
            servers,
            stations,
            arena: super::arena::Arena::new(count),
            script: parts.script.clone(),
            in_rotation: vec![true; count],
            weights: parts.pools.iter().flat_map(|pool| std::iter::repeat_n(pool.weight, pool.count as usize)).collect(),
            limited: parts.pools.iter().any(|pool| pool.max_connections.is_some()),
            in_line: Vec::new(),
            held: 0,
            ended: Vec::new(),
            observer,
        };
        if cluster.limited {
            cluster.in_line = vec![0; count];
        }
        (0..cluster.servers.len()).for_each(|server| cluster.update_eligibility(ServerId(server as u32)));
        for (number, change) in cluster.script.iter().enumerate() {
            cluster.calendar.schedule(Event::new(change.at, EventClass::StateChange, number as u32, 0));
        }
        (0..cluster.users.number()).for_each(|user| cluster.user_thinks(user));
        cluster
    }
}

/// The balancers; what they may know of the servers is told to all of them and then forgotten.
fn balancers<P: Policy>(parts: &ModelParts, replication: u32, algorithms: Vec<P>) -> Vec<Balancer<P>> {
    let each = parts.pools.iter().flat_map(|pool| std::iter::repeat_n(pool, pool.count as usize));
    let traits: Vec<ServerTraits> = each.zip(0..).map(|(pool, number)| traits(pool, number)).collect();
    let each = parts.pools.iter().flat_map(|pool| std::iter::repeat_n(pool.max_connections, pool.count as usize));
    let limits: Vec<u32> = each.map(|most| most.unwrap_or(u32::MAX)).collect();
    let balancer = |(index, (algorithm, spec)): (usize, (P, &BalancerSpec))| {
        let stream = Stream::new(parts.seed, replication, Role::Balancing, index as u32);
        let limited = limits_connections(spec, parts);
        Balancer::new(algorithm, spec, parts.pools.len(), (&traits, limited.then_some(&limits)), stream)
    };
    algorithms.into_iter().zip(&parts.balancers).enumerate().map(balancer).collect()
}

fn class(class: &ClientClass, parts: &ModelParts) -> Class {
    let (is_closed, is_anonymous) = match class.arrivals {
        Arrivals::Poisson { .. } | Arrivals::Renewal { .. } => (false, class.clients.is_none()),
        Arrivals::Closed { .. } => (true, false),
        Arrivals::Replay { .. } => (false, false),
    };
    let limited = limits_connections(&parts.balancers[class.balancer.index()], parts);
    Class { balancer: class.balancer.0, is_closed, is_anonymous, is_plain: class.items.is_none() && !limited }
}

fn limits_connections(balancer: &BalancerSpec, parts: &ModelParts) -> bool {
    balancer.pools.iter().any(|pool| parts.pools[pool.index()].max_connections.is_some())
}

/// Balancers reach server `number` at the address 10.0.0.1 plus that number, port 80.
fn traits(pool: &PoolSpec, number: u32) -> ServerTraits {
    let shares = pool.discipline == Discipline::ProcessorSharing;
    let address = Address { ip: u32::from_be_bytes([10, 0, 0, 1]) + number, port: 80 };
    ServerTraits { workers: pool.workers, speed: pool.speed, weight: pool.weight, address, shares }
}

fn pools(specs: &[PoolSpec], balancers: &[(WhenFull, &[crate::units::PoolId])]) -> Vec<Pool> {
    let firsts: Vec<u32> = specs
        .iter()
        .scan(0, |next, spec| {
            *next += spec.count;
            Some(*next - spec.count)
        })
        .collect();
    let pool = |(index, spec): (usize, &PoolSpec)| {
        let skips = |&(when_full, pools): &(WhenFull, &[crate::units::PoolId])| {
            when_full == WhenFull::Skip && pools.iter().any(|pool| pool.index() == index)
        };
        let call =
            spec.call.as_ref().map(|call| BackEndCall { to: ServerId(firsts[call.to.index()]), demand: call.demand.clone() });
        Pool::new(spec, firsts[index], call, spec.kind == PoolKind::Servers && balancers.iter().any(skips))
    };
    specs.iter().enumerate().map(pool).collect()
}

fn servers(pools: &[Pool]) -> (Vec<Server>, Vec<Station>) {
    let (mut servers, mut stations) = (Vec::new(), Vec::new());
    for (index, pool) in pools.iter().enumerate() {
        for _ in pool.servers.clone() {
            servers.push(Server::new(index as u16, stations.len() as u32));
            match pool.service {
                Service::Single => {}
                Service::Workers => stations.push(Station::workers()),
                Service::Sharing => stations.push(Station::sharing(pool.workers)),
            }
        }
    }
    (servers, stations)
}
