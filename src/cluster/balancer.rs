//! A balancer at work: the eligible set it keeps, the algorithm that chooses within, the queue it may hold.

use super::arena::Queue;
use super::slots::Slots;
use super::warming::Warming;
use super::watch::Watch;
use crate::balancing::{Answer, Candidates, Choice, Policy, Product, RequestView, ServerSet, ServerTraits, Standing, Told};
use crate::health::Knowledge;
use crate::model::{BalancerSpec, WhenFull};
use crate::random::Stream;
use crate::units::{ServerId, Time};

#[derive(Debug)]
pub struct Balancer<P> {
    /// The servers of the first level of priority.
    main: Level<P>,
    /// Those of the levels after it; usually none.
    others: Vec<Level<P>>,
    /// By server: its level; empty where there is only one.
    level_of: Vec<u8>,
    pub told: Told,
    pub when_full: WhenFull,
    pub product: Option<Product>,
    pub knowledge: Knowledge,
    /// Whether its algorithm binds a request to a server by a key.
    binds: bool,
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
    /// What it believes, where it does not just know.
    pub watch: Option<Box<Watch>>,
}

/// The servers of one level of priority, and how one of them is chosen.
#[derive(Debug)]
struct Level<P> {
    algorithm: P,
    stream: Stream,
    eligible: ServerSet,
    /// By server: whether it is in rotation but has no room.
    full: Vec<bool>,
    /// How many of those there are.
    fulls: u32,
}

impl<P: Policy> Level<P> {
    fn new(mut algorithm: P, servers: &[ServerTraits], mut stream: Stream) -> Self {
        algorithm.prepare(servers, &mut stream);
        let eligible = ServerSet::empty(servers.len());
        Self { algorithm, stream, eligible, full: vec![false; servers.len()], fulls: 0 }
    }

    fn standing(&self, server: ServerId) -> Standing {
        match (self.eligible.contains(server), self.full[server.index()]) {
            (true, _) => Standing::Eligible,
            (false, true) => Standing::Full,
            (false, false) => Standing::Out,
        }
    }

    /// Says how `server` stands from now on. The algorithm hears of every step: who leaves while full has room first.
    fn stand(&mut self, server: ServerId, standing: Standing) {
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
}

impl<P: Policy> Balancer<P> {
    /// A balancer before servers of these traits, each with at most so many requests in flight; none of them eligible. There is
    /// an algorithm and a stream for each level of priority; `level_of` says on which level each server is, if there are several.
    pub fn new(
        spec: &BalancerSpec,
        pools: usize,
        (servers, limits): (&[ServerTraits], Option<&[u32]>),
        mut algorithms: impl Iterator<Item = (P, Stream)>,
        level_of: Vec<u8>,
    ) -> Option<Self> {
        let (algorithm, stream) = algorithms.next()?;
        let main = Level::new(algorithm, servers, stream);
        let told = main.algorithm.reads().told();
        Some(Self {
            main,
            others: algorithms.map(|(algorithm, stream)| Level::new(algorithm, servers, stream)).collect(),
            level_of,
            told,
            when_full: spec.when_full,
            product: spec.product,
            knowledge: spec.health.knowledge,
            binds: spec.algorithm.key().is_some(),
            pools: (0..pools).map(|pool| spec.pools.iter().any(|listed| listed.index() == pool)).collect(),
            queue: Queue::EMPTY,
            held: 0,
            queue_capacity: spec.queue_capacity.unwrap_or(u32::MAX),
            slots: limits.map(|limits| Box::new(Slots::new(limits.to_vec()))),
            warming: spec.slow_start.map(|start| Box::new(Warming::new(start, servers.len()))),
            watch: None,
        })
    }

    pub fn sends_to(&self, pool: usize) -> bool {
        self.pools[pool]
    }

    /// The level of priority of `server`.
    pub fn level_of(&self, server: ServerId) -> usize {
        self.level_of.get(server.index()).copied().unwrap_or(0).into()
    }

    fn level(&self, server: ServerId) -> &Level<P> {
        self.level_at(self.level_of(server))
    }

    fn level_mut(&mut self, server: ServerId) -> &mut Level<P> {
        match self.level_of(server) {
            0 => &mut self.main,
            number => &mut self.others[number - 1],
        }
    }

    fn levels(&self) -> impl Iterator<Item = &Level<P>> {
        std::iter::once(&self.main).chain(&self.others)
    }

    /// How many levels of priority there are.
    pub const fn number_of_levels(&self) -> usize {
        1 + self.others.len()
    }

    /// Whether `server` has room for a request of this balancer.
    pub fn has_slot(&self, server: ServerId) -> bool {
        self.slots.as_ref().is_none_or(|slots| slots.has_room(server))
    }

    pub fn is_eligible(&self, server: ServerId) -> bool {
        self.level(server).eligible.contains(server)
    }

    /// Whether its algorithm binds a request to a server by a key.
    pub const fn binds(&self) -> bool {
        self.binds
    }

    /// How many servers of a level are to be used, with or without room.
    pub fn usable_on(&self, level: usize) -> u32 {
        let level = self.level_at(level);
        level.eligible.len() + level.fulls
    }

    /// How many servers of a level can be chosen.
    pub fn eligible_on(&self, level: usize) -> u32 {
        self.level_at(level).eligible.len()
    }

    /// The first level with a server that is to be used, with or without room, and is not `excluded`; without any, the first level.
    pub fn level_in_use(&self, excluded: &[ServerId]) -> usize {
        (0..self.number_of_levels()).find(|level| self.is_in_use(*level, excluded)).unwrap_or(0)
    }

    /// A level by chance, as the shares of the load say that levels have; the first where it does not divide its load.
    pub fn level_by_share(&mut self) -> usize {
        let Some(watch) = self.watch.as_ref().filter(|_| !self.others.is_empty()) else { return 0 };
        level_by_share(&watch.shares, self.main.stream.uniform())
    }

    /// Whether some server of a level that is not among the `excluded` is to be used, with or without room.
    fn is_in_use(&self, level: usize, excluded: &[ServerId]) -> bool {
        let own = |server: &&ServerId| self.level_of(**server) == level && self.standing(**server) != Standing::Out;
        self.usable_on(level) as usize > excluded.iter().filter(own).count()
    }

    fn level_at(&self, level: usize) -> &Level<P> {
        if level == 0 { &self.main } else { &self.others[level - 1] }
    }

    /// How `server` stands.
    pub fn standing(&self, server: ServerId) -> Standing {
        self.level(server).standing(server)
    }

    /// Says how `server` stands from now on.
    pub fn stand(&mut self, server: ServerId, standing: Standing) {
        self.level_mut(server).stand(server, standing);
    }

    /// Whether a request for which there is no candidate may wait here: connections are limited, some server in rotation is
    /// full that is not among the `excluded`, and there is room in the queue.
    pub fn may_wait(&self, excluded: &[ServerId]) -> bool {
        let waiting = self.slots.as_ref().map(|slots| slots.waiting);
        let of_no_use = excluded.iter().filter(|server| self.standing(**server) == Standing::Full).count();
        let fulls: u32 = self.levels().map(|level| level.fulls).sum();
        fulls as usize > of_no_use && waiting.is_some_and(|waiting| waiting + self.held < self.queue_capacity)
    }

    /// Whether requests wait for whichever server has room first, and none has.
    pub fn has_line(&self) -> bool {
        self.levels().all(|level| level.eligible.is_empty()) && self.slots.as_ref().is_some_and(|slots| slots.has_line())
    }

    /// All queues of requests that wait in it.
    pub fn queues(&self) -> impl Iterator<Item = Queue> + '_ {
        std::iter::once(self.queue).chain(self.slots.iter().flat_map(|slots| slots.queues()))
    }

    /// Tells the algorithm what `server` weighs from now on.
    pub fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.level_mut(server).algorithm.reweigh(server, weight);
    }

    /// Tells the algorithm what `server` weighs while its weight grows.
    pub fn warm(&mut self, server: ServerId, weight: f64) {
        self.level_mut(server).algorithm.warmed(server, weight);
    }

    /// Tells the algorithm of a request on which it is not asked.
    pub fn unasked(&mut self, request: &RequestView) {
        self.main.algorithm.unasked(request);
    }

    #[inline(always)]
    pub fn choose(&mut self, request: &RequestView) -> Choice {
        let candidates = Candidates { eligible: &self.main.eligible, excluded: &[] };
        self.main.algorithm.choose(request, &candidates, &mut self.main.stream)
    }

    /// The same on the level `level`, without the servers in `excluded`.
    pub fn choose_on(&mut self, level: usize, request: &RequestView, excluded: &[ServerId]) -> Choice {
        let level = if level == 0 { &mut self.main } else { &mut self.others[level - 1] };
        let candidates = Candidates { eligible: &level.eligible, excluded };
        level.algorithm.choose(request, &candidates, &mut level.stream)
    }

    /// Which server will be chosen next, if that can be told: a hint.
    #[inline]
    pub fn foresee(&self) -> Option<ServerId> {
        self.main.algorithm.foresee(&Candidates { eligible: &self.main.eligible, excluded: &[] }, &self.main.stream)
    }

    /// Tells the algorithm of a request it wants to hear of.
    #[inline(always)]
    pub fn sent(&mut self, server: ServerId, request: &RequestView) {
        if self.told != Told::Nobody {
            if !P::LOOKS_AFTER_TRIES || self.others.is_empty() {
                return self.main.algorithm.sent(server, request);
            }
            self.level_mut(server).algorithm.sent(server, request);
        }
    }

    /// Whether its algorithm passes over `server` for failures that it has counted itself.
    pub fn passes_over(&self, server: ServerId, now: Time) -> bool {
        self.level(server).algorithm.failures(server, now).is_some_and(|failures| failures.is_out)
    }

    /// Tells the algorithm that such a request has left.
    #[inline(always)]
    pub fn ended(&mut self, server: ServerId, answer: &Answer) {
        if self.told != Told::Nobody {
            if !P::LOOKS_AFTER_TRIES || self.others.is_empty() {
                return self.main.algorithm.ended(server, answer);
            }
            self.level_mut(server).algorithm.ended(server, answer);
        }
    }
}

/// The level that a number in [0, 1) falls on.
fn level_by_share(shares: &[f64], at: f64) -> usize {
    let mut sum = 0.0;
    for (level, share) in shares.iter().enumerate() {
        sum += share;
        if at < sum {
            return level;
        }
    }
    0
}

#[cfg(test)]
impl<P: Policy + Clone> Balancer<P> {
    /// What it would choose, without choosing it.
    pub fn would_choose(&self, request: &RequestView) -> Choice {
        let candidates = Candidates { eligible: &self.main.eligible, excluded: &[] };
        self.main.algorithm.clone().choose(request, &candidates, &mut self.main.stream.clone())
    }
}
