//! A balancer at work: the eligible set it keeps, the algorithm that chooses within, the queue it may hold.

use super::arena::Queue;
use super::slots::Slots;
use super::warming::Warming;
use crate::balancing::{Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits, Standing, Told};
use crate::model::{BalancerSpec, WhenFull};
use crate::random::Stream;
use crate::units::ServerId;

#[derive(Debug)]
pub struct Balancer<P> {
    algorithm: P,
    stream: Stream,
    eligible: ServerSet,
    /// By server: whether it is in rotation but has no room.
    full: Vec<bool>,
    /// How many of those there are.
    fulls: u32,
    pub told: Told,
    pub when_full: WhenFull,
    /// By pool: whether it sends there.
    pools: Vec<bool>,
    /// The requests it holds because its algorithm says so.
    pub queue: Queue,
    pub held: u32,
    pub queue_capacity: u32,
    /// Where connections are limited.
    pub slots: Option<Box<Slots>>,
    /// Where weights grow after a return.
    pub warming: Option<Box<Warming>>,
}

impl<P: Policy> Balancer<P> {
    /// A balancer before servers of these traits, each with at most so many requests in flight; none of them eligible.
    pub fn new(
        mut algorithm: P,
        spec: &BalancerSpec,
        pools: usize,
        (servers, limits): (&[ServerTraits], Option<&[u32]>),
        mut stream: Stream,
    ) -> Self {
        algorithm.prepare(servers, &mut stream);
        let told = algorithm.reads().told();
        Self {
            algorithm,
            stream,
            eligible: ServerSet::empty(servers.len()),
            full: vec![false; servers.len()],
            fulls: 0,
            told,
            when_full: spec.when_full,
            pools: (0..pools).map(|pool| spec.pools.iter().any(|listed| listed.index() == pool)).collect(),
            queue: Queue::EMPTY,
            held: 0,
            queue_capacity: spec.queue_capacity.unwrap_or(u32::MAX),
            slots: limits.map(|limits| Box::new(Slots::new(limits.to_vec()))),
            warming: spec.slow_start.map(|start| Box::new(Warming::new(start, servers.len()))),
        }
    }

    pub fn sends_to(&self, pool: usize) -> bool {
        self.pools[pool]
    }

    /// Whether `server` has room for a request of this balancer.
    pub fn has_slot(&self, server: ServerId) -> bool {
        self.slots.as_ref().is_none_or(|slots| slots.has_room(server))
    }

    pub fn is_eligible(&self, server: ServerId) -> bool {
        self.eligible.contains(server)
    }

    fn standing(&self, server: ServerId) -> Standing {
        match (self.eligible.contains(server), self.full[server.index()]) {
            (true, _) => Standing::Eligible,
            (false, true) => Standing::Full,
            (false, false) => Standing::Out,
        }
    }

    /// Says how `server` stands from now on. The algorithm hears of every step: who leaves while full has room first.
    pub fn stand(&mut self, server: ServerId, standing: Standing) {
        match (self.standing(server), standing) {
            (Standing::Out, Standing::Eligible) => self.algorithm.admit(server),
            (Standing::Out, Standing::Full) => {
                self.algorithm.admit(server);
                self.algorithm.filled(server);
            }
            (Standing::Full, Standing::Eligible) => self.algorithm.freed(server),
            (Standing::Eligible, Standing::Full) => self.algorithm.filled(server),
            (Standing::Full, Standing::Out) => {
                self.algorithm.freed(server);
                self.algorithm.withdraw(server);
            }
            (Standing::Eligible, Standing::Out) => self.algorithm.withdraw(server),
            _ => return,
        }
        self.fulls -= u32::from(self.full[server.index()]);
        self.full[server.index()] = standing == Standing::Full;
        self.fulls += u32::from(self.full[server.index()]);
        if standing == Standing::Eligible {
            self.eligible.insert(server);
        } else {
            self.eligible.remove(server);
        }
    }

    /// Whether a request for which there is no candidate may wait here: connections are limited, some server in rotation is
    /// full, and there is room in the queue.
    pub fn may_wait(&self) -> bool {
        let waiting = self.slots.as_ref().map(|slots| slots.waiting);
        self.fulls > 0 && waiting.is_some_and(|waiting| waiting + self.held < self.queue_capacity)
    }

    /// Whether requests wait for whichever server has room first, and none has.
    pub fn has_line(&self) -> bool {
        self.eligible.is_empty() && self.slots.as_ref().is_some_and(|slots| slots.has_line())
    }

    /// All queues of requests that wait in it.
    pub fn queues(&self) -> impl Iterator<Item = Queue> + '_ {
        std::iter::once(self.queue).chain(self.slots.iter().flat_map(|slots| slots.queues()))
    }

    /// Tells the algorithm what `server` weighs from now on.
    pub fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.algorithm.reweigh(server, weight);
    }

    /// Tells the algorithm what `server` weighs while its weight grows.
    pub fn warm(&mut self, server: ServerId, weight: f64) {
        self.algorithm.warmed(server, weight);
    }

    /// Tells the algorithm of a request on which it is not asked.
    pub fn unasked(&mut self, request: &RequestView) {
        self.algorithm.unasked(request);
    }

    #[inline(always)]
    pub fn choose(&mut self, request: &RequestView) -> Choice {
        let candidates = Candidates { eligible: &self.eligible, excluded: &[] };
        self.algorithm.choose(request, &candidates, &mut self.stream)
    }

    /// Which server will be chosen next, if that can be told: a hint.
    #[inline]
    pub fn foresee(&self) -> Option<ServerId> {
        self.algorithm.foresee(&Candidates { eligible: &self.eligible, excluded: &[] }, &self.stream)
    }

    /// Tells the algorithm of a request it wants to hear of.
    #[inline(always)]
    pub fn sent(&mut self, server: ServerId, request: &RequestView) {
        if self.told != Told::Nobody {
            self.algorithm.sent(server, request);
        }
    }

    /// Tells the algorithm that such a request has left.
    #[inline(always)]
    pub fn ended(&mut self, server: ServerId, answer: &Answer) {
        if self.told != Told::Nobody {
            self.algorithm.ended(server, answer);
        }
    }
}

#[cfg(test)]
impl<P: Policy + Clone> Balancer<P> {
    /// What it would choose, without choosing it.
    pub fn would_choose(&self, request: &RequestView) -> Choice {
        let candidates = Candidates { eligible: &self.eligible, excluded: &[] };
        self.algorithm.clone().choose(request, &candidates, &mut self.stream.clone())
    }
}
