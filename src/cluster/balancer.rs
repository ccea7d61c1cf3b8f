//! A balancer at work: the eligible set it keeps, the algorithm that chooses within, the queue it may hold.

use super::arena::Queue;
use crate::balancing::{Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits, Told};
use crate::model::{BalancerSpec, WhenFull};
use crate::random::Stream;
use crate::units::ServerId;

#[derive(Debug)]
pub struct Balancer<P> {
    algorithm: P,
    stream: Stream,
    eligible: ServerSet,
    pub told: Told,
    pub when_full: WhenFull,
    /// By pool: whether it sends there.
    pools: Vec<bool>,
    /// The requests it holds.
    pub queue: Queue,
    pub held: u32,
    pub queue_capacity: u32,
}

impl<P: Policy> Balancer<P> {
    pub fn new(mut algorithm: P, spec: &BalancerSpec, pools: usize, servers: &[ServerTraits], mut stream: Stream) -> Self {
        algorithm.prepare(servers, &mut stream);
        let told = algorithm.reads().told();
        Self {
            algorithm,
            stream,
            eligible: ServerSet::empty(servers.len()),
            told,
            when_full: spec.when_full,
            pools: (0..pools).map(|pool| spec.pools.iter().any(|listed| listed.index() == pool)).collect(),
            queue: Queue::EMPTY,
            held: 0,
            queue_capacity: spec.queue_capacity.unwrap_or(u32::MAX),
        }
    }

    pub fn sends_to(&self, pool: usize) -> bool {
        self.pools[pool]
    }

    /// Says whether `server` is eligible from now on.
    pub fn set_eligible(&mut self, server: ServerId, eligible: bool) {
        if eligible {
            if self.eligible.insert(server) {
                self.algorithm.admit(server);
            }
        } else if self.eligible.remove(server) {
            self.algorithm.withdraw(server);
        }
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
    /// The eligible set.
    pub const fn eligible(&self) -> &ServerSet {
        &self.eligible
    }

    /// What it would choose, without choosing it.
    pub fn would_choose(&self, request: &RequestView) -> Choice {
        let candidates = Candidates { eligible: &self.eligible, excluded: &[] };
        self.algorithm.clone().choose(request, &candidates, &mut self.stream.clone())
    }
}
