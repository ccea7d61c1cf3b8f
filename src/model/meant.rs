//! The model as meant: every value valid, every reference a typed id, nothing left to look up.

use super::{Addresses, CacheSpec, Expectations, Items, SlowStart, Trace, Visits};
use crate::balancing::{Algorithm, Product};
use crate::faults::{BalancerFailures, FailureSpec, Incident, OverloadCrash, Pair, Sites, Spares, Zone};
use crate::health::Health;
use crate::random::{Popularity, Seed, SpanDistribution};
use crate::recovery::{Autoscaling, ClientRecovery, Recovery};
use crate::sessions::Persistence;
use crate::units::{BalancerId, PoolId, Rate, ServerId, Span, Time};
use std::sync::Arc;

/// A checked model: whoever holds one can build and run it.
#[derive(Debug, Clone)]
pub struct Model {
    parts: ModelParts,
}

/// The contents of a [`Model`], as the check hands them over.
#[derive(Debug, Clone)]
pub struct ModelParts {
    /// One sentence on what the model shows; may be empty.
    pub about: String,
    /// The root of all randomness.
    pub seed: Seed,
    /// The classes of clients, 1 to 64.
    pub classes: Vec<ClientClass>,
    /// The balancers, at least one.
    pub balancers: Vec<BalancerSpec>,
    /// The pools of servers and, after them, the back ends.
    pub pools: Vec<PoolSpec>,
    /// How many servers must be up for the service to be available, at least 1.
    pub needed: u32,
    /// Servers that share causes of failure; often none.
    pub zones: Vec<Zone>,
    /// What happens to servers during the run, in order of time.
    pub script: Vec<Change>,
    /// How long to simulate, and how often.
    pub run: RunPlan,
    /// What its author expects of a run, not yet understood; often nothing. It changes nothing in a run.
    pub expectations: Expectations,
}

/// Clients who behave alike.
#[derive(Debug, Clone)]
pub struct ClientClass {
    /// Unique among the classes.
    pub name: String,
    /// When requests are born.
    pub arrivals: Arrivals,
    /// Service demand of a request on a server of speed 1; of a recording that brings its own demands, their mean.
    pub demand: SpanDistribution,
    /// The balancer the requests go to; of several sites, that of the first.
    pub balancer: BalancerId,
    /// How clients find one of several sites; none = they know their balancer.
    pub sites: Option<Sites>,
    /// Of an open class, the clients who send the requests; none = each request has a client of its own.
    pub clients: Option<Popularity>,
    /// Behind how many addresses the clients are; none = each has its own.
    pub addresses: Option<Addresses>,
    /// What the requests ask for; none = nothing in particular.
    pub items: Option<Items>,
    /// What they do about requests that fail or take too long.
    pub recovery: ClientRecovery,
}

/// When the requests of a class are born.
#[derive(Debug, Clone)]
pub enum Arrivals {
    /// An open Poisson process.
    Poisson {
        /// Requests per second.
        rate: Rate,
    },
    /// An open renewal process: independent gaps of one distribution; the first request comes after one gap.
    Renewal {
        /// The gap between two requests.
        gap: SpanDistribution,
    },
    /// Users who wait for their answer, think, and send the next request; each begins by thinking.
    Closed {
        /// How many users.
        users: u32,
        /// From an answer (or a refusal) to the next request.
        think_time: SpanDistribution,
    },
    /// Users on visits.
    Visits(Box<Visits>),
    /// The requests of a recorded workload at their recorded times.
    Replay {
        /// The workload.
        trace: Arc<Trace>,
    },
}

/// A balancer and the pools it chooses from.
#[derive(Debug, Clone)]
pub struct BalancerSpec {
    /// Unique among the balancers.
    pub name: String,
    /// The load balancer that it stands for, which sets its variants and defaults.
    pub product: Option<Product>,
    /// How it chooses.
    pub algorithm: Algorithm,
    /// The pools it sends to, at least one, none of them a back end.
    pub pools: Vec<PoolId>,
    /// What it does about servers that are full.
    pub when_full: WhenFull,
    /// Most requests held in the balancer's own queues (used by algorithms that hold, and where connections are limited);
    /// none = no limit.
    pub queue_capacity: Option<u32>,
    /// How the weight of a server grows after its return; none = it is back with its full weight.
    pub slow_start: Option<SlowStart>,
    /// How it keeps users on their servers; none = each request is for its algorithm alone.
    pub persistence: Option<Persistence>,
    /// How it finds out which servers can be used.
    pub health: Health,
    /// What it does about tries that fail or take too long.
    pub recovery: Recovery,
    /// How each of its units fails; none = only if the script says so.
    pub failures: Option<BalancerFailures>,
    /// Its standby; none = it is alone.
    pub pair: Option<Pair>,
}

/// What a balancer does about a server that holds as many requests as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// It does not know: the server refuses the request.
    Reject,
    /// It chooses among the others, and refuses only when all are full; an algorithm that is bound to one server by a key, or has
    /// drawn a full one and gives up, as HAProxy's do, refuses then too.
    Skip,
}

/// Equal servers, or the workers of one back end.
#[derive(Debug, Clone)]
pub struct PoolSpec {
    /// Unique among pools and back ends.
    pub name: String,
    /// Whether balancers send to it or servers call it.
    pub kind: PoolKind,
    /// Number of servers; 1 for a back end. Of a pool that scales, the most it may have.
    pub count: u32,
    /// Parallel workers of each server.
    pub workers: u32,
    /// Work done per unit of time by one worker; a demand takes demand / speed.
    pub speed: f64,
    /// Order of service.
    pub discipline: Discipline,
    /// Most requests present at one server, in service and waiting; none = no limit.
    pub capacity: Option<u32>,
    /// Most requests that each balancer has in flight at one server (HAProxy's `maxconn`, nginx's `max_conns`); none = no limit.
    /// What comes while all are full waits in the balancer as far as its queue allows.
    pub max_connections: Option<u32>,
    /// Share of traffic for algorithms with weights; above 0.
    pub weight: f64,
    /// The back end that each request calls after its own service, its worker waiting for the answer.
    pub call: Option<Call>,
    /// The caches that each server has, at most [`CacheSpec::MOST`]; often none.
    pub caches: Vec<CacheSpec>,
    /// What goes wrong with each server, again and again; often nothing.
    pub failures: Vec<FailureSpec>,
    /// Whether it crashes when too many requests are present.
    pub overload: Option<OverloadCrash>,
    /// The last of its servers, which wait until another one fails.
    pub spares: Option<Spares>,
    /// How its servers become more and fewer; none = there are always `count`.
    pub scaling: Option<Autoscaling>,
    /// The level of priority: a balancer sends to the servers of the lowest number that can be used. 0 is the first.
    pub priority: u32,
}

/// Whether balancers send to a pool or servers call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolKind {
    /// Servers behind a balancer.
    Servers,
    /// A station that servers call.
    BackEnd,
}

/// A call to a back end.
#[derive(Debug, Clone)]
pub struct Call {
    /// The back end; it makes no calls itself.
    pub to: PoolId,
    /// Service demand of the call on a back end of speed 1.
    pub demand: SpanDistribution,
}

/// The order in which a server works on the requests it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served: each worker serves one request to its end.
    Fcfs,
    /// Processor sharing: all present are served at once; each gets min(1, workers / present) of a worker.
    ProcessorSharing,
}

/// Something the script does to servers, or to balancers.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// It happens at a random time within this after `at`.
    pub spread: Span,
    /// What.
    pub kind: ChangeKind,
    /// To whom; none of them a back end.
    pub servers: Vec<ServerId>,
    /// Which balancers it happens to; only of failures and repairs.
    pub balancers: Vec<BalancerId>,
}

/// What the script does to a server.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeKind {
    /// It leaves the eligible set of every balancer; what it holds it finishes.
    Remove,
    /// The same, but users who are bound to it by session persistence still go there.
    Drain,
    /// It is eligible again.
    Return,
    /// It has this weight from now on; above 0.
    Reweigh(f64),
    /// A fault comes upon it.
    Fail {
        /// What goes wrong.
        incident: Incident,
        /// From its actual beginning to its end, above 0, unless a repair comes before; none = it stays until a repair.
        lasting: Option<Span>,
    },
    /// All faults that the script has brought upon it go, restarts and maintenance among them.
    Repair,
}

/// How long to simulate, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RunPlan {
    /// The long-run behaviour: what happens up to `warm_up` is not measured.
    Steady {
        /// Simulated time of one replication, the warm-up included.
        length: Span,
        /// Below `length`.
        warm_up: Span,
        /// At least 1.
        replications: u32,
    },
    /// From an empty system at time 0 to the horizon, everything measured.
    Terminating {
        /// Simulated time of one replication.
        horizon: Span,
        /// At least 1.
        replications: u32,
    },
}

impl PoolSpec {
    /// The calls to back ends that its requests may make.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.call.iter().chain(self.caches.iter().flat_map(|cache| cache.call.iter().chain(&cache.lookup)))
    }
}

impl ClientClass {
    /// Mean service demand of its requests at speed 1, in seconds, the heaviness of its users included.
    #[must_use]
    pub fn mean_demand_secs(&self) -> f64 {
        let heaviness = if let Arrivals::Visits(visits) = &self.arrivals { visits.mean_heaviness() } else { 1.0 };
        self.demand.mean_secs() * heaviness
    }

    /// Whether its requests come however the others fare.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match &self.arrivals {
            Arrivals::Closed { .. } => false,
            Arrivals::Visits(visits) => visits.is_open(),
            Arrivals::Poisson { .. } | Arrivals::Renewal { .. } | Arrivals::Replay { .. } => true,
        }
    }

    /// The balancers that its requests may go to, the first site first.
    #[must_use]
    pub fn balancers(&self) -> &[BalancerId] {
        self.sites.as_ref().map_or(std::slice::from_ref(&self.balancer), |sites| &sites.balancers)
    }
}

impl ModelParts {
    /// Whether that balancer may ever be down.
    #[must_use]
    pub fn may_fail(&self, balancer: BalancerId) -> bool {
        let scripted = |change: &Change| matches!(change.kind, ChangeKind::Fail { .. }) && change.balancers.contains(&balancer);
        self.balancers.get(balancer.index()).is_some_and(|spec| spec.failures.is_some()) || self.script.iter().any(scripted)
    }

    /// The levels of priority that `balancer` sends to, the first one first.
    #[must_use]
    pub fn priorities(&self, balancer: &BalancerSpec) -> Vec<u32> {
        let mut all: Vec<u32> = balancer.pools.iter().map(|pool| self.pools[pool.index()].priority).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Model {
    /// Takes parts that the check has found consistent.
    #[must_use]
    pub const fn from_checked(parts: ModelParts) -> Self {
        Self { parts }
    }

    /// The contents.
    #[must_use]
    pub const fn parts(&self) -> &ModelParts {
        &self.parts
    }

    /// The algorithms of its balancers, one for each level of priority that a balancer sends to, the first level first.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let of = |balancer: &BalancerSpec| vec![balancer.algorithm.clone(); self.parts.priorities(balancer).len()];
        self.parts.balancers.iter().flat_map(of).collect()
    }

    /// Whether it replays a recorded workload: then there is one replication.
    #[must_use]
    pub fn replays(&self) -> bool {
        self.parts.classes.iter().any(|class| matches!(class.arrivals, Arrivals::Replay { .. }))
    }

    /// The same model with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: Seed) -> Self {
        self.parts.seed = seed;
        self
    }

    /// The same model with another number of replications (at least 1).
    #[must_use]
    pub fn with_replications(mut self, number: u32) -> Self {
        match &mut self.parts.run {
            RunPlan::Steady { replications, .. } | RunPlan::Terminating { replications, .. } => *replications = number.max(1),
        }
        self
    }
}

impl RunPlan {
    /// Start of the measured window (w, w + T].
    #[must_use]
    pub const fn measured_from(self) -> Time {
        match self {
            Self::Steady { warm_up, .. } => Time::from_nanos(warm_up.as_nanos()),
            Self::Terminating { .. } => Time::ZERO,
        }
    }

    /// End of the replication and of the measured window.
    #[must_use]
    pub const fn ends_at(self) -> Time {
        match self {
            Self::Steady { length, .. } => Time::from_nanos(length.as_nanos()),
            Self::Terminating { horizon, .. } => Time::from_nanos(horizon.as_nanos()),
        }
    }

    /// Number of replications.
    #[must_use]
    pub const fn replications(self) -> u32 {
        match self {
            Self::Steady { replications, .. } | Self::Terminating { replications, .. } => replications,
        }
    }
}
