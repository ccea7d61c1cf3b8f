//! At a server: service begins, ends, waits for a back end; the next in line moves up.

use super::Cluster;
use super::arena::{Job, class_of, number_of};
use super::server::{Pool, Server, Service, after};
use crate::balancing::Policy;
use crate::engine::{Event, EventClass};
use crate::observe::{Completed, Observer};
use crate::random::{Role, Stream};
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
                self.calendar.schedule(Event::new(end, EventClass::Completion, server.0, 0));
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
            self.calendar.schedule(Event::new(end, EventClass::Completion, server.0, 0));
        }
        let is_watched = pool.is_watched;
        self.observer.completed(&fact);
        self.leave(server, tag, birth, client, is_watched);
    }

    /// What follows when a request has left a server.
    #[inline(always)]
    fn leave(&mut self, server: ServerId, tag: u64, birth: u64, client: u32, is_watched: bool) {
        let class = &self.classes[class_of(tag) as usize];
        let (is_closed, balancer) = (class.is_closed, class.balancer);
        self.tell_ended(balancer, server, birth);
        if is_watched {
            self.room_made(balancer, server);
        }
        if is_closed {
            self.user_thinks(client);
        }
        if self.held > 0 {
            self.feed_all();
        }
    }

    /// A station takes in a job: a worker begins, or it waits.
    #[inline(never)]
    fn take_in(&mut self, server: ServerId, place: u32) {
        let record = &mut self.servers[server.index()];
        self.arena.append(&mut record.queue, place);
        self.fill_workers(server, false);
        self.set_alarm(server);
    }

    /// Workers that are free begin with those who wait; `queued` says that they have waited here. (Who begins on arrival
    /// may have waited in a balancer before.)
    fn fill_workers(&mut self, server: ServerId, queued: bool) {
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        let station = &mut self.stations[record.station()];
        while pool.service == Service::Sharing || station.occupied() < pool.workers {
            let Some(place) = self.arena.unchain_first(&mut record.queue) else { return };
            let job = self.arena.get_mut(place);
            let service = pool.service_time(job.demand_or_start);
            if queued {
                record.add_queued(self.from.as_nanos(), job.birth, self.now.as_nanos());
            }
            job.demand_or_start = self.now.as_nanos();
            station.begin(self.from, self.now, place, job.tag, service);
        }
    }

    /// The calendar shall wake the station when its next job ends. An alarm that comes too early does no harm: only
    /// an end that moves forward makes the old alarm void.
    fn set_alarm(&mut self, server: ServerId) {
        let station = &mut self.stations[self.servers[server.index()].station()];
        let due = station.next_end();
        if due >= station.wakes {
            return;
        }
        let replaced = std::mem::replace(&mut station.wakes, due) != Time::NEVER;
        station.stamp = (station.stamp + 1) % Event::STAMPS;
        self.calendar.schedule(Event::new(due, EventClass::Completion, server.0, station.stamp));
        if replaced {
            let (servers, pools, stations) = (&self.servers, &self.pools, &self.stations);
            self.calendar.cancel(|event| is_live(servers, pools, stations, event));
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
        let calls = pool.call.is_some();
        let mut ended = std::mem::take(&mut self.ended);
        station.end(self.from, self.now, !calls, &mut ended);
        for &place in &ended {
            if calls { self.call_back_end(server, place) } else { self.finish(server, place) }
        }
        ended.clear();
        self.ended = ended;
        self.set_alarm(server);
    }

    /// A job has had its service: a request leaves, a call is answered.
    fn finish(&mut self, server: ServerId, place: u32) {
        let job = self.arena.take(place);
        let now = self.now;
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        record.present -= 1;
        record.count_served(now >= self.first);
        let (is_back_end, is_watched) = (pool.is_back_end, pool.is_watched);
        self.fill_workers(server, true);
        if is_back_end {
            let caller = ServerId(job.tag as u32);
            self.unblock(caller);
            self.finish(caller, job.client);
            self.set_alarm(caller);
        } else {
            self.observer.completed(&completed(job.tag, server, job.birth, job.demand_or_start, now));
            self.leave(server, job.tag, job.birth, job.client, is_watched);
        }
    }

    /// A request calls the back end of its server; the worker waits for the answer.
    fn call_back_end(&mut self, caller: ServerId, place: u32) {
        let pool = &self.pools[self.servers[caller.index()].pool()];
        let Some(call) = &pool.call else { return };
        let (back_end, job) = (call.to, *self.arena.get(place));
        let class = class_of(job.tag);
        let (number, is_closed) = self.number_in_class(&job);
        let role = if is_closed { Role::UserBackendDemand } else { Role::BackendDemand };
        let mut stream = Stream::keyed(self.seed, self.replication, role, u32::from(class), number);
        let demand = call.demand.sample(&mut stream).as_nanos();
        let station = &mut self.servers[back_end.index()];
        if station.present >= self.pools[station.pool()].capacity {
            return self.call_refused(caller, place);
        }
        station.present += 1;
        let call = Job { birth: self.now.as_nanos(), demand_or_start: demand, tag: u64::from(caller.0), client: place };
        let place = self.arena.insert(call);
        self.take_in(back_end, place);
    }

    /// The back end is full: the request that called it is turned away.
    fn call_refused(&mut self, caller: ServerId, place: u32) {
        self.unblock(caller);
        let job = self.arena.take(place);
        let record = &mut self.servers[caller.index()];
        record.present -= 1;
        let is_watched = self.pools[record.pool()].is_watched;
        self.fill_workers(caller, true);
        self.refuse(&job, Some(Time::from_nanos(job.demand_or_start)));
        self.left_without_answer(caller, &job, is_watched);
    }

    fn left_without_answer(&mut self, server: ServerId, job: &Job, is_watched: bool) {
        let balancer = self.classes[class_of(job.tag) as usize].balancer;
        self.tell_ended(balancer, server, job.birth);
        if is_watched {
            self.room_made(balancer, server);
        }
        if self.held > 0 {
            self.feed_all();
        }
    }

    fn unblock(&mut self, server: ServerId) {
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
    }
}

/// Whether its owner would recognise an event of the calendar.
fn is_live(servers: &[Server], pools: &[Pool], stations: &[super::station::Station], event: Event) -> bool {
    if event.class() != EventClass::Completion {
        return true;
    }
    let record = &servers[event.index() as usize];
    pools[record.pool()].service == Service::Single || stations[record.station()].stamp == event.stamp()
}
