//! Slow start: the weight of a server that has returned grows back step by step.

use super::Cluster;
use super::server::after;
use super::timer::Kind;
use crate::balancing::Policy;
use crate::model::SlowStart;
use crate::observe::Observer;
use crate::units::{ServerId, Time};

/// The servers of one balancer whose weights are growing.
#[derive(Debug)]
pub struct Warming {
    pub start: SlowStart,
    /// By server: since when it is back, and when its weight grows next; none if it has its full weight.
    since: Vec<Option<(Time, Time)>>,
}

impl Warming {
    pub fn new(start: SlowStart, servers: usize) -> Self {
        Self { start, since: vec![None; servers] }
    }

    /// The part of its weight that `server` has now.
    pub fn factor(&self, server: ServerId, now: Time) -> f64 {
        self.since[server.index()].map_or(1.0, |(since, _)| self.start.factor(now.since(since)))
    }

    /// How many requests may be in flight at `server` now, of `most` that may when it is warm; nothing if that does not grow.
    fn limit(&self, server: ServerId, now: Time, most: u32) -> Option<u32> {
        let since = self.since[server.index()].map(|(since, _)| now.since(since));
        self.start.limit(since, most)
    }

    /// Notes that `server` is back; the answer is when its weight grows first.
    fn begin(&mut self, server: ServerId, now: Time) -> Time {
        let next = after(now, self.start.step().as_nanos());
        self.since[server.index()] = Some((now, next));
        next
    }

    /// Notes that `server` has left.
    fn stop(&mut self, server: ServerId) {
        self.since[server.index()] = None;
    }

    /// Whether the weight of `server` grows now, and not at a time of an earlier return.
    fn is_due(&self, server: ServerId, now: Time) -> bool {
        self.since[server.index()].is_some_and(|(_, due)| due == now)
    }

    /// It has grown: when it grows next, if ever.
    fn next(&mut self, server: ServerId, now: Time) -> Option<Time> {
        let (since, _) = self.since[server.index()].filter(|(since, _)| now.since(*since) < self.start.window)?;
        let next = after(now, self.start.step().as_nanos());
        self.since[server.index()] = Some((since, next));
        Some(next)
    }
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A server has come back or left: its weight begins to grow, or no longer does.
    pub(super) fn warm_up(&mut self, server: ServerId, is_back: bool) {
        (0..self.balancers.len()).for_each(|index| self.warm_up_for(index, server, is_back));
    }

    /// The same in the eyes of balancer number `index`.
    pub(super) fn warm_up_for(&mut self, index: usize, server: ServerId, is_back: bool) {
        let Some(warming) = &mut self.balancers[index].warming else { return };
        if is_back {
            let next = warming.begin(server, self.now);
            self.calendar.schedule(Kind::Grows.at(next, server.0, index as u32));
        } else {
            warming.stop(server);
        }
        self.reweigh(index, server);
    }

    /// The weight of `server` may grow in the eyes of balancer number `index`.
    #[inline(never)]
    pub(super) fn grow(&mut self, index: usize, server: ServerId) {
        let Some(warming) = &mut self.balancers[index].warming else { return };
        if !warming.is_due(server, self.now) {
            return;
        }
        match warming.next(server, self.now) {
            Some(next) => self.calendar.schedule(Kind::Grows.at(next, server.0, index as u32)),
            None => warming.stop(server),
        }
        self.reweigh(index, server);
    }

    /// Tells balancer number `index` what `server` weighs now and how many requests it may have in flight there.
    pub(super) fn reweigh(&mut self, index: usize, server: ServerId) {
        let balancer = &mut self.balancers[index];
        let pool = self.servers[server.index()].pool();
        if !balancer.sends_to(pool) {
            return;
        }
        let weight = self.weights[server.index()];
        let Some(warming) = &balancer.warming else { return balancer.reweigh(server, weight) };
        let (factor, most) = (warming.factor(server, self.now), self.pools[pool].max_connections);
        let limit = most.and_then(|most| warming.limit(server, self.now, most));
        balancer.warm(server, weight * factor);
        if let (Some(limit), Some(slots)) = (limit, &mut balancer.slots) {
            slots.limit(server, limit);
            self.update_eligibility(server);
            self.feed_server(server);
        }
    }
}
