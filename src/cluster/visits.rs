//! Users on visits: each comes, sends some requests one after the other, and leaves.

use super::Cluster;
use super::births::Born;
use super::memory::within;
use super::server::after;
use crate::balancing::Policy;
use crate::engine::{Event, EventClass};
use crate::model::{Arrivals, ClientClass, Visitors, Visits as Spec};
use crate::observe::{Observer, SessionEnded};
use crate::random::{Role, Seed, SpanDistribution, Stream, StreamKey};
use crate::units::{ClassId, ServerId, Time};

/// All visitors. Events of theirs follow those of closed users: first the doors through which new users come, by group, then the places.
#[derive(Debug)]
pub struct Visits {
    groups: Vec<Group>,
    /// How many of the groups have a door; they come first.
    doors: u32,
    places: Vec<Visit>,
    free: Vec<u32>,
}

/// The visitors of one class.
#[derive(Debug)]
struct Group {
    class: u8,
    spec: Spec,
    gaps: Stream,
    /// Users who have come so far, where they are ever new.
    come: u32,
    demand: SpanDistribution,
    demands: StreamKey,
    thinks: StreamKey,
    plans: StreamKey,
}

/// A user, at most one visit of whom goes on.
#[derive(Debug)]
pub struct Visit {
    group: u16,
    /// Within the class.
    user: u32,
    /// Visits of this user so far.
    visits: u32,
    /// Requests of this user so far.
    sent: u32,
    /// Requests to come on this visit, that under way included.
    left: u32,
    /// Requests of this visit so far.
    requests: u32,
    failed: u32,
    moves: u32,
    lost: u32,
    heaviness: f64,
    begun: Time,
    /// The servers that answered on this visit, each once.
    servers: Vec<ServerId>,
    last: Option<ServerId>,
    /// The server that the cookie names.
    cookie: Option<ServerId>,
}

/// What comes after a request of a visitor.
enum Then {
    /// The next one, after so many nanoseconds.
    Next(u64),
    /// The visit is over; its user comes again after so many nanoseconds, if ever.
    Over(Option<u64>),
}

impl Visits {
    pub fn new(classes: &[ClientClass], seed: Seed, replication: u32) -> Option<Self> {
        let group = |(index, class): (usize, &ClientClass)| {
            let Arrivals::Visits(spec) = &class.arrivals else { return None };
            let key = |role| StreamKey::new(seed, replication, role, index as u32);
            Some(Group {
                class: index as u8,
                spec: (**spec).clone(),
                gaps: Stream::new(seed, replication, Role::Arrivals, index as u32),
                come: 0,
                demand: class.demand.clone(),
                demands: key(Role::UserDemand),
                thinks: key(Role::Think),
                plans: key(Role::Visits),
            })
        };
        let mut groups: Vec<Group> = classes.iter().enumerate().filter_map(group).collect();
        groups.sort_by_key(|group| !group.spec.is_open());
        let doors = groups.iter().filter(|group| group.spec.is_open()).count() as u32;
        (!groups.is_empty()).then_some(Self { groups, doors, places: Vec::new(), free: Vec::new() })
    }

    /// The user at a place, for balancers and caches: the session, the user, and the number of the user for its address.
    pub fn identity(&self, place: u32) -> Identity {
        let visit = &self.places[place as usize];
        let class = u64::from(self.groups[visit.group as usize].class);
        let user = class << 32 | u64::from(visit.user);
        // The first visit of a user has the number of the user, as a user of other classes has.
        Identity { session: user | u64::from(visit.visits.saturating_sub(1)) << 40, user, number: visit.user }
    }

    /// What distinguishes the request of `place` that is under way from all others of its class, whatever the strategy.
    pub fn request_key(&self, place: u32) -> u64 {
        let visit = &self.places[place as usize];
        u64::from(visit.user) << 32 | u64::from(visit.sent)
    }

    /// A user at the place `place` begins a visit.
    fn begin(&mut self, place: u32, now: Time) {
        let visit = &mut self.places[place as usize];
        let Group { spec, plans, .. } = &self.groups[visit.group as usize];
        let mut plan = plans.item(u64::from(visit.user) << 32 | u64::from(visit.visits));
        visit.left = spec.requests.sample(&mut plan);
        if let Some(heaviness) = spec.heaviness.as_ref().filter(|_| visit.visits == 0) {
            visit.heaviness = heaviness.sample(&mut plan);
        }
        visit.visits += 1;
        (visit.requests, visit.failed, visit.moves, visit.lost, visit.begun) = (0, 0, 0, 0, now);
        (visit.last, visit.cookie) = (None, None);
        visit.servers.clear();
    }

    /// A place for a user of group number `group`.
    fn enter(&mut self, group: usize, user: u32) -> u32 {
        let fresh = |servers| Visit {
            group: group as u16,
            user,
            visits: 0,
            sent: 0,
            left: 0,
            requests: 0,
            failed: 0,
            moves: 0,
            lost: 0,
            heaviness: 1.0,
            begun: Time::ZERO,
            servers,
            last: None,
            cookie: None,
        };
        if let Some(place) = self.free.pop() {
            let old = &mut self.places[place as usize];
            *old = fresh(std::mem::take(&mut old.servers));
            return place;
        }
        self.places.push(fresh(Vec::new()));
        self.places.len() as u32 - 1
    }

    /// The next request of the user at `place`, whose visit goes on.
    fn request(&mut self, place: u32, now: Time) -> Born {
        let visit = &mut self.places[place as usize];
        visit.sent = visit.sent.wrapping_add(1);
        visit.requests += 1;
        let group = &self.groups[visit.group as usize];
        let key = u64::from(visit.user) << 32 | u64::from(visit.sent);
        let demand = group.demand.sample(&mut group.demands.item(key)).as_nanos();
        let demand = if group.spec.heaviness.is_some() { (demand as f64 * visit.heaviness).round() as u64 } else { demand };
        Born { at: now, demand, class: group.class, client: place }
    }

    /// The request of the user at `place` is over.
    fn next(&mut self, place: u32) -> Then {
        let visit = &mut self.places[place as usize];
        let group = &self.groups[visit.group as usize];
        let mut stream = group.thinks.item(u64::from(visit.user) << 32 | u64::from(visit.sent));
        visit.left -= 1;
        if visit.left > 0 {
            return Then::Next(group.spec.think_time.sample(&mut stream).as_nanos());
        }
        match &group.spec.users {
            Visitors::New { .. } => {
                self.free.push(place);
                Then::Over(None)
            }
            Visitors::Returning { away, .. } => Then::Over(away.as_ref().map(|away| away.sample(&mut stream).as_nanos())),
        }
    }

    /// `server` has answered the user at `place`.
    pub fn answered(&mut self, place: u32, server: ServerId) {
        let visit = &mut self.places[place as usize];
        if visit.last.replace(server).is_some_and(|last| last != server) {
            visit.moves += 1;
        }
        if !visit.servers.contains(&server) {
            visit.servers.push(server);
        }
    }

    /// The server that the cookie of the user at `place` names.
    pub fn cookie(&mut self, place: u32) -> &mut Option<ServerId> {
        &mut self.places[place as usize].cookie
    }

    /// The state of the session of the user at `place` was not found: it is lost if there was one.
    pub fn lost_state(&mut self, place: u32) {
        let visit = &mut self.places[place as usize];
        if visit.last.is_none() {
            return;
        }
        visit.lost += 1;
        if self.groups[visit.group as usize].spec.leaves_when_lost {
            visit.left = 1;
        }
    }

    /// The request of the user at `place` has ended without an answer.
    pub fn failed(&mut self, place: u32) {
        self.places[place as usize].failed += 1;
    }
}

/// Who a visitor is.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    pub session: u64,
    pub user: u64,
    pub number: u32,
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Visitors are expected.
    pub(super) fn begin_visits(&mut self) {
        let Some(visits) = &mut self.visits else { return };
        let mut due = Vec::new();
        for group in 0..visits.groups.len() {
            let Group { spec, thinks, .. } = &visits.groups[group];
            match &spec.users {
                Visitors::New { gap } => {
                    let gap = gap.clone().sample(&mut visits.groups[group].gaps);
                    due.push((gap.as_nanos(), group as u32));
                }
                Visitors::Returning { number, first, .. } => {
                    let (number, first, thinks) = (*number, first.clone(), *thinks);
                    for user in 0..number {
                        let place = visits.enter(group, user);
                        let comes = first.sample(&mut thinks.item(u64::from(user) << 32));
                        due.push((comes.as_nanos(), visits.doors + place));
                    }
                }
            }
        }
        due.into_iter().for_each(|(due, number)| self.expect_visitor(due, number));
    }

    /// The event of number `number` among those of visitors comes in so many nanoseconds.
    fn expect_visitor(&mut self, wait: u64, number: u32) {
        let index = self.births.lanes() as u32 + self.users.number() + number;
        self.calendar.schedule(Event::new(after(self.now, wait), EventClass::Arrival, index, 0));
    }

    /// A visitor comes, or sends the next request.
    pub(super) fn visitor_comes(&mut self, number: u32) {
        let now = self.now;
        let Some(visits) = &mut self.visits else { return };
        let place = match number.checked_sub(visits.doors) {
            Some(place) => place,
            None => {
                let group = &mut visits.groups[number as usize];
                let user = group.come;
                group.come = group.come.wrapping_add(1);
                let Visitors::New { gap } = &group.spec.users else { return };
                let gap = gap.sample(&mut group.gaps).as_nanos();
                let place = visits.enter(number as usize, user);
                self.expect_visitor(gap, number);
                place
            }
        };
        let Some(visits) = &mut self.visits else { return };
        if visits.places[place as usize].left == 0 {
            visits.begin(place, now);
        }
        let born = visits.request(place, now);
        self.arrive(born);
    }

    /// A request of the visitor at `place` is over: the next one, or the end of the visit.
    pub(super) fn visitor_goes_on(&mut self, place: u32) {
        let Some(visits) = &mut self.visits else { return };
        let doors = visits.doors;
        match visits.next(place) {
            Then::Next(wait) => self.expect_visitor(wait, doors + place),
            Then::Over(away) => {
                self.session_ends(place);
                if let Some(away) = away {
                    self.expect_visitor(away, doors + place);
                }
            }
        }
    }

    /// The visit of the user at `place` is over.
    fn session_ends(&mut self, place: u32) {
        let Some(visits) = &self.visits else { return };
        let visit = &visits.places[place as usize];
        let class = visits.groups[visit.group as usize].class;
        self.observer.session_ended(&SessionEnded {
            class: ClassId(class),
            begun: visit.begun,
            end: self.now,
            requests: visit.requests,
            failed: visit.failed,
            servers: visit.servers.len() as u32,
            moves: visit.moves,
            lost: visit.lost,
        });
        let Identity { session, .. } = visits.identity(place);
        if let Some(memory) = &mut self.memory {
            for server in &visit.servers {
                let index = self.servers[server.index()].pool();
                memory.forget_session(index, within(&self.pools[index], *server), session);
            }
        }
    }
}
