//! What can be read off a cluster from outside: the use of its servers, and, at the end, who is still there.

use super::Cluster;
use super::arena::{DEAD, Job, class_of, number_of};
use super::server::Service;
use super::tries::Place;
use crate::balancing::Policy;
use crate::model::Model;
use crate::observe::{CacheUsage, Observer, ServerUsage, Unfinished, Uptime};
use crate::units::{ClassId, ServerId, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Whether `model` needs a loop that looks after tries: [`Policy::LOOKS_AFTER_TRIES`].
    #[must_use]
    pub fn must_look_after_tries(model: &Model) -> bool {
        super::risk::must_look_after_some(model.parts())
    }

    /// What was up from the start of the measured window until now, where something can fail.
    pub fn uptime(&mut self) -> Option<Uptime> {
        let now = self.now;
        self.outages.as_mut().map(|outages| outages.meter.read(now))
    }

    /// What the caches of the servers were good for since measuring began: by pool, then kind of cache.
    pub fn caches(&self) -> Vec<CacheUsage> {
        self.memory.as_ref().map_or_else(Vec::new, |memory| memory.usage())
    }

    /// Number of servers, the stations of back ends included.
    pub const fn servers(&self) -> usize {
        self.servers.len()
    }

    /// Requests present: held by balancers, waiting and in service. A request whose server waits for a back end counts once.
    pub fn present(&self) -> u64 {
        let here = self.servers.iter().filter(|server| !self.pools[server.pool()].is_back_end);
        let waiting = self.balancers.iter().filter_map(|balancer| balancer.slots.as_ref()).map(|slots| u64::from(slots.waiting));
        let jobs = u64::from(self.held) + waiting.sum::<u64>() + here.map(|server| u64::from(server.present)).sum::<u64>();
        // Of requests whose tries are looked after the jobs stand for tries.
        let tries =
            self.tries.tries.places().into_iter().filter(|place| self.tries.tries.get(*place).place == Place::AtServer).count();
        let in_line: u32 = self.tries.handlers.iter().map(|handler| handler.in_line).sum();
        jobs - tries as u64 - u64::from(in_line) + self.tries.requests.len() as u64
    }

    /// Worker-nanoseconds that `server` was in use from the start of the measured window until now.
    pub fn busy_ns(&self, server: ServerId) -> u128 {
        let record = &self.servers[server.index()];
        match self.pools[record.pool()].service {
            Service::Single => {
                let going_on = if record.present > 0 {
                    self.now.as_nanos().saturating_sub(record.start.max(self.from.as_nanos()))
                } else {
                    0
                };
                u128::from(record.busy + going_on)
            }
            Service::Workers | Service::Sharing => self.stations[record.station()].busy_at(self.from, self.now),
        }
    }

    /// The use of `server` from the start of the measured window until now.
    pub fn usage(&self, server: ServerId) -> ServerUsage {
        let record = &self.servers[server.index()];
        let since = |job: &Job| self.now.since(Time::from_nanos(job.birth).max(self.from)).as_nanos();
        let waiting: u128 = self.arena.queue(record.queue).map(|job| u128::from(since(job))).sum();
        let in_line = self.in_line.get(server.index()).map_or(0, |line| u128::from(*line));
        let queued_ns = u128::from(record.queued) + waiting - in_line;
        ServerUsage { busy_ns: self.busy_ns(server), queued_ns, served: record.served() }
    }

    /// Ends the replication: tells the observer of every request that is still present, and hands it back.
    pub fn finish_replication(mut self) -> O {
        let is_tried = |tag: u64| self.classes.get(class_of(tag) as usize).is_some_and(|class| class.is_tried);
        for server in 0..self.servers.len() {
            let record = &self.servers[server];
            let pool = &self.pools[record.pool()];
            if !pool.is_back_end {
                let waiting = self.arena.queue(record.queue).filter(|job| !is_tried(job.tag));
                waiting.for_each(|job| self.observer.unfinished(&unfinished(job, false)));
            }
            match pool.service {
                Service::Single if record.present > 0 && !is_tried(record.tag) => self.observer.unfinished(&Unfinished {
                    number: number_of(record.tag),
                    class: ClassId(class_of(record.tag)),
                    birth: Time::from_nanos(record.birth),
                    start: Some(Time::from_nanos(record.start)),
                }),
                Service::Single => {}
                Service::Workers | Service::Sharing => {
                    let in_service = self.stations[record.station()].jobs();
                    let waiting: Vec<u32> = if pool.is_back_end {
                        self.arena.queue(record.queue).map(|call| call.client).collect()
                    } else {
                        Vec::new()
                    };
                    let called =
                        in_service.iter().map(|&place| if pool.is_back_end { self.arena.get(place).client } else { place });
                    let returned = self.stations[record.station()].returned.iter().copied();
                    for place in called.chain(waiting).chain(returned) {
                        let job = self.arena.get(place);
                        if job.tag == DEAD || is_tried(job.tag) {
                            continue;
                        }
                        self.observer.unfinished(&unfinished(job, true));
                    }
                }
            }
        }
        for place in self.memory.iter().flat_map(|memory| memory.waiting()) {
            let job = self.arena.get(place);
            if !is_tried(job.tag) {
                self.observer.unfinished(&unfinished(job, true));
            }
        }
        for balancer in &self.balancers {
            for queue in balancer.queues() {
                let waiting = self.arena.queue(queue).filter(|job| !is_tried(job.tag));
                waiting.for_each(|job| self.observer.unfinished(&unfinished(job, false)));
            }
        }
        for place in self.tries.requests.places() {
            let request = self.tries.requests.get(place);
            let start = request.started.map_or(0, Time::as_nanos);
            let job = Job { demand_or_start: start, ..request.job };
            self.observer.unfinished(&unfinished(&job, request.started.is_some()));
        }
        self.observer
    }
}

const fn unfinished(job: &Job, in_service: bool) -> Unfinished {
    Unfinished {
        number: number_of(job.tag),
        class: ClassId(class_of(job.tag)),
        birth: Time::from_nanos(job.birth),
        start: if in_service { Some(Time::from_nanos(job.demand_or_start)) } else { None },
    }
}
