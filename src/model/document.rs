//! The model as written: every value well-formed, but names still names, and nothing compared with anything else.
//!
//! Where a value was wrong, its mistake has been noted and a stand-in (or nothing) is here, chosen so that it causes no
//! further mistake; no model is made of such a document.

use super::SlowStart;
use super::caches::{CacheCapacity, Cached};
use super::meant::{Discipline, WhenFull};
use super::read_faults::{PoolFaults, Restart, WrittenZone};
use super::read_pair::WrittenSites;
use super::visits::{Addresses, Items, Visits};
use crate::balancing::{Algorithm, Product};
use crate::caching::{Lifetime, Rule};
use crate::faults::{BalancerFailures, Pair};
use crate::health::Health;
use crate::notation::{At, Place};
use crate::random::{Distribution, Popularity, SpanDistribution};
use crate::recovery::{Autoscaling, ClientRecovery, Recovery};
use crate::sessions::Persistence;
use crate::units::{Rate, Span};

#[derive(Debug)]
pub(super) struct Document {
    pub(super) about: String,
    pub(super) seed: u64,
    pub(super) clients: Entries<Class>,
    pub(super) balancers: Entries<Balancer>,
    pub(super) servers: Entries<Pool>,
    pub(super) back_ends: Entries<Pool>,
    pub(super) zones: Entries<WrittenZone>,
    pub(super) needed: Option<At<u32>>,
    pub(super) script: Vec<ScriptLine>,
    pub(super) run: Run,
    pub(super) expect: Vec<At<String>>,
}

impl Document {
    /// Whether anything is written that goes wrong with servers or back ends.
    pub(super) fn brings_faults(&self) -> bool {
        let pool =
            |pool: &Pool| !pool.faults.failures.is_empty() || pool.faults.overload.is_some() || pool.faults.maintenance.is_some();
        let line =
            |line: &ScriptLine| matches!(line.what, What::Restart(_) | What::Change(super::meant::ChangeKind::Fail { .. }));
        let stations = self.servers.items.iter().chain(&self.back_ends.items);
        !self.zones.items.is_empty() || stations.into_iter().any(pool) || self.script.iter().any(line)
    }
}

/// The entries of a list.
#[derive(Debug)]
pub(super) struct Entries<T> {
    pub(super) items: Vec<T>,
    /// Whether the names of all of them are known, so that another name does not exist.
    pub(super) complete: bool,
    /// Whether the numbers of servers in all of them are known.
    pub(super) counted: bool,
}

/// What has a name.
pub(super) trait Named {
    fn name(&self) -> &At<String>;
}

impl<T: Named> Entries<T> {
    /// The entries of a list of `written`, fewer if some could not be read.
    pub(super) fn of(items: Vec<T>, written: usize) -> Self {
        // An empty name stands in for one that could not be read.
        let complete = items.len() == written && items.iter().all(|item| !item.name().value.is_empty());
        Self { items, complete, counted: complete }
    }
}

macro_rules! named {
    ($($kind:ty),+) => {
        $(impl Named for $kind {
            fn name(&self) -> &At<String> {
                &self.name
            }
        })+
    };
}

named!(Class, Balancer, Pool, WrittenZone);

impl<T> Default for Entries<T> {
    /// What stands in for a list that could not be read.
    fn default() -> Self {
        Self { items: Vec::new(), complete: false, counted: false }
    }
}

#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: At<String>,
    pub(super) arrivals: Option<At<Arrivals>>,
    pub(super) demand: Option<SpanDistribution>,
    pub(super) balancer: Option<At<String>>,
    pub(super) sites: Option<WrittenSites>,
    pub(super) clients: Option<Popularity>,
    pub(super) addresses: Option<Addresses>,
    pub(super) items: Option<Items>,
    pub(super) recovery: ClientRecovery,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) enum Arrivals {
    Poisson {
        rate: Rate,
    },
    Renewal {
        gap: SpanDistribution,
    },
    Closed {
        users: u32,
        think_time: SpanDistribution,
    },
    Visits(Box<Visits>),
    /// `demand`: where one is written.
    Replay {
        log: String,
        demand: Option<Place>,
    },
}

#[derive(Debug)]
pub(super) struct Balancer {
    pub(super) name: At<String>,
    pub(super) product: Option<Product>,
    pub(super) algorithm: Option<Algorithm>,
    /// Absent: all of them.
    pub(super) pools: Option<Vec<At<String>>>,
    pub(super) when_full: WhenFull,
    /// Absent: what the product has.
    pub(super) queue: Option<QueueLimit>,
    pub(super) slow_start: Option<At<SlowStart>>,
    pub(super) persistence: Option<Persistence>,
    /// Absent: none of it is written. Else with the defaults of the product.
    pub(super) recovery: Option<Recovery>,
    pub(super) health: Health,
    pub(super) failures: Option<BalancerFailures>,
    pub(super) pair: Option<Pair>,
    pub(super) place: Place,
}

/// How many requests a balancer may hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum QueueLimit {
    Unlimited,
    Most(u32),
}

/// A pool of servers or a back end.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) name: At<String>,
    pub(super) count: u32,
    pub(super) workers: u32,
    pub(super) speed: f64,
    pub(super) discipline: Discipline,
    pub(super) capacity: Option<At<u32>>,
    pub(super) max_connections: Option<At<u32>>,
    pub(super) weight: f64,
    pub(super) priority: At<u32>,
    pub(super) call: Option<Call>,
    pub(super) caches: Vec<Cache>,
    pub(super) faults: PoolFaults,
    /// Then `count` is the most servers there may be.
    pub(super) scaling: Option<Autoscaling>,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) struct Call {
    /// Absent: the only back end.
    pub(super) to: Option<At<String>>,
    pub(super) demand: Option<SpanDistribution>,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) struct Cache {
    pub(super) of: Cached,
    pub(super) rule: Rule,
    pub(super) capacity: CacheCapacity,
    pub(super) size: Option<Distribution>,
    pub(super) lifetime: Option<Lifetime>,
    pub(super) miss: Option<SpanDistribution>,
    pub(super) call: Option<Call>,
    pub(super) coalesces: bool,
    pub(super) survives_crashes: bool,
    pub(super) shared: bool,
    pub(super) lookup: Option<Call>,
    pub(super) replicas: u32,
}

#[derive(Debug)]
pub(super) struct ScriptLine {
    pub(super) at: At<Span>,
    pub(super) spread: Span,
    pub(super) what: What,
    pub(super) targets: Vec<At<Target>>,
}

/// What a line of the script does.
#[derive(Debug, Clone)]
pub(super) enum What {
    Change(super::meant::ChangeKind),
    Restart(Restart),
}

/// Whom a line of the script is about.
#[derive(Debug)]
pub(super) enum Target {
    /// A server by its number.
    Server(u64),
    /// All servers of a pool, or one server, as tables call them.
    Named(String),
}

#[derive(Debug)]
pub(super) struct Run {
    /// Absent: what suits the clients.
    pub(super) kind: Option<RunKind>,
    pub(super) length: Option<At<Span>>,
    pub(super) warm_up: Option<At<WarmUp>>,
    pub(super) horizon: Option<At<Span>>,
    pub(super) replications: Option<At<u32>>,
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunKind {
    Steady,
    Terminating,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum WarmUp {
    Length(Span),
    /// A fraction of the length of the run.
    Fraction(f64),
}
