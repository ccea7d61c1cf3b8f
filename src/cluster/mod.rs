//! The simulated world: clients, balancers, servers and back ends, driven by events. Nothing here touches a thread, a
//! file, a clock or a terminal, and nothing is measured here: requests are told to an [`Observer`] once they are over.

mod arena;
mod balancer;
mod births;
mod build;
mod dispatch;
mod reading;
mod serve;
mod server;
mod slots;
mod station;
#[cfg(test)]
mod tests;
mod users;
mod waiting;
mod warming;

use crate::balancing::{Algorithm, Policy};
use crate::engine::{Calendar, Event, EventClass, prefetch};
use crate::model::{Change, ChangeKind};
use crate::observe::Observer;
use crate::random::{Popularity, Seed};
use crate::units::{ServerId, Time};
use arena::Arena;
use balancer::Balancer;
use births::Births;
use server::{Pool, Server};
use station::Station;
use users::Users;

/// One replication of a model, told to an observer of type `O`, its balancers choosing by algorithms of type `P`.
#[derive(Debug)]
pub struct Cluster<O, P = Algorithm> {
    now: Time,
    /// Start of the measured window, from which servers count their use.
    from: Time,
    /// From when on completions count.
    first: Time,
    seed: Seed,
    replication: u32,
    calendar: Calendar,
    births: Births,
    users: Users,
    /// Requests born so far.
    born: u64,
    classes: Vec<Class>,
    /// By class: what its requests ask for.
    items: Vec<Option<Popularity>>,
    balancers: Vec<Balancer<P>>,
    pools: Vec<Pool>,
    servers: Vec<Server>,
    stations: Vec<Station>,
    arena: Arena,
    script: Vec<Change>,
    /// By server: whether the script has it in rotation.
    in_rotation: Vec<bool>,
    /// By server: its weight, apart from slow starts.
    weights: Vec<f64>,
    /// Whether the connections to some servers are limited.
    limited: bool,
    /// By server, where connections are limited: request-nanoseconds spent in a balancer's line by requests that then waited at
    /// the server too, whose records count the wait from birth.
    in_line: Vec<u64>,
    /// Requests that balancers hold because their algorithms say so.
    held: u32,
    /// Working memory of one event at a station.
    ended: Vec<u32>,
    observer: O,
}

/// With fewer servers their memory is near anyway.
const REACH_AHEAD_FROM: usize = 4_096;

/// What the cluster needs to know of a class.
#[derive(Debug, Clone, Copy)]
struct Class {
    balancer: u16,
    /// Whether a user waits for the answer and then thinks about the next request.
    is_closed: bool,
    /// Whether its requests have no client but themselves.
    is_anonymous: bool,
    /// Whether its requests ask for nothing, and its balancer limits no connections.
    is_plain: bool,
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Simulates all that happens up to and at `until`; nothing if that has passed.
    pub fn run_until(&mut self, until: Time) {
        let end = after_all(until);
        loop {
            let arrival = self.births.next();
            let before = arrival.min(end);
            while let Some(event) = self.calendar.pop_before(before) {
                self.handle(event);
            }
            if arrival >= end {
                break;
            }
            self.open_arrival(arrival);
        }
        self.now = self.now.max(until);
    }

    /// Simulates the next event, if it happens by `until`, and says when it happened.
    pub fn step(&mut self, until: Time) -> Option<Time> {
        let (arrival, end) = (self.births.next(), after_all(until));
        match self.calendar.pop_before(arrival.min(end)) {
            Some(event) => self.handle(event),
            None if arrival < end => self.open_arrival(arrival),
            None => return None,
        }
        Some(self.now)
    }

    /// The next request of an open class is born.
    #[inline(always)]
    fn open_arrival(&mut self, arrival: Event) {
        self.now = arrival.time();
        let born = self.births.take();
        self.arrive(born);
        if self.servers.len() >= REACH_AHEAD_FROM {
            self.reach_for_arrival();
        }
    }

    /// Begins to fetch the memory of servers whose requests will soon be done: with many servers, waiting for it is most
    /// of the work.
    #[inline]
    fn reach_for_completions(&self) {
        let server = |ahead| self.calendar.upcoming(ahead).and_then(|index| self.servers.get(index as usize));
        if let Some(server) = server(8) {
            prefetch(server);
        }
        if let Some(first) = server(3).and_then(|server| server.queue.first()) {
            self.arena.prefetch(first);
        }
    }

    /// The same for the server of the next arrival, if it can be told.
    #[inline]
    fn reach_for_arrival(&self) {
        if let Some(server) = self.balancers[0].foresee() {
            prefetch(&self.servers[server.index()]);
        }
    }

    #[inline(always)]
    fn handle(&mut self, event: Event) {
        if self.servers.len() >= REACH_AHEAD_FROM {
            self.reach_for_completions();
        }
        self.now = event.time();
        match event.class() {
            EventClass::Completion => self.complete(ServerId(event.index()), event.stamp()),
            EventClass::Arrival => self.user_returns(event.index() - self.births.lanes() as u32),
            EventClass::StateChange => self.change(event.index()),
            EventClass::Timer => self.grow(event.stamp() as usize, ServerId(event.index())),
        }
    }

    /// A closed user sends its next request.
    #[inline(never)]
    fn user_returns(&mut self, user: u32) {
        let born = self.users.request(user, self.now);
        self.arrive(born);
    }

    /// Carries out one change of the script.
    #[inline(never)]
    fn change(&mut self, number: u32) {
        let Change { kind, servers, .. } = self.script[number as usize].clone();
        for &server in &servers {
            match kind {
                ChangeKind::Remove | ChangeKind::Return => self.rotate(server, kind == ChangeKind::Return),
                ChangeKind::Fail { .. } | ChangeKind::Repair => {}
                ChangeKind::Reweigh(weight) => {
                    self.weights[server.index()] = weight;
                    (0..self.balancers.len()).for_each(|index| self.reweigh(index, server));
                }
            }
        }
        self.feed_all();
    }

    /// A server enters or leaves rotation. Requests that wait for this very one are sent elsewhere when it leaves.
    fn rotate(&mut self, server: ServerId, is_back: bool) {
        self.in_rotation[server.index()] = is_back;
        self.update_eligibility(server);
        self.warm_up(server, is_back);
        if self.limited {
            if is_back { self.feed_server(server) } else { self.release(server) }
        }
    }

    /// Now.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Requests born so far.
    pub const fn born(&self) -> u64 {
        self.born
    }
}

/// Later than every event up to and at `time`, earlier than all others.
const fn after_all(time: Time) -> Event {
    Event::new(Time::from_nanos(time.as_nanos().saturating_add(1)), EventClass::Completion, 0, 0)
}
