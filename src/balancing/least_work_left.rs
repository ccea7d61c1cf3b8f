//! Least work left.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, IndexedHeap, Score, ServerSet};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Span, Time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The candidate at which the request would start soonest, demands being known; ties among idle ones uniformly at random.
#[derive(Debug, Clone, Default)]
pub struct LeastWorkLeft {
    servers: Vec<Backlog>,
    eligible: Vec<bool>,
    /// Eligible servers that have nothing left to do for a new request to wait for.
    free: Option<ServerSet>,
    /// The other eligible servers, by the time from which they could start a new request.
    busy: IndexedHeap,
}

/// When the workers of one server will have done all that was sent to them.
#[derive(Debug, Clone)]
struct Backlog {
    /// Time per unit of demand.
    slowness: f64,
    /// By worker, earliest first; workers that have never worked are not listed.
    free_at: BinaryHeap<Reverse<Time>>,
    workers: u32,
}

impl Backlog {
    /// From when on a new request could be served.
    fn start(&self) -> Time {
        match self.free_at.peek() {
            Some(first) if self.free_at.len() == self.workers as usize => first.0,
            _ => Time::ZERO,
        }
    }

    fn add(&mut self, now: Time, demand: Span) {
        let service = Span::from_nanos_f64(demand.as_nanos() as f64 * self.slowness);
        let start = now.max(self.start());
        if self.free_at.len() == self.workers as usize {
            self.free_at.pop();
        }
        self.free_at.push(Reverse(start + service));
    }
}

impl LeastWorkLeft {
    /// Moves the servers whose time has come to the free ones.
    fn free_up(&mut self, now: Time) {
        let Some(free) = &mut self.free else { return };
        while let Some((start, server)) = self.busy.first()
            && start <= now
        {
            self.busy.remove(server);
            free.insert(server);
        }
    }

    fn first_busy(&mut self, excluded: &[ServerId]) -> Option<ServerId> {
        let mut set_aside = Vec::new();
        while let Some((start, server)) = self.busy.first()
            && excluded.contains(&server)
        {
            self.busy.remove(server);
            set_aside.push((start, server));
        }
        let first = self.busy.first().map(|(_, server)| server);
        set_aside.into_iter().for_each(|(start, server)| self.busy.set(server, start));
        first
    }
}

impl Registered for LeastWorkLeft {
    const ABOUT: &'static str = "the server at which the request would start soonest, all demands being known";
    const DETAILS: &'static str = "Knows the demand of every request it sent, as no real balancer does: an ideal to measure others \
        by. With servers that serve first come first served it equals one central queue, request by request (Harchol-Balter \
        2013, chapter 24). A server with several workers counts by the worker that is free first; one that shares its \
        processor counts as one worker of their joint speed. Ties among idle servers uniformly at random, else the smaller \
        number. It counts what its own balancer sent, and does not know of calls to back ends.";
    const COST: &'static str = "O(log n)";
    const GOES_WRONG: &'static str = "Where short requests must not wait behind long ones: it does not separate them.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| {
            let wait = self.servers[server.index()].start().since(request.now);
            Score::new(server, wait.as_nanos() as f64, format!("it could start after {wait}"))
        };
        let scores = candidates.iter().map(score).collect();
        Explanation { scores, best: Best::Smallest, because: "it starts soonest there; ties among idle servers at random".into() }
    }
}

impl Policy for LeastWorkLeft {
    fn reads(&self) -> Reads {
        Reads::Work(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        let backlog = |server: &ServerTraits| {
            let workers = if server.shares { 1 } else { server.workers };
            let speed = server.speed * f64::from(server.workers / workers);
            Backlog { slowness: 1.0 / speed, free_at: BinaryHeap::new(), workers }
        };
        self.servers = servers.iter().map(backlog).collect();
        self.eligible = vec![false; servers.len()];
        self.free = Some(ServerSet::empty(servers.len()));
        self.busy = IndexedHeap::empty(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.eligible[server.index()] = true;
        self.busy.set(server, self.servers[server.index()].start());
    }

    fn withdraw(&mut self, server: ServerId) {
        self.eligible[server.index()] = false;
        self.busy.remove(server);
        if let Some(free) = &mut self.free {
            free.remove(server);
        }
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        self.free_up(request.now);
        let free = self.free.as_ref().and_then(|free| Candidates { eligible: free, ..*candidates }.uniform(stream));
        free.or_else(|| self.first_busy(candidates.excluded)).map_or(Choice::Nobody, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, request: &RequestView) {
        let backlog = &mut self.servers[server.index()];
        backlog.add(request.now, request.demand);
        if self.eligible[server.index()] {
            self.busy.set(server, backlog.start());
            if let Some(free) = &mut self.free {
                free.remove(server);
            }
        }
    }
}
