//! Builds the cluster of one replication from a model.

use super::balancer::Balancer;
use super::births::Births;
use super::bonds::Bonds;
use super::memory::Memory;
use super::outages::Outages;
use super::pairs::Fronts;
use super::risk;
use super::server::{BackEndCall, Pool, Server, Service};
use super::station::Station;
use super::timer::Kind;
use super::tries::Tries;
use super::users::Users;
use super::visits::Visits;
use super::watch::Watch;
use super::{Class, Cluster};
use crate::balancing::{Key, Policy, Product, ServerTraits};
use crate::engine::Calendar;
use crate::model::{
    Addresses, Arrivals, BalancerSpec, Change, ClientClass, Discipline, Model, ModelParts, PoolKind, PoolSpec, WhenFull,
};
use crate::observe::{Observer, first_instant};
use crate::random::{Popularity, Role, Seed, Stream};
use crate::sessions::Keeper;
use crate::units::{Address, ServerId, Span, Time};

/// The calendar is made with room for no more events than this.
const MOST_ROOM: usize = 1 << 18;

impl<O: Observer> Cluster<O> {
    /// The cluster that `model` describes, empty, at time 0 of replication number `replication`.
    pub fn new(model: &Model, replication: u32, observer: O) -> Self {
        Self::with_algorithms(model, replication, observer, model.algorithms())
    }
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// The same with others in place of the algorithms of the model, as many as [`Model::algorithms`] has: of one type known at
    /// compile time, whose choices then become part of the event loop.
    pub fn with_algorithms(model: &Model, replication: u32, observer: O, algorithms: Vec<P>) -> Self {
        let parts = model.parts();
        let firsts = firsts(parts);
        let pools = pools(parts, &firsts);
        let (servers, stations) = servers(&pools);
        let balancers = balancers(parts, replication, algorithms, servers.len());
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
            visits: Visits::new(&parts.classes, parts.seed, replication).map(Box::new),
            memory: Memory::new(parts, replication, first_instant(parts.run.measured_from()), &firsts).map(Box::new),
            bonds: Bonds::new(parts),
            shows_items: parts.balancers.iter().any(looks_at_items),
            addresses: parts
                .classes
                .iter()
                .enumerate()
                .map(|(index, class)| addresses(class, index, parts.seed, replication))
                .collect(),
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
            drains: vec![false; count],
            weights: parts.pools.iter().flat_map(|pool| std::iter::repeat_n(pool.weight, pool.count as usize)).collect(),
            limited: parts.pools.iter().any(|pool| pool.max_connections.is_some()),
            in_line: Vec::new(),
            held: 0,
            outages: risk::is_there(parts).then(|| Box::new(Outages::new(parts, replication, count))),
            fronts: Fronts::new(parts, replication).map(Box::new),
            tries: Box::new(Tries::new(parts, replication)),
            ended: Vec::new(),
            observer,
        };
        if cluster.limited {
            cluster.in_line = vec![0; count];
        }
        (0..cluster.servers.len()).for_each(|server| cluster.update_membership(ServerId(server as u32)));
        for (number, change) in (0..).zip(&cluster.script) {
            let at = happens(change, number, parts.seed, replication);
            cluster.calendar.schedule(Kind::Script.at(at, number, 0));
        }
        if let Some(outages) = &mut cluster.outages {
            outages.begin(Time::ZERO, &mut cluster.calendar);
        }
        if let Some(fronts) = &mut cluster.fronts {
            fronts.begin(&mut cluster.calendar);
        }
        cluster.begin_checks();
        cluster.begin_scaling();
        (0..cluster.users.number()).for_each(|user| cluster.user_thinks(user));
        cluster.begin_visits();
        cluster
    }
}

/// When a line of the script comes.
fn happens(change: &Change, number: u32, seed: Seed, replication: u32) -> Time {
    if change.spread == Span::ZERO {
        return change.at;
    }
    let part = Stream::new(seed, replication, Role::Script, number).uniform();
    change.at + Span::from_nanos_f64(change.spread.as_nanos() as f64 * part)
}

/// The balancers; what they may know of the servers is told to all of them and then forgotten.
fn balancers<P: Policy>(parts: &ModelParts, replication: u32, algorithms: Vec<P>, servers: usize) -> Vec<Balancer<P>> {
    let each = parts.pools.iter().flat_map(|pool| std::iter::repeat_n(pool, pool.count as usize));
    let traits: Vec<ServerTraits> = each.clone().zip(0..).map(|(pool, number)| traits(pool, number)).collect();
    let limits: Vec<u32> = each.map(|pool| pool.max_connections.unwrap_or(u32::MAX)).collect();
    let mut algorithms = algorithms.into_iter();
    let balancer = |(index, spec): (usize, &BalancerSpec)| {
        let levels = levels(spec, parts);
        // The first level draws from the stream of the balancer, the others from streams far beyond those.
        let stream = |level: usize| Stream::new(parts.seed, replication, Role::Balancing, (level << 16 | index) as u32);
        let own = algorithms.by_ref().take(levels.len()).enumerate().map(|(level, algorithm)| (algorithm, stream(level)));
        let own: Vec<(P, Stream)> = own.collect();
        let level_of = if levels.len() == 1 { Vec::new() } else { level_of(&levels, servers) };
        let limited = limits_connections(spec, parts).then_some(&limits[..]);
        let mut balancer = Balancer::new(spec, parts.pools.len(), (&traits, limited), own.into_iter(), level_of)?;
        if risk::must_watch(spec, levels.len()) {
            let phases = Stream::new(parts.seed, replication, Role::Checks, index as u32);
            let one_backup = spec.product == Some(Product::HAProxy);
            balancer.watch = Some(Box::new(Watch::new(spec.health.clone(), levels, servers, one_backup, phases)));
        }
        Some(balancer)
    };
    parts.balancers.iter().enumerate().filter_map(balancer).collect()
}

/// The servers of a balancer by level of priority.
fn levels(spec: &BalancerSpec, parts: &ModelParts) -> Vec<Vec<ServerId>> {
    let priorities = parts.priorities(spec);
    let mut levels = vec![Vec::new(); priorities.len()];
    let mut first = 0;
    for (index, pool) in parts.pools.iter().enumerate() {
        let members = first..first + pool.count;
        first += pool.count;
        if spec.pools.iter().any(|listed| listed.index() == index) {
            let level = priorities.iter().position(|priority| *priority == pool.priority).unwrap_or(0);
            levels[level].extend(members.map(ServerId));
        }
    }
    levels
}

fn level_of(levels: &[Vec<ServerId>], servers: usize) -> Vec<u8> {
    let mut level_of = vec![0; servers];
    for (level, members) in levels.iter().enumerate() {
        members.iter().for_each(|server| level_of[server.index()] = level as u8);
    }
    level_of
}

fn class(class: &ClientClass, parts: &ModelParts) -> Class {
    let (is_closed, is_anonymous) = match class.arrivals {
        Arrivals::Poisson { .. } | Arrivals::Renewal { .. } => (false, class.clients.is_none()),
        Arrivals::Closed { .. } | Arrivals::Visits(_) => (true, false),
        Arrivals::Replay { .. } => (false, false),
    };
    let is_visiting = matches!(class.arrivals, Arrivals::Visits(_));
    let limited = limits_connections(&parts.balancers[class.balancer.index()], parts);
    let persistences = class.balancers().iter().filter_map(|balancer| parts.balancers[balancer.index()].persistence);
    let (mut binds, mut has_cookies) = (false, false);
    for persistence in persistences {
        binds = true;
        has_cookies |= persistence.keeper == Keeper::Cookie;
    }
    Class {
        is_visiting,
        is_followed: is_closed || has_cookies,
        balancer: class.balancer.0,
        is_closed,
        is_anonymous,
        is_plain: class.items.is_none() && class.addresses.is_none() && !limited && !binds && !is_visiting,
        is_tried: risk::must_look_after(class, parts),
    }
}

fn limits_connections(balancer: &BalancerSpec, parts: &ModelParts) -> bool {
    balancer.pools.iter().any(|pool| parts.pools[pool.index()].max_connections.is_some())
}

/// Whether a balancer looks at what requests ask for.
fn looks_at_items(balancer: &BalancerSpec) -> bool {
    balancer.algorithm.key() == Some(Key::Item) || balancer.persistence.is_some_and(|own| own.keeper.key() == Key::Item)
}

/// How the clients of a class are spread over addresses, where several are behind one.
fn addresses(class: &ClientClass, index: usize, seed: Seed, replication: u32) -> Option<Popularity> {
    match class.addresses.as_ref()? {
        Addresses::Shared(popularity) => Some(popularity.clone()),
        Addresses::Crowds { count, clients } => {
            // The numbers of clients behind each are drawn before anybody comes: keys of clients have other numbers.
            let mut stream = Stream::new(seed, replication, Role::Addresses, index as u32);
            let weights: Vec<f64> = (0..*count).map(|_| clients.sample(&mut stream)).collect();
            Some(Popularity::weighted(&weights).unwrap_or_else(|| Popularity::uniform(*count)))
        }
    }
}

/// Balancers reach server `number` at the address 10.0.0.1 plus that number, port 80.
fn traits(pool: &PoolSpec, number: u32) -> ServerTraits {
    let shares = pool.discipline == Discipline::ProcessorSharing;
    let address = Address { ip: u32::from_be_bytes([10, 0, 0, 1]) + number, port: 80 };
    ServerTraits { workers: pool.workers, speed: pool.speed, weight: pool.weight, address, shares }
}

/// The first server of each pool.
fn firsts(parts: &ModelParts) -> Vec<u32> {
    let first = |next: &mut u32, spec: &PoolSpec| {
        *next += spec.count;
        Some(*next - spec.count)
    };
    parts.pools.iter().scan(0, first).collect()
}

fn pools(parts: &ModelParts, firsts: &[u32]) -> Vec<Pool> {
    let specs = &parts.pools;
    let pool = |(index, spec): (usize, &PoolSpec)| {
        let skips = |balancer: &BalancerSpec| {
            balancer.when_full == WhenFull::Skip && balancer.pools.iter().any(|pool| pool.index() == index)
        };
        let call = spec.call.as_ref().map(|call| BackEndCall::new(call, firsts));
        let is_skipped = spec.kind == PoolKind::Servers && parts.balancers.iter().any(skips);
        let first = firsts[index];
        let risk = (risk::of_pool(index, first, parts), risk::is_heeded(index, first, parts));
        Pool::new(spec, first, call, is_skipped, risk)
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
