//! From the model as written to the model as meant: names become ids, parts are compared with each other.

use super::check_load::{self, Load, Servers};
use super::document::{self, Class, Document};
use super::meant::{Arrivals, BalancerSpec, Call, ClientClass, Discipline, ModelParts, PoolKind, PoolSpec};
use super::problem::ModelProblem;
use super::{
    CacheSpec, Cached, Expectations, Trace, Visitors, check_faults, check_run, check_script, check_sites, downtime,
    product_recovery,
};
use crate::balancing::{Key, Product};
use crate::health::Health;
use crate::notation::{At, Findings, Names, Place, Problem};
use crate::random::{Seed, SpanDistribution};
use crate::recovery::{Recovery, RetryTo};
use crate::units::{BalancerId, PoolId};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The most users of all closed classes together.
const MOST_USERS: u64 = 10_000_000;

/// Checks everything and makes the parts of a model; they are good for nothing if a mistake has been noted.
pub(super) fn check(document: &Document, files: &dyn super::Files, findings: &Findings) -> ModelParts {
    let stations = Stations::of(document, findings);
    let pools = stations.pools(findings);
    let balancer_names = {
        let names = document.balancers.items.iter().map(|balancer| &balancer.name);
        Names::new("balancers", names, document.balancers.complete, findings)
    };
    let balancers = balancers(document, &stations, findings);
    let classes = classes(document, &balancer_names, files, findings);
    let servers = Servers { balancers: &balancers, pools: &pools };
    if findings.errors() == 0 {
        check_load::check_cycles(&classes, &servers, document, findings);
    }
    let requests_per_sec = classes.iter().map(|class| servers.requests_per_sec(class)).sum();
    let run = check_run::plan(&document.run, &classes, requests_per_sec, document, findings);
    let script = check_script::changes(document, &stations, (&balancers, &balancer_names), run, findings);
    let parts = ModelParts {
        about: document.about.clone(),
        seed: Seed(document.seed),
        classes,
        balancers,
        pools,
        needed: check_faults::needed(document, findings),
        zones: check_faults::zones(document, &stations, findings),
        script: script.changes,
        run,
        expectations: Expectations::default(),
    };
    if findings.errors() == 0 {
        idle(document, &parts, findings);
        let refusing: Vec<bool> =
            downtime::may_refuse(&parts).iter().zip(&script.emptied).map(|(fails, emptied)| *fails || *emptied).collect();
        check_load::check(&Load { parts: &parts, document, refusing: &refusing }, findings);
    }
    parts
}

/// The pools and, after them, the back ends: the number of each is that of its [`PoolId`].
pub(super) struct Stations<'d> {
    document: &'d Document,
    names: Names<'d>,
}

impl<'d> Stations<'d> {
    fn of(document: &'d Document, findings: &Findings) -> Self {
        let all = document.servers.items.iter().chain(&document.back_ends.items);
        let complete = document.servers.complete && document.back_ends.complete;
        Self { document, names: Names::new("pools or back ends", all.map(|pool| &pool.name), complete, findings) }
    }

    /// Whether a pool or a back end has that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.number(name).is_some()
    }

    /// Whether the names of all of them are known.
    pub(super) const fn are_complete(&self) -> bool {
        self.names.are_complete()
    }

    /// The number of the pool of servers of that name.
    pub(super) fn server_pool(&self, name: &str) -> Option<usize> {
        self.names.number(name).filter(|number| *number < self.servers())
    }

    /// The number of the back end of that name among the back ends.
    pub(super) fn back_end_called(&self, name: &str) -> Option<usize> {
        self.names.number(name)?.checked_sub(self.servers())
    }

    /// How many pools of servers there are; back ends follow.
    fn servers(&self) -> usize {
        self.document.servers.items.len()
    }

    /// The pool of servers of that name; `needed` says why it may not be a back end.
    pub(super) fn pool(&self, name: &At<String>, needed: &'static str, findings: &Findings) -> Option<PoolId> {
        match self.names.number(&name.value) {
            Some(number) if number < self.servers() => Some(id(number)),
            Some(_) => {
                let problem = ModelProblem::WrongKind { name: name.value.clone(), is: "a back end", needed };
                findings.add(&problem, name.place);
                None
            }
            None => {
                self.names.unknown("pool of servers", name, 0..self.servers(), findings);
                None
            }
        }
    }

    fn back_end(&self, call: &document::Call, findings: &Findings) -> Option<PoolId> {
        let all = self.servers() + self.document.back_ends.items.len();
        let Some(name) = &call.to else {
            if all == self.servers() + 1 {
                return Some(id(self.servers()));
            }
            if self.document.back_ends.complete {
                let back_ends = (self.servers()..all).map(|number| self.names.name(number).to_string()).collect();
                findings.add(&ModelProblem::CallTargetNeeded { back_ends }, call.place);
            }
            return None;
        };
        match self.names.number(&name.value) {
            Some(number) if number >= self.servers() => Some(id(number)),
            Some(_) => {
                let needed = "only back ends can be called";
                findings.add(&ModelProblem::WrongKind { name: name.value.clone(), is: "a pool of servers", needed }, name.place);
                None
            }
            None => {
                self.names.unknown("back end", name, self.servers()..all, findings);
                None
            }
        }
    }

    fn call(&self, call: &document::Call, findings: &Findings) -> Option<Call> {
        let to = self.back_end(call, findings);
        Some(Call { to: to?, demand: call.demand.clone()? })
    }

    fn cache(&self, cache: &document::Cache, findings: &Findings) -> CacheSpec {
        CacheSpec {
            of: cache.of,
            rule: cache.rule.clone(),
            capacity: cache.capacity,
            size: cache.size.clone(),
            lifetime: cache.lifetime,
            miss: cache.miss.clone(),
            call: cache.call.as_ref().and_then(|call| self.call(call, findings)),
            coalesces: cache.coalesces,
            survives_crashes: cache.survives_crashes,
            shared: cache.shared,
            lookup: cache.lookup.as_ref().and_then(|call| self.call(call, findings)),
            replicas: cache.replicas,
        }
    }

    fn pools(&self, findings: &Findings) -> Vec<PoolSpec> {
        let servers = self.document.servers.items.iter().map(|pool| (PoolKind::Servers, pool));
        let back_ends = self.document.back_ends.items.iter().map(|pool| (PoolKind::BackEnd, pool));
        let spec = |(kind, pool): (PoolKind, &document::Pool)| {
            if let Some(At { value: capacity, place }) = pool.capacity
                && pool.discipline == Discipline::Fcfs
                && capacity < pool.workers
            {
                findings.add(&ModelProblem::CapacityBelowWorkers { capacity, workers: pool.workers }, place);
            }
            match kind {
                PoolKind::BackEnd => check_faults::check_pool(pool, "the back end", findings),
                PoolKind::Servers if self.document.servers.counted => check_faults::check_pool(pool, "the pool", findings),
                PoolKind::Servers => {}
            }
            let call = pool.call.as_ref().and_then(|call| self.call(call, findings));
            let caches = pool.caches.iter().map(|cache| self.cache(cache, findings)).collect();
            PoolSpec {
                name: pool.name.value.clone(),
                kind,
                count: pool.count,
                workers: pool.workers,
                speed: pool.speed,
                discipline: pool.discipline,
                capacity: pool.capacity.as_ref().map(|capacity| capacity.value),
                max_connections: pool.max_connections.as_ref().map(|limit| limit.value),
                weight: pool.weight,
                call,
                caches,
                failures: check_faults::specs(&pool.faults.failures),
                overload: pool.faults.overload.clone(),
                spares: pool.faults.spares.as_ref().map(|spares| spares.value.clone()),
                scaling: pool.scaling.clone(),
                priority: pool.priority.value,
            }
        };
        servers.chain(back_ends).map(spec).collect()
    }
}

/// The limits on lists keep the numbers of pools and back ends below 2^16.
fn id(number: usize) -> PoolId {
    PoolId(u16::try_from(number).unwrap_or(u16::MAX))
}

fn balancers(document: &Document, stations: &Stations<'_>, findings: &Findings) -> Vec<BalancerSpec> {
    let mut specs = Vec::new();
    for balancer in &document.balancers.items {
        let pools: Vec<PoolId> = match &balancer.pools {
            None => (0..stations.servers()).map(id).collect(),
            Some(names) => {
                let mut seen = HashSet::new();
                let mut find = |name: &At<String>| {
                    let pool = stations.pool(name, "a balancer sends to pools of servers", findings)?;
                    if !seen.insert(pool) {
                        findings.add(&Problem::NamedTwice { name: name.value.clone() }, name.place);
                    }
                    Some(pool)
                };
                names.iter().filter_map(&mut find).collect()
            }
        };
        // Without an algorithm a mistake has been noted.
        let Some(algorithm) = balancer.algorithm.clone() else { continue };
        if let Some(start) = balancer.slow_start.as_ref().filter(|_| !algorithm.heeds_weights()) {
            findings.add(&ModelProblem::WeightsIgnored { algorithm: algorithm.name(), what: "a slow start" }, start.place);
        }
        let limited = limited_pools(document, &pools);
        if let (Some(product @ Product::Envoy), Some(limit)) = (balancer.product, limited.first()) {
            let what = "limit of connections to each server; its circuit breakers count over all of them";
            findings.add(&ModelProblem::NotInProduct { product: product.to_string(), what }, limit.place);
        }
        if let Some(product @ (Product::Nginx | Product::HAProxy)) = balancer.product {
            let mut levels = pools.iter().filter_map(|pool| Some(&document.servers.items.get(pool.index())?.priority));
            if let Some(level) = levels.find(|level| level.value > 1) {
                let what = "third level of priority, only servers and their backups";
                findings.add(&ModelProblem::NotInProduct { product: product.to_string(), what }, level.place);
            }
        }
        let queue_capacity = match balancer.queue {
            Some(_) if balancer.product == Some(Product::Nginx) => {
                let what = "queue, not even with a limit; its commercial edition has";
                findings.add(&ModelProblem::NotInProduct { product: Product::Nginx.to_string(), what }, balancer.place);
                None
            }
            Some(document::QueueLimit::Most(most)) => Some(most),
            // nginx has no queue: what finds all servers full is refused.
            None if balancer.product == Some(Product::Nginx) && !limited.is_empty() => Some(0),
            _ => None,
        };
        // Health will count too once it can be written.
        let may_fail = balancer.recovery.is_some() || balancer.health != Health::default() || document.brings_faults();
        let count = |pool: &PoolId| document.servers.items.get(pool.index()).map_or(0, |pool| pool.count);
        let servers = pools.iter().map(count).fold(0, u32::saturating_add);
        let recovery = recovery(balancer, servers, may_fail);
        specs.push(BalancerSpec {
            name: balancer.name.value.clone(),
            product: balancer.product,
            algorithm,
            pools,
            when_full: balancer.when_full,
            queue_capacity,
            slow_start: balancer.slow_start.as_ref().map(|start| start.value),
            persistence: balancer.persistence,
            health: balancer.health.clone(),
            recovery,
            failures: balancer.failures.clone(),
            pair: balancer.pair.clone(),
        });
    }
    specs
}

/// What a balancer does about requests that fail: what is written and, for the rest, what its product does by default; but nothing at all where nothing
/// can fail (`may_fail`), so that a model without failures costs nothing. Who tries no server twice has no more retries than other servers.
fn recovery(balancer: &document::Balancer, servers: u32, may_fail: bool) -> Recovery {
    if !may_fail {
        return Recovery::default();
    }
    let mut recovery = balancer.recovery.clone().unwrap_or_else(|| product_recovery::recovery(balancer.product));
    let is_strict = balancer.product != Some(Product::Envoy);
    if let Some(retries) = recovery.retries.as_mut().filter(|retries| retries.to == RetryTo::Another && is_strict) {
        retries.most = retries.most.min(servers.saturating_sub(1));
    }
    recovery.retries = recovery.retries.filter(|retries| retries.most > 0);
    recovery
}

/// The limits of connections in some of these pools.
fn limited_pools<'d>(document: &'d Document, pools: &[PoolId]) -> Vec<&'d At<u32>> {
    pools.iter().filter_map(|pool| document.servers.items.get(pool.index())?.max_connections.as_ref()).collect()
}

fn classes(document: &Document, balancers: &Names<'_>, files: &dyn super::Files, findings: &Findings) -> Vec<ClientClass> {
    let clients = &document.clients;
    let _ = Names::new("classes of clients", clients.items.iter().map(|class| &class.name), clients.complete, findings);
    let mut logs = Logs { files, findings, known: BTreeMap::new() };
    let mut users = 0;
    let mut specs = Vec::new();
    for class in &clients.items {
        let (balancer, sites) = match &class.sites {
            None => (balancer_of(class, document, balancers, findings), None),
            Some(written) => {
                let sites = check_sites::sites(written, document, balancers, findings);
                (sites.as_ref().and_then(|sites| sites.balancers.first().copied()), sites)
            }
        };
        let arrivals = class.arrivals.as_ref().and_then(|arrivals| match &arrivals.value {
            document::Arrivals::Poisson { rate } => Some(Arrivals::Poisson { rate: *rate }),
            document::Arrivals::Renewal { gap } => {
                check_load::check_gap(gap, arrivals.place, findings);
                Some(Arrivals::Renewal { gap: gap.clone() })
            }
            document::Arrivals::Closed { users: number, think_time } => {
                users += u64::from(*number);
                if users > MOST_USERS {
                    let (field, what) = ("clients".to_string(), "users");
                    findings.add(&Problem::TooMany { field, what, found: users, most: MOST_USERS }, class.place);
                }
                Some(Arrivals::Closed { users: *number, think_time: think_time.clone() })
            }
            document::Arrivals::Visits(visits) => {
                match &visits.users {
                    Visitors::New { gap } => check_load::check_gap(gap, arrivals.place, findings),
                    Visitors::Returning { number, .. } => users += u64::from(*number),
                }
                if users > MOST_USERS {
                    let (field, what) = ("clients".to_string(), "users");
                    findings.add(&Problem::TooMany { field, what, found: users, most: MOST_USERS }, class.place);
                }
                Some(Arrivals::Visits(visits.clone()))
            }
            document::Arrivals::Replay { log, .. } => Some(Arrivals::Replay { trace: logs.read(log, arrivals.place)? }),
        });
        let demand = arrivals.as_ref().and_then(|arrivals| demand_of(class, arrivals, findings));
        if let (Some(arrivals), Some(demand), Some(balancer)) = (arrivals, demand, balancer) {
            let (clients, addresses, items) = (class.clients.clone(), class.addresses.clone(), class.items.clone());
            let (name, recovery) = (class.name.value.clone(), class.recovery.clone());
            specs.push(ClientClass { name, arrivals, demand, balancer, sites, clients, addresses, items, recovery });
        }
    }
    specs
}

/// The demand as written, or the mean of those that a log brings.
fn demand_of(class: &Class, arrivals: &Arrivals, findings: &Findings) -> Option<SpanDistribution> {
    let (Arrivals::Replay { trace }, Some(document::Arrivals::Replay { log, demand })) =
        (arrivals, class.arrivals.as_ref().map(|arrivals| &arrivals.value))
    else {
        return class.demand.clone();
    };
    match (trace.mean_demand(), *demand) {
        (Some(_), Some(place)) => findings.add(&ModelProblem::DemandTwice { path: log.clone() }, place),
        (None, None) => {
            let owner = "`Replay`".into();
            findings.add(&Problem::MissingField { owner, field: "demand", example: super::read_clients::DEMAND }, class.place);
        }
        (mean, _) => return mean.or_else(|| class.demand.clone()),
    }
    None
}

fn balancer_of(class: &Class, document: &Document, balancers: &Names<'_>, findings: &Findings) -> Option<BalancerId> {
    let all = document.balancers.items.len();
    let number = match &class.balancer {
        Some(name) => {
            let number = balancers.number(&name.value);
            if number.is_none() {
                balancers.unknown("balancer", name, 0..all, findings);
            }
            number?
        }
        None if all > 1 => {
            let balancers = (0..all).map(|number| balancers.name(number).to_string()).collect();
            findings.add(&ModelProblem::BalancerNeeded { class: class.name.value.clone(), balancers }, class.place);
            return None;
        }
        None => 0,
    };
    Some(BalancerId(u16::try_from(number).unwrap_or(u16::MAX)))
}

/// The logs that have been read: each of them once.
struct Logs<'a> {
    files: &'a dyn super::Files,
    findings: &'a Findings,
    known: BTreeMap<String, Option<Arc<Trace>>>,
}

impl Logs<'_> {
    fn read(&mut self, path: &str, place: Place) -> Option<Arc<Trace>> {
        if let Some(trace) = self.known.get(path) {
            return trace.clone();
        }
        let trace = match self.files.log(path) {
            Ok(trace) => Some(trace),
            Err(reason) => {
                self.findings.add(&ModelProblem::Log { path: path.into(), reason }, place);
                None
            }
        };
        if let Some(malformed) = trace.as_ref().map(|trace| &trace.malformed)
            && malformed.total > 0
        {
            let lines = malformed.first.iter().map(ToString::to_string).collect();
            self.findings.add(&ModelProblem::LogLines { path: path.into(), bad: u64::from(malformed.total), lines }, place);
        }
        self.known.insert(path.into(), trace.clone());
        trace
    }
}

/// Warns of parts that nothing uses, and of keys that nobody has.
fn idle(document: &Document, parts: &ModelParts, findings: &Findings) {
    let used: HashSet<BalancerId> = parts.classes.iter().flat_map(|class| class.balancers().iter().copied()).collect();
    for (number, balancer) in (0..).zip(&document.balancers.items) {
        if !used.contains(&BalancerId(number)) {
            findings.add(&ModelProblem::UnusedBalancer { balancer: balancer.name.value.clone() }, balancer.place);
        }
    }
    for (class, written) in parts.classes.iter().zip(&document.clients.items).filter(|(class, _)| class.items.is_none()) {
        let algorithms = class.balancers().iter().map(|balancer| &parts.balancers[balancer.index()].algorithm);
        for algorithm in algorithms.filter(|algorithm| algorithm.key() == Some(Key::Item)) {
            let problem = ModelProblem::NothingToHash { class: class.name.clone(), algorithm: algorithm.name() };
            findings.add(&problem, written.place);
        }
    }
    let reached: HashSet<PoolId> = parts.balancers.iter().flat_map(|balancer| balancer.pools.iter().copied()).collect();
    for (class, written) in parts.classes.iter().zip(&document.clients.items).filter(|(class, _)| class.items.is_none()) {
        let mut pools = class.balancers().iter().flat_map(|balancer| &parts.balancers[balancer.index()].pools);
        if pools.any(|pool| parts.pools[pool.index()].caches.iter().any(|cache| cache.of == Cached::Item)) {
            findings.add(&ModelProblem::NothingToCache { class: class.name.clone() }, written.place);
        }
    }
    let called: HashSet<PoolId> = parts.pools.iter().flat_map(PoolSpec::calls).map(|call| call.to).collect();
    let written = document.servers.items.iter().chain(&document.back_ends.items);
    for ((number, pool), written) in (0..).zip(&parts.pools).zip(written) {
        let name = pool.name.clone();
        match pool.kind {
            PoolKind::Servers if !reached.contains(&PoolId(number)) => {
                findings.add(&ModelProblem::Unreached { pool: name }, written.place);
            }
            PoolKind::BackEnd if !called.contains(&PoolId(number)) => {
                findings.add(&ModelProblem::UncalledBackEnd { back_end: name }, written.place);
            }
            _ => {}
        }
    }
}
