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
mod station;
#[cfg(test)]
mod tests;
mod users;

use crate::engine::{Calendar, Event, EventClass};
use crate::model::{Change, ChangeKind};
use crate::observe::Observer;
use crate::random::Seed;
use crate::units::{ServerId, Time};
use arena::Arena;
use balancer::Balancer;
use births::Births;
use server::{Pool, Server};
use station::Station;
use users::Users;

/// One replication of a model.
#[derive(Debug)]
pub struct Cluster<O> {
    now: Time,
    /// Start of the measured window, from which servers count their use.
    from: Time,
    seed: Seed,
    replication: u32,
    calendar: Calendar,
    births: Births,
    users: Users,
    /// Requests born so far.
    born: u64,
    classes: Vec<Class>,
    balancers: Vec<Balancer>,
    pools: Vec<Pool>,
    servers: Vec<Server>,
    stations: Vec<Station>,
    arena: Arena,
    script: Vec<Change>,
    /// Requests that balancers hold.
    held: u32,
    /// Working memory of one event at a station.
    ended: Vec<u32>,
    observer: O,
}

/// What the cluster needs to know of a class.
#[derive(Debug)]
struct Class {
    balancer: u16,
    /// Whether a user waits for the answer and then thinks about the next request.
    is_closed: bool,
    /// Whether its requests have no client but themselves.
    is_anonymous: bool,
}

impl<O: Observer> Cluster<O> {
    /// Simulates all that happens up to and at `until`; nothing if that has passed.
    pub fn run_until(&mut self, until: Time) {
        while let Some(event) = self.next_event(until) {
            self.handle(event);
        }
        self.now = self.now.max(until);
    }

    /// Simulates the next event, if it happens by `until`, and says when it happened.
    pub fn step(&mut self, until: Time) -> Option<Time> {
        let event = self.next_event(until)?;
        self.handle(event);
        Some(self.now)
    }

    /// The next event of the calendar or the next arrival of an open class, whichever comes first.
    #[inline(always)]
    fn next_event(&mut self, until: Time) -> Option<Event> {
        let arrival = self.births.next();
        match self.calendar.peek() {
            Some(event) if event < arrival => (event.time() <= until).then(|| self.calendar.pop()).flatten(),
            _ => (arrival.time() <= until).then_some(arrival),
        }
    }

    #[inline(always)]
    fn handle(&mut self, event: Event) {
        self.now = event.time();
        match event.class() {
            EventClass::Completion => self.complete(ServerId(event.index()), event.stamp()),
            EventClass::Arrival if (event.index() as usize) < self.births.lanes() => {
                let born = self.births.take();
                self.arrive(born);
            }
            EventClass::Arrival => {
                let born = self.users.request(event.index() - self.births.lanes() as u32, self.now);
                self.arrive(born);
            }
            EventClass::StateChange => self.change(event.index()),
            EventClass::Timer => {}
        }
    }

    /// Carries out one change of the script.
    #[inline(never)]
    fn change(&mut self, number: u32) {
        let Change { kind, servers, .. } = self.script[number as usize].clone();
        for &server in &servers {
            self.servers[server.index()].in_rotation = kind == ChangeKind::Return;
            self.update_eligibility(server);
        }
        self.feed_all();
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
