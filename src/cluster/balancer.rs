//! A balancer at work: the eligible set it keeps, the algorithm that chooses within, the queue it may hold.

use super::arena::NONE;
use crate::balancing::{Algorithm, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits, Told};
use crate::model::{BalancerSpec, WhenFull};
use crate::random::Stream;
use crate::units::ServerId;

#[derive(Debug)]
pub struct Balancer {
    algorithm: Algorithm,
    stream: Stream,
    eligible: ServerSet,
    pub told: Told,
    pub when_full: WhenFull,
    /// By pool: whether it sends there.
    pools: Vec<bool>,
    /// The last of the requests it holds.
    pub tail: u32,
    pub held: u32,
    pub queue_capacity: u32,
}

impl Balancer {
    pub fn new(spec: &BalancerSpec, pools: usize, servers: &[ServerTraits], stream: Stream) -> Self {
        let mut algorithm = spec.algorithm.clone();
        algorithm.prepare(servers);
        let told = algorithm.reads().told();
        Self {
            algorithm,
            stream,
            eligible: ServerSet::empty(servers.len()),
            told,
            when_full: spec.when_full,
            pools: (0..pools).map(|pool| spec.pools.iter().any(|listed| listed.index() == pool)).collect(),
            tail: NONE,
            held: 0,
            queue_capacity: spec.queue_capacity.unwrap_or(u32::MAX),
        }
    }

    pub fn sends_to(&self, pool: u16) -> bool {
        self.pools[pool as usize]
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

    #[inline(always)]
    pub fn sent(&mut self, server: ServerId, request: &RequestView) {
        self.algorithm.sent(server, request);
    }

    #[inline(always)]
    pub fn ended(&mut self, server: ServerId) {
        self.algorithm.ended(server);
    }
}

#[cfg(test)]
impl Balancer {
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
