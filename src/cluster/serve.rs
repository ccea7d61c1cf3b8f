//! At a server: service begins, ends, waits for a back end; the next in line moves up.

use super::Cluster;
use super::arena::{Job, class_of, number_of};
use super::loading::found;
use super::outages::Outages;
use super::server::{Pool, Server, Service, after};
use crate::balancing::{Answer, Policy};
use crate::engine::{Event, EventClass};
use crate::observe::{Completed, Found, Observer};
use crate::units::{ClassId, ServerId, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A request, already counted as present, is taken in by a server.
    #[inline(always)]
    pub(super) fn accept(&mut self, server: ServerId, job: &Job) {
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        match pool.service {
            Service::Single if record.present == 1 => {
                let end = start_single(record, pool, job, self.now);
                let stamp = if pool.can_fail { epoch(self.outages.as_deref(), server) } else { 0 };
                self.calendar.schedule(Event::new(end, EventClass::Completion, server.0, stamp));
            }
            Service::Single => {
                let place = self.arena.insert(*job);
                self.arena.append(&mut record.queue, place);
            }
            Service::Workers | Service::Sharing => {
                let place = self.arena.insert(*job);
                self.take_in(server, place);
            }
        }
    }

    /// Service ends at a server, or its station wakes.
    #[inline(always)]
    pub(super) fn complete(&mut self, server: ServerId, stamp: u32) {
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        if pool.service != Service::Single {
            return self.wake(server, stamp);
        }
        if pool.can_fail && epoch(self.outages.as_deref(), server) != stamp {
            return self.calendar.discarded();
        }
        let (from, now) = (self.from.as_nanos(), self.now.as_nanos());
        let client = record.client_or_station;
        let (tag, birth) = (record.tag, record.birth);
        let fact = completed(tag, server, birth, record.start, self.now);
        record.busy += now.saturating_sub(record.start.max(from));
        record.count_served(self.now >= self.first);
        record.present -= 1;
        if let Some(place) = self.arena.unchain_first(&mut record.queue) {
            let job = self.arena.take(place);
            record.add_queued(from, job.birth, now);
            let end = start_single(record, pool, &job, self.now);
            self.calendar.schedule(Event::new(end, EventClass::Completion, server.0, stamp));
        }
        let is_watched = pool.is_watched;
        if P::LOOKS_AFTER_TRIES && self.classes[class_of(tag) as usize].is_tried {
            return self.try_served(server, client, fact.start.as_nanos());
        }
        self.observer.completed(&fact);
        self.leave(server, tag, birth, client, is_watched);
    }

    /// What follows when a request has left a server.
    #[inline(always)]
    fn leave(&mut self, server: ServerId, tag: u64, birth: u64, client: u32, is_watched: bool) {
        let class = &self.classes[class_of(tag) as usize];
        let (is_followed, balancer) = (class.is_followed, class.balancer);
        self.tell_ended(balancer, server, birth);
        if is_watched {
            self.room_made(balancer, server);
        }
        if is_followed {
            let job = Job { birth, demand_or_start: 0, tag, client, note: 0 };
            self.user_has_answer(balancer, &job, server);
        }
        if self.held > 0 {
            self.feed_all();
        }
    }

    /// A station takes in a job: a worker begins, or it waits.
    #[inline(never)]
    pub(super) fn take_in(&mut self, server: ServerId, place: u32) {
        let record = &mut self.servers[server.index()];
        self.arena.append(&mut record.queue, place);
        self.fill_workers(server, false);
        self.set_alarm(server);
    }

    /// Workers that are free begin with those who wait; `queued` says that they have waited here. (Who begins on arrival
    /// may have waited in a balancer before.)
    pub(super) fn fill_workers(&mut self, server: ServerId, queued: bool) {
        loop {
            let record = &mut self.servers[server.index()];
            let pool = &self.pools[record.pool()];
            let station = &self.stations[record.station()];
            if station.is_frozen() || pool.service == Service::Workers && station.occupied() >= pool.workers {
                return;
            }
            let Some(place) = self.arena.unchain_first(&mut record.queue) else { return };
            let job = self.arena.get_mut(place);
            let mut service = pool.service_time(job.demand_or_start);
            let remembers = pool.remembers;
            if queued {
                record.add_queued(self.from.as_nanos(), job.birth, self.now.as_nanos());
            }
            job.demand_or_start = self.now.as_nanos();
            let (station, tag, client) = (record.station(), job.tag, job.client);
            if P::LOOKS_AFTER_TRIES && !pool.is_back_end && self.classes[class_of(tag) as usize].is_tried {
                service = self.try_begins(server, client, service);
            }
            if remembers {
                service = self.look_up(server, place, service);
            }
            self.stations[station].begin(self.from, self.now, place, tag, service);
        }
    }

    /// The same as [`Cluster::set_alarm`] where the next job may end later than before.
    pub(super) fn reset_alarm(&mut self, server: ServerId) {
        let station = &mut self.stations[self.servers[server.index()].station()];
        if station.wakes != Time::NEVER && station.next_end() > station.wakes {
            station.wakes = Time::NEVER;
            station.stamp = (station.stamp + 1) % Event::STAMPS;
            self.void();
        }
        self.set_alarm(server);
    }

    /// One event in the calendar is void.
    pub(super) fn void(&mut self) {
        let live = Live {
            servers: &self.servers,
            pools: &self.pools,
            stations: &self.stations,
            outages: self.outages.as_deref(),
            tries: &self.tries,
        };
        self.calendar.cancel(|event| live.knows(event));
    }

    /// The calendar shall wake the station when its next job ends. An alarm that comes too early does no harm: only
    /// an end that moves forward makes the old alarm void.
    pub(super) fn set_alarm(&mut self, server: ServerId) {
        let station = &mut self.stations[self.servers[server.index()].station()];
        let due = station.next_end();
        if due >= station.wakes {
            return;
        }
        let replaced = std::mem::replace(&mut station.wakes, due) != Time::NEVER;
        station.stamp = (station.stamp + 1) % Event::STAMPS;
        self.calendar.schedule(Event::new(due, EventClass::Completion, server.0, station.stamp));
        if replaced {
            self.void();
        }
    }

    #[inline(never)]
    fn wake(&mut self, server: ServerId, stamp: u32) {
        let record = &self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        let station = &mut self.stations[record.station()];
        if station.stamp != stamp {
            return self.calendar.discarded();
        }
        station.wakes = Time::NEVER;
        let (calls, remembers) = (pool.calls, pool.remembers);
        let mut ended = std::mem::take(&mut self.ended);
        station.end(self.from, self.now, !calls, &mut ended);
        for &place in &ended {
            if calls {
                if !self.serves_on(server, place) {
                    self.unblock(server);
                    self.finish(server, place);
                }
                continue;
            }
            if remembers {
                self.keep_without_call(server, place);
            }
            self.finish(server, place);
        }
        ended.clear();
        self.ended = ended;
        self.set_alarm(server);
    }

    /// A job has had its service: a request leaves, a call is answered.
    pub(super) fn finish(&mut self, server: ServerId, place: u32) {
        let job = self.arena.take(place);
        let now = self.now;
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        record.present -= 1;
        record.count_served(now >= self.first);
        let (is_back_end, is_watched) = (pool.is_back_end, pool.is_watched);
        if pool.is_heeded {
            self.serving_changed(server);
        }
        self.fill_workers(server, true);
        if is_back_end {
            self.call_answered(ServerId(job.tag as u32), job.client);
        } else if P::LOOKS_AFTER_TRIES && self.classes[class_of(job.tag) as usize].is_tried {
            self.try_served(server, job.client, job.demand_or_start);
        } else {
            let fact = completed(job.tag, server, job.birth, job.demand_or_start, now);
            self.observer.completed(&Completed { found: found(job.note), ..fact });
            self.leave(server, job.tag, job.birth, job.client, is_watched);
        }
    }

    /// What follows when a request has left a server without an answer; `failed`: because that went down.
    pub(super) fn left_without_answer(&mut self, server: ServerId, job: &Job, is_watched: bool, failed: bool) {
        let balancer = self.classes[class_of(job.tag) as usize].balancer;
        self.tell_answer(balancer, server, &Answer { now: self.now, since: Time::from_nanos(job.birth), failed });
        if is_watched {
            self.room_made(balancer, server);
        }
        if self.held > 0 {
            self.feed_all();
        }
    }

    /// What tells the request of a job at a server from the others of its class, and whether it is of a closed user.
    pub(super) fn number_of_job(&self, job: &Job) -> (u64, bool) {
        let class = &self.classes[class_of(job.tag) as usize];
        if P::LOOKS_AFTER_TRIES && class.is_tried {
            return (self.tries.tries.get(job.client).key, class.is_closed);
        }
        self.number_in_class(job)
    }

    pub(super) fn unblock(&mut self, server: ServerId) {
        let station = self.servers[server.index()].station();
        self.stations[station].unblock(self.from, self.now);
    }
}

/// A single worker begins with `job`; the answer is when it will be done.
#[inline]
fn start_single(record: &mut Server, pool: &Pool, job: &Job, now: Time) -> Time {
    record.start = now.as_nanos();
    record.birth = job.birth;
    record.tag = job.tag;
    record.client_or_station = job.client;
    after(now, pool.service_time(job.demand_or_start))
}

#[inline]
const fn completed(tag: u64, server: ServerId, birth: u64, start: u64, end: Time) -> Completed {
    Completed {
        number: number_of(tag),
        class: ClassId(class_of(tag)),
        server,
        birth: Time::from_nanos(birth),
        start: Time::from_nanos(start),
        end,
        tries: 1,
        is_wrong: false,
        found: Found::NotAsked,
    }
}

/// How often `server` has lost its work: what its completions are stamped with.
#[inline]
fn epoch(outages: Option<&Outages>, server: ServerId) -> u32 {
    outages.map_or(0, |outages| outages.epochs[server.index()])
}

/// Whoever recognises the events of the calendar.
struct Live<'a> {
    servers: &'a [Server],
    pools: &'a [Pool],
    stations: &'a [super::station::Station],
    outages: Option<&'a Outages>,
    tries: &'a super::tries::Tries,
}

impl Live<'_> {
    fn knows(&self, event: Event) -> bool {
        match event.class() {
            EventClass::Completion => {
                let record = &self.servers[event.index() as usize];
                match self.pools[record.pool()].service {
                    Service::Single => epoch(self.outages, ServerId(event.index())) == event.stamp(),
                    Service::Workers | Service::Sharing => self.stations[record.station()].stamp == event.stamp(),
                }
            }
            EventClass::Timer => self.tries.awaits(event),
            EventClass::StateChange | EventClass::Arrival => true,
        }
    }
}
