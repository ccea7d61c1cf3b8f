//! What can be read off a cluster from outside: the use of its servers, and, at the end, who is still there.

use super::Cluster;
use super::arena::{Job, class_of, number_of};
use super::server::Service;
use crate::balancing::Policy;
use crate::observe::{Observer, ServerUsage, Unfinished};
use crate::units::{ClassId, ServerId, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Number of servers, the stations of back ends included.
    pub const fn servers(&self) -> usize {
        self.servers.len()
    }

    /// Requests present: held by balancers, waiting and in service. A request whose server waits for a back end counts once.
    pub fn present(&self) -> u64 {
        let here = self.servers.iter().filter(|server| !self.pools[server.pool()].is_back_end);
        let waiting = self.balancers.iter().filter_map(|balancer| balancer.slots.as_ref()).map(|slots| u64::from(slots.waiting));
        u64::from(self.held) + waiting.sum::<u64>() + here.map(|server| u64::from(server.present)).sum::<u64>()
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
        for server in 0..self.servers.len() {
            let record = &self.servers[server];
            let pool = &self.pools[record.pool()];
            if !pool.is_back_end {
                self.arena.queue(record.queue).for_each(|job| self.observer.unfinished(&unfinished(job, false)));
            }
            match pool.service {
                Service::Single if record.present > 0 => self.observer.unfinished(&Unfinished {
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
                    for place in called.chain(waiting) {
                        self.observer.unfinished(&unfinished(self.arena.get(place), true));
                    }
                }
            }
        }
        for balancer in &self.balancers {
            for queue in balancer.queues() {
                self.arena.queue(queue).for_each(|job| self.observer.unfinished(&unfinished(job, false)));
            }
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
