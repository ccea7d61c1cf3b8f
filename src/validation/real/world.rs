//! The servers of a measurement as a model of ours, which the simulator runs on the very requests that were measured.

use super::heard::{Heard, Listening, Notes};
use super::weights_of;
use crate::balancing::{Algorithm, Candidates, Choice, Policy, Product, Reads, RequestView, ServerTraits};
use crate::cluster::Cluster;
use crate::health::Health;
use crate::model::{
    Arrivals, BalancerSpec, CacheSpec, Change, ClientClass, Discipline, Expectations, Model, ModelParts, PoolKind, PoolSpec,
    RunPlan, SlowStart, Trace, TraceArrival, WhenFull,
};
use crate::observe::{Completed, Failed, Observer, Unfinished};
use crate::random::{Seed, Stream};
use crate::recovery::{ClientRecovery, Recovery};
use crate::sessions::Persistence;
use crate::units::{Address, BalancerId, PoolId, ServerId, Span, Time};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use std::sync::Arc;

/// The servers of a measurement.
#[derive(Debug, Clone)]
pub(super) struct World {
    workers: u32,
    pub weights: Vec<f64>,
    /// How many times as long each server takes.
    slow: Vec<f64>,
    pub max_connections: Option<u32>,
    /// Most requests that wait in the balancer.
    pub queue_capacity: Option<u32>,
    handling: Handling,
    /// The cache of each server.
    cache: Option<CacheSpec>,
    seed: u64,
}

/// What a balancer does about servers that fail, and what goes wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct Handling {
    pub product: Option<Product>,
    pub health: Health,
    pub recovery: Recovery,
    pub slow_start: Option<SlowStart>,
    pub persistence: Option<Persistence>,
}

impl World {
    /// Reads `servers`, `workers_per_server`, `weights`, `slow_factor` and where requests wait.
    pub fn read(model: &mut Fields<'_>, max_connections: Option<u32>) -> Result<Self, Skip> {
        let weights = weights_of(model)?;
        let workers = model.count("workers_per_server", 1_000_000)?.unwrap_or(1);
        let slow = match model.get("slow_factor") {
            Some(_) => model.numbers("slow_factor")?,
            None => vec![1.0; weights.len()],
        };
        if slow.len() != weights.len() || slow.iter().any(|slow| !(1e-3..=1e3).contains(slow)) {
            return Err(Skip::new("`slow_factor` is not a factor for each server"));
        }
        let queue = model.text_if_any("server_queue")?.unwrap_or_default();
        let understood = match max_connections {
            None => queue.is_empty() || queue.starts_with("fifo"),
            Some(_) => queue.starts_with("in the load balancer"),
        };
        if !understood {
            return Err(Skip::new(format!("the queue `{queue}`")));
        }
        Ok(Self::plain(workers, weights, slow, max_connections))
    }

    /// These servers, nothing further said of them.
    fn plain(workers: u32, weights: Vec<f64>, slow: Vec<f64>, max_connections: Option<u32>) -> Self {
        let (queue_capacity, cache) = (None, None);
        Self { workers, weights, slow, max_connections, queue_capacity, handling: Handling::default(), cache, seed: 0 }
    }

    /// Equal servers, of which nothing is said but their number and their workers.
    pub fn of_equals(model: &mut Fields<'_>, max_connections: Option<u32>) -> Result<Self, Skip> {
        let servers = super::server_count(model)? as usize;
        let workers = model.count("workers_per_server", 1_000_000)?.unwrap_or(1);
        let (weights, slow) = (vec![1.0; servers], vec![1.0; servers]);
        Ok(Self::plain(workers, weights, slow, max_connections))
    }

    /// The same, nothing waiting in the balancer.
    pub fn without_queue(self) -> Self {
        Self { queue_capacity: Some(0), ..self }
    }

    /// The same with a balancer that does something about servers that fail.
    pub fn with_handling(self, handling: Handling) -> Self {
        Self { handling, ..self }
    }

    /// The same with a cache at each server.
    pub fn with_cache(self, cache: CacheSpec) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// The same with other random numbers.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The root of its random numbers.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Simulates `requests`, each an arrival and a demand in seconds, and says how long each took; the choices follow from
    /// `run`. A request that was refused took no time that could be told.
    pub fn run<P: Policy>(&self, requests: &[(f64, f64)], run: u32, policy: P, placeholder: &Algorithm) -> Vec<Option<Span>> {
        let Some(model) = self.model(requests, |number| number, placeholder, Vec::new()) else { return Vec::new() };
        let end = model.parts().run.ends_at();
        let taken = Taken(vec![None; requests.len()]);
        let mut cluster = Cluster::with_algorithms(&model, run, taken, vec![policy]);
        cluster.run_until(end);
        cluster.finish_replication().0
    }

    /// The same with all that can be told of each request, while the `script` brings faults.
    pub fn hear(&self, requests: &[(f64, f64)], run: u32, algorithm: &Algorithm, script: Vec<Change>) -> Vec<Heard> {
        let Some(model) = self.model(requests, |number| number, algorithm, script) else { return Vec::new() };
        let (policy, observer, heard) = Listening::to(algorithm.clone(), requests.len());
        listen(&model, run, policy, observer, heard)
    }

    /// The same of requests of sessions, `of` says which, each session with an address of its own.
    pub fn hear_sessions(
        &self,
        requests: &[(f64, f64)],
        of: &[u32],
        addresses: &[Address],
        run: u32,
        algorithm: &Algorithm,
        script: Vec<Change>,
    ) -> Vec<Heard> {
        let session = |number: u32| of.get(number as usize).copied().unwrap_or_default();
        let Some(model) = self.model(requests, session, algorithm, script) else { return Vec::new() };
        let (policy, observer, heard) = Listening::to(algorithm.clone(), requests.len());
        listen(&model, run, policy.with_addresses(addresses.to_vec()), observer, heard)
    }

    /// The model; none where there is no request.
    fn model(
        &self,
        requests: &[(f64, f64)],
        client: impl Fn(u32) -> u32,
        algorithm: &Algorithm,
        script: Vec<Change>,
    ) -> Option<Model> {
        let span = |secs: f64| Span::from_nanos_f64(secs * 1e9);
        let arrivals: Vec<TraceArrival> = (0..)
            .zip(requests)
            .map(|(number, (at, _))| TraceArrival { at: Time::ZERO + span(*at), client: client(number) })
            .collect();
        // Long enough for one server, the slowest, to do it all.
        let work: f64 = requests.iter().map(|(_, demand)| demand).sum();
        let slowest = self.slow.iter().copied().fold(1.0, f64::max);
        let horizon = span(requests.last().map_or(0.0, |(at, _)| *at) + work * slowest + 1.0);
        let trace = Trace {
            length: horizon,
            clients: arrivals.iter().map(|arrival| arrival.client + 1).max().unwrap_or(0),
            demands: requests.iter().map(|(_, demand)| span(*demand)).collect(),
            arrivals,
            ..Trace::default()
        };
        let class = ClientClass {
            name: "clients".into(),
            demand: trace.mean_demand()?,
            arrivals: Arrivals::Replay { trace: Arc::new(trace) },
            balancer: BalancerId(0),
            sites: None,
            clients: None,
            addresses: None,
            items: None,
            recovery: ClientRecovery::default(),
        };
        let balancer = BalancerSpec {
            name: "balancer".into(),
            product: self.handling.product,
            algorithm: algorithm.clone(),
            pools: (0..self.slow.len()).map(|pool| PoolId(pool as u16)).collect(),
            when_full: WhenFull::Reject,
            queue_capacity: self.queue_capacity,
            slow_start: self.handling.slow_start,
            persistence: self.handling.persistence,
            health: self.handling.health.clone(),
            recovery: self.handling.recovery.clone(),
            failures: None,
            pair: None,
        };
        Some(Model::from_checked(ModelParts {
            about: String::new(),
            seed: Seed(self.seed),
            classes: vec![class],
            balancers: vec![balancer],
            pools: (0..self.slow.len()).map(|number| self.pool(number)).collect(),
            needed: 1,
            zones: Vec::new(),
            script,
            run: RunPlan::Terminating { horizon, replications: 1 },
            expectations: Expectations::default(),
        }))
    }

    fn pool(&self, number: usize) -> PoolSpec {
        PoolSpec {
            name: format!("server {number}"),
            kind: PoolKind::Servers,
            count: 1,
            workers: self.workers,
            speed: 1.0 / self.slow[number],
            discipline: Discipline::Fcfs,
            capacity: None,
            max_connections: self.max_connections,
            weight: self.weights[number],
            call: None,
            caches: self.cache.iter().cloned().collect(),
            failures: Vec::new(),
            overload: None,
            spares: None,
            scaling: None,
            priority: 0,
        }
    }
}

/// Simulates a model to its end, and says what was heard.
fn listen(model: &Model, run: u32, policy: Listening, observer: Notes, heard: Notes) -> Vec<Heard> {
    let mut cluster = Cluster::with_algorithms(model, run, observer, vec![policy]);
    cluster.run_until(model.parts().run.ends_at());
    drop(cluster.finish_replication());
    heard.take()
}

/// How long each request took, by number.
#[derive(Debug)]
struct Taken(Vec<Option<Span>>);

impl Observer for Taken {
    fn completed(&mut self, fact: &Completed) {
        if let Some(taken) = self.0.get_mut(fact.number as usize) {
            *taken = Some(fact.end.since(fact.birth));
        }
    }

    fn failed(&mut self, _: &Failed) {}

    fn unfinished(&mut self, _: &Unfinished) {}
}

/// Sends each request where it was sent in a measurement.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub servers: Vec<ServerId>,
    pub next: usize,
}

impl Policy for Recorded {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, _: &[ServerTraits], _: &mut Stream) {}

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        let server = self.servers.get(self.next).copied();
        self.next += 1;
        server.filter(|server| candidates.contains(*server)).map_or(Choice::Nobody, Choice::Server)
    }
}
