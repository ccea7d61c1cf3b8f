//! The simulated world: clients, balancers, servers and back ends, driven by events. Nothing here touches a thread, a
//! file, a clock or a terminal, and nothing is measured here: requests are told to an [`Observer`] once they are over.

mod arena;
mod balancer;
mod births;
mod bonds;
mod build;
mod calling;
mod checking;
mod dispatch;
mod down;
mod flaps;
mod loading;
mod memory;
mod meter;
mod naming;
mod outages;
mod pairs;
mod reading;
mod risk;
mod scaling;
mod serve;
mod server;
mod situation;
mod slab;
mod slots;
mod station;
#[cfg(test)]
mod tests;
mod timer;
mod tries;
mod users;
mod visits;
mod waiting;
mod warming;
mod watch;

use crate::balancing::{Algorithm, Policy};
use crate::engine::{Calendar, Event, EventClass, prefetch};
use crate::faults::Fault;
use crate::model::{Change, ChangeKind, Items};
use crate::observe::Observer;
use crate::random::{Popularity, Seed};
use crate::units::{ServerId, Time};
use arena::Arena;
use balancer::Balancer;
use births::Births;
use bonds::Bonds;
use memory::Memory;
use outages::Outages;
use pairs::Fronts;
use server::{Pool, Server};
use station::Station;
use timer::Kind;
use tries::Tries;
use users::Users;
use visits::Visits;

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
    /// Users on visits, where there are some.
    visits: Option<Box<Visits>>,
    /// The caches of servers, where some have one.
    memory: Option<Box<Memory>>,
    /// Users who are bound to servers.
    bonds: Bonds,
    /// Whether some balancer looks at what requests ask for.
    shows_items: bool,
    /// By class: how its clients are spread over addresses, where several are behind one.
    addresses: Vec<Option<Popularity>>,
    /// Requests born so far.
    born: u64,
    classes: Vec<Class>,
    /// By class: what its requests ask for.
    items: Vec<Option<Items>>,
    balancers: Vec<Balancer<P>>,
    pools: Vec<Pool>,
    servers: Vec<Server>,
    stations: Vec<Station>,
    arena: Arena,
    script: Vec<Change>,
    /// By server: whether the script has it in rotation.
    in_rotation: Vec<bool>,
    /// By server: whether it is out of rotation, but for users who are bound to it.
    drains: Vec<bool>,
    /// By server: its weight, apart from slow starts.
    weights: Vec<f64>,
    /// Whether the connections to some servers are limited.
    limited: bool,
    /// By server, where connections are limited: request-nanoseconds spent in a balancer's line by requests that then waited at
    /// the server too, whose records count the wait from birth.
    in_line: Vec<u64>,
    /// Requests that balancers hold because their algorithms say so.
    held: u32,
    /// What goes wrong with servers, where something can.
    outages: Option<Box<Outages>>,
    /// What clients meet at the door, where balancers can fail or sites have one name.
    fronts: Option<Box<Fronts>>,
    /// Requests whose tries are looked after.
    tries: Box<Tries>,
    /// Working memory of one event at a station.
    ended: Vec<u32>,
    observer: O,
}

/// With fewer servers their memory is near anyway.
const REACH_AHEAD_FROM: usize = 4_096;

/// What the cluster needs to know of a class.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a branch of its own that most models never take")]
struct Class {
    balancer: u16,
    /// Whether a user waits for the answer and then thinks about the next request.
    is_closed: bool,
    /// Whether its users come on visits.
    is_visiting: bool,
    /// Whether something follows from an answer for its client.
    is_followed: bool,
    /// Whether its requests have no client but themselves.
    is_anonymous: bool,
    /// Whether its requests ask for nothing, and its balancer limits no connections.
    is_plain: bool,
    /// Whether the tries of its requests are looked after.
    is_tried: bool,
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
            EventClass::StateChange | EventClass::Timer => self.turn(event),
        }
    }

    /// A closed user sends its next request, or a visitor does.
    #[inline(never)]
    fn user_returns(&mut self, user: u32) {
        if let Some(visitor) = user.checked_sub(self.users.number()) {
            return self.visitor_comes(visitor);
        }
        let born = self.users.request(user, self.now);
        self.arrive(born);
    }

    /// A state changes, or a timer has run out.
    #[inline(never)]
    fn turn(&mut self, event: Event) {
        let ((kind, subject), stamp) = (Kind::of(event), event.stamp());
        match kind {
            Kind::Script => self.change(subject),
            Kind::ScriptEnds => self.change_ends(subject),
            Kind::Fails => self.unit_fails(subject, stamp),
            Kind::Repaired => self.unit_repaired(subject),
            Kind::Flaps => self.flaps(subject, stamp),
            Kind::Overloads => self.overloads(ServerId(subject)),
            Kind::Recovers => self.recovers(ServerId(subject)),
            Kind::SpareStarts => self.spare_starts(subject),
            Kind::Provisioned => self.provisioned(ServerId(subject), stamp),
            Kind::Scales => self.scale(subject as usize),
            Kind::BalancerFails => self.balancer_fails(subject, stamp),
            Kind::BalancerRepaired => self.balancer_repaired(subject),
            Kind::TakesOver => self.takes_over(subject, stamp),
            Kind::TakesBack => self.takes_back(subject, stamp),
            Kind::RecordChanges => self.record_changes(subject, stamp),
            Kind::Grows => self.grow(stamp as usize, ServerId(subject)),
            _ if !P::LOOKS_AFTER_TRIES => {}
            Kind::Check => self.check(subject, stamp),
            Kind::CheckDue => self.check_due(subject, stamp),
            Kind::Outliers => self.look_at_outliers(subject as usize),
            Kind::News => self.news(subject as usize),
            Kind::TryDue => self.try_due(subject, stamp),
            Kind::Deadline => self.deadline(subject, stamp),
            Kind::Wakes => self.wakes(subject, stamp),
            Kind::Hedge => self.hedge(subject, stamp),
        }
    }

    /// What a line of the script has brought ends.
    fn change_ends(&mut self, number: u32) {
        let Change { servers, balancers, .. } = self.script[number as usize].clone();
        servers.into_iter().for_each(|server| self.script_ends(number, server));
        balancers.into_iter().for_each(|balancer| self.script_mends_balancer(Some(number), balancer));
    }

    /// Carries out one change of the script.
    fn change(&mut self, number: u32) {
        let Change { kind, servers, balancers, .. } = self.script[number as usize].clone();
        for &server in &servers {
            match &kind {
                ChangeKind::Remove | ChangeKind::Drain | ChangeKind::Return => {
                    self.drains[server.index()] = kind == ChangeKind::Drain;
                    self.rotate(server, kind == ChangeKind::Return);
                }
                ChangeKind::Fail { incident, .. } => self.script_fails(number, server, incident),
                ChangeKind::Repair => self.script_repairs(server),
                ChangeKind::Reweigh(weight) => {
                    self.weights[server.index()] = *weight;
                    (0..self.balancers.len()).for_each(|index| self.reweigh(index, server));
                }
            }
        }
        for &balancer in &balancers {
            match &kind {
                ChangeKind::Fail { incident, .. } => {
                    let is_silent = matches!(incident.fault, Fault::Silence { .. });
                    self.script_fails_balancer(number, balancer, is_silent);
                }
                _ => self.script_mends_balancer(None, balancer),
            }
        }
        if let ChangeKind::Fail { lasting: Some(lasting), .. } = &kind {
            self.calendar.schedule(Kind::ScriptEnds.at(server::after(self.now, lasting.as_nanos()), number, 0));
        }
        self.feed_all();
    }

    /// A server enters or leaves rotation. Requests that wait for this very one are sent elsewhere when it leaves.
    fn rotate(&mut self, server: ServerId, is_back: bool) {
        self.in_rotation[server.index()] = is_back;
        self.update_membership(server);
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
