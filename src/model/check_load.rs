//! Load: how many requests come, whether the servers can ever serve them, and whether anybody can wait for the result.

use super::document::Document;
use super::downtime;
use super::meant::{Arrivals, BalancerSpec, ClientClass, Discipline, Model, ModelParts, PoolKind, PoolSpec};
use super::problem::ModelProblem;
use super::{Visitors, Visits};
use crate::balancing::Algorithm;
use crate::notation::{Findings, Place, names};
use crate::random::SpanDistribution;
use crate::recovery::Limits;
use crate::units::{BalancerId, PoolId, Rate};

/// Most events of a replication: some days of computing.
const MOST_EVENTS: f64 = 1e12;

/// A model without mistakes so far, to be looked at as a whole.
pub(super) struct Load<'a> {
    pub(super) parts: &'a ModelParts,
    pub(super) document: &'a Document,
    /// By balancer: whether there is a time without any server, or with servers that fail at once.
    pub(super) refusing: &'a [bool],
}

/// A duration of 0 may not be more likely than this, lest a run stand still at one instant.
const MOST_ZERO: f64 = 0.99;

/// Looks at the gaps of an open class.
pub(super) fn check_gap(gap: &SpanDistribution, place: Place, findings: &Findings) {
    if gap.mean_secs() * Rate::FASTEST_PER_SEC < 1.0 {
        findings.add(&ModelProblem::ZeroGap, place);
    } else if probability_of_zero(gap, 1.0) > MOST_ZERO {
        findings.add(&ModelProblem::MostlyZeroGap, place);
    }
}

/// Looks at the time from one request of a closed user to the next, as it is at least: thinking, and service by the fastest
/// of the servers.
pub(super) fn check_cycles(classes: &[ClientClass], servers: &Servers<'_>, document: &Document, findings: &Findings) {
    for (class, written) in classes.iter().zip(&document.clients.items) {
        let pauses = pauses(&class.arrivals);
        if pauses.is_empty() {
            continue;
        }
        let place = written.arrivals.as_ref().map_or(written.place, |arrivals| arrivals.place);
        let speed = servers.fastest(class.balancer);
        let pause_secs: f64 = pauses.iter().map(|pause| pause.mean_secs()).sum();
        let mean_secs = pause_secs + class.mean_demand_secs() / speed;
        let name = class.name.clone();
        if mean_secs * Rate::FASTEST_PER_SEC < 1.0 {
            findings.add(&ModelProblem::ZeroCycle { class: name }, place);
        } else if mostly_zero(&pauses, probability_of_zero(&class.demand, speed)) {
            findings.add(&ModelProblem::MostlyZeroCycle { class: name }, place);
        }
    }
}

/// What a user waits for of its own before its next request: a thought, or to come again. Nothing for classes whose users do not come again.
fn pauses(arrivals: &Arrivals) -> Vec<&SpanDistribution> {
    match arrivals {
        Arrivals::Closed { think_time, .. } => vec![think_time],
        Arrivals::Visits(visits) => {
            let Visits { users: Visitors::Returning { away: Some(away), .. }, think_time, requests, .. } = &**visits else {
                return Vec::new();
            };
            if requests.mean() > 1.0 { vec![away, think_time] } else { vec![away] }
        }
        _ => Vec::new(),
    }
}

/// Whether a user may send request after request at one instant; `also`: the probability that what else passes is nothing.
fn mostly_zero(pauses: &[&SpanDistribution], also: f64) -> bool {
    pauses.iter().map(|pause| probability_of_zero(pause, 1.0)).product::<f64>() * also > MOST_ZERO
}

/// How likely a duration is 0 once it is rounded, divided by `speed` and rounded again.
fn probability_of_zero(span: &SpanDistribution, speed: f64) -> f64 {
    span.inner().cdf(0.5 * speed.max(1.0))
}

/// Balancers and the pools they send to.
pub(super) struct Servers<'a> {
    pub(super) balancers: &'a [BalancerSpec],
    pub(super) pools: &'a [PoolSpec],
}

impl Servers<'_> {
    /// The highest speed of a server that the balancer sends to; 1 if there is none.
    fn fastest(&self, balancer: BalancerId) -> f64 {
        let pools = self.balancers.get(balancer.index()).into_iter().flat_map(|balancer| &balancer.pools);
        let speeds = pools.filter_map(|pool| self.pools.get(pool.index())).map(|pool| pool.speed);
        speeds.reduce(f64::max).unwrap_or(1.0)
    }

    /// Requests per second that a class brings, if nobody waits and the fastest server serves all.
    pub(super) fn requests_per_sec(&self, class: &ClientClass) -> f64 {
        match &class.arrivals {
            Arrivals::Closed { users, think_time } => {
                let cycle = think_time.mean_secs() + class.demand.mean_secs() / self.fastest(class.balancer);
                f64::from(*users) / cycle
            }
            Arrivals::Visits(visits) => visits.requests_per_sec(class.mean_demand_secs() / self.fastest(class.balancer)),
            _ => open_requests_per_sec(class),
        }
    }
}

/// Requests per second that an open class brings; none for a closed one.
fn open_requests_per_sec(class: &ClientClass) -> f64 {
    match &class.arrivals {
        Arrivals::Poisson { rate } => rate.as_per_sec(),
        Arrivals::Renewal { gap } => 1.0 / gap.mean_secs(),
        Arrivals::Visits(visits) if visits.is_open() => visits.requests_per_sec(0.0),
        Arrivals::Closed { .. } | Arrivals::Visits(_) => 0.0,
        Arrivals::Replay { trace } => trace.arrivals.len() as f64 / trace.length.as_secs(),
    }
}

impl Model {
    /// Requests per second that come, of users at most: if nobody waited and the fastest server served all.
    #[must_use]
    pub fn requests_per_sec(&self) -> f64 {
        let parts = self.parts();
        let servers = Servers { balancers: &parts.balancers, pools: &parts.pools };
        parts.classes.iter().map(|class| servers.requests_per_sec(class)).sum()
    }

    /// Work that comes over work that all servers together can do, calls to back ends left aside; nothing where users wait for
    /// their answers, for then what comes depends on how it is served.
    #[must_use]
    pub fn offered_load(&self) -> Option<f64> {
        let parts = self.parts();
        if parts.classes.iter().any(|class| !class.is_open()) {
            return None;
        }
        let work: f64 = parts.classes.iter().map(|class| open_requests_per_sec(class) * class.mean_demand_secs()).sum();
        let servers = parts.pools.iter().filter(|pool| pool.kind == PoolKind::Servers);
        let speed: f64 = servers.map(|pool| f64::from(pool.count) * f64::from(pool.workers) * pool.speed).sum();
        Some(work / speed)
    }
}

/// Says what is impossible and warns of what is unlikely to be meant.
pub(super) fn check(load: &Load<'_>, findings: &Findings) {
    load.check_events(findings);
    if findings.errors() == 0 {
        load.check_servers(findings);
        load.check_back_ends(findings);
    }
}

impl Load<'_> {
    fn pool(&self, pool: PoolId) -> &PoolSpec {
        &self.parts.pools[pool.index()]
    }

    fn balancer(&self, balancer: BalancerId) -> &BalancerSpec {
        &self.parts.balancers[balancer.index()]
    }

    /// Whether requests to that balancer may be refused.
    fn may_refuse(&self, balancer: BalancerId) -> bool {
        let users = |class: &ClientClass| match &class.arrivals {
            Arrivals::Closed { users, .. } => u64::from(*users),
            Arrivals::Visits(visits) => visits.number().map_or_else(|| u64::from(u32::MAX), u64::from),
            _ => u64::from(u32::MAX),
        };
        let present: u64 = self.parts.classes.iter().map(users).sum();
        let too_small = |capacity: Option<u32>| capacity.is_some_and(|capacity| u64::from(capacity) < present);
        let spec = self.balancer(balancer);
        let full = |pool: &PoolId| {
            let pool = self.pool(*pool);
            too_small(pool.capacity) || pool.calls().any(|call| too_small(self.pool(call.to).capacity))
        };
        let Limits { requests, adaptive, shed_wait } = &spec.recovery.limits;
        self.refusing.get(balancer.index()).copied().unwrap_or(false)
            || too_small(*requests)
            || adaptive.is_some()
            || shed_wait.is_some()
            || too_small(spec.queue_capacity)
            || spec.pools.iter().any(full)
    }

    /// A replication must end one day.
    fn check_events(&self, findings: &Findings) {
        let secs = self.parts.run.ends_at().as_secs();
        let servers = Servers { balancers: &self.parts.balancers, pools: &self.parts.pools };
        let per_request = if self.parts.pools.iter().any(|pool| pool.calls().next().is_some()) { 4.0 } else { 2.0 };
        let mut total = 0.0;
        let mut most = (0.0, None);
        for (class, written) in self.parts.classes.iter().zip(&self.document.clients.items) {
            let place = written.arrivals.as_ref().map_or(written.place, |arrivals| arrivals.place);
            let mut rate = servers.requests_per_sec(class);
            let gives_up = class.recovery.patience.as_ref().is_some_and(|patience| probability_of_zero(patience, 1.0) > 0.0);
            let pauses = pauses(&class.arrivals);
            if !pauses.is_empty()
                && (gives_up
                    || class.recovery.throttle.is_some()
                    || class.balancers().iter().any(|balancer| self.may_refuse(*balancer)))
            {
                // Who is refused does not work.
                rate = match &class.arrivals {
                    Arrivals::Closed { users, think_time } => f64::from(*users) / think_time.mean_secs(),
                    Arrivals::Visits(visits) => visits.requests_per_sec(0.0),
                    _ => rate,
                };
                if rate.is_infinite() || mostly_zero(&pauses, 1.0) {
                    findings.add(&ModelProblem::EndlessRefusals { class: class.name.clone() }, place);
                    return;
                }
            }
            let events = rate * secs * per_request;
            total += events;
            if events > most.0 {
                most = (events, Some(place));
            }
        }
        let (failures, place) = downtime::events(self.parts, self.document, secs);
        total += failures;
        if failures > most.0 {
            most = (failures, place);
        }
        let run = &self.document.run;
        let length = run.length.as_ref().or(run.horizon.as_ref()).map(|at| at.place);
        if let (true, Some(place)) = (total > MOST_EVENTS, length.or(most.1)) {
            findings.add(&ModelProblem::TooManyEvents { events: total }, place);
        }
    }

    /// The open classes that send to one of the balancers.
    fn open_classes(&self, balancers: u32) -> impl Iterator<Item = (usize, &ClientClass)> {
        let sends = move |class: &ClientClass| balancers >> class.balancer.0 & 1 == 1;
        self.parts.classes.iter().enumerate().filter(move |(_, class)| class.is_open() && sends(class))
    }

    /// Every balancer alone, and all that share servers together, must find servers enough.
    fn check_servers(&self, findings: &Findings) {
        let alone: Vec<u32> = (0..self.parts.balancers.len()).map(|balancer| 1 << balancer).collect();
        // By pool: the balancers that send to it.
        let mut senders = vec![0_u32; self.parts.pools.len()];
        for (balancer, alone) in self.parts.balancers.iter().zip(&alone) {
            for pool in &balancer.pools {
                senders[pool.index()] |= alone;
            }
        }
        let mut together = alone.clone();
        for senders in senders {
            let union = together.iter().filter(|set| **set & senders != 0).fold(senders, |union, set| union | set);
            together.retain(|set| set & senders == 0);
            together.push(union);
        }
        let available = downtime::availability(self.parts);
        let mut warned = 0;
        for set in alone.into_iter().chain(together) {
            if set & warned == 0 && self.check_set(set, &available, findings) {
                warned |= set;
            }
        }
    }

    /// Whether a set of balancers is offered more work than its servers can do; `available`: by pool, how much failures leave of it.
    fn check_set(&self, balancers: u32, available: &[f64], findings: &Findings) -> bool {
        let mut reached = vec![false; self.parts.pools.len()];
        for (number, balancer) in self.parts.balancers.iter().enumerate() {
            for pool in balancer.pools.iter().filter(|_| balancers >> number & 1 == 1) {
                reached[pool.index()] = true;
            }
        }
        let is_reached = |pool: usize| reached.get(pool).copied().unwrap_or(false);
        let pools: Vec<&PoolSpec> =
            (0..).zip(&self.parts.pools).filter(|(number, _)| is_reached(*number)).map(|(_, pool)| pool).collect();
        let up: Vec<f64> = (0..).zip(available).filter(|(number, _)| is_reached(*number)).map(|(_, up)| *up).collect();
        // Where every queue is bounded, what is too much is refused.
        if pools.is_empty() || pools.iter().all(|pool| pool.capacity.is_some()) || self.all_hold_few(balancers) {
            return false;
        }
        let present = |(pool, up): (&&PoolSpec, &f64)| f64::from(pool.count) * up * f64::from(pool.workers);
        let workers: f64 = pools.iter().zip(&up).map(present).sum();
        let speed: f64 = pools.iter().zip(&up).map(|(pool, up)| present((pool, up)) * pool.speed).sum();
        // Work against speed; and the time that a request holds a worker, calls included, against workers.
        let (mut work, mut held) = (0.0, 0.0);
        let mut largest = (0.0, None);
        for (number, class) in self.open_classes(balancers) {
            let rate = open_requests_per_sec(class);
            let demand = class.mean_demand_secs();
            let holds = |pool: &&PoolSpec| demand / pool.speed + self.called_secs(pool);
            work += rate * demand;
            held += rate * pools.iter().map(holds).fold(f64::INFINITY, f64::min);
            if rate * demand >= largest.0 {
                largest = (rate * demand, self.document.clients.items[number].arrivals.as_ref().map(|at| at.place));
            }
        }
        let load = (work / speed).max(held / workers);
        let (true, Some(place)) = (overloaded(load), largest.1) else { return false };
        let stations: Vec<&str> = pools.iter().map(|pool| &*pool.name).collect();
        let all: f64 = pools.iter().map(|pool| f64::from(pool.count) * f64::from(pool.workers)).sum();
        let problem =
            ModelProblem::Overload { load: settle(load), stations: names(&stations), up: workers / all, back_end: false };
        findings.add(&problem, place);
        true
    }

    /// Whether all of these balancers hold what waits, and no more than so many.
    fn all_hold_few(&self, balancers: u32) -> bool {
        let all = self.parts.balancers.iter().enumerate();
        all.filter(|(number, _)| balancers >> number & 1 == 1).all(|(_, balancer)| holds_few(balancer))
    }

    /// How long a worker at least waits for the back end, on average.
    fn called_secs(&self, pool: &PoolSpec) -> f64 {
        match &pool.call {
            Some(call) if pool.discipline == Discipline::Fcfs => call.demand.mean_secs() / self.pool(call.to).speed,
            _ => 0.0,
        }
    }

    /// Every back end must keep up with the calls that are sure to come: those of balancers all of whose pools call it, and
    /// that do not hold and refuse what is too much.
    fn check_back_ends(&self, findings: &Findings) {
        let mut work = vec![0.0; self.parts.pools.len()];
        for (number, balancer) in self.parts.balancers.iter().enumerate().filter(|(_, balancer)| !holds_few(balancer)) {
            let mut calls = balancer.pools.iter().map(|pool| self.pool(*pool).call.as_ref());
            let Some(Some(first)) = calls.next() else { continue };
            let demand = calls.try_fold(first.demand.mean_secs(), |least, call| {
                let call = call.filter(|call| call.to == first.to)?;
                Some(least.min(call.demand.mean_secs()))
            });
            let rate: f64 = self.open_classes(1 << number).map(|(_, class)| open_requests_per_sec(class)).sum();
            work[first.to.index()] += rate * demand.unwrap_or(0.0);
        }
        let servers = self.document.servers.items.len();
        let back_ends = self.parts.pools.iter().zip(work).skip(servers).zip(&self.document.back_ends.items);
        for ((back_end, work), written) in back_ends {
            let load = work / (f64::from(back_end.workers) * back_end.speed);
            if overloaded(load) && back_end.capacity.is_none() {
                let stations = names(&[&back_end.name]);
                findings.add(&ModelProblem::Overload { load: settle(load), stations, up: 1.0, back_end: true }, written.place);
            }
        }
    }
}

/// Whether what waits does so in the balancer, and no more than so many. Then the servers have no queues either.
fn holds_few(balancer: &BalancerSpec) -> bool {
    balancer.queue_capacity.is_some() && matches!(balancer.algorithm, Algorithm::CentralQueue(_))
}

/// How far a load may be from 1 and still be meant as 1.
const NEARLY: f64 = 1e-9;

fn overloaded(load: f64) -> bool {
    load >= 1.0 - NEARLY
}

fn settle(load: f64) -> f64 {
    if (load - 1.0).abs() <= NEARLY { 1.0 } else { load }
}
