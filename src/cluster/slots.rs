//! Connection limits: how many requests a balancer may have in flight at each server, and who waits for one of them to end.

use super::arena::{Arena, Job, Queue, number_of};
use crate::units::ServerId;

/// The limits of one balancer, as HAProxy's `maxconn` or nginx's `max_conns`, and the requests that wait in the balancer because
/// of them.
#[derive(Debug)]
pub struct Slots {
    /// By server: the most requests in flight at present, `u32::MAX` for no limit.
    limits: Vec<u32>,
    /// By server: requests in flight.
    in_flight: Vec<u32>,
    /// Those who wait for whichever server has room first.
    anywhere: Queue,
    /// By server: those who wait for this very one.
    bound: Vec<Queue>,
    /// How many wait.
    pub waiting: u32,
}

impl Slots {
    /// No request so far; `limits` by server.
    pub fn new(limits: Vec<u32>) -> Self {
        let servers = limits.len();
        Self { limits, in_flight: vec![0; servers], anywhere: Queue::EMPTY, bound: vec![Queue::EMPTY; servers], waiting: 0 }
    }

    pub fn has_room(&self, server: ServerId) -> bool {
        self.in_flight[server.index()] < self.limits[server.index()]
    }

    /// Whether requests wait for whichever server has room first.
    pub fn has_line(&self) -> bool {
        self.anywhere.first().is_some()
    }

    /// A request is sent; whether the server is full now.
    pub fn take(&mut self, server: ServerId) -> bool {
        self.in_flight[server.index()] += 1;
        !self.has_room(server)
    }

    /// A request has ended.
    pub fn give(&mut self, server: ServerId) {
        self.in_flight[server.index()] -= 1;
    }

    pub fn limit(&mut self, server: ServerId, most: u32) {
        self.limits[server.index()] = most;
    }

    /// The request at `place` waits, for `server` or for any.
    pub fn wait(&mut self, arena: &mut Arena, place: u32, server: Option<ServerId>) {
        let queue = server.map_or(&mut self.anywhere, |server| &mut self.bound[server.index()]);
        arena.append(queue, place);
        self.waiting += 1;
    }

    /// The place of the oldest request that may go to `server`, which waits no longer.
    pub fn next_for(&mut self, arena: &Arena, server: ServerId) -> Option<u32> {
        let born = |queue: &Queue| queue.first().map(|place| number_of(arena.get(place).tag));
        let bound = &mut self.bound[server.index()];
        let queue = match (born(bound), born(&self.anywhere)) {
            (Some(bound), Some(anywhere)) if anywhere < bound => &mut self.anywhere,
            (None, _) => &mut self.anywhere,
            _ => bound,
        };
        let place = arena.unchain_first(queue)?;
        self.waiting -= 1;
        Some(place)
    }

    /// The same where the line is for some of those in it only. O(those who wait).
    pub fn next_that(&mut self, arena: &mut Arena, server: ServerId, may_go: impl Fn(&Job) -> bool) -> Option<u32> {
        let first = |queue: Queue| arena.queue_places(queue).find(|place| may_go(arena.get(*place)));
        let queues = [(first(self.anywhere), None), (first(self.bound[server.index()]), Some(server))];
        let places = queues.into_iter().filter_map(|(place, bound)| Some((number_of(arena.get(place?).tag), place?, bound)));
        let (_, place, bound) = places.min_by_key(|(number, ..)| *number)?;
        let queue = bound.map_or(&mut self.anywhere, |server| &mut self.bound[server.index()]);
        arena.remove(queue, place);
        self.waiting -= 1;
        Some(place)
    }

    /// The place of the oldest request that waits for this very server, which waits no longer.
    pub fn next_bound(&mut self, arena: &Arena, server: ServerId) -> Option<u32> {
        let place = arena.unchain_first(&mut self.bound[server.index()])?;
        self.waiting -= 1;
        Some(place)
    }

    /// The request at `place`, which waits for `server` or for any, waits no longer.
    pub fn leave(&mut self, arena: &mut Arena, place: u32, server: Option<ServerId>) {
        let queue = server.map_or(&mut self.anywhere, |server| &mut self.bound[server.index()]);
        if arena.remove(queue, place) {
            arena.take(place);
            self.waiting -= 1;
        }
    }

    /// All queues.
    pub fn queues(&self) -> impl Iterator<Item = Queue> + '_ {
        std::iter::once(self.anywhere).chain(self.bound.iter().copied())
    }
}

#[cfg(test)]
impl Slots {
    /// Requests in flight at `server`.
    pub fn in_flight(&self, server: ServerId) -> u32 {
        self.in_flight[server.index()]
    }

    /// Whether somebody waits who could go to `server`.
    pub fn awaits(&self, server: ServerId) -> bool {
        self.anywhere.first().or_else(|| self.bound[server.index()].first()).is_some()
    }
}
